/* The waterfall: which rows of a summary stand in which panel, where each bar begins and ends, what is written beside it, and what is
 * refused. */
#include "evaluate/audit.h"
#include "report/figures.h"
#include "report/waterfall.h"

/* Means by metric of one estimator in one cell: the audit's bounds, then the measured error. */
enum { MEASURED = SCL_AUDIT_BOUNDS, N_METRICS };

static const double planted[N_METRICS] = {.04, .05, .1, .3, .4, .2, .3, .5, .6, 1.2, 2.4, 1.5, .22};

static void put(scl_table *table, const char *cell, const char *n, const char *estimator, const char *metric,
                double mean, double mcse)
{
    char text[5][SCL_NUMBER_CHARS];
    bool exact = strcmp(n, "inf") == 0;
    const char *row[] = {"fig",
                         cell,
                         n,
                         "40",
                         "5",
                         n,
                         estimator,
                         metric,
                         isnan(mean) ? "not applicable"
                         : exact     ? "exact"
                                     : "ok",
                         isnan(mean) ? "0"
                         : exact     ? "1"
                                     : "100",
                         "0",
                         "0",
                         isnan(mean) ? "" : scl_number_digits(text[0], mean, 10),
                         "",
                         exact || isnan(mean) ? "" : scl_number_digits(text[1], mcse, 10),
                         mcse > 0 ? scl_number_digits(text[2], mean - 2 * mcse, 10) : "",
                         mcse > 0 ? scl_number_digits(text[3], mean + 2 * mcse, 10) : "",
                         "",
                         "",
                         "",
                         "",
                         "",
                         "0.7",
                         exact ? "0" : "0.2",
                         "",
                         "",
                         ""};
    assert_int_equal(sizeof row / sizeof *row, table->n_columns);
    assert_int_equal(scl_table_add_row(table, row, NULL), SCL_OK);
}

static const char *metric_of(size_t k)
{
    return k == MEASURED ? SCL_AUDIT_MEASURED : scl_audit_metrics[k].name;
}

/* Bias numbers are of a fixed model and exact, sampling numbers are 0 at n = inf. */
static void put_chain(scl_table *table, const char *cell, const char *n, const char *estimator, const double *means)
{
    for (size_t k = 0; k < N_METRICS; k++) {
        bool sampled = k >= SCL_AUDIT_SAMPLING && k < MEASURED, exact = strcmp(n, "inf") == 0;
        double mean = exact && sampled ? 0 : means ? means[k] : k == MEASURED ? .5 : NAN;
        put(table, cell, n, estimator, metric_of(k), mean, !exact && (sampled || k == MEASURED) ? .01 * mean : 0);
    }
    put(table, cell, n, estimator, "audit-separation", .5, .1); /* not drawn */
}

static scl_config config_of_waterfall(void)
{
    static char contrastive[] = "contrastive", pca[] = "pca";
    static double options[SCL_MAX_OPTIONS] = {.5, 1};
    static scl_estimator_use uses[2];
    uses[0] = (scl_estimator_use){.id = contrastive, .estimator = scl_estimator_find("contrastive")};
    uses[1] = (scl_estimator_use){.id = pca, .estimator = scl_estimator_find("pca")};
    memcpy(uses[0].options, options, sizeof options);
    scl_config config = config_with("", SCL_SCALE_LINEAR, 1);
    config.estimators = uses;
    config.n_estimators = 2;
    config.figure = (scl_figure_spec){.wanted = true, .kind = SCL_FIGURE_WATERFALL};
    return config;
}

/* Two estimators with a chain and one without, at two n, cell by cell as in a summary; a cell with r = d, where nobody has one. */
static scl_table audited(void)
{
    sweep(0, "sample.n");
    scl_table table = summary_with(1);
    static const char *const n[] = {"1000", "inf"}, *const cell[] = {"0", "1"};
    for (size_t c = 0; c < 2; c++) {
        put_chain(&table, cell[c], n[c], "contrastive", planted);
        put_chain(&table, cell[c], n[c], "heteropca", NULL);
        put_chain(&table, cell[c], n[c], "pca", planted);
        if (c == 0) put_chain(&table, "2", "2000", "pca", NULL);
    }
    return table;
}

static scl_waterfall read_waterfall(const scl_config *config, const scl_table *table)
{
    scl_waterfall waterfall;
    scl_error err = {0};
    if (scl_waterfall_read(&waterfall, config, table, &err) != SCL_OK) fail_msg("%s", err.message);
    return waterfall;
}

static void rows_become_panels(void **state)
{
    (void)state;
    static const char *const titles[] = {"contrastive, n = 1000", "contrastive, n = inf (population)", "pca, n = 1000",
                                         "pca, n = inf (population)"};
    scl_table table = audited();
    scl_config config = config_of_waterfall();
    scl_waterfall w = read_waterfall(&config, &table);
    assert_int_equal(w.n_panels, 4);
    assert_int_equal(w.widest, 2);
    assert_int_equal(w.least_n_ok, 100);
    assert_int_equal(w.most_n_ok, 100);
    assert_true(w.low == .04 && w.high == 2.4 + .4);
    assert_true(!w.any_vacuous && w.failed == 0 && w.unfinished == 0);
    for (size_t i = 0; i < 4; i++) {
        const scl_waterfall_panel *panel = &w.panels[i];
        bool sampled = i % 2 == 0;
        assert_string_equal(panel->title, titles[i]);
        scl_waterfall_number sum = scl_waterfall_value(panel, 1), last = scl_waterfall_value(panel, 15);
        assert_true(fabs(sum.mean - (sampled ? .04 + .2 : .04)) < 1e-12);
        assert_true(fabs(last.mean - (sampled ? 2.8 : .4)) < 1e-12);
        assert_true(fabs(last.mcse - (sampled ? .024 : 0)) < 1e-12);
        assert_true(fabs(last.half - (sampled ? .048 : 0)) < 1e-12);
        double rate = scl_waterfall_value(panel, 16).mean; /* PCA has none */
        assert_true(i < 2 ? fabs(rate - (sampled ? .9 : .7)) < 1e-12 : isnan(rate));
    }
    scl_waterfall_free(&w);
    scl_table_free(&table);
}

/* The rows of a script's data block: value, start, end, and the middle across. */
typedef struct bars {
    double value[SCL_WATERFALL_STEPS], start[SCL_WATERFALL_STEPS];
    size_t n;
} bars;

static bars bars_of(const char *script, int kind)
{
    bars out = {.n = 0};
    char name[16];
    snprintf(name, sizeof name, "$k%d << EOD\n", kind);
    const char *at = strstr(script, name);
    assert_non_null(at);
    at = strchr(at + strlen(name), '\n') + 1; /* the row that stands for none */
    while (strncmp(at, "EOD", 3) != 0) {
        double value, y, start, end, low, high;
        assert_int_equal(sscanf(at, "%lf %lf %lf %lf %lf %lf", &value, &y, &start, &end, &low, &high), 6);
        assert_true(value == end && low < y && y < high && start <= end);
        out.value[out.n] = value;
        out.start[out.n++] = start;
        at = strchr(at, '\n') + 1;
    }
    return out;
}

/* A theorem's bar goes from the row above to its own value; the others and the last bound from the axis. */
static void bars_fall_from_row_to_row(void **state)
{
    (void)state;
    static const double theorems[] = {.24, .3, .5, .6, 1.2, 2.4, .05, .1, .3, .4, 2.8},
                        from[] = {.22, .2, .3, .5, .6, 1.2, .04, .05, .1, .3, -1};
    scl_table table = audited();
    scl_config config = config_of_waterfall();
    scl_waterfall w = read_waterfall(&config, &table);
    scl_text script = {0};
    scl_error err = {0};
    assert_int_equal(scl_waterfall_script(&script, &w, &config, SCL_FIGURE_SVG, &err), SCL_OK);
    bars exact = bars_of(script.data, SCL_WATERFALL_EXACT), bounds = bars_of(script.data, SCL_WATERFALL_THEOREM),
         rates = bars_of(script.data, SCL_WATERFALL_RATE);
    assert_int_equal(exact.n, 3);
    assert_int_equal(bounds.n, 11);
    assert_int_equal(rates.n, 3);
    double axis = exact.start[0];
    assert_true(axis > 0 && axis < .04);
    for (size_t i = 0; i < 3; i++) assert_true(exact.start[i] == axis && rates.start[i] == axis);
    for (size_t i = 0; i < 11; i++) {
        assert_true(fabs(bounds.value[i] - theorems[i]) < 1e-12);
        assert_true(from[i] < 0 ? bounds.start[i] == axis : fabs(bounds.start[i] - from[i]) < 1e-12);
    }
    scl_text_free(&script);
    scl_waterfall_free(&w);
    scl_table_free(&table);
}

static void what_is_written(void **state)
{
    (void)state;
    scl_table table = audited();
    scl_config config = config_of_waterfall();
    char *svg = drawn_svg(&config, &table);
    assert_int_equal(count(svg, ">contrastive, n = 1000<"), 1);
    assert_int_equal(count(svg, ">pca, n = inf (population)<"), 1);
    assert_has_not(svg, "heteropca");
    assert_int_equal(count(svg, ">0.240(2)<"), 2);     /* .24 +- .002 */
    assert_int_equal(count(svg, ">0.04<"), 2 * 2 + 2); /* exact: the bias, and at n = inf its sum with nothing */
    assert_int_equal(count(svg, ">\303\2271.5<"), 2);  /* .3/.2, of the samples */
    assert_int_equal(count(svg, ">\303\2271.33<"), 4); /* .4/.3, of the bias everywhere */
    assert_int_equal(count(svg, ">none<"), 4);         /* PCA's rates */
    assert_int_equal(count(svg, ">0<"), 2 * 7 + 4);    /* sampling at n = inf; Q_0 in the row labels */
    assert_has(svg, "100 replicates");
    assert_has(svg, "Does the error fall with n?");
    assert_has(svg, "bound of the row above, by a theorem");
    assert_has_not(svg, "\342\210\232r: ");
    scl_free(svg);

    /* Davis and Kahan say nothing in any replicate: sqrt r */
    char root[SCL_NUMBER_CHARS];
    scl_number_digits(root, sqrt(5), 10);
    for (size_t row = 0; row < 10; row++)
        if (strcmp(scl_table_text(&table, row, scl_table_column(&table, "metric")), "audit-sampling-norm") == 0) {
            replace_cell(&table, row, "mean", root);
            replace_cell(&table, row, "mcse", "0");
        }
    replace_cell(&table, 0, "n_failed", "3"); /* of the bias's row: only the error's counts */
    svg = drawn_svg(&config, &table);
    assert_int_equal(count(svg, ">2.24 = \342\210\232r<"), 1);
    assert_has(svg, "\342\210\232r: no separation");
    assert_has_not(svg, "failed trial");
    scl_free(svg);
    for (size_t row = 0; row < 14; row++)
        if (strcmp(scl_table_text(&table, row, scl_table_column(&table, "metric")), SCL_AUDIT_MEASURED) == 0) {
            replace_cell(&table, row, "n_failed", "3");
            replace_cell(&table, row, "status", "incomplete");
        }
    svg = drawn_svg(&config, &table);
    assert_has(svg, "3 failed trials not in the means.");
    assert_has(svg, "NOT FINISHED: 1 panel without all replicates.");
    scl_free(svg);
    scl_table_free(&table);
}

/* Means with the digits that their standard errors leave: "2.236(0)", "0.0474(1)", "12345(700)" is never written with more than it has. */
/* A page of one column is as wide as its legend: the last words begin early enough to end on it. */
static void one_column_holds_the_legend(void **state)
{
    (void)state;
    sweep(0, "sample.n");
    scl_table table = summary_with(1);
    put_chain(&table, "0", "1000", "contrastive", planted);
    scl_config config = config_of_waterfall();
    char *svg = drawn_svg(&config, &table);
    double begins = 0, width = 0;
    for (const char *at = strtok(svg, "<"); at; at = strtok(NULL, "<")) { /* element by element, until the words */
        const char *moved = strstr(at, "translate("), *wide = strstr(at, "width=\"");
        if (moved) begins = strtod(moved + 10, NULL);
        if (wide && !(width > 0)) width = strtod(wide + 7, NULL);
        if (strstr(at, ">rate with constant 1, no bound")) break;
    }
    assert_true(begins > 100 && begins + 6 * 30 < width); /* 30 characters, about 6 wide */
    scl_free(svg);
    scl_table_free(&table);
}

static void digits_of_means(void **state)
{
    (void)state;
    static const struct {
        double mean, mcse;
        const char *shown;
    } cases[] = {
        {.04744, .0001, ">0.0474(1)<"}, {2.236, 3e-7, ">2.236(0)<"},  {.9213, .003, ">0.921(3)<"},
        {1.448, 9e-5, ">1.448(0)<"},    {12345, 700, ">12345(700)<"}, {3e-6, 2e-8, ">0.00000300(2)<"},
        {.0999996, .001, ">0.100(1)<"}, {9.9996, .02, ">10.00(2)<"},  {.05, .02, ">0.05(2)<"},
        {1.5e20, 1e17, ">1.5e+20<"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sweep(0, "sample.n");
        scl_table table = summary_with(1);
        for (size_t k = 0; k < N_METRICS; k++)
            put(&table, "0", "1000", "contrastive", metric_of(k), k == MEASURED ? cases[i].mean : 1,
                k == MEASURED ? cases[i].mcse : 0);
        scl_config config = config_of_waterfall();
        char *svg = drawn_svg(&config, &table);
        assert_has(svg, cases[i].shown);
        scl_free(svg);
        scl_table_free(&table);
    }
}

static void same_bytes_twice(void **state)
{
    (void)state;
    scl_table table = audited();
    scl_config config = config_of_waterfall();
    char *svg = drawn_svg(&config, &table), *png = picture("png");
    char *again = drawn_svg(&config, &table), *png_again = picture("png");
    assert_string_equal(svg, again);
    assert_memory_equal(png, png_again, 20000);
    scl_free(svg);
    scl_free(png);
    scl_free(again);
    scl_free(png_again);
    scl_table_free(&table);
}

static void bad_summaries(void **state)
{
    (void)state;
    scl_config config = config_of_waterfall();
    sweep(0, "sample.n");
    scl_table table = summary_with(1);
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "no estimator of the summary has a chain");
    put_chain(&table, "0", "1000", "heteropca", NULL);
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "no estimator of the summary has a chain");
    for (size_t i = 0; i < 61; i++) {
        char cell[SCL_NUMBER_CHARS];
        put_chain(&table, scl_number_shortest(cell, (double)i + 1), "1000", "pca", planted);
    }
    assert_error(&config, &table, folder, SCL_ERR_INPUT,
                 "would have more than 60 panels, one for each estimator and cell");
    scl_table_free(&table);
    add_columns(&table, (const char *const[]){"cell"}, 1);
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "no column \"r\", which the figure needs");
    scl_table_free(&table);
}

/* More cells than stand beside each other go on in a further row: the page grows, and every panel is on it. */
static void many_cells(void **state)
{
    (void)state;
    static const char *const cells[] = {"0", "1", "2", "3", "4"};
    sweep(0, "sample.n");
    scl_table table = summary_with(1);
    for (size_t c = 0; c < 5; c++) put_chain(&table, cells[c], "1000", "pca", planted);
    scl_config config = config_of_waterfall();
    char *svg = drawn_svg(&config, &table);
    assert_int_equal(count(svg, ">pca, n = 1000<"), 5);
    assert_int_equal(count(svg, "incoherence<"), 2); /* row labels stand once for a row of panels */
    scl_free(svg);
    scl_table_free(&table);
}

static void user_texts_are_never_executed(void **state)
{
    (void)state;
    static char question[] = "`touch /tmp/x` 'quoted' @macro {/Bold x}_2 \"double\" $k0";
    sweep(0, "sample.n");
    scl_table table = summary_with(1);
    put_chain(&table, "0", "`date`", "pca", planted);
    scl_config config = config_of_waterfall();
    config.question = question;
    char *svg = drawn_svg(&config, &table);
    assert_has(svg, "`touch /tmp/x` ");
    assert_has(svg, "{/Bold x}_2");
    assert_has(svg, ">pca, n = `date`<");
    scl_free(svg);
    scl_table_free(&table);
}

static void failing_allocations(void **state)
{
    (void)state;
    scl_table table = audited();
    scl_config config = config_of_waterfall();
    size_t live = scl_memory_live(), k = 0;
    scl_status status = SCL_ERR_MEMORY;
    while (status == SCL_ERR_MEMORY) {
        scl_error err = {0};
        scl_waterfall w;
        scl_text script = {0};
        scl_memory_fail_at(++k);
        status = scl_waterfall_read(&w, &config, &table, &err);
        if (status == SCL_OK) status = scl_waterfall_script(&script, &w, &config, SCL_FIGURE_PNG, &err);
        scl_memory_fail_at(0);
        scl_text_free(&script);
        scl_waterfall_free(&w);
        assert_int_equal(scl_memory_live(), live);
    }
    assert_int_equal(status, SCL_OK);
    assert_true(k > 10);
    scl_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_become_panels),
        cmocka_unit_test(bars_fall_from_row_to_row),
        cmocka_unit_test(what_is_written),
        cmocka_unit_test(one_column_holds_the_legend),
        cmocka_unit_test(digits_of_means),
        cmocka_unit_test(same_bytes_twice),
        cmocka_unit_test(bad_summaries),
        cmocka_unit_test(many_cells),
        cmocka_unit_test(user_texts_are_never_executed),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
