/* The parts of the store (inside study only).
 *
 *   store.c           opening: lock, database, what it says of itself, another plan
 *   store_database.c  statements, their errors, and meta, the table of what the store says of itself
 *   store_names.c     the texts of cells and estimators, under numbers
 *   store_rows.c      rows: checksums, appending, the scan of all, the directory, reading a cell
 *   store_slow.c      marks of jobs that took longer than their limit
 *   store_merge.c     rows of another store of the same plan
 *   store_repair.c    a damaged file replaced by what is sound in it
 *
 * Numbers are places in the file's tables, from 1; places are indices into the plan. */
#ifndef SCL_STUDY_STORE_PARTS_H
#define SCL_STUDY_STORE_PARTS_H

#include "base/text.h"
#include "study/changes.h"
#include "study/shard.h"
#include "study/store.h"

#include <sqlite3.h>

/* Texts of one kind, cells or estimators. */
typedef struct scl_store_names {
    const char *table;
    char **texts;        /* texts[number], NULL where there is none; n of them */
    uint32_t *checksums; /* of the text, for a cell after the shared settings */
    size_t *places; /* in the plan, SCL_NOT_PLANNED when it has none; the first of several estimators of one text */
    size_t n, texts_capacity, checksums_capacity, places_capacity;
    size_t *numbers; /* numbers[place], 0: not in the file yet */
} scl_store_names;

/* A row of the plan that is in the file. */
typedef struct scl_store_entry {
    uint32_t cell, replicate, estimator; /* places */
    uint16_t kind, status;
    sqlite3_int64 rowid;
} scl_store_entry;

/* A mark of a slow job, as it lies in the file. */
typedef struct scl_store_mark {
    size_t cell; /* number */
    uint32_t replicate;
    double seconds, limit_s;
} scl_store_mark;

/* What a scan found wrong. */
typedef struct scl_store_damage {
    size_t n_rows;     /* whose checksum is wrong */
    long long missing; /* rows that were written and are not there; below 0: rows that are there twice */
    bool unreadable;   /* SQLite met the damage itself */
    scl_text rows;     /* the first damaged ones, for a message */
} scl_store_damage;

struct scl_store {
    const scl_plan *plan;
    sqlite3 *db;
    sqlite3_stmt *insert, *fetch;
    char *path;
    char *warning;
    int lock; /* descriptor of the run lock, -1 without */
    bool in_transaction;
    bool parts_damaged;           /* a text of a cell or estimator or a mark was left out */
    bool keys_listed;             /* for a merge, see store_merge.c */
    char option[SCL_SHARD_CHARS]; /* " --shard i/m" of a shard's store, for messages that name a command */
    uint32_t shared_checksum;
    scl_store_names cells, estimators;
    scl_store_entry *entries; /* sorted by cell, replicate, estimator, kind once `sorted` */
    size_t n_entries, entries_capacity;
    bool sorted;
    size_t
        n_replicates; /* of the plan's cells, those beyond the plan included: the largest number with a row, plus 1 */
    uint64_t n_rows, sum; /* of all rows in the file: how many, and their checksums */
    scl_store_mark *marks;
    size_t n_marks, marks_capacity;
    uint64_t marks_sum; /* of their checksums */
};

/* A row as it lies in the file. */
typedef struct scl_stored_row {
    sqlite3_int64 rowid;
    sqlite3_int64 cell, estimator; /* numbers */
    sqlite3_int64 replicate, kind, status;
    const char *message;
    const void *values;
    size_t message_bytes, value_bytes;
    sqlite3_int64 checksum;
} scl_stored_row;

/* ---- the database ---- */
enum { SCL_STORE_SCHEMA = 2 };
scl_status scl_store_sql_error(const scl_store *store, const char *doing, scl_error *err);
scl_status scl_store_execute(scl_store *store, const char *sql, const char *doing, scl_error *err) SCL_CHECKED;
scl_status scl_store_prepare(sqlite3_stmt **statement, const scl_store *store, const char *sql,
                             scl_error *err) SCL_CHECKED;
/* Ends a transaction in which nothing was written; returns `status`, or why it could not be ended. */
scl_status scl_store_end_reading(const scl_store *store, scl_status status, scl_error *err) SCL_CHECKED;
/* "... is damaged (why); `spikedcl run CONFIG --fresh` moves the folder aside ..." */
scl_status scl_store_unusable(const scl_store *store, const char *why, scl_error *err);
/* True for codes with which SQLite says that the file is not what it was. */
bool scl_store_is_damage(int code);
scl_status scl_store_create(scl_store *store, const char *kernel, const char *version, scl_error *err) SCL_CHECKED;
/* The value of a key of meta, to be freed; SCL_ERR_STORE when it is missing or damaged. */
scl_status scl_store_meta_get(char **value, const scl_store *store, const char *key, scl_error *err) SCL_CHECKED;
scl_status scl_store_meta_set(const scl_store *store, const char *key, const char *value, scl_error *err) SCL_CHECKED;

/* Whether meta has that key. */
scl_status scl_store_meta_has(bool *has, const scl_store *store, const char *key, scl_error *err) SCL_CHECKED;
/* A transaction, where none is open. */
scl_status scl_store_begin(scl_store *store, scl_error *err) SCL_CHECKED;

/* ---- names ---- */
scl_status scl_store_names_new(scl_store *store, scl_error *err) SCL_CHECKED;
void scl_store_names_free(scl_store_names *names);
/* Reads both tables; damaged texts are left out, as if they were not there. */
scl_status scl_store_names_read(scl_store *store, scl_error *err) SCL_CHECKED;
/* Adds the text of a place under the next number. */
scl_status scl_store_names_add(scl_store *store, scl_store_names *names, const char *text, size_t place,
                               scl_error *err) SCL_CHECKED;
/* Writes the text of a number into the file's table. */
scl_status scl_store_names_insert(const scl_store *store, const scl_store_names *names, size_t number,
                                  scl_error *err) SCL_CHECKED;

/* Gives the text of a cell or an estimator of the plan a number, where it has none. */
scl_status scl_store_name_cell(scl_store *store, size_t cell, scl_error *err) SCL_CHECKED;
scl_status scl_store_name_estimator(scl_store *store, size_t estimator, scl_error *err) SCL_CHECKED;

/* ---- rows ---- */
#define SCL_STORE_COLUMNS "cell, replicate, estimator, kind, status, message, vals, checksum"
/* The row that a query of rowid and SCL_STORE_COLUMNS stands on; its texts live until the query steps on. */
scl_stored_row scl_store_row_of(sqlite3_stmt *query);
/* Enters a row of a cell (its place) into the directory. */
scl_status scl_store_enter(scl_store *store, size_t cell, const scl_stored_row *row, scl_error *err) SCL_CHECKED;
/* Reads every row into the directory and compares it with its checksum. */
scl_status scl_store_scan(scl_store_damage *damage, scl_store *store, scl_error *err) SCL_CHECKED;
/* Calls visit for every row whose checksum is right; stops at the first status that is not SCL_OK. */
typedef scl_status (*scl_stored_visit)(void *context, const scl_stored_row *row, scl_error *err);
scl_status scl_store_each(scl_store_damage *damage, scl_store *store, scl_stored_visit visit, void *context,
                          scl_error *err) SCL_CHECKED;
scl_status scl_store_insert(scl_store *store, const scl_stored_row *row, scl_error *err) SCL_CHECKED;
scl_status scl_store_tally(const scl_store *store, scl_error *err) SCL_CHECKED;

/* ---- marks of slow jobs ---- */
scl_status scl_store_marks_read(scl_store *store, scl_error *err) SCL_CHECKED;
scl_status scl_store_marks_tally(const scl_store *store, scl_error *err) SCL_CHECKED;
scl_status scl_store_marks_insert(scl_store *store, const scl_store_mark *mark, uint32_t checksum,
                                  scl_error *err) SCL_CHECKED;
/* Those of another store: of the same plan; of the same file, numbers and all. */
scl_status scl_store_marks_merge(scl_store *to, const scl_store *from, scl_error *err) SCL_CHECKED;
scl_status scl_store_marks_copy(scl_store *to, const scl_store *from, scl_error *err) SCL_CHECKED;

/* ---- repair ---- */
/* Writes what is sound into a new file, puts it in the place of the damaged one and keeps that beside it; `kept` is its name. The
 * store must be opened anew. */
scl_status scl_store_repair(char **kept, scl_store *store, scl_error *err) SCL_CHECKED;

#endif
