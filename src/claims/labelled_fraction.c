/* Judges labelled-fraction: a representation learned from n samples, with a head from m labelled ones, beats labels alone until m is large.
 *
 * Legend: x the mean paired difference of risks, labels alone less the representation's, so that x > 0 says that the representation is better; a
 * curve: labelled cells that differ in m alone (one family, n, d, r, T, sets apart or shared, models redrawn or not), with at least
 * two m. The sign of a cell is that of x where a one-sided limit excludes 0, else it has none.
 *
 * Confirmed: on each curve the representation is better at the smallest m, and no cell where labels alone are better comes before one where
 * it is; some curve spans a factor of 10 in m. Refuted: such a pair of cells on a curve, or labels alone are better at the smallest m where
 * m < d: there m is not large. Else undecided. Where a curve crosses is reported.
 *
 * Decisions.
 *  - Risks without a finite variance have no standard error worth the name. A least-squares head on r features has none for m < r + 5
 *    (in theory m < r + 4, plus one for a mean that is subtracted; no finite mean up to m = r + 1), least squares on all d coordinates none within 4 of m = d
 *    (d and d + 1 without a finite mean). Such cells are left out and counted, and so are cells without a value.
 *  - A curve that begins at m >= d with labels alone better has begun beyond its crossing: undecided, not refuted.
 *  - About means over models where these are redrawn per replicate: such cells judge as well.
 *  - Limits counted: two for each cell that judges. Source: docs/theory.md, section 3. */
#include "claims/labelled_fraction.h"

#include "base/memory.h"
#include "claims/ruling.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double HEAD_MARGIN = 5;     /* m >= r + this */
static const double SINGULAR_MARGIN = 4; /* |m - d| > this */

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

typedef struct point {
    const scl_evidence *cell;
    double m;
    int sign; /* 1: the representation is better; 0: not told */
} point;

typedef struct findings {
    point *points; /* n, by curve and m */
    size_t n, n_given, n_unlabelled, n_infinite, n_missing, n_copies, n_alone, n_redrawn, n_troubled, n_curves;
    double span; /* of m, the largest on a curve */
} findings;

static double m_of(const scl_evidence *cell)
{
    return cell->quantities[SCL_QUANTITY_M];
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

/* Equal for the cells of a curve. */
static int compare_curves(const scl_evidence *a, const scl_evidence *b)
{
    const double left[] = {
        a->d, a->r, a->n, a->quantities[SCL_QUANTITY_TASKS], a->labels_shared, a->labels_apart, a->model_fixed};
    const double right[] = {
        b->d, b->r, b->n, b->quantities[SCL_QUANTITY_TASKS], b->labels_shared, b->labels_apart, b->model_fixed};
    int order = strcmp(text_or_empty(a->family), text_or_empty(b->family));
    for (size_t k = 0; order == 0 && k < sizeof left / sizeof *left; k++) order = compare_numbers(left[k], right[k]);
    return order;
}

/* A total order on what is read; of one draw that of most replicates first. */
static int compare_points(const void *first, const void *second)
{
    const scl_evidence *a = ((const point *)first)->cell, *b = ((const point *)second)->cell;
    const scl_seen *x = &a->pairs[0].difference, *y = &b->pairs[0].difference;
    int order = compare_curves(a, b);
    if (order == 0) order = compare_numbers(m_of(a), m_of(b));
    if (order == 0) order = strcmp(text_or_empty(a->draw), text_or_empty(b->draw));
    if (order == 0) order = compare_numbers(y->n_ok, x->n_ok);
    if (order == 0) order = compare_numbers(x->mean, y->mean);
    if (order == 0) order = compare_numbers(x->mcse, y->mcse);
    return order != 0 ? order : compare_numbers(x->n_bad, y->n_bad);
}

static bool has_value(const scl_seen *x)
{
    return isfinite(x->mean) && isfinite(x->mcse) && ((x->n_ok >= 2 && x->mcse > 0) || (x->n_ok >= 1 && x->mcse == 0));
}

/* A cell that may judge; else it is counted. */
static bool may_judge(findings *F, const scl_evidence *cell)
{
    double m = m_of(cell);
    if (!(m >= 2 && cell->quantities[SCL_QUANTITY_TASKS] >= 1)) {
        F->n_unlabelled++;
        return false;
    }
    if (m < cell->r + HEAD_MARGIN || fabs(m - cell->d) <= SINGULAR_MARGIN) {
        F->n_infinite++;
        return false;
    }
    if (!has_value(&cell->pairs[0].difference)) {
        F->n_missing++;
        F->n_troubled += cell->pairs[0].difference.n_bad > 0;
        return false;
    }
    return true;
}

static bool is_copy(const point *a, const point *b)
{
    bool same_draw = a->cell->draw && b->cell->draw && strcmp(a->cell->draw, b->cell->draw) == 0;
    return compare_curves(a->cell, b->cell) == 0 && a->m == b->m && (same_draw || compare_points(a, b) == 0);
}

/* The points of curves with at least two m. */
static void keep_curves(findings *F)
{
    size_t kept = 0;
    for (size_t first = 0, last; first < F->n; first = last) {
        for (last = first; last < F->n && compare_curves(F->points[first].cell, F->points[last].cell) == 0;) last++;
        if (F->points[last - 1].m == F->points[first].m) {
            F->n_alone += last - first;
            continue;
        }
        F->span = fmax(F->span, F->points[last - 1].m / F->points[first].m);
        F->n_curves++;
        for (size_t i = first; i < last; i++) F->points[kept++] = F->points[i];
    }
    F->n = kept;
}

static scl_status gather(findings *F, const scl_evidence *given, size_t n_given, scl_error *err)
{
    *F = (findings){.n_given = n_given, .points = scl_alloc(n_given, sizeof *F->points, err), .span = 1};
    if (!F->points) return SCL_ERR_MEMORY;
    for (size_t i = 0; i < n_given; i++)
        if (may_judge(F, &given[i])) F->points[F->n++] = (point){.cell = &given[i], .m = m_of(&given[i])};
    qsort(F->points, F->n, sizeof *F->points, compare_points);
    size_t kept = 0;
    for (size_t i = 0; i < F->n; i++) {
        bool copy = kept > 0 && is_copy(&F->points[kept - 1], &F->points[i]);
        F->n_copies += copy;
        if (!copy) F->points[kept++] = F->points[i];
    }
    F->n = kept;
    keep_curves(F);
    for (size_t i = 0; i < F->n; i++) {
        F->n_redrawn += !F->points[i].cell->model_fixed;
        F->n_troubled += F->points[i].cell->pairs[0].difference.n_bad > 0;
    }
    return SCL_OK;
}

/* The pair's difference is the representation's risk less that of labels alone. */
static int sign_of(const scl_seen *difference, double level)
{
    double half = difference->mcse > 0 ? gsl_cdf_tdist_Qinv(level, difference->n_ok - 1) * difference->mcse : 0;
    return (difference->mean + half < 0) - (difference->mean - half > 0);
}

static scl_status name_curve(scl_text *text, const scl_evidence *cell, scl_error *err)
{
    double T = cell->quantities[SCL_QUANTITY_TASKS];
    return scl_text_add(text, err, "n = %s, d = %s, r = %s, T = %s%s%s (%s)", NUMBER(cell->n), NUMBER(cell->d),
                        NUMBER(cell->r), NUMBER(T), cell->labels_shared && T > 1 ? ", shared" : "",
                        cell->labels_apart ? ", apart" : "", text_or_empty(cell->family));
}

/* What the points of a curve say. */
typedef struct course {
    double last_better; /* the largest m at which the representation is better; NaN: none */
    double first_worse; /* the smallest at which labels alone are */
    double m_low, m_high;
    bool begins_better, begins_worse; /* all cells of the smallest m; one of them */
} course;

static course follow(const point *points, size_t n)
{
    course out = {NAN, NAN, points[0].m, points[n - 1].m, true, false};
    for (size_t i = 0; i < n; i++) {
        if (points[i].sign > 0) out.last_better = points[i].m;
        if (points[i].sign < 0 && isnan(out.first_worse)) out.first_worse = points[i].m;
        if (points[i].m > out.m_low) continue;
        out.begins_better = out.begins_better && points[i].sign > 0;
        out.begins_worse = out.begins_worse || points[i].sign < 0;
    }
    return out;
}

/* "crossing between m = 200 and 1000", or how far there is none */
static scl_status report_course(scl_text *evidence, const course *along, const char *name, scl_error *err)
{
    scl_status status = scl_text_add(evidence, err, "m from %s to %s: the representation is better up to m = %s, ",
                                     NUMBER(along->m_low), NUMBER(along->m_high),
                                     isnan(along->last_better) ? "none" : NUMBER(along->last_better));
    if (status == SCL_OK && isnan(along->first_worse))
        status = scl_text_add(evidence, err, "no crossing up to m = %s", NUMBER(along->m_high));
    else if (status == SCL_OK)
        status = scl_text_add(evidence, err, "labels alone from m = %s on", NUMBER(along->first_worse));
    return status == SCL_OK ? scl_text_add(evidence, err, "; %s\n", name) : status;
}

static scl_status weigh_course(scl_ruling *ruling, const course *along, double d, const char *name, scl_error *err)
{
    if (along->first_worse < along->last_better)
        return scl_ruling_add(&ruling->refuting, err,
                              "labels alone are better at m = %s, the representation at m = %s again, at %s",
                              NUMBER(along->first_worse), NUMBER(along->last_better), name);
    if (along->begins_worse && along->m_low < d)
        return scl_ruling_add(&ruling->refuting, err, "labels alone are better at the smallest m, %s, at %s",
                              NUMBER(along->m_low), name);
    if (along->begins_better && !(along->first_worse == along->last_better)) return SCL_OK;
    return scl_ruling_add(&ruling->lacking, err,
                          "at the smallest m, %s, no limit says that the representation is better at %s",
                          NUMBER(along->m_low), name);
}

static scl_status weigh_curve(scl_ruling *ruling, point *points, size_t n, scl_error *err)
{
    for (size_t i = 0; i < n; i++) points[i].sign = sign_of(&points[i].cell->pairs[0].difference, ruling->level);
    course along = follow(points, n);
    scl_text name = {0};
    scl_status status = name_curve(&name, points[0].cell, err);
    if (status == SCL_OK) status = report_course(&ruling->judgement->evidence, &along, scl_text_get(&name), err);
    if (status == SCL_OK) status = weigh_course(ruling, &along, points[0].cell->d, scl_text_get(&name), err);
    scl_text_free(&name);
    return status;
}

static scl_status report_cells(scl_text *evidence, const findings *F, scl_error *err)
{
    scl_status status = scl_text_add(evidence, err, "cells: %zu given, %zu judge on %zu curve%s along m", F->n_given,
                                     F->n, F->n_curves, scl_plural(F->n_curves));
    const struct {
        size_t n;
        const char *words;
    } left_out[] = {{F->n_unlabelled, "without a task or 2 labelled samples"},
                    {F->n_infinite, "with m < r + 5 or within 4 of d, whose risk has no finite variance"},
                    {F->n_missing, "without a value"},
                    {F->n_copies, "drawn like another of at least as many replicates"},
                    {F->n_alone, "of curves with one m"}};
    for (size_t i = 0; i < sizeof left_out / sizeof *left_out && status == SCL_OK; i++)
        if (left_out[i].n > 0)
            status = scl_text_add(evidence, err, "; left out %zu %s", left_out[i].n, left_out[i].words);
    if (status == SCL_OK && F->n_redrawn > 0)
        status =
            scl_text_add(evidence, err, "; %zu with a model redrawn per replicate judge as well, on means over models",
                         F->n_redrawn);
    return status == SCL_OK ? scl_text_add(evidence, err, "\n") : status;
}

static scl_status weigh(scl_ruling *ruling, const findings *F, scl_error *err)
{
    scl_status status = report_cells(&ruling->judgement->evidence, F, err);
    for (size_t first = 0, last; first < F->n && status == SCL_OK; first = last) {
        for (last = first; last < F->n && compare_curves(F->points[first].cell, F->points[last].cell) == 0;) last++;
        status = weigh_curve(ruling, F->points + first, last - first, err);
    }
    if (status == SCL_OK && F->n_curves == 0)
        status = scl_ruling_add(&ruling->lacking, err, "no curve has two m");
    else if (status == SCL_OK && F->span < SCL_SPAN * (1 - 1e-9))
        status = scl_ruling_add(&ruling->lacking, err, "m spans a factor of %s only", NUMBER(F->span));
    return status == SCL_OK ? scl_ruling_trouble(ruling, F->n_troubled, err) : status;
}

scl_status scl_judge_labelled_fraction(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                       size_t n_given, scl_error *err)
{
    (void)claim;
    findings F;
    scl_status status = gather(&F, given, n_given, err);
    scl_ruling ruling = scl_ruling_open(out, 2 * F.n);
    ruling.margin = 0;
    out->n_used = F.n;
    if (status == SCL_OK) status = weigh(&ruling, &F, err);
    status =
        scl_ruling_close(&ruling,
                         "the representation is better at the smallest m of each curve, and never again once labels "
                         "alone are, limits included",
                         status, err);
    scl_free(F.points);
    return status;
}
