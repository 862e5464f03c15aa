/* Judges homoskedastic-tie: with equal noise variances PCA has no bias, and contrastive learning ties with it in large samples of large d.
 *
 * Legend: x the mean paired log-ratio of a sampled cell, log(contrastive's error/PCA's) replicate by replicate; e_inf at n = inf; series:
 * cells of one family, r and d/n. Cells whose PCA is near its transition by prediction, limit^2 > r/4, have errors that are both near
 * their maximum, and say nothing. Four parts, which must all hold:
 *
 *   population   (that each cell knows of its model) PCA's e_inf is 0 by rounding, 1e-9 sqrt r; for Haar U with r >= 2, d >= 50 r contrastive's is sqrt(2 r (r+2))/d up to a
 *                factor of 2. That is a root mean square over U; of 1500 drawn U at (r, d) = (2, 100), (2, 200), (5, 100) the factor
 *                leaves out 0, 1, 0.
 *   tie          at the largest d of all cells with d/n >= .01: |x| < .01. A true tie is within the margin only from some d on (at
 *                nu = 2, r = 5, d/n = .01: x = .49, .13, .014 at d = 40, 100, 400), so a cell beyond it refutes only where that d is at
 *                least 400, a tenth of it was seen, and |x| has not halved in between.
 *   from above   x > 0 in each cell of Haar U with d <= 100, n >= 20 d, r >= 2
 *   from below   x < 0 in each cell of the tie with nearly equal rows of U (dct)
 *
 * Judged cells need not have equal variances: it is by other noise that the claim can be seen to fail.
 * Limits counted: of the largest |x| three (its lower one holds on both sides of 0), two each from above and from below (extreme.h).
 * Source: docs/theory.md, section 3. */
#include "claims/homoskedastic_tie.h"

#include "base/memory.h"
#include "claims/ruling.h"

#include <math.h>
#include <string.h>

const scl_domain scl_homoskedastic_tie_domain = {.least_d_over_r = 10};
static const double MARGIN = .01;          /* of |x|; larger: easier to confirm */
static const double FACTOR = 2;            /* of Haar's bias; larger: easier to confirm */
static const double HAAR_D_OVER_R = 50;    /* from where on FACTOR is for; smaller: more U fall outside */
static const double LEAST_ASPECT = .01;    /* d/n of the tie */
static const double LEAST_LARGEST = 400;   /* d from where on a cell of the tie refutes */
static const double NEAR_TRANSITION = .25; /* of limit^2/r */
static const double ROUNDING = 1e-9;

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

/* Estimates of x, or of |x|, by cell; n of them. */
typedef struct part {
    scl_estimate *x;
    size_t n;
} part;

typedef struct findings {
    part tie, still; /* |x|; in `still` that of cells which fall is 0, so that they cannot refute */
    part above, below;
    double largest_d, smallest_d; /* of the tie's cells, whatever d */
    double most_pca, least_bias, most_bias;
    size_t n_population, n_haar, n_near, n_missing, n_troubled;
} findings;

static bool is_sampled(const scl_evidence *cell)
{
    return isfinite(cell->n);
}

static bool says_something(const scl_evidence *cell)
{
    const scl_seen *x = &cell->pairs[0].log_ratio;
    return isfinite(x->mean) && x->n_ok >= 2 && x->mcse > 0;
}

static bool is_near_transition(const scl_evidence *cell)
{
    double limit = cell->pairs[0].right.limit;
    return !(limit * limit <= NEAR_TRANSITION * cell->r);
}

static bool may_tie(const scl_evidence *cell)
{
    return is_sampled(cell) && cell->d / cell->n >= LEAST_ASPECT * (1 - ROUNDING);
}

static bool is_from_above(const scl_evidence *cell)
{
    return is_sampled(cell) && cell->loadings == SCL_LOADINGS_HAAR && cell->d <= 100 && cell->n >= 20 * cell->d &&
           cell->r >= 2;
}

static bool is_judged(const scl_evidence *cell)
{
    return scl_in_domain(&scl_homoskedastic_tie_domain, cell->n, cell->d, cell->r) &&
           (!is_sampled(cell) || may_tie(cell) || is_from_above(cell));
}

static void add(part *to, const scl_evidence *cell, size_t index, bool absolute)
{
    const scl_seen *x = &cell->pairs[0].log_ratio;
    to->x[to->n++] = (scl_estimate){
        .value = absolute ? fabs(x->mean) : x->mean, .se = x->mcse, .df = x->n_ok - 1, .cell = index, .n = cell->n};
}

/* Whether |x| has halved on the way from a tenth of this cell's d, or smaller, of the same series; *seen: that there is one. */
static bool has_halved(bool *seen, const scl_cells *cells, size_t index)
{
    const scl_evidence *cell = &cells->cells[index];
    double least_d = INFINITY, there = NAN;
    *seen = false;
    for (size_t i = 0; i < cells->n; i++) {
        const scl_evidence *other = &cells->cells[i];
        bool of_series = cells->family[i] == cells->family[index] && other->r == cell->r &&
                         fabs(other->d / other->n * cell->n / cell->d - 1) < .01;
        if (!of_series || other->d > cell->d / SCL_SPAN * (1 + ROUNDING) || other->d >= least_d ||
            !says_something(other))
            continue;
        *seen = true;
        least_d = other->d;
        there = fabs(other->pairs[0].log_ratio.mean);
    }
    return *seen && fabs(cell->pairs[0].log_ratio.mean) <= .5 * there;
}

/* Every cell knows the population values of its model. */
static void add_population(findings *F, const scl_evidence *cell)
{
    const scl_seen *right = &cell->pairs[0].right;
    double pca = is_sampled(cell) ? right->population : right->mean;
    double bias = cell->population * cell->d / sqrt(2 * cell->r * (cell->r + 2));
    if (!isfinite(pca)) return;
    F->n_population++;
    F->most_pca = fmax(F->most_pca, pca / sqrt(cell->r));
    if (cell->loadings != SCL_LOADINGS_HAAR || cell->r < 2 || cell->d < HAAR_D_OVER_R * cell->r) return;
    F->n_haar++;
    F->least_bias = fmin(F->least_bias, bias);
    F->most_bias = fmax(F->most_bias, bias);
}

static void add_tie(findings *F, const scl_cells *cells, size_t index)
{
    const scl_evidence *cell = &cells->cells[index];
    bool seen, halved = has_halved(&seen, cells, index);
    add(&F->tie, cell, index, true);
    add(&F->still, cell, index, true);
    if (!seen || halved || cell->d < LEAST_LARGEST) F->still.x[F->still.n - 1] = (scl_estimate){.cell = index};
    if (cell->loadings == SCL_LOADINGS_DCT) add(&F->below, cell, index, false);
}

static void sort_into_findings(findings *F, const scl_cells *cells)
{
    F->smallest_d = INFINITY;
    for (size_t i = 0; i < cells->n; i++) {
        const scl_evidence *cell = &cells->cells[i];
        if (!is_judged(cell)) continue;
        add_population(F, cell);
        if (!is_sampled(cell)) continue;
        if (is_near_transition(cell)) {
            F->n_near++;
        } else if (!says_something(cell)) {
            F->n_missing++;
        } else {
            if (is_from_above(cell)) add(&F->above, cell, i, false);
            if (!may_tie(cell)) continue;
            F->largest_d = fmax(F->largest_d, cell->d);
            F->smallest_d = fmin(F->smallest_d, cell->d);
        }
    }
    for (size_t i = 0; i < cells->n; i++) {
        const scl_evidence *cell = &cells->cells[i];
        if (is_judged(cell) && may_tie(cell) && cell->d == F->largest_d && !is_near_transition(cell) &&
            says_something(cell))
            add_tie(F, cells, i);
    }
}

static scl_status weigh_population(scl_ruling *ruling, const findings *F, scl_error *err)
{
    scl_status status =
        scl_text_add(&ruling->judgement->evidence, err,
                     "n = inf: PCA's error over sqrt r at most %s in %zu cell%s; contrastive's over sqrt(2 r "
                     "(r+2))/d from %s to %s in %zu of Haar U with r >= 2, d >= 50 r\n",
                     NUMBER(F->most_pca), F->n_population, scl_plural(F->n_population),
                     NUMBER(F->n_haar ? F->least_bias : NAN), NUMBER(F->n_haar ? F->most_bias : NAN), F->n_haar);
    if (status == SCL_OK && F->most_pca > SCL_NUMERICAL_ZERO)
        status = scl_ruling_add(&ruling->refuting, err, "PCA has a bias at n = inf");
    if (status == SCL_OK && F->n_haar > 0 && (F->most_bias > FACTOR || F->least_bias < 1 / FACTOR))
        status = scl_ruling_add(&ruling->refuting, err,
                                "contrastive's bias is not sqrt(2 r (r+2))/d up to a factor of %s", NUMBER(FACTOR));
    if (status == SCL_OK && F->n_haar == 0)
        status = scl_ruling_add(&ruling->lacking, err, "no cell has Haar U, r >= 2 and d >= 50 r");
    return status;
}

static scl_status weigh_tie(scl_ruling *ruling, const findings *F, const scl_cells *cells, scl_error *err)
{
    double span = F->tie.n > 0 ? F->largest_d / F->smallest_d : 1;
    scl_extreme largest = scl_extreme_largest(F->tie.x, F->tie.n, ruling->level);
    scl_extreme still = scl_extreme_largest(F->still.x, F->still.n, ruling->level);
    scl_status status = scl_text_add(
        &ruling->judgement->evidence, err, "d/n >= .01: %zu cell%s at the largest d, %s, which spans a factor of %s\n",
        F->tie.n, scl_plural(F->tie.n), NUMBER(F->tie.n > 0 ? F->largest_d : NAN), NUMBER(span));
    if (status == SCL_OK) status = scl_ruling_constant(ruling, "largest |log-ratio| there", &largest, cells, err);
    if (status == SCL_OK && still.lower > MARGIN)
        status =
            scl_ruling_add(&ruling->refuting, err,
                           "at the largest d the ratio is farther from 1 than the margin, and not on its way to it");
    if (status == SCL_OK && !(largest.upper < MARGIN))
        status = scl_ruling_add(&ruling->lacking, err,
                                F->tie.n == 0 ? "no cell has d/n >= .01"
                                : largest.lower > MARGIN
                                    ? "at the largest d the ratio is farther from 1 than the margin, but "
                                      "may be on its way to it"
                                    : "at the largest d the ratio may be farther from 1 than the margin");
    if (status == SCL_OK && F->tie.n > 0 && F->largest_d < LEAST_LARGEST)
        status = scl_ruling_add(&ruling->lacking, err, "the largest d is below %s", NUMBER(LEAST_LARGEST));
    if (status == SCL_OK && F->tie.n > 0 && span < SCL_SPAN * (1 - ROUNDING))
        status = scl_ruling_add(&ruling->lacking, err, "d spans a factor of %s only", NUMBER(span));
    return status;
}

static scl_status weigh_sides(scl_ruling *ruling, const findings *F, const scl_cells *cells, scl_error *err)
{
    scl_extreme above = scl_extreme_smallest(F->above.x, F->above.n, ruling->level);
    scl_extreme below = scl_extreme_largest(F->below.x, F->below.n, ruling->level);
    scl_status status =
        scl_ruling_constant(ruling, "smallest log-ratio of Haar U, r >= 2, d <= 100, n >= 20 d", &above, cells, err);
    if (status == SCL_OK)
        status = scl_ruling_constant(ruling, "largest log-ratio of nearly equal rows (dct) at the largest d", &below,
                                     cells, err);
    if (status == SCL_OK && above.upper < 0)
        status = scl_ruling_add(&ruling->refuting, err, "contrastive is better for a Haar U of small d");
    if (status == SCL_OK && below.lower > 0)
        status = scl_ruling_add(&ruling->refuting, err, "contrastive is worse for nearly equal rows");
    if (status == SCL_OK && !(above.lower > 0))
        status = scl_ruling_add(&ruling->lacking, err, "no limit says that contrastive is worse for Haar U of small d");
    if (status == SCL_OK && !(below.upper < 0))
        status =
            scl_ruling_add(&ruling->lacking, err, "no limit says that contrastive is better for nearly equal rows");
    return status;
}

static scl_status weigh(scl_ruling *ruling, const findings *F, const scl_cells *cells, scl_error *err)
{
    scl_status status = scl_cells_report(&ruling->judgement->evidence, cells, err);
    if (status == SCL_OK) status = weigh_population(ruling, F, err);
    if (status == SCL_OK) status = weigh_tie(ruling, F, cells, err);
    if (status == SCL_OK) status = weigh_sides(ruling, F, cells, err);
    if (status == SCL_OK && F->n_near > 0)
        status = scl_text_add(&ruling->judgement->evidence, err,
                              "left out %zu cell%s with PCA near its transition (limit^2 > r/4) or without a limit\n",
                              F->n_near, scl_plural(F->n_near));
    if (status == SCL_OK && F->n_missing > 0)
        status = scl_ruling_add(&ruling->lacking, err, "%zu cell%s no log-ratio", F->n_missing,
                                F->n_missing == 1 ? " has" : "s have");
    return status == SCL_OK ? scl_ruling_trouble(ruling, F->n_troubled, err) : status;
}

static scl_status new_findings(findings *F, const scl_evidence *given, size_t n_given, scl_error *err)
{
    part *parts[] = {&F->tie, &F->still, &F->above, &F->below};
    *F = (findings){.least_bias = INFINITY};
    for (size_t i = 0; i < n_given; i++)
        F->n_troubled += given[i].pairs[0].difference.n_bad > 0 && given[i].model_fixed && is_judged(&given[i]);
    for (size_t i = 0; i < 4; i++)
        if (!(parts[i]->x = scl_alloc(n_given, sizeof(scl_estimate), err))) return SCL_ERR_MEMORY;
    return SCL_OK;
}

scl_status scl_judge_homoskedastic_tie(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                       size_t n_given, scl_error *err)
{
    (void)claim;
    scl_cells cells = {0};
    findings F;
    scl_ruling ruling = scl_ruling_open(out, 7);
    ruling.margin = MARGIN;
    scl_status status = new_findings(&F, given, n_given, err);
    if (status == SCL_OK) status = scl_cells_select(&cells, given, n_given, err);
    if (status == SCL_OK) sort_into_findings(&F, &cells);
    if (status == SCL_OK) status = weigh(&ruling, &F, &cells, err);
    for (size_t i = 0; i < cells.n; i++) out->n_used += is_judged(&cells.cells[i]);
    out->n_used -= F.n_near + F.n_missing;
    status = scl_ruling_close(
        &ruling,
        "PCA has no bias, contrastive's is sqrt(2 r (r+2))/d up to a factor of 2, and their ratio comes "
        "within 1 % of 1, from the sides that are claimed, limits included",
        status, err);
    scl_free(F.tie.x);
    scl_free(F.still.x);
    scl_free(F.above.x);
    scl_free(F.below.x);
    scl_cells_free(&cells);
    return status;
}
