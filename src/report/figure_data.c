/* From the rows of a summary to panels, series and points: see figure_data.h. */
#include "report/figure_data.h"

#include "evaluate/evaluate.h"
#include "report/figure_bounds.h"
#include "report/figure_words.h"
#include "study/draw_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

scl_status scl_figure_name_index(size_t *index, scl_figure_names *names, const char *text, scl_error *err)
{
    for (*index = 0; *index < names->count; (*index)++)
        if (strcmp(names->items[*index], text) == 0) return SCL_OK;
    scl_status status = scl_grow((void **)&names->items, &names->capacity, names->count + 1, sizeof *names->items, err);
    if (status != SCL_OK) return status;
    names->items[names->count] = scl_strdup(text, err);
    if (!names->items[names->count]) return SCL_ERR_MEMORY;
    names->count++;
    return SCL_OK;
}

void scl_figure_names_free(scl_figure_names *names)
{
    for (size_t i = 0; i < names->count; i++) scl_free(names->items[i]);
    scl_free(names->items);
    *names = (scl_figure_names){0};
}

void scl_figure_data_free(scl_figure_data *data)
{
    scl_figure_names_free(&data->panels);
    scl_figure_names_free(&data->series);
    scl_figure_names_free(&data->categories);
    scl_free(data->points);
    scl_free(data->levels);
    scl_free(data->level_bars);
    scl_free(data->notes);
    for (size_t k = 0; k < SCL_FIGURE_MOST_RATES; k++) scl_free(data->rate_labels[k]);
    *data = (scl_figure_data){0};
}

/* The columns a figure reads. */
typedef struct columns {
    size_t x, n, estimator, metric, status, n_ok, mean, mcse, low, high, population, population_mcse, limit, bias,
        sampling, failed, unconverged;
    size_t *panel_keys; /* indices into config->axes, of the swept keys that are not x */
    size_t *panel_columns;
    size_t n_panel_keys;
    double *own_rates; /* of each cell, data->n_rates - SCL_FIGURE_PAPER_RATES of them; NULL: none */
} columns;

scl_status scl_figure_find_column(size_t *column, const scl_table *summary, const char *name, scl_error *err)
{
    *column = scl_table_column(summary, name);
    if (*column < summary->n_columns) return SCL_OK;
    return scl_error_set(err, SCL_ERR_INPUT, "the summary has no column \"%s\", which the figure needs", name);
}

bool scl_figure_zipped_with(const scl_config *config, size_t axis, const char *key)
{
    if (scl_figure_is_along(config->axes[axis].key, key)) return false;
    for (size_t other = 0; other < config->n_axes; other++)
        if (scl_figure_is_along(config->axes[other].key, key) && scl_config_follows(config, axis, other)) return true;
    return false;
}

bool scl_figure_tells_blocks(const scl_config *config, size_t axis)
{
    for (size_t block = 0; block < config->n_blocks; block++)
        if (config->blocks[block].spans[axis].count > 1) return false;
    return config->n_blocks > 1;
}

static scl_status find_columns(columns *c, const scl_config *config, const scl_table *summary, scl_error *err)
{
    const struct {
        size_t *column;
        const char *name;
    } wanted[] = {{&c->x, config->figure.x_is_option ? "n" : scl_figure_column_of(config->figure.x)},
                  {&c->n, "n"},
                  {&c->estimator, "estimator"},
                  {&c->metric, "metric"},
                  {&c->status, "status"},
                  {&c->n_ok, "n_ok"},
                  {&c->mean, "mean"},
                  {&c->mcse, "mcse"},
                  {&c->low, "ci_low"},
                  {&c->high, "ci_high"},
                  {&c->population, "population"},
                  {&c->population_mcse, "population_mcse"},
                  {&c->limit, "limit"},
                  {&c->bias, "rate_bias"},
                  {&c->sampling, "rate_sampling"},
                  {&c->failed, "n_failed"},
                  {&c->unconverged, "n_unconverged"}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        scl_status status = scl_figure_find_column(wanted[i].column, summary, wanted[i].name, err);
        if (status != SCL_OK) return status;
    }
    c->panel_keys = scl_alloc(config->n_axes, sizeof *c->panel_keys, err);
    c->panel_columns = scl_alloc(config->n_axes, sizeof *c->panel_columns, err);
    if (!c->panel_keys || !c->panel_columns) return SCL_ERR_MEMORY;
    for (size_t i = 0; i < config->n_axes; i++) {
        const char *x = config->figure.x;
        if (scl_figure_is_along(config->axes[i].key, x) || scl_figure_zipped_with(config, i, x)) continue;
        scl_status status =
            scl_figure_find_column(&c->panel_columns[c->n_panel_keys], summary, config->axes[i].key, err);
        if (status != SCL_OK) return status;
        c->panel_keys[c->n_panel_keys++] = i;
    }
    return SCL_OK;
}

/* The rows with the figure's metric; rows of paired comparisons have other metric texts. A metric of the sample or the model has
 * the same rows for every estimator: the first one's are enough. */
static bool is_drawn(const scl_table *summary, const columns *c, size_t row, const char *metric)
{
    if (strcmp(scl_table_text(summary, row, c->metric), metric) != 0) return false;
    const scl_metric *known = scl_metric_find(metric);
    return !known || known->of == SCL_OF_FIT ||
           strcmp(scl_table_text(summary, row, c->estimator), scl_table_text(summary, 0, c->estimator)) == 0;
}

/* The name of a row's series: its estimator, or whatever the metric is of. */
static const char *series_text(const scl_table *summary, const columns *c, size_t row, const char *metric)
{
    const scl_metric *known = scl_metric_find(metric);
    if (!known || known->of == SCL_OF_FIT) return scl_table_text(summary, row, c->estimator);
    return known->of == SCL_OF_SAMPLE ? "the sample, whatever the estimator" : "the model, whatever the estimator";
}

/* ---- along an option of estimators ---- */

/* The place of figure.x among the options of a use, SIZE_MAX where it has none. */
static size_t option_of(const scl_config *config, const scl_estimator_use *use)
{
    for (size_t o = 0; o < use->estimator->n_options; o++)
        if (strcmp(use->estimator->options[o].key, config->figure.x) == 0) return o;
    return SIZE_MAX;
}

/* Uses that differ in the option alone are one curve, named by what they share. */
static scl_status name_curve(scl_text *name, const scl_config *config, const scl_estimator_use *use, scl_error *err)
{
    size_t option = option_of(config, use);
    if (option == SIZE_MAX) return scl_text_add(name, err, "%s", use->id);
    scl_estimator_use shared = *use;
    shared.options[option] = use->estimator->options[option].fallback;
    return scl_draw_text_estimator(name, &shared, err);
}

/* x is categorical when one of its texts is no finite number; an infinite n is the population, not a category. */
static bool x_is_categorical(const scl_figure_data *data, const scl_table *summary, const columns *c,
                             const char *metric)
{
    for (size_t row = 0; row < summary->n_rows; row++) {
        if (!is_drawn(summary, c, row, metric)) continue;
        double x = scl_table_number(summary, row, c->x);
        if (!isfinite(x) && !(data->x_is_n && x > 0)) return true;
    }
    return false;
}

static scl_status panel_of(size_t *panel, scl_figure_data *data, const scl_config *config, const scl_table *summary,
                           const columns *c, size_t row, scl_error *err)
{
    scl_text title = {0};
    scl_status status = SCL_OK;
    for (size_t i = 0; i < c->n_panel_keys && status == SCL_OK; i++) {
        size_t axis = c->panel_keys[i];
        const char *value = scl_table_text(summary, row, c->panel_columns[i]);
        if (scl_figure_tells_blocks(config, axis) && strcmp(value, scl_config_axis_value(config, 0, axis)) == 0)
            continue;
        if (title.length) status = scl_text_add(&title, err, ", ");
        if (status == SCL_OK) status = scl_figure_add_value(&title, config->axes[axis].key, value, err);
    }
    if (status == SCL_OK && c->n_panel_keys > 0 && !title.length) status = scl_text_add(&title, err, "base");
    if (status == SCL_OK) status = scl_figure_name_index(panel, &data->panels, scl_text_get(&title), err);
    scl_text_free(&title);
    return status;
}

size_t scl_figure_count_at(const scl_table *summary, size_t row, size_t column)
{
    double count = scl_table_number(summary, row, column);
    return count > 0 && count < 1e15 ? (size_t)count : 0;
}

/* Fills the lines of bounds at a point; a term of 0 is no line. */
static scl_status add_rates(scl_figure_point *point, const scl_figure_data *data, const scl_config *config,
                            const scl_table *summary, const columns *c, size_t row, scl_error *err)
{
    for (size_t k = 0; k < SCL_FIGURE_MOST_RATES; k++) point->rates[k] = NAN;
    if (data->n_rates == 0) return SCL_OK;
    double bias = scl_table_number(summary, row, c->bias), sampling = scl_table_number(summary, row, c->sampling);
    point->rates[0] = bias > 0 ? bias : NAN;
    point->rates[1] = sampling > 0 ? sampling : NAN;
    point->rates[2] = point->rates[0] + point->rates[1];
    if (!c->own_rates) return SCL_OK;
    size_t cells = scl_table_column(summary, "cell"), n_own = data->n_rates - SCL_FIGURE_PAPER_RATES;
    double cell = cells < summary->n_columns ? scl_table_number(summary, row, cells) : NAN;
    if (!(cell >= 0 && cell < (double)scl_config_cells(config) && cell == floor(cell)))
        return scl_error_set(err, SCL_ERR_INPUT, "row %zu of the summary is of a cell that %s does not have", row + 2,
                             config->path);
    memcpy(&point->rates[SCL_FIGURE_PAPER_RATES], c->own_rates + (size_t)cell * n_own, n_own * sizeof(double));
    return SCL_OK;
}

static scl_status add_to_series(scl_figure_data *data, scl_figure_point point, const char *series, scl_error *err)
{
    scl_status status = scl_figure_name_index(&point.series, &data->series, series, err);
    if (status == SCL_OK)
        status = scl_grow((void **)&data->points, &data->points_capacity, data->n_points + 1, sizeof point, err);
    if (status == SCL_OK) data->points[data->n_points++] = point;
    return status;
}

/* A use with the option is one point; one without it has the same value at all of them. */
static scl_status add_along_option(scl_figure_data *data, scl_figure_point point, const scl_config *config,
                                   const char *id, scl_error *err)
{
    const scl_estimator_use *use = scl_config_use(config, id);
    if (!use) return scl_error_set(err, SCL_ERR_INPUT, "the summary has an estimator \"%s\" and the config none", id);
    size_t option = option_of(config, use);
    scl_text name = {0};
    scl_status status = name_curve(&name, config, use, err);
    if (status == SCL_OK && option != SIZE_MAX) {
        point.x = use->options[option];
        status = add_to_series(data, point, scl_text_get(&name), err);
    }
    for (size_t e = 0; status == SCL_OK && option == SIZE_MAX && e < config->n_estimators; e++) {
        size_t other = option_of(config, &config->estimators[e]);
        if (other == SIZE_MAX) continue;
        point.x = config->estimators[e].options[other];
        status = add_to_series(data, point, scl_text_get(&name), err);
    }
    scl_text_free(&name);
    return status;
}

static scl_status add_point(scl_figure_data *data, const scl_config *config, const scl_table *summary, const columns *c,
                            size_t row, bool categorical, scl_error *err)
{
    scl_figure_point point = {.x = scl_table_number(summary, row, c->x),
                              .mean = scl_table_number(summary, row, c->mean),
                              .low = scl_table_number(summary, row, c->low),
                              .high = scl_table_number(summary, row, c->high),
                              .n_ok = scl_figure_count_at(summary, row, c->n_ok),
                              .population = NAN,
                              .limit = NAN};
    /* one value and a standard error of 0: nothing random was left, whatever the status says of the fit */
    point.exact = point.n_ok == 1 && scl_table_number(summary, row, c->mcse) == 0;
    /* along another x, an n = inf cell's mean is its population value: one mark is enough */
    bool is_population = isinf(scl_table_number(summary, row, c->n));
    if (config->figure.predictions && (data->x_is_n || !is_population)) {
        point.population = scl_table_number(summary, row, c->population);
        point.population_exact = scl_table_number(summary, row, c->population_mcse) == 0;
    }
    if (config->figure.predictions && !is_population) point.limit = scl_table_number(summary, row, c->limit);
    scl_status status = add_rates(&point, data, config, summary, c, row, err);
    if (status == SCL_OK) status = panel_of(&point.panel, data, config, summary, c, row, err);
    if (status == SCL_OK && categorical) {
        size_t category = 0;
        status = scl_figure_name_index(&category, &data->categories, scl_table_text(summary, row, c->x), err);
        point.x = (double)(category + 1);
    }
    const char *said = scl_table_text(summary, row, c->status);
    bool deficient = strcmp(said, "rank-deficient") == 0, infinite = scl_metric_status_is_infinite(said);
    size_t failed = scl_figure_count_at(summary, row, c->failed),
           unconverged = scl_figure_count_at(summary, row, c->unconverged);
    point.notes = (deficient ? SCL_FIGURE_DEFICIENT : 0U) | (failed ? SCL_FIGURE_FAILED : 0U) |
                  (unconverged ? SCL_FIGURE_UNCONVERGED : 0U) | (infinite ? SCL_FIGURE_INFINITE : 0U);
    if (status == SCL_OK && config->figure.x_is_option)
        status = add_along_option(data, point, config, scl_table_text(summary, row, c->estimator), err);
    else if (status == SCL_OK)
        status = add_to_series(data, point, series_text(summary, c, row, config->figure.y), err);
    if (status != SCL_OK) return status;
    data->deficient += deficient;
    data->infinite += infinite;
    data->unfinished += strcmp(said, "incomplete") == 0;
    data->failed += failed;
    data->unconverged += unconverged;
    return SCL_OK;
}

static int by_panel_series_x(const void *left, const void *right)
{
    const scl_figure_point *a = left, *b = right;
    if (a->panel != b->panel) return a->panel < b->panel ? -1 : 1;
    if (a->series != b->series) return a->series < b->series ? -1 : 1;
    return (a->x > b->x) - (a->x < b->x);
}

scl_status scl_figure_data_read(scl_figure_data *data, const scl_config *config, const scl_table *summary,
                                scl_error *err)
{
    *data = (scl_figure_data){0};
    data->x_is_n = !config->figure.x_is_option && strcmp(scl_figure_column_of(config->figure.x), "n") == 0;
    data->x_label = scl_figure_axis_label(config->figure.x);
    columns c = {0};
    scl_status status = find_columns(&c, config, summary, err);
    if (status == SCL_OK) status = scl_figure_bounds(&c.own_rates, data, config, err);
    if (status != SCL_OK) goto done;
    bool categorical = !config->figure.x_is_option && x_is_categorical(data, summary, &c, config->figure.y);
    for (size_t row = 0; row < summary->n_rows && status == SCL_OK; row++)
        if (is_drawn(summary, &c, row, config->figure.y))
            status = add_point(data, config, summary, &c, row, categorical, err);
    if (status != SCL_OK) goto done;
    if (data->n_points == 0) {
        status = scl_error_set(err, SCL_ERR_INPUT, "the summary of \"%s\" has no row with metric \"%s\"", config->name,
                               config->figure.y);
        goto done;
    }
    if (data->series.count > SCL_FIGURE_MOST_SERIES) {
        status =
            scl_error_set(err, SCL_ERR_INPUT,
                          "the figure of \"%s\" would have %zu estimators, and marks and dashes tell %d apart; spread "
                          "them over several configs",
                          config->name, data->series.count, SCL_FIGURE_MOST_SERIES);
        goto done;
    }
    qsort(data->points, data->n_points, sizeof *data->points, by_panel_series_x);
done:
    scl_free(c.panel_keys);
    scl_free(c.panel_columns);
    scl_free(c.own_rates);
    return status;
}
