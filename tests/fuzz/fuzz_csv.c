/* Any bytes as a CSV file: as a table, as a matrix, as a vector. A table that was read is the same after writing and reading. */
#include "base/csv.h"
#include "fuzz/fuzzing.h"

#include <math.h>

static void table(const char *path)
{
    scl_table first = {0}, second = {0};
    scl_error err = {0};
    scl_status status = scl_table_read(&first, path, &err);
    if (status == SCL_OK) {
        char copy[80];
        snprintf(copy, sizeof copy, "%s.copy", path);
        HOLDS(scl_table_write(&first, copy, &err) == SCL_OK && scl_table_read(&second, copy, &err) == SCL_OK);
        HOLDS(first.n_columns == second.n_columns && first.n_rows == second.n_rows);
        for (size_t c = 0; c < first.n_columns; c++) HOLDS(strcmp(first.names[c], second.names[c]) == 0);
        for (size_t row = 0; row < first.n_rows; row++)
            for (size_t c = 0; c < first.n_columns; c++)
                HOLDS(strcmp(scl_table_text(&first, row, c), scl_table_text(&second, row, c)) == 0);
    }
    scl_table_free(&first);
    scl_table_free(&second);
    fuzzing_refusal(status, &err);
}

static void matrix(const char *path)
{
    double *values = NULL;
    size_t rows = 0, columns = 0;
    scl_error err = {0};
    scl_status status = scl_csv_numbers(&values, &rows, &columns, path, &err);
    HOLDS(status != SCL_OK || (rows > 0 && columns > 0));
    for (size_t i = 0; status == SCL_OK && i < rows * columns; i++) HOLDS(isfinite(values[i]));
    scl_free(values);
    fuzzing_refusal(status, &err);
}

static void vector(const char *path)
{
    double *values = NULL;
    size_t count = 0;
    scl_error err = {0};
    scl_status status = scl_csv_vector(&values, &count, 1e-100, 1e100, path, &err);
    HOLDS(status != SCL_OK || count > 0);
    for (size_t i = 0; status == SCL_OK && i < count; i++) HOLDS(values[i] >= 1e-100 && values[i] <= 1e100);
    scl_free(values);
    fuzzing_refusal(status, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *path = fuzzing_file(bytes, size);
    table(path);
    matrix(path);
    vector(path);
    return 0;
}
