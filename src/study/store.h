/* The store: one SQLite file per experiment, one writer, one appended row per cell, replicate, estimator and kind. Rows of a job
 * are committed together, about once a second; a killed run loses what came after its last commit and nothing else.
 *
 * A row is keyed by what its random draws are named after (the cell's data text, the estimator's text, the replicate), not by
 * places in a plan, and carries a checksum over key and bytes. A plan may continue a store that holds less than it wants; damaged
 * rows are never read. Format: docs/design.md, Store. */
#ifndef SCL_STUDY_STORE_H
#define SCL_STUDY_STORE_H

#include "study/job.h"
#include "study/plan.h"
#include "study/present.h"

#define SCL_STORE_FILE "trials.sqlite"
/* Raised only when the same plan gives other numbers. */
#define SCL_RESULTS_VERSION 2

typedef struct scl_store scl_store;

/* HOLD reads with the run lock: for what writes beside the store what it read there. */
typedef enum scl_store_mode { SCL_STORE_READ, SCL_STORE_HOLD, SCL_STORE_WRITE } scl_store_mode;

/* Opens <folder>/trials.sqlite for this plan, verifies every row; WRITE creates it and takes the folder's run lock, and replaces a
 * damaged file by what is sound in it: the damaged one is kept beside it (trials.sqlite.damaged-1, ...), see
 * scl_store_warning.
 *   in  accept_kernel  go on although another BLAS kernel or results version made the rows that are there
 *   returns SCL_OK, SCL_ERR_PLAN (it holds cells or estimators that the plan lacks, or was made with other shared settings,
 *           naming the keys; another kernel or version), SCL_ERR_INPUT (READ, HOLD: there is none), SCL_ERR_STORE (locked by another
 *           run, of another format, damaged: the message says what and what to do), SCL_ERR_IO */
scl_status scl_store_open(scl_store **store, const char *folder, const scl_plan *plan, scl_store_mode mode,
                          bool accept_kernel, scl_error *err) SCL_CHECKED;
void scl_store_close(scl_store *store);

/* What opening for writing found damaged and left out, NULL when nothing was. */
const char *scl_store_warning(const scl_store *store);

/* Takes the run lock of a folder, SCL_ERR_STORE when another process holds it; close(*lock) gives it back. */
scl_status scl_store_lock(int *lock, const char *folder, scl_error *err) SCL_CHECKED;

/* Marks every row of the plan that is there; counts those that failed. `present` is new, of the store's plan. */
void scl_store_present(scl_present *present, size_t *failed, const scl_store *store);

/* Replicates for which a cell of the plan has verified rows, those of an earlier plan of more included: the largest number. */
size_t scl_store_replicates(const scl_store *store);

/* Rows in the file, of whatever plan. */
size_t scl_store_rows(const scl_store *store);

/* True when there are rows beyond the plan's jobs: a summary is of the first ones. */
bool scl_store_exceeds(const scl_store *store);

/* What went wrong with one estimator's rows, over all jobs of the plan. */
typedef struct scl_failures {
    size_t failed, unconverged; /* rows */
    scl_job first;              /* the first job, in job order, in which it failed */
    char message[160];          /* of that job, "" when none failed */
} scl_failures;

/* Fills failures[estimator] for every estimator of the plan. */
scl_status scl_store_failures(scl_failures *failures, scl_store *store, scl_error *err) SCL_CHECKED;

/* Appends rows that are not there yet; a transaction is opened where none is. */
scl_status scl_store_append(scl_store *store, const scl_row *rows, size_t n_rows, scl_error *err) SCL_CHECKED;
scl_status scl_store_commit(scl_store *store, scl_error *err) SCL_CHECKED;

/* A job that took longer than the limit of its run. Its rows are rows like any other: the mark lies beside them. */
typedef struct scl_slow_job {
    size_t job;
    double seconds;
} scl_slow_job;

/* Marks jobs, in the transaction of scl_store_append. */
scl_status scl_store_mark_slow(scl_store *store, const scl_slow_job *slow, size_t n, double limit_s,
                               scl_error *err) SCL_CHECKED;

/* The marked jobs of a cell. */
typedef struct scl_slow_cell {
    size_t cell, jobs;
    double least_limit_s, most_limit_s; /* runs may have had different limits */
    double slowest_s;
    uint32_t slowest; /* its replicate */
} scl_slow_cell;

/* Cells of the plan with marked jobs, in order; to be freed with scl_free. */
scl_status scl_store_slow_cells(scl_slow_cell **cells, size_t *n, const scl_store *store, scl_error *err) SCL_CHECKED;

/* What a merge did with the rows of one store. */
typedef struct scl_merge_counts {
    size_t added, there; /* rows that are new; that were there already, with the same bytes */
} scl_merge_counts;

/* Appends the rows and marks of `from` that `to` lacks, in a transaction of `to` that scl_store_commit ends: closing `to` instead
 * leaves it as it was. A store without rows takes over results version and BLAS kernel of the first rows it gets.
 *   in   to, from       open for writing and for reading, of one plan, both with accept_kernel
 *   in   accept_kernel  mix rows of another results version or BLAS kernel
 *   returns SCL_OK, SCL_ERR_PLAN (another version or kernel; a row that has other bytes, naming it), SCL_ERR_STORE, SCL_ERR_IO */
scl_status scl_store_merge(scl_merge_counts *counts, scl_store *to, scl_store *from, bool accept_kernel,
                           scl_error *err) SCL_CHECKED;

/* Calls visit for every row of a cell's jobs, ordered by replicate, estimator, kind; stops at the first status that is not SCL_OK. */
typedef scl_status (*scl_store_visit)(void *context, const scl_row *row, uint32_t replicate);
scl_status scl_store_read_cell(scl_store *store, size_t cell, scl_store_visit visit, void *context,
                               scl_error *err) SCL_CHECKED;

#endif
