/* Shards: see shard.h. */
#include "study/shard.h"

#include "base/memory.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool scl_shard_has(scl_shard shard, size_t job)
{
    return shard.count == 0 || job % shard.count == shard.index - 1;
}

size_t scl_shard_jobs(scl_shard shard, size_t n_jobs)
{
    if (shard.count == 0) return n_jobs;
    return n_jobs / shard.count + (n_jobs % shard.count >= shard.index);
}

/* Digits alone, no zero in front: a shard has one name. The text after them, NULL when there is no such number. */
static const char *read_count(size_t *count, const char *text)
{
    *count = 0;
    if (*text < '1' || *text > '9') return NULL;
    for (; *text >= '0' && *text <= '9'; text++) {
        *count = 10 * *count + (size_t)(*text - '0');
        if (*count > SCL_MAX_SHARDS) return NULL;
    }
    return text;
}

static bool read_shard(scl_shard *shard, const char *text, const char *between)
{
    const char *at = read_count(&shard->index, text);
    if (!at || strncmp(at, between, strlen(between)) != 0) return false;
    at = read_count(&shard->count, at + strlen(between));
    return at && *at == '\0' && shard->index <= shard->count;
}

bool scl_shard_parse(scl_shard *shard, const char *text)
{
    return read_shard(shard, text, "/");
}

char *scl_shard_name(char out[SCL_SHARD_CHARS], scl_shard shard)
{
    snprintf(out, SCL_SHARD_CHARS, "shard-%zu-of-%zu", shard.index, shard.count);
    return out;
}

bool scl_shard_named(scl_shard *shard, const char *name)
{
    return strncmp(name, "shard-", 6) == 0 && read_shard(shard, name + 6, "-of-");
}

static int by_count(const void *a, const void *b)
{
    const scl_shard *left = a, *right = b;
    if (left->count != right->count) return left->count < right->count ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

scl_status scl_shard_list(scl_shard **shards, size_t *n, const char *folder, scl_error *err)
{
    size_t capacity = 0;
    scl_status status = SCL_OK;
    *shards = NULL;
    *n = 0;
    DIR *listing = opendir(folder);
    if (!listing && errno == ENOENT) return SCL_OK;
    if (!listing) return scl_error_set(err, SCL_ERR_IO, "%s: cannot be read: %s", folder, strerror(errno));
    for (struct dirent *entry; status == SCL_OK && (entry = readdir(listing));) {
        scl_shard shard;
        struct stat about; /* of what a link leads to */
        if (!scl_shard_named(&shard, entry->d_name)) continue;
        if (fstatat(dirfd(listing), entry->d_name, &about, 0) == 0 && !S_ISDIR(about.st_mode)) continue;
        status = scl_grow((void **)shards, &capacity, *n + 1, sizeof **shards, err);
        if (status == SCL_OK) (*shards)[(*n)++] = shard;
    }
    closedir(listing);
    if (*n > 0) qsort(*shards, *n, sizeof **shards, by_count);
    if (status != SCL_OK) {
        scl_free(*shards);
        *shards = NULL;
        *n = 0;
    }
    return status;
}
