/* Masks of coordinates: see masks.h. */
#include "estimate/masks.h"

#include <stdbool.h>

scl_mask_moments scl_mask_moments_of(scl_mask_law law, size_t d)
{
    if (law.kind == SCL_MASKS_BERNOULLI)
        return (scl_mask_moments){.one = law.p, .both = law.p * law.p, .differ = 2.0 * law.p * (1.0 - law.p)};
    double size = (double)d, kept = (double)(d / 2), pairs = d > 1 ? size * (size - 1.0) : 1.0;
    return (scl_mask_moments){
        .one = kept / size, .both = kept * (kept - 1.0) / pairs, .differ = 2.0 * kept * (size - kept) / pairs};
}

void scl_mask_draw(uint64_t *a, size_t k, scl_mask_law law, size_t d, double *uniforms, scl_stream *stream)
{
    size_t to_keep = d / 2;
    scl_stream_uniforms(uniforms, stream, d);
    for (size_t j = 0; j < d; j++) {
        bool keeps = law.kind == SCL_MASKS_HALF ? uniforms[j] * (double)(d - j) < (double)to_keep : uniforms[j] < law.p;
        to_keep -= keeps && law.kind == SCL_MASKS_HALF;
        a[j] |= (uint64_t)keeps << k;
    }
}
