/* The proportional limit, n and d to infinity at a fixed d/n: where the leading eigenvalues of S - H go and what angle their
 * vectors make with the truth, for H = 0 (PCA), H = diag S (contrastive, diagonal-deletion) and H = D (noise-oracle).
 * Source: docs/theory.md, section 4 (PCA known; diagonal shifts derived for this project, checked by simulation). */
#ifndef SCL_THEORY_LIMIT_H
#define SCL_THEORY_LIMIT_H

#include "estimate/estimate.h"
#include "model/model.h"

/* Limits for r directions; arrays are the caller's, of length r. */
typedef struct scl_limit {
    double *outliers; /* position of the i-th eigenvalue of S - H outside the bulk; NaN: there is none */
    double *sines2;   /* squared sines of the principal angles between U and Q, descending */
    size_t above;     /* how many directions are above the transition; of the others nothing is learned */
    double
        regained; /* sum of squared cosines that sampling turns from leading eigenvectors into the part of U beyond them, to first
                        order: the limit counts it as lost */
    bool gap; /* the r-th eigenvalue of C - H is apart from the next: else there is no limit and nothing is filled */
} scl_limit;

size_t scl_limit_workspace(size_t d, size_t r);

/*   in  n  > 1; infinite: the population
 *   returns SCL_OK, SCL_ERR_LAPACK */
scl_status scl_limit_of(scl_limit *out, const scl_model *model, scl_shift shift, double n, scl_arena *ws,
                        scl_error *err) SCL_CHECKED;

/* Whether `regained` is at most 1 % of the squared error. Where loud noise overtakes one of several spikes, sampling mixes those on
 * both sides of the r-th place, which costs nothing; the limit takes what leaves v_i for lost, and is too large. */
bool scl_limit_holds(const scl_limit *limit, size_t r);

/* Whether the limit is claimed for such laws: finite fourth moments (Student's law needs df > 4). Gaussian laws: checked; others:
 * the universality that random matrix theory leads to expect, not proved here. */
bool scl_limit_for_laws(scl_law latent, scl_law noise_law);

#endif
