/* The terms of a bound in the cells of a config. */
#ifndef SCL_CLAIMS_BOUND_CELLS_H
#define SCL_CLAIMS_BOUND_CELLS_H

#include "base/csv.h"
#include "claims/claims.h"
#include "study/plan.h"

/* The terms of a claim as expressions, and the quantities of these that need the model drawn. A claim without terms has none. */
typedef struct scl_bound_terms {
    const scl_claim *claim;
    scl_expression *terms[SCL_N_BOUND_TERMS];
    scl_quantity_set of_model;
} scl_bound_terms;

/* Free them also after an error. returns SCL_OK, SCL_ERR_MEMORY, SCL_ERR_INPUT */
scl_status scl_bound_terms_new(scl_bound_terms *bound, const scl_claim *claim, scl_error *err) SCL_CHECKED;
void scl_bound_terms_free(scl_bound_terms *bound);

/* The quantities of a cell. The model is drawn, as the study drew it, when `wanted` needs it and it is fixed; what is not known is
 * NaN.
 *   returns SCL_OK, SCL_ERR_MEMORY, SCL_ERR_LAPACK */
scl_status scl_bound_quantities(double quantities[SCL_N_QUANTITIES], const scl_plan *plan, size_t cell,
                                scl_quantity_set wanted, scl_error *err) SCL_CHECKED;

/* SCL_ERR_CONFIG when, in a cell of the claim's domain, a term is not positive and finite (sampling may be 0 at n = inf). */
scl_status scl_bound_check(const scl_bound_terms *bound, const double quantities[SCL_N_QUANTITIES],
                           const scl_config *config, scl_error *err) SCL_CHECKED;

/* Adds the first such cell, as far as that is known before the model is drawn. */
scl_status scl_bound_lacks_values(scl_text *lacking, const scl_config *config, const scl_claim *claim,
                                  scl_error *err) SCL_CHECKED;

/* Appends a row for each cell and term of a claim: experiment, cell, n, d, r, bound, term, expression, value with constant 1 (10 digits,
 * empty where it is not finite). A table without columns gets them. A claim without terms adds no row. */
scl_status scl_bound_table_add(scl_table *table, const scl_config *config, const scl_claim *claim,
                               scl_error *err) SCL_CHECKED;

#endif
