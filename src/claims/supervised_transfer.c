/* Judges supervised-transfer-harm: large alpha raises ||sinTheta||_F and the risk on a new task.
 *
 * In each labelled cell (label_cells.h) with T <= r tasks that tried an alpha of 100 or more, the changes over alpha = 0 at the largest alpha.
 * Confirmed: both are above 0 in all cells, limits included; T < r in one of them, T >= .8 r in one (near r the harm is large).
 * Refuted: one of the two is below 0 in some cell, limit included. Else undecided.
 * Beside it, and not judged by, since its constant is not known: the recalled upper bound on the error for T < r, over all alphas.
 * Limits counted: two for each of the two changes of each cell. Source: docs/theory.md, section 3. */
#include "claims/supervised_transfer.h"

#include "claims/label_cells.h"

#include <math.h>

const scl_domain scl_supervised_transfer_domain = {.few_tasks = true};
static const double LEAST_LARGE = 100; /* alpha from where on it is large */
static const double NEAR = .8;         /* of T/r */

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

double scl_supervised_transfer_bound(double n, double d, double r, double T, double m, double alpha)
{
    double log_term = r / d * log(d), sampled = sqrt(d / n), labelled = sqrt(d / m);
    return sqrt(r - T) * fmin(log_term + sampled + alpha * labelled, 1) +
           sqrt(T) * (log_term / alpha + sampled / alpha + labelled);
}

static const scl_alpha *largest_alpha(const scl_label_cell *cell)
{
    return &cell->tried[cell->n_tried - 1];
}

static bool is_judged(const scl_label_cell *cell)
{
    return cell->T <= cell->r && largest_alpha(cell)->alpha >= LEAST_LARGE;
}

typedef struct findings {
    size_t n_outside, n_small; /* T > r; no large alpha */
    size_t n_fewer, n_near;    /* T < r; T >= .8 r */
    size_t n_missing, n_troubled;
    double ratio, at_alpha; /* the largest of error/bound */
    const scl_label_cell *at;
} findings;

static scl_status report_cell(scl_text *evidence, const scl_label_cell *cell, double level, scl_error *err)
{
    const scl_alpha *large = largest_alpha(cell);
    scl_status status =
        scl_text_add(evidence, err,
                     "alpha = %s changes the error by %s (limits %s and %s), the risk by %s (%s and "
                     "%s); ",
                     NUMBER(large->alpha), NUMBER(large->metric.value), NUMBER(scl_change_lower(&large->metric, level)),
                     NUMBER(scl_change_upper(&large->metric, level)), NUMBER(large->also.value),
                     NUMBER(scl_change_lower(&large->also, level)), NUMBER(scl_change_upper(&large->also, level)));
    if (status == SCL_OK) status = scl_label_cell_name(evidence, cell, err);
    return status == SCL_OK ? scl_text_add(evidence, err, "\n") : status;
}

static scl_status weigh_cell(scl_ruling *ruling, const scl_label_cell *cell, scl_error *err)
{
    const scl_alpha *large = largest_alpha(cell);
    double level = ruling->level;
    bool lowers = scl_change_upper(&large->metric, level) < 0 || scl_change_upper(&large->also, level) < 0;
    bool raises = scl_change_lower(&large->metric, level) > 0 && scl_change_lower(&large->also, level) > 0;
    if (raises) return SCL_OK;
    scl_text name = {0};
    scl_status status = scl_label_cell_name(&name, cell, err);
    if (status == SCL_OK)
        status = scl_ruling_add(
            lowers ? &ruling->refuting : &ruling->lacking, err, "alpha = %s %s at %s", NUMBER(large->alpha),
            lowers ? "lowers error or risk" : "does not raise both, limits included,", scl_text_get(&name));
    scl_text_free(&name);
    return status;
}

static void compare_with_bound(findings *F, const scl_label_cell *cell)
{
    for (size_t a = 0; cell->T < cell->r && a < cell->n_tried; a++) {
        double alpha = cell->tried[a].alpha;
        double bound = scl_supervised_transfer_bound(cell->n, cell->d, cell->r, cell->T, cell->m, alpha);
        double ratio = cell->tried[a].evidence->mean / bound;
        if (!(ratio > F->ratio)) continue;
        F->ratio = ratio;
        F->at_alpha = alpha;
        F->at = cell;
    }
}

static scl_status weigh_all(scl_ruling *ruling, const findings *F, size_t n_used, scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    scl_status status = SCL_OK;
    if (F->at)
        status = scl_text_add(evidence, err, "recalled upper bound, T < r: largest error/bound %s, at alpha = %s; ",
                              NUMBER(F->ratio), NUMBER(F->at_alpha));
    if (status == SCL_OK && F->at) status = scl_label_cell_name(evidence, F->at, err);
    if (status == SCL_OK && F->at)
        status = scl_text_add(evidence, err, "; its constant is unknown and judges nothing\n");
    if (status == SCL_OK)
        status = scl_text_add(evidence, err,
                              "labelled cells that judge: %zu; left out %zu with T > r, %zu without alpha >= 100\n",
                              n_used, F->n_outside, F->n_small);
    if (status == SCL_OK && F->n_fewer == 0)
        status = scl_ruling_add(&ruling->lacking, err, "no cell has T < r and alpha >= 100");
    if (status == SCL_OK && F->n_near == 0)
        status = scl_ruling_add(&ruling->lacking, err, "no cell has .8 r <= T <= r and alpha >= 100");
    return status == SCL_OK ? scl_label_cells_trouble(ruling, F->n_missing, F->n_troubled, err) : status;
}

static scl_status weigh(scl_ruling *ruling, const scl_label_cells *cells, size_t n_used, scl_error *err)
{
    findings F = {0};
    scl_text *evidence = &ruling->judgement->evidence;
    scl_status status = scl_label_cells_report(evidence, cells, err);
    for (size_t c = 0; c < cells->n && status == SCL_OK; c++) {
        const scl_label_cell *cell = &cells->cells[c];
        F.n_outside += cell->T > cell->r;
        F.n_small += cell->T <= cell->r && !is_judged(cell);
        compare_with_bound(&F, cell);
        if (!is_judged(cell)) continue;
        F.n_fewer += cell->T < cell->r;
        F.n_near += cell->T >= NEAR * cell->r;
        F.n_missing += cell->n_missing;
        F.n_troubled += cell->troubled;
        status = report_cell(evidence, cell, ruling->level, err);
        if (status == SCL_OK) status = weigh_cell(ruling, cell, err);
    }
    return status == SCL_OK ? weigh_all(ruling, &F, n_used, err) : status;
}

scl_status scl_judge_supervised_transfer(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                         size_t n_given, scl_error *err)
{
    scl_label_cells cells;
    size_t n_used = 0;
    scl_status status = scl_label_cells_select(&cells, claim, given, n_given, err);
    for (size_t c = 0; c < cells.n; c++) n_used += is_judged(&cells.cells[c]);
    scl_ruling ruling = scl_ruling_open(out, 4 * n_used);
    ruling.margin = 0;
    out->n_used = n_used;
    if (status == SCL_OK) status = weigh(&ruling, &cells, n_used, err);
    status =
        scl_ruling_close(&ruling, "the largest alpha raises error and risk in each cell, limits included", status, err);
    scl_label_cells_free(&cells);
    return status;
}
