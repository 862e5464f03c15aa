/* The judge of upper bounds; the rules are at the head of upper_bound.c. */
#ifndef SCL_CLAIMS_UPPER_BOUND_H
#define SCL_CLAIMS_UPPER_BOUND_H

#include "claims/claims.h"

extern const scl_domain scl_upper_bound_domain;

/* returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL; too little evidence is a verdict, not an error */
scl_status scl_judge_upper_bound(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                                 scl_error *err) SCL_CHECKED;

#endif
