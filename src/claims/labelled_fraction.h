/* The judge of labelled-fraction; the rules are at the head of labelled_fraction.c. */
#ifndef SCL_CLAIMS_LABELLED_FRACTION_H
#define SCL_CLAIMS_LABELLED_FRACTION_H

#include "claims/claims.h"

/* pairs[0]: a representation with a head, and labels alone. Returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL; too little evidence is a verdict, not an error */
scl_status scl_judge_labelled_fraction(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                       size_t n_given, scl_error *err) SCL_CHECKED;

#endif
