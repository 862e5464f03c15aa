/* The ends of a spectrum by Lanczos: see lanczos.h. */
#include "linalg/lanczos.h"

#include <cblas.h>
#include <float.h>
#include <lapacke.h>
#include <math.h>
#include <string.h>

enum { LANCZOS_STEPS = 10 }; /* more: tighter lower bound, more d x d products */

/* y = S x */
static void multiply_vector(double *y, scl_matrix S, const double *x)
{
    cblas_dgemv(CblasColMajor, CblasNoTrans, (blasint)S.rows, (blasint)S.cols, 1.0, S.data, (blasint)S.ld, x, 1, 0.0, y,
                1);
}

double scl_fixed_noise(uint64_t counter)
{
    uint64_t x = counter * 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return (double)(int64_t)(x ^ (x >> 31)) * 0x1p-63;
}

double scl_length(const double *x, size_t d)
{
    return sqrt(cblas_ddot((blasint)d, x, 1, x, 1));
}

size_t scl_spectrum_ends_workspace(size_t d)
{
    return 3 * scl_arena_need(d);
}

scl_status scl_spectrum_ends(double *low, double *top, scl_matrix S, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, d = S.rows;
    double *v = scl_arena_take(ws, d, err), *before = scl_arena_take(ws, d, err), *w = scl_arena_take(ws, d, err);
    if (!v || !before || !w) return SCL_ERR_INTERNAL;
    double diagonal[LANCZOS_STEPS], off[LANCZOS_STEPS] = {0}, vectors[LANCZOS_STEPS * LANCZOS_STEPS],
                                    work[2 * LANCZOS_STEPS];
    for (size_t i = 0; i < d; i++) v[i] = scl_fixed_noise(i + 1);
    cblas_dscal((blasint)d, 1.0 / scl_length(v, d), v, 1);
    memset(before, 0, d * sizeof(double));
    double beta = 0.0;
    lapack_int steps = 0;
    for (int j = 0; j < LANCZOS_STEPS; j++) {
        multiply_vector(w, S, v);
        diagonal[j] = cblas_ddot((blasint)d, w, 1, v, 1);
        for (size_t i = 0; i < d; i++) w[i] = w[i] - diagonal[j] * v[i] - beta * before[i];
        beta = scl_length(w, d);
        off[j] = beta;
        steps = j + 1;
        if (beta <= 16 * DBL_EPSILON * fabs(diagonal[0])) break; /* an invariant subspace: the Ritz values are exact */
        for (size_t i = 0; i < d; i++) {
            before[i] = v[i];
            v[i] = w[i] / beta;
        }
    }
    ws->used = mark;
    if (LAPACKE_dsteqr_work(LAPACK_COL_MAJOR, 'I', steps, diagonal, off, vectors, steps, work) != 0)
        return scl_error_set(err, SCL_ERR_LAPACK, "eigenvalues of a %d x %d tridiagonal matrix failed", (int)steps,
                             (int)steps);
    *low = diagonal[0] - beta * fabs(vectors[steps - 1]);
    *top = diagonal[steps - 1];
    return SCL_OK;
}
