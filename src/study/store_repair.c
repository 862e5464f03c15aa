/* A damaged store replaced by what is sound in it. The damaged file stays beside the new one under a name of its own; at no
 * moment is there no file in its place. */
#include "study/store_parts.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The copy that is being written, with a statement that finds rows which a damaged file shows twice. */
typedef struct copy {
    scl_store store;
    sqlite3_stmt *first_time;
} copy;

static scl_status copy_row(void *context, const scl_stored_row *row, scl_error *err)
{
    copy *to = context;
    const sqlite3_int64 key[] = {row->cell, row->replicate, row->estimator, row->kind};
    for (int i = 0; i < 4; i++) sqlite3_bind_int64(to->first_time, i + 1, key[i]);
    int step = sqlite3_step(to->first_time);
    sqlite3_reset(to->first_time);
    if (step != SQLITE_DONE) return scl_store_sql_error(&to->store, "copying a row", err);
    return sqlite3_changes(to->store.db) > 0 ? scl_store_insert(&to->store, row, err) : SCL_OK;
}

static scl_status copy_names(const scl_store *to, const scl_store_names *names, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t number = 1; number < names->n && status == SCL_OK; number++)
        if (names->texts[number]) status = scl_store_names_insert(to, names, number, err);
    return status;
}

static scl_status create_copy(scl_store *to, const scl_store *from, scl_error *err)
{
    char *kernel = NULL, *version = NULL;
    scl_status status = scl_store_meta_get(&kernel, from, "blas_kernel", err);
    if (status == SCL_OK) status = scl_store_meta_get(&version, from, "results_version", err);
    if (status == SCL_OK) status = scl_store_create(to, kernel, version, err);
    scl_free(kernel);
    scl_free(version);
    return status;
}

static scl_status fill_copy(copy *to, scl_store *from, scl_error *err)
{
    static const char first_time[] = "INSERT OR IGNORE INTO temp.seen VALUES (?, ?, ?, ?)";
    scl_store_damage known = {0};
    scl_store *store = &to->store;
    scl_status status = scl_store_execute(store,
                                          "PRAGMA journal_mode = TRUNCATE; PRAGMA temp_store = MEMORY;"
                                          "CREATE TEMP TABLE seen (cell, replicate, estimator, kind,"
                                          " PRIMARY KEY (cell, replicate, estimator, kind)) WITHOUT ROWID",
                                          "copying it", err);
    if (status == SCL_OK) status = create_copy(store, from, err);
    if (status == SCL_OK) status = scl_store_execute(store, "BEGIN IMMEDIATE", "copying it", err);
    if (status == SCL_OK) status = copy_names(store, &from->cells, err);
    if (status == SCL_OK) status = copy_names(store, &from->estimators, err);
    if (status == SCL_OK) status = scl_store_prepare(&to->first_time, store, first_time, err);
    if (status == SCL_OK) status = scl_store_each(&known, from, copy_row, to, err);
    if (status == SCL_OK) status = scl_store_tally(store, err);
    if (status == SCL_OK) status = scl_store_marks_copy(store, from, err);
    if (status == SCL_OK) status = scl_store_execute(store, "COMMIT", "copying it", err);
    scl_text_free(&known.rows);
    return status;
}

static scl_status write_copy(const char *path, scl_store *from, scl_error *err)
{
    if (unlink(path) != 0 && errno != ENOENT) /* of a repair that was killed */
        return scl_error_set(err, SCL_ERR_IO, "%s: cannot be removed: %s", path, strerror(errno));
    copy to = {.store = {.plan = from->plan, .lock = -1}};
    scl_status status = SCL_OK;
    to.store.path = scl_strdup(path, err);
    if (!to.store.path) return SCL_ERR_MEMORY;
    if (sqlite3_open(path, &to.store.db) != SQLITE_OK) status = scl_store_sql_error(&to.store, "opening it", err);
    if (status == SCL_OK) status = fill_copy(&to, from, err);
    sqlite3_finalize(to.first_time);
    sqlite3_finalize(to.store.insert);
    sqlite3_close(to.store.db);
    scl_free(to.store.marks);
    scl_free(to.store.path);
    return status;
}

/* Gives the damaged file a second name, or where there are no links another one. */
static scl_status keep_as(bool *taken, const char *path, const char *name, scl_error *err)
{
    *taken = access(name, F_OK) == 0;
    if (*taken || link(path, name) == 0) return SCL_OK;
    int cause = errno;
    *taken = cause == EEXIST;
    if (*taken || rename(path, name) == 0) return SCL_OK;
    return scl_error_set(err, SCL_ERR_IO, "%s: cannot be kept as %s: %s", path, name, strerror(cause));
}

/* As "<path>.damaged-1", or the next that is free. */
static scl_status keep_damaged(char **kept, const scl_store *store, scl_error *err)
{
    enum { MOST_KEPT = 10000 };
    bool taken = true;
    scl_status status = SCL_OK;
    for (int i = 1; i < MOST_KEPT && taken && status == SCL_OK; i++) {
        scl_text name = {0};
        scl_free(*kept);
        *kept = NULL;
        status = scl_text_add(&name, err, "%s.damaged-%d", store->path, i);
        *kept = name.data;
        if (status == SCL_OK) status = keep_as(&taken, store->path, name.data, err);
    }
    if (status == SCL_OK && taken)
        status = scl_error_set(err, SCL_ERR_IO, "%s: no free name to keep it under", store->path);
    return status;
}

scl_status scl_store_repair(char **kept, scl_store *store, scl_error *err)
{
    scl_text path = {0}, journal = {0};
    *kept = NULL;
    scl_status status = scl_text_add(&path, err, "%s.repaired", store->path);
    if (status == SCL_OK) status = scl_text_add(&journal, err, "%s-journal", path.data);
    if (status == SCL_OK) status = write_copy(path.data, store, err);
    if (status == SCL_OK) status = keep_damaged(kept, store, err);
    if (status == SCL_OK && rename(path.data, store->path) != 0)
        status = scl_error_set(err, SCL_ERR_IO, "%s: cannot be put in place of %s: %s", path.data, store->path,
                               strerror(errno));
    if (journal.data) unlink(journal.data); /* empty */
    scl_text_free(&path);
    scl_text_free(&journal);
    return status;
}
