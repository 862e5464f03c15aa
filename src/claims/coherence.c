/* Judges coherent-loadings-break-contrastive: without incoherence (A3) the diagonal that complementary masks delete carries signal;
 * the bias, over the rate at which it would fall, grows with d, and PCA or HeteroPCA recovers U better.
 *
 *   bias ratio  t = e_inf/(r^{3/2} log d/d)      cells with n = inf, d >= 10 r, loadings that are coherent by construction
 *
 * Confirmed when in every family t grows with d by more than the margin, limits included, d spans a factor of 10, and at every
 * family's largest d one of the competitors has the smaller error. Refuted when in one family t grows less than that, limits
 * included, or no competitor is better at the largest d. A fit that failed, did not converge or was rank-deficient (axis: Delta(C) = 0, and the
 * solver chooses) has no bias and wins or loses against nobody. The numbers at n = inf are exact: their scatter about the slope is
 * that of the drawn U. r is fitted and not judged: the claim says nothing of it. Source: docs/theory.md, section 3. */
#include "claims/coherence.h"

#include "base/memory.h"
#include "claims/bound.h"
#include "claims/ruling.h"

#include <math.h>
#include <string.h>

const scl_domain scl_coherence_domain = {.least_n_over_d = INFINITY, .least_d_over_r = 10, .coherent = true};
static const char *const competitors[] = {"PCA", "HeteroPCA"}; /* in the order of the claim's pairs */
enum { N_COMPETITORS = sizeof competitors / sizeof *competitors };

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

static bool is_judged(const scl_evidence *cell)
{
    return cell->coherent && scl_in_domain(&scl_coherence_domain, cell->n, cell->d, cell->r);
}

static bool is_sound(const scl_evidence *cell)
{
    return !(cell->n_bad > 0);
}

static bool competitors_are_sound(const scl_evidence *cell)
{
    double bad = 0;
    for (size_t p = 0; p < N_COMPETITORS; p++) bad += fmax(cell->pairs[p].right.n_bad, 0);
    return bad == 0;
}

/* By how much the better competitor beats contrastive in a cell; NaN when one of the pairs has no number. */
static double advantage(size_t *better, const scl_evidence *cell)
{
    double most = -INFINITY;
    for (size_t p = 0; p < N_COMPETITORS; p++) {
        double difference = cell->pairs[p].difference.mean;
        if (isnan(difference)) return NAN;
        if (difference <= most) continue;
        most = difference;
        *better = p;
    }
    return most;
}

/* The judged cell of the largest d (of several r the one that favours contrastive) of those first .. last - 1; last when there is
 * none. */
static size_t widest(const scl_cells *cells, size_t first, size_t last)
{
    size_t at = last, better;
    for (size_t i = first; i < last; i++) {
        const scl_evidence *cell = &cells->cells[i];
        if (!is_judged(cell)) continue;
        bool wider = at == last || cell->d > cells->cells[at].d, alike = at < last && cell->d == cells->cells[at].d;
        if (wider || (alike && !(advantage(&better, cell) >= advantage(&better, &cells->cells[at])))) at = i;
    }
    return at;
}

static scl_status weigh_competitors(scl_ruling *ruling, const scl_cells *cells, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t first = 0, last; first < cells->n && status == SCL_OK; first = last) {
        for (last = first; last < cells->n && cells->family[last] == cells->family[first];) last++;
        size_t at = widest(cells, first, last), better = 0;
        if (at == last) continue;
        const scl_evidence *cell = &cells->cells[at];
        double most = advantage(&better, cell);
        status = scl_text_add(&ruling->judgement->evidence, err, "at d = %s, r = %s (%s): e_inf %s", NUMBER(cell->d),
                              NUMBER(cell->r), cell->family ? cell->family : "", NUMBER(cell->mean));
        for (size_t p = 0; p < N_COMPETITORS && status == SCL_OK; p++)
            status = scl_text_add(&ruling->judgement->evidence, err, ", %s %s", competitors[p],
                                  NUMBER(cell->pairs[p].right.mean));
        if (status == SCL_OK) status = scl_text_add(&ruling->judgement->evidence, err, "\n");
        if (status != SCL_OK) return status;
        if (isnan(most))
            status = scl_ruling_add(&ruling->lacking, err, "a competitor has no error at d = %s", NUMBER(cell->d));
        else if (most <= SCL_NUMERICAL_ZERO * sqrt(cell->r) && is_sound(cell) && competitors_are_sound(cell))
            status = scl_ruling_add(&ruling->refuting, err, "no competitor is better at d = %s (%s)", NUMBER(cell->d),
                                    cell->family ? cell->family : "");
    }
    return status;
}

/* Fills `points`; *n_zero counts cells without bias, which have no logarithm. */
static size_t bias_ratios(scl_point *points, size_t *n_zero, const scl_cells *cells, const double *bounds)
{
    size_t n = 0;
    *n_zero = 0;
    for (size_t i = 0; i < cells->n; i++) {
        const scl_evidence *cell = &cells->cells[i];
        if (!is_judged(cell) || !is_sound(cell)) continue;
        if (cell->mean <= SCL_NUMERICAL_ZERO * sqrt(cell->r)) {
            ++*n_zero;
            continue;
        }
        points[n++] =
            (scl_point){.group = cells->family[i], .y = log(cell->mean / bounds[i]), .x = {log(cell->d), log(cell->r)}};
    }
    return n;
}

static size_t count_troubled(const scl_evidence *given, size_t n_given)
{
    size_t troubled = 0;
    for (size_t i = 0; i < n_given; i++) {
        bool sound = is_sound(&given[i]) && competitors_are_sound(&given[i]);
        troubled += !sound && given[i].model_fixed && is_judged(&given[i]);
    }
    return troubled;
}

static scl_status weigh(scl_ruling *ruling, const scl_term *term, const scl_cells *cells, size_t n_zero,
                        size_t n_troubled, scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    scl_status status = scl_cells_report(evidence, cells, err);
    if (status == SCL_OK)
        status = scl_text_add(evidence, err,
                              "cells in the domain: %zu (n = inf, d >= 10 r, coherent loadings); without bias: %zu\n",
                              term->n_points + n_zero, n_zero);
    if (status == SCL_OK) status = scl_ruling_term(ruling, term, cells, err);
    if (status == SCL_OK) status = weigh_competitors(ruling, cells, err);
    if (status == SCL_OK && n_zero > 0)
        status = scl_ruling_add(&ruling->refuting, err, "%zu cell%s no bias", n_zero, n_zero == 1 ? " has" : "s have");
    return status == SCL_OK ? scl_ruling_trouble(ruling, n_troubled, err) : status;
}

scl_status scl_judge_coherence(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                               scl_error *err)
{
    (void)claim;
    static const char *const variables[] = {"d", "r"};
    scl_cells cells = {0};
    size_t n_zero = 0;
    scl_status status = scl_cells_select(&cells, given, n_given, err);
    scl_point *points = scl_alloc(cells.n, sizeof *points, err);
    double *bounds = scl_alloc(cells.n, sizeof *bounds, err);
    if (status == SCL_OK) status = points && bounds ? SCL_OK : SCL_ERR_MEMORY;
    if (status == SCL_OK) status = scl_bound_values(bounds, SCL_RATE_BIAS, &cells, err);
    scl_term term = {.points = points,
                     .n_points = status == SCL_OK ? bias_ratios(points, &n_zero, &cells, bounds) : 0,
                     .n_slopes = 2,
                     .n_free = 1,
                     .ratio = "t",
                     .variables = variables,
                     .side = SCL_MUST_GROW,
                     .grouping = SCL_BY_FAMILY};
    scl_ruling ruling = scl_ruling_open(out, scl_term_limits(&term));
    out->n_used = term.n_points;
    if (status == SCL_OK) status = weigh(&ruling, &term, &cells, n_zero, count_troubled(given, n_given), err);
    status = scl_ruling_close(&ruling,
                              "in every family the bias ratio grows with d, which spans a factor of 10, and a "
                              "competitor has the smaller error at the largest d",
                              status, err);
    scl_free(points);
    scl_free(bounds);
    scl_cells_free(&cells);
    return status;
}
