/* A job: one replicate of one cell. Draw the model and the sample, fit every estimator, evaluate every metric. */
#ifndef SCL_STUDY_JOB_H
#define SCL_STUDY_JOB_H

#include "base/memory.h"
#include "study/plan.h"
#include "study/present.h"

typedef enum scl_row_status {
    SCL_ROW_OK,
    SCL_ROW_RANK_DEFICIENT,
    SCL_ROW_UNCONVERGED,
    SCL_ROW_FAILED /* no values; the message says why */
} scl_row_status;

typedef struct scl_row {
    size_t job;
    uint32_t estimator;
    scl_row_kind kind;
    scl_row_status status;
    double values[SCL_MAX_METRICS]; /* one per metric of the config; NaN: not applicable */
    char message[160];              /* of a failure, else "" */
} scl_row;

/* What a row was made of, for whoever watches. */
typedef struct scl_inside {
    const scl_row *row;
    const scl_sample *sample;
    const scl_fit_info *info;
    const double *values; /* r, of the representation */
    double model_s,
        sample_s; /* seconds to draw the model (0: it was there) and the sample, once for all rows of a kind */
    double fit_s, metrics_s;
} scl_inside;

typedef struct scl_watch {
    void (*see)(void *context, const scl_inside *inside); /* after each row that did not fail; NULL: nobody watches */
    void *context;
} scl_watch;

/* A worker: buffers for the largest cell of the plan, allocated once. One thread uses it at a time. */
typedef struct scl_worker {
    const scl_plan *plan;
    scl_arena arena;
    double *mean, *S, *Q, *values, *scale; /* storage of the largest size, dressed per cell */
    scl_model storage, model;              /* model lies within the storage */
    scl_labels labels;                     /* storage */
    size_t model_cell;                     /* the cell whose model is drawn, for `redraw: cell`; SIZE_MAX: none */
    double shared[SCL_MAX_METRICS];        /* metrics of the model and of the sample at hand */
    bool pilot;                            /* draws are a pilot's */
    bool population;                       /* a sample at n = inf has a population of labels, too */
    scl_watch watch;
} scl_worker;

scl_status scl_worker_new(scl_worker *worker, const scl_plan *plan, scl_error *err) SCL_CHECKED;
void scl_worker_free(scl_worker *worker);

/* Bytes that scl_worker_new allocates. */
size_t scl_worker_bytes(const scl_plan *plan);

/* SCL_ERR_MEMORY, saying how much is needed, when the system would not grant the memory of so many workers. To be asked
 * before anything is written. */
scl_status scl_workers_fit(const scl_plan *plan, size_t workers, scl_error *err) SCL_CHECKED;

/* The most rows a job can have. */
size_t scl_job_max_rows(const scl_plan *plan);

/* Runs job `index`: the sample rows, estimator by estimator, then the population rows. Never fails: what
 * goes wrong is in the rows. Returns the number of rows. */
size_t scl_job_run(scl_row *rows, scl_worker *worker, size_t index);

/* The same, without the rows that are there already; the others are as if all had run. */
size_t scl_job_run_missing(scl_row *rows, scl_worker *worker, size_t index, const scl_present *there);

/* Population rows of replicate job.replicate of a cell, whether or not the plan asks for them; nothing is random but the model. */
size_t scl_job_population(scl_row *rows, scl_worker *worker, scl_job job);

/* Runs replicate job.replicate of a cell as a pilot: the same work on draws that no job has. Samples and estimators take PILOT's
 * streams; a model that is drawn anew takes the replicates from 2^32 - 1 downwards, which no study reaches; a fixed model is the
 * study's own. The rows' `job` means nothing. */
size_t scl_job_pilot(scl_row *rows, scl_worker *worker, scl_job job);

#endif
