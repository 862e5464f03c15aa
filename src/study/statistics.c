/* Monte Carlo summaries: see statistics.h. */
#include "study/statistics.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

scl_statistics scl_statistics_of(double *values, size_t n)
{
    scl_statistics s = {n, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (n == 0) return s;
    s.mean = gsl_stats_mean(values, 1, n);
    if (n > 1) {
        s.sd = gsl_stats_sd_m(values, 1, n, s.mean);
        s.mcse = s.sd / sqrt((double)n);
        double half_width = gsl_cdf_tdist_Pinv(0.975, (double)(n - 1)) * s.mcse;
        s.ci_low = s.mean - half_width;
        s.ci_high = s.mean + half_width;
    }
    gsl_sort(values, 1, n);
    s.q05 = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.05);
    s.median = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.5);
    s.q95 = gsl_stats_quantile_from_sorted_data(values, 1, n, 0.95);
    return s;
}
