/* Slopes of groups, each by itself. See regression.h.
 *
 * Legend: of a group: m points, X (m x p) the variables that vary in it, without their weighted means (that eliminates the
 * intercept; Frisch, Waugh and Lovell), w_i = 1/(se_i^2 + tau^2).
 *
 * Scatter. Cells differ by more than their Monte Carlo errors: by the drawn U, by curvature. tau^2 is the value at which the residuals are
 * as large as they should be, chi^2(tau^2) = df = m - 1 - rank, 0 when chi^2(0) < df already, since Monte Carlo errors are a floor
 * (Paule and Mandel, 1982). Where all points are exact (se = 0) this is ordinary least squares with tau^2 = RSS/df.
 * Quantiles are Student's with df degrees of freedom: right where the scatter is estimated, wide where the floor holds.
 * Not modelled: cells of one U at several n share that U's deviation, which is about 1 % of the sampling term.
 *
 * Identification. A variable that does not vary in a group has no slope there. Among the others a slope is not identified
 * when leaving out its column does not lower the rank; aspect sweeps (n proportional to d) are the usual case. The
 * decomposition drops the directions without information, so the identified slopes beside them stay right. */
#include "claims/regression.h"

#include "base/memory.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_multifit.h>
#include <math.h>

/* Below this share of the largest singular value (columns balanced) a direction counts as absent. Larger: more designs
 * are called collinear. n = d/aspect rounded to a whole number leaves some .001, from which no slope should be read. */
static const double RANK_TOLERANCE = .01;
/* Logarithms that differ by less are the same number. */
static const double SAME_LOGARITHM = 1e-9;
/* Stands for the 0 of an exact point at tau = 0; its square root is far below the rounding of any logarithm. */
static const double SMALLEST_VARIANCE = 1e-60;
/* tau^2 is found to a relative 2^-SCATTER_BITS, if it is more than 2^-SCATTER_RANGE of the unweighted residual variance. */
enum { SCATTER_BITS = 40, SCATTER_RANGE = 120 };

typedef struct design {
    gsl_matrix *X, *part; /* rows of zeros fill a group of fewer points than slopes */
    gsl_vector *y, *w, *coefficients;
    gsl_matrix *cov;
    gsl_multifit_linear_workspace *work;
} design;

static void design_free(design *D)
{
    if (D->X) gsl_matrix_free(D->X);
    if (D->part) gsl_matrix_free(D->part);
    if (D->y) gsl_vector_free(D->y);
    if (D->w) gsl_vector_free(D->w);
    if (D->coefficients) gsl_vector_free(D->coefficients);
    if (D->cov) gsl_matrix_free(D->cov);
    if (D->work) gsl_multifit_linear_free(D->work);
}

static scl_status design_new(design *D, size_t rows, size_t p, scl_error *err)
{
    D->X = gsl_matrix_calloc(rows, p);
    D->part = gsl_matrix_calloc(rows, p);
    D->y = gsl_vector_calloc(rows);
    D->w = gsl_vector_alloc(rows);
    D->coefficients = gsl_vector_alloc(p);
    D->cov = gsl_matrix_alloc(p, p);
    D->work = gsl_multifit_linear_alloc(rows, p);
    if (D->X && D->part && D->y && D->w && D->coefficients && D->cov && D->work) return SCL_OK;
    return scl_error_set(err, SCL_ERR_MEMORY, "no memory for a regression of %zu points on %zu slopes", rows, p);
}

static size_t count_values(const scl_point *points, size_t n_points, size_t j)
{
    size_t count = 0;
    for (size_t i = 0; i < n_points; i++) {
        bool known = false;
        for (size_t k = 0; k < i && !known; k++) known = fabs(points[i].x[j] - points[k].x[j]) <= SAME_LOGARITHM;
        count += !known;
    }
    return count;
}

/* The group's variables that vary, and each one's span; returns how many. */
static size_t varying_variables(size_t *varying, scl_group_slopes *group, const scl_point *points, size_t n_slopes)
{
    size_t p = 0;
    for (size_t j = 0; j < n_slopes; j++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < group->n_points; i++) {
            low = fmin(low, points[i].x[j]);
            high = fmax(high, points[i].x[j]);
        }
        group->slopes[j].span = exp(high - low);
        group->slopes[j].n_values = count_values(points, group->n_points, j);
        if (high - low > SAME_LOGARITHM) {
            varying[p++] = j;
        } else {
            group->slopes[j].state = SCL_SLOPE_CONSTANT;
        }
    }
    return p;
}

/* out_i = value_i - weighted mean of the values, which are the y, or the x_j for j >= 0 */
static void subtract_mean(gsl_vector *out, const design *D, const scl_point *points, size_t n_points, int j)
{
    double weight = 0, sum = 0;
    for (size_t i = 0; i < n_points; i++) {
        weight += gsl_vector_get(D->w, i);
        sum += gsl_vector_get(D->w, i) * (j < 0 ? points[i].y : points[i].x[j]);
    }
    for (size_t i = 0; i < n_points; i++) gsl_vector_set(out, i, (j < 0 ? points[i].y : points[i].x[j]) - sum / weight);
}

/* Rank of X without column `skip` (skip = p: of all of X), rows scaled by sqrt w. */
static size_t rank_without(design *D, size_t skip)
{
    size_t rows = D->X->size1, p = D->X->size2, kept = 0;
    for (size_t j = 0; j < p; j++) {
        if (j == skip) continue;
        for (size_t i = 0; i < rows; i++)
            gsl_matrix_set(D->part, i, kept, sqrt(gsl_vector_get(D->w, i)) * gsl_matrix_get(D->X, i, j));
        kept++;
    }
    if (kept == 0) return 0;
    gsl_matrix_view part = gsl_matrix_submatrix(D->part, 0, 0, rows, kept);
    if (gsl_multifit_linear_bsvd(&part.matrix, D->work) != GSL_SUCCESS) return 0;
    return gsl_multifit_linear_rank(RANK_TOLERANCE, D->work);
}

/* sum w (y - X b)^2 */
static double residual_chi2(const design *D)
{
    double chi2 = 0;
    for (size_t i = 0; i < D->X->size1; i++) {
        double residual = gsl_vector_get(D->y, i);
        for (size_t j = 0; j < D->X->size2; j++)
            residual -= gsl_matrix_get(D->X, i, j) * gsl_vector_get(D->coefficients, j);
        chi2 += gsl_vector_get(D->w, i) * residual * residual;
    }
    return chi2;
}

static double weight_of(const scl_point *point, double tau2)
{
    return 1 / fmax(point->se * point->se + tau2, SMALLEST_VARIANCE);
}

/* The slopes of the p variables that vary, at this tau^2. */
static scl_status fit_varying(double *chi2, scl_group_slopes *group, const scl_point *points, const size_t *varying,
                              size_t p, double tau2, scl_error *err)
{
    size_t m = group->n_points, rank = 0;
    double ignored;
    design D = {0};
    scl_status status = design_new(&D, m > p ? m : p, p, err);
    if (status != SCL_OK) goto done;
    gsl_vector_set_all(D.w, 1);
    for (size_t i = 0; i < m; i++) gsl_vector_set(D.w, i, weight_of(&points[i], tau2));
    subtract_mean(D.y, &D, points, m, -1);
    for (size_t j = 0; j < p; j++) {
        gsl_vector_view column = gsl_matrix_column(D.X, j);
        subtract_mean(&column.vector, &D, points, m, (int)varying[j]);
    }
    size_t full_rank = rank_without(&D, p);
    int code = gsl_multifit_wlinear_tsvd(D.X, D.w, D.y, RANK_TOLERANCE, D.coefficients, D.cov, &ignored, &rank, D.work);
    if (code != GSL_SUCCESS) {
        status = scl_error_set(err, SCL_ERR_INTERNAL, "a regression failed: %s", gsl_strerror(code));
        goto done;
    }
    for (size_t j = 0; j < p; j++) {
        scl_slope *slope = &group->slopes[varying[j]];
        slope->state = rank_without(&D, j) == full_rank ? SCL_SLOPE_COLLINEAR : SCL_SLOPE_FOUND;
        if (slope->state != SCL_SLOPE_FOUND) continue;
        slope->estimate = gsl_vector_get(D.coefficients, j);
        slope->se = sqrt(gsl_matrix_get(D.cov, j, j));
    }
    *chi2 = residual_chi2(&D);
    group->df = (double)(m - 1 - rank);
done:
    design_free(&D);
    return status;
}

/* Fits one group at this tau^2; where nothing varies there is nothing to fit, and df stays 0. */
static scl_status fit_group(double *chi2, scl_group_slopes *group, const scl_point *points, size_t n_slopes,
                            double tau2, scl_error *err)
{
    for (size_t j = 0; j < n_slopes; j++)
        group->slopes[j] = (scl_slope){SCL_SLOPE_TOO_FEW, NAN, NAN, -INFINITY, INFINITY, 1, 1};
    size_t varying[SCL_MAX_SLOPES], p = varying_variables(varying, group, points, n_slopes);
    return p > 0 ? fit_varying(chi2, group, points, varying, p, tau2, err) : SCL_OK;
}

/* Where chi^2(tau^2) = df: bisection, since chi^2 falls with tau^2. `high` is where it is below df. */
static scl_status find_scatter(double *tau2, scl_group_slopes *group, const scl_point *points, size_t n_slopes,
                               double high, scl_error *err)
{
    double low = ldexp(high, -SCATTER_RANGE), chi2;
    while (high / low > 1 + ldexp(1, -SCATTER_BITS)) {
        double middle = sqrt(low) * sqrt(high);
        scl_status status = fit_group(&chi2, group, points, n_slopes, middle, err);
        if (status != SCL_OK) return status;
        *(chi2 > group->df ? &low : &high) = middle;
    }
    *tau2 = high;
    return SCL_OK;
}

/* tau^2 and chi of the group. */
static scl_status scatter(double *tau2, scl_group_slopes *group, const scl_point *points, size_t n_slopes,
                          scl_error *err)
{
    bool exact = false;
    for (size_t i = 0; i < group->n_points; i++) exact = exact || points[i].se == 0;
    double chi2 = 0, high = 1;
    *tau2 = 0;
    scl_status status = fit_group(&chi2, group, points, n_slopes, 0, err);
    if (status != SCL_OK || group->df == 0) return status;
    if (!exact) group->chi = sqrt(chi2 / group->df);
    if (chi2 <= group->df) return SCL_OK;
    for (; status == SCL_OK && chi2 > group->df; high *= 16) /* ends: weights fall to 0 */
        status = fit_group(&chi2, group, points, n_slopes, high, err);
    return status == SCL_OK ? find_scatter(tau2, group, points, n_slopes, high, err) : status;
}

size_t scl_regression_groups(const scl_point *points, size_t n_points)
{
    size_t n = 0;
    for (size_t i = 0; i < n_points; i++) n += i == 0 || points[i].group != points[i - 1].group;
    return n;
}

static void set_limits(scl_slope *slope, double df, double level)
{
    if (slope->state != SCL_SLOPE_FOUND) return;
    if (!(df > 0)) {
        *slope = (scl_slope){SCL_SLOPE_TOO_FEW, NAN, NAN, -INFINITY, INFINITY, slope->n_values, slope->span};
        return;
    }
    double half = gsl_cdf_tdist_Qinv(level, df) * slope->se;
    slope->lower = slope->estimate - half;
    slope->upper = slope->estimate + half;
}

static scl_status new_groups(scl_regression *fit, const scl_point *points, size_t n_points, size_t n_slopes,
                             scl_error *err)
{
    *fit = (scl_regression){.n_points = n_points, .n_slopes = n_slopes};
    fit->groups = scl_alloc(scl_regression_groups(points, n_points), sizeof *fit->groups, err);
    if (!fit->groups) return SCL_ERR_MEMORY;
    for (size_t i = 0; i < n_points; i++) {
        if (i == 0 || points[i].group != points[i - 1].group)
            fit->groups[fit->n_groups++] = (scl_group_slopes){.group = points[i].group, .first = i, .chi = NAN};
        fit->groups[fit->n_groups - 1].n_points++;
    }
    return SCL_OK;
}

scl_status scl_regress(scl_regression *fit, const scl_point *points, size_t n_points, size_t n_slopes, double level,
                       scl_error *err)
{
    scl_status status = new_groups(fit, points, n_points, n_slopes, err);
    for (size_t g = 0; g < fit->n_groups && status == SCL_OK; g++) {
        scl_group_slopes *group = &fit->groups[g];
        double tau2 = 0, chi2;
        status = scatter(&tau2, group, points + group->first, n_slopes, err);
        if (status == SCL_OK) status = fit_group(&chi2, group, points + group->first, n_slopes, tau2, err);
        group->tau = sqrt(tau2);
        for (size_t j = 0; j < n_slopes && status == SCL_OK; j++) set_limits(&group->slopes[j], group->df, level);
    }
    return status;
}

static void trend(scl_group_slopes *group, const scl_point *points, double level)
{
    double n = (double)group->n_points, mean = 0, square = 0, variance = 0, fourth = 0, low = INFINITY,
           high = -INFINITY;
    for (size_t i = 0; i < group->n_points; i++) {
        mean += points[i].x[0] / n;
        low = fmin(low, points[i].x[0]);
        high = fmax(high, points[i].x[0]);
    }
    scl_slope *slope = &group->slopes[0];
    *slope = (scl_slope){SCL_SLOPE_CONSTANT, NAN, NAN, -INFINITY, INFINITY, count_values(points, group->n_points, 0),
                         exp(high - low)};
    if (!(high - low > SAME_LOGARITHM)) return;
    for (size_t i = 0; i < group->n_points; i++) square += (points[i].x[0] - mean) * (points[i].x[0] - mean);
    slope->state = SCL_SLOPE_FOUND;
    slope->estimate = 0;
    for (size_t i = 0; i < group->n_points; i++) {
        double share = (points[i].x[0] - mean) / square, part = share * share * points[i].se * points[i].se;
        slope->estimate += share * points[i].y;
        variance += part;
        fourth += part * part / points[i].df;
    }
    slope->se = sqrt(variance);
    group->df = fourth > 0 ? variance * variance / fourth : INFINITY;
    set_limits(slope, fmin(group->df, 1e6), level); /* Student's law is the normal one long before */
}

scl_status scl_trends(scl_regression *fit, const scl_point *points, size_t n_points, double level, scl_error *err)
{
    scl_status status = new_groups(fit, points, n_points, 1, err);
    for (size_t g = 0; g < fit->n_groups && status == SCL_OK; g++)
        trend(&fit->groups[g], points + fit->groups[g].first, level);
    return status;
}

void scl_regression_free(scl_regression *fit)
{
    scl_free(fit->groups);
    *fit = (scl_regression){0};
}
