/* Figures of a summary, drawn by gnuplot as SVG and PNG: error bars, population and bound lines, legible in black and
 * white. */
#ifndef SCL_REPORT_REPORT_H
#define SCL_REPORT_REPORT_H

#include "base/csv.h"
#include "study/config.h"

/* Draws config's figure from its summary into <folder>/<name>.svg and .png; the folder is made where missing. Curves: one panel
 * for each combination of the swept keys that are not x; a waterfall: one for each estimator and cell; winners: one for each combination of those that are neither x nor y. Both pictures are finished before either file is replaced, and
 * the same summary gives the same bytes (with one version of gnuplot and one set of fonts).
 *   in  config   reads name, question, redraw_replicate, base, axes[].key and figure
 *   in  summary  as read from summary.csv (columns as in docs/design.md)
 *   returns SCL_OK, SCL_ERR_INPUT (figure.wanted is false; a column or value the figure needs is missing; nothing is left
 *           to draw), SCL_ERR_IO (gnuplot missing or failed, folder not writable; the message carries gnuplot's own
 *           words), SCL_ERR_MEMORY
 * gnuplot is found along PATH; the environment variable GNUPLOT may name another one. */
scl_status scl_figure_draw(const scl_config *config, const scl_table *summary, const char *folder,
                           scl_error *err) SCL_CHECKED;

#endif
