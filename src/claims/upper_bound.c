/* Judges upper bounds, E e <= K [b1 + b2], one K for all n, d, r: contrastive-recovery-upper and those of configs, and the same of
 * excess risks, contrastive-regression-upper and contrastive-classification-upper.
 *
 * Legend: b1 the bias term (of the claim r^{3/2} log d/d), b2 the sampling term (of the claim sqrt(d r/n)), e the error of a
 * replicate, e_inf the exact error at n = inf of the same model.
 *
 *   sampling ratio  s = sqrt(mean(e^2) - e_inf^2)/b2   cells with n >= 10 d, d >= 10 r
 *   bias ratio      t = e_inf/b1                       cells with n = inf,   d >= 10 r
 *
 * Term by term, because b1 is loose by 5 to 15: error/bound grows with d while the bias hands over to sampling, in the
 * regime of the theorem itself. Refuted when, in one family of models, log s grows with log n, log d or log r, or log t with log
 * d or log r, by more than the margin; confirmed when none can. A bound of one term is about that part of the error alone: sqrt(mean(e^2) - e_inf^2) <= K b2,
 * or e_inf <= K b1. Source: docs/theory.md, section 3, Judging.
 *
 * Decisions.
 *  - mean(e^2) = mean^2 + sd^2 (n_ok - 1)/n_ok; its standard error is taken as 2 mean mcse (sd is a few per cent of the
 *    mean), that of log s as mean mcse/(mean(e^2) - e_inf^2). Where mean(e^2) - e_inf^2 is lost in the bias, within 4
 *    standard errors of 0, there is no logarithm worth having: such a cell is left out of the slopes and still counts for K.
 *    Which cells those are must not depend on their own luck, or those that remain near the border are all too high and s seems
 *    to grow (of 60 true studies with 2 replicates and 81 n, 30 came out refuted). So a cell enters when s, as it is elsewhere in
 *    its family (the median over cells beyond 8 standard errors), would be seen there; or when it lies beyond 8 itself. At
 *    least 20 replicates, since a standard error from few is luck as well.
 *  - The cells of the bias regression are exact, and all their scatter is that of the drawn U; those of the sampling
 *    regression have standard errors. The two kinds never share a regression.
 *  - An error has a maximum, sqrt r for sin-theta-f. Where it is near that (weak signals, below the transition), s = sqrt r/b2 grows like
 *    sqrt n whatever the bound does later: at nu = .2 and d = 80 error/bound rises from 2.5 to 5.1 between n = 1e3 and 3e4 and then
 *    falls to .27. Cells with mean(e^2) > maximum^2/4 are left out of the slopes of s and still count for K.
 *  - A bias of 0 satisfies the bound with any K and has no logarithm: left out of the slopes, and counted.
 *  - The slopes of an excess are along the edges of the domain n >= 10 d, d >= 10 r: in n/d, d/r and r, of t in d/r and r. A power of n, d and r
 *    is bounded there exactly when it grows with none of them, the others fixed. Slopes in n, d and r ask for more than the claim says: an
 *    excess goes like the square of an error, so that s goes like sqrt(d/n), which grows with d at fixed n and never exceeds a constant; they
 *    refuted it. (Of an error s is level in all of them.)
 *  - Of an excess, which has no square and either sign, s = (mean - e_inf)/b2 and t = e_inf/b1, and errors near the maximum are those above
 *    a quarter of it. A population excess <= 0 satisfies the bound, whatever K: it is counted, and where all do, t needs no slopes but
 *    the spans. So does a mean that is not 4 standard errors above 0; it counts for s like any other, since which cells those are is luck. K-hat is
 *    about max(0, mean).
 *  - K-hat is the largest error/(b1 + b2) over the cells of both domains (n = inf: b2 = 0); without b2 the largest t, without b1 the
 *    largest s of the slopes' cells.
 *  - Limits counted: two for each slope of each family (five with both terms: s in n, d and r, t in d and r) and two for K. */
#include "claims/upper_bound.h"

#include "base/memory.h"
#include "claims/bound.h"
#include "claims/error_parts.h"
#include "claims/ruling.h"

#include <math.h>

const scl_domain scl_upper_bound_domain = {.least_n_over_d = 10, .least_d_over_r = 10};
static const double SATURATED = .25; /* of mean(e^2)/maximum^2: cells above are left out of the sampling slopes */
static const double LEAST_SIGNIFICANCE =
    4;                                     /* standard errors of mean(e^2) - e_inf^2 above 0, where s is as elsewhere */
static const double CLEAR = 8;             /* the same, for what was seen */
static const double LEAST_REPLICATES = 20; /* for a standard error that can be trusted so far out */

typedef struct terms {
    const scl_claim *claim;
    double *b1, *b2;            /* of each cell; NULL: the bound has no such term */
    scl_point *sampling, *bias; /* group: the family */
    scl_estimate *ratios;       /* error/bound */
    double *scratch;
    size_t n_sampling, n_bias, n_ratios;
    double least[2], most[2]; /* the variables of the bias term's cells, those without bias among them */
    size_t n_outside, n_few, n_saturated, n_lost, n_unbiased, n_troubled;
    size_t n_satisfied; /* sampled excesses that are not above 0 */
    size_t n_unsettled; /* curves that have not come down by their largest n, or of few replicates there */
    size_t n_appearing; /* families with a bias in some cells and none in others */
} terms;

static bool is_inside(const scl_evidence *cell)
{
    return scl_in_domain(&scl_upper_bound_domain, cell->n, cell->d, cell->r);
}

static bool of_excess(const terms *T)
{
    return scl_claim_of_excess(T->claim);
}

/* error/bound, unless the bound is one of the sampling error alone, which add_sampling knows. */
static void add_ratio(terms *T, const scl_evidence *cell, size_t index)
{
    if (!T->b1 || (!T->b2 && isfinite(cell->n))) return;
    double bound = T->b1[index] + (T->b2 ? T->b2[index] : 0);
    double mean = of_excess(T) ? fmax(0, cell->mean) : cell->mean;
    T->ratios[T->n_ratios++] =
        (scl_estimate){mean / bound, cell->mcse / bound, fmax(1, cell->n_ok - 1), index, cell->n};
}

static bool is_clear(const terms *T, const scl_evidence *cell)
{
    double error = scl_part_sampling_error(T->claim, cell, scl_part_mean_sum(T->claim, cell));
    return scl_part_sampling(T->claim, cell) >= CLEAR * error;
}

/* Whether a sampled cell may enter the slopes, but for losing its sampling error in the bias; if not, it is counted. */
static bool is_saturated(const terms *T, const scl_evidence *cell, double share)
{
    return scl_part_mean_sum(T->claim, cell) > share * scl_part_sum(T->claim, scl_part_largest(T->claim, cell));
}

static bool may_show_slopes(terms *T, const scl_evidence *cell)
{
    if (cell->n_ok < LEAST_REPLICATES) {
        T->n_few++;
        return false;
    }
    if (is_saturated(T, cell, SATURATED)) {
        T->n_saturated++;
        return false;
    }
    return true;
}

/* The cell of a curve's largest n tells whether the curve has left its maximum. */
static bool is_unsettled(const terms *T, const scl_cells *cells, size_t i)
{
    const scl_evidence *cell = &cells->cells[i];
    for (size_t next = i + 1; next < cells->n && cells->curve[next] == cells->curve[i]; next++)
        if (isfinite(cells->cells[next].n) && cells->cells[next].n > cell->n) return false;
    double bias = scl_part_sum(T->claim, cell->population / scl_part_largest(T->claim, cell));
    bool has_bias = bias > SATURATED / 2; /* that is the bias term's affair */
    return cell->n_ok < LEAST_REPLICATES || (is_saturated(T, cell, SATURATED) && !has_bias);
}

/* Cells first .. last - 1 are one family's. */
static void add_sampling(terms *T, const scl_cells *cells, size_t first, size_t last)
{
    size_t n_clear = 0;
    for (size_t i = first; i < last; i++) {
        const scl_evidence *cell = &cells->cells[i];
        if (!isfinite(cell->n) || !is_inside(cell) || cell->n_ok < LEAST_REPLICATES || !is_clear(T, cell)) continue;
        T->scratch[n_clear++] = scl_part_sampling(T->claim, cell) / scl_part_sum(T->claim, T->b2[i]);
    }
    double typical = scl_median(T->scratch, n_clear); /* s^2, of an excess s; NaN without clear cells */
    for (size_t i = first; i < last; i++) {
        const scl_evidence *cell = &cells->cells[i];
        if (!isfinite(cell->n) || !is_inside(cell)) continue;
        T->n_unsettled += is_unsettled(T, cells, i);
        if (!may_show_slopes(T, cell)) continue;
        double bound = T->b2[i], expected = typical * scl_part_sum(T->claim, bound);
        double part = scl_part_sampling(T->claim, cell), sum = scl_part_sum(T->claim, cell->population) + expected;
        double error = scl_part_sampling_error(T->claim, cell, sum);
        if (part <= 0 || !(expected >= LEAST_SIGNIFICANCE * error || is_clear(T, cell))) {
            T->n_lost++;
            continue;
        }
        bool edges = of_excess(T);
        T->sampling[T->n_sampling++] = (scl_point){
            .group = cells->family[i],
            .y = log(scl_part_value(T->claim, part) / bound),
            .se = scl_part_log_error(T->claim, cell),
            .x = {log(edges ? cell->n / cell->d : cell->n), log(edges ? cell->d / cell->r : cell->d), log(cell->r)}};
        const scl_point *point = &T->sampling[T->n_sampling - 1];
        double s = exp(point->y);
        if (!T->b1) T->ratios[T->n_ratios++] = (scl_estimate){s, s * point->se, cell->n_ok - 1, i, cell->n};
    }
}

static void add_bias(terms *T, const scl_evidence *cell, size_t index, size_t family)
{
    const double sizes[2] = {of_excess(T) ? cell->d / cell->r : cell->d, cell->r};
    for (size_t k = 0; k < 2; k++) {
        T->least[k] = fmin(T->least[k], sizes[k]);
        T->most[k] = fmax(T->most[k], sizes[k]);
    }
    if (cell->mean <= SCL_NUMERICAL_ZERO * scl_part_largest(T->claim, cell)) {
        T->n_unbiased++;
        return;
    }
    T->bias[T->n_bias++] =
        (scl_point){.group = family, .y = log(cell->mean / T->b1[index]), .x = {log(sizes[0]), log(sizes[1])}};
}

static void sort_into_terms(terms *T, const scl_cells *cells)
{
    for (size_t first = 0, last; first < cells->n; first = last) {
        size_t zeros = T->n_unbiased, biased = T->n_bias;
        for (last = first; last < cells->n && cells->family[last] == cells->family[first]; last++) {
            const scl_evidence *cell = &cells->cells[last];
            if (!is_inside(cell)) {
                T->n_outside++;
                continue;
            }
            add_ratio(T, cell, last);
            T->n_satisfied += isfinite(cell->n) && cell->mean <= LEAST_SIGNIFICANCE * cell->mcse;
            if (T->b1 && !isfinite(cell->n)) add_bias(T, cell, last, cells->family[last]);
        }
        T->n_appearing += T->n_unbiased > zeros && T->n_bias > biased;
        if (T->b2) add_sampling(T, cells, first, last);
    }
}

/* The values of a term in all cells, NULL when the bound has none. */
static scl_status evaluate(double **values, const char *expression, const scl_cells *cells, scl_error *err)
{
    if (!expression) return SCL_OK;
    *values = scl_alloc(cells->n, sizeof **values, err);
    return *values ? scl_bound_values(*values, expression, cells, err) : SCL_ERR_MEMORY;
}

static scl_status new_terms(terms *T, const scl_cells *cells, scl_error *err)
{
    size_t n = cells->n;
    for (size_t k = 0; k < 2; k++) T->least[k] = INFINITY;
    T->sampling = scl_alloc(n, sizeof *T->sampling, err);
    T->bias = scl_alloc(n, sizeof *T->bias, err);
    T->ratios = scl_alloc(n, sizeof *T->ratios, err);
    T->scratch = scl_alloc(n, sizeof *T->scratch, err);
    if (!T->sampling || !T->bias || !T->ratios || !T->scratch) return SCL_ERR_MEMORY;
    scl_status status = evaluate(&T->b1, T->claim->terms[SCL_TERM_BIAS], cells, err);
    return status == SCL_OK ? evaluate(&T->b2, T->claim->terms[SCL_TERM_SAMPLING], cells, err) : status;
}

static void free_terms(terms *T)
{
    scl_free(T->sampling);
    scl_free(T->bias);
    scl_free(T->ratios);
    scl_free(T->scratch);
    scl_free(T->b1);
    scl_free(T->b2);
}

static char *median_ratio(char out[SCL_NUMBER_CHARS], const terms *T, const scl_point *points, size_t n)
{
    for (size_t i = 0; i < n; i++) T->scratch[i] = exp(points[i].y);
    return scl_median_text(out, T->scratch, n);
}

static scl_status report_domain(scl_text *evidence, const terms *T, scl_error *err)
{
    scl_status status = scl_text_add(evidence, err, "cells in the domain:");
    if (status == SCL_OK && T->b2)
        status = scl_text_add(evidence, err, " %zu for the sampling term (n >= 10 d, d >= 10 r)%s", T->n_sampling,
                              T->b1 ? "," : "");
    if (status == SCL_OK && T->b1)
        status = scl_text_add(evidence, err, " %zu for the bias term (n = inf, d >= 10 r)", T->n_bias);
    if (status == SCL_OK) status = scl_text_add(evidence, err, "; left out %zu outside", T->n_outside);
    if (status == SCL_OK && T->b2)
        status = scl_text_add(evidence, err,
                              ", %zu with fewer than 20 replicates, %zu with an error near its maximum (%s), %zu with "
                              "the sampling error lost in the bias (within 4 standard errors of 0)",
                              T->n_few, T->n_saturated, of_excess(T) ? "mean > maximum/4" : "mean(e^2) > maximum^2/4",
                              T->n_lost);
    if (status == SCL_OK && T->b1) status = scl_text_add(evidence, err, ", %zu without bias", T->n_unbiased);
    if (status == SCL_OK && of_excess(T))
        status = scl_text_add(evidence, err,
                              "\nexcesses that satisfy the bound whatever K': %zu at n = inf that are not above 0, %zu "
                              "sampled ones that are not 4 standard errors above 0",
                              T->n_unbiased, T->n_satisfied);
    return status == SCL_OK ? scl_text_add(evidence, err, "\n") : status;
}

static scl_status report_tightness(scl_text *evidence, const terms *T, scl_error *err)
{
    char median[SCL_NUMBER_CHARS];
    scl_status status = scl_text_add(evidence, err, "tightness (median error term/bound term):");
    if (status == SCL_OK && T->b2)
        status = scl_text_add(evidence, err, " sampling s %s%s", median_ratio(median, T, T->sampling, T->n_sampling),
                              T->b1 ? "," : "");
    if (status == SCL_OK && T->b1)
        status = scl_text_add(evidence, err, " bias t %s", median_ratio(median, T, T->bias, T->n_bias));
    return status == SCL_OK ? scl_text_add(evidence, err, "\n") : status;
}

static scl_term sampling_term(const terms *T)
{
    static const char *const sizes[] = {"n", "d", "r"}, *const edges[] = {"(n/d)", "(d/r)", "r"};
    return (scl_term){.points = T->sampling,
                      .n_points = T->n_sampling,
                      .n_slopes = 3,
                      .ratio = "s",
                      .variables = of_excess(T) ? edges : sizes,
                      .side = SCL_MUST_NOT_GROW,
                      .grouping = SCL_BY_FAMILY};
}

static const char *const *variables_of_bias(const terms *T)
{
    static const char *const sizes[] = {"d", "r"}, *const edges[] = {"(d/r)", "r"};
    return of_excess(T) ? edges : sizes;
}

static scl_term bias_term(const terms *T)
{
    return (scl_term){.points = T->bias,
                      .n_points = T->n_bias,
                      .n_slopes = 2,
                      .ratio = "t",
                      .variables = variables_of_bias(T),
                      .side = SCL_MUST_NOT_GROW,
                      .grouping = SCL_BY_FAMILY};
}

static bool never_biased(const terms *T)
{
    return of_excess(T) && T->n_bias == 0 && T->n_unbiased > 0;
}

/* Where no population excess is above 0 there is nothing to grow, but the cells must still span something. */
static scl_status weigh_bias(scl_ruling *ruling, const terms *T, const scl_term *bias, const scl_cells *cells,
                             scl_error *err)
{
    const char *const *variables = variables_of_bias(T);
    if (!never_biased(T)) return scl_ruling_term(ruling, bias, cells, err);
    scl_status status =
        scl_text_add(&ruling->judgement->evidence, err,
                     "t: no population excess of %zu is above 0, so none needs a slope\n", T->n_unbiased);
    for (size_t k = 0; k < 2 && status == SCL_OK; k++)
        if (T->most[k] < SCL_SPAN * (1 - 1e-9) * T->least[k]) {
            char span[SCL_NUMBER_CHARS];
            status = scl_ruling_add(&ruling->lacking, err, "%s spans a factor of %s only for t", variables[k],
                                    scl_number_digits(span, T->most[k] / T->least[k], 4));
        }
    return status;
}

static const char *name_of_constant(const terms *T)
{
    if (of_excess(T)) return "K'-hat (largest max(0, mean)/bound)";
    if (T->b1 && T->b2) return "K-hat (largest error/bound)";
    return T->b1 ? "K-hat (largest t)" : "K-hat (largest s)";
}

static scl_status weigh(scl_ruling *ruling, const terms *T, const scl_term *sampling, const scl_term *bias,
                        const scl_cells *cells, scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    scl_status status = scl_cells_report(evidence, cells, err);
    if (status == SCL_OK) status = report_domain(evidence, T, err);
    if (status == SCL_OK && T->b2) status = scl_ruling_term(ruling, sampling, cells, err);
    if (status == SCL_OK && T->b1) status = weigh_bias(ruling, T, bias, cells, err);
    scl_extreme K = scl_extreme_largest(T->ratios, T->n_ratios, ruling->level);
    if (status == SCL_OK) status = scl_ruling_constant(ruling, name_of_constant(T), &K, cells, err);
    if (status == SCL_OK) status = report_tightness(evidence, T, err);
    if (status == SCL_OK && T->n_unsettled > 0)
        status = scl_ruling_add(&ruling->lacking, err,
                                "on %zu curve%s the error at the largest n is near its maximum, or of fewer than 20 "
                                "replicates",
                                T->n_unsettled, scl_plural(T->n_unsettled));
    if (status == SCL_OK && T->n_appearing > 0 && !of_excess(T))
        status = scl_ruling_add(&ruling->lacking, err, "in %zu famil%s some cells have a bias and others none",
                                T->n_appearing, T->n_appearing == 1 ? "y" : "ies");
    if (status == SCL_OK) status = scl_ruling_trouble(ruling, T->n_troubled, err);
    return status;
}

scl_status scl_judge_upper_bound(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                                 scl_error *err)
{
    scl_cells cells = {0};
    terms T = {.claim = claim};
    scl_status status = of_excess(&T) ? scl_cells_select_signed(&cells, given, n_given, err)
                                      : scl_cells_select(&cells, given, n_given, err);
    if (status == SCL_OK) status = new_terms(&T, &cells, err);
    if (status == SCL_OK) sort_into_terms(&T, &cells);
    T.n_troubled = scl_cells_troubled(given, n_given, &scl_upper_bound_domain);
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
