/* What theory predicts beside what is simulated, from one summary (docs/theory.md, section 4): the proportional limit within 1 % of the mean
 * at d = 400 (2 % under two-level noise), the first-order value within 3 % of the root mean square where n >= 50 d and inside its range;
 * each plus 4 Monte Carlo standard errors. 18 + 24 numbers: false alarm of the family 42 x 6.3e-5 = .3 %. */
#include "base/csv.h"
#include "base/files.h"
#include "linalg/linalg.h"
#include "study/study.h"

#include <math.h>

enum { Z = 4 };

static const char limits[] =
    "name: limits\nreplicates: 24\n"
    "model: {d: 400, r: 3, loadings: dct, noise: {profile: constant, ratio: 2, loud: .2}}\n"
    "estimators: [pca, contrastive, noise-oracle]\nmetrics: [sin-theta-f]\n"
    "sweep: {zip: {model.noise.profile: [constant, golden, two-level], model.nu: [2, 2.8284271247461903, 2]}, "
    "sample.n: [1000, 4000]}\n";

static const char first_order[] = "name: first-order\nreplicates: 300\n"
                                  "model: {d: 100, r: 2, loadings: haar, noise: {profile: linear, ratio: 2}}\n"
                                  "estimators: [pca, contrastive, noise-oracle]\nmetrics: [sin-theta-f]\n"
                                  "sweep:\n"
                                  "  - {model.r: [2, 5], zip: {model.d: [40, 100], sample.n: [2e3, 5e3]}}\n"
                                  "  - {model.r: [2, 5], zip: {model.d: [40, 100], sample.n: [4e4, 1e5]}}\n";

static void run(scl_table *summary, const char *words)
{
    const scl_study_options options = {.pool = {.workers = 1}, .command = "test"};
    static const char *const no_claims[] = {""};
    const scl_config_names names = {.claims = no_claims};
    scl_error err = {0};
    scl_config config;
    scl_progress progress = {0};
    size_t resumed = 0;
    char *path = NULL;
    FILE *file = fopen(in_root("study.yaml"), "w");
    assert_true(file && fputs(words, file) >= 0 && fclose(file) == 0);
    scl_status status = scl_config_read(&config, in_root("study.yaml"), NULL, 0, &names, &err);
    if (status == SCL_OK) status = scl_study_run(&progress, &resumed, &config, in_root("runs"), &options, &err);
    if (status == SCL_OK) status = scl_study_read_summary(summary, &path, &config, in_root("runs"), &err);
    if (status != SCL_OK) fail_msg("%s", err.message);
    scl_config_free(&config);
    scl_free(path);
}

static double number(const scl_table *summary, size_t row, const char *column)
{
    return scl_table_number(summary, row, scl_table_column(summary, column));
}

static const char *text(const scl_table *summary, size_t row, const char *column)
{
    return scl_table_text(summary, row, scl_table_column(summary, column));
}

static void means_and_limits(void **state)
{
    (void)state;
    scl_table summary;
    run(&summary, limits);
    assert_int_equal(summary.n_rows, 18);
    for (size_t row = 0; row < summary.n_rows; row++) {
        const char *noise = text(&summary, row, "model.noise.profile");
        double mean = number(&summary, row, "mean"), mcse = number(&summary, row, "mcse"),
               limit = number(&summary, row, "limit");
        double allowed = (strcmp(noise, "two-level") == 0 ? .02 : .01) + Z * mcse / limit;
        print_message("%-10s n = %4g %-12s mean/limit - 1 = %+.2f %% +- %.2f %%\n", noise, number(&summary, row, "n"),
                      text(&summary, row, "estimator"), 100 * (mean / limit - 1), 100 * mcse / limit);
        if (!(fabs(mean / limit - 1) <= allowed)) fail_msg("allowed: %.2f %%", 100 * allowed);
    }
    scl_table_free(&summary);
}

static void root_mean_squares_and_first_order(void **state)
{
    (void)state;
    scl_table summary;
    size_t compared = 0;
    run(&summary, first_order);
    assert_int_equal(summary.n_rows, 24);
    for (size_t row = 0; row < summary.n_rows; row++) {
        double mean = number(&summary, row, "mean"), sd = number(&summary, row, "sd"),
               n_ok = number(&summary, row, "n_ok"), value = number(&summary, row, "first_order");
        double rms = sqrt(mean * mean + sd * sd * (n_ok - 1) / n_ok);
        double allowed = .03 + Z * number(&summary, row, "mcse") / rms; /* d rms/d mean is at most 1 */
        if (isnan(value)) continue;                                     /* outside its range */
        compared++;
        print_message("d = %3g, r = %g, n = %6g %-12s first order/rms - 1 = %+.2f %%\n", number(&summary, row, "d"),
                      number(&summary, row, "r"), number(&summary, row, "n"), text(&summary, row, "estimator"),
                      100 * (value / rms - 1));
        if (!(fabs(value / rms - 1) <= allowed)) fail_msg("allowed: %.2f %%", 100 * allowed);
    }
    assert_true(compared >= 18);
    scl_table_free(&summary);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(means_and_limits),
        cmocka_unit_test(root_mean_squares_and_first_order),
    };
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
