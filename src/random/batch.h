/* Room-internal: the vectorised part, one set of functions per kind of processor. Every set gives the same bits; tests
 * compare them all. */
#ifndef SCL_RANDOM_BATCH_H
#define SCL_RANDOM_BATCH_H

#include "random/random.h"

#define SCL_BATCH 128 /* blocks per call at most: the words (4 kB) stay in the first cache; more gains nothing */

typedef struct scl_batch {
    const char *name;
    /* The next `blocks` <= SCL_BATCH blocks of the stream as 2 * blocks values; the stream does not advance. */
    void (*uniforms)(double *restrict out, const scl_stream *stream, size_t blocks);
    void (*normals)(double *restrict out, const scl_stream *stream, size_t blocks);
    /* The next `blocks` <= SCL_BATCH blocks as one Student value each, df > 2 degrees of freedom, variance 1; the stream
     * does not advance. */
    void (*students)(double *restrict out, const scl_stream *stream, size_t blocks, double df);
    /* out[i], i < n <= SCL_BATCH: the chi-square value with df_first - i degrees of freedom of substream 1 + first + i
     * when its first attempt is accepted by the squeeze; SCL_UNDECIDED otherwise. */
    void (*chi_squares)(double *restrict out, const scl_stream *stream, size_t first, size_t n, double df_first);
} scl_batch;

#define SCL_UNDECIDED (-1.0)

/* The i-th set, slowest first; NULL when this processor cannot run it, or there is none. */
#define SCL_BATCH_SETS 4
const scl_batch *scl_batch_set(int i);

/* The fastest set this processor can run. */
const scl_batch *scl_batch_best(void);

#endif
