/* The whole figure: page, panels, legend, words. Everything stands at a computed place, so the legend can never cover data. */
#include "report/figure_script.h"

#include "report/figure_axis.h"

#include <math.h>
#include <string.h>

/* Pixels. */
static const double edge = SCL_FIGURE_EDGE, title_line = SCL_FIGURE_TITLE_LINE, caption_line = SCL_FIGURE_CAPTION_LINE,
                    key_line = 19, label_line = SCL_FIGURE_LABEL_LINE;
static const double tic_height = 28, tic_width = 52, panel_title = SCL_FIGURE_PANEL_TITLE, row_gap = 14,
                    column_gap = 20;
static const double text_char = 7;         /* mean width of a character */
static const double key_sample = 75;       /* of a legend's entry, beside its text */
static const size_t longest_category = 24; /* characters; longer names are cut */

/* Panel sizes by the number of columns, 1 to 4. */
static const struct panel_size {
    double width, height;
} panel_sizes[] = {{600, 400}, {370, 300}, {290, 240}, {250, 210}};

typedef struct layout {
    scl_figure_page page;
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
    bool turned;              /* category labels */
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
        page->keys[part].rows = entries ? divided(entries, fitting(page->page.width - 2 * edge, each, entries)) : 0;
        top += (double)page->keys[part].rows * key_line;
    }
    page->caption = top + 10;
}

static layout lay_out(const scl_figure_data *data, const char *title, const char *caption, scl_figure_format format)
{
    layout page = {.columns = columns_for(data->panels.count), .page.measures = scl_figure_measures_of(format)};
    page.rows = divided(data->panels.count, page.columns);
    page.panel = panel_sizes[page.columns - 1];
    double room = page.panel.width / (double)(data->categories.count ? data->categories.count : 1);
    double name = fmin(longest(&data->categories), (double)longest_category) * text_char;
    page.turned = data->categories.count > 0 && name > room;
    page.tics = page.turned ? tic_height + name / 2 : tic_height; /* turned by 30 degrees */

    double frames_height =
        (double)page.rows * page.panel.height + (double)(page.rows - 1) * (page.tics + panel_title + row_gap);
    page.left = edge + label_line + tic_width;
    page.page.width = ceil(page.left + (double)page.columns * (page.panel.width + column_gap) + edge - column_gap + 6);
    size_t title_lines = scl_figure_title_lines(title, page.page.width);
    page.top = edge + (double)title_lines * title_line + 8 + (data->panels.count > 1 ? panel_title : 0);
    page.step_y = page.panel.height + page.tics + panel_title + row_gap;

    page.x_label = page.top + frames_height + page.tics + 4;
    page.key = page.x_label + label_line + 12;
    lay_out_legend(&page, data);
    size_t caption_lines = scl_figure_caption_lines(caption, page.page.width);
    page.page.height = ceil(page.caption + (double)caption_lines * caption_line + edge);
    return page;
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
        if (status == SCL_OK)
            status = scl_figure_frame(script, &page->page, left, top, page->panel.width, page->panel.height, err);
        if (status == SCL_OK) /* one labelled y axis for a row */
            status = scl_figure_axis_commands(script, "y", &data->y, page->panel.height, column == 0, err);
        PUT("set title ");
        const char *title = data->panels.items[panel];
        if (status == SCL_OK) status = scl_figure_quote(script, title, strlen(title), err);
        PUT(" noenhanced offset %s\n", page->page.measures.panel_title_offset);
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
            scl_figure_share_y(&page->page, page->keys[part].top).text, page->page.measures.key_spacing,
            page->keys[part].rows);
        if (status == SCL_OK) status = scl_figure_legend(script, data, part, err);
        PUT("unset label\n"); /* once is enough */
    }
    return status;
}

/* A last plot without axes, over the whole page, carries the words and the legend. */
static scl_status add_words(scl_text *script, const scl_figure_data *data, const layout *page, const char *title,
                            const char *y_label, const char *caption, scl_error *err)
{
    scl_status status = scl_figure_overlay(script, err);
    unsigned label = 1;
    double right = page->left + (double)page->columns * (page->panel.width + column_gap) - column_gap;
    double frames_end = page->top + (double)(page->rows - 1) * page->step_y + page->panel.height;
    if (status == SCL_OK) status = scl_figure_add_title(script, &page->page, title, edge, &label, err);
    PUT("set label %u ", label++);
    if (status == SCL_OK) status = scl_figure_quote(script, y_label, strlen(y_label), err);
    PUT(" at screen %s,%s center rotate enhanced\n", scl_figure_share_x(&page->page, edge + label_line / 2).text,
        scl_figure_share_y(&page->page, (page->top + frames_end) / 2).text);
    PUT("set label %u ", label++);
    if (status == SCL_OK) status = scl_figure_quote(script, data->x_label, strlen(data->x_label), err);
    PUT(" at screen %s,%s center noenhanced\n", scl_figure_share_x(&page->page, (page->left + right) / 2).text,
        scl_figure_share_y(&page->page, page->x_label + label_line / 2).text);
    if (status == SCL_OK) status = scl_figure_add_caption(script, &page->page, caption, page->caption, &label, err);
    if (status == SCL_OK) status = add_legends(script, data, page, err);
    return status;
}

scl_status scl_figure_script(scl_text *script, const scl_figure_data *data, const scl_config *config,
                             scl_figure_format format, scl_error *err)
{
    scl_text y_label = {0}, caption = {0};
    scl_status status = scl_figure_metric_label(&y_label, config->figure.y, err);
    if (status == SCL_OK) status = scl_figure_caption(&caption, config, data, err);
    if (status != SCL_OK) goto done;
    const char *title = scl_figure_title(config);
    layout page = lay_out(data, title, caption.data, format);
    status = scl_figure_terminal(script, &page.page, format, err);
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
