/* The texts of cells and estimators in a store: a table of each, (number, text, checksum). A row names its cell and estimator by
 * number; its checksum is over the texts. */
#include "study/store_parts.h"

#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { MOST_NUMBERS = 1 << 20 }; /* above any plan: what is above is damage */

void scl_store_names_free(scl_store_names *names)
{
    for (size_t i = 0; i < names->n; i++) scl_free(names->texts[i]);
    scl_free(names->texts);
    scl_free(names->checksums);
    scl_free(names->places);
    scl_free(names->numbers);
    *names = (scl_store_names){.table = names->table};
}

scl_status scl_store_names_new(scl_store *store, scl_error *err)
{
    const scl_plan *plan = store->plan;
    store->cells = (scl_store_names){.table = "cells"};
    store->estimators = (scl_store_names){.table = "estimators"};
    store->cells.numbers = scl_alloc(plan->n_cells, sizeof(size_t), err);
    store->estimators.numbers = scl_alloc(plan->config->n_estimators, sizeof(size_t), err);
    store->shared_checksum = (uint32_t)crc32(0, (const Bytef *)plan->shared, (uInt)strlen(plan->shared) + 1);
    return store->cells.numbers && store->estimators.numbers ? SCL_OK : SCL_ERR_MEMORY;
}

/* Of the number and the text: neither a damaged text nor one under another's number is taken for it. */
static uint32_t entry_checksum(const char *table, size_t number, const char *text)
{
    uint64_t bytes = number;
    uLong checksum = crc32(0, (const Bytef *)table, (uInt)strlen(table) + 1);
    checksum = crc32(checksum, (const Bytef *)&bytes, sizeof bytes);
    return (uint32_t)crc32(checksum, (const Bytef *)text, (uInt)strlen(text) + 1);
}

static scl_status place(scl_store *store, scl_store_names *names, size_t number, const char *text, size_t at,
                        scl_error *err)
{
    size_t need = number + 1;
    scl_status status = scl_grow((void **)&names->texts, &names->texts_capacity, need, sizeof *names->texts, err);
    if (status == SCL_OK)
        status = scl_grow((void **)&names->checksums, &names->checksums_capacity, need, sizeof *names->checksums, err);
    if (status == SCL_OK)
        status = scl_grow((void **)&names->places, &names->places_capacity, need, sizeof *names->places, err);
    if (status != SCL_OK) return status;
    if (need > names->n) names->n = need;
    if (names->texts[number]) return SCL_OK; /* its checksum is right: the same text, met twice in a damaged file */
    names->texts[number] = scl_strdup(text, err);
    if (!names->texts[number]) return SCL_ERR_MEMORY;
    names->checksums[number] = (uint32_t)crc32(store->shared_checksum, (const Bytef *)text, (uInt)strlen(text) + 1);
    names->places[number] = at;
    return SCL_OK;
}

/* ---- the plan's texts, sorted ------------------------------------------------------------------------------------ */

typedef struct planned {
    const char *text;
    size_t place;
} planned;

static int by_text(const void *a, const void *b)
{
    const planned *left = a, *right = b;
    int order = strcmp(left->text, right->text);
    return order ? order : (left->place > right->place) - (left->place < right->place);
}

static size_t list_planned(planned *list, const scl_store *store, const scl_store_names *names)
{
    const scl_plan *plan = store->plan;
    bool cells = names == &store->cells;
    size_t n = cells ? plan->n_cells : plan->config->n_estimators;
    for (size_t i = 0; i < n; i++) list[i] = (planned){cells ? plan->cells[i].data_text : plan->estimator_texts[i], i};
    qsort(list, n, sizeof *list, by_text);
    return n;
}

/* Gives the text's number to every place of the plan that has it; returns the first, SCL_NOT_PLANNED without one. */
static size_t find_places(scl_store_names *names, const planned *list, size_t n, const char *text, size_t number)
{
    size_t low = 0, high = n;
    while (low < high) { /* the first that is not before the text */
        size_t middle = (low + high) / 2;
        if (strcmp(list[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t first = SCL_NOT_PLANNED;
    for (; low < n && strcmp(list[low].text, text) == 0; low++) {
        if (first == SCL_NOT_PLANNED) first = list[low].place;
        names->numbers[list[low].place] = number;
    }
    return first;
}

/* ---- the file's -------------------------------------------------------------------------------------------------- */

static scl_status read_table(scl_store *store, scl_store_names *names, const planned *list, size_t n, scl_error *err)
{
    char sql[64];
    sqlite3_stmt *query = NULL;
    sqlite3_snprintf(sizeof sql, sql, "SELECT number, text, checksum FROM %s", names->table);
    scl_status status = scl_store_prepare(&query, store, sql, err);
    int step = SQLITE_DONE;
    while (status == SCL_OK && (step = sqlite3_step(query)) == SQLITE_ROW) {
        sqlite3_int64 number = sqlite3_column_int64(query, 0);
        const char *text = (const char *)sqlite3_column_text(query, 1);
        if (number < 1 || number > MOST_NUMBERS || !text ||
            sqlite3_column_int64(query, 2) != entry_checksum(names->table, (size_t)number, text)) {
            store->parts_damaged = true;
            continue;
        }
        status = place(store, names, (size_t)number, text, find_places(names, list, n, text, (size_t)number), err);
    }
    if (status == SCL_OK && step != SQLITE_DONE) {
        store->parts_damaged = scl_store_is_damage(step);
        if (!store->parts_damaged) status = scl_store_sql_error(store, "reading its cells", err);
    }
    sqlite3_finalize(query);
    return status;
}

scl_status scl_store_names_read(scl_store *store, scl_error *err)
{
    scl_store_names *both[] = {&store->cells, &store->estimators};
    scl_status status = SCL_OK;
    for (size_t i = 0; i < 2 && status == SCL_OK; i++) {
        size_t most = store->plan->n_cells + store->plan->config->n_estimators;
        planned *list = scl_alloc(most, sizeof *list, err);
        if (!list) return SCL_ERR_MEMORY;
        size_t n = list_planned(list, store, both[i]);
        status = read_table(store, both[i], list, n, err);
        scl_free(list);
    }
    return status;
}

scl_status scl_store_names_insert(const scl_store *store, const scl_store_names *names, size_t number, scl_error *err)
{
    char sql[64];
    sqlite3_stmt *insert = NULL;
    sqlite3_snprintf(sizeof sql, sql, "INSERT INTO %s VALUES (?, ?, ?)", names->table);
    scl_status status = scl_store_prepare(&insert, store, sql, err);
    if (status != SCL_OK) return status;
    const char *text = names->texts[number];
    sqlite3_bind_int64(insert, 1, (sqlite3_int64)number);
    sqlite3_bind_text(insert, 2, text, -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 3, entry_checksum(names->table, number, text));
    if (sqlite3_step(insert) != SQLITE_DONE) status = scl_store_sql_error(store, "writing a cell's name", err);
    sqlite3_finalize(insert);
    return status;
}

scl_status scl_store_names_add(scl_store *store, scl_store_names *names, const char *text, size_t at, scl_error *err)
{
    size_t number = names->n > 0 ? names->n : 1;
    scl_status status = place(store, names, number, text, at, err);
    if (status == SCL_OK) status = scl_store_names_insert(store, names, number, err);
    if (status == SCL_OK) names->numbers[at] = number;
    return status;
}
