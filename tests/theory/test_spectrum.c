/* The spectrum of tau C - H by its secular equation against a dense decomposition. */
#include "theory/predicting.h"

static void compare(const scl_model *model, scl_shift shift, double tau)
{
    size_t d = model->d, r = model->r;
    scl_error err = {0};
    double H[64], sums[3];
    scl_shift_diagonal(H, shift, model);
    predicting_spectrum dense = predicting_dense(model, H, tau);
    scl_arena ws = dense_arena(scl_spectrum_workspace(d, r));
    scl_spectrum M;
    ASSERT_OK(scl_spectrum_new(&M, model, H, &ws, &err), err);
    ASSERT_OK(scl_spectrum_at(&M, tau, &err), err);
    double scale = fabs(dense.w[0]), gap = dense.w[r - 1] - dense.w[r];
    assert_true(M.gap);
    double distance;
    scl_arena frame = dense_arena(scl_sines_workspace(d, r));
    ASSERT_OK(scl_sines(&distance, NULL, M.V, scl_matrix_columns(dense.V, 0, r), &frame, &err), err);
    scl_arena_free(&frame);
    ASSERT_NEAR(distance, 0, 1e-13 * scale / gap);
    assert_true(dense_frame_error(M.V) < 1e-13);
    for (size_t i = 0; i < r; i++) {
        ASSERT_NEAR(M.w[i], dense.w[i], 1e-13 * scale);
        double slow[3] = {0}, z = dense.w[i], least = INFINITY;
        for (size_t j = r; j < d; j++) {
            slow[0] += predicting_form(&dense, j, j) / (z - dense.w[j]);
            slow[1] += predicting_form(&dense, j, j) / (z - dense.w[j]) / (z - dense.w[j]);
            for (size_t l = r; l < d; l++) {
                double q = predicting_form(&dense, j, l);
                slow[2] += q * q / (z - dense.w[j]) / (z - dense.w[l]);
            }
            least = fmin(least, z - dense.w[j]);
        }
        ASSERT_OK(scl_spectrum_sums(sums, &M, i, true, &err), err);
        for (size_t s = 0; s < 3; s++) ASSERT_NEAR(sums[s], slow[s], 1e-11 * (1 + scale / least) * slow[s]);
        scl_matrix Y = dense_new(d, r);
        ASSERT_OK(scl_spectrum_resolve(Y, &M, i, model->U, &err), err);
        for (size_t a = 0; a < d; a++)
            for (size_t k = 0; k < r; k++) {
                double y = 0;
                for (size_t j = r; j < d; j++)
                    for (size_t b = 0; b < d; b++)
                        y += SCL_AT(dense.V, a, j) * SCL_AT(dense.V, b, j) * SCL_AT(model->U, b, k) / (z - dense.w[j]);
                ASSERT_NEAR(SCL_AT(Y, a, k), y, 1e-11 * (1 + scale / least) / least);
            }
        scl_matrix_free(&Y);
    }
    scl_arena_free(&ws);
    predicting_free(&dense);
}

static void agrees_with_lapack(void **state)
{
    (void)state;
    for (size_t which = 0; which < PREDICTING_MODELS; which++) {
        scl_model model = predicting_model(which);
        for (size_t s = 0; s < 3; s++)
            for (double tau = 1; tau < 3; tau += .45) compare(&model, predicting_shifts[s], tau);
        scl_model_free(&model);
    }
}

/* Where the r-th eigenvalue is no more than the next there is no gap, and that is said: the deleted diagonal of axis loadings (nothing
 * is left), loud coordinates that no loading touches, more of them than r, and one as loud as the spike. */
static void no_gap_is_said(void **state)
{
    (void)state;
    const scl_model_spec specs[] = {
        {.d = 10, .r = 2, .nu = 1, .loadings = SCL_LOADINGS_AXIS, .noise = SCL_NOISE_CONSTANT, .sigma_max = 1},
        {.d = 10,
         .r = 2,
         .nu = 1,
         .loadings = SCL_LOADINGS_AXIS,
         .noise = SCL_NOISE_FILE,
         .file_variances = (const double[]){1, 1, 9, 9, 9, 1, 1, 1, 1, 1}},
        {.d = 10,
         .r = 1,
         .nu = 2,
         .loadings = SCL_LOADINGS_AXIS,
         .noise = SCL_NOISE_FILE,
         .file_variances = (const double[]){1, 5, 1, 1, 1, 1, 1, 1, 1, 1}}};
    const scl_shift shifts[] = {SCL_SHIFT_DIAGONAL, SCL_SHIFT_ZERO, SCL_SHIFT_ZERO};
    for (size_t i = 0; i < 3; i++) {
        scl_error err = {0};
        scl_model model = sampling_model_of(&specs[i]);
        double H[10];
        scl_shift_diagonal(H, shifts[i], &model);
        scl_arena ws = dense_arena(scl_spectrum_workspace(10, model.r));
        scl_spectrum M;
        ASSERT_OK(scl_spectrum_new(&M, &model, H, &ws, &err), err);
        ASSERT_OK(scl_spectrum_at(&M, 1, &err), err);
        assert_false(M.gap);
        scl_arena_free(&ws);
        scl_model_free(&model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_lapack), cmocka_unit_test(no_gap_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
