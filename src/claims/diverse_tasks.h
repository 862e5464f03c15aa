/* The judge of supervised-diverse-tasks; the rules are at the head of diverse_tasks.c. */
#ifndef SCL_CLAIMS_DIVERSE_TASKS_H
#define SCL_CLAIMS_DIVERSE_TASKS_H

#include "claims/claims.h"

/* the evidence is of every use. Returns 0, SCL_ERR_MEMORY, SCL_ERR_INTERNAL; too little evidence is a verdict, not an error */
scl_status scl_judge_diverse_tasks(scl_judgement *out, const scl_claim *claim, const scl_evidence *given,
                                   size_t n_given, scl_error *err) SCL_CHECKED;

#endif
