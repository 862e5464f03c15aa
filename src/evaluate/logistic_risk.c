/* The logistic risk of linear heads: see logistic_risk.h.
 *
 * Labels are turned so that y = 1 is the rarer one: (y, t, u, b0, c) -> (1 - y, -t, -u, -b0, -c) changes no risk, and the sums then
 * keep their relative precision when P(y = 1) is tiny. */
#include "evaluate/logistic_risk.h"

#include "linalg/newton.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

static const double WIDE = 2.0; /* at 2 both errors are e^-38; over u it is e^-19 at 4, over l it is e^-23 at .7 */
enum { DENSITY_HALF = 88 };     /* l in steps of .5 up to 44, where the density is 1e-19 and m at most 1e4 */
static const double DENSITY_STEP = .5;
static const double DECREMENT = 1e-22; /* of the rarer label's probability: s and c within about 1e-11 */
static const double LONGEST = 1e4;     /* of (s, c); the best heads for |b0| <= 10 are below 1e2 */
enum { MOST_STEPS = 100 };

/* G with its derivatives by s and c */
typedef struct softplus_mean {
    double value, by_s, by_c, by_ss, by_sc, by_cc;
} softplus_mean;

static softplus_mean sum_over_scores(const scl_label_law *law, double s, double c)
{
    softplus_mean G = {0};
    for (int i = 0; i < SCL_LINK_NODES; i++) {
        double u = scl_link_node(i), v = c + s * u, small = exp(-fabs(v)), weight = law->weight[i];
        double rises = (v >= 0.0 ? 1.0 : small) / (1.0 + small), bends = small / ((1.0 + small) * (1.0 + small));
        G.value += weight * (fmax(v, 0.0) + log1p(small));
        G.by_c += weight * rises;
        G.by_s += weight * u * rises;
        G.by_cc += weight * bends;
        G.by_sc += weight * u * bends;
        G.by_ss += weight * u * u * bends;
    }
    return G;
}

/* m'(x) = Phi(x/s), and dm/ds = phi(x/s) for s > 0; an even function of s. */
static softplus_mean sum_over_density(double s, double c)
{
    softplus_mean G = {0};
    double size = fabs(s);
    for (int i = -DENSITY_HALF; i <= DENSITY_HALF; i++) {
        double l = DENSITY_STEP * i, weight = DENSITY_STEP * scl_link_density(SCL_LINK_LOGISTIC, l);
        double z = (c + l) / size, phi = gsl_ran_ugaussian_pdf(z), Phi = gsl_cdf_ugaussian_P(z);
        G.value += weight * size * (z * Phi + phi);
        G.by_c += weight * Phi;
        G.by_s += weight * phi;
        G.by_cc += weight * phi / size;
        G.by_sc -= weight * z * phi / size;
        G.by_ss += weight * z * z * phi / size;
    }
    G.by_s = copysign(G.by_s, s);
    G.by_sc = s < 0.0 ? -G.by_sc : G.by_sc;
    return G;
}

/* One head's risk, with derivatives, for labels of which y = 1 is the rarer. */
typedef struct rare_labels {
    const scl_label_law *law;
    double pi1, covariance; /* E u y = rho kappa */
} rare_labels;

static softplus_mean risk_at(const rare_labels *labels, double s, double c)
{
    softplus_mean G = fabs(s) < WIDE ? sum_over_scores(labels->law, s, c) : sum_over_density(s, c);
    G.value -= s * labels->covariance + c * labels->pi1;
    G.by_s -= labels->covariance;
    G.by_c -= labels->pi1;
    return G;
}

static rare_labels turned(const scl_label_law *law, double rho)
{
    return (rare_labels){.law = law, .pi1 = fmin(law->pi1, law->pi0), .covariance = rho * law->kappa};
}

double scl_logistic_risk(const scl_label_law *law, double rho, double s, double c)
{
    if (!(fabs(rho) <= 1.0)) return NAN;
    rare_labels labels = turned(law, rho);
    return risk_at(&labels, s, law->b0 > 0.0 ? -c : c).value;
}

size_t scl_best_logistic_workspace(void)
{
    return scl_newton_workspace(2);
}

static void risk_of_head(double *value, double *gradient, scl_matrix hessian, const double *x, void *context)
{
    softplus_mean risk = risk_at(context, x[0], x[1]);
    *value = risk.value;
    gradient[0] = risk.by_s;
    gradient[1] = risk.by_c;
    SCL_AT(hessian, 0, 0) = risk.by_ss;
    SCL_AT(hessian, 1, 0) = risk.by_sc;
    SCL_AT(hessian, 1, 1) = risk.by_cc;
}

/* Starts from the discriminant of two normal classes with the true means of u and variance 1, which is close for every rho. */
scl_status scl_best_logistic_risk(double *risk, double *s, double *c, const scl_label_law *law, double rho,
                                  scl_arena *ws, scl_error *err)
{
    if (!(fabs(rho) <= 1.0)) return scl_error_set(err, SCL_ERR_INPUT, "a correlation of %g, need -1 to 1", rho);
    rare_labels labels = turned(law, fabs(rho));
    double pi1 = labels.pi1, pi0 = fmax(law->pi1, law->pi0);
    double mean1 = labels.covariance / pi1, mean0 = -labels.covariance / pi0;
    double head[] = {mean1 - mean0, log(pi1 / pi0) - (mean1 * mean1 - mean0 * mean0) / 2.0};
    scl_newton_limits limits = {.decrement = DECREMENT * pi1, .length = LONGEST, .iterations = MOST_STEPS};
    scl_newton_result result;
    scl_status status = scl_newton(head, &result, risk_of_head, &labels, 2, &limits, ws, err);
    if (status) return status;
    if (result.outcome != SCL_NEWTON_CONVERGED)
        return scl_error_set(err, SCL_ERR_INTERNAL,
                             "no best logistic head after %d steps: correlation %.17g, offset %g, decrement %.3g",
                             result.iterations, rho, law->b0, result.decrement);
    *risk = result.value;
    *s = rho < 0.0 ? -head[0] : head[0];
    *c = law->b0 > 0.0 ? -head[1] : head[1];
    if (rho == 0.0) *s = 0.0; /* by symmetry, as is the next: what Newton's method leaves is rounding */
    if (law->b0 == 0.0) *c = 0.0;
    return SCL_OK;
}
