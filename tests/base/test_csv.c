/* CSV: what is written is read back, a failed write leaves the old file, and every defect of a file is named with its
 * line and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/csv.h"
#include "base/memory.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/scl_test_csv_XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/t.csv", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_bytes(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb"); /* without the flush to disk of scl_file_write */
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static scl_status fill(scl_table *table, scl_error *err)
{
    static const char *const names[] = {"n", "a, b", "say \"why\"", "two\nlines", " blanks "};
    static const char *const rows[][5] = {
        {"1000", "", "0.5", "\"", "inf"}, {"-2", ",", "a\r\nb", "é", "\"\""}, {"", "", "", "", ""}};
    scl_status status = SCL_OK;
    for (size_t i = 0; i < 5 && status == SCL_OK; i++) status = scl_table_add_column(table, names[i], err);
    for (size_t i = 0; i < 3 && status == SCL_OK; i++) status = scl_table_add_row(table, rows[i], err);
    return status;
}

static scl_status write_and_read(scl_table *back, scl_error *err)
{
    scl_table table = {0};
    scl_status status = fill(&table, err);
    if (status == SCL_OK) status = scl_table_write(&table, path, err);
    if (status == SCL_OK) status = scl_table_read(back, path, err);
    if (status == SCL_OK) {
        assert_int_equal(back->n_columns, table.n_columns);
        assert_int_equal(back->n_rows, table.n_rows);
        for (size_t i = 0; i < table.n_columns; i++) assert_string_equal(back->names[i], table.names[i]);
        for (size_t row = 0; row < table.n_rows; row++)
            for (size_t i = 0; i < table.n_columns; i++)
                assert_string_equal(scl_table_text(back, row, i), scl_table_text(&table, row, i));
    }
    scl_table_free(&table);
    return status;
}

static void tables_round_trip(void **state)
{
    (void)state;
    scl_table back = {0};
    assert_int_equal(write_and_read(&back, NULL), SCL_OK);
    assert_int_equal(scl_table_column(&back, "say \"why\""), 2);
    assert_int_equal(scl_table_column(&back, "absent"), back.n_columns);
    assert_true(scl_table_number(&back, 0, 0) == 1000);
    assert_true(scl_table_number(&back, 0, 4) == INFINITY);
    assert_true(isnan(scl_table_number(&back, 0, 1)));
    assert_true(isnan(scl_table_number(&back, 0, 3)));
    assert_true(isnan(scl_table_number(&back, 0, back.n_columns)));
    assert_string_equal(scl_table_text(&back, 1, 3), "é");
    scl_table_free(&back);
    assert_int_equal(scl_memory_live(), 0);
}

static void one_empty_cell_is_a_row(void **state)
{
    (void)state;
    scl_table table = {0}, back = {0};
    const char *empty = "";
    assert_int_equal(scl_table_add_column(&table, "x", NULL), SCL_OK);
    assert_int_equal(scl_table_add_row(&table, &empty, NULL), SCL_OK);
    assert_int_equal(scl_table_write(&table, path, NULL), SCL_OK);
    assert_int_equal(scl_table_read(&back, path, NULL), SCL_OK);
    assert_int_equal(back.n_rows, 1);
    scl_table_free(&table);
    scl_table_free(&back);
}

static void shapes_are_checked(void **state)
{
    (void)state;
    scl_table table = {0};
    const char *cell = "1";
    assert_int_equal(scl_table_add_row(&table, &cell, NULL), SCL_ERR_SHAPE);
    assert_int_equal(scl_table_write(&table, path, NULL), SCL_ERR_SHAPE);
    assert_int_equal(scl_table_add_column(&table, "x", NULL), SCL_OK);
    assert_int_equal(scl_table_add_column(&table, "x", NULL), SCL_ERR_SHAPE);
    assert_int_equal(scl_table_add_row(&table, &cell, NULL), SCL_OK);
    assert_int_equal(scl_table_add_column(&table, "y", NULL), SCL_ERR_SHAPE);
    scl_table_free(&table);
    assert_int_equal(scl_memory_live(), 0);
}

/* Every allocation fails in turn: memory is named, nothing is left behind, and a table never holds half a row. */
static void allocations_fail(void **state)
{
    (void)state;
    scl_status status = SCL_ERR_MEMORY;
    size_t k = 1;
    for (; status != SCL_OK; k++) {
        scl_table back = {0};
        scl_error err = {0};
        scl_memory_fail_at(k);
        status = write_and_read(&back, &err);
        scl_memory_fail_at(0);
        if (status != SCL_OK) {
            assert_int_equal(status, SCL_ERR_MEMORY);
            assert_int_equal(err.status, SCL_ERR_MEMORY);
        }
        scl_table_free(&back);
        assert_int_equal(scl_memory_live(), 0);
    }
    assert_true(k > 20);
    write_bytes("1,2\n3,4\n", 8);
    for (k = 1, status = SCL_ERR_MEMORY; status != SCL_OK; k++) {
        double *values = NULL;
        size_t rows = 0, columns = 0;
        scl_memory_fail_at(k);
        status = scl_csv_numbers(&values, &rows, &columns, path, NULL);
        scl_memory_fail_at(0);
        scl_free(values);
        assert_int_equal(scl_memory_live(), 0);
        assert_true(status == SCL_OK || status == SCL_ERR_MEMORY);
    }
    assert_true(k > 3);
}

static void failed_write_keeps_the_old_file(void **state)
{
    (void)state;
    scl_table table = {0}, back = {0};
    scl_error err = {0};
    write_bytes("old\n1\n", 6);
    assert_int_equal(fill(&table, NULL), SCL_OK);
    struct rlimit limit = {.rlim_cur = 10, .rlim_max = RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_int_equal(scl_table_write(&table, path, &err), SCL_ERR_IO);
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_non_null(strstr(err.message, "/t.csv: cannot be written: File too large"));
    assert_int_equal(scl_table_read(&back, path, NULL), SCL_OK);
    assert_string_equal(back.names[0], "old");
    scl_table_free(&back);
    scl_table_free(&table);
}

typedef struct bad_file {
    const char *bytes;
    size_t length;
    const char *place, *message; /* "2:3" */
} bad_file;
#define BAD(text, place, message)                                                                                      \
    {                                                                                                                  \
        text, sizeof(text) - 1, place, message                                                                         \
    }

static void check_message(const scl_error *err, const bad_file *file)
{
    char start[100];
    snprintf(start, sizeof start, "%s:%s: ", path, file->place);
    if (strncmp(err->message, start, strlen(start)) != 0 || !strstr(err->message, file->message))
        fail_msg("\"%s\" gives \"%s\", not \"%s\" at %s", file->bytes, err->message, file->message, file->place);
    assert_int_equal(err->status, SCL_ERR_INPUT);
}

static void bad_tables(void **state)
{
    (void)state;
    static const bad_file files[] = {
        BAD("", "1:1", "no header"),
        BAD("\n\r\n", "1:1", "no header"),
        BAD("a,b\n1\n", "2:1", "fields in this row: 1; allowed: 2"),
        BAD("a,b\n1,2\n1,2,3\n", "3:5", "at least 3; allowed: 2"),
        BAD("a,b,a\n", "1:5", "repeated"),
        BAD("a,b\n1,\"x\ny\n", "2:3", "never closed"),
        BAD("a\n\"", "2:1", "never closed"),
        BAD("a\nx\"y\n", "2:2", "inside a field without quotes"),
        BAD("a\n\"x\"y\n", "2:4", "after a closing quotation mark"),
        BAD("a\nx\0y\n", "2:2", "NUL"),
        BAD("a\n\"x\0y\"\n", "2:3", "NUL"),
        BAD("a\0\n1\n", "1:2", "NUL"),
        BAD("a\nx\ry\n", "2:2", "carriage return"),
        BAD("\xC3\xA9,\xC3\xA9\n", "1:3", "repeated"), /* columns count characters */
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        scl_table table = {0};
        scl_error err = {0};
        write_bytes(files[i].bytes, files[i].length);
        assert_int_equal(scl_table_read(&table, path, &err), SCL_ERR_INPUT);
        check_message(&err, &files[i]);
        assert_true(table.names == NULL && table.texts == NULL && table.starts == NULL);
        assert_int_equal(scl_memory_live(), 0);
    }
    scl_table table = {0};
    scl_error err = {0};
    assert_int_equal(scl_table_read(&table, "/nowhere/t.csv", &err), SCL_ERR_INPUT);
    assert_non_null(strstr(err.message, "/nowhere/t.csv: cannot be opened: No such file"));
}

static void bad_numbers(void **state)
{
    (void)state;
    static const bad_file files[] = {
        BAD("", "1:1", "no numbers"),
        BAD("a,b\n", "2:1", "no numbers"),
        BAD("1,2\n3\n", "2:1", "fields in this row: 1; allowed: 2"),
        BAD("1,2\n3,4,5\n", "2:5", "at least 3; allowed: 2"),
        BAD("1,2\n3,nan\n", "2:3", "\"nan\" is not finite"),
        BAD("nan\n1\n", "1:1", "not finite"),
        BAD("inf,x\n1,2\n", "1:1", "not finite"),
        BAD("1,-INF\n", "1:3", "not finite"),
        BAD("1,1e999\n", "1:3", "is not a number"),
        BAD("1,2\nx,4\n", "2:1", "\"x\" is not a number"),
        BAD("a,1\n2,3\n", "1:3", "begins with names"),
        BAD("1,b\n2,3\n", "1:3", "\"b\" is not a number"),
        BAD("1,\n", "1:3", "\"\" is not a number"),
        BAD(",\n1,2\n", "1:1", "is not a number"),
        BAD("a\nb\n1\n", "2:1", "is not a number"),
        BAD("1;2\n1;2\n", "1:1", "\"1;2\" is not a number (numbers are separated by commas or lines)"),
        BAD("s\n1;2;3\n", "2:1", "\"1;2;3\" is not a number (numbers are separated by commas or lines)"),
        BAD("0x10\n0x10\n", "1:1", "is not a number"),
        BAD("1O\n2\n3\n", "1:1", "\"1O\" is not a number"),
        BAD("1 2 3 4\n", "1:1", "\"1 2 3 4\" is not a number (numbers are separated by commas or lines)"),
        BAD("-a\n2\n", "1:1", "\"-a\" is not a number"),
        BAD(".5x,b\n1,2\n", "1:1", "\".5x\" is not a number"),
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        double *values = NULL;
        size_t rows = 9, columns = 9;
        scl_error err = {0};
        write_bytes(files[i].bytes, files[i].length);
        if (scl_csv_numbers(&values, &rows, &columns, path, &err) != SCL_ERR_INPUT)
            fail_msg("\"%s\" is accepted", files[i].bytes);
        check_message(&err, &files[i]);
        assert_null(values);
        assert_int_equal(rows + columns, 0);
        assert_int_equal(scl_memory_live(), 0);
    }
}

static void good_numbers(void **state)
{
    (void)state;
    static const char *const files[] = {"1,2,3\n4,5,-6e0\n", "a,b,c\n1,2,3\n4,5,-6\n", "\xEF\xBB\xBF\x31,2,3\r\n4,5,-6",
                                        "1, 2 ,3\n\n4,\t5,-6\n\n", "\"1\",\"2\",3\n4,5,-6.0\r\n"};
    static const double want[] = {1, 2, 3, 4, 5, -6};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        double *values = NULL;
        size_t rows = 0, columns = 0;
        write_bytes(files[i], strlen(files[i]));
        assert_int_equal(scl_csv_numbers(&values, &rows, &columns, path, NULL), SCL_OK);
        assert_int_equal(rows, 2);
        assert_int_equal(columns, 3);
        assert_memory_equal(values, want, sizeof want);
        scl_free(values);
    }
    assert_int_equal(scl_memory_live(), 0);
}

static void vectors(void **state)
{
    (void)state;
    double *values = NULL;
    size_t count = 0;
    scl_error err = {0};
    write_bytes("s\n1\n2\n3\n", 8);
    assert_int_equal(scl_csv_vector(&values, &count, 1, 3, path, NULL), SCL_OK);
    assert_int_equal(count, 3);
    assert_true(values[2] == 3);
    scl_free(values);
    assert_int_equal(scl_csv_vector(&values, &count, 1, 2.5, path, &err), SCL_ERR_INPUT);
    assert_non_null(strstr(err.message, ":4:1: \"3\" is out of range; allowed: finite numbers, 1 to 2.5"));
    write_bytes("1,2,3\n", 6);
    assert_int_equal(scl_csv_vector(&values, &count, 1, 3, path, NULL), SCL_OK);
    assert_int_equal(count, 3);
    scl_free(values);
    scl_error_clear(&err);
    write_bytes("1,2\n3,2\n", 8);
    assert_int_equal(scl_csv_vector(&values, &count, 1, 3, path, &err), SCL_ERR_INPUT);
    assert_non_null(strstr(err.message, "one row or one column"));
    assert_null(values);
    assert_int_equal(scl_memory_live(), 0);
}

/* No bytes crash the readers: short files of the characters that matter, drawn from a fixed sequence. */
static void any_bytes(void **state)
{
    (void)state;
    static const char letters[] = {',', '"', '\n', '\r', '1', 'a', '\0', ' ', '\xC3', '.'};
    uint64_t bits = 88172645463325252u;
    for (int i = 0; i < 4000; i++) {
        char bytes[24];
        size_t length = (size_t)i % sizeof bytes, rows = 0, columns = 0;
        for (size_t k = 0; k < length; k++) {
            bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
            bytes[k] = letters[bits % sizeof letters];
        }
        write_bytes(bytes, length);
        scl_table table = {0};
        double *values = NULL;
        scl_status status = scl_table_read(&table, path, NULL);
        assert_true(status == SCL_OK || status == SCL_ERR_INPUT);
        status = scl_csv_numbers(&values, &rows, &columns, path, NULL);
        assert_true(status == SCL_OK || status == SCL_ERR_INPUT);
        scl_table_free(&table);
        scl_free(values);
        assert_int_equal(scl_memory_live(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_round_trip),
        cmocka_unit_test(one_empty_cell_is_a_row),
        cmocka_unit_test(shapes_are_checked),
        cmocka_unit_test(allocations_fail),
        cmocka_unit_test(failed_write_keeps_the_old_file),
        cmocka_unit_test(bad_tables),
        cmocka_unit_test(bad_numbers),
        cmocka_unit_test(good_numbers),
        cmocka_unit_test(vectors),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
