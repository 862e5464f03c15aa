/* What the tests of estimators share: fits with exactly the promised workspace, samples made from small data. */
#ifndef SCL_TEST_ESTIMATE_FITTING_H
#define SCL_TEST_ESTIMATE_FITTING_H

#include "estimate/estimate.h"
#include "linalg/dense.h"
#include "linalg/linalg.h"

#include <stdbool.h>

static inline scl_representation fitting_new(size_t d, size_t r)
{
    scl_error err = {0};
    scl_representation W;
    ASSERT_OK(scl_representation_new(&W, d, r, &err), err);
    return W;
}

/* Fits the estimator of that name; options NULL: the defaults. The sample must come out as it went in. */
static inline scl_fit_info fitting_fit(scl_representation *W, const char *name, const scl_sample *sample,
                                       const double *options, scl_stream *stream)
{
    const scl_estimator *estimator = scl_estimator_find(name);
    assert_non_null(estimator);
    double defaults[SCL_MAX_OPTIONS];
    for (size_t i = 0; i < estimator->n_options; i++) defaults[i] = estimator->options[i].fallback;
    size_t d = W->Q.rows, r = W->Q.cols;
    scl_arena ws = dense_arena(estimator->workspace(d, r));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    for (size_t i = 0; i < d * r; i++) W->Q.data[i] = NAN;
    for (size_t k = 0; k < r; k++) W->values[k] = W->scale[k] = -7;
    scl_matrix before = dense_new(d, d);
    scl_matrix_copy(before, sample->S);
    scl_error err = {0};
    scl_fit_info info = {.status = SCL_FIT_UNCONVERGED};
    ASSERT_OK(estimator->fit(W, &info, sample, options ? options : defaults, stream, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    assert_memory_equal(before.data, sample->S.data, d * d * sizeof(double));
    scl_matrix_free(&before);
    scl_arena_free(&ws);
    return info;
}

/* ||sinTheta||_F between two orthonormal frames. */
static inline double fitting_distance(scl_matrix A, scl_matrix B)
{
    double frobenius;
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_sines_workspace(A.rows, A.cols));
    ASSERT_OK(scl_sines(&frobenius, NULL, A, B, &ws, &err), err);
    scl_arena_free(&ws);
    return frobenius;
}

/* The sample whose observations are the columns of X: mean and covariance by definition. */
static inline scl_sample fitting_sample(scl_matrix X)
{
    scl_error err = {0};
    scl_sample sample;
    size_t d = X.rows, n = X.cols;
    ASSERT_OK(scl_sample_new(&sample, d, &err), err);
    sample.n = (double)n;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < n; i++) sample.mean[j] += SCL_AT(X, j, i) / (double)n;
    for (size_t b = 0; b < d; b++)
        for (size_t a = 0; a <= b; a++) {
            for (size_t i = 0; i < n; i++)
                SCL_AT(sample.S, a, b) +=
                    (SCL_AT(X, a, i) - sample.mean[a]) * (SCL_AT(X, b, i) - sample.mean[b]) / (double)(n - 1);
            SCL_AT(sample.S, b, a) = SCL_AT(sample.S, a, b);
        }
    return sample;
}

#endif
