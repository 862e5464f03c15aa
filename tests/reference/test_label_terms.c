/* The strengths of label terms in docs/theory.md, section 6, from independent simulations: d = 100, r = 10, n = 2000, Haar U for each
 * replicate, sigma_j = 1 - j/(2d), nu = 1; T regression tasks of uniform directions, label noise .1, each with 500 labelled samples of
 * its own apart from the n, or all with the same ones. Means of ||sinTheta||_F over 160 (T = 1, 10) and 100 (T = 40) replicates there.
 * Ours must lie within 4 sqrt(their error^2 + our error^2) + half the last printed digit. 18 numbers: false alarm of the family
 * 18 x 6.3e-5 = .1 %. Of the shared sets no spread is printed: ours stands for theirs. */
#include "estimate/fitting.h"
#include "sample/sampling.h"

enum { D = 100, R = 10, N = 2000, M = 500, MOST = 6, REPLICATES = 100 };

typedef struct table {
    size_t tasks, replicates, n; /* theirs; numbers */
    bool shared;
    double alpha[MOST], mean[MOST], spread[MOST]; /* theirs; 0: not printed */
    double half_digit;
} table;

typedef struct drawing {
    scl_model_spec spec;
    scl_model model;
    scl_sample sample;
    scl_labels storage;
    scl_label_plan plan;
    scl_arena ws;
} drawing;

static drawing drawing_new(const table *t)
{
    scl_error err = {0};
    drawing g = {.spec = {.d = D,
                          .r = R,
                          .nu = 1,
                          .loadings = SCL_LOADINGS_HAAR,
                          .noise = SCL_NOISE_LINEAR,
                          .sigma_max = 1,
                          .ratio = 2,
                          .task = {.kind = SCL_TASK_REGRESSION,
                                   .weights = SCL_WEIGHTS_SPHERE,
                                   .n_tasks = t->tasks,
                                   .label_noise = 0.1}},
                 .plan = {.m = M, .apart = true, .shared = t->shared}};
    ASSERT_OK(scl_model_new(&g.model, D, R, &err), err);
    ASSERT_OK(scl_task_new(&g.model.task, R, t->tasks, &err), err);
    g.sample = sampling_new(D);
    scl_label_sizes sizes = scl_sample_label_sizes(&g.spec, SCL_SAMPLER_MOMENTS, M);
    ASSERT_OK(scl_labels_new(&g.storage, sizes, &err), err);
    g.sample.labels = scl_labels_within(&g.storage, sizes);
    size_t draw = scl_sample_labelled_workspace(SCL_SAMPLER_MOMENTS, &g.spec, N, M), model = scl_model_workspace(D, R);
    g.ws = dense_arena(draw + model + scl_task_workspace(R));
    return g;
}

static void draw(drawing *g, uint32_t replicate)
{
    scl_error err = {0};
    ASSERT_OK(scl_model_draw(&g->model, &g->spec, 6, "loadings", NULL, replicate, &g->ws, &err), err);
    ASSERT_OK(scl_task_draw(&g->model.task, &g->spec.task, R, 6, "tasks", replicate, &g->ws, &err), err);
    scl_stream stream = scl_stream_make(6, SCL_ROLE_DATA, "section 6", replicate);
    scl_label_source source = {.seed = 6, .role = SCL_ROLE_LABELS, .text = "section 6", .replicate = replicate};
    ASSERT_OK(scl_sample_draw_labelled(&g->sample, SCL_SAMPLER_MOMENTS, N, g->plan, &g->model, &stream, &source, &g->ws,
                                       &err),
              err);
}

static void check(const table *t)
{
    drawing g = drawing_new(t);
    scl_representation W = fitting_new(D, R);
    double sum[MOST] = {0}, squares[MOST] = {0};
    for (uint32_t replicate = 0; replicate < REPLICATES; replicate++) {
        draw(&g, replicate);
        for (size_t i = 0; i < t->n; i++) {
            double options[SCL_MAX_OPTIONS] = {t->alpha[i], 1};
            fitting_fit(&W, "label-terms", &g.sample, options, NULL);
            double off = fitting_distance(g.model.U, W.Q) - t->mean[i];
            sum[i] += off;
            squares[i] += off * off;
        }
    }
    for (size_t i = 0; i < t->n; i++) {
        double mean = sum[i] / REPLICATES, spread = sqrt((squares[i] - mean * sum[i]) / (REPLICATES - 1));
        double theirs = t->spread[i] > 0 ? t->spread[i] : spread;
        double error = sqrt(spread * spread / REPLICATES + theirs * theirs / (double)t->replicates);
        if (!(fabs(mean) <= 4 * error + t->half_digit))
            fail_msg("T = %zu%s, alpha = %g: %.4f, theirs %.4f, combined error %.4f", t->tasks,
                     t->shared ? " shared" : "", t->alpha[i], t->mean[i] + mean, t->mean[i], error);
    }
    scl_representation_free(&W);
    scl_arena_free(&g.ws);
    scl_labels_free(&g.storage);
    scl_sample_free(&g.sample);
    scl_task_free(&g.model.task);
    scl_model_free(&g.model);
}

static void one_task(void **state)
{
    (void)state;
    check(&(table){.tasks = 1,
                   .replicates = 160,
                   .n = 4,
                   .alpha = {0, .1, 1, 1e4},
                   .mean = {.6603, .6505, .6781, .6986},
                   .spread = {.020, .020, .020, .020}, /* of .017 to .020 */
                   .half_digit = .00005});
}

static void ten_tasks(void **state)
{
    (void)state;
    check(&(table){.tasks = 10,
                   .replicates = 160,
                   .n = 6,
                   .alpha = {0, .1, .3, 1, 10, 1e4},
                   .mean = {.6586, .5722, .6350, .8838, 1.5711, 1.6256},
                   .spread = {.018, .016, .018, .035, .093, .092},
                   .half_digit = .00005});
}

static void forty_tasks(void **state)
{
    (void)state;
    check(&(table){.tasks = 40,
                   .replicates = 100,
                   .n = 4,
                   .alpha = {0, .1, 1, 1e4},
                   .mean = {.6620, .4248, .5356, .5824},
                   .spread = {.018, .012, .020, .026},
                   .half_digit = .00005});
}

static void forty_tasks_on_one_set(void **state)
{
    (void)state;
    check(&(table){.tasks = 40,
                   .replicates = 100,
                   .n = 4,
                   .shared = true,
                   .alpha = {.1, .3, 1, 1e4},
                   .mean = {.674, .825, .932, .995},
                   .half_digit = .0005});
}

int main(void)
{
    scl_blas_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_task),
        cmocka_unit_test(ten_tasks),
        cmocka_unit_test(forty_tasks),
        cmocka_unit_test(forty_tasks_on_one_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
