/* The numbers of PCA, of contrastive learning, with averaged and with fixed masks, and of HeteroPCA in docs/theory.md, section 9, from
 * independent simulations: mean +- standard error there. Each of our means must lie within
 *     4 sqrt(their error^2 + our error^2) + half the last printed digit
 * of theirs. 41 Monte Carlo numbers at 4 standard errors: false alarm of the family 41 x 6.3e-5 = .26 %. Population values
 * are exact: half the last printed digit alone, or, for 0, rounding (d eps ||C|| / gap = 400 x 2e-16 x 5/4 = 1e-13, and a
 * factor of ten). */
#include "linalg/dense.h"
#include "linalg/linalg.h"
#include "study/job.h"

#include <stdio.h>

enum { PCA, CONTRASTIVE, ONE_HALF, ONE_BERNOULLI, HETEROPCA };

typedef struct number {
    size_t cell; /* of the config, last axis fastest */
    int estimator, metric;
    double published, error; /* error 0: exact */
    double half_digit;
} number;

static const char *const no_claims[] = {""};
static const scl_config_names names = {.claims = no_claims};

/* Values of one estimator and metric over the jobs of one cell. */
typedef struct values {
    double *x;
    size_t n;
} values;

static void mean_and_error(double *mean, double *error, const values *v)
{
    double sum = 0, squares = 0;
    for (size_t i = 0; i < v->n; i++) sum += v->x[i];
    *mean = sum / (double)v->n;
    for (size_t i = 0; i < v->n; i++) squares += (v->x[i] - *mean) * (v->x[i] - *mean);
    *error = v->n > 1 ? sqrt(squares / (double)(v->n - 1) / (double)v->n) : 0;
}

static void check(const char *file, const number *numbers, size_t n_numbers)
{
    scl_error err = {0};
    scl_config config;
    scl_plan plan;
    scl_worker worker;
    ASSERT_OK(scl_config_read(&config, file, NULL, 0, &names, &err), err);
    ASSERT_OK(scl_plan_new(&plan, &config, &err), err);
    ASSERT_OK(scl_worker_new(&worker, &plan, &err), err);
    scl_row *rows = malloc(scl_job_max_rows(&plan) * sizeof *rows);
    values *all = calloc(n_numbers, sizeof *all);
    assert_non_null(rows);
    assert_non_null(all);
    for (size_t i = 0; i < n_numbers; i++) assert_non_null(all[i].x = malloc(config.replicates * sizeof(double)));
    for (size_t job = 0; job < plan.n_jobs; job++) {
        size_t cell = scl_plan_job(&plan, job).cell, n_rows = scl_job_run(rows, &worker, job);
        for (size_t k = 0; k < n_rows; k++)
            for (size_t i = 0; i < n_numbers; i++) {
                bool its = numbers[i].cell == cell && numbers[i].estimator == (int)rows[k].estimator &&
                           rows[k].kind == SCL_ROW_SAMPLE;
                if (!its) continue;
                if (rows[k].status != SCL_ROW_OK) fail_msg("%s, job %zu: %s", file, job, rows[k].message);
                all[i].x[all[i].n++] = rows[k].values[numbers[i].metric];
            }
    }
    for (size_t i = 0; i < n_numbers; i++) {
        const number *expected = &numbers[i];
        assert_int_equal(all[i].n, expected->error > 0 ? config.replicates : 1);
        double mean, error;
        mean_and_error(&mean, &error, &all[i]);
        double combined = sqrt(error * error + expected->error * expected->error);
        double allowed = 4 * combined + expected->half_digit;
        if (!(fabs(mean - expected->published) <= allowed))
            fail_msg("%s, cell %zu, %s, %s: %.6f +- %.6f, published %.6f +- %.6f, allowed %.6f", file, expected->cell,
                     config.estimators[expected->estimator].id, config.metrics[expected->metric]->name, mean, error,
                     expected->published, expected->error, allowed);
        free(all[i].x);
    }
    free(all);
    free(rows);
    scl_worker_free(&worker);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

#define CHECK(file, numbers) check("tests/reference/" file, numbers, sizeof(numbers) / sizeof *(numbers))

/* "cos^2: ell = 1 .3176+-.0072, 2 .7001+-.0025, 4 .8606+-.0010; largest eigenvalue 3.012+-.005, 3.752+-.010, 5.595+-.020" */
static void homoskedastic(void **state)
{
    (void)state;
    enum { COS2, TOP };
    static const number numbers[] = {
        {0, PCA, COS2, .3176, .0072, .00005}, {1, PCA, COS2, .7001, .0025, .00005},
        {2, PCA, COS2, .8606, .0010, .00005}, {0, PCA, TOP, 3.012, .005, .0005},
        {1, PCA, TOP, 3.752, .010, .0005},    {2, PCA, TOP, 5.595, .020, .0005},
    };
    CHECK("homoskedastic.yaml", numbers);
}

/* "A n=1000: PCA .5828+-.0009, contrastive .5817+-.0009; A n=4000: .3019+-.0004, .3008+-.0004. Population PCA: A 0;
 * off-diagonal .004998." */
static void cell_a(void **state)
{
    (void)state;
    static const number numbers[] = {
        {0, PCA, 0, .5828, .0009, .00005}, {0, CONTRASTIVE, 0, .5817, .0009, .00005},
        {1, PCA, 0, .3019, .0004, .00005}, {1, CONTRASTIVE, 0, .3008, .0004, .00005},
        {2, PCA, 0, 0, 0, 1e-12},          {2, CONTRASTIVE, 0, .004998, 0, .0000005},
    };
    CHECK("cell-a.yaml", numbers);
}

/* "B n=1000: .6858+-.0011, .6076+-.0009; B n=4000: .4085+-.0005, .3124+-.0004. Population PCA: B .232645; off-diagonal
 * .004998." */
static void cell_b(void **state)
{
    (void)state;
    static const number numbers[] = {
        {0, PCA, 0, .6858, .0011, .00005}, {0, CONTRASTIVE, 0, .6076, .0009, .00005},
        {1, PCA, 0, .4085, .0005, .00005}, {1, CONTRASTIVE, 0, .3124, .0004, .00005},
        {2, PCA, 0, .232645, 0, .0000005}, {2, CONTRASTIVE, 0, .004998, 0, .0000005},
    };
    CHECK("cell-b.yaml", numbers);
}

/* "R = 2: PCA .6259(10), contrastive .2308(11), HeteroPCA .1209(3), one fixed mask exact half .868(4), Bernoulli .907(5); R = 1:
 * .1730(4) .2615(10) .1773(4) .884(4) .921(5); R = 4: .8057(12) .2215(12) .1002(2) .865(4) .907(5)": one mask for the data set, drawn
 * for each replicate. */
static void positive_loadings_noise_ratio(void **state)
{
    (void)state;
    static const number numbers[] = {
        {0, PCA, 0, .1730, .0004, .00005},       {0, CONTRASTIVE, 0, .2615, .0010, .00005},
        {1, PCA, 0, .6259, .0010, .00005},       {1, CONTRASTIVE, 0, .2308, .0011, .00005},
        {2, PCA, 0, .8057, .0012, .00005},       {2, CONTRASTIVE, 0, .2215, .0012, .00005},
        {0, ONE_HALF, 0, .884, .004, .0005},     {0, ONE_BERNOULLI, 0, .921, .005, .0005},
        {1, ONE_HALF, 0, .868, .004, .0005},     {1, ONE_BERNOULLI, 0, .907, .005, .0005},
        {2, ONE_HALF, 0, .865, .004, .0005},     {2, ONE_BERNOULLI, 0, .907, .005, .0005},
        {0, HETEROPCA, 0, .1773, .0004, .00005}, {1, HETEROPCA, 0, .1209, .0003, .00005},
        {2, HETEROPCA, 0, .1002, .0002, .00005},
    };
    CHECK("positive-ratio.yaml", numbers);
}

/* "R = 2, n = 1000, 5000, 50000: PCA .8289(18) .6607(12) .6175(10); contrastive .5643(13) .3097(10) .2119(11)" */
static void positive_loadings_sample_size(void **state)
{
    (void)state;
    static const number numbers[] = {
        {0, PCA, 0, .8289, .0018, .00005}, {0, CONTRASTIVE, 0, .5643, .0013, .00005},
        {1, PCA, 0, .6607, .0012, .00005}, {1, CONTRASTIVE, 0, .3097, .0010, .00005},
        {2, PCA, 0, .6175, .0010, .00005}, {2, CONTRASTIVE, 0, .2119, .0011, .00005},
    };
    CHECK("positive-n.yaml", numbers);
}

/* "d = 20, 60, 110 at n = 20000: PCA .4952(13) .6682(8) .7169(6); contrastive .3066(23) .2060(6) .2286(3)" */
static void positive_loadings_dimension(void **state)
{
    (void)state;
    static const number numbers[] = {
        {0, PCA, 0, .4952, .0013, .00005}, {0, CONTRASTIVE, 0, .3066, .0023, .00005},
        {1, PCA, 0, .6682, .0008, .00005}, {1, CONTRASTIVE, 0, .2060, .0006, .00005},
        {2, PCA, 0, .7169, .0006, .00005}, {2, CONTRASTIVE, 0, .2286, .0003, .00005},
    };
    CHECK("positive-d.yaml", numbers);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(homoskedastic),
        cmocka_unit_test(cell_a),
        cmocka_unit_test(cell_b),
        cmocka_unit_test(positive_loadings_noise_ratio),
        cmocka_unit_test(positive_loadings_sample_size),
        cmocka_unit_test(positive_loadings_dimension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
