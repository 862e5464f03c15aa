/* Judges coherent-loadings-break-contrastive. */
#ifndef SCL_CLAIMS_COHERENCE_H
#define SCL_CLAIMS_COHERENCE_H

#include "claims/claims.h"

extern const scl_domain scl_coherence_domain;

/* pairs[0] and [1]: contrastive with a competitor each. Returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL; too little evidence is a verdict,
 * not an error */
scl_status scl_judge_coherence(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                               scl_error *err) SCL_CHECKED;

#endif
