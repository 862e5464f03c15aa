/* The proportional limit: theory.md's rule with dense decompositions, closed forms, and the simulated numbers of theory.md. */
#include "estimate/fitting.h"
#include "theory/limit.h"
#include "theory/predicting.h"

typedef struct limits {
    double outliers[8], sines2[8];
    scl_limit limit;
} limits;

static void limit_of(limits *out, const scl_model *model, scl_shift shift, double n)
{
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_limit_workspace(model->d, model->r));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    out->limit = (scl_limit){.outliers = out->outliers, .sines2 = out->sines2};
    ASSERT_OK(scl_limit_of(&out->limit, model, shift, n, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
}

static double frobenius(const limits *of, size_t r)
{
    double sum = 0;
    for (size_t k = 0; k < r; k++) sum += of->sines2[k];
    return sqrt(sum);
}

/* ---- the rule, slowly -------------------------------------------------------------------------------------------- */

static double dense_F(const scl_model *model, const double *H, double tau, size_t i, double n)
{
    predicting_spectrum S = predicting_dense(model, H, tau);
    double sum = 0;
    for (size_t j = model->r; j < model->d; j++) sum += predicting_form(&S, j, j) / (S.w[i] - S.w[j]);
    predicting_free(&S);
    return 1 / tau - 1 + sum / n;
}

/* ||sinTheta||_F, outliers and how many there are, by bisection between steps of 1 %. */
static double slow_limit(double *outliers, size_t *above, const scl_model *model, scl_shift shift, double n)
{
    size_t d = model->d, r = model->r;
    double H[64], c2[8], mean = 0, total = 0;
    scl_shift_diagonal(H, shift, model);
    *above = 0;
    for (size_t i = 0; i < r; i++) {
        double low = 1, high = 1.01;
        while (dense_F(model, H, high, i, n) > 0) low = high, high *= 1.01;
        for (int step = 0; step < 45; step++) {
            double middle = .5 * (low + high);
            if (dense_F(model, H, middle, i, n) > 0)
                low = middle;
            else
                high = middle;
        }
        predicting_spectrum S = predicting_dense(model, H, low);
        double z = S.w[i], G_tau = -1 / (low * low), G_z = 0;
        for (size_t j = r; j < d; j++) {
            G_z -= predicting_form(&S, j, j) / ((S.w[j] - z) * (S.w[j] - z)) / n;
            for (size_t l = r; l < d; l++) {
                double q = predicting_form(&S, j, l);
                G_tau += q * q / ((S.w[j] - z) * (S.w[l] - z)) / n;
            }
        }
        c2[i] = G_tau < 0 ? 1 / (1 + G_z / G_tau * predicting_form(&S, i, i)) : 0;
        outliers[i] = G_tau < 0 ? z : NAN;
        if (G_tau < 0) mean += low, ++*above;
        predicting_free(&S);
    }
    predicting_spectrum S = predicting_dense(model, H, *above ? mean / (double)*above : 1);
    scl_matrix A = dense_cross(model->U, S.V);
    for (size_t k = 0; k < r; k++)
        for (size_t l = 0; l < r; l++) total += c2[k] * SCL_AT(A, l, k) * SCL_AT(A, l, k);
    scl_matrix_free(&A);
    predicting_free(&S);
    return sqrt((double)r - total);
}

static void follows_the_rule(void **state)
{
    (void)state;
    static const double ns[] = {25, 60, 400};
    size_t all = 0, none = 0;
    for (size_t which = 0; which < PREDICTING_MODELS; which++) {
        scl_model model = predicting_model(which);
        for (size_t s = 0; s < 3; s++)
            for (size_t m = 0; m < 3; m++) {
                double outliers[8];
                size_t above;
                double slow = slow_limit(outliers, &above, &model, predicting_shifts[s], ns[m]);
                limits fast;
                limit_of(&fast, &model, predicting_shifts[s], ns[m]);
                assert_true(fast.limit.gap);
                assert_int_equal(fast.limit.above, above);
                ASSERT_NEAR(frobenius(&fast, model.r), slow, 1e-7);
                for (size_t i = 0; i < model.r; i++) {
                    assert_int_equal(isnan(fast.outliers[i]) != 0, isnan(outliers[i]) != 0);
                    if (!isnan(outliers[i])) ASSERT_NEAR(fast.outliers[i], outliers[i], 1e-8);
                }
                all += above == model.r;
                none += above < model.r;
            }
        scl_model_free(&model);
    }
    assert_true(all > 10 && none > 2); /* both sides of the transition were there */
}

/* ---- closed forms ------------------------------------------------------------------------------------------------ */

/* sigma = 1, r = 1, with (d - 1)/n for gamma: threshold sqrt gamma, lambda = (1 + ell)(1 + gamma/ell), cos^2 = (1 - gamma/ell^2)/(1 +
 * gamma/ell); the noise-oracle's eigenvalues are those less 1. */
static void homoskedastic(void **state)
{
    (void)state;
    const double n = 400, gamma = 199 / n;
    for (double ell = .3; ell < 4; ell += .2) {
        scl_model model = sampling_model(200, 1, sqrt(ell), true);
        for (size_t s = 0; s < 3; s += 2) {
            limits of;
            limit_of(&of, &model, predicting_shifts[s], n);
            bool above = ell > sqrt(gamma);
            assert_int_equal(of.limit.above, above);
            double shift = s == 2 ? 1 : 0;
            if (above) {
                ASSERT_NEAR(of.outliers[0], (1 + ell) * (1 + gamma / ell) - shift, 1e-9);
                ASSERT_NEAR(1 - of.sines2[0], (1 - gamma / (ell * ell)) / (1 + gamma / ell), 1e-9);
            } else {
                assert_true(isnan(of.outliers[0]));
                ASSERT_NEAR(of.sines2[0], 1, 0);
            }
        }
        scl_model_free(&model);
    }
}

/* Exactly equal spikes under equal noise: every direction has the same limit, whatever basis the eigenvectors are in. */
static void equal_spikes(void **state)
{
    (void)state;
    scl_model model = sampling_model(60, 4, 2, true);
    double gamma = 56 / 120.0, cos2 = (1 - gamma / 16) / (1 + gamma / 4);
    for (size_t s = 0; s < 3; s += 2) {
        limits of;
        limit_of(&of, &model, predicting_shifts[s], 120);
        assert_int_equal(of.limit.above, 4);
        for (size_t k = 0; k < 4; k++) ASSERT_NEAR(1 - of.sines2[k], cos2, 1e-9);
    }
    scl_model_free(&model);
}

/* n infinite is the population; huge n tends to it, and without bias its sine like n^{-1/2} to full relative accuracy. */
static void large_n(void **state)
{
    (void)state;
    scl_model model = predicting_model(0);
    for (size_t s = 0; s < 3; s++) {
        limits infinite, huge;
        limit_of(&infinite, &model, predicting_shifts[s], INFINITY);
        limit_of(&huge, &model, predicting_shifts[s], 1e13);
        double H[64];
        scl_shift_diagonal(H, predicting_shifts[s], &model);
        predicting_spectrum S = predicting_dense(&model, H, 1);
        double truth = fitting_distance(model.U, scl_matrix_columns(S.V, 0, model.r));
        ASSERT_NEAR(frobenius(&infinite, model.r), truth, 1e-12);
        ASSERT_NEAR(infinite.outliers[0], S.w[0], 1e-12);
        ASSERT_NEAR(frobenius(&huge, model.r), frobenius(&infinite, model.r), 1e-5);
        predicting_free(&S);
    }
    limits one, four;
    limit_of(&one, &model, SCL_SHIFT_NOISE, 1e12);
    limit_of(&four, &model, SCL_SHIFT_NOISE, 4e12);
    ASSERT_NEAR(frobenius(&one, model.r) / frobenius(&four, model.r), 2, 1e-6);
    scl_model_free(&model);
}

/* ---- simulated numbers of theory.md, section 9 ------------------------------------------------------------------- */

/* d = 400, r = 3: the limit is within 1 % of the simulated mean (section 4 says .5 % but for the last, .8 %). */
static void cells_a_and_b(void **state)
{
    (void)state;
    static const struct {
        bool b;
        double n, pca, contrastive;
    } cells[] = {{false, 1000, .5828, .5817},
                 {false, 4000, .3019, .3008},
                 {true, 1000, .6858, .6076},
                 {true, 4000, .4085, .3124}};
    for (size_t i = 0; i < 4; i++) {
        scl_model model =
            sampling_model_of(&(scl_model_spec){.d = 400,
                                                .r = 3,
                                                .nu = cells[i].b ? sqrt(8) : 2,
                                                .loadings = SCL_LOADINGS_DCT,
                                                .noise = cells[i].b ? SCL_NOISE_GOLDEN : SCL_NOISE_CONSTANT,
                                                .sigma_max = 1,
                                                .variance_min = .25,
                                                .variance_max = 4});
        limits pca, contrastive;
        limit_of(&pca, &model, SCL_SHIFT_ZERO, cells[i].n);
        limit_of(&contrastive, &model, SCL_SHIFT_DIAGONAL, cells[i].n);
        print_message("%s n = %g: pca %+.2f %%, contrastive %+.2f %%\n", cells[i].b ? "B" : "A", cells[i].n,
                      100 * (frobenius(&pca, 3) / cells[i].pca - 1),
                      100 * (frobenius(&contrastive, 3) / cells[i].contrastive - 1));
        ASSERT_NEAR(frobenius(&pca, 3) / cells[i].pca, 1, .01);
        ASSERT_NEAR(frobenius(&contrastive, 3) / cells[i].contrastive, 1, .01);
        scl_model_free(&model);
    }
}

/* gamma = .5, d = 200, n = 400, r = 1: within 4 standard errors and 1 %. */
static void transition(void **state)
{
    (void)state;
    static const struct {
        double ell, cos2, cos2_error, top, top_error;
    } cells[] = {{1, .3176, .0072, 3.012, .005}, {2, .7001, .0025, 3.752, .010}, {4, .8606, .0010, 5.595, .020}};
    for (size_t i = 0; i < 3; i++) {
        scl_model model = sampling_model(200, 1, sqrt(cells[i].ell), true);
        limits of;
        limit_of(&of, &model, SCL_SHIFT_ZERO, 400);
        ASSERT_NEAR(1 - of.sines2[0], cells[i].cos2, 4 * cells[i].cos2_error + .01 * cells[i].cos2);
        ASSERT_NEAR(of.outliers[0], cells[i].top, 4 * cells[i].top_error + .01 * cells[i].top);
        scl_model_free(&model);
    }
    scl_model model = sampling_model(200, 1, sqrt(.5), true);
    limits of;
    limit_of(&of, &model, SCL_SHIFT_ZERO, 400);
    assert_int_equal(of.limit.above, 0);
    scl_model_free(&model);
}

/* One loud coordinate overtakes one of two equal spikes, which then stand on both sides of the r-th place: at n = 3000 the limit is far above
 * the population value, which samples nearly have, and is not claimed. Elsewhere it is. */
static void signal_beyond_the_last_place(void **state)
{
    (void)state;
    scl_model model = sampling_model_of(&(scl_model_spec){.d = 100,
                                                          .r = 2,
                                                          .nu = .6,
                                                          .loadings = SCL_LOADINGS_HAAR,
                                                          .noise = SCL_NOISE_POWER,
                                                          .sigma_max = 1,
                                                          .exponent = 1});
    limits pca, deletion, population;
    limit_of(&population, &model, SCL_SHIFT_ZERO, INFINITY);
    limit_of(&pca, &model, SCL_SHIFT_ZERO, 3000);
    limit_of(&deletion, &model, SCL_SHIFT_DIAGONAL, 3000);
    assert_true(frobenius(&pca, 2) > 1.1 * frobenius(&population, 2));
    assert_false(scl_limit_holds(&pca.limit, 2));
    assert_true(scl_limit_holds(&deletion.limit, 2) && scl_limit_holds(&population.limit, 2));
    scl_model_free(&model);
    model = predicting_model(0);
    for (size_t s = 0; s < 3; s++) {
        limit_of(&pca, &model, predicting_shifts[s], 400);
        assert_true(scl_limit_holds(&pca.limit, 3));
    }
    scl_model_free(&model);
    model = sampling_model(20, 2, 1e50, true); /* nothing is lost, and nothing regained but rounding errors */
    limit_of(&pca, &model, SCL_SHIFT_ZERO, 100);
    assert_true(frobenius(&pca, 2) < 1e-15 && scl_limit_holds(&pca.limit, 2));
    scl_model_free(&model);
}

static void laws(void **state)
{
    (void)state;
    scl_law gaussian = {.kind = SCL_LAW_GAUSSIAN}, heavy = {.kind = SCL_LAW_STUDENT, .df = 4},
            light = {.kind = SCL_LAW_STUDENT, .df = 5}, sign = {.kind = SCL_LAW_RADEMACHER};
    assert_true(scl_limit_for_laws(gaussian, gaussian) && scl_limit_for_laws(sign, light));
    assert_false(scl_limit_for_laws(gaussian, heavy) || scl_limit_for_laws(heavy, sign));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_the_rule),
        cmocka_unit_test(homoskedastic),
        cmocka_unit_test(equal_spikes),
        cmocka_unit_test(large_n),
        cmocka_unit_test(cells_a_and_b),
        cmocka_unit_test(transition),
        cmocka_unit_test(signal_beyond_the_last_place),
        cmocka_unit_test(laws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
