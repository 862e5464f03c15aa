/* First order in 1/n: see first_order.h.
 *
 * (w_j, v_j) eigenpairs of C - H, leading k, m <= r, trailing j > r; a_j = U'v_j; R_k = sum_j v_j v_j'/(w_k - w_j); E the error of S
 * with its diagonal deleted where H is the sample's own. For Cov of x'E y and s'E t, times n,
 *   <x,y; s,t> = (x'Cs)(y'Ct) + (x'Ct)(y'Cs), and with E deleted, less
 *                2 sum_a x_a y_a (Cs)_a (Ct)_a + 2 sum_a s_a t_a (Cx)_a (Cy)_a - 2 (x o y)'(C o C)(s o t),
 * the four terms of theory.md, M(X) written out, are
 *   kappa = sum_km (a_k'a_m) sum_j <v_j,v_k; v_j,v_m> / ((w_k - w_j)(w_m - w_j)) - sum_kl <v_k,y_kl; v_k,y_kl>
 *           - 2 sum_k sum_j <v_k,v_j; v_j,h_k>/(w_k - w_j) + 2 sum_km <v_k,v_m; v_m,y_km>,
 *   y_kl = R_k U e_l, h_k = R_k U a_k, y_km = R_m h_k.
 * H = 0: sum_{k,j} alpha_k t_j/(alpha_k - t_j)^2 (|a_k|^2 - |a_j|^2).
 * H = D: C - H = U N U', so v_k = u_k and R_k = (I - UU')/nu_k^2: sum_k [|P C u_k|^2 + tr(P C) u_k'C u_k]/nu_k^4, P = I - UU'. */
#include "theory/first_order.h"

#include "linalg/linalg.h"
#include "theory/deletion.h"
#include "theory/resolvent.h"

#include <math.h>
#include <string.h>

static const double RANGE = 0.05; /* of spread/(n r), theory.md */

double scl_first_order_value(const scl_first_order *terms, double n)
{
    if (!terms->gap || terms->spread / n > RANGE * (double)terms->r) return NAN;
    return sqrt(fmax(terms->bias2 + terms->kappa / n, 0.0));
}

size_t scl_first_order_workspace(size_t d, size_t r)
{
    size_t dr = scl_matrix_need(d, r), rr = scl_matrix_need(r, r), deletion = scl_deletion_workspace(d, r);
    size_t pca = scl_arena_need(d) + 2 * dr + 2 * rr + scl_spectrum_workspace(d, r);
    return deletion > pca ? deletion : pca;
}

scl_status scl_squared_sines(double *sum, const scl_model *model, scl_matrix V, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used;
    scl_matrix inner, rest;
    if (scl_matrix_take(&inner, ws, model->r, V.cols, err) || scl_matrix_take(&rest, ws, model->d, V.cols, err))
        return SCL_ERR_INTERNAL;
    scl_gemm(inner, 1.0, SCL_TRANSPOSED, model->U, SCL_PLAIN, V, 0.0);
    scl_matrix_copy(rest, V);
    scl_gemm(rest, -1.0, SCL_PLAIN, model->U, SCL_PLAIN, inner, 1.0);
    *sum = scl_frobenius_squared(rest);
    ws->used = mark;
    return SCL_OK;
}

/* ---- H = 0 ------------------------------------------------------------------------------------------------------- */

static scl_status of_pca(scl_first_order *out, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t d = model->d, r = model->r;
    scl_spectrum M;
    scl_matrix Y, inner;
    double *H = scl_arena_take(ws, d, err);
    if (!H || scl_matrix_take(&Y, ws, d, r, err) || scl_matrix_take(&inner, ws, r, r, err)) return SCL_ERR_INTERNAL;
    memset(H, 0, d * sizeof *H);
    scl_status status = scl_spectrum_new(&M, model, H, ws, err);
    if (status == SCL_OK) status = scl_spectrum_at(&M, 1.0, err);
    out->gap = status == SCL_OK && M.gap;
    if (!out->gap) return status;
    status = scl_squared_sines(&out->bias2, model, M.V, ws, err);
    for (size_t k = 0; status == SCL_OK && k < r; k++) {
        double sums[3], alpha = M.w[k];
        status = scl_spectrum_sums(sums, &M, k, true, err); /* sums[1]: sum_j t_j/(alpha_k - t_j)^2, as q_j = t_j */
        if (status == SCL_OK) status = scl_spectrum_resolve(Y, &M, k, model->U, err);
        if (status != SCL_OK) break;
        scl_matrix a = scl_matrix_columns(inner, 0, 1);
        scl_gemm(a, 1.0, SCL_TRANSPOSED, model->U, SCL_PLAIN, scl_matrix_columns(M.V, k, 1), 0.0);
        double a2 = scl_frobenius_squared(a);
        out->kappa += alpha * (a2 * sums[1] - scl_squared_in_C(model, Y, inner));
        out->spread += alpha * sums[1];
    }
    return status;
}

/* ---- H = D ------------------------------------------------------------------------------------------------------- */

static scl_status of_noise_oracle(scl_first_order *out, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t d = model->d, r = model->r;
    scl_matrix DU, UDU;
    if (scl_matrix_take(&DU, ws, d, r, err) || scl_matrix_take(&UDU, ws, r, r, err)) return SCL_ERR_INTERNAL;
    double trace = 0.0; /* tr P C = tr D - tr U'DU */
    for (size_t a = 0; a < d; a++) trace += model->sigma2[a];
    for (size_t k = 0; k < r; k++)
        for (size_t a = 0; a < d; a++) SCL_AT(DU, a, k) = model->sigma2[a] * SCL_AT(model->U, a, k);
    scl_gemm(UDU, 1.0, SCL_TRANSPOSED, model->U, SCL_PLAIN, DU, 0.0);
    scl_gemm(DU, -1.0, SCL_PLAIN, model->U, SCL_PLAIN, UDU, 1.0); /* P C U = P D U */
    for (size_t k = 0; k < r; k++) trace -= SCL_AT(UDU, k, k);
    for (size_t k = 0; k < r; k++) {
        double nu2 = scl_model_nu(model, k) * scl_model_nu(model, k), q = nu2 + SCL_AT(UDU, k, k);
        out->kappa += (scl_frobenius_squared(scl_matrix_columns(DU, k, 1)) + trace * q) / (nu2 * nu2);
        out->spread += trace * q / (nu2 * nu2);
    }
    out->gap = true;
    return SCL_OK;
}

scl_status scl_first_order_of(scl_first_order *out, const scl_model *model, scl_shift shift, scl_arena *ws,
                              scl_error *err)
{
    size_t mark = ws->used;
    *out = (scl_first_order){.r = model->r, .gap = true};
    if (model->r == model->d) return SCL_OK; /* every frame is the whole space */
    scl_status status = shift == SCL_SHIFT_ZERO    ? of_pca(out, model, ws, err)
                        : shift == SCL_SHIFT_NOISE ? of_noise_oracle(out, model, ws, err)
                                                   : scl_deletion_first_order(out, model, ws, err);
    ws->used = mark;
    return status;
}
