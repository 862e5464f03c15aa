/* Streams: the published known answers, keys and bits that may never change, and streams that must not meet. */
#include "base/text.h"
#include "random/batch.h"
#include "random/law.h"
#include "random/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Salmon et al., Random123, tests/kat_vectors, philox4x32 10: counter, key, answer. */
static const struct {
    uint32_t counter[4], key[2], answer[4];
} known[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

/* The definition in random.h, by long double, which holds k + 1/2. */
static double uniform_of(uint32_t low, uint32_t high)
{
    uint64_t k = (((uint64_t)high << 32) | low) >> 11;
    double u = (double)(((long double)k + 0.5L) * 0x1p-53L);
    return u < 1 ? u : 1 - 0x1p-53;
}

static void known_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const uint32_t *c = known[i].counter, *answer = known[i].answer;
        scl_stream s = {.block = c[0] | ((uint64_t)c[1] << 32), .replicate = c[2], .substream = c[3]};
        memcpy(s.key, known[i].key, sizeof s.key);
        for (int b = 0; b < SCL_BATCH_SETS; b++) {
            double u[2];
            if (scl_batch_set(b) == NULL) continue;
            scl_batch_set(b)->uniforms(u, &s, 1);
            assert_true(u[0] == uniform_of(answer[0], answer[1]));
            assert_true(u[1] == uniform_of(answer[2], answer[3]));
        }
        uint32_t w[4];
        scl_stream_block(w, &s);
        assert_memory_equal(w, answer, sizeof w);
    }
}

static void keys_never_change(void **state)
{
    (void)state;
    assert_true(scl_stream_hash(20211006, SCL_ROLE_MODEL, "model.d=200 model.r=5") == 0xbb421811556cd75fu);
    assert_true(scl_stream_hash(UINT64_MAX, SCL_ROLE_ESTIMATOR, "") == 0x075cf668ff4a7f1eu);
    assert_true(scl_stream_hash(0, SCL_ROLE_DATA, "sample.n=inf") == 0xc0928d792abee9ebu);
    const char *text = "7\nLABELS\nm=3";
    assert_true(scl_stream_hash(7, SCL_ROLE_LABELS, "m=3") == scl_fnv1a(SCL_FNV_START, text, strlen(text)));
    scl_stream s = scl_stream_make(7, SCL_ROLE_LABELS, "m=3", 11);
    uint64_t hash = scl_stream_hash(7, SCL_ROLE_LABELS, "m=3");
    assert_true(s.key[0] == (uint32_t)hash && s.key[1] == (uint32_t)(hash >> 32));
    assert_true(s.block == 0 && s.replicate == 11 && s.substream == 0);
}

static void bits_never_change(void **state)
{
    (void)state;
    static const double normals[8] = {-0x1.2f60959e04324p-1, 0x1.249c2bc5732p+0,   0x1.8a29f6127285bp+0,
                                      0x1.f3b70ea559099p-1,  0x1.46158d6cd745bp-1, 0x1.6c05c69bd51e8p-5,
                                      -0x1.9e53ff888c1f4p+0, -0x1.04d7ca55ef7bdp-2};
    static const double uniforms[4] = {0x1.bf0f0b6ed5241p-2, 0x1.4df1a50a28f71p-2, 0x1.84c49d00fa232p-3,
                                       0x1.704d56e6b7d14p-4};
    double z[8], u[4];
    scl_stream s = scl_stream_make(20211006, SCL_ROLE_DATA, "golden", 3), t = s;
    scl_stream_normals(z, &s, 8);
    assert_memory_equal(z, normals, sizeof z);
    scl_stream_uniforms(u, &t, 4);
    assert_memory_equal(u, uniforms, sizeof u);
    t.block = 0;
    assert_true(scl_stream_normal(&t) == normals[0] && scl_stream_normal(&t) == normals[2] && t.block == 2);
    t.block = 0;
    assert_true(scl_stream_uniform(&t) == uniforms[0] && scl_stream_uniform(&t) == uniforms[2] && t.block == 2);
}

/* A hash of so many values that a difference in any branch of any build shows: this is the test that has to pass with
 * every compiler, optimisation and switch. */
static void many_bits_never_change(void **state)
{
    (void)state;
    enum { N = 1 << 20 };
    double *x = malloc(N * sizeof *x);
    assert_non_null(x);
    scl_stream s = scl_stream_make(20211006, SCL_ROLE_DATA, "golden", 4);
    scl_stream_normals(x, &s, N);
    assert_true(scl_fnv1a(SCL_FNV_START, x, N * sizeof *x) == 0xc9857718ff27b6f7u);
    scl_stream_uniforms(x, &s, N);
    assert_true(scl_fnv1a(SCL_FNV_START, x, N * sizeof *x) == 0x2400fb777ad483e3u);
    free(x);
}

static void roles_have_names(void **state)
{
    (void)state;
    const char *names[] = {"MODEL", "TASK", "DATA",      "LABELS", "MASKS",
                           "INIT",  "TEST", "BOOTSTRAP", "PILOT",  "ESTIMATOR"};
    assert_int_equal(SCL_ROLES, 10);
    for (int i = 0; i < SCL_ROLES; i++) assert_string_equal(scl_role_name((scl_role)i), names[i]);
    assert_null(scl_role_name(SCL_ROLES));
}

static int compare_words(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

/* First blocks of all roles x replicates x (bulk and substreams): all differ. 36000 blocks of 128 bits; two equal ones
 * by chance: 2e-30. */
static void streams_do_not_meet(void **state)
{
    (void)state;
    enum { REPLICATES = 60, SUBSTREAMS = 60, N = SCL_ROLES * REPLICATES * SUBSTREAMS };
    uint32_t(*w)[4] = malloc(N * sizeof *w);
    assert_non_null(w);
    size_t at = 0;
    for (int role = 0; role < SCL_ROLES; role++) {
        for (uint32_t replicate = 0; replicate < REPLICATES; replicate++) {
            scl_stream bulk = scl_stream_make(1, (scl_role)role, "d=2", replicate);
            for (uint32_t i = 1; i < SUBSTREAMS; i++) {
                bulk.block = i; /* wherever the bulk stands, a substream starts at its own block 0 */
                scl_stream sub = scl_stream_sub(&bulk, i - 1);
                assert_true(sub.block == 0 && sub.substream == i);
                scl_stream_block(w[at++], &sub);
            }
            bulk.block = 0;
            scl_stream_block(w[at++], &bulk);
        }
    }
    assert_int_equal(at, N);
    qsort(w, N, sizeof *w, compare_words);
    for (size_t i = 1; i < N; i++) assert_true(memcmp(w[i - 1], w[i], sizeof *w) != 0);
    free(w);
}

/* Correlation of normals, sqrt(n) r ~ N(0, 1), between neighbours of every kind. */
static void neighbours_are_uncorrelated(void **state)
{
    (void)state;
    enum { N = 100000 };
    double *x = malloc(N * sizeof *x), *y = malloc(N * sizeof *y);
    assert_non_null(x);
    assert_non_null(y);
    scl_stream base = scl_stream_make(5, SCL_ROLE_DATA, "d=2", 0), from = base;
    scl_stream_normals(x, &from, N);
    scl_stream others[] = {scl_stream_make(5, SCL_ROLE_DATA, "d=2", 1),
                           scl_stream_make(5, SCL_ROLE_TEST, "d=2", 0),
                           scl_stream_make(6, SCL_ROLE_DATA, "d=2", 0),
                           scl_stream_make(5, SCL_ROLE_DATA, "d=3", 0),
                           scl_stream_sub(&base, 0),
                           base};
    size_t n_others = sizeof others / sizeof others[0];
    others[n_others - 1].block = 1; /* the same stream, one block on */
    for (size_t k = 0; k < n_others; k++) {
        scl_stream_normals(y, &others[k], N);
        for (size_t i = 0; i < N; i++) y[i] *= x[i];
        assert_true(fabs(law_z(y, N, 0, 1)) < Z_LIMIT);
    }
    free(x);
    free(y);
}

/* Indices: in range, with n = 2^32 and n = 1 too; counts of 10 values by a chi-square of 9 degrees of freedom, whose
 * quantile of 1 - 1e-6 is 44.8109 (from the incomplete gamma function by mpmath). */
static void indices(void **state)
{
    (void)state;
    enum { N = 100000, CELLS = 10 };
    scl_stream s = scl_stream_make(8, SCL_ROLE_BOOTSTRAP, "", 0);
    double counts[CELLS] = {0}, chi_square = 0;
    for (int i = 0; i < N; i++) {
        size_t index = scl_stream_index(&s, CELLS);
        assert_true(index < CELLS);
        counts[index]++;
    }
    for (int i = 0; i < CELLS; i++) chi_square += (counts[i] - N / CELLS) * (counts[i] - N / CELLS) / (N / CELLS);
    assert_true(chi_square < 44.8109);
    assert_true(s.block == N);
    uint32_t w[4];
    scl_stream t = s;
    scl_stream_block(w, &t);
    t = s;
    assert_true(scl_stream_index(&t, (size_t)1 << 32) == w[1]);
    t = s;
    assert_true(scl_stream_index(&t, 1) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),     cmocka_unit_test(keys_never_change),
        cmocka_unit_test(bits_never_change), cmocka_unit_test(many_bits_never_change),
        cmocka_unit_test(roles_have_names),  cmocka_unit_test(streams_do_not_meet),
        cmocka_unit_test(indices),           cmocka_unit_test(neighbours_are_uncorrelated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
