/* Masks of coordinates: A = diag(a_1..a_d), a_j in {0, 1}.
 *
 *   bernoulli  a_j independent, P(a_j = 1) = p
 *   half       exactly floor(d/2) of the a_j are 1, every such choice equally likely; p = 1/2
 * Masks come in blocks of up to 64, a bit for each: bit k of a[j] is a_j of the k-th. Source: docs/theory.md, section 2. */
#ifndef SCL_ESTIMATE_MASKS_H
#define SCL_ESTIMATE_MASKS_H

#include "random/random.h"

#include <stddef.h>
#include <stdint.h>

enum { SCL_MASK_BLOCK = 64 };

typedef enum scl_mask_kind { SCL_MASKS_BERNOULLI, SCL_MASKS_HALF } scl_mask_kind;

typedef struct scl_mask_law {
    scl_mask_kind kind;
    double p; /* of a bernoulli mask; half does not read it */
} scl_mask_law;

/* Probabilities of a mask: that it keeps a coordinate; that it keeps both of two; that it keeps one of the two alone. */
typedef struct scl_mask_moments {
    double one, both, differ;
} scl_mask_moments;

scl_mask_moments scl_mask_moments_of(scl_mask_law law, size_t d);

/* Draws the k-th mask of a block, k < 64, whose bits are 0 so far: d uniforms u_0.. from the stream's next block on;
 * bernoulli keeps j when u_j < p, half when u_j (d - j) < floor(d/2) - kept so far (Fan, Muller and Rezucha 1962).
 *   inout a         d words
 *   ws    uniforms  d */
void scl_mask_draw(uint64_t *a, size_t k, scl_mask_law law, size_t d, double *uniforms, scl_stream *stream);

#endif
