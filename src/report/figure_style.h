/* How series and rate lines are drawn. */
#ifndef SCL_REPORT_FIGURE_STYLE_H
#define SCL_REPORT_FIGURE_STYLE_H

#include "report/figure_data.h"

/* colour; gnuplot's point types, filled and open; dash of the line through the means, as gnuplot writes it */
typedef struct scl_figure_style {
    const char *colour;
    int filled, open;
    const char *dash;
} scl_figure_style;

/* Different in the pair of mark and dash, so also in black and white, for SCL_FIGURE_MOST_SERIES of them. */
scl_figure_style scl_figure_style_of(size_t series);

extern const char scl_figure_population_dash[];

/* How gnuplot draws limits: a black upright cross, which shows on the mark whose limit it is. */
#define SCL_FIGURE_LIMIT_POINT "lc rgb '#000000' lw 0.9 pt 1 ps 0.9*mark"

/* The lines of bounds: dash, width, and the legend of the paper's (gnuplot's enhanced text, none of it the user's). */
typedef struct scl_figure_rate_style {
    const char *dash, *width, *label;
} scl_figure_rate_style;

extern const scl_figure_rate_style scl_figure_rate_styles[SCL_FIGURE_MOST_RATES];
const char *scl_figure_rate_colour(size_t line);

#endif
