/* A figure's page: see figure_page.h. */
#include "report/figure_page.h"

#include "report/figure_axis.h"

/* Mean width of a character at the sizes of title and caption, and these sizes: lines are broken by them. */
static const double title_char = 8.3, caption_char = 6.2, title_font = 14, caption_font = 10.5;
static const char png_scale[] = "2"; /* pixels of the PNG per pixel of the layout */

/* Appends unless something failed before. */
#define PUT(...)                                                                                                       \
    do {                                                                                                               \
        if (status == SCL_OK) status = scl_text_add(script, err, __VA_ARGS__);                                         \
    } while (0)

scl_figure_measures scl_figure_measures_of(scl_figure_format format)
{
    static const scl_figure_measures of[] = {
        [SCL_FIGURE_SVG] = {"sans-serif,12", ",14", ",10.5", "0.8", "0.7", "0,0.3", "0,-0.7", "1.0"},
        [SCL_FIGURE_PNG] = {"sans,9", ",10.5", ",7.9", "1", "1", "0,0", "0,-0.4", "1.2"},
    };
    return of[format];
}

scl_figure_share scl_figure_share_x(const scl_figure_page *page, double x)
{
    scl_figure_share s = {0};
    scl_number_digits(s.text, x / page->width, 7);
    return s;
}

scl_figure_share scl_figure_share_y(const scl_figure_page *page, double y)
{
    scl_figure_share s = {0};
    scl_number_digits(s.text, 1 - y / page->height, 7);
    return s;
}

scl_status scl_figure_terminal(scl_text *script, const scl_figure_page *page, scl_figure_format format, scl_error *err)
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

scl_status scl_figure_frame(scl_text *script, const scl_figure_page *page, double left, double top, double width,
                            double height, scl_error *err)
{
    scl_status status = SCL_OK;
    PUT("set lmargin at screen %s\nset rmargin at screen %s\n", scl_figure_share_x(page, left).text,
        scl_figure_share_x(page, left + width).text);
    PUT("set tmargin at screen %s\nset bmargin at screen %s\n", scl_figure_share_y(page, top).text,
        scl_figure_share_y(page, top + height).text);
    return status;
}

scl_status scl_figure_overlay(scl_text *script, scl_error *err)
{
    return scl_text_add(
        script, err,
        "set lmargin at screen 0\nset rmargin at screen 1\nset tmargin at screen 1\nset bmargin at screen 0\n"
        "unset title\nunset border\nunset grid\nunset xtics\nunset ytics\nunset logscale\n"
        "set xrange [0:1]\nset yrange [0:1]\n");
}

static scl_figure_room room_across(double page_width, double mean_char, double font)
{
    double width = page_width - 2 * SCL_FIGURE_EDGE;
    return (scl_figure_room){(size_t)(width / mean_char), width / font};
}

size_t scl_figure_title_lines(const char *title, double page_width)
{
    return scl_figure_count_lines(title, room_across(page_width, title_char, title_font));
}

size_t scl_figure_caption_lines(const char *caption, double page_width)
{
    return scl_figure_count_lines(caption, room_across(page_width, caption_char, caption_font));
}

/* Lines of text one below the other; y is the middle of the first. */
static scl_status add_lines(scl_text *script, const scl_figure_page *page, const char *text, scl_figure_room room,
                            double y, double step, const char *font, const char *colour, unsigned *label,
                            scl_error *err)
{
    scl_status status = SCL_OK;
    for (const char *line = text, *next = NULL; line && status == SCL_OK; line = next) {
        size_t length = scl_figure_line(line, room, &next);
        PUT("set label %u ", (*label)++);
        if (status == SCL_OK) status = scl_figure_quote(script, line, length, err);
        PUT(" at screen %s,%s left noenhanced tc rgb '%s' font '%s'\n", scl_figure_share_x(page, SCL_FIGURE_EDGE).text,
            scl_figure_share_y(page, y).text, colour, font);
        y += step;
    }
    return status;
}

scl_status scl_figure_add_title(scl_text *script, const scl_figure_page *page, const char *title, double top,
                                unsigned *label, scl_error *err)
{
    return add_lines(script, page, title, room_across(page->width, title_char, title_font),
                     top + SCL_FIGURE_TITLE_LINE / 2, SCL_FIGURE_TITLE_LINE, page->measures.title, "black", label, err);
}

scl_status scl_figure_add_caption(scl_text *script, const scl_figure_page *page, const char *caption, double top,
                                  unsigned *label, scl_error *err)
{
    return add_lines(script, page, caption, room_across(page->width, caption_char, caption_font),
                     top + SCL_FIGURE_CAPTION_LINE / 2, SCL_FIGURE_CAPTION_LINE, page->measures.caption, "#444444",
                     label, err);
}
