/* Tasks and labels at their limits: risks that are infinite, memory, the largest numbers, failures that say why, allocations that fail. */
#include "study/tasks.h"

/* With as many labels as features the head's expected risk is infinite, whatever a replicate shows. */
static void infinite_risks_say_why(void **state)
{
    (void)state;
    static const char *const text =
        STUDY("kind: regression", "labelled: 3", "contrastive, ols", "ols-risk, ridge-risk");
    const char *set = "compare=[[contrastive, ols], [ols, contrastive]]";
    scl_config config = config_with(text, &set, 1);
    run_study(&config, "infinite", 2);
    scl_table table = summary_of("infinite");
    assert_string_equal(text_of(&table, "contrastive", "ols-risk", "status"), "infinite: m <= k + 1");
    assert_string_equal(text_of(&table, "contrastive", "ols-risk", "mean"), "");
    assert_string_equal(text_of(&table, "contrastive", "ols-risk", "n_ok"), "0");
    assert_string_equal(text_of(&table, "contrastive", "ridge-risk", "status"), "ok");
    assert_string_equal(text_of(&table, "ols", "ols-risk", "status"), "ok"); /* k = 1 */
    static const char *const pairs[] = {"contrastive vs ols", "ols vs contrastive"};
    static const char *const metrics[] = {"difference(ols-risk)", "log-ratio(ols-risk)"};
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(text_of(&table, pairs[i / 2], metrics[i % 2], "status"), "infinite: m <= k + 1");
        assert_string_equal(text_of(&table, pairs[i / 2], metrics[i % 2], "mean"), "");
    }
    assert_string_equal(text_of(&table, "contrastive vs ols", "difference(ridge-risk)", "status"), "ok");
    scl_table_free(&table);
    scl_config_free(&config);
}

/* Some replicates' labels are separable: their logistic risk is infinite, and so is the mean; it is not that of the others. */
static void separable_labels_say_so(void **state)
{
    (void)state;
    static const char *const text = STUDY("kind: logistic, offset: 1", "labelled: 14, sampler: data", "oracle, pca",
                                          "logistic-head-log, logistic-head-zero-one");
    const char *const sets[] = {"replicates=40", "compare=[[oracle, pca]]"};
    scl_config config = config_with(text, sets, 2);
    run_study(&config, "separable", 2);
    scl_table table = summary_of("separable");
    assert_string_equal(text_of(&table, "oracle", "logistic-head-log", "status"), "infinite: separable labels");
    assert_string_equal(text_of(&table, "oracle", "logistic-head-log", "mean"), "");
    assert_string_equal(text_of(&table, "oracle vs pca", "difference(logistic-head-log)", "mean"), "");
    assert_string_equal(text_of(&table, "oracle", "logistic-head-zero-one", "n_ok"), "40");
    size_t finite = 0, separable = 0, n_empty = 0;
    WELL(export_study(&config, in_root("separable"), in_root("rows.csv"), &(scl_error){0}), &(scl_error){0});
    scl_table rows = {0};
    WELL(scl_table_read(&rows, in_root("rows.csv"), &(scl_error){0}), &(scl_error){0});
    for (size_t row = 0; row < rows.n_rows; row++) {
        if (strcmp(scl_table_text(&rows, row, scl_table_column(&rows, "metric")), "logistic-head-log") != 0) continue;
        const char *value = scl_table_text(&rows, row, scl_table_column(&rows, "value"));
        finite += isfinite(scl_table_number(&rows, row, scl_table_column(&rows, "value"))) ? 1 : 0;
        separable += strcmp(value, "inf") == 0; /* not an empty field: the metric does apply */
        n_empty += value[0] == '\0';
    }
    assert_true(finite > 10 && separable > 0); /* neither all nor none */
    assert_int_equal(n_empty, 2); /* the population of one estimator each, of which no head is fitted on m samples */
    scl_table_free(&rows);
    scl_table_free(&table);
    scl_config_free(&config);
}

/* Memory that is not granted: samples that are kept can be fewer; without them only d matters. */
static void memory_of_kept_samples_names_them(void **state)
{
    (void)state;
    static const char *const text = STUDY("kind: regression", "labelled: 40", "contrastive", "regression-risk");
    for (int kept = 0; kept < 2; kept++) {
        const char *set = kept ? "sample.sampler=data" : "sample.sampler=moments";
        scl_config config = config_with(text, &set, 1);
        scl_plan plan;
        scl_error err = {0};
        WELL(scl_plan_new(&plan, &config, &err), &err);
        scl_memory_fail_at(1);
        assert_int_equal(scl_workers_fit(&plan, 1, &err), SCL_ERR_MEMORY);
        scl_memory_fail_at(0);
        const char *words =
            kept ? "only a smaller model.d or sample.labelled needs less" : "only a smaller model.d needs";
        if (!strstr(err.message, words)) fail_msg("%s", err.message);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
}

/* The largest numbers that a config may give: squares of covariances with labels stay far from overflow. */
static void largest_numbers_are_numbers(void **state)
{
    (void)state;
    static const char *const text =
        STUDY("kind: regression, label_noise: 1e10, tasks: 8, w: diverse", "labelled: 2, labelled_apart: true",
              "contrastive, {name: label-terms, alpha: 1e8}, ols, ridge", "regression-risk, ridge-risk, sin-theta-f");
    const char *const sets[] = {"model.nu=1e50", "model.d=60", "sample.labelled_shared=false"};
    for (size_t k = 1; k <= 3; k++) {
        scl_config config = config_with(text, sets, k);
        scl_plan plan;
        scl_worker worker;
        scl_error err = {0};
        scl_row rows[20];
        WELL(scl_plan_new(&plan, &config, &err), &err);
        WELL(scl_worker_new(&worker, &plan, &err), &err);
        assert_int_equal(scl_job_run(rows, &worker, 0), 8);
        for (size_t i = 0; i < 8; i++) {
            if (rows[i].status == SCL_ROW_FAILED) fail_msg("%zu: %s", k, rows[i].message);
            if (rows[i].kind == SCL_ROW_SAMPLE && !(rows[i].values[1] >= 1e20 && rows[i].values[1] < 1e30))
                fail_msg("%zu: ridge-risk %g", k, rows[i].values[1]);
        }
        scl_worker_free(&worker);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
}

/* All labels equal: a failed trial that says so, never a number. */
static void equal_labels_fail(void **state)
{
    (void)state;
    static const char *const text =
        STUDY("kind: probit, offset: 8", "labelled: 10", "contrastive, supervised-contrastive, lda", "zero-one-risk");
    scl_config config = config_of(text);
    scl_plan plan;
    scl_worker worker;
    scl_error err = {0};
    scl_row rows[20];
    WELL(scl_plan_new(&plan, &config, &err), &err);
    WELL(scl_worker_new(&worker, &plan, &err), &err);
    scl_job_run(rows, &worker, 0);
    assert_int_equal(rows[0].status, SCL_ROW_OK);
    for (size_t e = 1; e < 3; e++) {
        assert_int_equal(rows[e].status, SCL_ROW_FAILED);
        if (!strstr(rows[e].message, "10 label")) fail_msg("%s", rows[e].message);
    }
    scl_worker_free(&worker);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

/* Every allocation of reading a config with tasks fails in turn: no crash, nothing left, and the status says memory. */
static void allocations_fail(void **state)
{
    (void)state;
    static const char *const texts[] = {
        STUDY("kind: regression, tasks: 2, w: {file: w.csv}", "labelled_fraction: 0.2, labelled_shared: true",
              "contrastive, label-terms", "regression-risk, ols-risk"),
        STUDY("kind: probit, w: [3, 4], offset: 1", "labelled: 12, labelled_apart: true", "lda", "lda-risk"),
        STUDY("kind: logistic", "labelled: 12", "lda, ols", "lda-risk, ols-risk") /* refused, after the task is read */
    };
    static const char *const sets[] = {"model.task.w=[1, 2]", "sweep={sample.labelled: [12, 20]}"};
    const scl_config_names names = {0};
    write_text(in_root("w.csv"), "3,4\n1,-1\n");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        write_text(in_root("c.yaml"), texts[i]);
        size_t k = 0;
        scl_status status = SCL_ERR_MEMORY;
        while (status == SCL_ERR_MEMORY) {
            scl_config config;
            scl_memory_fail_at(++k);
            status = scl_config_read(&config, in_root("c.yaml"), sets, i == 1 ? 2 : 0, &names, NULL);
            scl_memory_fail_at(0);
            if (status == SCL_OK) scl_config_free(&config);
            assert_int_equal(scl_memory_live(), 0);
        }
        assert_int_equal(status, i == 2 ? SCL_ERR_CONFIG : SCL_OK);
        assert_true(k > 20);
    }
}

/* The same of a plan, a worker and the rows of a job. */
static void allocations_of_jobs_fail(void **state)
{
    (void)state;
    for (size_t i = 0; i < STUDIES; i++) {
        scl_config config = config_of(studies[i]);
        size_t live = scl_memory_live(), k = 0;
        for (scl_status status = SCL_ERR_MEMORY; status == SCL_ERR_MEMORY;) {
            scl_plan plan = {0};
            scl_worker worker = {0};
            scl_error err = {0};
            scl_row rows[20];
            scl_memory_fail_at(++k);
            status = scl_plan_new(&plan, &config, &err);
            if (status == SCL_OK) status = scl_worker_new(&worker, &plan, &err);
            if (status == SCL_OK) {
                size_t n = scl_job_run(rows, &worker, 0); /* from the worker's arena alone */
                for (size_t row = 0; row < n; row++) assert_int_not_equal(rows[row].status, SCL_ROW_FAILED);
                scl_worker_free(&worker);
            }
            scl_memory_fail_at(0);
            scl_plan_free(&plan);
            assert_int_equal(scl_memory_live(), live);
            assert_true(status == SCL_OK || status == SCL_ERR_MEMORY);
        }
        assert_true(k > 10);
        scl_config_free(&config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(infinite_risks_say_why),
        cmocka_unit_test(separable_labels_say_so),
        cmocka_unit_test(memory_of_kept_samples_names_them),
        cmocka_unit_test(largest_numbers_are_numbers),
        cmocka_unit_test(equal_labels_fail),
        cmocka_unit_test(allocations_fail),
        cmocka_unit_test(allocations_of_jobs_fail),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
