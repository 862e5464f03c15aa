/* Judges autoencoder-recovery-lower: E||sinTheta(U, U_AE)||_F >= c sqrt r for all n, d, with one c > 0.
 *
 * Legend: e the mean error of a cell, e_inf the error of a cell with n = inf. All cells have d >= 20 r: the claim is
 * about d >> r (at d = r the error is 0 for trivial reasons).
 *
 *   constant    c-hat = min e_inf/sqrt r                     cells with n = inf
 *   slope in n  of log(e/sqrt r), an intercept per curve     cells with n >= 100 d, the last two decades of their curve
 *   slopes in d and r of log(e_inf/sqrt r), an intercept per family     cells with n = inf
 *
 * Refuted when c-hat is 0 or a slope is below minus the margin, limit included; confirmed when c-hat's lower limit is
 * positive, no slope can be below minus the margin, and n, d and r each span a factor of 10.
 * Source: docs/theory.md, section 3, Judging.
 *
 * Decisions.
 *  - A curve is what n is swept along: one family, one d, one r. Its last two decades are n >= (its largest n)/100. Per
 *    curve and not per family, so that a long sweep elsewhere does not silence a shorter one; and with an intercept per
 *    curve, so that d and r cannot leak into the slope in n. A curve with one such cell says nothing about n.
 *  - The slopes in d and r use the exact cells alone. Sampled cells at one n carry an excess that grows with d, which
 *    would pass for growth of the floor (.04 per unit of log d at n = 100 d, nearly the margin).
 *  - The regression in n is weighted; that in d and r is ordinary least squares: exact cells, scatter from the drawn U.
 *  - e_inf = 0 (homoskedastic noise) is no number to take the logarithm of but a counter-example: below
 *    SCL_NUMERICAL_ZERO x sqrt r no c > 0 holds for all n, so c-hat is called 0 and the claim refuted whatever the
 *    slopes. Such a cell stays out of the slopes.
 *  - c-hat's limits: an exact cell is its own limit. c speaks of the models that were drawn, as the theorem does of a
 *    fixed U, so the scatter over U does not enter.
 *  - Limits counted: two for each of the three slopes and two for c. */
#include "claims/lower_bound.h"

#include "base/memory.h"
#include "claims/ruling.h"

#include <math.h>

enum { N_LIMITS = 2 * (1 + 2) + 2 };
static const double LEAST_N_OVER_D = 100;
static const double LEAST_D_OVER_R = 20;
static const double WINDOW = 100; /* the last two decades */
static const double ROUNDING = 1e-9;

typedef struct terms {
    scl_point *curves;    /* group: the curve; x: log n */
    scl_point *floors;    /* group: the family; x: log d, log r */
    scl_estimate *ratios; /* e_inf/sqrt r */
    double *scratch;
    size_t n_curves, n_floors, n_ratios;
    size_t n_outside, n_early, n_alone, n_zero;
} terms;

static void add_floor(terms *T, const scl_evidence *cell, size_t index, size_t family)
{
    double ratio = cell->mean / sqrt(cell->r);
    if (ratio <= SCL_NUMERICAL_ZERO) ratio = 0; /* rounding noise differs between processors */
    T->ratios[T->n_ratios++] = (scl_estimate){ratio, cell->mcse / sqrt(cell->r), fmax(1, cell->n_ok - 1), index};
    if (ratio == 0) {
        T->n_zero++;
        return;
    }
    T->floors[T->n_floors++] = (scl_point){.group = family, .y = log(ratio), .x = {log(cell->d), log(cell->r)}};
}

/* Cells first .. last - 1 are one curve's, n ascending. */
static void add_curve(terms *T, const scl_cells *cells, size_t first, size_t last)
{
    double largest = 0;
    for (size_t i = first; i < last; i++) {
        if (isfinite(cells->cells[i].n)) largest = cells->cells[i].n;
    }
    size_t before = T->n_curves;
    for (size_t i = first; i < last; i++) {
        const scl_evidence *cell = &cells->cells[i];
        if (cell->d < LEAST_D_OVER_R * cell->r || cell->n < LEAST_N_OVER_D * cell->d) {
            T->n_outside++;
        } else if (!isfinite(cell->n)) {
            add_floor(T, cell, i, cells->family[i]);
        } else if (cell->n * WINDOW < largest * (1 - ROUNDING)) {
            T->n_early++;
        } else {
            T->curves[T->n_curves++] = (scl_point){.group = cells->curve[i],
                                                   .y = log(cell->mean / sqrt(cell->r)),
                                                   .se = cell->mcse / cell->mean,
                                                   .x = {log(cell->n)}};
        }
    }
    if (T->n_curves == before + 1) {
        T->n_curves = before;
        T->n_alone++;
    }
}

static void sort_into_terms(terms *T, const scl_cells *cells)
{
    for (size_t first = 0, last; first < cells->n; first = last) {
        for (last = first; last < cells->n && cells->curve[last] == cells->curve[first];) last++;
        add_curve(T, cells, first, last);
    }
}

static scl_status new_terms(terms *T, size_t n, scl_error *err)
{
    T->curves = scl_alloc(n, sizeof *T->curves, err);
    T->floors = scl_alloc(n, sizeof *T->floors, err);
    T->ratios = scl_alloc(n, sizeof *T->ratios, err);
    T->scratch = scl_alloc(n, sizeof *T->scratch, err);
    return T->curves && T->floors && T->ratios && T->scratch ? SCL_OK : SCL_ERR_MEMORY;
}

static void free_terms(terms *T)
{
    scl_free(T->curves);
    scl_free(T->floors);
    scl_free(T->ratios);
    scl_free(T->scratch);
}

static scl_status report_domain(scl_text *evidence, const terms *T, scl_error *err)
{
    return scl_text_add(
        evidence, err,
        "cells in the domain: %zu for the slope in n (n >= 100 d, d >= 20 r, last two decades of their curve), "
        "%zu for the slopes in d and r (n = inf, d >= 20 r); left out %zu outside, %zu before the last "
        "two decades, %zu alone on their curve; population errors of 0: %zu\n",
        T->n_curves, T->n_floors, T->n_outside, T->n_early, T->n_alone, T->n_zero);
}

static scl_status report_tightness(scl_text *evidence, const terms *T, scl_error *err)
{
    for (size_t i = 0; i < T->n_ratios; i++) T->scratch[i] = T->ratios[i].value;
    char median[SCL_NUMBER_CHARS];
    return scl_text_add(evidence, err, "tightness (median of population error/sqrt r, to compare with c-hat): %s\n",
                        scl_median_text(median, T->scratch, T->n_ratios));
}

static scl_status weigh_constant(scl_ruling *ruling, const scl_extreme *c, size_t n_zero, scl_error *err)
{
    if (n_zero > 0) {
        return scl_ruling_add(&ruling->refuting, err, "the population error is 0 in %zu cell%s, so no c > 0 holds",
                              n_zero, scl_plural(n_zero));
    }
    if (!(c->lower > 0)) { /* also when there is no population cell: NaN */
        return scl_ruling_add(&ruling->lacking, err, "%s",
                              isnan(c->value) ? "no population cell (n = inf) tells c-hat"
                                              : "c-hat's lower limit is not positive");
    }
    return SCL_OK;
}

static scl_status weigh(scl_ruling *ruling, const terms *T, const scl_cells *cells, scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    scl_regression fit;
    scl_status status = scl_cells_report(evidence, cells, err);
    if (status == SCL_OK) status = report_domain(evidence, T, err);
    scl_extreme c = scl_extreme_smallest(T->ratios, T->n_ratios, ruling->level);
    if (status == SCL_OK) status = scl_ruling_constant(ruling, "c-hat (smallest e_inf/sqrt r)", &c, cells, err);
    if (status == SCL_OK) status = weigh_constant(ruling, &c, T->n_zero, err);
    if (status == SCL_OK) status = report_tightness(evidence, T, err);
    if (status == SCL_OK) status = scl_regress(&fit, T->curves, T->n_curves, 1, true, ruling->level, err);
    if (status == SCL_OK) {
        status = scl_ruling_term(ruling, &fit, true, SCL_MUST_NOT_FALL, "(e/sqrt r)", (const char *const[]){"n"}, err);
    }
    if (status == SCL_OK) status = scl_regress(&fit, T->floors, T->n_floors, 2, false, ruling->level, err);
    if (status == SCL_OK) {
        status = scl_ruling_term(ruling, &fit, false, SCL_MUST_NOT_FALL, "(e_inf/sqrt r)",
                                 (const char *const[]){"d", "r"}, err);
    }
    return status;
}

scl_status scl_judge_recovery_lower(scl_judgement *out, const scl_evidence *given, size_t n_given, scl_error *err)
{
    scl_ruling ruling = scl_ruling_open(out, N_LIMITS);
    scl_cells cells = {0};
    terms T = {0};
    scl_status status = scl_cells_select(&cells, given, n_given, err);
    if (status == SCL_OK) status = new_terms(&T, cells.n, err);
    if (status == SCL_OK) {
        sort_into_terms(&T, &cells);
        out->n_used = T.n_curves + T.n_ratios;
        status = weigh(&ruling, &T, &cells, err);
    }
    status = scl_ruling_close(&ruling,
                              "c-hat's lower limit is positive, no slope is below minus the margin, limits "
                              "included, and every variable spans a factor of 10",
                              status, err);
    free_terms(&T);
    scl_cells_free(&cells);
    return status;
}
