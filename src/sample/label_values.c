/* Labels, given latents: see label_values.h. */
#include "sample/label_values.h"

#include "random/elementary.h"

/* n_classes u < n_classes, as u <= 1 - 2^-53 is further from 1 than half the spacing of the numbers below n_classes. */
void scl_class_fill(double *out, scl_stream *stream, size_t n, size_t n_classes)
{
    scl_stream_uniforms(out, stream, n);
    for (size_t i = 0; i < n; i++) out[i] = (double)(size_t)((double)n_classes * out[i]);
}

void scl_label_noise(scl_matrix E, const scl_task *task, scl_stream *stream)
{
    size_t count = E.rows * E.cols;
    if (task->kind != SCL_TASK_LOGISTIC) {
        scl_stream_normals(E.data, stream, count);
        return;
    }
    scl_stream_uniforms(E.data, stream, count);
    for (size_t i = 0; i < count; i++) E.data[i] = scl_log(E.data[i]) - scl_log(1.0 - E.data[i]);
}

void scl_label_values(scl_matrix E, const scl_task *task, size_t first, scl_matrix Z)
{
    bool numbers = task->kind == SCL_TASK_REGRESSION;
    for (size_t i = 0; i < E.cols; i++)
        for (size_t s = 0; s < E.rows; s++) {
            double t = 0.0, e = SCL_AT(E, s, i);
            for (size_t k = 0; k < Z.rows; k++) t += SCL_AT(task->w, k, first + s) * SCL_AT(Z, k, i);
            SCL_AT(E, s, i) = numbers ? t + task->label_noise * e : t + task->offset + e > 0.0 ? 1.0 : 0.0;
        }
}
