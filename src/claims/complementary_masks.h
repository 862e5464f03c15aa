/* The judge of complementary-masks-delete-diagonal; the rules are at the head of complementary_masks.c. */
#ifndef SCL_CLAIMS_COMPLEMENTARY_MASKS_H
#define SCL_CLAIMS_COMPLEMENTARY_MASKS_H

#include "claims/claims.h"

extern const scl_domain scl_complementary_masks_domain;

/* The pairs of the claim, in this order in the evidence. */
enum { SCL_MASKS_AND_DELETION, SCL_MASKS_AND_PCA };

/* returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL; too little evidence is a verdict, not an error */
scl_status scl_judge_complementary_masks(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                         size_t n_given, scl_error *err) SCL_CHECKED;

#endif
