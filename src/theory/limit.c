/* The proportional limit: see limit.h.
 *
 * With (w_j, v_j) the eigenpairs of tau C - H and q_j = v_j'C v_j: F_i(tau) = 1/tau - 1 + (1/n) sum_{j>r} q_j/(w_i - w_j); tau_i
 * is its smallest root from 1 upwards, z_i = w_i(tau_i) the outlier. G_tau = -1/tau^2 + (1/n) sum_{j,l>r} (v_j'C v_l)^2/((w_j - z)
 * (w_l - z)) < 0 says that it is one, and then c_i^2 = 1/(1 - tau' q_i), tau' = -G_z/G_tau, G_z = -(1/n) sum_{j>r} q_j/(w_j - z)^2.
 * For H = 0 the root is at hand: tau = psi(alpha_i)/alpha_i = 1 + (1/n) sum_j t_j/(alpha_i - t_j), z = psi(alpha_i). */
#include "theory/limit.h"

#include "linalg/linalg.h"
#include "theory/resolvent.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>
#include <math.h>

/* The scan for the first root: steps of tau, and where it ends: a spike so close to the noise is below every transition. */
static const double STEP = 1.01, LAST_TAU = 1e4;
static const double ROOT_TOLERANCE = 1e-13;
/* The secant method ends with a step this small, after which its error is that step times the one before; and it may try so often. */
static const double LAST_SECANT = 1e-10;
/* What rounding may take from a bound. */
static const double CERTAIN = 1e-9;
enum { MOST_SECANTS = 12 };
static const double REGAINED = 0.01;
/* Squared cosines below this are squares of rounding errors. */
static const double NOTHING = 1e-28;

bool scl_limit_for_laws(scl_law latent, scl_law noise_law)
{
    return !(latent.kind == SCL_LAW_STUDENT && latent.df <= 4) &&
           !(noise_law.kind == SCL_LAW_STUDENT && noise_law.df <= 4);
}

bool scl_limit_holds(const scl_limit *limit, size_t r)
{
    double lost = 0.0;
    for (size_t k = 0; k < r; k++) lost += limit->sines2[k];
    return limit->regained <= fmax(REGAINED * lost, NOTHING);
}

size_t scl_limit_workspace(size_t d, size_t r)
{
    return scl_arena_need(d) + 6 * scl_arena_need(r) + scl_spectrum_workspace(d, r) + 2 * scl_matrix_need(d, r) +
           3 * scl_matrix_need(r, r) + scl_small_eigen_workspace(r);
}

/* One direction's root. */
typedef struct direction {
    scl_spectrum *M;
    size_t i;
    double n;
    scl_matrix inner; /* r x 1 of room */
    scl_status status;
    scl_error *err;
} direction;

static double sum_of(direction *at)
{
    double sums[3];
    at->status = scl_spectrum_sums(sums, at->M, at->i, false, at->err);
    return sums[0];
}

/* F_i at tau; where the leading pairs are not apart from the rest it has no value. */
static double F(double tau, void *context)
{
    direction *at = context;
    if (at->status == SCL_OK) at->status = scl_spectrum_at(at->M, tau, at->err);
    if (at->status != SCL_OK || !at->M->gap) return NAN;
    return 1.0 / tau - 1.0 + sum_of(at) / at->n;
}

static double own_variance(const scl_spectrum *M, size_t i, scl_matrix inner)
{
    inner.cols = 1;
    return scl_squared_in_C(M->model, scl_matrix_columns(M->V, i, 1), inner);
}

/* F_i with its slope G_tau + q_i G_z, as w_i' = q_i; but for how the leading vectors turn, which moves one term in n: enough to
 * begin the secant method with. */
static void F_and_slope(double tau, void *context, double *value, double *slope)
{
    direction *at = context;
    double sums[3] = {NAN, NAN, NAN}, q = NAN;
    if (at->status == SCL_OK) at->status = scl_spectrum_at(at->M, tau, at->err);
    if (at->status == SCL_OK && at->M->gap) {
        at->status = scl_spectrum_sums(sums, at->M, at->i, true, at->err);
        q = own_variance(at->M, at->i, at->inner);
    }
    *value = 1.0 / tau - 1.0 + sums[0] / at->n;
    *slope = (sums[2] - q * sums[1]) / at->n - 1.0 / (tau * tau);
}

static double slope_of_F(double tau, void *context)
{
    double value, slope;
    F_and_slope(tau, context, &value, &slope);
    return slope;
}

/* A root near high by the secant method, in some four evaluations; NaN where it does not settle or leaves [low, high]. */
static double by_secants(direction *at, double low, double high)
{
    gsl_root_fdfsolver *solver = gsl_root_fdfsolver_alloc(gsl_root_fdfsolver_secant);
    if (!solver) return NAN;
    gsl_function_fdf f;
    f.f = F;
    f.df = slope_of_F;
    f.fdf = F_and_slope;
    f.params = at;
    double root = high, found = NAN;
    if (gsl_root_fdfsolver_set(solver, &f, high) == GSL_SUCCESS)
        for (int step = 0; step < MOST_SECANTS; step++) {
            double before = root;
            if (gsl_root_fdfsolver_iterate(solver) != GSL_SUCCESS) break;
            root = gsl_root_fdfsolver_root(solver);
            if (!(root >= low && root <= high)) break;
            if (gsl_root_test_delta(root, before, 0.0, LAST_SECANT) != GSL_SUCCESS) continue;
            found = root;
            break;
        }
    gsl_root_fdfsolver_free(solver);
    return found;
}

/* The root of F_i in [low, high], where it has two signs; NaN when GSL gives up. */
static double refine(direction *at, double low, double high)
{
    double near = by_secants(at, low, high);
    if (at->status != SCL_OK || !isnan(near)) return near;
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    if (!solver) {
        at->status = scl_error_set(at->err, SCL_ERR_MEMORY, "out of memory for a root");
        return NAN;
    }
    gsl_function f;
    f.function = F;
    f.params = at;
    double root = NAN;
    if (gsl_root_fsolver_set(solver, &f, low, high) == GSL_SUCCESS)
        for (int step = 0; step < 100; step++) {
            if (gsl_root_fsolver_iterate(solver) != GSL_SUCCESS) break;
            root = gsl_root_fsolver_root(solver);
            if (gsl_root_test_interval(gsl_root_fsolver_x_lower(solver), gsl_root_fsolver_x_upper(solver), 0.0,
                                       ROOT_TOLERANCE) == GSL_SUCCESS)
                break;
        }
    gsl_root_fsolver_free(solver);
    return root;
}

/* (1/n) sum_k q_k tr U'R_k C R_k U, with the spectrum at tau = 1. */
static scl_status regained(double *sum, scl_spectrum *M, double n, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, r = M->V.cols;
    scl_matrix Y, inner;
    if (scl_matrix_take(&Y, ws, M->V.rows, r, err) || scl_matrix_take(&inner, ws, r, r, err)) return SCL_ERR_INTERNAL;
    scl_status status = SCL_OK;
    *sum = 0.0;
    for (size_t k = 0; status == SCL_OK && k < r; k++) {
        status = scl_spectrum_resolve(Y, M, k, M->model->U, err);
        if (status == SCL_OK) *sum += own_variance(M, k, inner) * scl_squared_in_C(M->model, Y, inner) / n;
    }
    ws->used = mark;
    return status;
}

/* Where F_i > 0 without a look at the spectrum at tau. The q_j, j > r, sum to tr C less at most its r largest eigenvalues, hence to
 * tr D - r max D or more (Ky Fan); and w_i - w_j <= w_i(1) + (tau - 1) (max D + max nu^2) - min_a (D - H)_aa (Weyl, C >= 0). So
 *   F_i >= 1/tau - 1 + least/(n (w_i(1) - low + (tau - 1) norm)). */
typedef struct positive {
    double least, norm, low;
} positive;

static positive positive_for(const scl_model *model, const double *H)
{
    positive p = {.low = INFINITY};
    double loudest = 0.0, strongest = 0.0;
    for (size_t a = 0; a < model->d; a++) {
        p.least += model->sigma2[a];
        loudest = fmax(loudest, model->sigma2[a]);
        p.low = fmin(p.low, model->sigma2[a] - H[a]);
    }
    for (size_t k = 0; k < model->r; k++) strongest = fmax(strongest, scl_model_nu(model, k) * scl_model_nu(model, k));
    p.least = fmax(p.least - (double)model->r * loudest, 0.0);
    p.norm = loudest + strongest;
    return p;
}

static bool surely_positive(const positive *p, double tau, double first, double n)
{
    double most = first - p->low + (tau - 1.0) * p->norm;
    return p->least / (n * most) > (1.0 - 1.0 / tau) * (1.0 + CERTAIN);
}

/* tau_i for each direction, NaN where F_i has no root: one scan upwards serves all. The leading pairs are known at tau = 1. */
static scl_status scan(double *taus, scl_spectrum *M, double n, scl_error *err)
{
    size_t r = M->V.cols, open = r, mark = M->ws->used;
    positive known = positive_for(M->model, M->H);
    scl_matrix inner;
    double *first = scl_arena_take(M->ws, r, err);
    if (!first || scl_matrix_take(&inner, M->ws, r, 1, err)) return SCL_ERR_INTERNAL;
    for (size_t i = 0; i < r; i++) taus[i] = NAN, first[i] = M->w[i];
    scl_status status = SCL_OK;
    bool apart = true; /* else the leading pairs meet the rest */
    for (double low = 1.0, high = STEP; apart && open > 0 && high < LAST_TAU; low = high, high *= STEP) {
        for (size_t i = 0; apart && status == SCL_OK && i < r; i++) {
            if (!isnan(taus[i]) || surely_positive(&known, high, first[i], n)) continue;
            direction at = {.M = M, .i = i, .n = n, .inner = inner, .err = err};
            bool here = M->gap && M->tau == high; /* a refinement moves the spectrum */
            double value = here ? 1.0 / high - 1.0 + sum_of(&at) / n : F(high, &at);
            apart = !isnan(value);
            if (value <= 0.0) {
                taus[i] = refine(&at, low, high);
                open--;
            }
            status = at.status;
        }
        if (status != SCL_OK) break;
    }
    M->ws->used = mark;
    return status;
}

/* For H = 0 the i-th root, from the spectrum at tau = 1. */
static scl_status roots_of_pca(double *taus, scl_spectrum *M, double n, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; status == SCL_OK && i < M->V.cols; i++) {
        double sums[3];
        status = scl_spectrum_sums(sums, M, i, false, err);
        taus[i] = 1.0 + sums[0] / n;
    }
    return status;
}

/* The squared sine of direction i against v_i, 1 below the transition; its outlier. */
static scl_status judge(double *sine2, double *outlier, scl_spectrum *M, double tau, size_t i, double n, scl_error *err)
{
    double sums[3];
    *sine2 = 1.0;
    *outlier = NAN;
    scl_status status = scl_spectrum_at(M, tau, err);
    if (status != SCL_OK || !M->gap) return status;
    status = scl_spectrum_sums(sums, M, i, true, err);
    if (status != SCL_OK) return status;
    scl_matrix inner;
    size_t mark = M->ws->used;
    if (scl_matrix_take(&inner, M->ws, M->V.cols, 1, err)) return SCL_ERR_INTERNAL;
    double q = own_variance(M, i, inner);
    M->ws->used = mark;
    double G_tau = -1.0 / (tau * tau) + sums[2] / n, G_z = -sums[1] / n;
    if (!(G_tau < 0)) return SCL_OK;
    double slope = -G_z / G_tau; /* tau', negative */
    *sine2 = -slope * q / (1.0 - slope * q);
    *outlier = M->w[i];
    return SCL_OK;
}

/* Squared sines between U and Q, whose i-th vector has sine s_i against v_i and is otherwise without preference: the eigenvalues
 * of I - W'W, W = U'V diag(c), which is diag(s^2) + diag(c) V'(I - UU')V diag(c). The vectors are those of M as it is. */
static scl_status angles(double *sines2, const scl_spectrum *M, const double *own, scl_arena *ws, scl_error *err)
{
    size_t d = M->V.rows, r = M->V.cols, mark = ws->used;
    scl_matrix outside, inner, E;
    if (scl_matrix_take(&outside, ws, d, r, err) || scl_matrix_take(&inner, ws, r, r, err) ||
        scl_matrix_take(&E, ws, r, r, err))
        return SCL_ERR_INTERNAL;
    scl_gemm(inner, 1.0, SCL_TRANSPOSED, M->model->U, SCL_PLAIN, M->V, 0.0);
    scl_matrix_copy(outside, M->V);
    scl_gemm(outside, -1.0, SCL_PLAIN, M->model->U, SCL_PLAIN, inner, 1.0);
    scl_gemm(E, 1.0, SCL_TRANSPOSED, outside, SCL_PLAIN, outside, 0.0);
    for (size_t k = 0; k < r; k++)
        for (size_t l = 0; l < r; l++)
            SCL_AT(E, k, l) = sqrt(1.0 - own[k]) * SCL_AT(E, k, l) * sqrt(1.0 - own[l]) + (k == l ? own[k] : 0.0);
    scl_status status = scl_small_eigen(E, inner.data, ws, err);
    for (size_t k = 0; status == SCL_OK && k < r; k++) sines2[k] = fmin(fmax(inner.data[r - 1 - k], 0.0), 1.0);
    ws->used = mark;
    return status;
}

scl_status scl_limit_of(scl_limit *out, const scl_model *model, scl_shift shift, double n, scl_arena *ws,
                        scl_error *err)
{
    size_t d = model->d, r = model->r, mark = ws->used;
    out->above = r;
    out->gap = true;
    out->regained = 0.0;
    for (size_t k = 0; k < r; k++) out->outliers[k] = NAN, out->sines2[k] = 0.0;
    if (r == d) return SCL_OK; /* every frame is the whole space; nothing is outside a bulk */
    double *H = scl_arena_take(ws, d, err), *taus = scl_arena_take(ws, r, err), *own = scl_arena_take(ws, r, err);
    scl_spectrum M;
    if (!H || !taus || !own) return SCL_ERR_INTERNAL;
    scl_shift_diagonal(H, shift, model);
    scl_status status = scl_spectrum_new(&M, model, H, ws, err);
    for (size_t k = 0; k < r; k++) own[k] = 0.0;
    if (status == SCL_OK) status = scl_spectrum_at(&M, 1.0, err);
    out->gap = status == SCL_OK && M.gap;
    if (out->gap && isinf(n)) {
        for (size_t k = 0; k < r; k++) out->outliers[k] = M.w[k];
        status = angles(out->sines2, &M, own, ws, err);
    } else if (out->gap) {
        double mean = 0.0;
        out->above = 0;
        status = regained(&out->regained, &M, n, ws, err);
        if (status == SCL_OK)
            status = shift == SCL_SHIFT_ZERO ? roots_of_pca(taus, &M, n, err) : scan(taus, &M, n, err);
        for (size_t i = 0; status == SCL_OK && i < r; i++) {
            own[i] = 1.0;
            if (isnan(taus[i])) continue;
            status = judge(&own[i], &out->outliers[i], &M, taus[i], i, n, err);
            if (isnan(out->outliers[i])) continue;
            out->above++;
            mean += (taus[i] - mean) / (double)out->above;
        }
        if (status == SCL_OK) status = scl_spectrum_at(&M, out->above ? mean : 1.0, err);
        if (status == SCL_OK && M.gap) status = angles(out->sines2, &M, own, ws, err);
        out->gap = status == SCL_OK && M.gap;
    }
    ws->used = mark;
    return status;
}
