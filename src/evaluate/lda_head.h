/* Linear discriminant analysis of the first task's classes on the features f = Q'x of the labelled samples.
 *
 *   says the class c of the largest a_c'f + b_c,  a_c = P^+ v_c,  b_c = log n_c - v_c'P^+ v_c/2
 *   v_c, n_c  mean and number of class c; a class without samples has b = -INFINITY
 *   P         covariance pooled within classes, divisor m less the classes with samples; P^+ because few samples make it singular.
 * Of a population of labels: the rule that infinitely many samples end at. Source: Fisher (1936); docs/theory.md, section 5. */
#ifndef SCL_EVALUATE_LDA_HEAD_H
#define SCL_EVALUATE_LDA_HEAD_H

#include "sample/labels.h"

typedef struct scl_lda_head {
    scl_matrix a; /* k x K */
    double *b;    /* K */
} scl_lda_head;

/* Fits a head; its arrays are taken from the arena, and stay there.
 *   in  Q       d x k, k <= r
 *   in  labels  m > 0, K >= 2 classes
 *   ws  scl_lda_head_workspace(d, r, K)
 *   returns SCL_OK, SCL_ERR_LAPACK */
size_t scl_lda_head_workspace(size_t d, size_t r, size_t n_classes);
scl_status scl_lda_head_fit(scl_lda_head *head, scl_matrix Q, const scl_labels *labels, scl_arena *ws,
                            scl_error *err) SCL_CHECKED;

#endif
