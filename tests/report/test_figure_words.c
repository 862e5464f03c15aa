/* The words of figures: tics that never run into each other, legend, titles and caption say what is drawn. */
#include "report/figure_words.h"
#include "report/figures.h"

/* --- texts of a picture --- */

typedef struct written {
    double x, y, half; /* middle, and half the width by DejaVu Sans' digits */
    char text[128];
} written;

enum { MOST_TEXTS = 400 };

/* Centred texts (tic labels along x, panel titles, the x label): returns how many. */
static size_t centred_texts(written texts[MOST_TEXTS], const char *svg)
{
    size_t found = 0;
    for (const char *at = svg; (at = strstr(at, "<g transform=\"translate(")); at++) {
        written *out = &texts[found];
        const char *end = strchr(at, '>'), *anchor = strstr(at, "text-anchor=\"middle\"");
        if (sscanf(at, "<g transform=\"translate(%lf,%lf)\"", &out->x, &out->y) != 2 || !anchor || anchor > end)
            continue;
        size_t length = 0, characters = 0;
        const char *close = strstr(end, "</text>");
        for (const char *c = end + 1; c < close && length + 1 < sizeof out->text; c++) {
            if (*c == '<') c = strchr(c, '>');
            if (*c == '>' || (unsigned char)*c < ' ') continue;
            out->text[length++] = *c;
            characters += ((unsigned char)*c & 0xc0) != 0x80;
        }
        out->text[length] = '\0';
        out->half = 7.6 * (double)characters / 2;
        assert_true(++found < MOST_TEXTS);
    }
    return found;
}

/* No two texts of a line overlap; the first panel's labels along x, joined by blanks, are `expected` if not NULL. */
static void assert_tics(const char *svg, const char *expected)
{
    static written texts[MOST_TEXTS];
    size_t found = centred_texts(texts, svg), labels = 0;
    char joined[512] = "";
    for (size_t i = 0; i < found; i++) {
        for (size_t j = 0; j < i; j++)
            if (texts[i].y == texts[j].y && fabs(texts[i].x - texts[j].x) < texts[i].half + texts[j].half)
                fail_msg("\"%s\" and \"%s\" overlap", texts[i].text, texts[j].text);
        bool first_panel = texts[i].y == texts[0].y && (i == 0 || texts[i].x > texts[i - 1].x) && labels == i;
        if (!first_panel) continue;
        snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", labels ? " " : "", texts[i].text);
        labels++;
    }
    if (expected) assert_string_equal(joined, expected);
    if (labels < 2) fail_msg("only \"%s\"", joined);
}

/* One sweep of `key` along x, drawn; every value a row of pca and of contrastive. */
static char *drawn_along(const char *key, const char *const *values, size_t n_values, scl_scale scale, size_t panels)
{
    static const char *const samplers[] = {"moments", "data", "third"};
    bool is_n = strcmp(key, "sample.n") == 0;
    sweep(0, key);
    sweep(1, "sample.sampler");
    scl_table table = summary_with(2);
    for (size_t i = 0; i < n_values; i++)
        for (size_t j = 0; j < panels; j++) {
            const char *n = is_n ? values[i] : "1000";
            add(&table, n, (const char *const[]){values[i], samplers[j]}, "pca", "sin-theta-f", 0.2, 0.01, "0.1");
        }
    scl_config config = config_with(key, scale, 2);
    char *svg = drawn_svg(&config, &table);
    scl_table_free(&table);
    return svg;
}

static void assert_tics_along(const char *key, const char *const *values, size_t n_values, scl_scale scale,
                              const char *expected)
{
    for (size_t panels = 3; panels >= 1; panels--) {
        char *svg = drawn_along(key, values, n_values, scale, panels);
        assert_tics(svg, panels == 1 ? expected : NULL);
        scl_free(svg);
    }
}

/* --- tests --- */

static void test_few_swept_values_are_the_tics(void **state)
{
    (void)state;
    static const char *const short_log[] = {"1000", "4000", "inf"};
    assert_tics_along("sample.n", short_log, 3, SCL_SCALE_LOGX, "1000 4000 inf");
    assert_tics_along("sample.n", short_log, 3, SCL_SCALE_LINEAR, "1000 4000 inf");
    static const char *const doubled[] = {"20", "40", "80", "160", "320", "640"};
    assert_tics_along("model.nu", doubled, 6, SCL_SCALE_LOGX, "20 40 80 160 320 640");
    static const char *const large[] = {"1e4", "1e5", "3e6", "1e9", "inf"};
    assert_tics_along("sample.n", large, 5, SCL_SCALE_LOGX, "104 105 3\303\227106 109 inf"); /* raised in the figure */
}

static void test_many_or_close_values_get_round_tics(void **state)
{
    (void)state;
    static const char *const ratio[] = {"1", "1.1", "1.25", "1.5", "2", "3", "4", "6", "8"};
    assert_tics_along("model.noise.ratio", ratio, 9, SCL_SCALE_LOGX, "1 2 3 4 6 8");
    static const char *const close[] = {"1000", "1001", "1002", "4500", "inf"};
    assert_tics_along("sample.n", close, 5, SCL_SCALE_LOGX, NULL);
    assert_tics_along("sample.n", close, 5, SCL_SCALE_LINEAR, NULL);
    static const char *const many[] = {"1e3", "2e3", "5e3", "1e4", "2e4", "5e4", "1e5",
                                       "1e6", "1e7", "3e7", "1e8", "3e8", "1e9", "inf"};
    assert_tics_along("sample.n", many, 14, SCL_SCALE_LOGX, "103 104 105 106 107 108 109 inf");
    assert_tics_along("sample.n", many, 14, SCL_SCALE_LINEAR, NULL);
    static const char *const narrow[] = {"1234567", "1234568", "1234569"};
    char *svg = drawn_along("model.nu", narrow, 3, SCL_SCALE_LINEAR, 1); /* too wide for smaller panels */
    assert_tics(svg, "1234567 1234568 1234569");
    scl_free(svg);
    static const char *const wide[] = {"1e-200", "1", "2", "3", "1e200"};
    assert_tics_along("model.nu", wide, 5, SCL_SCALE_LOGX, NULL);
}

/* The first series' line: its path in the SVG, up to the closing quote. */
static void line_of_pca(char out[400], const char *svg)
{
    const char *start = strstr(svg, "<path stroke='rgb(  0, 114, 178)'  d='M"), *at = NULL;
    for (; start; start = strstr(start + 1, "<path stroke='rgb(  0, 114, 178)'  d='M")) {
        const char *end = strchr(strstr(start, "d='") + 3, '\'');
        const char *line = strstr(start, " L");
        if (line && line < end && strstr(line + 2, " L") && strstr(line + 2, " L") < end)
            at = start; /* two pieces or more */
    }
    assert_non_null(at);
    snprintf(out, 400, "%.*s", (int)(strchr(strstr(at, "d='") + 3, '\'') - at), at);
}

/* A line through a value that is left out would read as a value. */
static void test_a_zero_breaks_its_line(void **state)
{
    (void)state;
    static const char *const ratio[] = {"1", "2", "4", "8", "16"};
    const double mean[] = {.5, .3, 0, .4, .6};
    sweep(0, "model.noise.ratio");
    scl_table table = summary_with(1);
    for (size_t i = 0; i < 5; i++) add(&table, "1000", &ratio[i], "pca", "sin-theta-f", mean[i], 0, "");
    char line[400];
    scl_config config = config_with("model.noise.ratio", SCL_SCALE_LOGY, 1);
    char *svg = drawn_svg(&config, &table);
    line_of_pca(line, svg);
    assert_int_equal(count(line, "M"), 2);
    assert_int_equal(count(line, " L"), 2);
    scl_free(svg);
    config.figure.scale = SCL_SCALE_LINEAR;
    svg = drawn_svg(&config, &table);
    line_of_pca(line, svg);
    assert_int_equal(count(line, "M"), 1);
    assert_int_equal(count(line, " L"), 4);
    scl_free(svg);
    scl_table_free(&table);
}

static void test_doubtful_means_are_noted(void **state)
{
    (void)state;
    scl_table table = recovery_summary();
    /* in the table's order: pca, contrastive, pca */
    const char *const statuses[] = {"rank-deficient", "incomplete", "incomplete"};
    for (size_t i = 0, row = 0; i < 3; row++) {
        if (strcmp(scl_table_text(&table, row, scl_table_column(&table, "metric")), "sin-theta-f") != 0) continue;
        replace_cell(&table, row, "status", statuses[i++]);
    }
    replace_cell(&table, 1, "n_unconverged", "6");
    replace_cell(&table, 0, "n_failed", "1");
    scl_config config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
    char *svg = drawn_svg(&config, &table);
    assert_says(svg, "6 fits did not converge (contrastive).");
    assert_says(svg, "1 trial failed and is not in the means (pca).");
    assert_says(svg, "NOT FINISHED: 2 means without all replicates.");
    assert_says(svg, "1 mark has rank-deficient fits, whose null vectors are arbitrary (pca).");
    scl_free(svg);
    scl_table_free(&table);
}

/* A curve with a gap says why: an infinite mean is no missing one. */
static void test_infinite_means_are_noted(void **state)
{
    (void)state;
    static const char *const m[] = {"2", "10", "40"};
    sweep(0, "sample.labelled");
    scl_table table = summary_with(1);
    for (size_t i = 0; i < 3; i++) {
        add(&table, "1000", &m[i], "pca", "ols-risk", i ? 1.0 / (double)i : NAN, 0.1, "");
        add(&table, "1000", &m[i], "ols", "ols-risk", 0.8, 0.1, "");
    }
    replace_cell(&table, 0, "status", "infinite: m <= k + 1");
    replace_cell(&table, 0, "mean", "");
    scl_config config = config_with("sample.labelled", SCL_SCALE_LOGLOG, 1);
    config.figure.y = "ols-risk";
    char *svg = drawn_svg(&config, &table);
    assert_says(svg, "1 mean is infinite and has no mark (pca).");
    scl_free(svg);
    replace_cell(&table, 1, "status", "infinite: m <= k + 1");
    replace_cell(&table, 1, "mean", "");
    svg = drawn_svg(&config, &table);
    assert_says(svg, "2 means are infinite and have no marks (pca, ols).");
    scl_free(svg);
    scl_table_free(&table);
}

static void test_zeros_on_log_axes_are_noted(void **state)
{
    (void)state;
    static const char *const ratio[] = {"1", "2", "4"};
    sweep(0, "model.noise.ratio");
    scl_table table = summary_with(1);
    const double mean[] = {0, 0.3, 0.6};
    for (size_t i = 0; i < 3; i++) add(&table, "1000", &ratio[i], "pca", "sin-theta-f", mean[i], i ? 0.5 : 0, "");
    scl_config config = config_with("model.noise.ratio", SCL_SCALE_LOGY, 1);
    char *svg = drawn_svg(&config, &table); /* a bar that reaches below 0 is cut, its mark stays */
    assert_says(svg, "1 value of 0 left out of the log axis (pca).");
    assert_int_equal(marks(svg, CIRCLE), 2 + 1);
    scl_free(svg);
    add(&table, "1000", &ratio[2], "oracle", "sin-theta-f", 3e-16, 0, ""); /* zero but for rounding */
    svg = drawn_svg(&config, &table);
    assert_says(svg, "2 values of 0 left out of the log axis (pca, oracle; 0: below 1e-7 of the largest).");
    scl_free(svg);
    config.figure.scale = SCL_SCALE_LINEAR;
    svg = drawn_svg(&config, &table);
    assert_null(strstr(svg, "left out"));
    assert_int_equal(marks(svg, CIRCLE), 3 + 1);
    scl_free(svg);
    scl_table_free(&table);
}

/* A floor above the rounding: HeteroPCA's tolerance leaves 1e-6 in the population, which a figure need not stretch to. */
static void test_a_floor_leaves_out_what_is_below(void **state)
{
    (void)state;
    static const char *const ratio[] = {"1", "2", "4"};
    sweep(0, "model.noise.ratio");
    scl_table table = summary_with(1);
    const double mean[] = {1e-3, 0.3, 0.6};
    for (size_t i = 0; i < 3; i++) add(&table, "1000", &ratio[i], "heteropca", "sin-theta-f", mean[i], 0, "1e-6");
    scl_config config = config_with("model.noise.ratio", SCL_SCALE_LOGY, 1);
    char *svg = drawn_svg(&config, &table);
    assert_has_not(svg, "left out");
    assert_int_equal(marks(svg, CIRCLE), 3 + 1);
    scl_free(svg);
    config.figure.floor = 1e-3; /* the floor itself is drawn */
    svg = drawn_svg(&config, &table);
    assert_says(svg, "3 values of 0 left out of the log axis (heteropca's population; 0: below 0.001).");
    assert_int_equal(marks(svg, CIRCLE), 3 + 1);
    scl_free(svg);
    config.figure.floor = 2e-3;
    svg = drawn_svg(&config, &table);
    assert_says(svg, "4 values of 0 left out of the log axis (heteropca and its population; 0: below 0.002).");
    assert_int_equal(marks(svg, CIRCLE), 2 + 1);
    scl_free(svg);
    scl_table_free(&table);
}

/* What a metric says of the sample is no estimator's: one series, and no fit's trouble. */
static void test_a_metric_of_the_sample_is_one_series(void **state)
{
    (void)state;
    static const char *const ratio[] = {"1", "2"};
    static char metric[] = "delta-norm-ratio";
    sweep(0, "model.noise.ratio");
    scl_table table = summary_with(1);
    for (size_t i = 0; i < 2; i++) {
        add(&table, "1000", &ratio[i], "pca", metric, 0.9, 0.01, "");
        add(&table, "1000", &ratio[i], "contrastive", metric, 0.9, 0.01, "");
    }
    replace_cell(&table, 1, "n_unconverged", "7");
    scl_config config = config_with("model.noise.ratio", SCL_SCALE_LINEAR, 1);
    config.figure.y = metric;
    char *svg = drawn_svg(&config, &table);
    assert_has(svg, ">the sample, whatever the estimator<");
    assert_has(svg, "\342\200\226\316\224(S - C)\342\200\226"); /* bars and Delta */
    assert_has_not(svg, "contrastive");
    assert_has_not(svg, "converge");
    assert_int_equal(marks(svg, CIRCLE), 2 + 1);
    assert_int_equal(marks(svg, SQUARE), 0);
    scl_free(svg);
    scl_table_free(&table);
}

/* At n = inf fixed masks leave a mean over replicates: it has its bar there, like any other. */
static void test_an_average_at_infinity_has_its_bar(void **state)
{
    (void)state;
    static const char *const n[] = {"1000", "10000", "inf"};
    size_t paths[2];
    for (size_t bar = 0; bar < 2; bar++) {
        sweep(0, "sample.n");
        scl_table table = summary_with(1);
        for (size_t i = 0; i < 3; i++)
            add(&table, n[i], &n[i], "random", "sin-theta-f", 0.5 + 0.1 * (double)i, bar && i == 2 ? 0.1 : 0, "");
        scl_config config = config_with("sample.n", SCL_SCALE_LOGX, 1);
        config.figure.bounds = false;
        char *svg = drawn_svg(&config, &table);
        paths[bar] = count(svg, "<path stroke='rgb(  0, 114, 178)'");
        if (bar)
            assert_says(svg, "bars: 95");
        else
            assert_has_not(svg, "bars:");
        scl_free(svg);
        scl_table_free(&table);
    }
    assert_int_equal(paths[1], paths[0] + 1);
}

/* Where the profile is swept, the caption has what its words take, and nothing else. */
static void test_caption_has_the_parts_of_swept_words(void **state)
{
    (void)state;
    static const char *profiles[] = {"two-level", "uniform"};
    sweep(0, "model.noise.profile");
    axes[0].values = (char **)profiles;
    axes[0].n_values = 2;
    scl_table table = summary_with(1);
    for (size_t i = 0; i < 2; i++) add(&table, "1000", &profiles[i], "pca", "sin-theta-f", 0.5, 0.01, "");
    scl_config config = config_with("model.noise.profile", SCL_SCALE_LINEAR, 1);
    config.base.model.loud = 0.2;
    config.base.model.variance_min = 0.25;
    config.base.model.variance_max = 4;
    config.base.model.exponent = 3;
    char *svg = drawn_svg(&config, &table);
    assert_says(svg,
                "sigma_max = 1, ratio = 2, loud = 0.2, least variance = 0.25, largest variance = 4, loadings haar");
    assert_has_not(svg, "exponent");
    scl_free(svg);
    scl_table_free(&table);
}

static void test_axis_label_is_short_and_typeset(void **state)
{
    (void)state;
    scl_table table = recovery_summary();
    scl_config config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
    char *svg = drawn_svg(&config, &table);
    assert_has(svg, ">subspace error \342\200\226sin \316\230(U, Q)\342\200\226</tspan>");
    assert_has(svg, ">F</tspan>");
    assert_has_not(svg, "sqrt(sum");
    scl_free(svg);
    scl_table_free(&table);
}

/* Summary along d, in panels by n. */
static scl_table summary_by_n(const char *const *n, size_t n_n, const char *estimator)
{
    static const char *const d[] = {"20", "40", "80"};
    sweep(0, "model.nu");
    sweep(1, "sample.n");
    scl_table table = summary_with(2);
    for (size_t i = 0; i < n_n; i++)
        for (size_t j = 0; j < 3; j++) {
            double half = strcmp(n[i], "inf") == 0 ? 0 : 0.01;
            add(&table, n[i], (const char *const[]){d[j], n[i]}, estimator, "sin-theta-f", 0.4, half, "0.25");
        }
    return table;
}

static void test_exact_values_are_called_exact(void **state)
{
    (void)state;
    static const char *const n[] = {"2e4", "1e6", "inf"};
    scl_table table = summary_by_n(n + 2, 1, "pca");
    scl_config config = config_with("model.nu", SCL_SCALE_LOGX, 2);
    char *svg = drawn_svg(&config, &table);
    assert_says(svg, "Marks: exact population values.");
    assert_has_not(svg, "replicates");
    assert_has_not(svg, "Monte Carlo");
    assert_has_not(svg, "open mark");
    scl_free(svg);
    scl_table_free(&table);

    table = summary_by_n(n, 3, "pca");
    svg = drawn_svg(&config, &table);
    assert_says(svg, "200 replicates. Marks: means over replicates (n = inf: exact population values); bars:");
    assert_has(svg, "open mark, dotted: population (n = inf), exact<");
    assert_has(svg, ">n = 2\303\22710\342\201\264<"); /* 2 x 10^4 */
    assert_has(svg, ">n = 10\342\201\266<");
    assert_has(svg, ">n = inf (population)<");
    scl_free(svg);
    scl_table_free(&table);

    table = summary_by_n(n, 3, "random"); /* its population value is an average */
    svg = drawn_svg(&config, &table);
    assert_has(svg, "open mark, dotted: population (n = inf)<");
    assert_says(svg, "Population values that are means over replicates: random.");
    assert_has_not(svg, "exact");
    scl_free(svg);
    scl_table_free(&table);
}

/* The caption counts the replicates that were drawn, whatever the config asks for. */
static void test_caption_counts_the_replicates_drawn(void **state)
{
    (void)state;
    static const char *const n[] = {"2e4", "inf"};
    scl_table table = summary_by_n(n, 2, "pca");
    scl_config config = config_with("model.nu", SCL_SCALE_LOGX, 2);
    config.replicates = 500;
    char *svg = drawn_svg(&config, &table);
    assert_says(svg, " 200 replicates. Marks:");
    scl_free(svg);

    replace_cell(&table, 0, "n_ok", "187");
    config.redraw_replicate = true;
    svg = drawn_svg(&config, &table);
    assert_says(svg, " 187 to 200 replicates, each with its own model. Marks:");
    assert_has_not(svg, "500");
    scl_free(svg);
    scl_table_free(&table);
}

/* Settings that are swept are not in it, the first ones neither. */
static void test_caption_begins_with_what_is_not_swept(void **state)
{
    (void)state;
    scl_sweep_axis swept[] = {{.key = "model.d"}, {.key = "model.r"}, {.key = "model.nu"}, {.key = "sample.aspect"}};
    static char along[] = "d";
    scl_config config = {.axes = swept, .n_axes = 4, .figure.x = along};
    config.base.model.sigma_max = 1;
    scl_text caption = {0};
    scl_error err = {0};
    assert_int_equal(scl_figure_settings(&caption, &config, 100, 100, &err), SCL_OK);
    const char *expected = "noise constant, sigma_max = 1, loadings haar, 100 replicates";
    if (strncmp(scl_text_get(&caption), expected, strlen(expected)) != 0) fail_msg("%s", scl_text_get(&caption));
    scl_text_free(&caption);
}

/* Laws that are not Gaussian are named; degrees of freedom where something has them. */
static void test_caption_names_the_laws(void **state)
{
    (void)state;
    scl_table table = recovery_summary();
    scl_config config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
    char *svg = drawn_svg(&config, &table);
    assert_has_not(svg, "latent");
    assert_has_not(svg, "law");
    scl_free(svg);
    config.base.model.latent = (scl_law){SCL_LAW_STUDENT, 5};
    config.base.model.noise_law = (scl_law){SCL_LAW_UNIFORM, 7}; /* 7: given, and without a meaning here */
    svg = drawn_svg(&config, &table);
    assert_says(svg, ", latent student, latent df = 5, noise law uniform, 200 replicates");
    scl_free(svg);
    scl_table_free(&table);

    static const char *const swept[] = {"gaussian", "student"};
    sweep(0, "model.noise_law");
    table = summary_with(1);
    for (size_t i = 0; i < 2; i++) add(&table, "1000", &swept[i], "pca", "sin-theta-f", 0.5, 0.01, "0.4");
    config = config_with("model.noise_law", SCL_SCALE_LINEAR, 1);
    config.base.model.noise_law = (scl_law){SCL_LAW_GAUSSIAN, 7}; /* the df that the swept student takes */
    svg = drawn_svg(&config, &table);
    assert_has(svg, ">gaussian<");
    assert_has(svg, ">student<");
    assert_has(svg, ">noise law<");
    assert_says(svg, ", noise df = 7, 200 replicates");
    assert_has_not(svg, "latent");
    scl_free(svg);
    scl_table_free(&table);
}

static void test_legend_lists_only_the_rate_lines_that_are_drawn(void **state)
{
    (void)state;
    static const char *const n[] = {"inf", "1000"};
    scl_scale scales[] = {SCL_SCALE_LINEAR, SCL_SCALE_LOGLOG};
    for (size_t i = 0; i < 2; i++) {
        scl_config config = config_with("model.nu", scales[i], 2);
        scl_table table = summary_by_n(n, 1, "pca"); /* the sampling term is 0, the sum is the other term */
        char *svg = drawn_svg(&config, &table);
        assert_int_equal(count(svg, " >rate term "), 1);
        assert_has_not(svg, "sum of both");
        assert_has(svg, "constant 1");
        scl_free(svg);
        scl_table_free(&table);
        table = summary_by_n(n, 2, "pca");
        svg = drawn_svg(&config, &table);
        assert_int_equal(count(svg, " >rate term "), 2);
        assert_int_equal(count(svg, " >sum of both terms<"), 1);
        scl_free(svg);
        scl_table_free(&table);
    }
}

/* A title of one word is broken by the width of its letters: each of these is as wide as the font is high, or hardly less, and
 * a page of one panel is 703 wide, 14 of them at each edge, in a font of 14. */
static void test_an_unbroken_title_stays_on_the_page(void **state)
{
    (void)state;
    static const char *const letters[] = {"W", "@", "\346\274\242"};
    enum { LETTERS = 150, FIT = (703 - 2 * 14) / 14 };
    scl_table table = recovery_summary();
    scl_config config = config_with("sample.n", SCL_SCALE_LOGLOG, 1);
    for (size_t i = 0; i < 3; i++) {
        char title[3 * LETTERS + 1] = "", longest[3 * FIT + 8] = "";
        for (size_t k = 0; k < LETTERS; k++) strcat(title, letters[i]);
        for (size_t k = 0; k <= FIT; k++) strcat(longest, letters[i]);
        config.question = title;
        char *svg = drawn_svg(&config, &table);
        assert_int_equal(count(svg, letters[i]), LETTERS);
        assert_has_not(svg, longest);
        scl_free(svg);
    }
    scl_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_swept_values_are_the_tics),
        cmocka_unit_test(test_many_or_close_values_get_round_tics),
        cmocka_unit_test(test_a_zero_breaks_its_line),
        cmocka_unit_test(test_doubtful_means_are_noted),
        cmocka_unit_test(test_infinite_means_are_noted),
        cmocka_unit_test(test_zeros_on_log_axes_are_noted),
        cmocka_unit_test(test_a_floor_leaves_out_what_is_below),
        cmocka_unit_test(test_a_metric_of_the_sample_is_one_series),
        cmocka_unit_test(test_an_average_at_infinity_has_its_bar),
        cmocka_unit_test(test_caption_has_the_parts_of_swept_words),
        cmocka_unit_test(test_axis_label_is_short_and_typeset),
        cmocka_unit_test(test_exact_values_are_called_exact),
        cmocka_unit_test(test_caption_counts_the_replicates_drawn),
        cmocka_unit_test(test_caption_begins_with_what_is_not_swept),
        cmocka_unit_test(test_caption_names_the_laws),
        cmocka_unit_test(test_an_unbroken_title_stays_on_the_page),
        cmocka_unit_test(test_legend_lists_only_the_rate_lines_that_are_drawn),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
