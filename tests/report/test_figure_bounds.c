/* A config's own bounds in its figure: the numbers of every line against their formulas, labels and caption, and what is refused. */
#include "figures.h"

#include "linalg/linalg.h"
#include "report/figure_data.h"
#include "study/config.h"

static const char text[] =
    "name: fig\nmodel: {d: 40, r: 2, noise: {profile: linear, ratio: 2}}\nsample: {n: 1000}\n"
    "estimators: [pca, contrastive]\nmetrics: [sin-theta-f, sin-theta-2]\n"
    "sweep: {sample.n: [1000, 4000, inf]}\nfigure: {x: n, y: sin-theta-f, scale: loglog, bounds: true}\n"
    "bounds:\n"
    "  - {id: mine, kind: upper, metric: sin-theta-f, estimator: contrastive, terms: {sampling: \"sqrt(d*r/n)\", bias: "
    "r*.1}}\n"
    "  - {id: elsewhere, kind: lower, metric: sin-theta-2, estimator: pca, terms: {floor: 1}}\n"
    "  - {id: low_1, kind: lower, metric: sin-theta-f, estimator: pca, terms: {floor: tr_D/d*sigma_min}}\n"
    "  - {id: zero, kind: upper, metric: sin-theta-f, estimator: contrastive, terms: {bias: "
    "r*incoherence*sigma_max/rho*gap/nu_max*sigma_min}}\n";

static const scl_config_names names = {0};

static scl_config read_config(const char *more)
{
    scl_config config;
    scl_error err = {0};
    char path[256];
    snprintf(path, sizeof path, "%s/witness", folder);
    FILE *file = fopen(path, "w");
    assert_true(file && fprintf(file, "%s%s", text, more) > 0 && fclose(file) == 0);
    if (scl_config_read(&config, path, NULL, 0, &names, &err) != SCL_OK) fail_msg("%s", err.message);
    return config;
}

/* Rows of both estimators in the three cells. */
static scl_table summary_of_cells(void)
{
    static const char *const n[] = {"1000", "4000", "inf"}, *const cells[] = {"0", "1", "2"};
    sweep(0, "sample.n");
    scl_table table = summary_with(1);
    for (size_t i = 0; i < 6; i++) {
        add(&table, n[i / 2], &n[i / 2], i % 2 ? "contrastive" : "pca", "sin-theta-f", .4 - .01 * (double)i, .01,
            "0.2");
        replace_cell(&table, i, "cell", cells[i / 2]);
    }
    return table;
}

static void near(double value, double known)
{
    if (!(fabs(value - known) <= 1e-12 * fabs(known))) fail_msg("%.17g, not %.17g", value, known);
}

/* Lines 3 .. are mine's sampling, bias and sum, low_1's floor, zero's bias. */
static void test_lines_are_the_terms(void **state)
{
    (void)state;
    scl_config config = read_config("");
    scl_table table = summary_of_cells();
    scl_figure_data data;
    scl_error err = {0};
    if (scl_figure_data_read(&data, &config, &table, &err) != SCL_OK) fail_msg("%s", err.message);
    assert_int_equal(data.n_rates, 8);
    static const char *const labels[] = {"mine, sampling: sqrt(d*r/n)", "mine, bias: r*.1", "mine, sum",
                                         "low_1, floor: tr_D/d*sigma_min",
                                         "zero, bias"}; /* its expression is too long for a legend */
    for (size_t k = 0; k < 5; k++) assert_string_equal(data.rate_labels[3 + k], labels[k]);
    double trace = 0, least = INFINITY;
    for (size_t j = 0; j < 40; j++) {
        double sigma = 1 - .5 * (double)j / 40;
        trace += sigma * sigma;
        least = fmin(least, sigma);
    }
    for (size_t i = 0; i < data.n_points; i++) {
        const scl_figure_point *point = &data.points[i];
        near(point->rates[0], .5); /* the paper's are the summary's */
        near(point->rates[4], .2);
        near(point->rates[6], trace / 40 * least);
        assert_true(point->rates[7] > 0 && point->rates[7] == data.points[0].rates[7]);
        if (isinf(point->x)) {
            assert_true(isnan(point->rates[3]) && isnan(point->rates[5])); /* 0 is no line */
            continue;
        }
        near(point->rates[3], sqrt(80 / point->x));
        near(point->rates[5], sqrt(80 / point->x) + .2);
    }
    assert_int_equal(data.n_points, 6);
    scl_figure_data_free(&data);
    char *svg = drawn_svg(&config, &table);
    assert_has(svg, "mine, sampling: sqrt(d*r/n)");
    assert_has(svg, "low_1, floor: tr_D/d*sigma_min"); /* no subscript */
    assert_has_not(svg, "elsewhere");
    assert_has(svg, "rate term");
    assert_says(svg, "Brown: the config's own bounds with constant 1");
    scl_free(svg);
    config.figure.bounds = false;
    svg = drawn_svg(&config, &table);
    assert_has_not(svg, "mine, ");
    assert_has_not(svg, "Brown");
    scl_free(svg);
    scl_table_free(&table);
    scl_config_free(&config);
}

static void test_more_bounds_than_dashes(void **state)
{
    (void)state;
    scl_config config =
        read_config("  - {id: fourth, kind: lower, metric: sin-theta-f, estimator: pca, terms: {floor: sqrt(r)}}\n");
    scl_table table = summary_of_cells();
    scl_figure_data data;
    scl_error err = {0};
    assert_int_equal(scl_figure_data_read(&data, &config, &table, &err), SCL_ERR_INPUT);
    assert_string_equal(err.message,
                        "the figure of \"fig\" would have the lines of 4 bounds on sin-theta-f, and dashes "
                        "tell 3 apart; figure.bounds: false draws it without");
    scl_figure_data_free(&data);
    scl_table_free(&table);
    scl_config_free(&config);
}

/* The cells are the config's, or nothing is drawn. */
static void test_rows_of_other_cells(void **state)
{
    (void)state;
    static const char *const bad[] = {"3", "-1", "x"};
    scl_config config = read_config("");
    for (size_t i = 0; i < 3; i++) {
        scl_table table = summary_of_cells();
        scl_figure_data data;
        scl_error err = {0};
        replace_cell(&table, 1, "cell", bad[i]);
        assert_int_equal(scl_figure_data_read(&data, &config, &table, &err), SCL_ERR_INPUT);
        assert_non_null(strstr(err.message, "row 3 of the summary is of a cell that "));
        scl_figure_data_free(&data);
        scl_table_free(&table);
    }
    scl_config_free(&config);
}

static void test_allocations_fail(void **state)
{
    (void)state;
    scl_config config = read_config("");
    scl_table table = summary_of_cells();
    size_t live = scl_memory_live(), k = 0;
    for (scl_status status = SCL_ERR_MEMORY; status != SCL_OK;) {
        scl_figure_data data;
        scl_error err = {0};
        scl_memory_fail_at(++k);
        status = scl_figure_data_read(&data, &config, &table, &err);
        scl_memory_fail_at(0);
        assert_true(status == SCL_OK || status == SCL_ERR_MEMORY);
        scl_figure_data_free(&data);
        assert_int_equal(scl_memory_live(), live);
    }
    assert_true(k > 20);
    scl_table_free(&table);
    scl_config_free(&config);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_are_the_terms),
        cmocka_unit_test(test_more_bounds_than_dashes),
        cmocka_unit_test(test_rows_of_other_cells),
        cmocka_unit_test(test_allocations_fail),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
