/* Labelled cells: see label_cells.h. */
#include "claims/label_cells.h"

#include "base/memory.h"
#include "claims/uses.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double DEFAULT_ALPHA = 1; /* of label-terms */
static const double MOST_DF = 1e6;     /* Student's law is the normal one long before */

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

/* Evidence of one use, good for judging or not. */
typedef struct scl_label_entry {
    scl_evidence evidence;
    double alpha;
    size_t draw_length; /* of its draw without the use: what all uses of a cell share */
    bool good;
} scl_label_entry;

/* ---- changes ------------------------------------------------------------------------------------------------------------- */

static scl_change change_of(const scl_seen *to, const scl_seen *from)
{
    double a = to->mcse * to->mcse, b = from->mcse * from->mcse, variance = a + b;
    double parts = a * a / fmax(1, to->n_ok - 1) + b * b / fmax(1, from->n_ok - 1);
    return (scl_change){.value = to->mean - from->mean,
                        .se = sqrt(variance),
                        .df = parts > 0 ? fmin(variance * variance / parts, MOST_DF) : MOST_DF};
}

/* Of differences on the same draws. */
static scl_change paired_change(const scl_seen *difference)
{
    return (scl_change){
        .value = difference->mean, .se = difference->mcse, .df = fmin(fmax(1, difference->n_ok - 1), MOST_DF)};
}

static double half_width(const scl_change *change, double level)
{
    return change->se > 0 ? gsl_cdf_tdist_Qinv(level, change->df) * change->se : 0;
}

double scl_change_lower(const scl_change *change, double level)
{
    return change->value - half_width(change, level);
}

double scl_change_upper(const scl_change *change, double level)
{
    return change->value + half_width(change, level);
}

/* ---- entries ------------------------------------------------------------------------------------------------------------- */

/* Of a use that belongs to a labelled cell; NaN of others. */
static double alpha_of(const char *use)
{
    if (scl_use_is(use, "contrastive")) return scl_use_options(use) == 0 ? 0 : NAN;
    if (!scl_use_is(use, "label-terms") || scl_use_options(use) > 1) return NAN;
    double alpha = scl_use_option(use, "alpha", NAN);
    return scl_use_options(use) == 0 ? DEFAULT_ALPHA : alpha;
}

static bool is_good(const scl_seen *seen)
{
    bool exact = seen->mcse == 0 && seen->n_ok >= 1;
    return isfinite(seen->mean) && isfinite(seen->mcse) && seen->mcse >= 0 && isfinite(seen->n_ok) &&
           (exact || seen->n_ok >= 2);
}

static scl_seen seen_of(const scl_evidence *evidence)
{
    return (scl_seen){.mean = evidence->mean,
                      .sd = evidence->sd,
                      .mcse = evidence->mcse,
                      .n_ok = evidence->n_ok,
                      .n_bad = evidence->n_bad};
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

/* The draw text of evidence of several uses ends in a line with the use. */
static size_t length_without_use(const scl_evidence *evidence)
{
    size_t length = strlen(text_or_empty(evidence->draw)), use = strlen(text_or_empty(evidence->use));
    bool ends = length > use && strcmp(evidence->draw + length - use, evidence->use) == 0;
    return ends && evidence->draw[length - use - 1] == '\n' ? length - use - 1 : length;
}

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_draws(const scl_label_entry *a, const scl_label_entry *b)
{
    size_t shorter = a->draw_length < b->draw_length ? a->draw_length : b->draw_length;
    int order = strncmp(text_or_empty(a->evidence.draw), text_or_empty(b->evidence.draw), shorter);
    return order != 0 ? order : compare_numbers((double)a->draw_length, (double)b->draw_length);
}

/* By what a cell is: equal for its uses. */
static int compare_cells(const scl_label_entry *first, const scl_label_entry *second)
{
    const scl_evidence *a = &first->evidence, *b = &second->evidence;
    int order = strcmp(text_or_empty(a->family), text_or_empty(b->family));
    const double left[] = {a->d,
                           a->r,
                           a->n,
                           a->quantities[SCL_QUANTITY_TASKS],
                           a->quantities[SCL_QUANTITY_M],
                           a->labels_shared,
                           a->labels_apart,
                           a->model_fixed};
    const double right[] = {b->d,
                            b->r,
                            b->n,
                            b->quantities[SCL_QUANTITY_TASKS],
                            b->quantities[SCL_QUANTITY_M],
                            b->labels_shared,
                            b->labels_apart,
                            b->model_fixed};
    for (size_t k = 0; order == 0 && k < sizeof left / sizeof *left; k++) order = compare_numbers(left[k], right[k]);
    return order != 0 ? order : compare_draws(first, second);
}

/* A total order on everything that is read; of one alpha those of most replicates first. */
static int compare_entries(const void *first, const void *second)
{
    const scl_label_entry *x = first, *y = second;
    const scl_evidence *a = &x->evidence, *b = &y->evidence;
    int order = compare_cells(x, y);
    const double left[] = {x->alpha,
                           y->good,
                           b->n_ok,
                           a->mean,
                           a->mcse,
                           a->n_bad,
                           a->also.mean,
                           a->also.mcse,
                           a->paired.mean,
                           a->paired.mcse,
                           a->paired_also.mean,
                           a->paired_also.mcse};
    const double right[] = {y->alpha,
                            x->good,
                            a->n_ok,
                            b->mean,
                            b->mcse,
                            b->n_bad,
                            b->also.mean,
                            b->also.mcse,
                            b->paired.mean,
                            b->paired.mcse,
                            b->paired_also.mean,
                            b->paired_also.mcse};
    for (size_t k = 0; order == 0 && k < sizeof left / sizeof *left; k++) order = compare_numbers(left[k], right[k]);
    return order;
}

/* ---- cells ---------------------------------------------------------------------------------------------------------------- */

static void add_alpha(scl_label_cells *cells, const scl_label_entry *entry, const scl_evidence *base, size_t *n_tried)
{
    const scl_evidence *e = &entry->evidence;
    scl_seen to = seen_of(e), from = seen_of(base);
    cells->tried[(*n_tried)++] = (scl_alpha){
        .alpha = entry->alpha,
        .evidence = e,
        .metric = is_good(&e->paired) ? paired_change(&e->paired) : change_of(&to, &from),
        .also = is_good(&e->paired_also) ? paired_change(&e->paired_also) : change_of(&e->also, &base->also)};
}

/* Entries first .. last - 1 are one cell's. */
static void add_cell(scl_label_cells *cells, size_t first, size_t last, size_t *n_tried)
{
    const scl_label_entry *entries = cells->entries;
    const scl_evidence *e = &entries[first].evidence;
    scl_label_cell cell = {.tried = cells->tried + *n_tried,
                           .n = e->n,
                           .d = e->d,
                           .r = e->r,
                           .T = e->quantities[SCL_QUANTITY_TASKS],
                           .m = e->quantities[SCL_QUANTITY_M]};
    size_t before = *n_tried;
    for (size_t i = first; i < last; i++) {
        bool copy = i > first && entries[i].alpha == entries[i - 1].alpha;
        cells->n_copies += copy;
        if (copy) continue;
        cell.troubled = cell.troubled || entries[i].evidence.n_bad > 0 || entries[i].evidence.also.n_bad > 0;
        cell.n_missing += !entries[i].good;
        if (!entries[i].good) continue;
        if (entries[i].alpha == 0)
            cell.base = &entries[i].evidence;
        else if (cell.base)
            add_alpha(cells, &entries[i], cell.base, n_tried);
    }
    cell.n_tried = *n_tried - before;
    if (cell.n_tried == 0) { /* without alpha = 0 nothing was added */
        cells->n_alone++;
        return;
    }
    cells->n_redrawn += !e->model_fixed;
    cells->cells[cells->n++] = cell;
}

scl_status scl_label_cells_select(scl_label_cells *cells, const scl_claim *claim, const scl_evidence *given,
                                  size_t n_given, scl_error *err)
{
    *cells = (scl_label_cells){.n_given = n_given};
    cells->entries = scl_alloc(n_given, sizeof *cells->entries, err);
    cells->tried = scl_alloc(n_given, sizeof *cells->tried, err);
    cells->cells = scl_alloc(n_given, sizeof *cells->cells, err);
    if (!cells->entries || !cells->tried || !cells->cells) return SCL_ERR_MEMORY;
    for (size_t i = 0; i < n_given; i++) {
        const scl_evidence *e = &given[i];
        double alpha = alpha_of(e->use), T = e->quantities[SCL_QUANTITY_TASKS], m = e->quantities[SCL_QUANTITY_M];
        bool sized = e->n > 0 && e->d >= 1 && e->r >= 1, labelled = T >= 1 && m >= 2;
        cells->n_other += !(alpha >= 0);
        cells->n_unlabelled += alpha >= 0 && !(sized && labelled);
        if (!(alpha >= 0) || !sized || !labelled) continue;
        scl_seen seen = seen_of(e);
        cells->entries[cells->n_entries++] =
            (scl_label_entry){.evidence = *e,
                              .alpha = alpha,
                              .draw_length = length_without_use(e),
                              .good = is_good(&seen) && (!claim->also || is_good(&e->also))};
    }
    qsort(cells->entries, cells->n_entries, sizeof *cells->entries, compare_entries);
    size_t n_tried = 0;
    for (size_t first = 0, last; first < cells->n_entries; first = last) {
        for (last = first;
             last < cells->n_entries && compare_cells(&cells->entries[first], &cells->entries[last]) == 0;)
            last++;
        add_cell(cells, first, last, &n_tried);
    }
    return SCL_OK;
}

void scl_label_cells_free(scl_label_cells *cells)
{
    scl_free(cells->entries);
    scl_free(cells->tried);
    scl_free(cells->cells);
    *cells = (scl_label_cells){0};
}

/* ---- words ---------------------------------------------------------------------------------------------------------------- */

scl_status scl_label_cells_report(scl_text *evidence, const scl_label_cells *cells, scl_error *err)
{
    scl_status status = scl_text_add(
        evidence, err, "cells, one for each estimator: %zu given; labelled cells with alpha = 0 and others: %zu",
        cells->n_given, cells->n);
    const struct {
        size_t n;
        const char *words;
    } left_out[] = {{cells->n_other, "of other estimators or options"},
                    {cells->n_unlabelled, "without a task or 2 labelled samples"},
                    {cells->n_copies, "drawn like another of at least as many replicates"},
                    {cells->n_alone, "without alpha = 0 or without another (cells)"}};
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out && status == SCL_OK; i++)
        if (left_out[i].n > 0)
            status = scl_text_add(evidence, err, "; left out %zu %s", left_out[i].n, left_out[i].words);
    if (status == SCL_OK && cells->n_redrawn > 0)
        status =
            scl_text_add(evidence, err, "; %zu with a model redrawn per replicate judge as well, on means over models",
                         cells->n_redrawn);
    return status == SCL_OK ? scl_text_add(evidence, err, "\n") : status;
}

scl_status scl_label_cell_name(scl_text *text, const scl_label_cell *cell, scl_error *err)
{
    return scl_text_add(text, err, "n = %s, d = %s, r = %s, T = %s, m = %s%s%s (%s)", NUMBER(cell->n), NUMBER(cell->d),
                        NUMBER(cell->r), NUMBER(cell->T), NUMBER(cell->m),
                        cell->base->labels_shared && cell->T > 1 ? " shared" : "",
                        cell->base->labels_apart ? " apart" : "", text_or_empty(cell->base->family));
}

double scl_label_cell_span(const scl_label_cell *cell)
{
    return cell->tried[cell->n_tried - 1].alpha / cell->tried[0].alpha * (1 + 1e-9);
}

scl_status scl_label_cells_trouble(scl_ruling *ruling, size_t n_missing, size_t n_troubled, scl_error *err)
{
    scl_status status = SCL_OK;
    if (n_missing > 0)
        status =
            scl_ruling_add(&ruling->lacking, err, "%zu use%s no value", n_missing, n_missing == 1 ? " has" : "s have");
    return status == SCL_OK ? scl_ruling_trouble(ruling, n_troubled, err) : status;
}
