/* Links: see link.h.
 *
 *   probit    P(t + offset + normal > 0): pi = Phi(b), kappa = phi(b)/sqrt 2, b = offset/sqrt 2
 *   logistic  integrals over the normal density by Gauss, Kronrod and Patterson (GSL's qng, which needs no memory); beyond REACH standard
 *             deviations lies less than 1e-32 of it */
#include "model/link.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <math.h>

static const double REACH = 12.0, ACCURACY = 1e-13;

/* 1/(1 + exp(-x)) */
static double logistic(double x)
{
    return x > 0.0 ? 1.0 / (1.0 + exp(-x)) : exp(x) / (1.0 + exp(x));
}

static double weighted_link(double t, void *offset)
{
    return gsl_ran_ugaussian_pdf(t) * logistic(t + *(double *)offset);
}

static double weighted_slope(double t, void *offset)
{
    double x = t + *(double *)offset;
    return gsl_ran_ugaussian_pdf(t) * logistic(x) * logistic(-x);
}

static scl_status integrate(double *value, double (*of)(double, void *), double offset, scl_error *err)
{
    gsl_function f = {.function = of, .params = &offset};
    double error, left, right;
    size_t evaluations;
    int bad = gsl_integration_qng(&f, -REACH, 0.0, ACCURACY, 0.0, &left, &error, &evaluations);
    if (!bad) bad = gsl_integration_qng(&f, 0.0, REACH, ACCURACY, 0.0, &right, &error, &evaluations);
    if (bad)
        return scl_error_set(err, SCL_ERR_INTERNAL, "the logistic link at offset %g: %s", offset, gsl_strerror(bad));
    *value = left + right;
    return SCL_OK;
}

scl_status scl_link_moments(double *pi, double *kappa, scl_task_kind kind, double offset, scl_error *err)
{
    if (kind == SCL_TASK_PROBIT) {
        *pi = gsl_cdf_ugaussian_P(offset / sqrt(2.0));
        *kappa = gsl_ran_ugaussian_pdf(offset / sqrt(2.0)) / sqrt(2.0);
        return SCL_OK;
    }
    scl_status status = integrate(pi, weighted_link, offset, err);
    return status == SCL_OK ? integrate(kappa, weighted_slope, offset, err) : status;
}
