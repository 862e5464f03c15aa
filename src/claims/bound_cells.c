/* The terms of a bound in the cells of a config: see bound_cells.h. */
#include "claims/bound_cells.h"

#include <math.h>

void scl_bound_terms_free(scl_bound_terms *bound)
{
    for (size_t t = 0; t < SCL_N_BOUND_TERMS; t++) scl_expression_free(bound->terms[t]);
    *bound = (scl_bound_terms){0};
}

scl_status scl_bound_terms_new(scl_bound_terms *bound, const scl_claim *claim, scl_error *err)
{
    scl_expression_fault fault;
    scl_status status = SCL_OK;
    *bound = (scl_bound_terms){.claim = claim};
    for (size_t t = 0; t < SCL_N_BOUND_TERMS && status == SCL_OK; t++) {
        if (!claim->terms[t]) continue;
        status = scl_expression_new(&bound->terms[t], &fault, claim->terms[t], err);
        if (status == SCL_OK) bound->of_model |= scl_expression_uses(bound->terms[t]) & SCL_QUANTITIES_OF_MODEL;
    }
    return status;
}

scl_status scl_bound_quantities(double quantities[SCL_N_QUANTITIES], const scl_plan *plan, size_t cell,
                                scl_quantity_set wanted, scl_error *err)
{
    const scl_cell *of = &plan->cells[cell];
    const scl_model_spec *spec = &of->settings.model;
    scl_quantities_of_spec(quantities, spec, of->settings.n, of->settings.labels.m);
    if (!(wanted & SCL_QUANTITIES_OF_MODEL) || !scl_config_model_fixed(plan->config, &of->settings)) return SCL_OK;
    size_t drawing = scl_model_workspace(spec->d, spec->r),
           measuring = scl_quantities_workspace(spec->d, spec->r, wanted);
    scl_model model = {0};
    scl_arena ws = {0};
    scl_status status = scl_model_new(&model, spec->d, spec->r, err);
    if (status == SCL_OK) status = scl_arena_new(&ws, drawing > measuring ? drawing : measuring, err);
    if (status == SCL_OK)
        status = scl_model_draw(&model, spec, plan->config->seed, of->loadings_text, of->noise_text, 0, &ws, err);
    if (status == SCL_OK) status = scl_quantities_of_model(quantities, &model, wanted, &ws, err);
    scl_model_free(&model);
    scl_arena_free(&ws);
    return status;
}

/* The first term that has no value to judge by in a cell of the domain; SCL_N_BOUND_TERMS when all have one. Terms of which the
 * quantities in `unknown` are a part are passed over. */
static size_t bad_term(double *value, const scl_bound_terms *bound, const double quantities[SCL_N_QUANTITIES],
                       scl_quantity_set unknown)
{
    const scl_claim *claim = bound->claim;
    double n = quantities[SCL_QUANTITY_N], d = quantities[SCL_QUANTITY_D], r = quantities[SCL_QUANTITY_R];
    bool for_every_n = claim->terms[SCL_TERM_FLOOR] != NULL; /* a floor speaks of the cell's population, too */
    if (!scl_in_domain(claim->domain, for_every_n ? INFINITY : n, d, r)) return SCL_N_BOUND_TERMS;
    for (size_t t = 0; t < SCL_N_BOUND_TERMS; t++) {
        if (!bound->terms[t] || (scl_expression_uses(bound->terms[t]) & unknown)) continue;
        *value = scl_expression_value(bound->terms[t], quantities);
        bool may_be_zero = t == SCL_TERM_SAMPLING && isinf(n);
        if (!isfinite(*value) || *value < 0 || (*value == 0 && !may_be_zero)) return t;
    }
    return SCL_N_BOUND_TERMS;
}

/* "a positive and finite term bias (it is nan at n = 1000, d = 20, r = 2)" */
static scl_status say_bad_term(scl_text *out, size_t term, double value, const double quantities[SCL_N_QUANTITIES],
                               scl_error *err)
{
    char number[4][SCL_NUMBER_CHARS];
    return scl_text_add(out, err, "a positive and finite term %s (it is %s at n = %s, d = %s, r = %s)",
                        scl_bound_term_names[term], isnan(value) ? "nan" : scl_number_digits(number[0], value, 6),
                        scl_number_shortest(number[1], quantities[SCL_QUANTITY_N]),
                        scl_number_shortest(number[2], quantities[SCL_QUANTITY_D]),
                        scl_number_shortest(number[3], quantities[SCL_QUANTITY_R]));
}

scl_status scl_bound_check(const scl_bound_terms *bound, const double quantities[SCL_N_QUANTITIES],
                           const scl_config *config, scl_error *err)
{
    double value = NAN;
    size_t term = bad_term(&value, bound, quantities, 0);
    if (term == SCL_N_BOUND_TERMS) return SCL_OK;
    scl_text what = {0};
    scl_status status = say_bad_term(&what, term, value, quantities, err);
    if (status == SCL_OK)
        status = scl_error_set(err, SCL_ERR_CONFIG, "%s: bounds: %s cannot be judged without %s", config->path,
                               bound->claim->id, scl_text_get(&what));
    scl_text_free(&what);
    return status;
}

scl_status scl_bound_lacks_values(scl_text *lacking, const scl_config *config, const scl_claim *claim, scl_error *err)
{
    scl_bound_terms bound;
    scl_status status = scl_bound_terms_new(&bound, claim, err);
    for (size_t c = 0; c < scl_config_cells(config) && status == SCL_OK; c++) {
        scl_settings settings = scl_config_cell(config, c);
        double quantities[SCL_N_QUANTITIES], value = NAN;
        if (!scl_config_model_fixed(config, &settings)) continue;
        scl_quantities_of_spec(quantities, &settings.model, settings.n, settings.labels.m);
        size_t term = bad_term(&value, &bound, quantities, SCL_QUANTITIES_OF_MODEL);
        if (term == SCL_N_BOUND_TERMS) continue;
        if (lacking->length) status = scl_text_add(lacking, err, ", ");
        if (status == SCL_OK) status = say_bad_term(lacking, term, value, quantities, err);
        break;
    }
    scl_bound_terms_free(&bound);
    return status;
}

/* ---- the table ---- */

static const char *const columns[] = {"experiment", "cell", "n", "d", "r", "bound", "term", "expression", "value"};
enum { N_COLUMNS = sizeof columns / sizeof *columns, DIGITS = 10 };

static scl_status add_row(scl_table *table, const scl_config *config, const scl_bound_terms *bound, size_t cell,
                          size_t term, const double quantities[SCL_N_QUANTITIES], scl_error *err)
{
    char sizes[4][SCL_NUMBER_CHARS], number[SCL_NUMBER_CHARS] = "";
    double value = scl_expression_value(bound->terms[term], quantities);
    if (isfinite(value)) scl_number_digits(number, value, DIGITS);
    const char *cells[N_COLUMNS] = {config->name,
                                    scl_number_shortest(sizes[0], (double)cell),
                                    scl_number_shortest(sizes[1], quantities[SCL_QUANTITY_N]),
                                    scl_number_shortest(sizes[2], quantities[SCL_QUANTITY_D]),
                                    scl_number_shortest(sizes[3], quantities[SCL_QUANTITY_R]),
                                    bound->claim->id,
                                    scl_bound_term_names[term],
                                    bound->claim->terms[term],
                                    number};
    return scl_table_add_row(table, cells, err);
}

scl_status scl_bound_table_add(scl_table *table, const scl_config *config, const scl_claim *claim, scl_error *err)
{
    scl_bound_terms bound;
    scl_plan plan = {0};
    scl_status status = scl_bound_terms_new(&bound, claim, err);
    for (size_t i = table->n_columns; i < N_COLUMNS && status == SCL_OK; i++)
        status = scl_table_add_column(table, columns[i], err);
    if (status == SCL_OK) status = scl_plan_new(&plan, config, err);
    for (size_t cell = 0; cell < plan.n_cells && status == SCL_OK; cell++) {
        double quantities[SCL_N_QUANTITIES];
        status = scl_bound_quantities(quantities, &plan, cell, bound.of_model, err);
        for (size_t term = 0; term < SCL_N_BOUND_TERMS && status == SCL_OK; term++)
            if (bound.terms[term]) status = add_row(table, config, &bound, cell, term, quantities, err);
    }
    scl_plan_free(&plan);
    scl_bound_terms_free(&bound);
    return status;
}
