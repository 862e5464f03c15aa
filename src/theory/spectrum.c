/* The spectrum of a diagonal matrix plus one of low rank: see spectrum.h.
 *
 * Leading pairs. With M = diag(b) + L diag(theta) L', theta > 0, and x above every b_j, Sylvester's inertia says: M has as many
 * eigenvalues above x as G(x) = theta^{1/2} L'(x - diag b)^{-1} L theta^{1/2} has eigenvalues above 1. They fall in x, so the i-th
 * eigenvalue of M is the root of kappa_i(x) = 1, and its vector is (x - diag b)^{-1} L theta^{1/2} y_i, G y_i = kappa_i y_i.
 * 1/kappa_i is nearly linear: Newton's method on it, kept inside a bracket.
 * Where loud noise overtakes a spike, w_r can lie among the b_j. The r loudest coordinates are then carried by the part of low
 * rank, as columns e_j: by Weyl w_r is at least the r-th largest b_j, and so above all that are left. */
#include "theory/spectrum.h"

#include "linalg/linalg.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { MOST_STEPS = 200 };

/* How far above the noise, in units of the largest spike, w_r must lie to do without carrying loud coordinates. */
static const double CLEAR = 1e-3;
/* ... and to be apart from the trailing eigenvalues at all. */
static const double APART = 1e-11;
/* ... and how near two leading eigenvalues count as one, in the same unit. */
static const double ONE = 1e-10;

static size_t scratch_need(size_t d, size_t r)
{
    size_t s = 4 * r; /* L of up to 2 r columns and V, beside V once more */
    return 3 * scl_matrix_need(d, s) + 4 * scl_matrix_need(s, s) + 2 * scl_arena_need(s) + 4 * scl_arena_need(d) +
           scl_small_eigen_workspace(s) + scl_frame_workspace(d, r);
}

size_t scl_spectrum_workspace(size_t d, size_t r)
{
    return scl_arena_need(r) + scl_matrix_need(d, r) + scl_arena_need(d) + scl_matrix_need(d, 2 * r) +
           scl_arena_need(2 * r) + scratch_need(d, r);
}

scl_status scl_spectrum_new(scl_spectrum *M, const scl_model *model, const double *H, scl_arena *ws, scl_error *err)
{
    size_t d = model->d, r = model->r;
    *M = (scl_spectrum){.model = model, .H = H, .ws = ws};
    M->w = scl_arena_take(ws, r, err);
    M->base = scl_arena_take(ws, d, err);
    M->theta = scl_arena_take(ws, 2 * r, err);
    if (!M->w || !M->base || !M->theta || scl_matrix_take(&M->V, ws, d, r, err) ||
        scl_matrix_take(&M->L, ws, d, 2 * r, err))
        return SCL_ERR_INTERNAL;
    return SCL_OK;
}

void scl_shift_diagonal(double *H, scl_shift shift, const scl_model *model)
{
    for (size_t j = 0; j < model->d; j++) {
        H[j] = shift == SCL_SHIFT_ZERO ? 0.0 : model->sigma2[j];
        for (size_t k = 0; shift == SCL_SHIFT_DIAGONAL && k < model->r; k++) {
            double x = scl_model_nu(model, k) * SCL_AT(model->U, j, k);
            H[j] += x * x;
        }
    }
}

/* ---- leading pairs ----------------------------------------------------------------------------------------------- */

/* What the secular equation is evaluated with. */
typedef struct secular {
    const scl_spectrum *M;
    scl_matrix B;  /* d x s: (x - b)^{-1/2} L theta^{1/2} */
    scl_matrix G;  /* s x s: B'B, then its eigenvectors */
    double *kappa; /* s, ascending */
    double top;    /* the largest b_j */
    double *image; /* d */
} secular;

static scl_status evaluate(secular *eq, double x, scl_error *err)
{
    const scl_spectrum *M = eq->M;
    size_t d = eq->B.rows, s = M->s;
    for (size_t a = 0; a < d; a++) eq->image[a] = 1.0 / sqrt(x - M->base[a]);
    for (size_t k = 0; k < s; k++) {
        double weight = sqrt(M->theta[k]);
        for (size_t a = 0; a < d; a++) SCL_AT(eq->B, a, k) = eq->image[a] * weight * SCL_AT(M->L, a, k);
    }
    scl_gemm(eq->G, 1.0, SCL_TRANSPOSED, eq->B, SCL_PLAIN, eq->B, 0.0);
    return scl_small_eigen(eq->G, eq->kappa, M->ws, err);
}

/* The vector (x - b)^{-1} L theta^{1/2} y_i, not normalised, into v, after evaluate(x). */
static void pull_back(double *v, const secular *eq, size_t column, double x)
{
    size_t d = eq->B.rows;
    memset(v, 0, d * sizeof *v);
    for (size_t k = 0; k < eq->M->s; k++) {
        double y = SCL_AT(eq->G, k, column);
        for (size_t a = 0; a < d; a++) v[a] += SCL_AT(eq->B, a, k) * y;
    }
    for (size_t a = 0; a < d; a++) v[a] /= sqrt(x - eq->M->base[a]);
}

/* The i-th eigenvalue, between low, where kappa_i > 1, and high. */
static scl_status root(secular *eq, size_t i, double low, double high, scl_error *err)
{
    const scl_spectrum *M = eq->M;
    size_t d = eq->B.rows, column = M->s - 1 - i;
    double *v = M->V.data + i * M->V.ld;
    double x = M->w[i] > low && M->w[i] < high ? M->w[i] : 0.5 * (low + high);
    double finest = 4 * DBL_EPSILON * (fabs(high) + fabs(eq->top));
    for (int step = 0; step < MOST_STEPS; step++) {
        scl_status status = evaluate(eq, x, err);
        if (status != SCL_OK) return status;
        pull_back(v, eq, column, x);
        double kappa = eq->kappa[column], slope = 0.0;
        for (size_t a = 0; a < d; a++) slope += v[a] * v[a]; /* -kappa_i'(x), y of norm 1 */
        if (kappa > 1.0)
            low = x;
        else
            high = x;
        double next = x + kappa * (kappa - 1.0) / slope; /* Newton on 1/kappa - 1, whose slope is slope/kappa^2 */
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        bool done = fabs(next - x) <= finest || high - low <= finest;
        x = next;
        if (done) break;
    }
    M->w[i] = x;
    return SCL_OK;
}

/* Their vectors. Eigenvalues that are one up to rounding share one evaluation, whose y are orthogonal: two evaluations could give
 * the same vector twice. */
static scl_status vectors(secular *eq, double largest, scl_error *err)
{
    const scl_spectrum *M = eq->M;
    double x = INFINITY;
    for (size_t i = 0; i < M->V.cols; i++) {
        if (x - M->w[i] > ONE * largest) {
            x = M->w[i];
            scl_status status = evaluate(eq, x, err);
            if (status != SCL_OK) return status;
        }
        pull_back(M->V.data + i * M->V.ld, eq, M->s - 1 - i, x);
    }
    return SCL_OK;
}

/* Rayleigh and Ritz on the span of V: what close eigenvalues mix is put right. */
static scl_status ritz(scl_spectrum *M, scl_error *err)
{
    size_t d = M->V.rows, r = M->V.cols, mark = M->ws->used;
    scl_matrix image, G, Z;
    double *values = scl_arena_take(M->ws, r, err);
    if (!values || scl_matrix_take(&image, M->ws, d, r, err) || scl_matrix_take(&G, M->ws, r, r, err) ||
        scl_matrix_take(&Z, M->ws, r, r, err))
        return SCL_ERR_INTERNAL;
    for (size_t k = 0; k < r; k++) { /* lengths first: QR of columns of one size */
        double *v = M->V.data + k * M->V.ld, length = 0.0;
        for (size_t a = 0; a < d; a++) length += v[a] * v[a];
        for (size_t a = 0; a < d; a++) v[a] /= sqrt(length);
    }
    scl_status status = scl_orthonormalise(M->V, M->ws, err);
    if (status != SCL_OK) return status;
    const scl_model *model = M->model;
    scl_gemm(G, 1.0, SCL_TRANSPOSED, model->U, SCL_PLAIN, M->V, 0.0); /* M V = lambda o V + U t U'V */
    for (size_t k = 0; k < r; k++) {
        double t = M->tau * scl_model_nu(model, k) * scl_model_nu(model, k);
        for (size_t j = 0; j < r; j++) SCL_AT(G, k, j) *= t;
    }
    for (size_t k = 0; k < r; k++)
        for (size_t a = 0; a < d; a++) SCL_AT(image, a, k) = (M->tau * model->sigma2[a] - M->H[a]) * SCL_AT(M->V, a, k);
    scl_gemm(image, 1.0, SCL_PLAIN, model->U, SCL_PLAIN, G, 1.0);
    scl_gemm(G, 1.0, SCL_TRANSPOSED, M->V, SCL_PLAIN, image, 0.0);
    status = scl_small_eigen(G, values, M->ws, err);
    if (status == SCL_OK) {
        for (size_t k = 0; k < r; k++) {
            M->w[k] = values[r - 1 - k];
            for (size_t j = 0; j < r; j++) SCL_AT(Z, j, k) = SCL_AT(G, j, r - 1 - k);
        }
        scl_gemm(image, 1.0, SCL_PLAIN, M->V, SCL_PLAIN, Z, 0.0);
        scl_matrix_copy(M->V, image);
    }
    M->ws->used = mark;
    return status;
}

/* base = lambda and L = U; or with the r largest coordinates moved into L, fewer where the others are all equal. */
static void split(scl_spectrum *M, bool carry)
{
    const scl_model *model = M->model;
    size_t d = model->d, r = model->r;
    double lowest = INFINITY;
    M->s = r;
    M->L.cols = r;
    scl_matrix_copy(M->L, model->U);
    for (size_t k = 0; k < r; k++) M->theta[k] = M->tau * scl_model_nu(model, k) * scl_model_nu(model, k);
    for (size_t a = 0; a < d; a++) {
        M->base[a] = M->tau * model->sigma2[a] - M->H[a];
        lowest = fmin(lowest, M->base[a]);
    }
    while (carry && M->s < 2 * r) {
        size_t loudest = 0;
        for (size_t a = 1; a < d; a++)
            if (M->base[a] > M->base[loudest]) loudest = a;
        if (!(M->base[loudest] > lowest)) break;
        double *e = M->L.data + M->s * M->L.ld;
        memset(e, 0, d * sizeof *e);
        e[loudest] = 1.0;
        M->theta[M->s++] = M->base[loudest] - lowest;
        M->L.cols = M->s;
        M->base[loudest] = lowest;
    }
}

/* Leading pairs with this split; *clear tells whether w_r lies above every b_j, and above w_{r+1} where L carries that, by the
 * margin. */
static scl_status solve(bool *clear, scl_spectrum *M, double margin, scl_error *err)
{
    size_t d = M->model->d, r = M->model->r, mark = M->ws->used;
    secular eq = {.M = M, .top = -INFINITY};
    eq.kappa = scl_arena_take(M->ws, M->s, err);
    eq.image = scl_arena_take(M->ws, d, err);
    if (!eq.kappa || !eq.image || scl_matrix_take(&eq.B, M->ws, d, M->s, err) ||
        scl_matrix_take(&eq.G, M->ws, M->s, M->s, err))
        return SCL_ERR_INTERNAL;
    double largest = 0.0, high = 0.0;
    for (size_t a = 0; a < d; a++) eq.top = fmax(eq.top, M->base[a]);
    for (size_t k = 0; k < M->s; k++) high += M->theta[k]; /* ||L theta L'|| <= the sum, whatever L's angles are */
    for (size_t k = 0; k < M->s; k++) largest = fmax(largest, M->theta[k]);
    double low = eq.top + margin * largest;
    *clear = false;
    scl_status status = low > eq.top ? evaluate(&eq, low, err) : SCL_OK;
    if (status == SCL_OK && low > eq.top) *clear = eq.kappa[M->s - r] > 1.0;
    for (size_t i = 0; status == SCL_OK && *clear && i < r; i++) status = root(&eq, i, low, eq.top + high * 1.01, err);
    if (status == SCL_OK && *clear && M->s > r) {
        double below = M->w[r - 1] - margin * largest;
        status = below > eq.top ? evaluate(&eq, below, err) : SCL_OK;
        if (status == SCL_OK && below > eq.top) *clear = !(eq.kappa[M->s - r - 1] > 1.0);
    }
    if (status == SCL_OK && *clear) status = vectors(&eq, largest, err);
    M->ws->used = mark;
    return status;
}

scl_status scl_spectrum_at(scl_spectrum *M, double tau, scl_error *err)
{
    M->tau = tau;
    M->gap = false;
    split(M, false);
    scl_status status = solve(&M->gap, M, CLEAR, err);
    if (status == SCL_OK && !M->gap) {
        split(M, true);
        status = solve(&M->gap, M, APART, err);
    }
    return status == SCL_OK && M->gap ? ritz(M, err) : status;
}
