/* The database under the store and what it says of itself (its table meta): see store_parts.h. */
#include "study/store_parts.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

/* ---- the database ------------------------------------------------------------------------------------------------ */

bool scl_store_is_damage(int code)
{
    code &= 0xff;
    return code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_FORMAT || code == SQLITE_MISMATCH ||
           code == SQLITE_ERROR || code == SQLITE_TOOBIG; /* statements are fixed: an error in one is the schema's */
}

scl_status scl_store_unusable(const scl_store *store, const char *why, scl_error *err)
{
    return scl_error_set(
        err, SCL_ERR_STORE,
        "%s: the trial store is damaged (%s); `spikedcl run %s%s --fresh` moves the folder aside and runs "
        "everything again",
        store->path, why, store->plan->config->words, store->option);
}

scl_status scl_store_sql_error(const scl_store *store, const char *doing, scl_error *err)
{
    int code = sqlite3_errcode(store->db) & 0xff;
    const char *reason = sqlite3_errmsg(store->db);
    if (scl_store_is_damage(code)) {
        char why[200];
        snprintf(why, sizeof why, "%.120s while %s", reason, doing);
        for (char *byte = why; *byte; byte++) /* it may quote what is damaged */
            if (*byte < ' ' || *byte > '~') *byte = '?';
        return scl_store_unusable(store, why, err);
    }
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return scl_error_set(err, SCL_ERR_STORE, "%s: the trial store is in use by another process", store->path);
    if (code == SQLITE_NOMEM)
        return scl_error_set(err, SCL_ERR_MEMORY, "%s: out of memory while %s", store->path, doing);
    int cause = sqlite3_system_errno(store->db);
    bool full = code == SQLITE_FULL, readonly = code == SQLITE_READONLY;
    /* SQLite forgets the system's reason where it writes again to roll back */
    bool unwritten = cause == 0 && sqlite3_extended_errcode(store->db) == SQLITE_IOERR_WRITE;
    return scl_error_set(err, SCL_ERR_IO, "%s: %s failed: %s%s%s; what was committed before is kept%s", store->path,
                         doing, reason, cause ? ": " : "", cause ? strerror(cause) : "",
                         scl_error_advice(full || unwritten ? ENOSPC
                                          : readonly        ? EROFS
                                                            : cause));
}

scl_status scl_store_execute(scl_store *store, const char *sql, const char *doing, scl_error *err)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK) return scl_store_sql_error(store, doing, err);
    return SCL_OK;
}

scl_status scl_store_prepare(sqlite3_stmt **statement, const scl_store *store, const char *sql, scl_error *err)
{
    if (sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) != SQLITE_OK)
        return scl_store_sql_error(store, "reading its tables", err);
    return SCL_OK;
}

scl_status scl_store_end_reading(const scl_store *store, scl_status status, scl_error *err)
{
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL,
                 NULL); /* damage may have ended it already: only what is left counts */
    if (status == SCL_OK && !sqlite3_get_autocommit(store->db))
        status = scl_store_sql_error(store, "reading its rows", err);
    return status;
}

/* ---- what the store says of itself ------------------------------------------------------------------------------- */

static uint32_t meta_checksum(const char *key, const char *value)
{
    uLong sum = crc32(0, (const Bytef *)key, (uInt)strlen(key) + 1);
    return (uint32_t)crc32(sum, (const Bytef *)value, (uInt)strlen(value) + 1);
}

scl_status scl_store_meta_get(char **value, const scl_store *store, const char *key, scl_error *err)
{
    sqlite3_stmt *query = NULL;
    *value = NULL;
    scl_status status = scl_store_prepare(&query, store, "SELECT value, checksum FROM meta WHERE key = ?", err);
    if (status != SCL_OK) return status;
    sqlite3_bind_text(query, 1, key, -1, SQLITE_STATIC);
    int step = sqlite3_step(query);
    const char *text = step == SQLITE_ROW ? (const char *)sqlite3_column_text(query, 0) : NULL;
    if (text && sqlite3_column_int64(query, 1) == meta_checksum(key, text)) {
        *value = scl_strdup(text, err);
        if (!*value) status = SCL_ERR_MEMORY;
    } else if (step == SQLITE_ROW || step == SQLITE_DONE) {
        char why[64];
        snprintf(why, sizeof why, "what it says of its %s %s", key, text ? "is not what was written" : "is missing");
        status = scl_store_unusable(store, why, err);
    } else {
        status = scl_store_sql_error(store, "reading what it is of", err);
    }
    sqlite3_finalize(query);
    return status;
}

scl_status scl_store_meta_has(bool *has, const scl_store *store, const char *key, scl_error *err)
{
    sqlite3_stmt *query = NULL;
    scl_status status = scl_store_prepare(&query, store, "SELECT 1 FROM meta WHERE key = ?", err);
    if (status != SCL_OK) return status;
    sqlite3_bind_text(query, 1, key, -1, SQLITE_STATIC);
    int step = sqlite3_step(query);
    *has = step == SQLITE_ROW;
    if (step != SQLITE_ROW && step != SQLITE_DONE) status = scl_store_sql_error(store, "reading what it is of", err);
    sqlite3_finalize(query);
    return status;
}

scl_status scl_store_meta_set(const scl_store *store, const char *key, const char *value, scl_error *err)
{
    sqlite3_stmt *insert = NULL;
    scl_status status = scl_store_prepare(&insert, store, "INSERT OR REPLACE INTO meta VALUES (?, ?, ?)", err);
    if (status != SCL_OK) return status;
    sqlite3_bind_text(insert, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, value, -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 3, meta_checksum(key, value));
    if (sqlite3_step(insert) != SQLITE_DONE) status = scl_store_sql_error(store, "writing what it is of", err);
    sqlite3_finalize(insert);
    return status;
}

scl_status scl_store_create(scl_store *store, const char *kernel, const char *version, scl_error *err)
{
    char schema[40];
    snprintf(schema, sizeof schema, "PRAGMA user_version = %d", SCL_STORE_SCHEMA);
    scl_status status = scl_store_execute(
        store,
        "BEGIN; CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE TABLE cells (number INTEGER PRIMARY KEY, text TEXT NOT NULL, checksum INTEGER NOT NULL);"
        "CREATE TABLE estimators (number INTEGER PRIMARY KEY, text TEXT NOT NULL, checksum INTEGER NOT NULL);"
        "CREATE TABLE rows (cell INTEGER NOT NULL, replicate INTEGER NOT NULL, estimator INTEGER NOT NULL,"
        " kind INTEGER NOT NULL, status INTEGER NOT NULL, message TEXT, vals BLOB NOT NULL, checksum INTEGER NOT NULL)",
        "creating its tables", err);
    if (status == SCL_OK) status = scl_store_execute(store, schema, "creating its tables", err);
    if (status == SCL_OK) status = scl_store_meta_set(store, "shared", store->plan->shared, err);
    if (status == SCL_OK) status = scl_store_meta_set(store, "results_version", version, err);
    if (status == SCL_OK) status = scl_store_meta_set(store, "blas_kernel", kernel, err);
    if (status == SCL_OK) status = scl_store_tally(store, err);
    if (status == SCL_OK) status = scl_store_execute(store, "COMMIT", "creating its tables", err);
    return status;
}
