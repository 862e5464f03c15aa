/* Which cells may judge: the selection that is common to all claims, before each claim's own domain. */
#ifndef SCL_CLAIMS_CELLS_H
#define SCL_CLAIMS_CELLS_H

#include "claims/claims.h"

/* reason, the words that follow a count in the evidence */
#define SCL_DROP_LIST(X)                                                                                               \
    X(SCL_DROP_REDRAWN, "with a model redrawn per replicate")                                                          \
    X(SCL_DROP_VALUES, "with a value that is missing, not finite or not positive")                                     \
    X(SCL_DROP_SIGNED, "with a value that is missing or not finite")                                                   \
    X(SCL_DROP_REPLICATES, "with fewer than 2 good replicates or no standard error")                                   \
    X(SCL_DROP_DUPLICATE, "drawn like another of at least as many replicates (no further evidence)")

typedef enum scl_drop {
#define SCL_DROP_ENUM(name, words) name,
    SCL_DROP_LIST(SCL_DROP_ENUM)
#undef SCL_DROP_ENUM
        SCL_N_DROPS
} scl_drop;

typedef struct scl_cells {
    scl_evidence *cells; /* n of them, ordered by family, d, r, n, then by value */
    size_t *family;      /* 0, 1, ...: equal for equal family texts */
    size_t *curve;       /* 0, 1, ...: equal for equal family, d and r */
    size_t *series;      /* 0, 1, ...: equal for equal family and r */
    size_t n, n_given, n_families, n_curves, n_series;
    size_t dropped[SCL_N_DROPS];
} scl_cells;

/* Selects and orders; what follows depends on the set of cells only, never on the order in which they came.
 *   out  cells  free with scl_cells_free, also after an error
 *   returns 0, SCL_ERR_MEMORY */
scl_status scl_cells_select(scl_cells *cells, const scl_evidence *given, size_t n_given, scl_error *err) SCL_CHECKED;

/* The same of excesses, whose means and population values may be 0 or negative. */
scl_status scl_cells_select_signed(scl_cells *cells, const scl_evidence *given, size_t n_given,
                                   scl_error *err) SCL_CHECKED;
void scl_cells_free(scl_cells *cells);

/* Cells given, in the domain, some of whose replicates failed, did not converge or were rank-deficient: what such a cell says is
 * not what the estimator does. */
size_t scl_cells_troubled(const scl_evidence *given, size_t n_given, const scl_domain *domain);

/* An evidence line: how many cells were given, judge, and were left out, and why. */
scl_status scl_cells_report(scl_text *evidence, const scl_cells *cells, scl_error *err) SCL_CHECKED;

#endif
