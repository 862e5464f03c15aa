/* Judges supervised-diverse-tasks: with T >= 4 r diverse tasks and separate labelled sets, labels help at every alpha; at T = r, or with
 * shared labelled x, they don't.
 *
 * Changes of ||sinTheta||_F over alpha = 0, in two kinds of labelled cells (label_cells.h):
 *
 *   diverse  T >= 4 r, a labelled set for each task          claimed: every alpha tried lowers the error
 *   limited  T = r, or T >= 4 r that share their labelled x  claimed: some alpha raises it
 *
 * Confirmed: so it is in each cell, limits included, and there are cells of both kinds; alphas of a diverse cell span a factor of 100.
 * Refuted: an alpha raises the error in a diverse cell, limit included; or every one lowers it in a limited cell, limits included, where
 * alphas span a factor of 100 and reach up to 100 (small ones help at T = r). Else undecided. Whether tasks are diverse, and not T times one, is
 * the config's affair (model.task.w), and stands in the family.
 * Limits counted: two for each alpha of each cell. Source: docs/theory.md, sections 3 and 6. */
#include "claims/diverse_tasks.h"

#include "claims/label_cells.h"

static const double MANY = 4;          /* of T/r */
static const double LEAST_SPAN = 100;  /* of the alphas that stand for every alpha */
static const double LEAST_LARGE = 100; /* the largest alpha of a limited cell that refutes */

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

typedef enum kind { DIVERSE, LIMITED, NEITHER } kind;

static kind kind_of(const scl_label_cell *cell)
{
    bool many = cell->T >= MANY * cell->r;
    if (many && !cell->base->labels_shared) return DIVERSE;
    return many || cell->T == cell->r ? LIMITED : NEITHER;
}

/* Alphas that lower and raise the error, limits included. */
typedef struct shown {
    size_t n_lowering, n_raising;
} shown;

static shown look_at(const scl_label_cell *cell, double level)
{
    shown out = {0};
    for (size_t a = 0; a < cell->n_tried; a++) {
        out.n_lowering += scl_change_upper(&cell->tried[a].metric, level) < 0;
        out.n_raising += scl_change_lower(&cell->tried[a].metric, level) > 0;
    }
    return out;
}

static scl_status report_cell(scl_text *evidence, const scl_label_cell *cell, const shown *what, scl_error *err)
{
    const scl_alpha *tried = cell->tried;
    scl_status status = scl_text_add(
        evidence, err,
        "%s: alphas tried: %zu, from %s to %s; they lower the error: %zu, raise it: %zu, limits included; ",
        kind_of(cell) == DIVERSE ? "diverse" : "limited", cell->n_tried, NUMBER(tried[0].alpha),
        NUMBER(tried[cell->n_tried - 1].alpha), what->n_lowering, what->n_raising);
    if (status == SCL_OK) status = scl_label_cell_name(evidence, cell, err);
    return status == SCL_OK ? scl_text_add(evidence, err, "\n") : status;
}

static scl_status weigh_cell(scl_ruling *ruling, const scl_label_cell *cell, const shown *what, scl_error *err)
{
    bool spanned = scl_label_cell_span(cell) >= LEAST_SPAN, all_lower = what->n_lowering == cell->n_tried;
    bool large = cell->tried[cell->n_tried - 1].alpha >= LEAST_LARGE * (1 - 1e-9);
    bool diverse = kind_of(cell) == DIVERSE;
    bool good = diverse ? all_lower && spanned : what->n_raising > 0;
    bool refutes = diverse ? what->n_raising > 0 : all_lower && spanned && large;
    if (good) return SCL_OK;
    const char *why = diverse   ? refutes     ? "an alpha raises the error of diverse tasks"
                                  : all_lower ? "the alphas of diverse tasks do not span a factor of 100"
                                              : "not every alpha lowers the error of diverse tasks, limits included,"
                      : refutes ? "every alpha lowers the error of limited labels"
                                : "no alpha raises the error of limited labels, limit included,";
    scl_text name = {0};
    scl_status status = scl_label_cell_name(&name, cell, err);
    if (status == SCL_OK)
        status =
            scl_ruling_add(refutes ? &ruling->refuting : &ruling->lacking, err, "%s at %s", why, scl_text_get(&name));
    scl_text_free(&name);
    return status;
}

static scl_status weigh(scl_ruling *ruling, const scl_label_cells *cells, scl_error *err)
{
    size_t n_of[3] = {0}, n_missing = 0, n_troubled = 0;
    scl_text *evidence = &ruling->judgement->evidence;
    scl_status status = scl_label_cells_report(evidence, cells, err);
    for (size_t c = 0; c < cells->n && status == SCL_OK; c++) {
        const scl_label_cell *cell = &cells->cells[c];
        n_of[kind_of(cell)]++;
        if (kind_of(cell) == NEITHER) continue;
        shown what = look_at(cell, ruling->level);
        n_missing += cell->n_missing;
        n_troubled += cell->troubled;
        status = report_cell(evidence, cell, &what, err);
        if (status == SCL_OK) status = weigh_cell(ruling, cell, &what, err);
    }
    if (status == SCL_OK)
        status = scl_text_add(evidence, err, "labelled cells: %zu diverse, %zu limited; left out %zu of other T\n",
                              n_of[DIVERSE], n_of[LIMITED], n_of[NEITHER]);
    if (status == SCL_OK && n_of[DIVERSE] == 0)
        status = scl_ruling_add(&ruling->lacking, err, "no cell has T >= 4 r and labelled sets of their own");
    if (status == SCL_OK && n_of[LIMITED] == 0)
        status = scl_ruling_add(&ruling->lacking, err, "no cell has T = r, or T >= 4 r and shared labelled x");
    return status == SCL_OK ? scl_label_cells_trouble(ruling, n_missing, n_troubled, err) : status;
}

scl_status scl_judge_diverse_tasks(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                   size_t n_given, scl_error *err)
{
    scl_label_cells cells;
    size_t n_limits = 0;
    scl_status status = scl_label_cells_select(&cells, claim, given, n_given, err);
    size_t n_used = 0;
    for (size_t c = 0; c < cells.n; c++) {
        bool judged = kind_of(&cells.cells[c]) != NEITHER;
        n_used += judged;
        n_limits += judged ? 2 * cells.cells[c].n_tried : 0;
    }
    scl_ruling ruling = scl_ruling_open(out, n_limits);
    ruling.margin = 0;
    out->n_used = n_used;
    if (status == SCL_OK) status = weigh(&ruling, &cells, err);
    status = scl_ruling_close(&ruling,
                              "every alpha lowers the error of diverse tasks, and some raises it in each other cell, "
                              "limits included",
                              status, err);
    scl_label_cells_free(&cells);
    return status;
}
