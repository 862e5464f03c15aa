/* Each sampler against a slow computation from the same random numbers, the population, and the promises of sample.h.
 *
 * Data: X is made again, sample after sample, in the documented order; mean and S by their definitions.
 * Moments: B itself is hidden, but with B B' = C everything that does not depend on the choice of B is known from T:
 *   n xbar' C^{-1} xbar = |z|^2, and the eigenvalues of C^{-1} k S are those of T T'.
 * At n = 1e30 T T'/k is I to rounding, so S is B B' itself, which must be C. */
#include "sample/sampling.h"

#include <stdio.h>

static const double ROUNDING = 8 * DBL_EPSILON;

/* The order of data.c: blocks of 256 samples (fewer in the last), in each the latent values of all its samples, then their
 * noise values. */
enum { BLOCK = 256 };

static scl_matrix slow_data(size_t n, const scl_model *model, scl_stream stream)
{
    size_t d = model->d, r = model->r;
    scl_matrix X = dense_new(d, n);
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t m = n - first < BLOCK ? n - first : BLOCK;
        scl_matrix Z = dense_new(r, m), E = dense_new(d, m);
        scl_law_fill(Z.data, &stream, r * m, model->latent);
        scl_law_fill(E.data, &stream, d * m, model->noise_law);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < d; j++) {
                double x = sqrt(model->sigma2[j]) * SCL_AT(E, j, i);
                for (size_t k = 0; k < r; k++) x += sampling_nu(model, k) * SCL_AT(model->U, j, k) * SCL_AT(Z, k, i);
                SCL_AT(X, j, first + i) = x;
            }
        scl_matrix_free(&Z);
        scl_matrix_free(&E);
    }
    return X;
}

/* Mean and covariance by their definitions, two passes, for every law. Tolerance: n eps times the size of the terms. */
static void data_by_definition(void **state)
{
    (void)state;
    static const size_t shapes[][3] = {{4, 2, 2},     {7, 3, 255}, {7, 3, 256}, {7, 3, 257}, {12, 2, 1000},
                                       {33, 10, 600}, {40, 1, 17}, {5, 5, 511}, {1, 1, 300}, {3, 1, 513}};
    static const scl_law laws[] = {{SCL_LAW_GAUSSIAN, 0},
                                   {SCL_LAW_RADEMACHER, 0},
                                   {SCL_LAW_UNIFORM, 0},
                                   {SCL_LAW_STUDENT, 3},
                                   {SCL_LAW_STUDENT, 40}};
    for (size_t s = 0; s < 2 * sizeof shapes / sizeof *shapes; s++) {
        size_t d = shapes[s / 2][0], r = shapes[s / 2][1], n = shapes[s / 2][2];
        scl_model model = s % 2 ? sampling_unequal(d, r, 1.5, false) : sampling_model(d, r, 1.5, false);
        model.latent = laws[s / 2 % 5];
        model.noise_law = laws[s / 2 % 4];
        scl_sample sample = sampling_new(d);
        scl_stream stream = scl_stream_make(6, SCL_ROLE_DATA, "data", (uint32_t)s);
        sampling_draw(&sample, SCL_SAMPLER_DATA, (double)n, &model, stream);
        assert_true(sample.n == (double)n && sample.model == &model);
        scl_matrix X = slow_data(n, &model, stream);
        double *mean = calloc(d, sizeof *mean), size = dense_frobenius(X);
        assert_non_null(mean);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < d; j++) mean[j] += SCL_AT(X, j, i) / (double)n;
        for (size_t j = 0; j < d; j++) {
            ASSERT_NEAR(sample.mean[j], mean[j], ROUNDING * size);
            for (size_t i = 0; i < d; i++) {
                double sum = 0;
                for (size_t k = 0; k < n; k++) sum += (SCL_AT(X, i, k) - mean[i]) * (SCL_AT(X, j, k) - mean[j]);
                ASSERT_NEAR(SCL_AT(sample.S, i, j), sum / ((double)n - 1), ROUNDING * size * size);
            }
        }
        sampling_symmetric(sample.S);
        free(mean);
        scl_matrix_free(&X);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

/* T T' from the documented order: d normals of the mean first; chi-squares on substreams; then the normals of T, one long
 * sequence dealt out column by column below the diagonal. For k >= d the columns are those of L = T', so L'L. */
static scl_matrix slow_gram(size_t d, double k, double *z, scl_stream stream)
{
    size_t columns = k < (double)d ? (size_t)k : d;
    scl_stream_normals(z, &stream, d);
    double *chi = malloc(d * sizeof *chi);
    size_t count = 0;
    for (size_t j = 0; j < columns; j++) count += d - 1 - j;
    double *normals = malloc((count + 1) * sizeof *normals);
    assert_non_null(chi);
    assert_non_null(normals);
    for (size_t i = 0; i < columns; i++) {
        scl_stream sub = scl_stream_sub(&stream, (uint32_t)i);
        chi[i] = scl_chi_square(&sub, k - (double)i);
    }
    scl_stream_normals(normals, &stream, count);
    scl_matrix T = dense_new(d, columns);
    bool triangular = columns == d;
    for (size_t j = 0, at = 0; j < columns; j++) {
        SCL_AT(T, j, j) = sqrt(chi[triangular ? d - 1 - j : j]);
        for (size_t i = j + 1; i < d; i++) SCL_AT(T, i, j) = normals[at++];
    }
    scl_matrix transposed = dense_transpose(T);
    scl_matrix G = triangular ? dense_product(transposed, T) : dense_product(T, transposed);
    free(chi);
    free(normals);
    scl_matrix_free(&T);
    scl_matrix_free(&transposed);
    return G;
}

/* Generalised eigenvalues of A v = w C v, ascending, by LAPACK. */
static void generalised_eigenvalues(double *values, scl_matrix A, scl_matrix C)
{
    lapack_int d = (lapack_int)A.rows;
    scl_matrix a = dense_new(A.rows, A.cols), c = dense_new(A.rows, A.cols);
    scl_matrix_copy(a, A);
    scl_matrix_copy(c, C);
    assert_int_equal(LAPACKE_dsygv(LAPACK_COL_MAJOR, 1, 'N', 'L', d, a.data, d, c.data, d, values), 0);
    scl_matrix_free(&a);
    scl_matrix_free(&c);
}

/* x' C^{-1} x by Cholesky. */
static double mahalanobis(const double *x, scl_matrix C)
{
    lapack_int d = (lapack_int)C.rows;
    scl_matrix c = dense_new(C.rows, C.cols), y = dense_new(C.rows, 1);
    scl_matrix_copy(c, C);
    memcpy(y.data, x, C.rows * sizeof(double));
    assert_int_equal(LAPACKE_dposv(LAPACK_COL_MAJOR, 'L', d, 1, c.data, d, y.data, d), 0);
    double sum = 0;
    for (size_t i = 0; i < C.rows; i++) sum += x[i] * y.data[i];
    scl_matrix_free(&c);
    scl_matrix_free(&y);
    return sum;
}

static double condition(scl_matrix C)
{
    double *values = malloc(C.rows * sizeof *values);
    assert_non_null(values);
    dense_eigen(values, NULL, C);
    double ratio = values[0] / values[C.rows - 1];
    free(values);
    return ratio;
}

static void moments_by_invariants(void **state)
{
    (void)state;
    static const struct {
        size_t d, r;
        double n, nu;
    } cells[] = {{6, 2, 20, 1.5},  {6, 2, 7, 1.5}, {6, 2, 6, 1.5},  {6, 2, 3, 1.5}, {6, 2, 2, 1.5},
                 {1, 1, 2, 1},     {1, 1, 9, 2},   {5, 5, 30, 0.1}, {20, 3, 11, 3}, {50, 10, 1e9, 1},
                 {60, 10, 200, 5}, {90, 2, 70, 1}, {90, 2, 91, 1},  {90, 2, 90, 1}, {47, 1, 4096, 20}};
    for (size_t way = 0; way < 2 * sizeof cells / sizeof *cells; way++) {
        size_t c = way / 2, d = cells[c].d;
        double n = cells[c].n, k = n - 1;
        scl_model model = way % 2 ? sampling_unequal(d, cells[c].r, cells[c].nu, false)
                                  : sampling_model(d, cells[c].r, cells[c].nu, false);
        scl_sample sample = sampling_new(d);
        scl_stream stream = scl_stream_make(6, SCL_ROLE_DATA, "moments", (uint32_t)c);
        sampling_draw(&sample, SCL_SAMPLER_MOMENTS, n, &model, stream);
        sampling_symmetric(sample.S);
        double *z = malloc(d * sizeof *z), *ours = malloc(d * sizeof *ours), *theirs = malloc(d * sizeof *theirs);
        scl_matrix C = sampling_covariance(&model), G = slow_gram(d, k, z, stream);
        double rounding = ROUNDING * (double)d * condition(C), square = 0;
        for (size_t i = 0; i < d; i++) square += z[i] * z[i];
        ASSERT_NEAR(n * mahalanobis(sample.mean, C), square, rounding * square);
        generalised_eigenvalues(ours, sample.S, C);
        dense_eigen(theirs, NULL, G); /* descending */
        for (size_t i = 0; i < d; i++) ASSERT_NEAR(k * ours[i], theirs[d - 1 - i], rounding * theirs[0]);
        free(z);
        free(ours);
        free(theirs);
        scl_matrix_free(&C);
        scl_matrix_free(&G);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

/* Two-point laws and few samples: a coordinate often has one value in all of them, whose variance rounding would leave at either side of
 * 0. It is 0, with its covariances, and in every S |S_ij| <= sqrt(S_ii S_jj). */
static void constant_coordinates(void **state)
{
    (void)state;
    enum { D = 6, R = 2 };
    scl_model model = sampling_model(D, R, 1.3, false);
    model.latent.kind = model.noise_law.kind = SCL_LAW_RADEMACHER;
    scl_sample sample = sampling_new(D);
    size_t constant = 0;
    for (uint32_t replicate = 0; replicate < 600; replicate++) {
        size_t n = 2 + replicate % 3;
        scl_stream stream = scl_stream_make(6, SCL_ROLE_DATA, "constant", replicate);
        scl_matrix X = slow_data(n, &model, stream), S = sample.S;
        sampling_draw(&sample, SCL_SAMPLER_DATA, (double)n, &model, stream);
        for (size_t j = 0; j < D; j++) {
            double spread = 0;
            for (size_t i = 1; i < n; i++) spread = fmax(spread, fabs(SCL_AT(X, j, i) - SCL_AT(X, j, 0)));
            bool is_constant = spread < 1e-12;
            constant += is_constant;
            assert_true(is_constant ? SCL_AT(S, j, j) == 0 : SCL_AT(S, j, j) > 1e-12);
            for (size_t i = 0; i < D; i++)
                assert_true(fabs(SCL_AT(S, i, j)) <= sqrt(SCL_AT(S, i, i) * SCL_AT(S, j, j)) * (1 + 1e-6));
        }
        sampling_symmetric(S);
        scl_matrix_free(&X);
    }
    assert_in_range(constant, 60, 600);
    scl_sample_free(&sample);
    scl_model_free(&model);
}

/* B B' = C, on strong and weak spikes and on noise of one and of many sizes. */
static void cheap_factor(void **state)
{
    (void)state;
    static const struct {
        size_t d, r;
        double nu;
        bool equal;
    } cells[] = {{1, 1, 1, true},    {2, 2, 1, false},  {30, 1, 100, false}, {30, 30, 1, false},
                 {64, 10, 1, false}, {64, 10, 1, true}, {80, 5, 1e-3, false}};
    for (size_t way = 0; way < 2 * sizeof cells / sizeof *cells; way++) {
        size_t c = way / 2, d = cells[c].d, r = cells[c].r;
        double nu = cells[c].nu, largest = way % 2 ? 3 * nu : nu;
        scl_model model =
            way % 2 ? sampling_unequal(d, r, nu, cells[c].equal) : sampling_model(d, r, nu, cells[c].equal);
        scl_sample sample = sampling_new(d);
        scl_stream stream = scl_stream_make(6, SCL_ROLE_DATA, "factor", (uint32_t)c);
        sampling_draw(&sample, SCL_SAMPLER_MOMENTS, 1e30, &model, stream);
        scl_matrix C = sampling_covariance(&model);
        double size = largest * largest + 4;
        double error = dense_difference(sample.S, C), allowed = ROUNDING * (double)(d + 8) * size;
        if (!(error <= allowed)) fail_msg("d = %zu: B B' - C = %.3g, allowed %.3g", d, error, allowed);
        scl_matrix_free(&C);
        scl_sample_free(&sample);
        scl_model_free(&model);
    }
}

/* n infinite: mean 0 and S = C, by either sampler, without a random number, whatever the laws are. */
static void check_population(scl_model model, double size)
{
    scl_sample sample = sampling_new(25);
    scl_matrix C = sampling_covariance(&model);
    for (int sampler = SCL_SAMPLER_MOMENTS; sampler <= SCL_SAMPLER_DATA; sampler++) {
        model.latent.kind = sampler == SCL_SAMPLER_DATA ? SCL_LAW_RADEMACHER : SCL_LAW_GAUSSIAN;
        model.noise_law = (scl_law){SCL_LAW_STUDENT, 2.5};
        scl_stream stream = scl_stream_make(6, SCL_ROLE_DATA, "population", 0);
        scl_arena ws = dense_arena(1);
        scl_error err = {0};
        assert_int_equal(scl_sample_workspace((scl_sampler)sampler, 25, 4, INFINITY), 0);
        ASSERT_OK(scl_sample_draw(&sample, (scl_sampler)sampler, INFINITY, &model, &stream, &ws, &err), err);
        assert_true(stream.block == 0 && isinf(sample.n));
        assert_true(dense_difference(sample.S, C) <= ROUNDING * size);
        sampling_symmetric(sample.S);
        for (size_t j = 0; j < 25; j++) assert_true(sample.mean[j] == 0);
        scl_arena_free(&ws);
    }
    scl_matrix_free(&C);
    scl_sample_free(&sample);
    scl_model_free(&model);
}

static void population(void **state)
{
    (void)state;
    check_population(sampling_model(25, 4, 1.3, false), 8);
    check_population(sampling_unequal(25, 4, 1.3, false), 4 + 3.9 * 3.9);
}

/* n = 1e9 by moments: the same memory, the same stretch of the stream as n = 1e4, and S within 1e-4 or so of C: each entry
 * within Z standard deviations sqrt((C_ij^2 + C_ii C_jj)/k); 820 entries at 6: false alarm 2e-6. */
static void a_billion_samples(void **state)
{
    (void)state;
    enum { D = 40 };
    scl_model model = sampling_model(D, 3, 1, false);
    scl_sample sample = sampling_new(D);
    scl_matrix C = sampling_covariance(&model);
    assert_int_equal(scl_sample_workspace(SCL_SAMPLER_MOMENTS, D, 3, 1e9),
                     scl_sample_workspace(SCL_SAMPLER_MOMENTS, D, 3, 1e4));
    assert_int_equal(scl_sample_workspace(SCL_SAMPLER_DATA, D, 3, 1e9),
                     scl_sample_workspace(SCL_SAMPLER_DATA, D, 3, 1e4));
    uint64_t blocks[2];
    static const double sizes[] = {1e4, 1e9};
    for (int i = 0; i < 2; i++) {
        scl_stream stream = scl_stream_make(6, SCL_ROLE_DATA, "billion", 0);
        scl_error err = {0};
        scl_arena ws = dense_arena(scl_sample_workspace(SCL_SAMPLER_MOMENTS, D, 3, sizes[i]));
        ASSERT_OK(scl_sample_draw(&sample, SCL_SAMPLER_MOMENTS, sizes[i], &model, &stream, &ws, &err), err);
        blocks[i] = stream.block;
        scl_arena_free(&ws);
    }
    assert_true(blocks[0] == blocks[1]);
    for (size_t j = 0; j < D; j++)
        for (size_t i = 0; i < D; i++) {
            double c = SCL_AT(C, i, j), sd = sqrt((c * c + SCL_AT(C, i, i) * SCL_AT(C, j, j)) / (1e9 - 1));
            ASSERT_NEAR(SCL_AT(sample.S, i, j), c, 6 * sd);
        }
    scl_matrix_free(&C);
    scl_sample_free(&sample);
    scl_model_free(&model);
}

/* The same stream gives the same bits; another replicate gives others. */
static void same_stream_same_bits(void **state)
{
    (void)state;
    enum { D = 50 };
    static const double sizes[] = {20, 50, 51, 700};
    scl_model model = sampling_model(D, 4, 1, false);
    scl_sample one = sampling_new(D), two = sampling_new(D);
    for (int sampler = SCL_SAMPLER_MOMENTS; sampler <= SCL_SAMPLER_DATA; sampler++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            scl_stream stream = scl_stream_make(6, SCL_ROLE_DATA, "bits", 1);
            sampling_draw(&one, (scl_sampler)sampler, sizes[i], &model, stream);
            sampling_draw(&two, (scl_sampler)sampler, sizes[i], &model, stream);
            assert_memory_equal(one.S.data, two.S.data, D * D * sizeof(double));
            assert_memory_equal(one.mean, two.mean, D * sizeof(double));
            stream.replicate = 2;
            sampling_draw(&two, (scl_sampler)sampler, sizes[i], &model, stream);
            assert_memory_not_equal(one.S.data, two.S.data, D * D * sizeof(double));
            assert_memory_not_equal(one.mean, two.mean, D * sizeof(double));
        }
    scl_sample_free(&one);
    scl_sample_free(&two);
    scl_model_free(&model);
}

/* auto is moments for Gaussian laws alone; what is said stays. */
static void auto_depends_on_the_laws(void **state)
{
    (void)state;
    for (int latent = 0; latent < SCL_N_LAWS; latent++)
        for (int noise = 0; noise < SCL_N_LAWS; noise++) {
            scl_model_spec spec = {.latent = {(scl_law_kind)latent, 5}, .noise_law = {(scl_law_kind)noise, 5}};
            bool both_gaussian = latent == SCL_LAW_GAUSSIAN && noise == SCL_LAW_GAUSSIAN;
            assert_int_equal(scl_sampler_resolve(SCL_SAMPLER_AUTO, &spec),
                             both_gaussian ? SCL_SAMPLER_MOMENTS : SCL_SAMPLER_DATA);
            assert_int_equal(scl_sampler_resolve(SCL_SAMPLER_MOMENTS, &spec), SCL_SAMPLER_MOMENTS);
            assert_int_equal(scl_sampler_resolve(SCL_SAMPLER_DATA, &spec), SCL_SAMPLER_DATA);
        }
}

static void bad_requests(void **state)
{
    (void)state;
    static const double too_few[] = {1, 0, -5, 1.5, NAN};
    scl_model model = sampling_model(4, 1, 1, false);
    scl_sample sample = sampling_new(4), small = sampling_new(3);
    scl_stream stream = scl_stream_make(6, SCL_ROLE_DATA, "bad", 0);
    scl_arena ws = dense_arena(scl_sample_workspace(SCL_SAMPLER_MOMENTS, 4, 1, 10));
    for (size_t i = 0; i < sizeof too_few / sizeof *too_few; i++) {
        scl_error err = {0};
        assert_int_equal(scl_sample_draw(&sample, SCL_SAMPLER_MOMENTS, too_few[i], &model, &stream, &ws, &err),
                         SCL_ERR_SHAPE);
    }
    scl_error err = {0};
    assert_int_equal(scl_sample_draw(&small, SCL_SAMPLER_DATA, 10, &model, &stream, &ws, &err), SCL_ERR_SHAPE);
    for (int which = 0; which < 2; which++) { /* either law is enough */
        scl_model other = model;
        *(which ? &other.latent : &other.noise_law) = (scl_law){SCL_LAW_UNIFORM, 0};
        scl_error why = {0};
        assert_int_equal(scl_sample_draw(&sample, SCL_SAMPLER_MOMENTS, 10, &other, &stream, &ws, &why), SCL_ERR_INPUT);
        assert_non_null(strstr(why.message, "uniform"));
    }
    scl_arena_free(&ws);
    scl_sample_free(&sample);
    scl_sample_free(&small);
    scl_model_free(&model);
    size_t live = scl_memory_live();
    for (size_t k = 1; k <= 2; k++) {
        scl_memory_fail_at(k);
        assert_int_equal(scl_sample_new(&sample, 4, NULL), SCL_ERR_MEMORY);
        scl_memory_fail_at(0);
        assert_null(sample.S.data);
        assert_int_equal(scl_memory_live(), live);
    }
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_by_definition),
        cmocka_unit_test(moments_by_invariants),
        cmocka_unit_test(constant_coordinates),
        cmocka_unit_test(cheap_factor),
        cmocka_unit_test(population),
        cmocka_unit_test(a_billion_samples),
        cmocka_unit_test(same_stream_same_bits),
        cmocka_unit_test(auto_depends_on_the_laws),
        cmocka_unit_test(bad_requests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
