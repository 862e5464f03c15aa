/* Labels alone: ols, ridge and lda against LAPACK's least squares on the data themselves, and lda against W_c^{-1} (mean differences). */
#include "estimate/labelled_data.h"
#include "sample/sampling.h"

/* The coefficients b of least norm that minimise ||y - A b||, A of m rows. */
static scl_matrix least_squares(scl_matrix A, scl_matrix y)
{
    size_t m = A.rows, d = A.cols, most = m > d ? m : d;
    scl_matrix copy = dense_new(m, d), right = dense_new(most, y.cols), b = dense_new(d, y.cols);
    double *singular = malloc(most * sizeof *singular);
    lapack_int rank;
    assert_non_null(singular);
    scl_matrix_copy(copy, A);
    for (size_t c = 0; c < y.cols; c++) memcpy(&SCL_AT(right, 0, c), &SCL_AT(y, 0, c), m * sizeof(double));
    assert_int_equal(LAPACKE_dgelsd(LAPACK_COL_MAJOR, (lapack_int)m, (lapack_int)d, (lapack_int)y.cols, copy.data,
                                    (lapack_int)m, right.data, (lapack_int)most, singular, 1e-11, &rank),
                     0);
    for (size_t c = 0; c < y.cols; c++) memcpy(&SCL_AT(b, 0, c), &SCL_AT(right, 0, c), d * sizeof(double));
    free(singular);
    scl_matrix_free(&copy);
    scl_matrix_free(&right);
    return b;
}

/* Rows of X, less their mean when `centred`. */
static scl_matrix rows_of(scl_matrix X, bool centred)
{
    scl_matrix A = dense_transpose(X);
    for (size_t j = 0; centred && j < A.cols; j++) {
        double mean = 0;
        for (size_t i = 0; i < A.rows; i++) mean += SCL_AT(A, i, j) / (double)A.rows;
        for (size_t i = 0; i < A.rows; i++) SCL_AT(A, i, j) -= mean;
    }
    return A;
}

/* W = scale Q' is b'. */
static void is_direction(const scl_representation *W, scl_matrix b)
{
    double norm = dense_frobenius(b);
    ASSERT_NEAR(W->scale[0], norm, 1e-10 * norm);
    assert_true(isnan(W->values[0]));
    for (size_t j = 0; j < b.rows; j++) ASSERT_NEAR(W->scale[0] * SCL_AT(W->Q, j, 0), b.data[j], 1e-10 * norm);
}

static const size_t shapes[][2] = {{6, 30}, {12, 13}, {12, 7}, {40, 11}, {5, 2}, {90, 200}, {3, 1}}; /* d, m */
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* Regression without an intercept, two classes with one; ridge with sqrt(penalty) I as d further rows. */
static void regressions(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 2 * SHAPES; c++) {
        size_t d = shapes[c % SHAPES][0], m = shapes[c % SHAPES][1];
        bool classes = c >= SHAPES;
        if (classes && m < 2) continue;
        scl_stream stream = scl_stream_make(44, SCL_ROLE_TEST, "regressions", c);
        scl_matrix X = dense_normals(d, m, &stream), y = dense_normals(m, 1, &stream);
        for (size_t i = 0; i < m; i++) {
            for (size_t j = 0; j < d; j++) SCL_AT(X, j, i) += 0.5 + (j == 1 ? y.data[i] : 0);
            if (classes) y.data[i] = i == 0 || (i > 1 && y.data[i] > 0);
        }
        scl_sample sample = sampling_new(d); /* baselines look at the labels alone */
        sample.n = 2;
        sample.labels = labelled_new(d, 1, classes ? 2 : 0);
        labelled_first(&sample.labels, X, y.data);
        labelled_task(&sample.labels, 0, X, y.data);
        scl_representation W = fitting_new(d, 1);
        fitting_fit(&W, "ols", &sample, NULL, NULL);
        scl_matrix A = rows_of(X, classes), centred_y = dense_new(m, 1);
        for (size_t i = 0; i < m; i++) centred_y.data[i] = y.data[i] - (classes ? sample.labels.mean_y[0] : 0);
        scl_matrix b = least_squares(A, centred_y);
        is_direction(&W, b);
        scl_matrix_free(&b);
        static const double penalties[] = {1, 0.01, 50};
        for (size_t p = 0; p < 3; p++) {
            scl_matrix stacked = dense_new(m + d, d), padded = dense_new(m + d, 1);
            for (size_t j = 0; j < d; j++) {
                memcpy(&SCL_AT(stacked, 0, j), &SCL_AT(A, 0, j), m * sizeof(double));
                SCL_AT(stacked, m + j, j) = sqrt(penalties[p]);
            }
            memcpy(padded.data, centred_y.data, m * sizeof(double));
            double options[SCL_MAX_OPTIONS] = {penalties[p]};
            fitting_fit(&W, "ridge", &sample, p ? options : NULL, NULL); /* the default is 1 */
            b = least_squares(stacked, padded);
            is_direction(&W, b);
            scl_matrix_free(&b);
            scl_matrix_free(&stacked);
            scl_matrix_free(&padded);
        }
        scl_matrix *made[] = {&X, &y, &A, &centred_y};
        for (size_t i = 0; i < 4; i++) scl_matrix_free(made[i]);
        scl_representation_free(&W);
        labelled_free(&sample.labels);
        scl_sample_free(&sample);
    }
}

/* The span is that of least squares on indicators of the classes, whatever m is, and that of W_c^{-1} (v_c - v_0) where W_c is
 * regular; W'W is the sum of b_c b_c'. */
static void discriminants(void **state)
{
    (void)state;
    static const size_t sizes[][3] = {{6, 40, 2}, {6, 40, 4}, {20, 30, 4}, {20, 9, 5},
                                      {15, 5, 5}, {8, 3, 2},  {90, 400, 6}};
    for (uint32_t c = 0; c < sizeof sizes / sizeof *sizes; c++) {
        size_t d = sizes[c][0], m = sizes[c][1], K = sizes[c][2];
        scl_stream stream = scl_stream_make(44, SCL_ROLE_TEST, "discriminants", c);
        scl_matrix means = dense_normals(d, K, &stream), X = dense_normals(d, m, &stream), T = dense_new(m, K);
        double y[400];
        for (size_t i = 0; i < m; i++) {
            y[i] = (double)(i < K ? i : scl_stream_index(&stream, K));
            for (size_t j = 0; j < d; j++) SCL_AT(X, j, i) += 1 + SCL_AT(means, j, (size_t)y[i]);
            SCL_AT(T, i, (size_t)y[i]) = 1;
        }
        scl_sample sample = sampling_new(d);
        sample.labels = labelled_new(d, 1, K);
        labelled_first(&sample.labels, X, y);
        scl_representation W = fitting_new(d, K - 1);
        fitting_fit(&W, "lda", &sample, NULL, NULL);
        assert_true(dense_frame_error(W.Q) <= 1e-12);
        scl_matrix A = rows_of(X, true), B = least_squares(A, T), codes = dense_cross(W.Q, B),
                   back = dense_product(W.Q, codes);
        ASSERT_NEAR(dense_difference(back, B), 0,
                    1e-9 * dense_frobenius(B)); /* B, of rank K - 1, is in the span of Q */
        if (m >= d + K) {
            scl_matrix within = dense_new(d, d), G = dense_new(d, K - 1);
            for (size_t i = 0; i < m; i++)
                for (size_t b = 0; b < d; b++)
                    for (size_t a = 0; a < d; a++)
                        SCL_AT(within, a, b) += (SCL_AT(X, a, i) - SCL_AT(sample.labels.class_means, a, (size_t)y[i])) *
                                                (SCL_AT(X, b, i) - SCL_AT(sample.labels.class_means, b, (size_t)y[i]));
            for (size_t k = 1; k < K; k++)
                for (size_t j = 0; j < d; j++)
                    SCL_AT(G, j, k - 1) =
                        SCL_AT(sample.labels.class_means, j, k) - SCL_AT(sample.labels.class_means, j, 0);
            scl_matrix F = least_squares(within, G), inside = dense_cross(W.Q, F), again = dense_product(W.Q, inside);
            ASSERT_NEAR(dense_difference(again, F), 0, 1e-9 * dense_frobenius(F));
            scl_matrix *made[] = {&within, &G, &F, &inside, &again};
            for (size_t i = 0; i < 5; i++) scl_matrix_free(made[i]);
        }
        double squares = 0; /* ||W||_F^2 = sum ||b_c||^2 with b_c = (T^+ v_c) - (T^+ v_0), n_c T^+ (v_c - xbar) = B_c */
        for (size_t k = 1; k < K; k++)
            for (size_t j = 0; j < d; j++) {
                double b = SCL_AT(B, j, k) / sample.labels.counts[k] - SCL_AT(B, j, 0) / sample.labels.counts[0];
                squares += b * b;
            }
        for (size_t k = 0; k + 1 < K; k++) squares -= W.scale[k] * W.scale[k];
        ASSERT_NEAR(squares, 0, 1e-9 * (W.scale[0] * W.scale[0]));
        if (K == 2) { /* the direction of ols with an intercept */
            labelled_task(&sample.labels, 0, X, y);
            scl_representation V = fitting_new(d, 1);
            fitting_fit(&V, "ols", &sample, NULL, NULL);
            ASSERT_NEAR(fitting_distance(V.Q, W.Q), 0, 1e-10);
            scl_representation_free(&V);
        }
        scl_matrix *made[] = {&means, &X, &T, &A, &B, &codes, &back};
        for (size_t i = 0; i < 7; i++) scl_matrix_free(made[i]);
        scl_representation_free(&W);
        labelled_free(&sample.labels);
        scl_sample_free(&sample);
    }
}

/* Of a population: C^{-1} c for ols and for ridge, whose penalty weighs nothing beside infinitely many samples. */
static void populations(void **state)
{
    (void)state;
    enum { D = 9, R = 3 };
    scl_model model = sampling_model(D, R, 1.3, false);
    scl_sample sample = sampling_new(D);
    sample.labels = labelled_new(D, 1, 0);
    sample.labels.m = INFINITY;
    sample.labels.var_y[0] = 1.5;
    scl_matrix C = sampling_covariance(&model), c = dense_new(D, 1);
    scl_matrix_copy(sample.labels.S, C);
    for (size_t j = 0; j < D; j++) sample.labels.cov_xy.data[j] = c.data[j] = 1.3 * SCL_AT(model.U, j, 1);
    scl_matrix b = least_squares(C, c);
    scl_representation W = fitting_new(D, 1);
    fitting_fit(&W, "ols", &sample, NULL, NULL);
    is_direction(&W, b);
    fitting_fit(&W, "ridge", &sample, NULL, NULL);
    is_direction(&W, b);
    scl_matrix_free(&C);
    scl_matrix_free(&c);
    scl_matrix_free(&b);
    scl_representation_free(&W);
    labelled_free(&sample.labels);
    scl_sample_free(&sample);
    scl_model_free(&model);
}

static void failures(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(44, SCL_ROLE_TEST, "failures", 0);
    scl_matrix X = dense_normals(4, 5, &stream);
    scl_sample sample = sampling_new(4);
    sample.labels = labelled_new(4, 1, 3);
    scl_representation one = fitting_new(4, 1), two = fitting_new(4, 2);
    static const char *const names[] = {"ols", "ridge"};
    labelled_fails("lda", &two, &sample, "no sample has a label");
    labelled_first(&sample.labels, X, (double[5]){0, 2, 0, 2, 2});
    labelled_fails("lda", &two, &sample, "class 1 has none of the 5 labelled samples");
    labelled_first(&sample.labels, X, (double[5]){2, 2, 2, 2, 2});
    labelled_fails("lda", &two, &sample, "all 5 labels are equal");
    for (size_t i = 0; i < 2; i++) {
        labelled_fails(names[i], &one, &sample, "3 classes, not numbers");
        sample.labels.n_classes = 0;
        labelled_task(&sample.labels, 0, X, (double[5]){.5, .5, .5, .5, .5});
        labelled_fails(names[i], &one, &sample, "all 5 labels are equal");
        sample.labels.n_classes = 2;
        labelled_first(&sample.labels, X, (double[5]){1, 1, 1, 1, 1});
        labelled_fails(names[i], &one, &sample, "all 5 labels are equal");
        sample.labels.n_classes = 3;
        labelled_first(&sample.labels, X, (double[5]){2, 2, 2, 2, 2});
    }
    assert_int_equal(scl_estimator_dimension(scl_estimator_find("ols"), 5, 0), 1);
    assert_int_equal(scl_estimator_dimension(scl_estimator_find("ridge"), 5, 2), 1);
    assert_int_equal(scl_estimator_dimension(scl_estimator_find("lda"), 5, 2), 1);
    assert_int_equal(scl_estimator_dimension(scl_estimator_find("lda"), 5, 6), 5);
    scl_matrix_free(&X);
    scl_representation_free(&one);
    scl_representation_free(&two);
    labelled_free(&sample.labels);
    scl_sample_free(&sample);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regressions),
        cmocka_unit_test(discriminants),
        cmocka_unit_test(populations),
        cmocka_unit_test(failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
