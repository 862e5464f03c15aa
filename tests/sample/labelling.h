/* What the tests of labelled samples share: a case, its model, sample and draws. */
#ifndef SCL_TEST_SAMPLE_LABELLING_H
#define SCL_TEST_SAMPLE_LABELLING_H

#include "sample/sampling.h"

typedef struct labelling_case {
    const char *name;
    scl_task_kind kind;
    size_t d, r, tasks;
    double n, m, label_noise, offset;
    bool apart, shared, unequal;
    const double *given; /* weights: NULL for uniform ones */
    scl_law latent, noise_law;
} labelling_case;

typedef struct labelling {
    scl_model_spec spec;
    scl_model model;
    scl_label_plan plan;
    scl_sample sample;
    scl_labels storage;
    scl_arena ws;
    scl_sampler sampler;
    double n;
} labelling;

static inline void labelling_model(labelling *l, const labelling_case *c)
{
    static const double nus[] = {2, 1.2, 3, 1.5};
    scl_error err = {0};
    l->spec = (scl_model_spec){.d = c->d,
                               .r = c->r,
                               .nu = 1.2,
                               .nus = c->unequal ? nus : NULL,
                               .loadings = SCL_LOADINGS_HAAR,
                               .noise = SCL_NOISE_GOLDEN,
                               .variance_min = 0.25,
                               .variance_max = 4,
                               .latent = c->latent,
                               .noise_law = c->noise_law,
                               .task = {.kind = c->kind,
                                        .weights = c->given ? SCL_WEIGHTS_GIVEN : SCL_WEIGHTS_SPHERE,
                                        .n_tasks = c->tasks ? c->tasks : 1,
                                        .given = c->given,
                                        .label_noise = c->label_noise,
                                        .offset = c->offset}};
    l->model = sampling_model_of(&l->spec);
    l->model.latent = c->latent;
    l->model.noise_law = c->noise_law;
    scl_arena ws = dense_arena(scl_task_workspace(c->r));
    ASSERT_OK(scl_task_new(&l->model.task, c->r, l->spec.task.n_tasks, &err), err);
    ASSERT_OK(scl_task_draw(&l->model.task, &l->spec.task, c->r, 6, "labelling", 0, &ws, &err), err);
    scl_arena_free(&ws);
}

static inline labelling labelling_new(const labelling_case *c, scl_sampler sampler)
{
    scl_error err = {0};
    labelling l = {.plan = {.m = c->m, .apart = c->apart, .shared = c->shared}, .sampler = sampler, .n = c->n};
    labelling_model(&l, c);
    scl_label_sizes sizes = scl_sample_label_sizes(&l.spec, sampler, c->m);
    ASSERT_OK(scl_labels_new(&l.storage, sizes, &err), err);
    l.sample = sampling_new(c->d);
    l.sample.labels = scl_labels_within(&l.storage, sizes);
    l.ws = dense_arena(scl_sample_labelled_workspace(sampler, &l.spec, c->n, c->m));
    return l;
}

static inline void labelling_free(labelling *l)
{
    scl_arena_free(&l->ws);
    scl_labels_free(&l->storage);
    scl_sample_free(&l->sample);
    scl_task_free(&l->model.task);
    scl_model_free(&l->model);
}

/* Every array that a draw must fill, and the arena, hold NaN before. */
static inline void labelling_spoil(labelling *l)
{
    scl_labels *y = &l->sample.labels;
    size_t d = l->spec.d, T = y->n_tasks, K = y->n_classes;
    for (size_t i = 0; i < l->ws.size; i++) l->ws.data[i] = NAN;
    for (size_t i = 0; i < d * d; i++) y->S.data[i] = l->sample.S.data[i] = NAN;
    for (size_t i = 0; i < d; i++) y->mean[i] = l->sample.mean[i] = NAN;
    for (size_t i = 0; i < d * K; i++) y->class_means.data[i] = NAN;
    for (size_t i = 0; i < K; i++) y->counts[i] = NAN;
    for (size_t i = 0; i < y->cov_xy.rows * y->cov_xy.cols; i++) y->cov_xy.data[i] = NAN;
    for (size_t i = 0; i < T; i++) y->mean_y[i] = y->var_y[i] = NAN;
    for (size_t i = 0; i < y->X.rows * y->X.cols; i++) y->X.data[i] = NAN;
    for (size_t i = 0; i < y->X.cols; i++) y->y[i] = NAN;
}

static inline scl_label_source labelling_source(uint32_t replicate)
{
    return (scl_label_source){.seed = 7, .role = SCL_ROLE_LABELS, .text = "labels", .replicate = replicate};
}

static inline scl_stream labelling_data(const labelling *l, uint32_t replicate)
{
    return scl_stream_make(7, SCL_ROLE_DATA, scl_sampler_names[l->sampler], replicate);
}

static inline void labelling_draw(labelling *l, uint32_t replicate)
{
    scl_error err = {0};
    scl_stream stream = labelling_data(l, replicate);
    scl_label_source source = labelling_source(replicate);
    ASSERT_OK(
        scl_sample_draw_labelled(&l->sample, l->sampler, l->n, l->plan, &l->model, &stream, &source, &l->ws, &err),
        err);
    assert_int_equal(l->ws.used, 0);
}

#endif
