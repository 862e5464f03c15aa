/* The judge of supervised-in-domain; the rules are at the head of supervised_in_domain.c. */
#ifndef SCL_CLAIMS_SUPERVISED_IN_DOMAIN_H
#define SCL_CLAIMS_SUPERVISED_IN_DOMAIN_H

#include "claims/claims.h"

/* the evidence is of every use, its second metric regression-risk. Returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL; too little evidence is a verdict, not an error */
scl_status scl_judge_supervised_in_domain(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                          size_t n_given, scl_error *err) SCL_CHECKED;

#endif
