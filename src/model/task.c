/* Downstream tasks: see task.h. */
#include "model/task.h"

#include "linalg/linalg.h"
#include "random/random.h"

#include <math.h>
#include <string.h>

#define SCL_ENTRY_NAME(kind, name, summary)    name,
#define SCL_ENTRY_SUMMARY(kind, name, summary) summary,
const char *const scl_task_names[SCL_N_TASK_KINDS] = {SCL_TASK_LIST(SCL_ENTRY_NAME)};
const char *const scl_task_summaries[SCL_N_TASK_KINDS] = {SCL_TASK_LIST(SCL_ENTRY_SUMMARY)};
const char *const scl_weights_names[SCL_N_WEIGHTS] = {SCL_WEIGHTS_LIST(SCL_ENTRY_NAME)};
const char *const scl_weights_summaries[SCL_N_WEIGHTS] = {SCL_WEIGHTS_LIST(SCL_ENTRY_SUMMARY)};

scl_status scl_task_new(scl_task *task, size_t r, size_t n_tasks, scl_error *err)
{
    *task = (scl_task){0};
    return scl_matrix_new(&task->w, r, n_tasks, err);
}

void scl_task_free(scl_task *task)
{
    scl_matrix_free(&task->w);
    *task = (scl_task){0};
}

size_t scl_task_workspace(size_t r)
{
    return scl_frame_workspace(r, r) + scl_matrix_need(r, r);
}

bool scl_task_random(const scl_task_spec *spec)
{
    bool drawn = spec->weights != SCL_WEIGHTS_AXIS && spec->weights != SCL_WEIGHTS_GIVEN;
    return drawn && scl_task_has_scores(spec->kind);
}

bool scl_task_has_scores(scl_task_kind kind)
{
    return (SCL_TASKS_OF_SCORES & SCL_TASK_BIT(kind)) != 0;
}

scl_status scl_task_kinds(scl_text *text, unsigned kinds, scl_error *err)
{
    scl_status status = SCL_OK;
    bool several = false;
    for (size_t kind = 0; status == SCL_OK && kind < SCL_N_TASK_KINDS; kind++) {
        if (!(kinds & SCL_TASK_BIT(kind))) continue;
        status = scl_text_add(text, err, "%s%s", several ? ", " : "", scl_task_names[kind]);
        several = true;
    }
    return status;
}

size_t scl_task_classes(scl_task_kind kind, size_t r)
{
    if (kind == SCL_TASK_CLASSES) return r + 1;
    return SCL_TASKS_OF_TWO & SCL_TASK_BIT(kind) ? 2 : 0;
}

/* Each column to length 1. */
static scl_status normalise(scl_matrix w, scl_error *err)
{
    for (size_t s = 0; s < w.cols; s++) {
        double *column = w.data + s * w.ld, largest = 0.0, sum = 0.0;
        for (size_t k = 0; k < w.rows; k++) largest = fmax(largest, fabs(column[k]));
        for (size_t k = 0; k < w.rows; k++) {
            column[k] /= largest;
            sum += column[k] * column[k];
        }
        if (!(sum > 0.0)) /* all 0, or one of them no number */
            return scl_error_set(err, SCL_ERR_INPUT, "the weights w of task %zu have no direction", s + 1);
        for (size_t k = 0; k < w.rows; k++) column[k] /= sqrt(sum);
    }
    return SCL_OK;
}

/* Frames of r uniform orthonormal directions, one after another: more tasks leave the first ones alone. */
static scl_status fill_frames(scl_matrix w, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, r = w.rows;
    scl_matrix frame;
    if (scl_matrix_take(&frame, ws, r, r, err)) return SCL_ERR_INTERNAL;
    scl_status status = SCL_OK;
    for (size_t first = 0; status == SCL_OK && first < w.cols; first += r) {
        size_t count = w.cols - first < r ? w.cols - first : r;
        scl_stream_normals(frame.data, stream, r * r);
        status = scl_orthonormalise(frame, ws, err);
        scl_matrix_copy(scl_matrix_columns(w, first, count), scl_matrix_columns(frame, 0, count));
    }
    ws->used = mark;
    return status;
}

static scl_status fill_axis(scl_matrix w, size_t direction, scl_error *err)
{
    if (direction < 1 || direction + w.cols - 1 > w.rows)
        return scl_error_set(err, SCL_ERR_SHAPE, "%zu tasks from direction %zu on go beyond r = %zu", w.cols, direction,
                             w.rows);
    memset(w.data, 0, w.rows * w.cols * sizeof(double));
    for (size_t s = 0; s < w.cols; s++) SCL_AT(w, direction - 1 + s, s) = 1.0;
    return SCL_OK;
}

scl_status scl_task_draw(scl_task *task, const scl_task_spec *spec, size_t r, uint64_t seed, const char *text,
                         uint32_t replicate, scl_arena *ws, scl_error *err)
{
    size_t tasks = spec->n_tasks;
    task->kind = spec->kind;
    task->label_noise = spec->label_noise;
    task->offset = spec->offset;
    if (!scl_task_has_scores(spec->kind)) {
        task->w.rows = task->w.cols = 0;
        return SCL_OK;
    }
    if (scl_task_random(spec) && !text) return scl_error_set(err, SCL_ERR_INTERNAL, "random weights have no draw text");
    if (spec->weights == SCL_WEIGHTS_ORTHOGONAL && tasks > r)
        return scl_error_set(err, SCL_ERR_SHAPE, "%zu tasks cannot be orthogonal in r = %zu dimensions", tasks, r);
    task->w.rows = task->w.ld = r;
    task->w.cols = tasks;
    scl_stream stream = scl_stream_make(seed, SCL_ROLE_TASK, text ? text : "", replicate);
    switch (spec->weights) {
    case SCL_WEIGHTS_ORTHOGONAL:
    case SCL_WEIGHTS_DIVERSE:
        return fill_frames(task->w, &stream, ws, err);
    case SCL_WEIGHTS_AXIS:
        return fill_axis(task->w, spec->direction, err);
    case SCL_WEIGHTS_GIVEN:
        memcpy(task->w.data, spec->given, r * tasks * sizeof(double));
        return normalise(task->w, err);
    default: /* sphere; task by task, so that more tasks leave the first ones alone */
        for (size_t s = 0; s < tasks; s++) scl_stream_normals(task->w.data + s * r, &stream, r);
        return normalise(task->w, err);
    }
}

/* The rows of a Helmert matrix without its constant one, times sqrt(r + 1): row k - 1 is sqrt((r + 1)/(k (k + 1))) times
 * (1, .., 1, -k, 0, .., 0), k ones. */
void scl_simplex(scl_matrix S)
{
    size_t r = S.rows;
    for (size_t c = 0; c <= r; c++)
        for (size_t k = 1; k <= r; k++) {
            double length = sqrt((double)(r + 1) / (double)(k * (k + 1)));
            SCL_AT(S, k - 1, c) = c < k ? length : c == k ? -length * (double)k : 0.0;
        }
}
