/* Both samplers give one law, and it is the right one.
 *
 * Cells: n > d, n < d, n = d, n = d + 1, n = 2, n not a multiple of the data sampler's block of 256 samples, and unequal spikes. In each,
 * REPLICATES independent draws by either sampler of
 *   ||sinTheta||_F of PCA and of contrastive learning, tr S, tr S^2, S_00, S_01, S_11, xbar_0, xbar_1
 * are compared by two-sample Kolmogorov-Smirnov tests, each at p > P_LIMIT: 9 x 8 tests, false alarm of the family .7 %.
 *
 * Then each sampler alone against theory section 7 (k = n - 1): E S = C, Var S_ij = (C_ij^2 + C_ii C_jj)/k,
 *   E tr S^2 = tr C^2 (1 + 1/k) + (tr C)^2/k, Cov(xbar) = C/n, xbar and S uncorrelated, also in their squares,
 * each as the mean of a variable that must be 0, within Z_LIMIT of its standard error: 307 checks for each of 8 x 2,
 * 1e-6 each where the mean is normal: .5 % for the family. Products of k = 1 chi-squares are far from normal, which the count of draws makes up
 * for. */
#include "estimate/estimate.h"
#include "random/law.h"
#include "sample/sampling.h"

static const double P_LIMIT = 1e-4;

enum { D = 9, R = 2, REPLICATES = 6000 };

typedef struct cell {
    const char *name;
    size_t r;
    double n;
    bool unequal; /* spikes */
} cell;
/* With n = 2 S has rank one: a second component would be any vector, so r = 1 there. */
static const cell cells[] = {{"n > d", R, 40, false},
                             {"n < d", R, 6, false},
                             {"n = d", R, D, false},
                             {"n = d + 1", R, D + 1, false},
                             {"n = 2", 1, 2, false},
                             {"blocks", R, 300, false},
                             {"unequal spikes, n > d", R, 40, true},
                             {"unequal spikes, n < d", R, 6, true}};
enum { CELLS = sizeof cells / sizeof *cells };

enum { PCA, CONTRASTIVE, TRACE, SQUARE, S00, S01, S11, MEAN0, MEAN1, STATISTICS };
static const char *const statistic_names[STATISTICS] = {
    "sin-theta of pca", "sin-theta of contrastive", "tr S", "tr S^2", "S_00", "S_01", "S_11", "xbar_0", "xbar_1"};

/* Means of variables whose expectation is 0. */
typedef struct zero_mean {
    double sum, squares;
} zero_mean;

static void add(zero_mean *to, double x)
{
    to->sum += x;
    to->squares += x * x;
}

static void assert_zero(const zero_mean *v, const char *cell_name, int sampler, const char *what, size_t i, size_t j)
{
    double z = v->sum / sqrt(v->squares);
    if (!(fabs(z) < Z_LIMIT))
        fail_msg("%s, %s sampler: %s (%zu, %zu) is off by %.2f standard errors", cell_name, scl_sampler_names[sampler],
                 what, i, j, z);
}

typedef struct moments {
    zero_mean S[D][D], variance[D][D], mean[D], mean_covariance[D][D], product[D][D], squares[D][D], square;
} moments;

static void add_moments(moments *to, const scl_sample *sample, scl_matrix C, double square_sum, double expected_square)
{
    double n = sample->n, k = n - 1;
    add(&to->square, square_sum - expected_square);
    for (size_t j = 0; j < D; j++) {
        double mean_j = sample->mean[j], variance_j = SCL_AT(C, j, j) / n;
        add(&to->mean[j], mean_j);
        for (size_t i = 0; i <= j; i++) {
            double c = SCL_AT(C, i, j), off = SCL_AT(sample->S, i, j) - c, both = SCL_AT(C, i, i) * SCL_AT(C, j, j);
            add(&to->S[i][j], off);
            add(&to->variance[i][j], off * off - (c * c + both) / k);
            add(&to->mean_covariance[i][j], sample->mean[i] * mean_j - c / n);
        }
        for (size_t i = 0; i < D; i++) {
            double off = SCL_AT(sample->S, i, i) - SCL_AT(C, i, i);
            add(&to->product[i][j], mean_j * off);
            add(&to->squares[i][j], (mean_j * mean_j - variance_j) * off);
        }
    }
}

static void check_moments(const moments *m, const char *name, int sampler)
{
    assert_zero(&m->square, name, sampler, "tr S^2", 0, 0);
    for (size_t j = 0; j < D; j++) {
        assert_zero(&m->mean[j], name, sampler, "xbar", j, 0);
        for (size_t i = 0; i < D; i++) {
            if (i <= j) {
                assert_zero(&m->S[i][j], name, sampler, "S", i, j);
                assert_zero(&m->variance[i][j], name, sampler, "Var S", i, j);
                assert_zero(&m->mean_covariance[i][j], name, sampler, "Cov xbar", i, j);
            }
            assert_zero(&m->product[i][j], name, sampler, "Cov(S, xbar)", i, j);
            assert_zero(&m->squares[i][j], name, sampler, "Cov(S, xbar^2)", i, j);
        }
    }
}

static double sin_theta(const char *estimator_name, const scl_sample *sample, scl_representation *W, scl_arena *ws)
{
    const scl_estimator *estimator = scl_estimator_find(estimator_name);
    assert_non_null(estimator);
    double options[SCL_MAX_OPTIONS], frobenius;
    for (size_t i = 0; i < estimator->n_options; i++) options[i] = estimator->options[i].fallback;
    scl_error err = {0};
    scl_fit_info info;
    ASSERT_OK(estimator->fit(W, &info, sample, options, NULL, ws, &err), err);
    ASSERT_OK(scl_sines(&frobenius, NULL, sample->model->U, W->Q, ws, &err), err);
    return frobenius;
}

static void draw_cell(double *const statistics[STATISTICS], moments *m, const cell *c, scl_sampler sampler)
{
    scl_error err = {0};
    scl_model model = c->unequal ? sampling_unequal(D, c->r, 1.2, false) : sampling_model(D, c->r, 1.2, false);
    scl_matrix C = sampling_covariance(&model);
    scl_sample sample = sampling_new(D);
    scl_representation W;
    ASSERT_OK(scl_representation_new(&W, D, c->r, &err), err);
    scl_arena ws = dense_arena(20000); /* several times what any step takes: its exact need is tested elsewhere */
    double k = c->n - 1, trace = 0, square = 0;
    for (size_t j = 0; j < D; j++) trace += SCL_AT(C, j, j);
    for (size_t i = 0; i < D * D; i++) square += C.data[i] * C.data[i];
    double expected_square = square * (1 + 1 / k) + trace * trace / k;
    for (uint32_t replicate = 0; replicate < REPLICATES; replicate++) {
        scl_stream stream = scl_stream_make(7, SCL_ROLE_DATA, scl_sampler_names[sampler], replicate);
        ASSERT_OK(scl_sample_draw(&sample, sampler, c->n, &model, &stream, &ws, &err), err);
        double tr = 0, sq = 0;
        for (size_t j = 0; j < D; j++) tr += SCL_AT(sample.S, j, j);
        for (size_t i = 0; i < D * D; i++) sq += sample.S.data[i] * sample.S.data[i];
        add_moments(m, &sample, C, sq, expected_square);
        double values[STATISTICS] = {[PCA] = sin_theta("pca", &sample, &W, &ws),
                                     [CONTRASTIVE] = sin_theta("contrastive", &sample, &W, &ws),
                                     [TRACE] = tr,
                                     [SQUARE] = sq,
                                     [S00] = SCL_AT(sample.S, 0, 0),
                                     [S01] = SCL_AT(sample.S, 0, 1),
                                     [S11] = SCL_AT(sample.S, 1, 1),
                                     [MEAN0] = sample.mean[0],
                                     [MEAN1] = sample.mean[1]};
        for (int s = 0; s < STATISTICS; s++) statistics[s][replicate] = values[s];
    }
    scl_arena_free(&ws);
    scl_representation_free(&W);
    scl_sample_free(&sample);
    scl_matrix_free(&C);
    scl_model_free(&model);
}

static void check_cell(void **state)
{
    const cell *c = *state;
    double *values[2][STATISTICS];
    for (int way = 0; way < 2; way++) {
        scl_sampler sampler = way ? SCL_SAMPLER_DATA : SCL_SAMPLER_MOMENTS;
        moments m = {0};
        for (int s = 0; s < STATISTICS; s++) assert_non_null(values[way][s] = malloc(REPLICATES * sizeof(double)));
        draw_cell(values[way], &m, c, sampler);
        check_moments(&m, c->name, sampler);
    }
    for (int s = 0; s < STATISTICS; s++) {
        double p = law_two_sample(values[0][s], values[1][s], REPLICATES);
        if (!(p > P_LIMIT)) fail_msg("%s: %s differs between the samplers, p = %.3g", c->name, statistic_names[s], p);
        free(values[0][s]);
        free(values[1][s]);
    }
}

/* The two-sample test can tell: a shift by a tenth of the standard deviation is seen, equal laws are not. */
static void two_sample_test_works(void **state)
{
    (void)state;
    double *x = malloc(REPLICATES * sizeof *x), *y = malloc(REPLICATES * sizeof *y);
    assert_non_null(x);
    assert_non_null(y);
    scl_stream stream = scl_stream_make(7, SCL_ROLE_TEST, "two-sample", 0);
    scl_stream_normals(x, &stream, REPLICATES);
    scl_stream_normals(y, &stream, REPLICATES);
    assert_true(law_two_sample(x, y, REPLICATES) > P_LIMIT);
    for (size_t i = 0; i < REPLICATES; i++) y[i] += 0.1;
    assert_true(law_two_sample(x, y, REPLICATES) < P_LIMIT);
    free(x);
    free(y);
}

int main(void)
{
    scl_blas_start();
    struct CMUnitTest tests[CELLS + 1] = {{0}};
    for (size_t c = 0; c < CELLS; c++)
        tests[c] = (struct CMUnitTest){
            .name = cells[c].name, .test_func = check_cell, .initial_state = (void *)(uintptr_t)&cells[c]};
    tests[CELLS] = (struct CMUnitTest)cmocka_unit_test(two_sample_test_works);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
