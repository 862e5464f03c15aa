/* A figure as a gnuplot script. */
#ifndef SCL_REPORT_FIGURE_SCRIPT_H
#define SCL_REPORT_FIGURE_SCRIPT_H

#include "base/text.h"
#include "report/figure_data.h"
#include "report/figure_page.h"

/* Appends the whole script, data and all; the picture goes to standard output. */
scl_status scl_figure_script(scl_text *script, const scl_figure_data *data, const scl_config *config,
                             scl_figure_format format, scl_error *err) SCL_CHECKED;

/* One panel's data blocks, and its plot command: axes and margins are the caller's. */
scl_status scl_figure_panel(scl_text *script, const scl_figure_data *data, size_t panel, scl_error *err) SCL_CHECKED;

/* The legend, in parts that are plot commands of their own because their entries differ in width. */
typedef enum scl_figure_part {
    SCL_FIGURE_MEANS,
    SCL_FIGURE_POPULATION,
    SCL_FIGURE_RATES,
    SCL_FIGURE_PARTS
} scl_figure_part;
/* Entries of a part, 0 when it is not wanted, and characters of its longest. */
size_t scl_figure_legend_entries(const scl_figure_data *data, scl_figure_part part);
size_t scl_figure_legend_width(const scl_figure_data *data, scl_figure_part part);
scl_status scl_figure_legend(scl_text *script, const scl_figure_data *data, scl_figure_part part,
                             scl_error *err) SCL_CHECKED;

#endif
