/* The supervised contrastive closed form is the minimum of its loss, which is written out over all pairs of samples:
 *   L(W) = -(1/P) sum_{y_i = y_j, i != j} <W x_i, W x_j> + (1/R) sum_{y_i != y_j} <W x_i, W x_j> + (lambda/2) ||W W'||_F^2,
 * x_i less the mean of the set, P and R the numbers of pairs. Balanced classes: M = B - W_c/q, the loss the same about any origin. */
#include "estimate/labelled_data.h"
#include "estimate/masked_loss.h"

static const double TOLERANCE = 1e-12;

static const struct {
    size_t d, r, classes, sizes[5];
} cases[] = {{4, 1, 2, {3, 3}},          {5, 2, 3, {4, 4, 4}}, {4, 1, 2, {2, 5}},
             {6, 2, 3, {1, 3, 6}},       {5, 1, 2, {1, 7}},    {6, 3, 4, {3, 2, 5, 2}},
             {6, 3, 5, {4, 0, 3, 2, 1}}, {4, 2, 3, {2, 2, 2}}, {3, 1, 2, {20, 30}}};
enum { CASES = sizeof cases / sizeof *cases, MOST = 64 };

/* Samples of each class around a mean of its own, off the origin; labels in y. */
static scl_matrix classes_of(uint32_t c, double *y)
{
    scl_stream stream = scl_stream_make(41, SCL_ROLE_TEST, "classes", c);
    size_t m = 0;
    for (size_t k = 0; k < cases[c].classes; k++)
        for (size_t i = 0; i < cases[c].sizes[k]; i++) y[m++] = (double)k;
    assert_true(m <= MOST);
    scl_matrix means = dense_normals(cases[c].d, cases[c].classes, &stream), X = dense_normals(cases[c].d, m, &stream);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < X.rows; j++) SCL_AT(X, j, i) += 0.7 + 1.5 * SCL_AT(means, j, (size_t)y[i]);
    scl_matrix_free(&means);
    return X;
}

/* The loss as it stands, about an origin. */
static double pairs_loss(scl_matrix W, scl_matrix X, const double *y, const double *origin, double lambda)
{
    size_t m = X.cols;
    scl_matrix centred = dense_new(X.rows, m);
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < X.rows; j++) SCL_AT(centred, j, i) = SCL_AT(X, j, i) - origin[j];
    scl_matrix features = dense_product(W, centred);
    double same = 0, other = 0, P = 0, R = 0;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) {
            double product = inner(&SCL_AT(features, 0, i), &SCL_AT(features, 0, j), W.rows);
            if (y[i] != y[j]) {
                other += product;
                R += 1;
            } else if (i != j) {
                same += product;
                P += 1;
            }
        }
    scl_matrix_free(&centred);
    scl_matrix_free(&features);
    return -same / P + other / R + penalty(W, lambda);
}

static scl_sample labelled(uint32_t c, scl_matrix X, const double *y)
{
    scl_sample sample = fitting_sample(X);
    sample.labels = labelled_new(X.rows, 1, cases[c].classes);
    labelled_first(&sample.labels, X, y);
    return sample;
}

static void drop(scl_sample *sample)
{
    labelled_free(&sample->labels);
    scl_sample_free(sample);
}

/* W = diag(scale) Q' has the loss -(1/2 lambda) sum mu^2 over positive mu, which no W near or far beats, and slopes of 0. */
static void closed_form_is_the_minimum(void **state)
{
    (void)state;
    scl_stream stream = scl_stream_make(41, SCL_ROLE_TEST, "supervised minimum", 0);
    for (uint32_t c = 0; c < CASES; c++) {
        double y[MOST], options[SCL_MAX_OPTIONS] = {0.3 + c}, least = 0, largest = 0;
        size_t d = cases[c].d, r = cases[c].r;
        scl_matrix X = classes_of(c, y);
        scl_sample sample = labelled(c, X, y);
        scl_representation out = fitting_new(d, r);
        fitting_fit(&out, "supervised-contrastive", &sample, options, NULL);
        for (size_t k = 0; k < r; k++) {
            least -= fmax(out.values[k], 0) * fmax(out.values[k], 0) / (2 * options[0]);
            largest = fmax(largest, fabs(out.values[k]));
            ASSERT_NEAR(out.scale[k], sqrt(fmax(out.values[k], 0) / options[0]), 1e-14 * sqrt(largest / options[0]));
        }
        assert_true(least < 0);
        scl_matrix W = minimiser(&out, &stream), moved = dense_new(r, d);
        double norm = dense_frobenius(X), size = norm * norm * norm * norm / options[0];
        ASSERT_NEAR(pairs_loss(W, X, y, sample.labels.mean, options[0]), least, TOLERANCE * size);
        for (int trial = 0; trial < 200; trial++) {
            scl_matrix E = dense_normals(r, d, &stream);
            double step = pow(10.0, -(trial % 5)) * sqrt(largest / options[0]);
            for (size_t i = 0; i < r * d; i++) moved.data[i] = W.data[i] + step * E.data[i];
            double above = pairs_loss(moved, X, y, sample.labels.mean, options[0]) - least;
            assert_true(above >= -TOLERANCE * size);
            scl_matrix_free(&E);
        }
        scl_matrix_free(&W);
        scl_matrix_free(&moved);
        scl_matrix_free(&X);
        scl_representation_free(&out);
        drop(&sample);
    }
}

/* The eigenvalues are those of the quadratic form of the loss, entry by entry from the pairs: by another solver, over all of M. */
static void pair_matrix_entries(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < CASES; c++) {
        double y[MOST], mu[MAX_D], origin[MAX_D] = {0};
        size_t d = cases[c].d, r = cases[c].r;
        scl_matrix X = classes_of(c, y), M = dense_new(d, d), V;
        scl_sample sample = labelled(c, X, y);
        scl_matrix W = dense_new(1, d);
        for (size_t a = 0; a < d; a++) /* M_ab by polarisation of -L without its penalty */
            for (size_t b = 0; b <= a; b++) {
                double form[3];
                for (int k = 0; k < 3; k++) {
                    memset(W.data, 0, d * sizeof(double));
                    W.data[a] += k != 1;
                    W.data[b] += k != 0;
                    form[k] = -pairs_loss(W, X, y, sample.labels.mean, 0);
                }
                SCL_AT(M, a, b) = SCL_AT(M, b, a) = a == b ? form[0] : (form[2] - form[0] - form[1]) / 2;
            }
        dense_eigen(mu, &V, M);
        scl_representation out = fitting_new(d, r);
        fitting_fit(&out, "supervised-contrastive", &sample, NULL, NULL);
        double size = dense_frobenius(M) + dense_frobenius(X) * dense_frobenius(X) / (double)X.cols;
        for (size_t k = 0; k < r; k++) ASSERT_NEAR(out.values[k], mu[k], 1e-11 * size);
        if (mu[r - 1] - mu[r] > 1e-3 * size) {
            scl_matrix rest = scl_matrix_columns(V, r, d - r), off = dense_cross(rest, out.Q);
            ASSERT_NEAR(dense_frobenius(off), 0, 1e-10 * size / (mu[r - 1] - mu[r]));
            scl_matrix_free(&off);
        }
        size_t used = 0;
        for (size_t k = 0; k < cases[c].classes; k++) used += cases[c].sizes[k] > 0;
        assert_true(mu[used - 1] <= 1e-12 * size); /* at most K - 1 are positive */
        bool balanced = true;
        for (size_t k = 1; k < cases[c].classes; k++) balanced = balanced && cases[c].sizes[k] == cases[c].sizes[0];
        scl_stream stream = scl_stream_make(41, SCL_ROLE_TEST, "origin", c);
        scl_matrix any = dense_normals(r, d, &stream);
        double about_mean = pairs_loss(any, X, y, sample.labels.mean, 0), about_zero = pairs_loss(any, X, y, origin, 0);
        if (balanced) ASSERT_NEAR(about_zero, about_mean, 1e-11 * size * dense_frobenius(any) * dense_frobenius(any));
        if (!balanced) assert_true(fabs(about_zero - about_mean) > 1e-6 * size);
        scl_matrix *made[] = {&X, &M, &V, &W, &any};
        for (size_t i = 0; i < 5; i++) scl_matrix_free(made[i]);
        scl_representation_free(&out);
        drop(&sample);
    }
}

/* Balanced, q each: M = B - W_c/q with the covariances by their definitions. */
static void balanced_classes(void **state)
{
    (void)state;
    static const uint32_t which[] = {0, 1, 7};
    for (size_t w = 0; w < 3; w++) {
        uint32_t c = which[w];
        double y[MOST], mu[MAX_D];
        size_t d = cases[c].d, K = cases[c].classes, q = cases[c].sizes[0];
        scl_matrix X = classes_of(c, y), M = dense_new(d, d);
        scl_sample sample = labelled(c, X, y);
        for (size_t a = 0; a < d; a++)
            for (size_t b = 0; b < d; b++) {
                double between = 0, within = 0;
                for (size_t k = 0; k < K; k++)
                    between += (SCL_AT(sample.labels.class_means, a, k) - sample.labels.mean[a]) *
                               (SCL_AT(sample.labels.class_means, b, k) - sample.labels.mean[b]) / (double)(K - 1);
                for (size_t i = 0; i < X.cols; i++)
                    within += (SCL_AT(X, a, i) - SCL_AT(sample.labels.class_means, a, (size_t)y[i])) *
                              (SCL_AT(X, b, i) - SCL_AT(sample.labels.class_means, b, (size_t)y[i])) /
                              (double)(K * (q - 1));
                SCL_AT(M, a, b) = between - within / (double)q;
            }
        dense_eigen(mu, NULL, M);
        scl_representation out = fitting_new(d, cases[c].r);
        fitting_fit(&out, "supervised-contrastive", &sample, NULL, NULL);
        for (size_t k = 0; k < cases[c].r; k++) ASSERT_NEAR(out.values[k], mu[k], 1e-11 * dense_frobenius(M));
        scl_matrix_free(&X);
        scl_matrix_free(&M);
        scl_representation_free(&out);
        drop(&sample);
    }
}

/* Of the population, probabilities p_c and m = inf: what the sample comes to when each sample is there 1e6 times. */
static void population_is_the_limit(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < CASES; c++) {
        double y[MOST];
        size_t d = cases[c].d, r = cases[c].r;
        scl_matrix X = classes_of(c, y);
        scl_sample sample = labelled(c, X, y);
        scl_labels *labels = &sample.labels;
        scl_representation many = fitting_new(d, r), all = fitting_new(d, r);
        const double copies = 1e6;
        double m = labels->m * copies;
        for (size_t i = 0; i < d * d; i++) labels->S.data[i] *= (labels->m - 1) * copies / (m - 1);
        for (size_t k = 0; k < labels->n_classes; k++) labels->counts[k] *= copies;
        double of_one = labels->m;
        labels->m = m;
        fitting_fit(&many, "supervised-contrastive", &sample, NULL, NULL);
        for (size_t k = 0; k < labels->n_classes; k++) labels->counts[k] /= copies * of_one;
        labels->m = INFINITY;
        fitting_fit(&all, "supervised-contrastive", &sample, NULL, NULL);
        for (size_t k = 0; k < r; k++) ASSERT_NEAR(many.values[k], all.values[k], 1e-4 * all.values[0]);
        scl_representation_free(&many);
        scl_representation_free(&all);
        scl_matrix_free(&X);
        drop(&sample);
    }
}

static void needs_pairs_of_both_kinds(void **state)
{
    (void)state;
    double y[] = {0, 0, 0, 0}, distinct[] = {0, 1, 2, 3};
    scl_stream stream = scl_stream_make(41, SCL_ROLE_TEST, "pairs", 0);
    scl_matrix X = dense_normals(5, 4, &stream);
    scl_sample sample = fitting_sample(X);
    sample.labels = labelled_new(5, 1, 4);
    scl_representation out = fitting_new(5, 3);
    labelled_fails("supervised-contrastive", &out, &sample, "no sample has a label");
    labelled_first(&sample.labels, X, y);
    labelled_fails("supervised-contrastive", &out, &sample, "all 4 labels are equal");
    labelled_first(&sample.labels, X, distinct);
    labelled_fails("supervised-contrastive", &out, &sample, "no class has two of the 4 labelled samples");
    sample.labels.n_classes = 0;
    labelled_fails("supervised-contrastive", &out, &sample, "numbers, not classes");
    scl_matrix_free(&X);
    scl_representation_free(&out);
    sample.labels.n_classes = 4;
    drop(&sample);
    const scl_estimator *estimator = scl_estimator_find("supervised-contrastive");
    assert_int_equal(scl_estimator_dimension(estimator, 5, 2), 1);
    assert_int_equal(scl_estimator_dimension(estimator, 5, 6), 5);
    assert_int_equal(scl_estimator_dimension(estimator, 5, 9), 5);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_form_is_the_minimum), cmocka_unit_test(pair_matrix_entries),
        cmocka_unit_test(balanced_classes),           cmocka_unit_test(population_is_the_limit),
        cmocka_unit_test(needs_pairs_of_both_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
