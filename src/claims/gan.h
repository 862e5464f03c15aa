/* Judges gan-equals-pca. */
#ifndef SCL_CLAIMS_GAN_H
#define SCL_CLAIMS_GAN_H

#include "claims/claims.h"

/* pairs[0]: gan with pca. Returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL; too little evidence is a verdict, not an error */
scl_status scl_judge_gan(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                         scl_error *err) SCL_CHECKED;

#endif
