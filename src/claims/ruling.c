/* From slopes to a verdict. See ruling.h.
 *
 * Two kinds of wrong verdict are possible. A false refutation needs one limit of several to miss, so the limits share
 * the false-alarm rate (Bonferroni). A false confirmation needs the limit of the slope that truly offends to miss,
 * which has the level of one limit. Both limits of every slope and of the constant are counted, so that all the limits
 * in the evidence hold together with probability 99 %, and not the verdict alone. The count is fixed before any value is seen,
 * by the groups and variables alone: a slope that cannot be estimated does not make the others more certain. */
#include "claims/ruling.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const int DIGITS = 4;
/* A slope refutes only from here on. Between two values of d lie two draws of U, whose difference is no slope, and how many n each
 * was sampled at does not matter: with d = 20, 22 and 13 n, 6 of 30 true studies were refuted. */
enum { LEAST_VALUES = 3 };
static const double LEAST_SPAN = 2;
static const double ROUNDING = 1e-9; /* a span of exactly 10 is enough, whatever log and exp make of it */

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, DIGITS)

scl_ruling scl_ruling_open(scl_judgement *judgement, size_t n_limits)
{
    *judgement = (scl_judgement){.verdict = SCL_UNDECIDED};
    double level = n_limits > 0 ? SCL_FALSE_ALARM / (double)n_limits : SCL_FALSE_ALARM;
    return (scl_ruling){.judgement = judgement, .n_limits = n_limits, .level = level, .margin = SCL_MARGIN};
}

scl_status scl_ruling_add(scl_text *reasons, scl_error *err, const char *format, ...)
{
    char reason[400];
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof reason, format, args);
    va_end(args);
    return scl_text_add(reasons, err, "%s%s", reasons->length > 0 ? "; " : "", reason);
}

static const char *why_not_found(scl_slope_state state)
{
    switch (state) {
    case SCL_SLOPE_CONSTANT:
        return "the variable does not vary";
    case SCL_SLOPE_COLLINEAR:
        return "the other variables vary with it (collinear)";
    case SCL_SLOPE_TOO_FEW:
    case SCL_SLOPE_FOUND:
        break;
    }
    return "too few cells";
}

/* The slopes of one variable over the groups: how many are found, and the one of the largest limit towards the forbidden side. */
typedef struct slopes {
    size_t n_found, n_refuting, n_hidden, worst, first_refuting, first_hidden;
    double low, high, most, span;
    scl_slope_state state; /* the best one */
} slopes;

/* Limits towards the forbidden side, from the margin on: positive is beyond it. Where growth is asked for, slopes within the
 * margin are on the forbidden side. */
static double least_breach(const scl_slope *slope, scl_side side)
{
    if (side == SCL_MUST_NOT_GROW) return slope->lower - SCL_MARGIN;
    return side == SCL_MUST_GROW ? SCL_MARGIN - slope->upper : -slope->upper - SCL_MARGIN;
}

static double most_breach(const scl_slope *slope, scl_side side)
{
    if (side == SCL_MUST_NOT_GROW) return slope->upper - SCL_MARGIN;
    return side == SCL_MUST_GROW ? SCL_MARGIN - slope->lower : -slope->lower - SCL_MARGIN;
}

static const char *verb_of(scl_side side)
{
    static const char *const verbs[] = {"grows", "falls", "does not grow"};
    return verbs[side];
}

static slopes look_over(const scl_regression *fit, size_t j, const scl_term *term)
{
    slopes out = {.low = INFINITY, .high = -INFINITY, .most = -INFINITY};
    for (size_t g = 0; g < fit->n_groups; g++) {
        const scl_slope *slope = &fit->groups[g].slopes[j];
        if (slope->state > out.state) out.state = slope->state;
        if (slope->state != SCL_SLOPE_FOUND && slope->state != SCL_SLOPE_CONSTANT && out.n_hidden++ == 0)
            out.first_hidden = g;
        if (slope->state != SCL_SLOPE_FOUND) continue;
        out.n_found++;
        out.low = fmin(out.low, slope->estimate);
        out.high = fmax(out.high, slope->estimate);
        out.span = fmax(out.span, slope->span);
        if (most_breach(slope, term->side) > out.most) {
            out.most = most_breach(slope, term->side);
            out.worst = g;
        }
        bool narrow = !term->trend && (slope->n_values < LEAST_VALUES || slope->span < LEAST_SPAN);
        if (!narrow && least_breach(slope, term->side) > 0 && !(term->excused && term->excused[fit->groups[g].group])) {
            if (out.n_refuting == 0) out.first_refuting = g;
            out.n_refuting++;
        }
    }
    return out;
}

/* "haar, nu 1", "r = 5, haar, nu 1" or "d = 200, r = 5, haar, nu 1" */
static scl_status name_group(scl_text *out, const scl_cells *cells, scl_grouping grouping, size_t group, scl_error *err)
{
    const size_t *groups = grouping == SCL_BY_CURVE    ? cells->curve
                           : grouping == SCL_BY_SERIES ? cells->series
                                                       : cells->family;
    size_t i = 0;
    while (groups[i] != group) i++;
    const char *family = cells->cells[i].family ? cells->cells[i].family : "";
    if (grouping == SCL_BY_FAMILY) return scl_text_add(out, err, "%s", family);
    if (grouping == SCL_BY_SERIES) return scl_text_add(out, err, "r = %s, %s", NUMBER(cells->cells[i].r), family);
    return scl_text_add(out, err, "d = %s, r = %s, %s", NUMBER(cells->cells[i].d), NUMBER(cells->cells[i].r), family);
}

/* "; scatter .006 beyond Monte Carlo errors (residual chi 3.2, 60 degrees of freedom)" */
static scl_status report_scatter(scl_text *evidence, const scl_group_slopes *of, scl_error *err)
{
    scl_status status = scl_text_add(evidence, err, ", scatter %s beyond Monte Carlo errors (", NUMBER(of->tau));
    if (status == SCL_OK && !isnan(of->chi)) status = scl_text_add(evidence, err, "residual chi %s, ", NUMBER(of->chi));
    if (status != SCL_OK) return status;
    return scl_text_add(evidence, err, "%s degree%s of freedom)", NUMBER(of->df), scl_plural((size_t)of->df));
}

static scl_status report_slopes(scl_text *evidence, const slopes *found, const scl_group_slopes *of,
                                const scl_term *term, size_t j, const char *group, scl_error *err)
{
    const scl_slope *worst = of ? &of->slopes[j] : NULL;
    const char *variable = term->variables[j];
    scl_status status = scl_text_add(evidence, err, "slope of log %s on log %s: ", term->ratio, variable);
    if (status != SCL_OK) return status;
    if (found->n_found == 0) return scl_text_add(evidence, err, "none, %s\n", why_not_found(found->state));
    status = scl_text_add(evidence, err, "%s, standard error %s, one-sided limits %s and %s", NUMBER(worst->estimate),
                          NUMBER(worst->se), NUMBER(worst->lower), NUMBER(worst->upper));
    if (status == SCL_OK && !term->trend) status = report_scatter(evidence, of, err);
    if (status == SCL_OK && found->n_found > 1)
        status = scl_text_add(evidence, err, " (the nearest to breaking the claim of %zu, from %s to %s: %s)",
                              found->n_found, NUMBER(found->low), NUMBER(found->high), group);
    return status == SCL_OK ? scl_text_add(evidence, err, "; %s spans a factor of %s\n", variable, NUMBER(found->span))
                            : status;
}

/* What the slopes of one variable mean for the verdict. */
static scl_status weigh_slopes(scl_ruling *ruling, const slopes *found, const scl_slope *worst, const scl_term *term,
                               size_t j, const char *refuting, const char *hidden, const char *group, bool excused,
                               scl_error *err)
{
    const char *verb = verb_of(term->side), *variable = term->variables[j];
    if (found->n_found == 0)
        return scl_ruling_add(&ruling->lacking, err, "%s has no slope in %s (%s)", term->ratio, variable,
                              why_not_found(found->state));
    if (found->n_refuting > 0) {
        char others[40] = "";
        if (found->n_refuting > 1) snprintf(others, sizeof others, " and %zu more", found->n_refuting - 1);
        return scl_ruling_add(&ruling->refuting, err, "%s %s with %s by more than the margin (%s%s)", term->ratio, verb,
                              variable, refuting, others);
    }
    scl_status status = SCL_OK;
    if (found->n_hidden > 0) {
        char others[40] = "";
        if (found->n_hidden > 1) snprintf(others, sizeof others, " and %zu more", found->n_hidden - 1);
        status = scl_ruling_add(&ruling->lacking, err, "%s in %s is hidden (%s%s: collinear, or too few cells)",
                                term->ratio, variable, hidden, others);
    }
    if (status != SCL_OK) return status;
    if (excused && least_breach(worst, term->side) > 0) {
        status = scl_ruling_add(&ruling->lacking, err, "%s %s with %s, but %s (%s)", term->ratio, verb, variable,
                                term->excuse, group);
    } else if (!(found->most < 0)) {
        status = scl_ruling_add(&ruling->lacking, err, "the limit for %s in %s does not exclude that it %s (%s)",
                                term->ratio, variable, verb, group);
    }
    if (status == SCL_OK && found->span < SCL_SPAN * (1 - ROUNDING))
        status = scl_ruling_add(&ruling->lacking, err, "%s spans a factor of %s only for %s", variable,
                                NUMBER(found->span), term->ratio);
    return status;
}

static scl_status judge_variable(scl_ruling *ruling, const scl_regression *fit, const scl_term *term, size_t j,
                                 const scl_cells *cells, scl_error *err)
{
    slopes found = look_over(fit, j, term);
    scl_text group = {0}, refuting = {0}, hidden = {0};
    const scl_slope *worst = NULL;
    bool excused = false;
    scl_status status = SCL_OK;
    if (found.n_found > 0) {
        size_t number = fit->groups[found.worst].group;
        worst = &fit->groups[found.worst].slopes[j];
        excused = term->excused && term->excused[number];
        status = name_group(&group, cells, term->grouping, number, err);
    }
    if (status == SCL_OK && found.n_refuting > 0)
        status = name_group(&refuting, cells, term->grouping, fit->groups[found.first_refuting].group, err);
    if (status == SCL_OK && found.n_hidden > 0)
        status = name_group(&hidden, cells, term->grouping, fit->groups[found.first_hidden].group, err);
    if (status == SCL_OK)
        status = report_slopes(&ruling->judgement->evidence, &found, worst ? &fit->groups[found.worst] : NULL, term, j,
                               scl_text_get(&group), err);
    if (status == SCL_OK)
        status = weigh_slopes(ruling, &found, worst, term, j, scl_text_get(&refuting), scl_text_get(&hidden),
                              scl_text_get(&group), excused, err);
    scl_text_free(&hidden);
    scl_text_free(&group);
    scl_text_free(&refuting);
    return status;
}

size_t scl_term_limits(const scl_term *term)
{
    return 2 * (term->n_slopes - term->n_free) * scl_regression_groups(term->points, term->n_points);
}

static scl_status report_regression(scl_text *evidence, const scl_regression *fit, const scl_term *term, scl_error *err)
{
    static const char *const groups[][2] = {{"family", "families"}, {"curve", "curves"}, {"series", "series"}};
    return scl_text_add(evidence, err, "%s of log %s: %zu cell%s, %zu %s%s\n", term->trend ? "trend" : "regression",
                        term->ratio, fit->n_points, scl_plural(fit->n_points), fit->n_groups,
                        groups[term->grouping][fit->n_groups != 1], fit->n_groups == 1 ? "" : ", each by itself");
}

scl_status scl_ruling_term(scl_ruling *ruling, const scl_term *term, const scl_cells *cells, scl_error *err)
{
    scl_regression fit;
    scl_status status = term->trend
                            ? scl_trends(&fit, term->points, term->n_points, ruling->level, err)
                            : scl_regress(&fit, term->points, term->n_points, term->n_slopes, ruling->level, err);
    if (status == SCL_OK && fit.n_points > 0) status = report_regression(&ruling->judgement->evidence, &fit, term, err);
    for (size_t j = 0; j + term->n_free < term->n_slopes && status == SCL_OK; j++)
        status = judge_variable(ruling, &fit, term, j, cells, err);
    scl_regression_free(&fit);
    return status;
}

scl_status scl_ruling_trouble(scl_ruling *ruling, size_t troubled, scl_error *err)
{
    if (troubled == 0) return SCL_OK;
    return scl_ruling_add(&ruling->lacking, err,
                          "%zu cell%s of the domain %s replicates that failed, did not converge or were rank-deficient",
                          troubled, scl_plural(troubled), troubled == 1 ? "has" : "have");
}

scl_status scl_ruling_constant(scl_ruling *ruling, const char *name, const scl_extreme *constant,
                               const scl_cells *cells, scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    if (isnan(constant->value)) return scl_text_add(evidence, err, "%s: none, no cell\n", name);
    const scl_evidence *at = &cells->cells[constant->cell];
    return scl_text_add(evidence, err, "%s: %s, one-sided limits %s and %s, attained at n = %s, d = %s, r = %s (%s)\n",
                        name, NUMBER(constant->value), NUMBER(constant->lower), NUMBER(constant->upper),
                        NUMBER(constant->n), NUMBER(at->d), NUMBER(at->r), at->family ? at->family : "");
}

scl_status scl_ruling_close(scl_ruling *ruling, const char *confirmed_because, scl_status earlier, scl_error *err)
{
    scl_judgement *judgement = ruling->judgement;
    scl_status status = earlier;
    const char *reason = confirmed_because;
    judgement->verdict = SCL_CONFIRMED;
    if (ruling->refuting.length > 0) {
        judgement->verdict = SCL_REFUTED;
        reason = scl_text_get(&ruling->refuting);
    } else if (ruling->lacking.length > 0) {
        judgement->verdict = SCL_UNDECIDED;
        reason = scl_text_get(&ruling->lacking);
    }
    if (status == SCL_OK && ruling->n_limits > 0) {
        status = scl_text_add(&judgement->evidence, err,
                              "false alarms: at most %s over the %zu one-sided limits together (each %s); margin %s\n",
                              NUMBER(SCL_FALSE_ALARM), ruling->n_limits, NUMBER(ruling->level), NUMBER(ruling->margin));
    }
    if (status == SCL_OK) {
        status = scl_text_add(&judgement->evidence, err, "%s: %s\n", scl_verdict_names[judgement->verdict], reason);
    }
    if (status != SCL_OK) judgement->verdict = SCL_UNDECIDED;
    scl_text_free(&ruling->refuting);
    scl_text_free(&ruling->lacking);
    return status;
}

double scl_median(double *values, size_t k)
{
    if (k == 0) return NAN;
    gsl_sort(values, 1, k);
    return gsl_stats_median_from_sorted_data(values, 1, k);
}

char *scl_median_text(char out[SCL_NUMBER_CHARS], double *values, size_t k)
{
    return k == 0 ? strcpy(out, "none (no cell)") : scl_number_digits(out, scl_median(values, k), 4);
}
