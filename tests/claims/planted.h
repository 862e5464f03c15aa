/* Planted evidence: summaries whose truth is known, for the judges to find.
 *
 * Upper bound: bias e_inf = t b1, sampling part s b2, mean(e^2) = e_inf^2 + s^2 b2^2, with
 *   s = s_constant (n/1e4)^s_n (d/200)^s_d (r/5)^s_r,   t = t_constant (d/200)^t_d (r/5)^t_r exp(scatter z).
 * Lower bound: e_inf = .22 sqrt r (d/200)^d_power (r/5)^r_power, seen exactly with a factor exp(scatter z);
 * mean(e^2) = (e_inf (n/1e4)^n_power)^2 + d r/n.
 * sd is noise x the root of what varies, 200 replicates; n from 1e3 to 1e9 and inf, d from 20 to 2000, r from 1 to 20. */
#ifndef SCL_TESTS_CLAIMS_PLANTED_H
#define SCL_TESTS_CLAIMS_PLANTED_H

#include "claims/claims.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

enum { PLANTED_MAX = 200 };

typedef struct planted_upper {
    double s_n, s_d, s_r, t_d, t_r; /* exponents; all 0: each term exactly at its rate */
    double scatter, noise;
    double replicates; /* 0: 200 */
    size_t thin;
} planted_upper;

typedef struct planted_lower {
    double n_power, d_power, r_power;
    double scatter, noise;
    double replicates; /* 0: 200 */
} planted_lower;

/* Population cells: all d and r below with d >= 20 r (39), or every `thin`-th of them. */
static const double planted_d[] = {20, 40, 60, 100, 200, 400, 700, 1000, 2000};
static const double planted_r[] = {1, 2, 3, 5, 10, 20};
static const double planted_sampled[][3] = {
    /* n, d, r */
    {2000, 200, 5}, {1e4, 200, 5},  {1e5, 200, 5},  {1e6, 200, 5},  {1e7, 200, 5},  {1e8, 200, 5},   {1e9, 200, 5},
    {1e4, 20, 1},   {1e4, 60, 3},   {1e4, 100, 5},  {1e4, 400, 5},  {1e4, 1000, 5}, {2e4, 2000, 5},  {1e4, 400, 1},
    {1e4, 400, 2},  {1e4, 400, 10}, {1e4, 400, 20}, {1e5, 40, 2},   {1e6, 400, 20}, {1e6, 1000, 20}, {1e7, 400, 20},
    {1e7, 60, 3},   {1e8, 60, 3},   {1e9, 60, 3},   {1e8, 400, 20}, {1e9, 400, 20},
};
enum { PLANTED_N_SAMPLED = sizeof planted_sampled / sizeof *planted_sampled };

/* The sizes of the population cells; returns how many. */
static inline size_t planted_sizes(double sizes[PLANTED_MAX][2], size_t thin)
{
    size_t k = 0, met = 0;
    for (size_t i = 0; i < sizeof planted_d / sizeof *planted_d; i++) {
        for (size_t j = 0; j < sizeof planted_r / sizeof *planted_r; j++) {
            if (planted_d[i] < 20 * planted_r[j] || (thin > 1 && met++ % thin)) continue;
            sizes[k][0] = planted_d[i];
            sizes[k++][1] = planted_r[j];
        }
    }
    return k;
}

static inline scl_evidence planted_exact(double d, double r, double value)
{
    return (scl_evidence){.experiment = "planted",
                          .family = "haar, linear 2, nu 1",
                          .n = INFINITY,
                          .d = d,
                          .r = r,
                          .mean = value,
                          .n_ok = 1,
                          .population = value,
                          .model_fixed = true};
}

/* A cell whose mean(e^2) is mean_square, seen with the error of so many replicates (0: 200). */
static inline scl_evidence planted_seen(double n, double d, double r, double mean_square, double sd, double population,
                                        double replicates, gsl_rng *rng)
{
    if (replicates == 0) replicates = 200;
    double mcse = sd / sqrt(replicates), mean = sqrt(mean_square - sd * sd * (replicates - 1) / replicates);
    mean += gsl_ran_gaussian(rng, mcse);
    return (scl_evidence){.experiment = "planted",
                          .family = "haar, linear 2, nu 1",
                          .n = n,
                          .d = d,
                          .r = r,
                          .mean = mean,
                          .sd = sd,
                          .mcse = mcse,
                          .n_ok = replicates,
                          .population = population,
                          .model_fixed = true};
}

static inline double planted_bias(const planted_upper *truth, double d, double r)
{
    return .15 * pow(d / 200, truth->t_d) * pow(r / 5, truth->t_r) * pow(r, 1.5) * log(d) / d;
}

static inline size_t plant_upper(scl_evidence *cells, const planted_upper *truth, gsl_rng *rng)
{
    double sizes[PLANTED_MAX][2];
    size_t n_population = planted_sizes(sizes, truth->thin), k = 0;
    for (size_t i = 0; i < n_population; i++) {
        double d = sizes[i][0], r = sizes[i][1];
        cells[k++] = planted_exact(d, r, planted_bias(truth, d, r) * exp(gsl_ran_gaussian(rng, truth->scatter)));
    }
    for (size_t i = 0; i < PLANTED_N_SAMPLED; i++) {
        double n = planted_sampled[i][0], d = planted_sampled[i][1], r = planted_sampled[i][2];
        double bias = planted_bias(truth, d, r) * exp(gsl_ran_gaussian(rng, truth->scatter));
        double s = pow(n / 1e4, truth->s_n) * pow(d / 200, truth->s_d) * pow(r / 5, truth->s_r);
        double sampling = s * s * d * r / n;
        /* only the sampling part varies between replicates */
        double mean_square = bias * bias + sampling, sd = truth->noise * sqrt(sampling);
        cells[k++] = planted_seen(n, d, r, mean_square, sd, bias, truth->replicates, rng);
    }
    return k;
}

static inline size_t plant_lower(scl_evidence *cells, const planted_lower *truth, gsl_rng *rng)
{
    double sizes[PLANTED_MAX][2];
    size_t n_population = planted_sizes(sizes, 1), k = 0;
    for (size_t i = 0; i < n_population; i++) {
        double d = sizes[i][0], r = sizes[i][1];
        double floor = .22 * sqrt(r) * pow(d / 200, truth->d_power) * pow(r / 5, truth->r_power);
        cells[k++] = planted_exact(d, r, floor * exp(gsl_ran_gaussian(rng, truth->scatter)));
    }
    for (size_t i = 0; i < PLANTED_N_SAMPLED; i++) {
        double n = planted_sampled[i][0], d = planted_sampled[i][1], r = planted_sampled[i][2];
        double floor = NAN;
        for (size_t j = 0; j < n_population; j++)
            if (cells[j].d == d && cells[j].r == r) floor = cells[j].mean;
        double level = floor * pow(n / 1e4, truth->n_power);
        double mean_square = level * level + d * r / n, sd = truth->noise * sqrt(mean_square);
        cells[k++] = planted_seen(n, d, r, mean_square, sd, floor, truth->replicates, rng);
    }
    return k;
}

#endif
