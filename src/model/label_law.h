/* Two classes of a Gaussian score: the law of the labels, exact up to quadrature.
 *
 *   t         standardised latent score, N(0, 1)
 *   y         label, P(y = 1 | t) = F(t + b0), F logistic or standard normal (probit); both have F(-x) = 1 - F(x)
 *   pi1       P(y = 1) = E F(t + b0)
 *   kappa     E F'(t + b0) = E t F(t + b0) (Stein)
 * Numbers are within 1e-12 for |b0| <= 10. Source: docs/theory.md, section 5. */
#ifndef SCL_MODEL_LABEL_LAW_H
#define SCL_MODEL_LABEL_LAW_H

#include "model/task.h"

typedef enum scl_link { SCL_LINK_LOGISTIC, SCL_LINK_PROBIT } scl_link;

/* The trapezoid rule at t_i = i SCL_LINK_STEP, |i| <= SCL_LINK_HALF. Its error falls as exp(-2 pi a/step) in the half-width a of the
 * strip in which the integrand is analytic: pi for the logistic F, all of it for the normal one. */
enum { SCL_LINK_HALF = 40, SCL_LINK_NODES = 2 * SCL_LINK_HALF + 1 };
#define SCL_LINK_STEP .25

/* All that the law of the labels alone decides. Made once, read by any number of threads. */
typedef struct scl_label_law {
    scl_link link;
    double b0;
    double pi1, pi0; /* P(y = 1), P(y = 0), each to full relative precision */
    double kappa;
    double gap;                    /* kappa/(pi1 pi0): E[x|y=1] - E[x|y=0] = gap nu U w */
    double weight[SCL_LINK_NODES]; /* of N(0, 1) at the nodes */
    double one[SCL_LINK_NODES];    /* weight F(t_i + b0) */
    double zero[SCL_LINK_NODES];   /* weight F(-(t_i + b0)) */
} scl_label_law;

/* F(eta), its derivative, and node i of the trapezoid rule. */
double scl_link_probability(scl_link link, double eta);
double scl_link_density(scl_link link, double eta);
double scl_link_node(int i);

/* in b0 finite, |b0| <= 10; cost 5 us */
void scl_label_law_make(scl_label_law *law, scl_link link, double b0);

/* The link of a task with two classes. */
scl_link scl_link_of(scl_task_kind kind);

#endif
