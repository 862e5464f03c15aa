/* Risks of rules on a Gaussian score, slowly: by adaptive quadrature over (u, g), t = rho u + s g, and by drawing (t, u, y). */
#ifndef SCL_TEST_EVALUATE_LABELS_H
#define SCL_TEST_EVALUATE_LABELS_H

#include "linalg/dense.h"

#include "evaluate/zero_one_risk.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>

/* What a rule loses at score u when the label is y; two parameters. */
typedef double labels_loss(double u, int y, double a, double b);

static inline double labels_zero_one(double u, int y, double h, double unused)
{
    (void)unused;
    return (u > h) != (y == 1);
}

static inline double labels_logistic(double u, int y, double s, double c)
{
    double v = y ? -(s * u + c) : s * u + c;
    return fmax(v, 0) + log1p(exp(-fabs(v)));
}

/* F by its definition, without the code under test. */
static inline double labels_probability(scl_link link, double eta)
{
    return link == SCL_LINK_PROBIT ? erfc(-eta / sqrt(2)) / 2 : 1 / (1 + exp(-eta));
}

typedef struct labels_double {
    scl_link link;
    double b0, rho, u, a, b;
    labels_loss *loss;
    gsl_integration_workspace *inner;
} labels_double;

enum { LABELS_PIECES = 2000 };
static const double LABELS_REACH = 9.5, LABELS_ACCURACY = 1e-13; /* the normal law's tails beyond are below 3e-21 */

static inline double labels_phi(double x)
{
    return exp(-x * x / 2) / sqrt(2 * M_PI);
}

static inline double labels_of_g(double g, void *parameters)
{
    const labels_double *d = parameters;
    double eta = d->rho * d->u + sqrt((1 - d->rho) * (1 + d->rho)) * g + d->b0;
    return labels_phi(g) * labels_probability(d->link, eta);
}

/* P(y = 1 | u) */
static inline double labels_posterior(labels_double *d, double u)
{
    double value, error;
    d->u = u;
    gsl_integration_qag(&(gsl_function){labels_of_g, d}, -LABELS_REACH, LABELS_REACH, LABELS_ACCURACY, 0, LABELS_PIECES,
                        GSL_INTEG_GAUSS61, d->inner, &value, &error);
    return value;
}

static inline double labels_of_u(double u, void *parameters)
{
    labels_double *d = parameters;
    double one = labels_posterior(d, u);
    return labels_phi(u) * (one * d->loss(u, 1, d->a, d->b) + (1 - one) * d->loss(u, 0, d->a, d->b));
}

/* E min(P(y = 1|u), P(y = 0|u)) for labels_risk: no rule does better. */
static inline double labels_of_bayes(double u, void *parameters)
{
    double one = labels_posterior(parameters, u);
    return labels_phi(u) * fmin(one, 1 - one);
}

/* The integral over u, split where the integrand is not smooth. */
static inline double labels_integral(double (*of_u)(double, void *), labels_double d, double split)
{
    gsl_set_error_handler_off();
    gsl_integration_workspace *outer = gsl_integration_workspace_alloc(LABELS_PIECES);
    d.inner = gsl_integration_workspace_alloc(LABELS_PIECES);
    double total = 0, ends[] = {-LABELS_REACH, fmin(fmax(split, -LABELS_REACH), LABELS_REACH), LABELS_REACH};
    for (int i = 0; i < 2; i++) {
        double value = 0, error;
        if (ends[i] < ends[i + 1])
            gsl_integration_qag(&(gsl_function){of_u, &d}, ends[i], ends[i + 1], LABELS_ACCURACY, 0, LABELS_PIECES,
                                GSL_INTEG_GAUSS61, outer, &value, &error);
        total += value;
    }
    gsl_integration_workspace_free(outer);
    gsl_integration_workspace_free(d.inner);
    return total;
}

static inline double labels_risk(scl_link link, double b0, double rho, labels_loss *loss, double a, double b,
                                 double split)
{
    return labels_integral(labels_of_u,
                           (labels_double){.link = link, .b0 = b0, .rho = rho, .loss = loss, .a = a, .b = b}, split);
}

/* Mean loss of `heads` rules over LABELS_DRAWS draws, against `expected`: within four standard errors, each. */
enum { LABELS_DRAWS = 1000000, LABELS_PIECE = 1000 };
#define LABELS_Z 4.0 /* false alarm of each mean 6.3e-5 */

static inline void labels_simulate(scl_link link, double b0, double rho, labels_loss *loss, const double (*heads)[2],
                                   const double *expected, size_t count)
{
    scl_stream normals = scl_stream_make(77, SCL_ROLE_TEST, "labels", 0);
    scl_stream uniforms = scl_stream_make(77, SCL_ROLE_LABELS, "labels", 0);
    static double t[LABELS_PIECE], noise[LABELS_PIECE], level[LABELS_PIECE];
    double sum[8] = {0}, squares[8] = {0}, s = sqrt((1 - rho) * (1 + rho));
    assert_true(count <= 8);
    for (size_t piece = 0; piece < LABELS_DRAWS / LABELS_PIECE; piece++) {
        scl_stream_normals(t, &normals, LABELS_PIECE);
        scl_stream_normals(noise, &normals, LABELS_PIECE);
        scl_stream_uniforms(level, &uniforms, LABELS_PIECE);
        for (size_t i = 0; i < LABELS_PIECE; i++) {
            int y = level[i] < labels_probability(link, t[i] + b0);
            for (size_t k = 0; k < count; k++) {
                double lost = loss(rho * t[i] + s * noise[i], y, heads[k][0], heads[k][1]);
                sum[k] += lost;
                squares[k] += lost * lost;
            }
        }
    }
    for (size_t k = 0; k < count; k++) {
        double mean = sum[k] / LABELS_DRAWS, variance = squares[k] / LABELS_DRAWS - mean * mean;
        ASSERT_NEAR(mean, expected[k], LABELS_Z * sqrt(variance / LABELS_DRAWS));
        assert_true(variance > 0);
    }
}

#endif
