/* A map of winners: over two keys, which estimator has the smallest mean error in each cell, and which cannot be told from it. */
#ifndef SCL_REPORT_WINNERS_H
#define SCL_REPORT_WINNERS_H

#include "base/csv.h"
#include "report/figure_data.h"
#include "report/figure_page.h"
#include "study/config.h"

/* An estimator shares the first place when its mean lies within so many standard errors of the smallest: of the paired difference where the
 * config compares the two, else of both means combined, which the common samples make too large. Equal
 * errors differ by more in one of 16000 comparisons, under a normal law. Means are equal up to the accuracy of eigenvectors. */
#define SCL_WINNERS_STANDARD_ERRORS 4.0
#define SCL_WINNERS_EQUAL           1e-8

/* A mean with its standard error; NaN: there is none. */
typedef struct scl_winners_mean {
    double mean, mcse;
} scl_winners_mean;

typedef struct scl_winners_tile {
    bool any;                      /* some estimator has a mean here */
    size_t best;                   /* of the smallest mean */
    bool shares[SCL_FIGURE_MARKS]; /* the first place; the best does */
    size_t n_shares;
    double
        behind; /* the smallest mean of those that do not share it over the best's; NaN: there are none, or the best's is 0 */
} scl_winners_tile;

typedef struct scl_winners {
    scl_figure_names panels, columns, rows,
        estimators;          /* columns and rows: values along x and y, ascending where they are numbers */
    scl_winners_tile *tiles; /* panels x rows x columns, the last one fastest */
    bool any_shared;
    size_t least_n_ok, most_n_ok; /* of the averages; most 0: there are none */
    size_t failed, unconverged, unfinished;
} scl_winners;

const scl_winners_tile *scl_winners_at(const scl_winners *winners, size_t panel, size_t row, size_t column);

/* Who shares the first place.
 *   out tile
 *   in  means   n of them, at most SCL_FIGURE_MARKS
 *   in  paired  n x n, row-major: the mean of the difference row minus column, over common replicates; NaN where the pair was not compared */
void scl_winners_decide(scl_winners_tile *tile, const scl_winners_mean *means, const scl_winners_mean *paired,
                        size_t n);

/* Sorts the rows of the figure's metric, and of its paired differences, into tiles, and decides each.
 *   returns SCL_OK, SCL_ERR_INPUT (a column is missing; no row has the metric; more estimators, values or panels than a page holds),
 *           SCL_ERR_MEMORY; free it in every case */
scl_status scl_winners_read(scl_winners *winners, const scl_config *config, const scl_table *summary,
                            scl_error *err) SCL_CHECKED;
void scl_winners_free(scl_winners *winners);

/* Appends the whole script, data and all; the picture goes to standard output. */
scl_status scl_winners_script(scl_text *script, const scl_winners *winners, const scl_config *config,
                              scl_figure_format format, scl_error *err) SCL_CHECKED;

#endif
