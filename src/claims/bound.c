/* Bounds as claims: see bound.h. */
#include "claims/bound.h"

#include "claims/lower_bound.h"
#include "claims/ruling.h"
#include "claims/upper_bound.h"
#include "study/draw_text.h"

#include <string.h>

scl_status scl_bound_values(double *values, const char *expression, const scl_cells *cells, scl_error *err)
{
    scl_expression *parsed = NULL;
    scl_expression_fault fault;
    scl_status status = scl_expression_new(&parsed, &fault, expression, err);
    if (status != SCL_OK) return status == SCL_ERR_INPUT ? SCL_ERR_INTERNAL : status;
    for (size_t i = 0; i < cells->n; i++) {
        const scl_evidence *cell = &cells->cells[i];
        double quantities[SCL_N_QUANTITIES];
        memcpy(quantities, cell->quantities, sizeof quantities);
        quantities[SCL_QUANTITY_N] = cell->n;
        quantities[SCL_QUANTITY_D] = cell->d;
        quantities[SCL_QUANTITY_R] = cell->r;
        values[i] = scl_expression_value(parsed, quantities);
    }
    scl_expression_free(parsed);
    return SCL_OK;
}

double scl_bound_largest(const scl_claim *claim, const scl_evidence *cell)
{
    return scl_metric_find(scl_claim_metric(claim))->largest(cell->r);
}

/* ---- symbols --------------------------------------------------------------------------------------------------------- */

static scl_status upper_symbols(scl_text *out, const scl_claim *claim, scl_error *err)
{
    const char *sampling = claim->terms[SCL_TERM_SAMPLING], *bias = claim->terms[SCL_TERM_BIAS];
    if (claim->most_excess > 0)
        return scl_text_add(out, err,
                            "e: excess risk of a replicate; e_inf: that of the same model at n = inf\n"
                            "s: sampling part over its term, (mean - e_inf)/(%s)\nt: bias over its term, e_inf/(%s)\n",
                            sampling, bias);
    scl_status status = scl_text_add(out, err, "e: error of a replicate; e_inf: error of the same model at n = inf\n");
    if (status == SCL_OK && sampling)
        status = scl_text_add(out, err, "s: sampling error over its term, sqrt(mean(e^2) - e_inf^2)/(%s)\n", sampling);
    if (status == SCL_OK && bias) status = scl_text_add(out, err, "t: bias over its term, e_inf/(%s)\n", bias);
    return status;
}

scl_status scl_claim_symbols(scl_text *out, const scl_claim *claim, scl_error *err)
{
    const char *floor = claim->terms[SCL_TERM_FLOOR], *what = claim->most_excess > 0 ? "excess risk" : "error";
    if (!floor && !claim->terms[SCL_TERM_SAMPLING] && !claim->terms[SCL_TERM_BIAS])
        return claim->symbols ? scl_text_add(out, err, "%s", claim->symbols) : SCL_OK;
    scl_status status = floor ? scl_text_add(out, err,
                                             "e: mean %s of a sampled cell; e_inf: %s of the same model at n = "
                                             "inf, its floor\nb: the bound with c = 1, %s\n",
                                             what, what, floor)
                              : upper_symbols(out, claim, err);
    return status == SCL_OK ? scl_text_add(out, err, "%s", &SCL_SCATTER_SYMBOLS[1]) : status;
}

/* ---- bounds of a config ---------------------------------------------------------------------------------------------- */

/* What the bound says: "e <= K [..], one K for all cells; e: sin-theta-f of contrastive". */
static scl_status write_statement(scl_text *out, const scl_bound *bound, const char *estimator, scl_error *err)
{
    const char *sampling = bound->terms[SCL_TERM_SAMPLING], *bias = bound->terms[SCL_TERM_BIAS],
               *floor = bound->terms[SCL_TERM_FLOOR];
    scl_status status = SCL_OK;
    if (floor)
        status = scl_text_add(out, err, "E e >= c (%s), one c > 0 for all cells", floor);
    else if (sampling && bias)
        status = scl_text_add(out, err, "E e <= K [%s + %s], one K for all cells", bias, sampling);
    else if (bias)
        status = scl_text_add(out, err, "e_inf <= K (%s), one K for all cells", bias);
    else
        status = scl_text_add(out, err, "sqrt(E e^2 - e_inf^2) <= K (%s), one K for all cells", sampling);
    return status == SCL_OK ? scl_text_add(out, err, "; e: %s of %s", bound->metric->name, estimator) : status;
}

scl_status scl_bound_claim_new(scl_bound_claim *out, const scl_config *config, const scl_bound *bound, scl_error *err)
{
    bool upper = bound->kind == SCL_BOUND_UPPER;
    *out = (scl_bound_claim){.claim = {.id = bound->id,
                                       .metric = bound->metric->name,
                                       .domain = upper ? &scl_upper_bound_domain : &scl_lower_bound_domain,
                                       .judge = upper ? scl_judge_upper_bound : scl_judge_lower_bound}};
    for (size_t t = 0; t < SCL_N_BOUND_TERMS; t++) out->claim.terms[t] = bound->terms[t];
    scl_status status = scl_draw_text_estimator(&out->estimator, &config->estimators[bound->use], err);
    if (status == SCL_OK) status = write_statement(&out->statement, bound, scl_text_get(&out->estimator), err);
    if (status == SCL_OK) status = scl_text_add(&out->source, err, "the config, under bounds (%s)", config->path);
    out->claim.estimator = scl_text_get(&out->estimator);
    out->claim.statement = scl_text_get(&out->statement);
    out->claim.source = scl_text_get(&out->source);
    return status;
}

void scl_bound_claim_free(scl_bound_claim *bound)
{
    scl_text_free(&bound->statement);
    scl_text_free(&bound->source);
    scl_text_free(&bound->estimator);
    *bound = (scl_bound_claim){0};
}

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

bool scl_bound_claim_same(const scl_claim *a, const scl_claim *b)
{
    bool same = same_text(a->id, b->id) && same_text(a->metric, b->metric) && same_text(a->estimator, b->estimator);
    for (size_t t = 0; t < SCL_N_BOUND_TERMS; t++) same = same && same_text(a->terms[t], b->terms[t]);
    return same;
}
