/* Linear discriminant analysis: see lda_head.h. */
#include "evaluate/lda_head.h"

#include "linalg/linalg.h"

#include <math.h>
#include <string.h>

size_t scl_lda_head_workspace(size_t d, size_t r, size_t n_classes)
{
    return 2 * scl_matrix_need(r, n_classes) + scl_arena_need(n_classes) + scl_matrix_need(r, r) +
           scl_matrix_need(d, r) + scl_arena_need(r) + scl_solve_semidefinite_workspace(r, n_classes);
}

/* P of the class means v (k x K): the scatter of all less that between classes, over the degrees of freedom. */
static scl_status pool(scl_matrix P, double within, scl_matrix v, scl_matrix Q, const scl_labels *labels, scl_arena *ws,
                       scl_error *err)
{
    size_t mark = ws->used, k = Q.cols;
    bool population = isinf(labels->m);
    double all = population ? 1.0 : labels->m, divisor = population ? 1.0 : fmax(1.0, within);
    double *mean = scl_arena_take(ws, k, err);
    scl_matrix SQ;
    if (!mean || scl_matrix_take(&SQ, ws, Q.rows, k, err)) return SCL_ERR_INTERNAL;
    memset(mean, 0, k * sizeof(double));
    for (size_t c = 0; c < v.cols; c++)
        for (size_t i = 0; i < k; i++) mean[i] += labels->counts[c] / all * SCL_AT(v, i, c);
    scl_gemm(SQ, 1.0, SCL_PLAIN, labels->S, SCL_PLAIN, Q, 0.0);
    scl_gemm(P, population ? 1.0 : labels->m - 1.0, SCL_TRANSPOSED, Q, SCL_PLAIN, SQ, 0.0);
    for (size_t c = 0; c < v.cols; c++)
        for (size_t j = 0; j < k; j++)
            for (size_t i = 0; i < k; i++)
                SCL_AT(P, i, j) -= labels->counts[c] * (SCL_AT(v, i, c) - mean[i]) * (SCL_AT(v, j, c) - mean[j]);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < k; i++) SCL_AT(P, i, j) /= divisor;
    ws->used = mark;
    return SCL_OK;
}

scl_status scl_lda_head_fit(scl_lda_head *head, scl_matrix Q, const scl_labels *labels, scl_arena *ws, scl_error *err)
{
    size_t k = Q.cols, K = labels->n_classes, present = 0;
    scl_matrix v, P;
    head->b = scl_arena_take(ws, K, err);
    if (!head->b || scl_matrix_take(&head->a, ws, k, K, err)) return SCL_ERR_INTERNAL;
    size_t mark = ws->used;
    if (scl_matrix_take(&v, ws, k, K, err) || scl_matrix_take(&P, ws, k, k, err)) return SCL_ERR_INTERNAL;
    for (size_t c = 0; c < K; c++) present += labels->counts[c] > 0.0;
    double within = labels->m - (double)present;
    scl_gemm(v, 1.0, SCL_TRANSPOSED, Q, SCL_PLAIN, labels->class_means, 0.0);
    scl_status status = pool(P, within, v, Q, labels, ws, err);
    scl_matrix_copy(head->a, v);
    size_t rank = within < (double)k ? (size_t)within : k;
    if (status == SCL_OK) status = scl_solve_semidefinite(head->a, P, rank, ws, err);
    for (size_t c = 0; c < K; c++) {
        double inner = 0.0;
        for (size_t i = 0; i < k; i++) inner += SCL_AT(head->a, i, c) * SCL_AT(v, i, c);
        head->b[c] = log(labels->counts[c]) - inner / 2.0;
    }
    ws->used = mark;
    return status;
}
