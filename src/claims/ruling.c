/* From slopes to a verdict. See ruling.h.
 *
 * Two kinds of wrong verdict are possible. A false refutation needs one limit of several to miss, so the limits share
 * the false-alarm rate (Bonferroni). A false confirmation needs the limit of the slope that truly offends to miss,
 * which has the level of one limit. Both limits of every slope and of the constant are counted, so that all the limits
 * in the evidence hold together with probability 99 %, and not the verdict alone. The count is the claim's own, fixed
 * before the data: a slope that cannot be estimated does not make the others more certain. */
#include "claims/ruling.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const int DIGITS = 4;
static const double ROUNDING = 1e-9; /* a span of exactly 10 is enough, whatever log and exp make of it */

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, DIGITS)

scl_ruling scl_ruling_open(scl_judgement *judgement, size_t n_limits)
{
    *judgement = (scl_judgement){.verdict = SCL_UNDECIDED};
    return (scl_ruling){.judgement = judgement, .n_limits = n_limits, .level = SCL_FALSE_ALARM / (double)n_limits};
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

static scl_status report_slope(scl_text *evidence, const scl_slope *slope, const char *ratio, const char *variable,
                               scl_error *err)
{
    if (slope->state != SCL_SLOPE_FOUND) {
        return scl_text_add(evidence, err, "slope of log %s on log %s: none, %s\n", ratio, variable,
                            why_not_found(slope->state));
    }
    return scl_text_add(evidence, err,
                        "slope of log %s on log %s: %s, standard error %s, one-sided limits %s and %s; %s spans a "
                        "factor of %s\n",
                        ratio, variable, NUMBER(slope->estimate), NUMBER(slope->se), NUMBER(slope->lower),
                        NUMBER(slope->upper), variable, NUMBER(slope->span));
}

/* What one slope means for the verdict; with side = -1 the slope's mirror image must not grow. */
static scl_status weigh_slope(scl_ruling *ruling, const scl_slope *slope, scl_side side, const char *ratio,
                              const char *variable, scl_error *err)
{
    double least = side == SCL_MUST_NOT_GROW ? slope->lower : -slope->upper;
    double most = side == SCL_MUST_NOT_GROW ? slope->upper : -slope->lower;
    const char *verb = side == SCL_MUST_NOT_GROW ? "grows" : "falls";
    if (slope->state != SCL_SLOPE_FOUND) {
        return scl_ruling_add(&ruling->lacking, err, "%s has no slope in %s (%s)", ratio, variable,
                              why_not_found(slope->state));
    }
    if (least > SCL_MARGIN) {
        return scl_ruling_add(&ruling->refuting, err, "%s %s with %s by more than the margin", ratio, verb, variable);
    }
    scl_status status = SCL_OK;
    if (!(most < SCL_MARGIN)) {
        status = scl_ruling_add(&ruling->lacking, err, "the limit for %s in %s does not exclude that it %s", ratio,
                                variable, verb);
    }
    if (status == SCL_OK && slope->span < SCL_SPAN * (1 - ROUNDING)) {
        status = scl_ruling_add(&ruling->lacking, err, "%s spans a factor of %s only for %s", variable,
                                NUMBER(slope->span), ratio);
    }
    return status;
}

scl_status scl_ruling_term(scl_ruling *ruling, const scl_regression *fit, bool weighted, scl_side side,
                           const char *ratio, const char *const *variables, scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    scl_status status = SCL_OK;
    if (fit->df > 0) {
        status = scl_text_add(evidence, err,
                              "regression of log %s: %zu cell%s, %zu intercept%s, %s %s, %s degree%s of freedom\n",
                              ratio, fit->n_points, scl_plural(fit->n_points), fit->n_groups, scl_plural(fit->n_groups),
                              weighted ? "residual chi" : "residual scatter", NUMBER(fit->scatter), NUMBER(fit->df),
                              scl_plural((size_t)fit->df));
    }
    for (size_t j = 0; j < fit->n_slopes && status == SCL_OK; j++) {
        status = report_slope(evidence, &fit->slopes[j], ratio, variables[j], err);
        if (status == SCL_OK) status = weigh_slope(ruling, &fit->slopes[j], side, ratio, variables[j], err);
    }
    return status;
}

scl_status scl_ruling_constant(scl_ruling *ruling, const char *name, const scl_extreme *constant,
                               const scl_cells *cells, scl_error *err)
{
    scl_text *evidence = &ruling->judgement->evidence;
    if (isnan(constant->value)) return scl_text_add(evidence, err, "%s: none, no cell\n", name);
    const scl_evidence *at = &cells->cells[constant->cell];
    return scl_text_add(evidence, err, "%s: %s, one-sided limits %s and %s, attained at n = %s, d = %s, r = %s (%s)\n",
                        name, NUMBER(constant->value), NUMBER(constant->lower), NUMBER(constant->upper), NUMBER(at->n),
                        NUMBER(at->d), NUMBER(at->r), at->family ? at->family : "");
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
    if (status == SCL_OK) {
        status = scl_text_add(&judgement->evidence, err,
                              "false alarms: at most %s over the %zu one-sided limits together (each %s); margin %s\n",
                              NUMBER(SCL_FALSE_ALARM), ruling->n_limits, NUMBER(ruling->level), NUMBER(SCL_MARGIN));
    }
    if (status == SCL_OK) {
        status = scl_text_add(&judgement->evidence, err, "%s: %s\n", scl_verdict_names[judgement->verdict], reason);
    }
    if (status != SCL_OK) judgement->verdict = SCL_UNDECIDED;
    scl_text_free(&ruling->refuting);
    scl_text_free(&ruling->lacking);
    return status;
}

static double median(double *values, size_t k)
{
    if (k == 0) return NAN;
    gsl_sort(values, 1, k);
    return gsl_stats_median_from_sorted_data(values, 1, k);
}

char *scl_median_text(char out[SCL_NUMBER_CHARS], double *values, size_t k)
{
    return k == 0 ? strcpy(out, "none (no cell)") : scl_number_digits(out, median(values, k), 4);
}
