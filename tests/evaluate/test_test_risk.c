/* The risk on a test set: against the closed form of two classes, against the rule written out on data of the test's own for more classes
 * and other laws, and what a test set is a function of.
 * False alarms: 4 standard errors for each of 11 means, 7e-4 altogether. */
#include "evaluate/test_set.h"

#include "evaluate/risking.h"
#include "sample/labelling.h"

enum { DRAWS = 100, POINTS = 200000, MOST = 16 };

static double value_of(const char *name, labelling *l, uint32_t replicate)
{
    l->sample.test = (scl_label_source){.seed = 7, .role = SCL_ROLE_TEST, .text = "labels", .replicate = replicate};
    return risking_metric(name, l->model.U, &l->sample);
}

/* Where both are known they differ by the test set alone. */
static void two_gaussian_classes(void **state)
{
    (void)state;
    static const labelling_case cases[] = {
        {.kind = SCL_TASK_LOGISTIC, .d = 8, .r = 3, .n = 200, .m = 40, .offset = 0.7},
        {.kind = SCL_TASK_PROBIT, .d = 8, .r = 2, .n = 200, .m = 5, .offset = -0.3},
        {.kind = SCL_TASK_PROBIT, .d = 5, .r = 1, .n = 100, .m = 100, .unequal = true},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        labelling l = labelling_new(&cases[c], SCL_SAMPLER_MOMENTS);
        double sum = 0, variance = 0;
        for (uint32_t i = 0; i < DRAWS; i++) {
            labelling_draw(&l, i);
            double exact = value_of("lda-risk", &l, i), share = value_of("test-risk", &l, i);
            double error = value_of("test-risk-error", &l, i);
            assert_true(fabs(error - sqrt(share * (1 - share) / SCL_TEST_SET)) < 1e-15);
            sum += share - exact;
            variance += exact * (1 - exact) / SCL_TEST_SET;
        }
        assert_true(fabs(sum) < 4 * sqrt(variance));
        labelling_free(&l);
    }
}

/* Where both are known the logistic risks differ by the test set alone; separable labels have neither. */
static void logistic_regression(void **state)
{
    (void)state;
    static const labelling_case cases[] = {
        {.kind = SCL_TASK_LOGISTIC, .d = 8, .r = 3, .n = 200, .m = 60, .offset = 0.7},
        {.kind = SCL_TASK_PROBIT, .d = 6, .r = 1, .n = 100, .m = 30, .offset = -0.3},
        {.kind = SCL_TASK_PROBIT, .d = 9, .r = 2, .n = 100, .m = 12},
    };
    size_t separable = 0;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        labelling l = labelling_new(&cases[c], SCL_SAMPLER_DATA);
        double sum = 0, variance = 0;
        for (uint32_t i = 0; i < DRAWS; i++) {
            labelling_draw(&l, i);
            double exact = value_of("logistic-head-log", &l, i), mean = value_of("test-log-risk", &l, i);
            double error = value_of("test-log-risk-error", &l, i);
            assert_int_equal(isinf(exact), isinf(mean));
            separable += isinf(exact) != 0;
            if (isinf(exact)) continue;
            sum += mean - exact;
            variance += error * error;
        }
        assert_true(fabs(sum) < 4 * sqrt(variance));
        labelling_free(&l);
    }
    assert_true(separable > 0 && separable < DRAWS); /* of the last case, some */
}

/* Gaussian discriminants by the definition, from the labelled samples themselves. */
static size_t say(const double *f, const double *means, const double *counts, scl_matrix P, size_t K)
{
    size_t k = P.rows, best = 0;
    double most = -INFINITY;
    for (size_t c = 0; c < K; c++) {
        double b[MOST], score = log(counts[c]);
        memcpy(b, means + c * k, k * sizeof(double));
        risking_solve(P, b);
        for (size_t i = 0; i < k; i++) score += b[i] * (f[i] - means[c * k + i] / 2);
        if (score > most) most = score, best = c;
    }
    return best;
}

/* One fitted head, on many test points of the test's own; the metric's value is its share on 10000. */
static void written_out(const labelling_case *of)
{
    labelling l = labelling_new(of, SCL_SAMPLER_DATA);
    labelling_draw(&l, 0);
    const scl_labels *y = &l.sample.labels;
    size_t d = of->d, k = of->r, K = y->n_classes, m = (size_t)of->m;
    double means[MOST * MOST] = {0}, counts[MOST] = {0};
    scl_matrix F = dense_cross(l.model.U, y->X), P = dense_new(k, k);
    for (size_t i = 0; i < m; i++) {
        size_t c = (size_t)y->y[i];
        counts[c] += 1;
        for (size_t j = 0; j < k; j++) means[c * k + j] += SCL_AT(F, j, i);
    }
    for (size_t c = 0; c < K; c++)
        for (size_t j = 0; j < k; j++) means[c * k + j] /= counts[c];
    for (size_t i = 0; i < m; i++)
        for (size_t a = 0; a < k; a++)
            for (size_t b = 0; b < k; b++)
                SCL_AT(P, a, b) += (SCL_AT(F, a, i) - means[(size_t)y->y[i] * k + a]) *
                                   (SCL_AT(F, b, i) - means[(size_t)y->y[i] * k + b]) / (double)(m - K);
    scl_stream stream = scl_stream_make(91, SCL_ROLE_TEST, of->name, 0);
    size_t wrong = 0;
    scl_matrix simplex = dense_new(k, k + 1);
    scl_simplex(simplex);
    for (size_t p = 0; p < POINTS; p++) {
        double z[MOST], e[64], f[MOST] = {0};
        size_t truth = 0;
        scl_law_fill(z, &stream, k, of->latent);
        scl_law_fill(e, &stream, d, of->noise_law);
        if (of->kind == SCL_TASK_CLASSES) {
            truth = scl_stream_index(&stream, K);
            for (size_t i = 0; i < k; i++) z[i] = SCL_AT(simplex, i, truth);
        } else {
            double t = of->offset;
            for (size_t i = 0; i < k; i++) t += SCL_AT(l.model.task.w, i, 0) * z[i];
            truth = scl_stream_uniform(&stream) < 1 / (1 + exp(-t));
        }
        for (size_t i = 0; i < k; i++) {
            f[i] = sampling_nu(&l.model, i) * z[i];
            for (size_t j = 0; j < d; j++) f[i] += SCL_AT(l.model.U, j, i) * l.model.sigma[j] * e[j];
        }
        wrong += say(f, means, counts, P, K) != truth;
    }
    double share = (double)wrong / POINTS, value = value_of("test-risk", &l, 0);
    assert_true(fabs(share - value) < 4 * sqrt(share * (1 - share) * (1.0 / POINTS + 1.0 / SCL_TEST_SET)));
    assert_true(share > 0.01 && share < 0.6);
    scl_matrix_free(&simplex);
    scl_matrix_free(&F);
    scl_matrix_free(&P);
    labelling_free(&l);
}

static void classes_and_laws(void **state)
{
    (void)state;
    static const scl_law student = {SCL_LAW_STUDENT, 5}, signs = {SCL_LAW_RADEMACHER, 0};
    const labelling_case cases[] = {
        {.name = "classes", .kind = SCL_TASK_CLASSES, .d = 9, .r = 3, .n = 300, .m = 120},
        {.name = "two", .kind = SCL_TASK_CLASSES, .d = 6, .r = 1, .n = 60, .m = 60},
        {.name = "heavy", .kind = SCL_TASK_CLASSES, .d = 9, .r = 2, .n = 300, .m = 50, .noise_law = student},
        {.name = "signs", .kind = SCL_TASK_LOGISTIC, .d = 8, .r = 3, .n = 90, .m = 60, .offset = 1, .latent = signs},
        {.name = "heavy latents", .kind = SCL_TASK_LOGISTIC, .d = 8, .r = 2, .n = 90, .m = 60, .latent = student},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) written_out(&cases[c]);
}

/* A test set is a function of the replicate: the same for every representation, another for another replicate; without one, of
 * a population and of classes without samples there is a number only where there can be one. */
static void what_a_test_set_is_of(void **state)
{
    (void)state;
    labelling_case of = {.kind = SCL_TASK_CLASSES, .d = 6, .r = 3, .n = 300, .m = 4};
    labelling l = labelling_new(&of, SCL_SAMPLER_MOMENTS);
    labelling_draw(&l, 3); /* of four classes some have no sample here */
    double least = INFINITY;
    for (size_t c = 0; c < 4; c++) least = fmin(least, l.sample.labels.counts[c]);
    assert_true(least == 0);
    double once = value_of("test-risk", &l, 0);
    assert_true(once > 0.2 && once < 1);
    assert_true(value_of("test-risk", &l, 0) == once);
    assert_true(value_of("test-risk", &l, 1) != once);
    scl_stream stream, named = scl_stream_make(7, SCL_ROLE_TEST, "set=test\nlabels", 1);
    scl_error err = {0};
    ASSERT_OK(scl_test_stream(&stream, &l.sample.test, &err), err); /* of replicate 1 */
    assert_memory_equal(stream.key, named.key, sizeof stream.key);
    assert_int_equal(stream.replicate, named.replicate);
    l.sample.test.text = NULL;
    assert_true(isnan(risking_metric("test-risk", l.model.U, &l.sample)));
    l.sample.labels.m = INFINITY;
    assert_true(isnan(value_of("test-risk", &l, 0)));
    labelling_free(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_gaussian_classes),
        cmocka_unit_test(logistic_regression),
        cmocka_unit_test(classes_and_laws),
        cmocka_unit_test(what_a_test_set_is_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
