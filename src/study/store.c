/* The store: see store.h.
 *
 * A rollback journal (TRUNCATE), not a write-ahead log: the log needs shared memory and loses its tail silently when cut.
 * Rows are appended in the order in which jobs end; the index that reading in job order needs is dropped before a run and made
 * after it, since keeping it up to date costs more than the trials. Values are a blob of native doubles, NaN for what does
 * not apply (SQLite itself would turn NaN into NULL). */
#include "study/store.h"

#include "base/text.h"
#include "linalg/linalg.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scl_store {
    const scl_plan *plan;
    sqlite3 *db;
    sqlite3_stmt *insert;
    char *path;
    int lock; /* descriptor of the run lock, -1 without */
    bool in_transaction;
};

static scl_status sql_error(const scl_store *store, const char *doing, scl_error *err)
{
    int code = sqlite3_errcode(store->db) & 0xff;
    const char *reason = sqlite3_errmsg(store->db);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return scl_error_set(err, SCL_ERR_STORE,
                             "%s: the trial store is damaged (%s while %s); move the folder away and run again",
                             store->path, reason, doing);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return scl_error_set(err, SCL_ERR_STORE, "%s: the trial store is in use by another process", store->path);
    int cause = sqlite3_system_errno(store->db);
    return scl_error_set(err, SCL_ERR_IO, "%s: %s failed: %s%s%s; what was committed before is kept", store->path,
                         doing, reason, cause ? ": " : "", cause ? strerror(cause) : "");
}

static scl_status execute(scl_store *store, const char *sql, const char *doing, scl_error *err)
{
    if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK) return sql_error(store, doing, err);
    return SCL_OK;
}

static scl_status prepare(sqlite3_stmt **statement, scl_store *store, const char *sql, scl_error *err)
{
    if (sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) != SQLITE_OK)
        return sql_error(store, "reading its tables", err);
    return SCL_OK;
}

/* ---- what the store remembers of its plan ------------------------------------------------------------------------ */

/* The value of a key, to be freed; NULL without an error when there is none. */
static scl_status meta_get(char **value, scl_store *store, const char *key, scl_error *err)
{
    sqlite3_stmt *query = NULL;
    *value = NULL;
    scl_status status = prepare(&query, store, "SELECT value FROM meta WHERE key = ?", err);
    if (status != SCL_OK) return status;
    sqlite3_bind_text(query, 1, key, -1, SQLITE_STATIC);
    int step = sqlite3_step(query);
    if (step == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(query, 0);
        *value = scl_strdup(text ? text : "", err);
        if (!*value) status = SCL_ERR_MEMORY;
    } else if (step != SQLITE_DONE) {
        status = sql_error(store, "reading its plan", err);
    }
    sqlite3_finalize(query);
    return status;
}

static scl_status meta_set(scl_store *store, const char *key, const char *value, scl_error *err)
{
    sqlite3_stmt *insert = NULL;
    scl_status status = prepare(&insert, store, "INSERT OR REPLACE INTO meta VALUES (?, ?)", err);
    if (status != SCL_OK) return status;
    sqlite3_bind_text(insert, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 2, value, -1, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) status = sql_error(store, "writing its plan", err);
    sqlite3_finalize(insert);
    return status;
}

static scl_status check_same(scl_store *store, const char *key, const char *wanted, const char *what, scl_error *err)
{
    char *found = NULL;
    scl_status status = meta_get(&found, store, key, err);
    if (status == SCL_OK && (!found || strcmp(found, wanted) != 0))
        status =
            scl_error_set(err, SCL_ERR_PLAN,
                          "%s: its rows were made with %s %s, this is %s; the numbers may differ in their last digits. "
                          "Use another --results folder, --fresh, or --accept-kernel to mix them",
                          store->path, what, found ? found : "unknown", wanted);
    scl_free(found);
    return status;
}

static scl_status check_plan(scl_store *store, bool accept_kernel, scl_error *err)
{
    char *there = NULL, version[16];
    scl_text differences = {0};
    snprintf(version, sizeof version, "%d", SCL_RESULTS_VERSION);
    scl_status status = meta_get(&there, store, "plan", err);
    if (status == SCL_OK && !there)
        status = scl_error_set(err, SCL_ERR_STORE, "%s: the trial store is damaged (it has no plan)", store->path);
    if (status == SCL_OK && strcmp(there, store->plan->identity) != 0) {
        status = scl_plan_differences(&differences, there, store->plan->identity, err);
        if (status == SCL_OK)
            status = scl_error_set(
                err, SCL_ERR_PLAN,
                "%s holds another plan:%s\nUse another --results folder, or --fresh to move the old results "
                "aside; nothing was changed",
                store->path, scl_text_get(&differences));
    }
    if (status == SCL_OK && !accept_kernel)
        status = check_same(store, "results_version", version, "results version", err);
    if (status == SCL_OK && !accept_kernel)
        status = check_same(store, "blas_kernel", scl_blas_kernel(), "the BLAS kernel", err);
    scl_text_free(&differences);
    scl_free(there);
    return status;
}

static scl_status create(scl_store *store, scl_error *err)
{
    char version[16];
    snprintf(version, sizeof version, "%d", SCL_RESULTS_VERSION);
    scl_status status =
        execute(store,
                "BEGIN; CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
                "CREATE TABLE rows (cell INTEGER NOT NULL, replicate INTEGER NOT NULL, estimator INTEGER NOT NULL,"
                " kind INTEGER NOT NULL, status INTEGER NOT NULL, message TEXT, vals BLOB NOT NULL);"
                "PRAGMA user_version = 1",
                "creating its tables", err);
    if (status == SCL_OK) status = meta_set(store, "plan", store->plan->identity, err);
    if (status == SCL_OK) status = meta_set(store, "results_version", version, err);
    if (status == SCL_OK) status = meta_set(store, "blas_kernel", scl_blas_kernel(), err);
    if (status == SCL_OK) status = execute(store, "COMMIT", "creating its tables", err);
    return status;
}

/* ---- opening ----------------------------------------------------------------------------------------------------- */

scl_status scl_store_lock(int *lock, const char *folder, scl_error *err)
{
    scl_text path = {0};
    *lock = -1;
    scl_status status = scl_text_add(&path, err, "%s/run.lock", folder);
    if (status != SCL_OK) return status;
    int file = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (file < 0)
        status = scl_error_set(err, SCL_ERR_IO, "%s: cannot be opened: %s", path.data, strerror(errno));
    else if (fcntl(file, F_SETLK, &whole) == 0)
        *lock = file;
    else if (errno == EACCES || errno == EAGAIN)
        status = scl_error_set(err, SCL_ERR_STORE, "%s: another run is working on this folder", folder);
    else
        status = scl_error_set(err, SCL_ERR_IO, "%s: cannot be locked: %s", path.data, strerror(errno));
    if (file >= 0 && status != SCL_OK) close(file);
    scl_text_free(&path);
    return status;
}

/* A number that a query answers with. */
static scl_status query_number(int *number, scl_store *store, const char *sql, scl_error *err)
{
    sqlite3_stmt *query = NULL;
    scl_status status = prepare(&query, store, sql, err);
    if (status != SCL_OK) return status;
    if (sqlite3_step(query) == SQLITE_ROW)
        *number = sqlite3_column_int(query, 0);
    else
        status = sql_error(store, "reading its tables", err);
    sqlite3_finalize(query);
    return status;
}

/* SQLite takes a file shorter than its smallest page for an empty database and writes over it. A file of no bytes is one. */
static scl_status check_header(const scl_store *store, scl_error *err)
{
    static const char magic[16] = "SQLite format 3"; /* with its NUL */
    enum { SMALLEST_PAGE = 512 };
    char start[SMALLEST_PAGE];
    int file = open(store->path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) return SCL_OK;
    ssize_t length = file < 0 ? -1 : read(file, start, sizeof start);
    scl_status status = SCL_OK;
    if (length < 0)
        status = scl_error_set(err, SCL_ERR_IO, "%s: cannot be read: %s", store->path, strerror(errno));
    else if (length > 0 && (length < SMALLEST_PAGE || memcmp(start, magic, sizeof magic) != 0))
        status = scl_error_set(err, SCL_ERR_STORE,
                               "%s: the trial store is damaged (it is no database); move the folder away and run again",
                               store->path);
    if (file >= 0) close(file);
    return status;
}

/* SQLite misses what is cut off the last page and reads zeros there. */
static scl_status check_length(scl_store *store, scl_error *err)
{
    int page_bytes = 0, pages = 0;
    struct stat about;
    scl_status status = query_number(&page_bytes, store, "PRAGMA page_size", err);
    if (status == SCL_OK) status = query_number(&pages, store, "PRAGMA page_count", err);
    if (status == SCL_OK && stat(store->path, &about) != 0)
        status = scl_error_set(err, SCL_ERR_IO, "%s: cannot be read: %s", store->path, strerror(errno));
    if (status == SCL_OK && (long long)about.st_size < (long long)page_bytes * pages)
        status = scl_error_set(err, SCL_ERR_STORE,
                               "%s: the trial store is damaged (it is cut off); move the folder away and run again",
                               store->path);
    return status;
}

static scl_status open_database(scl_store *store, scl_store_mode mode, bool accept_kernel, scl_error *err)
{
    int flags = mode == SCL_STORE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
    if (mode == SCL_STORE_READ && access(store->path, F_OK) != 0)
        return scl_error_set(err, SCL_ERR_INPUT, "%s %s (%s: %s); `spikedcl run %s` starts it",
                             store->plan->config->name, errno == ENOENT ? "was never started" : "cannot be read",
                             store->path, strerror(errno), store->plan->config->path);
    scl_status status = check_header(store, err);
    if (status != SCL_OK) return status;
    /* Reading opens for writing where it may, so that a killed run's journal can be rolled back. */
    if (mode == SCL_STORE_READ && access(store->path, W_OK) != 0) flags = SQLITE_OPEN_READONLY;
    if (sqlite3_open_v2(store->path, &store->db, flags, NULL) != SQLITE_OK) return sql_error(store, "opening it", err);
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, 5000);
    status = execute(store, "PRAGMA journal_mode = TRUNCATE; PRAGMA temp_store = MEMORY", "opening it", err);
    int version = 0, n_tables = 0;
    if (status == SCL_OK) status = query_number(&version, store, "PRAGMA user_version", err);
    if (status == SCL_OK) status = query_number(&n_tables, store, "SELECT count(*) FROM sqlite_master", err);
    if (status == SCL_OK && version == 0 && n_tables == 0) { /* a file that a run made just before it was killed */
        if (mode == SCL_STORE_WRITE) return create(store, err);
        return scl_error_set(err, SCL_ERR_INPUT, "%s: holds no trials yet; `spikedcl run` makes them", store->path);
    }
    if (status == SCL_OK) status = check_length(store, err);
    if (status == SCL_OK && version != 1)
        status = scl_error_set(err, SCL_ERR_STORE, "%s: schema %d is not one that this version reads (1)", store->path,
                               version);
    if (status == SCL_OK) status = check_plan(store, accept_kernel, err);
    return status;
}

scl_status scl_store_open(scl_store **out, const char *folder, const scl_plan *plan, scl_store_mode mode,
                          bool accept_kernel, scl_error *err)
{
    *out = NULL;
    scl_store *store = scl_alloc(1, sizeof *store, err);
    if (!store) return SCL_ERR_MEMORY;
    scl_text path = {0};
    *store = (scl_store){.plan = plan, .lock = -1};
    scl_status status = scl_text_add(&path, err, "%s/" SCL_STORE_FILE, folder);
    store->path = path.data;
    if (status == SCL_OK && mode == SCL_STORE_WRITE) status = scl_store_lock(&store->lock, folder, err);
    if (status == SCL_OK) status = open_database(store, mode, accept_kernel, err);
    if (status == SCL_OK && mode == SCL_STORE_WRITE)
        status = execute(store, "DROP INDEX IF EXISTS rows_in_job_order", "preparing it", err);
    if (status == SCL_OK && mode == SCL_STORE_WRITE)
        status = prepare(&store->insert, store, "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?)", err);
    if (status != SCL_OK)
        scl_store_close(store);
    else
        *out = store;
    return status;
}

void scl_store_close(scl_store *store)
{
    if (!store) return;
    sqlite3_finalize(store->insert);
    sqlite3_close(store->db); /* an open transaction is rolled back */
    if (store->lock >= 0) close(store->lock);
    scl_free(store->path);
    scl_free(store);
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

static size_t job_rows(const scl_plan *plan, scl_job job)
{
    size_t n = 0;
    for (size_t e = 0; e < plan->config->n_estimators; e++)
        n += (size_t)scl_plan_wants(plan, job, e, SCL_ROW_SAMPLE) +
             (size_t)scl_plan_wants(plan, job, e, SCL_ROW_POPULATION);
    return n;
}

/* False for rows of a larger earlier plan. */
static bool is_planned(const scl_plan *plan, size_t cell, size_t replicate)
{
    return cell < plan->n_cells && replicate < plan->first_job[cell + 1] - plan->first_job[cell];
}

scl_status scl_store_done(bool *done, size_t *failed, scl_store *store, scl_error *err)
{
    const scl_plan *plan = store->plan;
    *failed = 0;
    unsigned *found = scl_alloc(plan->n_jobs, sizeof *found, err);
    if (!found) return SCL_ERR_MEMORY;
    sqlite3_stmt *query = NULL;
    scl_status status = prepare(&query, store, "SELECT cell, replicate, status FROM rows", err);
    int step = SQLITE_DONE;
    while (status == SCL_OK && (step = sqlite3_step(query)) == SQLITE_ROW) {
        size_t cell = (size_t)sqlite3_column_int64(query, 0), replicate = (size_t)sqlite3_column_int64(query, 1);
        if (!is_planned(plan, cell, replicate)) continue;
        found[plan->first_job[cell] + replicate]++;
        *failed += sqlite3_column_int(query, 2) == SCL_ROW_FAILED;
    }
    if (status == SCL_OK && step != SQLITE_DONE) status = sql_error(store, "reading its rows", err);
    sqlite3_finalize(query);
    for (size_t j = 0; status == SCL_OK && j < plan->n_jobs; j++)
        done[j] = found[j] == job_rows(plan, scl_plan_job(plan, j));
    scl_free(found);
    return status;
}

scl_status scl_store_replicates(size_t *replicates, scl_store *store, scl_error *err)
{
    int number = 0;
    scl_status status = query_number(&number, store, "SELECT coalesce(max(replicate) + 1, 0) FROM rows", err);
    *replicates = (size_t)number;
    return status;
}

scl_status scl_store_failures(scl_failures *failures, scl_store *store, scl_error *err)
{
    const scl_plan *plan = store->plan;
    for (size_t e = 0; e < plan->config->n_estimators; e++) failures[e] = (scl_failures){0};
    sqlite3_stmt *query = NULL;
    scl_status status = prepare(&query, store,
                                "SELECT cell, replicate, estimator, status, message FROM rows WHERE status IN (?, ?) "
                                "ORDER BY cell, replicate",
                                err);
    if (status == SCL_OK) {
        sqlite3_bind_int(query, 1, SCL_ROW_FAILED);
        sqlite3_bind_int(query, 2, SCL_ROW_UNCONVERGED);
    }
    int step = SQLITE_DONE;
    while (status == SCL_OK && (step = sqlite3_step(query)) == SQLITE_ROW) {
        size_t cell = (size_t)sqlite3_column_int64(query, 0), replicate = (size_t)sqlite3_column_int64(query, 1);
        size_t estimator = (size_t)sqlite3_column_int64(query, 2);
        if (!is_planned(plan, cell, replicate) || estimator >= plan->config->n_estimators) continue;
        scl_failures *of = &failures[estimator];
        if (sqlite3_column_int(query, 3) != SCL_ROW_FAILED) {
            of->unconverged++;
        } else if (of->failed++ == 0) {
            const char *message = (const char *)sqlite3_column_text(query, 4);
            of->first = (scl_job){.cell = cell, .replicate = (uint32_t)replicate};
            snprintf(of->message, sizeof of->message, "%.159s", message ? message : "no reason given");
        }
    }
    if (status == SCL_OK && step != SQLITE_DONE) status = sql_error(store, "reading its rows", err);
    sqlite3_finalize(query);
    return status;
}

scl_status scl_store_append(scl_store *store, const scl_row *rows, size_t n_rows, scl_error *err)
{
    if (n_rows > 0 && !store->in_transaction) {
        scl_status status = execute(store, "BEGIN IMMEDIATE", "beginning a transaction", err);
        if (status != SCL_OK) return status;
        store->in_transaction = true;
    }
    int bytes = (int)(store->plan->config->n_metrics * sizeof(double));
    for (size_t i = 0; i < n_rows; i++) {
        scl_job job = scl_plan_job(store->plan, rows[i].job);
        sqlite3_bind_int64(store->insert, 1, (sqlite3_int64)job.cell);
        sqlite3_bind_int64(store->insert, 2, (sqlite3_int64)job.replicate);
        sqlite3_bind_int64(store->insert, 3, (sqlite3_int64)rows[i].estimator);
        sqlite3_bind_int(store->insert, 4, (int)rows[i].kind);
        sqlite3_bind_int(store->insert, 5, (int)rows[i].status);
        if (rows[i].message[0])
            sqlite3_bind_text(store->insert, 6, rows[i].message, -1, SQLITE_STATIC);
        else
            sqlite3_bind_null(store->insert, 6);
        sqlite3_bind_blob(store->insert, 7, rows[i].values, bytes, SQLITE_STATIC);
        int step = sqlite3_step(store->insert);
        sqlite3_reset(store->insert);
        if (step != SQLITE_DONE) return sql_error(store, "appending a row", err);
    }
    return SCL_OK;
}

scl_status scl_store_commit(scl_store *store, scl_error *err)
{
    if (!store->in_transaction) return SCL_OK;
    scl_status status = execute(store, "COMMIT", "committing rows", err);
    if (status == SCL_OK) store->in_transaction = false;
    return status;
}

scl_status scl_store_index(scl_store *store, scl_error *err)
{
    return execute(store, "CREATE INDEX IF NOT EXISTS rows_in_job_order ON rows (cell, replicate, estimator, kind)",
                   "indexing its rows", err);
}

static scl_status read_row(scl_row *row, uint32_t *replicate, sqlite3_stmt *query, const scl_store *store, size_t cell,
                           scl_error *err)
{
    const scl_plan *plan = store->plan;
    size_t bytes = plan->config->n_metrics * sizeof(double);
    sqlite3_int64 number = sqlite3_column_int64(query, 0), estimator = sqlite3_column_int64(query, 1);
    int kind = sqlite3_column_int(query, 2), row_status = sqlite3_column_int(query, 3);
    if ((size_t)sqlite3_column_bytes(query, 5) != bytes || number < 0 || number > UINT32_MAX || estimator < 0 ||
        (size_t)estimator >= plan->config->n_estimators || kind < 0 || kind > SCL_ROW_POPULATION || row_status < 0 ||
        row_status > SCL_ROW_FAILED)
        return scl_error_set(err, SCL_ERR_STORE,
                             "%s: the trial store is damaged (a row of cell %zu does not fit the plan)", store->path,
                             cell);
    const char *message = (const char *)sqlite3_column_text(query, 4);
    *row = (scl_row){.job = plan->first_job[cell] + (size_t)number,
                     .estimator = (uint32_t)estimator,
                     .kind = (scl_row_kind)kind,
                     .status = (scl_row_status)row_status};
    memcpy(row->values, sqlite3_column_blob(query, 5), bytes);
    snprintf(row->message, sizeof row->message, "%.159s", message ? message : "");
    *replicate = (uint32_t)number;
    return SCL_OK;
}

scl_status scl_store_read_cell(scl_store *store, size_t cell, scl_store_visit visit, void *context, scl_error *err)
{
    sqlite3_stmt *query = NULL;
    scl_status status = prepare(&query, store,
                                "SELECT replicate, estimator, kind, status, message, vals FROM rows WHERE cell = ? "
                                "ORDER BY replicate, estimator, kind",
                                err);
    if (status != SCL_OK) return status;
    sqlite3_bind_int64(query, 1, (sqlite3_int64)cell);
    int step = SQLITE_DONE;
    while (status == SCL_OK && (step = sqlite3_step(query)) == SQLITE_ROW) {
        scl_row row;
        uint32_t replicate = 0;
        status = read_row(&row, &replicate, query, store, cell, err);
        if (status == SCL_OK) status = visit(context, &row, replicate);
    }
    if (status == SCL_OK && step != SQLITE_DONE) status = sql_error(store, "reading its rows", err);
    sqlite3_finalize(query);
    return status;
}
