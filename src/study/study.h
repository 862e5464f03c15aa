/* A study from config to summary: the steps that the commands take. */
#ifndef SCL_STUDY_STUDY_H
#define SCL_STUDY_STUDY_H

#include "study/pool.h"
#include "study/summary.h"

typedef struct scl_study_options {
    scl_pool_options pool;
    bool fresh;                        /* move an earlier folder aside first */
    bool accept_kernel;                /* see scl_store_open */
    const char *command;               /* the command line, for the provenance */
    const char *commit;                /* of the program, for the provenance; NULL: unknown */
    void (*warn)(const char *message); /* told of damage that the run mends, before its first job; may be NULL */
} scl_study_options;

/* "<results>/<name>", or that of a shard in it, to be freed. */
scl_status scl_study_folder(char **folder, const scl_config *config, const char *results, scl_shard shard,
                            scl_error *err) SCL_CHECKED;

/* Runs what is missing of a study, or of the options' shard of it, in its folder and writes config.yaml, plan.csv, provenance.txt before the first job and
 * summary.csv after the last. A run that was stopped (progress->done < total) writes no summary, nor does a shard: it would
 * lack the other shards' jobs.
 *   out  progress  how far the study is; progress->failed counts the rows of earlier runs too
 *   out  resumed   jobs that were there before
 *   returns SCL_OK, or the status of plan, store or pool */
scl_status scl_study_run(scl_progress *progress, size_t *resumed, const scl_config *config, const char *results,
                         const scl_study_options *options, scl_error *err) SCL_CHECKED;

/* Reads <results>/<name>/summary.csv, after comparing the plan.csv beside it with the config's plan, so that nobody judges or
 * draws the numbers of other settings.
 *   out  path  of the summary, for messages; to be freed, also after an error
 *   returns SCL_OK; SCL_ERR_PLAN, naming the first cell and key that differ (replicates may); SCL_ERR_INPUT when one of the
 *           files is missing or unreadable */
scl_status scl_study_read_summary(scl_table *summary, char **path, const scl_config *config, const char *results,
                                  scl_error *err) SCL_CHECKED;

/* What a summary uses of what is stored. */
typedef struct scl_study_usage {
    size_t stored; /* replicates of a cell, the most */
    bool exceeds;  /* some are not used: an earlier run asked for more */
    /* under `precision`, of the cells that are not exact: */
    size_t n_cells, n_reached, n_capped; /* all; as precise as asked for; at max_replicates and not */
    size_t least, most;                  /* replicates that are known to be needed, of a cell */
    size_t first_capped;                 /* a cell, when n_capped > 0, */
    double capped_mcse;                  /* and its standard error, NaN without one */
} scl_study_usage;

/* How far a study is. */
typedef struct scl_study_state {
    size_t jobs, done,
        part; /* of the shard, {0}: all; done: no row is missing; part: some are there, some are missing */
    scl_shard shard;
    bool *has; /* for each of plan_jobs jobs, the other shards' included: no row of it is missing here */
    size_t plan_jobs;
    size_t n_estimators;
    scl_failures *failures; /* n_estimators; free with scl_study_state_free */
    scl_slow_cell *slow;    /* cells with jobs that took longer than their limit */
    size_t n_slow;
    scl_study_usage usage;
} scl_study_state;

/* Reads the state of a study, or of a shard of it, finished, interrupted or running. SCL_ERR_INPUT when it was never started. */
scl_status scl_study_status(scl_study_state *state, const scl_config *config, const char *results, scl_shard shard,
                            scl_error *err) SCL_CHECKED;
void scl_study_state_free(scl_study_state *state);

/* Jobs of the state that are not done there, nor in `other`, a state of the same plan; NULL, or one that was not read: in none. */
size_t scl_study_missing(const scl_study_state *state, const scl_study_state *other);

/* Writes summary.csv, and plan.csv beside it, anew from the store, complete or not, with the folder's run lock (SCL_ERR_STORE when a run
 * holds it).
 *   out  state  of the study, as scl_study_status has it, from the same reading; free with scl_study_state_free */
scl_status scl_study_summarise(scl_study_state *state, const scl_config *config, const char *results,
                               scl_error *err) SCL_CHECKED;

/* The shards of a study that have a folder, to be freed with scl_free; see scl_shard_list. */
scl_status scl_study_shards(scl_shard **shards, size_t *n, const scl_config *config, const char *results,
                            scl_error *err) SCL_CHECKED;

/* What a merge found in a shard's folder. */
typedef struct scl_merged_shard {
    scl_shard shard;
    size_t jobs, done; /* of the shard */
    scl_merge_counts rows;
    bool empty; /* no trials yet: never started, or stopped before the first */
} scl_merged_shard;

typedef struct scl_merged {
    scl_merged_shard *shards;
    size_t n_shards;
    size_t jobs, done; /* of the study, with what was there before */
} scl_merged;

/* Brings the rows of all shards of a study together in its own store, and writes config.yaml, plan.csv, provenance.txt and, when
 * no job is missing, summary.csv. The shards are only read, by all or nothing: after an error, or when it is killed, the store
 * is as it was. What was merged before is compared and not taken twice.
 *   out  merged   free with scl_merged_free, also after an error
 *   in   options  accept_kernel, command, commit, warn
 *   returns SCL_OK, SCL_ERR_USAGE (the config has a precision), SCL_ERR_INPUT (no shard is there), SCL_ERR_PLAN (another plan, results version or BLAS kernel; rows that
 *           disagree), SCL_ERR_STORE (damaged), SCL_ERR_IO */
scl_status scl_study_merge(scl_merged *merged, const scl_config *config, const char *results,
                           const scl_study_options *options, scl_error *err) SCL_CHECKED;
void scl_merged_free(scl_merged *merged);

/* Writes the export of the store to `path`, which must not exist: SCL_ERR_INPUT, so that no config, store, device or link is ever
 * replaced. `state` as in scl_study_summarise. */
scl_status scl_study_export(scl_study_state *state, const scl_config *config, const char *results, const char *path,
                            scl_error *err) SCL_CHECKED;

/* A row of a job that was run again, beside the store's. */
typedef enum scl_stored { SCL_NOT_STORED, SCL_STORED_SAME, SCL_STORED_OTHERWISE } scl_stored;
typedef struct scl_replayed {
    scl_row row;
    scl_stored stored;    /* bit for bit: status, values, message */
    scl_fit_info info;    /* of a row that did not fail */
    const double *values; /* r eigenvalues of the fit, in scl_replay.numbers; NULL for a row that failed */
    double fit_s, metrics_s;
} scl_replayed;

/* What the rows of one kind were learned from. */
typedef struct scl_replayed_sample {
    bool there;
    const double *eigenvalues; /* of S, n of them: the r + 1 largest, or all d; in scl_replay.numbers */
    size_t n;
    double trace;
    double labelled;          /* samples of the first labelled set, INFINITY: their population; 0: none */
    double model_s, sample_s; /* to draw it; model_s is 0 where the model was there */
} scl_replayed_sample;

typedef struct scl_replay {
    scl_replayed *rows;
    size_t n, r;
    scl_replayed_sample samples[2]; /* by scl_row_kind */
    bool has_store;                 /* there is one to compare with */
    double *numbers;
} scl_replay;

/* Runs one job of the plan again, with what is inside, and compares its rows with the store, which may lack them or not be there;
 * nothing is written.
 *   out  replay  free with scl_replay_free, also after an error
 *   returns SCL_OK, SCL_ERR_USAGE (the plan has no such job), or the status of plan or store */
scl_status scl_study_replay(scl_replay *replay, const scl_config *config, const char *results, scl_job job,
                            scl_error *err) SCL_CHECKED;
void scl_replay_free(scl_replay *replay);

#endif
