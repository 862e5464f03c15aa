/* Tasks and labels in a study: models and estimators are drawn as without them, rows do not depend on workers or on what else is measured,
 * populations of labels. Limits are in test_task_limits.c, refused configs in bad_configs/ (task-*, labelled-*). */
#include "study/tasks.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_bytes_for_any_number_of_workers), cmocka_unit_test(metrics_and_estimators_move_nothing),
        cmocka_unit_test(labels_apart_leave_the_sample_alone),  cmocka_unit_test(populations_have_expected_risks),
        cmocka_unit_test(populations_beside_kept_samples),      cmocka_unit_test(labels_beside_a_population),
        cmocka_unit_test(first_order_is_of_gaussian_latents),   cmocka_unit_test(weights_from_a_file),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
