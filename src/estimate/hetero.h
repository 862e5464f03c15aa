/* The iteration that heteropca and deflated-heteropca share.
 *
 *   M_0 given, M_t = M_{t-1} with its diagonal replaced by that of its rank-k truncation, until
 *   max_j |new_j - old_j| < tolerance max_j |new_j|, new = diag M_t, old = diag M_{t-1}.
 * Source: docs/theory.md, section 2; Zhang, Cai, Wu (2022), algorithm 1. */
#ifndef SCL_ESTIMATE_HETERO_H
#define SCL_ESTIMATE_HETERO_H

#include "estimate/estimate.h"
#include "linalg/linalg.h"

/* Which eigenpairs the truncation keeps, as the option's words. */
typedef enum scl_truncation {
    SCL_TRUNCATION_MAGNITUDE, /* the k of largest modulus: the best approximation of rank k */
    SCL_TRUNCATION_PSD        /* the k largest, negative ones as 0: the best positive semidefinite one */
} scl_truncation;
extern const char *const scl_truncation_words[3];

typedef struct scl_hetero {
    scl_truncation truncation;
    double tolerance;
    int max_iterations; /* of each run */
    scl_matrix M;       /* d x d, symmetric: the iterate */
    scl_matrix Q;       /* d x r and r, for pairs */
    double *values;
    scl_leading_start start; /* warm from one iteration to the next */
    int iterations;          /* of all runs */
    bool converged;          /* every run so far */
} scl_hetero;

/* Rows of a table of options. */
#define SCL_HETERO_TOLERANCE                                                                                           \
    {                                                                                                                  \
        .key = "tolerance", .fallback = 1e-6, .low = 1e-12, .high = 0.1,                                               \
        .meaning = "largest change of the diagonal, relative to its largest entry, at which to stop"                   \
    }
#define SCL_HETERO_MAX_ITERATIONS                                                                                      \
    {                                                                                                                  \
        .key = "max-iterations", .fallback = 1000, .low = 1, .high = 1e6,                                              \
        .meaning = "iterations after which the fit is `unconverged`", .whole = true                                    \
    }

size_t scl_hetero_workspace(size_t d, size_t r);

/* Room in the arena for pairs up to out's r, and M = Delta(S). */
scl_status scl_hetero_begin(scl_hetero *hetero, const scl_representation *out, const scl_sample *sample, scl_arena *ws,
                            scl_error *err) SCL_CHECKED;

/* Iterates M at rank k, 1 <= k <= r. Not converging is no error. */
scl_status scl_hetero_run(scl_hetero *hetero, size_t k, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* The representation: the pairs that the truncation of M at rank r keeps, status, iterations. */
scl_status scl_hetero_end(scl_representation *out, scl_fit_info *info, scl_hetero *hetero, const scl_sample *sample,
                          scl_arena *ws, scl_error *err) SCL_CHECKED;

#endif
