/* A process whose locale writes 0,5 reads the same config and CSV files, and writes the same bytes: summary, export, plan, figure. */
#include "base/comma.h"
#include "report/report.h"
#include "study/studies.h"

static const char *const config =
    "name: small\nseed: 7\nreplicates: 6\nmodel: {d: 3, r: 1, nu: 1.5, noise: {file: sigma2.csv}}\n"
    "estimators: [pca, {name: contrastive, keep-probability: .75, lambda: 2.5}]\nmetrics: [sin-theta-f, "
    "top-eigenvalue]\n"
    "compare: [[contrastive, pca]]\nsweep: {model.nu: [0.5, 1.25e0], sample.aspect: [.0625, 1.5e-1]}\n"
    "figure: {x: sample.aspect, y: sin-theta-f, scale: loglog}\n";

typedef struct results {
    char *summary, *export, *plan, *svg;
} results;

static results all_of(const char *folder)
{
    char path[64];
    scl_error err = {0};
    scl_table summary = {0};
    char *summary_path = NULL;
    const char *sets[] = {"replicates=5e0"};
    scl_config c = config_with(config, sets, 1);
    run_study(&c, folder, 2);
    snprintf(path, sizeof path, "%s.csv", folder);
    WELL(export_study(&c, in_root(folder), in_root(path), &err), &err);
    WELL(scl_study_read_summary(&summary, &summary_path, &c, in_root(folder), &err), &err);
    WELL(scl_figure_draw(&c, &summary, in_root(folder), &err), &err);
    results all = {.summary = study_file(folder, "small", "summary.csv"),
                   .plan = study_file(folder, "small", "plan.csv"),
                   .export = read_bytes(in_root(path), NULL)};
    snprintf(path, sizeof path, "%s/small.svg", folder);
    all.svg = read_bytes(in_root(path), NULL);
    assert_true(all.export && all.svg);
    scl_free(summary_path);
    scl_table_free(&summary);
    scl_config_free(&c);
    return all;
}

static void results_free(results *all)
{
    free(all->summary);
    free(all->export);
    free(all->plan);
    free(all->svg);
}

static void a_decimal_comma_changes_no_byte(void **state)
{
    (void)state;
    write_text(in_root("sigma2.csv"), "0.25\n1.5e0\n2.125\n");
    results point = all_of("point");
    const char *name = comma_locale(in_root("locales"));
    if (!name) {
        results_free(&point);
        print_message("skipped: no locale with a decimal comma, and localedef makes none\n");
        skip();
    }
    setlocale(LC_ALL, name);
    results comma = all_of("comma");
    setlocale(LC_ALL, "C");
    assert_string_equal(comma.summary, point.summary);
    assert_string_equal(comma.export, point.export);
    assert_string_equal(comma.plan, point.plan);
    assert_string_equal(comma.svg, point.svg);
    results_free(&point);
    results_free(&comma);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_decimal_comma_changes_no_byte)};
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
