/* The vectorised functions of batch_body.h for each kind of processor, and the choice between them.
 *
 * Compiled with -O3 -fno-math-errno -fno-trapping-math (no flag changes a bit). Why not target_clones: its choice runs
 * while the program is being loaded, which crashes under ThreadSanitizer and is missing outside glibc; and the compiler
 * alone does not find the 32 x 32 -> 64 bit multiplication, which is half of Philox's cost. */
#include "random/batch.h"

#include "random/chisquare.h"
#include "random/elementary.h"

#define TEXT_(name) #name
#define TEXT(name)  TEXT_(name)
#define LOW_HALF    0xFFFFFFFFu

/* SET names the functions, TARGET the instructions, LANES the 64-bit lanes of a vector; MULTIPLY_LOW(a, b) is the
 * product of the low halves of each lane. */
#define SET plain
#define TARGET
#define LANES              1
#define MULTIPLY_LOW(a, b) ((LOW_HALF & (a)) * (b))
#include "random/batch_body.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define SET sse2
#define TARGET
#define LANES              2
#define MULTIPLY_LOW(a, b) ((lanes)_mm_mul_epu32((__m128i)(a), (__m128i)(b)))
#include "random/batch_body.h"

#define SET                avx2
#define TARGET             __attribute__((target("avx2")))
#define LANES              4
#define MULTIPLY_LOW(a, b) ((lanes)_mm256_mul_epu32((__m256i)(a), (__m256i)(b)))
#include "random/batch_body.h"

#define SET                avx512
#define TARGET             __attribute__((target("avx512f")))
#define LANES              8
#define MULTIPLY_LOW(a, b) ((lanes)_mm512_mul_epu32((__m512i)(a), (__m512i)(b)))
#include "random/batch_body.h"
#endif

const scl_batch *scl_batch_set(int i)
{
    if (i == 0) return &batch_plain;
#if defined(__x86_64__)
    if (i == 1) return &batch_sse2;
    if (i == 2 && __builtin_cpu_supports("avx2")) return &batch_avx2;
    if (i == 3 && __builtin_cpu_supports("avx512f")) return &batch_avx512;
#endif
    return NULL;
}

const scl_batch *scl_batch_best(void)
{
    int i = SCL_BATCH_SETS - 1;
    while (scl_batch_set(i) == NULL) i--;
    return scl_batch_set(i);
}
