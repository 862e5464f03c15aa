/* The second moments of S when laws are not Gaussian (theory section 7): with A = [nu U, D^{1/2}], x = A y, y of r + d independent
 * coordinates, e_z and e_x the excess kurtosis of latent and noise,
 *   cum4(x_i, x_i, x_j, x_j) = e_z nu^4 sum_k U_ik^2 U_jk^2 + [i = j] e_x sigma_i^4                                      (1)
 *   Var S_ij = (C_ii C_jj + C_ij^2)/(n - 1) + (1)/n
 *   E tr S^2 = tr C^2 (1 + 1/(n - 1)) + (tr C)^2/(n - 1) + (e_z r nu^4 + e_x sum_j sigma_j^4)/n
 *   E (S - C) X (S - C) = [C X C + tr(C X) C]/(n - 1)
 *                         + [e_z nu^4 sum_k (u_k'X u_k) u_k u_k' + e_x diag(sigma_a^4 X_aa)]/n,  X symmetric                   (2)
 *   and for Delta(S - C), g = (X o C) 1, entry a, b: [.. - 2 C_ab (g_a + g_b) + 2 X_ab C_ab^2]/(n - 1)
 *       + e_z nu^4 sum_k U_ak U_bk [u_k'X u_k - U_ak (X u_k)_a - U_bk (X u_k)_b + U_ak U_bk X_ab]/n: e_x is gone             (3)
 * First exactly, as means over all 2^((r + d) n) samples of Rademacher coordinates; then by simulation of each law, where all means
 * must be within Z_LIMIT standard errors, and the formulas without (1) must not. */
#include "random/law.h"
#include "sample/sampling.h"

#include <stdio.h>

/* (1) by the definition: sum over the coordinates of y of A_ic^2 A_jc^2 e_c. */
static double fourth_cumulant(const scl_model *model, double latent_excess, double noise_excess, size_t i, size_t j)
{
    double sum = 0;
    for (size_t c = 0; c < model->r + model->d; c++) {
        bool latent = c < model->r;
        double a_i = latent ? model->nu * SCL_AT(model->U, i, c) : i == c - model->r ? sqrt(model->sigma2[i]) : 0;
        double a_j = latent ? model->nu * SCL_AT(model->U, j, c) : j == c - model->r ? sqrt(model->sigma2[j]) : 0;
        sum += a_i * a_i * a_j * a_j * (latent ? latent_excess : noise_excess);
    }
    return sum;
}

typedef struct expected {
    double n;
    scl_matrix C, variance; /* Var S_ij */
    double square;          /* E tr S^2 */
} expected;

static expected expect(const scl_model *model, double n, double latent_excess, double noise_excess)
{
    size_t d = model->d;
    expected e = {.n = n, .C = sampling_covariance(model), .variance = dense_new(d, d)};
    double trace = 0, squares = 0, fourth = latent_excess * (double)model->r * pow(model->nu, 4);
    for (size_t j = 0; j < d; j++) {
        trace += SCL_AT(e.C, j, j);
        fourth += noise_excess * model->sigma2[j] * model->sigma2[j];
        for (size_t i = 0; i < d; i++) {
            double c = SCL_AT(e.C, i, j), both = SCL_AT(e.C, i, i) * SCL_AT(e.C, j, j);
            squares += c * c;
            SCL_AT(e.variance, i, j) =
                (both + c * c) / (n - 1) + fourth_cumulant(model, latent_excess, noise_excess, i, j) / n;
        }
    }
    e.square = squares * (1 + 1 / (n - 1)) + trace * trace / (n - 1) + fourth / n;
    return e;
}

static void expected_free(expected *e)
{
    scl_matrix_free(&e->C);
    scl_matrix_free(&e->variance);
}

/* E tr S^2 is the sum of Var S_ij + C_ij^2. */
static void formulas_agree(void **state)
{
    (void)state;
    scl_model model = sampling_model(8, 3, 1.7, false);
    expected e = expect(&model, 12, -2, 6);
    double sum = 0;
    for (size_t i = 0; i < 64; i++) sum += e.variance.data[i] + e.C.data[i] * e.C.data[i];
    ASSERT_NEAR(sum, e.square, 1e-12 * sum);
    expected_free(&e);
    scl_model_free(&model);
}

/* The right-hand sides of (2) and (3); e_z = e_x = -2. */
static void second_order(double out[2][3][3], const scl_model *model, const expected *e, const double X[3][3])
{
    size_t d = model->d;
    double trace = 0, g[3] = {0}, nu4 = pow(model->nu, 4), k = e->n - 1;
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++) {
            trace += SCL_AT(e->C, a, b) * X[a][b];
            g[a] += SCL_AT(e->C, a, b) * X[a][b];
        }
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++) {
            double c = SCL_AT(e->C, a, b), product = 0, latent = 0, deleted = 0;
            for (size_t i = 0; i < d; i++)
                for (size_t j = 0; j < d; j++) product += SCL_AT(e->C, a, i) * X[i][j] * SCL_AT(e->C, j, b);
            for (size_t m = 0; m < model->r; m++) {
                double square = 0, row_a = 0, row_b = 0, u_a = SCL_AT(model->U, a, m), u_b = SCL_AT(model->U, b, m);
                for (size_t i = 0; i < d; i++) {
                    row_a += X[a][i] * SCL_AT(model->U, i, m);
                    row_b += X[b][i] * SCL_AT(model->U, i, m);
                    for (size_t j = 0; j < d; j++) square += SCL_AT(model->U, i, m) * X[i][j] * SCL_AT(model->U, j, m);
                }
                latent += -2 * nu4 * square * u_a * u_b;
                deleted += -2 * nu4 * u_a * u_b * (square - u_a * row_a - u_b * row_b + u_a * u_b * X[a][b]);
            }
            double noise = a == b ? -2 * model->sigma2[a] * model->sigma2[a] * X[a][a] : 0;
            out[0][a][b] = (product + trace * c) / k + (latent + noise) / e->n;
            out[1][a][b] = (product + trace * c - 2 * c * (g[a] + g[b]) + 2 * X[a][b] * c * c) / k + deleted / e->n;
        }
}

/* out += E X E/patterns. */
static void add_product(double out[3][3], size_t d, const double E[3][3], const double X[3][3], double patterns)
{
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b < d; b++)
            for (size_t i = 0; i < d; i++)
                for (size_t j = 0; j < d; j++) out[a][b] += E[a][i] * X[i][j] * E[j][b] / patterns;
}

/* All sign patterns of y for (d, r, n) = (3, 1, 4), (2, 1, 2), (2, 2, 4); S by its definition. Exact but for rounding. */
static void all_rademacher_samples(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{3, 1, 4}, {2, 1, 2}, {2, 2, 4}};
    for (size_t s = 0; s < 3; s++) {
        size_t d = shapes[s][0], r = shapes[s][1], n = shapes[s][2], width = r + d;
        scl_model model = sampling_model(d, r, 1.3, false);
        expected e = expect(&model, (double)n, -2, -2);
        double first[9] = {0}, second[9] = {0}, square = 0, products[2][3][3] = {0}, right[2][3][3];
        static const double X[3][3] = {{1, -0.4, 0.7}, {-0.4, -2, 0.3}, {0.7, 0.3, 0.5}};
        second_order(right, &model, &e, X);
        unsigned long patterns = 1ul << (width * n);
        for (unsigned long pattern = 0; pattern < patterns; pattern++) {
            double x[4][3], mean[3] = {0}, tr = 0, E[2][3][3] = {0};
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < d; j++) {
                    double sign = pattern >> (i * width + r + j) & 1 ? 1 : -1;
                    x[i][j] = sqrt(model.sigma2[j]) * sign;
                    for (size_t k = 0; k < r; k++)
                        x[i][j] += model.nu * SCL_AT(model.U, j, k) * (pattern >> (i * width + k) & 1 ? 1 : -1);
                    mean[j] += x[i][j] / (double)n;
                }
            for (size_t a = 0; a < d; a++)
                for (size_t b = 0; b < d; b++) {
                    double S = 0, off;
                    for (size_t i = 0; i < n; i++) S += (x[i][a] - mean[a]) * (x[i][b] - mean[b]) / ((double)n - 1);
                    off = S - SCL_AT(e.C, a, b);
                    first[a * 3 + b] += off / (double)patterns;
                    second[a * 3 + b] += off * off / (double)patterns;
                    tr += S * S;
                    E[0][a][b] = off;
                    if (a != b) E[1][a][b] = off;
                }
            for (int deleted = 0; deleted < 2; deleted++)
                add_product(products[deleted], d, E[deleted], X, (double)patterns);
            square += tr / (double)patterns;
        }
        ASSERT_NEAR(square, e.square, 1e-10 * square);
        for (size_t a = 0; a < d; a++)
            for (size_t b = 0; b < d; b++) {
                ASSERT_NEAR(first[a * 3 + b], 0, 1e-10);
                ASSERT_NEAR(second[a * 3 + b], SCL_AT(e.variance, a, b), 1e-10);
                ASSERT_NEAR(products[0][a][b], right[0][a][b], 1e-9);
                ASSERT_NEAR(products[1][a][b], right[1][a][b], 1e-9);
            }
        expected_free(&e);
        scl_model_free(&model);
    }
}

/* ---- by simulation ---- */

enum { D = 6, R = 2, REPLICATES = 40000 };

typedef struct zero_mean {
    double sum, squares;
} zero_mean;

static void add(zero_mean *to, double x)
{
    to->sum += x;
    to->squares += x * x;
}

static double z_of(zero_mean v)
{
    return v.sum / sqrt(v.squares);
}

typedef struct sums {
    zero_mean S[D][D], variance[D][D], mean[D], mean_covariance[D][D], product[D][D], square;
} sums;

static void simulate(sums *to, const scl_model *model, const expected *e, const char *name)
{
    scl_error err = {0};
    scl_sample sample = sampling_new(D);
    scl_arena ws = dense_arena(scl_sample_workspace(SCL_SAMPLER_DATA, D, R, e->n));
    for (uint32_t replicate = 0; replicate < REPLICATES; replicate++) {
        scl_stream stream = scl_stream_make(8, SCL_ROLE_DATA, name, replicate);
        ASSERT_OK(scl_sample_draw(&sample, SCL_SAMPLER_DATA, e->n, model, &stream, &ws, &err), err);
        double square = 0;
        for (size_t j = 0; j < D; j++) {
            add(&to->mean[j], sample.mean[j]);
            for (size_t i = 0; i < D; i++) {
                double off = SCL_AT(sample.S, i, j) - SCL_AT(e->C, i, j);
                square += SCL_AT(sample.S, i, j) * SCL_AT(sample.S, i, j);
                add(&to->S[i][j], off);
                add(&to->variance[i][j], off * off - SCL_AT(e->variance, i, j));
                add(&to->mean_covariance[i][j], sample.mean[i] * sample.mean[j] - SCL_AT(e->C, i, j) / e->n);
                add(&to->product[i][j], sample.mean[j] * (SCL_AT(sample.S, i, i) - SCL_AT(e->C, i, i)));
            }
        }
        add(&to->square, square - e->square);
    }
    scl_arena_free(&ws);
    scl_sample_free(&sample);
}

static void check_one(zero_mean v, const char *name, const char *what, size_t i, size_t j)
{
    if (!(fabs(z_of(v)) < Z_LIMIT))
        fail_msg("%s: %s (%zu, %zu) is off by %.2f standard errors", name, what, i, j, z_of(v));
}

/* Student 12: its S has eighth moments and more, so that means of its squares are nearly normal. 100 means for each of 6 cells at
 * 1e-6. In each cell the Gaussian formulas must be refused for tr S^2 or for the variance of some S_ij. */
static void each_law(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        scl_law latent, noise;
        double latent_excess, noise_excess, n;
    } cells[] = {
        {"rademacher both", {SCL_LAW_RADEMACHER, 0}, {SCL_LAW_RADEMACHER, 0}, -2, -2, 20},
        {"rademacher latent", {SCL_LAW_RADEMACHER, 0}, {SCL_LAW_GAUSSIAN, 0}, -2, 0, 20},
        {"rademacher noise, blocks", {SCL_LAW_GAUSSIAN, 0}, {SCL_LAW_RADEMACHER, 0}, 0, -2, 300},
        {"uniform both, n < d", {SCL_LAW_UNIFORM, 0}, {SCL_LAW_UNIFORM, 0}, -1.2, -1.2, 5},
        {"uniform latent, student noise", {SCL_LAW_UNIFORM, 0}, {SCL_LAW_STUDENT, 12}, -1.2, 0.75, 20},
        {"student both", {SCL_LAW_STUDENT, 12}, {SCL_LAW_STUDENT, 12}, 0.75, 0.75, 40},
    };
    for (size_t c = 0; c < sizeof cells / sizeof *cells; c++) {
        scl_model model = sampling_model(D, R, 1.4, false);
        model.latent = cells[c].latent;
        model.noise_law = cells[c].noise;
        expected right = expect(&model, cells[c].n, cells[c].latent_excess, cells[c].noise_excess);
        expected wrong = expect(&model, cells[c].n, 0, 0);
        sums s = {0}, w = {0};
        simulate(&s, &model, &right, cells[c].name);
        simulate(&w, &model, &wrong, cells[c].name);
        check_one(s.square, cells[c].name, "tr S^2", 0, 0);
        double seen = fabs(z_of(w.square));
        for (size_t j = 0; j < D; j++) {
            check_one(s.mean[j], cells[c].name, "xbar", j, 0);
            for (size_t i = 0; i < D; i++) {
                check_one(s.S[i][j], cells[c].name, "S", i, j);
                check_one(s.variance[i][j], cells[c].name, "Var S", i, j);
                check_one(s.mean_covariance[i][j], cells[c].name, "Cov xbar", i, j);
                check_one(s.product[i][j], cells[c].name, "Cov(xbar, S)", i, j);
                seen = fmax(seen, fabs(z_of(w.variance[i][j])));
            }
        }
        if (!(seen > Z_LIMIT)) fail_msg("%s: the Gaussian formula passes (%.2f)", cells[c].name, seen);
        expected_free(&right);
        expected_free(&wrong);
        scl_model_free(&model);
    }
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(formulas_agree), cmocka_unit_test(all_rademacher_samples),
                                       cmocka_unit_test(each_law)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
