/* Logistic regression of binary labels on learned features.
 *
 *   Z, y      features (k x m, samples are columns) and labels, 0 or 1
 *   w, c      weights (k) and intercept; the head's logit is v = w'z + c
 *   objective (1/m) sum_i log(1 + exp(-(2 y_i - 1) v_i)) + (ridge/2) ||w||^2; the intercept is not penalised
 * Without ridge there is a minimum iff no hyperplane has each sample on its label's side or on itself (Albert and Anderson,
 * Biometrika 71 (1984)): all others are separable, completely or nearly so. Labels
 * that overlap by so little that the mean loss would fall by 1e-11 no more count as separable. Found by Newton's method, from w = 0. */
#ifndef SCL_EVALUATE_LOGISTIC_HEAD_H
#define SCL_EVALUATE_LOGISTIC_HEAD_H

#include "base/error.h"
#include "base/memory.h"
#include "linalg/matrix.h"

typedef enum scl_head_outcome {
    SCL_HEAD_FITTED,    /* w and c are the minimum */
    SCL_HEAD_SEPARABLE, /* no minimum; w and c are far on the way to a hyperplane that separates */
    SCL_HEAD_ONE_LABEL, /* all labels are equal: w = 0, c = +-INFINITY */
    SCL_HEAD_EXHAUSTED, /* out of steps; w and c are the last point */
} scl_head_outcome;

typedef struct scl_head_fit {
    scl_head_outcome outcome;
    int iterations;
    double objective;     /* at w, c */
    double gradient_norm; /* there */
} scl_head_fit;

/* Doubles of arena for k features, whatever m is. */
size_t scl_logistic_head_workspace(size_t k);

/* Fits a head.
 *   out  w          k
 *   out  c          one number
 *   out  fit        how it went; no outcome is an error
 *   in   Z          k x m, k >= 1, m >= 1, not modified; linearly dependent features are allowed
 *   in   y          m values, each 0 or 1
 *   in   ridge      >= 0, finite; above 0 only labels that are all equal have no minimum
 *   ws   sized by scl_logistic_head_workspace(k)
 *   returns SCL_OK; SCL_ERR_SHAPE for no features or samples; SCL_ERR_INPUT for another label, a feature that is not finite, a bad
 *           ridge; SCL_ERR_LAPACK
 *   cost O(m k^2) per step, 5 to 10 steps, about 25 when separable */
scl_status scl_logistic_head(double *w, double *c, scl_head_fit *fit, scl_matrix Z, const double *y, double ridge,
                             scl_arena *ws, scl_error *err) SCL_CHECKED;

/* The same on the features Z = Q'X of samples X (d x m), Q d x k, without forming Z: no room for m samples is needed.
 *   cost O(m k (d + k)) per step */
scl_status scl_logistic_head_on(double *w, double *c, scl_head_fit *fit, scl_matrix Q, scl_matrix X, const double *y,
                                double ridge, scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
