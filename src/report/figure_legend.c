/* The legend that explains a figure's marks and lines, and their styles.
 *
 * The first nine series have a colour (Okabe and Ito's palette, distinguishable by the colour-blind), a shape and a dash
 * of their own; further ones a new pair of shape and dash, so that all survive black and white. Population values have the colour and the open form of the series' mark. */
#include "report/figure_script.h"

#include "report/figure_axis.h"
#include "report/figure_style.h"

#include <string.h>

static const scl_figure_style styles[SCL_FIGURE_MARKS] = {
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

const char scl_figure_population_dash[] = "(1.5,3.5)";

const scl_figure_rate_style scl_figure_rate_styles[SCL_FIGURE_MOST_RATES] = {
    {"(8,5)", "1", "rate term r^{3/2} log(d) / d"},
    {"(2,3)", "1.2", "rate term (d r / n)^{1/2}"},
    {"1", "1.1", "sum of both terms"},
    /* three for each of the config's own bounds */
    {"(8,5)", "1.4", NULL},
    {"(2,3)", "1.6", NULL},
    {"1", "1.5", NULL},
    {"(8,3,2,3)", "1.4", NULL},
    {"(1,6)", "1.6", NULL},
    {"(20,4)", "1.5", NULL},
    {"(16,4,4,4)", "1.4", NULL},
    {"(4,8)", "1.6", NULL},
    {"(20,4,2,4)", "1.5", NULL},
};

const char *scl_figure_rate_colour(size_t line)
{
    return line < SCL_FIGURE_PAPER_RATES ? "#8A8A8A" : "#A0522D";
}

static const scl_figure_style common_style = {"#333333", 7, 6, "1"};

scl_figure_style scl_figure_style_of(size_t series)
{
    size_t round =
        series / SCL_FIGURE_MARKS; /* the next dash of a mark is unlike its last: neighbours in the table are alike */
    scl_figure_style style = styles[series % SCL_FIGURE_MARKS];
    style.colour = styles[(series + 4 * round) % SCL_FIGURE_MARKS].colour;
    style.dash = styles[(series + 3 * round) % SCL_FIGURE_MARKS].dash;
    return style;
}

/* One entry for the population values of all series. */
static scl_status add_population_text(scl_text *text, const scl_figure_data *data, scl_error *err)
{
    bool exact = true;
    for (size_t i = 0; i < data->series.count; i++)
        if (data->notes[i] & SCL_FIGURE_AVERAGE_POPULATION) exact = false;
    return scl_text_add(text, err, "open mark%s: population (n = inf)%s", data->categories.count ? "" : ", dotted",
                        exact ? ", exact" : "");
}

size_t scl_figure_legend_entries(const scl_figure_data *data, scl_figure_part part)
{
    if (part == SCL_FIGURE_MEANS) return data->series.count;
    if (part == SCL_FIGURE_POPULATION) return (size_t)data->has_population + data->has_limit;
    size_t entries = 0;
    for (size_t k = 0; k < data->n_rates; k++) entries += data->rates_drawn[k];
    return entries;
}

size_t scl_figure_legend_width(const scl_figure_data *data, scl_figure_part part)
{
    if (part == SCL_FIGURE_POPULATION) return 48;
    size_t most = 0;
    if (part == SCL_FIGURE_RATES) {
        most = 26;
        for (size_t k = SCL_FIGURE_PAPER_RATES; k < data->n_rates; k++) {
            size_t length = data->rates_drawn[k] ? strlen(data->rate_labels[k]) : 0;
            if (length > most) most = length;
        }
        return most;
    }
    for (size_t i = 0; i < data->series.count; i++) {
        size_t length = strlen(data->series.items[i]);
        if (length > most) most = length;
    }
    return most;
}

/* A series' mean, or with `open` its population value. */
static scl_status add_mark(scl_text *script, const scl_figure_data *data, scl_figure_style style, bool open,
                           const char *title, scl_error *err)
{
    bool lines = data->categories.count == 0;
    scl_status status = scl_text_add(script, err, ", \\\n  NaN with %s lc rgb '%s' lw %s pt %d ps %s*mark%s%s title ",
                                     lines ? "linespoints" : "points", style.colour, open ? "1.2" : "1.6",
                                     open ? style.open : style.filled, open ? "1.15" : "0.75", lines ? " dt " : "",
                                     !lines ? ""
                                     : open ? scl_figure_population_dash
                                            : style.dash);
    if (status == SCL_OK) status = scl_figure_quote(script, title, strlen(title), err);
    return status == SCL_OK ? scl_text_add(script, err, " noenhanced") : status;
}

static scl_status add_means(scl_text *script, const scl_figure_data *data, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < data->series.count && status == SCL_OK; i++)
        status = add_mark(script, data, scl_figure_style_of(i), false, data->series.items[i], err);
    return status;
}

static scl_status add_population(scl_text *script, const scl_figure_data *data, scl_error *err)
{
    scl_text text = {0};
    scl_status status = add_population_text(&text, data, err);
    scl_figure_style style = data->series.count == 1 ? styles[0] : common_style;
    if (status == SCL_OK && data->has_population) status = add_mark(script, data, style, true, text.data, err);
    scl_text_free(&text);
    if (status != SCL_OK || !data->has_limit) return status;
    return scl_text_add(script, err,
                        ", \\\n  NaN with points " SCL_FIGURE_LIMIT_POINT " title 'cross: limit at this d/n'");
}

static scl_status add_rates(scl_text *script, const scl_figure_data *data, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < data->n_rates && status == SCL_OK; i++) {
        const scl_figure_rate_style *line = &scl_figure_rate_styles[i];
        if (!data->rates_drawn[i]) continue;
        status = scl_text_add(script, err, ", \\\n  NaN with lines lc rgb '%s' lw %s dt %s title ",
                              scl_figure_rate_colour(i), line->width, line->dash);
        const char *label = data->rate_labels[i];
        if (status == SCL_OK && !label) status = scl_text_add(script, err, "'%s'", line->label);
        if (status == SCL_OK && label) status = scl_figure_quote(script, label, strlen(label), err);
        if (status == SCL_OK && label) status = scl_text_add(script, err, " noenhanced");
    }
    return status;
}

scl_status scl_figure_legend(scl_text *script, const scl_figure_data *data, scl_figure_part part, scl_error *err)
{
    scl_status status = scl_text_add(script, err, "plot NaN notitle");
    if (status == SCL_OK)
        status = part == SCL_FIGURE_MEANS        ? add_means(script, data, err)
                 : part == SCL_FIGURE_POPULATION ? add_population(script, data, err)
                                                 : add_rates(script, data, err);
    return status == SCL_OK ? scl_text_add(script, err, "\n") : status;
}
