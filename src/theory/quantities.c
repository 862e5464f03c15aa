/* The quantities of a cell: see quantities.h. Those that are metrics are evaluated as such, so that there is one definition. */
#include "theory/quantities.h"

#include "evaluate/evaluate.h"

#include <math.h>

#define NAME_ROW(id, name, meaning)    name,
#define MEANING_ROW(id, name, meaning) meaning,
const char *const scl_quantity_names[SCL_N_QUANTITIES] = {SCL_QUANTITY_LIST(NAME_ROW)};
const char *const scl_quantity_meanings[SCL_N_QUANTITIES] = {SCL_QUANTITY_LIST(MEANING_ROW)};

static const struct {
    scl_quantity quantity;
    const char *metric;
} metrics[] = {
    {SCL_QUANTITY_RHO, "signal-to-noise"}, {SCL_QUANTITY_INCOHERENCE, "incoherence"}, {SCL_QUANTITY_GAP, "eigengap"}};
enum { N_METRICS = sizeof metrics / sizeof *metrics };

void scl_quantities_of_spec(double values[SCL_N_QUANTITIES], const scl_model_spec *spec, double n, double m)
{
    for (size_t q = 0; q < SCL_N_QUANTITIES; q++) values[q] = NAN;
    values[SCL_QUANTITY_N] = n;
    values[SCL_QUANTITY_D] = (double)spec->d;
    values[SCL_QUANTITY_R] = (double)spec->r;
    values[SCL_QUANTITY_NU] = values[SCL_QUANTITY_NU_MAX] = spec->nu; /* of unequal spikes the smallest */
    for (size_t k = 0; spec->nus && k < spec->r; k++)
        values[SCL_QUANTITY_NU_MAX] = fmax(values[SCL_QUANTITY_NU_MAX], spec->nus[k]);
    if (spec->task.kind == SCL_TASK_NONE) return;
    values[SCL_QUANTITY_TASKS] = (double)spec->task.n_tasks;
    if (m > 0) values[SCL_QUANTITY_M] = m;
}

size_t scl_quantities_workspace(size_t d, size_t r, scl_quantity_set wanted)
{
    size_t most = 0;
    for (size_t i = 0; i < N_METRICS; i++) {
        if (!(wanted & SCL_QUANTITY_BIT(metrics[i].quantity))) continue;
        size_t need = scl_metric_find(metrics[i].metric)->workspace(d, r);
        most = need > most ? need : most;
    }
    return most;
}

scl_status scl_quantities_of_model(double values[SCL_N_QUANTITIES], const scl_model *model, scl_quantity_set wanted,
                                   scl_arena *ws, scl_error *err)
{
    const scl_sample population = {.n = INFINITY, .model = model};
    double least = INFINITY, most = 0, trace = 0;
    for (size_t j = 0; j < model->d; j++) {
        least = fmin(least, model->sigma2[j]);
        most = fmax(most, model->sigma2[j]);
        trace += model->sigma2[j];
    }
    values[SCL_QUANTITY_SIGMA_MAX] = sqrt(most);
    values[SCL_QUANTITY_SIGMA_MIN] = sqrt(least);
    values[SCL_QUANTITY_TR_D] = trace;
    scl_status status = SCL_OK;
    for (size_t i = 0; i < N_METRICS && status == SCL_OK; i++)
        if (wanted & SCL_QUANTITY_BIT(metrics[i].quantity))
            status =
                scl_metric_find(metrics[i].metric)->evaluate(&values[metrics[i].quantity], NULL, &population, ws, err);
    return status;
}
