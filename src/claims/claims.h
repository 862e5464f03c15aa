/* Claims: statements of the theory, judged on summaries. A verdict can come out either way.
 * Source: docs/theory.md, section 3, Judging. */
#ifndef SCL_CLAIMS_CLAIMS_H
#define SCL_CLAIMS_CLAIMS_H

#include "base/error.h"
#include "base/text.h"
#include "model/model.h"
#include "theory/theory.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

typedef enum scl_verdict { SCL_CONFIRMED, SCL_REFUTED, SCL_UNDECIDED } scl_verdict;
extern const char *const scl_verdict_names[3]; /* "confirmed", "refuted", "undecided" */

/* What a summary says of one cell: of an estimator's errors, or of paired differences or log-ratios of two estimators. */
typedef struct scl_seen {
    double mean, sd, mcse; /* sd and mcse 0 (not NaN) where the value is exact; NaN where there is none */
    double n_ok;
    double population;        /* of the same model, NaN where there is none */
    double limit, limit_mcse; /* predicted by the proportional limit; NaN where there is none */
    double n_bad;             /* replicates that failed or did not converge; at least 1 when some were rank-deficient */
} scl_seen;

/* Root mean square over the replicates, sqrt(mean^2 + sd^2 (n_ok - 1)/n_ok). */
double scl_seen_rms(const scl_seen *seen);

/* Two uses of estimators in one cell, on the same draws. */
typedef struct scl_pairing {
    scl_seen left, right;
    scl_seen difference; /* left - right, replicate by replicate */
    scl_seen log_ratio;  /* log(left/right); its mean is NaN where an error is 0 */
} scl_pairing;

#define SCL_MAX_PAIRS 3 /* that a claim may name */

/* One cell of one experiment, for the claim's estimator and metric. Hand over every cell: the judges
 * select, count what they leave out, and take a cell that two experiments share (same draws) once. Experiments that
 * expect different verdicts are judged apart: one counter-example refutes. */
typedef struct scl_evidence {
    const char *experiment;
    const char *estimator; /* id of the use that the numbers are of */
    const char *use;       /* the use as plan.csv writes it; for uses.h */
    const char *family;    /* loadings, noise, laws, nu, task as text: an intercept of its own in the regressions */
    double n;              /* INFINITY: the population */
    double d, r;
    double mean, sd, mcse;    /* sd and mcse 0 (not NaN) where the value is exact */
    double n_ok;              /* at least 1 where the value is exact, at least 2 elsewhere, or it does not judge */
    double population;        /* e_inf, exact, of the same model */
    double limit, limit_mcse; /* as in scl_seen */
    bool model_fixed;         /* redraw: cell; others do not judge */
    bool coherent;            /* the mass of U sits on few coordinates by construction (A3 fails) */
    scl_loadings loadings;
    const char
        *draw;    /* names the random numbers behind a sampled cell (seed, DATA's text and, where evidence is of every
                              estimator, the use's text); NULL: unknown */
    double n_bad; /* replicates that failed or did not converge; at least 1 when some were rank-deficient */
    scl_pairing pairs[SCL_MAX_PAIRS]; /* those that the claim names, in its order */
    scl_seen also;                    /* of the claim's second metric, where it has one */
    /* of a use other than the claim's own, where evidence is of every use and the config compares the two: differences from the claim's own
     * use, replicate by replicate; n_ok 0 elsewhere */
    scl_seen paired, paired_also;
    bool labels_shared, labels_apart; /* all tasks label one set; labelled samples are not among the n */
    double quantities
        [SCL_N_QUANTITIES]; /* that the claim is about or its terms are functions of; n, d and r are those above */
} scl_evidence;

typedef struct scl_judgement {
    scl_verdict verdict;
    size_t n_used;     /* cells that passed the filters */
    scl_text evidence; /* one finding a line: every slope with its one-sided limits and span, constants with intervals,
                          tightness of each term, why the verdict is what it is */
} scl_judgement;

/* The cells that a claim is judged on: n >= least_n_over_d d (INFINITY: n = inf), d >= least_d_over_r r, d >= least_d. NULL: all. */
typedef struct scl_domain {
    double least_n_over_d, least_d_over_r, least_d;
    bool sampled;   /* n finite */
    bool coherent;  /* of models whose loadings are coherent */
    bool few_tasks; /* T <= r */
} scl_domain;

static inline bool scl_in_domain(const scl_domain *domain, double n, double d, double r)
{
    return !domain || (n >= domain->least_n_over_d * d && d >= domain->least_d_over_r * r && d >= domain->least_d &&
                       !(domain->sampled && n == INFINITY));
}

/* Uses that a claim compares cell by cell, each as plan.csv writes it: "name", or "name{option=value,...}" with the options
 * that are not at their defaults, in the order of `list`. A config must have both, and the pair under `compare`, either way
 * round. */
typedef struct scl_use_pair {
    const char *left, *right;
} scl_use_pair;

typedef struct scl_claim {
    const char *id;
    const char *statement;
    const char *source;                /* and its status: paper, recalled, derived */
    const char *symbols;               /* what the letters in the evidence mean, one a line; NULL: there are none, or
                                          it is a bound (scl_claim_symbols) */
    const char *estimator;             /* registry name of the estimator whose default-option use bears on it */
    const char *or_use;                /* a use, as plan.csv writes it, that serves where that is missing; NULL: none */
    bool every_estimator;              /* evidence is of every use of the config, cell by cell */
    const char *tuned, *by;            /* uses of this estimator with this option positive are compared; NULL: none */
    const char *metric;                /* NULL: sin-theta-f */
    const char *also;                  /* a second metric, of the same uses; NULL: none */
    double most_excess;                /* the metric is an excess, of either sign, and at most this; 0: an error */
    scl_use_pair pairs[SCL_MAX_PAIRS]; /* left NULL: no more */
    const char *terms[SCL_N_BOUND_TERMS]; /* of a bound: expressions; NULL: it has no such term */
    const scl_domain *domain;             /* a config without a cell in it is refused */
    bool equal_spikes;                    /* of models with one nu: a config whose nu is a list is refused */
    bool labelled;                        /* of cells with a task and at least 2 labelled samples */
    bool redrawn;                         /* about means over models: cells whose model is redrawn judge as well */
    /* The same set of cells in any order gives the same bytes. Too little evidence is a verdict (undecided), not an
     * error. Free `out` with scl_judgement_free, also after SCL_ERR_MEMORY or SCL_ERR_INTERNAL. */
    scl_status (*judge)(scl_judgement *out, const struct scl_claim *claim, const scl_evidence *cells, size_t n_cells,
                        scl_error *err);
} scl_claim;

extern const scl_claim *const scl_claims[];
extern const size_t scl_n_claims;
const scl_claim *scl_claim_find(const char *id);
const char *scl_claim_metric(const scl_claim *claim); /* its name */
/* What the letters in the evidence mean, one a line; nothing when there are none. */
scl_status scl_claim_symbols(scl_text *out, const scl_claim *claim, scl_error *err) SCL_CHECKED;
void scl_judgement_free(scl_judgement *judgement);

#endif
