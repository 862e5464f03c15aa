/* The proof audit against projectors and full spectra written out, and the chain itself on many models: that no link fails is not
 * asked of the program's own count alone, and a count that cannot rise would be none, so an estimator lies about what it learns. */
#include "estimate/fitting.h"
#include "evaluate/audit.h"
#include "evaluate/concentration.h"
#include "sample/sampling.h"

static const char *const learners[] = {"pca", "contrastive", "diagonal-deletion", "noise-oracle"};
enum { N_LEARNERS = sizeof learners / sizeof *learners };

/* All numbers of a fit, with exactly the promised workspace. */
static void numbers_of(double *numbers, const scl_representation *W, const scl_sample *sample)
{
    const scl_metric *metrics[SCL_AUDIT_NUMBERS];
    for (size_t k = 0; k < SCL_AUDIT_NUMBERS; k++) metrics[k] = &scl_audit_metrics[k];
    scl_error err = {0};
    scl_arena ws = dense_arena(metrics[0]->workspace(sample->model->d, sample->model->r));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    ASSERT_OK(scl_metrics_evaluate(numbers, metrics, SCL_AUDIT_NUMBERS, SCL_OF_FIT, W, sample, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
}

static void learn(scl_representation *W, const char *name, const scl_sample *sample)
{
    static double defaults[SCL_MAX_OPTIONS];
    const scl_estimator *estimator = scl_estimator_find(name);
    for (size_t i = 0; i < estimator->n_options; i++) defaults[i] = estimator->options[i].fallback;
    fitting_fit(W, name, sample, defaults, NULL);
    W->estimator = estimator;
    W->options = defaults;
}

static scl_model_spec spec_of(size_t d, size_t r, double nu, scl_loadings loadings, scl_noise noise)
{
    return (scl_model_spec){.d = d,
                            .r = r,
                            .nu = nu,
                            .loadings = loadings,
                            .mass = .5,
                            .noise = noise,
                            .sigma_max = 1,
                            .ratio = 3,
                            .loud = .2,
                            .exponent = .3,
                            .variance_min = .25,
                            .variance_max = 4};
}

/* ---- written out --------------------------------------------------------------------------------------------------- */

/* I - V V' of the first r columns */
static scl_matrix complement(scl_matrix V, size_t r)
{
    scl_matrix P = dense_new(V.rows, V.rows);
    for (size_t i = 0; i < V.rows; i++)
        for (size_t j = 0; j < V.rows; j++) {
            SCL_AT(P, i, j) = i == j;
            for (size_t k = 0; k < r; k++) SCL_AT(P, i, j) -= SCL_AT(V, i, k) * SCL_AT(V, j, k);
        }
    return P;
}

/* ||A B||_F */
static double product_norm(scl_matrix A, scl_matrix B)
{
    scl_matrix C = dense_product(A, B);
    double norm = dense_frobenius(C);
    scl_matrix_free(&C);
    return norm;
}

static double norm_of(scl_matrix A)
{
    double *values = malloc(A.rows * sizeof *values), largest;
    dense_singular(values, A);
    largest = values[0];
    free(values);
    return largest;
}

/* The learned matrix by its definition: of S (or C) with this n and mean. */
static scl_matrix learned_matrix(const char *name, scl_matrix S, double n, const double *mean, const double *sigma2)
{
    size_t d = S.rows;
    scl_matrix N = dense_new(d, d);
    scl_matrix_copy(N, S);
    for (size_t j = 0; j < d; j++) {
        double *at = &SCL_AT(N, j, j);
        if (strcmp(name, "contrastive") == 0) *at = isinf(n) ? 0 : *at / n - mean[j] * mean[j];
        if (strcmp(name, "diagonal-deletion") == 0) *at = 0;
        if (strcmp(name, "noise-oracle") == 0) *at -= sigma2[j];
    }
    return N;
}

static void written_out(double *out, const char *name, const scl_sample *sample, scl_matrix Q)
{
    const scl_model *model = sample->model;
    size_t d = model->d, r = model->r;
    bool deleted = strcmp(name, "contrastive") == 0 || strcmp(name, "diagonal-deletion") == 0;
    double root = sqrt((double)r), nu2 = model->nu * model->nu, low = INFINITY, high = -INFINITY, row = 0, most_nu = 0;
    scl_matrix C = sampling_covariance(model), V, Vx, FU = dense_new(d, r);
    scl_matrix M = learned_matrix(name, C, INFINITY, NULL, model->sigma2),
               N = learned_matrix(name, sample->S, sample->n, sample->mean, model->sigma2);
    double *m = malloc(d * sizeof *m), *x = malloc(d * sizeof *x), *F = malloc(d * sizeof *F);
    dense_eigen(m, &V, M);
    dense_eigen(x, &Vx, N);
    for (size_t j = 0; j < d; j++) {
        double signal = 0, plain = 0;
        for (size_t k = 0; k < r; k++) {
            double u = SCL_AT(model->U, j, k), nu = sampling_nu(model, k);
            signal += nu * nu * u * u;
            plain += u * u;
            most_nu = fmax(most_nu, nu);
        }
        F[j] = SCL_AT(M, j, j) - signal;
        low = fmin(low, F[j]);
        high = fmax(high, F[j]);
        row = fmax(row, plain);
    }
    double c = (low + high) / 2, s = nu2 + c - m[r], gap = m[r - 1] - m[r];
    for (size_t j = 0; j < d; j++)
        for (size_t k = 0; k < r; k++) SCL_AT(FU, j, k) = (F[j] - c) * SCL_AT(model->U, j, k);
    scl_matrix P = complement(V, r), Px = complement(Vx, r), G = dense_new(d, d), E = dense_new(d, d);
    scl_matrix V0 = scl_matrix_columns(V, 0, r), Vx0 = scl_matrix_columns(Vx, 0, r);
    out[SCL_AUDIT_BIAS] = product_norm(P, model->U);
    out[SCL_AUDIT_BIAS_DAVIS_KAHAN] = s > 0 ? fmin(root, product_norm(P, FU) / s) : root;
    out[SCL_AUDIT_BIAS_RESIDUAL] = s > 0 ? fmin(root, dense_frobenius(FU) / s) : root;
    out[SCL_AUDIT_BIAS_GAP] = 2 * root * fmax(high - c, c - low) / nu2;
    out[SCL_AUDIT_BIAS_INCOHERENCE] = deleted ? root * row * most_nu * most_nu / nu2 : out[SCL_AUDIT_BIAS_GAP];

    double diagonal = 0, trace = 0, solver = product_norm(Px, Q), factor = deleted ? 2 : 1;
    for (size_t j = 0; j < d; j++) {
        for (size_t i = 0; i < d; i++) {
            SCL_AT(G, i, j) = SCL_AT(N, i, j) - SCL_AT(M, i, j);
            SCL_AT(E, i, j) = SCL_AT(sample->S, i, j) - SCL_AT(C, i, j);
        }
        if (deleted) diagonal = fmax(diagonal, fabs(SCL_AT(N, j, j)));
        trace += SCL_AT(C, j, j);
    }
    double of_C = norm_of(C), effective = trace / of_C, n = sample->n;
    double rate = of_C * (sqrt(effective / n) + effective / n);
    s = m[r - 1] - x[r];
    scl_matrix GV = dense_product(G, V0);
    out[SCL_AUDIT_SAMPLING] = product_norm(P, Q);
    out[SCL_AUDIT_SAMPLING_DAVIS_KAHAN] = s > 0 ? fmin(root, product_norm(Px, GV) / s + solver) : root;
    out[SCL_AUDIT_SAMPLING_RESIDUAL] = s > 0 ? fmin(root, dense_frobenius(GV) / s + solver) : root;
    out[SCL_AUDIT_SAMPLING_NORM] = s > 0 ? fmin(root, root * norm_of(G) / s + solver) : root;
    out[SCL_AUDIT_SAMPLING_GAP] = 2 * root * norm_of(G) / gap + solver;
    out[SCL_AUDIT_SAMPLING_DELETION] = 2 * root * (factor * norm_of(E) + diagonal) / gap + solver;
    out[SCL_AUDIT_SAMPLING_RATE] = 2 * root * (factor * rate + diagonal) / gap;
    out[SCL_AUDIT_SEPARATION] = s / gap;
    out[SCL_AUDIT_VIOLATIONS] = 0;
    assert_true(product_norm(P, Vx0) > 0);
    scl_matrix *const all[] = {&C, &V, &Vx, &FU, &M, &N, &P, &Px, &G, &E, &GV};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) scl_matrix_free(all[i]);
    free(m);
    free(x);
    free(F);
}

static void against_projectors(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < 6; k++) {
        size_t d = 6 + 9 * k, r = 1 + k % 4;
        scl_model model = k % 2 ? sampling_unequal(d, r, 1.2, false) : sampling_model(d, r, 1.5, false);
        scl_sample sample = sampling_new(d);
        sampling_draw(&sample, SCL_SAMPLER_MOMENTS, k < 3 ? 40 : 4000, &model,
                      scl_stream_make(11, SCL_ROLE_TEST, "audit", k));
        scl_representation W = fitting_new(d, r);
        for (size_t e = 0; e < N_LEARNERS; e++) {
            double numbers[SCL_AUDIT_NUMBERS], expected[SCL_AUDIT_NUMBERS];
            learn(&W, learners[e], &sample);
            numbers_of(numbers, &W, &sample);
            written_out(expected, learners[e], &sample, W.Q);
            for (size_t i = 0; i < SCL_AUDIT_NUMBERS; i++)
                if (!(fabs(numbers[i] - expected[i]) <= 1e-10 * (1 + fabs(expected[i]))))
                    fail_msg("%s of %s, d = %zu, r = %zu: %.12g, written out %.12g", scl_audit_metrics[i].name,
                             learners[e], d, r, numbers[i], expected[i]);
        }
        scl_representation_free(&W);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

/* ---- the chain ----------------------------------------------------------------------------------------------------- */

typedef struct links {
    size_t met, vacuous;
} links;

static void assert_chain(links *seen, const scl_representation *W, const scl_sample *sample, const char *name)
{
    double b[SCL_AUDIT_NUMBERS], root = sqrt((double)sample->model->r);
    numbers_of(b, W, sample);
    double measured = fitting_distance(sample->model->U, W->Q);
    if (!(measured <= (b[SCL_AUDIT_BIAS] + b[SCL_AUDIT_SAMPLING]) * (1 + 1e-9) + 1e-12))
        fail_msg("%s: measured %.12g is above %.12g + %.12g", name, measured, b[SCL_AUDIT_BIAS], b[SCL_AUDIT_SAMPLING]);
    for (size_t k = SCL_AUDIT_BIAS; k < SCL_AUDIT_SAMPLING_DELETION; k++) {
        if (k == SCL_AUDIT_BIAS_INCOHERENCE || isnan(b[k + 1])) continue;
        if (!(b[k] <= b[k + 1] * (1 + 1e-9) + 1e-12))
            fail_msg("%s, d = %zu, r = %zu, n = %g: %s %.12g is above %s %.12g", name, sample->model->d,
                     sample->model->r, sample->n, scl_audit_metrics[k].name, b[k], scl_audit_metrics[k + 1].name,
                     b[k + 1]);
        seen->met++;
        seen->vacuous += b[k + 1] == root;
    }
    assert_true(b[SCL_AUDIT_VIOLATIONS] == 0);
}

/* Loadings coherent and not, signals strong and below the noise, samples from fewer than d to nearly the population, spikes unequal. */
static void no_link_fails(void **state)
{
    (void)state;
    static const double samples[] = {5, 30, 300, 1e5, 1e12};
    static const size_t shapes[][2] = {{2, 1}, {7, 3}, {20, 2}, {48, 6}};
    links seen = {0};
    for (uint32_t k = 0; k < 4 * 24; k++) {
        size_t d = shapes[k % 4][0], r = shapes[k % 4][1];
        scl_loadings loadings = (scl_loadings)(k / 4 % 4);
        if (loadings == SCL_LOADINGS_AXIS && 2 * r <= d) loadings = SCL_LOADINGS_COHERENT;
        scl_model_spec spec = spec_of(d, r, k % 3 == 0 ? .3 : k % 3 == 1 ? 1 : 4, loadings, (scl_noise)(k / 16));
        bool unequal = k % 7 == 0;
        scl_model model = unequal ? sampling_unequal(d, r, .7, k % 2) : sampling_model_of(&spec);
        scl_sample sample = sampling_new(d);
        for (uint32_t s = 0; s < 15; s++) {
            sampling_draw(&sample, SCL_SAMPLER_MOMENTS, samples[s % 5], &model,
                          scl_stream_make(12, SCL_ROLE_TEST, "chain", 100 * k + s));
            scl_representation W = fitting_new(d, r);
            for (size_t e = 0; e < N_LEARNERS; e++) {
                learn(&W, learners[e], &sample);
                assert_chain(&seen, &W, &sample, learners[e]);
            }
            scl_representation_free(&W);
        }
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
    assert_in_range(seen.met, 40000, 60000);
    assert_in_range(seen.vacuous, seen.met / 20, seen.met / 2); /* both kinds of bounds were met */
}

/* A fit that stopped far from its eigenspace is audited as it is: what its solver left is in every bound. */
static void any_subspace_may_come(void **state)
{
    (void)state;
    scl_model model = sampling_model(30, 3, 2, false);
    scl_sample sample = sampling_new(30);
    links seen = {0};
    for (uint32_t k = 0; k < 20; k++) {
        scl_stream stream = scl_stream_make(13, SCL_ROLE_TEST, "any", k);
        sampling_draw(&sample, SCL_SAMPLER_MOMENTS, 3000, &model, stream);
        scl_representation W = fitting_new(30, 3);
        learn(&W, "contrastive", &sample);
        scl_matrix Q = dense_frame(30, 3, &stream);
        scl_matrix_copy(W.Q, Q);
        assert_chain(&seen, &W, &sample, "any");
        scl_matrix_free(&Q);
        scl_representation_free(&W);
    }
    scl_sample_free(&sample);
    scl_model_free(&model);
}

/* Say that Delta(S) is learned. One hands over ten times its error, which Lemma B.8 does not bound by ||S - C||; the other S, whose diagonal
 * incoherence does not bound. */
static bool ten_errors(scl_matrix N, const scl_sample *sample, const double *options)
{
    (void)options;
    scl_matrix C = sampling_covariance(sample->model);
    for (size_t j = 0; j < N.cols; j++)
        for (size_t i = 0; i < N.rows; i++)
            SCL_AT(N, i, j) = i == j ? 0 : SCL_AT(C, i, j) + 10 * (SCL_AT(sample->S, i, j) - SCL_AT(C, i, j));
    scl_matrix_free(&C);
    return true;
}

static bool with_diagonal(scl_matrix N, const scl_sample *sample, const double *options)
{
    (void)options;
    scl_matrix_copy(N, sample->S);
    return true;
}

/* The one link that a lie breaks is counted, and no other. */
static void a_broken_link_is_counted(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool (*learned)(scl_matrix N, const scl_sample *sample, const double *options);
        scl_audit_number left;
    } lies[] = {{"diagonal-deletion", ten_errors, SCL_AUDIT_SAMPLING_GAP}, {"pca", with_diagonal, SCL_AUDIT_BIAS_GAP}};
    scl_model model = sampling_model(30, 3, 2, false);
    scl_sample sample = sampling_new(30);
    sampling_draw(&sample, SCL_SAMPLER_MOMENTS, 3000, &model, scl_stream_make(14, SCL_ROLE_TEST, "broken", 0));
    scl_representation W = fitting_new(30, 3);
    for (size_t k = 0; k < 2; k++) {
        double b[SCL_AUDIT_NUMBERS];
        learn(&W, lies[k].name, &sample);
        numbers_of(b, &W, &sample);
        assert_true(b[SCL_AUDIT_VIOLATIONS] == 0);
        scl_estimator liar = *W.estimator;
        liar.learned = lies[k].learned;
        liar.shift = scl_estimator_find("diagonal-deletion")->shift;
        W.estimator = &liar;
        numbers_of(b, &W, &sample);
        assert_true(b[lies[k].left] > b[lies[k].left + 1]);
        assert_true(b[SCL_AUDIT_VIOLATIONS] == 1);
    }
    scl_representation_free(&W);
    scl_sample_free(&sample);
    scl_model_free(&model);
}

/* ---- what does not apply ------------------------------------------------------------------------------------------- */

static void population_has_no_sampling(void **state)
{
    (void)state;
    scl_model model = sampling_model(40, 3, 1.5, false);
    scl_sample sample = sampling_new(40);
    sampling_draw(&sample, SCL_SAMPLER_MOMENTS, INFINITY, &model, scl_stream_make(15, SCL_ROLE_TEST, "inf", 0));
    scl_representation W = fitting_new(40, 3);
    for (size_t e = 0; e < N_LEARNERS; e++) {
        double b[SCL_AUDIT_NUMBERS];
        learn(&W, learners[e], &sample);
        numbers_of(b, &W, &sample);
        for (size_t k = SCL_AUDIT_SAMPLING; k <= SCL_AUDIT_SAMPLING_RATE; k++) assert_true(b[k] == 0);
        assert_true(b[SCL_AUDIT_SEPARATION] == 1 && b[SCL_AUDIT_VIOLATIONS] == 0);
        ASSERT_NEAR(b[SCL_AUDIT_BIAS], fitting_distance(model.U, W.Q), 1e-12);
    }
    scl_representation_free(&W);
    scl_sample_free(&sample);
    scl_model_free(&model);
}

static void assert_none(const scl_representation *W, const scl_sample *sample)
{
    double b[SCL_AUDIT_NUMBERS];
    numbers_of(b, W, sample);
    for (size_t k = 0; k < SCL_AUDIT_NUMBERS; k++) assert_true(isnan(b[k]));
}

/* Estimators without an eigenspace, contrastive losses of other masks, r = d; and Delta(C) = 0, whose gap is 0. */
static void some_have_no_chain(void **state)
{
    (void)state;
    scl_model model = sampling_model(20, 2, 1.5, false);
    scl_sample sample = sampling_new(20);
    sampling_draw(&sample, SCL_SAMPLER_MOMENTS, 100, &model, scl_stream_make(16, SCL_ROLE_TEST, "none", 0));
    scl_representation W = fitting_new(20, 2);
    learn(&W, "heteropca", &sample);
    assert_none(&W, &sample);
    learn(&W, "contrastive", &sample);
    double options[SCL_MAX_OPTIONS];
    for (size_t i = 0; i < 5; i++)
        if (strcmp(W.estimator->options[i].key, "lambda") != 0) {
            memcpy(options, W.options, sizeof options);
            options[i] = i == 0 ? .4 : 1; /* keep-probability; masks: 1, mask-law: half, views: independent */
            scl_representation other = W;
            other.options = options;
            assert_none(&other, &sample);
        }
    W.estimator = NULL;
    assert_none(&W, &sample);
    scl_model square = sampling_model(20, 20, 1.5, false);
    sample.model = &square;
    scl_representation whole = fitting_new(20, 20);
    learn(&whole, "pca", &sample);
    assert_none(&whole, &sample);
    scl_representation_free(&whole);
    scl_model_free(&square);

    scl_model_spec axis = spec_of(20, 2, 1, SCL_LOADINGS_AXIS, SCL_NOISE_CONSTANT);
    scl_model on_axis = sampling_model_of(&axis);
    sampling_draw(&sample, SCL_SAMPLER_MOMENTS, 100, &on_axis, scl_stream_make(16, SCL_ROLE_TEST, "none", 1));
    learn(&W, "contrastive", &sample);
    double b[SCL_AUDIT_NUMBERS];
    numbers_of(b, &W, &sample);
    assert_true(isnan(b[SCL_AUDIT_SAMPLING_GAP]) && isnan(b[SCL_AUDIT_SEPARATION]));
    assert_true(b[SCL_AUDIT_SAMPLING_NORM] == sqrt(2) && b[SCL_AUDIT_VIOLATIONS] == 0);
    scl_model_free(&on_axis);
    scl_representation_free(&W);
    scl_sample_free(&sample);
    scl_model_free(&model);
}

/* ||S - C||_2 over its rate, by singular values. */
static void concentration(void **state)
{
    (void)state;
    const scl_metric *metric = scl_metric_find("concentration-ratio");
    for (uint32_t k = 0; k < 3; k++) {
        size_t d = 10 + 40 * k;
        scl_model model = sampling_model(d, 2, 1.5, false);
        scl_sample sample = sampling_new(d);
        sampling_draw(&sample, SCL_SAMPLER_MOMENTS, 60, &model, scl_stream_make(17, SCL_ROLE_TEST, "ratio", k));
        scl_matrix C = sampling_covariance(&model), E = dense_new(d, d);
        double trace = 0, value = -7, norm = norm_of(C);
        for (size_t i = 0; i < d * d; i++) E.data[i] = sample.S.data[i] - C.data[i];
        for (size_t j = 0; j < d; j++) trace += SCL_AT(C, j, j);
        scl_arena ws = dense_arena(metric->workspace(d, 2));
        scl_error err = {0};
        ASSERT_OK(metric->evaluate(&value, NULL, &sample, &ws, &err), err);
        assert_int_equal(ws.used, 0);
        ASSERT_NEAR(value, norm_of(E) / (norm * (sqrt(trace / norm / 60) + trace / norm / 60)), 1e-9);
        sample.n = INFINITY;
        ASSERT_OK(metric->evaluate(&value, NULL, &sample, &ws, &err), err);
        assert_true(isnan(value));
        scl_arena_free(&ws);
        scl_matrix_free(&C);
        scl_matrix_free(&E);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_projectors),
        cmocka_unit_test(no_link_fails),
        cmocka_unit_test(any_subspace_may_come),
        cmocka_unit_test(a_broken_link_is_counted),
        cmocka_unit_test(population_has_no_sampling),
        cmocka_unit_test(some_have_no_chain),
        cmocka_unit_test(concentration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
