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
#include "theory/spectrum.h"

#include <math.h>
#include <string.h>

static const double RANGE = 0.05; /* of spread/(n r), theory.md */
/* Eigenvalues this near, relative to the largest, are no two. */
static const double APART = 1e-11;

double scl_first_order_value(const scl_first_order *terms, double n)
{
    if (!terms->gap || terms->spread / n > RANGE * (double)terms->r) return NAN;
    return sqrt(fmax(terms->bias2 + terms->kappa / n, 0.0));
}

static size_t pairs(size_t r)
{
    return r * (r + 1) / 2;
}

size_t scl_first_order_workspace(size_t d, size_t r)
{
    size_t m = pairs(r), dr = scl_matrix_need(d, r), rr = scl_matrix_need(r, r);
    size_t kept = 3 * scl_arena_need(d) + scl_matrix_need(d, m) + scl_matrix_need(d, d) + 2 * dr +
                  2 * scl_matrix_need(d, 2 * r) + scl_matrix_need(r, 2 * r);
    size_t decomposing = scl_matrix_need(d, d) + scl_leading_workspace(d, d);
    size_t single = 3 * scl_arena_need(d) + 2 * dr + rr;
    size_t summing = scl_arena_need(d) + 2 * scl_matrix_need(d, 2 * r) + scl_matrix_need(m, 2 * r) +
                     3 * scl_matrix_need(2 * r, 2 * r) + scl_matrix_need(2 * r, 1) + 2 * rr;
    size_t most = decomposing > single ? decomposing : single;
    size_t deletion = kept + (most > summing ? most : summing);
    size_t pca = scl_arena_need(d) + 2 * dr + 2 * rr + scl_spectrum_workspace(d, r);
    return deletion > pca ? deletion : pca;
}

/* ||(I - UU')V||_F^2 for d x r frames: exact where it is small. */
static scl_status squared_sines(double *sum, const scl_model *model, scl_matrix V, scl_arena *ws, scl_error *err)
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
    status = squared_sines(&out->bias2, model, M.V, ws, err);
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

/* ---- H = diag C, the diagonal of S deleted ----------------------------------------------------------------------- */

/* A vector with its image: x and C x. */
typedef struct imaged {
    const double *x, *Cx;
} imaged;

typedef struct deletion {
    const scl_model *model;
    scl_matrix W;      /* d x r(r+1)/2: (C o C)_ab = sum_c W_ac W_bc for a != b, */
    double *own;       /* ... and that sum + own_a for a = b */
    scl_matrix all;    /* d x d eigenvectors of C - diag C, leading first; */
    double *w;         /* their values */
    scl_matrix A;      /* d x r: rows a_j = v_j'U */
    scl_matrix Y, CY;  /* d x 2r: v_1 .. v_r, h_1 .. h_r, and their images under C */
    scl_matrix solved; /* d x r: one R_k U */
} deletion;

/* C Y for d x c. */
static void times_C(scl_matrix CY, const scl_model *model, scl_matrix Y, scl_matrix inner)
{
    inner.cols = Y.cols;
    scl_gemm(inner, 1.0, SCL_TRANSPOSED, model->U, SCL_PLAIN, Y, 0.0);
    for (size_t c = 0; c < Y.cols; c++) {
        for (size_t k = 0; k < model->r; k++) SCL_AT(inner, k, c) *= scl_model_nu(model, k) * scl_model_nu(model, k);
        for (size_t a = 0; a < Y.rows; a++) SCL_AT(CY, a, c) = model->sigma2[a] * SCL_AT(Y, a, c);
    }
    scl_gemm(CY, 1.0, SCL_PLAIN, model->U, SCL_PLAIN, inner, 1.0);
}

static void square_of_C(deletion *of)
{
    const scl_model *model = of->model;
    size_t d = model->d, r = model->r, column = 0;
    memset(of->own, 0, d * sizeof *of->own);
    for (size_t k = 0; k < r; k++)
        for (size_t l = 0; l <= k; l++, column++) {
            double weight = scl_model_nu(model, k) * scl_model_nu(model, l) * (k == l ? 1.0 : sqrt(2.0));
            for (size_t a = 0; a < d; a++) {
                SCL_AT(of->W, a, column) = weight * SCL_AT(model->U, a, k) * SCL_AT(model->U, a, l);
                if (k == l) of->own[a] += SCL_AT(of->W, a, column); /* (U N U')_aa so far */
            }
        }
    for (size_t a = 0; a < d; a++) of->own[a] = model->sigma2[a] * (model->sigma2[a] + 2.0 * of->own[a]);
}

static double dot(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t a = 0; a < n; a++) sum += x[a] * y[a];
    return sum;
}

/* <x,y; s,t>. O(d r^2). */
static double covariance(const deletion *of, imaged x, imaged y, imaged s, imaged t)
{
    size_t d = of->W.rows, m = of->W.cols;
    double value = dot(x.x, s.Cx, d) * dot(y.x, t.Cx, d) + dot(x.x, t.Cx, d) * dot(y.x, s.Cx, d);
    for (size_t a = 0; a < d; a++) {
        double xy = x.x[a] * y.x[a], st = s.x[a] * t.x[a];
        value += 2.0 * (of->own[a] * xy * st - xy * s.Cx[a] * t.Cx[a] - st * x.Cx[a] * y.Cx[a]);
    }
    for (size_t c = 0; c < m; c++) {
        const double *w = of->W.data + c * of->W.ld;
        double left = 0.0, right = 0.0;
        for (size_t a = 0; a < d; a++) {
            left += w[a] * x.x[a] * y.x[a];
            right += w[a] * s.x[a] * t.x[a];
        }
        value += 2.0 * left * right;
    }
    return value;
}

/* All eigenpairs of C - diag C, descending. */
static scl_status decompose(deletion *of, scl_arena *ws, scl_error *err)
{
    size_t d = of->model->d, mark = ws->used;
    scl_matrix deleted;
    scl_leading_info info;
    if (scl_matrix_take(&deleted, ws, d, d, err)) return SCL_ERR_INTERNAL;
    scl_model_covariance(deleted, of->model);
    for (size_t a = 0; a < d; a++) SCL_AT(deleted, a, a) = 0.0;
    scl_status status = scl_leading(of->w, of->all, &info, deleted, SCL_LEADING_EXACT, ws, err);
    ws->used = mark;
    return status;
}

/* out = sum over trailing j of v_j a_j' weight_j, d x r; scaled has d x r of room. */
static void solve(scl_matrix out, const deletion *of, const double *weight, scl_matrix scaled)
{
    size_t d = of->model->d, r = of->model->r;
    for (size_t l = 0; l < r; l++)
        for (size_t j = 0; j < d; j++) SCL_AT(scaled, j, l) = j < r ? 0.0 : weight[j] * SCL_AT(of->A, j, l);
    scl_gemm(out, 1.0, SCL_PLAIN, of->all, SCL_PLAIN, scaled, 0.0);
}

static void weights(double *weight, const deletion *of, size_t k, size_t m)
{
    for (size_t j = of->model->r; j < of->model->d; j++) {
        weight[j] = 1.0 / (of->w[k] - of->w[j]);
        if (m != SIZE_MAX) weight[j] /= of->w[m] - of->w[j];
    }
}

/* y = B a_k, for B d x r. */
static void combine(double *y, scl_matrix B, const deletion *of, size_t k)
{
    memset(y, 0, B.rows * sizeof *y);
    for (size_t l = 0; l < B.cols; l++)
        for (size_t a = 0; a < B.rows; a++) y[a] += SCL_AT(B, a, l) * SCL_AT(of->A, k, l);
}

static imaged column(const deletion *of, size_t c)
{
    return (imaged){.x = of->Y.data + c * of->Y.ld, .Cx = of->CY.data + c * of->CY.ld};
}

/* The second and fourth term; they need single covariances. */
static scl_status few(double *sum, deletion *of, scl_arena *ws, scl_error *err)
{
    size_t d = of->model->d, r = of->model->r, mark = ws->used;
    scl_matrix scaled, image, inner;
    double *weight = scl_arena_take(ws, d, err), *y = scl_arena_take(ws, d, err), *Cy = scl_arena_take(ws, d, err);
    if (!weight || !y || !Cy || scl_matrix_take(&scaled, ws, d, r, err) || scl_matrix_take(&image, ws, d, r, err) ||
        scl_matrix_take(&inner, ws, r, r, err))
        return SCL_ERR_INTERNAL;
    scl_matrix one = {.rows = d, .cols = 1, .ld = d, .data = y}, its = {.rows = d, .cols = 1, .ld = d, .data = Cy};
    for (size_t k = 0; k < r; k++) {
        weights(weight, of, k, SIZE_MAX);
        solve(of->solved, of, weight, scaled);
        times_C(image, of->model, of->solved, inner);
        for (size_t l = 0; l < r; l++) {
            imaged kl = {.x = of->solved.data + l * of->solved.ld, .Cx = image.data + l * image.ld};
            *sum -= covariance(of, column(of, k), kl, column(of, k), kl);
        }
        for (size_t m = 0; m < r; m++) {
            weights(weight, of, k, m);
            solve(of->solved, of, weight, scaled);
            combine(y, of->solved, of, k);
            times_C(its, of->model, one, inner);
            imaged km = {.x = y, .Cx = Cy};
            *sum += 2.0 * covariance(of, column(of, k), column(of, m), column(of, m), km);
        }
    }
    ws->used = mark;
    return SCL_OK;
}

/* The first and third term, which sum over trailing j: all of <v_j, y_p; v_j, y_q> for the 2r columns of Y at once. */
static scl_status many(double *sum, double *spread, const deletion *of, scl_arena *ws, scl_error *err)
{
    size_t d = of->model->d, r = of->model->r, m = of->W.cols, mark = ws->used;
    scl_matrix X, Z, P, own, cross, Q, q, B, BS;
    double *Cv = scl_arena_take(ws, d, err);
    if (!Cv || scl_matrix_take(&X, ws, d, 2 * r, err) || scl_matrix_take(&Z, ws, d, 2 * r, err) ||
        scl_matrix_take(&P, ws, m, 2 * r, err) || scl_matrix_take(&own, ws, 2 * r, 2 * r, err) ||
        scl_matrix_take(&cross, ws, 2 * r, 2 * r, err) || scl_matrix_take(&Q, ws, 2 * r, 2 * r, err) ||
        scl_matrix_take(&q, ws, 2 * r, 1, err) || scl_matrix_take(&B, ws, r, r, err) ||
        scl_matrix_take(&BS, ws, r, r, err))
        return SCL_ERR_INTERNAL;
    scl_gemm(Q, 1.0, SCL_TRANSPOSED, of->Y, SCL_PLAIN, of->CY, 0.0);
    scl_matrix image = {.rows = d, .cols = 1, .ld = d, .data = Cv};
    for (size_t j = r; j < d; j++) {
        scl_matrix v = scl_matrix_columns(of->all, j, 1);
        times_C(image, of->model, v, B);
        double qj = dot(v.data, Cv, d);
        scl_gemm(q, 1.0, SCL_TRANSPOSED, of->Y, SCL_PLAIN, image, 0.0);
        for (size_t p = 0; p < 2 * r; p++)
            for (size_t a = 0; a < d; a++) {
                SCL_AT(X, a, p) = v.data[a] * SCL_AT(of->Y, a, p);
                SCL_AT(Z, a, p) = Cv[a] * SCL_AT(of->CY, a, p);
            }
        scl_gemm(P, 1.0, SCL_TRANSPOSED, of->W, SCL_PLAIN, X, 0.0);
        scl_gemm(cross, 1.0, SCL_TRANSPOSED, X, SCL_PLAIN, Z, 0.0);
        for (size_t p = 0; p < 2 * r; p++)
            for (size_t a = 0; a < d; a++) SCL_AT(Z, a, p) = of->own[a] * SCL_AT(X, a, p);
        scl_gemm(own, 1.0, SCL_TRANSPOSED, X, SCL_PLAIN, Z, 0.0);
        scl_gemm(own, 1.0, SCL_TRANSPOSED, P, SCL_PLAIN, P, 1.0);
        for (size_t p = 0; p < 2 * r; p++)
            for (size_t c = 0; c < 2 * r; c++)
                SCL_AT(own, p, c) = qj * SCL_AT(Q, p, c) + SCL_AT(q, p, 0) * SCL_AT(q, c, 0) +
                                    2.0 * (SCL_AT(own, p, c) - SCL_AT(cross, p, c) - SCL_AT(cross, c, p));
        for (size_t k = 0; k < r; k++) {
            double weight = 1.0 / (of->w[k] - of->w[j]);
            for (size_t l = 0; l < r; l++) SCL_AT(B, k, l) = weight * SCL_AT(of->A, k, l);
            *sum -= 2.0 * weight * SCL_AT(own, k, r + k);
            *spread += weight * weight * qj * SCL_AT(Q, k, k);
        }
        scl_matrix S = {.rows = r, .cols = r, .ld = own.ld, .data = own.data};
        scl_gemm(BS, 1.0, SCL_PLAIN, S, SCL_PLAIN, B, 0.0);
        for (size_t l = 0; l < r; l++) *sum += dot(B.data + l * B.ld, BS.data + l * BS.ld, r);
    }
    ws->used = mark;
    return SCL_OK;
}

static scl_status of_deletion(scl_first_order *out, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t d = model->d, r = model->r;
    deletion of = {.model = model};
    scl_matrix inner;
    double *weight = scl_arena_take(ws, d, err);
    of.own = scl_arena_take(ws, d, err);
    of.w = scl_arena_take(ws, d, err);
    if (!weight || !of.own || !of.w || scl_matrix_take(&of.W, ws, d, pairs(r), err) ||
        scl_matrix_take(&of.all, ws, d, d, err) || scl_matrix_take(&of.A, ws, d, r, err) ||
        scl_matrix_take(&of.Y, ws, d, 2 * r, err) || scl_matrix_take(&of.CY, ws, d, 2 * r, err) ||
        scl_matrix_take(&of.solved, ws, d, r, err) || scl_matrix_take(&inner, ws, r, 2 * r, err))
        return SCL_ERR_INTERNAL;
    size_t mark = ws->used;
    scl_status status = decompose(&of, ws, err);
    if (status != SCL_OK) return status;
    out->gap = of.w[r - 1] - of.w[r] > APART * fmax(fabs(of.w[0]), fabs(of.w[d - 1]));
    if (!out->gap) return SCL_OK;
    scl_matrix leading = scl_matrix_columns(of.all, 0, r), scaled;
    status = squared_sines(&out->bias2, model, leading, ws, err);
    if (status != SCL_OK) return status;
    square_of_C(&of);
    scl_gemm(of.A, 1.0, SCL_TRANSPOSED, of.all, SCL_PLAIN, model->U, 0.0);
    scl_matrix_copy(scl_matrix_columns(of.Y, 0, r), leading);
    if (scl_matrix_take(&scaled, ws, d, r, err)) return SCL_ERR_INTERNAL;
    for (size_t k = 0; k < r; k++) {
        weights(weight, &of, k, SIZE_MAX);
        solve(of.solved, &of, weight, scaled);
        combine(of.Y.data + (r + k) * of.Y.ld, of.solved, &of, k);
    }
    ws->used = mark;
    times_C(of.CY, model, of.Y, inner);
    status = few(&out->kappa, &of, ws, err);
    return status == SCL_OK ? many(&out->kappa, &out->spread, &of, ws, err) : status;
}

/* ------------------------------------------------------------------------------------------------------------------ */

scl_status scl_first_order_of(scl_first_order *out, const scl_model *model, scl_shift shift, scl_arena *ws,
                              scl_error *err)
{
    size_t mark = ws->used;
    *out = (scl_first_order){.r = model->r, .gap = true};
    if (model->r == model->d) return SCL_OK; /* every frame is the whole space */
    scl_status status = shift == SCL_SHIFT_ZERO    ? of_pca(out, model, ws, err)
                        : shift == SCL_SHIFT_NOISE ? of_noise_oracle(out, model, ws, err)
                                                   : of_deletion(out, model, ws, err);
    ws->used = mark;
    return status;
}
