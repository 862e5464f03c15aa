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

typedef struct dense {
    scl_matrix A, Z;       /* d x d; d x m: the m leading eigenvectors */
    double *all, *product; /* d each; all: their eigenvalues */
    size_t first;          /* of the m in Z and all, ascending */
} dense;

/* The m leading pairs of S. */
static scl_status dense_solve(dense *D, scl_matrix S, size_t m, scl_arena *ws, scl_error *err)
{
    size_t d = S.rows, work_size = (LAPACK_BLOCK + 6) * d;
    size_t integer_doubles = (10 * d + 2 * m) * sizeof(lapack_int) / sizeof(double) + 2;
    double *work, *integers;
    D->all = scl_arena_take(ws, d, err);
    work = scl_arena_take(ws, work_size, err);
    integers = scl_arena_take(ws, integer_doubles, err);
    D->product = scl_arena_take(ws, d, err);
    if (!D->all || !work || !integers || !D->product || scl_matrix_take(&D->A, ws, d, d, err) ||
        scl_matrix_take(&D->Z, ws, d, m, err))
        return SCL_ERR_INTERNAL;
    lapack_int failure =
        lapack_pairs(D->all, &D->Z, &D->first, D->A, S, work, work_size, (lapack_int *)(void *)integers);
    if (failure)
        return scl_error_set(err, SCL_ERR_LAPACK, "the %zu leading eigenpairs of a %zu x %zu matrix failed (%d)", m, d,
                             d, (int)failure);
    return SCL_OK;
}

/* Copies the pair at `place` of D to column j; returns ||S z - value z||. */
static double take_pair(double *values, scl_matrix vectors, size_t j, const dense *D, size_t place, scl_matrix S)
{
    blasint d = (blasint)S.rows;
    const double *z = D->Z.data + place * D->Z.ld;
    values[j] = D->all[place];
    memcpy(vectors.data + j * vectors.ld, z, S.rows * sizeof(double));
    cblas_dgemv(CblasColMajor, CblasNoTrans, d, d, 1.0, S.data, (blasint)S.ld, z, 1, 0.0, D->product, 1);
    cblas_daxpy(d, -values[j], z, 1, D->product, 1);
    return cblas_dnrm2(d, D->product, 1);
}

scl_status scl_leading_dense(double *values, scl_matrix vectors, double *residual, scl_matrix S, scl_arena *ws,
                             scl_error *err)
{
    size_t mark = ws->used, k = vectors.cols;
    dense D;
    scl_status status = dense_solve(&D, S, k, ws, err);
    if (status != SCL_OK) return status;
    double largest = 0.0;
    for (size_t j = 0; j < k; j++) largest = fmax(largest, take_pair(values, vectors, j, &D, D.first + k - 1 - j, S));
    double size = fmax(fabs(values[0]), fabs(values[k - 1]));
    *residual = size > 0.0 ? largest / size : 0.0;
    ws->used = mark;
    return SCL_OK;
}

size_t scl_modulus_dense_workspace(size_t d)
{
    return scl_leading_dense_workspace(d, d);
}

scl_status scl_modulus_dense(double *values, scl_matrix vectors, double *residual, scl_leading_start *from,
                             scl_matrix S, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = S.rows, k = vectors.cols, top = 0, bottom = 0;
    dense D;
    scl_status status = dense_solve(&D, S, d, ws, err);
    if (status != SCL_OK) return status;
    const double *ascending = D.all + D.first;
    while (top + bottom < k) /* the next from above or from below */
        if (ascending[d - 1 - top] >= -ascending[bottom])
            top++;
        else
            bottom++;
    double largest = 0.0;
    for (size_t j = 0; j < k; j++) {
        size_t place = j < top ? d - 1 - j : k - 1 - j;
        largest = fmax(largest, take_pair(values, vectors, j, &D, D.first + place, S));
    }
    double size = fmax(fabs(values[0]), fabs(values[k - 1]));
    *residual = size > 0.0 ? largest / size : 0.0;
    if (from) {
        for (size_t j = 0; j < from->V.cols; j++)
            memcpy(from->V.data + j * from->V.ld, D.Z.data + (D.first + d - 1 - j) * D.Z.ld, d * sizeof(double));
        from->low = ascending[0];
        from->warm = true;
    }
    ws->used = mark;
    return SCL_OK;
}
