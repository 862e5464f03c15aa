/* Judges lower bounds, E e >= c b for all n, d, r, with one c > 0: autoencoder-recovery-lower and those of configs, and the same of
 * excess risks for each r, autoencoder-regression-lower and autoencoder-classification-lower.
 *
 * Legend: b the floor term (of the claim sqrt r), e the mean error of a sampled cell, e_inf the exact error of its model at n = inf. A curve is what n is swept along: one
 * family, one d, one r; its e_inf is its floor. All cells have d >= 20 r: the claim is about d >> r (at d = r the error is 0 for
 * trivial reasons).
 *
 *   constant    c-hat = min of e_inf/b and e/b                     curves; sampled cells with n >= 100 d
 *   slope in n  of log(e/b), of each curve (a trend)               cells with n >= 100 d, the last two decades of their curve
 *   slopes in d and r of log(e_inf/b), of each family              curves
 *
 * Refuted when c-hat is 0 or a slope is below minus the margin, limit included; confirmed when c-hat's lower limit is
 * positive, no slope can be below minus the margin, and n, d and r each span a factor of 10.
 * Source: docs/theory.md, section 3, Judging.
 *
 * Decisions.
 *  - An error that falls towards a floor above 0 breaks nothing: e(n) -> e_inf > 0 is known exactly, and a window of n that ends
 *    before e has levelled off shows a slope of any size (from 1.5 to 1.02 times the floor: -.08). So the slope in n of a curve
 *    refutes only if its floor is 0 or one of its errors lies below the floor by more than the margin, limit included;
 *    otherwise a steep slope leaves the claim undecided: larger n would show.
 *  - Floors speak for sampled errors only as far as these keep to them: sampled errors (of any n >= 100 d) below the floor by
 *    more than the margin, limit included, leave the claim undecided.
 *  - The last two decades of a curve are n >= (its largest n)/100. Per curve and not per family, so that a long sweep elsewhere does
 *    not silence a shorter one. A curve with one such cell says nothing about n.
 *  - The slopes in d and r use the exact floors alone. Sampled cells at one n carry an excess that grows with d, which
 *    would pass for growth of the floor (.04 per unit of log d at n = 100 d, nearly the margin).
 *  - e_inf = 0 (homoskedastic noise) is no number to take the logarithm of but a counter-example: below
 *    SCL_NUMERICAL_ZERO x its maximum no c > 0 holds for all n, so c-hat is called 0 and the claim refuted whatever the
 *    slopes. Such a floor stays out of the slopes.
 *  - c-hat's limits: an exact number is its own limit. c speaks of the models that were drawn, as the theorem does of a
 *    fixed U, so the scatter over U does not enter.
 *  - An excess may be negative. At n = inf that is a counter-example like 0; sampled, when its upper limit is below 0, and else a cell whose mean is
 *    not above 0 has no logarithm and stays out of the slope in n. Its claim is one for each r, so floors have a slope in d alone, for
 *    each family and r by themselves.
 *  - Limits counted: two for the slope of each curve, two for each of the two slopes of each family, and two for c. */
#include "claims/lower_bound.h"

#include "base/memory.h"
#include "claims/bound.h"
#include "claims/error_parts.h"
#include "claims/ruling.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

const scl_domain scl_lower_bound_domain = {.least_n_over_d = 100, .least_d_over_r = 20};
static const double WINDOW = 100; /* the last two decades */
static const double ROUNDING = 1e-9;

typedef struct terms {
    const scl_claim *claim;
    double *b;            /* of each cell */
    scl_point *curves;    /* group: the curve; x: log n */
    scl_point *floors;    /* group: the family; x: log d, log r */
    scl_estimate *ratios; /* e_inf/b and e/b */
    size_t *sampled;      /* cells that are sampled and in the domain */
    bool *excused;        /* by curve: its slope in n cannot refute */
    size_t n_curves, n_floors, n_ratios, n_sampled;
    size_t n_outside, n_early, n_alone, n_zero, n_below, n_troubled;
    size_t n_negative; /* sampled means that are not above 0 */
} terms;

static bool of_excess(const terms *T)
{
    return scl_claim_of_excess(T->claim);
}

/* e_inf, with what is rounding called 0: it differs between processors. */
static double floor_of(const terms *T, const scl_evidence *cell)
{
    return fabs(cell->population) > SCL_NUMERICAL_ZERO * scl_part_largest(T->claim, cell) ? cell->population : 0;
}

static void add_floor(terms *T, const scl_evidence *cell, size_t index, size_t group)
{
    double bound = T->b[index], ratio = floor_of(T, cell) / bound, se = isfinite(cell->n) ? 0 : cell->mcse / bound;
    T->ratios[T->n_ratios++] = (scl_estimate){ratio, se, fmax(1, cell->n_ok - 1), index, INFINITY};
    T->n_zero += ratio <= 0;
    if (ratio > 0)
        T->floors[T->n_floors++] = (scl_point){.group = group, .y = log(ratio), .x = {log(cell->d), log(cell->r)}};
}

/* The floors of cells first .. last - 1, one curve's: experiments of several seeds have several U, and so several floors. */
static void add_floors(terms *T, const scl_cells *cells, size_t first, size_t last)
{
    for (size_t i = last; i-- > first;) { /* from the back: n = inf, if it is there, holds the standard error */
        bool known = false;
        for (size_t j = last; --j > i && !known;) {
            double a = floor_of(T, &cells->cells[i]), b = floor_of(T, &cells->cells[j]);
            known = fabs(a - b) <= ROUNDING * fmax(fabs(a), fabs(b));
        }
        if (!known) add_floor(T, &cells->cells[i], i, of_excess(T) ? cells->series[i] : cells->family[i]);
    }
}

static void add_sampled(terms *T, const scl_evidence *cell, size_t index, double largest_n, size_t curve)
{
    double bound = T->b[index];
    T->sampled[T->n_sampled++] = index;
    T->ratios[T->n_ratios++] =
        (scl_estimate){cell->mean / bound, cell->mcse / bound, fmax(1, cell->n_ok - 1), index, cell->n};
    if (cell->n * WINDOW < largest_n * (1 - ROUNDING)) {
        T->n_early++;
        return;
    }
    if (!(cell->mean > 0)) {
        T->n_negative++;
        return;
    }
    T->curves[T->n_curves++] = (scl_point){.group = curve,
                                           .y = log(cell->mean / bound),
                                           .se = cell->mcse / cell->mean,
                                           .df = fmax(1, cell->n_ok - 1),
                                           .x = {log(cell->n)}};
}

/* Cells first .. last - 1 are one curve's, n ascending: the last one is that of n = inf, if there is one. */
static void add_curve(terms *T, const scl_cells *cells, size_t first, size_t last)
{
    const scl_evidence *cell = cells->cells;
    if (!scl_in_domain(&scl_lower_bound_domain, INFINITY, cell[first].d, cell[first].r)) {
        T->n_outside += last - first;
        return;
    }
    double largest_n = 0;
    for (size_t i = first; i < last; i++) largest_n = isfinite(cell[i].n) ? cell[i].n : largest_n;
    size_t before = T->n_curves, curve = cells->curve[first];
    add_floors(T, cells, first, last);
    for (size_t i = first; i < last && isfinite(cell[i].n); i++) {
        if (!scl_in_domain(&scl_lower_bound_domain, cell[i].n, cell[i].d, cell[i].r)) {
            T->n_outside++;
        } else {
            add_sampled(T, &cell[i], i, largest_n, curve);
        }
    }
    if (T->n_curves == before + 1) {
        T->n_curves = before;
        T->n_alone++;
    }
}

/* By group, which is all that a regression asks of the order; beyond it a total order on what the points say. */
static int compare_points(const void *first, const void *second)
{
    const scl_point *a = first, *b = second;
    const double left[] = {(double)a->group, a->x[0], a->x[1], a->y},
                 right[] = {(double)b->group, b->x[0], b->x[1], b->y};
    for (size_t k = 0; k < sizeof left / sizeof *left; k++)
        if (left[k] != right[k]) return left[k] < right[k] ? -1 : 1;
    return 0;
}

static void sort_into_terms(terms *T, const scl_cells *cells)
{
    for (size_t first = 0, last; first < cells->n; first = last) {
        for (last = first; last < cells->n && cells->curve[last] == cells->curve[first];) last++;
        add_curve(T, cells, first, last);
    }
    if (of_excess(T)) qsort(T->floors, T->n_floors, sizeof *T->floors, compare_points);
}

/* Which sampled errors lie below their floor by more than the margin, and which curves that excuses: those of which none does,
 * and no floor is 0. */
static void compare_with_floors(terms *T, const scl_cells *cells, double level)
{
    for (size_t c = 0; c < cells->n_curves; c++) T->excused[c] = true;
    for (size_t k = 0; k < T->n_sampled; k++) {
        const scl_evidence *cell = &cells->cells[T->sampled[k]];
        double upper = cell->mean + gsl_cdf_tdist_Qinv(level, fmax(1, cell->n_ok - 1)) * cell->mcse;
        bool below = upper < exp(-SCL_MARGIN) * floor_of(T, cell);
        T->n_below += below;
        if (below || floor_of(T, cell) <= 0) T->excused[cells->curve[T->sampled[k]]] = false;
    }
}

static scl_status new_terms(terms *T, const scl_cells *cells, scl_error *err)
{
    size_t n = cells->n;
    T->b = scl_alloc(n, sizeof *T->b, err);
    T->curves = scl_alloc(n, sizeof *T->curves, err);
    T->floors = scl_alloc(n, sizeof *T->floors, err);
    T->ratios = scl_alloc(2 * n, sizeof *T->ratios, err);
    T->sampled = scl_alloc(n, sizeof *T->sampled, err);
    T->excused = scl_alloc(n, sizeof *T->excused, err);
    bool complete = T->b && T->curves && T->floors && T->ratios && T->sampled && T->excused;
    return complete ? scl_bound_values(T->b, T->claim->terms[SCL_TERM_FLOOR], cells, err) : SCL_ERR_MEMORY;
}

static void free_terms(terms *T)
{
    scl_free(T->b);
    scl_free(T->curves);
    scl_free(T->floors);
    scl_free(T->ratios);
    scl_free(T->sampled);
    scl_free(T->excused);
}

static scl_status report_domain(scl_text *evidence, const terms *T, scl_error *err)
{
    scl_status status = scl_text_add(
        evidence, err,
        "cells in the domain: %zu for the slope in n (n >= 100 d, d >= 20 r, last two decades of their curve), "
        "%zu floors for the slope%s (e_inf of each curve, d >= 20 r); left out %zu outside, %zu before the "
        "last "
        "two decades, %zu alone on their curve; floors of 0%s: %zu\n",
        T->n_curves, T->n_floors, of_excess(T) ? " in d" : "s in d and r", T->n_outside, T->n_early, T->n_alone,
        of_excess(T) ? " or below" : "", T->n_zero);
    return status == SCL_OK && T->n_negative > 0
               ? scl_text_add(evidence, err, "sampled means that are not above 0, out of the slope in n: %zu\n",
                              T->n_negative)
               : status;
}

static scl_status report_tightness(scl_text *evidence, const terms *T, scl_error *err)
{
    double *ratios = scl_alloc(T->n_floors, sizeof *ratios, err);
    if (!ratios) return SCL_ERR_MEMORY;
    for (size_t i = 0; i < T->n_floors; i++) ratios[i] = exp(T->floors[i].y);
    char median[SCL_NUMBER_CHARS];
    scl_status status =
        scl_text_add(evidence, err, "tightness (median of the floors above 0, e_inf/b, to compare with c-hat): %s\n",
                     scl_median_text(median, ratios, T->n_floors));
    scl_free(ratios);
    return status;
}

static scl_status weigh_constant(scl_ruling *ruling, const scl_extreme *c, const terms *T, scl_error *err)
{
    if (T->n_zero > 0)
        return scl_ruling_add(&ruling->refuting, err, "the population %s on %zu curve%s, so no c > 0 holds",
                              of_excess(T) ? "excess is not above 0" : "error is 0", T->n_zero, scl_plural(T->n_zero));
    if (c->upper < 0)
        return scl_ruling_add(&ruling->refuting, err,
                              "a sampled excess lies below 0, limit included, so no c > 0 holds");
    if (!(c->lower > 0)) /* also when there is no cell: NaN */
        return scl_ruling_add(&ruling->lacking, err, "%s",
                              isnan(c->value) ? "no cell tells c-hat" : "c-hat's lower limit is not positive");
    if (T->n_below > 0)
        return scl_ruling_add(
            &ruling->lacking, err,
            "%zu sampled error%s below the population's by more than the margin, so that floors do not "
            "speak for every n",
            T->n_below, T->n_below == 1 ? " lies" : "s lie");
    return SCL_OK;
}

static scl_term slope_in_n(const terms *T)
{
    static const char *const variables[] = {"n"};
    return (scl_term){.points = T->curves,
                      .n_points = T->n_curves,
                      .n_slopes = 1,
                      .ratio = "(e/b)",
                      .variables = variables,
                      .side = SCL_MUST_NOT_FALL,
                      .trend = true,
                      .grouping = SCL_BY_CURVE,
                      .excused = T->excused,
                      .excuse = "stays above its floor e_inf > 0, and larger n would show it level"};
}

static scl_term slopes_of_floors(const terms *T)
{
    static const char *const variables[] = {"d", "r"};
    return (scl_term){.points = T->floors,
                      .n_points = T->n_floors,
                      .n_slopes = of_excess(T) ? 1 : 2,
                      .ratio = "(e_inf/b)",
                      .variables = variables,
                      .side = SCL_MUST_NOT_FALL,
                      .grouping = of_excess(T) ? SCL_BY_SERIES : SCL_BY_FAMILY};
}

static scl_status weigh(scl_ruling *ruling, const terms *T, const scl_term *in_n, const scl_term *floors,
                        const scl_cells *cells, scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    scl_status status = scl_cells_report(evidence, cells, err);
    if (status == SCL_OK) status = report_domain(evidence, T, err);
    scl_extreme c = scl_extreme_smallest(T->ratios, T->n_ratios, ruling->level);
    if (status == SCL_OK) status = scl_ruling_constant(ruling, "c-hat (smallest e_inf/b or e/b)", &c, cells, err);
    if (status == SCL_OK) status = weigh_constant(ruling, &c, T, err);
    if (status == SCL_OK) status = report_tightness(evidence, T, err);
    if (status == SCL_OK) status = scl_ruling_term(ruling, in_n, cells, err);
    if (status == SCL_OK) status = scl_ruling_term(ruling, floors, cells, err);
    if (status == SCL_OK) status = scl_ruling_trouble(ruling, T->n_troubled, err);
    return status;
}

scl_status scl_judge_lower_bound(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                                 scl_error *err)
{
    scl_cells cells = {0};
    terms T = {.claim = claim};
    scl_status status = of_excess(&T) ? scl_cells_select_signed(&cells, given, n_given, err)
                                      : scl_cells_select(&cells, given, n_given, err);
    if (status == SCL_OK) status = new_terms(&T, &cells, err);
    if (status == SCL_OK) sort_into_terms(&T, &cells);
    T.n_troubled = scl_cells_troubled(given, n_given, &scl_lower_bound_domain);
    scl_term in_n = slope_in_n(&T), floors = slopes_of_floors(&T);
    scl_ruling ruling = scl_ruling_open(out, scl_term_limits(&in_n) + scl_term_limits(&floors) + 2);
    out->n_used = cells.n - T.n_outside;
    if (status == SCL_OK) {
        compare_with_floors(&T, &cells, ruling.level);
        status = weigh(&ruling, &T, &in_n, &floors, &cells, err);
    }
    status = scl_ruling_close(&ruling,
                              "c-hat's lower limit is positive, no slope is below minus the margin, limits "
                              "included, and every variable spans a factor of 10",
                              status, err);
    free_terms(&T);
    scl_cells_free(&cells);
    return status;
}
