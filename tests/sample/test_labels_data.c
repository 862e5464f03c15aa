/* Labelled samples drawn as data against their definitions, from the same random numbers in the documented order. */
#include "sample/labelling.h"

#include <stdio.h>

static const double ROUNDING = 16 * DBL_EPSILON;

#define REGRESSION SCL_TASK_REGRESSION
#define LOGISTIC   SCL_TASK_LOGISTIC
#define PROBIT     SCL_TASK_PROBIT
#define CLASSES    SCL_TASK_CLASSES
#define STUDENT                                                                                                        \
    {                                                                                                                  \
        SCL_LAW_STUDENT, 5                                                                                             \
    }
#define SIGNS                                                                                                          \
    {                                                                                                                  \
        SCL_LAW_RADEMACHER, 0                                                                                          \
    }

enum { BLOCK = 256 };

/* All samples of the sampler data by data_block.h's order: blocks of 256 (fewer in the last), latents (classes: uniforms), then noise. */
typedef struct slow {
    scl_matrix X, Z; /* Z of variance 1 */
    double *class_of;
} slow;

static slow slow_data(size_t n, const scl_model *model, scl_stream *stream)
{
    size_t d = model->d, r = model->r;
    slow all = {.X = dense_new(d, n), .Z = dense_new(r, n), .class_of = calloc(n, sizeof(double))};
    scl_matrix E = dense_new(d, BLOCK), simplex = dense_new(r, r + 1);
    double u[BLOCK];
    assert_non_null(all.class_of);
    scl_simplex(simplex);
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t m = n - first < BLOCK ? n - first : BLOCK;
        if (model->task.kind == CLASSES) {
            scl_stream_uniforms(u, stream, m);
            for (size_t i = 0; i < m; i++) {
                size_t c = 0;
                while ((double)(c + 1) <= u[i] * (double)(r + 1)) c++;
                all.class_of[first + i] = (double)c;
                for (size_t k = 0; k < r; k++) SCL_AT(all.Z, k, first + i) = SCL_AT(simplex, k, c);
            }
        } else {
            scl_law_fill(&SCL_AT(all.Z, 0, first), stream, r * m, model->latent);
        }
        scl_law_fill(E.data, stream, d * m, model->noise_law);
        for (size_t i = 0; i < m; i++)
            for (size_t j = 0; j < d; j++) {
                double x = sqrt(model->sigma2[j]) * SCL_AT(E, j, i);
                for (size_t k = 0; k < r; k++)
                    x += sampling_nu(model, k) * SCL_AT(model->U, j, k) * SCL_AT(all.Z, k, first + i);
                SCL_AT(all.X, j, first + i) = x;
            }
    }
    scl_matrix_free(&E);
    scl_matrix_free(&simplex);
    return all;
}

static void slow_free(slow *all)
{
    scl_matrix_free(&all->X);
    scl_matrix_free(&all->Z);
    free(all->class_of);
}

static scl_stream slow_set_stream(size_t set)
{
    char text[64];
    snprintf(text, sizeof text, "set=%zu\nlabels", set + 1);
    return scl_stream_make(7, SCL_ROLE_LABELS, text, 3);
}

/* Labels (tasks of a set x m) of samples first .. first + m - 1, whose noise is drawn in pieces that end where blocks of the n end. */
static scl_matrix slow_labels(const slow *all, size_t first, size_t m, size_t task, size_t tasks, const scl_task *t,
                              scl_stream *stream)
{
    scl_matrix Y = dense_new(tasks, m);
    for (size_t at = 0; at < m;) {
        size_t count = BLOCK - (first + at) % BLOCK;
        if (count > m - at) count = m - at;
        double *e = malloc(tasks * count * sizeof *e);
        assert_non_null(e);
        if (t->kind == LOGISTIC)
            scl_stream_uniforms(e, stream, tasks * count);
        else
            scl_stream_normals(e, stream, tasks * count);
        for (size_t i = 0; i < count; i++)
            for (size_t s = 0; s < tasks; s++) {
                double score = 0, noise = e[s + tasks * i];
                for (size_t k = 0; k < all->Z.rows; k++)
                    score += SCL_AT(t->w, k, task + s) * SCL_AT(all->Z, k, first + at + i);
                if (t->kind == REGRESSION)
                    SCL_AT(Y, s, at + i) = score + t->label_noise * noise;
                else if (t->kind == PROBIT)
                    SCL_AT(Y, s, at + i) = score + t->offset + noise > 0;
                else
                    SCL_AT(Y, s, at + i) = noise > 1 / (1 + exp(score + t->offset));
            }
        free(e);
        at += count;
    }
    return Y;
}

/* Sample covariance of two rows of numbers, with its size for a tolerance. */
static double covariance(const double *x, size_t step_x, const double *y, size_t step_y, size_t m, double *size)
{
    double mean_x = 0, mean_y = 0, sum = 0, square_x = 0, square_y = 0;
    for (size_t i = 0; i < m; i++) {
        mean_x += x[i * step_x] / (double)m, mean_y += y[i * step_y] / (double)m;
        square_x += x[i * step_x] * x[i * step_x], square_y += y[i * step_y] * y[i * step_y];
    }
    for (size_t i = 0; i < m; i++) sum += (x[i * step_x] - mean_x) * (y[i * step_y] - mean_y);
    *size = sqrt(square_x * square_y);
    return m > 1 ? sum / (double)(m - 1) : 0;
}

static double mean_of_row(const double *x, size_t step, size_t m)
{
    double sum = 0;
    for (size_t i = 0; i < m; i++) sum += x[i * step];
    return sum / (double)m;
}

/* What labels hold of task `task`, against X (d x m) and its labels. */
static void check_task(const scl_labels *l, scl_matrix X, size_t task, const double *y, size_t step)
{
    double size, var = covariance(y, step, y, step, X.cols, &size), tolerance = ROUNDING * (1 + size);
    ASSERT_NEAR(l->mean_y[task], mean_of_row(y, step, X.cols), tolerance);
    ASSERT_NEAR(l->var_y[task], var, tolerance);
    for (size_t j = 0; j < X.rows; j++) {
        double cov = covariance(X.data + j, X.ld, y, step, X.cols, &size);
        ASSERT_NEAR(SCL_AT(l->cov_xy, j, task), cov, ROUNDING * (1 + size));
    }
}

/* ... of the first set's x, and of its classes. */
static void check_first(const scl_labels *l, scl_matrix X, const double *y, size_t step)
{
    for (size_t j = 0; j < X.rows; j++) {
        double size;
        ASSERT_NEAR(l->mean[j], mean_of_row(X.data + j, X.ld, X.cols), ROUNDING * 100);
        for (size_t i = 0; i < X.rows; i++) {
            double cov = covariance(X.data + j, X.ld, X.data + i, X.ld, X.cols, &size);
            ASSERT_NEAR(SCL_AT(l->S, i, j), cov, ROUNDING * size);
        }
    }
    for (size_t c = 0; c < l->n_classes; c++) {
        double count = 0;
        for (size_t i = 0; i < X.cols; i++) count += y[i * step] == (double)c;
        assert_true(l->counts[c] == count);
        for (size_t j = 0; j < X.rows; j++) {
            double sum = 0;
            for (size_t i = 0; i < X.cols; i++)
                if (y[i * step] == (double)c) sum += SCL_AT(X, j, i);
            ASSERT_NEAR(SCL_AT(l->class_means, j, c), count > 0 ? sum / count : 0, ROUNDING * 1000);
        }
    }
}

static const labelling_case data_cases[] = {
    {"regression", REGRESSION, 5, 2, 1, .n = 40, .m = 17, .label_noise = .3},
    {"three sets across blocks", REGRESSION, 5, 2, 3, .n = 700, .m = 213, .label_noise = .3},
    {"shared", REGRESSION, 4, 3, 3, .n = 600, .m = 301, .label_noise = 2, .shared = true, .unequal = true},
    {"all labelled", LOGISTIC, 5, 2, 2, .n = 26, .m = 13, .offset = 1},
    {"probit", PROBIT, 5, 2, 2, .n = 300, .m = 299, .offset = -1, .shared = true},
    {"laws", LOGISTIC, 5, 2, 1, .n = 300, .m = 280, .latent = STUDENT, .noise_law = SIGNS},
    {"one sample", PROBIT, 5, 2, 1, .n = 9, .m = 1},
    {"classes", CLASSES, 5, 2, .n = 600, .m = 300, .latent = STUDENT, .noise_law = {SCL_LAW_UNIFORM, 0}},
    {"two classes", CLASSES, 5, 1, .n = 9, .m = 8},
    {"apart", REGRESSION, 5, 2, 2, .n = 30, .m = 300, .label_noise = .3, .apart = true, .latent = STUDENT},
    {"classes apart", CLASSES, 5, 3, .n = 30, .m = 300, .apart = true},
    {"infinite n", LOGISTIC, 5, 2, 2, .n = INFINITY, .m = 20}};

/* Means, covariances and classes of what is drawn as data; the samples themselves; x is as without labels. */
static void data_by_definition(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof data_cases / sizeof *data_cases; c++) {
        const labelling_case *of = &data_cases[c];
        labelling l = labelling_new(of, SCL_SAMPLER_DATA);
        const scl_labels *labels = &l.sample.labels;
        bool apart = of->apart || isinf(of->n), classes = of->kind == CLASSES;
        size_t m = (size_t)of->m, n_tasks = classes ? 1 : of->tasks, sets = of->shared ? 1 : n_tasks;
        size_t tasks = of->shared ? n_tasks : 1;
        labelling_spoil(&l);
        labelling_draw(&l, 3);
        assert_true(labels->m == of->m && labels->head_m == of->m && labels->apart == apart);
        assert_true(labels->n_tasks == n_tasks && labels->X.rows == of->d && labels->X.cols == m);
        scl_stream stream = labelling_data(&l, 3);
        slow all = {0};
        if (!apart) all = slow_data((size_t)of->n, &l.model, &stream);
        for (size_t set = 0; set < sets; set++) {
            scl_stream labels_stream = slow_set_stream(set);
            scl_matrix X, Y;
            if (apart) { /* blocks of x and labels alternate */
                X = dense_new(of->d, m), Y = dense_new(tasks, m);
                for (size_t at = 0; at < m; at += BLOCK) {
                    size_t count = m - at < BLOCK ? m - at : BLOCK;
                    slow block = slow_data(count, &l.model, &labels_stream);
                    scl_matrix_copy(scl_matrix_columns(X, at, count), block.X);
                    if (classes)
                        memcpy(&SCL_AT(Y, 0, at), block.class_of, count * sizeof(double));
                    else {
                        scl_matrix y = slow_labels(&block, 0, count, set, tasks, &l.model.task, &labels_stream);
                        scl_matrix_copy(scl_matrix_columns(Y, at, count), y);
                        scl_matrix_free(&y);
                    }
                    slow_free(&block);
                }
            } else {
                X = dense_new(of->d, m);
                scl_matrix_copy(X, scl_matrix_columns(all.X, set * m, m));
                if (classes) {
                    Y = dense_new(1, m);
                    memcpy(Y.data, all.class_of, m * sizeof(double));
                } else {
                    Y = slow_labels(&all, set * m, m, set, tasks, &l.model.task, &labels_stream);
                }
            }
            if (set == 0) {
                assert_true(dense_difference(X, labels->X) < 1e-12);
                for (size_t i = 0; i < m; i++) ASSERT_NEAR(labels->y[i], SCL_AT(Y, 0, i), 1e-13);
                check_first(labels, X, Y.data, tasks);
            }
            for (size_t s = 0; s < tasks && !classes; s++) check_task(labels, X, set + s, Y.data + s, tasks);
            scl_matrix_free(&X);
            scl_matrix_free(&Y);
        }
        if (!apart) slow_free(&all);
        /* the bits without labels */
        scl_sample plain = sampling_new(of->d);
        scl_error err = {0};
        stream = labelling_data(&l, 3);
        scl_label_source source = labelling_source(3);
        ASSERT_OK(scl_sample_draw_labelled(&plain, l.sampler, l.n, (scl_label_plan){0}, &l.model, &stream, &source,
                                           &l.ws, &err),
                  err);
        assert_true(plain.labels.m == 0);
        assert_memory_equal(plain.S.data, l.sample.S.data, of->d * of->d * sizeof(double));
        assert_memory_equal(plain.mean, l.sample.mean, of->d * sizeof(double));
        scl_sample_free(&plain);
        labelling_free(&l);
    }
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(data_by_definition)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
