/* One panel of a figure: data blocks and plot command. */
#include "report/figure_script.h"

#include "report/figure_style.h"

#include <math.h>
#include <string.h>

static scl_status add_number(scl_text *script, double value, const char *after, scl_error *err)
{
    char number[SCL_NUMBER_CHARS];
    return scl_text_add(script, err, "%s%s", isfinite(value) ? scl_number_shortest(number, value) : "?", after);
}

static scl_status add_row(scl_text *script, const double *values, size_t count, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < count && status == SCL_OK; i++)
        status = add_number(script, values[i], i + 1 < count ? " " : "\n", err);
    return status;
}

/* Categories stand side by side: each series a little beside the tic. */
static double place(const scl_figure_data *data, const scl_figure_point *point)
{
    if (data->categories.count == 0) return point->x;
    double share = ((double)point->series + 1) / ((double)data->series.count + 1) - 0.5;
    return point->x + 0.7 * share;
}

static bool belongs(const scl_figure_point *point, size_t panel, size_t series)
{
    return point->panel == panel && point->series == series && isfinite(point->x);
}

/* A point that is left out breaks its line: a blank line between data, as gnuplot wants it, once and not before the first. */
static scl_status add_break(scl_text *script, bool *broken, scl_error *err)
{
    if (*broken) return SCL_OK;
    *broken = true;
    return scl_text_add(script, err, "\n");
}

/* $m: x, mean, and the bar's ends, kept inside the frame. Returns how many in *count and *bars. */
static scl_status add_means(scl_text *script, const scl_figure_data *data, size_t panel, size_t series, size_t *count,
                            size_t *bars, scl_error *err)
{
    *count = *bars = 0;
    bool broken = true;
    scl_status status = scl_text_add(script, err, "$m%zu_%zu << EOD\n", panel, series);
    for (size_t i = 0; i < data->n_points && status == SCL_OK; i++) {
        const scl_figure_point *point = &data->points[i];
        if (!belongs(point, panel, series)) continue;
        if (!isfinite(point->mean)) {
            status = add_break(script, &broken, err);
            continue;
        }
        broken = false;
        double low = fmax(point->low, data->y.low); /* also where the end is 0 or less on a logarithmic axis */
        if (!isfinite(point->low) || !isfinite(point->high)) low = NAN;
        const double row[] = {place(data, point), point->mean, low,
                              isfinite(low) ? fmin(point->high, data->y.high) : NAN};
        status = add_row(script, row, 4, err);
        *count += 1;
        if (isfinite(low)) *bars += 1;
    }
    return status == SCL_OK ? scl_text_add(script, err, "EOD\n") : status;
}

/* $p: the population curve, or the horizontal line; the third column has a value where the line's mark stands. */
static scl_status add_population(scl_text *script, const scl_figure_data *data, size_t panel, size_t series,
                                 size_t *count, scl_error *err)
{
    *count = 0;
    bool broken = true;
    scl_status status = scl_text_add(script, err, "$p%zu_%zu << EOD\n", panel, series);
    double level = data->levels[panel * data->series.count + series];
    if (status == SCL_OK && isfinite(level)) {
        const double rows[3][3] = {
            {data->x.low, level, NAN}, {data->x.population, level, level}, {data->x.high, level, NAN}};
        for (size_t i = 0; i < 3 && status == SCL_OK; i++) status = add_row(script, rows[i], 3, err);
        *count = 3;
    }
    for (size_t i = 0; i < data->n_points && !data->x_is_n && status == SCL_OK; i++) {
        const scl_figure_point *point = &data->points[i];
        if (!belongs(point, panel, series)) continue;
        if (!isfinite(point->population)) {
            status = add_break(script, &broken, err);
            continue;
        }
        broken = false;
        const double row[] = {place(data, point), point->population, point->population};
        status = add_row(script, row, 3, err);
        *count += 1;
    }
    return status == SCL_OK ? scl_text_add(script, err, "EOD\n") : status;
}

/* $l: the proportional limit. */
static scl_status add_limits(scl_text *script, const scl_figure_data *data, size_t panel, size_t series, size_t *count,
                             scl_error *err)
{
    *count = 0;
    bool broken = true;
    scl_status status = scl_text_add(script, err, "$l%zu_%zu << EOD\n", panel, series);
    for (size_t i = 0; i < data->n_points && status == SCL_OK; i++) {
        const scl_figure_point *point = &data->points[i];
        if (!belongs(point, panel, series)) continue;
        if (!isfinite(point->limit)) {
            status = add_break(script, &broken, err);
            continue;
        }
        broken = false;
        const double row[] = {place(data, point), point->limit};
        status = add_row(script, row, 2, err);
        *count += 1;
    }
    return status == SCL_OK ? scl_text_add(script, err, "EOD\n") : status;
}

/* The next point of a panel in order of x with a rate, after `x`; the rate is the same for every series. */
static const scl_figure_point *next_rate(const scl_figure_data *data, size_t panel, double x)
{
    const scl_figure_point *next = NULL;
    for (size_t i = 0; i < data->n_points; i++) {
        const scl_figure_point *point = &data->points[i];
        if (point->panel != panel || !isfinite(point->x) || !(point->x > x)) continue;
        bool any = false;
        for (size_t k = 0; k < data->n_rates; k++) any = any || isfinite(point->rates[k]);
        if (any && (!next || point->x < next->x)) next = point;
    }
    return next;
}

/* $b: x, rates. present[k]: column k + 2 has a value. */
static scl_status add_rates(scl_text *script, const scl_figure_data *data, size_t panel,
                            bool present[SCL_FIGURE_MOST_RATES], scl_error *err)
{
    for (size_t k = 0; k < SCL_FIGURE_MOST_RATES; k++) present[k] = false;
    scl_status status = scl_text_add(script, err, "$b%zu << EOD\n", panel);
    const scl_figure_point *point = next_rate(data, panel, -INFINITY);
    for (; point && status == SCL_OK; point = next_rate(data, panel, point->x)) {
        double row[1 + SCL_FIGURE_MOST_RATES] = {point->x};
        memcpy(&row[1], point->rates, data->n_rates * sizeof(double));
        for (size_t k = 0; k < data->n_rates; k++) present[k] = present[k] || isfinite(row[k + 1]);
        status = add_row(script, row, 1 + data->n_rates, err);
    }
    return status == SCL_OK ? scl_text_add(script, err, "EOD\n") : status;
}

static scl_status plot_rates(scl_text *plot, const scl_figure_data *data, size_t panel,
                             const bool present[SCL_FIGURE_MOST_RATES], scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < data->n_rates && status == SCL_OK; i++) {
        const scl_figure_rate_style *line = &scl_figure_rate_styles[i];
        if (!present[i] || !data->rates_drawn[i]) continue;
        if (data->categories.count == 0)
            status = scl_text_add(plot, err, ", \\\n  $b%zu using 1:%zu with lines", panel, i + 2);
        else
            status = scl_text_add(plot, err, ", \\\n  $b%zu using ($1-0.42):%zu:(0.84):(0) with vectors nohead", panel,
                                  i + 2);
        if (status == SCL_OK)
            status = scl_text_add(plot, err, " lc rgb '%s' lw %s dt %s notitle", scl_figure_rate_colour(i), line->width,
                                  line->dash);
    }
    return status;
}

static scl_status plot_population(scl_text *plot, const scl_figure_data *data, size_t panel, size_t series,
                                  scl_error *err)
{
    const scl_figure_style style = scl_figure_style_of(series);
    scl_status status = SCL_OK;
    if (data->categories.count == 0)
        status = scl_text_add(plot, err, ", \\\n  $p%zu_%zu using 1:2 with lines lc rgb '%s' lw 1.6 dt %s notitle",
                              panel, series, style.colour, scl_figure_population_dash);
    if (status == SCL_OK)
        status = scl_text_add(plot, err,
                              ", \\\n  $p%zu_%zu using 1:3 with points lc rgb '%s' lw 1.2 pt %d ps 1.15*mark notitle",
                              panel, series, style.colour, style.open);
    return status;
}

static scl_status plot_limits(scl_text *plot, size_t panel, size_t series, scl_error *err)
{
    return scl_text_add(plot, err, ", \\\n  $l%zu_%zu using 1:2 with points " SCL_FIGURE_LIMIT_POINT " notitle", panel,
                        series);
}

/* Vectors, because gnuplot's error bars leave a gap around the mark that swallows a short bar. */
static scl_status plot_bars(scl_text *plot, size_t panel, size_t series, scl_error *err)
{
    return scl_text_add(plot, err,
                        ", \\\n  $m%zu_%zu using 1:3:(0):($4-$3) with vectors nohead lc rgb '%s' lw 1.4 dt 1 notitle",
                        panel, series, scl_figure_style_of(series).colour);
}

static scl_status plot_means(scl_text *plot, const scl_figure_data *data, size_t panel, size_t series, scl_error *err)
{
    const scl_figure_style style = scl_figure_style_of(series);
    bool lines = data->categories.count == 0;
    return scl_text_add(plot, err,
                        ", \\\n  $m%zu_%zu using 1:2 with %s lc rgb '%s' lw 1.6 pt %d ps 0.75*mark%s%s notitle", panel,
                        series, lines ? "linespoints" : "points", style.colour, style.filled, lines ? " dt " : "",
                        lines ? style.dash : "");
}

scl_status scl_figure_panel(scl_text *script, const scl_figure_data *data, size_t panel, scl_error *err)
{
    scl_text populations = {0}, limits = {0}, bars = {0}, means = {0}, rates = {0};
    bool present[SCL_FIGURE_MOST_RATES];
    scl_status status = add_rates(script, data, panel, present, err);
    if (status == SCL_OK) status = plot_rates(&rates, data, panel, present, err);
    for (size_t series = 0; series < data->series.count && status == SCL_OK; series++) {
        size_t count = 0, bar_count = 0;
        status = add_population(script, data, panel, series, &count, err);
        if (status == SCL_OK && count) status = plot_population(&populations, data, panel, series, err);
        if (status == SCL_OK && data->has_limit) status = add_limits(script, data, panel, series, &count, err);
        if (status == SCL_OK && data->has_limit && count) status = plot_limits(&limits, panel, series, err);
        if (status == SCL_OK) status = add_means(script, data, panel, series, &count, &bar_count, err);
        if (status == SCL_OK && bar_count) status = plot_bars(&bars, panel, series, err);
        if (status == SCL_OK && count) status = plot_means(&means, data, panel, series, err);
    }
    /* NaN: a panel without any point still has its frame. A long bar never crosses another series' mark. */
    if (status == SCL_OK)
        status =
            scl_text_add(script, err, "plot NaN notitle%s%s%s%s%s\n", scl_text_get(&rates), scl_text_get(&populations),
                         scl_text_get(&bars), scl_text_get(&means), scl_text_get(&limits));
    scl_text_free(&populations);
    scl_text_free(&limits);
    scl_text_free(&bars);
    scl_text_free(&means);
    scl_text_free(&rates);
    return status;
}
