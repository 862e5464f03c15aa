/* Shards: a plan's jobs dealt out to several runs, each in a folder of its own, <results>/<name>/shard-i-of-m, so that machines
 * with a common or a copied folder share a study. `merge` brings their rows together (study.h). */
#ifndef SCL_STUDY_SHARD_H
#define SCL_STUDY_SHARD_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { SCL_MAX_SHARDS = 10000, SCL_SHARD_CHARS = 64 };

/* Shard `index` of `count`, 1 <= index <= count: the jobs index - 1, index - 1 + count, ... of a plan. {0}: all jobs. */
typedef struct scl_shard {
    size_t index, count;
} scl_shard;

bool scl_shard_has(scl_shard shard, size_t job);
/* How many of n_jobs jobs are the shard's. */
size_t scl_shard_jobs(scl_shard shard, size_t n_jobs);

/* Reads "i/m"; false unless both are whole numbers with 1 <= i <= m <= SCL_MAX_SHARDS. */
bool scl_shard_parse(scl_shard *shard, const char *text);

/* "shard-2-of-3", the name of its folder, and back: false for any other name. */
char *scl_shard_name(char out[SCL_SHARD_CHARS], scl_shard shard);
bool scl_shard_named(scl_shard *shard, const char *name);

/* The shards that have a folder in `folder`, by count, then index; files of such a name are none. None when there is no such
 * folder.
 *   out  shards  n of them, to be freed with scl_free
 *   returns SCL_OK, SCL_ERR_MEMORY, SCL_ERR_IO (the folder cannot be read) */
scl_status scl_shard_list(scl_shard **shards, size_t *n, const char *folder, scl_error *err) SCL_CHECKED;

#endif
