/* Sums over one labelled set, and the moments that labels hold.
 *
 *   F = [y_1; ..; y_T'; 1; ..]   one column a sample: the labels of the tasks that are labelled in this set, a one; rows below are not read
 */
#ifndef SCL_SAMPLE_LABEL_SUMS_H
#define SCL_SAMPLE_LABEL_SUMS_H

#include "sample/labels.h"
#include "sample/sample.h"

typedef struct scl_label_sums {
    double m;
    size_t tasks;          /* T'; 0 with kind classes */
    scl_matrix FF;         /* F F' */
    scl_matrix XF;         /* d x .., X F' */
    double *counts;        /* K samples of each class, kind classes alone; else NULL */
    scl_matrix class_sums; /* d x K, sum of x in each class, kind classes alone */
} scl_label_sums;

/* Fills the moments of a set. Of the first (set 0) labels->S must hold sum x x', in both triangles.
 *   in  first  the task of the first row of F */
void scl_label_moments(scl_labels *labels, size_t set, size_t first, const scl_label_sums *sums);

/* Number of labelled sets, and tasks in each; kind classes: one set, no task. */
size_t scl_label_sets(const scl_task *task, scl_label_plan plan);
size_t scl_label_tasks(const scl_task *task, scl_label_plan plan);

/* The stream of a set, counted from 0: role and replicate of the source, its text behind a line that numbers the set from 1.
 * SCL_ERR_INTERNAL: a text of SCL_LABEL_TEXT characters or more. */
enum { SCL_LABEL_TEXT = 16384 };
scl_status scl_label_stream(scl_stream *stream, const scl_label_source *source, size_t set, scl_error *err) SCL_CHECKED;

#endif
