/* The 0-1 risk of linear discriminant analysis on a fresh test set.
 *
 *   head     on the features Q'x of the labelled samples (lda_head.h); a class without samples is never said
 *   risk     the share of SCL_TEST_SET fresh samples of the first task that it gets wrong, p; its standard error sqrt(p (1 - p)/SCL_TEST_SET)
 * Of a population of labels there is no value. Source: docs/theory.md, section 5. */
#include "evaluate/test_risk.h"

#include "evaluate/lda_head.h"
#include "evaluate/test_set.h"

#include <math.h>

static size_t workspace(size_t d, size_t r)
{
    return scl_lda_head_workspace(d, r, r + 1 > 2 ? r + 1 : 2) + scl_test_set_workspace(d, r);
}

typedef struct trial {
    scl_lda_head head;
    size_t wrong;
} trial;

static double score(const scl_lda_head *of, size_t c, scl_matrix features, size_t i)
{
    double sum = of->b[c];
    for (size_t j = 0; j < features.rows; j++) sum += SCL_AT(of->a, j, c) * SCL_AT(features, j, i);
    return sum;
}

static void visit(void *context, scl_matrix features, const double *labels)
{
    trial *of = context;
    for (size_t i = 0; i < features.cols; i++) {
        size_t said = 0;
        double most = score(&of->head, 0, features, i);
        for (size_t c = 1; c < of->head.a.cols; c++) {
            double here = score(&of->head, c, features, i);
            if (here > most) most = here, said = c;
        }
        of->wrong += said != (size_t)labels[i];
    }
}

static scl_status evaluate(double *values, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    values[SCL_TEST_RISK] = values[SCL_TEST_RISK_ERROR] = NAN;
    if (!scl_test_set_is(sample)) return SCL_OK;
    size_t mark = ws->used;
    trial of = {.wrong = 0};
    scl_status status = scl_lda_head_fit(&of.head, W->Q, &sample->labels, ws, err);
    if (status == SCL_OK) status = scl_test_set_show(visit, &of, W->Q, sample, ws, err);
    double share = (double)of.wrong / SCL_TEST_SET;
    values[SCL_TEST_RISK] = share;
    values[SCL_TEST_RISK_ERROR] = sqrt(share * (1.0 - share) / SCL_TEST_SET);
    ws->used = mark;
    return status;
}

static const scl_metric_family family = {.n = SCL_TEST_RISKS, .evaluate = evaluate};

const scl_metric scl_test_risk_metrics[SCL_TEST_RISKS] = {
    [SCL_TEST_RISK] =
        {
            .name = "test-risk",
            .summary = "0-1 risk of linear discriminant analysis of the first task's classes on Q'x, fitted on the "
                       "labelled samples, on a fresh test set of 10000; any number of classes, any laws",
            .label = "0-1 risk on a test set",
            .positive = true,
            .tasks = SCL_TASKS_OF_CLASSES,
            .needs_labels = true,
            .draws = true,
            .family = &family,
            .place = SCL_TEST_RISK,
            .workspace = workspace,
        },
    [SCL_TEST_RISK_ERROR] =
        {
            .name = "test-risk-error",
            .summary = "standard error that the test set alone gives one test-risk, sqrt(p (1 - p)/10000)",
            .label = "standard error of the test set",
            .positive = true,
            .tasks = SCL_TASKS_OF_CLASSES,
            .needs_labels = true,
            .draws = true,
            .family = &family,
            .place = SCL_TEST_RISK_ERROR,
            .workspace = workspace,
        },
};
