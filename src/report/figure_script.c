/* The whole figure: page, panels, legend, words. Everything stands at a computed place, in pixels from the top left,
 * written as shares of the page; so SVG and PNG have one layout and the legend can never cover data. */
#include "report/figure_script.h"

#include "report/figure_axis.h"
#include "report/figure_words.h"

#include <math.h>
#include <string.h>

/* Pixels. */
static const double edge = 14; /* free border of the page */
static const double title_line = 21, caption_line = 15, key_line = 19, label_line = 17;
static const double tic_height = 28, tic_width = 52, panel_title = 22, row_gap = 14, column_gap = 20;
/* Mean width of a character at the sizes of title, text and caption: lines are broken by it. */
static const double title_char = 8.3, text_char = 7, caption_char = 6.2;
static const double title_font = 14, caption_font = 10.5; /* the sizes, as in svg_measures */
static const double key_sample = 75;                      /* of a legend's entry, beside its text */
static const char png_scale[] = "2";                      /* pixels of the PNG per pixel of the layout */
static const size_t longest_category = 24;                /* characters; longer names are cut */

/* What gnuplot's two terminals measure differently. Font sizes: SVG counts pixels, PNG points. An SVG line is higher,
 * its marks and tics are larger. */
static const struct measures {
    const char *text, *title, *caption; /* fonts */
    const char *mark, *tic, *tic_offset, *panel_title_offset, *key_spacing;
} svg_measures = {"sans-serif,12", ",14", ",10.5", "0.8", "0.7", "0,0.3", "0,-0.7", "1.0"},
  png_measures = {"sans,9", ",10.5", ",7.9", "1", "1", "0,0", "0,-0.4", "1.2"};

/* Panel sizes by the number of columns, 1 to 4. */
static const struct panel_size {
    double width, height;
} panel_sizes[] = {{600, 400}, {370, 300}, {290, 240}, {250, 210}};

typedef struct layout {
    double width, height; /* of the page */
    size_t columns, rows;
    double left, top; /* of the first panel's frame */
    struct panel_size panel;
    double tics;                  /* height under a frame */
    double step_y;                /* from one row of frames to the next */
    double x_label, key, caption; /* tops */
    struct {
        double top;
        size_t rows;
    } keys[SCL_FIGURE_PARTS]; /* the legend's parts */
    struct measures measures;
    bool turned; /* category labels */
} layout;

/* Appends unless something failed before: a script is a long run of appends with one check at its end. */
#define PUT(...)                                                                                                       \
    do {                                                                                                               \
        if (status == SCL_OK) status = scl_text_add(script, err, __VA_ARGS__);                                         \
    } while (0)

static size_t columns_for(size_t panels)
{
    if (panels <= 3) return panels;
    if (panels == 4) return 2;
    return panels <= 9 ? 3 : 4;
}

static double longest(const scl_figure_names *names)
{
    size_t most = 0;
    for (size_t i = 0; i < names->count; i++) {
        size_t length = strlen(names->items[i]);
        if (length > most) most = length;
    }
    return (double)most;
}

static size_t fitting(double room, double each, size_t most)
{
    size_t fit = each > 0 && room > each ? (size_t)(room / each) : 1;
    return fit < most ? fit : most;
}

static size_t divided(size_t count, size_t by)
{
    return (count + by - 1) / by;
}

/* The legend's parts one below the other; each is filled column by column. */
static void lay_out_legend(layout *page, const scl_figure_data *data)
{
    double top = page->key;
    for (scl_figure_part part = 0; part < SCL_FIGURE_PARTS; part++) {
        size_t entries = scl_figure_legend_entries(data, part);
        double each = key_sample + text_char * (double)scl_figure_legend_width(data, part);
        page->keys[part].top = top;
        page->keys[part].rows = entries ? divided(entries, fitting(page->width - 2 * edge, each, entries)) : 0;
        top += (double)page->keys[part].rows * key_line;
    }
    page->caption = top + 10;
}

static scl_figure_room room_across(const layout *page, double mean_char, double font)
{
    double width = page->width - 2 * edge;
    return (scl_figure_room){(size_t)(width / mean_char), width / font};
}

static layout lay_out(const scl_figure_data *data, const char *title, const char *caption, scl_figure_format format)
{
    layout page = {.columns = columns_for(data->panels.count),
                   .measures = format == SCL_FIGURE_SVG ? svg_measures : png_measures};
    page.rows = divided(data->panels.count, page.columns);
    page.panel = panel_sizes[page.columns - 1];
    double room = page.panel.width / (double)(data->categories.count ? data->categories.count : 1);
    double name = fmin(longest(&data->categories), (double)longest_category) * text_char;
    page.turned = data->categories.count > 0 && name > room;
    page.tics = page.turned ? tic_height + name / 2 : tic_height; /* turned by 30 degrees */

    double frames_height =
        (double)page.rows * page.panel.height + (double)(page.rows - 1) * (page.tics + panel_title + row_gap);
    page.left = edge + label_line + tic_width;
    page.width = ceil(page.left + (double)page.columns * (page.panel.width + column_gap) + edge - column_gap + 6);
    size_t title_lines = scl_figure_count_lines(title, room_across(&page, title_char, title_font));
    page.top = edge + (double)title_lines * title_line + 8 + (data->panels.count > 1 ? panel_title : 0);
    page.step_y = page.panel.height + page.tics + panel_title + row_gap;

    page.x_label = page.top + frames_height + page.tics + 4;
    page.key = page.x_label + label_line + 12;
    lay_out_legend(&page, data);
    size_t caption_lines = scl_figure_count_lines(caption, room_across(&page, caption_char, caption_font));
    page.height = ceil(page.caption + (double)caption_lines * caption_line + edge);
    return page;
}

/* A share of the page, as text; y runs upwards in gnuplot. */
typedef struct share {
    char text[SCL_NUMBER_CHARS];
} share;

static share share_x(const layout *page, double x)
{
    share s = {0};
    scl_number_digits(s.text, x / page->width, 7);
    return s;
}

static share share_y(const layout *page, double y)
{
    share s = {0};
    scl_number_digits(s.text, 1 - y / page->height, 7);
    return s;
}

static scl_status add_terminal(scl_text *script, const layout *page, scl_figure_format format, scl_error *err)
{
    scl_status status = SCL_OK;
    unsigned width = (unsigned)page->width, height = (unsigned)page->height;
    PUT("set encoding utf8\n");
    if (format == SCL_FIGURE_SVG)
        PUT("set terminal svg size %u,%u font '%s'", width, height, page->measures.text);
    else
        PUT("set terminal pngcairo size %u*%s,%u*%s font '%s' fontscale %s linewidth %s pointscale %s", width,
            png_scale, height, png_scale, page->measures.text, png_scale, png_scale, png_scale);
    PUT(" background rgb 'white'\n");
    PUT("set datafile missing '?'\nset border 3 lc rgb '#333333' lw 0.8\n"
        "set grid xtics ytics lc rgb '#D4D4D4' lw 0.8 dt 1\nset style data lines\nunset key\n");
    PUT("set tics scale %s\nset xtics offset %s\nmark = %s\n", page->measures.tic, page->measures.tic_offset,
        page->measures.mark);
    return status;
}

/* Lines of text one below the other, as labels from `*label` on. */
static scl_status add_lines(scl_text *script, const layout *page, const char *text, scl_figure_room room, double x,
                            double y, double step, const char *font, const char *colour, unsigned *label,
                            scl_error *err)
{
    scl_status status = SCL_OK;
    for (const char *line = text, *next = NULL; line && status == SCL_OK; line = next) {
        size_t length = scl_figure_line(line, room, &next);
        PUT("set label %u ", (*label)++);
        if (status == SCL_OK) status = scl_figure_quote(script, line, length, err);
        PUT(" at screen %s,%s left noenhanced tc rgb '%s' font '%s'\n", share_x(page, x).text, share_y(page, y).text,
            colour, font);
        y += step;
    }
    return status;
}

/* A category's name as a tic label, which gnuplot takes for a number's format: % is doubled. */
static scl_status add_category(scl_text *script, const char *name, scl_error *err)
{
    const char *next = NULL;
    const char *end = name + scl_figure_line(name, (scl_figure_room){longest_category, INFINITY}, &next);
    scl_status status = SCL_OK;
    for (const char *part = name; status == SCL_OK; part++) {
        size_t length = strcspn(part, "%");
        bool last = part + length >= end;
        if (last) length = (size_t)(end - part);
        status = scl_figure_quote(script, part, length, err);
        if (last) break;
        PUT(".'%%%%'.");
        part += length;
    }
    if (next) PUT(".'...'");
    return status;
}

static scl_status add_category_tics(scl_text *script, const scl_figure_data *data, bool turned, scl_error *err)
{
    scl_status status = SCL_OK;
    PUT("unset logscale x\nset xrange [0.5:%zu.5]\nset xtics noenhanced %s (", data->categories.count,
        turned ? "rotate by 30 right" : "norotate center");
    for (size_t i = 0; i < data->categories.count; i++) {
        PUT("%s", i ? ", " : "");
        if (status == SCL_OK) status = add_category(script, data->categories.items[i], err);
        PUT(" %zu", i + 1);
    }
    PUT(")\n");
    return status;
}

static scl_status add_x_axis(scl_text *script, const scl_figure_data *data, const layout *page, scl_error *err)
{
    scl_status status = SCL_OK;
    PUT("set xtics out nomirror\nset ytics out nomirror\n");
    if (status != SCL_OK) return status;
    if (data->categories.count > 0) return add_category_tics(script, data, page->turned, err);
    return scl_figure_axis_commands(script, "x", &data->x, page->panel.width, true, err);
}

static scl_status add_panels(scl_text *script, const scl_figure_data *data, const layout *page, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t panel = 0; panel < data->panels.count; panel++) {
        size_t column = panel % page->columns, row = panel / page->columns;
        double left = page->left + (double)column * (page->panel.width + column_gap);
        double top = page->top + (double)row * page->step_y;
        PUT("set lmargin at screen %s\nset rmargin at screen %s\n", share_x(page, left).text,
            share_x(page, left + page->panel.width).text);
        PUT("set tmargin at screen %s\nset bmargin at screen %s\n", share_y(page, top).text,
            share_y(page, top + page->panel.height).text);
        if (status == SCL_OK) /* one labelled y axis for a row */
            status = scl_figure_axis_commands(script, "y", &data->y, page->panel.height, column == 0, err);
        PUT("set title ");
        const char *title = data->panels.items[panel];
        if (status == SCL_OK) status = scl_figure_quote(script, title, strlen(title), err);
        PUT(" noenhanced offset %s\n", page->measures.panel_title_offset);
        if (status == SCL_OK) status = scl_figure_panel(script, data, panel, err);
    }
    return status;
}

static scl_status add_legends(scl_text *script, const scl_figure_data *data, const layout *page, scl_error *err)
{
    scl_status status = SCL_OK;
    for (scl_figure_part part = 0; part < SCL_FIGURE_PARTS; part++) {
        if (page->keys[part].rows == 0) continue;
        PUT("set key at screen 0.5,%s center top vertical Left reverse samplen 4 spacing %s maxrows %zu\n",
            share_y(page, page->keys[part].top).text, page->measures.key_spacing, page->keys[part].rows);
        if (status == SCL_OK) status = scl_figure_legend(script, data, part, err);
        PUT("unset label\n"); /* once is enough */
    }
    return status;
}

/* A last plot without axes, over the whole page, carries the words and the legend. */
static scl_status add_words(scl_text *script, const scl_figure_data *data, const layout *page, const char *title,
                            const char *y_label, const char *caption, scl_error *err)
{
    scl_status status = SCL_OK;
    PUT("set lmargin at screen 0\nset rmargin at screen 1\nset tmargin at screen 1\nset bmargin at screen 0\n"
        "unset title\nunset border\nunset grid\nunset xtics\nunset ytics\nunset logscale\n"
        "set xrange [0:1]\nset yrange [0:1]\n");
    unsigned label = 1;
    double right = page->left + (double)page->columns * (page->panel.width + column_gap) - column_gap;
    double frames_end = page->top + (double)(page->rows - 1) * page->step_y + page->panel.height;
    if (status == SCL_OK)
        status = add_lines(script, page, title, room_across(page, title_char, title_font), edge, edge + title_line / 2,
                           title_line, page->measures.title, "black", &label, err);
    PUT("set label %u ", label++);
    if (status == SCL_OK) status = scl_figure_quote(script, y_label, strlen(y_label), err);
    PUT(" at screen %s,%s center rotate enhanced\n", share_x(page, edge + label_line / 2).text,
        share_y(page, (page->top + frames_end) / 2).text);
    PUT("set label %u ", label++);
    if (status == SCL_OK) status = scl_figure_quote(script, data->x_label, strlen(data->x_label), err);
    PUT(" at screen %s,%s center noenhanced\n", share_x(page, (page->left + right) / 2).text,
        share_y(page, page->x_label + label_line / 2).text);
    if (status == SCL_OK)
        status =
            add_lines(script, page, caption, room_across(page, caption_char, caption_font), edge,
                      page->caption + caption_line / 2, caption_line, page->measures.caption, "#444444", &label, err);
    if (status == SCL_OK) status = add_legends(script, data, page, err);
    return status;
}

scl_status scl_figure_script(scl_text *script, const scl_figure_data *data, const scl_config *config,
                             scl_figure_format format, scl_error *err)
{
    scl_text y_label = {0}, caption = {0};
    scl_status status = scl_figure_y_label(&y_label, config, err);
    if (status == SCL_OK) status = scl_figure_caption(&caption, config, data, err);
    if (status != SCL_OK) goto done;
    const char *title = scl_figure_title(config);
    layout page = lay_out(data, title, caption.data, format);
    status = add_terminal(script, &page, format, err);
    PUT("set multiplot\n");
    if (status == SCL_OK) status = add_x_axis(script, data, &page, err);
    if (status == SCL_OK) status = add_panels(script, data, &page, err);
    if (status == SCL_OK) status = add_words(script, data, &page, title, y_label.data, caption.data, err);
    PUT("unset multiplot\n");
done:
    scl_text_free(&y_label);
    scl_text_free(&caption);
    return status;
}
