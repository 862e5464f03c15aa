/* Judges contrastive-recovery-upper: E||sinTheta(U, U_CL)||_F <= K [b1 + b2], one K for all n, d, r.
 *
 * Legend: b1 = r^{3/2} log d/d (bias), b2 = sqrt(d r/n) (sampling), e the error of a replicate, e_inf the exact error
 * at n = inf of the same model.
 *
 *   sampling ratio  s = sqrt(mean(e^2) - e_inf^2)/b2   cells with n >= 10 d, d >= 10 r
 *   bias ratio      t = e_inf/b1                       cells with n = inf,   d >= 10 r
 *
 * Term by term, because b1 is loose by 5 to 15: error/bound grows with d while the bias hands over to sampling, in the
 * regime of the theorem itself. Refuted when, in one family of models, log s grows with log n, log d or log r, or log t with log
 * d or log r, by more than the margin; confirmed when none can. Source: docs/theory.md, section 3, Judging.
 *
 * Decisions.
 *  - mean(e^2) = mean^2 + sd^2 (n_ok - 1)/n_ok; its standard error is taken as 2 mean mcse (sd is a few per cent of the
 *    mean), that of log s as mean mcse/(mean(e^2) - e_inf^2). Where mean(e^2) - e_inf^2 is within 4 standard errors of
 *    0 there is no logarithm worth having: such a cell is left out of the slopes and still counts for K.
 *  - The cells of the bias regression are exact, and all their scatter is that of the drawn U; those of the sampling
 *    regression have standard errors. The two kinds never share a regression.
 *  - An error cannot exceed sqrt r. Where it is near that (weak signals, below the transition), s = sqrt r/b2 grows like
 *    sqrt n whatever the bound does later: at nu = .2 and d = 80 error/bound rises from 2.5 to 5.1 between n = 1e3 and 3e4 and then
 *    falls to .27. Cells with mean(e^2) > r/4 are left out of the slopes of s and still count for K.
 *  - A bias of 0 satisfies the bound with any K and has no logarithm: left out of the slopes, and counted.
 *  - K-hat is the largest error/(b1 + b2) over the cells of both domains (n = inf: b2 = 0).
 *  - Limits counted: two for each of the five slopes of each family and two for K. */
#include "claims/upper_bound.h"

#include "base/memory.h"
#include "claims/ruling.h"

#include <math.h>

static const double LEAST_N_OVER_D = 10;
static const double LEAST_D_OVER_R = 10;
static const double SATURATED = .25;        /* of mean(e^2)/r: cells above are left out of the sampling slopes */
static const double LEAST_SIGNIFICANCE = 4; /* standard errors of mean(e^2) - e_inf^2 above 0 */

typedef struct terms {
    scl_point *sampling, *bias; /* group: the family */
    scl_estimate *ratios;       /* error/bound */
    double *scratch;
    size_t n_sampling, n_bias, n_ratios;
    size_t n_outside, n_saturated, n_lost, n_unbiased;
} terms;

static double bias_bound(const scl_evidence *cell)
{
    return pow(cell->r, 1.5) * log(cell->d) / cell->d;
}

static double sampling_bound(const scl_evidence *cell)
{
    return sqrt(cell->d * cell->r / cell->n); /* 0 for n = inf */
}

static void add_ratio(terms *T, const scl_evidence *cell, size_t index)
{
    double bound = bias_bound(cell) + sampling_bound(cell);
    T->ratios[T->n_ratios++] =
        (scl_estimate){cell->mean / bound, cell->mcse / bound, fmax(1, cell->n_ok - 1), index, cell->n};
}

static void add_sampling(terms *T, const scl_evidence *cell, size_t family)
{
    double mean_square = cell->mean * cell->mean + cell->sd * cell->sd * (cell->n_ok - 1) / cell->n_ok;
    if (mean_square > SATURATED * cell->r) {
        T->n_saturated++;
        return;
    }
    double excess = mean_square - cell->population * cell->population;
    double excess_se = 2 * cell->mean * cell->mcse;
    if (excess <= LEAST_SIGNIFICANCE * excess_se) {
        T->n_lost++;
        return;
    }
    T->sampling[T->n_sampling++] = (scl_point){.group = family,
                                               .y = log(sqrt(excess) / sampling_bound(cell)),
                                               .se = excess_se / (2 * excess),
                                               .x = {log(cell->n), log(cell->d), log(cell->r)}};
}

static void add_bias(terms *T, const scl_evidence *cell, size_t family)
{
    if (cell->mean <= SCL_NUMERICAL_ZERO * sqrt(cell->r)) {
        T->n_unbiased++;
        return;
    }
    T->bias[T->n_bias++] =
        (scl_point){.group = family, .y = log(cell->mean / bias_bound(cell)), .x = {log(cell->d), log(cell->r)}};
}

static void sort_into_terms(terms *T, const scl_cells *cells)
{
    for (size_t i = 0; i < cells->n; i++) {
        const scl_evidence *cell = &cells->cells[i];
        if (cell->d < LEAST_D_OVER_R * cell->r || cell->n < LEAST_N_OVER_D * cell->d) {
            T->n_outside++;
            continue;
        }
        add_ratio(T, cell, i);
        if (isfinite(cell->n)) {
            add_sampling(T, cell, cells->family[i]);
        } else {
            add_bias(T, cell, cells->family[i]);
        }
    }
}

static scl_status new_terms(terms *T, size_t n, scl_error *err)
{
    T->sampling = scl_alloc(n, sizeof *T->sampling, err);
    T->bias = scl_alloc(n, sizeof *T->bias, err);
    T->ratios = scl_alloc(n, sizeof *T->ratios, err);
    T->scratch = scl_alloc(n, sizeof *T->scratch, err);
    return T->sampling && T->bias && T->ratios && T->scratch ? SCL_OK : SCL_ERR_MEMORY;
}

static void free_terms(terms *T)
{
    scl_free(T->sampling);
    scl_free(T->bias);
    scl_free(T->ratios);
    scl_free(T->scratch);
}

static char *median_ratio(char out[SCL_NUMBER_CHARS], const terms *T, const scl_point *points, size_t n)
{
    for (size_t i = 0; i < n; i++) T->scratch[i] = exp(points[i].y);
    return scl_median_text(out, T->scratch, n);
}

static scl_status report_domain(scl_text *evidence, const terms *T, scl_error *err)
{
    return scl_text_add(
        evidence, err,
        "cells in the domain: %zu for the sampling term (n >= 10 d, d >= 10 r), %zu for the bias term (n = "
        "inf, d >= 10 r); left out %zu outside, %zu with an error near its maximum (mean(e^2) > r/4), %zu with the "
        "sampling error lost in the bias (within 4 standard errors of 0), %zu without bias\n",
        T->n_sampling, T->n_bias, T->n_outside, T->n_saturated, T->n_lost, T->n_unbiased);
}

static scl_status report_tightness(scl_text *evidence, const terms *T, scl_error *err)
{
    char sampling[SCL_NUMBER_CHARS], bias[SCL_NUMBER_CHARS];
    return scl_text_add(evidence, err, "tightness (median error term/bound term): sampling s %s, bias t %s\n",
                        median_ratio(sampling, T, T->sampling, T->n_sampling),
                        median_ratio(bias, T, T->bias, T->n_bias));
}

static scl_term sampling_term(const terms *T)
{
    static const char *const variables[] = {"n", "d", "r"};
    return (scl_term){.points = T->sampling,
                      .n_points = T->n_sampling,
                      .n_slopes = 3,
                      .ratio = "s",
                      .variables = variables,
                      .side = SCL_MUST_NOT_GROW,
                      .grouping = SCL_BY_FAMILY};
}

static scl_term bias_term(const terms *T)
{
    static const char *const variables[] = {"d", "r"};
    return (scl_term){.points = T->bias,
                      .n_points = T->n_bias,
                      .n_slopes = 2,
                      .ratio = "t",
                      .variables = variables,
                      .side = SCL_MUST_NOT_GROW,
                      .grouping = SCL_BY_FAMILY};
}

static scl_status weigh(scl_ruling *ruling, const terms *T, const scl_term *sampling, const scl_term *bias,
                        const scl_cells *cells, scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    scl_status status = scl_cells_report(evidence, cells, err);
    if (status == SCL_OK) status = report_domain(evidence, T, err);
    if (status == SCL_OK) status = scl_ruling_term(ruling, sampling, cells, err);
    if (status == SCL_OK) status = scl_ruling_term(ruling, bias, cells, err);
    scl_extreme K = scl_extreme_largest(T->ratios, T->n_ratios, ruling->level);
    if (status == SCL_OK) status = scl_ruling_constant(ruling, "K-hat (largest error/bound)", &K, cells, err);
    if (status == SCL_OK) status = report_tightness(evidence, T, err);
    return status;
}

scl_status scl_judge_recovery_upper(scl_judgement *out, const scl_evidence *given, size_t n_given, scl_error *err)
{
    scl_cells cells = {0};
    terms T = {0};
    scl_status status = scl_cells_select(&cells, given, n_given, err);
    if (status == SCL_OK) status = new_terms(&T, cells.n, err);
    if (status == SCL_OK) sort_into_terms(&T, &cells);
    scl_term sampling = sampling_term(&T), bias = bias_term(&T);
    scl_ruling ruling = scl_ruling_open(out, scl_term_limits(&sampling) + scl_term_limits(&bias) + 2);
    out->n_used = T.n_ratios;
    if (status == SCL_OK) status = weigh(&ruling, &T, &sampling, &bias, &cells, err);
    status = scl_ruling_close(&ruling,
                              "no slope of any family exceeds the margin, limits included, and every variable spans a "
                              "factor of 10",
                              status, err);
    free_terms(&T);
    scl_cells_free(&cells);
    return status;
}
