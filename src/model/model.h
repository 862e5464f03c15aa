/* The spiked covariance model: x = U z + xi, Cov z = nu^2 I_r, Cov xi = D = diag(sigma2), C = nu^2 U U' + D.
 * Spikes may be unequal: Cov z = diag(nu_1^2 .. nu_r^2), C = U diag(nu_k^2) U' + D, nu_k along column k of U.
 *
 * A specification names how U and D are made (it comes from the config); a model holds them as numbers.
 * Source: docs/theory.md, section 1. */
#ifndef SCL_MODEL_MODEL_H
#define SCL_MODEL_MODEL_H

#include "base/memory.h"
#include "linalg/matrix.h"
#include "model/task.h"
#include "random/laws.h"

#include <stdbool.h>
#include <stdint.h>

/* kind, name in configs, one line */
#define SCL_LOADINGS_LIST(X)                                                                                           \
    X(SCL_LOADINGS_HAAR, "haar", "uniform on the orthonormal d x r frames")                                            \
    X(SCL_LOADINGS_DCT, "dct", "cosines sqrt(2/d) cos(pi k (2j+1)/(2d)), k = 1..r")                                    \
    X(SCL_LOADINGS_POSITIVE, "positive", "polar factor of a uniform(0,1) matrix")                                      \
    X(SCL_LOADINGS_AXIS, "axis", "the first r coordinate vectors, not random")                                         \
    X(SCL_LOADINGS_COHERENT, "coherent",                                                                               \
      "U = [sqrt(mass) I_r; sqrt(1 - mass) V], V uniform on the orthonormal (d - r) x r frames, d >= 2 r")             \
    X(SCL_LOADINGS_FILE, "file", "d rows of r numbers from a CSV file: an orthonormal frame")

#define SCL_NOISE_LIST(X)                                                                                              \
    X(SCL_NOISE_CONSTANT, "constant", "sigma_j = sigma_max")                                                           \
    X(SCL_NOISE_LINEAR, "linear", "sigma_j = sigma_max (1 - (1 - 1/ratio) j/d)")                                       \
    X(SCL_NOISE_GAP, "gap", "r variances sigma_max^2 (1 - .01 k/r), the others linear from sigma_max^2/2 to /4")       \
    X(SCL_NOISE_TWO_LEVEL, "two-level",                                                                                \
      "sigma_j = sigma_max for the first round(loud d) coordinates, else sigma_max/ratio")                             \
    X(SCL_NOISE_GOLDEN, "golden", "sigma_j^2 = min + (max - min) frac(.6180339887498949 (j+1))")                       \
    X(SCL_NOISE_POWER, "power", "sigma_j = sigma_max (j+1)^(-exponent)")                                               \
    X(SCL_NOISE_UNIFORM, "uniform", "sigma_j^2 drawn from uniform(min, max), independently")                           \
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
    size_t d, r;       /* 1 <= r <= d */
    double nu;         /* standard deviation of each latent coordinate, > 0; of unequal ones the smallest */
    const double *nus; /* r standard deviations of unequal spikes, > 0; NULL: all are nu */
    scl_loadings loadings;
    double mass;                 /* coherent: share of each column's square on the first r coordinates, 0 to 1 */
    const double *file_loadings; /* loadings from a file: d rows of r numbers, else NULL */
    scl_noise noise;
    double sigma_max;                  /* noise standard deviation of coordinate 0 (constant to power), > 0 */
    double ratio;                      /* first over last standard deviation (linear: almost; two-level), > 0 */
    double loud;                       /* two-level: the share of coordinates with sigma_max */
    double exponent;                   /* power, >= 0 */
    double variance_min, variance_max; /* golden, uniform */
    const double *file_variances;      /* noise from a file: d positive variances, else NULL */
    scl_law latent, noise_law;         /* of each coordinate of z/nu and of D^{-1/2} xi, all independent */
    scl_task_spec task;                /* with kind classes z is a class's mean and latent says nothing */
} scl_model_spec;

typedef struct scl_model {
    size_t d, r;
    double nu;         /* the smallest standard deviation of a latent coordinate */
    const double *nus; /* r of them when spikes are unequal (the specification's), NULL: all are nu */
    scl_matrix U;      /* d x r, orthonormal columns */
    double *sigma2;    /* d noise variances, all positive */
    scl_law latent, noise_law;
    scl_task task; /* drawn by itself, scl_task_draw; without that its kind is none */
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

/* Fills a model of the spec's size: U and D, each from MODEL's stream of (seed, its draw text), then the factor of C.
 *   inout model        allocated with the spec's d and r
 *   in    noise_text   NULL when D is not random (scl_noise_random)
 *   in    replicate    0 for `redraw: cell`, the replicate's number for `redraw: replicate`
 *   ws    scl_model_workspace(d, r) doubles
 *   returns SCL_OK, SCL_ERR_SHAPE, SCL_ERR_INPUT (a variance that is not positive), SCL_ERR_LAPACK */
scl_status scl_model_draw(scl_model *model, const scl_model_spec *spec, uint64_t seed, const char *loadings_text,
                          const char *noise_text, uint32_t replicate, scl_arena *ws, scl_error *err) SCL_CHECKED;

/* True when z and xi are Gaussian, and with them every linear function of x. */
bool scl_laws_gaussian(scl_law latent, scl_law noise_law);

/* True when the spec's loadings are drawn at random (dct, axis and a file's are not). */
bool scl_loadings_random(scl_loadings loadings);

/* The same for the noise variances (uniform), and for any part of the model, its task included. */
bool scl_noise_random(scl_noise noise);
bool scl_model_random(const scl_model_spec *spec);

/* How many coordinates of two-level noise are loud: loud d, rounded to a whole number, halves upwards. */
size_t scl_noise_loud(const scl_model_spec *spec);

/* How far a file's loadings, d rows of r numbers, are from orthonormal: max |U'U - I|, and how far they may be. What is nearer is
 * replaced by its polar factor, the nearest orthonormal frame, when the model is drawn. */
double scl_loadings_deviation(const double *rows, size_t d, size_t r);
#define SCL_LOADINGS_TOLERANCE 1e-6

/* The standard deviation along column k of U; the largest of them. */
double scl_model_nu(const scl_model *model, size_t k);
double scl_model_largest_nu(const scl_model *model);

/* C = U diag(nu_k^2) U' + D, the full symmetric d x d matrix. */
void scl_model_covariance(scl_matrix C, const scl_model *model);

#endif
