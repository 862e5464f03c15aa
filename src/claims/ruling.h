/* From slopes to a verdict: the rules that all rate claims share, and the words of the evidence.
 *
 * A claim speaks of all models, so every group of cells (a family, or a curve of one) must bear it by itself. Refuted: the
 * slope of one group lies on the forbidden side of the margin, its one-sided limit included. Confirmed: every slope of every
 * group lies on the permitted side, its limit included, none of a variable that varies is hidden (collinear with another, or too
 * few cells), and every variable spans a factor of 10 in some group. Else undecided. */
#ifndef SCL_CLAIMS_RULING_H
#define SCL_CLAIMS_RULING_H

#include "base/text.h"
#include "claims/cells.h"
#include "claims/claims.h"
#include "claims/extreme.h"
#include "claims/regression.h"

#define SCL_MARGIN      .05 /* slopes this close to 0 count as 0; larger: easier to confirm, harder to refute */
#define SCL_SPAN        10. /* factor each variable must span for a confirmation */
#define SCL_FALSE_ALARM .01 /* family-wise, over all one-sided limits that a claim reports */
/* Population errors this small (over sqrt r) are 0, by rounding; LAPACK computes them. */
#define SCL_NUMERICAL_ZERO 1e-9

/* For the symbols of a claim that is judged by slopes: what the words about their scatter mean. */
#define SCL_SCATTER_SYMBOLS                                                                                            \
    "\nresidual chi: scatter of the cells about their slopes, in Monte Carlo standard errors\n"                        \
    "scatter beyond Monte Carlo errors: what is left of it, as a standard deviation of the logarithm; the limits "     \
    "hold it"

typedef enum scl_side {
    SCL_MUST_NOT_GROW, /* refuted by a slope above the margin, confirmed by slopes below it */
    SCL_MUST_NOT_FALL, /* the same of the slopes' negatives */
    SCL_MUST_GROW      /* refuted by a slope below the margin, confirmed by slopes above it */
} scl_side;

typedef struct scl_ruling {
    scl_judgement *judgement;
    size_t n_limits; /* one-sided limits among which the false-alarm rate is shared (Bonferroni) */
    double level;    /* error probability of each */
    double margin;   /* for the evidence: SCL_MARGIN, of slopes, unless the judge has its own */
    scl_text refuting, lacking;
} scl_ruling;

/* Starts an empty judgement. n_limits = 0: the claim compares numbers that are exact. */
scl_ruling scl_ruling_open(scl_judgement *judgement, size_t n_limits);

typedef enum scl_grouping { SCL_BY_FAMILY, SCL_BY_CURVE, SCL_BY_SERIES } scl_grouping;

/* Cells of a regression, and what to call it in the evidence. */
typedef struct scl_term {
    const scl_point *points;
    size_t n_points, n_slopes;
    size_t n_free;     /* the last n_free variables are fitted, so that they explain what they do, and not judged */
    const char *ratio; /* what the logarithm is taken of */
    const char *const *variables; /* n_slopes */
    scl_side side;
    bool trend;            /* by scl_trends instead of scl_regress */
    scl_grouping grouping; /* what a point's group is */
    const bool *excused; /* by group: a slope beyond the margin does not refute, and `excuse` says why; NULL: none is */
    const char *excuse;
} scl_term;

/* One-sided limits of a term: two for each slope of each group. */
size_t scl_term_limits(const scl_term *term);

/* Fits the term, adds its evidence lines, and what they mean for the verdict. */
scl_status scl_ruling_term(scl_ruling *ruling, const scl_term *term, const scl_cells *cells,
                           scl_error *err) SCL_CHECKED;

/* Cells of the claim's domain with replicates that went wrong keep it from being confirmed. */
scl_status scl_ruling_trouble(scl_ruling *ruling, size_t troubled, scl_error *err) SCL_CHECKED;

/* A constant, its limits and where it is attained. */
scl_status scl_ruling_constant(scl_ruling *ruling, const char *name, const scl_extreme *constant,
                               const scl_cells *cells, scl_error *err) SCL_CHECKED;

/* A reason against confirming (lacking) or for refuting, as part of a sentence. */
scl_status scl_ruling_add(scl_text *reasons, scl_error *err, const char *format, ...) SCL_PRINTF(3, 4) SCL_CHECKED;

/* The verdict and its reason; ends the evidence. Frees the ruling, also when an earlier call failed (pass its status).
 */
scl_status scl_ruling_close(scl_ruling *ruling, const char *confirmed_because, scl_status earlier,
                            scl_error *err) SCL_CHECKED;

/* Median of k values, which are sorted in place; NaN for k = 0. */
double scl_median(double *values, size_t k);

/* The same as text with 4 digits; "none (no cell)" for k = 0. Returns out. */
char *scl_median_text(char out[SCL_NUMBER_CHARS], double *values, size_t k);

#endif
