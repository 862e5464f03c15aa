/* Means over many draws against the labels' population, which is exact, and that against numbers known otherwise.
 *
 * E Cov(x, y) = its population value (divisor m - 1), E S_l = E S = C, E mean_y = pi, E var_y = pi (1 - pi) or 1 + label_noise^2,
 * E n_c/m = p_c, E n_c xbar_c = m p_c E(x | c), also where classes may be empty. Each is the mean of REPLICATES independent values
 * within Z_LIMIT standard errors, estimated: FALSE_ALARM 1e-6 each where that mean is normal, about 2 x 9 x 80 of them: .2 % for the family. */
#include "random/law.h"
#include "sample/labelling.h"

enum { REPLICATES = 20000, MOST = 256 };

#define STUDENT                                                                                                        \
    {                                                                                                                  \
        SCL_LAW_STUDENT, 9                                                                                             \
    }
#define SIGNS                                                                                                          \
    {                                                                                                                  \
        SCL_LAW_RADEMACHER, 0                                                                                          \
    }

static const labelling_case cells[] = {
    {"regression", SCL_TASK_REGRESSION, 5, 2, 2, .n = 20, .m = 6, .label_noise = .7, .unequal = true},
    {"regression, shared", SCL_TASK_REGRESSION, 5, 2, 2, .n = 20, .m = 6, .label_noise = .7, .shared = true},
    {"logistic", SCL_TASK_LOGISTIC, 5, 2, 2, .n = 13, .m = 6, .offset = 1},
    {"logistic, apart", SCL_TASK_LOGISTIC, 5, 2, 2, .n = 6, .m = 6, .offset = -2, .apart = true, .shared = true},
    {"probit", SCL_TASK_PROBIT, 5, 2, 2, .n = 12, .m = 6, .offset = 1, .unequal = true},
    {"probit, infinite n", SCL_TASK_PROBIT, 5, 2, 1, .n = INFINITY, .m = 3},
    {"classes", SCL_TASK_CLASSES, 5, 2, .n = 20, .m = 6, .unequal = true},
    {"classes, infinite n", SCL_TASK_CLASSES, 5, 3, .n = INFINITY, .m = 2},
    {"laws", SCL_TASK_REGRESSION, 5, 2, 1, .n = 12, .m = 6, .latent = STUDENT, .noise_law = SIGNS}};
enum { CELLS = sizeof cells / sizeof *cells };

/* What is averaged, of a draw or of the population; returns how many. */
static size_t collect(double *out, const scl_sample *sample, bool population)
{
    const scl_labels *l = &sample->labels;
    size_t d = sample->S.rows, at = 0;
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i <= j; i++) {
            out[at++] = SCL_AT(l->S, i, j);
            out[at++] = SCL_AT(sample->S, i, j);
        }
        for (size_t s = 0; s < l->cov_xy.cols; s++) out[at++] = SCL_AT(l->cov_xy, j, s);
        for (size_t c = 0; c < l->n_classes; c++)
            out[at++] = l->counts[c] * SCL_AT(l->class_means, j, c) / (population ? 1 : l->m);
        out[at++] = l->mean[j];
        out[at++] = sample->mean[j];
    }
    for (size_t s = 0; s < l->cov_xy.cols; s++) out[at++] = l->mean_y[s], out[at++] = l->var_y[s];
    for (size_t c = 0; c < l->n_classes; c++) out[at++] = l->counts[c] / (population ? 1 : l->m);
    assert_true(at <= MOST);
    return at;
}

static void expect(double *out, const labelling_case *c, scl_sampler sampler)
{
    labelling_case infinite = *c;
    infinite.n = infinite.m = INFINITY;
    labelling l = labelling_new(&infinite, sampler);
    labelling_spoil(&l);
    labelling_draw(&l, 0);
    assert_true(isinf(l.sample.labels.m) && l.sample.labels.X.rows == 0);
    collect(out, &l.sample, true);
    labelling_free(&l);
}

static void check_cell(void **state)
{
    const labelling_case *c = *state;
    bool gaussian = c->latent.kind == SCL_LAW_GAUSSIAN;
    for (int way = gaussian ? 0 : 1; way < 2; way++) {
        scl_sampler sampler = way ? SCL_SAMPLER_DATA : SCL_SAMPLER_MOMENTS;
        double expected[MOST], values[MOST], sum[MOST] = {0}, squares[MOST] = {0};
        expect(expected, c, sampler);
        labelling l = labelling_new(c, sampler);
        size_t count = 0;
        for (uint32_t replicate = 0; replicate < REPLICATES; replicate++) {
            labelling_draw(&l, replicate);
            count = collect(values, &l.sample, false);
            for (size_t i = 0; i < count; i++) {
                double off = values[i] - expected[i];
                sum[i] += off, squares[i] += off * off;
            }
        }
        for (size_t i = 0; i < count; i++) {
            double z = squares[i] > 1e-20 * REPLICATES ? sum[i] / sqrt(squares[i]) : 0; /* S = C at infinite n */
            if (!(fabs(z) < Z_LIMIT))
                fail_msg("%s, %s sampler: number %zu is off by %.2f standard errors, expected %g", c->name,
                         scl_sampler_names[sampler], i, z, expected[i]);
        }
        labelling_free(&l);
    }
}

/* theory.md, section 6: mu_1 - mu_0 = k nu U w with k = .8264838566 (logistic) and 1.1283791671 (probit) at offset 0. */
static void population(void **state)
{
    (void)state;
    static const double k[] = {.8264838566, 1.1283791671};
    for (int probit = 0; probit < 2; probit++) {
        labelling_case of = {"", probit ? SCL_TASK_PROBIT : SCL_TASK_LOGISTIC, 7, 3, 2, .n = INFINITY, .m = INFINITY};
        labelling l = labelling_new(&of, SCL_SAMPLER_MOMENTS);
        labelling_draw(&l, 0);
        const scl_labels *y = &l.sample.labels;
        scl_matrix C = sampling_covariance(&l.model);
        assert_true(dense_difference(C, y->S) < 1e-14);
        ASSERT_NEAR(y->counts[0], .5, 1e-13);
        ASSERT_NEAR(y->mean_y[1], .5, 1e-13);
        ASSERT_NEAR(y->var_y[1], .25, 1e-13);
        for (size_t j = 0; j < of.d; j++) {
            double direction = 0, second = 0;
            for (size_t i = 0; i < of.r; i++) {
                direction += 1.2 * SCL_AT(l.model.U, j, i) * SCL_AT(l.model.task.w, i, 0);
                second += 1.2 * SCL_AT(l.model.U, j, i) * SCL_AT(l.model.task.w, i, 1);
            }
            ASSERT_NEAR(SCL_AT(y->class_means, j, 1) - SCL_AT(y->class_means, j, 0), k[probit] * direction, 1e-10);
            ASSERT_NEAR(SCL_AT(y->cov_xy, j, 1), k[probit] / 4 * second, 1e-10);
        }
        scl_matrix_free(&C);
        labelling_free(&l);
    }
}

/* Labels of two classes whose latents are not Gaussian have a population that is not known; a class that never comes has mean 0. */
static void unknown_population(void **state)
{
    (void)state;
    labelling_case of = {"", SCL_TASK_LOGISTIC, 4, 2, 1, .n = INFINITY, .m = INFINITY, .latent = SIGNS};
    labelling l = labelling_new(&of, SCL_SAMPLER_DATA);
    labelling_draw(&l, 0);
    assert_true(isnan(SCL_AT(l.sample.labels.cov_xy, 0, 0)) && isnan(l.sample.labels.counts[1]));
    labelling_free(&l);
    of.latent.kind = SCL_LAW_GAUSSIAN;
    of.kind = SCL_TASK_PROBIT;
    of.offset = 60;
    l = labelling_new(&of, SCL_SAMPLER_DATA);
    labelling_draw(&l, 0);
    assert_true(l.sample.labels.counts[0] == 0 && SCL_AT(l.sample.labels.class_means, 0, 0) == 0);
    labelling_free(&l);
}

int main(void)
{
    scl_blas_start();
    struct CMUnitTest tests[CELLS + 2] = {{0}};
    for (size_t c = 0; c < CELLS; c++)
        tests[c] = (struct CMUnitTest){
            .name = cells[c].name, .test_func = check_cell, .initial_state = (void *)(uintptr_t)&cells[c]};
    tests[CELLS] = (struct CMUnitTest)cmocka_unit_test(population);
    tests[CELLS + 1] = (struct CMUnitTest)cmocka_unit_test(unknown_population);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
