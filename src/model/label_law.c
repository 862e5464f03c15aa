/* The law of two classes' labels: see label_law.h. */
#include "model/label_law.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

scl_link scl_link_of(scl_task_kind kind)
{
    return kind == SCL_TASK_PROBIT ? SCL_LINK_PROBIT : SCL_LINK_LOGISTIC;
}

double scl_link_probability(scl_link link, double eta)
{
    if (link == SCL_LINK_PROBIT) return gsl_cdf_ugaussian_P(eta);
    double small = exp(-fabs(eta));
    return (eta >= 0.0 ? 1.0 : small) / (1.0 + small);
}

double scl_link_density(scl_link link, double eta)
{
    if (link == SCL_LINK_PROBIT) return gsl_ran_ugaussian_pdf(eta);
    double small = exp(-fabs(eta));
    return small / ((1.0 + small) * (1.0 + small));
}

double scl_link_node(int i)
{
    return SCL_LINK_STEP * (i - SCL_LINK_HALF);
}

void scl_label_law_make(scl_label_law *law, scl_link link, double b0)
{
    *law = (scl_label_law){.link = link, .b0 = b0};
    for (int i = 0; i < SCL_LINK_NODES; i++) {
        double t = scl_link_node(i), weight = SCL_LINK_STEP * gsl_ran_ugaussian_pdf(t);
        law->weight[i] = weight;
        law->one[i] = weight * scl_link_probability(link, t + b0);
        law->zero[i] = weight * scl_link_probability(link, -(t + b0));
        law->pi1 += law->one[i];
        law->pi0 += law->zero[i];
        law->kappa += weight * scl_link_density(link, t + b0);
    }
    law->gap = law->kappa / (law->pi1 * law->pi0);
}
