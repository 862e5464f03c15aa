/* Leading eigenpairs by LAPACK: see leading_dense.h. */
#include "linalg/leading_dense.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

/* Bound on LAPACK's block size, for work lengths: dsyevr needs (nb + 6) d, at least 26 d. */
enum { LAPACK_BLOCK = 40 };

size_t scl_leading_dense_workspace(size_t d, size_t k)
{
    size_t work = (LAPACK_BLOCK + 6) * d;
    size_t integers = (10 * d + 2 * k) * sizeof(lapack_int) / sizeof(double) + 2;
    return scl_matrix_need(d, d) + scl_arena_need(d) + scl_arena_need(work) + scl_arena_need(integers) +
           scl_matrix_need(d, k) + scl_arena_need(d);
}

/* The k leading eigenpairs by LAPACK in ascending order: columns `first`.. of *Z, values `first`.. of `all`. dsyevr on the
 * indices d - k + 1 .. d; its method of representations fails on rare matrices (seen: a 200 x 200 one with
 * 102 equal eigenvalues, scaled by 1e-8), and then dsyev's QR iteration finds all pairs, in place in A. */
static lapack_int lapack_pairs(double *all, scl_matrix *Z, size_t *first, scl_matrix A, scl_matrix S, double *work,
                               size_t work_size, lapack_int *iwork)
{
    lapack_int n = (lapack_int)S.rows, k = (lapack_int)Z->cols, found = 0, *support = iwork + 10 * n;
    *first = 0;
    scl_matrix_copy(A, S);
    lapack_int failure =
        LAPACKE_dsyevr_work(LAPACK_COL_MAJOR, 'V', 'I', 'L', n, A.data, n, 0.0, 0.0, n - k + 1, n, 0.0, &found, all,
                            Z->data, n, support, work, (lapack_int)work_size, iwork, 10 * n);
    if (failure == 0 && found == k) return 0;
    *first = S.rows - Z->cols;
    *Z = A;
    scl_matrix_copy(A, S);
    return LAPACKE_dsyev_work(LAPACK_COL_MAJOR, 'V', 'L', n, A.data, n, all, work, (lapack_int)work_size);
}

scl_status scl_leading_dense(double *values, scl_matrix vectors, double *residual, scl_matrix S, scl_arena *ws,
                             scl_error *err)
{
    size_t mark = ws->used, d = S.rows, k = vectors.cols, work_size = (LAPACK_BLOCK + 6) * d, first = 0;
    size_t integer_doubles = (10 * d + 2 * k) * sizeof(lapack_int) / sizeof(double) + 2;
    scl_matrix A, Z;
    double *all = scl_arena_take(ws, d, err), *work = scl_arena_take(ws, work_size, err);
    double *integers = scl_arena_take(ws, integer_doubles, err), *product = scl_arena_take(ws, d, err);
    if (!all || !work || !integers || !product || scl_matrix_take(&A, ws, d, d, err) ||
        scl_matrix_take(&Z, ws, d, k, err))
        return SCL_ERR_INTERNAL;
    lapack_int failure = lapack_pairs(all, &Z, &first, A, S, work, work_size, (lapack_int *)(void *)integers);
    if (failure)
        return scl_error_set(err, SCL_ERR_LAPACK, "the %zu leading eigenpairs of a %zu x %zu matrix failed (%d)", k, d,
                             d, (int)failure);
    double largest = 0.0, size = fmax(fabs(all[first]), fabs(all[first + k - 1]));
    for (size_t j = 0; j < k; j++) {
        size_t place = first + k - 1 - j;
        const double *z = Z.data + place * Z.ld;
        values[j] = all[place];
        memcpy(vectors.data + j * vectors.ld, z, d * sizeof(double));
        cblas_dgemv(CblasColMajor, CblasNoTrans, (blasint)d, (blasint)d, 1.0, S.data, (blasint)S.ld, z, 1, 0.0, product,
                    1);
        cblas_daxpy((blasint)d, -values[j], z, 1, product, 1);
        largest = fmax(largest, cblas_dnrm2((blasint)d, product, 1)); /* ||S z - value z|| */
    }
    *residual = size > 0.0 ? largest / size : 0.0;
    ws->used = mark;
    return SCL_OK;
}
