/* A trial from sufficient statistics costs the same whatever n is, in time and memory; one from data needs memory that does not
 * depend on n. */
#include "linalg/linalg.h"
#include "study/job.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 41, JOBS = 8 };

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double time_jobs(scl_row *rows, scl_worker *worker, size_t first)
{
    scl_job_run(rows, worker, first); /* draws the model of the cell: not counted */
    double start = now_s();
    for (size_t i = 0; i < JOBS; i++) scl_job_run(rows, worker, first + i);
    return now_s() - start;
}

static void time_does_not_depend_on_n(void **state)
{
    (void)state;
    scl_error err = {0};
    scl_config config;
    scl_plan plan;
    scl_worker worker;
    scl_config_names names = {0};
    assert_int_equal(scl_config_read(&config, "tests/study/cost.yaml", NULL, 0, &names, &err), SCL_OK);
    assert_int_equal(scl_plan_new(&plan, &config, &err), SCL_OK);
    assert_int_equal(scl_worker_new(&worker, &plan, &err), SCL_OK);
    scl_row *rows = scl_alloc(scl_job_max_rows(&plan), sizeof *rows, &err);
    assert_non_null(rows);
    double ratios[ROUNDS];
    for (size_t i = 0; i < ROUNDS;
         i++) { /* interleaved: what else the machine does hits both; replicate 0 is not timed */
        double small = time_jobs(rows, &worker, plan.first_job[0] + 1 + i * JOBS);
        double large = time_jobs(rows, &worker, plan.first_job[1] + 1 + i * JOBS);
        ratios[i] = large / small;
    }
    qsort(ratios, ROUNDS, sizeof *ratios, compare);
    print_message("n = 1e9 takes %.3f of n = 1e4 (median of %d interleaved rounds)\n", ratios[ROUNDS / 2], ROUNDS);
    assert_true(ratios[ROUNDS / 2] < 1.2);
    scl_free(rows);
    scl_worker_free(&worker);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

static void memory_does_not_depend_on_n(void **state)
{
    (void)state;
    assert_int_equal(scl_sample_workspace(SCL_SAMPLER_MOMENTS, 100, 10, 1e9),
                     scl_sample_workspace(SCL_SAMPLER_MOMENTS, 100, 10, 1e4));
    assert_int_equal(scl_sample_workspace(SCL_SAMPLER_DATA, 100, 10, 1e9),
                     scl_sample_workspace(SCL_SAMPLER_DATA, 100, 10, 1e4));
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(time_does_not_depend_on_n),
        cmocka_unit_test(memory_does_not_depend_on_n),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
