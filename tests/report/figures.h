/* Figures for tests: configs and summaries to draw, and what the pictures hold.
 *
 * gnuplot writes each mark into the SVG as a <use> of its shape with a colour; the legend adds one for each entry. */
#ifndef SCL_TESTS_REPORT_FIGURES_H
#define SCL_TESTS_REPORT_FIGURES_H

#include "report/report.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/scl_figure_XXXXXX"; /* of this run */

/* --- a config and its summary --- */

static scl_sweep_axis axes[3];

static inline scl_config config_with(const char *x, scl_scale scale, size_t n_axes)
{
    static char name[] = "fig", question[] = "Does the error fall with n?", metric[] = "sin-theta-f";
    static char x_copy[64];
    snprintf(x_copy, sizeof x_copy, "%s", x);
    scl_config config = {.name = name, .question = question, .replicates = 200};
    config.base.model =
        (scl_model_spec){.d = 40, .r = 5, .nu = 1, .noise = SCL_NOISE_LINEAR, .sigma_max = 1, .ratio = 2};
    config.base.n = 1000;
    config.axes = axes;
    config.n_axes = n_axes;
    config.figure = (scl_figure_spec){
        .wanted = true, .x = x_copy, .y = metric, .scale = scale, .predictions = true, .bounds = true};
    return config;
}

static inline void sweep(size_t axis, const char *key)
{
    static char keys[3][64];
    snprintf(keys[axis], sizeof keys[axis], "%s", key);
    axes[axis] = (scl_sweep_axis){.key = keys[axis]};
}

static inline void add_columns(scl_table *table, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) assert_int_equal(scl_table_add_column(table, names[i], NULL), SCL_OK);
}

/* The same table with another text in one cell. */
static inline void replace_cell(scl_table *table, size_t row, const char *column, const char *text)
{
    enum { MOST = 64 };
    scl_table copy = {0};
    size_t place = scl_table_column(table, column);
    assert_true(place < table->n_columns && table->n_columns <= MOST && row < table->n_rows);
    add_columns(&copy, (const char *const *)table->names, table->n_columns);
    for (size_t i = 0; i < table->n_rows; i++) {
        const char *cells[MOST];
        for (size_t c = 0; c < table->n_columns; c++)
            cells[c] = i == row && c == place ? text : scl_table_text(table, i, c);
        assert_int_equal(scl_table_add_row(&copy, cells, NULL), SCL_OK);
    }
    scl_table_free(table);
    *table = copy;
}

static inline scl_table summary_with(size_t n_axes)
{
    static const char *const before[] = {"experiment", "cell", "n", "d", "r"};
    static const char *const after[] = {"estimator", "metric",        "status",      "n_ok",
                                        "n_failed",  "n_unconverged", "mean",        "sd",
                                        "mcse",      "ci_low",        "ci_high",     "q05",
                                        "median",    "q95",           "population",  "population_mcse",
                                        "rate_bias", "rate_sampling", "first_order", "limit",
                                        "bound"};
    scl_table table = {0};
    add_columns(&table, before, 5);
    for (size_t i = 0; i < n_axes; i++) add_columns(&table, (const char *const[]){axes[i].key}, 1);
    add_columns(&table, after, sizeof after / sizeof *after);
    return table;
}

/* A row: n as text, the swept keys' values, and what the figure reads; the bar is mean +- half. As in a study, n = inf
 * is exact but for what draws numbers itself, and there the rate has no sampling term. */
static inline void add(scl_table *table, const char *n, const char *const *swept, const char *estimator,
                       const char *metric, double mean, double half, const char *population)
{
    char mean_text[SCL_NUMBER_CHARS], low[SCL_NUMBER_CHARS], high[SCL_NUMBER_CHARS];
    const char *cells[32] = {"fig", "0", n, "40", "5"};
    size_t count = 5, n_axes = table->n_columns - 26;
    for (size_t i = 0; i < n_axes; i++) cells[count++] = swept[i];
    bool bar = half > 0, infinite = strcmp(n, "inf") == 0, random = strcmp(estimator, "random") == 0;
    const char *rest[] = {estimator,
                          metric,
                          infinite && !random ? "exact" : "ok",
                          infinite && !random ? "1" : "200",
                          "0",
                          "0",
                          scl_number_digits(mean_text, mean, 10),
                          "",
                          "",
                          bar ? scl_number_digits(low, mean - half, 10) : "",
                          bar ? scl_number_digits(high, mean + half, 10) : "",
                          "",
                          "",
                          "",
                          population,
                          *population && !random ? "0" : "",
                          "0.5",
                          infinite ? "0" : "0.1",
                          "",
                          "",
                          ""};
    for (size_t i = 0; i < 21; i++) cells[count++] = rest[i];
    assert_int_equal(count, table->n_columns);
    assert_int_equal(scl_table_add_row(table, cells, NULL), SCL_OK);
}

/* pca and contrastive at n = 1e3, 1e4, 1e5 and inf, and rows that are not drawn. */
static inline scl_table recovery_summary(void)
{
    static const char *const n[] = {"1000", "10000", "100000", "inf"};
    sweep(0, "sample.n");
    scl_table table = summary_with(1);
    for (size_t i = 0; i < 4; i++) {
        double sampling = i < 3 ? 0.3 / pow(10, 0.5 * (double)i) : 0, half = 0.02 * sampling;
        add(&table, n[i], &n[i], "pca", "sin-theta-f", 0.6 + sampling, half, "0.6");
        add(&table, n[i], &n[i], "contrastive", "sin-theta-f", 0.02 + sampling, half, "0.02");
        add(&table, n[i], &n[i], "pca", "cos2", 0.3, 0.01, "");
        add(&table, n[i], &n[i], "contrastive vs pca", "log-ratio(sin-theta-f)", -1, 0.01, "");
    }
    return table;
}

/* --- reading pictures --- */

static inline char *picture(const char *ending)
{
    char path[256];
    snprintf(path, sizeof path, "%s/fig.%s", folder, ending);
    char *content = NULL;
    size_t length = 0;
    scl_error err = {0};
    if (scl_file_read(&content, &length, path, &err) != SCL_OK) fail_msg("%s", err.message);
    return content;
}

static inline size_t count(const char *text, const char *what)
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, what)); at += strlen(what)) found++;
    return found;
}

/* Marks of one of gnuplot's shapes (point type - 1), those of the legend included. */
static inline size_t marks(const char *svg, int shape)
{
    char what[64];
    snprintf(what, sizeof what, "<use xlink:href='#gpPt%d' transform=", shape);
    return count(svg, what);
}

enum { CIRCLE = 6, OPEN_CIRCLE = 5, SQUARE = 4, OPEN_SQUARE = 3 };

static inline char *drawn_svg(const scl_config *config, const scl_table *summary)
{
    scl_error err = {0};
    if (scl_figure_draw(config, summary, folder, &err) != SCL_OK) fail_msg("%s", err.message);
    return picture("svg");
}

static inline void assert_has(const char *text, const char *what)
{
    if (!strstr(text, what)) fail_msg("\"%s\" is not in the figure", what);
}

static inline void assert_has_not(const char *text, const char *what)
{
    if (strstr(text, what)) fail_msg("\"%s\" is in the figure", what);
}

/* The texts of a picture without their markup, joined by blanks: a caption is broken into lines. */
static inline void assert_says(const char *svg, const char *what)
{
    static char words[1 << 16];
    size_t length = 0;
    for (const char *at = svg; (at = strstr(at, "<text>")); at++) {
        const char *close = strstr(at, "</text>");
        for (const char *c = at; c < close && length + 2 < sizeof words; c++) {
            if (*c == '<') c = strchr(c, '>');
            if (*c != '>') words[length++] = *c;
        }
        words[length++] = ' ';
    }
    words[length] = '\0';
    assert_has(words, what);
}

static inline void assert_error(const scl_config *config, const scl_table *summary, const char *where,
                                scl_status status, const char *words)
{
    scl_error err = {0};
    assert_int_equal(scl_figure_draw(config, summary, where, &err), status);
    assert_int_equal(err.status, status);
    if (!strstr(err.message, words)) fail_msg("\"%s\" is not in \"%s\"", words, err.message);
    assert_null(strchr(err.message, '\n'));
}

/* --- the folder --- */

static inline int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state)
{
    (void)state;
    static const char *const names[] = {"fig.svg", "fig.png", "blocked", "fails", "witness"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[256];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder) != 0 || scl_memory_live() != 0; /* an unexpected file or a leak is a failure */
}

#endif
