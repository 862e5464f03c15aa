/* The provenance of a study that was extended: the latest run that added rows is told in full, each run before it that did in a
 * section, and no other. */
#include "study/studies.h"

#include "study/provenance.h"

#include <sqlite3.h>

typedef struct telling {
    const char *command;
    const char *replicates; /* "replicates=R" */
    scl_shard shard;
} telling;

static void tell(const char *results, telling of)
{
    scl_config config = config_with(small_study, &of.replicates, 1);
    scl_progress progress = {0};
    scl_error err = {0};
    size_t resumed = 0;
    scl_study_options options = {
        .pool = {.workers = 2, .shard = of.shard}, .command = of.command, .commit = of.command};
    WELL(scl_study_run(&progress, &resumed, &config, in_root(results), &options, &err), &err);
    scl_config_free(&config);
}

/* Counted by SQLite alone. */
static int rows_of(const char *results)
{
    char path[300];
    sqlite3 *db = NULL;
    sqlite3_stmt *query = NULL;
    snprintf(path, sizeof path, "%s/small/trials.sqlite", results);
    assert_int_equal(sqlite3_open(in_root(path), &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT count(*) FROM rows", -1, &query, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(query), SQLITE_ROW);
    int rows = sqlite3_column_int(query, 0);
    sqlite3_finalize(query);
    sqlite3_close(db);
    return rows;
}

/* The parts in this order, and no other section. */
static void assert_told(const char *text, const char *const *parts, size_t n, size_t n_sections)
{
    const char *at = text;
    for (size_t i = 0; i < n; i++) {
        at = strstr(at, parts[i]);
        if (!at) fail_msg("\"%s\" is not, or not in that order, in:\n%s", parts[i], text);
        at += strlen(parts[i]);
    }
    size_t found = 0;
    for (const char *line = text; (line = strstr(line, "\nearlier: ")); line++) found++;
    if (found != n_sections) fail_msg("%zu sections in:\n%s", found, text);
}
#define TOLD(text, n_sections, ...)                                                                                    \
    assert_told(text, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *), \
                n_sections)

static void each_run_that_added_rows_is_told(void **state)
{
    (void)state;
    char first[64], second[64], before[64];
    tell("grown", (telling){"one", "replicates=3", {0}});
    int rows_one = rows_of("grown");
    char *text = study_file("grown", "small", "provenance.txt");
    TOLD(text, 0, "command: one\n");
    assert_null(strstr(text, "rows before"));
    free(text);
    tell("grown", (telling){"two", "replicates=5", {0}});
    int rows_two = rows_of("grown") - rows_one;
    tell("grown", (telling){"idle", "replicates=5", {0}}); /* nothing is missing */
    text = study_file("grown", "small", "provenance.txt");
    snprintf(before, sizeof before, "\nrows before: %d\n", rows_one);
    snprintf(first, sizeof first, "\nearlier: %d rows\n  started: 2", rows_one);
    TOLD(text, 1, "\nended: 2", "command: two\n", before, first, "\n  ended: 2", ", after 12 jobs on 2 workers\n",
         "  command: one\n  commit: one\n  results version: ", "\n  BLAS: ", ", kernel ", ", 1 thread\n");
    free(text);
    tell("grown", (telling){"three", "replicates=6", {0}});
    text = study_file("grown", "small", "provenance.txt");
    snprintf(second, sizeof second, "\nearlier: %d rows\n", rows_two);
    TOLD(text, 2, "command: three\n", first, "  command: one\n", second, "  command: two\n");
    assert_null(strstr(text, "idle"));
    free(text);
}

/* A run that was killed has no end; whether it added rows is in the store. */
static void a_killed_run_is_told_by_its_rows(void **state)
{
    (void)state;
    tell("killed", (telling){"one", "replicates=3", {0}});
    for (int rows = 0; rows < 2; rows++) {
        scl_text planted = {0};
        scl_error err = {0};
        WELL(scl_text_add(&planted, &err,
                          "started: then\ncommand: killed\nrows before: %d\nBLAS: x, kernel Abacus, 1\n",
                          rows_of("killed") - 5 * rows),
             &err);
        write_text(in_root("killed/small/provenance.txt"), planted.data);
        scl_text_free(&planted);
        tell("killed", (telling){"next", rows ? "replicates=5" : "replicates=4", {0}});
        char *text = study_file("killed", "small", "provenance.txt");
        if (rows == 0) TOLD(text, 0, "command: next\n");
        if (rows == 1) /* under two kernels, as --accept-kernel lets it */
            TOLD(text, 1, scl_blas_kernel(),
                 "\nearlier: 5 rows\n  started: then\n  command: killed\n  BLAS: x, kernel Abacus, 1\n");
        free(text);
    }
}

static void a_merge_and_a_run_keep_each_other(void **state)
{
    (void)state;
    tell("both", (telling){"shard", "replicates=4", {1, 1}});
    tell("both", (telling){"first", "replicates=3", {0}});
    scl_config config = config_with(small_study, (const char *const[]){"replicates=4"}, 1);
    scl_study_options options = {.command = "merge"};
    scl_merged merged;
    scl_error err = {0};
    WELL(scl_study_merge(&merged, &config, in_root("both"), &options, &err), &err);
    scl_merged_free(&merged);
    scl_config_free(&config);
    char *text = study_file("both", "small", "provenance.txt");
    TOLD(text, 1, "command: merge\n", "\nearlier: ", "  command: first\n", "\nmerged: shard-1-of-1, ",
         "  command: shard\n");
    free(text);
    tell("both", (telling){"last", "replicates=6", {0}});
    text = study_file("both", "small", "provenance.txt");
    TOLD(text, 2, "command: last\n", "\nearlier: ", "  command: first\n", "\nmerged: shard-1-of-1, ",
         "  command: shard\n", "\nearlier: ", "  command: merge\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_run_that_added_rows_is_told),
        cmocka_unit_test(a_killed_run_is_told_by_its_rows),
        cmocka_unit_test(a_merge_and_a_run_keep_each_other),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
