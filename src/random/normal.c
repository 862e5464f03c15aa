/* Fills of uniforms and normals: whole batches straight into the caller's array, an odd last value by a detour. */
#include "random/batch.h"
#include "random/random.h"

static void fill(double *out, scl_stream *stream, size_t n,
                 void (*batch)(double *restrict out, const scl_stream *stream, size_t blocks))
{
    for (size_t pairs = n / 2; pairs > 0;) {
        size_t blocks = pairs < SCL_BATCH ? pairs : SCL_BATCH;
        batch(out, stream, blocks);
        out += 2 * blocks, pairs -= blocks, stream->block += blocks;
    }
    if (n % 2 == 1) {
        double pair[2];
        batch(pair, stream, 1);
        *out = pair[0];
        stream->block++;
    }
}

void scl_stream_uniforms(double *out, scl_stream *stream, size_t n)
{
    fill(out, stream, n, scl_batch_best()->uniforms);
}

void scl_stream_normals(double *out, scl_stream *stream, size_t n)
{
    fill(out, stream, n, scl_batch_best()->normals);
}
