/* What the tests of predictions share: models, and the dense spectrum of tau C - H. */
#ifndef SCL_TEST_THEORY_PREDICTING_H
#define SCL_TEST_THEORY_PREDICTING_H

#include "sample/sampling.h"
#include "theory/resolvent.h"

static const scl_shift predicting_shifts[] = {SCL_SHIFT_ZERO, SCL_SHIFT_DIAGONAL, SCL_SHIFT_NOISE};

/* Golden, linear, two-level with few loud coordinates (which overtake the spikes of C; in one model fewer than r), constant; unequal
 * spikes, also by a factor of 80, equal ones, and one below the noise; axis and coherent loadings. */
static inline scl_model predicting_model(size_t which)
{
    static const double nus[] = {2, 1.1, 1.6}, apart[] = {100, 1.25}, weak[] = {.004, .002};
    static const scl_model_spec specs[] = {
        {.d = 30,
         .r = 3,
         .nu = 1.4,
         .loadings = SCL_LOADINGS_HAAR,
         .noise = SCL_NOISE_GOLDEN,
         .variance_min = .25,
         .variance_max = 2},
        {.d = 24,
         .r = 3,
         .nu = 1.1,
         .nus = nus,
         .loadings = SCL_LOADINGS_HAAR,
         .noise = SCL_NOISE_LINEAR,
         .sigma_max = 1,
         .ratio = 2},
        {.d = 30,
         .r = 2,
         .nu = 1.2,
         .loadings = SCL_LOADINGS_HAAR,
         .noise = SCL_NOISE_TWO_LEVEL,
         .sigma_max = 1.7,
         .ratio = 4,
         .loud = .1},
        {.d = 20, .r = 2, .nu = 1.5, .loadings = SCL_LOADINGS_DCT, .noise = SCL_NOISE_CONSTANT, .sigma_max = 1},
        {.d = 25,
         .r = 2,
         .nu = 1.5,
         .loadings = SCL_LOADINGS_COHERENT,
         .mass = .4,
         .noise = SCL_NOISE_LINEAR,
         .sigma_max = 1,
         .ratio = 2},
        {.d = 12,
         .r = 1,
         .nu = 2,
         .loadings = SCL_LOADINGS_POSITIVE,
         .noise = SCL_NOISE_POWER,
         .sigma_max = 1,
         .exponent = .3},
        {.d = 20, .r = 3, .nu = .6, .loadings = SCL_LOADINGS_HAAR, .noise = SCL_NOISE_GAP, .sigma_max = 1},
        {.d = 30,
         .r = 3,
         .nu = 1.3,
         .loadings = SCL_LOADINGS_HAAR,
         .noise = SCL_NOISE_TWO_LEVEL,
         .sigma_max = 2,
         .ratio = 4,
         .loud = .05},
        {.d = 24,
         .r = 2,
         .nu = 1.25,
         .nus = apart,
         .loadings = SCL_LOADINGS_HAAR,
         .noise = SCL_NOISE_LINEAR,
         .sigma_max = 1,
         .ratio = 2},
        {.d = 24,
         .r = 2,
         .nu = .002,
         .nus = weak,
         .loadings = SCL_LOADINGS_HAAR,
         .noise = SCL_NOISE_LINEAR,
         .sigma_max = 1,
         .ratio = 2},
    };
    return sampling_model_of(&specs[which]);
}
enum { PREDICTING_MODELS = 10 };

/* Eigenpairs of tau C - H, and C, all dense. */
typedef struct predicting_spectrum {
    double *w;
    scl_matrix V, C;
} predicting_spectrum;

static inline predicting_spectrum predicting_dense(const scl_model *model, const double *H, double tau)
{
    size_t d = model->d;
    predicting_spectrum M = {.w = malloc(d * sizeof(double)), .C = dense_new(d, d)};
    scl_matrix shifted = dense_new(d, d);
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++) {
            double noise = a == b ? model->sigma2[a] : 0, c = 0;
            for (size_t k = 0; k < model->r; k++)
                c += sampling_nu(model, k) * sampling_nu(model, k) * SCL_AT(model->U, a, k) * SCL_AT(model->U, b, k);
            SCL_AT(M.C, a, b) = noise + c;
            SCL_AT(shifted, a, b) = (tau * noise - (a == b ? H[a] : 0)) + tau * c; /* weak spikes survive it */
        }
    dense_eigen(M.w, &M.V, shifted);
    scl_matrix_free(&shifted);
    return M;
}

static inline void predicting_free(predicting_spectrum *M)
{
    free(M->w);
    scl_matrix_free(&M->V);
    scl_matrix_free(&M->C);
}

/* u'C v of columns of V. */
static inline double predicting_form(const predicting_spectrum *M, size_t i, size_t j)
{
    double sum = 0;
    for (size_t a = 0; a < M->C.rows; a++)
        for (size_t b = 0; b < M->C.rows; b++) sum += SCL_AT(M->V, a, i) * SCL_AT(M->C, a, b) * SCL_AT(M->V, b, j);
    return sum;
}

#endif
