/* Labelled samples for tests, by the definitions of src/sample/labels.h, from data written out. */
#ifndef SCL_TEST_ESTIMATE_LABELLED_DATA_H
#define SCL_TEST_ESTIMATE_LABELLED_DATA_H

#include "estimate/fitting.h"
#include "sample/labels.h"

static inline scl_labels labelled_new(size_t d, size_t tasks, size_t classes)
{
    scl_labels labels = {.n_tasks = tasks ? tasks : 1, .n_classes = classes, .S = dense_new(d, d)};
    labels.mean = calloc(d, sizeof(double));
    labels.counts = calloc(classes + 1, sizeof(double));
    labels.class_means = dense_new(d, classes);
    labels.cov_xy = dense_new(d, tasks);
    labels.mean_y = calloc(tasks + 1, sizeof(double));
    labels.var_y = calloc(tasks + 1, sizeof(double));
    labels.y = NULL;
    assert_true(labels.mean && labels.counts && labels.mean_y && labels.var_y);
    return labels;
}

static inline void labelled_free(scl_labels *labels)
{
    free(labels->mean);
    free(labels->counts);
    free(labels->mean_y);
    free(labels->var_y);
    scl_matrix_free(&labels->S);
    scl_matrix_free(&labels->class_means);
    scl_matrix_free(&labels->cov_xy);
    *labels = (scl_labels){0};
}

/* The first set: X (d x m) with the first task's labels y, classes 0..K-1 when `classes` is not 0. cov_xy etc. of task 0. */
static inline void labelled_first(scl_labels *labels, scl_matrix X, const double *y)
{
    size_t d = X.rows, m = X.cols;
    double over = m > 1 ? 1 / (double)(m - 1) : 0;
    labels->m = labels->head_m = (double)m;
    for (size_t j = 0; j < d; j++) {
        labels->mean[j] = 0;
        for (size_t i = 0; i < m; i++) labels->mean[j] += SCL_AT(X, j, i) / (double)m;
    }
    for (size_t b = 0; b < d; b++)
        for (size_t a = 0; a <= b; a++) {
            double sum = 0;
            for (size_t i = 0; i < m; i++)
                sum += (SCL_AT(X, a, i) - labels->mean[a]) * (SCL_AT(X, b, i) - labels->mean[b]);
            SCL_AT(labels->S, a, b) = SCL_AT(labels->S, b, a) = sum * over;
        }
    for (size_t c = 0; c < labels->n_classes; c++) {
        labels->counts[c] = 0;
        for (size_t j = 0; j < d; j++) SCL_AT(labels->class_means, j, c) = 0;
        for (size_t i = 0; i < m; i++)
            if ((size_t)y[i] == c) labels->counts[c] += 1;
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < d && (size_t)y[i] == c; j++)
                SCL_AT(labels->class_means, j, c) += SCL_AT(X, j, i) / labels->counts[c];
    }
}

/* Task t's own set. */
static inline void labelled_task(scl_labels *labels, size_t t, scl_matrix X, const double *y)
{
    size_t d = X.rows, m = X.cols;
    double over = m > 1 ? 1 / (double)(m - 1) : 0, mean = 0, var = 0;
    for (size_t i = 0; i < m; i++) mean += y[i] / (double)m;
    for (size_t i = 0; i < m; i++) var += (y[i] - mean) * (y[i] - mean) * over;
    labels->mean_y[t] = mean;
    labels->var_y[t] = var;
    for (size_t j = 0; j < d; j++) {
        SCL_AT(labels->cov_xy, j, t) = 0;
        double centre = 0;
        for (size_t i = 0; i < m; i++) centre += SCL_AT(X, j, i) / (double)m;
        for (size_t i = 0; i < m; i++)
            SCL_AT(labels->cov_xy, j, t) += (SCL_AT(X, j, i) - centre) * (y[i] - mean) * over;
    }
}

/* Fits and expects a failure whose message holds `words`. */
static inline void labelled_fails(const char *name, scl_representation *W, const scl_sample *sample, const char *words)
{
    const scl_estimator *estimator = scl_estimator_find(name);
    assert_non_null(estimator);
    double defaults[SCL_MAX_OPTIONS] = {0};
    for (size_t i = 0; i < estimator->n_options; i++) defaults[i] = estimator->options[i].fallback;
    scl_arena ws = dense_arena(estimator->workspace(W->Q.rows, W->Q.cols));
    scl_error err = {0};
    scl_fit_info info;
    assert_int_equal(estimator->fit(W, &info, sample, defaults, NULL, &ws, &err), SCL_ERR_INPUT);
    if (!strstr(err.message, words)) fail_msg("%s says '%s', not '%s'", name, err.message, words);
    scl_arena_free(&ws);
}

#endif
