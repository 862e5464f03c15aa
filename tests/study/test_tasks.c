/* Tasks and labels in a study: models and estimators are drawn as without them, rows do not depend on workers or on what else is measured,
 * populations of labels, risks that are infinite, failures that say why. Refused configs are in bad_configs/ (task-*, labelled-*). */
#include "study/studies.h"

#include "study/job.h"
#include "study/plan.h"

#define STUDY(task, sample, estimators, metrics)                                                                       \
    "name: tasks\nseed: 7\nreplicates: 6\nmodel: {d: 8, r: 2, noise: {profile: linear, ratio: 2}, task: {" task        \
    "}}\nsample: {n: 60, " sample "}\nestimators: [" estimators "]\nmetrics: [" metrics "]\n"

/* The number of a row of the summary in a column; NAN where the cell is empty. */
static double number_of(const scl_table *table, const char *estimator, const char *metric, size_t cell,
                        const char *column)
{
    for (size_t row = 0; row < table->n_rows; row++) {
        if (strcmp(scl_table_text(table, row, scl_table_column(table, "estimator")), estimator) != 0) continue;
        if (strcmp(scl_table_text(table, row, scl_table_column(table, "metric")), metric) != 0) continue;
        if (scl_table_number(table, row, scl_table_column(table, "cell")) != (double)cell) continue;
        return scl_table_number(table, row, scl_table_column(table, column));
    }
    fail_msg("no row of %s, %s, cell %zu", estimator, metric, cell);
    return NAN;
}

static const char *text_of(const scl_table *table, const char *estimator, const char *metric, const char *column)
{
    for (size_t row = 0; row < table->n_rows; row++)
        if (strcmp(scl_table_text(table, row, scl_table_column(table, "estimator")), estimator) == 0 &&
            strcmp(scl_table_text(table, row, scl_table_column(table, "metric")), metric) == 0)
            return scl_table_text(table, row, scl_table_column(table, column));
    fail_msg("no row of %s, %s", estimator, metric);
    return NULL;
}

static scl_table summary_of(const char *results)
{
    scl_table table = {0};
    scl_error err = {0};
    char path[300];
    snprintf(path, sizeof path, "%s/tasks/summary.csv", results);
    WELL(scl_table_read(&table, in_root(path), &err), &err);
    return table;
}

static const char *const studies[] = {
    STUDY("kind: regression, tasks: 3, w: diverse", "labelled: 12, sampler: moments",
          "contrastive, label-terms, ols, ridge, random", "sin-theta-f, regression-excess, ols-risk, transfer-risk"),
    STUDY("kind: regression, tasks: 2", "labelled: 12, sampler: data, labelled_shared: true",
          "contrastive, label-terms, ols", "sin-theta-f, regression-excess, ols-risk, ridge-risk"),
    STUDY("kind: logistic, offset: 0.5", "labelled: 30, sampler: moments", "contrastive, supervised-contrastive, lda",
          "zero-one-risk, log-excess, lda-risk, test-risk"),
    STUDY("kind: probit", "labelled: 30, sampler: data, labelled_apart: true",
          "contrastive, supervised-contrastive, lda", "zero-one-risk, log-excess, lda-risk, test-risk"),
    STUDY("kind: classes", "labelled: 40, sampler: moments", "pca, supervised-contrastive, lda",
          "sin-theta-f, test-risk, test-risk-error"),
    STUDY("kind: classes", "labelled: 40, sampler: data", "pca, supervised-contrastive, lda",
          "sin-theta-f, test-risk, test-risk-error"),
};
enum { STUDIES = sizeof studies / sizeof *studies };

static void same_bytes_for_any_number_of_workers(void **state)
{
    (void)state;
    for (size_t i = 0; i < STUDIES; i++)
        for (int redraw = 0; redraw < 2; redraw++) {
            const char *set = redraw ? "redraw=replicate" : "redraw=cell";
            scl_config config = config_with(studies[i], &set, 1);
            char one[40], three[40];
            snprintf(one, sizeof one, "one-%zu-%d", i, redraw);
            snprintf(three, sizeof three, "three-%zu-%d", i, redraw);
            run_study(&config, one, 1);
            run_study(&config, three, 3);
            char *a = study_file(one, "tasks", "summary.csv"), *b = study_file(three, "tasks", "summary.csv");
            assert_string_equal(a, b);
            free(a);
            free(b);
            scl_config_free(&config);
        }
    assert_int_equal(scl_memory_live(), 0);
}

/* The rows of a job, for one estimator. */
static scl_row row_of(const char *text, const char *set, size_t estimator)
{
    scl_config config = config_with(text, &set, 1);
    scl_plan plan;
    scl_worker worker;
    scl_error err = {0};
    WELL(scl_plan_new(&plan, &config, &err), &err);
    WELL(scl_worker_new(&worker, &plan, &err), &err);
    scl_row rows[20];
    size_t n = scl_job_run(rows, &worker, 3);
    assert_true(estimator < n);
    assert_int_equal(rows[estimator].status, SCL_ROW_OK);
    scl_worker_free(&worker);
    scl_plan_free(&plan);
    scl_config_free(&config);
    return rows[estimator];
}

/* What else is measured or learned moves no number: test sets, heads and labels have streams of their own. */
static void metrics_and_estimators_move_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < STUDIES; i++) {
        const char *metric = i < 2 ? "metrics=[regression-risk]" : "metrics=[test-risk]";
        const char *fewer = i < 2   ? "estimators=[contrastive]"
                            : i < 4 ? "estimators=[contrastive]"
                                    : "estimators=[pca]";
        scl_row all = row_of(studies[i], "seed=7", 0), alone = row_of(studies[i], fewer, 0);
        assert_memory_equal(all.values, alone.values, 3 * sizeof(double));
        scl_row one = row_of(studies[i], metric, 0);
        if (i >= 2) assert_true(one.values[0] == all.values[i < 4 ? 3 : 1]);
    }
}

/* Labels apart leave the sample's own draws alone; among the n they are part of them. */
static void labels_apart_leave_the_sample_alone(void **state)
{
    (void)state;
    static const char *const base =
        STUDY("kind: regression", "labelled: 20, labelled_apart: true, sampler: data", "contrastive", "sin-theta-f");
    scl_row apart = row_of(base, "seed=7", 0), again = row_of(base, "sample.labelled_apart=true", 0);
    assert_true(apart.values[0] == again.values[0]);
    scl_row part = row_of(base, "sample.labelled_apart=false", 0);
    assert_true(apart.values[0] != part.values[0]);
}

/* A population of labels goes with one of samples: the least-squares head has its expectation there, (s^2 + 1 - corr^2)(m - 1)/(m - k - 1). */
static void populations_have_expected_risks(void **state)
{
    (void)state;
    static const char *const text =
        STUDY("kind: regression, label_noise: 0.5", "labelled: 12", "contrastive, label-terms, ols",
              "regression-risk, ols-risk, ols-risk-expected");
    scl_config config = config_of(text);
    run_study(&config, "population", 2);
    scl_table table = summary_of("population");
    double risk = number_of(&table, "contrastive", "regression-risk", 0, "population");
    double head = number_of(&table, "contrastive", "ols-risk", 0, "population");
    assert_true(fabs(head / (risk * 11 / 9) - 1) < 1e-9);
    assert_true(fabs(number_of(&table, "contrastive", "ols-risk-expected", 0, "population") / head - 1) < 1e-9);
    /* labels alone learn the best linear function from their population, one dimension */
    double best = number_of(&table, "ols", "regression-risk", 0, "population");
    assert_true(best < risk);
    assert_true(fabs(number_of(&table, "ols", "ols-risk", 0, "population") / (best * 11 / 10) - 1) < 1e-9);
    assert_true(number_of(&table, "ols", "regression-risk", 0, "mean") > best);
    scl_table_free(&table);
    scl_config_free(&config);
}

/* The sampler data keeps labelled samples, which their population has not: its values are those beside the sampler moments. */
static void populations_beside_kept_samples(void **state)
{
    (void)state;
    static const struct {
        const char *text, *metric, *estimators[3];
    } cases[] = {{STUDY("kind: regression, tasks: 2", "labelled: 12", "contrastive, label-terms, ridge",
                        "regression-risk, ols-risk"),
                  "regression-risk",
                  {"contrastive", "label-terms", "ridge"}},
                 {STUDY("kind: logistic", "labelled: 40, labelled_apart: true", "pca, supervised-contrastive, lda",
                        "zero-one-risk, lda-risk"),
                  "zero-one-risk",
                  {"pca", "supervised-contrastive", "lda"}},
                 {STUDY("kind: classes", "labelled: 40", "contrastive, supervised-contrastive, lda", "sin-theta-f"),
                  "sin-theta-f",
                  {"contrastive", "supervised-contrastive", "lda"}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double value[2][3];
        for (int kept = 0; kept < 2; kept++) {
            const char *set = kept ? "sample.sampler=data" : "sample.sampler=moments";
            char folder[30];
            snprintf(folder, sizeof folder, "kept-%zu-%d", i, kept);
            scl_config config = config_with(cases[i].text, &set, 1);
            run_study(&config, folder, 1);
            scl_table table = summary_of(folder);
            for (size_t e = 0; e < 3; e++)
                value[kept][e] = number_of(&table, cases[i].estimators[e], cases[i].metric, 0, "population");
            scl_table_free(&table);
            scl_config_free(&config);
        }
        for (size_t e = 0; e < 3; e++)
            if (!(value[0][e] == value[1][e])) fail_msg("case %zu, %zu: %g, %g", i, e, value[0][e], value[1][e]);
    }
}

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

/* Labels of a population are random, too: no cell with labels is exact. */
static void labels_beside_a_population(void **state)
{
    (void)state;
    static const char *const text =
        STUDY("kind: regression", "labelled: 12", "contrastive", "regression-risk, ols-risk");
    const char *set = "sample.n=inf";
    scl_config config = config_with(text, &set, 1);
    run_study(&config, "labels", 2);
    scl_table table = summary_of("labels");
    assert_string_equal(text_of(&table, "contrastive", "ols-risk", "n_ok"), "6");
    assert_true(number_of(&table, "contrastive", "ols-risk", 0, "sd") > 0);
    assert_true(number_of(&table, "contrastive", "regression-risk", 0, "sd") < 1e-12);
    scl_table_free(&table);
    scl_config_free(&config);
}

/* A kappa is of Gaussian latents, which classes have not; labels of scores leave them Gaussian. */
static void first_order_is_of_gaussian_latents(void **state)
{
    (void)state;
    static const char *const kinds[] = {"model.task.kind=none", "model.task.kind=probit", "model.task.kind=classes"};
    for (size_t i = 0; i < 3; i++) {
        const char *const sets[] = {kinds[i], "sample.n=1e6"};
        scl_config config = config_with("name: tasks\nreplicates: 2\nmodel: {d: 8, r: 2, noise: {profile: linear, "
                                        "ratio: 2}}\nsample: {n: 60}\nestimators: [pca]\nmetrics: [sin-theta-f]\n",
                                        sets, 2);
        char folder[20];
        snprintf(folder, sizeof folder, "first-%zu", i);
        run_study(&config, folder, 1);
        scl_table table = summary_of(folder);
        assert_int_equal(isfinite(number_of(&table, "pca", "sin-theta-f", 0, "first_order")), i < 2);
        scl_table_free(&table);
        scl_config_free(&config);
    }
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

/* Weights from a file, one row a task: as the same numbers in a list. */
static void weights_from_a_file(void **state)
{
    (void)state;
    write_text(in_root("w.csv"), "3,4\n");
    static const char *const list = STUDY("kind: regression, w: [3, 4]", "labelled: 12, labelled_apart: true", "oracle",
                                          "regression-risk, sin-theta-f"),
                             *const file =
                                 STUDY("kind: regression, w: {file: w.csv}", "labelled: 12, labelled_apart: true",
                                       "oracle", "regression-risk, sin-theta-f");
    scl_row a = row_of(list, "seed=7", 0), b = row_of(file, "seed=7", 0);
    assert_true(a.values[0] == b.values[0]);
    scl_row other = row_of(list, "model.task.w=[3, -4]", 0);
    assert_true(a.values[0] != other.values[0]);
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
        cmocka_unit_test(same_bytes_for_any_number_of_workers),
        cmocka_unit_test(metrics_and_estimators_move_nothing),
        cmocka_unit_test(labels_apart_leave_the_sample_alone),
        cmocka_unit_test(populations_have_expected_risks),
        cmocka_unit_test(populations_beside_kept_samples),
        cmocka_unit_test(infinite_risks_say_why),
        cmocka_unit_test(separable_labels_say_so),
        cmocka_unit_test(labels_beside_a_population),
        cmocka_unit_test(first_order_is_of_gaussian_latents),
        cmocka_unit_test(memory_of_kept_samples_names_them),
        cmocka_unit_test(largest_numbers_are_numbers),
        cmocka_unit_test(equal_labels_fail),
        cmocka_unit_test(weights_from_a_file),
        cmocka_unit_test(allocations_fail),
        cmocka_unit_test(allocations_of_jobs_fail),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
