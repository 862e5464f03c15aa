/* Judges proof-audit. */
#ifndef SCL_CLAIMS_PROOF_AUDIT_H
#define SCL_CLAIMS_PROOF_AUDIT_H

#include "claims/claims.h"

/* The cells' mean is that of the metric audit-violations, of every estimator. Returns 0, SCL_ERR_MEMORY; too little evidence is a
 * verdict, not an error */
scl_status scl_judge_proof_audit(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                                 scl_error *err) SCL_CHECKED;

#endif
