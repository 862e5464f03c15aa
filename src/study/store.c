/* Opening a store: see store.h and store_parts.h.
 *
 * A rollback journal (TRUNCATE), not a write-ahead log: the log needs shared memory and loses its tail silently when cut.
 * Rows are appended in the order in which jobs end. Values are a blob of native doubles, NaN for what does not apply (SQLite
 * itself would turn NaN into NULL).
 *
 * Damage is never mended in place: what SQLite writes into a damaged file may spoil more of it. Opening for writing copies
 * what is sound into a new file (store_repair.c). Where the file does not even say what it is of, it is refused. */
#include "study/store_parts.h"

#include "base/memory.h"
#include "linalg/linalg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long a writer waits for readers, who hold the file while they verify it, and they for a commit. */
enum { BUSY_TIMEOUT_MS = 60000 };

static scl_status check_same(const scl_store *store, const char *key, const char *wanted, const char *what, bool accept,
                             scl_error *err)
{
    char *found = NULL;
    scl_status status = scl_store_meta_get(&found, store, key, err);
    if (status == SCL_OK && !accept && strcmp(found, wanted) != 0)
        status =
            scl_error_set(err, SCL_ERR_PLAN,
                          "%s: its rows were made with %s %s, this is %s; the numbers may differ in their last digits. "
                          "Use another --results folder, --fresh, or --accept-kernel to mix them",
                          store->path, what, found, wanted);
    scl_free(found);
    return status;
}

/* Refuses a plan that lacks what the store holds, and rows of another make. */
static scl_status check_plan(scl_store *store, bool accept_kernel, scl_error *err)
{
    char *shared = NULL, version[16];
    scl_text changes = {0};
    snprintf(version, sizeof version, "%d", SCL_RESULTS_VERSION);
    const scl_store_names *c = &store->cells, *e = &store->estimators;
    const scl_stored_texts cells = {c->texts, c->places, c->n}, estimators = {e->texts, e->places, e->n};
    scl_status status = scl_store_meta_get(&shared, store, "shared", err);
    if (status == SCL_OK) status = scl_plan_changes(&changes, shared, &cells, &estimators, store->plan, err);
    if (status == SCL_OK && changes.length > 0)
        status = scl_error_set(err, SCL_ERR_PLAN,
                               "%s holds another plan:%s\n`spikedcl run %s%s --fresh` moves the old results aside and "
                               "starts anew; or %s; nothing was changed",
                               store->path, changes.data, store->plan->config->words, store->option,
                               store->option[0] ? "move the shard's folder away" : "name another --results folder");
    if (status == SCL_OK) status = check_same(store, "results_version", version, "results version", accept_kernel, err);
    if (status == SCL_OK)
        status = check_same(store, "blas_kernel", scl_blas_kernel(), "the BLAS kernel", accept_kernel, err);
    scl_text_free(&changes);
    scl_free(shared);
    return status;
}

/* Whether the path still leads to that file. A run with --fresh may have moved the folder aside between opening and locking, and
 * then the lock is on the old folder. */
static bool is_still(int file, const char *path)
{
    struct stat opened, there;
    if (fstat(file, &opened) == 0 && stat(path, &there) == 0 && opened.st_dev == there.st_dev &&
        opened.st_ino == there.st_ino)
        return true;
    errno = ESTALE;
    return false;
}

scl_status scl_store_lock(int *lock, const char *folder, scl_error *err)
{
    scl_text path = {0};
    *lock = -1;
    scl_status status = scl_text_add(&path, err, "%s/run.lock", folder);
    if (status != SCL_OK) return status;
    int file = open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (file < 0)
        status = scl_error_set(err, SCL_ERR_IO, "%s: cannot be opened: %s%s", path.data, strerror(errno),
                               scl_error_advice(errno));
    else if (fcntl(file, F_SETLK, &whole) == 0 && is_still(file, path.data))
        *lock = file;
    else if (errno == EACCES || errno == EAGAIN || errno == ESTALE)
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
    scl_status status = scl_store_prepare(&query, store, sql, err);
    if (status != SCL_OK) return status;
    if (sqlite3_step(query) == SQLITE_ROW)
        *number = sqlite3_column_int(query, 0);
    else
        status = scl_store_sql_error(store, "reading its tables", err);
    sqlite3_finalize(query);
    return status;
}

/* SQLite takes a file shorter than its smallest page for an empty database and writes over it. A file of no bytes is one. */
static scl_status check_header(const scl_store *store, scl_error *err)
{
    static const char magic[16] = "SQLite format 3"; /* with its NUL */
    enum { SMALLEST_PAGE = 512 };
    char start[SMALLEST_PAGE];
    struct stat about;
    int file = open(store->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe would wait for its writer */
    if (file < 0 && errno == ENOENT) return SCL_OK;
    if (file >= 0 && fstat(file, &about) == 0 && !S_ISREG(about.st_mode)) {
        close(file);
        return scl_store_unusable(store, "it is no file but a pipe, a folder or a device", err);
    }
    ssize_t length = file < 0 ? -1 : read(file, start, sizeof start);
    scl_status status = SCL_OK;
    if (length < 0)
        status = scl_error_set(err, SCL_ERR_IO, "%s: cannot be read: %s", store->path, strerror(errno));
    else if (length > 0 && (length < SMALLEST_PAGE || memcmp(start, magic, sizeof magic) != 0))
        status = scl_store_unusable(store, "it is no database", err);
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
        status = scl_store_unusable(store, "it is cut off", err);
    return status;
}

static scl_status check_schema(const scl_store *store, int version, scl_error *err)
{
    if (version == SCL_STORE_SCHEMA) return SCL_OK;
    const char *words = store->plan->config->words;
    if (version == 1)
        return scl_error_set(
            err, SCL_ERR_STORE,
            "%s: written by an earlier version of this program, in a format without checksums (schema 1, "
            "this is %d); `spikedcl run %s%s --fresh` moves the folder aside and runs everything again",
            store->path, SCL_STORE_SCHEMA, words, store->option);
    return scl_error_set(
        err, SCL_ERR_STORE,
        "%s: schema %d is not one that this version reads (%d): damaged, or written by another version "
        "of this program; `spikedcl run %s%s --fresh` moves the folder aside and runs everything again",
        store->path, version, SCL_STORE_SCHEMA, words, store->option);
}

/* What SQLite itself finds wrong with the file's structure: a row that a scan meets may not be found by its number. */
static scl_status check_structure(bool *damaged, scl_store *store, scl_error *err)
{
    sqlite3_stmt *query = NULL;
    scl_status status = scl_store_prepare(&query, store, "PRAGMA quick_check(1)", err);
    if (status != SCL_OK) return status;
    int step = sqlite3_step(query);
    const char *said = step == SQLITE_ROW ? (const char *)sqlite3_column_text(query, 0) : "";
    *damaged = !said || strcmp(said, "ok") != 0;
    if (step != SQLITE_ROW && !scl_store_is_damage(step)) status = scl_store_sql_error(store, "verifying it", err);
    sqlite3_finalize(query);
    return status;
}

/* "2 rows are not what was written (cell 0, ..), 3 rows are missing" */
static scl_status describe_damage(scl_text *text, const scl_store_damage *damage, scl_error *err)
{
    scl_status status = SCL_OK;
    if (damage->n_rows > 0)
        status = scl_text_add(text, err, "%zu row%s not what was written: %s%s", damage->n_rows,
                              damage->n_rows == 1 ? " is" : "s are", scl_text_get(&damage->rows),
                              damage->n_rows > 3 ? "; ..." : "");
    if (status == SCL_OK && damage->missing > 0)
        status = scl_text_add(text, err, "%s%lld row%s missing", text->length ? "; " : "", damage->missing,
                              damage->missing == 1 ? " is" : "s are");
    if (status == SCL_OK && text->length == 0)
        status = scl_text_add(text, err, "its tables are not as they were written");
    return status;
}

static bool is_damaged(const scl_store_damage *damage)
{
    return damage->n_rows > 0 || damage->missing != 0 || damage->unreadable;
}

/* Replaces the file by what is sound in it and says so in store->warning. */
static scl_status repair(scl_store *store, const scl_store_damage *damage, scl_error *err)
{
    scl_text what = {0}, warning = {0};
    char *kept = NULL;
    scl_status status = describe_damage(&what, damage, err);
    if (status == SCL_OK) status = scl_store_repair(&kept, store, err);
    if (status == SCL_OK)
        status = scl_text_add(&warning, err,
                              "%s was damaged: %s. Jobs that lost rows run again; the damaged file is kept as %s",
                              store->path, what.data, kept);
    store->warning = warning.data;
    scl_text_free(&what);
    scl_free(kept);
    return status;
}

static scl_status refuse_damage(const scl_store *store, const scl_store_damage *damage, scl_error *err)
{
    scl_text what = {0};
    scl_status status = describe_damage(&what, damage, err);
    if (status == SCL_OK)
        status = scl_error_set(err, SCL_ERR_STORE,
                               "%s: the trial store is damaged (%s); `spikedcl run %s%s` runs those jobs again",
                               store->path, what.data, store->plan->config->words, store->option);
    scl_text_free(&what);
    return status;
}

/* Reads names and rows of a file whose schema is right; says what is damaged. */
static scl_status read_all(scl_store_damage *damage, scl_store *store, bool accept_kernel, scl_error *err)
{
    scl_status status = scl_store_names_new(store, err);
    if (status == SCL_OK) status = scl_store_execute(store, "BEGIN", "reading it", err); /* one state of the file */
    if (status == SCL_OK) status = scl_store_names_read(store, err);
    if (status == SCL_OK) status = check_plan(store, accept_kernel, err);
    if (status == SCL_OK) status = scl_store_marks_read(store, err);
    if (status == SCL_OK) status = scl_store_scan(damage, store, err);
    if (status == SCL_OK && !is_damaged(damage)) status = check_structure(&damage->unreadable, store, err);
    return scl_store_end_reading(store, status, err);
}

/* Reading makes nothing, no lock either, where there is no store. */
static scl_status check_there(const scl_store *store, scl_error *err)
{
    if (access(store->path, F_OK) == 0) return SCL_OK;
    return scl_error_set(err, SCL_ERR_INPUT, "%s %s (%s: %s); `spikedcl run %s%s` starts it", store->plan->config->name,
                         errno == ENOENT ? "was never started" : "cannot be read", store->path, strerror(errno),
                         store->plan->config->words, store->option);
}

/* Opens the file and its tables; *fresh when it holds nothing at all, as a run leaves it that is killed at its start. */
static scl_status open_file(bool *fresh, scl_store *store, scl_store_mode mode, scl_error *err)
{
    int flags = mode == SCL_STORE_WRITE ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE;
    scl_status status = check_header(store, err);
    if (status != SCL_OK) return status;
    /* Reading opens for writing where it may, so that a killed run's journal can be rolled back. */
    if (mode != SCL_STORE_WRITE && access(store->path, W_OK) != 0) flags = SQLITE_OPEN_READONLY;
    if (sqlite3_open_v2(store->path, &store->db, flags, NULL) != SQLITE_OK)
        return scl_store_sql_error(store, "opening it", err);
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    status = scl_store_execute(store, "PRAGMA journal_mode = TRUNCATE; PRAGMA temp_store = MEMORY", "opening it", err);
    int version = 0, n_tables = 0;
    if (status == SCL_OK) status = query_number(&version, store, "PRAGMA user_version", err);
    if (status == SCL_OK) status = query_number(&n_tables, store, "SELECT count(*) FROM sqlite_master", err);
    *fresh = status == SCL_OK && version == 0 && n_tables == 0;
    if (*fresh || status != SCL_OK) return status;
    status = check_length(store, err);
    return status == SCL_OK ? check_schema(store, version, err) : status;
}

static void close_file(scl_store *store)
{
    sqlite3_finalize(store->insert);
    sqlite3_finalize(store->fetch);
    sqlite3_close(store->db); /* an open transaction is rolled back */
    scl_store_names_free(&store->cells);
    scl_store_names_free(&store->estimators);
    store->insert = store->fetch = NULL;
    store->db = NULL;
    store->parts_damaged = false;
    store->n_marks = 0;
    store->marks_sum = 0;
}

static scl_status create_in(scl_store *store, scl_error *err)
{
    char version[16];
    snprintf(version, sizeof version, "%d", SCL_RESULTS_VERSION);
    scl_status status = scl_store_names_new(store, err);
    return status == SCL_OK ? scl_store_create(store, scl_blas_kernel(), version, err) : status;
}

static scl_status open_database(scl_store *store, scl_store_mode mode, bool accept_kernel, scl_error *err)
{
    bool fresh = false;
    scl_store_damage damage = {0};
    scl_status status = open_file(&fresh, store, mode, err);
    if (status != SCL_OK) return status;
    if (fresh && mode == SCL_STORE_WRITE) return create_in(store, err);
    if (fresh)
        return scl_error_set(err, SCL_ERR_INPUT, "%s: holds no trials yet; `spikedcl run %s%s` makes them", store->path,
                             store->plan->config->words, store->option);
    status = read_all(&damage, store, accept_kernel, err);
    if (status != SCL_OK || !is_damaged(&damage)) goto done;
    if (mode != SCL_STORE_WRITE) {
        status = refuse_damage(store, &damage, err);
        goto done;
    }
    if (store->warning) { /* the copy is damaged too: the disk is not to be trusted */
        status = scl_store_unusable(store, "again, after it was copied", err);
        goto done;
    }
    status = repair(store, &damage, err);
    close_file(store);
    if (status == SCL_OK) status = open_database(store, mode, accept_kernel, err);
done:
    scl_text_free(&damage.rows);
    return status;
}

/* A shard is run by a command of its own; its folder says which. */
static void name_option(scl_store *store, const char *folder)
{
    scl_shard shard;
    const char *slash = strrchr(folder, '/');
    if (scl_shard_named(&shard, slash ? slash + 1 : folder))
        snprintf(store->option, sizeof store->option, " --shard %zu/%zu", shard.index, shard.count);
}

scl_status scl_store_open(scl_store **out, const char *folder, const scl_plan *plan, scl_store_mode mode,
                          bool accept_kernel, scl_error *err)
{
    *out = NULL;
    scl_store *store = scl_alloc(1, sizeof *store, err);
    if (!store) return SCL_ERR_MEMORY;
    scl_text path = {0};
    *store = (scl_store){.plan = plan, .lock = -1, .sorted = true};
    name_option(store, folder);
    scl_status status = scl_text_add(&path, err, "%s/" SCL_STORE_FILE, folder);
    store->path = path.data;
    if (status == SCL_OK && mode != SCL_STORE_WRITE) status = check_there(store, err);
    if (status == SCL_OK && mode != SCL_STORE_READ) status = scl_store_lock(&store->lock, folder, err);
    if (status == SCL_OK) status = open_database(store, mode, accept_kernel, err);
    if (status != SCL_OK)
        scl_store_close(store);
    else
        *out = store;
    return status;
}

const char *scl_store_warning(const scl_store *store)
{
    return store->warning;
}

void scl_store_close(scl_store *store)
{
    if (!store) return;
    close_file(store);
    if (store->lock >= 0) close(store->lock);
    scl_free(store->entries);
    scl_free(store->marks);
    scl_free(store->warning);
    scl_free(store->path);
    scl_free(store);
}
