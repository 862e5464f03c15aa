/* One panel of a figure: data blocks and plot command; and the legend that explains its marks.
 *
 * Every series has a colour (Okabe and Ito's palette, distinguishable by the colour-blind), a shape and a dash of its own,
 * so that it survives black and white. Population values have the colour and the open form of the series' mark. */
#include "report/figure_script.h"

#include "report/figure_axis.h"

#include <math.h>
#include <string.h>

/* colour; gnuplot's point types, filled and open; dash of the line through the means, as gnuplot writes it */
static const struct style {
    const char *colour;
    int filled, open;
    const char *dash;
} styles[] = {
    {"#0072B2", 7, 6, "1"},
    {"#D55E00", 5, 4, "(12,4)"},
    {"#009E73", 9, 8, "(9,3,2,3)"},
    {"#CC79A7", 13, 12, "(5,3)"},
    {"#E69F00", 11, 10, "(14,3,2,3,2,3)"},
    {"#56B4E9", 15, 14, "(16,5)"},
    {"#000000", 2, 2, "(7,2,7,6)"},
    {"#666666", 1, 1, "(3,2)"},
    {"#8C510A", 3, 3, "(18,3,4,3)"},
};

static const char population_dash[] = "(1.5,3.5)";

/* The rate's terms: column of the bounds block, dash, width, legend (gnuplot's enhanced text, none of it the user's). */
static const struct rate_line {
    int column;
    const char *dash, *width, *label;
} rate_lines[] = {
    {2, "(8,5)", "1", "rate term r^{3/2} log d/d"},
    {3, "(2,4)", "1", "rate term sqrt(dr/n)"},
    {4, "1", "1.1", "sum of both, constant 1"},
};
static const char rate_colour[] = "#8A8A8A";

static const struct style *style_of(size_t series)
{
    return &styles[series % (sizeof styles / sizeof *styles)];
}

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

/* $m: x, mean, and the bar's ends, kept inside the frame. Returns how many in *count and *bars. */
static scl_status add_means(scl_text *script, const scl_figure_data *data, size_t panel, size_t series, size_t *count,
                            size_t *bars, scl_error *err)
{
    *count = *bars = 0;
    scl_status status = scl_text_add(script, err, "$m%zu_%zu << EOD\n", panel, series);
    for (size_t i = 0; i < data->n_points && status == SCL_OK; i++) {
        const scl_figure_point *point = &data->points[i];
        if (!belongs(point, panel, series) || !isfinite(point->mean)) continue;
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
    scl_status status = scl_text_add(script, err, "$p%zu_%zu << EOD\n", panel, series);
    double level = data->levels[panel * data->series.count + series];
    if (status == SCL_OK && isfinite(level)) {
        const double share = 0.965; /* of the axis: the mark stands beyond the last mean, inside the frame */
        double low = data->x.low, high = data->x.high;
        double mark = data->x.log ? low * pow(high / low, share) : low + (high - low) * share;
        const double rows[3][3] = {{low, level, NAN}, {mark, level, level}, {high, level, NAN}};
        for (size_t i = 0; i < 3 && status == SCL_OK; i++) status = add_row(script, rows[i], 3, err);
        *count = 3;
    }
    for (size_t i = 0; i < data->n_points && !data->x_is_n && status == SCL_OK; i++) {
        const scl_figure_point *point = &data->points[i];
        if (!belongs(point, panel, series) || !isfinite(point->population)) continue;
        const double row[] = {place(data, point), point->population, point->population};
        status = add_row(script, row, 3, err);
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
        if (isfinite(scl_figure_rate_sum(point)) && (!next || point->x < next->x)) next = point;
    }
    return next;
}

/* $b: x, bias, sampling, sum. present[k]: column k + 2 has a value. */
static scl_status add_rates(scl_text *script, const scl_figure_data *data, size_t panel, bool present[3],
                            scl_error *err)
{
    present[0] = present[1] = present[2] = false;
    scl_status status = scl_text_add(script, err, "$b%zu << EOD\n", panel);
    const scl_figure_point *point = next_rate(data, panel, -INFINITY);
    for (; point && status == SCL_OK; point = next_rate(data, panel, point->x)) {
        const double row[] = {point->x, point->bias, point->sampling, scl_figure_rate_sum(point)};
        for (size_t k = 0; k < 3; k++) present[k] = present[k] || isfinite(row[k + 1]);
        status = add_row(script, row, 4, err);
    }
    return status == SCL_OK ? scl_text_add(script, err, "EOD\n") : status;
}

static scl_status plot_rates(scl_text *plot, const scl_figure_data *data, size_t panel, const bool present[3],
                             scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < 3 && status == SCL_OK; i++) {
        const struct rate_line *line = &rate_lines[i];
        if (!present[line->column - 2]) continue;
        if (data->categories.count == 0)
            status = scl_text_add(plot, err, ", \\\n  $b%zu using 1:%d with lines", panel, line->column);
        else
            status = scl_text_add(plot, err, ", \\\n  $b%zu using ($1-0.42):%d:(0.84):(0) with vectors nohead", panel,
                                  line->column);
        if (status == SCL_OK)
            status = scl_text_add(plot, err, " lc rgb '%s' lw %s dt %s notitle", rate_colour, line->width, line->dash);
    }
    return status;
}

static scl_status plot_population(scl_text *plot, const scl_figure_data *data, size_t panel, size_t series,
                                  scl_error *err)
{
    const struct style *style = style_of(series);
    scl_status status = SCL_OK;
    if (data->categories.count == 0)
        status = scl_text_add(plot, err, ", \\\n  $p%zu_%zu using 1:2 with lines lc rgb '%s' lw 1.6 dt %s notitle",
                              panel, series, style->colour, population_dash);
    if (status == SCL_OK)
        status =
            scl_text_add(plot, err, ", \\\n  $p%zu_%zu using 1:3 with points lc rgb '%s' lw 1.2 pt %d ps 1.15 notitle",
                         panel, series, style->colour, style->open);
    return status;
}

/* Vectors, because gnuplot's error bars leave a gap around the mark that swallows a short bar. */
static scl_status plot_bars(scl_text *plot, size_t panel, size_t series, scl_error *err)
{
    return scl_text_add(plot, err,
                        ", \\\n  $m%zu_%zu using 1:3:(0):($4-$3) with vectors nohead lc rgb '%s' lw 1.4 dt 1 notitle",
                        panel, series, style_of(series)->colour);
}

static scl_status plot_means(scl_text *plot, const scl_figure_data *data, size_t panel, size_t series, scl_error *err)
{
    const struct style *style = style_of(series);
    bool lines = data->categories.count == 0;
    return scl_text_add(plot, err, ", \\\n  $m%zu_%zu using 1:2 with %s lc rgb '%s' lw 1.6 pt %d ps 0.75%s%s notitle",
                        panel, series, lines ? "linespoints" : "points", style->colour, style->filled,
                        lines ? " dt " : "", lines ? style->dash : "");
}

scl_status scl_figure_panel(scl_text *script, const scl_figure_data *data, size_t panel, scl_error *err)
{
    scl_text populations = {0}, bars = {0}, means = {0}, rates = {0};
    bool present[3];
    scl_status status = add_rates(script, data, panel, present, err);
    if (status == SCL_OK) status = plot_rates(&rates, data, panel, present, err);
    for (size_t series = 0; series < data->series.count && status == SCL_OK; series++) {
        size_t count = 0, bar_count = 0;
        status = add_population(script, data, panel, series, &count, err);
        if (status == SCL_OK && count) status = plot_population(&populations, data, panel, series, err);
        if (status == SCL_OK) status = add_means(script, data, panel, series, &count, &bar_count, err);
        if (status == SCL_OK && bar_count) status = plot_bars(&bars, panel, series, err);
        if (status == SCL_OK && count) status = plot_means(&means, data, panel, series, err);
    }
    /* NaN: a panel without any point still has its frame. A long bar never crosses another series' mark. */
    if (status == SCL_OK)
        status = scl_text_add(script, err, "plot NaN notitle%s%s%s%s\n", scl_text_get(&rates),
                              scl_text_get(&populations), scl_text_get(&bars), scl_text_get(&means));
    scl_text_free(&populations);
    scl_text_free(&bars);
    scl_text_free(&means);
    scl_text_free(&rates);
    return status;
}

static scl_status add_legend_entry(scl_text *script, const scl_figure_data *data, size_t series, bool population,
                                   scl_error *err)
{
    const struct style *style = style_of(series);
    bool lines = data->categories.count == 0;
    const char *name = data->series.items[series];
    scl_status status =
        scl_text_add(script, err, ", \\\n  NaN with %s lc rgb '%s' lw %s pt %d ps %s%s%s title ",
                     lines ? "linespoints" : "points", style->colour, population ? "1.2" : "1.6",
                     population ? style->open : style->filled, population ? "1.15" : "0.75", lines ? " dt " : "",
                     !lines       ? ""
                     : population ? population_dash
                                  : style->dash);
    if (status == SCL_OK) status = scl_figure_quote(script, name, strlen(name), err);
    return status == SCL_OK ? scl_text_add(script, err, ".'%s' noenhanced", population ? ", population" : "") : status;
}

static bool has_population(const scl_figure_data *data, size_t series)
{
    for (size_t panel = 0; panel < data->panels.count; panel++)
        if (isfinite(data->levels[panel * data->series.count + series])) return true;
    for (size_t i = 0; i < data->n_points && !data->x_is_n; i++)
        if (data->points[i].series == series && isfinite(data->points[i].population)) return true;
    return false;
}

size_t scl_figure_legend_entries(const scl_figure_data *data)
{
    size_t entries = data->series.count;
    for (size_t i = 0; i < data->series.count; i++) entries += has_population(data, i);
    return entries;
}

scl_status scl_figure_legend(scl_text *script, const scl_figure_data *data, size_t places, scl_error *err)
{
    scl_status status = scl_text_add(script, err, "plot NaN notitle");
    for (size_t i = 0; i < data->series.count && status == SCL_OK; i++) {
        status = add_legend_entry(script, data, i, false, err);
        if (status == SCL_OK && has_population(data, i)) status = add_legend_entry(script, data, i, true, err);
    }
    /* gnuplot evens the columns out; empty entries keep a mean and its population value together */
    for (size_t i = scl_figure_legend_entries(data); i < places && status == SCL_OK; i++)
        status = scl_text_add(script, err, ", \\\n  NaN with points ps 0 title ' '");
    return status == SCL_OK ? scl_text_add(script, err, "\n") : status;
}

scl_status scl_figure_rate_legend(scl_text *script, scl_error *err)
{
    scl_status status = scl_text_add(script, err, "plot NaN notitle");
    for (size_t i = 0; i < 3 && status == SCL_OK; i++)
        status = scl_text_add(script, err, ", \\\n  NaN with lines lc rgb '%s' lw %s dt %s title '%s'", rate_colour,
                              rate_lines[i].width, rate_lines[i].dash, rate_lines[i].label);
    return status == SCL_OK ? scl_text_add(script, err, "\n") : status;
}
