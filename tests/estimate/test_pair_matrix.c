/* The pair matrix of every way to mask, against the loss of docs/theory.md, section 2, written out on data (masked_loss.h):
 * L(W) = -1/4 tr(W N W') + (lambda/2) ||W W'||_F^2 for one pair of masks and for the averages over all of them. Losses agree to
 * 1e-12 of the size of their terms (at most 2^12 masks x 9^2 pairs x 6 coordinates: 3e5 roundings of 1e-16, half of them of either
 * sign), matrices to 1e-12 of the largest entry. */
#include "estimate/masked_loss.h"

#include "estimate/pair_matrix.h"

#include <gsl/gsl_cdf.h>

static const double TOLERANCE = 1e-12;
static const scl_mask_law bernoulli = {SCL_MASKS_BERNOULLI, .5}, rare = {SCL_MASKS_BERNOULLI, .2},
                          half = {.kind = SCL_MASKS_HALF};

/* The probability of a mask of d coordinates. */
static double probability(scl_mask_law law, size_t d, unsigned mask)
{
    double product = 1, choices = 1;
    size_t kept = 0, wanted = d / 2;
    for (size_t j = 0; j < d; j++) {
        bool keeps = (mask >> j) & 1u;
        kept += keeps;
        product *= keeps ? law.p : 1 - law.p;
    }
    for (size_t j = 0; j < wanted; j++) choices = choices * (double)(d - j) / (double)(j + 1); /* d over floor(d/2) */
    return law.kind == SCL_MASKS_BERNOULLI ? product : kept == wanted ? 1 / choices : 0;
}

/* The k-th pair of a block. */
static void put(uint64_t *a, uint64_t *b, size_t d, size_t k, unsigned first, unsigned second)
{
    for (size_t j = 0; j < d; j++) {
        a[j] |= (uint64_t)((first >> j) & 1u) << k;
        b[j] |= (uint64_t)((second >> j) & 1u) << k;
    }
}

/* N of one pair of masks; every call uses another bit of the block. */
static scl_matrix of_pair(const scl_sample *sample, unsigned first, unsigned second)
{
    size_t d = sample->S.rows;
    uint64_t a[64] = {0}, b[64] = {0};
    scl_matrix N = dense_new(d, d);
    put(a, b, d, (first * 7 + second * 13) % 64, first, second);
    scl_pair_matrix_add(N, sample, a, b, 1);
    return N;
}

static double size_of(scl_matrix N)
{
    double most = 0;
    for (size_t i = 0; i < N.rows * N.cols; i++) most = fmax(most, fabs(N.data[i]));
    return most;
}

/* The loss under one pair of masks for the whole data set. */
static double loss_of_pair(scl_matrix W, scl_matrix X, unsigned first, unsigned second)
{
    unsigned masks[32];
    for (size_t i = 0; i < X.cols; i++) {
        masks[2 * i] = first;
        masks[2 * i + 1] = second;
    }
    return loss(W, X, 1, masks);
}

static void assert_form(double value, scl_matrix W, scl_matrix N, scl_matrix X)
{
    double form = 0.25 * trace_form(W, N), weight = penalty(W, 1);
    double size = weight + dense_frobenius(X) * dense_frobenius(X) * dense_frobenius(W) * dense_frobenius(W);
    ASSERT_NEAR(value, -form + weight, TOLERANCE * size);
}

/* Every pair of masks of small d, and every complementary one. */
static void one_pair_for_the_data_set(void **state)
{
    (void)state;
    static const struct {
        size_t d, n, r;
    } cases[] = {{3, 2, 1}, {3, 7, 2}, {4, 9, 3}, {5, 6, 2}};
    scl_stream stream = scl_stream_make(8, SCL_ROLE_TEST, "one pair", 0);
    for (uint32_t c = 0; c < 4; c++) {
        scl_matrix X = data(cases[c].d, cases[c].n, c), W = dense_normals(cases[c].r, cases[c].d, &stream);
        scl_sample sample = fitting_sample(X);
        unsigned all = (1u << cases[c].d) - 1;
        for (unsigned first = 0; first <= all; first++)
            for (unsigned second = 0; second <= all; second++) {
                scl_matrix N = of_pair(&sample, first, second);
                assert_form(loss_of_pair(W, X, first, second), W, N, X);
                scl_matrix_free(&N);
            }
        scl_matrix_free(&X);
        scl_matrix_free(&W);
        scl_sample_free(&sample);
    }
}

/* A block of many pairs is the sum of its pairs, to rounding: the counts of a block. */
static void a_block_is_the_sum_of_its_pairs(void **state)
{
    (void)state;
    enum { D = 6 };
    scl_matrix X = data(D, 9, 3), sum = dense_new(D, D), block = dense_new(D, D);
    scl_sample sample = fitting_sample(X);
    uint64_t a[D] = {0}, b[D] = {0};
    for (unsigned k = 0; k < 64; k++) {
        unsigned first = (k * 37 + 11) % 64, second = (k * k + 5) % 64;
        scl_matrix N = of_pair(&sample, first, second);
        for (size_t i = 0; i < (size_t)D * D; i++) sum.data[i] += .25 * N.data[i];
        put(a, b, D, k, first, second);
        scl_matrix_free(&N);
    }
    scl_pair_matrix_add(block, &sample, a, b, .25);
    ASSERT_NEAR(dense_difference(sum, block), 0, TOLERANCE * size_of(sum));
    scl_matrix_free(&X);
    scl_matrix_free(&sum);
    scl_matrix_free(&block);
    scl_sample_free(&sample);
}

/* The mean over all masks of the law (all pairs of them) is the averaged matrix, to 1e-12, at finite n and in the population; and
 * -1/4 tr(W N W') is the mean of the losses themselves. */
static void averaged_is_the_mean_over_all_masks(void **state)
{
    (void)state;
    const scl_mask_law laws[] = {bernoulli, rare, half};
    scl_stream stream = scl_stream_make(8, SCL_ROLE_TEST, "average", 0);
    for (size_t d = 1; d <= MAX_D; d++)
        for (int l = 0; l < 3; l++)
            for (int independent = 0; independent < 2; independent++)
                for (int population = 0; population < 2; population++) {
                    scl_matrix X = data(d, 5, (uint32_t)d), W = dense_normals(2, d, &stream);
                    scl_matrix mean = dense_new(d, d), N = dense_new(d, d);
                    scl_sample sample = fitting_sample(X);
                    double losses = 0, total = 0;
                    if (population) {
                        sample.n = INFINITY;
                        for (size_t j = 0; j < d; j++) sample.mean[j] = 0;
                    }
                    unsigned all = (1u << d) - 1;
                    for (unsigned first = 0; first <= all; first++)
                        for (unsigned i = 0; i <= (independent ? all : 0); i++) {
                            unsigned second = independent ? i : all & ~first;
                            double weight =
                                probability(laws[l], d, first) * (independent ? probability(laws[l], d, second) : 1);
                            if (weight == 0) continue;
                            scl_matrix one = of_pair(&sample, first, second);
                            for (size_t k = 0; k < d * d; k++) mean.data[k] += weight * one.data[k];
                            losses += weight * loss_of_pair(W, X, first, second);
                            total += weight;
                            scl_matrix_free(&one);
                        }
                    ASSERT_NEAR(total, 1, TOLERANCE);
                    scl_views views = independent ? SCL_VIEWS_INDEPENDENT : SCL_VIEWS_COMPLEMENTARY;
                    scl_pair_matrix_averaged(N, &sample, views, laws[l]);
                    ASSERT_NEAR(dense_difference(N, mean), 0, TOLERANCE * size_of(sample.S));
                    if (!population) assert_form(losses, W, N, X);
                    scl_matrix_free(&X);
                    scl_matrix_free(&W);
                    scl_matrix_free(&mean);
                    scl_matrix_free(&N);
                    scl_sample_free(&sample);
                }
}

/* New masks for every sample, averaged over all of them: 4 one^2 S for independent ones, and for complementary ones what one mask
 * for the data set gives. One is p, floor(d/2)/d with half. */
static void masks_of_each_sample(void **state)
{
    (void)state;
    static const struct {
        size_t d, n;
    } sizes[] = {{2, 3}, {3, 2}};
    const scl_mask_law laws[] = {bernoulli, rare, half};
    scl_stream stream = scl_stream_make(8, SCL_ROLE_TEST, "per sample", 0);
    for (int c = 0; c < 2; c++)
        for (int l = 0; l < 3; l++)
            for (int independent = 0; independent < 2; independent++) {
                size_t d = sizes[c].d, n = sizes[c].n, bits = d * n * (independent ? 2 : 1);
                scl_matrix X = data(d, n, 9), W = dense_normals(2, d, &stream), N = dense_new(d, d);
                scl_sample sample = fitting_sample(X);
                unsigned all = (1u << d) - 1;
                double sum = 0;
                for (unsigned choice = 0; choice < 1u << bits; choice++) {
                    unsigned masks[2 * 3], rest = choice;
                    double weight = 1;
                    for (size_t i = 0; i < n; i++) {
                        masks[2 * i] = rest & all;
                        rest >>= d;
                        weight *= probability(laws[l], d, masks[2 * i]);
                        masks[2 * i + 1] = independent ? rest & all : all & ~masks[2 * i];
                        if (!independent) continue;
                        rest >>= d;
                        weight *= probability(laws[l], d, masks[2 * i + 1]);
                    }
                    if (weight > 0) sum += weight * loss(W, X, 1, masks);
                }
                scl_pair_matrix_averaged(N, &sample, independent ? SCL_VIEWS_PER_SAMPLE : SCL_VIEWS_COMPLEMENTARY,
                                         laws[l]);
                assert_form(sum, W, N, X);
                double one = laws[l].kind == SCL_MASKS_HALF ? floor((double)d / 2) / (double)d : laws[l].p;
                for (size_t k = 0; independent && k < d * d; k++)
                    ASSERT_NEAR(N.data[k], 4 * one * one * sample.S.data[k], 4 * DBL_EPSILON * size_of(sample.S));
                scl_matrix_free(&X);
                scl_matrix_free(&W);
                scl_matrix_free(&N);
                scl_sample_free(&sample);
            }
}

/* docs/theory.md, section 2: one independent pair for the data set adds (1/2) diag(S0 - n xbar xbar')/(n-1) at p = 1/2, and
 * 2 p (1-p) times that diagonal at any p. */
static void one_independent_pair_adds_a_diagonal(void **state)
{
    (void)state;
    enum { D = 5, N_SAMPLES = 7 };
    static const double ps[] = {.5, .1, .8};
    scl_matrix X = data(D, N_SAMPLES, 21), N = dense_new(D, D);
    scl_sample sample = fitting_sample(X);
    for (int l = 0; l < 3; l++) {
        double p = ps[l], factor = l == 0 ? .5 : 2 * p * (1 - p);
        scl_pair_matrix_averaged(N, &sample, SCL_VIEWS_INDEPENDENT, (scl_mask_law){SCL_MASKS_BERNOULLI, p});
        for (size_t j = 0; j < D; j++)
            for (size_t i = 0; i < D; i++) {
                double s0 = 0;
                for (size_t k = 0; k < N_SAMPLES; k++) s0 += SCL_AT(X, i, k) * SCL_AT(X, j, k) / N_SAMPLES;
                double extra = (s0 - N_SAMPLES * sample.mean[i] * sample.mean[j]) / (N_SAMPLES - 1);
                double expected = 4 * p * p * SCL_AT(sample.S, i, j) + (i == j ? factor * extra : 0);
                ASSERT_NEAR(SCL_AT(N, i, j), expected, TOLERANCE * size_of(sample.S));
            }
    }
    scl_matrix_free(&X);
    scl_matrix_free(&N);
    scl_sample_free(&sample);
}

/* Masks have their law: of 2^d masks each as often as it should be, chi-square at a false-alarm rate of 1e-4; half always keeps
 * floor(d/2); masks of other bits are left as they are. */
static void masks_have_their_law(void **state)
{
    (void)state;
    enum { DRAWS = 64000 };
    const scl_mask_law laws[] = {bernoulli, rare, half};
    for (size_t d = 1; d <= MAX_D; d++)
        for (uint32_t l = 0; l < 3; l++) {
            scl_stream stream = scl_stream_make(8, SCL_ROLE_TEST, "law", (uint32_t)d * 3 + l);
            double counts[1 << MAX_D] = {0}, uniforms[MAX_D], chi2 = 0, cells = 0;
            for (int block = 0; block < DRAWS / 64; block++) {
                uint64_t a[MAX_D] = {0};
                for (size_t k = 0; k < 64; k++) scl_mask_draw(a, k, laws[l], d, uniforms, &stream);
                for (size_t k = 0; k < 64; k++) {
                    unsigned mask = 0;
                    for (size_t j = 0; j < d; j++) mask |= (unsigned)((a[j] >> k) & 1u) << j;
                    counts[mask]++;
                }
            }
            for (unsigned mask = 0; mask < 1u << d; mask++) {
                double expected = DRAWS * probability(laws[l], d, mask);
                if (expected == 0) assert_true(counts[mask] == 0);
                if (expected == 0) continue;
                chi2 += (counts[mask] - expected) * (counts[mask] - expected) / expected;
                cells++;
            }
            if (cells > 1) assert_true(gsl_cdf_chisq_Q(chi2, cells - 1) > 1e-4);
            scl_mask_moments moments = scl_mask_moments_of(laws[l], d);
            double one = 0, both = 0, differ = 0;
            for (unsigned mask = 0; mask < 1u << d; mask++) {
                double weight = probability(laws[l], d, mask);
                one += weight * (mask & 1u);
                both += weight * ((mask & 3u) == 3u);
                differ += weight * ((mask & 3u) == 1u || (mask & 3u) == 2u);
            }
            ASSERT_NEAR(moments.one, one, TOLERANCE);
            if (d == 1) continue; /* no two coordinates */
            ASSERT_NEAR(moments.both, both, TOLERANCE);
            ASSERT_NEAR(moments.differ, differ, TOLERANCE);
        }
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_pair_for_the_data_set),
        cmocka_unit_test(a_block_is_the_sum_of_its_pairs),
        cmocka_unit_test(averaged_is_the_mean_over_all_masks),
        cmocka_unit_test(masks_of_each_sample),
        cmocka_unit_test(one_independent_pair_adds_a_diagonal),
        cmocka_unit_test(masks_have_their_law),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
