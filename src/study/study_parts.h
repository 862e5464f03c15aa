/* The parts of a study (inside study only): what a run and a merge do alike in its folder. */
#ifndef SCL_STUDY_STUDY_PARTS_H
#define SCL_STUDY_STUDY_PARTS_H

#include "study/precision.h"
#include "study/study.h"

/* config.yaml, plan.csv, summary.csv (incomplete where jobs are missing), provenance.txt. */
scl_status scl_study_write_config(const char *folder, const scl_config *config, scl_error *err) SCL_CHECKED;
scl_status scl_study_write_plan(const char *folder, const scl_plan *plan, scl_error *err) SCL_CHECKED;
scl_status scl_study_write_summary(const char *folder, const scl_plan *plan, scl_store *store,
                                   scl_error *err) SCL_CHECKED;
scl_status scl_study_write_provenance(const char *folder, const scl_text *text, scl_error *err) SCL_CHECKED;
/* The folder's provenance.txt as it is, NULL when there is none; to be freed with scl_free. */
scl_status scl_study_earlier_provenance(char **text, const char *folder, scl_error *err) SCL_CHECKED;

/* Shards and their merge know no precision: SCL_ERR_USAGE for a config with one, before anything is read or written. */
scl_status scl_study_refuse_precision(const scl_config *config, scl_error *err) SCL_CHECKED;

/* A summary without the trials it is of cannot be continued, and running or merging would replace it: SCL_ERR_PLAN. */
scl_status scl_study_keep_orphan_summary(const char *folder, const scl_plan *plan, bool merging,
                                         scl_error *err) SCL_CHECKED;

/* True when the folder has a summary that is of other cells or estimators than the plan's, or numbers them otherwise: it would be
 * read as if it were of the plan. */
scl_status scl_study_has_other_summary(bool *other, const char *folder, const scl_plan *plan,
                                       scl_error *err) SCL_CHECKED;

/* Jobs of the shard of which no row is missing, by presence or by the store that it is read from. */
size_t scl_study_count_done(const scl_present *present, scl_shard shard);
scl_status scl_study_jobs_done(size_t *done, const scl_store *store, const scl_plan *plan, scl_shard shard,
                               scl_error *err) SCL_CHECKED;

/* What a summary uses, when the precision of what is stored is settled. */
scl_study_usage scl_study_usage_of(const scl_precision *precision, const scl_store *store);

#endif
