/* Judges proof-audit: no link of the recovery proofs' chain fails, in any replicate.
 *
 * audit-violations counts the links that fail in a replicate, so its mean over replicates is 0 exactly when none fails in any, and no level and
 * no margin decide: one failure refutes. Links are theorems, so a refutation is a bug of the program or of the proof.
 * Source: docs/theory.md, section 3; evaluate/audit.c has the links. */
#include "claims/proof_audit.h"

#include <math.h>

#define NUMBER(value) scl_number_digits((char[SCL_NUMBER_CHARS]){0}, value, 4)

typedef struct findings {
    const scl_evidence *worst; /* the cell with the most failures a replicate */
    double replicates;
    size_t n_failing, n_lost; /* cells with a failing link; without numbers, because all replicates failed */
} findings;

static findings look_over(scl_judgement *out, const scl_evidence *given, size_t n_given)
{
    findings F = {0};
    for (size_t i = 0; i < n_given; i++) {
        const scl_evidence *cell = &given[i];
        bool counts = cell->n_ok >= 1 && isfinite(cell->mean);
        F.n_lost += !counts && cell->n_bad > 0;
        if (!counts) continue;
        out->n_used++;
        F.replicates += cell->n_ok;
        F.n_failing += cell->mean > 0;
        if (!F.worst || cell->mean > F.worst->mean) F.worst = cell;
    }
    return F;
}

scl_status scl_judge_proof_audit(scl_judgement *out, const scl_claim *claim, const scl_evidence *given, size_t n_given,
                                 scl_error *err)
{
    (void)claim;
    *out = (scl_judgement){.verdict = SCL_UNDECIDED};
    findings F = look_over(out, given, n_given);
    scl_status status = scl_text_add(&out->evidence, err,
                                     "cells, one for each estimator: %zu given, %zu have a chain, of %s replicates in "
                                     "all; a link fails in %zu of them\n",
                                     n_given, out->n_used, NUMBER(F.replicates), F.n_failing);
    if (status != SCL_OK) return status;
    if (F.n_failing > 0) {
        out->verdict = SCL_REFUTED;
        return scl_text_add(&out->evidence, err,
                            "refuted: %s links fail in the mean replicate of %s at n = %s, d = %s, r = %s (%s), where "
                            "they fail most\n",
                            NUMBER(F.worst->mean), F.worst->estimator ? F.worst->estimator : "an estimator",
                            NUMBER(F.worst->n), NUMBER(F.worst->d), NUMBER(F.worst->r),
                            F.worst->experiment ? F.worst->experiment : "");
    }
    if (out->n_used == 0) return scl_text_add(&out->evidence, err, "undecided: no cell has a chain\n");
    if (F.n_lost > 0)
        return scl_text_add(&out->evidence, err,
                            "undecided: cells without a chain because their replicates failed: %zu\n", F.n_lost);
    out->verdict = SCL_CONFIRMED;
    return scl_text_add(&out->evidence, err, "confirmed: no link fails in any replicate\n");
}
