/* Samples with labels: what is drawn, by which sampler, and what is population; see sample.h. */
#include "sample/sample.h"

#include "sample/samplers.h"

#include <math.h>

scl_label_sizes scl_sample_label_sizes(const scl_model_spec *spec, scl_sampler sampler, double m)
{
    const scl_task_spec *task = &spec->task;
    if (!(m > 0.0) || task->kind == SCL_TASK_NONE) return (scl_label_sizes){0};
    return (scl_label_sizes){.d = spec->d,
                             .tasks = task->kind == SCL_TASK_CLASSES ? 0 : task->n_tasks,
                             .classes = scl_task_classes(task->kind, spec->r),
                             .kept = sampler == SCL_SAMPLER_DATA && isfinite(m) ? (size_t)m : 0};
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

size_t scl_sample_labelled_workspace(scl_sampler sampler, const scl_model_spec *spec, double n, double m)
{
    size_t d = spec->d, r = spec->r;
    bool classes = spec->task.kind == SCL_TASK_CLASSES, labels = m > 0.0 && spec->task.kind != SCL_TASK_NONE;
    size_t plain = scl_sample_workspace(sampler, d, r, n),
           population = labels && isinf(m) ? scl_matrix_need(r, r + 1) : 0;
    if (classes && isfinite(n))
        plain =
            sampler == SCL_SAMPLER_DATA ? scl_sample_data_workspace(d, r, true) : scl_sample_classes_workspace(spec);
    if (!labels || isinf(m)) return larger(plain, population);
    if (sampler != SCL_SAMPLER_DATA) return larger(plain, scl_label_moments_workspace(spec));
    return scl_label_rows_workspace(d, classes ? 0 : spec->task.n_tasks, classes ? r + 1 : 0) +
           scl_sample_data_workspace(d, r, classes);
}

static scl_status check(const scl_sample *sample, double n, scl_label_plan plan, const scl_model *model, scl_error *err)
{
    const scl_task *task = &model->task;
    const scl_labels *labels = &sample->labels;
    size_t tasks = task->kind == SCL_TASK_CLASSES ? 0 : task->w.cols, classes = scl_task_classes(task->kind, model->r);
    double labelled = plan.m * (double)scl_label_sets(task, plan);
    if (labels->S.rows != model->d || labels->cov_xy.cols != tasks || labels->n_classes != classes)
        return scl_error_set(err, SCL_ERR_SHAPE,
                             "labels of dimension %zu, %zu tasks, %zu classes cannot hold those of %zu, %zu, %zu",
                             labels->S.rows, labels->cov_xy.cols, labels->n_classes, model->d, tasks, classes);
    bool drawn = isfinite(plan.m); /* a population keeps no samples, whatever there is room for */
    if (!(plan.m >= 1.0) || (drawn && labels->X.rows > 0 && (double)labels->X.cols < plan.m))
        return scl_error_set(err, SCL_ERR_SHAPE, "%g labelled samples in labels that keep %zu", plan.m, labels->X.cols);
    if (!plan.apart && isfinite(n) && labelled > n)
        return scl_error_set(err, SCL_ERR_SHAPE, "%.0f labelled samples among %.0f", labelled, n);
    return SCL_OK;
}

static scl_status draw_data(scl_sample *sample, scl_label_plan plan, bool apart, scl_stream *stream,
                            const scl_label_source *source, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    scl_label_rows rows;
    scl_status status = scl_label_rows_take(&rows, &sample->labels, sample->model, plan, source, ws, err);
    if (status != SCL_OK) return status;
    status = apart ? scl_label_rows_apart(&rows, sample->model, ws, err)
                   : scl_sample_from_data(sample, &rows, stream, ws, err);
    ws->used = mark;
    return status;
}

scl_status scl_sample_draw_labelled(scl_sample *sample, scl_sampler sampler, double n, scl_label_plan plan,
                                    const scl_model *model, scl_stream *stream, const scl_label_source *source,
                                    scl_arena *ws, scl_error *err)
{
    bool apart = plan.apart || isinf(n);
    if (!(plan.m > 0.0) || model->task.kind == SCL_TASK_NONE)
        return scl_sample_draw(sample, sampler, n, model, stream, ws, err);
    scl_status status = check(sample, n, plan, model, err);
    if (status == SCL_OK)
        status = apart ? scl_sample_draw(sample, sampler, n, model, stream, ws, err)
                       : scl_sample_begin(sample, n, model, err);
    if (status == SCL_OK && isfinite(plan.m)) status = scl_sample_check(sampler, model, err);
    if (status != SCL_OK) return status;
    scl_labels *labels = &sample->labels;
    labels->m = labels->head_m = plan.m;
    labels->apart = apart;
    if (isinf(plan.m)) return scl_labels_population(labels, model, ws, err);
    if (sampler == SCL_SAMPLER_DATA) return draw_data(sample, plan, apart, stream, source, ws, err);
    return scl_sample_label_moments(sample, plan, apart, stream, source, ws, err);
}
