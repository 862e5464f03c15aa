/* The contrastive loss with label terms: its closed form against a quasi-Newton minimiser of the whole loss, with every matrix written
 * out, and the strengths of docs/theory.md, section 6, by simulation. */
#include "estimate/labelled_data.h"
#include "estimate/masked_loss.h"
#include "linalg/lbfgs.h"
#include "sample/sampling.h"

enum { TASKS_MOST = 5 };

/* All that the loss is made of. */
typedef struct problem {
    scl_matrix N;             /* d x d, by definition */
    scl_matrix K[TASKS_MOST]; /* X_t H y_t y_t' H X_t', d x d */
    size_t tasks;
    double alpha, m, lambda;
} problem;

/* -1/4 tr(W N W') - alpha/(m-1)^2 sum_t tr(W K_t W') + (lambda/2) ||W W'||_F^2; the gradient unless NULL. */
static double whole_loss(scl_matrix W, double *gradient, const problem *p)
{
    double factor = p->alpha / ((p->m - 1) * (p->m - 1)), value = penalty(W, p->lambda) - 0.25 * trace_form(W, p->N);
    for (size_t t = 0; t < p->tasks; t++) value -= factor * trace_form(W, p->K[t]);
    if (!gradient) return value;
    scl_matrix T = dense_transpose(W), WW = dense_product(W, T), cubic = dense_product(WW, W),
               linear = dense_product(W, p->N);
    for (size_t i = 0; i < W.rows * W.cols; i++) gradient[i] = 2 * p->lambda * cubic.data[i] - 0.5 * linear.data[i];
    for (size_t t = 0; t < p->tasks; t++) {
        scl_matrix term = dense_product(W, p->K[t]);
        for (size_t i = 0; i < W.rows * W.cols; i++) gradient[i] -= 2 * factor * term.data[i];
        scl_matrix_free(&term);
    }
    scl_matrix *made[] = {&T, &WW, &cubic, &linear};
    for (size_t i = 0; i < 4; i++) scl_matrix_free(made[i]);
    return value;
}

/* W becomes a local minimum: quasi-Newton steps, halved until the loss falls (Armijo). */
static double minimise(scl_matrix W, const problem *p)
{
    size_t size = W.rows * W.cols;
    scl_arena ws = dense_arena(scl_lbfgs_workspace(size));
    scl_lbfgs memory;
    scl_error err = {0};
    ASSERT_OK(scl_lbfgs_take(&memory, size, &ws, &err), err);
    scl_matrix trial = dense_new(W.rows, W.cols);
    double slope[64], next[64], direction[64], diagonal[64], value = whole_loss(W, slope, p);
    assert_true(size <= 64);
    for (size_t i = 0; i < size; i++) diagonal[i] = 0.1;
    for (int step = 0; step < 2000; step++) {
        scl_lbfgs_direction(direction, &memory, slope, diagonal);
        double along = 0, length = 1, tried = INFINITY;
        for (size_t i = 0; i < size; i++) along += direction[i] * slope[i];
        for (int halving = 0; halving < 60; halving++, length /= 2) {
            for (size_t i = 0; i < size; i++) trial.data[i] = W.data[i] + length * direction[i];
            tried = whole_loss(trial, next, p);
            if (tried <= value + 1e-4 * length * along) break;
        }
        if (!(tried < value)) break;
        scl_lbfgs_add(&memory, W.data, trial.data, slope, next);
        scl_matrix_copy(W, trial);
        memcpy(slope, next, size * sizeof *slope);
        value = tried;
    }
    scl_matrix_free(&trial);
    scl_arena_free(&ws);
    return value;
}

/* N = Delta(S0) + (S0 - n xbar xbar')/(n - 1), S0 = X X'/n. */
static scl_matrix pair_matrix(scl_matrix X)
{
    size_t d = X.rows;
    double n = (double)X.cols, mean[MAX_D] = {0};
    scl_matrix N = dense_new(d, d);
    for (size_t i = 0; i < X.cols; i++)
        for (size_t k = 0; k < d; k++) mean[k] += SCL_AT(X, k, i) / n;
    for (size_t b = 0; b < d; b++)
        for (size_t a = 0; a < d; a++) {
            double s0 = 0;
            for (size_t i = 0; i < X.cols; i++) s0 += SCL_AT(X, a, i) * SCL_AT(X, b, i) / n;
            SCL_AT(N, a, b) = (a != b ? s0 : 0) + (s0 - n * mean[a] * mean[b]) / (n - 1);
        }
    return N;
}

/* X H y y' H X' with H = I - 11'/m as a matrix. */
static scl_matrix independence(scl_matrix X, scl_matrix y)
{
    size_t m = X.cols;
    scl_matrix H = dense_new(m, m);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++) SCL_AT(H, i, j) = (i == j) - 1 / (double)m;
    scl_matrix Hy = dense_product(H, y), XHy = dense_product(X, Hy), T = dense_transpose(XHy),
               K = dense_product(XHy, T);
    scl_matrix *made[] = {&H, &Hy, &XHy, &T};
    for (size_t i = 0; i < 4; i++) scl_matrix_free(made[i]);
    return K;
}

static const struct {
    size_t d, n, r, tasks, m;
    double alpha, lambda;
} cases[] = {{4, 9, 2, 1, 6, 1, 1},    {5, 12, 2, 3, 4, 0.3, 2}, {6, 8, 3, 2, 9, 5, 0.5},
             {6, 14, 2, 5, 3, 0.1, 1}, {5, 7, 4, 1, 2, 2, 1},    {6, 9, 2, 2, 8, 100, 3}};

/* From eight starts the minimiser of the whole loss ends at the closed form's value, and the best of them at its W'W. */
static void closed_form_is_the_minimum(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t d = cases[c].d, r = cases[c].r, m = cases[c].m;
        scl_stream stream = scl_stream_make(42, SCL_ROLE_TEST, "label terms", c);
        problem p = {.tasks = cases[c].tasks, .alpha = cases[c].alpha, .m = (double)m, .lambda = cases[c].lambda};
        scl_matrix X = data(d, cases[c].n, c);
        p.N = pair_matrix(X);
        scl_sample sample = fitting_sample(X);
        sample.labels = labelled_new(d, p.tasks, 0);
        for (size_t t = 0; t < p.tasks; t++) {
            scl_matrix Xt = data(d, m, 100 + 10 * c + (uint32_t)t), y = dense_normals(m, 1, &stream);
            for (size_t i = 0; i < m; i++) y.data[i] += 3 + SCL_AT(Xt, t % d, i);
            if (t == 0) labelled_first(&sample.labels, Xt, y.data);
            labelled_task(&sample.labels, t, Xt, y.data);
            p.K[t] = independence(Xt, y);
            scl_matrix_free(&Xt);
            scl_matrix_free(&y);
        }
        double options[SCL_MAX_OPTIONS] = {p.alpha, p.lambda};
        scl_representation out = fitting_new(d, r);
        fitting_fit(&out, "label-terms", &sample, options, NULL);
        scl_matrix W = minimiser(&out, &stream), T = dense_transpose(W), WW = dense_product(T, W);
        double at = whole_loss(W, NULL, &p), best = INFINITY, least = 0;
        for (size_t k = 0; k < r; k++) least -= fmax(out.values[k], 0) * fmax(out.values[k], 0) / (32 * p.lambda);
        ASSERT_NEAR(at, least, 1e-12 * fabs(least));
        scl_matrix found = dense_new(d, d);
        for (int start = 0; start < 8; start++) {
            scl_matrix V = dense_normals(r, d, &stream);
            double value = minimise(V, &p);
            if (value < best) {
                best = value;
                scl_matrix VT = dense_transpose(V);
                scl_matrix_free(&found);
                found = dense_product(VT, V);
                scl_matrix_free(&VT);
            }
            scl_matrix_free(&V);
        }
        ASSERT_NEAR(best, at, 1e-9 * fabs(at));
        ASSERT_NEAR(dense_difference(found, WW), 0, 1e-3 * dense_frobenius(WW)); /* the loss is flat to second order */
        scl_matrix *made[] = {&X, &p.N, &W, &T, &WW, &found};
        for (size_t i = 0; i < 6; i++) scl_matrix_free(made[i]);
        for (size_t t = 0; t < p.tasks; t++) scl_matrix_free(&p.K[t]);
        scl_representation_free(&out);
        labelled_free(&sample.labels);
        scl_sample_free(&sample);
    }
}

/* alpha = 0 gives the bits of `contrastive` with the same lambda; alpha > 0 does not. */
static void without_weight_it_is_contrastive(void **state)
{
    (void)state;
    static const size_t shapes[][2] = {{6, 2}, {60, 5}};
    for (uint32_t c = 0; c < 2; c++) {
        size_t d = shapes[c][0], r = shapes[c][1];
        scl_stream stream = scl_stream_make(42, SCL_ROLE_TEST, "alpha 0", c);
        scl_matrix X = dense_normals(d, 3 * d, &stream), y = dense_normals(3 * d, 1, &stream);
        for (size_t i = 0; i < 3 * d; i++) SCL_AT(X, 1, i) += y.data[i] + SCL_AT(X, 0, i);
        scl_sample sample = fitting_sample(X);
        sample.labels = labelled_new(d, 1, 0);
        labelled_first(&sample.labels, X, y.data);
        labelled_task(&sample.labels, 0, X, y.data);
        scl_representation plain = fitting_new(d, r), with = fitting_new(d, r);
        double lambda = 0.7, contrastive[SCL_MAX_OPTIONS] = {0.5, lambda}, none[SCL_MAX_OPTIONS] = {0, lambda};
        fitting_fit(&plain, "contrastive", &sample, contrastive, NULL);
        fitting_fit(&with, "label-terms", &sample, none, NULL);
        assert_memory_equal(plain.Q.data, with.Q.data, d * r * sizeof(double));
        assert_memory_equal(plain.values, with.values, r * sizeof(double));
        assert_memory_equal(plain.scale, with.scale, r * sizeof(double));
        fitting_fit(&with, "label-terms", &sample, NULL, NULL);
        assert_true(fitting_distance(plain.Q, with.Q) > 0.01);
        scl_matrix_free(&X);
        scl_matrix_free(&y);
        scl_representation_free(&plain);
        scl_representation_free(&with);
        labelled_free(&sample.labels);
        scl_sample_free(&sample);
    }
}

static void needs_numbers(void **state)
{
    (void)state;
    scl_matrix X = data(5, 8, 3), one = scl_matrix_columns(X, 0, 1);
    scl_sample sample = fitting_sample(X);
    double y[] = {1};
    sample.labels = labelled_new(5, 0, 3);
    scl_representation out = fitting_new(5, 2);
    labelled_fails("label-terms", &out, &sample, "need 2 labelled samples, not 0");
    labelled_first(&sample.labels, one, y);
    labelled_fails("label-terms", &out, &sample, "need 2 labelled samples, not 1");
    labelled_first(&sample.labels, X, (double[8]){0, 1, 2, 0, 1, 2, 0, 1});
    labelled_fails("label-terms", &out, &sample, "3 classes, not numbers");
    scl_matrix_free(&X);
    scl_representation_free(&out);
    labelled_free(&sample.labels);
    scl_sample_free(&sample);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_form_is_the_minimum),
        cmocka_unit_test(without_weight_it_is_contrastive),
        cmocka_unit_test(needs_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
