/* The 0-1 risk of linear rules: see zero_one_risk.h.
 *
 *   z = (h - rho t)/s = sign(rho) (edge - t)/width,   edge = h/rho,  width = s/|rho|
 * The trapezoid rule takes Phi(z) while the width is well above its step. A steeper one is split where Phi(z) is not 0 or 1: rho = +-1
 * leaves two pieces that meet at the edge. */
#include "evaluate/zero_one_risk.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_integration.h>
#include <gsl/gsl_randist.h>
#include <math.h>

/* The error of the trapezoid rule is below exp(-2 pi^2/(STEP^2 (2 + 1/width^2))): 1e-23 at this width. */
static const double STEEP = .5;       /* widths below are split; less: e^-17 at .25 */
static const double REACH = 8.5;      /* Phi(-REACH) = 1e-17 */
static const double ACCURACY = 1e-13; /* asked of each piece; GSL's estimates are far above its errors */

/* ---- steep rules ------------------------------------------------------------------------------------------------- */

typedef struct piece {
    const scl_label_law *law;
    double sign, edge, width;
    double label; /* of the outer pieces: +1 where the rule says 0 and is wrong about y = 1, else -1 */
} piece;

static double outer(double t, void *parameters)
{
    const piece *p = parameters;
    return gsl_ran_ugaussian_pdf(t) * scl_link_probability(p->law->link, p->label * (t + p->law->b0));
}

static double inner(double t, void *parameters)
{
    const piece *p = parameters;
    double z = p->sign * (p->edge - t) / p->width, F = scl_link_probability(p->law->link, t + p->law->b0);
    double says_zero = gsl_cdf_ugaussian_P(z);
    return gsl_ran_ugaussian_pdf(t) * (F * says_zero + (1.0 - F) * (1.0 - says_zero));
}

static double integral(double (*function)(double, void *), piece *p, double low, double high)
{
    if (!(low < high)) return 0.0;
    double value = 0.0, error;
    size_t calls;
    gsl_integration_qng(&(gsl_function){.function = function, .params = p}, low, high, ACCURACY, 0.0, &value, &error,
                        &calls);
    return value;
}

static double steep_risk(const scl_label_law *law, double rho, double s, double h)
{
    piece p = {.law = law, .sign = copysign(1.0, rho), .edge = h / rho, .width = s / fabs(rho)};
    double low = fmin(fmax(p.edge - REACH * p.width, -REACH), REACH);
    double high = fmin(fmax(p.edge + REACH * p.width, -REACH), REACH);
    double risk = integral(inner, &p, low, high);
    p.label = p.sign;
    risk += integral(outer, &p, -REACH, low);
    p.label = -p.sign;
    return risk + integral(outer, &p, high, REACH);
}

/* ---- risks ------------------------------------------------------------------------------------------------------- */

double scl_zero_one_risk(const scl_label_law *law, double rho, double h)
{
    if (!(fabs(rho) <= 1.0) || isnan(h)) return NAN;
    if (isinf(h)) return h > 0.0 ? law->pi1 : law->pi0;
    double s = sqrt((1.0 - rho) * (1.0 + rho)), risk = 0.0;
    if (s < STEEP * fabs(rho)) return steep_risk(law, rho, s, h);
    for (int i = 0; i < SCL_LINK_NODES; i++) {
        double z = (h - rho * scl_link_node(i)) / s;
        risk += law->one[i] * gsl_cdf_ugaussian_P(z) + law->zero[i] * gsl_cdf_ugaussian_P(-z);
    }
    return risk;
}

double scl_best_zero_one_risk(const scl_label_law *law, double rho)
{
    if (rho == 0.0) return fmin(law->pi1, law->pi0);
    return scl_zero_one_risk(law, fabs(rho), -law->b0 / fabs(rho));
}
