/* Labelled samples among data: see label_rows.h. */
#include "sample/label_rows.h"

#include "linalg/linalg.h"
#include "sample/label_values.h"

#include <string.h>

size_t scl_label_rows_workspace(size_t d, size_t tasks, size_t n_classes)
{
    size_t f = tasks + 1;
    size_t need = scl_matrix_need(f, f) + scl_matrix_need(d, f) + scl_matrix_need(f, SCL_DATA_BLOCK) +
                  scl_matrix_need(tasks, SCL_DATA_BLOCK);
    return need + scl_arena_need(n_classes) + scl_matrix_need(d, n_classes);
}

static void clear(scl_matrix M)
{
    memset(M.data, 0, M.rows * M.cols * sizeof(double));
}

/* Empties the sums for the set that comes next and finds its stream. */
static scl_status start_set(scl_label_rows *rows, scl_error *err)
{
    scl_label_sums *sums = &rows->sums;
    clear(sums->FF);
    clear(sums->XF);
    if (sums->counts) {
        clear(sums->class_sums);
        memset(sums->counts, 0, sums->class_sums.cols * sizeof(double));
    }
    if (rows->set == 0) clear(rows->labels->S);
    return scl_label_stream(&rows->stream, rows->source, rows->set, err);
}

scl_status scl_label_rows_take(scl_label_rows *rows, scl_labels *labels, const scl_model *model, scl_label_plan plan,
                               const scl_label_source *source, scl_arena *ws, scl_error *err)
{
    const scl_task *task = &model->task;
    size_t d = model->d, tasks = scl_label_tasks(task, plan), f = tasks + 1;
    *rows = (scl_label_rows){.labels = labels,
                             .task = task,
                             .source = source,
                             .m = (size_t)plan.m,
                             .n_sets = scl_label_sets(task, plan),
                             .sums = {.m = plan.m, .tasks = tasks}};
    scl_label_sums *sums = &rows->sums;
    if (scl_matrix_take(&sums->FF, ws, f, f, err) || scl_matrix_take(&sums->XF, ws, d, f, err) ||
        scl_matrix_take(&rows->F, ws, f, SCL_DATA_BLOCK, err) ||
        scl_matrix_take(&rows->E, ws, tasks, SCL_DATA_BLOCK, err))
        return SCL_ERR_INTERNAL;
    if (task->kind == SCL_TASK_CLASSES) {
        sums->counts = scl_arena_take(ws, labels->n_classes, err);
        if (!sums->counts || scl_matrix_take(&sums->class_sums, ws, d, labels->n_classes, err)) return SCL_ERR_INTERNAL;
    }
    return start_set(rows, err);
}

static void add_classes(scl_label_rows *rows, scl_matrix X, const double *class_of)
{
    for (size_t i = 0; i < X.cols; i++) {
        size_t c = (size_t)class_of[i];
        rows->sums.counts[c] += 1.0;
        for (size_t j = 0; j < X.rows; j++) SCL_AT(rows->sums.class_sums, j, c) += SCL_AT(X, j, i);
    }
}

/* Samples of the first set, themselves. */
static void keep(scl_label_rows *rows, scl_matrix X, const double *class_of)
{
    scl_labels *labels = rows->labels;
    scl_syrk(labels->S, 1.0, X, 1.0); /* sum x x' */
    if (labels->X.rows == 0) return;
    scl_matrix_copy(scl_matrix_columns(labels->X, rows->in_set, X.cols), X);
    for (size_t i = 0; i < X.cols; i++) labels->y[rows->in_set + i] = class_of ? class_of[i] : SCL_AT(rows->E, 0, i);
}

static void add_samples(scl_label_rows *rows, scl_matrix Z, scl_matrix X, const double *class_of)
{
    size_t tasks = rows->sums.tasks, first = rows->set; /* one task to a set, or all in set 0 */
    scl_matrix F = rows->F;
    F.cols = rows->E.cols = X.cols;
    if (tasks > 0) {
        scl_label_noise(rows->E, rows->task, &rows->stream);
        scl_label_values(rows->E, rows->task, first, Z);
    }
    for (size_t i = 0; i < X.cols; i++) {
        if (tasks > 0) memcpy(&SCL_AT(F, 0, i), &SCL_AT(rows->E, 0, i), tasks * sizeof(double));
        SCL_AT(F, tasks, i) = 1.0;
    }
    scl_syrk(rows->sums.FF, 1.0, F, 1.0);
    scl_gemm(rows->sums.XF, 1.0, SCL_PLAIN, X, SCL_TRANSPOSED, F, 1.0);
    if (class_of) add_classes(rows, X, class_of);
    if (rows->set == 0) keep(rows, X, class_of);
}

scl_status scl_label_rows_add(scl_label_rows *rows, const scl_data_block *block, scl_error *err)
{
    for (size_t at = 0; at < block->X.cols && rows->set < rows->n_sets;) {
        size_t left = block->X.cols - at, missing = rows->m - rows->in_set, count = left < missing ? left : missing;
        add_samples(rows, scl_matrix_columns(block->Z, at, count), scl_matrix_columns(block->X, at, count),
                    block->class_of ? block->class_of + at : NULL);
        at += count;
        rows->in_set += count;
        if (rows->in_set < rows->m) continue;
        scl_label_moments(rows->labels, rows->set, rows->set, &rows->sums);
        rows->set++;
        rows->in_set = 0;
        scl_status status = rows->set < rows->n_sets ? start_set(rows, err) : SCL_OK;
        if (status != SCL_OK) return status;
    }
    return SCL_OK;
}

scl_status scl_label_rows_apart(scl_label_rows *rows, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    scl_data_block block;
    if (scl_data_block_take(&block, model, ws, err)) return SCL_ERR_INTERNAL;
    while (rows->set < rows->n_sets) {
        size_t missing = rows->m - rows->in_set;
        scl_data_block_draw(&block, missing < SCL_DATA_BLOCK ? missing : SCL_DATA_BLOCK, &rows->stream);
        scl_status status = scl_label_rows_add(rows, &block, err);
        if (status != SCL_OK) return status;
    }
    ws->used = mark;
    return SCL_OK;
}
