/* Labelled samples by moments (conditional.c), pooled with those that have no label:
 *
 *   sum x  and  sum x x'  add over sets and the others;  S = (sum x x' - n xbar xbar')/(n - 1)
 *
 * Only the first set's sum x x' is wanted by itself. Those of the other sets, where they are part of the sample, are wanted only
 * together, and independent Wishart matrices of one scale add up to one: it is drawn once, from the last set's stream. Sets apart but
 * for the first need none at all. */
#include "sample/samplers.h"

#include "linalg/linalg.h"
#include "sample/conditional.h"
#include "sample/wishart.h"

#include <string.h>

/* Of any degrees of freedom: k < d takes most at d - 1. */
static size_t largest_wishart(size_t d)
{
    return scl_wishart_workspace(d, (double)(d - 1));
}

static size_t draw_workspace(const scl_model_spec *spec, size_t tasks)
{
    size_t d = spec->d, r = spec->r;
    return scl_conditional_workspace(spec, tasks) + 2 * scl_matrix_need(d, r) + scl_arena_need(d) + largest_wishart(d);
}

size_t scl_sample_classes_workspace(const scl_model_spec *spec)
{
    return draw_workspace(spec, 0);
}

/* Draws a set and, of its products, sum x x' into W. */
static scl_status draw_with_products(scl_conditional *set, scl_matrix W, double m, const scl_model *model,
                                     scl_stream *stream, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    scl_products products = {.W = W};
    if (scl_matrix_take(&products.Q, ws, model->d, model->r, err)) return SCL_ERR_INTERNAL;
    scl_status status = scl_conditional_draw(set, m, 0, model, stream, ws, err);
    if (status != SCL_OK) return status;
    status = scl_wishart(W, set->dof, stream, ws, err);
    if (status != SCL_OK) return status;
    memset(products.Q.data, 0, model->d * model->r * sizeof(double));
    scl_products_add(&products, set, model);
    status = scl_products_finish(&products, model, ws, err);
    ws->used = mark;
    return status;
}

scl_status scl_sample_from_classes(scl_sample *sample, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    scl_conditional set;
    scl_status status = scl_conditional_take(&set, sample->model, 0, ws, err);
    if (status == SCL_OK) status = draw_with_products(&set, sample->S, sample->n, sample->model, stream, ws, err);
    if (status != SCL_OK) return status;
    for (size_t j = 0; j < sample->S.rows; j++) sample->mean[j] = SCL_AT(set.sums.XF, j, 0) / sample->n;
    scl_centre_products(sample->S, sample->mean, sample->n);
    ws->used = mark;
    return SCL_OK;
}

/* What sets that are part of the sample add to it. */
typedef struct pool {
    double *x;           /* d: sum x */
    scl_products others; /* of the other sets; no rows where there are none */
} pool;

/* sum x x' of the sets beyond the first into others.W; `scratch` is d x d. */
static scl_status finish_others(pool *p, scl_matrix scratch, const scl_model *model, scl_stream *stream, scl_arena *ws,
                                scl_error *err)
{
    size_t d = scratch.rows;
    scl_status status = scl_wishart(scratch, p->others.dof, stream, ws, err);
    if (status != SCL_OK) return status;
    for (size_t i = 0; i < d * d; i++) p->others.W.data[i] += scratch.data[i];
    return scl_products_finish(&p->others, model, ws, err);
}

/* The samples without labels, then all together: sum x x' of the first set is (m - 1) S + m mean mean'. sample->n counts all. */
static scl_status pool_sample(scl_sample *sample, const pool *p, double labelled, scl_stream *stream, scl_arena *ws,
                              scl_error *err)
{
    size_t d = sample->S.rows;
    const scl_labels *first = &sample->labels;
    double n = sample->n, m = first->m, others = n - labelled;
    scl_status status = SCL_OK;
    sample->n = others;
    if (others < 1.0) {
        memset(sample->mean, 0, d * sizeof(double));
        memset(sample->S.data, 0, d * d * sizeof(double));
    } else if (sample->model->task.kind == SCL_TASK_CLASSES) {
        status = scl_sample_from_classes(sample, stream, ws, err);
    } else {
        status = scl_sample_from_moments(sample, stream, ws, err);
    }
    sample->n = n;
    if (status != SCL_OK) return status;
    for (size_t j = 0; j < d; j++)
        for (size_t i = 0; i < d; i++) {
            double sum = (m - 1.0) * SCL_AT(first->S, i, j) + m * (first->mean[i] * first->mean[j]) +
                         others * (sample->mean[i] * sample->mean[j]);
            if (others > 1.0) sum += (others - 1.0) * SCL_AT(sample->S, i, j);
            if (p->others.W.rows > 0) sum += SCL_AT(p->others.W, i, j);
            SCL_AT(sample->S, i, j) = sum;
        }
    for (size_t j = 0; j < d; j++) sample->mean[j] = (others * sample->mean[j] + p->x[j]) / n;
    scl_centre_products(sample->S, sample->mean, n);
    return SCL_OK;
}

size_t scl_label_moments_workspace(const scl_model_spec *spec)
{
    size_t d = spec->d, r = spec->r, tasks = spec->task.n_tasks;
    if (spec->task.kind == SCL_TASK_CLASSES) return 2 * draw_workspace(spec, 0);
    size_t sets = tasks > 1 ? scl_matrix_need(d, d) + scl_matrix_need(d, r) : 0;
    size_t rest = scl_arena_need(d) + largest_wishart(d) + 2 * scl_matrix_need(d, r) + scl_matrix_need(r, r);
    size_t draw = draw_workspace(spec, tasks);
    return sets + draw + rest;
}

/* Draws set after set. */
static scl_status draw_sets(scl_sample *sample, pool *p, scl_conditional *set, scl_label_plan plan, bool pooled,
                            const scl_label_source *source, scl_arena *ws, scl_error *err)
{
    const scl_model *model = sample->model;
    scl_labels *labels = &sample->labels;
    size_t d = model->d, n_sets = scl_label_sets(&model->task, plan), tasks = set->sums.tasks;
    scl_stream stream;
    scl_status status = SCL_OK;
    for (size_t i = 0; status == SCL_OK && i < n_sets; i++) {
        status = scl_label_stream(&stream, source, i, err);
        if (status != SCL_OK) break;
        status = i == 0 ? draw_with_products(set, labels->S, plan.m, model, &stream, ws, err)
                        : scl_conditional_draw(set, plan.m, i, model, &stream, ws, err);
        if (status != SCL_OK) break;
        for (size_t j = 0; j < d; j++) p->x[j] += SCL_AT(set->sums.XF, j, tasks);
        if (pooled && i > 0) scl_products_add(&p->others, set, model);
        scl_label_moments(labels, i, i, &set->sums);
    }
    if (status == SCL_OK && pooled && n_sets > 1) status = finish_others(p, sample->S, model, &stream, ws, err);
    return status;
}

scl_status scl_sample_label_moments(scl_sample *sample, scl_label_plan plan, bool apart, scl_stream *stream,
                                    const scl_label_source *source, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = sample->S.rows;
    const scl_model *model = sample->model;
    size_t n_sets = scl_label_sets(&model->task, plan);
    scl_conditional set;
    pool p = {.x = scl_arena_take(ws, d, err)};
    if (!p.x || scl_conditional_take(&set, model, scl_label_tasks(&model->task, plan), ws, err))
        return SCL_ERR_INTERNAL;
    memset(p.x, 0, d * sizeof(double));
    if (!apart && n_sets > 1) {
        if (scl_matrix_take(&p.others.W, ws, d, d, err) || scl_matrix_take(&p.others.Q, ws, d, model->r, err))
            return SCL_ERR_INTERNAL;
        scl_products_clear(&p.others);
    }
    scl_status status = draw_sets(sample, &p, &set, plan, !apart, source, ws, err);
    if (status == SCL_OK && !apart) status = pool_sample(sample, &p, (double)n_sets * plan.m, stream, ws, err);
    ws->used = mark;
    return status;
}
