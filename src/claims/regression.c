/* Slopes common to several groups. See regression.h.
 *
 * Legend: N points, G groups that have points, X (N x p) the variables that vary, w the weights.
 *
 * The intercepts are eliminated first (Frisch, Waugh and Lovell): subtracting from y and from every x its weighted
 * group mean gives the same slopes, covariance and residuals as a column of indicators per group, and p stays at
 * most 3.
 *
 * Standard errors.
 *  - Weighted: cov = (X'WX)^{-1} max(1, chi^2/df), df = N - G - rank. Above 1, chi^2/df says that the cells scatter by
 *    more than their Monte Carlo errors (the drawn U, curvature); below 1 it says nothing, since the Monte Carlo errors
 *    are a floor.
 *  - Ordinary (exact cells have standard error 0, so weights would be infinite): cov = (X'X)^{-1} RSS/df.
 * Quantiles are Student's with df degrees of freedom. That is exact for the ordinary fit with normal scatter. For the
 * weighted one it is right where chi > 1, as the scatter is then estimated from df residuals, and errs towards wide
 * limits where the floor holds: a cautious verdict with few cells, no difference with many.
 * Not modelled: cells of one U at several n share that U's deviation, which is about 1 % of the sampling term.
 *
 * Identification. A variable that varies in no group has no slope. Among the others a slope is not identified when
 * leaving out its column does not lower the rank; aspect sweeps (n proportional to d) are the usual case. The
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

typedef struct design {
    gsl_matrix *X; /* N x p, without group means */
    gsl_matrix *part;
    gsl_vector *y, *w, *coefficients;
    gsl_matrix *cov;
    gsl_multifit_linear_workspace *work;
    size_t n_ids;                                              /* group numbers are below; some may have no point */
    double *group_weight, *group_sum, *group_low, *group_high; /* n_ids each */
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
    scl_free(D->group_weight);
    scl_free(D->group_sum);
    scl_free(D->group_low);
    scl_free(D->group_high);
}

static scl_status new_groups(design *D, const scl_point *points, size_t n_points, scl_error *err)
{
    for (size_t i = 0; i < n_points; i++) {
        if (points[i].group >= D->n_ids) D->n_ids = points[i].group + 1;
    }
    D->group_weight = scl_alloc(D->n_ids, sizeof(double), err);
    D->group_sum = scl_alloc(D->n_ids, sizeof(double), err);
    D->group_low = scl_alloc(D->n_ids, sizeof(double), err);
    D->group_high = scl_alloc(D->n_ids, sizeof(double), err);
    bool complete = D->group_weight && D->group_sum && D->group_low && D->group_high;
    return complete ? SCL_OK : SCL_ERR_MEMORY;
}

static scl_status new_matrices(design *D, size_t n_points, size_t p, scl_error *err)
{
    D->X = gsl_matrix_alloc(n_points, p);
    D->part = gsl_matrix_alloc(n_points, p);
    D->y = gsl_vector_alloc(n_points);
    D->w = gsl_vector_alloc(n_points);
    D->coefficients = gsl_vector_alloc(p);
    D->cov = gsl_matrix_alloc(p, p);
    D->work = gsl_multifit_linear_alloc(n_points, p);
    if (D->X && D->part && D->y && D->w && D->coefficients && D->cov && D->work) return SCL_OK;
    return scl_error_set(err, SCL_ERR_MEMORY, "no memory for a regression of %zu points on %zu slopes", n_points, p);
}

static double weight_of(const scl_point *point, bool weighted)
{
    return weighted ? 1 / (point->se * point->se) : 1;
}

/* Largest range of x_j within a group. */
static double widest_range(design *D, const scl_point *points, size_t n_points, size_t j)
{
    for (size_t g = 0; g < D->n_ids; g++) D->group_low[g] = INFINITY, D->group_high[g] = -INFINITY;
    double widest = 0;
    for (size_t i = 0; i < n_points; i++) {
        size_t g = points[i].group;
        D->group_low[g] = fmin(D->group_low[g], points[i].x[j]);
        D->group_high[g] = fmax(D->group_high[g], points[i].x[j]);
        widest = fmax(widest, D->group_high[g] - D->group_low[g]);
    }
    return widest;
}

/* out_i = value_i - weighted mean of the values in i's group; values are the y, or the x_j for j >= 0. */
static void subtract_group_means(gsl_vector *out, design *D, const scl_point *points, int j)
{
    size_t n_points = out->size;
    for (size_t g = 0; g < D->n_ids; g++) D->group_weight[g] = D->group_sum[g] = 0;
    for (size_t i = 0; i < n_points; i++) {
        double value = j < 0 ? points[i].y : points[i].x[j];
        D->group_weight[points[i].group] += gsl_vector_get(D->w, i);
        D->group_sum[points[i].group] += gsl_vector_get(D->w, i) * value;
    }
    for (size_t i = 0; i < n_points; i++) {
        double value = j < 0 ? points[i].y : points[i].x[j];
        size_t g = points[i].group;
        gsl_vector_set(out, i, value - D->group_sum[g] / D->group_weight[g]);
    }
}

/* Rank of X without column `skip` (skip = p: of all of X), rows scaled by sqrt w. */
static size_t rank_without(design *D, size_t skip)
{
    size_t n_points = D->X->size1, p = D->X->size2, kept = 0;
    for (size_t j = 0; j < p; j++) {
        if (j == skip) continue;
        for (size_t i = 0; i < n_points; i++) {
            gsl_matrix_set(D->part, i, kept, sqrt(gsl_vector_get(D->w, i)) * gsl_matrix_get(D->X, i, j));
        }
        kept++;
    }
    if (kept == 0) return 0;
    gsl_matrix_view part = gsl_matrix_submatrix(D->part, 0, 0, n_points, kept);
    if (gsl_multifit_linear_bsvd(&part.matrix, D->work) != GSL_SUCCESS) return 0;
    return gsl_multifit_linear_rank(RANK_TOLERANCE, D->work);
}

/* chi^2 = sum w (y - X b)^2 */
static double residual_chi2(const design *D)
{
    double chi2 = 0;
    for (size_t i = 0; i < D->X->size1; i++) {
        double residual = gsl_vector_get(D->y, i);
        for (size_t j = 0; j < D->X->size2; j++) {
            residual -= gsl_matrix_get(D->X, i, j) * gsl_vector_get(D->coefficients, j);
        }
        chi2 += gsl_vector_get(D->w, i) * residual * residual;
    }
    return chi2;
}

static scl_status solve(scl_regression *fit, design *D, const size_t *varying, bool weighted, double level,
                        scl_error *err)
{
    size_t rank, p = D->X->size2, full_rank = rank_without(D, p);
    double ignored;
    int code =
        gsl_multifit_wlinear_tsvd(D->X, D->w, D->y, RANK_TOLERANCE, D->coefficients, D->cov, &ignored, &rank, D->work);
    if (code != GSL_SUCCESS) return scl_error_set(err, SCL_ERR_INTERNAL, "a regression failed: %s", gsl_strerror(code));

    fit->df = (double)(fit->n_points - fit->n_groups - rank);
    double chi2_per_df = residual_chi2(D) / fit->df;
    double inflation = weighted ? fmax(1, chi2_per_df) : chi2_per_df;
    double quantile = gsl_cdf_tdist_Qinv(level, fit->df);
    fit->scatter = sqrt(chi2_per_df);
    for (size_t j = 0; j < p; j++) {
        scl_slope *slope = &fit->slopes[varying[j]];
        if (rank_without(D, j) == full_rank) {
            slope->state = SCL_SLOPE_COLLINEAR;
            continue;
        }
        slope->state = SCL_SLOPE_FOUND;
        slope->estimate = gsl_vector_get(D->coefficients, j);
        slope->se = sqrt(inflation * gsl_matrix_get(D->cov, j, j));
        slope->lower = slope->estimate - quantile * slope->se;
        slope->upper = slope->estimate + quantile * slope->se;
    }
    return SCL_OK;
}

static size_t count_groups(design *D, const scl_point *points, size_t n_points)
{
    size_t n_groups = 0;
    for (size_t g = 0; g < D->n_ids; g++) D->group_weight[g] = 0;
    for (size_t i = 0; i < n_points; i++) {
        n_groups += D->group_weight[points[i].group] == 0;
        D->group_weight[points[i].group] = 1;
    }
    return n_groups;
}

scl_status scl_regress(scl_regression *fit, const scl_point *points, size_t n_points, size_t n_slopes, bool weighted,
                       double level, scl_error *err)
{
    *fit = (scl_regression){.n_points = n_points, .n_slopes = n_slopes};
    for (size_t j = 0; j < n_slopes; j++) {
        fit->slopes[j] = (scl_slope){SCL_SLOPE_TOO_FEW, NAN, NAN, -INFINITY, INFINITY, 1};
    }
    if (n_points == 0) return SCL_OK;

    design D = {0};
    size_t varying[SCL_MAX_SLOPES], p = 0;
    scl_status status = new_groups(&D, points, n_points, err);
    if (status != SCL_OK) goto done;
    fit->n_groups = count_groups(&D, points, n_points);
    for (size_t j = 0; j < n_slopes; j++) {
        double range = widest_range(&D, points, n_points, j);
        fit->slopes[j].span = exp(range);
        if (range > SAME_LOGARITHM) {
            varying[p++] = j;
        } else {
            fit->slopes[j].state = SCL_SLOPE_CONSTANT;
        }
    }
    if (p == 0 || n_points < fit->n_groups + p + 1) goto done;

    status = new_matrices(&D, n_points, p, err);
    if (status != SCL_OK) goto done;
    for (size_t i = 0; i < n_points; i++) gsl_vector_set(D.w, i, weight_of(&points[i], weighted));
    subtract_group_means(D.y, &D, points, -1);
    for (size_t j = 0; j < p; j++) {
        gsl_vector_view column = gsl_matrix_column(D.X, j);
        subtract_group_means(&column.vector, &D, points, (int)varying[j]);
    }
    status = solve(fit, &D, varying, weighted, level, err);
done:
    design_free(&D);
    return status;
}
