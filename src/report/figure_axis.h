/* Axes: ranges and tics, as gnuplot commands. */
#ifndef SCL_REPORT_FIGURE_AXIS_H
#define SCL_REPORT_FIGURE_AXIS_H

#include "base/text.h"
#include "report/figure_data.h"

/* Appends `set <name>range` and `set <name>tics`, logarithmic or not; no label runs into another one.
 *   in  name    "x" or "y"
 *   in  length  of the axis, in pixels of the layout
 *   in  labels  false: tics without labels, for a panel beside another one */
scl_status scl_figure_axis_commands(scl_text *script, const char *name, const scl_figure_axis *axis, double length,
                                    bool labels, scl_error *err) SCL_CHECKED;

/* `text` as a gnuplot string expression: single quotes, in which gnuplot expands nothing (no `command`, no @macro, no
 * escape); a quote itself stands between double quotes, because gnuplot 5.4 misreads a doubled one at a string's start.
 * Line ends and other control characters become blanks, bytes that are not UTF-8 become question marks. */
scl_status scl_figure_quote(scl_text *script, const char *text, size_t length, scl_error *err) SCL_CHECKED;

#endif
