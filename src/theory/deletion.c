/* kappa of the deleted diagonal: see deletion.h, and first_order.c for its four terms in <x,y; s,t>.
 *
 * No trailing pair is needed by itself. With T = R_k or R_k R_m (the same v_j, the gaps multiplied), B o w the vector of B_a w_a and
 * (C o C)_ab = sum_c W_ac W_bc + own_a [a = b],
 *   sum_j t_j <v_j,x; v_j,y> = tr(CT) x'Cy + (Cx)'T(Cy) - 2 sum_a (TC)_aa (x_a (Cy)_a + y_a (Cx)_a) + 2 sum_a own_a T_aa x_a y_a
 *                              + 2 sum_c (W_c o x)'T(W_c o y),
 * and as a_k'a_m = sum_l A_kl A_ml, what is a form in R_k R_m is a sum of squares,
 *   sum_km (a_k'a_m) x_k'R_k R_m x_m = sum_l |sum_k A_kl R_k x_k|^2.
 * O(d r^4), with resolvents of d x 2r numbers each (3r beside loud noise). */
#include "theory/deletion.h"

#include "linalg/linalg.h"
#include "theory/resolvent.h"

#include <math.h>
#include <string.h>

typedef struct deletion {
    const scl_model *model;
    scl_spectrum M;   /* C - diag C */
    scl_resolvent *R; /* r */
    scl_matrix *RU;   /* r of d x r: R_k U */
    scl_matrix W;     /* d x r(r+1)/2: u_k o u_l, l <= k, column by column */
    double *own, *H;  /* d */
    scl_matrix A;     /* r x r: rows a_k = U'v_k */
    scl_matrix Y, CY; /* d x 2r: v_1 .. v_r, h_1 .. h_r, h_k = R_k U a_k, and their images under C */
    scl_matrix Q;     /* 2r x 2r: Y'C Y */
    double *T, *TC;   /* d: diagonals of T and T C */
    scl_matrix X, image, solved, low, room, mixed; /* d x r, 4r x 4r, d x most(r), d r x r */
    scl_arena *ws;
} deletion;

static size_t pairs(size_t r)
{
    return r * (r + 1) / 2;
}

/* Columns of room that two resolvents, r blocks of r columns, or two vectors times W take. */
static size_t most(size_t r)
{
    return r > 4 ? r * r : 4 * r;
}

/* Doubles that `count` structs of `size` bytes take. */
static size_t doubles(size_t count, size_t size)
{
    return (count * size + sizeof(double) - 1) / sizeof(double);
}

size_t scl_deletion_workspace(size_t d, size_t r)
{
    size_t dr = scl_matrix_need(d, r);
    size_t structs = scl_arena_need(doubles(r, sizeof(scl_resolvent))) + scl_arena_need(doubles(r, sizeof(scl_matrix)));
    size_t small = scl_matrix_need(r, r) + scl_matrix_need(2 * r, 2 * r) + 2 * scl_matrix_need(4 * r, 4 * r);
    return 4 * scl_arena_need(d) + structs + small + scl_matrix_need(d, pairs(r)) + 2 * scl_matrix_need(d, 2 * r) +
           scl_matrix_need(d, r > 1 ? r : 2) + (2 + r) * dr + scl_matrix_need(d, most(r)) + scl_matrix_need(d * r, r) +
           scl_spectrum_workspace(d, r) + r * scl_resolvent_workspace(d, r);
}

static double dot(const double *x, const double *y, size_t n)
{
    double sum = 0.0;
    for (size_t a = 0; a < n; a++) sum += x[a] * y[a];
    return sum;
}

static const double *col(scl_matrix B, size_t c)
{
    return B.data + c * B.ld;
}

/* CY = C Y for d x c, c <= 4 r. */
static void times_C(scl_matrix CY, const deletion *of, scl_matrix Y)
{
    const scl_model *model = of->model;
    scl_matrix inner = {.rows = model->r, .cols = Y.cols, .ld = model->r, .data = of->low.data};
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

/* A vector with its image: x and C x. */
typedef struct imaged {
    const double *x, *Cx;
} imaged;

static imaged vector(const deletion *of, size_t c)
{
    return (imaged){.x = col(of->Y, c), .Cx = col(of->CY, c)};
}

/* <x,y; s,t>. O(d r^2). */
static double covariance(const deletion *of, imaged x, imaged y, imaged s, imaged t)
{
    size_t d = of->W.rows, m = of->W.cols;
    scl_matrix both = scl_matrix_columns(of->X, 0, 2);
    scl_matrix inner = {.rows = m, .cols = 2, .ld = m, .data = of->room.data};
    double *xy = both.data, *st = both.data + both.ld;
    double value = dot(x.x, s.Cx, d) * dot(y.x, t.Cx, d) + dot(x.x, t.Cx, d) * dot(y.x, s.Cx, d);
    for (size_t a = 0; a < d; a++) {
        xy[a] = x.x[a] * y.x[a];
        st[a] = s.x[a] * t.x[a];
        value += 2.0 * (of->own[a] * xy[a] * st[a] - xy[a] * s.Cx[a] * t.Cx[a] - st[a] * x.Cx[a] * y.Cx[a]);
    }
    scl_gemm(inner, 1.0, SCL_TRANSPOSED, of->W, SCL_PLAIN, both, 0.0);
    return value + 2.0 * dot(col(inner, 0), col(inner, 1), m);
}

/* The second and fourth term; they need single covariances. */
static scl_status few(double *sum, deletion *of, scl_error *err)
{
    size_t r = of->model->r;
    scl_matrix h = scl_matrix_columns(of->Y, r, r);
    for (size_t k = 0; k < r; k++) {
        times_C(of->image, of, of->RU[k]);
        for (size_t l = 0; l < r; l++) {
            imaged kl = {.x = col(of->RU[k], l), .Cx = col(of->image, l)};
            *sum -= covariance(of, vector(of, k), kl, vector(of, k), kl);
        }
    }
    for (size_t m = 0; m < r; m++) { /* y_km = R_m h_k for all k at once */
        scl_status status = scl_resolvent_apply(of->solved, &of->R[m], h, of->ws, err);
        if (status != SCL_OK) return status;
        times_C(of->image, of, of->solved);
        for (size_t k = 0; k < r; k++) {
            imaged km = {.x = col(of->solved, k), .Cx = col(of->image, k)};
            *sum += 2.0 * covariance(of, vector(of, k), vector(of, m), vector(of, m), km);
        }
    }
    return SCL_OK;
}

/* The diagonals of T = R_k, and of T C = T D + (T U) N U'. */
static void diagonals_of_one(deletion *of, size_t k)
{
    const scl_resolvent *R = &of->R[k];
    memcpy(of->T, R->g, of->model->d * sizeof *of->T);
    for (size_t l = 0; l < R->A.cols; l++)
        for (size_t a = 0; a < of->model->d; a++) of->T[a] += SCL_AT(R->A, a, l) * SCL_AT(R->A, a, l) * R->psi[l];
}

/* The same of T = R_k R_m = g_k g_m + A_k psi_k A_k' g_m + g_k A_m psi_m A_m' + A_k psi_k (A_k'A_m) psi_m A_m'. */
static void diagonals_of_two(deletion *of, size_t k, size_t m)
{
    const scl_resolvent *R = &of->R[k], *S = &of->R[m];
    size_t d = of->model->d, p = R->A.cols;
    scl_matrix inner = {.rows = p, .cols = p, .ld = p, .data = of->low.data};
    scl_matrix mixed = {.rows = d, .cols = p, .ld = d, .data = of->room.data};
    scl_gemm(inner, 1.0, SCL_TRANSPOSED, R->A, SCL_PLAIN, S->A, 0.0);
    for (size_t c = 0; c < p; c++)
        for (size_t l = 0; l < p; l++) SCL_AT(inner, l, c) *= R->psi[l] * S->psi[c];
    scl_gemm(mixed, 1.0, SCL_PLAIN, R->A, SCL_PLAIN, inner, 0.0);
    for (size_t a = 0; a < d; a++) of->T[a] = R->g[a] * S->g[a];
    for (size_t l = 0; l < p; l++)
        for (size_t a = 0; a < d; a++) {
            double x = SCL_AT(R->A, a, l), y = SCL_AT(S->A, a, l);
            of->T[a] += R->psi[l] * x * x * S->g[a] + S->psi[l] * y * y * R->g[a] + SCL_AT(mixed, a, l) * y;
        }
}

/* The diagonal of T C from that of T and from T U; returns tr T C. */
static double diagonal_in_C(deletion *of, scl_matrix TU)
{
    const scl_model *model = of->model;
    double trace = 0.0;
    for (size_t a = 0; a < model->d; a++) of->TC[a] = model->sigma2[a] * of->T[a];
    for (size_t l = 0; l < model->r; l++) {
        double nu2 = scl_model_nu(model, l) * scl_model_nu(model, l);
        for (size_t a = 0; a < model->d; a++) of->TC[a] += nu2 * SCL_AT(TU, a, l) * SCL_AT(model->U, a, l);
    }
    for (size_t a = 0; a < model->d; a++) trace += of->TC[a];
    return trace;
}

/* sum_j t_j <v_j,x; v_j,y>, x and y columns of Y, less the two forms in T itself. */
static double by_diagonals(const deletion *of, double trace, size_t x, size_t y)
{
    imaged s = vector(of, x), t = vector(of, y);
    double sum = 0.0;
    for (size_t a = 0; a < of->model->d; a++)
        sum += of->own[a] * of->T[a] * s.x[a] * t.x[a] - of->TC[a] * (s.x[a] * t.Cx[a] + t.x[a] * s.Cx[a]);
    return trace * SCL_AT(of->Q, x, y) + 2.0 * sum;
}

/* The parts of the first and third term that need diagonals alone; spread. */
static scl_status by_traces(double *sum, double *spread, deletion *of, scl_error *err)
{
    size_t r = of->model->r;
    for (size_t k = 0; k < r; k++) {
        diagonals_of_one(of, k);
        *sum -= 2.0 * by_diagonals(of, diagonal_in_C(of, of->RU[k]), k, r + k);
        for (size_t m = 0; m <= k; m++) {
            double inner = 0.0;
            for (size_t l = 0; l < r; l++) inner += SCL_AT(of->A, k, l) * SCL_AT(of->A, m, l);
            scl_status status = scl_resolvent_apply(of->solved, &of->R[k], of->RU[m], of->ws, err);
            if (status != SCL_OK) return status;
            diagonals_of_two(of, k, m);
            double trace = diagonal_in_C(of, of->solved);
            *sum += (m == k ? 1.0 : 2.0) * inner * by_diagonals(of, trace, k, m);
            if (m == k) *spread += SCL_AT(of->Q, k, k) * trace;
        }
    }
    return SCL_OK;
}

/* weight times the forms in T: sum_km (a_k'a_m) x_k'R_k R_m x_m - 2 sum_k x_k'R_k y_k, summed over blocks of up to r columns; x_k and
 * y_k are the columns of B o v_k and B o h_k, or with B without columns C v_k and C h_k themselves. */
static scl_status by_forms(double *sum, deletion *of, scl_matrix B, double weight, scl_error *err)
{
    size_t d = of->model->d, r = of->model->r, columns = B.cols ? B.cols : 1;
    scl_matrix X = scl_matrix_columns(of->X, 0, columns);
    scl_matrix Z = {.rows = d * columns, .cols = r, .ld = d * columns, .data = of->room.data};
    scl_matrix ZA = {.rows = Z.rows, .cols = r, .ld = Z.rows, .data = of->mixed.data};
    for (size_t k = 0; k < r; k++) {
        imaged v = vector(of, k), h = vector(of, r + k);
        scl_matrix RX = {.rows = d, .cols = columns, .ld = d, .data = Z.data + k * Z.ld};
        if (!B.cols) memcpy(X.data, v.Cx, d * sizeof *X.data);
        for (size_t c = 0; c < B.cols; c++)
            for (size_t a = 0; a < d; a++) SCL_AT(X, a, c) = SCL_AT(B, a, c) * v.x[a];
        scl_status status = scl_resolvent_apply(RX, &of->R[k], X, of->ws, err);
        if (status != SCL_OK) return status;
        if (!B.cols) *sum -= 2.0 * weight * dot(RX.data, h.Cx, d);
        for (size_t c = 0; c < B.cols; c++) {
            double form = 0.0;
            for (size_t a = 0; a < d; a++) form += SCL_AT(RX, a, c) * SCL_AT(B, a, c) * h.x[a];
            *sum -= 2.0 * weight * form;
        }
    }
    scl_gemm(ZA, 1.0, SCL_PLAIN, Z, SCL_PLAIN, of->A, 0.0);
    *sum += weight * scl_frobenius_squared(ZA);
    return SCL_OK;
}

static scl_status take(deletion *of, const scl_model *model, scl_arena *ws, scl_error *err)
{
    size_t d = model->d, r = model->r;
    *of = (deletion){.model = model, .ws = ws};
    of->H = scl_arena_take(ws, d, err);
    of->own = scl_arena_take(ws, d, err);
    of->T = scl_arena_take(ws, d, err);
    of->TC = scl_arena_take(ws, d, err);
    of->R = (scl_resolvent *)(void *)scl_arena_take(ws, doubles(r, sizeof *of->R), err);
    of->RU = (scl_matrix *)(void *)scl_arena_take(ws, doubles(r, sizeof *of->RU), err);
    if (!of->H || !of->own || !of->T || !of->TC || !of->R || !of->RU || scl_matrix_take(&of->W, ws, d, pairs(r), err) ||
        scl_matrix_take(&of->A, ws, r, r, err) || scl_matrix_take(&of->Y, ws, d, 2 * r, err) ||
        scl_matrix_take(&of->CY, ws, d, 2 * r, err) || scl_matrix_take(&of->Q, ws, 2 * r, 2 * r, err) ||
        scl_matrix_take(&of->X, ws, d, r > 1 ? r : 2, err) || scl_matrix_take(&of->image, ws, d, r, err) ||
        scl_matrix_take(&of->solved, ws, d, r, err) || scl_matrix_take(&of->low, ws, 4 * r, 4 * r, err) ||
        scl_matrix_take(&of->room, ws, d, most(r), err) || scl_matrix_take(&of->mixed, ws, d * r, r, err))
        return SCL_ERR_INTERNAL;
    return SCL_OK;
}

/* What the terms are made of. */
static scl_status prepare(deletion *of, scl_error *err)
{
    size_t r = of->model->r;
    square_of_C(of);
    scl_gemm(of->A, 1.0, SCL_TRANSPOSED, of->M.V, SCL_PLAIN, of->model->U, 0.0);
    scl_matrix_copy(scl_matrix_columns(of->Y, 0, r), of->M.V);
    for (size_t k = 0; k < r; k++) {
        if (scl_matrix_take(&of->RU[k], of->ws, of->model->d, r, err)) return SCL_ERR_INTERNAL;
        scl_status status = scl_resolvent_of(&of->R[k], &of->M, k, err);
        if (status == SCL_OK) status = scl_resolvent_apply(of->RU[k], &of->R[k], of->model->U, of->ws, err);
        if (status != SCL_OK) return status;
        scl_matrix a = {.rows = 1, .cols = r, .ld = r, .data = of->A.data + k};
        scl_gemm(scl_matrix_columns(of->Y, r + k, 1), 1.0, SCL_PLAIN, of->RU[k], SCL_TRANSPOSED, a, 0.0);
    }
    times_C(of->CY, of, of->Y);
    scl_gemm(of->Q, 1.0, SCL_TRANSPOSED, of->Y, SCL_PLAIN, of->CY, 0.0);
    return SCL_OK;
}

scl_status scl_deletion_first_order(scl_first_order *out, const scl_model *model, scl_arena *ws, scl_error *err)
{
    deletion of;
    size_t r = model->r;
    scl_status status = take(&of, model, ws, err);
    if (status != SCL_OK) return status;
    scl_shift_diagonal(of.H, SCL_SHIFT_DIAGONAL, model);
    status = scl_spectrum_new(&of.M, model, of.H, ws, err);
    if (status == SCL_OK) status = scl_spectrum_at(&of.M, 1.0, err);
    out->gap = status == SCL_OK && of.M.gap;
    if (!out->gap) return status;
    status = scl_squared_sines(&out->bias2, model, of.M.V, ws, err);
    if (status == SCL_OK) status = prepare(&of, err);
    if (status == SCL_OK) status = few(&out->kappa, &of, err);
    if (status == SCL_OK) status = by_traces(&out->kappa, &out->spread, &of, err);
    scl_matrix none = {.rows = model->d, .ld = model->d};
    if (status == SCL_OK) status = by_forms(&out->kappa, &of, none, 1.0, err);
    for (size_t k = 0; status == SCL_OK && k < r; k++) /* the columns of W in r blocks of 1 .. r */
        status = by_forms(&out->kappa, &of, scl_matrix_columns(of.W, pairs(k), k + 1), 2.0, err);
    return status;
}
