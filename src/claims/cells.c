/* Which cells may judge. See cells.h.
 *
 * A sampled cell (n finite) judges when its model was fixed, its mean is positive, and its standard error is known
 * (n_ok >= 2, mcse > 0). A population cell (n = inf) may be exact (mcse 0, one "replicate") and its mean may be 0: an
 * error of 0 in the population is evidence, and the claims that take logarithms look out for it themselves.
 *
 * Experiments share cells: the model and the data of a cell depend on its keys alone, so the same cell in two
 * experiments is the same draw, perhaps with more replicates. Counted twice it would pretend to more evidence than there is: of
 * cells with one draw the one with most replicates judges; without a name for their draws, cells that agree in family, n, d, r
 * and all values are one. */
#include "claims/cells.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

static int compare_curves(const scl_evidence *a, const scl_evidence *b)
{
    int order = strcmp(text_or_empty(a->family), text_or_empty(b->family));
    if (order == 0) order = compare_numbers(a->d, b->d);
    if (order == 0) order = compare_numbers(a->r, b->r);
    return order;
}

/* A total order on everything a judge reads; the experiment's name is not among it. */
static int compare_cells(const void *first, const void *second)
{
    const scl_evidence *a = first, *b = second;
    int order = compare_curves(a, b);
    if (order == 0) order = compare_numbers(a->n, b->n);
    if (order == 0) order = strcmp(text_or_empty(a->draw), text_or_empty(b->draw));
    if (order == 0) order = compare_numbers(b->n_ok, a->n_ok);
    if (order == 0) order = compare_numbers(a->mean, b->mean);
    if (order == 0) order = compare_numbers(a->sd, b->sd);
    if (order == 0) order = compare_numbers(a->mcse, b->mcse);
    if (order == 0) order = compare_numbers(a->population, b->population);
    for (size_t p = 0; order == 0 && p < SCL_MAX_PAIRS; p++)
        order = compare_numbers(a->pairs[p].difference.mean, b->pairs[p].difference.mean);
    return order;
}

/* True when a kept cell is of the same draw. Exact population cells depend on the model alone, not on seeds of samples or samplers: of
 * one curve those that agree to rounding are one. */
static bool is_known(const scl_cells *kept, const scl_evidence *cell)
{
    for (size_t i = kept->n; i-- > 0 && compare_curves(&kept->cells[i], cell) == 0;) {
        const scl_evidence *other = &kept->cells[i];
        bool one_draw = cell->draw && other->draw && strcmp(cell->draw, other->draw) == 0 && cell->n == other->n;
        bool both_exact = !isfinite(cell->n) && !isfinite(other->n) && cell->mcse == 0 && other->mcse == 0;
        bool one_value =
            both_exact && fabs(cell->mean - other->mean) <= 1e-9 * fmax(fabs(cell->mean), fabs(other->mean));
        if (one_draw || one_value || compare_cells(other, cell) == 0) return true;
    }
    return false;
}

/* The reason why a cell does not judge, SCL_N_DROPS when it does. */
static scl_drop reason_to_drop(const scl_evidence *cell, bool is_signed)
{
    if (!cell->model_fixed) return SCL_DROP_REDRAWN;
    bool sampled = isfinite(cell->n);
    bool sizes_good = cell->n > 0 && isfinite(cell->d) && cell->d >= 1 && isfinite(cell->r) && cell->r >= 1;
    bool mean_good = isfinite(cell->mean) && (is_signed || (sampled ? cell->mean > 0 : cell->mean >= 0));
    bool errors_good = isfinite(cell->sd) && cell->sd >= 0 && isfinite(cell->mcse) && cell->mcse >= 0;
    /* a population cell is its own population value */
    bool population_good = !sampled || (isfinite(cell->population) && (is_signed || cell->population >= 0));
    if (!sizes_good || !mean_good || !errors_good || !population_good || !isfinite(cell->n_ok))
        return is_signed ? SCL_DROP_SIGNED : SCL_DROP_VALUES;
    bool exact = !sampled && cell->mcse == 0 && cell->n_ok >= 1;
    if (!exact && (cell->n_ok < 2 || cell->mcse == 0)) return SCL_DROP_REPLICATES;
    return SCL_N_DROPS;
}

static void number_groups(scl_cells *cells)
{
    for (size_t i = 0; i < cells->n; i++) {
        const scl_evidence *cell = &cells->cells[i], *previous = cell - (i > 0);
        bool same_family = i > 0 && strcmp(text_or_empty(cell->family), text_or_empty(previous->family)) == 0;
        bool same_curve = i > 0 && compare_curves(cell, previous) == 0;
        cells->n_families += !same_family;
        cells->n_curves += !same_curve;
        cells->family[i] = cells->n_families - 1;
        cells->curve[i] = cells->n_curves - 1;
        cells->series[i] = cells->n_series;
        for (size_t j = 0; j < i && cells->series[i] == cells->n_series; j++)
            if (cells->family[j] == cells->family[i] && cells->cells[j].r == cell->r)
                cells->series[i] = cells->series[j];
        cells->n_series += cells->series[i] == cells->n_series;
    }
}

size_t scl_cells_troubled(const scl_evidence *given, size_t n_given, const scl_domain *domain)
{
    size_t troubled = 0;
    for (size_t i = 0; i < n_given; i++)
        troubled +=
            given[i].n_bad > 0 && given[i].model_fixed && scl_in_domain(domain, given[i].n, given[i].d, given[i].r);
    return troubled;
}

static scl_status choose(scl_cells *cells, const scl_evidence *given, size_t n_given, bool is_signed, scl_error *err)
{
    *cells = (scl_cells){.n_given = n_given};
    cells->cells = scl_alloc(n_given, sizeof *cells->cells, err);
    cells->family = scl_alloc(n_given, sizeof *cells->family, err);
    cells->curve = scl_alloc(n_given, sizeof *cells->curve, err);
    cells->series = scl_alloc(n_given, sizeof *cells->series, err);
    if (!cells->cells || !cells->family || !cells->curve || !cells->series) return SCL_ERR_MEMORY;

    size_t n_good = 0;
    for (size_t i = 0; i < n_given; i++) {
        scl_drop reason = reason_to_drop(&given[i], is_signed);
        if (reason == SCL_N_DROPS) {
            cells->cells[n_good] = given[i];
            if (!isfinite(given[i].n)) cells->cells[n_good].population = given[i].mean;
            n_good++;
        } else {
            cells->dropped[reason]++;
        }
    }
    qsort(cells->cells, n_good, sizeof *cells->cells, compare_cells);
    for (size_t i = 0; i < n_good; i++) {
        if (is_known(cells, &cells->cells[i])) {
            cells->dropped[SCL_DROP_DUPLICATE]++;
        } else {
            cells->cells[cells->n++] = cells->cells[i];
        }
    }
    number_groups(cells);
    return SCL_OK;
}

scl_status scl_cells_select(scl_cells *cells, const scl_evidence *given, size_t n_given, scl_error *err)
{
    return choose(cells, given, n_given, false, err);
}

scl_status scl_cells_select_signed(scl_cells *cells, const scl_evidence *given, size_t n_given, scl_error *err)
{
    return choose(cells, given, n_given, true, err);
}

void scl_cells_free(scl_cells *cells)
{
    scl_free(cells->cells);
    scl_free(cells->family);
    scl_free(cells->curve);
    scl_free(cells->series);
    *cells = (scl_cells){0};
}

scl_status scl_cells_report(scl_text *evidence, const scl_cells *cells, scl_error *err)
{
    static const char *const words[] = {
#define SCL_DROP_WORDS(name, text) text,
        SCL_DROP_LIST(SCL_DROP_WORDS)
#undef SCL_DROP_WORDS
    };
    scl_status status = scl_text_add(evidence, err, "cells: %zu given, %zu may judge", cells->n_given, cells->n);
    for (size_t i = 0; i < SCL_N_DROPS && status == SCL_OK; i++) {
        if (cells->dropped[i] == 0) continue;
        status = scl_text_add(evidence, err, "; left out %zu %s", cells->dropped[i], words[i]);
    }
    if (status == SCL_OK) status = scl_text_add(evidence, err, "\n");
    return status;
}
