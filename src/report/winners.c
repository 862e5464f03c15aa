/* A map of winners as a gnuplot script: see winners.h. A tile has the mark of each estimator that shares the first place, the mark of its
 * curve in other figures, and is tinted where there is one alone; marks tell estimators apart in black and white too. */
#include "report/winners.h"

#include "report/figure_axis.h"
#include "report/figure_style.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Pixels: of a tile, of its marks from their line's to the next and to each other, of the words around a panel. */
static const double tile_width = 60, tile_height = 40, mark_step = 11, mark_line = 11;
static const double value_line = 18, column_gap = 26, row_gap = 12, legend_line = 20, swatch = 26, text_char = 7;
static const double widest_row = 1150, least_width = 640; /* of panels beside each other; of a page */
static const size_t most_in_a_line = 5;                   /* marks */
static const size_t longest_column = 8, longest_row = 16; /* characters; longer values are cut */
static const double tint = 0.28;                          /* share of an estimator's colour; the rest is white */

typedef struct layout {
    scl_figure_page page;
    size_t columns, rows;              /* of panels */
    double left, top, width, height;   /* of the first panel's frame */
    double step_x, step_y, row_labels; /* from frame to frame; of the words on a frame's left */
    double x_label, legend, caption;   /* tops */
} layout;

/* Appends unless something failed before. */
#define PUT(...)                                                                                                       \
    do {                                                                                                               \
        if (status == SCL_OK) status = scl_text_add(script, err, __VA_ARGS__);                                         \
    } while (0)

/* '#RRGGBB' of a colour on white. */
static void tinted(char out[8], const char *colour)
{
    unsigned rgb = 0;
    sscanf(colour, "#%6x", &rgb);
    unsigned mixed = 0;
    for (unsigned shift = 0; shift <= 16; shift += 8)
        mixed |= (unsigned)lround(255 - tint * (255 - (double)(rgb >> shift & 255))) << shift;
    snprintf(out, 8, "#%06X", mixed & 0xffffffu);
}

/* Where the entries of the legend stand: that of entry i, in pixels from the page's left and the legend's top. */
static double legend_entry(const scl_winners *winners, size_t entry, double page_width, double *top)
{
    double x = SCL_FIGURE_EDGE;
    *top = 0;
    for (size_t i = 0;; i++) {
        double width = swatch + 8 + text_char * (double)strlen(winners->estimators.items[i]) + 20;
        if (x > SCL_FIGURE_EDGE && x + width > page_width - SCL_FIGURE_EDGE) {
            x = SCL_FIGURE_EDGE;
            *top += legend_line;
        }
        if (i == entry) return x;
        x += width;
    }
}

static double longest_value(const scl_figure_names *values, size_t most)
{
    size_t longest = 0;
    for (size_t i = 0; i < values->count; i++) {
        size_t length = strlen(values->items[i]);
        longest = length > longest ? length : longest;
    }
    return text_char * (double)(longest < most ? longest : most);
}

static layout lay_out(const scl_winners *winners, const char *title, const char *caption, scl_figure_format format)
{
    layout page = {.page.measures = scl_figure_measures_of(format),
                   .width = tile_width * (double)winners->columns.count,
                   .height = tile_height * (double)winners->rows.count};
    page.row_labels = longest_value(&winners->rows, longest_row) + 10;
    page.step_x = page.width + column_gap + page.row_labels;
    size_t fit = (size_t)(widest_row / page.step_x);
    page.columns = fit < 1 ? 1 : fit < winners->panels.count ? fit : winners->panels.count;
    page.rows = (winners->panels.count + page.columns - 1) / page.columns;
    page.left = SCL_FIGURE_EDGE + SCL_FIGURE_LABEL_LINE + 6 + page.row_labels;
    double right = page.left + (double)page.columns * page.step_x - column_gap - page.row_labels;
    page.page.width = ceil(fmax(right + SCL_FIGURE_EDGE, least_width));
    bool titled = winners->panels.count > 1;
    page.top = SCL_FIGURE_EDGE + (double)scl_figure_title_lines(title, page.page.width) * SCL_FIGURE_TITLE_LINE + 8 +
               (titled ? SCL_FIGURE_PANEL_TITLE : 0);
    page.step_y = page.height + value_line + SCL_FIGURE_PANEL_TITLE + row_gap;
    page.x_label = page.top + (double)(page.rows - 1) * page.step_y + page.height + value_line + 4;
    page.legend = page.x_label + SCL_FIGURE_LABEL_LINE + 10;
    double last = 0;
    legend_entry(winners, winners->estimators.count - 1, page.page.width, &last);
    page.caption = page.legend + last + legend_line + 8;
    page.page.height =
        ceil(page.caption + (double)scl_figure_caption_lines(caption, page.page.width) * SCL_FIGURE_CAPTION_LINE +
             SCL_FIGURE_EDGE);
    return page;
}

static scl_status add_row(scl_text *script, const double *values, size_t count, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < count; i++) {
        char number[SCL_NUMBER_CHARS];
        PUT("%s%s", scl_number_shortest(number, values[i]), i + 1 < count ? " " : "\n");
    }
    return status;
}

/* $t0, ..: the tiles that estimator 0, .. has alone; the block after the last estimator's: those that several share. A block is never
 * empty: a place outside the frame stands for none. */
static scl_status add_tiles(scl_text *script, const scl_winners *winners, size_t panel, scl_error *err)
{
    scl_status status = SCL_OK;
    size_t shared = winners->estimators.count;
    for (size_t e = 0; e <= shared; e++) {
        PUT("$t%zu << EOD\n-9 -9 -9 -9 -9 -9\n", e);
        for (size_t row = 0; row < winners->rows.count; row++)
            for (size_t column = 0; column < winners->columns.count && status == SCL_OK; column++) {
                const scl_winners_tile *tile = scl_winners_at(winners, panel, row, column);
                double x = (double)column, y = (double)row;
                if (tile->any && (tile->n_shares > 1 ? shared : tile->best) == e)
                    status = add_row(script, (const double[]){x + .5, y + .5, x, x + 1, y, y + 1}, 6, err);
            }
        PUT("EOD\n");
    }
    return status;
}

/* $m0, ..: the marks of each estimator, in lines that stand around the upper part of the tile's middle. */
static scl_status add_marks(scl_text *script, const scl_winners *winners, size_t panel, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t e = 0; e < winners->estimators.count; e++) {
        PUT("$m%zu << EOD\n-9 -9\n", e);
        for (size_t row = 0; row < winners->rows.count; row++)
            for (size_t column = 0; column < winners->columns.count && status == SCL_OK; column++) {
                const scl_winners_tile *tile = scl_winners_at(winners, panel, row, column);
                if (!tile->any || !tile->shares[e]) continue;
                size_t before = 0, lines = (tile->n_shares + most_in_a_line - 1) / most_in_a_line;
                for (size_t i = 0; i < e; i++) before += tile->shares[i];
                size_t line = before / most_in_a_line, at = before % most_in_a_line;
                size_t left = tile->n_shares - line * most_in_a_line,
                       beside = left < most_in_a_line ? left : most_in_a_line;
                double x = mark_step * ((double)at - ((double)beside - 1) / 2);
                double y = 6 + mark_line * (((double)lines - 1) / 2 - (double)line);
                status = add_row(
                    script, (const double[]){(double)column + .5 + x / tile_width, (double)row + .5 + y / tile_height},
                    2, err);
            }
        PUT("EOD\n");
    }
    return status;
}

/* What stands under a tile's marks: how much larger the next mean is. */
static scl_status add_factors(scl_text *script, const scl_winners *winners, size_t panel, const layout *page,
                              double left, double top, unsigned *label, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t row = 0; row < winners->rows.count; row++)
        for (size_t column = 0; column < winners->columns.count && status == SCL_OK; column++) {
            const scl_winners_tile *tile = scl_winners_at(winners, panel, row, column);
            char factor[SCL_NUMBER_CHARS];
            if (!isfinite(tile->behind)) continue;
            double x = left + tile_width * ((double)column + .5);
            double y = top + page->height - tile_height * ((double)row + .5) + 10;
            PUT("set label %u '\303\227%s' at screen %s,%s center noenhanced font '%s' tc rgb '#222222' front\n",
                (*label)++, scl_number_digits(factor, tile->behind, 3), scl_figure_share_x(&page->page, x).text,
                scl_figure_share_y(&page->page, y).text, page->page.measures.caption);
        }
    return status;
}

/* One value beside the frame, cut where it is long. */
static scl_status add_value(scl_text *script, const layout *page, const char *key, const char *value, size_t most,
                            double x, double y, const char *side, unsigned *label, scl_error *err)
{
    scl_text shown = {0};
    const char *next = NULL;
    scl_status status = scl_figure_add_bare_value(&shown, key, value, err);
    const char *text = scl_text_get(&shown);
    if (strncmp(text, "inf (", 5) == 0) text = "inf";
    size_t length = scl_figure_line(text, (scl_figure_room){most, INFINITY}, &next);
    PUT("set label %u ", (*label)++);
    if (status == SCL_OK) status = scl_figure_quote(script, text, length, err);
    PUT("%s at screen %s,%s %s noenhanced\n", next ? ".'...'" : "", scl_figure_share_x(&page->page, x).text,
        scl_figure_share_y(&page->page, y).text, side);
    scl_text_free(&shown);
    return status;
}

static scl_status add_values(scl_text *script, const scl_winners *winners, const scl_figure_spec *figure,
                             const layout *page, double left, double top, unsigned *label, scl_error *err)
{
    scl_status status = SCL_OK;
    double below = top + page->height + value_line / 2 + 1;
    for (size_t i = 0; i < winners->columns.count && status == SCL_OK; i++)
        status = add_value(script, page, figure->x, winners->columns.items[i], longest_column,
                           left + tile_width * ((double)i + .5), below, "center", label, err);
    for (size_t i = 0; i < winners->rows.count && status == SCL_OK; i++)
        status = add_value(script, page, figure->y, winners->rows.items[i], longest_row, left - 7,
                           top + page->height - tile_height * ((double)i + .5), "right", label, err);
    return status;
}

static scl_status add_panel(scl_text *script, const scl_winners *winners, const scl_figure_spec *figure, size_t panel,
                            const layout *page, scl_error *err)
{
    unsigned label = 1;
    double left = page->left + (double)(panel % page->columns) * page->step_x;
    double top = page->top + (double)(panel / page->columns) * page->step_y;
    const char *title = winners->panels.items[panel];
    scl_status status = scl_figure_frame(script, &page->page, left, top, page->width, page->height, err);
    PUT("unset label\nset title ");
    if (status == SCL_OK) status = scl_figure_quote(script, title, strlen(title), err);
    PUT(" noenhanced offset %s\n", page->page.measures.panel_title_offset);
    if (status == SCL_OK) status = add_factors(script, winners, panel, page, left, top, &label, err);
    if (status == SCL_OK) status = add_values(script, winners, figure, page, left, top, &label, err);
    if (status == SCL_OK) status = add_tiles(script, winners, panel, err);
    if (status == SCL_OK) status = add_marks(script, winners, panel, err);
    PUT("plot NaN notitle");
    for (size_t e = 0; e <= winners->estimators.count; e++) {
        char fill[8] = "#FFFFFF";
        if (e < winners->estimators.count) tinted(fill, scl_figure_style_of(e).colour);
        PUT(", \\\n  $t%zu using 1:2:3:4:5:6 with boxxyerror fc rgb '%s' fs solid 1 border lc rgb '#888888' lw 0.7 "
            "notitle",
            e, fill);
    }
    for (size_t e = 0; e < winners->estimators.count; e++) {
        scl_figure_style style = scl_figure_style_of(e);
        PUT(", \\\n  $m%zu using 1:2 with points lc rgb '%s' lw 1.4 pt %d ps 0.9*mark notitle", e, style.colour,
            style.filled);
    }
    PUT("\n");
    return status;
}

/* A swatch with the mark, and the name, for each estimator; $l has the marks' places on the page. */
static scl_status add_legend(scl_text *script, const scl_winners *winners, const layout *page, unsigned *label,
                             scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t e = 0; e < winners->estimators.count; e++) {
        const char *name = winners->estimators.items[e];
        char fill[8];
        double top, x = legend_entry(winners, e, page->page.width, &top), middle = page->legend + top + legend_line / 2;
        tinted(fill, scl_figure_style_of(e).colour);
        PUT("set object %zu rect from screen %s,%s to screen %s,%s back fc rgb '%s' fs solid 1 border lc rgb '#888888' "
            "lw 0.7\n",
            e + 1, scl_figure_share_x(&page->page, x).text, scl_figure_share_y(&page->page, middle + 8).text,
            scl_figure_share_x(&page->page, x + swatch).text, scl_figure_share_y(&page->page, middle - 8).text, fill);
        PUT("set label %u ", (*label)++);
        if (status == SCL_OK) status = scl_figure_quote(script, name, strlen(name), err);
        PUT(" at screen %s,%s left noenhanced\n", scl_figure_share_x(&page->page, x + swatch + 8).text,
            scl_figure_share_y(&page->page, middle).text);
        PUT("$l%zu << EOD\n%s %s\nEOD\n", e, scl_figure_share_x(&page->page, x + swatch / 2).text,
            scl_figure_share_y(&page->page, middle).text);
    }
    return status;
}

static scl_status plot_legend(scl_text *script, const scl_winners *winners, scl_error *err)
{
    scl_status status = SCL_OK;
    PUT("plot NaN notitle");
    for (size_t e = 0; e < winners->estimators.count; e++) {
        scl_figure_style style = scl_figure_style_of(e);
        PUT(", \\\n  $l%zu using 1:2 with points lc rgb '%s' lw 1.4 pt %d ps 0.9*mark notitle", e, style.colour,
            style.filled);
    }
    PUT("\n");
    return status;
}

static scl_status write_caption(scl_text *script, const scl_config *config, const scl_winners *winners, scl_error *err)
{
    char within[SCL_NUMBER_CHARS];
    scl_status status = scl_figure_settings(script, config, winners->least_n_ok, winners->most_n_ok, err);
    PUT("Marks: the smallest mean %s. ", config->figure.metric);
    if (winners->any_shared)
        PUT("White: several share the first place, all whose mean is within %s standard errors of the smallest (of the "
            "paired difference where the config compares the two). ",
            scl_number_digits(within, SCL_WINNERS_STANDARD_ERRORS, 3));
    PUT("\303\227: the next mean over the smallest.");
    if (winners->unfinished)
        PUT(" NOT FINISHED: %zu mean%s without all replicates.", winners->unfinished, scl_plural(winners->unfinished));
    if (winners->failed) PUT(" %zu failed trial%s not in the means.", winners->failed, scl_plural(winners->failed));
    if (winners->unconverged)
        PUT(" %zu fit%s did not converge.", winners->unconverged, scl_plural(winners->unconverged));
    return status;
}

/* Names of the two keys, one below and one beside the panels. */
static scl_status add_axis_labels(scl_text *script, const scl_figure_spec *figure, const layout *page, unsigned *label,
                                  scl_error *err)
{
    scl_status status = SCL_OK;
    const char *x = scl_figure_axis_label(figure->x), *y = scl_figure_axis_label(figure->y);
    double right = page->left + (double)page->columns * page->step_x - column_gap - page->row_labels;
    double bottom = page->top + (double)(page->rows - 1) * page->step_y + page->height;
    PUT("set label %u ", (*label)++);
    if (status == SCL_OK) status = scl_figure_quote(script, x, strlen(x), err);
    PUT(" at screen %s,%s center noenhanced\nset label %u ",
        scl_figure_share_x(&page->page, (page->left + right) / 2).text,
        scl_figure_share_y(&page->page, page->x_label + SCL_FIGURE_LABEL_LINE / 2).text, (*label)++);
    if (status == SCL_OK) status = scl_figure_quote(script, y, strlen(y), err);
    PUT(" at screen %s,%s center rotate noenhanced\n",
        scl_figure_share_x(&page->page, SCL_FIGURE_EDGE + SCL_FIGURE_LABEL_LINE / 2).text,
        scl_figure_share_y(&page->page, (page->top + bottom) / 2).text);
    return status;
}

scl_status scl_winners_script(scl_text *script, const scl_winners *winners, const scl_config *config,
                              scl_figure_format format, scl_error *err)
{
    scl_text caption = {0};
    unsigned label = 1;
    scl_status status = write_caption(&caption, config, winners, err);
    if (status != SCL_OK) goto done;
    const char *title = scl_figure_title(config);
    layout page = lay_out(winners, title, scl_text_get(&caption), format);
    status = scl_figure_terminal(script, &page.page, format, err);
    PUT("set multiplot\nunset grid\nunset border\nunset xtics\nunset ytics\nset xrange [0:%zu]\nset yrange [0:%zu]\n",
        winners->columns.count, winners->rows.count);
    for (size_t panel = 0; panel < winners->panels.count && status == SCL_OK; panel++)
        status = add_panel(script, winners, &config->figure, panel, &page, err);
    if (status == SCL_OK) status = scl_figure_overlay(script, err);
    PUT("unset label\n");
    if (status == SCL_OK) status = scl_figure_add_title(script, &page.page, title, SCL_FIGURE_EDGE, &label, err);
    if (status == SCL_OK) status = add_axis_labels(script, &config->figure, &page, &label, err);
    if (status == SCL_OK) status = add_legend(script, winners, &page, &label, err);
    if (status == SCL_OK)
        status = scl_figure_add_caption(script, &page.page, scl_text_get(&caption), page.caption, &label, err);
    if (status == SCL_OK) status = plot_legend(script, winners, err);
    PUT("unset multiplot\n");
done:
    scl_text_free(&caption);
    return status;
}
