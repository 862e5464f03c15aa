/* Factor analysis by maximum likelihood: x = Lambda z + xi, Cov x = Sigma = Lambda Lambda' + Psi, Psi diagonal, Lambda d x r.
 *
 *   S_n  covariance with divisor n, S (n - 1)/n (the likelihood's; C on the population)      x_j = log psi_j, the unknowns
 *   (theta_k, omega_k)  leading eigenpairs of R = Psi^{-1/2} S_n Psi^{-1/2}
 *   log-likelihood per sample = -(d log 2 pi + log det Sigma + tr Sigma^{-1} S_n)/2
 * Given Psi the best loadings are Lambda = Psi^{1/2} Omega diag(sqrt(max(theta_k - 1, 0))), so that what is left to minimise is
 *   f(x) = sum_j x_j + tr R + sum_{k<=r, theta_k>1} (log theta_k + 1 - theta_k)
 *   df/dx_j = 1 - R_jj + sum_{k<=r, theta_k>1} (theta_k - 1) omega_jk^2 = (Sigma_jj - S_n,jj)/psi_j,
 * whose Hessian is near (1 - sum_k omega_jk^2)^2 on the diagonal: the first guess of the L-BFGS steps that find the minimum. Each costs a few
 * block products with R, since its eigenpairs begin at those of the step before and are no more accurate than the gradient needs.
 *
 * psi_j >= FLOOR S_n,jj: where the likelihood grows as psi_j goes to 0 (Heywood), psi_j ends there. Status unconverged: the gradient,
 * but for the psi_j at the floor that want to be smaller, is above tolerance sqrt(2/n) after max-iterations; or n - 1 <= r, where the likelihood
 * has no maximum and the floor decides. It has one, and n < d is no trouble, from n = r + 2 on. Rank-deficient: theta_r <= 1.
 * A coordinate of variance 0 has loading 0 and psi 1.
 * Where (d - r)^2 < d + r, Psi is not unique, and one maximum is found.
 *
 * The row space is the span of the LOADINGS Lambda, which estimates U; the factor scores' Psi^{-1} Lambda does not. W = Lambda' up to a
 * rotation; the values are the eigenvalues of Lambda Lambda'. On the population of the model Psi = D is a maximum and the span is U.
 * Source: docs/theory.md, section 2; Joreskog (1967), Psychometrika 32, 443-482; Lawley and Maxwell (1971). */
#include "estimate/estimators.h"

#include "linalg/lbfgs.h"
#include "linalg/linalg.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { TOLERANCE, MAX_ITERATIONS };

/* Least psi_j/S_n,jj; lower: nearer to the supremum of a Heywood case, and fewer digits, since R holds its inverse. */
static const double FLOOR = 1e-5;
/* First psi_j/S_n,jj. */
static const double FIRST_SHARE = 0.25;
/* Slopes that count as 0 where nothing is sampled, and the least that a sample's must come under. */
static const double EXACT_SLOPE = 1e-11;
/* Gradients cannot be smaller than the rounding of R's eigenpairs, ROUNDING theta_1. */
static const double ROUNDING = 100 * DBL_EPSILON;
/* Residual max_i ||R v_i - theta_i v_i|| that is asked for, beside the largest slope and beside the target: slopes move by it, f by its
 * square. First, and at most. */
static const double RESIDUAL_SHARE = 0.1, LAST_RESIDUAL_SHARE = 0.1, LARGEST_RESIDUAL = 0.03;
/* What V'V may differ from I by for V to be eigenvectors; far above rounding, and loose ones are polished to it. */
static const double ORTHONORMAL = 1e-6;
/* Longest step in any x_j, a factor of e^2 in psi_j; then backtracking by halves until f falls by a share of what its slope says. */
static const double LONGEST_STEP = 2.0, SUFFICIENT_DECREASE = 1e-4;
/* The Hessian's guess where a factor is one coordinate. */
static const double LEAST_CURVATURE = 1e-2;
enum { MAX_HALVINGS = 30 };

typedef struct point {
    double *x, *gradient, *diagonal; /* d; the diagonal is L-BFGS's */
    double *theta;                   /* r */
    scl_matrix Omega;                /* d x r */
    double f, size;                  /* size: of the terms of f, for its rounding */
    double residual;                 /* of the eigenpairs, as asked for */
} point;

typedef struct search {
    scl_matrix S, R;
    double divisor;            /* S_n = S divisor */
    bool exact;                /* eigenpairs by LAPACK */
    double tolerance;          /* of slopes */
    double *floor, *direction; /* d */
    point here, there;
    scl_lbfgs memory;
    scl_leading_start start; /* the eigen-solver's block, of the R before */
    scl_leading_info eigen;
} search;

static size_t workspace(size_t d, size_t r)
{
    size_t each = 3 * scl_arena_need(d) + scl_arena_need(r) + scl_matrix_need(d, r);
    size_t eigen = scl_fit_leading_workspace(d, r) + scl_matrix_need(r, r), rows = scl_fit_row_space_workspace(d, r);
    size_t block = scl_matrix_need(d, scl_leading_block(d, r));
    return scl_matrix_need(d, d) + block + 2 * scl_arena_need(d) + 2 * each + scl_lbfgs_workspace(d) +
           (eigen > rows ? eigen : rows);
}

static scl_status point_take(point *p, size_t d, size_t r, scl_arena *ws, scl_error *err)
{
    *p = (point){.x = scl_arena_take(ws, d, err),
                 .gradient = scl_arena_take(ws, d, err),
                 .diagonal = scl_arena_take(ws, d, err),
                 .theta = scl_arena_take(ws, r, err)};
    if (!p->x || !p->gradient || !p->diagonal || !p->theta) return SCL_ERR_INTERNAL;
    return scl_matrix_take(&p->Omega, ws, d, r, err);
}

static scl_status search_take(search *s, const scl_sample *sample, size_t r, double tolerance, scl_arena *ws,
                              scl_error *err)
{
    size_t d = sample->S.rows;
    bool exact = isinf(sample->n);
    *s = (search){.S = sample->S,
                  .exact = exact,
                  .divisor = exact ? 1.0 : 1.0 - 1.0 / sample->n,
                  .tolerance = fmax(tolerance * sqrt(2.0 / sample->n), EXACT_SLOPE)};
    s->floor = scl_arena_take(ws, d, err);
    s->direction = scl_arena_take(ws, d, err);
    if (!s->floor || !s->direction || scl_matrix_take(&s->R, ws, d, d, err) ||
        scl_matrix_take(&s->start.V, ws, d, scl_leading_block(d, r), err) || point_take(&s->here, d, r, ws, err) ||
        point_take(&s->there, d, r, ws, err))
        return SCL_ERR_INTERNAL;
    for (size_t j = 0; j < d; j++) {
        double variance = SCL_AT(s->S, j, j) * s->divisor;
        s->floor[j] = variance > 0.0 ? log(FLOOR * variance) : 0.0; /* none: its row of R is 0, and psi stays 1 */
        s->here.x[j] = variance > 0.0 ? log(FIRST_SHARE * variance) : 0.0;
    }
    return scl_lbfgs_take(&s->memory, d, ws, err);
}

/* R = Psi^{-1/2} S_n Psi^{-1/2}; root is scratch. */
static void scaled_covariance(scl_matrix R, double *root, const search *s, const double *x)
{
    size_t d = R.rows;
    for (size_t j = 0; j < d; j++) root[j] = exp(-0.5 * x[j]);
    for (size_t j = 0; j < d; j++) {
        const double *from = s->S.data + j * s->S.ld;
        double *to = R.data + j * R.ld, scale = root[j] * s->divisor;
        for (size_t i = 0; i < d; i++) to[i] = from[i] * (root[i] * scale);
    }
}

/* Eigenpairs of R with that residual (0: LAPACK); theta holds those of a matrix near R when warm. Loose ones of an R of rank below the
 * block's size can be no pairs at all: their vectors are dependent, and then LAPACK finds them. */
static scl_status eigenpairs(search *s, point *p, double residual, bool warm, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, r = p->Omega.cols;
    double relative = residual / (warm ? p->theta[r - 1] : 1.0);
    s->start.warm = s->start.warm && warm;
    s->start.low = 0.0; /* R is positive semidefinite */
    scl_status status = scl_leading_from(p->theta, p->Omega, &s->eigen, s->R, relative, &s->start, ws, err);
    scl_matrix G;
    p->residual = residual;
    if (status != SCL_OK || scl_matrix_take(&G, ws, r, r, err)) return status != SCL_OK ? status : SCL_ERR_INTERNAL;
    scl_gemm(G, 1.0, SCL_TRANSPOSED, p->Omega, SCL_PLAIN, p->Omega, 0.0);
    for (size_t k = 0; k < r; k++) SCL_AT(G, k, k) -= 1.0;
    double skew = sqrt(scl_frobenius_squared(G));
    ws->used = mark;
    if (skew <= ORTHONORMAL) return SCL_OK;
    p->residual = SCL_LEADING_EXACT;
    return scl_leading(p->theta, p->Omega, &s->eigen, s->R, SCL_LEADING_EXACT, ws, err);
}

/* f, its gradient and the diagonal of the Hessian at p->x, with eigenpairs from those before (warm) or from none. Frozen, with
 * diagonal 0, are coordinates at the floor that want to be smaller. */
static scl_status evaluate(search *s, point *p, double residual, bool warm, scl_arena *ws, scl_error *err)
{
    size_t d = s->R.rows, r = p->Omega.cols;
    scaled_covariance(s->R, p->diagonal, s, p->x);
    scl_status status = eigenpairs(s, p, s->exact ? SCL_LEADING_EXACT : residual, warm, ws, err);
    if (status != SCL_OK) return status;
    p->f = p->size = 0.0;
    for (size_t j = 0; j < d; j++) {
        double share = SCL_AT(s->R, j, j);
        p->gradient[j] = 1.0 - share;
        p->diagonal[j] = 1.0;
        p->f += p->x[j] + share;
        p->size += fabs(p->x[j]) + share;
    }
    for (size_t k = 0; k < r; k++) {
        const double *omega = p->Omega.data + k * p->Omega.ld;
        double excess = p->theta[k] - 1.0;
        if (!(excess > 0.0)) continue;
        p->f += log(p->theta[k]) - excess;
        for (size_t j = 0; j < d; j++) {
            p->gradient[j] += excess * omega[j] * omega[j];
            p->diagonal[j] -= omega[j] * omega[j];
        }
    }
    for (size_t j = 0; j < d; j++) {
        bool frozen = p->x[j] <= s->floor[j] && p->gradient[j] > 0.0;
        double own = fmax(p->diagonal[j] * p->diagonal[j], LEAST_CURVATURE);
        p->diagonal[j] = frozen ? 0.0 : 1.0 / own;
    }
    return SCL_OK;
}

/* max_j |df/dx_j| over the coordinates that are not frozen */
static double largest_slope(const point *p)
{
    double largest = 0.0;
    for (size_t j = 0; j < p->Omega.rows; j++)
        if (p->diagonal[j] > 0.0) largest = fmax(largest, fabs(p->gradient[j]));
    return largest;
}

/* Moves along the direction to a lower f; *moved stays false when there is none. */
static scl_status line_search(search *s, bool *moved, double residual, scl_arena *ws, scl_error *err)
{
    size_t d = s->R.rows;
    const point *from = &s->here;
    point *to = &s->there;
    double longest = 0.0, step = 1.0;
    for (size_t j = 0; j < d; j++) longest = fmax(longest, fabs(s->direction[j]));
    if (longest > LONGEST_STEP) step = LONGEST_STEP / longest;
    *moved = false;
    for (int halvings = 0; !*moved && halvings < MAX_HALVINGS; halvings++, step *= 0.5) {
        double slope = 0.0;
        for (size_t j = 0; j < d; j++) {
            to->x[j] = fmax(from->x[j] + step * s->direction[j], s->floor[j]);
            slope += from->gradient[j] * (to->x[j] - from->x[j]);
        }
        memcpy(to->theta, from->theta, to->Omega.cols * sizeof(double));
        scl_status status = evaluate(s, to, residual, true, ws, err);
        if (status != SCL_OK) return status;
        /* f carries rounding, and the square of the eigenpairs' residual */
        double noise = 16 * DBL_EPSILON * from->size +
                       (double)to->Omega.cols * (from->residual * from->residual + to->residual * to->residual);
        *moved = to->f <= from->f + SUFFICIENT_DECREASE * fmin(slope, 0.0) + noise;
    }
    return SCL_OK;
}

/* L-BFGS's direction, or the scaled gradient where that leads uphill. At the floor it never points below. */
static void choose_direction(search *s)
{
    const point *p = &s->here;
    for (;;) {
        double downhill = 0.0;
        scl_lbfgs_direction(s->direction, &s->memory, p->gradient, p->diagonal);
        for (size_t j = 0; j < s->R.rows; j++) {
            if (p->x[j] <= s->floor[j]) s->direction[j] = fmax(s->direction[j], 0.0);
            downhill += s->direction[j] * p->gradient[j];
        }
        if (downhill < 0.0 || s->memory.count == 0) return;
        s->memory.count = 0;
    }
}

/* Minimises f from s->here; *converged tells whether the gradient there is below the tolerance. */
static scl_status minimise(search *s, bool *converged, int *steps, int most, scl_arena *ws, scl_error *err)
{
    scl_status status = evaluate(s, &s->here, LARGEST_RESIDUAL, false, ws, err);
    *converged = false;
    *steps = 0;
    while (status == SCL_OK) {
        double slope = largest_slope(&s->here), target = fmax(s->tolerance, ROUNDING * s->here.theta[0]);
        double last = LAST_RESIDUAL_SHARE * target;
        if (slope <= target &&
            s->here.residual > 2.0 * last) { /* the same point, its eigenpairs as accurate as the answer's */
            status = evaluate(s, &s->here, last, true, ws, err);
            continue;
        }
        *converged = slope <= target;
        if (*converged || *steps >= most) return status;
        choose_direction(s);
        bool moved = false;
        double residual = fmax(fmin(RESIDUAL_SHARE * slope, LARGEST_RESIDUAL), last);
        status = line_search(s, &moved, residual, ws, err);
        if (status != SCL_OK) return status;
        if (!moved && s->exact && s->memory.count == 0) return SCL_OK;
        if (moved) {
            ++*steps;
            scl_lbfgs_add(&s->memory, s->here.x, s->there.x, s->here.gradient, s->there.gradient);
            point old = s->here;
            s->here = s->there;
            s->there = old;
        } else { /* loose eigenpairs may be other than the leading ones */
            s->memory.count = 0;
            s->exact = true;
            status = evaluate(s, &s->here, last, false, ws, err);
        }
    }
    return status;
}

static scl_status fit(scl_representation *out, scl_fit_info *info, const scl_sample *sample, const double *options,
                      scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)stream;
    size_t mark = ws->used, d = out->Q.rows, r = out->Q.cols;
    search s;
    bool converged = false;
    int steps = 0;
    scl_status status = search_take(&s, sample, r, options[TOLERANCE], ws, err);
    if (status == SCL_OK) status = minimise(&s, &converged, &steps, (int)options[MAX_ITERATIONS], ws, err);
    if (status != SCL_OK) return status;
    *info = (scl_fit_info){.iterations = steps, .residual = largest_slope(&s.here), .lapack = s.eigen.lapack};
    info->objective = -0.5 * ((double)d * log(2.0 * acos(-1.0)) + s.here.f);
    double one = 1.0 + ROUNDING * s.here.theta[0];
    info->status = !converged || sample->n - 1.0 <= (double)r ? SCL_FIT_UNCONVERGED
                   : s.here.theta[r - 1] > one                ? SCL_FIT_OK
                                                              : SCL_FIT_RANK_DEFICIENT;
    scl_matrix B = s.here.Omega; /* B = Psi^{1/2} Omega */
    for (size_t k = 0; k < r; k++) {
        for (size_t j = 0; j < d; j++) SCL_AT(B, j, k) *= exp(0.5 * s.here.x[j]);
        s.here.theta[k] = s.here.theta[k] > one ? sqrt(s.here.theta[k] - 1.0) : 0.0;
    }
    status = scl_fit_row_space(out, B, s.here.theta, ws, err);
    for (size_t k = 0; k < r; k++) out->values[k] = out->scale[k] * out->scale[k];
    ws->used = mark;
    return status;
}

const scl_estimator scl_estimator_factor_analysis = {
    .name = "factor-analysis",
    .summary = "maximum likelihood of U z + xi with any diagonal noise covariance: span of the loadings",
    .source = "docs/theory.md, section 2; Joreskog (1967)",
    .objective = "log-likelihood",
    .n_options = 2,
    .options =
        {
            [TOLERANCE] = {.key = "tolerance",
                           .fallback = 1e-3,
                           .low = 1e-9,
                           .high = 1.0,
                           .meaning =
                               "of the slopes of the log-likelihood, beside the sampling error sqrt(2/n) of theirs"},
            [MAX_ITERATIONS] = {.key = "max-iterations",
                                .fallback = 500,
                                .low = 1,
                                .high = 1e6,
                                .whole = true,
                                .meaning = "steps before the fit is called unconverged"},
        },
    .workspace = workspace,
    .fit = fit,
};
