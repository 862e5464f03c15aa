/* The logistic risk of logistic regression on a fresh test set.
 *
 *   head     logistic regression on the features Q'x of the labelled samples themselves (logistic_head.h), logit v = w'Q'x + c
 *   risk     the mean of log(1 + exp(-(2 y - 1) v)) over SCL_TEST_SET fresh samples of the first task; infinite where the labels are separable;
 *            its standard error is the standard deviation over sqrt(SCL_TEST_SET)
 * Of a population of labels there is no value. Source: docs/theory.md, section 5. */
#include "evaluate/test_log_risk.h"

#include "evaluate/binary_risk.h"
#include "evaluate/logistic_head.h"
#include "evaluate/test_set.h"

#include <math.h>

static size_t workspace(size_t d, size_t r)
{
    size_t head = scl_logistic_head_workspace(r), set = scl_test_set_workspace(d, r);
    return scl_arena_need(r) + (head > set ? head : set);
}

typedef struct trial {
    const double *w;
    double c, sum, squares;
} trial;

/* log(1 + exp(-v)) without overflow */
static double loss(double v)
{
    return fmax(-v, 0.0) + log1p(exp(-fabs(v)));
}

static void visit(void *context, scl_matrix features, const double *labels)
{
    trial *of = context;
    for (size_t i = 0; i < features.cols; i++) {
        double v = of->c;
        for (size_t j = 0; j < features.rows; j++) v += of->w[j] * SCL_AT(features, j, i);
        double one = loss(labels[i] > 0.0 ? v : -v);
        of->sum += one;
        of->squares += one * one;
    }
}

static scl_status evaluate(double *values, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    const scl_labels *labels = &sample->labels;
    values[SCL_TEST_LOG_RISK] = values[SCL_TEST_LOG_RISK_ERROR] = NAN;
    if (!scl_test_set_is(sample) || labels->X.rows == 0) return SCL_OK;
    size_t mark = ws->used;
    double *w = scl_arena_take(ws, W->Q.cols, err);
    if (!w) return SCL_ERR_INTERNAL;
    trial of = {.w = w};
    scl_head_fit fit;
    scl_status status = scl_logistic_head_on(w, &of.c, &fit, W->Q, labels->X, labels->y, 0.0, ws, err);
    bool bounded = fit.outcome == SCL_HEAD_FITTED || fit.outcome == SCL_HEAD_EXHAUSTED;
    if (status == SCL_OK && bounded) status = scl_test_set_show(visit, &of, W->Q, sample, ws, err);
    double mean = of.sum / SCL_TEST_SET, variance = fmax(0.0, of.squares / SCL_TEST_SET - mean * mean);
    values[SCL_TEST_LOG_RISK] = bounded ? mean : INFINITY;
    if (bounded) values[SCL_TEST_LOG_RISK_ERROR] = sqrt(variance / SCL_TEST_SET);
    ws->used = mark;
    return status;
}

static const scl_metric_family family = {.n = SCL_TEST_LOG_RISKS, .evaluate = evaluate};

const scl_metric scl_test_log_risk_metrics[SCL_TEST_LOG_RISKS] = {
    [SCL_TEST_LOG_RISK] =
        {
            .name = "test-log-risk",
            .summary = "logistic risk of logistic regression of the first task's labels on Q'x, fitted on the labelled "
                       "samples, on a fresh test set of 10000, inf where they are separable; any laws",
            .label = "logistic risk on a test set",
            .positive = true,
            .tasks = SCL_TASKS_OF_TWO,
            .needs_labels = true,
            .needs_rows = true,
            .draws = true,
            .infinite = SCL_INFINITE "separable labels",
            .family = &family,
            .place = SCL_TEST_LOG_RISK,
            .workspace = workspace,
        },
    [SCL_TEST_LOG_RISK_ERROR] =
        {
            .name = "test-log-risk-error",
            .summary = "standard error that the test set alone gives one test-log-risk",
            .label = "standard error of the test set",
            .positive = true,
            .tasks = SCL_TASKS_OF_TWO,
            .needs_labels = true,
            .needs_rows = true,
            .draws = true,
            .family = &family,
            .place = SCL_TEST_LOG_RISK_ERROR,
            .workspace = workspace,
        },
};
