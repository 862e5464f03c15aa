/* Logistic regression on features: against GSL's BFGS on a likelihood written out, a gradient by loops, and all lines through two points
 * for separability; against the best head of the population. */
#include "evaluate/labels.h"
#include "evaluate/logistic_head.h"
#include "evaluate/logistic_risk.h"
#include "linalg/linalg.h"

#include <gsl/gsl_multimin.h>

enum { MOST_K = 12 };

typedef struct fitted {
    double w[MOST_K], c;
    scl_head_fit fit;
} fitted;

static fitted fit_of(scl_matrix Z, const double *y, double ridge)
{
    fitted f = {.c = NAN};
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_logistic_head_workspace(Z.rows));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    ASSERT_OK(scl_logistic_head(f.w, &f.c, &f.fit, Z, y, ridge, &ws, &err), err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
    return f;
}

/* ---- the objective by its definition ----------------------------------------------------------------------------- */

typedef struct problem {
    scl_matrix Z;
    const double *y;
    double ridge;
} problem;

static void slow_both(const gsl_vector *x, void *context, double *value, gsl_vector *gradient)
{
    const problem *p = context;
    size_t k = p->Z.rows, m = p->Z.cols;
    *value = 0;
    gsl_vector_set_zero(gradient);
    for (size_t i = 0; i < m; i++) {
        double v = x->data[k];
        for (size_t j = 0; j < k; j++) v += x->data[j] * SCL_AT(p->Z, j, i);
        *value += (fmax(v, 0) + log1p(exp(-fabs(v))) - p->y[i] * v) / (double)m;
        double wrong = (1 / (1 + exp(-v)) - p->y[i]) / (double)m;
        for (size_t j = 0; j < k; j++) gradient->data[j] += wrong * SCL_AT(p->Z, j, i);
        gradient->data[k] += wrong;
    }
    for (size_t j = 0; j < k; j++) {
        *value += p->ridge * x->data[j] * x->data[j] / 2;
        gradient->data[j] += p->ridge * x->data[j];
    }
}

static double slow_value(const gsl_vector *x, void *context)
{
    double value, gradient[MOST_K + 1];
    gsl_vector_view view = gsl_vector_view_array(gradient, x->size);
    slow_both(x, context, &value, &view.vector);
    return value;
}

static void slow_gradient(const gsl_vector *x, void *context, gsl_vector *gradient)
{
    double value;
    slow_both(x, context, &value, gradient);
}

/* The largest entry of the gradient at a fit, and the objective there. */
static double slope_at(double *value, const fitted *f, problem p)
{
    double x[MOST_K + 1], gradient[MOST_K + 1], largest = 0;
    memcpy(x, f->w, sizeof f->w);
    x[p.Z.rows] = f->c;
    gsl_vector_view at = gsl_vector_view_array(x, p.Z.rows + 1), out = gsl_vector_view_array(gradient, p.Z.rows + 1);
    slow_both(&at.vector, &p, value, &out.vector);
    for (size_t j = 0; j <= p.Z.rows; j++) largest = fmax(largest, fabs(gradient[j]));
    return largest;
}

/* Labels by the first feature and an offset, logistic. */
static void draw_labels(double *y, scl_matrix Z, double slope, double offset, scl_stream *stream)
{
    for (size_t i = 0; i < Z.cols; i++)
        y[i] = scl_stream_uniform(stream) < labels_probability(SCL_LINK_LOGISTIC, slope * SCL_AT(Z, 0, i) + offset);
}

/* ---- minima ------------------------------------------------------------------------------------------------------ */

static void agrees_with_gsl(void **state)
{
    (void)state;
    gsl_set_error_handler_off();
    static const struct {
        size_t k, m;
        double slope, offset;
    } cases[] = {{1, 30, 1, 0}, {2, 100, 2, -1}, {5, 256, .5, 2}, {5, 257, 3, 0}, {12, 700, 1, -3}};
    static const double ridges[] = {0, .01, 2};
    scl_stream stream = scl_stream_make(8, SCL_ROLE_TEST, "logistic head", 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t r = 0; r < 3; r++) {
            size_t k = cases[i].k, m = cases[i].m;
            double y[700], start[MOST_K + 1] = {0}, value;
            problem p = {dense_normals(k, m, &stream), y, ridges[r]};
            draw_labels(y, p.Z, cases[i].slope, cases[i].offset, &stream);
            fitted f = fit_of(p.Z, y, p.ridge);
            assert_int_equal(f.fit.outcome, SCL_HEAD_FITTED);
            assert_true(slope_at(&value, &f, p) < 1e-10 && f.fit.gradient_norm < 1e-10 && f.fit.iterations < 15);
            ASSERT_NEAR(f.fit.objective, value, 1e-13);
            gsl_multimin_function_fdf function = {slow_value, slow_gradient, slow_both, k + 1, &p};
            gsl_multimin_fdfminimizer *slow =
                gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, k + 1);
            gsl_vector_view view = gsl_vector_view_array(start, k + 1);
            gsl_multimin_fdfminimizer_set(slow, &function, &view.vector, .1, .1);
            for (int step = 0; step < 500 && gsl_multimin_fdfminimizer_iterate(slow) == GSL_SUCCESS; step++)
                ;
            for (size_t j = 0; j < k; j++) ASSERT_NEAR(f.w[j], slow->x->data[j], 1e-6);
            ASSERT_NEAR(f.c, slow->x->data[k], 1e-6);
            ASSERT_NEAR(f.fit.objective, slow->f, 1e-12);
            gsl_multimin_fdfminimizer_free(slow);
            scl_matrix_free(&p.Z);
        }
}

/* A feature times a number, or shifted, or doubled, changes no logit; nor does the distance between columns. */
static void features_may_be_scaled_and_repeated(void **state)
{
    (void)state;
    enum { M = 90 };
    scl_stream stream = scl_stream_make(9, SCL_ROLE_TEST, "logistic head", 0);
    scl_matrix Z = dense_normals(2, M, &stream), wide = dense_new(6, M);
    double y[M], value;
    draw_labels(y, Z, 1.5, .4, &stream);
    fitted plain = fit_of(Z, y, 0);
    for (size_t i = 0; i < M; i++) {
        SCL_AT(wide, 0, i) = 1e7 * SCL_AT(Z, 0, i);
        SCL_AT(wide, 1, i) = 1e-7 * SCL_AT(Z, 1, i);
        SCL_AT(wide, 2, i) = SCL_AT(Z, 0, i) - 2 * SCL_AT(Z, 1, i); /* depends on the two */
        SCL_AT(wide, 3, i) = 0;
        SCL_AT(wide, 4, i) = SCL_AT(Z, 1, i) + 30;
        SCL_AT(wide, 5, i) = NAN; /* below the view */
    }
    for (size_t k = 2; k <= 5; k++) {
        scl_matrix view = wide;
        view.rows = k;
        fitted f = fit_of(view, y, 0);
        assert_int_equal(f.fit.outcome, SCL_HEAD_FITTED);
        ASSERT_NEAR(f.fit.objective, plain.fit.objective, 1e-14);
        assert_true(slope_at(&value, &f, (problem){view, y, 0}) < 1e-10 * 1e7); /* of a feature of size 1e7 */
        for (size_t i = 0; i < M; i++) {
            double v = f.c, same = plain.c;
            for (size_t j = 0; j < k; j++) v += f.w[j] * SCL_AT(view, j, i);
            for (size_t j = 0; j < 2; j++) same += plain.w[j] * SCL_AT(Z, j, i);
            ASSERT_NEAR(v, same, 1e-9);
        }
    }
    scl_matrix_free(&Z);
    scl_matrix_free(&wide);
}

/* Random combinations of features: the Hessian's factor exists or not by its rounding, and the weights stay where they should. */
static void dependent_features_do_not_drift(void **state)
{
    (void)state;
    enum { M = 80, K = 3 };
    scl_stream stream = scl_stream_make(13, SCL_ROLE_TEST, "logistic head", 0);
    for (size_t repeat = 0; repeat < 40; repeat++) {
        scl_matrix Z = dense_normals(2, M, &stream), mix = dense_normals(K, 2, &stream), X = dense_product(mix, Z);
        double y[M], value;
        draw_labels(y, Z, 1.5, .4, &stream);
        fitted plain = fit_of(Z, y, 0), f = fit_of(X, y, 0);
        assert_int_equal(f.fit.outcome, SCL_HEAD_FITTED);
        assert_true(f.fit.iterations < 15 && slope_at(&value, &f, (problem){X, y, 0}) < 1e-9);
        ASSERT_NEAR(f.fit.objective, plain.fit.objective, 1e-14);
        for (size_t j = 0; j < 2; j++) { /* mix'w is the plain head's weight */
            double w = 0;
            for (size_t i = 0; i < K; i++) w += SCL_AT(mix, i, j) * f.w[i];
            ASSERT_NEAR(w, plain.w[j], 1e-7);
        }
        /* as small as heads of minimal norm are, |w| = |(mix'mix)^{-1/2} plain|, to a factor: K x 2 normals have singular values near 1 */
        for (size_t i = 0; i < K; i++) assert_true(fabs(f.w[i]) < 20);
        scl_matrix_free(&Z);
        scl_matrix_free(&mix);
        scl_matrix_free(&X);
    }
}

/* Many samples: the fit is near the population's best head, by the information, for the model that is true. */
static double information(double u, void *parameters)
{
    double F = labels_probability(SCL_LINK_LOGISTIC, u);
    (void)parameters;
    return labels_phi(u) * u * u * F * (1 - F);
}

static void tends_to_the_best_head(void **state)
{
    (void)state;
    enum { M = 40000 };
    static double y[M];
    scl_stream stream = scl_stream_make(10, SCL_ROLE_TEST, "logistic head", 0);
    scl_matrix Z = dense_normals(1, M, &stream);
    draw_labels(y, Z, 1, 0, &stream);
    fitted f = fit_of(Z, y, 0);
    assert_int_equal(f.fit.outcome, SCL_HEAD_FITTED);
    double inverse, error;
    gsl_integration_workspace *room = gsl_integration_workspace_alloc(LABELS_PIECES);
    gsl_integration_qag(&(gsl_function){information, NULL}, -LABELS_REACH, LABELS_REACH, LABELS_ACCURACY, 0,
                        LABELS_PIECES, GSL_INTEG_GAUSS61, room, &inverse, &error);
    gsl_integration_workspace_free(room);
    scl_label_law law;
    scl_label_law_make(&law, SCL_LINK_LOGISTIC, 0);
    ASSERT_NEAR(f.w[0], 1, LABELS_Z / sqrt(M * inverse));
    ASSERT_NEAR(f.c, 0,
                LABELS_Z / sqrt(M * law.kappa)); /* E F' is the intercept's information, and u and 1 are orthogonal */
    scl_matrix_free(&Z);
}

/* ---- separable labels -------------------------------------------------------------------------------------------- */

/* Points of the plane in general position are separable iff some line through two of them has all others on their labels' sides: it
 * can be turned a little between the two. */
static bool some_line_separates(scl_matrix Z, const double *y)
{
    for (size_t a = 0; a < Z.cols; a++)
        for (size_t b = 0; b < Z.cols; b++) {
            bool right = a != b;
            for (size_t i = 0; i < Z.cols && right; i++) {
                double side = (SCL_AT(Z, 0, b) - SCL_AT(Z, 0, a)) * (SCL_AT(Z, 1, i) - SCL_AT(Z, 1, a)) -
                              (SCL_AT(Z, 1, b) - SCL_AT(Z, 1, a)) * (SCL_AT(Z, 0, i) - SCL_AT(Z, 0, a));
                right = i == a || i == b || (side > 0) == (y[i] == 1);
            }
            if (right) return true;
        }
    return false;
}

static void separable_iff_a_line_separates(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(11, SCL_ROLE_TEST, "logistic head", 0);
    size_t separable = 0, tried = 0;
    for (size_t repeat = 0; repeat < 600; repeat++) {
        size_t m = 5 + repeat % 7;
        double y[11], value;
        scl_matrix Z = dense_normals(2, m, &stream);
        draw_labels(y, Z, repeat % 2 ? 0 : 2, 0, &stream);
        fitted f = fit_of(Z, y, 0);
        size_t ones = 0;
        for (size_t i = 0; i < m; i++) ones += y[i] == 1;
        if (ones > 0 && ones < m) {
            tried++;
            separable += some_line_separates(Z, y);
            assert_int_equal(f.fit.outcome, some_line_separates(Z, y) ? SCL_HEAD_SEPARABLE : SCL_HEAD_FITTED);
            if (f.fit.outcome == SCL_HEAD_FITTED) assert_true(slope_at(&value, &f, (problem){Z, y, 0}) < 1e-10);
            fitted held = fit_of(Z, y, 1e-3); /* a penalty gives every one a minimum */
            assert_int_equal(held.fit.outcome, SCL_HEAD_FITTED);
            assert_true(slope_at(&value, &held, (problem){Z, y, 1e-3}) < 1e-10);
        } else
            assert_int_equal(f.fit.outcome, SCL_HEAD_ONE_LABEL);
        scl_matrix_free(&Z);
    }
    assert_true(separable > tried / 4 && separable < 3 * tried / 4);
}

/* Labels on a line that touch or just overlap. */
static void nearly_separable(void **state)
{
    (void)state;
    static const struct {
        double z[6], y[6];
        scl_head_outcome outcome;
    } cases[] = {
        {{1, 2, 3, 4, 5, 6}, {0, 0, 0, 1, 1, 1}, SCL_HEAD_SEPARABLE},            /* completely */
        {{1, 2, 3, 3, 5, 6}, {0, 0, 0, 1, 1, 1}, SCL_HEAD_SEPARABLE},            /* both labels at 3 */
        {{0, 0, 0, 1, 1, 1}, {0, 1, 0, 1, 1, 1}, SCL_HEAD_SEPARABLE},            /* only ones at 1 */
        {{1, 2, 3, 2.999, 5, 6}, {0, 0, 0, 1, 1, 1}, SCL_HEAD_FITTED},           /* an overlap of a thousandth */
        {{1, 2, 3, 2.999999, 5, 6}, {0, 0, 0, 1, 1, 1}, SCL_HEAD_FITTED},        /* of a millionth */
        {{1e9, 2e9, 3e9, 2.9e9, 5e9, 6e9}, {0, 0, 0, 1, 1, 1}, SCL_HEAD_FITTED}, /* whatever the scale */
        {{0, 0, 0, 1, 1, 1}, {0, 1, 0, 1, 0, 1}, SCL_HEAD_FITTED},
        {{1, 2, 3, 4, 5, 6}, {1, 1, 1, 1, 1, 1}, SCL_HEAD_ONE_LABEL},
        {{1, 2, 3, 4, 5, 6}, {0, 0, 0, 0, 0, 0}, SCL_HEAD_ONE_LABEL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double z[6];
        memcpy(z, cases[i].z, sizeof z);
        for (int ridge = 0; ridge < 2; ridge++) {
            fitted f = fit_of((scl_matrix){.rows = 1, .cols = 6, .ld = 1, .data = z}, cases[i].y, ridge);
            bool one_label = cases[i].outcome == SCL_HEAD_ONE_LABEL;
            assert_int_equal(f.fit.outcome, ridge && !one_label ? SCL_HEAD_FITTED : cases[i].outcome);
            if (one_label) assert_true(f.w[0] == 0 && isinf(f.c) && (f.c > 0) == (cases[i].y[0] == 1));
        }
    }
    /* as many features as samples less one separate any labels */
    scl_stream stream = scl_stream_make(12, SCL_ROLE_TEST, "logistic head", 0);
    double y[] = {0, 1, 0, 1, 1, 0};
    for (size_t k = 5; k <= 7; k++) {
        scl_matrix Z = dense_normals(k, 6, &stream);
        assert_int_equal(fit_of(Z, y, 0).fit.outcome, SCL_HEAD_SEPARABLE);
        scl_matrix_free(&Z);
    }
}

static void bad_input_is_refused(void **state)
{
    (void)state;
    double z[] = {1, 2, 3}, y[] = {0, 1, 0}, w[1], c;
    scl_matrix Z = {.rows = 1, .cols = 3, .ld = 1, .data = z};
    scl_head_fit fit;
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_logistic_head_workspace(1));
    assert_int_equal(scl_logistic_head(w, &c, &fit, Z, y, -1, &ws, &err), SCL_ERR_INPUT);
    assert_non_null(strstr(err.message, "a ridge penalty of -1"));
    scl_error_clear(&err);
    assert_int_equal(scl_logistic_head(w, &c, &fit, Z, y, INFINITY, &ws, &err), SCL_ERR_INPUT);
    scl_error_clear(&err);
    y[1] = .5;
    assert_int_equal(scl_logistic_head(w, &c, &fit, Z, y, 0, &ws, &err), SCL_ERR_INPUT);
    assert_non_null(strstr(err.message, "label 2 is 0.5, need 0 or 1"));
    scl_error_clear(&err);
    y[1] = 1;
    z[2] = NAN;
    assert_int_equal(scl_logistic_head(w, &c, &fit, Z, y, 0, &ws, &err), SCL_ERR_INPUT);
    assert_non_null(strstr(err.message, "feature 1 of sample 3 is nan"));
    scl_error_clear(&err);
    Z.cols = 0;
    assert_int_equal(scl_logistic_head(w, &c, &fit, Z, y, 0, &ws, &err), SCL_ERR_SHAPE);
    scl_arena_free(&ws);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_gsl),
        cmocka_unit_test(features_may_be_scaled_and_repeated),
        cmocka_unit_test(dependent_features_do_not_drift),
        cmocka_unit_test(tends_to_the_best_head),
        cmocka_unit_test(separable_iff_a_line_separates),
        cmocka_unit_test(nearly_separable),
        cmocka_unit_test(bad_input_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
