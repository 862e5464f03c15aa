/* A block of samples drawn as data:
 *
 *   Z  r x m of the latent law, or with kind classes the simplex points of m uniform classes
 *   E  d x m of the noise law        X = U diag(nu_k) Z + D^{1/2} E        (d x m, one column a sample)
 *
 * BLOCK is part of the stream's layout: changing it changes every number drawn from data. */
#ifndef SCL_SAMPLE_DATA_BLOCK_H
#define SCL_SAMPLE_DATA_BLOCK_H

#include "base/memory.h"
#include "linalg/matrix.h"
#include "model/model.h"
#include "random/random.h"

enum { SCL_DATA_BLOCK = 256 };

typedef struct scl_data_block {
    const scl_model *model;
    scl_matrix Z, X;    /* of the samples drawn last; Z in units of nu_k */
    scl_matrix spikes;  /* U diag(nu_k) */
    scl_matrix simplex; /* r x (r + 1), kind classes alone; else no columns */
    double *class_of;   /* of each sample, kind classes alone */
    double *sigma;      /* d */
} scl_data_block;

/* Takes its arrays from the arena. */
size_t scl_data_block_workspace(size_t d, size_t r, bool classes);
scl_status scl_data_block_take(scl_data_block *block, const scl_model *model, scl_arena *ws,
                               scl_error *err) SCL_CHECKED;

/* Draws m <= SCL_DATA_BLOCK samples. */
void scl_data_block_draw(scl_data_block *block, size_t m, scl_stream *stream);

/* S = (S - n mean mean')/(n - 1) for S = sum x x', zeros where n = 1; entries of coordinates that have one value in all samples
 * (two-point laws, few samples) become 0, whatever rounding left of them. Both triangles. */
void scl_centre_products(scl_matrix S, const double *mean, double n);

#endif
