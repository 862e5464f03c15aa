/* Logistic regression on features: see logistic_head.h. The variables of Newton's method are x = (w, c). */
#include "evaluate/logistic_head.h"

#include "linalg/linalg.h"
#include "linalg/newton.h"

#include <math.h>
#include <string.h>

/* Of the mean loss. Steps towards a separating hyperplane lower the decrement by e each, so that PLATEAU ends them after about 25;
 * less: a Hessian that the samples on the hyperplane alone fill is singular to rounding first, and Newton's method crawls. */
static const double DECREMENT = 1e-20, PLATEAU = 1e-11;
enum {
    MOST_STEPS = 200,
    BLOCK = 256, /* samples whose features are scaled together: they stay in the cache */
};

typedef struct labelled {
    scl_matrix X, Q;             /* features z = Q'x (k of them); no Q: x itself */
    scl_matrix features, scaled; /* k x BLOCK, with Q; (k + 1) x BLOCK */
    size_t k, m;
    const double *y;
    double ridge;
    double *logits, *residuals; /* BLOCK */
} labelled;

size_t scl_logistic_head_workspace(size_t k)
{
    return scl_matrix_need(k, BLOCK) + scl_matrix_need(k + 1, BLOCK) + 2 * scl_arena_need(BLOCK) +
           scl_arena_need(k + 1) + scl_newton_workspace(k + 1);
}

static scl_matrix column(double *data, size_t rows)
{
    return (scl_matrix){.rows = rows, .cols = 1, .ld = rows, .data = data};
}

/* The features of samples first .. first + count - 1. Never all at once: a worker's memory is sized without knowing m. */
static scl_matrix features_of(const labelled *labels, size_t first, size_t count)
{
    scl_matrix x = scl_matrix_columns(labels->X, first, count);
    if (labels->Q.cols == 0) return x;
    scl_matrix z = scl_matrix_columns(labels->features, 0, count);
    scl_gemm(z, 1.0, SCL_TRANSPOSED, labels->Q, SCL_PLAIN, x, 0.0);
    return z;
}

static void logits_of(const labelled *labels, const double *x, scl_matrix z)
{
    size_t k = labels->k;
    for (size_t i = 0; i < z.cols; i++) labels->logits[i] = x[k];
    double *w = (double *)x; /* a view, read only */
    scl_gemm(column(labels->logits, z.cols), 1.0, SCL_TRANSPOSED, z, SCL_PLAIN, column(w, k), 1.0);
}

/* Adds one block's part of the mean loss, its gradient and Hessian. */
static double add_block(double *gradient, scl_matrix hessian, const labelled *labels, const double *x, size_t first,
                        size_t count)
{
    size_t k = labels->k;
    double per = 1.0 / (double)labels->m, loss = 0.0;
    scl_matrix z = features_of(labels, first, count);
    logits_of(labels, x, z);
    for (size_t i = 0; i < count; i++) {
        double v = labels->logits[i], small = exp(-fabs(v)), y = labels->y[first + i];
        double against = y > 0.5 ? -v : v; /* the loss is log(1 + exp(against)) */
        loss += per * (fmax(against, 0.0) + log1p(small));
        double wrong = (against >= 0.0 ? 1.0 : small) / (1.0 + small), root = sqrt(per * small) / (1.0 + small);
        labels->residuals[i] = per * (y > 0.5 ? -wrong : wrong);
        gradient[k] += labels->residuals[i];
        for (size_t j = 0; j < k; j++) SCL_AT(labels->scaled, j, i) = root * SCL_AT(z, j, i);
        SCL_AT(labels->scaled, k, i) = root;
    }
    /* gradient += Z r;  hessian += sum_i p_i (1 - p_i) (z_i, 1)(z_i, 1)' / m */
    scl_gemm(column(gradient, k), 1.0, SCL_PLAIN, z, SCL_PLAIN, column(labels->residuals, count), 1.0);
    scl_syrk(hessian, 1.0, scl_matrix_columns(labels->scaled, 0, count), 1.0);
    return loss;
}

static void objective(double *value, double *gradient, scl_matrix hessian, const double *x, void *context)
{
    const labelled *labels = context;
    size_t k = labels->k, m = labels->m;
    *value = gradient[k] = 0.0;
    for (size_t j = 0; j <= k; j++)
        for (size_t i = 0; i <= k; i++) SCL_AT(hessian, i, j) = i == j && j < k ? labels->ridge : 0.0;
    for (size_t j = 0; j < k; j++) {
        *value += labels->ridge / 2.0 * x[j] * x[j];
        gradient[j] = labels->ridge * x[j];
    }
    for (size_t first = 0; first < m; first += BLOCK)
        *value += add_block(gradient, hessian, labels, x, first, m - first < BLOCK ? m - first : BLOCK);
}

/* Whether every sample is strictly on its label's side: a proof that there is no minimum, unlike steps that do not shrink. */
static bool separates(const labelled *labels, const double *x)
{
    size_t m = labels->m;
    for (size_t first = 0; first < m; first += BLOCK) {
        size_t count = m - first < BLOCK ? m - first : BLOCK;
        logits_of(labels, x, features_of(labels, first, count));
        for (size_t i = 0; i < count; i++)
            if (!((labels->y[first + i] > 0.5 ? labels->logits[i] : -labels->logits[i]) > 0.0)) return false;
    }
    return true;
}

/* How many labels are 1. */
static scl_status check(size_t *ones, const labelled *labels, scl_error *err)
{
    scl_matrix X = labels->X;
    *ones = 0;
    if (labels->k < 1 || labels->m < 1)
        return scl_error_set(err, SCL_ERR_SHAPE, "features are %zu x %zu, need at least 1 x 1", labels->k, labels->m);
    if (labels->Q.cols && labels->Q.rows != X.rows)
        return scl_error_set(err, SCL_ERR_SHAPE, "features of %zu coordinates, of samples with %zu", labels->Q.rows,
                             X.rows);
    if (!(labels->ridge >= 0.0 && isfinite(labels->ridge)))
        return scl_error_set(err, SCL_ERR_INPUT, "a ridge penalty of %g, need a finite one of at least 0",
                             labels->ridge);
    for (size_t i = 0; i < labels->m; i++) {
        double y = labels->y[i];
        if (y != 0.0 && y != 1.0) return scl_error_set(err, SCL_ERR_INPUT, "label %zu is %g, need 0 or 1", i + 1, y);
        *ones += y == 1.0;
        for (size_t j = 0; j < X.rows; j++)
            if (!isfinite(SCL_AT(X, j, i)))
                return scl_error_set(err, SCL_ERR_INPUT, "feature %zu of sample %zu is %g", j + 1, i + 1,
                                     SCL_AT(X, j, i));
    }
    return SCL_OK;
}

static scl_head_outcome outcome_of(const scl_newton_result *result, const labelled *labels, const double *x)
{
    if (labels->ridge == 0.0 && (result->outcome == SCL_NEWTON_DIVERGING || separates(labels, x)))
        return SCL_HEAD_SEPARABLE;
    return result->outcome == SCL_NEWTON_CONVERGED ? SCL_HEAD_FITTED : SCL_HEAD_EXHAUSTED;
}

static scl_status fit_head(double *w, double *c, scl_head_fit *fit, labelled labels, scl_arena *ws, scl_error *err)
{
    size_t mark = ws->used, k = labels.k, m = labels.m, ones;
    scl_status status = check(&ones, &labels, err);
    if (status) return status;
    if (ones == 0 || ones == m) {
        memset(w, 0, k * sizeof *w);
        *c = ones ? INFINITY : -INFINITY;
        *fit = (scl_head_fit){.outcome = SCL_HEAD_ONE_LABEL};
        return SCL_OK;
    }
    if (scl_matrix_take(&labels.features, ws, k, BLOCK, err) ||
        scl_matrix_take(&labels.scaled, ws, k + 1, BLOCK, err) || !(labels.logits = scl_arena_take(ws, BLOCK, err)) ||
        !(labels.residuals = scl_arena_take(ws, BLOCK, err)))
        return SCL_ERR_INTERNAL;
    double *x = scl_arena_take(ws, k + 1, err);
    if (!x) return SCL_ERR_INTERNAL;
    memset(x, 0, k * sizeof *x);
    x[k] = log((double)ones / (double)(m - ones));
    scl_newton_limits limits = {
        .decrement = DECREMENT, .plateau = PLATEAU, .length = INFINITY, .iterations = MOST_STEPS};
    scl_newton_result result;
    status = scl_newton(x, &result, objective, &labels, k + 1, &limits, ws, err);
    if (!status) {
        memcpy(w, x, k * sizeof *w);
        *c = x[k];
        *fit = (scl_head_fit){.outcome = outcome_of(&result, &labels, x),
                              .iterations = result.iterations,
                              .objective = result.value,
                              .gradient_norm = result.gradient_norm};
    }
    ws->used = mark;
    return status;
}

scl_status scl_logistic_head(double *w, double *c, scl_head_fit *fit, scl_matrix Z, const double *y, double ridge,
                             scl_arena *ws, scl_error *err)
{
    return fit_head(w, c, fit, (labelled){.X = Z, .k = Z.rows, .m = Z.cols, .y = y, .ridge = ridge}, ws, err);
}

scl_status scl_logistic_head_on(double *w, double *c, scl_head_fit *fit, scl_matrix Q, scl_matrix X, const double *y,
                                double ridge, scl_arena *ws, scl_error *err)
{
    return fit_head(w, c, fit, (labelled){.X = X, .Q = Q, .k = Q.cols, .m = X.cols, .y = y, .ridge = ridge}, ws, err);
}
