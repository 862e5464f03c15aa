/* Predictions of a plan's cells: the theory of each cell's own model, whatever cells stand before it; in the summary and in the table of
 * `predict` the same. */
#include "study/studies.h"

#include "study/predict.h"
#include "study/predictor.h"
#include "theory/limit.h"

#include <stdlib.h>

static const char *const study =
    "name: theory\nseed: 3\nreplicates: 6\nmodel: {d: 20, r: 2, nu: 1.5, noise: {profile: linear, ratio: 2}}\n"
    "estimators: [pca, contrastive, heteropca, {name: contrastive, id: one, masks: 1}]\n"
    "metrics: [sin-theta-f, top-eigenvalue, incoherence]\ncompare: [[contrastive, pca]]\n"
    "sweep: {model.nu: [1.5, 3], sample.n: [40, 4000, inf]}\n";

static scl_table table_of(const char *text)
{
    scl_config config = config_of(text);
    scl_plan plan;
    scl_table table = {0};
    scl_error err = {0};
    WELL(scl_plan_new(&plan, &config, &err), &err);
    WELL(scl_predict_table(&table, &plan, &err), &err);
    scl_plan_free(&plan);
    scl_config_free(&config);
    return table;
}

static const char *cell_text(const scl_table *table, size_t cell, const char *estimator, const char *metric,
                             const char *column)
{
    for (size_t row = 0; row < table->n_rows; row++)
        if (scl_table_number(table, row, scl_table_column(table, "cell")) == (double)cell &&
            strcmp(scl_table_text(table, row, scl_table_column(table, "estimator")), estimator) == 0 &&
            strcmp(scl_table_text(table, row, scl_table_column(table, "metric")), metric) == 0) {
            size_t at = scl_table_column(table, column);
            if (at == table->n_columns) fail_msg("no column %s", column);
            return scl_table_text(table, row, at);
        }
    fail_msg("no row %zu %s %s", cell, estimator, metric);
    return "";
}

static double number(const scl_table *table, size_t cell, const char *estimator, const char *metric, const char *column)
{
    return strtod(cell_text(table, cell, estimator, metric, column), NULL);
}

/* Of cell `cell`'s own model, drawn here. */
static void cell_is_its_own(const scl_table *table, const scl_plan *plan, size_t cell)
{
    const scl_cell *of = &plan->cells[cell];
    size_t d = of->settings.model.d, r = of->settings.model.r;
    scl_error err = {0};
    scl_model model;
    scl_arena ws;
    double outliers[4], sines2[4];
    WELL(scl_model_new(&model, d, r, &err), &err);
    WELL(scl_arena_new(&ws, 100000, &err), &err);
    WELL(scl_model_draw(&model, &of->settings.model, plan->config->seed, of->loadings_text, NULL, 0, &ws, &err), &err);
    scl_limit limit = {.outliers = outliers, .sines2 = sines2};
    WELL(scl_limit_of(&limit, &model, SCL_SHIFT_DIAGONAL, of->settings.n, &ws, &err), &err);
    double expected = sqrt(sines2[0] + sines2[1]), got = number(table, cell, "contrastive", "sin-theta-f", "limit");
    assert_true(fabs(got - expected) < 1e-9 * expected);
    got = number(table, cell, "contrastive", "top-eigenvalue", "limit");
    assert_true(fabs(got - outliers[0]) < 1e-9 * outliers[0]);
    scl_first_order terms;
    WELL(scl_first_order_of(&terms, &model, SCL_SHIFT_ZERO, &ws, &err), &err);
    expected = scl_first_order_value(&terms, of->settings.n);
    const char *text = cell_text(table, cell, "pca", "sin-theta-f", "first_order");
    assert_int_equal(*text == '\0', isnan(expected) != 0);
    if (*text) assert_true(fabs(strtod(text, NULL) - expected) < 1e-9 * expected);
    scl_arena_free(&ws);
    scl_model_free(&model);
}

static void each_cell_has_its_own_theory(void **state)
{
    (void)state;
    scl_config config = config_of(study);
    scl_plan plan;
    scl_error err = {0};
    WELL(scl_plan_new(&plan, &config, &err), &err);
    scl_table table = {0};
    WELL(scl_predict_table(&table, &plan, &err), &err);
    assert_int_equal(plan.n_cells, 6);
    for (size_t c = 0; c < plan.n_cells; c++) cell_is_its_own(&table, &plan, c);
    scl_table_free(&table);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

/* A prediction is no draw: labels have a population, with n = inf as with a finite n. */
static void labels_are_not_drawn(void **state)
{
    (void)state;
    static const char *const estimators[] = {"pca", "ols", "label-terms"};
    static const char *const metrics[] = {"regression-risk", "ols-risk"};
    scl_table table = table_of("name: labels\nmodel: {d: 12, r: 2, noise: {profile: linear, ratio: 2}, task: {kind: "
                               "regression}}\nsample: {labelled: 12}\nestimators: [pca, ols, label-terms]\n"
                               "metrics: [regression-risk, ols-risk]\nsweep: {sample.n: [100, inf]}\n");
    for (size_t e = 0; e < 3; e++)
        for (size_t m = 0; m < 2; m++) {
            double finite = number(&table, 0, estimators[e], metrics[m], "population");
            assert_true(number(&table, 1, estimators[e], metrics[m], "population") == finite);
            assert_true(finite > 0 && finite < 1);
            assert_string_equal(cell_text(&table, 1, estimators[e], metrics[m], "population_note"), "exact");
        }
    scl_table_free(&table);
    table = table_of("name: few\nmodel: {d: 12, r: 2, task: {kind: regression}}\nsample: {n: 100, labelled: 3}\n"
                     "estimators: [pca, random]\nmetrics: [ols-risk, ridge-risk]\n");
    assert_string_equal(cell_text(&table, 0, "pca", "ols-risk", "population"), "");
    assert_string_equal(cell_text(&table, 0, "pca", "ols-risk", "population_note"), "infinite: m <= k + 1");
    assert_string_equal(cell_text(&table, 0, "pca", "ridge-risk", "population_note"), "none for this metric");
    assert_string_equal(cell_text(&table, 0, "random", "ols-risk", "population_note"),
                        "none: this estimator draws random numbers");
    scl_table_free(&table);
}

/* Why a number is missing, or what it is. */
static void notes_say_why(void **state)
{
    (void)state;
    scl_table table = table_of(study);
    assert_string_equal(cell_text(&table, 0, "pca", "sin-theta-f", "first_order_note"), "outside first-order range");
    assert_string_equal(cell_text(&table, 0, "pca", "sin-theta-f", "first_order"), "");
    assert_string_equal(cell_text(&table, 1, "pca", "sin-theta-f", "first_order_note"), "root mean square");
    assert_string_equal(cell_text(&table, 1, "pca", "sin-theta-f", "limit_note"), "limit");
    assert_string_equal(cell_text(&table, 2, "pca", "sin-theta-f", "limit_note"), "exact");
    assert_string_equal(cell_text(&table, 2, "pca", "sin-theta-f", "limit"),
                        cell_text(&table, 2, "pca", "sin-theta-f", "population"));
    assert_string_equal(cell_text(&table, 1, "one", "sin-theta-f", "limit_note"), "none for this estimator");
    assert_string_equal(cell_text(&table, 1, "heteropca", "sin-theta-f", "limit_note"), "none for this estimator");
    assert_true(number(&table, 1, "heteropca", "sin-theta-f", "population") < .2);
    assert_string_equal(cell_text(&table, 1, "one", "sin-theta-f", "population"),
                        ""); /* random in the population too */
    assert_string_equal(cell_text(&table, 1, "pca", "top-eigenvalue", "first_order_note"), "none for this metric");
    assert_string_equal(cell_text(&table, 1, "pca", "incoherence", "limit_note"), "none for this metric");
    assert_string_equal(cell_text(&table, 1, "pca", "sin-theta-f", "above"), "2");
    scl_table_free(&table);
    table = table_of("name: heavy\nmodel: {d: 12, r: 2, noise_law: {student: {df: 4}}}\nsample: {n: 100}\n"
                     "estimators: [pca]\nmetrics: [sin-theta-f]\n");
    assert_string_equal(cell_text(&table, 0, "pca", "sin-theta-f", "limit_note"), "none without fourth moments");
    assert_string_equal(cell_text(&table, 0, "pca", "sin-theta-f", "first_order_note"),
                        "none for laws that are not Gaussian");
    scl_table_free(&table);
    table = table_of("name: low\nmodel: {d: 100, r: 1, nu: .5}\nsample: {n: 100}\nestimators: [pca]\n"
                     "metrics: [sin-theta-f, top-eigenvalue]\n");
    assert_string_equal(cell_text(&table, 0, "pca", "sin-theta-f", "above"), "0");
    assert_string_equal(cell_text(&table, 0, "pca", "sin-theta-f", "limit"), "1");
    assert_string_equal(cell_text(&table, 0, "pca", "sin-theta-f", "outliers"), "none");
    assert_string_equal(cell_text(&table, 0, "pca", "top-eigenvalue", "limit_note"), "no outlier");
    scl_table_free(&table);
    table = table_of("name: beyond\nmodel: {d: 100, r: 2, nu: .6, noise: {profile: power, exponent: 1}}\nsample: {n: "
                     "3000}\nestimators: [pca, contrastive]\nmetrics: [sin-theta-f, top-eigenvalue]\n");
    assert_string_equal(cell_text(&table, 0, "pca", "sin-theta-f", "limit_note"), "signal beyond the r-th eigenvalue");
    assert_string_equal(cell_text(&table, 0, "pca", "sin-theta-f", "limit"), "");
    assert_string_equal(cell_text(&table, 0, "pca", "top-eigenvalue", "limit_note"), "limit");
    assert_string_equal(cell_text(&table, 0, "contrastive", "sin-theta-f", "limit_note"), "limit");
    scl_table_free(&table);
    table = table_of("name: gapless\nmodel: {d: 10, r: 2, loadings: axis}\nsample: {n: 100}\n"
                     "estimators: [contrastive]\nmetrics: [sin-theta-f]\n");
    assert_string_equal(cell_text(&table, 0, "contrastive", "sin-theta-f", "limit_note"),
                        "no gap after the r-th eigenvalue");
    scl_table_free(&table);
}

/* Under redraw: replicate a prediction is the mean over the models of the first replicates, with its standard error. */
static void models_are_averaged(void **state)
{
    (void)state;
    const char *text = "name: redrawn\nseed: 3\nreplicates: 4\nredraw: replicate\nmodel: {d: 20, r: 2, nu: 1.5, noise: "
                       "{profile: linear, ratio: 2}}\nsample: {n: 400}\nestimators: [contrastive]\nmetrics: "
                       "[sin-theta-f]\n";
    scl_config config = config_of(text);
    scl_plan plan;
    scl_error err = {0};
    WELL(scl_plan_new(&plan, &config, &err), &err);
    scl_table table = {0};
    WELL(scl_predict_table(&table, &plan, &err), &err);
    double sum = 0, square = 0;
    for (uint32_t i = 0; i < 4; i++) {
        scl_model model;
        scl_arena ws;
        double outliers[2], sines2[2];
        WELL(scl_model_new(&model, 20, 2, &err), &err);
        WELL(scl_arena_new(&ws, 100000, &err), &err);
        WELL(scl_model_draw(&model, &plan.cells[0].settings.model, 3, plan.cells[0].loadings_text, NULL, i, &ws, &err),
             &err);
        scl_limit limit = {.outliers = outliers, .sines2 = sines2};
        WELL(scl_limit_of(&limit, &model, SCL_SHIFT_DIAGONAL, 400, &ws, &err), &err);
        double value = sqrt(sines2[0] + sines2[1]);
        sum += value;
        square += value * value;
        scl_arena_free(&ws);
        scl_model_free(&model);
    }
    double mean = sum / 4, mcse = sqrt((square / 4 - mean * mean) * 4 / 3 / 4);
    assert_true(fabs(number(&table, 0, "contrastive", "sin-theta-f", "limit") - mean) < 1e-9);
    assert_true(fabs(number(&table, 0, "contrastive", "sin-theta-f", "limit_mcse") - mcse) < 1e-6 * mcse);
    assert_true(number(&table, 0, "contrastive", "sin-theta-f", "population_mcse") > 0);
    assert_string_equal(cell_text(&table, 0, "contrastive", "sin-theta-f", "population_note"), "mean over models");
    scl_table_free(&table);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

/* The summary has the same numbers, and those of pairs. */
static void summary_has_them(void **state)
{
    (void)state;
    scl_config config = config_of(study);
    scl_error err = {0};
    scl_progress progress;
    size_t resumed;
    scl_study_options options = {.pool.workers = 1, .command = "test"};
    WELL(scl_study_run(&progress, &resumed, &config, in_root("runs"), &options, &err), &err);
    scl_table summary = {0}, table = table_of(study);
    char *path = NULL;
    WELL(scl_study_read_summary(&summary, &path, &config, in_root("runs"), &err), &err);
    for (size_t c = 0; c < 6; c++) {
        static const char *const columns[] = {"first_order", "first_order_mcse", "limit", "limit_mcse"};
        for (size_t k = 0; k < 4; k++)
            assert_string_equal(cell_text(&summary, c, "contrastive", "sin-theta-f", columns[k]),
                                cell_text(&table, c, "contrastive", "sin-theta-f", columns[k]));
        double left = number(&table, c, "contrastive", "sin-theta-f", "limit"),
               right = number(&table, c, "pca", "sin-theta-f", "limit");
        double difference = number(&summary, c, "contrastive vs pca", "difference(sin-theta-f)", "limit");
        double ratio = number(&summary, c, "contrastive vs pca", "log-ratio(sin-theta-f)", "limit");
        assert_true(fabs(difference - (left - right)) < 1e-9);
        assert_true(fabs(ratio - log(left / right)) < 1e-8);
    }
    scl_free(path);
    scl_table_free(&summary);
    scl_table_free(&table);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

/* Every allocation that fails is an error, and nothing leaks. */
static void allocations_may_fail(void **state)
{
    (void)state;
    scl_config config = config_of(study);
    scl_plan plan;
    scl_error err = {0};
    WELL(scl_plan_new(&plan, &config, &err), &err);
    size_t live = scl_memory_live(), failures = 0;
    for (size_t k = 1;; k++) {
        scl_table table = {0};
        err = (scl_error){0};
        scl_memory_fail_at(k);
        scl_status status = scl_predict_table(&table, &plan, &err);
        scl_memory_fail_at(0);
        scl_table_free(&table);
        assert_int_equal(scl_memory_live(), live);
        if (status == SCL_OK) break;
        assert_int_equal(status, SCL_ERR_MEMORY);
        failures++;
    }
    assert_true(failures > 10);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cell_has_its_own_theory),
        cmocka_unit_test(labels_are_not_drawn),
        cmocka_unit_test(notes_say_why),
        cmocka_unit_test(models_are_averaged),
        cmocka_unit_test(summary_has_them),
        cmocka_unit_test(allocations_may_fail),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
