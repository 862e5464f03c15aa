/* Samples: storage and the choice of the sampler; see sample.h. */
#include "sample/sample.h"

#include "sample/samplers.h"

#include <math.h>
#include <string.h>

#define SCL_ENTRY_NAME(kind, name, summary)    name,
#define SCL_ENTRY_SUMMARY(kind, name, summary) summary,
const char *const scl_sampler_names[SCL_N_SAMPLERS] = {SCL_SAMPLER_LIST(SCL_ENTRY_NAME)};
const char *const scl_sampler_summaries[SCL_N_SAMPLERS] = {SCL_SAMPLER_LIST(SCL_ENTRY_SUMMARY)};

scl_status scl_sample_new(scl_sample *sample, size_t d, scl_error *err)
{
    *sample = (scl_sample){0};
    scl_status status = scl_matrix_new(&sample->S, d, d, err);
    if (status == SCL_OK) {
        sample->mean = scl_alloc(d, sizeof(double), err);
        if (!sample->mean) status = SCL_ERR_MEMORY;
    }
    if (status != SCL_OK) scl_sample_free(sample);
    return status;
}

void scl_sample_free(scl_sample *sample)
{
    scl_matrix_free(&sample->S);
    scl_free(sample->mean);
    *sample = (scl_sample){0};
}

/* Whether moments can be drawn directly. With kind classes the latents are classes' means, whatever their law. */
static bool has_moments(scl_task_kind kind, scl_law latent, scl_law noise_law)
{
    return scl_laws_gaussian(kind == SCL_TASK_CLASSES ? noise_law : latent, noise_law);
}

scl_sampler scl_sampler_resolve(scl_sampler sampler, const scl_model_spec *spec)
{
    if (sampler != SCL_SAMPLER_AUTO) return sampler;
    return has_moments(spec->task.kind, spec->latent, spec->noise_law) ? SCL_SAMPLER_MOMENTS : SCL_SAMPLER_DATA;
}

scl_status scl_sample_check(scl_sampler sampler, const scl_model *model, scl_error *err)
{
    if (sampler == SCL_SAMPLER_DATA || has_moments(model->task.kind, model->latent, model->noise_law)) return SCL_OK;
    return scl_error_set(err, SCL_ERR_INPUT, "moments of %s latents and %s noise cannot be drawn directly",
                         scl_law_names[model->latent.kind], scl_law_names[model->noise_law.kind]);
}

size_t scl_sample_workspace(scl_sampler sampler, size_t d, size_t r, double n)
{
    if (isinf(n)) return 0;
    return sampler == SCL_SAMPLER_DATA ? scl_sample_data_workspace(d, r, false) : scl_sample_moments_workspace(d, r, n);
}

scl_status scl_sample_begin(scl_sample *sample, double n, const scl_model *model, scl_error *err)
{
    if (sample->S.rows != model->d || !(n >= 2.0))
        return scl_error_set(err, SCL_ERR_SHAPE,
                             "a sample of dimension %zu cannot hold %.0f observations of dimension %zu", sample->S.rows,
                             n, model->d);
    sample->n = n;
    sample->model = model;
    sample->labels.m = 0.0;
    return SCL_OK;
}

scl_status scl_sample_draw(scl_sample *sample, scl_sampler sampler, double n, const scl_model *model,
                           scl_stream *stream, scl_arena *ws, scl_error *err)
{
    scl_status status = scl_sample_begin(sample, n, model, err);
    if (status != SCL_OK) return status;
    if (isinf(n)) {
        scl_model_covariance(sample->S, model);
        memset(sample->mean, 0, model->d * sizeof(double));
        return SCL_OK;
    }
    status = scl_sample_check(sampler, model, err);
    if (status != SCL_OK) return status;
    if (sampler == SCL_SAMPLER_DATA) return scl_sample_from_data(sample, NULL, stream, ws, err);
    if (model->task.kind == SCL_TASK_CLASSES) return scl_sample_from_classes(sample, stream, ws, err);
    return scl_sample_from_moments(sample, stream, ws, err);
}
