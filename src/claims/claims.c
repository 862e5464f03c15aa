/* The registry of claims. A new claim is a file with its judge and an entry here. */
#include "claims/claims.h"

#include "claims/coherence.h"
#include "claims/complementary_masks.h"
#include "claims/delta_norm.h"
#include "claims/diverse_tasks.h"
#include "claims/gan.h"
#include "claims/high_dimensional_limit.h"
#include "claims/homoskedastic_tie.h"
#include "claims/labelled_fraction.h"
#include "claims/lower_bound.h"
#include "claims/proof_audit.h"
#include "claims/ruling.h"
#include "claims/supervised_in_domain.h"
#include "claims/supervised_transfer.h"
#include "claims/upper_bound.h"

#include <math.h>
#include <string.h>

const char *const scl_verdict_names[3] = {"confirmed", "refuted", "undecided"};

static const scl_claim recovery_upper = {
    .id = "contrastive-recovery-upper",
    .statement = "E||sinTheta(U, U_CL)||_F <= K [r^{3/2} log d/d + sqrt(d r/n)], one K for all n, d, r",
    .source = "paper: Ji, Deng, Nakada, Zou, Zhang (2023), JMLR 24(330)",
    .estimator = "contrastive",
    .terms = {[SCL_TERM_SAMPLING] = SCL_RATE_SAMPLING, [SCL_TERM_BIAS] = SCL_RATE_BIAS},
    .domain = &scl_upper_bound_domain,
    .equal_spikes = true,
    .judge = scl_judge_upper_bound,
};

static const scl_claim recovery_lower = {
    .id = "autoencoder-recovery-lower",
    .statement = "E||sinTheta(U, U_AE)||_F >= c sqrt r for all n, d",
    .source = "paper: Ji, Deng, Nakada, Zou, Zhang (2023), JMLR 24(330)",
    .estimator = "pca",
    .terms = {[SCL_TERM_FLOOR] = SCL_RATE_FLOOR},
    .domain = &scl_lower_bound_domain,
    .equal_spikes = true,
    .judge = scl_judge_lower_bound,
};

static const scl_claim coherence = {
    .id = "coherent-loadings-break-contrastive",
    .statement = "without A3 the deleted diagonal carries signal: e_inf/(r^{3/2} log d/d) grows with d, and PCA or "
                 "HeteroPCA wins",
    .source = "derived, checked by simulation",
    .symbols = "e_inf: error at n = inf; t: bias over its rate, e_inf/(r^{3/2} log d/d)" SCL_SCATTER_SYMBOLS,
    .estimator = "contrastive",
    .pairs = {{"contrastive", "pca"}, {"contrastive", "heteropca"}},
    .domain = &scl_coherence_domain,
    .equal_spikes = true,
    .judge = scl_judge_coherence,
};

static const scl_claim delta_norm = {
    .id = "delta-norm-lemma",
    .statement = "||Delta(M)||_2 <= 2 ||M||_2 for every matrix M; 2 cannot be improved",
    .source = "paper: Ji, Deng, Nakada, Zou, Zhang (2023), Lemma B.8",
    .symbols = "M: S - C of a replicate; ratio: ||Delta(M)||_2/||M||_2; k, s: replicates of a cell and the standard "
               "deviation of their ratios\n"
               "largest possible: mean + s (k - 1)/sqrt k, which no single ratio exceeds (Samuelson's inequality)",
    .estimator = "contrastive",
    .metric = "delta-norm-ratio",
    .judge = scl_judge_delta_norm,
};

static const scl_claim complementary_masks = {
    .id = "complementary-masks-delete-diagonal",
    .statement = "complementary masks give Delta(S), up to O(1/n), independent masks for each sample give S",
    .source = "derived for this project",
    .symbols = "rms: root mean square, over replicates, of the difference of two estimators' errors on the same draws\n"
               "n^{3/4} rms: has slope -1/4 where rms falls like 1/n, 1/4 where it falls like n^{-1/2}",
    .estimator = "contrastive",
    .pairs = {[SCL_MASKS_AND_DELETION] = {"contrastive", "diagonal-deletion"},
              [SCL_MASKS_AND_PCA] = {"contrastive{views=independent-per-sample}", "pca"}},
    .domain = &scl_complementary_masks_domain,
    .judge = scl_judge_complementary_masks,
};

static const scl_claim gan = {
    .id = "gan-equals-pca",
    .statement = "the linear GAN with quadratic transport cost learns the principal subspace",
    .source = "paper (abstract), recalled; Feizi, Farnia, Ginart, Tse (2017)",
    .symbols =
        "rms: root mean square, over the replicates of a cell, of the paired difference of two estimators' errors",
    .estimator = "pca",
    .pairs = {{"gan", "pca"}},
    .judge = scl_judge_gan,
};

static const scl_claim proof_audit = {
    .id = "proof-audit",
    .statement = "in every replicate each inequality that a proof of the recovery bounds chains holds, bias and "
                 "sampling error",
    .source =
        "derived for this project; Davis and Kahan (1970), Yu, Wang and Samworth (2015), and the paper's Lemma B.8",
    .symbols =
        "chain: two sequences of bounds from measured angles upwards, the metrics audit-bias to "
        "audit-bias-incoherence and\n"
        "audit-sampling to audit-sampling-deletion; link: each is at most the next, and the error at most the sum "
        "of the two first",
    .estimator = "contrastive",
    .every_estimator = true,
    .metric = "audit-violations",
    .judge = scl_judge_proof_audit,
};

static const scl_claim high_dimensional_limit = {
    .id = "high-dimensional-limit",
    .statement =
        "the limits for n and d to infinity at a fixed d/n predict the mean errors of PCA and of S less a diagonal",
    .source = "PCA known; diagonal shifts derived for this project, checked by simulation",
    .symbols = "deviation: mean error over its limit, less 1, of one estimator in one cell",
    .estimator = "contrastive",
    .every_estimator = true,
    .domain = &scl_high_dimensional_limit_domain,
    .judge = scl_judge_high_dimensional_limit,
};

static const scl_claim homoskedastic_tie = {
    .id = "homoskedastic-tie",
    .statement =
        "D = sigma^2 I: at n = inf PCA's error is 0 and contrastive's about sqrt(2 r (r+2))/d for Haar U; at fixed "
        "d/n >= .01 their ratio tends to 1, from above for Haar U at d <= 100, n >= 20 d, from below for rows of U "
        "that are nearly equal",
    .source = "derived for this project, checked by simulation",
    .symbols = "log-ratio: mean over replicates of log(contrastive's error/PCA's), on the same draws",
    .estimator = "contrastive",
    .pairs = {{"contrastive", "pca"}},
    .domain = &scl_homoskedastic_tie_domain,
    .equal_spikes = true,
    .judge = scl_judge_homoskedastic_tie,
};

static const char of_excess[] =
    "recalled: Ji, Deng, Nakada, Zou, Zhang (2023), JMLR 24(330); text not at hand, so its constants are unknown";

static const scl_claim regression_upper = {
    .id = "contrastive-regression-upper",
    .statement =
        "excess regression risk of W_CL against U'x <= K' [r^{3/2} log d/d + sqrt(d r/n)], one K' for all n, d, r",
    .source = of_excess,
    .estimator = "contrastive",
    .metric = "regression-excess",
    .most_excess = 1, /* corr^2 <= 1 */
    .terms = {[SCL_TERM_SAMPLING] = SCL_RATE_SAMPLING, [SCL_TERM_BIAS] = SCL_RATE_BIAS},
    .domain = &scl_upper_bound_domain,
    .equal_spikes = true,
    .judge = scl_judge_upper_bound,
};

static const scl_claim classification_upper = {
    .id = "contrastive-classification-upper",
    .statement = "excess 0-1 risk of W_CL against U'x <= K' [r^{3/2} log d/d + sqrt(d r/n)], one K' for all n, d, r",
    .source = of_excess,
    .estimator = "contrastive",
    .metric = "zero-one-excess",
    .most_excess = .5, /* the best rule is no worse than a coin */
    .terms = {[SCL_TERM_SAMPLING] = SCL_RATE_SAMPLING, [SCL_TERM_BIAS] = SCL_RATE_BIAS},
    .domain = &scl_upper_bound_domain,
    .equal_spikes = true,
    .judge = scl_judge_upper_bound,
};

static const scl_claim regression_lower = {
    .id = "autoencoder-regression-lower",
    .statement = "excess regression risk of W_AE against U'x >= a constant c > 0 for fixed r, all n, d",
    .source = of_excess,
    .estimator = "pca",
    .metric = "regression-excess",
    .most_excess = 1,
    .terms = {[SCL_TERM_FLOOR] = "1"},
    .domain = &scl_lower_bound_domain,
    .equal_spikes = true,
    .judge = scl_judge_lower_bound,
};

static const scl_claim classification_lower = {
    .id = "autoencoder-classification-lower",
    .statement = "excess 0-1 risk of W_AE against U'x >= a constant c > 0 for fixed r, all n, d",
    .source = of_excess,
    .estimator = "pca",
    .metric = "zero-one-excess",
    .most_excess = .5,
    .terms = {[SCL_TERM_FLOOR] = "1"},
    .domain = &scl_lower_bound_domain,
    .equal_spikes = true,
    .judge = scl_judge_lower_bound,
};

#define LABEL_SYMBOLS                                                                                                  \
    "alpha: weight of the label terms, 0: contrastive learning alone; T, m: tasks, and labelled samples of a set\n"    \
    "error: mean of ||sinTheta||_F; changes are differences of means, on the same draws where the config compares "    \
    "the two"

static const scl_claim supervised_in_domain = {
    .id = "supervised-in-domain",
    .statement = "there is an alpha > 0 for which labels lower the in-domain risk and ||sinTheta||_F",
    .source = "paper (abstract): Ji, Deng, Nakada, Zou, Zhang (2023), JMLR 24(330)",
    .symbols = LABEL_SYMBOLS "; risk: mean of regression-risk",
    .estimator = "contrastive",
    .or_use = "label-terms{alpha=0}",
    .every_estimator = true,
    .tuned = "label-terms",
    .by = "alpha",
    .also = "regression-risk",
    .labelled = true,
    .redrawn = true,
    .judge = scl_judge_supervised_in_domain,
};

static const scl_claim supervised_transfer = {
    .id = "supervised-transfer-harm",
    .statement = "large alpha raises ||sinTheta||_F and the risk on a new task; visible for T near r",
    .source = "recalled: Ji, Deng, Nakada, Zou, Zhang (2023), JMLR 24(330); text not at hand",
    .symbols = LABEL_SYMBOLS "; risk: mean of transfer-risk\n"
                             "recalled upper bound: sqrt(r-T) (min((r/d) log d + sqrt(d/n) + alpha sqrt(d/m), 1)) + "
                             "sqrt T (r log d/(alpha d) + sqrt(d/n)/alpha + sqrt(d/m))",
    .estimator = "contrastive",
    .or_use = "label-terms{alpha=0}",
    .every_estimator = true,
    .tuned = "label-terms",
    .by = "alpha",
    .also = "transfer-risk",
    .domain = &scl_supervised_transfer_domain,
    .labelled = true,
    .redrawn = true,
    .judge = scl_judge_supervised_transfer,
};

static const scl_claim diverse_tasks = {
    .id = "supervised-diverse-tasks",
    .statement = "with T >= 4r diverse tasks and separate labelled sets, labels help at every alpha; at T = r, or with "
                 "shared labelled x, they don't",
    .source = "derived for this project, checked by simulation",
    .symbols = LABEL_SYMBOLS,
    .estimator = "contrastive",
    .or_use = "label-terms{alpha=0}",
    .every_estimator = true,
    .tuned = "label-terms",
    .by = "alpha",
    .labelled = true,
    .redrawn = true,
    .judge = scl_judge_diverse_tasks,
};

static const scl_claim labelled_fraction = {
    .id = "labelled-fraction",
    .statement = "representation from n + head from m beats labels alone until m is large",
    .source = "derived for this project",
    .symbols = "m, T: labelled samples of a set, and tasks; better: of lower mean ols-risk, on the same draws",
    .estimator = "contrastive",
    .metric = "ols-risk",
    .pairs = {{"contrastive", "ols"}},
    .labelled = true,
    .redrawn = true,
    .judge = scl_judge_labelled_fraction,
};

const scl_claim *const scl_claims[] = {
    &recovery_upper,       &recovery_lower,         &coherence,
    &delta_norm,           &complementary_masks,    &gan,
    &proof_audit,          &high_dimensional_limit, &homoskedastic_tie,
    &regression_upper,     &classification_upper,   &regression_lower,
    &classification_lower, &supervised_in_domain,   &supervised_transfer,
    &diverse_tasks,        &labelled_fraction,
};
const size_t scl_n_claims = sizeof scl_claims / sizeof *scl_claims;

double scl_seen_rms(const scl_seen *seen)
{
    double k = fmax(1, seen->n_ok);
    if (k == 1) return fabs(seen->mean); /* a single replicate has no sd */
    return sqrt(seen->mean * seen->mean + seen->sd * seen->sd * (k - 1) / k);
}

const scl_claim *scl_claim_find(const char *id)
{
    for (size_t i = 0; i < scl_n_claims; i++) {
        if (strcmp(scl_claims[i]->id, id) == 0) return scl_claims[i];
    }
    return NULL;
}

const char *scl_claim_metric(const scl_claim *claim)
{
    return claim->metric ? claim->metric : "sin-theta-f";
}

void scl_judgement_free(scl_judgement *judgement)
{
    scl_text_free(&judgement->evidence);
    *judgement = (scl_judgement){.verdict = SCL_UNDECIDED};
}
