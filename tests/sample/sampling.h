/* What the tests of the samplers share: models of any shape, samples, slow statistics. */
#ifndef SCL_TEST_SAMPLE_SAMPLING_H
#define SCL_TEST_SAMPLE_SAMPLING_H

#include "linalg/dense.h"
#include "linalg/linalg.h"
#include "model/model.h"
#include "sample/sample.h"

static inline scl_model sampling_model_of(const scl_model_spec *spec)
{
    scl_error err = {0};
    scl_model model;
    ASSERT_OK(scl_model_new(&model, spec->d, spec->r, &err), err);
    scl_arena ws = dense_arena(scl_model_workspace(spec->d, spec->r));
    ASSERT_OK(scl_model_draw(&model, spec, 6, "sampling", NULL, 0, &ws, &err), err);
    scl_arena_free(&ws);
    return model;
}

/* Haar loadings, golden noise from .25 to 4, or constant noise 1 when `equal`. */
static inline scl_model sampling_model(size_t d, size_t r, double nu, bool equal)
{
    return sampling_model_of(&(scl_model_spec){.d = d,
                                               .r = r,
                                               .nu = nu,
                                               .loadings = SCL_LOADINGS_HAAR,
                                               .noise = equal ? SCL_NOISE_CONSTANT : SCL_NOISE_GOLDEN,
                                               .sigma_max = 1,
                                               .variance_min = 0.25,
                                               .variance_max = 4});
}

static inline scl_sample sampling_new(size_t d)
{
    scl_error err = {0};
    scl_sample sample;
    ASSERT_OK(scl_sample_new(&sample, d, &err), err);
    return sample;
}

/* Draws with an arena of exactly the promised size, full of NaN; S and the mean hold NaN before. */
static inline void sampling_draw(scl_sample *sample, scl_sampler sampler, double n, const scl_model *model,
                                 scl_stream stream)
{
    scl_error err = {0};
    size_t d = model->d;
    scl_arena ws = dense_arena(scl_sample_workspace(sampler, d, model->r, n));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    for (size_t i = 0; i < d * d; i++) sample->S.data[i] = NAN;
    for (size_t i = 0; i < d; i++) sample->mean[i] = NAN;
    ASSERT_OK(scl_sample_draw(sample, sampler, n, model, &stream, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
}

static inline void sampling_symmetric(scl_matrix S)
{
    for (size_t j = 0; j < S.cols; j++)
        for (size_t i = 0; i < S.rows; i++) assert_true(SCL_AT(S, i, j) == SCL_AT(S, j, i)); /* false for NaN too */
}

/* C = nu^2 U U' + D by loops. */
static inline scl_matrix sampling_covariance(const scl_model *model)
{
    size_t d = model->d;
    scl_matrix C = dense_new(d, d);
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++) {
            for (size_t k = 0; k < model->r; k++) SCL_AT(C, i, j) += SCL_AT(model->U, i, k) * SCL_AT(model->U, j, k);
            SCL_AT(C, i, j) *= model->nu * model->nu;
            if (i == j) SCL_AT(C, i, j) += model->sigma2[i];
        }
    return C;
}

#endif
