/* Labelled samples drawn by moments have the law of those drawn as data.
 *
 * In each cell REPLICATES independent draws by either sampler of STATISTICS nonlinear functions of the sample and of its labels are
 * compared by two-sample Kolmogorov-Smirnov tests, each at p > P_LIMIT: 27 x 14 tests, and 3 x 4 without labels, false alarm of the family .4 %. With
 *   a, b  the first and the last task's Cov(x, y); of classes the gap of the means of classes 0 and 1 times both their shares, and the mean
 *         of the last class
 *   S, xbar of the whole sample, S_l and x_l of the first labelled set. */
#include "random/law.h"
#include "sample/labelling.h"

static const double P_LIMIT = 1e-5;

enum { REPLICATES = 8000 };

static const double twice[] = {.6, .8, .6, .8}; /* the same task twice */
#define REGRESSION SCL_TASK_REGRESSION
#define LOGISTIC   SCL_TASK_LOGISTIC
#define PROBIT     SCL_TASK_PROBIT
#define CLASSES    SCL_TASK_CLASSES
static const labelling_case cells[] = {
    {"regression, m = 2", REGRESSION, 6, 2, 1, .n = 20, .m = 2, .label_noise = .5},
    {"regression, m = r + 1", REGRESSION, 6, 2, 1, .n = 8, .m = 3, .label_noise = .5, .apart = true},
    {"regression, m > d, unequal spikes", REGRESSION, 6, 3, 1, .n = 40, .m = 15, .label_noise = 1, .unequal = true},
    {"regression, n < d, m = n - 1", REGRESSION, 7, 2, 1, .n = 5, .m = 4, .label_noise = .5},
    {"regression, m = n", REGRESSION, 6, 2, 1, .n = 12, .m = 12, .label_noise = .5},
    {"regression, three sets, all labelled", REGRESSION, 6, 2, 3, .n = 15, .m = 5, .label_noise = .5},
    {"regression, three sets of 9, one other", REGRESSION, 6, 2, 3, .n = 28, .m = 9, .label_noise = .5},
    {"regression, three sets apart", REGRESSION, 6, 2, 3, .n = 8, .m = 5, .label_noise = .5, .apart = true},
    {"regression, three tasks of one set", REGRESSION, 6, 2, 3, .n = 30, .m = 8, .label_noise = .5, .shared = true},
    {"regression, fewer samples than tasks", REGRESSION, 6, 2, 4, .n = 9, .m = 3, .label_noise = .5, .shared = true},
    {"regression, y = t", REGRESSION, 6, 2, 1, .n = 20, .m = 5},
    {"regression, one task twice", REGRESSION, 6, 2, 2, .n = 20, .m = 8, .shared = true, .given = twice},
    {"regression, blocks", REGRESSION, 5, 2, 1, .n = 700, .m = 300, .label_noise = .5},
    {"regression, d = 1", REGRESSION, 1, 1, 1, .n = 12, .m = 4, .label_noise = .5},
    {"regression, infinite n", REGRESSION, 6, 2, 2, .n = INFINITY, .m = 5, .label_noise = .5},
    {"logistic", LOGISTIC, 6, 2, 1, .n = 20, .m = 7, .offset = 1},
    {"logistic, m = n", LOGISTIC, 6, 2, 1, .n = 15, .m = 15, .offset = 1},
    {"logistic, one task twice", LOGISTIC, 6, 2, 2, .n = 20, .m = 8, .offset = 1, .shared = true, .given = twice},
    {"probit, m = 2", PROBIT, 6, 2, 1, .n = 20, .m = 2, .offset = 1},
    {"probit, three sets, one other", PROBIT, 6, 2, 3, .n = 13, .m = 4, .offset = 1},
    {"probit, apart, blocks", PROBIT, 5, 2, 1, .n = 10, .m = 300, .offset = 1, .apart = true},
    {"classes, m = K", CLASSES, 6, 2, .n = 20, .m = 3},
    {"classes, m = n - 1, n < d", CLASSES, 7, 2, .n = 6, .m = 5},
    {"classes, m = n, unequal spikes", CLASSES, 6, 3, .n = 15, .m = 15, .unequal = true},
    {"classes, apart", CLASSES, 6, 2, .n = 9, .m = 12, .apart = true},
    {"classes, blocks", CLASSES, 5, 2, .n = 700, .m = 300},
    {"classes, two", CLASSES, 5, 1, .n = 30, .m = 10}};
enum { CELLS = sizeof cells / sizeof *cells };

enum {
    A_SQUARE,
    B_S_B,
    A_B,
    S_A,
    LARGEST,
    LABELLED_SQUARE,
    PRODUCT,
    MEANS,
    LABEL_MEAN,
    LABEL_SPREAD,
    LABEL_MEAN_X,
    MEAN_S_B,
    GAP,
    SCHUR,
    STATISTICS
};
static const char *const statistic_names[STATISTICS] = {"a'a",
                                                        "b'S b",
                                                        "a'b",
                                                        "S_l12 a_1",
                                                        "the largest eigenvalue of S",
                                                        "tr S_l^2",
                                                        "tr S S_l",
                                                        "xbar'x_l",
                                                        "mean y",
                                                        "spread",
                                                        "mean y times x_l",
                                                        "xbar'S b",
                                                        "gap of two classes",
                                                        "var y S_l11 - a_1^2"};

static double form(const double *x, scl_matrix S, const double *y)
{
    double sum = 0;
    for (size_t j = 0; j < S.cols; j++)
        for (size_t i = 0; i < S.rows; i++) sum += x[i] * SCL_AT(S, i, j) * y[j];
    return sum;
}

static double inner(const double *x, const double *y, size_t d)
{
    double sum = 0;
    for (size_t j = 0; j < d; j++) sum += x[j] * y[j];
    return sum;
}

static void measure(double out[STATISTICS], const scl_sample *sample)
{
    const scl_labels *l = &sample->labels;
    size_t d = sample->S.rows, K = l->n_classes;
    double a[8], b[8], gap[8] = {0}, values[8], mean = l->mean_y[0], spread = l->var_y[l->n_tasks - 1], share = 1;
    assert_true(d <= 8);
    if (K > 0)
        for (size_t j = 0; j < d; j++) gap[j] = SCL_AT(l->class_means, j, 1) - SCL_AT(l->class_means, j, 0);
    if (l->cov_xy.cols == 0) {
        share = l->counts[0] * l->counts[1] / (l->m * l->m);
        mean = l->counts[0] / l->m;
        spread = l->counts[K - 1];
    }
    for (size_t j = 0; j < d; j++) {
        a[j] = l->cov_xy.cols ? SCL_AT(l->cov_xy, j, 0) : gap[j] * share;
        b[j] = l->cov_xy.cols ? SCL_AT(l->cov_xy, j, l->n_tasks - 1) : SCL_AT(l->class_means, j, K - 1);
    }
    dense_eigen(values, NULL, sample->S);
    double square = 0, product = 0;
    for (size_t i = 0; i < d * d; i++) {
        square += l->S.data[i] * l->S.data[i];
        product += l->S.data[i] * sample->S.data[i];
    }
    out[A_SQUARE] = inner(a, a, d);
    out[B_S_B] = form(b, sample->S, b);
    out[A_B] = inner(a, b, d);
    out[S_A] = SCL_AT(l->S, 0, d > 1) * a[0];
    out[LARGEST] = values[0];
    out[LABELLED_SQUARE] = square;
    out[PRODUCT] = product;
    out[MEANS] = inner(sample->mean, l->mean, d);
    out[LABEL_MEAN] = mean;
    out[LABEL_SPREAD] = spread;
    out[LABEL_MEAN_X] = mean * l->mean[0];
    out[MEAN_S_B] = form(sample->mean, sample->S, b);
    out[GAP] = inner(gap, gap, d) + gap[0];
    out[SCHUR] = l->m > 2 ? l->var_y[0] * SCL_AT(l->S, 0, 0) - a[0] * a[0] : 0; /* of two samples 0, to rounding */
}

static void draw_cell(double *const statistics[STATISTICS], const labelling_case *c, scl_sampler sampler)
{
    labelling l = labelling_new(c, sampler);
    for (uint32_t replicate = 0; replicate < REPLICATES; replicate++) {
        double values[STATISTICS];
        if (replicate < 10) labelling_spoil(&l);
        labelling_draw(&l, replicate);
        measure(values, &l.sample);
        for (int s = 0; s < STATISTICS; s++) {
            assert_true(isfinite(values[s]));
            statistics[s][replicate] = values[s];
        }
    }
    labelling_free(&l);
}

static void check_cell(void **state)
{
    const labelling_case *c = *state;
    double *values[2][STATISTICS];
    for (int way = 0; way < 2; way++) {
        for (int s = 0; s < STATISTICS; s++) assert_non_null(values[way][s] = malloc(REPLICATES * sizeof(double)));
        draw_cell(values[way], c, way ? SCL_SAMPLER_DATA : SCL_SAMPLER_MOMENTS);
    }
    for (int s = 0; s < STATISTICS; s++) {
        double p = law_two_sample(values[0][s], values[1][s], REPLICATES);
        if (!(p > P_LIMIT)) fail_msg("%s: %s differs between the samplers, p = %.3g", c->name, statistic_names[s], p);
        free(values[0][s]);
        free(values[1][s]);
    }
}

/* Of kind classes also without labels: the largest eigenvalue of S, tr S^2, xbar'S xbar, S_01. */
static void no_labels(void **state)
{
    (void)state;
    static double values[2][4][REPLICATES];
    static const double sizes[] = {2, 5, 30};
    for (size_t size = 0; size < 3; size++) {
        for (int way = 0; way < 2; way++) {
            labelling_case c = {"", CLASSES, 6, 2, .n = sizes[size], .unequal = true, .latent = {SCL_LAW_STUDENT, 3}};
            labelling l = labelling_new(&c, way ? SCL_SAMPLER_DATA : SCL_SAMPLER_MOMENTS);
            scl_matrix S = l.sample.S;
            for (uint32_t i = 0; i < REPLICATES; i++) {
                double eigen[6], sum = 0;
                labelling_draw(&l, i);
                dense_eigen(eigen, NULL, S);
                for (size_t j = 0; j < 6; j++) sum += eigen[j] * eigen[j];
                values[way][0][i] = eigen[0];
                values[way][1][i] = sum;
                values[way][2][i] = form(l.sample.mean, S, l.sample.mean);
                values[way][3][i] = SCL_AT(S, 0, 1);
            }
            labelling_free(&l);
        }
        for (int s = 0; s < 4; s++) assert_true(law_two_sample(values[0][s], values[1][s], REPLICATES) > P_LIMIT);
    }
}

/* Of 1e15 samples: the mean and S are within Z_LIMIT Gaussian standard errors (of classes S varies less), 27 checks at 1e-6. */
static void many_samples(void **state)
{
    (void)state;
    labelling_case c = {"", CLASSES, 6, 2, .n = 1e15, .unequal = true};
    labelling l = labelling_new(&c, SCL_SAMPLER_MOMENTS);
    scl_matrix C = sampling_covariance(&l.model);
    labelling_draw(&l, 0);
    for (size_t j = 0; j < c.d; j++) {
        ASSERT_NEAR(l.sample.mean[j], 0, Z_LIMIT * sqrt(SCL_AT(C, j, j) / c.n));
        for (size_t i = 0; i < c.d; i++) {
            double cov = SCL_AT(C, i, j), variance = (cov * cov + SCL_AT(C, i, i) * SCL_AT(C, j, j)) / c.n;
            ASSERT_NEAR(SCL_AT(l.sample.S, i, j), cov, Z_LIMIT * sqrt(variance) + 1e-14);
        }
    }
    scl_matrix_free(&C);
    labelling_free(&l);
}

int main(void)
{
    scl_blas_start();
    struct CMUnitTest tests[CELLS + 2] = {{0}};
    for (size_t c = 0; c < CELLS; c++)
        tests[c] = (struct CMUnitTest){
            .name = cells[c].name, .test_func = check_cell, .initial_state = (void *)(uintptr_t)&cells[c]};
    tests[CELLS] = (struct CMUnitTest)cmocka_unit_test(no_labels);
    tests[CELLS + 1] = (struct CMUnitTest)cmocka_unit_test(many_samples);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
