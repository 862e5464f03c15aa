/* The estimators by name, and what those built on the leading eigenspace of a matrix share. */
#ifndef SCL_ESTIMATE_ESTIMATORS_H
#define SCL_ESTIMATE_ESTIMATORS_H

#include "estimate/estimate.h"
#include "linalg/linalg.h"

extern const scl_estimator scl_estimator_pca;
extern const scl_estimator scl_estimator_contrastive;
extern const scl_estimator scl_estimator_diagonal_deletion;
extern const scl_estimator scl_estimator_correlation_pca;
extern const scl_estimator scl_estimator_gan;
extern const scl_estimator scl_estimator_regularised_autoencoder;
extern const scl_estimator scl_estimator_masked_autoencoder;
extern const scl_estimator scl_estimator_heteropca;
extern const scl_estimator scl_estimator_deflated_heteropca;
extern const scl_estimator scl_estimator_noise_oracle;
extern const scl_estimator scl_estimator_whitening_oracle;
extern const scl_estimator scl_estimator_factor_analysis;
extern const scl_estimator scl_estimator_oracle;
extern const scl_estimator scl_estimator_random;
extern const scl_estimator scl_estimator_supervised_contrastive;
extern const scl_estimator scl_estimator_label_terms;
extern const scl_estimator scl_estimator_ols;
extern const scl_estimator scl_estimator_ridge;
extern const scl_estimator scl_estimator_lda;

/* Q and values = the top-r eigenpairs of M (symmetric), scales = sqrt(max(value, 0) * scale_factor); status rank-deficient
 * when the r-th value is not positive beyond rounding (d eps times the largest: a singular S must not say one thing on one
 * machine and another on the next). Residuals on a sample are at most 1e-8 of the r-th value and far below its sampling error
 * (so its model sets the accuracy, never the answer); on the population LAPACK's full accuracy.
 *   ws  scl_leading_workspace(d, r) */
scl_status scl_fit_leading(scl_representation *out, scl_fit_info *info, scl_matrix M, const scl_sample *sample,
                           double scale_factor, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* The row space of W whose transpose is B diag(weights): Q spans the columns of B, and Q diag(scale) are the left singular vectors
 * and values of B diag(weights), scales descending (values are left alone). A weight of 0 keeps its column's direction in Q and
 * gives a scale of exactly 0.
 *   in  B        d x r, full rank
 *   in  weights  r, >= 0
 *   ws  scl_fit_row_space_workspace(d, r)
 *   returns SCL_OK, SCL_ERR_LAPACK */
size_t scl_fit_row_space_workspace(size_t d, size_t r);
scl_status scl_fit_row_space(scl_representation *out, scl_matrix B, const double *weights, scl_arena *ws,
                             scl_error *err) SCL_CHECKED;
/* Its parts: the tolerance for scl_leading, and scales, status and the eigen-solver's report once Q and values are there. */
double scl_fit_tolerance(const scl_sample *sample);
void scl_fit_report(scl_representation *out, scl_fit_info *info, const scl_leading_info *eigen, double scale_factor);

/* M = S - diag(shift), d numbers; NULL: S without its diagonal. */
void scl_shifted_matrix(scl_matrix M, const double *shift, const scl_sample *sample);
/* Its fit.
 *   ws  scl_fit_matrix_workspace(d, r) */
scl_status scl_fit_shifted(scl_representation *out, scl_fit_info *info, const double *shift, const scl_sample *sample,
                           scl_arena *ws, scl_error *err) SCL_CHECKED;

/* The shift of estimators that learn the PCA space, with any options. */
scl_shift_use scl_fit_shift_zero(const double *options);

/* Doubles of arena for scl_fit_leading alone, and with a d x d matrix of its own. */
size_t scl_fit_leading_workspace(size_t d, size_t r);
size_t scl_fit_matrix_workspace(size_t d, size_t r);

#endif
