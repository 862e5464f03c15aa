/* Precision: how many replicates each cell has when `precision: {metric, mcse, max_replicates}` asks for a standard error.
 *
 * A cell has R0 replicates (the config's), then 2 R0, 4 R0, ..., at most max_replicates. It stops at the first of these totals N
 * at which the rows of replicates 0 .. N-1, every one of them there, failures included, have
 *     sd_e / sqrt(n_e) <= mcse      for every estimator e of the config to which the metric applies,
 * n_e of its N values being finite, sd_e their standard deviation: the summary's own mcse. An estimator with fewer than two such
 * values never stops it; one without any, of which no row failed, is one that the metric does not apply to. Exact cells are left
 * out.
 *
 * So N is a function of the stored rows below N alone: workers, kills, resumes, and rows beyond N do not enter, and a summary
 * under precision has the bytes of one with N fixed. What optional stopping costs: docs/design.md, Decisions. */
#ifndef SCL_STUDY_PRECISION_H
#define SCL_STUDY_PRECISION_H

#include "study/pool.h"

typedef enum scl_precision_state {
    SCL_PRECISION_OPEN,    /* rows of its present total are missing */
    SCL_PRECISION_REACHED, /* settled: as precise as asked for */
    SCL_PRECISION_CAPPED,  /* settled: at max_replicates, and not */
    SCL_PRECISION_EXACT    /* left out */
} scl_precision_state;

typedef struct scl_precision_cell {
    scl_precision_state state;
    double mcse; /* the largest at the last total that was judged; NaN: none yet, or fewer than two values */
} scl_precision_cell;

typedef struct scl_precision {
    scl_plan *plan;
    scl_precision_cell *cells; /* NULL when the config asks for no precision; the functions then leave the plan alone */
    size_t *replicates;        /* of each cell */
} scl_precision;

/* Nothing is judged yet. The plan must outlive it. */
scl_status scl_precision_new(scl_precision *precision, scl_plan *plan, scl_error *err) SCL_CHECKED;
void scl_precision_free(scl_precision *precision);

/* Judges what the store's rows allow and gives the plan the replicates that are known to be needed now; they never become fewer.
 * Presence (present.h) of the plan is to be made anew when n_jobs has changed. SCL_ERR_MEMORY, SCL_ERR_STORE, SCL_ERR_IO. */
scl_status scl_precision_settle(scl_precision *precision, scl_store *store, scl_error *err) SCL_CHECKED;

/* scl_pool_run, and again with the jobs that the settled rows ask for, until no cell asks for more. `present` is that of the
 * grown plan in the end, and progress->total its jobs; other outputs and errors as there. */
scl_status scl_precision_run(scl_progress *progress, scl_precision *precision, scl_present *present, scl_store *store,
                             const scl_pool_options *options, scl_error *err) SCL_CHECKED;

/* The total that follows `replicates`: twice as many, at most `most`. */
size_t scl_precision_next(size_t replicates, size_t most);

#endif
