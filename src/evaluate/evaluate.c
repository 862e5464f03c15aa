/* The registry of metrics. To add a metric: its function (a file of its own once it is more than a line), one line here. */
#include "evaluate/evaluate.h"

#include "evaluate/audit.h"
#include "evaluate/binary_risk.h"
#include "evaluate/concentration.h"
#include "evaluate/constants.h"
#include "evaluate/delta_norm.h"
#include "evaluate/lda_risk.h"
#include "evaluate/logistic_head_risk.h"
#include "evaluate/recovery.h"
#include "evaluate/regression_heads.h"
#include "evaluate/regression_risk.h"
#include "evaluate/test_log_risk.h"
#include "evaluate/test_risk.h"

#include <string.h>

const scl_metric *const scl_metrics[] = {
    &scl_metric_sin_theta_f,
    &scl_metric_sin_theta_2,
    &scl_metric_cos2,
    &scl_metric_top_eigenvalue,
    &scl_metric_delta_norm_ratio,
    &scl_metric_incoherence,
    &scl_metric_condition,
    &scl_metric_signal_to_noise,
    &scl_metric_eigengap,
    &scl_metric_noise_gap,
    &scl_metric_holds_a1,
    &scl_metric_holds_a2,
    &scl_metric_holds_a3,
    &scl_metric_holds_a4,
    &scl_metric_holds_a5,
    &scl_metric_concentration_ratio,
    &scl_audit_metrics[0],
    &scl_audit_metrics[1],
    &scl_audit_metrics[2],
    &scl_audit_metrics[3],
    &scl_audit_metrics[4],
    &scl_audit_metrics[5],
    &scl_audit_metrics[6],
    &scl_audit_metrics[7],
    &scl_audit_metrics[8],
    &scl_audit_metrics[9],
    &scl_audit_metrics[10],
    &scl_audit_metrics[11],
    &scl_audit_metrics[12],
    &scl_audit_metrics[13],
    &scl_regression_metrics[0],
    &scl_regression_metrics[1],
    &scl_regression_metrics[2],
    &scl_regression_metrics[3],
    &scl_regression_metrics[4],
    &scl_metric_ols_risk,
    &scl_metric_ols_risk_expected,
    &scl_metric_ridge_risk,
    &scl_binary_metrics[0],
    &scl_binary_metrics[1],
    &scl_binary_metrics[2],
    &scl_binary_metrics[3],
    &scl_binary_metrics[4],
    &scl_binary_metrics[5],
    &scl_metric_lda_risk,
    &scl_test_risk_metrics[SCL_TEST_RISK],
    &scl_test_risk_metrics[SCL_TEST_RISK_ERROR],
    &scl_test_log_risk_metrics[SCL_TEST_LOG_RISK],
    &scl_test_log_risk_metrics[SCL_TEST_LOG_RISK_ERROR],
    &scl_logistic_head_metrics[0],
    &scl_logistic_head_metrics[1],
};
const size_t scl_n_metrics = sizeof scl_metrics / sizeof *scl_metrics;

const scl_metric *scl_metric_find(const char *name)
{
    for (size_t i = 0; i < scl_n_metrics; i++)
        if (strcmp(scl_metrics[i]->name, name) == 0) return scl_metrics[i];
    return NULL;
}

bool scl_metric_status_is_infinite(const char *status)
{
    return strncmp(status, SCL_INFINITE, strlen(SCL_INFINITE)) == 0;
}

/* The family that was evaluated last; there is one. */
typedef struct together {
    const scl_metric_family *family;
    double values[SCL_MAX_METRICS];
} together;

static scl_status evaluate_one(double *value, together *last, const scl_metric *metric, const scl_representation *W,
                               const scl_sample *sample, scl_arena *ws, scl_error *err)
{
    if (!metric->family) return metric->evaluate(value, W, sample, ws, err);
    scl_status status = SCL_OK;
    if (last->family != metric->family) status = metric->family->evaluate(last->values, W, sample, ws, err);
    last->family = metric->family;
    *value = last->values[metric->place];
    return status;
}

scl_status scl_metrics_evaluate(double *values, const scl_metric *const *metrics, size_t n_metrics, scl_metric_of of,
                                const scl_representation *W, const scl_sample *sample, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    together last = {0};
    scl_status status = SCL_OK;
    for (size_t m = 0; status == SCL_OK && m < n_metrics; m++) {
        if (metrics[m]->of != of) continue;
        status = evaluate_one(&values[m], &last, metrics[m], W, sample, ws, err);
        ws->used = mark;
    }
    return status;
}
