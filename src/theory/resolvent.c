/* R_i = diag(g) + A diag(psi) A' of a diagonal matrix plus one of low rank: see resolvent.h.
 *
 * y = R_i x is the solution of (z - M) y = x - V mu, V'y = 0, at z = w_i, M = diag(b) + L diag(theta) L'. With p = theta L'y,
 *   y = g o (x + L p - V mu), g = 1/(z - b);   L'y = p/theta;   V'y = 0,
 * so that K (p, -mu) = [L V]'(g o x), K = diag(1/theta, 0) - [L V]' diag(g) [L V], and A diag(psi) A' = g [L V] K^{-1} [L V]' g, psi
 * and A from the eigenpairs of K. The columns of L and V may be of any length: where spikes differ by orders of magnitude it
 * matters. Moving the leading eigenvalues elsewhere by a V diag V' instead cancels against theta: spikes of 100 and 1 lost 8 digits. */
#include "theory/resolvent.h"

#include "linalg/linalg.h"

#include <math.h>

double scl_squared_in_C(const scl_model *model, scl_matrix Y, scl_matrix inner)
{
    double sum = 0.0;
    scl_gemm(inner, 1.0, SCL_TRANSPOSED, model->U, SCL_PLAIN, Y, 0.0);
    for (size_t c = 0; c < Y.cols; c++) {
        for (size_t a = 0; a < Y.rows; a++) sum += model->sigma2[a] * SCL_AT(Y, a, c) * SCL_AT(Y, a, c);
        for (size_t k = 0; k < model->r; k++) {
            double x = scl_model_nu(model, k) * SCL_AT(inner, k, c);
            sum += x * x;
        }
    }
    return sum;
}

size_t scl_resolvent_workspace(size_t d, size_t r)
{
    return scl_arena_need(d) + scl_arena_need(3 * r) + scl_matrix_need(d, 3 * r);
}

scl_status scl_resolvent_of(scl_resolvent *R, const scl_spectrum *M, size_t i, scl_error *err)
{
    double z = M->w[i];
    size_t d = M->V.rows, r = M->V.cols, p = M->s + r, mark;
    scl_matrix gL, K;
    R->g = scl_arena_take(M->ws, d, err);
    R->psi = scl_arena_take(M->ws, p, err);
    if (!R->g || !R->psi || scl_matrix_take(&R->A, M->ws, d, p, err)) return SCL_ERR_INTERNAL;
    mark = M->ws->used;
    if (scl_matrix_take(&gL, M->ws, d, p, err) || scl_matrix_take(&K, M->ws, p, p, err)) return SCL_ERR_INTERNAL;
    for (size_t a = 0; a < d; a++) R->g[a] = 1.0 / (z - M->base[a]);
    scl_matrix Lp = R->A; /* [L V], until A is known */
    scl_matrix_copy(scl_matrix_columns(Lp, 0, M->s), M->L);
    scl_matrix_copy(scl_matrix_columns(Lp, M->s, r), M->V);
    for (size_t k = 0; k < p; k++) { /* columns to the size at which K's diagonal is at most 1 */
        double own = k < M->s ? 1.0 / M->theta[k] : 0.0, size = own;
        for (size_t a = 0; a < d; a++) size += SCL_AT(Lp, a, k) * R->g[a] * SCL_AT(Lp, a, k);
        for (size_t a = 0; a < d; a++) {
            SCL_AT(Lp, a, k) /= sqrt(size);
            SCL_AT(gL, a, k) = R->g[a] * SCL_AT(Lp, a, k);
        }
        R->psi[k] = own / size;
    }
    scl_gemm(K, -1.0, SCL_TRANSPOSED, Lp, SCL_PLAIN, gL, 0.0);
    for (size_t k = 0; k < p; k++) SCL_AT(K, k, k) += R->psi[k];
    scl_status status = scl_small_eigen(K, R->psi, M->ws, err);
    if (status != SCL_OK) return status;
    scl_gemm(Lp, 1.0, SCL_PLAIN, gL, SCL_PLAIN, K, 0.0);
    for (size_t k = 0; k < p; k++) R->psi[k] = 1.0 / R->psi[k];
    M->ws->used = mark;
    return SCL_OK;
}

scl_status scl_resolvent_apply(scl_matrix Y, const scl_resolvent *R, scl_matrix X, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    scl_matrix inner;
    if (scl_matrix_take(&inner, ws, R->A.cols, X.cols, err)) return SCL_ERR_INTERNAL;
    scl_gemm(inner, 1.0, SCL_TRANSPOSED, R->A, SCL_PLAIN, X, 0.0);
    for (size_t k = 0; k < X.cols; k++) {
        for (size_t l = 0; l < R->A.cols; l++) SCL_AT(inner, l, k) *= R->psi[l];
        for (size_t a = 0; a < X.rows; a++) SCL_AT(Y, a, k) = R->g[a] * SCL_AT(X, a, k);
    }
    scl_gemm(Y, 1.0, SCL_PLAIN, R->A, SCL_PLAIN, inner, 1.0);
    ws->used = mark;
    return SCL_OK;
}

/* With C = D + U N U', N = diag(nu_k^2), and R symmetric:
 *   tr C R = tr D R + tr N U'RU,   tr C R^2 = tr D R^2 + tr N (RU)'(RU),
 *   tr C R C R = tr D R D R + 2 tr N (RU)'D(RU) + tr (N U'RU)^2. */
static scl_status sums_of(double sums[3], const scl_spectrum *M, const scl_resolvent *R, bool all, scl_error *err)
{
    const scl_model *model = M->model;
    size_t d = model->d, r = model->r, p = R->A.cols;
    scl_matrix RU, small, DA, P, Q;
    if (scl_matrix_take(&RU, M->ws, d, r, err) || scl_matrix_take(&small, M->ws, r, r, err)) return SCL_ERR_INTERNAL;
    scl_status status = scl_resolvent_apply(RU, R, model->U, M->ws, err);
    if (status != SCL_OK) return status;
    sums[0] = sums[1] = sums[2] = 0.0;
    for (size_t a = 0; a < d; a++) {
        double sigma2 = model->sigma2[a], g = R->g[a], low = 0.0; /* low: the diagonal of A psi A' */
        for (size_t l = 0; l < p; l++) low += SCL_AT(R->A, a, l) * SCL_AT(R->A, a, l) * R->psi[l];
        sums[0] += sigma2 * (g + low);
        sums[1] += sigma2 * g * (g + 2.0 * low);
        sums[2] += sigma2 * sigma2 * g * (g + 2.0 * low);
    }
    scl_gemm(small, 1.0, SCL_TRANSPOSED, model->U, SCL_PLAIN, RU, 0.0);
    for (size_t k = 0; k < r; k++) sums[0] += scl_model_nu(model, k) * scl_model_nu(model, k) * SCL_AT(small, k, k);
    if (!all) return SCL_OK;
    if (scl_matrix_take(&DA, M->ws, d, p, err) || scl_matrix_take(&P, M->ws, p, p, err) ||
        scl_matrix_take(&Q, M->ws, p, p, err))
        return SCL_ERR_INTERNAL;
    for (size_t l = 0; l < p; l++)
        for (size_t a = 0; a < d; a++) SCL_AT(DA, a, l) = model->sigma2[a] * SCL_AT(R->A, a, l);
    scl_gemm(P, 1.0, SCL_TRANSPOSED, R->A, SCL_PLAIN, DA, 0.0);
    scl_gemm(Q, 1.0, SCL_TRANSPOSED, R->A, SCL_PLAIN, R->A, 0.0);
    for (size_t l = 0; l < p; l++)
        for (size_t m = 0; m < p; m++) {
            double weight = R->psi[l] * R->psi[m] * SCL_AT(P, l, m);
            sums[1] += weight * SCL_AT(Q, l, m);
            sums[2] += weight * SCL_AT(P, l, m);
        }
    for (size_t k = 0; k < r; k++) {
        double nu2 = scl_model_nu(model, k) * scl_model_nu(model, k);
        for (size_t a = 0; a < d; a++) {
            double x = SCL_AT(RU, a, k);
            sums[1] += nu2 * x * x;
            sums[2] += 2.0 * nu2 * model->sigma2[a] * x * x;
        }
        for (size_t l = 0; l < r; l++) {
            double x = SCL_AT(small, k, l) * scl_model_nu(model, l);
            sums[2] += nu2 * x * x;
        }
    }
    return SCL_OK;
}

scl_status scl_spectrum_sums(double sums[3], const scl_spectrum *M, size_t i, bool all, scl_error *err)
{
    size_t mark = M->ws->used;
    scl_resolvent R;
    scl_status status = scl_resolvent_of(&R, M, i, err);
    if (status == SCL_OK) status = sums_of(sums, M, &R, all, err);
    M->ws->used = mark;
    return status;
}

scl_status scl_spectrum_resolve(scl_matrix Y, const scl_spectrum *M, size_t i, scl_matrix X, scl_error *err)
{
    size_t mark = M->ws->used;
    scl_resolvent R;
    scl_status status = scl_resolvent_of(&R, M, i, err);
    if (status == SCL_OK) status = scl_resolvent_apply(Y, &R, X, M->ws, err);
    M->ws->used = mark;
    return status;
}
