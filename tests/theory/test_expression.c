/* Expressions: the paper's rates as texts, against C and published numbers; what muParser would do otherwise; every way to be wrong,
 * with its place; any locale. And the quantities of a cell against their definitions. */
#include "theory/theory.h"

#include "base/comma.h"
#include "base/files.h"
#include "evaluate/evaluate.h"
#include "linalg/dense.h"
#include "linalg/linalg.h"

#include <string.h>

static double at(const char *text, const double quantities[SCL_N_QUANTITIES])
{
    scl_expression *expression;
    scl_expression_fault fault;
    scl_error err = {0};
    if (scl_expression_new(&expression, &fault, text, &err) != SCL_OK) fail_msg("%s: %s", text, err.message);
    double value = scl_expression_value(expression, quantities);
    scl_expression_free(expression);
    return value;
}

static double of(const char *text, double n, double d, double r)
{
    double quantities[SCL_N_QUANTITIES] = {0};
    quantities[SCL_QUANTITY_N] = n;
    quantities[SCL_QUANTITY_D] = d;
    quantities[SCL_QUANTITY_R] = r;
    return at(text, quantities);
}

/* Values by mpmath with 30 digits; .218 at d = 1000, r = 10 is printed in docs/theory.md, section 4. */
static void rates(void **state)
{
    (void)state;
    static const struct {
        double n, d, r, bias, sampling;
    } known[] = {
        {1000, 1000, 10, 0.218442402006354028, 3.16227766016837933},
        {20000, 40, 10, 2.91631527219965673, 0.141421356237309505},
        {1e9, 200, 5, 0.296184944949227007, 0.001},
        {100, 1, 1, 0, 0.1},
    };
    ASSERT_NEAR(of(SCL_RATE_BIAS, 1, 1000, 10), .218, .0005);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        double n = known[i].n, d = known[i].d, r = known[i].r;
        ASSERT_NEAR(of(SCL_RATE_BIAS, n, d, r), known[i].bias, 1e-14 * known[i].bias);
        ASSERT_NEAR(of(SCL_RATE_SAMPLING, n, d, r), known[i].sampling, 1e-14 * known[i].sampling);
        ASSERT_NEAR(of(SCL_RATE_FLOOR, n, d, r), sqrt(r), 1e-15 * sqrt(r));
    }
    assert_true(of(SCL_RATE_SAMPLING, INFINITY, 300, 4) == 0); /* no sampling error in the population */
}

/* The grammar, against the same written in C: to the bit where C has the same operations. */
static void grammar(void **state)
{
    (void)state;
    const double n = 1e4, d = 37, r = 3;
    assert_true(of("-d^2", n, d, r) == -(d * d));
    assert_true(of("2^r^2", n, d, r) == 512);
    assert_true(of("d-r-1", n, d, r) == d - r - 1 && of("d/r/2", n, d, r) == d / r / 2);
    assert_true(of("d*-r", n, d, r) == -d * r && of("+d", n, d, r) == d);
    assert_true(of("1e3 + 2.5e-1 + .5 + 5.", n, d, r) == 1000.25 + .5 + 5);
    assert_true(of("log(d)", n, d, r) == log(d)); /* natural, whatever the version of muParser */
    assert_true(of("exp(-r) + abs(r - d) + sqrt(n)", n, d, r) == exp(-r) + (d - r) + sqrt(n));
    assert_true(of("min(n/d, r) + max(d, r)", n, d, r) == r + d);
    assert_true(of("min(sqrt(d), (r))", n, d, r) == r);
    assert_true(of(" ( d ) ", n, d, r) == d);
    ASSERT_NEAR(of("r^1.5*log(d)/d", n, d, r), r * sqrt(r) * log(d) / d, 1e-15);
    /* no errors of arithmetic, but the values that C has */
    assert_true(isinf(of("1/(d-37)", n, d, r)) && isnan(of("(d-37)/(d-37)", n, d, r)));
    assert_true(isinf(of("log(d-37)", n, d, r)) && isnan(of("sqrt(-d)", n, d, r)));
    assert_true(of("d*r/n", INFINITY, d, r) == 0 && isnan(of("n/n", INFINITY, d, r)));
    assert_true(isinf(of("d^(d^d)", n, d, r)));
}

/* Each expression has variables of its own, and one may be evaluated again and again. */
static void expressions_share_nothing(void **state)
{
    (void)state;
    scl_expression *one, *other;
    scl_expression_fault fault;
    scl_error err = {0};
    ASSERT_OK(scl_expression_new(&one, &fault, "d*r", &err), err);
    ASSERT_OK(scl_expression_new(&other, &fault, "d+n", &err), err);
    double q[SCL_N_QUANTITIES] = {0}, p[SCL_N_QUANTITIES] = {0};
    q[SCL_QUANTITY_D] = 5;
    q[SCL_QUANTITY_R] = 7;
    p[SCL_QUANTITY_D] = 11;
    p[SCL_QUANTITY_N] = 13;
    for (int i = 0; i < 3; i++) {
        assert_true(scl_expression_value(one, q) == 35);
        assert_true(scl_expression_value(other, p) == 24);
        assert_true(scl_expression_value(one, p) == 0);
    }
    assert_int_equal(scl_expression_uses(one), SCL_QUANTITY_BIT(SCL_QUANTITY_D) | SCL_QUANTITY_BIT(SCL_QUANTITY_R));
    assert_int_equal(scl_expression_place(other, SCL_QUANTITY_N), 2);
    scl_expression_free(one);
    scl_expression_free(other);
    scl_expression_free(NULL);
}

/* The place is a byte of the text, its length when it ends too early. */
static void faults(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t at;
        const char *what, *nearest;
    } bad[] = {
        {"", 0, "the expression is empty", NULL},
        {"   ", 0, "the expression is empty", NULL},
        {"r*lg(d)", 2, "unknown name \"lg\"", "log"},
        {"sigma_mx*d", 0, "unknown name \"sigma_mx\"", "sigma_max"},
        {"d*tr_d", 2, "unknown name \"tr_d\"", "tr_D"},
        {"k", 0, "unknown name \"k\"", NULL},
        {"_pi*r", 0, "unknown name \"_pi\"", NULL},
        {"2*_e", 2, "unknown name \"_e\"", NULL},
        {"sin(d)", 0, "unknown name \"sin\"", NULL},
        {"log10(d)", 0, "unknown name \"log10\"", NULL},
        {"ln(d)", 0, "unknown name \"ln\"", NULL},
        {"rnd", 0, "unknown name \"rnd\"", NULL},
        {"sqrt d", 0, "( must follow at once on the function \"sqrt\"", NULL},
        {"sqrt (d)", 0, "( must follow at once on the function \"sqrt\"", NULL},
        {"d + log", 4, "( must follow at once on the function \"log\"", NULL},
        {"d = 3", 2, "no expression has the character \"=\"", NULL},
        {"d < 3", 2, "no expression has the character \"<\"", NULL},
        {"d > 2 ? 1 : 2", 2, "no expression has the character \">\"", NULL},
        {"d ? 1", 2, "no expression has the character \"?\"", NULL},
        {"\"d\"", 0, "no expression has the character \"\"\"", NULL},
        {"r\xC2\xB2", 1, "no expression has the character \"\xC2\xB2\"", NULL},
        {"r!", 1, "no expression has the character \"!\"", NULL},
        {"r # s", 2, "no expression has the character \"#\"", NULL},
        {"1,5*d", 1, "a comma outside of a function (numbers have a decimal point)", NULL},
        {"d, r", 1, "a comma outside of a function (numbers have a decimal point)", NULL},
        {"d+", 2, "the expression ends too early", NULL},
        {"(d", 2, "the expression ends too early", NULL},
        {"sqrt(d*r/n", 10, "the expression ends too early", NULL},
        {"d)", 1, "the expression cannot go on with \")\"", NULL},
        {"2d", 1, "the expression cannot go on with \"d\"", NULL},
        {"d r", 2, "the expression cannot go on with \"r\"", NULL},
        {"1 + (2*)", 7, "the expression cannot go on with \")\"", NULL},
        {"d(r)", 1, "the expression cannot go on with \"(r)\"", NULL},
        {"1.2.3", 3, "the expression cannot go on with \".3\"", NULL},
        {"1e400", 0, "the expression cannot go on with \"1e400\"", NULL},
        {"0x10", 1, "unknown name \"x10\"", NULL},
        {"sqrt()", 5, "the expression cannot go on with \")\"", NULL},
        {"sqrt(d, r)", 9, "the expression cannot go on with \")\"", NULL},
        {"min(d)", 5, "the expression cannot go on with \")\"", NULL},
        {"(d, r)", 2, "a comma outside of a function (numbers have a decimal point)", NULL},
        {"min((d, r))", 6, "a comma outside of a function (numbers have a decimal point)", NULL},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        scl_expression *expression;
        scl_expression_fault fault = {0};
        scl_error err = {0};
        scl_status status = scl_expression_new(&expression, &fault, bad[i].text, &err);
        bool near = !bad[i].nearest || (fault.nearest && strcmp(fault.nearest, bad[i].nearest) == 0);
        if (status != SCL_ERR_INPUT || strcmp(fault.what, bad[i].what) != 0 || fault.at != bad[i].at || !near)
            fail_msg("\"%s\": status %d, byte %zu: %s (%s)", bad[i].text, status, fault.at, fault.what,
                     fault.nearest ? fault.nearest : "none");
        assert_null(expression);
        assert_string_equal(err.message, fault.what);
    }
}

/* Long and deep texts are read or refused. */
static void long_texts(void **state)
{
    (void)state;
    char text[SCL_EXPRESSION_LONGEST + 2] = "";
    scl_expression *expression;
    scl_expression_fault fault;
    scl_error err = {0};
    for (int i = 0; i < 240; i++) strcat(text, "(");
    strcat(text, "d");
    for (int i = 0; i < 240; i++) strcat(text, ")");
    assert_true(of(text, 1, 6, 1) == 6);
    memset(text, '1', SCL_EXPRESSION_LONGEST + 1);
    text[SCL_EXPRESSION_LONGEST + 1] = '\0';
    assert_int_equal(scl_expression_new(&expression, &fault, text, &err), SCL_ERR_INPUT);
    assert_string_equal(fault.what, "the expression is longer than 500 characters");
    memset(text, 'x', SCL_EXPRESSION_LONGEST);
    text[SCL_EXPRESSION_LONGEST] = '\0';
    assert_int_equal(scl_expression_new(&expression, &fault, text, &err), SCL_ERR_INPUT);
    assert_non_null(strstr(fault.what, "unknown name \"xxxx"));
}

/* A locale with a decimal comma changes nothing. */
static void any_locale(void **state)
{
    (void)state;
    assert_true(of("1234.5*r^1.5", 1, 2, 3) == 1234.5 * pow(3, 1.5));
    if (!comma_locale(in_root("locale"))) skip();
    assert_true(of("1234.5*r^1.5", 1, 2, 3) == 1234.5 * pow(3, 1.5));
    setlocale(LC_ALL, "C");
}

/* The quantities of a model against their definitions; those that are metrics are the metrics. */
static void quantities(void **state)
{
    (void)state;
    const double nus[] = {3, .5, 2};
    const scl_model_spec spec = {
        .d = 24, .r = 3, .nu = .5, .nus = nus, .noise = SCL_NOISE_LINEAR, .sigma_max = 2, .ratio = 4};
    double q[SCL_N_QUANTITIES];
    scl_quantities_of_spec(q, &spec, INFINITY, 50);
    assert_true(isinf(q[SCL_QUANTITY_N]) && q[SCL_QUANTITY_D] == 24 && q[SCL_QUANTITY_R] == 3);
    assert_true(q[SCL_QUANTITY_NU] == .5 && q[SCL_QUANTITY_NU_MAX] == 3);
    assert_true(isnan(q[SCL_QUANTITY_SIGMA_MAX]) && isnan(q[SCL_QUANTITY_GAP]));
    assert_true(isnan(q[SCL_QUANTITY_M]) &&
                isnan(q[SCL_QUANTITY_TASKS])); /* without a task there is nothing to label */
    scl_model_spec with_tasks = spec;
    with_tasks.task = (scl_task_spec){.kind = SCL_TASK_REGRESSION, .n_tasks = 7};
    double labelled[SCL_N_QUANTITIES];
    scl_quantities_of_spec(labelled, &with_tasks, 100, 50);
    assert_true(labelled[SCL_QUANTITY_M] == 50 && labelled[SCL_QUANTITY_TASKS] == 7);
    scl_quantities_of_spec(labelled, &with_tasks, 100, 0);
    assert_true(isnan(labelled[SCL_QUANTITY_M]) && labelled[SCL_QUANTITY_TASKS] == 7);
    const scl_quantity_set all = SCL_QUANTITIES_OF_MODEL;
    scl_model model;
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_quantities_workspace(24, 3, all) + scl_model_workspace(24, 3));
    ASSERT_OK(scl_model_new(&model, 24, 3, &err), err);
    ASSERT_OK(scl_model_draw(&model, &spec, 1, "object=loadings", NULL, 0, &ws, &err), err);
    ASSERT_OK(scl_quantities_of_model(q, &model, all, &ws, &err), err);
    double trace = 0, least = INFINITY, most = 0, largest = 0, gap = 0;
    for (size_t j = 0; j < 24; j++) {
        double row = 0;
        for (size_t k = 0; k < 3; k++) row += SCL_AT(model.U, j, k) * SCL_AT(model.U, j, k);
        largest = fmax(largest, row);
        trace += model.sigma2[j];
        least = fmin(least, sqrt(model.sigma2[j]));
        most = fmax(most, sqrt(model.sigma2[j]));
    }
    assert_true(most == 2 && least < 1);
    ASSERT_NEAR(q[SCL_QUANTITY_SIGMA_MAX], most, 1e-15);
    ASSERT_NEAR(q[SCL_QUANTITY_SIGMA_MIN], least, 1e-15);
    ASSERT_NEAR(q[SCL_QUANTITY_TR_D], trace, 1e-12);
    ASSERT_NEAR(q[SCL_QUANTITY_RHO], .25, 1e-15);
    ASSERT_NEAR(q[SCL_QUANTITY_INCOHERENCE], largest * 24 / 3, 1e-12);
    const scl_sample population = {.n = INFINITY, .model = &model};
    ASSERT_OK(scl_metric_find("eigengap")->evaluate(&gap, NULL, &population, &ws, &err), err);
    assert_true(q[SCL_QUANTITY_GAP] == gap && gap > 0);
    double only[SCL_N_QUANTITIES]; /* what is not wanted is left alone */
    scl_quantities_of_spec(only, &spec, 10, 0);
    ASSERT_OK(scl_quantities_of_model(only, &model, SCL_QUANTITY_BIT(SCL_QUANTITY_RHO), &ws, &err), err);
    assert_true(only[SCL_QUANTITY_RHO] == q[SCL_QUANTITY_RHO] && isnan(only[SCL_QUANTITY_GAP]));
    scl_model_free(&model);
    scl_arena_free(&ws);
}

/* What is 0 when U is found has a largest value, and bounds are about that alone. */
static void errors_have_a_largest_value(void **state)
{
    (void)state;
    assert_true(scl_metric_find("sin-theta-f")->largest(9) == 3);
    assert_true(scl_metric_find("sin-theta-2")->largest(9) == 1);
    for (size_t i = 0; i < scl_n_metrics; i++) {
        assert_true(!scl_metrics[i]->distance || scl_metrics[i]->largest);
        assert_true(!scl_metrics[i]->largest || scl_metrics[i]->of == SCL_OF_FIT);
    }
    assert_null(scl_metric_find("cos2")->largest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates),
        cmocka_unit_test(grammar),
        cmocka_unit_test(expressions_share_nothing),
        cmocka_unit_test(faults),
        cmocka_unit_test(long_texts),
        cmocka_unit_test(any_locale),
        cmocka_unit_test(quantities),
        cmocka_unit_test(errors_have_a_largest_value),
    };
    scl_blas_start();
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
