/* Provenance: what made the numbers, as text beside them. */
#ifndef SCL_STUDY_PROVENANCE_H
#define SCL_STUDY_PROVENANCE_H

#include "base/text.h"
#include "study/plan.h"

/* Lines "name: value": program and results version, commit (NULL: unknown), command, compiler and flags, libraries, BLAS
 * kernel, machine, UTC time; "rows before: N" when the store holds N > 0 rows already. */
scl_status scl_provenance_text(scl_text *text, const scl_plan *plan, const char *command, const char *commit,
                               size_t rows_before, scl_error *err) SCL_CHECKED;

/* `earlier`, as scl_provenance_text made it, with the time at which the run ended (now) after that at which it started, and the
 * jobs that it did. A run that was killed has no such line. */
scl_status scl_provenance_end(scl_text *text, const char *earlier, size_t jobs, size_t workers,
                              scl_error *err) SCL_CHECKED;

/* "spikedcl 0.1.0" and the versions of the libraries in use, one a line. */
scl_status scl_provenance_versions(scl_text *text, scl_error *err) SCL_CHECKED;

/* Appends what an earlier provenance of the folder says of runs before it and of rows that were merged from shards, but for the
 * shards whose names are in `but`: sections of a line "earlier: ..." or "merged: <shard>, ..." and lines that begin with two
 * blanks. */
scl_status scl_provenance_keep(scl_text *text, const char *earlier, const char *const *but, size_t n_but,
                               scl_error *err) SCL_CHECKED;

/* Appends a section "earlier: N rows" of the run or merge that `earlier` itself is of, with its times, command, commit, results
 * version and BLAS; nothing when the store, which holds `rows` rows now, had as many before it. */
scl_status scl_provenance_earlier(scl_text *text, const char *earlier, size_t rows, scl_error *err) SCL_CHECKED;

/* Appends the section of a shard: the provenance of the shard, indented. */
scl_status scl_provenance_merged(scl_text *text, const char *shard, size_t n_rows, const char *provenance,
                                 scl_error *err) SCL_CHECKED;

#endif
