/* Judges delta-norm-lemma. */
#ifndef SCL_CLAIMS_DELTA_NORM_H
#define SCL_CLAIMS_DELTA_NORM_H

#include "claims/claims.h"

/* The cells' mean is that of the metric delta-norm-ratio. Returns 0, SCL_ERR_MEMORY; too little evidence is a verdict, not an error */
scl_status scl_judge_delta_norm(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                                scl_error *err) SCL_CHECKED;

#endif
