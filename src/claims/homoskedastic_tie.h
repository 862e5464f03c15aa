/* Judges homoskedastic-tie. */
#ifndef SCL_CLAIMS_HOMOSKEDASTIC_TIE_H
#define SCL_CLAIMS_HOMOSKEDASTIC_TIE_H

#include "claims/claims.h"

extern const scl_domain scl_homoskedastic_tie_domain;

/* pairs[0]: contrastive with PCA. Returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL; too little evidence is a verdict, not an error */
scl_status scl_judge_homoskedastic_tie(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                       size_t n_given, scl_error *err) SCL_CHECKED;

#endif
