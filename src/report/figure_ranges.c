/* What can stand on the axes, and how far they reach: see figure_data.h.
 *
 * The data come first: a rate term (whose constant is unknown, 1 is drawn) may widen the y axis only a little. */
#include "report/figure_data.h"

#include "base/memory.h"

#include <math.h>

/* A bar may stretch a logarithmic axis by this factor beyond its point; further ends are cut at the edge. */
static const double bar_factor = 3;
/* A rate term may widen the axis by these much, upwards and downwards; more, and the data are pressed together. */
static const double bound_factor_up = 5, bound_factor_down = 3, bound_share = 0.5;
/* Empty margin on each side, as a share of the range; and more at the right for the marks of the n = inf lines, which
 * stand at this share of the axis: far enough beyond the last mean that both have room for a tic label. */
static const double margin = 0.05, population_margin = 0.16, population_share = 0.965;
/* Values closer than this, relative to their size, are one value. */
static const double same_value = 1e-9;
/* On a linear axis, data that span more than this share of their largest value are shown with the zero. */
static const double zero_share = 0.4;

typedef struct span {
    double low, high;
} span;

static void widen(span *s, double value)
{
    if (!isfinite(value)) return;
    if (!(s->low <= value)) s->low = value;
    if (!(s->high >= value)) s->high = value;
}

static size_t level_of(const scl_figure_data *data, const scl_figure_point *point)
{
    return point->panel * data->series.count + point->series;
}

/* The level of a panel and series: the population value, best the one of the n = inf cell; without any, its mean. */
static scl_status find_levels(scl_figure_data *data, scl_error *err)
{
    size_t count = data->panels.count * data->series.count;
    data->levels = scl_alloc(count, sizeof *data->levels, err);
    data->level_bars = scl_alloc(count, sizeof *data->level_bars, err);
    data->notes = scl_alloc(data->series.count, sizeof *data->notes, err);
    if (!data->levels || !data->level_bars || !data->notes) return SCL_ERR_MEMORY;
    for (size_t i = 0; i < data->n_points; i++) data->notes[data->points[i].series] |= data->points[i].notes;
    for (size_t i = 0; i < count; i++) data->levels[i] = NAN;
    if (!data->x_is_n || data->categories.count > 0) return SCL_OK;
    for (size_t i = 0; i < data->n_points; i++) {
        const scl_figure_point *point = &data->points[i];
        bool by_mean = isinf(point->x) && !isfinite(point->population);
        double value = by_mean ? point->mean : point->population;
        size_t at = level_of(data, point);
        bool better = isinf(point->x) || isnan(data->levels[at]);
        if (!isfinite(value) || !better) continue;
        bool average = by_mean ? !point->exact : !point->population_exact;
        data->levels[at] = value;
        data->level_bars[at] = average && isinf(point->x) && point->high > point->low ? point : NULL;
        if (average) data->notes[point->series] |= SCL_FIGURE_AVERAGE_POPULATION;
    }
    return SCL_OK;
}

/* Under the config's floor, and under a share of the largest value, a positive number counts as a zero with rounding errors. */
static double zero_threshold(const scl_figure_data *data, double floor)
{
    span all = {NAN, NAN};
    for (size_t i = 0; i < data->n_points; i++) {
        widen(&all, data->points[i].mean);
        widen(&all, data->points[i].population);
    }
    return fmax(floor, all.high > 0 ? SCL_FIGURE_ZERO * all.high : 0);
}

/* NaN when the value cannot stand on a logarithmic axis; counted when it is one that would have been drawn. */
static double without_zero(scl_figure_data *data, double value, double threshold, bool drawn, size_t series,
                           unsigned note)
{
    if (isnan(value) || (value > 0 && value >= threshold)) return value;
    if (drawn) {
        data->zeros++;
        data->notes[series] |= note;
        if (value > 0) data->zeros_rounded = true;
        if (value < -threshold) data->zeros_negative = true;
    }
    return NAN;
}

static void leave_out_zeros(scl_figure_data *data, double floor)
{
    double threshold = zero_threshold(data, floor);
    for (size_t i = 0; i < data->n_points; i++) {
        scl_figure_point *point = &data->points[i];
        bool on_axis = isfinite(point->x);
        size_t series = point->series;
        point->mean = without_zero(data, point->mean, threshold, on_axis, series, SCL_FIGURE_ZERO_MEAN);
        point->population = without_zero(data, point->population, threshold, !data->x_is_n && on_axis, series,
                                         SCL_FIGURE_ZERO_POPULATION);
        if (!(point->limit > threshold)) point->limit = NAN; /* what it is a limit of is counted */
    }
    for (size_t i = 0; i < data->panels.count * data->series.count; i++)
        data->levels[i] =
            without_zero(data, data->levels[i], threshold, true, i % data->series.count, SCL_FIGURE_ZERO_POPULATION);
}

static void leave_out_x_zeros(scl_figure_data *data)
{
    for (size_t i = 0; i < data->n_points; i++) {
        scl_figure_point *point = &data->points[i];
        if (point->x > 0) continue;
        data->x_zeros++;
        point->x = NAN;
    }
}

/* A line needs two points: where all of a panel's stand at one x of numbers, its rates are left out. */
static void leave_out_single_rates(scl_figure_data *data)
{
    for (size_t panel = 0; panel < data->panels.count && data->categories.count == 0; panel++) {
        span x = {NAN, NAN};
        for (size_t i = 0; i < data->n_points; i++)
            if (data->points[i].panel == panel) widen(&x, data->points[i].x);
        for (size_t i = 0; i < data->n_points && !(x.high > x.low); i++)
            for (size_t k = 0; k < data->n_rates; k++)
                if (data->points[i].panel == panel) data->points[i].rates[k] = NAN;
    }
}

static void widen_by_bar(span *y, bool log, double middle, const scl_figure_point *point)
{
    if (!isfinite(middle)) return;
    if (log) {
        if (isfinite(point->low)) widen(y, fmax(point->low, middle / bar_factor));
        if (isfinite(point->high)) widen(y, fmin(point->high, middle * bar_factor));
    } else {
        widen(y, point->low);
        widen(y, point->high);
    }
}

static void widen_by_point(span *y, const scl_figure_data *data, const scl_figure_point *point)
{
    widen(y, point->mean);
    widen(y, point->limit);
    if (!data->x_is_n) widen(y, point->population);
    widen_by_bar(y, data->y.log, point->mean, point);
}

/* Rate terms widen the data's span, but not beyond a limit. */
static void widen_by_bounds(span *y, const scl_figure_data *data)
{
    span limit = {y->low / bound_factor_down, y->high * bound_factor_up};
    if (!data->y.log) {
        double room = bound_share * (y->high - fmin(y->low, 0));
        limit = (span){y->low - room, y->high + room};
    }
    for (size_t i = 0; i < data->n_points; i++) {
        if (!isfinite(data->points[i].x)) continue;
        const double *rates = data->points[i].rates;
        for (size_t k = 0; k < data->n_rates; k++)
            if (rates[k] >= limit.low && rates[k] <= limit.high) widen(y, rates[k]);
    }
}

/* Which rate lines cross a panel's frame, and whether one leaves it. */
static void judge_bounds(scl_figure_data *data)
{
    const scl_figure_axis *y = &data->y;
    span all = {NAN, NAN};
    for (size_t panel = 0; panel < data->panels.count; panel++) {
        span line[SCL_FIGURE_MOST_RATES];
        for (size_t k = 0; k < data->n_rates; k++) line[k] = (span){NAN, NAN};
        for (size_t i = 0; i < data->n_points; i++) {
            const scl_figure_point *point = &data->points[i];
            if (point->panel != panel || !isfinite(point->x)) continue;
            for (size_t k = 0; k < data->n_rates; k++) widen(&line[k], point->rates[k]);
        }
        for (size_t k = 0; k < data->n_rates; k++) {
            if (line[k].low <= y->high && line[k].high >= y->low) data->rates_drawn[k] = true;
            widen(&all, line[k].low);
            widen(&all, line[k].high);
        }
    }
    data->bounds_cut = all.low < y->low || all.high > y->high;
    data->rate_low = all.low;
    data->rate_high = all.high;
}

static scl_figure_axis padded(span s, bool log, double extra_high)
{
    scl_figure_axis axis = {.log = log, .last = s.high, .population = NAN};
    double low = log ? log10(s.low) : s.low, high = log ? log10(s.high) : s.high;
    double length = high - low;
    bool single = !(length > same_value * fmax(fabs(low), fabs(high)));
    if (single) length = log ? 1 : (low != 0 ? fabs(low) : 1); /* a single value stands in the middle */
    double room = single ? 0.5 * length : margin * length;
    low -= room;
    high += room + extra_high * length;
    axis.low = log ? pow(10, low) : low;
    axis.high = log ? pow(10, high) : high;
    return axis;
}

/* The distinct values of x that are drawn, as long as they are few. */
static void collect_x_values(scl_figure_data *data)
{
    scl_figure_axis *x = &data->x;
    for (double after = -INFINITY;;) {
        double next = NAN;
        for (size_t i = 0; i < data->n_points; i++) {
            const scl_figure_point *point = &data->points[i];
            bool shown = isfinite(point->mean) || (!data->x_is_n && isfinite(point->population));
            if (shown && isfinite(point->x) && point->x > after && !(point->x >= next)) next = point->x;
        }
        if (isnan(next)) return;
        if (x->n_values == SCL_FIGURE_FEW) break;
        x->values[x->n_values++] = next;
        after = next + same_value * fabs(next);
    }
    x->n_values = 0;
}

/* The x axis, with room at the right for the marks of the n = inf lines. */
static void set_x_axis(scl_figure_data *data, span x, bool has_levels)
{
    if (data->categories.count > 0) {
        data->x = (scl_figure_axis){.low = 0.5, .high = (double)data->categories.count + 0.5, .population = NAN};
        return;
    }
    data->x = padded(x, data->x.log, has_levels ? population_margin : 0);
    if (!data->x.log && x.low >= 0 && data->x.low < 0) data->x.low = 0;
    const double rest = 1 - population_share;
    if (has_levels)
        data->x.population = data->x.log ? pow(data->x.low, rest) * pow(data->x.high, population_share)
                                         : data->x.low * rest + data->x.high * population_share;
    collect_x_values(data);
}

/* A filled mark: an exact value, or a mean of so many replicates. */
static void count_mean(scl_figure_data *data, const scl_figure_point *point)
{
    if (point->exact) {
        data->has_exact = true;
        return;
    }
    if (!data->has_averages || point->n_ok < data->least_n_ok) data->least_n_ok = point->n_ok;
    if (point->n_ok > data->most_n_ok) data->most_n_ok = point->n_ok;
    data->has_averages = true;
}

static bool is_all_population(const scl_figure_data *data)
{
    size_t infinite = 0;
    for (size_t i = 0; i < data->n_points; i++) infinite += isinf(data->points[i].x) != 0;
    return infinite == data->n_points;
}

/* Far beyond all that a study measures. Further out, the margin of an axis over many decades would reach beyond all numbers. */
static bool is_drawable(span s, bool log)
{
    const double largest = 1e200;
    return s.high <= largest && s.low >= (log ? 1 / largest : -largest);
}

scl_status scl_figure_ranges(scl_figure_data *data, const scl_config *config, scl_error *err)
{
    scl_scale scale = config->figure.scale;
    data->x.log = (scale == SCL_SCALE_LOGX || scale == SCL_SCALE_LOGLOG) && data->categories.count == 0;
    data->y.log = scale == SCL_SCALE_LOGY || scale == SCL_SCALE_LOGLOG;
    scl_status status = find_levels(data, err);
    if (status != SCL_OK) return status;
    if (data->y.log) leave_out_zeros(data, config->figure.floor);
    if (data->x.log) leave_out_x_zeros(data);
    leave_out_single_rates(data);

    span x = {NAN, NAN}, y = {NAN, NAN};
    bool has_levels = false;
    for (size_t i = 0; i < data->n_points; i++) {
        const scl_figure_point *point = &data->points[i];
        if (!isfinite(point->x)) continue;
        bool shown = isfinite(point->mean) || (!data->x_is_n && isfinite(point->population));
        if (shown) widen(&x, point->x);
        widen_by_point(&y, data, point);
        if (isfinite(point->mean)) count_mean(data, point);
        if (isfinite(point->mean) && point->high > point->low) data->has_bars = true;
        if (isfinite(point->limit)) data->has_limit = true;
        if (data->x_is_n || !isfinite(point->population)) continue;
        data->has_population = true;
        if (!point->population_exact) data->notes[point->series] |= SCL_FIGURE_AVERAGE_POPULATION;
    }
    for (size_t i = 0; i < data->panels.count * data->series.count; i++) {
        widen(&y, data->levels[i]);
        if (!isfinite(data->levels[i])) continue;
        has_levels = true;
        if (!data->level_bars[i]) continue;
        widen_by_bar(&y, data->y.log, data->levels[i], data->level_bars[i]);
        data->has_bars = true;
    }
    if (has_levels) data->has_population = true;
    if (data->x_is_n && is_all_population(data))
        return scl_error_set(
            err, SCL_ERR_INPUT,
            "the figure of \"%s\" has nothing to draw along n: n is inf in all of its cells; sweep n, or "
            "name another key under figure.x",
            config->name);
    if (!isfinite(x.low) || !isfinite(y.low))
        return scl_error_set(
            err, SCL_ERR_INPUT,
            "the summary of \"%s\" has no value of \"%s\" that the figure could draw (%zu were left out of "
            "a logarithmic axis)",
            config->name, config->figure.y, data->zeros + data->x_zeros);
    widen_by_bounds(&y, data);
    bool x_fits = is_drawable(x, data->x.log);
    if (!x_fits || !is_drawable(y, data->y.log))
        return scl_error_set(err, SCL_ERR_INPUT,
                             "the summary of \"%s\" has numbers along %s that no axis can show (beyond 1e200 or, on a "
                             "logarithmic one, below 1e-200)",
                             config->name, x_fits ? config->figure.y : config->figure.x);
    if (!data->y.log && y.low > 0 && y.high - y.low > zero_share * y.high) y.low = 0;
    data->y = padded(y, data->y.log, 0);
    if (!data->y.log && y.low >= 0 && data->y.low < 0) data->y.low = 0;
    judge_bounds(data);
    set_x_axis(data, x, has_levels);
    return SCL_OK;
}
