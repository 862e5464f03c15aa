/* From the rows of a summary to the tiles of a map of winners: see winners.h. */
#include "base/memory.h"
#include "report/figure_words.h"
#include "report/winners.h"

#include <math.h>
#include <string.h>

enum { MOST_VALUES = 24, MOST_PANELS = 12 }; /* of an axis; of a page */

const scl_winners_tile *scl_winners_at(const scl_winners *winners, size_t panel, size_t row, size_t column)
{
    return &winners->tiles[(panel * winners->rows.count + row) * winners->columns.count + column];
}

void scl_winners_free(scl_winners *winners)
{
    scl_figure_names_free(&winners->panels);
    scl_figure_names_free(&winners->columns);
    scl_figure_names_free(&winners->rows);
    scl_figure_names_free(&winners->estimators);
    scl_free(winners->tiles);
    *winners = (scl_winners){0};
}

/* ---- deciding ---- */

/* What an estimator's mean has more than the best's. */
static scl_winners_mean excess_of(const scl_winners_mean *means, const scl_winners_mean *paired, size_t n, size_t i,
                                  size_t best)
{
    scl_winners_mean left = paired[i * n + best], right = paired[best * n + i];
    if (isfinite(left.mean)) return left;
    if (isfinite(right.mean)) return (scl_winners_mean){-right.mean, right.mcse};
    return (scl_winners_mean){means[i].mean - means[best].mean, hypot(means[i].mcse, means[best].mcse)};
}

/* A standard error that is absent, of a single replicate, tells nothing apart. */
static bool is_told(scl_winners_mean excess)
{
    return excess.mean > SCL_WINNERS_STANDARD_ERRORS * excess.mcse && excess.mean > SCL_WINNERS_EQUAL;
}

void scl_winners_decide(scl_winners_tile *tile, const scl_winners_mean *means, const scl_winners_mean *paired, size_t n)
{
    *tile = (scl_winners_tile){.behind = NAN};
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(means[i].mean) || (tile->any && !(means[i].mean < means[tile->best].mean))) continue;
        tile->best = i;
        tile->any = true;
    }
    double next = INFINITY;
    for (size_t i = 0; i < n && tile->any; i++) {
        if (!isfinite(means[i].mean)) continue;
        tile->shares[i] = i == tile->best || !is_told(excess_of(means, paired, n, i, tile->best));
        tile->n_shares += tile->shares[i];
        if (!tile->shares[i]) next = fmin(next, means[i].mean);
    }
    if (tile->any && isfinite(next) && means[tile->best].mean > SCL_WINNERS_EQUAL)
        tile->behind = next / means[tile->best].mean;
}

/* ---- reading ---- */

/* The columns that are read, as places in the summary. */
static const char *const column_names[] = {"estimator", "metric",        "status", "n_ok",
                                           "n_failed",  "n_unconverged", "mean",   "mcse"};
enum { ESTIMATOR, METRIC, STATUS, N_OK, FAILED, UNCONVERGED, MEAN, MCSE, N_COLUMNS };

typedef struct source {
    const scl_config *config;
    const scl_table *summary;
    size_t columns[N_COLUMNS], x, y;
    scl_text difference;              /* how rows of paired differences name the metric */
    scl_winners_mean *means, *paired; /* of each tile: n, and n x n */
} source;

static const char *text_at(const source *from, size_t row, size_t column)
{
    return scl_table_text(from->summary, row, from->columns[column]);
}

static scl_status find_columns(source *from, scl_error *err)
{
    const scl_figure_spec *figure = &from->config->figure;
    scl_status status = scl_figure_find_column(&from->x, from->summary, scl_figure_column_of(figure->x), err);
    if (status == SCL_OK)
        status = scl_figure_find_column(&from->y, from->summary, scl_figure_column_of(figure->y), err);
    for (size_t i = 0; i < N_COLUMNS && status == SCL_OK; i++)
        status = scl_figure_find_column(&from->columns[i], from->summary, column_names[i], err);
    return status;
}

/* True when the axes of the map say the value of a swept key. */
static bool is_on_map(const scl_config *config, size_t axis)
{
    const char *keys[] = {config->figure.x, config->figure.y};
    for (size_t i = 0; i < 2; i++)
        if (scl_figure_is_along(config->axes[axis].key, keys[i]) || scl_figure_zipped_with(config, axis, keys[i]))
            return true;
    return false;
}

static scl_status panel_of(size_t *panel, scl_winners *out, const source *from, size_t row, scl_error *err)
{
    const scl_config *config = from->config;
    scl_text title = {0};
    scl_status status = SCL_OK;
    for (size_t i = 0; i < config->n_axes && status == SCL_OK; i++) {
        size_t column = 0;
        if (is_on_map(config, i)) continue;
        status = scl_figure_find_column(&column, from->summary, config->axes[i].key, err);
        if (status == SCL_OK && title.length) status = scl_text_add(&title, err, ", ");
        if (status == SCL_OK)
            status = scl_figure_add_value(&title, config->axes[i].key, scl_table_text(from->summary, row, column), err);
    }
    if (status == SCL_OK) status = scl_figure_name_index(panel, &out->panels, scl_text_get(&title), err);
    scl_text_free(&title);
    return status;
}

static bool has_metric(const source *from, size_t row)
{
    return strcmp(text_at(from, row, METRIC), from->config->figure.metric) == 0;
}

static bool is_read(const source *from, size_t row)
{
    return has_metric(from, row) || strcmp(text_at(from, row, METRIC), scl_text_get(&from->difference)) == 0;
}

/* Which tile a row stands on, in the axes as they are so far. */
typedef struct place {
    size_t panel, row, column;
} place;

static scl_status place_of(place *at, scl_winners *out, const source *from, size_t row, scl_error *err)
{
    scl_status status = panel_of(&at->panel, out, from, row, err);
    if (status == SCL_OK)
        status = scl_figure_name_index(&at->column, &out->columns, scl_table_text(from->summary, row, from->x), err);
    if (status == SCL_OK)
        status = scl_figure_name_index(&at->row, &out->rows, scl_table_text(from->summary, row, from->y), err);
    return status;
}

static void count_row(scl_winners *out, const source *from, size_t row)
{
    size_t n_ok = scl_figure_count_at(from->summary, row, from->columns[N_OK]);
    out->failed += scl_figure_count_at(from->summary, row, from->columns[FAILED]);
    out->unconverged += scl_figure_count_at(from->summary, row, from->columns[UNCONVERGED]);
    out->unfinished += strcmp(text_at(from, row, STATUS), "incomplete") == 0;
    if (n_ok == 0 || strcmp(text_at(from, row, STATUS), "exact") == 0) return;
    if (out->most_n_ok == 0 || n_ok < out->least_n_ok) out->least_n_ok = n_ok;
    if (n_ok > out->most_n_ok) out->most_n_ok = n_ok;
}

/* Numbers upwards, infinity last; names keep their order. */
static void sort_values(scl_figure_names *values)
{
    double left, right;
    for (size_t i = 0; i < values->count; i++)
        if (!scl_number_parse(values->items[i], true, &left)) return;
    for (size_t i = 1; i < values->count; i++) /* insertion: at most MOST_VALUES */
        for (size_t j = i; j > 0 && scl_number_parse(values->items[j - 1], true, &left) &&
                           scl_number_parse(values->items[j], true, &right) && left > right;
             j--) {
            char *text = values->items[j];
            values->items[j] = values->items[j - 1];
            values->items[j - 1] = text;
        }
}

static scl_status refuse(const source *from, size_t count, const char *what, int most, scl_error *err)
{
    return scl_error_set(
        err, SCL_ERR_INPUT,
        "the figure of \"%s\" would have %zu %s, and a map of winners holds %d; spread them over several "
        "configs",
        from->config->name, count, what, most);
}

/* Panels, columns, rows and estimators; no later row brings a new one. */
static scl_status find_axes(scl_winners *out, const source *from, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t row = 0; row < from->summary->n_rows && status == SCL_OK; row++) {
        place at;
        size_t estimator;
        if (!is_read(from, row)) continue;
        status = place_of(&at, out, from, row, err);
        if (status != SCL_OK || !has_metric(from, row)) continue;
        status = scl_figure_name_index(&estimator, &out->estimators, text_at(from, row, ESTIMATOR), err);
        if (status == SCL_OK) count_row(out, from, row);
    }
    if (status != SCL_OK) return status;
    if (out->estimators.count == 0)
        return scl_error_set(err, SCL_ERR_INPUT, "the summary of \"%s\" has no row with metric \"%s\"",
                             from->config->name, from->config->figure.metric);
    if (out->estimators.count > SCL_FIGURE_MARKS)
        return refuse(from, out->estimators.count, "estimators", SCL_FIGURE_MARKS, err);
    if (out->columns.count > MOST_VALUES) return refuse(from, out->columns.count, "columns", MOST_VALUES, err);
    if (out->rows.count > MOST_VALUES) return refuse(from, out->rows.count, "rows", MOST_VALUES, err);
    if (out->panels.count > MOST_PANELS) return refuse(from, out->panels.count, "panels", MOST_PANELS, err);
    sort_values(&out->columns);
    sort_values(&out->rows);
    return SCL_OK;
}

static size_t estimator_named(const scl_winners *out, const char *name, size_t length)
{
    size_t i = 0;
    while (i < out->estimators.count &&
           (strlen(out->estimators.items[i]) != length || strncmp(out->estimators.items[i], name, length) != 0))
        i++;
    return i;
}

/* A mean, or a paired difference: "a vs b", and no id is "a vs b". */
static void add_numbers(scl_winners *out, source *from, size_t row, size_t tile)
{
    static const char between[] = " vs ";
    const char *name = text_at(from, row, ESTIMATOR), *versus = strstr(name, between);
    scl_winners_mean number = {scl_table_number(from->summary, row, from->columns[MEAN]),
                               scl_table_number(from->summary, row, from->columns[MCSE])};
    size_t n = out->estimators.count,
           left = estimator_named(out, name, versus ? (size_t)(versus - name) : strlen(name));
    if (left == n) return;
    if (!versus) {
        from->means[tile * n + left] = number;
        return;
    }
    const char *second = versus + strlen(between);
    size_t right = estimator_named(out, second, strlen(second));
    if (right < n) from->paired[(tile * n + left) * n + right] = number;
}

static scl_status decide_all(scl_winners *out, source *from, scl_error *err)
{
    size_t n = out->estimators.count, n_tiles = out->panels.count * out->rows.count * out->columns.count;
    out->tiles = scl_alloc(n_tiles, sizeof *out->tiles, err);
    from->means = scl_alloc(n_tiles * n, sizeof *from->means, err);
    from->paired = scl_alloc(n_tiles * n * n, sizeof *from->paired, err);
    if (!out->tiles || !from->means || !from->paired) return SCL_ERR_MEMORY;
    const scl_winners_mean none = {NAN, NAN};
    for (size_t i = 0; i < n_tiles * n; i++) from->means[i] = none;
    for (size_t i = 0; i < n_tiles * n * n; i++) from->paired[i] = none;
    for (size_t row = 0; row < from->summary->n_rows; row++) {
        place at;
        if (!is_read(from, row)) continue;
        scl_status status = place_of(&at, out, from, row, err);
        if (status != SCL_OK) return status;
        add_numbers(out, from, row, (at.panel * out->rows.count + at.row) * out->columns.count + at.column);
    }
    for (size_t tile = 0; tile < n_tiles; tile++) {
        scl_winners_decide(&out->tiles[tile], from->means + tile * n, from->paired + tile * n * n, n);
        out->any_shared = out->any_shared || out->tiles[tile].n_shares > 1;
    }
    return SCL_OK;
}

scl_status scl_winners_read(scl_winners *out, const scl_config *config, const scl_table *summary, scl_error *err)
{
    *out = (scl_winners){0};
    source from = {.config = config, .summary = summary};
    scl_status status = scl_text_add(&from.difference, err, "difference(%s)", config->figure.metric);
    if (status == SCL_OK) status = find_columns(&from, err);
    if (status == SCL_OK) status = find_axes(out, &from, err);
    if (status == SCL_OK) status = decide_all(out, &from, err);
    scl_text_free(&from.difference);
    scl_free(from.means);
    scl_free(from.paired);
    return status;
}
