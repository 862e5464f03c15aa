/* What a store holds that a plan no longer has, in the words of the config. */
#ifndef SCL_STUDY_CHANGES_H
#define SCL_STUDY_CHANGES_H

#include "study/plan.h"

#define SCL_NOT_PLANNED SIZE_MAX

/* Texts of one kind that a store holds, each with its place in the plan, SCL_NOT_PLANNED when the plan lacks it. Entries whose
 * text is NULL are none. */
typedef struct scl_stored_texts {
    char *const *texts;
    const size_t *places;
    size_t n;
} scl_stored_texts;

/* Adds a line "\n  key: there X, now Y" for everything that keeps the plan from continuing the store: shared settings
 * (scl_plan.shared) that differ, cells (their data texts) and estimators that the plan lacks. Nothing is added when the plan
 * only has more. */
scl_status scl_plan_changes(scl_text *text, const char *shared, const scl_stored_texts *cells,
                            const scl_stored_texts *estimators, const scl_plan *now, scl_error *err) SCL_CHECKED;

#endif
