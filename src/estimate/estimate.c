/* The registry of estimators, and representations. To add an estimator: one file, one line here, one in estimators.h. */
#include "estimate/estimate.h"

#include "estimate/estimators.h"

#include <string.h>

const char *const scl_fit_status_names[3] = {"ok", "rank-deficient", "unconverged"};

const scl_estimator *const scl_estimators[] = {
    &scl_estimator_pca,
    &scl_estimator_contrastive,
    &scl_estimator_diagonal_deletion,
    &scl_estimator_heteropca,
    &scl_estimator_deflated_heteropca,
    &scl_estimator_correlation_pca,
    &scl_estimator_gan,
    &scl_estimator_regularised_autoencoder,
    &scl_estimator_masked_autoencoder,
    &scl_estimator_factor_analysis,
    &scl_estimator_noise_oracle,
    &scl_estimator_whitening_oracle,
    &scl_estimator_oracle,
    &scl_estimator_random,
    &scl_estimator_supervised_contrastive,
    &scl_estimator_label_terms,
    &scl_estimator_ols,
    &scl_estimator_ridge,
    &scl_estimator_lda,
};
const size_t scl_n_estimators = sizeof scl_estimators / sizeof *scl_estimators;

const scl_estimator *scl_estimator_find(const char *name)
{
    for (size_t i = 0; i < scl_n_estimators; i++)
        if (strcmp(scl_estimators[i]->name, name) == 0) return scl_estimators[i];
    return NULL;
}

scl_shift_use scl_estimator_shift(const scl_estimator *estimator, const double *options)
{
    return estimator->shift ? estimator->shift(options) : (scl_shift_use){.shift = SCL_SHIFT_NONE_OF_THESE};
}

unsigned scl_label_need_tasks(scl_label_need need)
{
    return need == SCL_LABELS_NUMBERS ? SCL_TASKS_OF_SCORES : need == SCL_LABELS_CLASSES ? SCL_TASKS_OF_CLASSES : 0;
}

size_t scl_estimator_dimension(const scl_estimator *estimator, size_t r, size_t n_classes)
{
    return estimator->dimension ? estimator->dimension(r, n_classes) : r;
}

bool scl_estimator_draws(const scl_estimator *estimator, const double *options)
{
    return estimator->uses_stream && (!estimator->draws || estimator->draws(options));
}

scl_status scl_representation_new(scl_representation *out, size_t d, size_t r, scl_error *err)
{
    *out = (scl_representation){0};
    scl_status status = scl_matrix_new(&out->Q, d, r, err);
    if (status == SCL_OK) {
        out->values = scl_alloc(r, sizeof(double), err);
        out->scale = scl_alloc(r, sizeof(double), err);
        if (!out->values || !out->scale) status = SCL_ERR_MEMORY;
    }
    if (status != SCL_OK) scl_representation_free(out);
    return status;
}

void scl_representation_free(scl_representation *out)
{
    scl_matrix_free(&out->Q);
    scl_free(out->values);
    scl_free(out->scale);
    *out = (scl_representation){0};
}
