/* A merge inside: allocations that fail leave the study as it was and nothing alive; marks of slow jobs survive damage, and what is
 * lost of them is said. */
#include "study/studies.h"

#include <sqlite3.h>

static void run_shard(const char *results, scl_shard shard, double job_limit_s)
{
    scl_config config = config_of(small_study);
    scl_progress progress = {0};
    scl_error err = {0};
    size_t resumed = 0;
    scl_study_options options = {.pool = {.workers = 2, .shard = shard, .job_limit_s = job_limit_s}, .command = "test"};
    WELL(scl_study_run(&progress, &resumed, &config, in_root(results), &options, &err), &err);
    assert_int_equal(progress.done, progress.total);
    scl_config_free(&config);
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    run_shard("fail", (scl_shard){1, 2}, 1e-6);
    run_shard("fail", (scl_shard){2, 2}, 0);
    run_shard("whole", (scl_shard){0}, 0);
    scl_config config = config_of(small_study);
    size_t live = scl_memory_live(), k = 1, before_commit = 0;
    for (scl_status status = SCL_ERR_MEMORY; status != SCL_OK; k++) {
        scl_merged merged;
        scl_error err = {0};
        scl_study_options options = {.command = "test"};
        scl_memory_fail_at(k);
        status = scl_study_merge(&merged, &config, in_root("fail"), &options, &err);
        scl_memory_fail_at(0);
        scl_merged_free(&merged);
        assert_int_equal(scl_memory_live(), live);
        if (status != SCL_OK) assert_int_equal(status, SCL_ERR_MEMORY);
        if (!exists(in_root("fail/small/trials.sqlite"))) before_commit = k;
        assert_true(k < 10000);
    }
    assert_true(before_commit > 20);
    scl_config_free(&config);
    char *wanted = study_file("whole", "small", "summary.csv");
    assert_same_file(in_root("fail/small/summary.csv"), wanted);
    free(wanted);
}

static char warning[2048];

static void keep_warning(const char *message)
{
    snprintf(warning, sizeof warning, "%s", message);
}

static void change(const char *store, const char *sql)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(in_root(store), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

/* Marks of the study, or SIZE_MAX when reading is refused as damaged. */
static size_t marked_jobs(const char *results)
{
    scl_config config = config_of(small_study);
    scl_study_state told;
    scl_error err = {0};
    scl_status status = scl_study_status(&told, &config, in_root(results), (scl_shard){0}, &err);
    size_t jobs = status == SCL_OK ? 0 : SIZE_MAX;
    if (status != SCL_OK) assert_int_equal(status, SCL_ERR_STORE);
    for (size_t i = 0; i < told.n_slow; i++) jobs += told.slow[i].jobs;
    scl_study_state_free(&told);
    scl_config_free(&config);
    return jobs;
}

static void a_damaged_mark_is_no_secret(void **state)
{
    (void)state;
    static const char *const harms[] = {"UPDATE slow SET seconds = 1e-9 WHERE cell = 1 AND replicate = 2",
                                        "DELETE FROM slow WHERE cell = 1 AND replicate = 2", "DROP TABLE slow"};
    run_shard("plain", (scl_shard){0}, 0);
    char *wanted = study_file("plain", "small", "summary.csv");
    for (size_t i = 0; i < 3; i++) {
        char results[32], store[64];
        snprintf(results, sizeof results, "harm-%zu", i);
        snprintf(store, sizeof store, "%s/small/trials.sqlite", results);
        run_shard(results, (scl_shard){0}, 1e-6);
        size_t jobs = marked_jobs(results);
        assert_true(jobs > 10 && jobs != SIZE_MAX);
        change(store, harms[i]);
        assert_int_equal(marked_jobs(results), SIZE_MAX);
        scl_config config = config_of(small_study);
        scl_progress progress = {0};
        scl_error err = {0};
        size_t resumed = 0;
        scl_study_options options = {.pool = {.workers = 1}, .command = "test", .warn = keep_warning};
        warning[0] = '\0';
        WELL(scl_study_run(&progress, &resumed, &config, in_root(results), &options, &err), &err);
        assert_non_null(strstr(warning, "was damaged"));
        assert_int_equal(resumed, progress.total); /* no row was lost */
        scl_config_free(&config);
        assert_int_equal(marked_jobs(results), i < 2 ? jobs - 1 : 0);
        char *summary = study_file(results, "small", "summary.csv");
        assert_string_equal(summary, wanted);
        free(summary);
    }
    free(wanted);
    assert_int_equal(scl_memory_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_allocation_may_fail),
        cmocka_unit_test(a_damaged_mark_is_no_secret),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
