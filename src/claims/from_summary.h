/* Evidence from a study's summary. */
#ifndef SCL_CLAIMS_FROM_SUMMARY_H
#define SCL_CLAIMS_FROM_SUMMARY_H

#include "base/csv.h"
#include "claims/claims.h"
#include "study/config.h"

/* A growing list of evidence that owns its texts. */
typedef struct scl_evidence_list {
    scl_evidence *cells;
    size_t n, capacity;
} scl_evidence_list;

void scl_evidence_free(scl_evidence_list *list);

/* Adds the cells that the claim is judged on: "n >= 10 d (or n = inf) and d >= 10 r"; nothing where any cell will do. */
scl_status scl_claim_domain_text(scl_text *text, const scl_claim *claim, scl_error *err) SCL_CHECKED;

/* Adds what a config lacks for a claim to be judged on it, as far as that is known before the run: its estimator and pairs, the
 * metric, a cell in the claim's domain whose model is fixed; of a bound of the config, values that a bound can have. For
 * scl_config_names. A claim that is not known lacks nothing. */
scl_status scl_claim_lacks(scl_text *lacking, const scl_config *config, const char *claim, scl_error *err) SCL_CHECKED;

/* Appends every cell of the summary with what the claim asks of it: its metric of the use of its estimator that has
 * all options at their defaults, and of its pairs; then of every other use, where the claim asks for that.
 *   in  path  of the summary, for messages
 *   returns SCL_OK; SCL_ERR_CONFIG when the config has no such estimator, pair or metric, or a term of a bound has no value to
 *           judge by; SCL_ERR_INPUT when the summary is
 *           not one of this config (columns, cells, their n, d, r) or is incomplete */
scl_status scl_evidence_add(scl_evidence_list *list, const scl_config *config, const scl_table *summary,
                            const char *path, const scl_claim *claim, scl_error *err) SCL_CHECKED;

#endif
