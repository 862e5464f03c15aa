/* Draw texts and the hashes of the streams they name. The texts are written out by hand, the hashes come from an FNV-1a
 * in Python: a change of either moves every published number. */
#include "study/studies.h"

#include "study/draw_text.h"
#include "study/plan.h"

#define SEED 20211006u

static const char *const base_study =
    "name: x\nseed: 20211006\nmodel: {d: 40, r: 5, nu: 0.6, noise: {sigma_max: 1.5}}\n"
    "sample: {n: 20000}\nestimators: [pca]\nmetrics: [cos2]\n";

#define LOADINGS(word) "object=loadings\nmodel.d=40\nmodel.loadings=" word "\nmodel.r=5"
#define DATA(noise)    LOADED("model.loadings=haar", noise)
#define CONSTANT       "model.noise.profile=constant\nmodel.noise.sigma_max=1.5"
#define LOADED(loadings, noise)                                                                                        \
    "model.d=40\n" loadings "\n" noise "\nmodel.nu=0.6\nmodel.r=5\nsample.n=20000\nsample.sampler=moments"

typedef struct golden {
    const char *sets[4];
    size_t n_sets;
    const char *text;
    uint64_t hash;
    const char *loadings_text; /* NULL: of haar loadings */
    uint64_t loadings_hash;
} golden;

static const golden goldens[] = {
    {{NULL}, 0, DATA("model.noise.profile=constant\nmodel.noise.sigma_max=1.5"), 0x3128cd17804f2d6au, NULL, 0},
    {{"model.noise.profile=linear", "model.noise.ratio=.10"},
     2,
     DATA("model.noise.profile=linear\nmodel.noise.ratio=0.1\nmodel.noise.sigma_max=1.5"),
     0xadf5f10248d6837fu,
     NULL,
     0},
    {{"model.noise.profile=gap"},
     1,
     DATA("model.noise.profile=gap\nmodel.noise.sigma_max=1.5"),
     0xc68dd397efb942b0u,
     NULL,
     0},
    {{"model.noise={profile: golden}"},
     1,
     DATA("model.noise.max=4\nmodel.noise.min=0.25\nmodel.noise.profile=golden"),
     0x089e843f69c47678u,
     NULL,
     0},
    {{"model.noise={profile: two-level, ratio: 3, loud: .25}"},
     1,
     DATA("model.noise.loud=0.25\nmodel.noise.profile=two-level\nmodel.noise.ratio=3\nmodel.noise.sigma_max=1"),
     0xbba40f183fbac055u,
     NULL,
     0},
    {{"model.noise={profile: power, exponent: .5}"},
     1,
     DATA("model.noise.exponent=0.5\nmodel.noise.profile=power\nmodel.noise.sigma_max=1"),
     0x62453ab4deff1ac4u,
     NULL,
     0},
    {{"model.noise={profile: uniform, max: 3}"},
     1,
     DATA("model.noise.max=3\nmodel.noise.min=0.25\nmodel.noise.profile=uniform"),
     0xac494ff9127d5846u,
     NULL,
     0},
    {{"model.loadings=axis"},
     1,
     LOADED("model.loadings=axis", CONSTANT),
     0xc4be8c13492498e7u,
     LOADINGS("axis"),
     0x78083cdacc9560e4u},
    /* V is shared along the mass */
    {{"model.loadings.coherent.mass=.50"},
     1,
     LOADED("model.loadings=coherent\nmodel.loadings.coherent.mass=0.5", CONSTANT),
     0xb50d340e6c445e68u,
     LOADINGS("coherent"),
     0xcfebd93ed4144cd7u},
    {{"model.loadings={coherent: {mass: 0}}"},
     1,
     LOADED("model.loadings=coherent\nmodel.loadings.coherent.mass=0", CONSTANT),
     0xfeac50bfd4d3b5d1u,
     LOADINGS("coherent"),
     0xcfebd93ed4144cd7u},
    /* the same numbers written otherwise, and the sampler that auto stands for, name the same draw */
    {{"sample.n=2e4", "model.d=4.0e1", "model.nu=6e-1", "sample.sampler=moments"},
     4,
     DATA("model.noise.profile=constant\nmodel.noise.sigma_max=1.5"),
     0x3128cd17804f2d6au,
     NULL,
     0},
    /* neither do replicates, estimators, metrics or redraw enter */
    {{"replicates=3", "estimators=[random, oracle]", "metrics=[sin-theta-2]", "redraw=replicate"},
     4,
     DATA("model.noise.profile=constant\nmodel.noise.sigma_max=1.5"),
     0x3128cd17804f2d6au,
     NULL,
     0},
};

static void texts_and_hashes_are_pinned(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof goldens / sizeof *goldens; i++) {
        const golden *g = &goldens[i];
        scl_config config = config_with(base_study, g->sets, g->n_sets);
        scl_plan plan;
        scl_error err = {0};
        WELL(scl_plan_new(&plan, &config, &err), &err);
        assert_string_equal(plan.cells[0].data_text, g->text);
        assert_int_equal(scl_stream_hash(SEED, SCL_ROLE_DATA, plan.cells[0].data_text), g->hash);
        /* U is shared along noise, nu, n and the sampler */
        const char *loadings_text = g->loadings_text ? g->loadings_text : LOADINGS("haar");
        assert_string_equal(plan.cells[0].loadings_text, loadings_text);
        assert_int_equal(scl_stream_hash(SEED, SCL_ROLE_MODEL, loadings_text),
                         g->loadings_text ? g->loadings_hash : 0x36cf348e7d1561f5u);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
    assert_int_equal(scl_memory_live(), 0);
}

#define TASK_TEXT "object=task\nmodel.r=5\nmodel.task.w="

/* Tasks and labels: TASK's text holds what w is a function of, DATA's all; a study without task has none of these keys. */
static void tasks_and_labels_have_texts(void **state)
{
    (void)state;
    static const struct {
        const char *sets[5];
        size_t n_sets;
        const char *task_text, *after_r, *labelled;
    } cases[] = {
        {{"model.task.kind=regression"},
         1,
         TASK_TEXT "sphere",
         "\nmodel.task.kind=regression\nmodel.task.label_noise=0.1\nmodel.task.tasks=1\nmodel.task.w=sphere",
         ""},
        {{"model.task={kind: regression, w: diverse, tasks: 8, label_noise: 0}", "sample.labelled=50"},
         2,
         TASK_TEXT "diverse",
         "\nmodel.task.kind=regression\nmodel.task.label_noise=0\nmodel.task.tasks=8\nmodel.task.w=diverse",
         "sample.labelled=50\n"},
        {{"model.task={kind: logistic, w: [1, -0.50, -0, 0, 2]}", "sample.labelled_fraction=.01",
          "sample.labelled_apart=true", "sample.labelled_shared=true"},
         4,
         NULL,
         "\nmodel.task.kind=logistic\nmodel.task.offset=0\nmodel.task.tasks=1\nmodel.task.w=1,-0.5,0,0,2",
         "sample.labelled=200\nsample.labelled_apart=true\n"}, /* one task shares with none */
        {{"model.task={kind: regression, tasks: 2}", "sample.labelled=7", "sample.labelled_shared=true"},
         3,
         TASK_TEXT "sphere",
         "\nmodel.task.kind=regression\nmodel.task.label_noise=0.1\nmodel.task.tasks=2\nmodel.task.w=sphere",
         "sample.labelled=7\nsample.labelled_shared=true\n"},
        {{"model.task={kind: probit, offset: 1, tasks: 2, w: {axis: {direction: 2}}}"},
         1,
         NULL,
         "\nmodel.task.kind=probit\nmodel.task.offset=1\nmodel.task.tasks=2\nmodel.task.w=axis\n"
         "model.task.w.axis.direction=2",
         ""},
        {{"model.task.kind=classes", "sample.labelled=6"}, 2, NULL, "\nmodel.task.kind=classes", "sample.labelled=6\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scl_config config = config_with(base_study, cases[i].sets, cases[i].n_sets);
        scl_plan plan;
        scl_error err = {0};
        WELL(scl_plan_new(&plan, &config, &err), &err);
        char expected[800];
        snprintf(expected, sizeof expected,
                 "model.d=40\nmodel.loadings=haar\n" CONSTANT "\nmodel.nu=0.6\nmodel.r=5%s\n%ssample.n=20000\n"
                 "sample.sampler=moments",
                 cases[i].after_r, cases[i].labelled);
        assert_string_equal(plan.cells[0].data_text, expected);
        assert_string_equal(plan.cells[0].loadings_text, LOADINGS("haar"));
        assert_int_equal(plan.cells[0].task_text == NULL, cases[i].task_text == NULL);
        if (cases[i].task_text) assert_string_equal(plan.cells[0].task_text, cases[i].task_text);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
}

/* A file enters by what it holds, not by its name; the data sampler and the population have texts of their own. */
static void files_enter_by_their_bytes(void **state)
{
    (void)state;
    write_text(in_root("one.csv"), "0.5\n1\n2\n");
    write_text(in_root("other.csv"), "0.5\n1\n2\n");
    write_text(in_root("third.csv"), "0.5\n1\n2.0\n");
    write_text(in_root("u.csv"), "0\n-1\n0\n");
    write_text(in_root("v.csv"), "0\n-1\n0\n");
    static const struct {
        const char *loadings, *noise;
    } files[] = {{"dct", "one.csv"},
                 {"dct", "other.csv"},
                 {"dct", "third.csv"},
                 {"{file: u.csv}", "one.csv"},
                 {"{file: v.csv}", "one.csv"}};
    enum { N = sizeof files / sizeof *files };
    char *texts[N], *loadings[N];
    for (size_t i = 0; i < N; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 "name: x\nmodel: {d: 3, r: 1, loadings: %s, noise: {file: %s}}\n"
                 "sample: {n: inf, sampler: data}\nestimators: [pca]\nmetrics: [cos2]\n",
                 files[i].loadings, files[i].noise);
        scl_config config = config_of(text);
        scl_plan plan;
        scl_error err = {0};
        WELL(scl_plan_new(&plan, &config, &err), &err);
        texts[i] = strdup(plan.cells[0].data_text);
        loadings[i] = strdup(plan.cells[0].loadings_text);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
    assert_string_equal(texts[0], "model.d=3\nmodel.loadings=dct\nmodel.noise.file=14408254a3c1370b\nmodel.nu=1\n"
                                  "model.r=1\nsample.n=inf\nsample.sampler=data");
    assert_int_equal(scl_stream_hash(1, SCL_ROLE_DATA, texts[0]), 0xdd872e1149986763u);
    assert_string_equal(texts[0], texts[1]);
    assert_string_not_equal(texts[0], texts[2]);
    assert_string_equal(texts[3], "model.d=3\nmodel.loadings.file=6d4df211f81df4e7\nmodel.noise.file=14408254a3c1370b\n"
                                  "model.nu=1\nmodel.r=1\nsample.n=inf\nsample.sampler=data");
    assert_string_equal(loadings[3], "object=loadings\nmodel.d=3\nmodel.loadings.file=6d4df211f81df4e7\nmodel.r=1");
    assert_string_equal(texts[3], texts[4]);
    for (size_t i = 0; i < N; i++) {
        free(texts[i]);
        free(loadings[i]);
    }
}

/* A key that the profile does not use must not move the draws: the settings of a cell hold its default all the same. */
static void irrelevant_keys_are_left_out(void **state)
{
    (void)state;
    scl_config config = config_of(base_study);
    static const scl_noise profiles[] = {SCL_NOISE_CONSTANT, SCL_NOISE_LINEAR, SCL_NOISE_GAP,    SCL_NOISE_TWO_LEVEL,
                                         SCL_NOISE_GOLDEN,   SCL_NOISE_POWER,  SCL_NOISE_UNIFORM};
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        scl_settings one = scl_config_cell(&config, 0), other;
        one.model.noise = profiles[i];
        one.sampler = SCL_SAMPLER_MOMENTS;
        other = one;
        if (profiles[i] != SCL_NOISE_LINEAR && profiles[i] != SCL_NOISE_TWO_LEVEL) other.model.ratio = 77;
        bool by_variances = profiles[i] == SCL_NOISE_GOLDEN || profiles[i] == SCL_NOISE_UNIFORM;
        if (!by_variances) other.model.variance_min = other.model.variance_max = 77;
        if (by_variances) other.model.sigma_max = 77;
        if (profiles[i] != SCL_NOISE_TWO_LEVEL) other.model.loud = 77;
        if (profiles[i] != SCL_NOISE_POWER) other.model.exponent = 77;
        other.noise_hash = other.loadings_hash = 77;
        other.model.mass = .77; /* the loadings are haar */
        scl_text texts[2] = {0};
        scl_error err = {0};
        WELL(scl_draw_text_data(&texts[0], &one, &err), &err);
        WELL(scl_draw_text_data(&texts[1], &other, &err), &err);
        assert_string_equal(texts[0].data, texts[1].data);
        scl_text_free(&texts[0]);
        scl_text_free(&texts[1]);
    }
    scl_config_free(&config);
}

/* Random variances have a stream named by d and the profile: shared along min and max; other profiles have none. */
static void random_noise_has_a_text(void **state)
{
    (void)state;
    static const char *const sets[][1] = {{"model.noise={profile: uniform}"},
                                          {"model.noise={profile: uniform, min: 2}"},
                                          {"model.noise={profile: golden}"}};
    for (size_t i = 0; i < 3; i++) {
        scl_config config = config_with(base_study, sets[i], 1);
        scl_plan plan;
        scl_error err = {0};
        WELL(scl_plan_new(&plan, &config, &err), &err);
        if (i == 2)
            assert_null(plan.cells[0].noise_text);
        else
            assert_string_equal(plan.cells[0].noise_text, "object=noise\nmodel.d=40\nmodel.noise.profile=uniform");
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
}

/* A list of nu stands in the text while it fits, in its own order; a longer one by the FNV-1a of its text. */
static void lists_of_nu(void **state)
{
    (void)state;
    static const char *const sets[][2] = {{"model.nu=[2, 1.50, 1]", "model.r=3"},
                                          {"model.nu=[1, 2, 1.5]", "model.r=3"}};
    static const char *const expected[] = {"2,1.5,1", "1,2,1.5", "list-0050024b1e30e56b", "list-569aa8d790d77fa9"};
    char longer[2][700], lengths[] = "model.r=40";
    for (int i = 0; i < 2; i++) {
        strcpy(longer[i], "model.nu=[");
        for (int k = 0; k < 40; k++) strcat(longer[i], k == 39 ? i ? "1.5]" : "1.25]" : "1.25, ");
    }
    for (size_t i = 0; i < 4; i++) {
        const char *given[] = {i < 2 ? sets[i][0] : longer[i - 2], i < 2 ? sets[i][1] : lengths};
        scl_config config = config_with(base_study, given, 2);
        scl_draw_key keys[SCL_MAX_DRAW_KEYS];
        scl_settings settings = scl_config_cell(&config, 0);
        size_t n = scl_draw_keys(keys, &settings), at = 0;
        while (at < n && strcmp(keys[at].key, "model.nu") != 0) at++;
        assert_true(at < n);
        assert_string_equal(keys[at].value, expected[i]);
        scl_text loadings = {0};
        scl_error err = {0};
        WELL(scl_draw_text_loadings(&loadings, &settings, &err), &err);
        assert_null(strstr(loadings.data, "nu")); /* U is shared along nu */
        scl_text_free(&loadings);
        scl_config_free(&config);
    }
}

/* The keys are sorted, as the texts promise. */
static void keys_are_sorted(void **state)
{
    (void)state;
    scl_config config = config_of(base_study);
    for (int noise = 0; noise < SCL_N_NOISE; noise++) {
        scl_draw_key keys[SCL_MAX_DRAW_KEYS];
        scl_settings settings = scl_config_cell(&config, 0);
        settings.model.noise = (scl_noise)noise;
        size_t n = scl_draw_keys(keys, &settings);
        assert_in_range(n, 7, SCL_MAX_DRAW_KEYS);
        for (size_t i = 1; i < n; i++) assert_true(strcmp(keys[i - 1].key, keys[i].key) < 0);
    }
    scl_config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_and_hashes_are_pinned),
        cmocka_unit_test(tasks_and_labels_have_texts),
        cmocka_unit_test(files_enter_by_their_bytes),
        cmocka_unit_test(irrelevant_keys_are_left_out),
        cmocka_unit_test(random_noise_has_a_text),
        cmocka_unit_test(lists_of_nu),
        cmocka_unit_test(keys_are_sorted),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
