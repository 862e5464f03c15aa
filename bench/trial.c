/* Times jobs of a config in this process, one worker, one BLAS thread.
 * usage: trial CONFIG D N COUNT -- prints the median seconds of COUNT jobs of the cell with that d and n, the worker's bytes, and the
 * mean seconds of CPU time.
 * The first job of the cell (which also computes the population) warms up and is not counted. */
#include "linalg/linalg.h"
#include "study/job.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

static size_t find_cell(const scl_plan *plan, double d, double n)
{
    for (size_t c = 0; c < plan->n_cells; c++)
        if ((double)plan->cells[c].settings.model.d == d && plan->cells[c].settings.n == n) return c;
    return plan->n_cells;
}

static int time_jobs(const scl_plan *plan, size_t cell, size_t count, scl_error *err)
{
    scl_worker worker;
    scl_row *rows = scl_alloc(scl_job_max_rows(plan), sizeof *rows, err);
    double *seconds = scl_alloc(count, sizeof *seconds, err);
    if (!rows || !seconds || scl_worker_new(&worker, plan, err) != SCL_OK) return 3;
    scl_job_run(rows, &worker, plan->first_job[cell]);
    clock_t cpu = clock();
    for (size_t i = 0; i < count; i++) {
        double start = now_s();
        scl_job_run(rows, &worker, plan->first_job[cell] + 1 + i);
        seconds[i] = now_s() - start;
    }
    cpu = clock() - cpu;
    qsort(seconds, count, sizeof *seconds, compare);
    printf("%.9f %zu %.9f\n", seconds[count / 2], scl_worker_bytes(plan), (double)cpu / CLOCKS_PER_SEC / (double)count);
    scl_worker_free(&worker);
    scl_free(seconds);
    scl_free(rows);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: trial CONFIG D N COUNT\n");
        return 2;
    }
    scl_blas_start();
    gsl_set_error_handler_off();
    scl_error err = {0};
    scl_config config;
    scl_plan plan;
    scl_config_names names = {0};
    if (scl_config_read(&config, argv[1], NULL, 0, &names, &err) != SCL_OK ||
        scl_plan_new(&plan, &config, &err) != SCL_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 2;
    }
    size_t cell = find_cell(&plan, strtod(argv[2], NULL), strtod(argv[3], NULL));
    if (cell == plan.n_cells) {
        fprintf(stderr, "no cell with d = %s, n = %s\n", argv[2], argv[3]);
        return 2;
    }
    int status = time_jobs(&plan, cell, strtoul(argv[4], NULL, 10), &err);
    scl_plan_free(&plan);
    scl_config_free(&config);
    return status;
}
