/* The plan: a config expanded into cells x replicates = jobs. A job is a pure function of (plan, cell, replicate), so any
 * number of workers, a resume or an added estimator give the same numbers. */
#ifndef SCL_STUDY_PLAN_H
#define SCL_STUDY_PLAN_H

#include "base/csv.h"
#include "base/text.h"
#include "study/config.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct scl_cell {
    scl_settings settings; /* sampler resolved; views into the config */
    char *loadings_text;   /* draw text of MODEL for U */
    char *noise_text;      /* and for the noise variances; NULL when they are not random */
    char *task_text;       /* draw text of TASK; NULL when the weights are not random */
    char *data_text;       /* draw text of DATA, and the cell's identity */
    bool exact;            /* the population of a model that is fixed or not random: nothing random is left */
} scl_cell;

/* With `precision` the jobs are those that are known to be needed: R0 replicates of each cell at first; precision.h lets them
 * grow. */
typedef struct scl_plan {
    const scl_config *config;
    scl_cell *cells;
    size_t n_cells;
    size_t *
        first_job; /* n_cells + 1: jobs of cell c are first_job[c] .. first_job[c + 1] - 1, replicate after replicate */
    size_t n_jobs;
    char **estimator_texts; /* draw text of ESTIMATOR up to the cell: name and options */
    char *identity;         /* lines key=value for the provenance: all but the replicates */
    char *shared;           /* lines key=value: what every row of a store depends on beside its cell and estimator */
} scl_plan;

/* Expands a config, which must outlive the plan. SCL_ERR_MEMORY; SCL_ERR_CONFIG when two draws collide in their hash or two cells
 * are one draw. */
scl_status scl_plan_new(scl_plan *plan, const scl_config *config, scl_error *err) SCL_CHECKED;
void scl_plan_free(scl_plan *plan);

/* ESTIMATOR's draw text of an estimator in a cell: "estimator=<name and options>" and DATA's text below it. */
enum { SCL_ESTIMATOR_DRAW_CHARS = 2048 };
void scl_plan_estimator_draw(char text[SCL_ESTIMATOR_DRAW_CHARS], const scl_plan *plan, size_t cell, size_t estimator);

typedef struct scl_job {
    size_t cell;
    uint32_t replicate;
} scl_job;

scl_job scl_plan_job(const scl_plan *plan, size_t index);

/* Replicates of a cell that are jobs; the most that it may come to have, which differs only under `precision`. */
size_t scl_plan_replicates(const scl_plan *plan, size_t cell);
size_t scl_plan_most_replicates(const scl_plan *plan, size_t cell);

/* Gives each cell its number of replicates: n_cells numbers, each from 1 to the most. Jobs are numbered anew. */
void scl_plan_set_replicates(scl_plan *plan, const size_t *replicates);

/* What a row of the store holds: the sample's values, or those of the same model's population. */
typedef enum scl_row_kind { SCL_ROW_SAMPLE, SCL_ROW_POPULATION } scl_row_kind;

/* True when this job has a row of that kind for the estimator: in a cell where nothing random is left, only replicate 0
 * runs the estimators that draw no random numbers; population rows belong to replicate 0, or to every replicate under
 * `redraw: replicate`, and exist where n is finite and the estimator draws no random numbers. */
bool scl_plan_wants(const scl_plan *plan, scl_job job, size_t estimator, scl_row_kind kind);

/* "sin-theta-f mcse 0.002 max 5000", "" without precision. */
enum { SCL_PRECISION_CHARS = 200 };
void scl_plan_precision(char out[SCL_PRECISION_CHARS], const scl_config *config);

/* A table with a row per cell, for plan.csv: cell, every key of the draw text, redraw, the estimators with their options,
 * precision if there is one (empty where a cell is exact), jobs, the hash of DATA's stream. Two plans whose tables agree in all but
 * precision and jobs give the same numbers, of more or fewer replicates. */
scl_status scl_plan_table(scl_table *table, const scl_plan *plan, scl_error *err) SCL_CHECKED;

#endif
