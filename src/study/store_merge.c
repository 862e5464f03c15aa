/* The rows of one store into another of the same plan. A row's checksum is over texts, not numbers, so it comes along unchanged
 * and is verified again by whoever reads it. Everything lies in one transaction of the receiving store: a merge that is killed
 * or refused leaves it as it was. */
#include "study/store_parts.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct merge {
    scl_store *to, *from;
    sqlite3_stmt *find, *note, *fetch; /* where a key's row is in `to`; notes a new one; the row itself */
    scl_merge_counts *counts;
} merge;

/* ---- of one make ------------------------------------------------------------------------------------------------- */

static scl_status refuse_make(const merge *m, const char *what, const char *there, const char *here, scl_error *err)
{
    return scl_error_set(err, SCL_ERR_PLAN,
                         "%s: its rows were made with %s %s, %s %s; the numbers may differ in their last digits. "
                         "Nothing was merged; --accept-kernel mixes them",
                         m->from->path, what, here, m->to->n_rows > 0 ? "those merged with them with" : "this is",
                         there);
}

/* `to` takes over the make of the first rows it gets; the machine that merges has no part in the numbers. */
static scl_status check_make(const merge *m, const char *key, const char *what, const char *program, bool accept,
                             scl_error *err)
{
    char *there = NULL, *here = NULL;
    scl_status status = scl_store_meta_get(&here, m->from, key, err);
    if (status == SCL_OK) status = scl_store_meta_get(&there, m->to, key, err);
    if (status == SCL_OK && program && !accept && strcmp(here, program) != 0)
        status = scl_error_set(err, SCL_ERR_PLAN,
                               "%s: its rows were made with %s %s, this is %s; the numbers may differ. Nothing was "
                               "merged; --accept-kernel takes them all the same",
                               m->from->path, what, here, program);
    if (status == SCL_OK && m->to->n_rows == 0)
        status = scl_store_meta_set(m->to, key, here, err);
    else if (status == SCL_OK && !accept && strcmp(here, there) != 0)
        status = refuse_make(m, what, there, here, err);
    scl_free(there);
    scl_free(here);
    return status;
}

/* ---- rows -------------------------------------------------------------------------------------------------------- */

/* Bit for bit: -0 and 0 differ, NaN and NaN do not. */
static bool same_bytes(const scl_stored_row *a, const scl_stored_row *b)
{
    return a->status == b->status && a->message_bytes == b->message_bytes && a->value_bytes == b->value_bytes &&
           (a->message_bytes == 0 || memcmp(a->message, b->message, a->message_bytes) == 0) &&
           (a->value_bytes == 0 || memcmp(a->values, b->values, a->value_bytes) == 0);
}

/* "; sin-theta-f is 0.1 there, 0.2 here" for the first value that differs. */
static scl_status describe_values(scl_text *text, const scl_config *config, const scl_stored_row *there,
                                  const scl_stored_row *here, scl_error *err)
{
    static const char *const names[] = {"ok", "rank-deficient", "unconverged", "failed"};
    if (there->status != here->status)
        return scl_text_add(text, err, "; its status is %s there, %s here", names[there->status], names[here->status]);
    for (size_t i = 0; i < config->n_metrics; i++) {
        double old, new;
        char old_text[SCL_NUMBER_CHARS], new_text[SCL_NUMBER_CHARS];
        memcpy(&old, (const char *)there->values + i * sizeof old, sizeof old);
        memcpy(&new, (const char *)here->values + i * sizeof new, sizeof new);
        if (memcmp(&old, &new, sizeof old) == 0) continue;
        return scl_text_add(text, err, "; %s is %s there, %s here", config->metrics[i]->name,
                            scl_number_digits(old_text, old, 17), scl_number_digits(new_text, new, 17));
    }
    return SCL_OK;
}

static scl_status refuse_row(const merge *m, size_t cell, size_t estimator, const scl_stored_row *there,
                             const scl_stored_row *here, scl_error *err)
{
    const scl_config *config = m->to->plan->config;
    scl_text values = {0};
    scl_status status = describe_values(&values, config, there, here, err);
    if (status == SCL_OK)
        status = scl_error_set(
            err, SCL_ERR_PLAN,
            "%s disagrees with the rows that were there or came before it: cell %zu, replicate %" PRId64
            ", %s, %s%s. Nothing was merged; `spikedcl replay %s --cell %zu --replicate %" PRId64 "` runs it again",
            m->from->path, cell, (int64_t)here->replicate, config->estimators[estimator].id,
            here->kind == SCL_ROW_SAMPLE ? "sample" : "population", scl_text_get(&values), config->words, cell,
            (int64_t)here->replicate);
    scl_text_free(&values);
    return status;
}

static scl_status compare(merge *m, size_t cell, size_t estimator, sqlite3_int64 rowid, const scl_stored_row *here,
                          scl_error *err)
{
    sqlite3_bind_int64(m->fetch, 1, rowid);
    scl_status status = SCL_OK;
    if (sqlite3_step(m->fetch) == SQLITE_ROW) {
        scl_stored_row there = scl_store_row_of(m->fetch);
        if (!same_bytes(&there, here)) status = refuse_row(m, cell, estimator, &there, here, err);
    } else {
        status = scl_store_sql_error(m->to, "comparing rows", err);
    }
    sqlite3_reset(m->fetch);
    m->counts->there++;
    return status;
}

static void bind_key(sqlite3_stmt *statement, const scl_stored_row *row)
{
    const sqlite3_int64 key[] = {row->cell, row->replicate, row->estimator, row->kind};
    for (int i = 0; i < 4; i++) sqlite3_bind_int64(statement, i + 1, key[i]);
}

static scl_status add(merge *m, size_t cell, scl_stored_row *row, scl_error *err)
{
    scl_status status = scl_store_insert(m->to, row, err);
    if (status != SCL_OK) return status;
    row->rowid = sqlite3_last_insert_rowid(m->to->db);
    bind_key(m->note, row);
    sqlite3_bind_int64(m->note, 5, row->rowid);
    if (sqlite3_step(m->note) != SQLITE_DONE) status = scl_store_sql_error(m->to, "merging a row", err);
    sqlite3_reset(m->note);
    m->counts->added++;
    return status == SCL_OK ? scl_store_enter(m->to, cell, row, err) : status;
}

static scl_status merge_row(void *context, const scl_stored_row *row, scl_error *err)
{
    merge *m = context;
    size_t cell = m->from->cells.places[row->cell], estimator = m->from->estimators.places[row->estimator];
    if (cell == SCL_NOT_PLANNED || estimator == SCL_NOT_PLANNED) /* since it was opened */
        return scl_error_set(err, SCL_ERR_PLAN, "%s: holds another plan now; nothing was merged", m->from->path);
    scl_status status = scl_store_name_cell(m->to, cell, err);
    if (status == SCL_OK) status = scl_store_name_estimator(m->to, estimator, err);
    if (status != SCL_OK) return status;
    scl_stored_row here = *row;
    here.cell = (sqlite3_int64)m->to->cells.numbers[cell];
    here.estimator = (sqlite3_int64)m->to->estimators.numbers[estimator];
    bind_key(m->find, &here);
    int step = sqlite3_step(m->find);
    sqlite3_int64 rowid = step == SQLITE_ROW ? sqlite3_column_int64(m->find, 0) : 0;
    sqlite3_reset(m->find);
    if (step == SQLITE_ROW) return compare(m, cell, estimator, rowid, &here, err);
    if (step == SQLITE_DONE) return add(m, cell, &here, err);
    return scl_store_sql_error(m->to, "merging a row", err);
}

/* The keys of the rows that are there, in a table in memory: the directory has those of the plan alone. */
static scl_status list_keys(scl_store *to, scl_error *err)
{
    if (to->keys_listed) return SCL_OK;
    to->keys_listed = true;
    return scl_store_execute(to,
                             "CREATE TEMP TABLE keys (cell, replicate, estimator, kind, row, PRIMARY KEY (cell, "
                             "replicate, estimator, kind)) WITHOUT ROWID;"
                             "INSERT INTO temp.keys SELECT cell, replicate, estimator, kind, rowid FROM main.rows "
                             "ORDER BY cell, replicate, estimator, kind",
                             "listing its rows", err);
}

static scl_status prepare(merge *m, scl_error *err)
{
    scl_status status = scl_store_prepare(
        &m->find, m->to, "SELECT row FROM temp.keys WHERE cell = ? AND replicate = ? AND estimator = ? AND kind = ?",
        err);
    if (status == SCL_OK)
        status = scl_store_prepare(&m->note, m->to, "INSERT INTO temp.keys VALUES (?, ?, ?, ?, ?)", err);
    if (status == SCL_OK)
        status =
            scl_store_prepare(&m->fetch, m->to, "SELECT rowid, " SCL_STORE_COLUMNS " FROM rows WHERE rowid = ?", err);
    return status;
}

/* One state of `from`, which a run may be working on: names that came since it was opened, and all rows. */
static scl_status merge_rows(merge *m, scl_error *err)
{
    scl_store_damage damage = {0};
    scl_status status = scl_store_execute(m->from, "BEGIN", "reading it", err);
    if (status == SCL_OK) status = scl_store_names_read(m->from, err);
    if (status == SCL_OK) status = scl_store_each(&damage, m->from, merge_row, m, err);
    if (status == SCL_OK && (damage.n_rows > 0 || damage.unreadable))
        status = scl_store_unusable(m->from, "a row is not what it was when it was verified", err);
    sqlite3_exec(m->from->db, "ROLLBACK", NULL, NULL, NULL); /* nothing was written */
    scl_text_free(&damage.rows);
    return status;
}

scl_status scl_store_merge(scl_merge_counts *counts, scl_store *to, scl_store *from, bool accept_kernel, scl_error *err)
{
    char version[16];
    merge m = {.to = to, .from = from, .counts = counts};
    *counts = (scl_merge_counts){0};
    snprintf(version, sizeof version, "%d", SCL_RESULTS_VERSION);
    scl_status status = scl_store_begin(to, err);
    if (status == SCL_OK && from->n_rows > 0) {
        status = check_make(&m, "results_version", "results version", version, accept_kernel, err);
        if (status == SCL_OK) status = check_make(&m, "blas_kernel", "the BLAS kernel", NULL, accept_kernel, err);
    }
    if (status == SCL_OK) status = list_keys(to, err);
    if (status == SCL_OK) status = prepare(&m, err);
    if (status == SCL_OK) status = merge_rows(&m, err);
    if (status == SCL_OK) status = scl_store_marks_merge(to, from, err);
    sqlite3_finalize(m.find);
    sqlite3_finalize(m.note);
    sqlite3_finalize(m.fetch);
    return status;
}
