/* The spiked covariance model: x = U z + xi, Cov z = nu^2 I_r, Cov xi = D = diag(sigma2), C = nu^2 U U' + D.
 *
 * A specification names how U and D are made (it comes from the config); a model holds them as numbers.
 * Source: docs/theory.md, section 1. */
#ifndef SCL_MODEL_MODEL_H
#define SCL_MODEL_MODEL_H

#include "base/memory.h"
#include "linalg/matrix.h"
#include "random/laws.h"

#include <stdbool.h>
#include <stdint.h>

/* kind, name in configs, one line */
#define SCL_LOADINGS_LIST(X)                                                                                           \
    X(SCL_LOADINGS_HAAR, "haar", "uniform on the orthonormal d x r frames")                                            \
    X(SCL_LOADINGS_DCT, "dct", "cosines sqrt(2/d) cos(pi k (2j+1)/(2d)), k = 1..r")                                    \
    X(SCL_LOADINGS_POSITIVE, "positive", "polar factor of a uniform(0,1) matrix")

#define SCL_NOISE_LIST(X)                                                                                              \
    X(SCL_NOISE_CONSTANT, "constant", "sigma_j = sigma_max")                                                           \
    X(SCL_NOISE_LINEAR, "linear", "sigma_j = sigma_max (1 - (1 - 1/ratio) j/d)")                                       \
    X(SCL_NOISE_GAP, "gap", "r variances sigma_max^2 (1 - .01 k/r), the others linear from sigma_max^2/2 to /4")       \
    X(SCL_NOISE_GOLDEN, "golden", "sigma_j^2 = min + (max - min) frac(.6180339887498949 (j+1))")                       \
    X(SCL_NOISE_FILE, "file", "variances from a CSV file, one a row or one a column")

#define SCL_ENUM_NAME(kind, name, summary) kind,
typedef enum scl_loadings { SCL_LOADINGS_LIST(SCL_ENUM_NAME) SCL_N_LOADINGS } scl_loadings;
typedef enum scl_noise { SCL_NOISE_LIST(SCL_ENUM_NAME) SCL_N_NOISE } scl_noise;
#undef SCL_ENUM_NAME

/* Names and one-line summaries in the order of the enums, for the parser and `list`. */
extern const char *const scl_loadings_names[SCL_N_LOADINGS];
extern const char *const scl_loadings_summaries[SCL_N_LOADINGS];
extern const char *const scl_noise_names[SCL_N_NOISE];
extern const char *const scl_noise_summaries[SCL_N_NOISE];

typedef struct scl_model_spec {
    size_t d, r; /* 1 <= r <= d */
    double nu;   /* standard deviation of each latent coordinate, > 0 */
    scl_loadings loadings;
    scl_noise noise;
    double sigma_max;                  /* largest noise standard deviation (constant, linear, gap), > 0 */
    double ratio;                      /* linear: largest over (almost) smallest standard deviation, > 0 */
    double variance_min, variance_max; /* golden */
    const double *file_variances;      /* noise from a file: d positive variances, else NULL */
    scl_law latent, noise_law;         /* of each coordinate of z/nu and of D^{-1/2} xi, all independent */
} scl_model_spec;

typedef struct scl_model {
    size_t d, r;
    double nu;
    scl_matrix U;   /* d x r, orthonormal columns */
    double *sigma2; /* d noise variances, all positive */
    scl_law latent, noise_law;
    /* C = B B' with B = D^{1/2} (I + V diag(f) V'), see factor.c; for sampling */
    double *sigma; /* d, the square roots of sigma2 */
    scl_matrix V;  /* d x r, orthonormal columns */
    double *f;     /* r */
} scl_model;

/* Allocates a model of the given size (contents zero) and frees it. */
scl_status scl_model_new(scl_model *model, size_t d, size_t r, scl_error *err) SCL_CHECKED;
void scl_model_free(scl_model *model);

/* A model of size d x r in the storage of a larger one (at least d, r and d r), which keeps owning it. */
scl_model scl_model_within(const scl_model *storage, size_t d, size_t r);

/* Doubles of arena that scl_model_draw uses. */
size_t scl_model_workspace(size_t d, size_t r);

/* Fills a model of the spec's size: U from MODEL's stream of (seed, draw text), D from the spec, then the factor of C.
 *   inout model        allocated with the spec's d and r
 *   in    replicate    0 for `redraw: cell`, the replicate's number for `redraw: replicate`
 *   ws    scl_model_workspace(d, r) doubles
 *   returns SCL_OK, SCL_ERR_SHAPE, SCL_ERR_INPUT (a variance that is not positive), SCL_ERR_LAPACK */
scl_status scl_model_draw(scl_model *model, const scl_model_spec *spec, uint64_t seed, const char *loadings_text,
                          uint32_t replicate, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* True when z and xi are Gaussian, and with them every linear function of x. */
bool scl_laws_gaussian(scl_law latent, scl_law noise_law);

/* True when the spec's loadings are drawn at random (dct is not). */
bool scl_loadings_random(scl_loadings loadings);

/* C = nu^2 U U' + D, the full symmetric d x d matrix. */
void scl_model_covariance(scl_matrix C, const scl_model *model);

#endif
