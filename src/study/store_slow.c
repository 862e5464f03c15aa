/* Jobs that took longer than --job-limit: marks in a table of their own, so that no row, checksum or summary depends on how fast
 * a machine was.
 *
 * The table is made with the first mark; `slow` in meta is the number of marks and the sum of their checksums, as `tally` is for
 * rows. A checksum is CRC-32 over the shared settings, the cell's text, the replicate, the seconds and the limit, so a mark
 * keeps it under other numbers of cells. A job that ran in parts (an estimator was added) may have several marks. */
#include "study/store_parts.h"

#include "base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

static uint32_t mark_checksum(const scl_store *store, const scl_store_mark *mark)
{
    const int64_t replicate = mark->replicate;
    const double times[] = {mark->seconds, mark->limit_s};
    uLong sum = crc32(store->cells.checksums[mark->cell], (const Bytef *)&replicate, sizeof replicate);
    return (uint32_t)crc32(sum, (const Bytef *)times, sizeof times);
}

static scl_status remember(scl_store *store, const scl_store_mark *mark, scl_error *err)
{
    scl_status status = scl_grow((void **)&store->marks, &store->marks_capacity, store->n_marks + 1, sizeof *mark, err);
    if (status == SCL_OK) store->marks[store->n_marks++] = *mark;
    return status;
}

static scl_status has_table(bool *has, const scl_store *store, scl_error *err)
{
    sqlite3_stmt *query = NULL;
    scl_status status = scl_store_prepare(&query, store, "SELECT 1 FROM sqlite_master WHERE name = 'slow'", err);
    if (status != SCL_OK) return status;
    int step = sqlite3_step(query);
    *has = step == SQLITE_ROW;
    if (step != SQLITE_ROW && step != SQLITE_DONE) status = scl_store_sql_error(store, "reading its tables", err);
    sqlite3_finalize(query);
    return status;
}

static scl_status read_marks(scl_store *store, scl_error *err)
{
    sqlite3_stmt *query = NULL;
    scl_status status =
        scl_store_prepare(&query, store, "SELECT cell, replicate, seconds, limit_s, checksum FROM slow", err);
    int step = SQLITE_DONE;
    while (status == SCL_OK && (step = sqlite3_step(query)) == SQLITE_ROW) {
        sqlite3_int64 cell = sqlite3_column_int64(query, 0), replicate = sqlite3_column_int64(query, 1);
        scl_store_mark mark = {.cell = (size_t)cell,
                               .replicate = (uint32_t)replicate,
                               .seconds = sqlite3_column_double(query, 2),
                               .limit_s = sqlite3_column_double(query, 3)};
        bool sound = cell >= 1 && mark.cell < store->cells.n && store->cells.texts[mark.cell] && replicate >= 0 &&
                     replicate <= UINT32_MAX && sqlite3_column_int64(query, 4) == mark_checksum(store, &mark);
        if (sound) status = remember(store, &mark, err);
        if (sound) store->marks_sum += mark_checksum(store, &mark);
        store->parts_damaged = store->parts_damaged || !sound;
    }
    if (status == SCL_OK && step != SQLITE_DONE) {
        if (!scl_store_is_damage(step)) status = scl_store_sql_error(store, "reading its marks", err);
        store->parts_damaged = true;
    }
    sqlite3_finalize(query);
    return status;
}

scl_status scl_store_marks_read(scl_store *store, scl_error *err)
{
    bool has = false, tallied = false;
    char *text = NULL;
    size_t n = 0;
    uint64_t sum = 0;
    scl_status status = has_table(&has, store, err);
    if (status == SCL_OK && has) status = read_marks(store, err);
    if (status == SCL_OK) status = scl_store_meta_has(&tallied, store, "slow", err);
    if (status == SCL_OK && tallied) status = scl_store_meta_get(&text, store, "slow", err);
    if (status == SCL_OK && text && sscanf(text, "%zu %" SCNu64, &n, &sum) != 2)
        status = scl_store_unusable(store, "its tally of slow jobs is none", err);
    store->parts_damaged = store->parts_damaged || n != store->n_marks || sum != store->marks_sum;
    scl_free(text);
    return status;
}

scl_status scl_store_marks_tally(const scl_store *store, scl_error *err)
{
    char text[64];
    if (store->n_marks == 0) return SCL_OK;
    snprintf(text, sizeof text, "%zu %" PRIu64, store->n_marks, store->marks_sum);
    return scl_store_meta_set(store, "slow", text, err);
}

scl_status scl_store_marks_insert(scl_store *store, const scl_store_mark *mark, uint32_t checksum, scl_error *err)
{
    sqlite3_stmt *insert = NULL;
    scl_status status =
        scl_store_execute(store,
                          "CREATE TABLE IF NOT EXISTS slow (cell INTEGER NOT NULL, replicate INTEGER "
                          "NOT NULL, seconds REAL NOT NULL, limit_s REAL NOT NULL, checksum INTEGER NOT "
                          "NULL, PRIMARY KEY (cell, replicate, seconds, limit_s)) WITHOUT ROWID",
                          "making the table of slow jobs", err);
    if (status == SCL_OK)
        status = scl_store_prepare(&insert, store, "INSERT OR IGNORE INTO slow VALUES (?, ?, ?, ?, ?)", err);
    if (status != SCL_OK) return status;
    sqlite3_bind_int64(insert, 1, (sqlite3_int64)mark->cell);
    sqlite3_bind_int64(insert, 2, mark->replicate);
    sqlite3_bind_double(insert, 3, mark->seconds);
    sqlite3_bind_double(insert, 4, mark->limit_s);
    sqlite3_bind_int64(insert, 5, checksum);
    int step = sqlite3_step(insert);
    bool added = step == SQLITE_DONE && sqlite3_changes(store->db) > 0;
    if (step != SQLITE_DONE) status = scl_store_sql_error(store, "marking a slow job", err);
    sqlite3_finalize(insert);
    if (added) status = remember(store, mark, err);
    if (added) store->marks_sum += checksum;
    return status;
}

scl_status scl_store_mark_slow(scl_store *store, const scl_slow_job *slow, size_t n, double limit_s, scl_error *err)
{
    scl_status status = n > 0 ? scl_store_begin(store, err) : SCL_OK;
    for (size_t i = 0; i < n && status == SCL_OK; i++) {
        scl_job job = scl_plan_job(store->plan, slow[i].job);
        status = scl_store_name_cell(store, job.cell, err);
        scl_store_mark mark = {store->cells.numbers[job.cell], job.replicate, slow[i].seconds, limit_s};
        if (status == SCL_OK) status = scl_store_marks_insert(store, &mark, mark_checksum(store, &mark), err);
    }
    return status;
}

scl_status scl_store_marks_merge(scl_store *to, const scl_store *from, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < from->n_marks && status == SCL_OK; i++) {
        scl_store_mark mark = from->marks[i];
        size_t cell = from->cells.places[mark.cell];
        uint32_t checksum = mark_checksum(from, &mark);
        status = scl_store_name_cell(to, cell, err);
        mark.cell = to->cells.numbers[cell];
        if (status == SCL_OK) status = scl_store_marks_insert(to, &mark, checksum, err);
    }
    return status;
}

scl_status scl_store_marks_copy(scl_store *to, const scl_store *from, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < from->n_marks && status == SCL_OK; i++)
        status = scl_store_marks_insert(to, &from->marks[i], mark_checksum(from, &from->marks[i]), err);
    return status == SCL_OK ? scl_store_marks_tally(to, err) : status;
}

/* ---- telling ----------------------------------------------------------------------------------------------------- */

static int by_job(const void *a, const void *b)
{
    const scl_store_mark *left = a, *right = b;
    if (left->cell != right->cell) return left->cell < right->cell ? -1 : 1;
    if (left->replicate != right->replicate) return left->replicate < right->replicate ? -1 : 1;
    return (left->seconds > right->seconds) - (left->seconds < right->seconds);
}

/* The marks of the plan's jobs, with places for numbers. */
static size_t planned_marks(scl_store_mark *marks, const scl_store *store)
{
    const scl_plan *plan = store->plan;
    size_t n = 0;
    for (size_t i = 0; i < store->n_marks; i++) {
        scl_store_mark mark = store->marks[i];
        mark.cell = store->cells.places[mark.cell];
        if (mark.cell == SCL_NOT_PLANNED) continue;
        if (mark.replicate < plan->first_job[mark.cell + 1] - plan->first_job[mark.cell]) marks[n++] = mark;
    }
    if (n > 0) qsort(marks, n, sizeof *marks, by_job);
    return n;
}

scl_status scl_store_slow_cells(scl_slow_cell **cells, size_t *n, const scl_store *store, scl_error *err)
{
    *n = 0;
    *cells = scl_alloc(store->n_marks, sizeof **cells, err);
    scl_store_mark *marks = *cells ? scl_alloc(store->n_marks, sizeof *marks, err) : NULL;
    if (!marks) {
        scl_free(*cells);
        *cells = NULL;
        return SCL_ERR_MEMORY;
    }
    size_t n_marks = planned_marks(marks, store);
    for (size_t i = 0; i < n_marks; i++) {
        const scl_store_mark *mark = &marks[i];
        bool new_cell = i == 0 || mark[-1].cell != mark->cell;
        if (new_cell)
            (*cells)[(*n)++] =
                (scl_slow_cell){.cell = mark->cell, .least_limit_s = mark->limit_s, .most_limit_s = mark->limit_s};
        scl_slow_cell *cell = &(*cells)[*n - 1];
        cell->jobs += new_cell || mark[-1].replicate != mark->replicate;
        if (mark->limit_s < cell->least_limit_s) cell->least_limit_s = mark->limit_s;
        if (mark->limit_s > cell->most_limit_s) cell->most_limit_s = mark->limit_s;
        if (mark->seconds <= cell->slowest_s) continue;
        cell->slowest_s = mark->seconds;
        cell->slowest = mark->replicate;
    }
    scl_free(marks);
    return SCL_OK;
}
