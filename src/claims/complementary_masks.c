/* Judges complementary-masks-delete-diagonal: averaged complementary masks learn from Delta(S), the sample covariance without its
 * diagonal, up to O(1/n); independent masks for each sample learn from S itself, like PCA.
 *
 * Legend: e the error of one estimator in one replicate; rms the root mean square, over the replicates of a cell, of the paired
 * difference of two estimators' e, sqrt(mean^2 + sd^2 (n_ok - 1)/n_ok). Equal matrices give equal errors replicate by replicate, so that
 * no mean is tested, but the largest rms.
 *
 *   independent per sample - PCA    N = 4 p^2 S exactly: rms <= 1e-6 sqrt r, in every cell (an eigen-solver that stops at other
 *                                   iterations for 4 p^2 S moves e by about 1e-8)
 *   complementary - deletion        n = inf: N = Delta(C) exactly: |difference| <= 1e-9 sqrt r
 *                                   n finite: N - Delta(S) = diag(S_jj/n - xbar_j^2), so rms falls like 1/n
 * What is exact holds in a single replicate and for redrawn models too: all cells of the domain judge it. The fall is judged on those
 * that cells.h selects.
 *
 * Refuted: a difference above its tolerance, or a curve along which rms falls too slowly. Confirmed: none, on cells of both kinds that tell
 * the two kinds of masks apart (else everything equals everything: equal noise variances at r = d).
 *
 * Decision: n rms is not constant at the n one can afford; it grows by a factor of 2 until the bias outweighs the sampling error, whose
 * direction is not that of the diagonal's (slope .07 from n = 1e3 to 1e7 at d = 40, r = 5). What must be told from 1/n is n^{-1/2}, the
 * order of everything else that a sample moves, and no fall at all. So the line is half-way, at n^{-3/4}: the slope of
 * log(n^{3/4} rms) on log n is -1/4 in the first case, 1/4 in the second.
 * The standard error of log rms is 1/sqrt(n_ok), right for differences of kurtosis 5 (normal ones: 1/sqrt(2 n_ok)).
 * Limits counted: two for the slope of each curve. */
#include "claims/complementary_masks.h"

#include "base/memory.h"
#include "claims/ruling.h"

#include <math.h>

const scl_domain scl_complementary_masks_domain = {.least_n_over_d = 10, .least_d_over_r = 2};
static const double SOLVER_TOLERANCE = 1e-6; /* of sqrt r; larger: PCA and independent masks may differ by more */
static const double HALF_WAY = .75;          /* exponent of n; see above */
static const double LEAST_REPLICATES = 20;   /* for the spread of a difference */
static const double CLEAR = 4;               /* standard errors by which a cell tells the two kinds of masks apart */

typedef struct findings {
    scl_point *falls; /* log(n^{3/4} rms) of the sampled cells; group: the curve */
    size_t n_falls, n_sampled, n_population;
    size_t n_outside, n_few, n_equal, n_missing, n_troubled, n_apart;
    size_t n_compared, n_compared_population; /* cells of either identity */
    double most_independent, most_population, most_apart; /* over sqrt r */
} findings;

/* How far the two kinds of masks are from each other in a cell: where they agree its other equalities say nothing. */
static void add_distance(findings *F, const scl_evidence *cell)
{
    const scl_seen *complementary = &cell->pairs[SCL_MASKS_AND_DELETION].left,
                   *independent = &cell->pairs[SCL_MASKS_AND_PCA].left;
    double distance = fabs(complementary->mean - independent->mean) / sqrt(cell->r);
    double error = hypot(complementary->mcse, independent->mcse) / sqrt(cell->r); /* unpaired: too large, if anything */
    if (!(distance > 10 * SOLVER_TOLERANCE && distance > CLEAR * error)) return;
    F->n_apart++;
    F->most_apart = fmax(F->most_apart, distance);
}

static void add_sampled(findings *F, const scl_evidence *cell, double rms, size_t curve)
{
    const scl_seen *difference = &cell->pairs[SCL_MASKS_AND_DELETION].difference;
    F->n_sampled++;
    F->n_few += difference->n_ok < LEAST_REPLICATES;
    F->n_equal += rms == 0;
    if (rms == 0 || difference->n_ok < LEAST_REPLICATES) return;
    F->falls[F->n_falls++] = (scl_point){.group = curve,
                                         .y = log(pow(cell->n, HALF_WAY) * rms),
                                         .se = 1 / sqrt(difference->n_ok),
                                         .df = difference->n_ok - 1,
                                         .x = {log(cell->n)}};
}

static bool is_inside(const scl_evidence *cell)
{
    return scl_in_domain(&scl_complementary_masks_domain, cell->n, cell->d, cell->r);
}

/* rms over sqrt r of one of the claim's pairs; NaN where there is no difference. */
static double distance_of(const scl_evidence *cell, size_t pair)
{
    return scl_seen_rms(&cell->pairs[pair].difference) / sqrt(cell->r);
}

static bool has_differences(const scl_evidence *cell)
{
    return isfinite(distance_of(cell, SCL_MASKS_AND_DELETION)) && isfinite(distance_of(cell, SCL_MASKS_AND_PCA));
}

/* What is exact, in every cell of the domain. */
static void compare_identities(findings *F, const scl_evidence *given, size_t n_given)
{
    for (size_t i = 0; i < n_given; i++) {
        const scl_evidence *cell = &given[i];
        if (!is_inside(cell)) continue;
        double independent = distance_of(cell, SCL_MASKS_AND_PCA), deletion = distance_of(cell, SCL_MASKS_AND_DELETION);
        F->n_missing += !has_differences(cell);
        if (isfinite(independent)) {
            F->n_compared++;
            F->most_independent = fmax(F->most_independent, independent);
        }
        if (isinf(cell->n) && isfinite(deletion)) {
            F->n_compared_population++;
            F->most_population = fmax(F->most_population, deletion);
        }
    }
}

static void sort_into_findings(findings *F, const scl_cells *cells)
{
    for (size_t i = 0; i < cells->n; i++) {
        const scl_evidence *cell = &cells->cells[i];
        F->n_outside += !is_inside(cell);
        if (!is_inside(cell) || !has_differences(cell)) continue;
        add_distance(F, cell);
        if (isfinite(cell->n))
            add_sampled(F, cell, scl_seen_rms(&cell->pairs[SCL_MASKS_AND_DELETION].difference), cells->curve[i]);
        else
            F->n_population++;
    }
}

static size_t count_troubled(const scl_evidence *given, size_t n_given)
{
    size_t troubled = 0;
    for (size_t i = 0; i < n_given; i++) {
        const scl_evidence *cell = &given[i];
        double bad =
            cell->pairs[SCL_MASKS_AND_DELETION].difference.n_bad + cell->pairs[SCL_MASKS_AND_PCA].difference.n_bad;
        troubled += bad > 0 && cell->model_fixed && is_inside(cell);
    }
    return troubled;
}

static scl_status report(scl_text *evidence, const findings *F, scl_error *err)
{
    char independent[SCL_NUMBER_CHARS], population[SCL_NUMBER_CHARS], apart[SCL_NUMBER_CHARS];
    return scl_text_add(
        evidence, err,
        "cells in the domain (n >= 10 d, d >= 2 r): %zu sampled, %zu of the population; left out %zu outside, %zu "
        "without a difference\n"
        "independent masks per sample and PCA: largest rms difference over sqrt r %s, in %zu cell%s (tolerance 1e-6)\n"
        "complementary masks and deleted diagonal, n = inf: largest difference over sqrt r %s, in %zu cell%s "
        "(tolerance "
        "1e-9)\n"
        "the two kinds of masks differ clearly in %zu cell%s, over sqrt r by up to %s\n",
        F->n_sampled, F->n_population, F->n_outside, F->n_missing,
        scl_number_digits(independent, F->most_independent, 4), F->n_compared, scl_plural(F->n_compared),
        scl_number_digits(population, F->most_population, 4), F->n_compared_population,
        scl_plural(F->n_compared_population), F->n_apart, scl_plural(F->n_apart),
        scl_number_digits(apart, F->most_apart, 4));
}

static scl_term fall_of(const findings *F)
{
    static const char *const variables[] = {"n"};
    return (scl_term){.points = F->falls,
                      .n_points = F->n_falls,
                      .n_slopes = 1,
                      .ratio = "(n^{3/4} rms)",
                      .variables = variables,
                      .side = SCL_MUST_NOT_GROW,
                      .trend = true,
                      .grouping = SCL_BY_CURVE};
}

/* What keeps the claim from being confirmed, beside the slopes. */
static scl_status add_lacks(scl_ruling *ruling, const findings *F, scl_error *err)
{
    scl_status status = SCL_OK;
    if (F->n_population == 0) status = scl_ruling_add(&ruling->lacking, err, "no cell has n = inf");
    if (status == SCL_OK && F->n_apart == 0)
        status = scl_ruling_add(&ruling->lacking, err, "no cell tells complementary from independent masks");
    if (status == SCL_OK && F->n_few > 0)
        status = scl_ruling_add(&ruling->lacking, err, "%zu sampled cell%s %s fewer than 20 replicates", F->n_few,
                                scl_plural(F->n_few), F->n_few == 1 ? "has" : "have");
    if (status == SCL_OK && F->n_equal > 0)
        status = scl_ruling_add(&ruling->lacking, err, "in %zu sampled cell%s the difference is exactly 0, not O(1/n)",
                                F->n_equal, scl_plural(F->n_equal));
    if (status == SCL_OK && F->n_missing > 0)
        status = scl_ruling_add(&ruling->lacking, err, "%zu cell%s %s no difference", F->n_missing,
                                scl_plural(F->n_missing), F->n_missing == 1 ? "has" : "have");
    return status == SCL_OK ? scl_ruling_trouble(ruling, F->n_troubled, err) : status;
}

static scl_status weigh(scl_ruling *ruling, const findings *F, const scl_term *fall, const scl_cells *cells,
                        scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    scl_status status = scl_cells_report(evidence, cells, err);
    if (status == SCL_OK) status = report(evidence, F, err);
    if (status == SCL_OK && F->most_independent > SOLVER_TOLERANCE)
        status =
            scl_ruling_add(&ruling->refuting, err, "independent masks per sample and PCA differ beyond the tolerance");
    if (status == SCL_OK && F->most_population > SCL_NUMERICAL_ZERO)
        status = scl_ruling_add(&ruling->refuting, err,
                                "complementary masks and the deleted diagonal differ in the population");
    if (status == SCL_OK) status = scl_ruling_term(ruling, fall, cells, err);
    return status == SCL_OK ? add_lacks(ruling, F, err) : status;
}

scl_status scl_judge_complementary_masks(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                         size_t n_given, scl_error *err)
{
    (void)claim;
    scl_cells cells = {0};
    findings F = {.n_troubled = count_troubled(given, n_given)};
    scl_status status = scl_cells_select(&cells, given, n_given, err);
    if (status == SCL_OK) {
        F.falls = scl_alloc(cells.n, sizeof *F.falls, err);
        if (!F.falls) status = SCL_ERR_MEMORY;
    }
    compare_identities(&F, given, n_given);
    if (status == SCL_OK) sort_into_findings(&F, &cells);
    scl_term fall = fall_of(&F);
    size_t limits = scl_term_limits(&fall);
    scl_ruling ruling = scl_ruling_open(out, limits > 0 ? limits : 2);
    out->n_used = F.n_sampled + F.n_population;
    if (status == SCL_OK) status = weigh(&ruling, &F, &fall, &cells, err);
    status = scl_ruling_close(
        &ruling,
        "both identities hold to their tolerances, and the difference that a sample leaves falls like n^{-3/4} or "
        "faster along every curve, limits included, over a factor of 10 in n",
        status, err);
    scl_free(F.falls);
    scl_cells_free(&cells);
    return status;
}
