/* The judge of supervised-transfer-harm; the rules are at the head of supervised_transfer.c. */
#ifndef SCL_CLAIMS_SUPERVISED_TRANSFER_H
#define SCL_CLAIMS_SUPERVISED_TRANSFER_H

#include "claims/claims.h"

extern const scl_domain scl_supervised_transfer_domain;

/* The recalled upper bound of the error for T < r, its constant 1 (the true one is not known).
 * Source: docs/theory.md, section 3, supervised-transfer-harm. */
double scl_supervised_transfer_bound(double n, double d, double r, double T, double m, double alpha);

/* the evidence is of every use, its second metric transfer-risk. Returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL; too little evidence is a verdict, not an error */
scl_status scl_judge_supervised_transfer(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                         size_t n_given, scl_error *err) SCL_CHECKED;

#endif
