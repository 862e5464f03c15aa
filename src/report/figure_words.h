/* The words around a figure: title, axis label, caption; and breaking them into lines. */
#ifndef SCL_REPORT_FIGURE_WORDS_H
#define SCL_REPORT_FIGURE_WORDS_H

#include "base/text.h"
#include "report/figure_data.h"

/* The question, or the name when there is none. */
const char *scl_figure_title(const scl_config *config);

/* "key = value" with the key's short label; round numbers from 1e4 on as powers of ten, an infinite n as the
 * population. */
scl_status scl_figure_add_value(scl_text *text, const char *key, const char *value, scl_error *err) SCL_CHECKED;

/* The value alone. */
scl_status scl_figure_add_bare_value(scl_text *text, const char *key, const char *value, scl_error *err) SCL_CHECKED;

/* The metric's label, typeset for gnuplot's enhanced text: Greek letters, bars of a norm, subscripts; the metric's name
 * when the registry has no label. */
scl_status scl_figure_metric_label(scl_text *label, const char *name, scl_error *err) SCL_CHECKED;

/* "d = 200, r = 5, noise linear, R = 2, loadings haar, 100 replicates. ": what is the same for all points.
 *   in  most_n_ok  replicates of the means that are shown; 0: there are no means */
scl_status scl_figure_settings(scl_text *caption, const scl_config *config, size_t least_n_ok, size_t most_n_ok,
                               scl_error *err) SCL_CHECKED;

/* What is the same for all points, what the bars are, and what is not shown. */
scl_status scl_figure_caption(scl_text *caption, const scl_config *config, const scl_figure_data *data,
                              scl_error *err) SCL_CHECKED;

/* What a line has room for: characters of prose, and a width in font sizes, which a line of wide ones reaches first. */
typedef struct scl_figure_room {
    size_t characters;
    double width;
} scl_figure_room;

/* Bytes of the first line of `text` that has room, broken at a blank where there is one; *next is where the following line
 * starts, NULL at the end. */
size_t scl_figure_line(const char *text, scl_figure_room room, const char **next);
size_t scl_figure_count_lines(const char *text, scl_figure_room room);

#endif
