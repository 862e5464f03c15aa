/* Thin BLAS: see linalg.h. */
#include "linalg/linalg.h"

#include <assert.h>
#include <cblas.h>
#include <stdlib.h>

void scl_gemm(scl_matrix C, double alpha, scl_transpose op_a, scl_matrix A, scl_transpose op_b, scl_matrix B,
              double beta)
{
    size_t inner = op_a == SCL_PLAIN ? A.cols : A.rows;
    assert(C.rows == (op_a == SCL_PLAIN ? A.rows : A.cols) && C.cols == (op_b == SCL_PLAIN ? B.cols : B.rows));
    assert(inner == (op_b == SCL_PLAIN ? B.rows : B.cols));
    cblas_dgemm(CblasColMajor, op_a == SCL_PLAIN ? CblasNoTrans : CblasTrans,
                op_b == SCL_PLAIN ? CblasNoTrans : CblasTrans, (blasint)C.rows, (blasint)C.cols, (blasint)inner, alpha,
                A.data, (blasint)A.ld, B.data, (blasint)B.ld, beta, C.data, (blasint)C.ld);
}

void scl_syrk(scl_matrix C, double alpha, scl_matrix A, double beta)
{
    assert(C.rows == A.rows && C.cols == A.rows);
    cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, (blasint)A.rows, (blasint)A.cols, alpha, A.data, (blasint)A.ld,
                beta, C.data, (blasint)C.ld);
    scl_symmetrise(C);
}

void scl_syr2k_lower(scl_matrix C, scl_matrix A, scl_matrix B)
{
    assert(C.rows == A.rows && C.cols == A.rows && B.rows == A.rows && B.cols == A.cols);
    cblas_dsyr2k(CblasColMajor, CblasLower, CblasNoTrans, (blasint)A.rows, (blasint)A.cols, 1.0, A.data, (blasint)A.ld,
                 B.data, (blasint)B.ld, 1.0, C.data, (blasint)C.ld);
}

void scl_symmetrise(scl_matrix C)
{
    /* In tiles, so that neither the reads nor the strided writes leave the cache. */
    enum { TILE = 32 };
    size_t d = C.rows;
    for (size_t j0 = 0; j0 < d; j0 += TILE) {
        size_t j1 = j0 + TILE < d ? j0 + TILE : d;
        for (size_t i0 = j0; i0 < d; i0 += TILE) {
            size_t i1 = i0 + TILE < d ? i0 + TILE : d;
            for (size_t j = j0; j < j1; j++)
                for (size_t i = i0 > j ? i0 : j + 1; i < i1; i++) SCL_AT(C, j, i) = SCL_AT(C, i, j);
        }
    }
}

double scl_frobenius_squared(scl_matrix A)
{
    double sum = 0.0;
    for (size_t j = 0; j < A.cols; j++) {
        const double *column = A.data + j * A.ld;
        for (size_t i = 0; i < A.rows; i++) sum += column[i] * column[i];
    }
    return sum;
}

void scl_blas_start(void)
{
    /* By environment for what starts later, by call for what is loaded: results of dgemm and of eigen-solvers depend on
     * the number of threads. */
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    openblas_set_num_threads(1);
}

const char *scl_blas_config(void)
{
    return openblas_get_config();
}

const char *scl_blas_kernel(void)
{
    return openblas_get_corename();
}

int scl_blas_threads(void)
{
    return openblas_get_num_threads();
}
