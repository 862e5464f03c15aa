/* What every figure's page has: its size, the two terminals' measures, and lines of text at computed places, in pixels from the top left,
 * written as shares of the page. So SVG and PNG have one layout. */
#ifndef SCL_REPORT_FIGURE_PAGE_H
#define SCL_REPORT_FIGURE_PAGE_H

#include "base/text.h"
#include "report/figure_words.h"

typedef enum scl_figure_format { SCL_FIGURE_SVG, SCL_FIGURE_PNG } scl_figure_format;

/* Pixels: the page's free border, lines of text, a panel's title. */
#define SCL_FIGURE_EDGE         14.0
#define SCL_FIGURE_TITLE_LINE   21.0
#define SCL_FIGURE_CAPTION_LINE 15.0
#define SCL_FIGURE_LABEL_LINE   17.0
#define SCL_FIGURE_PANEL_TITLE  22.0

/* What gnuplot's two terminals measure differently. Font sizes: SVG counts pixels, PNG points. An SVG line is higher,
 * its marks and tics are larger. */
typedef struct scl_figure_measures {
    const char *text, *title, *caption; /* fonts */
    const char *mark, *tic, *tic_offset, *panel_title_offset, *key_spacing;
} scl_figure_measures;

typedef struct scl_figure_page {
    double width, height;
    scl_figure_measures measures;
} scl_figure_page;

scl_figure_measures scl_figure_measures_of(scl_figure_format format);

/* A share of the page, as text; y runs upwards in gnuplot. */
typedef struct scl_figure_share {
    char text[SCL_NUMBER_CHARS];
} scl_figure_share;
scl_figure_share scl_figure_share_x(const scl_figure_page *page, double x);
scl_figure_share scl_figure_share_y(const scl_figure_page *page, double y);

/* The first commands: terminal, border, grid. */
scl_status scl_figure_terminal(scl_text *script, const scl_figure_page *page, scl_figure_format format,
                               scl_error *err) SCL_CHECKED;

/* Margins of the frame that follows. */
scl_status scl_figure_frame(scl_text *script, const scl_figure_page *page, double left, double top, double width,
                            double height, scl_error *err) SCL_CHECKED;

/* A last plot without axes, over the whole page, begins: it carries words. */
scl_status scl_figure_overlay(scl_text *script, scl_error *err) SCL_CHECKED;

/* Title and caption take lines across the page: how many, and the lines as gnuplot's labels from *label on.
 *   in  top  of the first line */
size_t scl_figure_title_lines(const char *title, double page_width);
size_t scl_figure_caption_lines(const char *caption, double page_width);
scl_status scl_figure_add_title(scl_text *script, const scl_figure_page *page, const char *title, double top,
                                unsigned *label, scl_error *err) SCL_CHECKED;
scl_status scl_figure_add_caption(scl_text *script, const scl_figure_page *page, const char *caption, double top,
                                  unsigned *label, scl_error *err) SCL_CHECKED;

#endif
