/* Sums over a labelled set: see label_sums.h. Divisor m - 1, zeros where m = 1 and of a class without samples.
 *
 * E x = 0 and labels are of order one, so that sums of products lose no digits to the means; labels that are all equal have variance
 * 0 exactly, and then so has their covariance with x. */
#include "sample/label_sums.h"

#include "sample/data_block.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

size_t scl_label_tasks(const scl_task *task, scl_label_plan plan)
{
    return task->kind == SCL_TASK_CLASSES ? 0 : plan.shared ? task->w.cols : 1;
}

size_t scl_label_sets(const scl_task *task, scl_label_plan plan)
{
    return task->kind == SCL_TASK_CLASSES || plan.shared ? 1 : task->w.cols;
}

scl_status scl_label_stream(scl_stream *stream, const scl_label_source *source, size_t set, scl_error *err)
{
    char text[SCL_LABEL_TEXT];
    int length = snprintf(text, sizeof text, "set=%zu\n%s", set + 1, source->text);
    if (length < 0 || (size_t)length >= sizeof text)
        return scl_error_set(err, SCL_ERR_INTERNAL, "the draw text of labels has %d characters, need fewer than %d",
                             length, SCL_LABEL_TEXT);
    *stream = scl_stream_make(source->seed, source->role, text, source->replicate);
    return SCL_OK;
}

/* mean_y, var_y and Cov(x, y) of row s of F, which is task `task`. */
static void fill_task(scl_labels *labels, size_t task, size_t s, const scl_label_sums *sums)
{
    double m = sums->m, sum = SCL_AT(sums->FF, s, sums->tasks), k = m - 1.0;
    const double *x = sums->XF.data + sums->tasks * sums->XF.ld, *xy = sums->XF.data + s * sums->XF.ld;
    double var = k > 0.0 ? fmax(0.0, (SCL_AT(sums->FF, s, s) - sum * (sum / m)) / k) : 0.0;
    labels->mean_y[task] = sum / m;
    labels->var_y[task] = var;
    for (size_t j = 0; j < labels->cov_xy.rows; j++)
        SCL_AT(labels->cov_xy, j, task) = var > 0.0 ? (xy[j] - x[j] * (sum / m)) / k : 0.0;
}

/* Of two classes, those with y = 1 and all the others. */
static void fill_two_classes(scl_labels *labels, const scl_label_sums *sums)
{
    double ones = SCL_AT(sums->FF, 0, sums->tasks), zeros = sums->m - ones;
    labels->counts[0] = zeros;
    labels->counts[1] = ones;
    for (size_t j = 0; j < labels->class_means.rows; j++) {
        double x = SCL_AT(sums->XF, j, sums->tasks), of_ones = SCL_AT(sums->XF, j, 0);
        SCL_AT(labels->class_means, j, 0) = zeros > 0.0 ? (x - of_ones) / zeros : 0.0;
        SCL_AT(labels->class_means, j, 1) = ones > 0.0 ? of_ones / ones : 0.0;
    }
}

static void fill_classes(scl_labels *labels, const scl_label_sums *sums)
{
    for (size_t c = 0; c < labels->n_classes; c++) {
        labels->counts[c] = sums->counts[c];
        for (size_t j = 0; j < labels->class_means.rows; j++)
            SCL_AT(labels->class_means, j, c) =
                sums->counts[c] > 0.0 ? SCL_AT(sums->class_sums, j, c) / sums->counts[c] : 0.0;
    }
}

void scl_label_moments(scl_labels *labels, size_t set, size_t first, const scl_label_sums *sums)
{
    for (size_t s = 0; s < sums->tasks; s++) fill_task(labels, first + s, s, sums);
    if (set > 0) return;
    for (size_t j = 0; j < labels->S.rows; j++) labels->mean[j] = SCL_AT(sums->XF, j, sums->tasks) / sums->m;
    scl_centre_products(labels->S, labels->mean, sums->m);
    if (sums->counts) {
        fill_classes(labels, sums);
        labels->mean_y[0] = labels->var_y[0] = 0.0;
    } else if (labels->n_classes == 2) {
        fill_two_classes(labels, sums);
    }
}
