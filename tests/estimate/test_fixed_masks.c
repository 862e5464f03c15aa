/* Contrastive learning under K fixed masks: the estimator against the mean of the K losses, written out on data under the masks that
 * its stream gives; and the exact population error of one complementary mask, docs/theory.md, section 2,
 *   ||sinTheta||_F^2 = sum_i [1/2 - sqrt(g_i (1-g_i))],  g_i = eig(U'AU), where all g_i lie strictly between 0 and 1.
 * Proof: with U'AU = V G V', e_i = A U v_i/sqrt(g_i), f_i = (I-A) U v_i/sqrt(1-g_i), the matrix is proportional to
 * sum_i sqrt(g_i (1-g_i)) (e_i f_i' + f_i e_i'), D having dropped out (A D (I-A) = 0), its leading eigenvectors are
 * (e_i + f_i)/sqrt 2, and U v_i = sqrt(g_i) e_i + sqrt(1-g_i) f_i. So it holds for every diagonal D. */
#include "estimate/masked_loss.h"

static const double TOLERANCE = 1e-12;
enum { BERNOULLI, HALF, MOST_MASKS = 130, COMPLEMENTARY = 0, INDEPENDENT = 1 };

static scl_stream mask_stream(uint32_t replicate)
{
    return scl_stream_make(8, SCL_ROLE_TEST, "masks", replicate);
}

/* The next mask of the stream, by the definition in masks.h: keep[j] is true for what it keeps. */
static void next_mask(bool *keep, size_t d, double p, int law, scl_stream *stream)
{
    double u[128];
    size_t left = d / 2;
    scl_stream_uniforms(u, stream, d);
    for (size_t j = 0; j < d; j++) {
        keep[j] = law == HALF ? u[j] * (double)(d - j) < (double)left : u[j] < p;
        left -= keep[j] && law == HALF;
    }
}

/* The masks of K pairs as words: [2 k + v] for view v of the k-th. */
static void all_masks(unsigned *masks, size_t K, size_t d, double p, int law, int views, scl_stream *stream)
{
    for (size_t k = 0; k < K; k++)
        for (size_t v = 0; v < 2; v++) {
            bool keep[MAX_D];
            unsigned word = 0;
            if (v == 0 || views == INDEPENDENT) {
                next_mask(keep, d, p, law, stream);
                for (size_t j = 0; j < d; j++) word |= (unsigned)keep[j] << j;
            } else {
                word = ((1u << d) - 1) & ~masks[2 * k];
            }
            masks[2 * k + v] = word;
        }
}

/* The mean of the K losses of the data set. */
static double mean_loss(scl_matrix W, scl_matrix X, double lambda, const unsigned *masks, size_t K)
{
    double sum = 0;
    for (size_t k = 0; k < K; k++) {
        unsigned of_samples[32];
        for (size_t i = 0; i < 2 * X.cols; i++) of_samples[i] = masks[2 * k + i % 2];
        sum += loss(W, X, lambda, of_samples) / (double)K;
    }
    return sum;
}

static double moved(scl_matrix W, scl_matrix direction, double step, scl_matrix X, double lambda, const unsigned *masks,
                    size_t K)
{
    scl_matrix there = dense_new(W.rows, W.cols);
    for (size_t i = 0; i < W.rows * W.cols; i++) there.data[i] = W.data[i] + step * direction.data[i];
    double value = mean_loss(there, X, lambda, masks, K);
    scl_matrix_free(&there);
    return value;
}

/* The value at the estimator's W is -(1/(32 lambda)) sum max(mu, 0)^2, the derivative in every coordinate is 0 (the loss is a quartic
 * along a line: five points give it exactly, at any step), and nowhere near or far is the loss lower. */
static void closed_form_is_the_minimum(void **state)
{
    (void)state;
    static const struct {
        size_t d, n, r, K;
        double p, lambda;
        int law, views;
    } cases[] = {{4, 3, 1, 1, .5, 1, BERNOULLI, COMPLEMENTARY}, {5, 6, 2, 3, .3, 2, BERNOULLI, COMPLEMENTARY},
                 {6, 5, 2, 64, .5, .1, HALF, COMPLEMENTARY},    {5, 4, 2, 65, .5, 1, HALF, COMPLEMENTARY},
                 {4, 5, 2, 1, .7, 1, BERNOULLI, INDEPENDENT},   {6, 4, 3, 2, .5, 3, HALF, INDEPENDENT},
                 {5, 3, 2, 130, .6, 1, BERNOULLI, INDEPENDENT}};
    scl_stream rotations = scl_stream_make(8, SCL_ROLE_TEST, "rotations", 0);
    for (uint32_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t d = cases[c].d, r = cases[c].r, K = cases[c].K;
        double lambda = cases[c].lambda, least = 0;
        double options[SCL_MAX_OPTIONS] = {cases[c].p, lambda, (double)K, cases[c].law, cases[c].views};
        unsigned masks[2 * MOST_MASKS];
        scl_stream stream = mask_stream(c), same = stream;
        all_masks(masks, K, d, cases[c].p, cases[c].law, cases[c].views, &same);
        scl_matrix X = data(d, cases[c].n, c);
        scl_sample sample = fitting_sample(X);
        scl_representation out = fitting_new(d, r);
        fitting_fit(&out, "contrastive", &sample, options, &stream);
        assert_int_equal(stream.block, same.block);
        double size = fmax(fabs(out.values[0]), dense_frobenius(sample.S)), scale = size * size / lambda;
        for (size_t k = 0; k < r; k++) least -= pow(fmax(out.values[k], 0), 2) / (32 * lambda);
        scl_matrix W = minimiser(&out, &rotations);
        ASSERT_NEAR(mean_loss(W, X, lambda, masks, K), least, TOLERANCE * scale);
        for (size_t i = 0; i < d * r; i++) {
            scl_matrix E = dense_new(r, d);
            E.data[i] = 1;
            double h = sqrt(size / lambda), at[5];
            for (int step = -2; step <= 2; step++) at[step + 2] = moved(W, E, step * h, X, lambda, masks, K);
            double slope = (8 * (at[3] - at[1]) - (at[4] - at[0])) / (12 * h);
            ASSERT_NEAR(slope, 0, 100 * TOLERANCE * scale / h); /* at 2 h the loss is up to 100 times larger */
            scl_matrix_free(&E);
        }
        for (int trial = 0; trial < 60; trial++) {
            scl_matrix E = dense_normals(r, d, &rotations);
            double step = pow(10.0, -(trial % 6)) * sqrt(size / lambda);
            assert_true(moved(W, E, step, X, lambda, masks, K) >= least - TOLERANCE * scale);
            scl_matrix_free(&E);
        }
        scl_matrix_free(&W);
        scl_matrix_free(&X);
        scl_representation_free(&out);
        scl_sample_free(&sample);
    }
}

/* nu^2 U U' + diag(sigma2) */
static scl_sample population(scl_matrix U, double nu, const double *sigma2)
{
    scl_error err = {0};
    scl_sample sample;
    scl_matrix T = dense_transpose(U), C = dense_product(U, T);
    ASSERT_OK(scl_sample_new(&sample, U.rows, &err), err);
    sample.n = INFINITY;
    for (size_t j = 0; j < U.rows; j++)
        for (size_t i = 0; i < U.rows; i++)
            SCL_AT(sample.S, i, j) = nu * nu * SCL_AT(C, i, j) + (i == j ? sigma2[i] : 0);
    scl_matrix_free(&T);
    scl_matrix_free(&C);
    return sample;
}

static double squared_error(scl_matrix U, scl_matrix Q)
{
    scl_error err = {0};
    scl_arena ws = dense_arena(scl_sines_workspace(U.rows, U.cols));
    double frobenius = NAN;
    ASSERT_OK(scl_sines(&frobenius, NULL, U, Q, &ws, &err), err);
    scl_arena_free(&ws);
    return frobenius * frobenius;
}

/* The g_i of a mask, ascending or not. */
static void shares(double *g, scl_matrix U, const bool *keep)
{
    scl_matrix kept = dense_new(U.rows, U.cols);
    for (size_t k = 0; k < U.cols; k++)
        for (size_t j = 0; j < U.rows; j++) SCL_AT(kept, j, k) = keep[j] ? SCL_AT(U, j, k) : 0;
    scl_matrix G = dense_cross(kept, kept);
    dense_eigen(g, NULL, G);
    scl_matrix_free(&kept);
    scl_matrix_free(&G);
}

/* To 1e-10, whatever D, nu and p are. */
static void population_error_of_one_mask(void **state)
{
    (void)state;
    enum { D = 40, R = 4, DRAWS = 40 };
    scl_stream frames = scl_stream_make(8, SCL_ROLE_TEST, "frames", 0);
    double worst = 0;
    for (uint32_t draw = 0; draw < DRAWS; draw++) {
        int law = draw % 2 ? HALF : BERNOULLI;
        double p = law == HALF || draw % 4 == 0 ? .5 : .35, nu = draw % 3 ? 1 : .4, expected = 0;
        double sigma2[D], g[R], options[SCL_MAX_OPTIONS] = {p, 1, 1, law, COMPLEMENTARY};
        bool keep[D];
        scl_matrix U = dense_frame(D, R, &frames);
        scl_stream stream = mask_stream(draw), same = stream;
        scl_stream_uniforms(sigma2, &frames, D);
        for (size_t j = 0; j < D; j++) sigma2[j] = draw % 5 == 0 ? 1 : pow(10, 4 * sigma2[j] - 2); /* 1e-2 to 1e2 */
        next_mask(keep, D, p, law, &same);
        shares(g, U, keep);
        for (size_t i = 0; i < R; i++) {
            assert_true(g[i] > 1e-3 && g[i] < 1 - 1e-3);
            expected += .5 - sqrt(g[i] * (1 - g[i]));
        }
        scl_sample sample = population(U, nu, sigma2);
        scl_representation out = fitting_new(D, R);
        scl_fit_info info = fitting_fit(&out, "contrastive", &sample, options, &stream);
        assert_int_equal(info.status, SCL_FIT_OK);
        double seen = squared_error(U, out.Q);
        worst = fmax(worst, fabs(seen - expected));
        ASSERT_NEAR(seen, expected, 1e-10);
        scl_representation_free(&out);
        scl_sample_free(&sample);
        scl_matrix_free(&U);
    }
    print_message("    largest difference from the formula %.1e\n", worst);
}

/* Haar U, one mask: about r (r+2)/(4 d) for bernoulli masks and r (r+1)/(4 d) for exact halves. With h = g - 1/2,
 * 1/2 - sqrt(1/4 - h^2) = h^2 + h^4 + ..., and by the second moments of a Haar projection
 *   E sum h^2 = [r^2 + 2 r (d-r)/(d+2)]/(4 d)  and  [r^2 + r (d-r)(d-2)/((d-1)(d+2))]/(4 d)
 * exactly: within a relative (r+2)/d of the approximations, and so is sum h^4, by E tr M^4 of a Gaussian symmetric matrix. So means
 * over 1500 draws lie within 4 standard errors of the exact second moments (4 numbers: false alarm 2.5e-4), and of the
 * approximations within 4 standard errors + (r+2)/d of their value. */
static void averages_over_haar_loadings(void **state)
{
    (void)state;
    enum { D = 80, R = 3, DRAWS = 1500 };
    const double d = D, r = R;
    const double about[] = {r * (r + 2) / (4 * d), r * (r + 1) / (4 * d)};
    const double second[] = {(r * r + 2 * r * (d - r) / (d + 2)) / (4 * d),
                             (r * r + r * (d - r) * (d - 2) / ((d - 1) * (d + 2))) / (4 * d)};
    scl_stream frames = scl_stream_make(8, SCL_ROLE_TEST, "haar", 0);
    double sigma2[D];
    for (size_t j = 0; j < D; j++) sigma2[j] = 1;
    for (int law = BERNOULLI; law <= HALF; law++) {
        double sum = 0, squares = 0, moment = 0, moment_squares = 0;
        for (uint32_t draw = 0; draw < DRAWS; draw++) {
            double g[R], h2 = 0, options[SCL_MAX_OPTIONS] = {.5, 1, 1, law, COMPLEMENTARY};
            bool keep[D];
            scl_matrix U = dense_frame(D, R, &frames);
            scl_stream stream = mask_stream(10000 + draw), same = stream;
            next_mask(keep, D, .5, law, &same);
            shares(g, U, keep);
            for (size_t i = 0; i < R; i++) h2 += (g[i] - .5) * (g[i] - .5);
            scl_sample sample = population(U, 1, sigma2);
            scl_representation out = fitting_new(D, R);
            fitting_fit(&out, "contrastive", &sample, options, &stream);
            double seen = squared_error(U, out.Q);
            sum += seen;
            squares += seen * seen;
            moment += h2;
            moment_squares += h2 * h2;
            scl_representation_free(&out);
            scl_sample_free(&sample);
            scl_matrix_free(&U);
        }
        double mean = sum / DRAWS, error = sqrt((squares / DRAWS - mean * mean) / DRAWS);
        double mean2 = moment / DRAWS, error2 = sqrt((moment_squares / DRAWS - mean2 * mean2) / DRAWS);
        print_message("    %s: mean %.5f +- %.5f, about %.5f; sum h^2 %.5f +- %.5f, exact %.5f\n",
                      law == HALF ? "half" : "bernoulli", mean, error, about[law], mean2, error2, second[law]);
        ASSERT_NEAR(mean2, second[law], 4 * error2);
        ASSERT_NEAR(mean, about[law], 4 * error + (r + 2) / d * about[law]);
    }
}

/* ||sinTheta||_F^2 of contrastive learning with K bernoulli masks (0: averaged) on the population of U. */
static double error_with_masks(scl_matrix U, const double *sigma2, double K, uint32_t draw)
{
    double options[SCL_MAX_OPTIONS] = {.5, 1, K, BERNOULLI, COMPLEMENTARY};
    scl_stream stream = mask_stream(draw);
    scl_sample sample = population(U, 1, sigma2);
    scl_representation out = fitting_new(U.rows, U.cols);
    fitting_fit(&out, "contrastive", &sample, options, &stream);
    double seen = squared_error(U, out.Q);
    scl_representation_free(&out);
    scl_sample_free(&sample);
    return seen;
}

/* K bernoulli masks, Haar U: with signs R_k = 2 A_k - I the matrix is proportional to Delta(C - (1/K) sum_k R_k C R_k). R_k U is nearly
 * orthogonal to U, M_k = U'R_k U has E ||M_k||_F^2 about r (r+2)/d, and to first order U moves by sum_k R_k U M_k/K over
 * 1 + 1/K, and by 1 - 1/K of the missing diagonal, whose bias is that of the average:
 *   E ||sinTheta||_F^2 ~ K/(K+1)^2 r (r+2)/d + (1 - 1/K)^2 bias^2,
 * r (r+2)/(4 d) for K = 1. Second order: a relative E tr M^4/E tr M^2 = (2 r^2 + 5 r + 5)/(d (r+2)), and 2/d in E ||M_k||_F^2;
 * together below 2 (r+2)/d. So 4 standard errors + 2 (r+2)/d of the value. */
static void many_masks_interpolate(void **state)
{
    (void)state;
    enum { D = 80, R = 3, DRAWS = 200 };
    static const double masks[] = {1, 3, 10, 30};
    const double d = D, r = R;
    scl_stream frames = scl_stream_make(8, SCL_ROLE_TEST, "many", 0);
    double sigma2[D];
    for (size_t j = 0; j < D; j++) sigma2[j] = 1 + (double)j / d;
    for (size_t c = 0; c < sizeof masks / sizeof *masks; c++) {
        double K = masks[c], sum = 0, squares = 0, bias = 0;
        for (uint32_t draw = 0; draw < DRAWS; draw++) {
            scl_matrix U = dense_frame(D, R, &frames);
            double seen = error_with_masks(U, sigma2, K, 20000 + draw);
            bias += error_with_masks(U, sigma2, 0, 0) / DRAWS;
            sum += seen;
            squares += seen * seen;
            scl_matrix_free(&U);
        }
        double mean = sum / DRAWS, error = sqrt((squares / DRAWS - mean * mean) / DRAWS);
        double about = K / pow(K + 1, 2) * r * (r + 2) / d + pow(1 - 1 / K, 2) * bias;
        print_message("    %3.0f masks: mean %.5f +- %.5f, about %.5f\n", K, mean, error, about);
        ASSERT_NEAR(mean, about, 4 * error + 2 * (r + 2) / d * about);
    }
}

/* A mask that keeps fewer than r coordinates, or all but fewer than r, leaves fewer than r positive eigenvalues. */
static void a_mask_of_too_few_coordinates_is_rank_deficient(void **state)
{
    (void)state;
    enum { D = 6, R = 4 };
    double sigma2[D] = {1, 2, 3, 4, 5, 6}, options[SCL_MAX_OPTIONS] = {.5, 1, 1, HALF, COMPLEMENTARY};
    scl_stream frames = scl_stream_make(8, SCL_ROLE_TEST, "deficient", 0), stream = mask_stream(0);
    scl_matrix U = dense_frame(D, R, &frames);
    scl_sample sample = population(U, 1, sigma2);
    scl_representation out = fitting_new(D, R);
    assert_int_equal(fitting_fit(&out, "contrastive", &sample, options, &stream).status, SCL_FIT_RANK_DEFICIENT);
    /* 3 coordinates kept and 3 left, of 4 columns: one g is 0, one is 1, two lie between; the others' scales are roots of rounding */
    assert_true(out.scale[1] > 1e-3 && out.scale[2] < 1e-6);
    scl_representation_free(&out);
    scl_sample_free(&sample);
    scl_matrix_free(&U);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_form_is_the_minimum),
        cmocka_unit_test(population_error_of_one_mask),
        cmocka_unit_test(averages_over_haar_loadings),
        cmocka_unit_test(many_masks_interpolate),
        cmocka_unit_test(a_mask_of_too_few_coordinates_is_rank_deficient),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
