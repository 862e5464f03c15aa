/* The proof audit: the inequalities that a proof of the recovery bounds chains, both sides as numbers.
 *
 *   N, M    the matrix whose leading eigenspace is learned, of the sample and of the population (S and C for PCA, Delta(S) + O(1/n) and
 *           Delta(C) for contrastive learning); G = N - M, E = S - C
 *   l_k(.)  k-th largest eigenvalue; Q0 leading r eigenvectors of M, Qx those of N to rounding, Q the fit's (to its solver's tolerance)
 *   gap     l_r(M) - l_{r+1}(M)
 *   F       M = U diag(nu_k^2) U' + F, a diagonal: D for PCA, -diag(U diag(nu_k^2) U') for a deleted diagonal. F - c I has the same
 *           eigenvectors beside it; c = (max F + min F)/2 makes ||F - c I||_2 least, (max F - min F)/2.
 *   nu      smallest of the nu_k; ||.|| without an index is Frobenius's norm; sin(A, B) = ||sinTheta(A, B)||
 *
 *   measured                   sin(U, Q)
 *     <= sum of the two first: ||PP' - QQ'|| = sqrt 2 sin(P, Q) is a metric
 *   bias                       sin(U, Q0)
 *   bias-davis-kahan           ||(I - Q0 Q0')(F - cI) U||/s,  s = nu^2 + c - l_{r+1}(M)
 *   bias-residual              ||(F - cI) U||/s
 *   bias-gap                   2 sqrt r ||F - cI||_2/nu^2
 *   bias-incoherence           sqrt r (nu_max/nu)^2 max_j ||e_j'U||^2 where the diagonal is deleted, since F lies between minus that and
 *                              0; A3 makes it a constant times r^{3/2} log d/d. Else as bias-gap, which is what PCA is left with.
 *   sampling                   sin(Q0, Q)
 *   sampling-davis-kahan       ||(I - Qx Qx') G Q0||/s + sin(Qx, Q),  s = l_r(M) - l_{r+1}(N)
 *   sampling-residual          ||G Q0||/s + sin(Qx, Q)
 *   sampling-norm              sqrt r ||G||_2/s + sin(Qx, Q)
 *   sampling-gap               2 sqrt r ||G||_2/gap + sin(Qx, Q)
 *   sampling-deletion          2 sqrt r (2 ||E||_2 + ||diag N||_2)/gap + sin(Qx, Q) where the diagonal is deleted (Lemma B.8);
 *                              else as sampling-gap
 *   sampling-rate              the same with ||C||_2 (sqrt(k/n) + k/n), k = tr C/||C||_2, for ||E||_2, constant 1: no link
 *
 * Each is at most the next. Davis and Kahan's theorem needs s > 0; where it is not, the bound is the sqrt r that every sin is at most,
 * and no bound with s is larger. Then the step to the population's gap holds always: from l_{r+1}(N) <= l_{r+1}(M) + ||G||_2
 * (Weyl), s >= gap - ||G||_2 >= gap/2 where ||G||_2 <= gap/2, and elsewhere 2 sqrt r ||G||_2/gap > sqrt r. The same with nu^2 for the bias.
 * Sources: docs/theory.md, section 3; Davis and Kahan (1970); Yu, Wang and Samworth (2015), Theorem 2. */
#include "evaluate/audit.h"

#include "evaluate/concentration.h"
#include "linalg/linalg.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* A link fails where its left side is larger by more than this share of the right one, and by more than eigenvectors know themselves:
 * d eps ||M||_2 over the gap that the link rests on. */
static const double ROUNDING = 1e-9;

typedef struct spectrum {
    double *values;     /* r + 1, descending */
    scl_matrix V;       /* d x (r + 1) */
    scl_matrix leading; /* its first r columns */
} spectrum;

typedef struct audit {
    const scl_model *model;
    const scl_sample *sample;
    scl_matrix Q; /* the fit's */
    size_t d, r;
    double root;                /* sqrt r */
    bool deleted;               /* the diagonal is */
    scl_matrix C, M, G, spare;  /* d x d; spare: for norms, which destroy what they measure */
    scl_matrix R, T;            /* d x r, r x r: residuals and their projections */
    double *F;                  /* d */
    spectrum population, drawn; /* of M and of N */
    double gap, separation;     /* l_r(M) - l_{r+1}(M), l_r(M) - l_{r+1}(N) */
    double *numbers;            /* SCL_AUDIT_NUMBERS */
} audit;

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t workspace(size_t d, size_t r)
{
    size_t k = r < d ? r + 1 : d;
    size_t inside = larger(scl_leading_workspace(d, k), scl_concentration_rate_workspace(d));
    inside = larger(inside, larger(scl_spectral_norm_workspace(d), scl_sines_workspace(d, r)));
    return 4 * scl_matrix_need(d, d) + scl_matrix_need(d, r) + scl_matrix_need(r, r) + 2 * scl_arena_need(d) +
           2 * (scl_arena_need(k) + scl_matrix_need(d, k)) + inside;
}

static scl_status take_spectrum(spectrum *out, size_t d, size_t r, scl_arena *ws, scl_error *err)
{
    out->values = scl_arena_take(ws, r + 1, err);
    if (!out->values || scl_matrix_take(&out->V, ws, d, r + 1, err)) return SCL_ERR_INTERNAL;
    out->leading = scl_matrix_columns(out->V, 0, r);
    return SCL_OK;
}

static scl_status find_spectrum(spectrum *out, scl_matrix A, scl_arena *ws, scl_error *err)
{
    scl_leading_info info;
    return scl_leading(out->values, out->V, &info, A, SCL_LEADING_EXACT, ws, err);
}

static scl_status sine(double *value, scl_matrix A, scl_matrix B, scl_arena *ws, scl_error *err)
{
    return scl_sines(value, NULL, A, B, ws, err);
}

/* ||(I - V V') R||, which replaces R. */
static double outside(audit *a, scl_matrix V)
{
    scl_gemm(a->T, 1.0, SCL_TRANSPOSED, V, SCL_PLAIN, a->R, 0.0);
    scl_gemm(a->R, -1.0, SCL_PLAIN, V, SCL_PLAIN, a->T, 1.0);
    return sqrt(scl_frobenius_squared(a->R));
}

/* A bound of an angle by a residual over a separation, and what is added to it: sqrt r where that says nothing. */
static double by_separation(const audit *a, double residual, double separation, double added)
{
    return separation > 0 ? fmin(residual / separation + added, a->root) : a->root;
}

/* ---- bias -------------------------------------------------------------------------------------------------------- */

/* sum_k nu_k^2 U_jk^2, and with weight 1 ||e_j'U||^2 */
static double row_of_signal(const scl_model *model, size_t j, bool weighted)
{
    double sum = 0;
    for (size_t k = 0; k < model->r; k++) {
        double entry = SCL_AT(model->U, j, k) * (weighted ? scl_model_nu(model, k) : 1.0);
        sum += entry * entry;
    }
    return sum;
}

static scl_status audit_bias(audit *a, scl_arena *ws, scl_error *err)
{
    const scl_model *model = a->model;
    double low = INFINITY, high = -INFINITY, row = 0, nu2 = model->nu * model->nu;
    for (size_t j = 0; j < a->d; j++) {
        a->F[j] = SCL_AT(a->M, j, j) - row_of_signal(model, j, true);
        low = fmin(low, a->F[j]);
        high = fmax(high, a->F[j]);
        row = fmax(row, row_of_signal(model, j, false));
    }
    double centre = (high + low) / 2, separation = nu2 + centre - a->population.values[a->r];
    for (size_t k = 0; k < a->r; k++)
        for (size_t j = 0; j < a->d; j++) SCL_AT(a->R, j, k) = (a->F[j] - centre) * SCL_AT(model->U, j, k);
    double whole = sqrt(scl_frobenius_squared(a->R)), *b = a->numbers;
    b[SCL_AUDIT_BIAS_RESIDUAL] = by_separation(a, whole, separation, 0);
    b[SCL_AUDIT_BIAS_DAVIS_KAHAN] = by_separation(a, outside(a, a->population.leading), separation, 0);
    b[SCL_AUDIT_BIAS_GAP] = a->root * (high - low) / nu2;
    double largest = scl_model_largest_nu(model);
    b[SCL_AUDIT_BIAS_INCOHERENCE] = a->deleted ? a->root * largest * largest / nu2 * row : b[SCL_AUDIT_BIAS_GAP];
    return sine(&b[SCL_AUDIT_BIAS], model->U, a->population.leading, ws, err);
}

/* ---- sampling ---------------------------------------------------------------------------------------------------- */

/* At n = inf there is no sampling error, and rounding is not shown for one. */
static void no_sampling(audit *a)
{
    for (int k = SCL_AUDIT_SAMPLING; k <= SCL_AUDIT_SAMPLING_RATE; k++) a->numbers[k] = 0;
    a->numbers[SCL_AUDIT_SEPARATION] = 1;
}

/* ||G||_2, ||E||_2 and the rate of the latter. */
static scl_status norms(double *of_G, double *of_E, double *rate, audit *a, scl_arena *ws, scl_error *err)
{
    scl_matrix_copy(a->spare, a->G);
    scl_status status = scl_spectral_norm(of_G, a->spare, ws, err);
    if (status == SCL_OK) status = scl_concentration_rate(rate, a->C, a->sample->n, ws, err);
    *of_E = *of_G;
    if (status != SCL_OK || !a->deleted) return status;
    scl_error_matrix(a->spare, a->sample);
    return scl_spectral_norm(of_E, a->spare, ws, err);
}

/* The bounds by the population's gap; there are none without a gap. */
static scl_status audit_norms(audit *a, double solver, scl_arena *ws, scl_error *err)
{
    double of_G = 0, of_E = 0, rate = 0, diagonal = 0, factor = a->deleted ? 2 : 1, *b = a->numbers;
    scl_status status = norms(&of_G, &of_E, &rate, a, ws, err);
    for (size_t j = 0; j < a->d && a->deleted; j++) diagonal = fmax(diagonal, fabs(SCL_AT(a->G, j, j)));
    b[SCL_AUDIT_SAMPLING_NORM] = by_separation(a, a->root * of_G, a->separation, solver);
    if (!(a->gap > 0)) return status;
    b[SCL_AUDIT_SAMPLING_GAP] = 2 * a->root * of_G / a->gap + solver;
    b[SCL_AUDIT_SAMPLING_DELETION] = 2 * a->root * (factor * of_E + diagonal) / a->gap + solver;
    b[SCL_AUDIT_SAMPLING_RATE] = 2 * a->root * (factor * rate + diagonal) / a->gap;
    b[SCL_AUDIT_SEPARATION] = a->separation / a->gap;
    return status;
}

/* G holds N when this begins. */
static scl_status audit_sampling(audit *a, scl_arena *ws, scl_error *err)
{
    double *b = a->numbers, solver = 0;
    scl_status status = find_spectrum(&a->drawn, a->G, ws, err);
    if (status == SCL_OK) status = sine(&b[SCL_AUDIT_SAMPLING], a->population.leading, a->Q, ws, err);
    if (status == SCL_OK) status = sine(&solver, a->drawn.leading, a->Q, ws, err);
    if (status != SCL_OK) return status;
    for (size_t j = 0; j < a->d; j++)
        for (size_t i = 0; i < a->d; i++) SCL_AT(a->G, i, j) -= SCL_AT(a->M, i, j);
    scl_gemm(a->R, 1.0, SCL_PLAIN, a->G, SCL_PLAIN, a->population.leading, 0.0);
    a->separation = a->population.values[a->r - 1] - a->drawn.values[a->r];
    double whole = sqrt(scl_frobenius_squared(a->R));
    b[SCL_AUDIT_SAMPLING_RESIDUAL] = by_separation(a, whole, a->separation, solver);
    b[SCL_AUDIT_SAMPLING_DAVIS_KAHAN] = by_separation(a, outside(a, a->drawn.leading), a->separation, solver);
    return audit_norms(a, solver, ws, err);
}

/* ---- the chain --------------------------------------------------------------------------------------------------- */

/* What rounding moves an angle by that rests on this gap; 0 without one, where the bound is sqrt r. */
static double rounding(const audit *a, double gap)
{
    double size = fmax(fabs(a->population.values[0]), isinf(a->sample->n) ? 0 : fabs(a->drawn.values[0]));
    return gap > 0 ? a->root * (double)a->d * DBL_EPSILON * size / gap : 0;
}

/* How many links fail; one without a number on its right does not apply. */
static double violations(const audit *a, double measured)
{
    const double *b = a->numbers;
    double of_bias = rounding(a, a->model->nu * a->model->nu);
    double of_sampling = fmax(rounding(a, a->gap), rounding(a, a->separation));
    double failed = measured > (b[SCL_AUDIT_BIAS] + b[SCL_AUDIT_SAMPLING]) * (1 + ROUNDING) + of_bias + of_sampling;
    for (int k = SCL_AUDIT_BIAS; k < SCL_AUDIT_BIAS_INCOHERENCE; k++)
        failed += b[k] > b[k + 1] * (1 + ROUNDING) + of_bias;
    for (int k = SCL_AUDIT_SAMPLING; k < SCL_AUDIT_SAMPLING_DELETION; k++)
        failed += b[k] > b[k + 1] * (1 + ROUNDING) + of_sampling;
    return failed;
}

static scl_status take(audit *a, double **zeros, scl_arena *ws, scl_error *err)
{
    size_t d = a->d, r = a->r;
    scl_matrix *const squares[] = {&a->C, &a->M, &a->G, &a->spare};
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
        if (scl_matrix_take(squares[i], ws, d, d, err)) return SCL_ERR_INTERNAL;
    *zeros = scl_arena_take(ws, d, err);
    a->F = scl_arena_take(ws, d, err);
    if (!*zeros || !a->F || scl_matrix_take(&a->R, ws, d, r, err) || scl_matrix_take(&a->T, ws, r, r, err) ||
        take_spectrum(&a->population, d, r, ws, err) || take_spectrum(&a->drawn, d, r, ws, err))
        return SCL_ERR_INTERNAL;
    memset(*zeros, 0, d * sizeof **zeros);
    return SCL_OK;
}

static scl_status evaluate(double *values, const scl_representation *W, const scl_sample *sample, scl_arena *ws,
                           scl_error *err)
{
    const scl_model *model = sample->model;
    const scl_estimator *estimator = W->estimator;
    size_t mark = ws->used;
    for (int k = 0; k < SCL_AUDIT_NUMBERS; k++) values[k] = NAN;
    if (!estimator || !estimator->learned || model->r == model->d) return SCL_OK;
    audit a = {.model = model,
               .sample = sample,
               .Q = W->Q,
               .d = model->d,
               .r = model->r,
               .root = sqrt((double)model->r),
               .numbers = values};
    double *zeros, measured = 0;
    scl_status status = take(&a, &zeros, ws, err);
    if (status != SCL_OK) return status;
    scl_model_covariance(a.C, model);
    const scl_sample population = {.n = INFINITY, .mean = zeros, .S = a.C, .model = model};
    if (!estimator->learned(a.M, &population, W->options)) goto done;
    a.deleted = scl_estimator_shift(estimator, W->options).shift == SCL_SHIFT_DIAGONAL;
    status = find_spectrum(&a.population, a.M, ws, err);
    if (status != SCL_OK) goto done;
    a.gap = a.population.values[a.r - 1] - a.population.values[a.r];
    if (a.gap <= (double)a.d * DBL_EPSILON * fabs(a.population.values[0])) a.gap = 0; /* rounding */
    status = audit_bias(&a, ws, err);
    if (status == SCL_OK) status = sine(&measured, model->U, W->Q, ws, err);
    if (isinf(sample->n)) {
        no_sampling(&a);
    } else {
        (void)estimator->learned(a.G, sample, W->options);
        if (status == SCL_OK) status = audit_sampling(&a, ws, err);
    }
    if (status == SCL_OK) values[SCL_AUDIT_VIOLATIONS] = violations(&a, measured);
done:
    ws->used = mark;
    return status;
}

/* ---- the metrics ------------------------------------------------------------------------------------------------- */

static const scl_metric_family family = {.n = SCL_AUDIT_NUMBERS, .evaluate = evaluate};

#define AUDIT(number, name_of, summary_of, label_of, is_positive)                                                      \
    [number] = {.name = name_of,                                                                                       \
                .summary = summary_of,                                                                                 \
                .label = label_of,                                                                                     \
                .positive = is_positive,                                                                               \
                .workspace = workspace,                                                                                \
                .family = &family,                                                                                     \
                .place = number}

const scl_metric scl_audit_metrics[SCL_AUDIT_NUMBERS] = {
    AUDIT(SCL_AUDIT_BIAS, "audit-bias", "||sinTheta(U, Q0)||_F, Q0 the estimator's eigenspace of the population",
          "bias ||sin Theta(U, Q0)||_F", true),
    AUDIT(SCL_AUDIT_BIAS_DAVIS_KAHAN, "audit-bias-davis-kahan",
          "bounds audit-bias: ||(I - Q0 Q0')(F - cI) U||_F/s, F the diagonal beside the signal, s the separation; at "
          "most sqrt r",
          "bias by Davis and Kahan", true),
    AUDIT(SCL_AUDIT_BIAS_RESIDUAL, "audit-bias-residual", "bounds the last: ||(F - cI) U||_F/s; at most sqrt r",
          "bias by the whole residual", true),
    AUDIT(SCL_AUDIT_BIAS_GAP, "audit-bias-gap", "bounds the last: 2 sqrt r ||F - cI||_2/nu^2",
          "bias by the spread of the diagonal", true),
    AUDIT(
        SCL_AUDIT_BIAS_INCOHERENCE, "audit-bias-incoherence",
        "bounds the last: sqrt r max_j ||e_j'U||^2 (times the ratio of unequal spikes) where the diagonal is deleted; "
        "else the same",
        "bias by incoherence", true),
    AUDIT(SCL_AUDIT_SAMPLING, "audit-sampling",
          "||sinTheta(Q0, Q)||_F, of the population's eigenspace and the sample's",
          "sampling error ||sin Theta(Q0, Q)||_F", true),
    AUDIT(SCL_AUDIT_SAMPLING_DAVIS_KAHAN, "audit-sampling-davis-kahan",
          "bounds audit-sampling: ||(I - QQ') G Q0||_F/s, G the error of the matrix learned from, s the separation; at "
          "most sqrt r",
          "sampling error by Davis and Kahan", true),
    AUDIT(SCL_AUDIT_SAMPLING_RESIDUAL, "audit-sampling-residual", "bounds the last: ||G Q0||_F/s; at most sqrt r",
          "sampling error by the whole residual", true),
    AUDIT(SCL_AUDIT_SAMPLING_NORM, "audit-sampling-norm", "bounds the last: sqrt r ||G||_2/s; at most sqrt r",
          "sampling error by the norm", true),
    AUDIT(SCL_AUDIT_SAMPLING_GAP, "audit-sampling-gap",
          "bounds the last: 2 sqrt r ||G||_2/gap, the population's gap; none without a gap",
          "sampling error by the population's gap", true),
    AUDIT(SCL_AUDIT_SAMPLING_DELETION, "audit-sampling-deletion",
          "bounds the last: with 2 ||S - C||_2 and the O(1/n) diagonal for ||G||_2 where the diagonal is deleted; else "
          "the same",
          "sampling error by ||S - C||_2", true),
    AUDIT(SCL_AUDIT_SAMPLING_RATE, "audit-sampling-rate",
          "the last with ||S - C||_2 replaced by ||C||_2 (sqrt(k/n) + k/n), k = tr C/||C||_2: constant 1, no bound",
          "sampling error by the rate of ||S - C||_2", true),
    AUDIT(
        SCL_AUDIT_SEPARATION, "audit-separation",
        "[l_r(M) - l_{r+1}(N)]/gap, eigenvalues of population and sample: at most 0 where Davis and Kahan say nothing",
        "separation over gap", false),
    AUDIT(SCL_AUDIT_VIOLATIONS, "audit-violations", "how many links of the chain fail: of 10, 0 unless there is a bug",
          "links that fail", false),
};
