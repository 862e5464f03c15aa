/* CSV: a table of texts with named columns, as written to summary.csv and read back by the judges and figures; and
 * matrices of numbers from a user's file. Every reading error names file:line:column (1-based). */
#ifndef SCL_BASE_CSV_H
#define SCL_BASE_CSV_H

#include "base/error.h"
#include "base/text.h"

#include <stddef.h>

typedef struct scl_table {
    size_t n_columns, n_rows;
    char **names;   /* n_columns */
    char *texts;    /* of all cells, row after row, each with its NUL: one block, for there may be a million */
    size_t *starts; /* n_rows x n_columns places in `texts` */
    size_t names_capacity, texts_capacity, starts_capacity, texts_length;
} scl_table;

void scl_table_free(scl_table *table);

/* Adds a column (only before the first row), a row of n_columns copied texts. */
scl_status scl_table_add_column(scl_table *table, const char *name, scl_error *err) SCL_CHECKED;
scl_status scl_table_add_row(scl_table *table, const char *const *cells, scl_error *err) SCL_CHECKED;

/* Index of a column, or n_columns when there is none. */
size_t scl_table_column(const scl_table *table, const char *name);
/* The cell, "" when it is empty or does not exist; valid until a row is added. */
const char *scl_table_text(const scl_table *table, size_t row, size_t column);
/* The cell as a number ("inf" included); NaN when it is empty or no number, or when the column does not exist. */
double scl_table_number(const scl_table *table, size_t row, size_t column);

/* Adds to `out` / writes / reads RFC 4180 (comma, double quotes where needed, \n). Writing is atomic: a temporary file beside `path`,
 * flushed to disk, then renamed; on failure the old file is untouched. SCL_ERR_IO with the system's reason. Reading
 * gives SCL_ERR_INPUT (cannot be opened, ragged, unclosed quote, NUL byte, no header, repeated name) or SCL_ERR_IO
 * (opened, but not readable). Blank lines are no rows. */
scl_status scl_table_csv(scl_text *out, const scl_table *table, scl_error *err) SCL_CHECKED;
scl_status scl_table_write(const scl_table *table, const char *path, scl_error *err) SCL_CHECKED;
scl_status scl_table_read(scl_table *table, const char *path, scl_error *err) SCL_CHECKED;

/* Reads a rectangular matrix of finite numbers: rows in the file are rows of the matrix, an optional first line of
 * names is skipped when none of its fields is a number or begins like one. `values` is row after row, to be freed with scl_free.
 * SCL_ERR_INPUT for a missing, empty, ragged or non-finite file, with file:line:column. */
scl_status scl_csv_numbers(double **values, size_t *rows, size_t *columns, const char *path,
                           scl_error *err) SCL_CHECKED;

/* Reads `count` numbers in [low, high] that stand in one row or in one column, with the same errors. */
scl_status scl_csv_vector(double **values, size_t *count, double low, double high, const char *path,
                          scl_error *err) SCL_CHECKED;

#endif
