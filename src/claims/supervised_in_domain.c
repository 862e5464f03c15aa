/* Judges supervised-in-domain: there is an alpha > 0 for which labels lower the in-domain risk and ||sinTheta||_F.
 *
 * In each labelled cell (label_cells.h) an alpha helps when both changes over alpha = 0 are below 0, limits included, and harms when one is
 * above 0, limit included. Confirmed: in each cell some alpha helps. Refuted: in some cell each alpha harms, and the alphas span a factor
 * of 100 and reach down to alpha T <= .1, so that a smaller one or one between them could hardly help. Else undecided.
 * Down to alpha <= .1 whatever T would not do: the weight of all tasks together is alpha T, and 40 tasks that share their labelled x (d = 100, r =
 * 10, n = 2000, m = 500) help at alpha = .003 to .03 alone, and harm from .1 on.
 * Limits counted: two for each of the two changes of each alpha of each cell. Source: docs/theory.md, section 3. */
#include "claims/supervised_in_domain.h"

#include "claims/label_cells.h"

static const double LEAST_SPAN = 100; /* of the alphas of a cell that refutes; larger: harder to refute */
static const double MOST_LEAST = .1;  /* T times the smallest of them; smaller: harder to refute */

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

static bool helps(const scl_alpha *alpha, double level)
{
    return scl_change_upper(&alpha->metric, level) < 0 && scl_change_upper(&alpha->also, level) < 0;
}

static bool harms(const scl_alpha *alpha, double level)
{
    return scl_change_lower(&alpha->metric, level) > 0 || scl_change_lower(&alpha->also, level) > 0;
}

/* What a cell shows: alphas that help, the smallest and the largest of them, and alphas that harm. */
typedef struct shown {
    size_t n_helping, n_harming;
    double low, high;
} shown;

static shown look_at(const scl_label_cell *cell, double level)
{
    shown out = {0};
    for (size_t a = 0; a < cell->n_tried; a++) {
        out.n_harming += harms(&cell->tried[a], level);
        if (!helps(&cell->tried[a], level)) continue;
        if (out.n_helping++ == 0) out.low = cell->tried[a].alpha;
        out.high = cell->tried[a].alpha;
    }
    return out;
}

/* "0.1 to 0.3 (2 of 7 tried, from 0.1 to 1e+04) lower both, 4 raise one: n = .." */
static scl_status report_cell(scl_text *evidence, const scl_label_cell *cell, const shown *what, scl_error *err)
{
    const scl_alpha *tried = cell->tried;
    scl_status status =
        scl_text_add(evidence, err, "alphas tried: %zu, from %s to %s; they lower both, limits included: %zu",
                     cell->n_tried, NUMBER(tried[0].alpha), NUMBER(tried[cell->n_tried - 1].alpha), what->n_helping);
    if (status == SCL_OK && what->n_helping == 1) status = scl_text_add(evidence, err, ", at %s", NUMBER(what->low));
    if (status == SCL_OK && what->n_helping > 1)
        status = scl_text_add(evidence, err, ", from %s to %s", NUMBER(what->low), NUMBER(what->high));
    if (status == SCL_OK) status = scl_text_add(evidence, err, "; they raise one of the two: %zu; ", what->n_harming);
    if (status == SCL_OK) status = scl_label_cell_name(evidence, cell, err);
    return status == SCL_OK ? scl_text_add(evidence, err, "\n") : status;
}

static scl_status weigh_cell(scl_ruling *ruling, const scl_label_cell *cell, const shown *what, scl_error *err)
{
    if (what->n_helping > 0) return SCL_OK;
    scl_text name = {0};
    scl_status status = scl_label_cell_name(&name, cell, err);
    bool tried_enough =
        scl_label_cell_span(cell) >= LEAST_SPAN && cell->tried[0].alpha * cell->T <= MOST_LEAST * (1 + 1e-9);
    bool refutes = what->n_harming == cell->n_tried && tried_enough;
    if (status == SCL_OK && refutes)
        status = scl_ruling_add(&ruling->refuting, err, "each of %zu alphas raises one of the two at %s", cell->n_tried,
                                scl_text_get(&name));
    else if (status == SCL_OK)
        status = scl_ruling_add(&ruling->lacking, err, "no tried alpha lowers both, limits included, at %s",
                                scl_text_get(&name));
    scl_text_free(&name);
    return status;
}

static scl_status weigh(scl_ruling *ruling, const scl_label_cells *cells, scl_error *err)
{
    size_t n_missing = 0, n_troubled = 0;
    scl_status status = scl_label_cells_report(&ruling->judgement->evidence, cells, err);
    for (size_t c = 0; c < cells->n && status == SCL_OK; c++) {
        shown what = look_at(&cells->cells[c], ruling->level);
        n_missing += cells->cells[c].n_missing;
        n_troubled += cells->cells[c].troubled;
        status = report_cell(&ruling->judgement->evidence, &cells->cells[c], &what, err);
        if (status == SCL_OK) status = weigh_cell(ruling, &cells->cells[c], &what, err);
    }
    if (status == SCL_OK && cells->n == 0)
        status = scl_ruling_add(&ruling->lacking, err, "no labelled cell has alpha = 0 and another");
    return status == SCL_OK ? scl_label_cells_trouble(ruling, n_missing, n_troubled, err) : status;
}

scl_status scl_judge_supervised_in_domain(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                          size_t n_given, scl_error *err)
{
    scl_label_cells cells;
    size_t n_limits = 0;
    scl_status status = scl_label_cells_select(&cells, claim, given, n_given, err);
    for (size_t c = 0; c < cells.n; c++) n_limits += 4 * cells.cells[c].n_tried;
    scl_ruling ruling = scl_ruling_open(out, n_limits);
    ruling.margin = 0;
    out->n_used = cells.n;
    if (status == SCL_OK) status = weigh(&ruling, &cells, err);
    status = scl_ruling_close(&ruling, "in each cell some alpha lowers error and risk, limits included", status, err);
    scl_label_cells_free(&cells);
    return status;
}
