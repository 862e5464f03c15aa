/* Judges high-dimensional-limit: the proportional limit (theory/limit.h) predicts the mean error of every estimator that has one.
 *
 * Legend: m the mean error over replicates, l its limit, both of one estimator in one cell.
 *
 *   deviation  m/l - 1, standard error mcse/l
 *
 * Domain, known before anything is sampled: n finite, d >= 400, d >= 50 r, and l^2 <= r/4. The last is about the prediction, not the
 * outcome: it keeps away from the transition below which nothing is learned, near which the limit is reached late (4 % at 1.1 times
 * the threshold and d = 400). A limit that is wrong there is not looked at; one that is wrong elsewhere cannot hide.
 *
 * Refuted: the lower limit of the largest |deviation| is above MARGIN. Confirmed: its upper limit is below, and d spans a factor of
 * LEAST_SPAN. Limits counted: three, since the lower one holds on both sides of 0 (extreme.h shares it among the cells).
 * How |deviation| moves with d is reported and does not judge: where it is smaller than its standard error, it has no slope.
 * Source: docs/theory.md, sections 3 and 4. */
#include "claims/high_dimensional_limit.h"

#include "base/memory.h"
#include "claims/ruling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const scl_domain scl_high_dimensional_limit_domain = {.least_d_over_r = 50, .least_d = 400, .sampled = true};
/* Finite d moves the error by up to 1 % in the domain (1.5 % for two-level noise): twice that can be told from it. Larger: easier to
 * confirm. The limits of two shifts that are mixed up differ by 10 % and more. */
static const double MARGIN = .02;
static const double NEAR_TRANSITION = .25; /* of l^2/r; larger: more cells judge, with less accurate limits */
static const double LEAST_SPAN = 4;        /* of d */
enum { LEAST_VALUES = 3 };                 /* of d, for a slope in it */

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

typedef enum judged { JUDGES, OUTSIDE, WITHOUT_LIMIT, NEAR } judged;

static judged look_at(const scl_evidence *cell)
{
    if (!scl_in_domain(&scl_high_dimensional_limit_domain, cell->n, cell->d, cell->r)) return OUTSIDE;
    if (!(cell->limit > 0)) return WITHOUT_LIMIT;
    return cell->limit * cell->limit <= NEAR_TRANSITION * cell->r ? JUDGES : NEAR;
}

typedef struct findings {
    const scl_evidence **cells; /* that judge; ordered by estimator, family, r, d/n, d */
    size_t n, n_left_out[4], n_troubled;
} findings;

static double deviation(const scl_evidence *cell)
{
    return cell->mean / cell->limit - 1;
}

static double error_of(const scl_evidence *cell)
{
    return hypot(cell->mcse, cell->limit_mcse * cell->mean / cell->limit) / cell->limit;
}

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "");
}

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

/* n is a whole number, so that d/n of one aspect differs a little between d. */
static double aspect(const scl_evidence *cell)
{
    return round(1000 * log(cell->d / cell->n));
}

/* Cells that differ in d alone. */
static int compare_series(const scl_evidence *a, const scl_evidence *b)
{
    int order = compare_texts(a->estimator, b->estimator);
    if (order == 0) order = compare_texts(a->family, b->family);
    if (order == 0) order = compare_numbers(a->r, b->r);
    return order == 0 ? compare_numbers(aspect(a), aspect(b)) : order;
}

static int compare_cells(const void *first, const void *second)
{
    const scl_evidence *a = *(const scl_evidence *const *)first, *b = *(const scl_evidence *const *)second;
    int order = compare_series(a, b);
    if (order == 0) order = compare_numbers(a->d, b->d);
    return order == 0 ? compare_numbers(a->mean, b->mean) : order;
}

static void sort_into_findings(findings *F, const scl_cells *cells)
{
    for (size_t i = 0; i < cells->n; i++) {
        judged how = look_at(&cells->cells[i]);
        if (how == JUDGES)
            F->cells[F->n++] = &cells->cells[i];
        else
            F->n_left_out[how]++;
    }
    qsort(F->cells, F->n, sizeof *F->cells, compare_cells);
}

static scl_status report_largest(scl_ruling *ruling, const findings *F, const scl_extreme *largest, scl_error *err)
{
    if (F->n == 0) return SCL_OK;
    const scl_evidence *at = F->cells[largest->cell];
    return scl_text_add(
        &ruling->judgement->evidence, err,
        "largest |deviation|: %s, one-sided limits %s and %s, of %s at n = %s, d = %s, r = %s (%s): mean "
        "%s, limit %s\n",
        NUMBER(largest->value), NUMBER(largest->lower), NUMBER(largest->upper),
        at->estimator ? at->estimator : "an estimator", NUMBER(at->n), NUMBER(at->d), NUMBER(at->r),
        at->family ? at->family : "", NUMBER(at->mean), NUMBER(at->limit));
}

/* Slope of |deviation| on log d by weighted least squares over cells first .. last - 1, false with fewer than LEAST_VALUES d. */
static bool slope_in_d(double *slope, double *se, const findings *F, size_t first, size_t last)
{
    double W = 0, X = 0, Y = 0, XX = 0, XY = 0;
    size_t n_values = 0;
    for (size_t i = first; i < last; i++) n_values += i == first || F->cells[i]->d != F->cells[i - 1]->d;
    if (n_values < LEAST_VALUES) return false;
    for (size_t i = first; i < last; i++) {
        double x = log(F->cells[i]->d), y = fabs(deviation(F->cells[i])), w = 1 / pow(error_of(F->cells[i]), 2);
        W += w, X += w * x, Y += w * y, XX += w * x * x, XY += w * x * y;
    }
    double spread = XX - X * X / W;
    *slope = (XY - X * Y / W) / spread;
    *se = 1 / sqrt(spread);
    return true;
}

/* The series whose |deviation| grows most with d. */
static scl_status report_slopes(scl_text *evidence, const findings *F, scl_error *err)
{
    double most = -INFINITY, its_error = NAN;
    size_t n_series = 0, n_falling = 0, at = 0;
    for (size_t first = 0, last; first < F->n; first = last) {
        double slope, se;
        for (last = first; last < F->n && compare_series(F->cells[first], F->cells[last]) == 0;) last++;
        if (!slope_in_d(&slope, &se, F, first, last)) continue;
        n_series++;
        n_falling += slope < 0;
        if (slope <= most) continue;
        most = slope;
        its_error = se;
        at = first;
    }
    if (n_series == 0) return scl_text_add(evidence, err, "slope of |deviation| on log d: none, no series of 3 d\n");
    const scl_evidence *of = F->cells[at];
    return scl_text_add(
        evidence, err,
        "slope of |deviation| on log d: falls in %zu of %zu series of one estimator, family, r and d/n; "
        "largest %s, standard error %s, of %s at d/n = %s (%s)\n",
        n_falling, n_series, NUMBER(most), NUMBER(its_error), of->estimator ? of->estimator : "", NUMBER(of->d / of->n),
        of->family ? of->family : "");
}

static double span_of_d(const findings *F)
{
    double least = INFINITY, most = 0;
    for (size_t i = 0; i < F->n; i++) {
        least = fmin(least, F->cells[i]->d);
        most = fmax(most, F->cells[i]->d);
    }
    return F->n > 0 ? most / least : 1;
}

static scl_status weigh(scl_ruling *ruling, const findings *F, const scl_extreme *largest, const scl_cells *cells,
                        scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    scl_status status = scl_cells_report(evidence, cells, err);
    if (status == SCL_OK)
        status =
            scl_text_add(evidence, err,
                         "in the domain (n finite, d >= 400, d >= 50 r, limit^2 <= r/4): %zu, one for each estimator; "
                         "left out %zu outside, %zu without a limit, %zu with a limit near the transition\n",
                         F->n, F->n_left_out[OUTSIDE], F->n_left_out[WITHOUT_LIMIT], F->n_left_out[NEAR]);
    if (status == SCL_OK) status = report_largest(ruling, F, largest, err);
    if (status == SCL_OK) status = report_slopes(evidence, F, err);
    if (status == SCL_OK && F->n > 0 && largest->lower > MARGIN)
        status = scl_ruling_add(&ruling->refuting, err, "a mean is farther from its limit than the margin");
    if (status == SCL_OK && F->n == 0)
        status = scl_ruling_add(&ruling->lacking, err, "no cell in the domain has a limit");
    if (status == SCL_OK && F->n > 0 && !(largest->upper < MARGIN))
        status = scl_ruling_add(&ruling->lacking, err, "a mean may be farther from its limit than the margin");
    if (status == SCL_OK && F->n > 0 && span_of_d(F) < LEAST_SPAN)
        status = scl_ruling_add(&ruling->lacking, err, "d spans a factor of %s only", NUMBER(span_of_d(F)));
    return status == SCL_OK ? scl_ruling_trouble(ruling, F->n_troubled, err) : status;
}

static size_t count_troubled(const scl_evidence *given, size_t n_given)
{
    size_t troubled = 0;
    for (size_t i = 0; i < n_given; i++)
        troubled += given[i].n_bad > 0 && given[i].model_fixed && look_at(&given[i]) == JUDGES;
    return troubled;
}

scl_status scl_judge_high_dimensional_limit(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                            size_t n_given, scl_error *err)
{
    (void)claim;
    scl_cells cells = {0};
    findings F = {.n_troubled = count_troubled(given, n_given)};
    scl_ruling ruling = scl_ruling_open(out, 3);
    ruling.margin = MARGIN;
    scl_status status = scl_cells_select(&cells, given, n_given, err);
    F.cells = scl_alloc(cells.n, sizeof *F.cells, err);
    scl_estimate *deviations = scl_alloc(cells.n, sizeof *deviations, err);
    if (status == SCL_OK && !(F.cells && deviations)) status = SCL_ERR_MEMORY;
    if (status == SCL_OK) sort_into_findings(&F, &cells);
    for (size_t i = 0; i < F.n; i++)
        deviations[i] = (scl_estimate){.value = fabs(deviation(F.cells[i])),
                                       .se = error_of(F.cells[i]),
                                       .df = F.cells[i]->n_ok - 1,
                                       .cell = i,
                                       .n = F.cells[i]->n};
    scl_extreme largest = scl_extreme_largest(deviations, F.n, ruling.level);
    out->n_used = F.n;
    if (status == SCL_OK) status = weigh(&ruling, &F, &largest, &cells, err);
    status = scl_ruling_close(
        &ruling, "every mean is within 2 % of its limit, limits included, and d spans a factor of 4", status, err);
    scl_free(deviations);
    scl_free((void *)F.cells);
    scl_cells_free(&cells);
    return status;
}
