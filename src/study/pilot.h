/* A pilot: a few replicates of the cells, on draws of their own, that say what a run would cost and, under `precision`, how many
 * replicates it would come to. Nothing is written.
 *
 * Time: the first replicate of a cell, with its model and population, and n - 1 times the mean of the others. Replicates: the
 * first of R0, 2 R0, ... (at most max_replicates) that is at least (sd/mcse)^2 over the fraction of values that are finite, for
 * the estimator that needs most. From m replicates sd^2 is known to a relative standard error of about sqrt(2/(m - 1)), a third for
 * 20, so the total that a run comes to may be the one before or after. */
#ifndef SCL_STUDY_PILOT_H
#define SCL_STUDY_PILOT_H

#include "study/job.h"

typedef struct scl_pilot_cell {
    size_t n_run;           /* pilot replicates; 0: not reached */
    double first_s, each_s; /* time of the first replicate, and of each further one */
    size_t replicates;      /* that the cell is expected to have; 0: the pilot did not come far enough to say */
    bool capped;            /* and they will not be precise enough */
} scl_pilot_cell;

typedef struct scl_pilot {
    const scl_plan *plan;
    scl_pilot_cell *cells;
    size_t n_reached, n_said; /* cells with n_run > 0, with replicates > 0 */
    double jobs, worker_s; /* expected of all cells; a cell that was not reached counts like the nearest one that was */
} scl_pilot;

/* Runs `replicates` >= 1 pilot replicates of each cell, cells in an order that spreads over the sweep, until budget_s seconds
 * are over (INFINITY: all); the first replicate is run whatever the budget. SCL_ERR_MEMORY. */
scl_status scl_pilot_run(scl_pilot *pilot, const scl_plan *plan, size_t replicates, double budget_s,
                         scl_error *err) SCL_CHECKED;
void scl_pilot_free(scl_pilot *pilot);

#endif
