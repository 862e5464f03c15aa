/* The sweep: ranges, zips and blocks. Cells are compared with lists written by hand, ranges with their formula in
 * another arithmetic, a sweep in short with the same one in full. */
#include "study/studies.h"

#include "study/mutate.h"
#include "study/plan.h"

#define HEAD     "name: x\nmodel: {d: 10, r: 2}\nsample: {n: 100}\nestimators: [pca]\nmetrics: [cos2]\n"
#define SWEEP(s) HEAD "sweep: " s "\n"

/* The values of all axes in all cells: "40 100; 80 200". */
static void assert_cells(const char *text, const char *expected)
{
    scl_config config = config_of(text);
    scl_text cells = {0};
    scl_error err = {0};
    for (size_t c = 0; c < scl_config_cells(&config); c++)
        for (size_t a = 0; a < config.n_axes; a++)
            WELL(scl_text_add(&cells, &err, "%s%s",
                              a   ? " "
                              : c ? "; "
                                  : "",
                              scl_config_axis_value(&config, c, a)),
                 &err);
    assert_string_equal(scl_text_get(&cells), expected);
    scl_text_free(&cells);
    scl_config_free(&config);
    assert_int_equal(scl_memory_live(), 0);
}

/* ---- ranges ---- */

static void ranges_are_their_values(void **state)
{
    (void)state;
    assert_cells(SWEEP("{model.d: {geometric: [20, 640, 6]}}"), "20; 40; 80; 160; 320; 640");
    assert_cells(SWEEP("{model.d: {geometric: [640, 20, 6]}}"), "640; 320; 160; 80; 40; 20");
    assert_cells(SWEEP("{model.d: {linear: [10, 20, 4]}}"), "10; 13; 17; 20");
    assert_cells(SWEEP("{model.d: {linear: [20, 10, 11]}}"), "20; 19; 18; 17; 16; 15; 14; 13; 12; 11; 10");
    assert_cells(SWEEP("{model.d: {geometric: [2, 20, 9]}}"), "2; 3; 4; 5; 6; 8; 11; 15; 20"); /* 10 would repeat */
    assert_cells(SWEEP("{sample.n: {geometric: [1e3, 1e6, 4]}}"), "1000; 10000; 100000; 1000000");
    assert_cells(SWEEP("{sample.n: {linear: [2, 1e15, 2]}}"), "2; 1e+15");
    assert_cells(SWEEP("{model.nu: {linear: [.1, .5, 5]}}"), "0.1; 0.2; 0.3; 0.4; 0.5"); /* not 0.30000000000000004 */
    assert_cells(SWEEP("{model.nu: {geometric: [1, 2, 3]}}"), "1; 1.414213562; 2");
    assert_cells("name: x\nmodel: {d: 10, r: 2, nu: 1e50}\nsample: {n: 100}\nestimators: [pca]\nmetrics: [cos2]\n"
                 "sweep: {model.noise.sigma_max: {geometric: [1e-50, 1e50, 3]}}\n",
                 "1e-50; 1; 1e+50");
    assert_cells(SWEEP("{model.nu: {linear: [1.23456789012, 3.45678901234, 2]}}"),
                 "1.23456789012; 3.45678901234"); /* the ends are exact */
    assert_cells(SWEEP("{sample.n: [{geometric: [1e3, 1e5, 3]}, 500, {linear: [600, 700, 2]}, inf]}"),
                 "1000; 10000; 100000; 500; 600; 700; inf");
}

/* Every count, upwards and downwards, against long doubles: a root taken by logarithms, rounding by adding a half. */
static void ranges_agree_with_the_formula(void **state)
{
    (void)state;
    enum { FIRST = 1000, LAST = 1000000 };
    for (size_t count = 2; count <= 300; count += count < 20 ? 1 : 70) {
        for (int down = 0; down < 2; down++) {
            char text[300], expected[SCL_NUMBER_CHARS];
            double first = down ? LAST : FIRST, last = down ? FIRST : LAST;
            snprintf(text, sizeof text, SWEEP("{sample.n: {geometric: [%d, %d, %zu]}}"), (int)first, (int)last, count);
            scl_config config = config_of(text);
            assert_int_equal(scl_config_cells(&config), count);
            for (size_t i = 0; i < count; i++) {
                long double share = (long double)i / (long double)(count - 1);
                long double value = expl((1 - share) * logl(first) + share * logl(last));
                assert_string_equal(scl_config_axis_value(&config, i, 0),
                                    scl_number_shortest(expected, (double)floorl(value + .5L)));
                assert_true(scl_config_cell(&config, i).n == (double)floorl(value + .5L));
            }
            scl_config_free(&config);
        }
    }
}

static void assert_same_plan(const char *const texts[2])
{
    char *identities[2];
    for (size_t i = 0; i < 2; i++) {
        scl_config config = config_of(texts[i]);
        scl_plan plan;
        scl_error err = {0};
        WELL(scl_plan_new(&plan, &config, &err), &err);
        identities[i] = scl_strdup(plan.identity, NULL);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
    assert_string_equal(identities[0], identities[1]);
    scl_free(identities[0]);
    scl_free(identities[1]);
}

/* A range makes the plan of the list it stands for: the same draws, so the same numbers. */
static void a_range_is_the_plan_of_its_list(void **state)
{
    (void)state;
    static const char *const texts[] = {SWEEP("{model.d: {geometric: [20, 80, 3]}, model.nu: {linear: [.1, .3, 3]}}"),
                                        SWEEP("{model.d: [20, 40, 80], model.nu: [.1, .2, .3]}")};
    assert_same_plan(texts);
}

#define ASPECT_HEAD "name: x\nmodel: {d: 10, r: 2}\nestimators: [pca]\nmetrics: [cos2]\n"

static void assert_samples(const char *text, const double *n, size_t n_cells)
{
    scl_config config = config_of(text);
    assert_int_equal(scl_config_cells(&config), n_cells);
    for (size_t c = 0; c < n_cells; c++) assert_true(scl_config_cell(&config, c).n == n[c]);
    scl_config_free(&config);
}

/* n = d/aspect, rounded, halves upwards; it names the draws, so that an aspect is the n it stands for. */
static void an_aspect_is_its_n(void **state)
{
    (void)state;
    assert_samples(ASPECT_HEAD "sample: {aspect: 0.5}\n", (const double[]){20}, 1);
    assert_samples(ASPECT_HEAD "sample: {aspect: 0.3}\nsweep: {model.d: [10, 20]}\n", (const double[]){33, 67}, 2);
    assert_samples(ASPECT_HEAD "sweep: {sample.aspect: [4, 5, 1e-14]}\n", (const double[]){3, 2, 1e15}, 3);
    assert_samples(ASPECT_HEAD "sweep: {zip: {sample.aspect: [.5, 2], model.d: [10, 30]}, model.nu: [1, 2]}\n",
                   (const double[]){20, 20, 15, 15}, 4);
    assert_samples(ASPECT_HEAD "sample: {aspect: 0.5}\nsweep: [{model.d: [20]}, {sample.aspect: [.25]}]\n",
                   (const double[]){40, 40}, 2);
    static const char *const texts[] = {ASPECT_HEAD "sweep: {sample.aspect: [.5, .1], model.nu: [1, 2]}\n",
                                        ASPECT_HEAD "sweep: {sample.n: [20, 100], model.nu: [1, 2]}\n"};
    char *identities[2];
    for (size_t i = 0; i < 2; i++) {
        scl_config config = config_of(texts[i]);
        scl_plan plan;
        scl_error err = {0};
        WELL(scl_plan_new(&plan, &config, &err), &err);
        assert_null(strstr(plan.cells[0].data_text, "aspect"));
        identities[i] = scl_strdup(plan.identity, NULL);
        scl_plan_free(&plan);
        scl_config_free(&config);
    }
    assert_string_equal(identities[0], identities[1]);
    scl_free(identities[0]);
    scl_free(identities[1]);
    static const char *const set = "sample.n=9";
    scl_config config;
    scl_error err = {0};
    write_text(in_root("c.yaml"), ASPECT_HEAD "sample: {aspect: 0.5}\n");
    assert_int_equal(scl_config_read(&config, in_root("c.yaml"), &set, 1, NULL, &err), SCL_ERR_USAGE);
    assert_non_null(strstr(err.message, "--set sample.n=9: sample.n: sample.aspect is given too"));
}

/* The longest range there may be is read at once, twice over. */
static void long_ranges(void **state)
{
    (void)state;
    scl_config config = config_of(SWEEP("{sample.n: {linear: [2, 10001, 10000]}, model.nu: {geometric: [1, 9, 10]}}"));
    assert_int_equal(scl_config_cells(&config), 100000);
    assert_string_equal(scl_config_axis_value(&config, 99999, 0), "10001");
    assert_string_equal(scl_config_axis_value(&config, 54321, 0), "5434"); /* 2 + floor(54321/10) */
    scl_config_free(&config);
}

/* ---- zips ---- */

static void a_zip_is_one_factor(void **state)
{
    (void)state;
    assert_cells(SWEEP("{zip: {model.d: [40, 80], sample.n: [1e4, 2e4]}, model.r: [2, 5]}"),
                 "40 10000 2; 40 10000 5; 80 20000 2; 80 20000 5");
    assert_cells(SWEEP("{model.r: [2, 5], zip: {model.d: [40, 80], sample.n: [1e4, 2e4]}}"),
                 "2 40 10000; 2 80 20000; 5 40 10000; 5 80 20000");
    assert_cells(SWEEP("{model.r: [2, 5], zip: {model.d: [40, 80], sample.n: [1e4, inf]}, model.nu: [1, 3]}"),
                 "2 40 10000 1; 2 40 10000 3; 2 80 inf 1; 2 80 inf 3; 5 40 10000 1; 5 40 10000 3; 5 80 inf 1; "
                 "5 80 inf 3");
    assert_cells(SWEEP("{zip: {model.d: {geometric: [20, 80, 3]}, sample.n: [7, {linear: [8, 9, 2]}], "
                       "model.loadings: [dct, haar, haar]}}"),
                 "20 7 dct; 40 8 haar; 80 9 haar");
    assert_cells(SWEEP("{zip: {model.d: [40], sample.n: [7]}}"), "40 7");
    assert_cells(SWEEP("{zip: {model.d: [40, 40, 80], sample.n: [7, 8, 8]}}"), "40 7; 40 8; 80 8");
    scl_config config = config_of(SWEEP("{model.r: [2, 5], zip: {model.d: [40, 80], sample.n: [1e4, inf]}}"));
    assert_int_equal(config.n_axes, 3); /* each key has its column */
    scl_settings settings = scl_config_cell(&config, 3);
    assert_true(settings.model.r == 5 && settings.model.d == 80 && isinf(settings.n));
    scl_config_free(&config);
}

/* More values than there are profiles, and a key that only some of the profiles of other cells take. */
static void zipped_profiles_repeat(void **state)
{
    (void)state;
    scl_config config =
        config_of(SWEEP("{zip: {model.noise.profile: [gap, golden, gap, golden, gap, golden, gap, golden], "
                        "model.d: {linear: [10, 17, 8]}}}"));
    assert_int_equal(scl_config_cells(&config), 8);
    assert_int_equal(scl_config_cell(&config, 7).model.noise, SCL_NOISE_GOLDEN);
    assert_int_equal(scl_config_cell(&config, 7).model.d, 17);
    scl_config_free(&config);
}

static void assert_follows(const char *text, bool first_follows, bool second_follows)
{
    scl_config config = config_of(text);
    assert_int_equal(scl_config_follows(&config, 0, 1), first_follows);
    assert_int_equal(scl_config_follows(&config, 1, 0), second_follows);
    scl_config_free(&config);
}

static void who_follows_whom(void **state)
{
    (void)state;
    assert_follows(SWEEP("{zip: {model.d: [40, 80], sample.n: [7, 8]}}"), true, true);
    assert_follows(SWEEP("{zip: {model.d: [40, 80], sample.n: [7, 8]}, model.r: [1, 2]}"), true, true);
    assert_follows(SWEEP("{model.d: [40, 80], sample.n: [7, 8]}"), false, false);
    assert_follows(SWEEP("{model.d: [40], sample.n: [7]}"), false, false);
    assert_follows(SWEEP("{zip: {model.d: [40, 40, 80], sample.n: [7, 8, 9]}}"), true, false); /* two n have one d */
    assert_follows(SWEEP("[{zip: {model.d: [40, 80], sample.n: [7, 8]}}, {model.nu: [2, 3]}]"), true, true);
    assert_follows(SWEEP("[{zip: {model.d: [40, 80], sample.n: [7, 8]}}, {sample.n: [20, 30]}]"), false, false);
    assert_follows(SWEEP("[{zip: {model.d: [40, 80], sample.n: [7, 8]}}, {model.d: [40], sample.n: [9]}]"), true,
                   false); /* d = 40 has n = 7 and 9 */
}

/* ---- blocks ---- */

static void blocks_follow_each_other(void **state)
{
    (void)state;
    assert_cells(SWEEP("[{model.d: [20, 40]}, {sample.n: [50, inf]}]"), "20 100; 40 100; 10 50; 10 inf");
    assert_cells(SWEEP("[{}, {model.d: [20, 40]}]"), "10; 20; 40");
    assert_cells(SWEEP("[{model.d: [20]}, {}, {model.nu: [2]}]"), "20 1; 10 1; 10 2"); /* nu's default */
    assert_cells(SWEEP("[{model.d: [20, 40], model.r: [1, 2]}, {model.r: [3, 4], model.d: [20, 40]}]"),
                 "20 1; 20 2; 40 1; 40 2; 20 3; 40 3; 20 4; 40 4"); /* each block has its own order */
    assert_cells(SWEEP("[{zip: {model.d: [40, 80], sample.n: [1e3, 2e3]}, model.r: [2, 5]}, "
                       "{zip: {model.r: [3, 4], model.d: [30, 50]}}, {sample.n: {linear: [200, 300, 2]}}]"),
                 "40 1000 2; 40 1000 5; 80 2000 2; 80 2000 5; 30 100 3; 50 100 4; 10 200 2; 10 300 2");
    assert_cells("name: x\nmodel: {r: 2}\nsample: {n: 100}\nestimators: [pca]\nmetrics: [cos2]\n"
                 "sweep:\n  - model.d: [20, 40]\n  - {model.d: [20], model.nu: [2]}\n",
                 "20 1; 40 1; 20 2"); /* no d outside the sweep */
    scl_config config = config_of(SWEEP("[{model.d: [20, 40]}]"));
    assert_int_equal(config.n_blocks, 1);
    assert_int_equal(scl_config_cell(&config, 1).model.d, 40);
    scl_config_free(&config);
}

/* One block of many kinds against the loops it stands for; the cells of two blocks, in plan and settings. */
static void a_product_is_its_loops(void **state)
{
    (void)state;
    scl_config config = config_of(SWEEP("[{model.nu: [7]}, {model.d: {linear: [20, 24, 5]}, zip: {model.r: [1, 2, 3], "
                                        "sample.n: [11, 12, 13]}, model.nu: [1, 2], model.noise.sigma_max: [3, 4]}]"));
    size_t c = 1;
    for (size_t d = 20; d <= 24; d++)
        for (size_t r = 1; r <= 3; r++)
            for (int nu = 1; nu <= 2; nu++)
                for (int sigma = 3; sigma <= 4; sigma++, c++) {
                    scl_settings s = scl_config_cell(&config, c);
                    assert_true(s.model.d == d && s.model.r == r && s.n == 10 + (double)r && s.model.nu == nu &&
                                s.model.sigma_max == sigma);
                }
    assert_int_equal(scl_config_cells(&config), c);
    scl_settings first = scl_config_cell(&config, 0);
    assert_true(first.model.d == 10 && first.model.r == 2 && first.n == 100 && first.model.nu == 7 &&
                first.model.sigma_max == 1);
    scl_config_free(&config);
}

/* ---- conditions ---- */

static void conditions_leave_out_cells(void **state)
{
    (void)state;
#define GRID "model.d: [4, 8, 20], model.r: [2, 5, 8]"
    assert_cells(SWEEP("{" GRID ", when: [model.r <= model.d]}"), "4 2; 8 2; 8 5; 8 8; 20 2; 20 5; 20 8");
    assert_cells(SWEEP("{when: model.r < model.d, " GRID "}"), "4 2; 8 2; 8 5; 20 2; 20 5; 20 8");
    assert_cells(SWEEP("{" GRID ", when: [model.r <= 0.25 model.d]}"), "8 2; 20 2; 20 5");
    assert_cells(SWEEP("{" GRID ", when: [model.d >= 4 * model.r]}"), "8 2; 20 2; 20 5");
    assert_cells(SWEEP("{" GRID ", when: [4*model.r=model.d]}"), "8 2; 20 5");
    assert_cells(SWEEP("{" GRID ", when: [4 model.r != model.d, model.d > 4, model.r < 8, 5 <= model.r]}"), "8 5");
    /* keys that are not swept, the population, names */
    assert_cells(SWEEP("{model.d: [10, 60], sample.n: [50, 500, inf], when: [sample.n >= 10 model.d]}"),
                 "10 500; 10 inf; 60 inf");
    assert_cells(SWEEP("{model.d: [10, 60], when: [sample.n < 2 model.d]}"), "60"); /* n = 100 */
    assert_cells(SWEEP("{model.loadings: [haar, dct, positive], model.d: [10, 20], when: [model.loadings != dct]}"),
                 "haar 10; haar 20; positive 10; positive 20");
    assert_cells(SWEEP("{model.loadings: [haar, dct], model.d: [10, 20], when: [model.loadings = dct, model.d > 10]}"),
                 "dct 20");
    /* of a zip, and of a block: the others are numbered on */
    assert_cells(
        SWEEP("{zip: {model.d: [10, 20, 30], sample.n: [50, 40, 90]}, model.r: [2, 3], when: [sample.n > 45]}"),
        "10 50 2; 10 50 3; 30 90 2; 30 90 3");
    assert_cells(SWEEP("[{model.d: [20, 30, 40], when: [model.d != 30]}, {sample.n: [7, 8, 9]}, "
                       "{model.d: [50, 60], when: [model.d > 50]}]"),
                 "20 100; 40 100; 10 7; 10 8; 10 9; 60 100");
    /* a cell that a condition leaves out is no repetition */
    assert_cells(SWEEP("[{model.d: [20, 30], when: [model.d > 20]}, {model.d: [20]}]"), "30; 20");
    assert_samples(ASPECT_HEAD "sweep: {sample.aspect: [.5, .1], when: [sample.n > 50]}\n", (const double[]){100}, 1);
    assert_samples(ASPECT_HEAD "sweep: {sample.n: [20, 100], when: [sample.aspect > .2]}\n", (const double[]){20}, 1);
}

/* A condition is the list of the cells it leaves: the same draws under the same numbers. */
static void a_condition_is_the_plan_of_its_cells(void **state)
{
    (void)state;
    static const char *const texts[] = {
        SWEEP("{model.d: [20, 40, 80], model.r: [2, 10], when: [model.r <= 0.125 model.d]}"),
        SWEEP("{zip: {model.d: [20, 40, 80, 80], model.r: [2, 2, 2, 10]}}")};
    assert_same_plan(texts);
}

/* ---- from the command line, and under attack ---- */

static void sets(void **state)
{
    (void)state;
    static const char *const good[] = {"sweep={zip: {model.d: [40, 80], sample.n: {linear: [7, 8, 2]}}}"};
    scl_config config = config_with(HEAD, good, 1);
    assert_int_equal(scl_config_cells(&config), 2);
    assert_string_equal(scl_config_axis_value(&config, 1, 1), "8");
    scl_config_free(&config);
    static const struct {
        const char *set, *message;
    } bad[] = {
        {"sample.n=9", "--set sample.n=9: sample.n: the config sweeps this key (at 7:27)"},
        {"sweep.zip=[1]", "--set sweep.zip=[1]: unknown key \"sweep.zip\""},
        {"sweep={model.d: {linear: [1, 5]}}", "--set sweep={model.d: {linear: [1, 5]}}: model.d: linear has 2 numbers"},
        {"sweep={zip: {model.d: [1]}}", "sweep.zip: one key has nothing to advance with"},
        {"sweep=[{}, {}]", "sweep: repeats a cell of the block at 1:2"},
        {"model.r=41", "--set model.r=41: model.r: r = 41 is above d = 40 (in the cell model.d = 40, sample.n = 7)"},
    };
    write_text(in_root("c.yaml"), HEAD "sweep: {\n zip: {model.d: [40, 80], sample.n: [7, 8]}}\n");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        scl_error err = {0};
        assert_int_equal(scl_config_read(&config, in_root("c.yaml"), &bad[i].set, 1, NULL, &err), SCL_ERR_USAGE);
        if (!strstr(err.message, bad[i].message)) fail_msg("--set %s says %s", bad[i].set, err.message);
        assert_int_equal(scl_memory_live(), 0);
    }
}

static const char *const everything =
    SWEEP("\n  - model.r: [2, 5]\n    zip: {model.d: {geometric: [40, 160, 3]}, sample.n: [1e4, 2e4, inf]}\n"
          "  - {model.nu: {linear: [.1, .5, 5]}, sample.n: [{geometric: [1e3, 1e6, 4]}, .inf], "
          "when: [sample.n > 100 model.d, model.nu != .3]}\n"
          "  - zip:\n      model.loadings: [dct, positive]\n      model.noise.sigma_max: [2, 3]");

/* Every allocation fails in turn; nothing leaks. */
static void allocations_fail(void **state)
{
    (void)state;
    const char *const texts[] = {everything, SWEEP("[{}, {model.d: [20, {linear: [9, 11, 3]}]}]")};
    for (size_t i = 0; i < 2; i++) {
        size_t k = 0;
        write_text(in_root("c.yaml"), texts[i]);
        scl_status status = SCL_ERR_MEMORY;
        while (status == SCL_ERR_MEMORY) {
            scl_config config;
            scl_error err = {0};
            scl_memory_fail_at(++k);
            status = scl_config_read(&config, in_root("c.yaml"), NULL, 0, NULL, &err);
            scl_memory_fail_at(0);
            assert_int_equal(err.status, status);
            if (status == SCL_OK) scl_config_free(&config);
            assert_int_equal(scl_memory_live(), 0);
        }
        assert_int_equal(status, i == 0 ? SCL_OK : SCL_ERR_CONFIG); /* the second repeats a cell */
        assert_true(k > (i == 0 ? 80 : 15));                        /* at least one for each value */
    }
}

static void any_bytes(void **state)
{
    (void)state;
    enum { ROUNDS = 3000 };
    char text[1000];
    size_t start = strlen(HEAD), whole = strlen(everything), accepted = 0;
    uint64_t bits = 88172645463325252u;
    for (int round = 0; round < ROUNDS; round++) {
        memcpy(text, everything, whole);
        size_t length = start + mutate(text + start, whole - start, round, &bits); /* the sweep alone is damaged */
        text[length] = '\0';
        if (strlen(text) < length) continue;
        write_text(in_root("c.yaml"), text);
        scl_config config;
        scl_error err = {0};
        scl_status status = scl_config_read(&config, in_root("c.yaml"), NULL, 0, NULL, &err);
        accepted += status == SCL_OK;
        if (status == SCL_OK) {
            for (size_t c = 0; c < scl_config_cells(&config); c++)
                assert_true(scl_config_cell(&config, c).model.r <= scl_config_cell(&config, c).model.d);
            scl_config_free(&config);
        } else {
            assert_int_equal(status, SCL_ERR_CONFIG);
        }
        assert_int_equal(scl_memory_live(), 0);
    }
    assert_in_range(accepted, ROUNDS / 100, ROUNDS - ROUNDS / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_their_values),
        cmocka_unit_test(ranges_agree_with_the_formula),
        cmocka_unit_test(a_range_is_the_plan_of_its_list),
        cmocka_unit_test(an_aspect_is_its_n),
        cmocka_unit_test(long_ranges),
        cmocka_unit_test(a_zip_is_one_factor),
        cmocka_unit_test(zipped_profiles_repeat),
        cmocka_unit_test(who_follows_whom),
        cmocka_unit_test(blocks_follow_each_other),
        cmocka_unit_test(a_product_is_its_loops),
        cmocka_unit_test(conditions_leave_out_cells),
        cmocka_unit_test(a_condition_is_the_plan_of_its_cells),
        cmocka_unit_test(sets),
        cmocka_unit_test(allocations_fail),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, studies_setup, files_teardown);
}
