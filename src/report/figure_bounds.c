/* The lines of bounds in a figure: see figure_bounds.h. */
#include "report/figure_bounds.h"

#include "base/memory.h"
#include "claims/bound.h"
#include "claims/bound_cells.h"

#include <math.h>
#include <string.h>

enum { LONGEST_EXPRESSION = 40 }; /* that a legend spells out */

/* Lines of a bound: its terms and, of two, their sum. */
static size_t count_lines(const scl_bound *bound)
{
    size_t terms = 0;
    for (size_t t = 0; t < SCL_N_BOUND_TERMS; t++) terms += bound->terms[t] != NULL;
    return terms == 2 ? 3 : terms;
}

static bool is_drawn(const scl_config *config, const scl_bound *bound)
{
    return strcmp(bound->metric->name, config->figure.y) == 0;
}

static scl_status add_label(scl_figure_data *data, const scl_bound *bound, const char *what, const char *expression,
                            scl_error *err)
{
    scl_text label = {0};
    scl_status status = scl_text_add(&label, err, "%s, %s", bound->id, what);
    if (status == SCL_OK && expression && strlen(expression) <= LONGEST_EXPRESSION)
        status = scl_text_add(&label, err, ": %s", expression);
    data->rate_labels[data->n_rates++] = label.data; /* the data own it, complete or not */
    return status;
}

static scl_status add_labels(scl_figure_data *data, const scl_config *config, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < config->n_bounds && status == SCL_OK; i++) {
        const scl_bound *bound = &config->bounds[i];
        if (!is_drawn(config, bound)) continue;
        for (size_t t = 0; t < SCL_N_BOUND_TERMS && status == SCL_OK; t++)
            if (bound->terms[t]) status = add_label(data, bound, scl_bound_term_names[t], bound->terms[t], err);
        if (status == SCL_OK && count_lines(bound) == 3) status = add_label(data, bound, "sum", NULL, err);
    }
    return status;
}

/* The lines of one bound in all cells; `line` of `stride` is its first. */
static scl_status fill(double *values, size_t line, size_t stride, const scl_plan *plan, const scl_bound *bound,
                       scl_error *err)
{
    scl_bound_claim own;
    scl_bound_terms terms = {0};
    scl_status status = scl_bound_claim_new(&own, plan->config, bound, err);
    if (status == SCL_OK) status = scl_bound_terms_new(&terms, &own.claim, err);
    for (size_t cell = 0; cell < plan->n_cells && status == SCL_OK; cell++) {
        double quantities[SCL_N_QUANTITIES], sum = 0, *to = values + cell * stride + line;
        status = scl_bound_quantities(quantities, plan, cell, terms.of_model, err);
        for (size_t t = 0; t < SCL_N_BOUND_TERMS && status == SCL_OK; t++) {
            if (!terms.terms[t]) continue;
            double value = scl_expression_value(terms.terms[t], quantities);
            *to = value > 0 && isfinite(value) ? value : NAN;
            sum += *to++;
        }
        if (count_lines(bound) == 3) *to = sum;
    }
    scl_bound_terms_free(&terms);
    scl_bound_claim_free(&own);
    return status;
}

scl_status scl_figure_bounds(double **values, scl_figure_data *data, const scl_config *config, scl_error *err)
{
    *values = NULL;
    if (!config->figure.bounds) return SCL_OK;
    size_t n_drawn = 0, n_lines = 0, line = 0;
    for (size_t i = 0; i < config->n_bounds; i++) {
        if (!is_drawn(config, &config->bounds[i])) continue;
        n_drawn++;
        n_lines += count_lines(&config->bounds[i]);
    }
    if (n_drawn > SCL_FIGURE_MOST_BOUNDS)
        return scl_error_set(err, SCL_ERR_INPUT,
                             "the figure of \"%s\" would have the lines of %zu bounds on %s, and dashes tell %d apart; "
                             "figure.bounds: false draws it without",
                             config->name, n_drawn, config->figure.y, SCL_FIGURE_MOST_BOUNDS);
    data->n_rates = SCL_FIGURE_PAPER_RATES;
    if (n_lines == 0) return SCL_OK;
    scl_status status = add_labels(data, config, err);
    scl_plan plan = {0};
    if (status == SCL_OK) status = scl_plan_new(&plan, config, err);
    if (status == SCL_OK) *values = scl_alloc(plan.n_cells * n_lines, sizeof **values, err);
    if (status == SCL_OK && !*values) status = SCL_ERR_MEMORY;
    for (size_t i = 0; i < config->n_bounds && status == SCL_OK; i++) {
        if (!is_drawn(config, &config->bounds[i])) continue;
        status = fill(*values, line, n_lines, &plan, &config->bounds[i], err);
        line += count_lines(&config->bounds[i]);
    }
    scl_plan_free(&plan);
    return status;
}
