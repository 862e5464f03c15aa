/* The pool: runs the missing jobs of a plan on threads and hands their rows to the store, the one writer. */
#ifndef SCL_STUDY_POOL_H
#define SCL_STUDY_POOL_H

#include "study/shard.h"
#include "study/store.h"

#include <signal.h>

typedef struct scl_progress {
    size_t done, total; /* jobs: finished ever, in the plan or the shard */
    size_t done_now;    /* finished in this run */
    size_t
        part_before; /* of those that this run is for: jobs of which earlier runs left some rows, of other estimators */
    size_t failed;   /* rows that failed in this run */
    size_t unconverged; /* rows that did not converge in this run */
    /* of the rows that failed in this run, the first in the plan's order; its status says whether any did */
    scl_row failure;
    scl_job failure_in;
    double job_limit_s; /* of the options */
    size_t slow;        /* jobs of this run that took longer */
    /* those that are over the limit and still running; and the one of them that runs longest */
    size_t slow_running;
    scl_job longest_in;
    double longest_s;
    double elapsed_s; /* of this run */
    bool last;        /* the run is over */
} scl_progress;

typedef struct scl_pool_options {
    size_t workers;                    /* threads, at least 1 */
    scl_shard shard;                   /* run only its jobs */
    bool fail_fast;                    /* stop, as by `stop`, after the first row that failed */
    double job_limit_s;                /* mark jobs that take longer (scl_store_mark_slow); 0: no limit */
    const volatile sig_atomic_t *stop; /* non-zero: finish the running jobs, commit, return; may be NULL */
    void (*progress)(void *context, const scl_progress *progress); /* called a few times a second; may be NULL */
    void *progress_context;
} scl_pool_options;

/* Runs what is missing of every job, and marks what was appended.
 *   out progress  the last state; progress->done < total without an error: stopped on request or by fail_fast
 *   returns SCL_OK, SCL_ERR_MEMORY, SCL_ERR_IO or SCL_ERR_STORE (writing failed: the workers are stopped, what was
 *           committed stays) */
scl_status scl_pool_run(scl_progress *progress, const scl_plan *plan, scl_present *present, scl_store *store,
                        const scl_pool_options *options, scl_error *err) SCL_CHECKED;

#endif
