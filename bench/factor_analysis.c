/* Times factor-analysis on a covariance from a file, one BLAS thread.
 * usage: factor_analysis FILE D R N COUNT -- FILE holds the d x d covariance (divisor n - 1) as native doubles; prints the median CPU
 * seconds of COUNT fits, the log-likelihood per sample, steps and status. */
#include "estimate/estimate.h"
#include "linalg/linalg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static scl_status time_fits(const scl_sample *sample, size_t r, size_t count, scl_error *err)
{
    const scl_estimator *estimator = scl_estimator_find("factor-analysis");
    double options[SCL_MAX_OPTIONS];
    for (size_t i = 0; i < estimator->n_options; i++) options[i] = estimator->options[i].fallback;
    size_t d = sample->S.rows;
    scl_arena ws = {0};
    scl_representation W = {0};
    scl_fit_info info = {0};
    double *seconds = scl_alloc(count, sizeof *seconds, err);
    scl_status status = seconds ? scl_arena_new(&ws, estimator->workspace(d, r), err) : SCL_ERR_MEMORY;
    if (status == SCL_OK) status = scl_representation_new(&W, d, r, err);
    for (size_t i = 0; status == SCL_OK && i < count; i++) {
        clock_t start = clock();
        status = estimator->fit(&W, &info, sample, options, NULL, &ws, err);
        seconds[i] = (double)(clock() - start) / CLOCKS_PER_SEC;
    }
    if (status == SCL_OK) {
        qsort(seconds, count, sizeof *seconds, compare);
        printf("%.9f %.12g %d %s\n", seconds[count / 2], info.objective, info.iterations,
               scl_fit_status_names[info.status]);
    }
    scl_representation_free(&W);
    scl_arena_free(&ws);
    scl_free(seconds);
    return status;
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: factor_analysis FILE D R N COUNT\n");
        return 2;
    }
    scl_blas_start();
    scl_error err = {0};
    scl_sample sample;
    size_t d = strtoul(argv[2], NULL, 10);
    FILE *file = fopen(argv[1], "rb");
    if (!file || scl_sample_new(&sample, d, &err) != SCL_OK ||
        fread(sample.S.data, sizeof(double), d * d, file) != d * d) {
        fprintf(stderr, "%s: cannot be read: %s\n", argv[1], err.message);
        return 3;
    }
    fclose(file);
    sample.n = strtod(argv[4], NULL);
    scl_status status = time_fits(&sample, strtoul(argv[3], NULL, 10), strtoul(argv[5], NULL, 10), &err);
    if (status != SCL_OK) fprintf(stderr, "%s\n", err.message);
    scl_sample_free(&sample);
    return status == SCL_OK ? 0 : 3;
}
