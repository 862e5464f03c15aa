/* What a config lacks for a claim to be judged on it. */
#ifndef SCL_CLAIMS_LACKS_H
#define SCL_CLAIMS_LACKS_H

#include "claims/claims.h"
#include "study/config.h"

/* A share of each column of U that does not fall with d sits on r coordinates. */
bool scl_claim_coherent_model(const scl_model_spec *model);

/* Adds the cells that the claim is judged on: "n >= 10 d (or n = inf) and d >= 10 r"; nothing where any cell will do. */
scl_status scl_claim_domain_text(scl_text *text, const scl_claim *claim, scl_error *err) SCL_CHECKED;

/* Adds what a config lacks for a claim to be judged on it, as far as that is known before the run: its estimators and pairs, the
 * metrics, a cell in the claim's domain whose model is fixed and that has the labels it needs; of a bound of the config, values that a bound can have. For
 * scl_config_names. A claim that is not known lacks nothing. */
scl_status scl_claim_lacks(scl_text *lacking, const scl_config *config, const char *claim, scl_error *err) SCL_CHECKED;

#endif
