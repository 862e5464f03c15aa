/* Labels, given latents: one block of samples at a time. Only + - * / and this project's own logarithm, so that the bits are the
 * same everywhere. */
#ifndef SCL_SAMPLE_LABEL_VALUES_H
#define SCL_SAMPLE_LABEL_VALUES_H

#include "linalg/matrix.h"
#include "model/task.h"
#include "random/random.h"

/* Classes 0..n_classes - 1, equally likely: floor(n_classes u), u one uniform each. */
void scl_class_fill(double *out, scl_stream *stream, size_t n, size_t n_classes);

/* What is random in labels beside the latents: e of regression and probit normal, of logistic log(u/(1 - u)), u uniform, one for each
 * sample and task, the tasks of a sample one after another.
 *   out  E  T' x m, ld = T', T' tasks of one labelled set; not for kind classes */
void scl_label_noise(scl_matrix E, const scl_task *task, scl_stream *stream);

/* E becomes the labels: t + label_noise e of regression, else 1 where t + offset + e > 0 and 0 elsewhere.
 *   in  first  the task of E's first row
 *   in  Z      r x m, latents of variance 1 */
void scl_label_values(scl_matrix E, const scl_task *task, size_t first, scl_matrix Z);

#endif
