/* The vectorised functions, included by batch.c once for each kind of processor; it says what SET, TARGET, LANES and
 * MULTIPLY_LOW are.
 *
 * Philox works on the low halves of 64-bit lanes: the multiplication ignores the high halves, so whatever gathers there
 * never needs to be cleared. The other loops are plain C, for the compiler to vectorise. */
#ifdef SET

#define JOIN_(a, b) a##_##b
#define JOIN(a, b)  JOIN_(a, b)
#define NAME(what)  JOIN(what, SET)
#define lanes       NAME(lanes)
#define words       NAME(words)

typedef uint64_t lanes __attribute__((vector_size(8 * LANES)));

/* Outputs of SCL_BATCH blocks, in the low halves. */
typedef struct words {
    uint64_t w[4][SCL_BATCH] __attribute__((aligned(64)));
} words;

/* Philox4x32-10 of the counters (block + i block_step, replicate, substream + i substream_step), i < count, rounded up
 * to whole vectors; the steps are 0 or 1. */
TARGET static inline void NAME(make_words)(words *out, const scl_stream *stream, size_t count, uint64_t block_step,
                                           uint64_t substream_step)
{
    static const uint64_t counting[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    const lanes zero = {0};
    const lanes m0 = zero + SCL_PHILOX_M0, m1 = zero + SCL_PHILOX_M1;
    lanes i;
    memcpy(&i, counting, sizeof i);
    lanes blocks = stream->block + i * block_step, substreams = stream->substream + i * substream_step;
    for (size_t at = 0; at < count; at += LANES) {
        lanes c0 = blocks, c1 = blocks >> 32, c2 = zero + stream->replicate, c3 = substreams;
        uint64_t k0 = stream->key[0], k1 = stream->key[1];
#pragma GCC unroll 10
        for (int round = 0; round < SCL_PHILOX_ROUNDS; round++) {
            lanes p0 = MULTIPLY_LOW(c0, m0), p1 = MULTIPLY_LOW(c2, m1);
            c0 = (p1 >> 32) ^ c1 ^ k0, c1 = p1;
            c2 = (p0 >> 32) ^ c3 ^ k1, c3 = p0;
            k0 += SCL_PHILOX_W0, k1 += SCL_PHILOX_W1;
        }
        memcpy(&out->w[0][at], &c0, sizeof c0), memcpy(&out->w[1][at], &c1, sizeof c1);
        memcpy(&out->w[2][at], &c2, sizeof c2), memcpy(&out->w[3][at], &c3, sizeof c3);
        blocks += LANES * block_step, substreams += LANES * substream_step;
    }
}

TARGET static void NAME(uniforms)(double *restrict out, const scl_stream *stream, size_t blocks)
{
    words a;
    NAME(make_words)(&a, stream, blocks, 1, 0);
    for (size_t i = 0; i < blocks; i++) {
        out[2 * i] = scl_uniform(a.w[0][i], a.w[1][i]);
        out[2 * i + 1] = scl_uniform(a.w[2][i], a.w[3][i]);
    }
}

TARGET static void NAME(normals)(double *restrict out, const scl_stream *stream, size_t blocks)
{
    words a;
    NAME(make_words)(&a, stream, blocks, 1, 0);
    for (size_t i = 0; i < blocks; i++) {
        double cosine, sine, radius = scl_radius(scl_uniform(a.w[0][i], a.w[1][i]));
        scl_cos_sin(&cosine, &sine, scl_uniform(a.w[2][i], a.w[3][i]));
        out[2 * i] = radius * cosine;
        out[2 * i + 1] = radius * sine;
    }
}

TARGET static void NAME(students)(double *restrict out, const scl_stream *stream, size_t blocks, double df)
{
    words a;
    NAME(make_words)(&a, stream, blocks, 1, 0);
    for (size_t i = 0; i < blocks; i++) {
        double cosine, sine, radius = scl_student_radius(scl_uniform(a.w[0][i], a.w[1][i]), df);
        scl_cos_sin(&cosine, &sine, scl_uniform(a.w[2][i], a.w[3][i]));
        out[i] = radius * cosine;
    }
}

TARGET static void NAME(chi_squares)(double *restrict out, const scl_stream *stream, size_t first, size_t n,
                                     double df_first)
{
    words a, b; /* an attempt's two blocks: a normal and a uniform */
    scl_stream sub = scl_stream_sub(stream, (uint32_t)first);
    NAME(make_words)(&a, &sub, n, 0, 1);
    sub.block = 1;
    NAME(make_words)(&b, &sub, n, 0, 1);
    for (size_t i = 0; i < n; i++) {
        double cosine, sine, df = df_first - scl_to_double(first + i);
        scl_cos_sin(&cosine, &sine, scl_uniform(a.w[2][i], a.w[3][i]));
        double x = scl_radius(scl_uniform(a.w[0][i], a.w[1][i])) * cosine;
        double u = scl_uniform(b.w[0][i], b.w[1][i]);
        double d = scl_chi_d(df), v = scl_chi_cube(scl_chi_c(d) * x);
        int accepted = (df >= SCL_SQUEEZE_DF) & (v > 0.0) & scl_chi_squeeze(x, u);
        out[i] = accepted ? 2.0 * d * v : SCL_UNDECIDED;
    }
}

static const scl_batch NAME(batch) = {.uniforms = NAME(uniforms),
                                      .normals = NAME(normals),
                                      .students = NAME(students),
                                      .chi_squares = NAME(chi_squares),
                                      .name = TEXT(SET)};

#undef lanes
#undef words
#undef SET
#undef TARGET
#undef LANES
#undef MULTIPLY_LOW
#undef JOIN
#undef JOIN_
#undef NAME
#endif
