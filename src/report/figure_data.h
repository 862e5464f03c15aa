/* What a figure shows, as numbers: the rows of a summary sorted into panels, series and points, and the two axes. */
#ifndef SCL_REPORT_FIGURE_DATA_H
#define SCL_REPORT_FIGURE_DATA_H

#include "base/csv.h"
#include "study/config.h"

#include <stdbool.h>
#include <stddef.h>

/* Lines of bounds with constant 1: the paper's rate (bias, sampling, their sum), then the config's own bounds on the figure's metric, each
 * with its terms and their sum. So many own bounds can be told apart by dash and width. */
#define SCL_FIGURE_PAPER_RATES 3
#define SCL_FIGURE_MOST_BOUNDS 3
#define SCL_FIGURE_MOST_RATES  (SCL_FIGURE_PAPER_RATES + 3 * SCL_FIGURE_MOST_BOUNDS)

/* A number that is absent, or cannot stand on its axis, is NaN. */
typedef struct scl_figure_point {
    size_t panel, series;
    double x;               /* INFINITY: the population, when x is n; 1, 2, ... for categories */
    double mean, low, high; /* low, high: the bar's ends */
    size_t n_ok;            /* replicates in the mean */
    double population;
    double limit; /* the proportional limit, where n is finite */
    double
        rates[SCL_FIGURE_MOST_RATES]; /* a sum is NaN where one of its terms is absent: it would only hide the other */
    bool exact;                       /* the mean is the population's value, without any draw */
    bool population_exact;
    unsigned notes; /* SCL_FIGURE_UNCONVERGED and so on */
} scl_figure_point;

/* So many series can be told apart in black and white: each of the marks with three dashes. */
#define SCL_FIGURE_MARKS       9
#define SCL_FIGURE_MOST_SERIES (3 * SCL_FIGURE_MARKS)

/* Swept values up to this many can be an axis's tics themselves. */
#define SCL_FIGURE_FEW 9

typedef struct scl_figure_axis {
    bool log;
    double low, high;  /* of the drawn range */
    double last;       /* largest value of the data */
    double population; /* where the marks of the n = inf lines stand, beyond the last value; NaN without any */
    double values[SCL_FIGURE_FEW]; /* the distinct values of the data, ascending, when they are few */
    size_t n_values;               /* 0: too many, or not wanted as tics */
} scl_figure_axis;

/* What a caption has to say of a series. */
enum {
    SCL_FIGURE_ZERO_MEAN = 1, /* a mean, or a population value, was left out of a logarithmic axis */
    SCL_FIGURE_ZERO_POPULATION = 2,
    SCL_FIGURE_AVERAGE_POPULATION = 4, /* a population value that is drawn is no exact number */
    SCL_FIGURE_UNCONVERGED = 8,        /* fits, or trials, of the estimator that went wrong */
    SCL_FIGURE_FAILED = 16,
    SCL_FIGURE_DEFICIENT = 32,
    SCL_FIGURE_INFINITE = 64 /* a mean is infinite, and has no mark */
};

/* Growing list of distinct texts; they belong to the list. */
typedef struct scl_figure_names {
    char **items;
    size_t count, capacity;
} scl_figure_names;

typedef struct scl_figure_data {
    scl_figure_point *points; /* by panel, series, x */
    size_t n_points, points_capacity;
    scl_figure_names panels;     /* "ratio = 2, loadings = haar"; one empty text without further swept keys */
    scl_figure_names series;     /* estimators */
    scl_figure_names categories; /* texts along a categorical x; none for a numeric x */
    const char *x_label;
    bool x_is_n;
    double *levels; /* panels x series: what a horizontal line shows when x is n (population value, or the mean at
                       n = inf), NaN elsewhere */
    const scl_figure_point *
        *level_bars; /* panels x series: the point of n = inf whose bar a level that is an average has; else NULL */
    unsigned *notes; /* of each series, SCL_FIGURE_ZERO_MEAN and so on */
    scl_figure_axis x, y;
    size_t n_rates;                           /* lines of bounds, 0 when they are not wanted */
    char *rate_labels[SCL_FIGURE_MOST_RATES]; /* of the config's own */
    bool rates_drawn[SCL_FIGURE_MOST_RATES];  /* inside the frame of some panel */
    bool bounds_cut;                          /* one of them leaves the frame */
    double rate_low, rate_high;
    bool has_population, has_limit, has_bars;
    bool has_averages, has_exact; /* among the filled marks */
    size_t least_n_ok, most_n_ok; /* of the averages */
    size_t zeros;                 /* values <= 0 left out of the logarithmic y axis */
    bool zeros_rounded;           /* some of them were only below the floor, or SCL_FIGURE_ZERO of the largest */
    size_t x_zeros;               /* points with x <= 0 left out of the logarithmic x axis */
    size_t failed, unconverged;
    size_t deficient, unfinished; /* means of rank-deficient replicates, and of cells that lack some */
    size_t infinite;              /* means */
} scl_figure_data;

/* On a logarithmic axis a value below this share of the largest is a zero with rounding errors: drawing it would press
 * everything else into a corner. Eigenvectors are known to 1e-8, sampling errors stay above 1e-5. */
#define SCL_FIGURE_ZERO 1e-7

/* Index of a text in the list, added at its end when new; SCL_ERR_MEMORY. */
scl_status scl_figure_name_index(size_t *index, scl_figure_names *names, const char *text, scl_error *err) SCL_CHECKED;
void scl_figure_names_free(scl_figure_names *names);

/* The place of a column; SCL_ERR_INPUT without it. */
scl_status scl_figure_find_column(size_t *column, const scl_table *summary, const char *name,
                                  scl_error *err) SCL_CHECKED;

/* A cell as a count, 0 where it is none. */
size_t scl_figure_count_at(const scl_table *summary, size_t row, size_t column);

/* Sorts the summary's rows of the figure's metric.
 *   returns SCL_OK, SCL_ERR_INPUT (a column is missing, no row has the metric, too many series), SCL_ERR_MEMORY;
 *           free data in every case */
scl_status scl_figure_data_read(scl_figure_data *data, const scl_config *config, const scl_table *summary,
                                scl_error *err) SCL_CHECKED;
void scl_figure_data_free(scl_figure_data *data);

/* Leaves out what a logarithmic axis cannot show, finds the levels and both ranges.
 *   returns SCL_OK, SCL_ERR_INPUT (nothing left to draw), SCL_ERR_MEMORY */
scl_status scl_figure_ranges(scl_figure_data *data, const scl_config *config, scl_error *err) SCL_CHECKED;

/* The summary's column with the numbers of a key: the key's own, or that of its short name. */
const char *scl_figure_column_of(const char *key);
/* The swept key is `key` itself, or determines it. */
bool scl_figure_is_along(const char *swept, const char *key);
/* A zip makes this axis of the config advance with `key`, which determines its value: it makes no panels. */
bool scl_figure_zipped_with(const scl_config *config, size_t axis, const char *key);

/* A key that no block of a sweep of several varies: it only tells them apart. Titles of panels name it where it has another value than the
 * first block's, the base, which the caption says. */
bool scl_figure_tells_blocks(const scl_config *config, size_t axis);

/* How a swept key is called on an axis and in a panel's title; the dotted name less its first part when unknown. */
const char *scl_figure_axis_label(const char *key);
const char *scl_figure_short_label(const char *key);

#endif
