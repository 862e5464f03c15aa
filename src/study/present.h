/* Which rows of a plan are there: a bit for each job, estimator and kind. A resume runs the rows whose bit is not set, so that
 * replicates, cells and estimators that are added to a finished study cost only themselves. */
#ifndef SCL_STUDY_PRESENT_H
#define SCL_STUDY_PRESENT_H

#include "study/plan.h"

typedef struct scl_present {
    const scl_plan *plan;
    unsigned char *bits;
    size_t stride; /* bytes of a job: whole ones, so that threads may look at different jobs while others are marked */
} scl_present;

/* Nothing is there yet. The plan must outlive it. */
scl_status scl_present_new(scl_present *present, const scl_plan *plan, scl_error *err) SCL_CHECKED;
void scl_present_free(scl_present *present);

bool scl_present_has(const scl_present *present, size_t job, size_t estimator, scl_row_kind kind);
void scl_present_mark(scl_present *present, size_t job, size_t estimator, scl_row_kind kind);

/* True when every row that the plan wants of the job is there; when some row of it is. */
bool scl_present_all(const scl_present *present, size_t job);
bool scl_present_any(const scl_present *present, size_t job);

#endif
