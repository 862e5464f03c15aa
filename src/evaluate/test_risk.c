/* The 0-1 risk of linear discriminant analysis on a fresh test set.
 *
 *   head     on the features Q'x of the labelled samples (lda_head.h); a class without samples is never said
 *   risk     the share of SCL_TEST_SET fresh samples of the first task that it gets wrong, p; its standard error sqrt(p (1 - p)/SCL_TEST_SET)
 * All that is random comes from TEST's stream of the sample, so that estimators meet the same test set. Nothing of it is exact: of a
 * population of labels there is no value. Source: docs/theory.md, section 5. */
#include "evaluate/test_risk.h"

#include "evaluate/lda_head.h"
#include "linalg/linalg.h"
#include "sample/data_block.h"
#include "sample/label_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = SCL_DATA_BLOCK };

/* Classes that a task can have in dimension r. */
static size_t most_classes(size_t r)
{
    return r + 1 > 2 ? r + 1 : 2;
}

static size_t workspace(size_t d, size_t r)
{
    size_t K = most_classes(r);
    return scl_lda_head_workspace(d, r, K) + scl_data_block_workspace(d, r, true) + scl_matrix_need(r, BLOCK) +
           scl_matrix_need(K, BLOCK) + scl_matrix_need(1, BLOCK);
}

static size_t said(const scl_lda_head *of, scl_matrix scores, size_t i)
{
    size_t best = 0;
    for (size_t c = 1; c < scores.rows; c++)
        if (SCL_AT(scores, c, i) + of->b[c] > SCL_AT(scores, best, i) + of->b[best]) best = c;
    return best;
}

/* The share of the test set that the head gets wrong. */
static scl_status test(double *share, const scl_lda_head *of, scl_matrix Q, const scl_model *model, scl_stream *stream,
                       scl_arena *ws, scl_error *err)
{
    scl_data_block block;
    scl_matrix features, scores, labels;
    if (scl_data_block_take(&block, model, ws, err) || scl_matrix_take(&features, ws, Q.cols, BLOCK, err) ||
        scl_matrix_take(&scores, ws, of->a.cols, BLOCK, err) || scl_matrix_take(&labels, ws, 1, BLOCK, err))
        return SCL_ERR_INTERNAL;
    size_t wrong = 0;
    for (size_t done = 0; done < SCL_TEST_SET; done += BLOCK) {
        size_t n = SCL_TEST_SET - done < BLOCK ? SCL_TEST_SET - done : BLOCK;
        scl_data_block_draw(&block, n, stream);
        features.cols = scores.cols = labels.cols = n;
        if (!block.class_of) {
            scl_label_noise(labels, &model->task, stream);
            scl_label_values(labels, &model->task, 0, block.Z);
        }
        scl_gemm(features, 1.0, SCL_TRANSPOSED, Q, SCL_PLAIN, block.X, 0.0);
        scl_gemm(scores, 1.0, SCL_TRANSPOSED, of->a, SCL_PLAIN, features, 0.0);
        for (size_t i = 0; i < n; i++)
            wrong += said(of, scores, i) != (size_t)(block.class_of ? block.class_of[i] : labels.data[i]);
    }
    *share = (double)wrong / SCL_TEST_SET;
    return SCL_OK;
}

static scl_status evaluate(double *values, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    const scl_labels *labels = &sample->labels;
    values[SCL_TEST_RISK] = values[SCL_TEST_RISK_ERROR] = NAN;
    if (!(labels->m > 0.0) || isinf(labels->m) || labels->n_classes < 2 || !sample->test.text) return SCL_OK;
    size_t mark = ws->used;
    scl_lda_head of;
    scl_stream stream;
    double share = NAN;
    scl_status status = scl_lda_head_fit(&of, W->Q, labels, ws, err);
    if (status == SCL_OK) status = scl_test_stream(&stream, &sample->test, err);
    if (status == SCL_OK) status = test(&share, &of, W->Q, sample->model, &stream, ws, err);
    values[SCL_TEST_RISK] = share;
    values[SCL_TEST_RISK_ERROR] = sqrt(share * (1.0 - share) / SCL_TEST_SET);
    ws->used = mark;
    return status;
}

static const scl_metric_family family = {.n = SCL_TEST_RISKS, .evaluate = evaluate};

#define CLASS_TASKS (SCL_TASK_BIT(SCL_TASK_LOGISTIC) | SCL_TASK_BIT(SCL_TASK_PROBIT) | SCL_TASK_BIT(SCL_TASK_CLASSES))

const scl_metric scl_test_risk_metrics[SCL_TEST_RISKS] = {
    [SCL_TEST_RISK] =
        {
            .name = "test-risk",
            .summary = "0-1 risk of linear discriminant analysis of the first task's classes on Q'x, fitted on the "
                       "labelled samples, on a fresh test set of 10000; any number of classes, any laws",
            .label = "0-1 risk on a test set",
            .positive = true,
            .tasks = CLASS_TASKS,
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
            .tasks = CLASS_TASKS,
            .needs_labels = true,
            .draws = true,
            .family = &family,
            .place = SCL_TEST_RISK_ERROR,
            .workspace = workspace,
        },
};
