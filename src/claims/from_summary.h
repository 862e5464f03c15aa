/* Evidence from a study's summary. */
#ifndef SCL_CLAIMS_FROM_SUMMARY_H
#define SCL_CLAIMS_FROM_SUMMARY_H

#include "base/csv.h"
#include "claims/claims.h"
#include "claims/lacks.h"
#include "study/config.h"

/* A growing list of evidence that owns its texts. */
typedef struct scl_evidence_list {
    scl_evidence *cells;
    size_t n, capacity;
} scl_evidence_list;

void scl_evidence_free(scl_evidence_list *list);

/* Appends every cell of the summary with what the claim asks of it: its metrics of the use of its estimator that has
 * all options at their defaults (or of its or_use), and of its pairs; then of every other use, where the claim asks for that.
 *   in  path  of the summary, for messages
 *   returns SCL_OK; SCL_ERR_CONFIG when the config has no such estimator, pair or metric, or a term of a bound has no value to
 *           judge by; SCL_ERR_INPUT when the summary is
 *           not one of this config (columns, cells, their n, d, r) or is incomplete */
scl_status scl_evidence_add(scl_evidence_list *list, const scl_config *config, const scl_table *summary,
                            const char *path, const scl_claim *claim, scl_error *err) SCL_CHECKED;

#endif
