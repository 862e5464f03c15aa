/* Newton's method on functions whose minima are known, on ones without a minimum, and against GSL's BFGS. */
#include "linalg/dense.h"
#include "linalg/newton.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_multimin.h>

static const scl_newton_limits LIMITS = {.decrement = 1e-20, .length = 1e6, .iterations = 100};

static scl_status minimise(double *x, scl_newton_result *result, scl_newton_function *f, void *context, size_t p,
                           scl_newton_limits limits, scl_error *err)
{
    scl_arena ws = dense_arena(scl_newton_workspace(p));
    for (size_t i = 0; i < ws.size; i++) ws.data[i] = NAN;
    scl_status status = scl_newton(x, result, f, context, p, &limits, &ws, err);
    assert_int_equal(ws.used, 0);
    scl_arena_free(&ws);
    return status;
}

/* ---- the functions ----------------------------------------------------------------------------------------------- */

/* (x - a)'A(x - a)/2 */
typedef struct quadratic {
    scl_matrix A;
    const double *a;
} quadratic;

static void of_quadratic(double *value, double *gradient, scl_matrix H, const double *x, void *context)
{
    const quadratic *q = context;
    size_t p = q->A.rows;
    *value = 0;
    for (size_t i = 0; i < p; i++) {
        gradient[i] = 0;
        for (size_t j = 0; j < p; j++) gradient[i] += SCL_AT(q->A, i, j) * (x[j] - q->a[j]);
        *value += (x[i] - q->a[i]) * gradient[i] / 2;
        for (size_t j = 0; j <= i; j++) SCL_AT(H, i, j) = SCL_AT(q->A, i, j);
    }
}

/* Functions of one variable, summed over the variables with their own parameters. */
typedef struct separate {
    size_t p;
    const double *parameter;
    void (*of)(double out[3], double x, double parameter); /* value, first, second derivative */
} separate;

static void of_separate(double *value, double *gradient, scl_matrix H, const double *x, void *context)
{
    const separate *s = context;
    *value = 0;
    for (size_t i = 0; i < s->p; i++) {
        double out[3];
        s->of(out, x[i], s->parameter[i]);
        *value += out[0];
        gradient[i] = out[1];
        for (size_t j = 0; j < i; j++) SCL_AT(H, i, j) = 0;
        SCL_AT(H, i, i) = out[2];
    }
}

/* sqrt(1 + (x - a)^2): whole steps go x - a -> -(x - a)^3, away from a where |x - a| > 1 */
static void hyperbola(double out[3], double x, double a)
{
    double root = sqrt(1 + (x - a) * (x - a));
    out[0] = root;
    out[1] = (x - a) / root;
    out[2] = 1 / (root * root * root);
}

/* The same far above 0, with the noise that rounding would be there. */
static void noisy(double out[3], double x, double a)
{
    hyperbola(out, x, a);
    out[0] += 1e5 + 5 * DBL_EPSILON * 1e5 * sin(1e12 * x);
}

/* -log(1 - x^2) - a x: infinite outside (-1, 1); minimum at (sqrt(1 + a^2) - 1)/a */
static void barrier(double out[3], double x, double a)
{
    out[0] = fabs(x) < 1 ? -log(1 - x * x) - a * x : INFINITY;
    out[1] = 2 * x / (1 - x * x) - a;
    out[2] = 2 * (1 + x * x) / pow(1 - x * x, 2);
}

/* log(1 + e^-x) + a x^2/2: without a minimum for a = 0 */
static void softplus(double out[3], double x, double a)
{
    double e = exp(-fabs(x)), falls = x > 0 ? e / (1 + e) : 1 / (1 + e);
    out[0] = fmax(-x, 0) + log1p(e) + a * x * x / 2;
    out[1] = -falls + a * x;
    out[2] = e / pow(1 + e, 2) + a;
}

static void line(double out[3], double x, double a)
{
    out[0] = a * x;
    out[1] = a;
    out[2] = 0;
}

static void hill(double out[3], double x, double a)
{
    out[0] = -a * x * x;
    out[1] = -2 * a * x;
    out[2] = -2 * a;
}

/* ---- minima ------------------------------------------------------------------------------------------------------ */

/* One step, on conditions up to 1e8; f would be 0 at a. */
static void one_step_of_a_quadratic(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(5, SCL_ROLE_TEST, "newton", 0);
    for (size_t p = 1; p <= 9; p += 4)
        for (double condition = 1; condition <= 1e8; condition *= 1e4) {
            scl_matrix A = dense_new(p, p), a = dense_normals(p, 1, &stream), x = dense_normals(p, 1, &stream);
            for (size_t i = 0; i < p; i++) {
                SCL_AT(A, i, i) = i == 0 ? 1 : 1 / condition;
                for (size_t j = 0; j < i; j++) SCL_AT(A, i, j) = SCL_AT(A, j, i) = .1 / condition;
            }
            scl_newton_result result;
            scl_error err = {0};
            quadratic q = {A, a.data};
            ASSERT_OK(minimise(x.data, &result, of_quadratic, &q, p, LIMITS, &err), err);
            assert_int_equal(result.outcome, SCL_NEWTON_CONVERGED);
            assert_int_equal(result.iterations, 1);
            for (size_t i = 0; i < p; i++) ASSERT_NEAR(x.data[i], a.data[i], 1e-14 * condition);
            assert_true(result.decrement <= LIMITS.decrement && result.gradient_norm < 1e-13);
            scl_matrix_free(&A);
            scl_matrix_free(&a);
            scl_matrix_free(&x);
        }
}

/* Where whole steps would leave the domain or never arrive. */
static void halved_steps_reach_known_minima(void **state)
{
    (void)state;
    static const double parameter[] = {-30, .5, 4};
    double x[] = {10, -.999, .9, 50, -7, 4};
    scl_newton_result result;
    scl_error err = {0};
    separate hyperbolas = {3, parameter, hyperbola}, barriers = {2, parameter + 1, barrier};
    ASSERT_OK(minimise(x + 3, &result, of_separate, &hyperbolas, 3, LIMITS, &err), err);
    assert_int_equal(result.outcome, SCL_NEWTON_CONVERGED);
    for (size_t i = 0; i < 3; i++) ASSERT_NEAR(x[3 + i], parameter[i], 1e-9); /* sqrt(decrement) = 1e-10 */
    ASSERT_NEAR(result.value, 3, 1e-14);
    ASSERT_OK(minimise(x + 1, &result, of_separate, &barriers, 2, LIMITS, &err), err);
    assert_int_equal(result.outcome, SCL_NEWTON_CONVERGED);
    for (size_t i = 1; i < 3; i++) ASSERT_NEAR(x[i], (sqrt(1 + parameter[i] * parameter[i]) - 1) / parameter[i], 1e-9);
    x[0] = -25;
    separate shaken = {1, parameter, noisy};
    ASSERT_OK(minimise(x, &result, of_separate, &shaken, 1, LIMITS, &err), err);
    assert_int_equal(result.outcome, SCL_NEWTON_CONVERGED);
    ASSERT_NEAR(x[0], parameter[0], 1e-9); /* f cannot tell points 1e-5 apart; the gradient can */
    assert_true(result.iterations < 15);   /* and quickly: quadratic convergence */
}

/* A flat direction: H is singular at every point, and the minimum is a line. */
static void flat_directions_are_left_alone(void **state)
{
    (void)state;
    static const double a[] = {3, 0};
    double ones[] = {1, 1, 1, 1}, x[] = {-2, 7};
    quadratic q = {{.rows = 2, .cols = 2, .ld = 2, .data = ones}, a};
    scl_newton_result result;
    scl_error err = {0};
    ASSERT_OK(minimise(x, &result, of_quadratic, &q, 2, LIMITS, &err), err);
    assert_int_equal(result.outcome, SCL_NEWTON_CONVERGED);
    ASSERT_NEAR(x[0] + x[1], 3, 1e-9);
    ASSERT_NEAR(x[0] - x[1], -9, 1e-9); /* nothing moved along it */
}

/* ---- against GSL ------------------------------------------------------------------------------------------------- */

enum { TERMS = 30, P = 4 };

/* log sum_i exp(a_i'x + b_i): the a_i lie on all sides of 0, so there is a minimum */
typedef struct exponentials {
    scl_matrix a; /* P x TERMS */
    double b[TERMS];
} exponentials;

static void of_exponentials(double *value, double *gradient, scl_matrix H, const double *x, void *context)
{
    const exponentials *e = context;
    double part[TERMS], sum = 0;
    for (size_t i = 0; i < TERMS; i++) {
        part[i] = e->b[i];
        for (size_t j = 0; j < P; j++) part[i] += SCL_AT(e->a, j, i) * x[j];
        sum += part[i] = exp(part[i]);
    }
    *value = log(sum);
    for (size_t j = 0; j < P; j++) {
        gradient[j] = 0;
        for (size_t i = 0; i < TERMS; i++) gradient[j] += part[i] / sum * SCL_AT(e->a, j, i);
    }
    for (size_t k = 0; k < P; k++)
        for (size_t j = k; j < P; j++) {
            SCL_AT(H, j, k) = -gradient[j] * gradient[k];
            for (size_t i = 0; i < TERMS; i++)
                SCL_AT(H, j, k) += part[i] / sum * SCL_AT(e->a, j, i) * SCL_AT(e->a, k, i);
        }
}

static void gsl_both(const gsl_vector *x, void *context, double *value, gsl_vector *gradient)
{
    double H[P * P];
    of_exponentials(value, gradient->data, (scl_matrix){.rows = P, .cols = P, .ld = P, .data = H}, x->data, context);
}

static double gsl_value(const gsl_vector *x, void *context)
{
    double value, gradient[P];
    gsl_vector_view view = gsl_vector_view_array(gradient, P);
    gsl_both(x, context, &value, &view.vector);
    return value;
}

static void gsl_gradient(const gsl_vector *x, void *context, gsl_vector *gradient)
{
    double value;
    gsl_both(x, context, &value, gradient);
}

static void agrees_with_gsl(void **state)
{
    (void)state;
    gsl_set_error_handler_off();
    scl_stream stream = scl_stream_make(6, SCL_ROLE_TEST, "newton", 0);
    for (size_t repeat = 0; repeat < 5; repeat++) {
        exponentials e = {.a = dense_normals(P, TERMS, &stream)};
        scl_stream_normals(e.b, &stream, TERMS);
        double x[P] = {5, -5, 5, -5}, start[P] = {0};
        scl_newton_result result;
        scl_error err = {0};
        ASSERT_OK(minimise(x, &result, of_exponentials, &e, P, LIMITS, &err), err);
        assert_int_equal(result.outcome, SCL_NEWTON_CONVERGED);
        assert_true(result.gradient_norm < 1e-9);
        gsl_multimin_function_fdf f = {gsl_value, gsl_gradient, gsl_both, P, &e};
        gsl_multimin_fdfminimizer *slow = gsl_multimin_fdfminimizer_alloc(gsl_multimin_fdfminimizer_vector_bfgs2, P);
        gsl_vector_view view = gsl_vector_view_array(start, P);
        gsl_multimin_fdfminimizer_set(slow, &f, &view.vector, .1, .1);
        for (int i = 0; i < 200 && gsl_multimin_fdfminimizer_iterate(slow) == GSL_SUCCESS; i++)
            ;
        for (size_t j = 0; j < P; j++) ASSERT_NEAR(x[j], slow->x->data[j], 1e-6);
        ASSERT_NEAR(result.value, slow->f, 1e-12);
        gsl_multimin_fdfminimizer_free(slow);
        scl_matrix_free(&e.a);
    }
}

/* ---- no minimum, no answer --------------------------------------------------------------------------------------- */

static void divergence_is_told(void **state)
{
    (void)state;
    static const double none[] = {0, 1}, slopes[] = {-1e-3, 2};
    scl_newton_limits unbounded = LIMITS, bounded = LIMITS;
    unbounded.length = INFINITY;
    bounded.length = 20;
    scl_newton_result result;
    scl_error err = {0};
    /* log(1 + e^-x0) alone, and beside a variable that has a minimum: the decrement vanishes, the steps stay near 1 */
    for (size_t p = 1; p <= 2; p++) {
        separate s = {p, none, softplus};
        double x[] = {-3, 5};
        ASSERT_OK(minimise(x, &result, of_separate, &s, p, unbounded, &err), err);
        assert_int_equal(result.outcome, SCL_NEWTON_DIVERGING);
        assert_true(x[0] > 30 && result.decrement <= LIMITS.decrement);
        x[0] = -3;
        ASSERT_OK(minimise(x, &result, of_separate, &s, p, bounded, &err), err);
        assert_int_equal(result.outcome, SCL_NEWTON_DIVERGING);
        assert_true(x[0] > 19 && x[0] < 25);
    }
    /* the least of curvatures gives it a minimum, far out, and that is found: a x = 1/(1 + e^x) */
    static const double least[] = {1e-10};
    separate s = {1, least, softplus};
    double x[] = {-3, 7};
    ASSERT_OK(minimise(x, &result, of_separate, &s, 1, unbounded, &err), err);
    assert_int_equal(result.outcome, SCL_NEWTON_CONVERGED);
    ASSERT_NEAR(1e-10 * x[0] * (1 + exp(x[0])), 1, 1e-4);
    assert_true(x[0] > 15);
    /* a plane has no Hessian to speak of */
    separate plane = {2, slopes, line};
    ASSERT_OK(minimise(x, &result, of_separate, &plane, 2, LIMITS, &err), err);
    assert_int_equal(result.outcome, SCL_NEWTON_DIVERGING);
}

static void gives_up_with_the_reason(void **state)
{
    (void)state;
    static const double parameter[] = {1};
    scl_newton_limits few = LIMITS;
    few.iterations = 2;
    scl_newton_result result;
    scl_error err = {0};
    double x[] = {30};
    separate s = {1, parameter, hyperbola};
    ASSERT_OK(minimise(x, &result, of_separate, &s, 1, few, &err), err);
    assert_int_equal(result.outcome, SCL_NEWTON_EXHAUSTED);
    assert_int_equal(result.iterations, 2);
    ASSERT_NEAR(result.value, sqrt(1 + pow(x[0] - 1, 2)), 1e-14 * result.value);
    assert_true(result.value < sqrt(1 + 29 * 29));

    x[0] = 2; /* outside its domain */
    s.of = barrier;
    assert_int_equal(minimise(x, &result, of_separate, &s, 1, LIMITS, &err), SCL_ERR_INPUT);
    assert_non_null(strstr(err.message, "not finite at the start: inf"));
    scl_error_clear(&err);
    s.of = hill; /* concave */
    assert_int_equal(minimise(x, &result, of_separate, &s, 1, LIMITS, &err), SCL_ERR_LAPACK);
    scl_error_clear(&err);
    s.of = hyperbola;
    scl_arena ws = dense_arena(scl_newton_workspace(1) - 1);
    assert_int_equal(scl_newton(x, &result, of_separate, &s, 1, &LIMITS, &ws, &err), SCL_ERR_INTERNAL);
    scl_arena_free(&ws);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_step_of_a_quadratic),
        cmocka_unit_test(halved_steps_reach_known_minima),
        cmocka_unit_test(flat_directions_are_left_alone),
        cmocka_unit_test(agrees_with_gsl),
        cmocka_unit_test(divergence_is_told),
        cmocka_unit_test(gives_up_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
