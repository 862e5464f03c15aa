/* Figures: what a summary shows is what the SVG holds; nothing of a user's text is executed; bad input and a bad system
 * are told apart. */
#include "report/figures.h"

#include "report/figure_style.h"

static void test_series_points_and_levels(void **state)
{
    (void)state;
    scl_table table = recovery_summary();
    scl_config config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
    char *svg = drawn_svg(&config, &table);
    assert_has(svg, ">pca</text>");
    assert_has(svg, ">contrastive</text>");
    assert_int_equal(count(svg, ">open mark, dotted: population (n = inf), exact</text>"), 1);
    assert_null(strstr(svg, "contrastive vs pca"));
    assert_int_equal(marks(svg, CIRCLE), 3 + 1); /* n = inf is a level, not a point */
    assert_int_equal(marks(svg, SQUARE), 3 + 1);
    assert_int_equal(marks(svg, OPEN_CIRCLE), 1 + 1); /* one entry for all population values */
    assert_int_equal(marks(svg, OPEN_SQUARE), 1);
    assert_has(svg, "Does the error fall with n?");
    assert_has(svg, "n (samples)");
    assert_has(svg, "d = 40, r = 5, nu = 1, noise linear");
    assert_has(svg, "200 replicates");
    assert_has(svg, "95\302\240% confidence interval (Monte Carlo)");
    assert_has(svg, "constant 1");
    assert_null(strstr(svg, "left out"));
    scl_free(svg);

    config.figure.predictions = config.figure.bounds = false; /* the n = inf cell is still a level */
    svg = drawn_svg(&config, &table);
    assert_int_equal(marks(svg, OPEN_CIRCLE), 1 + 1);
    assert_null(strstr(svg, "constant 1"));
    scl_free(svg);
    scl_table_free(&table);
}

static void test_panels_for_further_keys(void **state)
{
    (void)state;
    static const char *const d[] = {"20", "40", "80"}, *const n[] = {"1000", "inf"}, *const ratio[] = {"1", "2"};
    sweep(0, "model.d");
    sweep(1, "sample.n");
    sweep(2, "model.noise.ratio");
    scl_table table = summary_with(3);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++)
            for (size_t k = 0; k < 2; k++)
                add(&table, n[j], (const char *const[]){d[i], n[j], ratio[k]}, "pca", "sin-theta-f", 0.1, 0.01, "0.05");
    for (size_t row = 0; row < table.n_rows; row++) /* the column d follows the key */
        replace_cell(&table, row, "d", scl_table_text(&table, row, scl_table_column(&table, "model.d")));
    scl_config config = config_with("model.d", SCL_SCALE_LOGX, 3);
    char *svg = drawn_svg(&config, &table);
    assert_int_equal(count(svg, "n = 1000, ratio = 1<"), 1);
    assert_int_equal(count(svg, "n = 1000, ratio = 2<"), 1);
    assert_int_equal(count(svg, "n = inf (population), ratio = 1<"), 1);
    assert_int_equal(count(svg, "n = inf (population), ratio = 2<"), 1);
    assert_int_equal(marks(svg, CIRCLE), 4 * 3 + 1);
    assert_int_equal(marks(svg, OPEN_CIRCLE), 2 * 3 + 1); /* an n = inf mean is its own population value */
    scl_free(svg);
    scl_table_free(&table);
}

/* d and n are zipped, the ratio multiplies them: along d there is a panel for each ratio, none for n. */
static void test_no_panels_for_what_is_zipped_with_x(void **state)
{
    (void)state;
    static char *d[] = {"20", "40", "80"}, *n[] = {"100", "200", "400"}, *ratio[] = {"1", "2"};
    sweep(0, "model.d");
    sweep(1, "sample.n");
    sweep(2, "model.noise.ratio");
    axes[0].values = d, axes[1].values = n, axes[2].values = ratio;
    axes[0].n_values = axes[1].n_values = 3, axes[2].n_values = 2;
    scl_sweep_span zipped[] = {{0, 3, 2}, {0, 3, 2}, {0, 2, 1}}, product[] = {{0, 3, 6}, {0, 3, 2}, {0, 2, 1}};
    scl_sweep_block block = {0, 6, zipped, NULL};
    scl_table table = summary_with(3);
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 2; k++)
            add(&table, n[i], (const char *const[]){d[i], n[i], ratio[k]}, "pca", "sin-theta-f", 0.1, 0.01, "0.05");
    for (size_t row = 0; row < table.n_rows; row++)
        replace_cell(&table, row, "d", scl_table_text(&table, row, scl_table_column(&table, "model.d")));
    scl_config config = config_with("d", SCL_SCALE_LOGX, 3);
    config.blocks = &block;
    config.n_blocks = 1;
    char *svg = drawn_svg(&config, &table);
    assert_int_equal(count(svg, ">ratio = 1<"), 1);
    assert_int_equal(count(svg, ">ratio = 2<"), 1);
    assert_int_equal(count(svg, ">n = "), 0); /* a title; the legend has "population (n = inf)" */
    assert_int_equal(count(svg, "n = 100"), 0);
    assert_int_equal(count(svg, "n advances with d"), 1);
    scl_free(svg);
    block.spans = product;
    svg = drawn_svg(&config, &table);
    assert_int_equal(count(svg, "n = 200, ratio = 2<"), 1);
    assert_int_equal(count(svg, "n advances"), 0);
    scl_free(svg);
    scl_table_free(&table);
}

/* Blocks that hold one value each of nu and the ratio: titles say what is not the first block's, the caption what is. A ratio that some
 * block varies stands in every title. */
static void test_titles_say_what_tells_blocks_apart(void **state)
{
    (void)state;
    static char *d[] = {"20", "40", "20", "40", "20", "40"}, *nu[] = {"1", "3", "1"}, *ratio[] = {"2", "2", "5"};
    sweep(0, "model.d");
    sweep(1, "model.nu");
    sweep(2, "model.noise.ratio");
    axes[0].values = d, axes[1].values = nu, axes[2].values = ratio;
    axes[0].n_values = 6, axes[1].n_values = axes[2].n_values = 3;
    scl_sweep_span spans[3][3];
    scl_sweep_block blocks[3];
    scl_table table = summary_with(3);
    for (size_t b = 0; b < 3; b++) {
        spans[b][0] = (scl_sweep_span){2 * b, 2, 1};
        spans[b][1] = spans[b][2] = (scl_sweep_span){b, 1, 1};
        blocks[b] = (scl_sweep_block){2 * b, 2, spans[b], NULL};
        for (size_t k = 0; k < 2; k++)
            add(&table, "1000", (const char *const[]){d[k], nu[b], ratio[b]}, "pca", "sin-theta-f", 0.1, 0.01, "0.05");
    }
    for (size_t row = 0; row < table.n_rows; row++)
        replace_cell(&table, row, "d", scl_table_text(&table, row, scl_table_column(&table, "model.d")));
    scl_config config = config_with("d", SCL_SCALE_LOGX, 3);
    config.blocks = blocks;
    config.n_blocks = 3;
    char *svg = drawn_svg(&config, &table);
    assert_int_equal(count(svg, ">base<"), 1);
    assert_int_equal(count(svg, ">nu = 3<"), 1);
    assert_int_equal(count(svg, ">ratio = 5<"), 1);
    assert_says(svg, "Base: nu = 1, ratio = 2; titles say what differs.");
    scl_free(svg);
    spans[2][2] = (scl_sweep_span){1, 2, 1}; /* 2 and 5 */
    svg = drawn_svg(&config, &table);
    assert_int_equal(count(svg, ">ratio = 2<"), 1);
    assert_int_equal(count(svg, ">nu = 3, ratio = 2<"), 1);
    assert_int_equal(count(svg, ">ratio = 5<"), 1);
    assert_says(svg, "Base: nu = 1; titles say what differs.");
    scl_free(svg);
    scl_table_free(&table);
}

static void test_categories(void **state)
{
    (void)state;
    static const char *const loadings[] = {"haar", "dct", "50%_{x}`y`"};
    sweep(0, "model.loadings");
    scl_table table = summary_with(1);
    for (size_t i = 0; i < 3; i++) add(&table, "1000", &loadings[i], "pca", "sin-theta-f", 0.1, 0.01, "");
    scl_config config = config_with("model.loadings", SCL_SCALE_LOGLOG, 1);
    char *svg = drawn_svg(&config, &table);
    assert_has(svg, ">haar</text>");
    assert_has(svg, ">50%_{x}`y`</text>");
    assert_int_equal(marks(svg, CIRCLE), 3 + 1);
    scl_free(svg);
    scl_table_free(&table);
}

/* Marks and dashes, and marks and colours, are pairs that no two series share; one more series is refused. */
static void test_many_series_stay_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCL_FIGURE_MOST_SERIES; i++)
        for (size_t j = 0; j < i; j++) {
            scl_figure_style a = scl_figure_style_of(i), b = scl_figure_style_of(j);
            assert_true(a.filled != b.filled || strcmp(a.dash, b.dash) != 0);
            assert_true(a.filled != b.filled || strcmp(a.colour, b.colour) != 0);
        }
    static const char *const n[] = {"1000", "10000"}, *const loadings[] = {"haar", "dct"};
    for (size_t more = 0; more < 2; more++)
        for (size_t names = 0; names < 2; names++) {
            sweep(0, names ? "model.loadings" : "sample.n");
            scl_table table = summary_with(1);
            for (size_t i = 0; i < SCL_FIGURE_MOST_SERIES + more; i++)
                for (size_t j = 0; j < 2; j++) {
                    char id[16];
                    snprintf(id, sizeof id, "e%zu", i);
                    add(&table, n[names ? 0 : j], names ? &loadings[j] : &n[j], id, "sin-theta-f",
                        0.1 + 0.01 * (double)i, 0.01, "");
                }
            scl_config config = config_with(axes[0].key, SCL_SCALE_LINEAR, 1);
            if (more) {
                assert_error(&config, &table, folder, SCL_ERR_INPUT,
                             "28 estimators, and marks and dashes tell 27 apart");
            } else {
                char *svg = drawn_svg(&config, &table);
                assert_int_equal(marks(svg, CIRCLE), 3 * 2 + 3);
                assert_int_equal(strstr(svg, "order of the") != NULL, names);
                scl_free(svg);
            }
            scl_table_free(&table);
        }
}

/* A line through one point is none: no legend, no word of it; two points have it, and so have names along x. */
static void test_rates_of_one_point_are_no_lines(void **state)
{
    (void)state;
    static const char *const n[] = {"1000", "10000"}, *const loadings[] = {"haar"};
    for (size_t points = 1; points <= 2; points++) {
        sweep(0, "sample.n");
        scl_table table = summary_with(1);
        for (size_t i = 0; i < points; i++) add(&table, n[i], &n[i], "pca", "sin-theta-f", 0.3, 0.01, "");
        scl_config config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
        char *svg = drawn_svg(&config, &table);
        assert_int_equal(strstr(svg, "rate term") != NULL, points == 2);
        assert_int_equal(strstr(svg, "recovery rate") != NULL, points == 2);
        scl_free(svg);
        scl_table_free(&table);
    }
    sweep(0, "model.loadings");
    scl_table table = summary_with(1);
    add(&table, "1000", loadings, "pca", "sin-theta-f", 0.45, 0.01, "");
    scl_config config = config_with("model.loadings", SCL_SCALE_LINEAR, 1);
    char *svg = drawn_svg(&config, &table);
    assert_has(svg, "rate term");
    scl_free(svg);
    scl_table_free(&table);
}

static void test_same_bytes_twice(void **state)
{
    (void)state;
    scl_table table = recovery_summary();
    scl_config config = config_with("n", SCL_SCALE_LOGLOG, 1);
    static const char *const endings[] = {"svg", "png"};
    for (size_t i = 0; i < 2; i++) {
        scl_free(drawn_svg(&config, &table));
        char *first = picture(endings[i]);
        struct stat about;
        char path[256];
        snprintf(path, sizeof path, "%s/fig.%s", folder, endings[i]);
        assert_int_equal(stat(path, &about), 0);
        setenv("GNUTERM", "dumb", 1); /* the user's own settings change nothing */
        setenv("LANG", "de_DE.UTF-8", 1);
        scl_free(drawn_svg(&config, &table));
        unsetenv("GNUTERM");
        unsetenv("LANG");
        char *second = picture(endings[i]);
        assert_true(about.st_size > 5000);
        assert_memory_equal(first, second, (size_t)about.st_size);
        scl_free(first);
        scl_free(second);
    }
    scl_table_free(&table);
}

static void test_texts_are_never_executed(void **state)
{
    (void)state;
    char question[1024], estimator[512], witness[64];
    snprintf(witness, sizeof witness, "%s/witness", folder);
    snprintf(question, sizeof question,
             "`touch %s` ' . system('touch %s') . ' \"`touch %s`\" \\' @x {/Symbol a} a_b & <b>\n!touch %s\n%c\xff",
             witness, witness, witness, witness, 1);
    snprintf(estimator, sizeof estimator, "'`touch %s`'.system(\"touch %s\")\nEOD\n!touch %s\n", witness, witness,
             witness);
    static const char *const n[] = {"1000", "10000"};
    sweep(0, "sample.n");
    scl_table table = summary_with(1);
    for (size_t i = 0; i < 2; i++) add(&table, n[i], &n[i], estimator, "sin-theta-f", 0.1, 0.01, "");
    scl_config config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
    config.question = question;
    char *svg = drawn_svg(&config, &table);
    assert_int_equal(access(witness, F_OK), -1);
    assert_has(svg, "`touch ");
    assert_has(svg, "{/Symbol a} a_b &amp; &lt;b>");
    assert_null(strchr(svg, 1));
    assert_null(strchr(svg, '\xff'));
    scl_free(svg);
    scl_table_free(&table);
}

static void test_bad_summaries(void **state)
{
    (void)state;
    scl_table table = recovery_summary();
    scl_config config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
    char other[] = "top-eigenvalue", nowhere[] = "model.nu";
    config.figure.y = other;
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "no row with metric \"top-eigenvalue\"");
    config = config_with(nowhere, SCL_SCALE_LOGLOG, 1);
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "no column \"model.nu\"");
    config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
    config.figure.wanted = false;
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "asks for no figure");
    config.figure.wanted = true;
    strcpy(table.names[scl_table_column(&table, "ci_low")], "ci-low");
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "no column \"ci_low\"");
    scl_table_free(&table);

    sweep(0, "sample.n");
    table = summary_with(1);
    static const char *const n[] = {"1000"};
    add(&table, n[0], n, "pca", "sin-theta-f", 0, 0, "");
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "(1 were left out");
    scl_table_free(&table);

    static const char *const infinite[] = {"inf"}, *const huge[] = {"1e308"};
    table = summary_with(1);
    add(&table, "inf", infinite, "pca", "sin-theta-f", 0.1, 0, "0.1");
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "along n: n is inf in all of its cells");
    add(&table, "1e308", huge, "pca", "sin-theta-f", 0.1, 0, "0.1");
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "numbers along sample.n that no axis can show");
    scl_table_free(&table);
    table = summary_with(1);
    add(&table, "1000", n, "pca", "sin-theta-f", 1e301, 0, "");
    assert_error(&config, &table, folder, SCL_ERR_INPUT, "numbers along sin-theta-f that no axis can show");
    scl_table_free(&table);
}

static void test_bad_systems(void **state)
{
    (void)state;
    scl_table table = recovery_summary();
    scl_config config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
    char blocked[256], script[256];
    snprintf(blocked, sizeof blocked, "%s/blocked", folder);
    assert_int_equal(scl_file_write(blocked, "x", 1, NULL), SCL_OK);
    assert_error(&config, &table, blocked, SCL_ERR_IO, "blocked");

    char silent[64];
    snprintf(silent, sizeof silent, "%s/new", folder);
    setenv("GNUPLOT", "/nonexistent/gnuplot", 1);
    assert_error(&config, &table, silent, SCL_ERR_IO, "install gnuplot");
    assert_int_equal(access(silent, F_OK), -1); /* nothing was written */
    setenv("GNUPLOT", "true", 1);               /* says nothing, reads nothing: no SIGPIPE */
    assert_error(&config, &table, silent, SCL_ERR_IO, "incomplete (0 bytes)");
    snprintf(script, sizeof script, "%s/fails", folder);
    static const char fails[] = "#!/bin/sh\necho 'no such terminal' >&2\nexit 3\n";
    assert_int_equal(scl_file_write(script, fails, strlen(fails), NULL), SCL_OK);
    assert_int_equal(chmod(script, 0755), 0);
    setenv("GNUPLOT", script, 1);
    assert_error(&config, &table, silent, SCL_ERR_IO, "exit status 3: no such terminal");
    assert_int_equal(access(silent, F_OK), -1);
    unsetenv("GNUPLOT");
    scl_table_free(&table);
}

/* Uses that differ in the option alone are one curve, named by what they share; one without the option is level; its other options make a
 * curve of its own. */
static void test_along_an_option(void **state)
{
    (void)state;
    const scl_estimator *of = scl_estimator_find("contrastive"), *pca = scl_estimator_find("pca");
    size_t masks = 0;
    while (strcmp(of->options[masks].key, "masks") != 0) masks++;
    scl_estimator_use uses[] = {{.id = "pca", .estimator = pca},
                                {.id = "one", .estimator = of},
                                {.id = "ten", .estimator = of},
                                {.id = "other", .estimator = of}};
    for (size_t e = 1; e < 4; e++)
        for (size_t o = 0; o < of->n_options; o++) uses[e].options[o] = of->options[o].fallback;
    uses[1].options[masks] = 1;
    uses[2].options[masks] = 10;
    uses[3].options[masks] = 10;
    uses[3].options[0] = 0.25; /* keep-probability */
    scl_table table = summary_with(0);
    const char *const ids[] = {"pca", "one", "ten", "other"};
    for (size_t e = 0; e < 4; e++)
        add(&table, "1000", NULL, ids[e], "sin-theta-f", 0.1 * (double)(e + 1), 0.01, "0.05");
    scl_config config = config_with("masks", SCL_SCALE_LOGX, 0);
    config.figure.x_is_option = true;
    config.figure.predictions = false;
    config.estimators = uses;
    config.n_estimators = 4;
    char *svg = drawn_svg(&config, &table);
    assert_has(svg, ">contrastive</text>");
    assert_has(svg, ">contrastive{keep-probability=0.25}</text>");
    assert_has(svg, ">pca</text>");
    assert_has(svg, ">masks</text>");
    assert_int_equal(count(svg, ">one</text>") + count(svg, ">ten</text>"), 0);
    assert_int_equal(marks(svg, CIRCLE), 3 + 1); /* pca at the option's value in each of three uses, and the legend */
    assert_int_equal(marks(svg, SQUARE), 2 + 1);
    scl_free(svg);
    config.n_estimators = 3; /* the summary is of another config */
    scl_error err = {0};
    assert_int_equal(scl_figure_draw(&config, &table, folder, &err), SCL_ERR_INPUT);
    assert_has(err.message, "an estimator \"other\"");
    scl_table_free(&table);
}

/* Each allocation before gnuplot is run fails in turn; GNUPLOT=true stops the run there. */
static void test_failing_allocations(void **state)
{
    (void)state;
    scl_table table = recovery_summary();
    scl_config config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
    setenv("GNUPLOT", "true", 1);
    size_t live = scl_memory_live(), k = 1;
    for (scl_status status = SCL_ERR_MEMORY; status == SCL_ERR_MEMORY; k++) {
        scl_error err = {0};
        scl_memory_fail_at(k);
        status = scl_figure_draw(&config, &table, folder, &err);
        scl_memory_fail_at(0);
        assert_int_equal(scl_memory_live(), live);
        if (status != SCL_ERR_MEMORY) assert_int_equal(status, SCL_ERR_IO);
    }
    assert_true(k > 20);
    unsetenv("GNUPLOT");
    scl_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_series_points_and_levels),
        cmocka_unit_test(test_panels_for_further_keys),
        cmocka_unit_test(test_no_panels_for_what_is_zipped_with_x),
        cmocka_unit_test(test_titles_say_what_tells_blocks_apart),
        cmocka_unit_test(test_categories),
        cmocka_unit_test(test_many_series_stay_apart),
        cmocka_unit_test(test_rates_of_one_point_are_no_lines),
        cmocka_unit_test(test_same_bytes_twice),
        cmocka_unit_test(test_texts_are_never_executed),
        cmocka_unit_test(test_bad_summaries),
        cmocka_unit_test(test_bad_systems),
        cmocka_unit_test(test_along_an_option),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
