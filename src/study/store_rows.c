/* The rows of a store: checksums, appending, the scan of all, the directory of the plan's rows, reading a cell.
 *
 * A checksum is CRC-32 (zlib) over the shared settings, the cell's text, the estimator's text, then replicate, kind, status,
 * message and values as they lie in memory: key and bytes. It finds every change of up to 32 bits in a row and others but
 * for one in 4e9. Rows that vanish whole (a page that is no longer reached) are found by the tally: the number of rows
 * and the sum of their checksums, written with every commit.
 *
 * There is no index on disk: it would have to be verified too, and keeping one costs more than the trials. The scan that verifies
 * every row leaves a directory in memory, 24 bytes for each row of the plan; a cell is read through it by row number. */
#include "study/store_parts.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* ---- one row ----------------------------------------------------------------------------------------------------- */

static uint32_t row_checksum(const scl_store *store, const scl_stored_row *row)
{
    const char *estimator = store->estimators.texts[row->estimator];
    const int64_t numbers[] = {row->replicate, row->kind, row->status, (int64_t)row->message_bytes,
                               (int64_t)row->value_bytes};
    uLong sum = store->cells.checksums[row->cell];
    sum = crc32(sum, (const Bytef *)estimator, (uInt)strlen(estimator) + 1);
    sum = crc32(sum, (const Bytef *)numbers, sizeof numbers);
    if (row->message_bytes) sum = crc32(sum, (const Bytef *)row->message, (uInt)row->message_bytes);
    if (row->value_bytes) sum = crc32(sum, row->values, (uInt)row->value_bytes);
    return (uint32_t)sum;
}

static bool has_text(const scl_store_names *names, sqlite3_int64 number)
{
    return number >= 1 && (size_t)number < names->n && names->texts[number];
}

static bool is_sound(const scl_store *store, const scl_stored_row *row)
{
    return has_text(&store->cells, row->cell) && has_text(&store->estimators, row->estimator) &&
           row->checksum == row_checksum(store, row) &&
           row->value_bytes == store->plan->config->n_metrics * sizeof(double) && row->replicate >= 0 &&
           row->replicate <= UINT32_MAX && (row->kind == SCL_ROW_SAMPLE || row->kind == SCL_ROW_POPULATION) &&
           row->status >= SCL_ROW_OK && row->status <= SCL_ROW_FAILED;
}

scl_stored_row scl_store_row_of(sqlite3_stmt *query)
{
    scl_stored_row row = {.rowid = sqlite3_column_int64(query, 0),
                          .cell = sqlite3_column_int64(query, 1),
                          .replicate = sqlite3_column_int64(query, 2),
                          .estimator = sqlite3_column_int64(query, 3),
                          .kind = sqlite3_column_int64(query, 4),
                          .status = sqlite3_column_int64(query, 5),
                          .message = (const char *)sqlite3_column_text(query, 6),
                          .values = sqlite3_column_blob(query, 7),
                          .checksum = sqlite3_column_int64(query, 8)};
    row.message_bytes = (size_t)sqlite3_column_bytes(query, 6);
    row.value_bytes = (size_t)sqlite3_column_bytes(query, 7);
    return row;
}

/* "cell 3, replicate 17, pca": what a damaged row says it is of. */
static scl_status describe(scl_text *text, const scl_store *store, const scl_stored_row *row, scl_error *err)
{
    const scl_config *config = store->plan->config;
    size_t cell = has_text(&store->cells, row->cell) ? store->cells.places[row->cell] : SCL_NOT_PLANNED;
    size_t estimator =
        has_text(&store->estimators, row->estimator) ? store->estimators.places[row->estimator] : SCL_NOT_PLANNED;
    const char *separator = text->length ? "; " : "";
    if (cell == SCL_NOT_PLANNED || estimator == SCL_NOT_PLANNED)
        return scl_text_add(text, err, "%srow %" PRId64 " of the file, of no cell that can be told", separator,
                            (int64_t)row->rowid);
    return scl_text_add(text, err, "%scell %zu, replicate %" PRId64 ", %s", separator, cell, (int64_t)row->replicate,
                        config->estimators[estimator].id);
}

/* ---- all rows ---------------------------------------------------------------------------------------------------- */

enum { MOST_DESCRIBED = 3 };

typedef struct scan {
    scl_store *store;
    scl_store_damage *damage;
    scl_stored_visit visit;
    void *context;
    sqlite3_int64 low, high; /* row numbers that were visited are outside (low, high) */
} scan;

static scl_status scan_row(scan *s, sqlite3_stmt *query, scl_error *err)
{
    scl_stored_row row = scl_store_row_of(query);
    if (is_sound(s->store, &row)) return s->visit(s->context, &row, err);
    if (sqlite3_errcode(s->store->db) == SQLITE_NOMEM) return scl_store_sql_error(s->store, "reading its rows", err);
    if (s->damage->n_rows++ < MOST_DESCRIBED) return describe(&s->damage->rows, s->store, &row, err);
    return SCL_OK;
}

/* From one end to the other, or to where the file cannot be read. */
static scl_status scan_from(scan *s, bool upwards, scl_error *err)
{
    sqlite3_stmt *query = NULL;
    scl_status status = scl_store_prepare(&query, s->store,
                                          upwards ? "SELECT rowid, " SCL_STORE_COLUMNS " FROM rows ORDER BY rowid"
                                                  : "SELECT rowid, " SCL_STORE_COLUMNS " FROM rows ORDER BY rowid DESC",
                                          err);
    int step = SQLITE_DONE;
    while (status == SCL_OK && (step = sqlite3_step(query)) == SQLITE_ROW) {
        sqlite3_int64 rowid = sqlite3_column_int64(query, 0);
        if (!upwards && rowid <= s->low) break;
        status = scan_row(s, query, err);
        if (upwards) s->low = rowid;
    }
    if (status == SCL_OK && step != SQLITE_DONE && step != SQLITE_ROW) {
        s->damage->unreadable = scl_store_is_damage(step);
        if (!s->damage->unreadable) status = scl_store_sql_error(s->store, "reading its rows", err);
    }
    sqlite3_finalize(query);
    return status;
}

scl_status scl_store_each(scl_store_damage *damage, scl_store *store, scl_stored_visit visit, void *context,
                          scl_error *err)
{
    scan s = {.store = store, .damage = damage, .visit = visit, .context = context, .low = INT64_MIN};
    scl_status status = scan_from(&s, true, err);
    if (status == SCL_OK && damage->unreadable)
        status = scan_from(&s, false, err); /* and what lies behind the damage */
    return status;
}

/* ---- the directory ----------------------------------------------------------------------------------------------- */

static int by_key(const void *a, const void *b)
{
    const scl_store_entry *left = a, *right = b;
    if (left->cell != right->cell) return left->cell < right->cell ? -1 : 1;
    if (left->replicate != right->replicate) return left->replicate < right->replicate ? -1 : 1;
    if (left->estimator != right->estimator) return left->estimator < right->estimator ? -1 : 1;
    return (left->kind > right->kind) - (left->kind < right->kind);
}

scl_status scl_store_enter(scl_store *store, size_t cell, const scl_stored_row *row, scl_error *err)
{
    const scl_plan *plan = store->plan;
    if (store->n_replicates <= (size_t)row->replicate) store->n_replicates = (size_t)row->replicate + 1;
    if ((size_t)row->replicate >= scl_plan_most_replicates(plan, cell)) return SCL_OK; /* of a larger plan */
    for (size_t e = 0; e < plan->config->n_estimators; e++) { /* two ids of one estimator share its rows */
        if (store->estimators.numbers[e] != (size_t)row->estimator) continue;
        scl_status status = scl_grow((void **)&store->entries, &store->entries_capacity, store->n_entries + 1,
                                     sizeof *store->entries, err);
        if (status != SCL_OK) return status;
        scl_store_entry *entry = &store->entries[store->n_entries++];
        *entry = (scl_store_entry){.cell = (uint32_t)cell,
                                   .replicate = (uint32_t)row->replicate,
                                   .estimator = (uint32_t)e,
                                   .kind = (uint16_t)row->kind,
                                   .status = (uint16_t)row->status,
                                   .rowid = row->rowid};
        store->sorted = store->sorted && (store->n_entries < 2 || by_key(entry - 1, entry) < 0);
    }
    return SCL_OK;
}

static void sort_entries(scl_store *store)
{
    if (!store->sorted) qsort(store->entries, store->n_entries, sizeof *store->entries, by_key);
    store->sorted = true;
}

static void count_row(scl_store *store, uint32_t checksum)
{
    store->n_rows++;
    store->sum += checksum;
}

static scl_status enter_sound(void *context, const scl_stored_row *row, scl_error *err)
{
    scl_store *store = context;
    count_row(store, (uint32_t)row->checksum);
    size_t cell = store->cells.places[row->cell]; /* the plan has it, or opening was refused */
    return cell == SCL_NOT_PLANNED ? SCL_OK : scl_store_enter(store, cell, row, err);
}

static scl_status read_tally(uint64_t *n_rows, uint64_t *sum, const scl_store *store, scl_error *err)
{
    char *text = NULL;
    scl_status status = scl_store_meta_get(&text, store, "tally", err);
    if (status == SCL_OK && sscanf(text, "%" SCNu64 " %" SCNu64, n_rows, sum) != 2)
        status = scl_store_unusable(store, "its tally of rows is none", err);
    scl_free(text);
    return status;
}

scl_status scl_store_scan(scl_store_damage *damage, scl_store *store, scl_error *err)
{
    uint64_t n_rows = 0, sum = 0;
    store->sorted = true;
    store->n_entries = store->n_replicates = 0;
    store->n_rows = store->sum = 0;
    scl_status status = read_tally(&n_rows, &sum, store, err);
    if (status == SCL_OK) status = scl_store_each(damage, store, enter_sound, store, err);
    if (status != SCL_OK) return status;
    sort_entries(store);
    damage->missing = (long long)(n_rows - store->n_rows - damage->n_rows);
    damage->unreadable = damage->unreadable || store->parts_damaged ||
                         (damage->n_rows == 0 && damage->missing == 0 && sum != store->sum);
    return SCL_OK;
}

/* True for a row of one of the plan's jobs; under `precision` the directory has rows of jobs that it may come to have. */
static bool is_planned(const scl_store *store, const scl_store_entry *entry)
{
    return entry->replicate < scl_plan_replicates(store->plan, entry->cell);
}

void scl_store_present(scl_present *present, size_t *failed, const scl_store *store)
{
    *failed = 0;
    for (size_t i = 0; i < store->n_entries; i++) {
        const scl_store_entry *entry = &store->entries[i];
        if (!is_planned(store, entry)) continue;
        size_t job = store->plan->first_job[entry->cell] + entry->replicate;
        scl_present_mark(present, job, entry->estimator, (scl_row_kind)entry->kind);
        *failed += entry->status == SCL_ROW_FAILED;
    }
}

size_t scl_store_replicates(const scl_store *store)
{
    return store->n_replicates;
}

size_t scl_store_rows(const scl_store *store)
{
    return (size_t)store->n_rows;
}

bool scl_store_exceeds(const scl_store *store)
{
    const scl_config *config = store->plan->config;
    if (!config->precision.wanted) return store->n_replicates > config->replicates;
    bool exceeds = store->n_replicates > config->precision.max_replicates;
    for (size_t i = 0; i < store->n_entries && !exceeds; i++) exceeds = !is_planned(store, &store->entries[i]);
    return exceeds;
}

/* ---- appending --------------------------------------------------------------------------------------------------- */

scl_status scl_store_insert(scl_store *store, const scl_stored_row *row, scl_error *err)
{
    if (!store->insert) {
        scl_status status = scl_store_prepare(
            &store->insert, store, "INSERT INTO rows (" SCL_STORE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)", err);
        if (status != SCL_OK) return status;
    }
    sqlite3_stmt *insert = store->insert;
    sqlite3_bind_int64(insert, 1, row->cell);
    sqlite3_bind_int64(insert, 2, row->replicate);
    sqlite3_bind_int64(insert, 3, row->estimator);
    sqlite3_bind_int64(insert, 4, row->kind);
    sqlite3_bind_int64(insert, 5, row->status);
    if (row->message_bytes)
        sqlite3_bind_text(insert, 6, row->message, (int)row->message_bytes, SQLITE_STATIC);
    else
        sqlite3_bind_null(insert, 6);
    sqlite3_bind_blob(insert, 7, row->values, (int)row->value_bytes, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 8, row->checksum);
    int step = sqlite3_step(insert);
    sqlite3_reset(insert);
    if (step != SQLITE_DONE) return scl_store_sql_error(store, "appending a row", err);
    count_row(store, (uint32_t)row->checksum);
    return SCL_OK;
}

scl_status scl_store_name_cell(scl_store *store, size_t cell, scl_error *err)
{
    if (store->cells.numbers[cell]) return SCL_OK;
    return scl_store_names_add(store, &store->cells, store->plan->cells[cell].data_text, cell, err);
}

/* Every id of one estimator has its number. */
scl_status scl_store_name_estimator(scl_store *store, size_t estimator, scl_error *err)
{
    const scl_plan *plan = store->plan;
    if (store->estimators.numbers[estimator]) return SCL_OK;
    const char *text = plan->estimator_texts[estimator];
    size_t first = 0;
    while (strcmp(plan->estimator_texts[first], text) != 0) first++;
    scl_status status = scl_store_names_add(store, &store->estimators, text, first, err);
    for (size_t e = first; e < plan->config->n_estimators && status == SCL_OK; e++)
        if (strcmp(plan->estimator_texts[e], text) == 0)
            store->estimators.numbers[e] = store->estimators.numbers[first];
    return status;
}

static scl_status append_row(scl_store *store, const scl_row *row, scl_error *err)
{
    scl_job job = scl_plan_job(store->plan, row->job);
    scl_status status = scl_store_name_cell(store, job.cell, err);
    if (status == SCL_OK) status = scl_store_name_estimator(store, row->estimator, err);
    if (status != SCL_OK) return status;
    size_t number = store->estimators.numbers[row->estimator];
    if (store->estimators.places[number] != row->estimator) return SCL_OK; /* another id of the same estimator */
    scl_stored_row stored = {.cell = (sqlite3_int64)store->cells.numbers[job.cell],
                             .estimator = (sqlite3_int64)number,
                             .replicate = job.replicate,
                             .kind = row->kind,
                             .status = row->status,
                             .message = row->message,
                             .values = row->values,
                             .message_bytes = strlen(row->message),
                             .value_bytes = store->plan->config->n_metrics * sizeof(double)};
    stored.checksum = row_checksum(store, &stored);
    status = scl_store_insert(store, &stored, err);
    stored.rowid = sqlite3_last_insert_rowid(store->db);
    return status == SCL_OK ? scl_store_enter(store, job.cell, &stored, err) : status;
}

scl_status scl_store_begin(scl_store *store, scl_error *err)
{
    if (store->in_transaction) return SCL_OK;
    scl_status status = scl_store_execute(store, "BEGIN IMMEDIATE", "beginning a transaction", err);
    store->in_transaction = status == SCL_OK;
    return status;
}

scl_status scl_store_append(scl_store *store, const scl_row *rows, size_t n_rows, scl_error *err)
{
    scl_status status = n_rows > 0 ? scl_store_begin(store, err) : SCL_OK;
    for (size_t i = 0; i < n_rows && status == SCL_OK; i++) status = append_row(store, &rows[i], err);
    return status;
}

scl_status scl_store_tally(const scl_store *store, scl_error *err)
{
    char text[64];
    snprintf(text, sizeof text, "%" PRIu64 " %" PRIu64, store->n_rows, store->sum);
    return scl_store_meta_set(store, "tally", text, err);
}

scl_status scl_store_commit(scl_store *store, scl_error *err)
{
    if (!store->in_transaction) return SCL_OK;
    scl_status status = scl_store_tally(store, err);
    if (status == SCL_OK) status = scl_store_marks_tally(store, err);
    if (status == SCL_OK) status = scl_store_execute(store, "COMMIT", "committing rows", err);
    if (status == SCL_OK) store->in_transaction = false;
    return status;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

/* The row of an entry, verified anew: the file may have changed since the scan. */
static scl_status fetch(scl_row *row, scl_store *store, const scl_store_entry *entry, scl_error *err)
{
    if (!store->fetch) {
        scl_status status = scl_store_prepare(&store->fetch, store,
                                              "SELECT rowid, " SCL_STORE_COLUMNS " FROM rows WHERE rowid = ?", err);
        if (status != SCL_OK) return status;
    }
    sqlite3_bind_int64(store->fetch, 1, entry->rowid);
    int step = sqlite3_step(store->fetch);
    scl_status status = SCL_OK;
    if (step == SQLITE_ROW) {
        scl_stored_row stored = scl_store_row_of(store->fetch);
        bool right = is_sound(store, &stored) && stored.replicate == entry->replicate && stored.kind == entry->kind &&
                     (size_t)stored.cell == store->cells.numbers[entry->cell] &&
                     (size_t)stored.estimator == store->estimators.numbers[entry->estimator];
        if (right) {
            *row = (scl_row){.job = store->plan->first_job[entry->cell] + entry->replicate,
                             .estimator = entry->estimator,
                             .kind = (scl_row_kind)stored.kind,
                             .status = (scl_row_status)stored.status};
            memcpy(row->values, stored.values, stored.value_bytes);
            snprintf(row->message, sizeof row->message, "%.159s", stored.message ? stored.message : "");
        } else {
            status = scl_store_unusable(store, "a row is not what it was when it was verified", err);
        }
    } else if (step == SQLITE_DONE) {
        status = scl_store_unusable(store, "a row is not found by its number", err);
    } else {
        status = scl_store_sql_error(store, "reading its rows", err);
    }
    sqlite3_reset(store->fetch);
    return status;
}

scl_status scl_store_read_cell(scl_store *store, size_t cell, scl_store_visit visit, void *context, scl_error *err)
{
    sort_entries(store);
    size_t low = 0, high = store->n_entries;
    while (low < high) { /* the cell's first entry */
        size_t middle = (low + high) / 2;
        if (store->entries[middle].cell < cell)
            low = middle + 1;
        else
            high = middle;
    }
    /* One transaction: taking and giving back the file's lock for each row would cost ten times the reading. */
    scl_status status = SCL_OK;
    bool own = !store->in_transaction;
    if (own) status = scl_store_execute(store, "BEGIN", "reading its rows", err);
    for (; status == SCL_OK && low < store->n_entries && store->entries[low].cell == cell; low++) {
        scl_row row;
        if (!is_planned(store, &store->entries[low])) break; /* so are those that follow */
        status = fetch(&row, store, &store->entries[low], err);
        if (status == SCL_OK) status = visit(context, &row, store->entries[low].replicate);
    }
    return own ? scl_store_end_reading(store, status, err) : status;
}

scl_status scl_store_failures(scl_failures *failures, scl_store *store, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t e = 0; e < store->plan->config->n_estimators; e++) failures[e] = (scl_failures){0};
    sort_entries(store);
    for (size_t i = 0; i < store->n_entries && status == SCL_OK; i++) {
        const scl_store_entry *entry = &store->entries[i];
        if (!is_planned(store, entry)) continue;
        scl_failures *of = &failures[entry->estimator];
        of->unconverged += entry->status == SCL_ROW_UNCONVERGED;
        if (entry->status != SCL_ROW_FAILED || of->failed++ > 0) continue;
        scl_row row;
        status = fetch(&row, store, entry, err);
        if (status != SCL_OK) break;
        of->first = (scl_job){.cell = entry->cell, .replicate = entry->replicate};
        memcpy(of->message, row.message[0] ? row.message : "no reason given", row.message[0] ? sizeof row.message : 16);
    }
    return status;
}
