/* Bounds as claims: the terms of a bound in cells, and a config's own bounds in the form of the registry's claims. */
#ifndef SCL_CLAIMS_BOUND_H
#define SCL_CLAIMS_BOUND_H

#include "claims/cells.h"
#include "study/config.h"

/* The value of an expression in each cell (cells->n of them). An expression that the reader has let pass.
 *   returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL (the registry has an expression that cannot be read) */
scl_status scl_bound_values(double *values, const char *expression, const scl_cells *cells, scl_error *err) SCL_CHECKED;

/* The largest value that the claim's error can have in a cell. */
double scl_bound_largest(const scl_claim *claim, const scl_evidence *cell);

/* A bound of a config as a claim; the claim refers to texts of its own and to the config. */
typedef struct scl_bound_claim {
    scl_claim claim;
    scl_text statement, source, estimator;
} scl_bound_claim;

/* Free it also after an error. */
scl_status scl_bound_claim_new(scl_bound_claim *out, const scl_config *config, const scl_bound *bound,
                               scl_error *err) SCL_CHECKED;
void scl_bound_claim_free(scl_bound_claim *bound);

/* Same id, kind, metric, estimator with its options, and terms, to the letter: what several configs say of it is pooled. */
bool scl_bound_claim_same(const scl_claim *a, const scl_claim *b);

#endif
