/* Judges high-dimensional-limit. */
#ifndef SCL_CLAIMS_HIGH_DIMENSIONAL_LIMIT_H
#define SCL_CLAIMS_HIGH_DIMENSIONAL_LIMIT_H

#include "claims/claims.h"

extern const scl_domain scl_high_dimensional_limit_domain;

/* Evidence of every estimator; those without a limit are counted and do not judge. Returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL; too
 * little evidence is a verdict, not an error */
scl_status scl_judge_high_dimensional_limit(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                            size_t n_given, scl_error *err) SCL_CHECKED;

#endif
