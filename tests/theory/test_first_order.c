/* bias^2 + kappa/n: the formula of theory.md written out with dense matrices, PCA's collapsed form, and simulated samples. */
#include "estimate/fitting.h"
#include "theory/first_order.h"
#include "theory/predicting.h"

/* M(X), entry by entry: C X C + tr(C X) C, and where the diagonal is deleted - 2 C_ab (g_a + g_b) + 2 X_ab C_ab^2, g = (X o C) 1. */
static scl_matrix moment_map(scl_matrix C, scl_matrix X, bool deleted)
{
    size_t d = C.rows;
    scl_matrix XC = dense_product(X, C), out = dense_product(C, XC);
    double trace = 0, *g = calloc(d, sizeof *g);
    for (size_t a = 0; a < d; a++) {
        trace += SCL_AT(XC, a, a);
        for (size_t b = 0; b < d; b++) g[a] += SCL_AT(X, a, b) * SCL_AT(C, a, b);
    }
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++) {
            double c = SCL_AT(C, a, b);
            SCL_AT(out, a, b) += trace * c;
            if (deleted) SCL_AT(out, a, b) += -2 * c * (g[a] + g[b]) + 2 * SCL_AT(X, a, b) * c * c;
        }
    free(g);
    scl_matrix_free(&XC);
    return out;
}

/* x'M(X)y of moment_map; X is freed. */
static double form(scl_matrix C, scl_matrix X, bool deleted, const double *x, const double *y)
{
    scl_matrix M = moment_map(C, X, deleted);
    double sum = 0;
    for (size_t a = 0; a < C.rows; a++)
        for (size_t b = 0; b < C.rows; b++) sum += x[a] * SCL_AT(M, a, b) * y[b];
    scl_matrix_free(&M);
    scl_matrix_free(&X);
    return sum;
}

typedef struct written {
    double bias2, kappa, spread;
} written;

static written write_out(const scl_model *model, scl_shift shift)
{
    size_t d = model->d, r = model->r;
    double H[64];
    scl_shift_diagonal(H, shift, model);
    predicting_spectrum S = predicting_dense(model, H, 1);
    bool deleted = shift == SCL_SHIFT_DIAGONAL;
    scl_matrix A = dense_cross(model->U, S.V), R[8]; /* a_j are columns of A */
    written out = {.bias2 = (double)r};
    for (size_t k = 0; k < r; k++) {
        R[k] = dense_new(d, d);
        for (size_t l = 0; l < r; l++) out.bias2 -= SCL_AT(A, l, k) * SCL_AT(A, l, k);
        for (size_t j = r; j < d; j++) {
            double gap = S.w[k] - S.w[j];
            out.spread += predicting_form(&S, k, k) * predicting_form(&S, j, j) / (gap * gap);
            for (size_t a = 0; a < d; a++)
                for (size_t b = 0; b < d; b++) SCL_AT(R[k], a, b) += SCL_AT(S.V, a, j) * SCL_AT(S.V, b, j) / gap;
        }
    }
    for (size_t k = 0; k < r; k++) {
        const double *vk = &SCL_AT(S.V, 0, k);
        scl_matrix ak = dense_new(r, 1), RU = dense_product(R[k], model->U);
        for (size_t l = 0; l < r; l++) SCL_AT(ak, l, 0) = SCL_AT(A, l, k);
        scl_matrix h = dense_product(RU, ak), UR = dense_transpose(RU);
        out.kappa -= form(S.C, dense_product(RU, UR), deleted, vk, vk);
        scl_matrix copy = dense_new(d, d);
        scl_matrix_copy(copy, R[k]);
        out.kappa -= 2 * form(S.C, copy, deleted, vk, h.data);
        for (size_t m = 0; m < r; m++) {
            double inner = 0;
            for (size_t l = 0; l < r; l++) inner += SCL_AT(A, l, k) * SCL_AT(A, l, m);
            const double *vm = &SCL_AT(S.V, 0, m);
            out.kappa += inner * form(S.C, dense_product(R[k], R[m]), deleted, vk, vm);
            scl_matrix y = dense_product(R[m], h), outer = dense_new(d, d);
            for (size_t a = 0; a < d; a++)
                for (size_t b = 0; b < d; b++) SCL_AT(outer, a, b) = vm[a] * vm[b];
            out.kappa += 2 * form(S.C, outer, deleted, vk, y.data);
            scl_matrix_free(&y);
        }
        scl_matrix_free(&ak);
        scl_matrix_free(&RU);
        scl_matrix_free(&UR);
        scl_matrix_free(&h);
    }
    for (size_t k = 0; k < r; k++) scl_matrix_free(&R[k]);
    scl_matrix_free(&A);
    predicting_free(&S);
    return out;
}

static scl_first_order terms_of(const scl_model *model, scl_shift shift)
{
    scl_error err = {0};
    scl_first_order out;
    scl_arena ws = dense_arena(scl_first_order_workspace(model->d, model->r));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    ASSERT_OK(scl_first_order_of(&out, model, shift, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
    return out;
}

static void agrees_with_the_formula(void **state)
{
    (void)state;
    for (size_t which = 0; which < PREDICTING_MODELS; which++) {
        scl_model model = predicting_model(which);
        for (size_t s = 0; s < 3; s++) {
            written slow = write_out(&model, predicting_shifts[s]);
            scl_first_order fast = terms_of(&model, predicting_shifts[s]);
            assert_true(fast.gap);
            ASSERT_NEAR(fast.bias2, slow.bias2, 1e-12);
            ASSERT_NEAR(fast.kappa, slow.kappa, 1e-9 * slow.spread);
            ASSERT_NEAR(fast.spread, slow.spread, 1e-9 * slow.spread);
        }
        scl_model_free(&model);
    }
}

/* sum_k h_k v_k' (d x d), h_k = R_k U a_k: e^2 moves by -2 sum_k h_k'E v_k to first order in E, and that has mean 0. */
static scl_matrix gradient(const scl_model *model, scl_shift shift)
{
    size_t d = model->d, r = model->r;
    double H[64];
    scl_shift_diagonal(H, shift, model);
    predicting_spectrum S = predicting_dense(model, H, 1);
    scl_matrix A = dense_cross(model->U, S.V), out = dense_new(d, d);
    for (size_t k = 0; k < r; k++)
        for (size_t j = r; j < d; j++) {
            double inner = 0;
            for (size_t l = 0; l < r; l++) inner += SCL_AT(A, l, k) * SCL_AT(A, l, j);
            inner /= S.w[k] - S.w[j];
            for (size_t a = 0; a < d; a++)
                for (size_t b = 0; b < d; b++) SCL_AT(out, a, b) += inner * SCL_AT(S.V, a, j) * SCL_AT(S.V, b, k);
        }
    scl_matrix_free(&A);
    predicting_free(&S);
    return out;
}

/* mean of n (e^2 - bias^2), less its part linear in E, over samples against kappa: at n = 1e5 the next order is below the
 * allowance, z = 4 standard errors; 6 comparisons, false alarms 6 x 6e-5. The estimators themselves are fitted: contrastive
 * has its O(1/n) diagonal. */
static void agrees_with_simulation(void **state)
{
    (void)state;
    static const struct {
        const char *estimator;
        scl_shift shift;
    } of[] = {{"pca", SCL_SHIFT_ZERO}, {"contrastive", SCL_SHIFT_DIAGONAL}, {"noise-oracle", SCL_SHIFT_NOISE}};
    static const size_t models[] = {1, 4};
    enum { REPLICATES = 2000 };
    const double n = 1e5;
    for (size_t i = 0; i < 2; i++) {
        scl_model model = predicting_model(models[i]);
        scl_sample sample = sampling_new(model.d);
        scl_representation W = fitting_new(model.d, model.r);
        double sum[3] = {0}, square[3] = {0};
        scl_first_order terms[3];
        scl_matrix slope[3], C = dense_new(model.d, model.d);
        scl_model_covariance(C, &model);
        for (size_t s = 0; s < 3; s++) {
            terms[s] = terms_of(&model, of[s].shift);
            slope[s] = gradient(&model, of[s].shift);
        }
        for (uint32_t replicate = 0; replicate < REPLICATES; replicate++) {
            sampling_draw(&sample, SCL_SAMPLER_MOMENTS, n, &model,
                          scl_stream_make(11, SCL_ROLE_DATA, "first order", replicate));
            sample.model = &model;
            for (size_t s = 0; s < 3; s++) {
                fitting_fit(&W, of[s].estimator, &sample, NULL, NULL);
                double e = fitting_distance(model.U, W.Q), value = e * e - terms[s].bias2;
                for (size_t a = 0; a < model.d; a++)
                    for (size_t b = 0; b < model.d; b++)
                        if (a != b || of[s].shift != SCL_SHIFT_DIAGONAL)
                            value += 2 * SCL_AT(slope[s], a, b) * (SCL_AT(sample.S, a, b) - SCL_AT(C, a, b));
                value *= n;
                sum[s] += value;
                square[s] += value * value;
            }
        }
        for (size_t s = 0; s < 3; s++) {
            double mean = sum[s] / REPLICATES;
            double error = sqrt((square[s] / REPLICATES - mean * mean) / (REPLICATES - 1));
            print_message("model %zu %s: simulated %.4g +- %.2g, kappa %.4g\n", models[i], of[s].estimator, mean, error,
                          terms[s].kappa);
            ASSERT_NEAR(mean, terms[s].kappa, 4 * error);
            assert_true(error < .02 * fabs(terms[s].kappa)); /* it says something */
        }
        for (size_t s = 0; s < 3; s++) scl_matrix_free(&slope[s]);
        scl_matrix_free(&C);
        scl_representation_free(&W);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

/* Outside its range there is no value; n infinite is the population; r = d has no error. */
static void range(void **state)
{
    (void)state;
    scl_first_order terms = {.bias2 = .04, .kappa = 5, .spread = 10, .r = 2, .gap = true};
    ASSERT_NEAR(scl_first_order_value(&terms, 1e4), sqrt(.04 + 5e-4), 1e-15);
    ASSERT_NEAR(scl_first_order_value(&terms, INFINITY), .2, 1e-15);
    assert_false(scl_first_order_value(&terms, 99) >= 0);
    assert_true(scl_first_order_value(&terms, 101) > 0);
    scl_model model = sampling_model(4, 4, 1, false);
    scl_first_order whole = terms_of(&model, SCL_SHIFT_ZERO);
    ASSERT_NEAR(scl_first_order_value(&whole, 10), 0, 0);
    scl_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_the_formula),
                                       cmocka_unit_test(agrees_with_simulation), cmocka_unit_test(range)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
