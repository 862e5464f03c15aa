/* A figure as a gnuplot script. */
#ifndef SCL_REPORT_FIGURE_SCRIPT_H
#define SCL_REPORT_FIGURE_SCRIPT_H

#include "base/text.h"
#include "report/figure_data.h"

typedef enum scl_figure_format { SCL_FIGURE_SVG, SCL_FIGURE_PNG } scl_figure_format;

/* Appends the whole script, data and all; the picture goes to standard output. */
scl_status scl_figure_script(scl_text *script, const scl_figure_data *data, const scl_config *config,
                             scl_figure_format format, scl_error *err) SCL_CHECKED;

/* One panel's data blocks, and its plot command: axes and margins are the caller's. */
scl_status scl_figure_panel(scl_text *script, const scl_figure_data *data, size_t panel, scl_error *err) SCL_CHECKED;

/* The legend's plot command: means and population values, with empty entries up to `places`; and the rate lines'. */
size_t scl_figure_legend_entries(const scl_figure_data *data);
scl_status scl_figure_legend(scl_text *script, const scl_figure_data *data, size_t places, scl_error *err) SCL_CHECKED;
scl_status scl_figure_rate_legend(scl_text *script, scl_error *err) SCL_CHECKED;

#endif
