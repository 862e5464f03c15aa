/* The waterfall of a proof audit: from the measured error through each bound of the chain to the last, one panel for each estimator and
 * cell. */
#ifndef SCL_REPORT_WATERFALL_H
#define SCL_REPORT_WATERFALL_H

#include "base/csv.h"
#include "report/figure_page.h"
#include "study/config.h"

/* What a row of a panel shows: a number that is what it is; a bound of the row above, by a theorem; a rate, whose constant is set to 1. */
typedef enum scl_waterfall_kind {
    SCL_WATERFALL_EXACT,
    SCL_WATERFALL_THEOREM,
    SCL_WATERFALL_RATE,
    SCL_WATERFALL_KINDS
} scl_waterfall_kind;

typedef struct scl_waterfall_step {
    const char *label; /* in gnuplot's enhanced text, none of it the user's */
    scl_waterfall_kind kind;
    int first, second; /* the numbers that it adds, places in scl_waterfall_panel.numbers; second -1: one alone */
    bool begins;       /* a group of its own: its bar starts at the axis */
} scl_waterfall_step;

enum { SCL_WATERFALL_STEPS = 17, SCL_WATERFALL_NUMBERS = 15 };
extern const scl_waterfall_step scl_waterfall_steps[SCL_WATERFALL_STEPS];

/* A mean with its standard error and the half of its 95 % interval, these 0 where it is exact; NaN: there is none. */
typedef struct scl_waterfall_number {
    double mean, mcse, half;
} scl_waterfall_number;

typedef struct scl_waterfall_panel {
    char *estimator, *title;
    double cell, root; /* root: sqrt r */
    bool random;       /* its means are over draws */
    scl_waterfall_number numbers[SCL_WATERFALL_NUMBERS];
} scl_waterfall_panel;

typedef struct scl_waterfall {
    scl_waterfall_panel *panels; /* estimator by estimator, in the order of the summary */
    size_t n_panels, capacity;
    size_t widest;                /* most panels of one estimator */
    size_t least_n_ok, most_n_ok; /* of the averages; most 0: there are none */
    double low, high;             /* of the values that a logarithmic axis can show */
    size_t failed, unfinished;
    bool any_vacuous; /* a bound is sqrt r in every replicate */
} scl_waterfall;

/* What a step shows in a panel; NaN without it. */
scl_waterfall_number scl_waterfall_value(const scl_waterfall_panel *panel, size_t step);
/* The bound says nothing: it is sqrt r, which every error is at most, in every replicate. */
bool scl_waterfall_vacuous(const scl_waterfall_panel *panel, size_t step);

/* Sorts the rows of the audit's metrics into panels.
 *   returns SCL_OK, SCL_ERR_INPUT (a column is missing; no estimator has a chain; more panels than a page holds), SCL_ERR_MEMORY;
 *           free it in every case */
scl_status scl_waterfall_read(scl_waterfall *waterfall, const scl_config *config, const scl_table *summary,
                              scl_error *err) SCL_CHECKED;
void scl_waterfall_free(scl_waterfall *waterfall);

/* Appends the whole script, data and all; the picture goes to standard output. */
scl_status scl_waterfall_script(scl_text *script, const scl_waterfall *waterfall, const scl_config *config,
                                scl_figure_format format, scl_error *err) SCL_CHECKED;

#endif
