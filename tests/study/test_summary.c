/* summary.csv, recomputed from the export by slow formulas: each row, each pair, each status; its order and its columns. */
#include "study/studies.h"

#include "theory/theory.h"

#include <float.h>

enum { MOST_REPLICATES = 64 };

/* ---- the export, looked up --------------------------------------------------------------------------------------- */

typedef struct trials {
    scl_table export, summary;
    scl_config *config;
} trials;

static const char *text_at(const scl_table *table, size_t row, const char *column)
{
    size_t c = scl_table_column(table, column);
    if (c == table->n_columns) fail_msg("there is no column %s", column);
    return scl_table_text(table, row, c);
}

static double number_at(const scl_table *table, size_t row, const char *column)
{
    (void)text_at(table, row, column);
    return scl_table_number(table, row, scl_table_column(table, column));
}

static void open_trials(trials *t, const char *results, scl_config *config)
{
    scl_error err = {0};
    char path[600];
    *t = (trials){.config = config};
    (void)remove(in_root("export.csv")); /* of the test before: an export replaces nothing */
    WELL(export_study(config, in_root(results), in_root("export.csv"), &err), &err);
    WELL(scl_table_read(&t->export, in_root("export.csv"), &err), &err);
    snprintf(path, sizeof path, "%s/%s/summary.csv", in_root(results), config->name);
    WELL(scl_table_read(&t->summary, path, &err), &err);
}

static void close_trials(trials *t)
{
    scl_table_free(&t->export);
    scl_table_free(&t->summary);
}

/* One trial's value, NaN when its row is empty or missing; its status, "" when it is missing. */
static double trial(const char **status, const trials *t, const char *cell, const char *estimator, const char *metric,
                    const char *kind, size_t replicate)
{
    *status = "";
    for (size_t i = 0; i < t->export.n_rows; i++) {
        if (strcmp(text_at(&t->export, i, "cell"), cell) != 0 || strcmp(text_at(&t->export, i, "kind"), kind) != 0 ||
            strcmp(text_at(&t->export, i, "estimator"), estimator) != 0 ||
            strcmp(text_at(&t->export, i, "metric"), metric) != 0 ||
            number_at(&t->export, i, "replicate") != (double)replicate)
            continue;
        *status = text_at(&t->export, i, "status");
        return number_at(&t->export, i, "value");
    }
    return NAN;
}

/* ---- the slow formulas ------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double quantile(const double *sorted, size_t n, double p)
{
    double place = 1 + (double)(n - 1) * p, j = floor(place);
    double low = sorted[(size_t)j - 1], high = (size_t)j < n ? sorted[(size_t)j] : low;
    return low + (place - j) * (high - low);
}

/* 10 digits are printed; `scale` is the size of the numbers that were subtracted. */
static void near_column(const trials *t, size_t row, const char *column, double wanted, double scale)
{
    double found = number_at(&t->summary, row, column);
    if (isnan(wanted) && strcmp(text_at(&t->summary, row, column), "") == 0) return;
    if (!(fabs(found - wanted) <= 6e-10 * fabs(wanted) + 1e-13 * scale))
        fail_msg("row %zu, %s, %s: %s is %s instead of %.10g", row, text_at(&t->summary, row, "estimator"),
                 text_at(&t->summary, row, "metric"), column, text_at(&t->summary, row, column), wanted);
}

/* The values of a summary row, from one estimator or a pair. */
typedef struct gathered {
    double values[MOST_REPLICATES];
    size_t n, n_failed, n_missing;
    double scale;
} gathered;

static void add_value(gathered *g, double value, bool failed, bool missing)
{
    g->n_failed += failed;
    g->n_missing += missing;
    if (!isfinite(value)) return;
    g->values[g->n++] = value;
    g->scale = fmax(g->scale, fabs(value));
}

static void check_statistics(const trials *t, size_t row, gathered *g, bool exact)
{
    /* t_{.975} for 1 to 19 degrees of freedom (R's qt) */
    static const double student[] = {12.706204736174694, 4.302652729749462,  3.1824463052837086, 2.7764451051977987,
                                     2.570581835636314,  2.4469118511449692, 2.3646242515927845, 2.306004135204166,
                                     2.2621571627982055, 2.2281388519862735, 2.200985160091638,  2.178812829667229,
                                     2.1603686564627927, 2.144786687917802,  2.131449545559774,  2.1199052992212533,
                                     2.1098155778333138, 2.100922040241039,  2.0930240544083077};
    size_t n = g->n;
    long double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += g->values[i];
    long double mean = n ? sum / (long double)n : NAN;
    for (size_t i = 0; i < n; i++) squares += (g->values[i] - mean) * (g->values[i] - mean);
    double sd = n > 1 ? (double)sqrtl(squares / (long double)(n - 1)) : exact && n ? 0 : NAN;
    double mcse = sd / sqrt((double)n), half = exact ? 0 : n > 1 ? student[n - 2] * mcse : NAN;
    qsort(g->values, n, sizeof *g->values, ascending);
    assert_true(number_at(&t->summary, row, "n_ok") == (double)n);
    assert_true(number_at(&t->summary, row, "n_failed") == (double)g->n_failed);
    near_column(t, row, "mean", (double)mean, g->scale);
    near_column(t, row, "sd", sd, g->scale);
    near_column(t, row, "mcse", mcse, g->scale);
    near_column(t, row, "ci_low", (double)mean - half, g->scale);
    near_column(t, row, "ci_high", (double)mean + half, g->scale);
    near_column(t, row, "q05", n ? quantile(g->values, n, .05) : NAN, g->scale);
    near_column(t, row, "median", n ? quantile(g->values, n, .5) : NAN, g->scale);
    near_column(t, row, "q95", n ? quantile(g->values, n, .95) : NAN, g->scale);
}

static bool draws_numbers(const trials *t, const char *id)
{
    for (size_t e = 0; e < t->config->n_estimators; e++)
        if (strcmp(t->config->estimators[e].id, id) == 0) return scl_use_draws(&t->config->estimators[e]);
    fail_msg("there is no estimator %s", id);
    return false;
}

/* What a pair makes of two values. */
static double combine(const char *kind, double left, double right, bool population, double d)
{
    double zero = population ? 1e-10 : 8 * DBL_EPSILON * d;
    if (strcmp(kind, "difference") == 0) return left - right;
    return left > zero && right > zero ? log(left / right) : NAN;
}

/* One row of the summary against the export. A single estimator is a pair without a right side. */
static void check_row(const trials *t, size_t row, size_t replicates, bool redraw)
{
    char left[80], right[80] = "", metric[80], kind[32] = "";
    const char *cell = text_at(&t->summary, row, "cell"), *name = text_at(&t->summary, row, "metric");
    snprintf(left, sizeof left, "%s", text_at(&t->summary, row, "estimator"));
    snprintf(metric, sizeof metric, "%s", name);
    char *between = strstr(left, " vs ");
    if (between) {
        snprintf(right, sizeof right, "%s", between + 4);
        *between = '\0';
        assert_int_equal(sscanf(name, "%31[a-z-](%79[^)])", kind, metric), 2);
    }
    bool infinite = isinf(number_at(&t->summary, row, "n"));
    bool left_exact = infinite && !redraw && !draws_numbers(t, left);
    bool right_exact = !right[0] || (infinite && !redraw && !draws_numbers(t, right)),
         exact = left_exact && right_exact;
    gathered sample = {0}, population = {0};
    bool deficient = false;
    for (size_t i = 0; i < (exact ? 1 : replicates); i++) {
        const char *left_status, *right_status = "ok";
        double value = trial(&left_status, t, cell, left, metric, "sample", left_exact ? 0 : i);
        if (right[0])
            value = combine(kind, value, trial(&right_status, t, cell, right, metric, "sample", right_exact ? 0 : i),
                            infinite, number_at(&t->summary, row, "d"));
        deficient = deficient || strcmp(left_status, "rank-deficient") == 0 || strcmp(right_status, "rank-deficient") == 0;
        add_value(&sample, value, strcmp(left_status, "failed") == 0 || strcmp(right_status, "failed") == 0,
                  !left_status[0] || !right_status[0]);
    }
    const char *from = infinite ? "sample" : "population", *status;
    bool has_population = !draws_numbers(t, left) && (!right[0] || !draws_numbers(t, right));
    for (size_t i = 0; has_population && i < replicates; i++) {
        double value = trial(&status, t, cell, left, metric, from, i);
        if (right[0])
            value = combine(kind, value, trial(&status, t, cell, right, metric, from, i), true,
                            number_at(&t->summary, row, "d"));
        add_value(&population, value, false, false);
    }
    check_statistics(t, row, &sample, exact);
    long double sum = 0, squares = 0, n = (long double)population.n;
    for (size_t i = 0; i < population.n; i++) sum += population.values[i];
    for (size_t i = 0; i < population.n; i++)
        squares += (population.values[i] - sum / n) * (population.values[i] - sum / n);
    near_column(t, row, "population", population.n ? (double)(sum / n) : NAN, population.scale);
    near_column(t, row, "population_mcse",
                population.n == 0  ? NAN
                : population.n > 1 ? (double)sqrtl(squares / (n - 1) / n)
                : redraw           ? NAN
                                   : 0,
                population.scale);
    const char *found = text_at(&t->summary, row, "status");
    if (sample.n_missing) assert_string_equal(found, "incomplete");
    if (!sample.n_missing) assert_string_not_equal(found, "incomplete");
    if (exact && sample.n) assert_string_equal(found, deficient ? "rank-deficient" : "exact");
}

static void assert_no_bad_numbers(const scl_table *table)
{
    for (size_t row = 0; row < table->n_rows; row++)
        for (size_t c = 0; c < table->n_columns; c++) {
            const char *text = scl_table_text(table, row, c), *name = table->names[c];
            bool may_be_infinite = strcmp(name, "n") == 0 || strcmp(name, "sample.n") == 0;
            if (strstr(text, "nan") || (strstr(text, "inf") && !may_be_infinite)) fail_msg("%s is %s", name, text);
        }
}

static void check_study(const char *text, const char *const *sets, size_t n_sets)
{
    scl_config config = config_with(text, sets, n_sets);
    trials t;
    remove_tree(in_root("runs"));
    run_study(&config, "runs", 2);
    open_trials(&t, "runs", &config);
    bool redraw = config.redraw_replicate && scl_model_random(&config.base.model);
    for (size_t row = 0; row < t.summary.n_rows; row++) check_row(&t, row, config.replicates, redraw);
    assert_no_bad_numbers(&t.summary);
    assert_no_bad_numbers(&t.export);
    close_trials(&t);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

static const char *const pairs = "compare=[[contrastive, pca], [pca, random], [random, contrastive]]";

static void every_number_follows_from_the_export(void **state)
{
    (void)state;
    const char *few[] = {pairs, "replicates=2"}, *one[] = {pairs, "replicates=1"},
               *redraw[] = {pairs, "redraw=replicate", "replicates=20"},
               *fixed[] = {pairs, "redraw=replicate", "model.loadings=dct"},
               *deficient[] = {pairs, "model.r=6", "sweep={sample.n: [3, 50]}"},
               *nothing_left[] = {pairs, "model.loadings=axis"}; /* Delta(C) = 0 */
    /* contrastive is exact in the population, and its fixed masks are not */
    const char *masks[] = {"estimators=[contrastive, pca, {name: contrastive, id: one, masks: 1, mask-law: half}]",
                           "compare=[[contrastive, pca], [one, contrastive]]"};
    check_study(small_study, &pairs, 1);
    check_study(small_study, few, 2);
    check_study(small_study, one, 2);
    check_study(small_study, redraw, 3);
    check_study(small_study, fixed, 3);
    check_study(small_study, deficient, 3);
    check_study(small_study, masks, 2);
    check_study(small_study, nothing_left, 2);
}

/* r = d, or an oracle: every error is 0, and what is computed is rounding. The difference says so, a ratio cannot. */
static void rounding_has_no_logarithm(void **state)
{
    (void)state;
    static const char *const sets[][2] = {
        {"model.r=8", "compare=[[contrastive, pca]]"},
        {"estimators=[pca, oracle]", "compare=[[oracle, pca]]"},
    };
    for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
        const char *of_this[] = {sets[i][0], sets[i][1], "sample.n=50", "sweep={model.nu: [1, 2]}"};
        check_study(small_study, of_this, 4);
        scl_config config = config_with(small_study, of_this, 4);
        trials t;
        open_trials(&t, "runs", &config);
        size_t ratios = 0;
        for (size_t row = 0; row < t.summary.n_rows; row++) {
            if (strncmp(text_at(&t.summary, row, "metric"), "log-ratio", 9) != 0) continue;
            ratios++;
            assert_string_equal(text_at(&t.summary, row, "status"), "not applicable");
            assert_string_equal(text_at(&t.summary, row, "mean"), "");
            assert_string_equal(text_at(&t.summary, row, "population"), "");
        }
        assert_int_equal(ratios, 2);
        close_trials(&t);
        scl_config_free(&config);
    }
}

/* ---- order, columns ---------------------------------------------------------------------------------------------- */

static void columns_and_order_are_as_promised(void **state)
{
    (void)state;
    scl_config config = config_of(small_study);
    trials t;
    remove_tree(in_root("runs"));
    run_study(&config, "runs", 1);
    open_trials(&t, "runs", &config);
    static const char *const columns[] = {"experiment",
                                          "cell",
                                          "n",
                                          "d",
                                          "r",
                                          "model.nu",
                                          "sample.n",
                                          "estimator",
                                          "metric",
                                          "status",
                                          "n_ok",
                                          "n_failed",
                                          "n_unconverged",
                                          "mean",
                                          "sd",
                                          "mcse",
                                          "ci_low",
                                          "ci_high",
                                          "q05",
                                          "median",
                                          "q95",
                                          "population",
                                          "population_mcse",
                                          "rate_bias",
                                          "rate_sampling",
                                          "first_order",
                                          "first_order_mcse",
                                          "limit",
                                          "limit_mcse",
                                          "bound"};
    assert_int_equal(t.summary.n_columns, sizeof columns / sizeof *columns);
    for (size_t c = 0; c < t.summary.n_columns; c++) assert_string_equal(t.summary.names[c], columns[c]);
    static const char *const rows[][2] = {{"pca", "sin-theta-f"},
                                          {"pca", "top-eigenvalue"},
                                          {"contrastive", "sin-theta-f"},
                                          {"contrastive", "top-eigenvalue"},
                                          {"random", "sin-theta-f"},
                                          {"random", "top-eigenvalue"},
                                          {"contrastive vs pca", "difference(sin-theta-f)"},
                                          {"contrastive vs pca", "log-ratio(sin-theta-f)"},
                                          {"contrastive vs pca", "difference(top-eigenvalue)"}};
    static const char *const nu[] = {"1", "1", "2", "2"}, *n[] = {"50", "inf", "50", "inf"};
    enum { PER_CELL = sizeof rows / sizeof *rows };
    assert_int_equal(t.summary.n_rows, 4 * PER_CELL);
    for (size_t row = 0; row < t.summary.n_rows; row++) {
        size_t cell = row / PER_CELL;
        assert_string_equal(text_at(&t.summary, row, "experiment"), "small");
        assert_true(number_at(&t.summary, row, "cell") == (double)cell);
        assert_string_equal(text_at(&t.summary, row, "model.nu"), nu[cell]);
        assert_string_equal(text_at(&t.summary, row, "sample.n"), n[cell]);
        assert_string_equal(text_at(&t.summary, row, "n"), n[cell]);
        assert_string_equal(text_at(&t.summary, row, "d"), "8");
        assert_string_equal(text_at(&t.summary, row, "r"), "2");
        assert_string_equal(text_at(&t.summary, row, "estimator"), rows[row % PER_CELL][0]);
        assert_string_equal(text_at(&t.summary, row, "metric"), rows[row % PER_CELL][1]);
        bool rates = strcmp(rows[row % PER_CELL][1], "sin-theta-f") == 0;
        near_column(&t, row, "rate_bias", rates ? pow(2, 1.5) * log(8) / 8 : NAN, 0);
        near_column(&t, row, "rate_sampling", rates ? cell % 2 ? 0 : sqrt(8. * 2 / 50) : NAN, 0);
        assert_string_equal(text_at(&t.summary, row, "bound"), "");
    }
    /* the export: a row per replicate, estimator, metric and kind. Finite cells: 6 (3 estimators) and 2 population rows,
     * infinite ones 6 of random and one each of the others; two metrics. */
    assert_int_equal(t.export.n_rows, 2 * (2 * (6 * 3 + 2) + 2 * (6 + 2)));
    close_trials(&t);
    scl_config_free(&config);
}

/* ---- statuses ---------------------------------------------------------------------------------------------------- */

/* Fails when the first mean is below options[0], and does not converge when it is above options[1]. */
static scl_status fit_moody(scl_representation *out, scl_fit_info *info, const scl_sample *sample,
                            const double *options, scl_stream *stream, scl_arena *ws, scl_error *err)
{
    (void)stream;
    (void)ws;
    if (sample->mean[0] < options[0]) return scl_error_set(err, SCL_ERR_LAPACK, "planted failure");
    scl_matrix_copy(out->Q, sample->model->U);
    out->values[0] = out->scale[0] = 1 + sample->mean[0] * sample->mean[0];
    info->status = sample->mean[0] > options[1] ? SCL_FIT_UNCONVERGED : SCL_FIT_OK;
    return SCL_OK;
}

static const scl_estimator moody = {
    .name = "moody", .summary = "", .source = "", .workspace = no_workspace, .fit = fit_moody};
/* Another name: estimators of one name and one set of options in their table share their rows. */
static const scl_estimator moodier = {
    .name = "moodier", .summary = "", .source = "", .workspace = no_workspace, .fit = fit_moody};

/* The row of that cell, estimator and metric. */
static size_t find_row(const trials *t, const char *cell, const char *estimator, const char *metric)
{
    for (size_t row = 0; row < t->summary.n_rows; row++)
        if (strcmp(text_at(&t->summary, row, "cell"), cell) == 0 &&
            strcmp(text_at(&t->summary, row, "estimator"), estimator) == 0 &&
            strcmp(text_at(&t->summary, row, "metric"), metric) == 0)
            return row;
    fail_msg("there is no row of cell %s, %s, %s", cell, estimator, metric);
    return 0;
}

static void assert_status(const trials *t, const char *cell, const char *estimator, const char *metric,
                          const char *status, double n_failed)
{
    size_t row = find_row(t, cell, estimator, metric);
    assert_string_equal(text_at(&t->summary, row, "status"), status);
    if (number_at(&t->summary, row, "n_failed") != n_failed)
        fail_msg("cell %s, %s, %s: n_failed is %s, not %g", cell, estimator, metric,
                 text_at(&t->summary, row, "n_failed"), n_failed);
}

/* A failing trial is counted, in its own row and in its pairs, and never averaged away or drawn again. */
static void failures_are_counted(void **state)
{
    (void)state;
    scl_config config =
        config_of("name: moody\nreplicates: 20\nmodel: {d: 6, r: 1}\nsample: {n: 9}\n"
                  "estimators: [pca, {name: pca, id: some}, {name: pca, id: all}, random]\n"
                  "metrics: [sin-theta-f, top-eigenvalue]\ncompare: [[pca, some], [all, pca], [pca, random]]\n"
                  "sweep: {sample.n: [9, inf]}\n");
    config.estimators[1].estimator = &moody;
    config.estimators[2].estimator = &moodier;
    config.estimators[1].options[1] = 0.05; /* fails below 0, does not converge above .05 */
    config.estimators[2].options[0] = INFINITY;
    trials t;
    scl_progress progress = {0};
    scl_error err = {0};
    size_t resumed = 0;
    scl_study_options options = {.pool = {.workers = 2}, .command = "test"};
    remove_tree(in_root("runs"));
    WELL(scl_study_run(&progress, &resumed, &config, in_root("runs"), &options, &err), &err);
    open_trials(&t, "runs", &config);
    size_t failed = 0, unconverged = 0;
    for (size_t i = 0; i < 20; i++) {
        const char *status;
        (void)trial(&status, &t, "0", "some", "sin-theta-f", "sample", i);
        failed += strcmp(status, "failed") == 0;
        unconverged += strcmp(status, "unconverged") == 0;
    }
    assert_in_range(failed, 2, 18);
    assert_in_range(unconverged, 1, 18);
    size_t row = find_row(&t, "0", "some", "sin-theta-f");
    assert_true(number_at(&t.summary, row, "n_unconverged") == (double)unconverged);
    assert_true(number_at(&t.summary, row, "n_ok") == (double)(20 - failed));
    assert_status(&t, "0", "pca", "sin-theta-f", "ok", 0);
    assert_status(&t, "0", "some", "sin-theta-f", "ok", (double)failed);
    assert_status(&t, "0", "all", "sin-theta-f", "failed", 20);
    assert_status(&t, "0", "random", "top-eigenvalue", "not applicable", 0);
    assert_status(&t, "0", "pca vs some", "difference(sin-theta-f)", "ok", (double)failed);
    assert_status(&t, "0", "all vs pca", "difference(sin-theta-f)", "failed", 20);
    assert_status(&t, "0", "pca vs random", "difference(sin-theta-f)", "ok", 0);
    assert_status(&t, "0", "pca vs random", "difference(top-eigenvalue)", "not applicable", 0);
    assert_status(&t, "1", "pca", "sin-theta-f", "exact", 0);
    assert_status(&t, "1", "some", "sin-theta-f", "exact", 0);
    assert_status(&t, "1", "all", "sin-theta-f", "failed", 1);
    assert_status(&t, "1", "random", "sin-theta-f", "ok", 0);
    assert_status(&t, "1", "pca vs random", "difference(sin-theta-f)", "ok", 0);
    assert_true(number_at(&t.summary, find_row(&t, "1", "pca vs random", "difference(sin-theta-f)"), "n_ok") == 20);
    for (row = 0; row < t.summary.n_rows; row++) check_row(&t, row, 20, false);
    assert_no_bad_numbers(&t.summary);
    /* failed trials: 20 + failed in cell 0, one of the population, one in cell 1; and no run forgets them */
    assert_int_equal(progress.failed, 20 + failed + 1 + 1);
    char *summary = study_file("runs", "moody", "summary.csv");
    WELL(scl_study_run(&progress, &resumed, &config, in_root("runs"), &options, &err), &err);
    assert_int_equal(progress.done_now, 0);
    assert_int_equal(resumed, progress.total);
    assert_int_equal(progress.failed, 20 + failed + 1 + 1);
    char path[600];
    snprintf(path, sizeof path, "%s/moody/summary.csv", in_root("runs"));
    assert_same_file(path, summary);
    free(summary);
    close_trials(&t);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

static void the_other_statuses(void **state)
{
    (void)state;
    const char *sets[] = {"model.r=6", "sweep={sample.n: [3, 50]}", "replicates=4", "compare=[[pca, contrastive]]",
                          "estimators=[pca, contrastive, random]"},
               *single[] = {"replicates=1"};
    scl_config config = config_with(small_study, sets, 5);
    trials t;
    remove_tree(in_root("runs"));
    run_study(&config, "runs", 1);
    open_trials(&t, "runs", &config);
    /* three samples have a covariance of rank two, of six that are wanted */
    assert_status(&t, "0", "pca", "sin-theta-f", "rank-deficient", 0);
    assert_status(&t, "1", "pca", "sin-theta-f", "ok", 0);
    assert_true(number_at(&t.summary, find_row(&t, "0", "pca", "sin-theta-f"), "n_ok") == 4);
    assert_status(&t, "0", "pca vs contrastive", "difference(sin-theta-f)", "rank-deficient", 0);
    close_trials(&t);
    scl_config_free(&config);
    config = config_with(small_study, single, 1);
    remove_tree(in_root("runs"));
    run_study(&config, "runs", 1);
    open_trials(&t, "runs", &config);
    assert_status(&t, "0", "pca", "sin-theta-f", "single", 0);
    assert_status(&t, "1", "pca", "sin-theta-f", "exact", 0);
    assert_status(&t, "1", "random", "sin-theta-f", "single", 0);
    assert_status(&t, "1", "random", "top-eigenvalue", "not applicable", 0);
    close_trials(&t);
    scl_config_free(&config);
    /* C is diagonal: without its diagonal nothing is left, and what the solver chose of a null space is not exact */
    const char *axis[] = {"model.loadings=axis"};
    config = config_with(small_study, axis, 1);
    remove_tree(in_root("runs"));
    run_study(&config, "runs", 1);
    open_trials(&t, "runs", &config);
    assert_status(&t, "1", "contrastive", "sin-theta-f", "rank-deficient", 0);
    assert_status(&t, "1", "pca", "sin-theta-f", "exact", 0);
    assert_true(number_at(&t.summary, find_row(&t, "1", "contrastive", "sin-theta-f"), "mcse") == 0);
    close_trials(&t);
    scl_config_free(&config);
}

/* An interrupted study says so in the cells that lack jobs, and only there. */
static void missing_jobs_make_a_cell_incomplete(void **state)
{
    (void)state;
    scl_config config = config_of(small_study);
    scl_plan plan;
    scl_error err = {0};
    scl_store *store = NULL;
    scl_worker worker;
    char *folder = NULL;
    remove_tree(in_root("runs"));
    WELL(scl_plan_new(&plan, &config, &err), &err);
    WELL(scl_study_folder(&folder, &config, in_root("runs"), (scl_shard){0}, &err), &err);
    assert_int_equal(mkdir(in_root("runs"), 0777), 0);
    assert_int_equal(mkdir(folder, 0777), 0);
    WELL(scl_store_open(&store, folder, &plan, SCL_STORE_WRITE, false, &err), &err);
    WELL(scl_worker_new(&worker, &plan, &err), &err);
    for (size_t j = 0; j < plan.n_jobs; j++) {
        scl_row rows[8];
        scl_job job = scl_plan_job(&plan, j);
        if ((job.cell == 1 && job.replicate == 4) || (job.cell == 2 && job.replicate > 0) || job.cell == 3) continue;
        WELL(scl_store_append(store, rows, scl_job_run(rows, &worker, j), &err), &err);
    }
    WELL(scl_store_commit(store, &err), &err);
    scl_worker_free(&worker);
    scl_store_close(store);
    WELL(summarise_study(&config, in_root("runs"), &err), &err);
    trials t;
    open_trials(&t, "runs", &config);
    assert_status(&t, "0", "pca", "sin-theta-f", "ok", 0);
    assert_status(&t, "1", "pca", "sin-theta-f", "exact", 0); /* replicate 4 of an infinite cell is random's alone */
    assert_status(&t, "1", "random", "sin-theta-f", "incomplete", 0);
    assert_status(&t, "1", "contrastive vs pca", "difference(sin-theta-f)", "exact", 0);
    assert_status(&t, "2", "pca", "sin-theta-f", "incomplete", 0);
    assert_true(number_at(&t.summary, find_row(&t, "2", "pca", "sin-theta-f"), "n_ok") == 1);
    assert_status(&t, "2", "contrastive vs pca", "log-ratio(sin-theta-f)", "incomplete", 0);
    assert_status(&t, "3", "pca", "sin-theta-f", "incomplete", 0);
    assert_string_equal(text_at(&t.summary, find_row(&t, "3", "pca", "sin-theta-f"), "mean"), "");
    assert_no_bad_numbers(&t.summary);
    close_trials(&t);
    scl_free(folder);
    scl_plan_free(&plan);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_follows_from_the_export),
        cmocka_unit_test(rounding_has_no_logarithm),
        cmocka_unit_test(columns_and_order_are_as_promised),
        cmocka_unit_test(failures_are_counted),
        cmocka_unit_test(the_other_statuses),
        cmocka_unit_test(missing_jobs_make_a_cell_incomplete),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
