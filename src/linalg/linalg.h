/* Linear algebra: thin BLAS and LAPACKE on matrix views, leading eigenpairs, orthonormal frames.
 *
 * All matrices are column-major; "symmetric" means that both triangles are filled. Work arrays come from the caller's
 * arena, sized by the *_workspace functions (in doubles); nothing allocates. */
#ifndef SCL_LINALG_LINALG_H
#define SCL_LINALG_LINALG_H

#include "base/error.h"
#include "base/memory.h"
#include "linalg/matrix.h"

#include <stdbool.h>

/* ---- blas.c ------------------------------------------------------------------------------------------------------ */

typedef enum scl_transpose { SCL_PLAIN, SCL_TRANSPOSED } scl_transpose;

/* C = alpha op(A) op(B) + beta C. Shapes must fit (asserted). */
void scl_gemm(scl_matrix C, double alpha, scl_transpose op_a, scl_matrix A, scl_transpose op_b, scl_matrix B,
              double beta);

/* C = alpha A A' + beta C, both triangles of C written. beta C is read from the lower triangle. */
void scl_syrk(scl_matrix C, double alpha, scl_matrix A, double beta);

/* C += A B' + B A', only the lower triangle of C. */
void scl_syr2k_lower(scl_matrix C, scl_matrix A, scl_matrix B);

/* Copies the lower triangle onto the upper one. */
void scl_symmetrise(scl_matrix C);

/* Sum of squares of all entries (of order one here: no scaling against overflow). */
double scl_frobenius_squared(scl_matrix A);

/* Must be called once before any other function, by the process: one BLAS thread per worker. */
void scl_blas_start(void);

/* The linked BLAS's own description ("OpenBLAS 0.3.21 ... Haswell ...") and the name of its kernel; what they point to
 * lives as long as the process. */
const char *scl_blas_config(void);
const char *scl_blas_kernel(void);
int scl_blas_threads(void);

/* ---- frames.c ---------------------------------------------------------------------------------------------------- */

/* Doubles that scl_orthonormalise and scl_polar use on a d x k matrix. */
size_t scl_frame_workspace(size_t d, size_t k);

/* A (d x k, k <= d, full rank) becomes Q of its QR decomposition with a positive diagonal of R: a matrix of independent
 * normals becomes Haar distributed. Source: Mezzadri, Notices of the AMS 54 (2007). SCL_ERR_LAPACK. */
scl_status scl_orthonormalise(scl_matrix A, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* A (d x k, k <= d, full rank) becomes its orthonormal polar factor A (A'A)^{-1/2}. SCL_ERR_LAPACK. */
scl_status scl_polar(scl_matrix A, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* Turns each column so that its entry of largest modulus is positive. */
void scl_fix_signs(scl_matrix V);

/* Principal angles between span U and span Q (both d x k, orthonormal). Their sines are the singular values of
 * (I - U U') Q, which is exact for small angles where 1 - cos^2 is not.
 *   out  frobenius  ||sinTheta||_F, in [0, sqrt k]
 *   out  largest    ||sinTheta||_2, in [0, 1]; NULL when not wanted */
size_t scl_sines_workspace(size_t d, size_t k);
scl_status scl_sines(double *frobenius, double *largest, scl_matrix U, scl_matrix Q, scl_arena *ws,
                     scl_error *err) SCL_CHECKED;

/* ---- small_eigen.c ----------------------------------------------------------------------------------------------- */

/* All eigenpairs of a small symmetric k x k matrix, whose lower triangle is read: G becomes its eigenvectors, values are
 * ascending. SCL_ERR_LAPACK. */
size_t scl_small_eigen_workspace(size_t k);
scl_status scl_small_eigen(scl_matrix G, double *values, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* ||A||_2 of a symmetric d x d matrix, whose lower triangle is read and destroyed. SCL_ERR_LAPACK. O(d^3). */
size_t scl_spectral_norm_workspace(size_t d);
scl_status scl_spectral_norm(double *norm, scl_matrix A, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* ---- semidefinite.c ---------------------------------------------------------------------------------------------- */

/* The X of least norm that solves G X = H as far as it can be solved: X = G^+ H, by Cholesky where G is regular beyond rounding.
 *   inout H     d x k: becomes X
 *   inout G     d x d, symmetric positive semidefinite, both triangles; destroyed
 *   in    rank  the most that G's rank can be; beyond it eigenvalues are rounding
 *   returns SCL_OK, SCL_ERR_LAPACK; O(d^3) */
size_t scl_solve_semidefinite_workspace(size_t d, size_t k);
scl_status scl_solve_semidefinite(scl_matrix H, scl_matrix G, size_t rank, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* ---- leading.c --------------------------------------------------------------------------------------------------- */

typedef struct scl_leading_info {
    int products;    /* block products with S; 0 when LAPACK did it all */
    double residual; /* max_i ||S v_i - w_i v_i|| / max_i |w_i| */
    bool lapack;     /* LAPACK did it: asked for, small, or no convergence by blocks */
} scl_leading_info;

/* Tolerance that sends the problem straight to LAPACK's full accuracy. */
#define SCL_LEADING_EXACT 0.0

size_t scl_leading_workspace(size_t d, size_t k);

/* Top-k eigenpairs of a symmetric matrix, algebraically largest first.
 *   out  values     k, descending
 *   out  vectors    d x k, orthonormal; the entry of largest modulus in each is positive
 *   out  info       how it went
 *   in   S          d x d, symmetric, not modified
 *   in   tolerance  of max_i ||S v_i - w_i v_i|| / |w_k|, e.g. 1e-8, as far as rounding (eps sqrt(d) max_i |w_i|) allows;
 *                   SCL_LEADING_EXACT for LAPACK
 *   returns SCL_OK, SCL_ERR_SHAPE, SCL_ERR_LAPACK
 *   cost O(d^2 k) per block product */
scl_status scl_leading(double *values, scl_matrix vectors, scl_leading_info *info, scl_matrix S, double tolerance,
                       scl_arena *ws, scl_error *err) SCL_CHECKED;

/* What one call of scl_leading_from leaves for the next, on a matrix that has moved little. Begin with V alone and zeros. */
typedef struct scl_leading_start {
    scl_matrix V;  /* d x scl_leading_block(d, k) or wider: approximate leading eigenvectors, and guards */
    double low;    /* about the smallest eigenvalue; lower it by ||S - S_before||_2 before the next call (Weyl) */
    bool warm;     /* V and low are filled */
    bool hopeless; /* blocks gave up once: the gap is too small, LAPACK does the rest */
} scl_leading_start;

/* Columns of the block that iterates for k pairs; 0 where LAPACK is as fast. */
size_t scl_leading_block(size_t d, size_t k);

/* scl_leading from a warm start, to the same tolerance; NULL or a cold start give the bits of scl_leading.
 * Residuals are verified, but that no larger eigenvalue was missed rests on the start, as it rests on the noise of a cold one: an
 * eigenvector outside its block has to grow from rounding. So warm it from nearby matrices alone.
 *   inout from  see scl_leading_start */
scl_status scl_leading_from(double *values, scl_matrix vectors, scl_leading_info *info, scl_matrix S, double tolerance,
                            scl_leading_start *from, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* ---- modulus.c --------------------------------------------------------------------------------------------------- */

size_t scl_modulus_workspace(size_t d, size_t k);

/* The k eigenpairs of largest modulus of a symmetric matrix.
 *   out   values, vectors, info, in S, tolerance  as of scl_leading: values descend algebraically
 *   inout from  a warm start as of scl_leading_from, or NULL
 *   ws    scl_modulus_workspace(d, k)
 *   returns SCL_OK, SCL_ERR_SHAPE, SCL_ERR_LAPACK
 *   cost  where the k leading pairs are the ones, that of scl_leading_from and d^3/3; else that of all pairs by LAPACK */
scl_status scl_modulus(double *values, scl_matrix vectors, scl_leading_info *info, scl_matrix S, double tolerance,
                       scl_leading_start *from, scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
