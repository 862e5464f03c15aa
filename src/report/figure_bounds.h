/* The lines of bounds in a figure: the paper's rate, and the config's own bounds on the figure's metric. */
#ifndef SCL_REPORT_FIGURE_BOUNDS_H
#define SCL_REPORT_FIGURE_BOUNDS_H

#include "report/figure_data.h"

/* Names the lines, and fills *values with those of the config's own bounds: for each cell one for each of data->n_rates - 3 lines, NaN
 * where there is no line (a term that is 0 or not finite). NULL when there are none.
 *   returns SCL_OK; SCL_ERR_INPUT (more bounds than can be told apart), SCL_ERR_MEMORY, what scl_plan_new or the model returns */
scl_status scl_figure_bounds(double **values, scl_figure_data *data, const scl_config *config,
                             scl_error *err) SCL_CHECKED;

#endif
