/* Labelled samples against their definitions, from the same random numbers, and the promises of labels.h and sample.h. */
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

/* The least eigenvalue of the covariance of (x, y_0). */
static double least_joint_eigenvalue(const scl_labels *l)
{
    size_t d = l->S.rows;
    scl_matrix J = dense_new(d + 1, d + 1);
    double values[16];
    assert_true(d < 16);
    for (size_t j = 0; j < d; j++) {
        memcpy(&SCL_AT(J, 0, j), &SCL_AT(l->S, 0, j), d * sizeof(double));
        SCL_AT(J, d, j) = SCL_AT(J, j, d) = SCL_AT(l->cov_xy, j, 0);
    }
    SCL_AT(J, d, d) = l->var_y[0];
    dense_eigen(values, NULL, J);
    scl_matrix_free(&J);
    return values[d];
}

static size_t rank_of(scl_matrix S)
{
    double values[16];
    size_t rank = 0;
    assert_true(S.rows <= 16);
    dense_eigen(values, NULL, S);
    while (rank < S.rows && values[rank] > 1e-10 * values[0]) rank++;
    return rank;
}

static const labelling_case moment_cases[] = {
    {"regression", REGRESSION, 5, 2, 1, .n = 40, .m = 17, .label_noise = .3},
    {"two samples", REGRESSION, 5, 2, 1, .n = 40, .m = 2, .label_noise = .3},
    {"one sample", REGRESSION, 5, 2, 2, .n = 2, .m = 1, .label_noise = .3},
    {"m = d", REGRESSION, 9, 2, 3, .n = 9, .m = 9, .label_noise = .3, .shared = true},
    {"more tasks than samples", REGRESSION, 9, 2, 12, .n = 7, .m = 7, .label_noise = .3, .shared = true},
    {"logistic", LOGISTIC, 5, 2, 1, .n = 20, .m = 20, .offset = 1},
    {"probit", PROBIT, 12, 3, 4, .n = 30, .m = 7, .offset = -1},
    {"probit, one sample", PROBIT, 12, 3, 1, .n = 30, .m = 1},
    {"y = t", REGRESSION, 5, 2, 1, .n = 20, .m = 12},
    {"y = t, d = r = 1", REGRESSION, 1, 1, 1, .n = 20, .m = 20},
    {"small label noise", REGRESSION, 5, 2, 1, .n = 20, .m = 12, .label_noise = 1e-9},
    {"all labels equal", LOGISTIC, 5, 2, 2, .n = 20, .m = 12, .offset = 60, .shared = true},
    {"classes", CLASSES, 5, 2, .n = 60, .m = 60},
    {"classes, one sample", CLASSES, 5, 2, .n = 3, .m = 1},
    {"more classes than samples", CLASSES, 12, 6, .n = 30, .m = 4},
    {"infinite n", PROBIT, 5, 2, 2, .n = INFINITY, .m = 20}};

/* What holds of any sample, whatever its numbers are: identities, ranks, bounds; both samplers; a draw is made twice alike. */
static void identities(void **state)
{
    (void)state;
    for (size_t c = 0; c < 2 * (sizeof moment_cases / sizeof *moment_cases); c++) {
        const labelling_case *of = &moment_cases[c / 2];
        labelling l = labelling_new(of, c % 2 ? SCL_SAMPLER_DATA : SCL_SAMPLER_MOMENTS);
        const scl_labels *y = &l.sample.labels;
        size_t d = of->d;
        double m = of->m;
        for (uint32_t replicate = 0; replicate < 50; replicate++) {
            labelling_spoil(&l);
            labelling_draw(&l, replicate);
            double first = SCL_AT(y->S, 0, 0), last = l.sample.mean[d - 1];
            sampling_symmetric(l.sample.S);
            sampling_symmetric(y->S);
            assert_int_equal(y->X.rows, c % 2 ? d : 0);
            if (m > 1)
                assert_int_equal(rank_of(y->S), d < (size_t)m - 1 ? d : (size_t)m - 1);
            else
                assert_true(dense_frobenius(y->S) == 0);
            if (isfinite(of->n)) assert_int_equal(rank_of(l.sample.S), d < (size_t)of->n - 1 ? d : (size_t)of->n - 1);
            if (m == of->n) {
                assert_true(dense_difference(y->S, l.sample.S) < 1e-13 * dense_frobenius(y->S));
                for (size_t j = 0; j < d; j++)
                    ASSERT_NEAR(y->mean[j], l.sample.mean[j], 1e-14 * (1 + fabs(y->mean[j])));
            }
            double total = 0;
            for (size_t k = 0; k < y->n_classes; k++) total += y->counts[k];
            if (y->n_classes) assert_true(total == m);
            for (size_t j = 0; y->n_classes && j < d; j++) {
                double sum = 0;
                for (size_t k = 0; k < y->n_classes; k++) sum += y->counts[k] * SCL_AT(y->class_means, j, k);
                ASSERT_NEAR(sum, m * y->mean[j], 1e-13 * m * 10);
                if (of->kind == CLASSES || m < 2) continue;
                double gap = SCL_AT(y->class_means, j, 1) - SCL_AT(y->class_means, j, 0);
                double cov = y->counts[0] * y->counts[1] / m * gap / (m - 1);
                ASSERT_NEAR(SCL_AT(y->cov_xy, j, 0), cov, 1e-13 * 10);
            }
            if (y->cov_xy.cols && m > 1) assert_true(least_joint_eigenvalue(y) > -1e-12 * dense_frobenius(y->S));
            for (size_t s = 0; s < y->cov_xy.cols; s++) {
                if (m > 1 && of->kind == REGRESSION) assert_true(y->var_y[s] > 0);
                if (y->n_classes) { /* labels 0 and 1 */
                    ASSERT_NEAR(y->var_y[s] * (m - 1), m * y->mean_y[s] * (1 - y->mean_y[s]), 1e-13 * m);
                    if (s == 0) ASSERT_NEAR(y->mean_y[s], y->counts[1] / m, 1e-15);
                }
                if (m > 1 && of->offset < 50) continue;
                assert_true(y->var_y[s] == 0);
                for (size_t j = 0; j < d; j++) assert_true(SCL_AT(y->cov_xy, j, s) == 0);
            }
            labelling_spoil(&l);
            labelling_draw(&l, replicate);
            assert_true(first == SCL_AT(y->S, 0, 0) && last == l.sample.mean[d - 1]);
        }
        labelling_free(&l);
    }
}

/* One task twice, y = t: two equal columns; and label noise that vanishes moves nothing by more than its size. */
static void degenerate_tasks(void **state)
{
    (void)state;
    static const double twice[] = {.6, .8, .6, .8};
    labelling_case of = {"", REGRESSION, 6, 2, 2, .n = 30, .m = 9, .shared = true, .given = twice};
    labelling_case small = of;
    small.label_noise = 1e-8;
    labelling l = labelling_new(&of, SCL_SAMPLER_MOMENTS), k = labelling_new(&small, SCL_SAMPLER_MOMENTS);
    for (uint32_t replicate = 0; replicate < 20; replicate++) {
        labelling_draw(&l, replicate);
        labelling_draw(&k, replicate);
        const scl_labels *y = &l.sample.labels, *z = &k.sample.labels;
        ASSERT_NEAR(y->var_y[0], y->var_y[1], 1e-14);
        for (size_t j = 0; j < of.d; j++) {
            ASSERT_NEAR(SCL_AT(y->cov_xy, j, 0), SCL_AT(y->cov_xy, j, 1), 1e-14);
            ASSERT_NEAR(SCL_AT(y->cov_xy, j, 0), SCL_AT(z->cov_xy, j, 0), 1e-6);
            assert_true(SCL_AT(z->cov_xy, j, 0) != SCL_AT(z->cov_xy, j, 1));
        }
    }
    labelling_free(&l);
    labelling_free(&k);
}

/* Sets draw from streams of their own: the first set of three is the set of one task, and the second is another. */
static void streams(void **state)
{
    (void)state;
    static const double same[] = {.6, .8, .6, .8, .6, .8};
    for (int way = 0; way < 2; way++) {
        scl_sampler sampler = way ? SCL_SAMPLER_DATA : SCL_SAMPLER_MOMENTS;
        labelling_case one = {"",           REGRESSION, 6, 2, 1, .n = 30, .m = 9, .label_noise = .1, .apart = true,
                              .given = same};
        labelling_case three = one;
        three.tasks = 3;
        labelling l = labelling_new(&one, sampler), k = labelling_new(&three, sampler);
        labelling_draw(&l, 0);
        labelling_draw(&k, 0);
        scl_labels *y = &l.sample.labels, *z = &k.sample.labels;
        for (size_t j = 0; j < one.d; j++) {
            assert_true(SCL_AT(y->cov_xy, j, 0) == SCL_AT(z->cov_xy, j, 0));
            assert_true(SCL_AT(z->cov_xy, j, 0) != SCL_AT(z->cov_xy, j, 1));
            assert_true(SCL_AT(z->cov_xy, j, 1) != SCL_AT(z->cov_xy, j, 2));
        }
        assert_memory_equal(y->S.data, z->S.data, 36 * sizeof(double));
        assert_memory_equal(l.sample.S.data, k.sample.S.data, 36 * sizeof(double)); /* apart: x is left alone */
        double before = SCL_AT(y->cov_xy, 0, 0);
        scl_error err = {0};
        scl_stream stream = labelling_data(&l, 0);
        scl_label_source pilot = labelling_source(0);
        pilot.role = SCL_ROLE_PILOT;
        ASSERT_OK(scl_sample_draw_labelled(&l.sample, sampler, l.n, l.plan, &l.model, &stream, &pilot, &l.ws, &err),
                  err);
        assert_true(SCL_AT(y->cov_xy, 0, 0) != before);
        labelling_free(&l);
        labelling_free(&k);
    }
}

static scl_status refused(labelling *l, double n, scl_label_plan plan, const char *text, scl_error *err)
{
    scl_error_clear(err);
    scl_stream stream = labelling_data(l, 0);
    scl_label_source source = labelling_source(0);
    source.text = text;
    return scl_sample_draw_labelled(&l->sample, l->sampler, n, plan, &l->model, &stream, &source, &l->ws, err);
}

static void errors(void **state)
{
    (void)state;
    scl_error err = {0};
    static char text[20000];
    memset(text, 'x', sizeof text - 1);
    for (int way = 0; way < 2; way++) {
        labelling_case of = {"", REGRESSION, 6, 2, 2, .n = 18, .m = 9, .label_noise = .1};
        labelling l = labelling_new(&of, way ? SCL_SAMPLER_DATA : SCL_SAMPLER_MOMENTS);
        assert_int_equal(refused(&l, 18, l.plan, "labels", &err), SCL_OK);
        assert_int_equal(refused(&l, 17, l.plan, "labels", &err), SCL_ERR_SHAPE);
        assert_string_equal(err.message, "18 labelled samples among 17");
        assert_int_equal(refused(&l, 17, (scl_label_plan){.m = INFINITY}, "labels", &err), SCL_ERR_SHAPE);
        assert_int_equal(refused(&l, 18, (scl_label_plan){.m = .5}, "labels", &err), SCL_ERR_SHAPE);
        assert_int_equal(refused(&l, 18, (scl_label_plan){.m = NAN}, "labels", &err), SCL_OK); /* none */
        assert_true(l.sample.labels.m == 0);
        assert_int_equal(refused(&l, 1, (scl_label_plan){.m = 1, .apart = true}, "labels", &err), SCL_ERR_SHAPE);
        assert_int_equal(refused(&l, 18, l.plan, text, &err), SCL_ERR_INTERNAL);
        if (way) assert_int_equal(refused(&l, 90, (scl_label_plan){.m = 10}, "labels", &err), SCL_ERR_SHAPE);
        l.ws.used = 0;
        l.model.task.w.cols = 1;
        assert_int_equal(refused(&l, 18, l.plan, "labels", &err), SCL_ERR_SHAPE);
        l.model.task.w.cols = 2;
        l.model.latent.kind = SCL_LAW_RADEMACHER;
        assert_int_equal(refused(&l, INFINITY, l.plan, "labels", &err), way ? SCL_OK : SCL_ERR_INPUT);
        labelling_free(&l);
    }
}

/* With kind classes the latents' law says nothing; that of the noise does. */
static void resolving(void **state)
{
    (void)state;
    scl_model_spec spec = {.latent = STUDENT};
    assert_int_equal(scl_sampler_resolve(SCL_SAMPLER_AUTO, &spec), SCL_SAMPLER_DATA);
    spec.task.kind = CLASSES;
    assert_int_equal(scl_sampler_resolve(SCL_SAMPLER_AUTO, &spec), SCL_SAMPLER_MOMENTS);
    spec.noise_law.kind = SCL_LAW_UNIFORM;
    assert_int_equal(scl_sampler_resolve(SCL_SAMPLER_AUTO, &spec), SCL_SAMPLER_DATA);
}

/* Every allocation fails in turn; smaller labels live in larger storage. */
static void storage(void **state)
{
    (void)state;
    scl_error err = {0};
    scl_labels labels;
    scl_label_sizes sizes = {.d = 4, .tasks = 3, .classes = 2, .kept = 5};
    size_t live = scl_memory_live(), k = 1;
    for (;; k++) {
        scl_error_clear(&err);
        scl_memory_fail_at(k);
        scl_status status = scl_labels_new(&labels, sizes, &err);
        scl_memory_fail_at(0);
        if (status == SCL_OK) break;
        assert_int_equal(status, SCL_ERR_MEMORY);
        assert_int_equal(scl_memory_live(), live);
    }
    assert_true(k > 5);
    assert_int_equal(scl_labels_doubles(sizes), 4 + 16 + 2 + 8 + 12 + 6 + 20 + 5);
    scl_labels view = scl_labels_within(&labels, (scl_label_sizes){.d = 3, .classes = 4});
    assert_true(view.S.rows == 3 && view.S.ld == 3 && view.S.data == labels.S.data);
    assert_true(view.n_tasks == 1 && view.n_classes == 4 && view.cov_xy.cols == 0 && view.X.rows == 0);
    assert_true(labels.n_tasks == 3 && labels.n_classes == 2 && labels.X.rows == 4 && labels.X.cols == 5);
    view = scl_labels_within(&labels, (scl_label_sizes){0});
    assert_true(view.n_tasks == 0 && view.n_classes == 0);
    scl_labels_free(&labels);
    assert_int_equal(scl_memory_live(), live);
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {cmocka_unit_test(data_by_definition),
                                       cmocka_unit_test(identities),
                                       cmocka_unit_test(degenerate_tasks),
                                       cmocka_unit_test(streams),
                                       cmocka_unit_test(errors),
                                       cmocka_unit_test(resolving),
                                       cmocka_unit_test(storage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
