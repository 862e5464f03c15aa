/* Named streams: the key from seed, role and draw text; blocks and single draws. random.h holds the definitions.
 *
 * Blocks come from Random123 here and from elementary.h in the fills; tests hold the two, and the published known
 * answers, against each other. Random123's own wrappers are not used: its GSL one loses a carry. */
#include "random/random.h"

#include "base/text.h"
#include "random/elementary.h"

#include <Random123/philox.h>
#include <inttypes.h>
#include <stdio.h>

#define SEED_CHARS 24 /* 20 digits of 2^64 - 1, the line feed and NUL */

const char *scl_role_name(scl_role role)
{
    static const char *const names[] = {
#define ROLE_NAME(name) #name,
        SCL_ROLE_LIST(ROLE_NAME)
#undef ROLE_NAME
    };
    return (unsigned)role < SCL_ROLES ? names[role] : NULL;
}

uint64_t scl_stream_hash(uint64_t seed, scl_role role, const char *draw_text)
{
    char seed_line[SEED_CHARS];
    int length = snprintf(seed_line, sizeof seed_line, "%" PRIu64 "\n", seed);
    const char *name = scl_role_name(role);
    unsigned long long hash = scl_fnv1a(SCL_FNV_START, seed_line, (size_t)length);
    if (name != NULL) hash = scl_fnv1a(hash, name, strlen(name));
    hash = scl_fnv1a(hash, "\n", 1);
    return scl_fnv1a(hash, draw_text, strlen(draw_text));
}

scl_stream scl_stream_make(uint64_t seed, scl_role role, const char *draw_text, uint32_t replicate)
{
    uint64_t hash = scl_stream_hash(seed, role, draw_text);
    return (scl_stream){.key = {(uint32_t)hash, (uint32_t)(hash >> 32)}, .replicate = replicate};
}

scl_stream scl_stream_sub(const scl_stream *stream, uint32_t i)
{
    scl_stream sub = *stream;
    sub.block = 0;
    sub.substream = 1 + i;
    return sub;
}

void scl_stream_block(uint32_t out[4], scl_stream *stream)
{
    uint64_t block = stream->block++;
    philox4x32_ctr_t counter = {{(uint32_t)block, (uint32_t)(block >> 32), stream->replicate, stream->substream}};
    philox4x32_key_t key = {{stream->key[0], stream->key[1]}};
    philox4x32_ctr_t words = philox4x32_R(SCL_PHILOX_ROUNDS, counter, key);
    memcpy(out, words.v, sizeof words.v);
}

double scl_stream_uniform(scl_stream *stream)
{
    uint32_t w[4];
    scl_stream_block(w, stream);
    return scl_uniform(w[0], w[1]);
}

double scl_stream_normal(scl_stream *stream)
{
    uint32_t w[4];
    scl_stream_block(w, stream);
    double cosine, sine;
    scl_cos_sin(&cosine, &sine, scl_uniform(w[2], w[3]));
    return scl_radius(scl_uniform(w[0], w[1])) * cosine;
}

size_t scl_stream_index(scl_stream *stream, size_t n)
{
    uint32_t w[4];
    scl_stream_block(w, stream);
    /* n (w0 + 2^32 w1) / 2^64 without 128-bit integers, which C17 does not have */
    uint64_t low = ((uint64_t)n * w[0]) >> 32;
    return (size_t)(((uint64_t)n * w[1] + low) >> 32);
}
