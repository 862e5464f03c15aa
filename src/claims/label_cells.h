/* Labelled cells: which alphas of `label-terms` were tried in each, and what they change over alpha = 0.
 *
 * Claims about labels are about means over replicates, and over models where these are redrawn per replicate: such cells judge as
 * well, unlike those of claims about one fixed U. A cell needs a task, m >= 2 labelled samples, a use with alpha = 0 (`contrastive`, which is
 * the same, or `label-terms{alpha=0}`) and one with alpha > 0. Uses of other estimators, or with further options, are no part of it.
 *
 * Legend: e_a the mean of a metric at alpha = a, s_a its standard error. The change is e_a - e_0. Where the config compares the two uses its
 * standard error is that of the differences on the same draws; elsewhere sqrt(s_a^2 + s_0^2), which is too large, since the two are positively
 * correlated, so that the limits err on the safe side, with the degrees of freedom of Welch and Satterthwaite. */
#ifndef SCL_CLAIMS_LABEL_CELLS_H
#define SCL_CLAIMS_LABEL_CELLS_H

#include "claims/claims.h"
#include "claims/ruling.h"

/* A change over alpha = 0, a difference of means. */
typedef struct scl_change {
    double value, se, df; /* se 0: exact */
} scl_change;

/* One-sided limits, each at this error probability. */
double scl_change_lower(const scl_change *change, double level);
double scl_change_upper(const scl_change *change, double level);

typedef struct scl_alpha {
    double alpha; /* > 0 */
    const scl_evidence *evidence;
    scl_change metric, also; /* of the claim's metric, and of its second one, where it has one */
} scl_alpha;

typedef struct scl_label_cell {
    const scl_evidence *base; /* alpha = 0 */
    const scl_alpha *tried;   /* n_tried, at least 1, alpha ascending */
    size_t n_tried;
    size_t n_missing; /* uses without a value */
    bool troubled;    /* replicates of a use failed, did not converge or were rank-deficient */
    double n, d, r, T, m;
} scl_label_cell;

typedef struct scl_label_cells {
    scl_label_cell *cells; /* n of them, in an order that depends on their values alone */
    scl_alpha *tried;
    struct scl_label_entry *entries;
    size_t n, n_given, n_entries;
    size_t n_other;      /* evidence of other uses */
    size_t n_unlabelled; /* without a task, or m < 2 */
    size_t n_copies;     /* of a use in a cell that has it */
    size_t n_alone;      /* cells without alpha = 0, or without alpha > 0 */
    size_t n_redrawn;    /* cells that judge, of models redrawn per replicate */
} scl_label_cells;

/* Free also after an error.
 *   in  claim  whether there is a second metric
 *   returns 0, SCL_ERR_MEMORY */
scl_status scl_label_cells_select(scl_label_cells *cells, const scl_claim *claim, const scl_evidence *given,
                                  size_t n_given, scl_error *err) SCL_CHECKED;
void scl_label_cells_free(scl_label_cells *cells);

/* An evidence line: how many cells there are, and what was left out. */
scl_status scl_label_cells_report(scl_text *evidence, const scl_label_cells *cells, scl_error *err) SCL_CHECKED;

/* "n = 2000, d = 100, r = 10, T = 1, m = 500 (haar, ..)" */
scl_status scl_label_cell_name(scl_text *text, const scl_label_cell *cell, scl_error *err) SCL_CHECKED;

/* The factor that the tried alphas span, to rounding. */
double scl_label_cell_span(const scl_label_cell *cell);

/* Keeps the claim from being confirmed on cells with missing values or troubled replicates. */
scl_status scl_label_cells_trouble(scl_ruling *ruling, size_t n_missing, size_t n_troubled, scl_error *err) SCL_CHECKED;

#endif
