/* The summary: summary.csv from the store alone, in job order. Columns: docs/design.md, Results. */
#ifndef SCL_STUDY_SUMMARY_H
#define SCL_STUDY_SUMMARY_H

#include "base/csv.h"
#include "base/text.h"
#include "study/store.h"

/* Fills an empty table with the summary of the plan's cells; jobs that are missing make their cells `incomplete`. */
scl_status scl_summary_table(scl_table *table, const scl_plan *plan, scl_store *store, scl_error *err) SCL_CHECKED;

/* One CSV row per replicate, estimator and metric, kind `sample` or `population`. */
scl_status scl_summary_export(scl_text *csv, const scl_plan *plan, scl_store *store, scl_error *err) SCL_CHECKED;

#endif
