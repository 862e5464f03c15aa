/* The spectrum of M = tau C - H, H diagonal, without forming it: M is a diagonal matrix plus one of rank r, so that its leading
 * pairs are roots of a secular equation of size r.
 *
 *   M = diag(lambda) + U diag(t) U',  lambda = tau D - H,  t_k = tau nu_k^2
 *
 * Pairs (w_j, v_j) of M descend algebraically; the first r are the leading ones, the others the trailing ones. */
#ifndef SCL_THEORY_SPECTRUM_H
#define SCL_THEORY_SPECTRUM_H

#include "estimate/estimate.h"
#include "model/model.h"

typedef struct scl_spectrum {
    const scl_model *model; /* d > r */
    const double *H;        /* d */
    double tau;
    double *w;     /* r leading eigenvalues, descending */
    scl_matrix V;  /* d x r, their eigenvectors */
    bool gap;      /* w_r lies above w_{r+1}: else nothing of the rest means anything */
    double *base;  /* d: lambda less what L carries */
    scl_matrix L;  /* d x s: columns of the part of low rank, */
    double *theta; /* ... and its s positive weights: M = diag(base) + L diag(theta) L' */
    size_t s;      /* r, or up to 2 r where coordinates of loud noise are carried too */
    scl_arena *ws;
} scl_spectrum;

/* Room for a spectrum, its own scratch included; its fields live in ws until that is rewound. */
size_t scl_spectrum_workspace(size_t d, size_t r);
scl_status scl_spectrum_new(scl_spectrum *M, const scl_model *model, const double *H, scl_arena *ws,
                            scl_error *err) SCL_CHECKED;

/* The leading pairs at tau > 0. SCL_ERR_LAPACK. */
scl_status scl_spectrum_at(scl_spectrum *M, double tau, scl_error *err) SCL_CHECKED;

/* H of an estimator's shift: 0, diag C or D. Shape d. */
void scl_shift_diagonal(double *H, scl_shift shift, const scl_model *model);

#endif
