/* The registry of metrics. To add a metric: its function (a file of its own once it is more than a line), one line here. */
#include "evaluate/evaluate.h"

#include "evaluate/constants.h"
#include "evaluate/delta_norm.h"
#include "evaluate/recovery.h"

#include <string.h>

const scl_metric *const scl_metrics[] = {
    &scl_metric_sin_theta_f,      &scl_metric_sin_theta_2, &scl_metric_cos2,      &scl_metric_top_eigenvalue,
    &scl_metric_delta_norm_ratio, &scl_metric_incoherence, &scl_metric_condition, &scl_metric_signal_to_noise,
    &scl_metric_eigengap,         &scl_metric_noise_gap,   &scl_metric_holds_a1,  &scl_metric_holds_a2,
    &scl_metric_holds_a3,         &scl_metric_holds_a4,    &scl_metric_holds_a5,
};
const size_t scl_n_metrics = sizeof scl_metrics / sizeof *scl_metrics;

const scl_metric *scl_metric_find(const char *name)
{
    for (size_t i = 0; i < scl_n_metrics; i++)
        if (strcmp(scl_metrics[i]->name, name) == 0) return scl_metrics[i];
    return NULL;
}
