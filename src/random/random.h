/* Random numbers: named, counter-based streams that give the same bits on every processor, compiler and vector width.
 *
 * A stream is the generator Philox4x32-10 under a key and a counter:
 *     key     = FNV-1a (64 bits) of "<seed>\n<ROLE>\n<draw text>"; key word 0 is its low half, word 1 its high half
 *     counter = (block low, block high, replicate, substream), four 32-bit words
 * A block is the four 32-bit outputs w0..w3 of one counter. Any block can be reached at once (set `block`), so draws
 * may be made in pieces, in any order and on any worker. Substream 0 is the bulk; substream 1 + i belongs to the i-th
 * value that takes a variable number of draws.
 *     word    W = w0 + 2^32 w1, or w2 + 2^32 w3
 *     uniform u = (k + 1/2) 2^-53, k = floor(W / 2^11), rounded to nearest and at most 1 - 2^-53, so 0 < u < 1
 *     normals z0 = R cos(2 pi u2), z1 = R sin(2 pi u2), R = sqrt(-2 log u1); u1 of w0 and w1, u2 of w2 and w3
 * The bits are part of the interface: a change of any of them changes every published number.
 *
 * Sources: Salmon, Moraes, Dror, Shaw, Parallel random numbers: as easy as 1, 2, 3, SC 2011; Box, Muller, A note on
 * the generation of random normal deviates, 1958. */
#ifndef SCL_RANDOM_RANDOM_H
#define SCL_RANDOM_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a stream is for; roles never share a key. The names are hashed: they may be added to, never changed. */
#define SCL_ROLE_LIST(X) X(MODEL) X(TASK) X(DATA) X(LABELS) X(MASKS) X(INIT) X(TEST) X(BOOTSTRAP) X(PILOT) X(ESTIMATOR)

typedef enum scl_role {
#define SCL_ROLE_ENUM(name) SCL_ROLE_##name,
    SCL_ROLE_LIST(SCL_ROLE_ENUM)
#undef SCL_ROLE_ENUM
        SCL_ROLES /* how many there are */
} scl_role;

typedef struct scl_stream {
    uint64_t block; /* the next block to be used; may be set */
    uint32_t key[2];
    uint32_t replicate, substream;
} scl_stream;

/* "MODEL" and so on; NULL for a value that is no role. */
const char *scl_role_name(scl_role role);

/* The 64-bit hash that is the stream's key. Equal keys of different draws are a collision, which the plan refuses.
 *   in   seed        written in decimal
 *   in   role        one of SCL_ROLE_LIST
 *   in   draw_text   all that the draw depends on, canonical, NUL-terminated */
uint64_t scl_stream_hash(uint64_t seed, scl_role role, const char *draw_text);

/* Block 0 of the bulk of a replicate. */
scl_stream scl_stream_make(uint64_t seed, scl_role role, const char *draw_text, uint32_t replicate);

/* Block 0 of substream 1 + i of the same key and replicate, wherever `stream` stands; i < 2^32 - 1. */
scl_stream scl_stream_sub(const scl_stream *stream, uint32_t i);

/* The next block's outputs w0..w3; the stream advances by one block. */
void scl_stream_block(uint32_t out[4], scl_stream *stream);

/* One draw, by one block: its first uniform, its first normal. */
double scl_stream_uniform(scl_stream *stream);
double scl_stream_normal(scl_stream *stream);

/* An index below n, floor(n W / 2^64) with the block's first W, by one block; 1 <= n <= 2^32. No index is more likely
 * than another by a factor above 1 + n 2^-64 < 1 + 3e-10. */
size_t scl_stream_index(scl_stream *stream, size_t n);

/* Fills: n values, two per block in the order above; the stream advances by ceil(n / 2) blocks, and the last block's
 * second value is lost when n is odd. So pieces of even size give the bits of the whole.
 *   out  out      n values
 *   cost per normal 1.8 ns (AVX-512), 4.2 (AVX2), 8.4 (SSE2), per uniform .7, 1.7, 3.4 (2 GHz AMD EPYC, gcc 12) */
void scl_stream_uniforms(double *out, scl_stream *stream, size_t n);
void scl_stream_normals(double *out, scl_stream *stream, size_t n);

/* A chi-square value with df degrees of freedom, any finite df >= 1 (NaN below); it takes a variable number of blocks,
 * so give it a substream. df = 1 is a squared normal, otherwise Marsaglia and Tsang 2000 (chisquare.h).
 *   cost 60 ns */
double scl_chi_square(scl_stream *substream, double df);

/* Bartlett's diagonal: out[i] is chi-square with df_first - i degrees of freedom and has the bits of
 *     scl_stream sub = scl_stream_sub(stream, i);  out[i] = scl_chi_square(&sub, df_first - i);
 *   in   n   n < 2^32 and n <= df_first; values with fewer than one degree of freedom are NaN
 *   the stream itself does not advance
 *   cost 13 ns per value with AVX-512 */
void scl_chi_squares(double *out, const scl_stream *stream, size_t n, double df_first);

#endif
