/* The config reader. Every file of bad_configs/ begins with
 *     # expect: STATUS LINE:COLUMN part of the message ... another part
 * and must be refused with that status, there, in those words (parts in this order). Good configs are read value by
 * value; --set, cells, any bytes and failing allocations follow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "claims/from_summary.h"
#include "study/config.h"
#include "study/mutate.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BAD_FOLDER "tests/study/bad_configs"

static const char *const claims[] = {"contrastive-recovery-upper", "autoencoder-recovery-lower",
                                     "complementary-masks-delete-diagonal", "high-dimensional-limit"};
static const scl_config_names names = {.claims = claims, .n_claims = sizeof claims / sizeof *claims};
static const scl_config_names judged = {
    .claims = claims, .n_claims = sizeof claims / sizeof *claims, .claim_lacks = scl_claim_lacks};
static char folder[] = "/tmp/scl_test_config_XXXXXX";
static char path[64], csv_path[64];

static const char *const minimal =
    "name: x\nmodel: {d: 10, r: 2}\nsample: {n: 100}\nestimators: [pca]\nmetrics: [cos2]\n";

static const char *const everything =
    "format: 1\n"
    "name: recovery-vs-n_2.b\n"
    "question: >\n  Does the error fall\n  like 1/sqrt(n)?\n"
    "claims: [contrastive-recovery-upper, autoencoder-recovery-lower]\n"
    "seed: 9007199254740992\n"
    "replicates: 4e2\n"
    "model:\n"
    "  d: 40\n  r: 5\n  nu: 0.6\n  loadings: positive\n"
    "  noise: {profile: linear, sigma_max: 1.5, ratio: 4}\n"
    "  latent: gaussian\n  noise_law: gaussian\n"
    "sample:\n  n: 20000\n  sampler: moments\n"
    "estimators:\n"
    "  - pca\n"
    "  - {name: contrastive, id: mostly-kept_.9, keep-probability: 0.9, lambda: 2e3}\n"
    "  - contrastive\n"
    "metrics: [sin-theta-f, cos2]\n"
    "compare: [[contrastive, pca], [mostly-kept_.9, contrastive]]\n"
    "expect: {autoencoder-recovery-lower: refuted}\n"
    "sweep:\n"
    "  model.d: [40, 1e2]\n"
    "  model.noise.ratio: [.5, 2.0, 4]\n"
    "  sample.n: [1000, 1e9, .inf]\n"
    "redraw: replicate\n"
    "precision: {metric: cos2, mcse: 2e-3, max_replicates: 5e3}\n"
    "figure: {x: sample.n, y: sin-theta-f, scale: loglog, predictions: false, bounds: true, floor: 1e-3}\n";

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/c.yaml", folder);
    snprintf(csv_path, sizeof csv_path, "%s/sigma2.csv", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    unlink(csv_path);
    return rmdir(folder);
}

static void write_bytes(const char *to, const char *bytes, size_t length)
{
    FILE *file = fopen(to, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static scl_status read_bytes(scl_config *config, const char *bytes, size_t length, scl_error *err)
{
    write_bytes(path, bytes, length);
    return scl_config_read(config, path, NULL, 0, &names, err);
}

static void read_good(scl_config *config, const char *text)
{
    scl_error err = {0};
    if (read_bytes(config, text, strlen(text), &err) != SCL_OK) fail_msg("refused: %s", err.message);
}

/* ---- bad configs ---- */

/* True when the parts of `expected`, separated by " ... ", stand in the message one after the other. */
static bool says(const char *message, const char *expected)
{
    for (;;) {
        char part[512];
        const char *gap = strstr(expected, " ... ");
        size_t length = gap ? (size_t)(gap - expected) : strlen(expected);
        assert_in_range(length, 1, sizeof part - 1);
        memcpy(part, expected, length);
        part[length] = '\0';
        message = strstr(message, part);
        if (!message) return false;
        message += length;
        if (!gap) return true;
        expected = gap + 5;
    }
}

static void check_bad(const char *file)
{
    char first[600] = "", status_name[32] = "", place[32] = "", start[600];
    int words = 0;
    FILE *stream = fopen(file, "rb");
    assert_non_null(stream);
    bool read = fgets(first, sizeof first, stream) != NULL;
    fclose(stream);
    first[strcspn(first, "\n")] = '\0';
    if (!read || sscanf(first, "# expect: %31s %31s %n", status_name, place, &words) != 2 || words == 0)
        fail_msg("%s does not begin with what to expect", file);
    scl_config config;
    scl_error err = {0};
    scl_status status = scl_config_read(&config, file, NULL, 0, &judged, &err);
    if (status == SCL_OK) fail_msg("%s is accepted", file);
    snprintf(start, sizeof start, "%s:%s: ", file, place);
    if (strcmp(scl_status_name(status), status_name) != 0 || strncmp(err.message, start, strlen(start)) != 0 ||
        !says(err.message + strlen(start), first + words))
        fail_msg("\n  %s\n  gives    %s %s\n  expected %s", file, scl_status_name(status), err.message, first + 10);
    assert_int_equal(err.status, status);
    assert_int_equal(scl_memory_live(), 0);
}

static int is_yaml(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return dot && strcmp(dot, ".yaml") == 0;
}

static void bad_configs(void **state)
{
    (void)state;
    struct dirent **entries = NULL;
    int count = scandir(BAD_FOLDER, &entries, is_yaml, alphasort);
    assert_true(count >= 300);
    int kept_stderr = dup(STDERR_FILENO), heard[2];
    assert_int_equal(pipe(heard), 0);
    fflush(stderr);
    dup2(heard[1], STDERR_FILENO); /* whatever libfyaml prints would land here; a failed check prints here, too */
    char file[512];
    for (int i = 0; i < count; i++) {
        snprintf(file, sizeof file, BAD_FOLDER "/%s", entries[i]->d_name);
        scl_config config;
        if (scl_config_read(&config, file, NULL, 0, &judged, NULL) == SCL_OK) scl_config_free(&config);
    }
    fflush(stderr);
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
    close(heard[1]);
    char byte;
    ssize_t printed = read(heard[0], &byte, 1);
    close(heard[0]);
    assert_int_equal(printed, 0);
    for (int i = 0; i < count; i++) {
        snprintf(file, sizeof file, BAD_FOLDER "/%s", entries[i]->d_name);
        free(entries[i]);
        check_bad(file);
    }
    free(entries);
}

static void refuse(const char *bytes, size_t length, const char *message)
{
    scl_config config;
    scl_error err = {0};
    assert_int_equal(read_bytes(&config, bytes, length, &err), SCL_ERR_CONFIG);
    if (!strstr(err.message, message)) fail_msg("says \"%s\", not \"%s\"", err.message, message);
    assert_int_equal(scl_memory_live(), 0);
}

/* Files that are too large or too empty to keep beside the others. */
static void extreme_files(void **state)
{
    (void)state;
    refuse("", 0, ":1:1: the file says nothing");
    refuse("\xEF\xBB\xBF", 3, ":1:1: the file says nothing");
    refuse("---\n...\n", 8, ":1:1: ");
    enum { MEGABYTE = 1 << 20 };
    char *bytes = malloc(MEGABYTE + 1);
    assert_non_null(bytes);
    memset(bytes, '[', MEGABYTE + 1);
    refuse(bytes, MEGABYTE + 1, "1048577 bytes are no config; allowed: at most 1 MB");
    refuse(bytes, MEGABYTE, "nested more than 16 deep");
    memset(bytes, '{', MEGABYTE);
    refuse(bytes, MEGABYTE, "");
    memset(bytes, '-', MEGABYTE);
    refuse(bytes, MEGABYTE, "not a mapping");
    for (size_t i = 0; i < MEGABYTE; i++) bytes[i] = "- "[i % 2];
    refuse(bytes, MEGABYTE, "");
    for (size_t i = 0; i < MEGABYTE; i++) bytes[i] = "1,"[i % 2];
    memcpy(bytes, "metrics: [", 10);
    refuse(bytes, MEGABYTE, "more than 10000 items");
    size_t length = 0;
    for (int key = 0; key < 1001; key++) length += (size_t)sprintf(bytes + length, "k%d: 1\n", key);
    refuse(bytes, length, ":1001:1: k1000: more than 1000 keys");
    free(bytes);
    scl_config config;
    scl_error err = {0};
    assert_int_equal(scl_config_read(&config, "/nowhere/c.yaml", NULL, 0, &names, &err), SCL_ERR_INPUT);
    assert_non_null(strstr(err.message, "/nowhere/c.yaml: cannot be opened: No such file"));
    assert_int_equal(scl_config_read(&config, folder, NULL, 0, &names, NULL), SCL_ERR_INPUT);
}

/* ---- good configs ---- */

static void defaults(void **state)
{
    (void)state;
    scl_config c;
    read_good(&c, minimal);
    assert_string_equal(c.path, path);
    assert_string_equal(c.source, minimal);
    assert_string_equal(c.name, "x");
    assert_string_equal(c.question, "");
    assert_int_equal(c.seed, 1);
    assert_int_equal(c.replicates, 200);
    assert_false(c.redraw_replicate);
    assert_int_equal(scl_config_cells(&c), 1);
    assert_int_equal(c.n_axes + c.n_claims + c.n_expects + c.n_compares, 0);
    assert_false(c.precision.wanted);
    assert_false(c.figure.wanted);
    scl_settings s = scl_config_cell(&c, 0);
    assert_int_equal(s.model.d, 10);
    assert_int_equal(s.model.r, 2);
    assert_true(s.model.nu == 1 && s.model.sigma_max == 1);
    assert_true(s.model.variance_min == .25 && s.model.variance_max == 4);
    assert_int_equal(s.model.loadings, SCL_LOADINGS_HAAR);
    assert_int_equal(s.model.noise, SCL_NOISE_CONSTANT);
    assert_null(s.model.file_variances);
    assert_null(s.noise_file);
    assert_true(s.n == 100);
    assert_int_equal(s.sampler, SCL_SAMPLER_AUTO);
    assert_int_equal(c.n_estimators, 1);
    assert_string_equal(c.estimators[0].id, "pca");
    assert_ptr_equal(c.estimators[0].estimator, scl_estimator_find("pca"));
    assert_int_equal(c.n_metrics, 1);
    assert_ptr_equal(c.metrics[0], scl_metric_find("cos2"));
    scl_config_free(&c);
    assert_int_equal(scl_memory_live(), 0);
}

static void all_keys(void **state)
{
    (void)state;
    scl_config c;
    read_good(&c, everything);
    assert_string_equal(c.name, "recovery-vs-n_2.b");
    assert_string_equal(c.question, "Does the error fall like 1/sqrt(n)?");
    assert_true(c.seed == 9007199254740992u);
    assert_int_equal(c.replicates, 400);
    assert_true(c.redraw_replicate);
    assert_int_equal(c.n_claims, 2);
    assert_string_equal(c.claims[1], "autoencoder-recovery-lower");
    assert_int_equal(c.n_expects, 1);
    assert_string_equal(c.expects[0].claim, "autoencoder-recovery-lower");
    assert_string_equal(c.expects[0].verdict, "refuted");
    assert_int_equal(c.n_estimators, 3);
    assert_string_equal(c.estimators[1].id, "mostly-kept_.9");
    assert_true(c.estimators[1].options[0] == .9 && c.estimators[1].options[1] == 2000);
    assert_true(c.estimators[2].options[0] == .5 && c.estimators[2].options[1] == 1);
    assert_int_equal(c.n_metrics, 2);
    assert_int_equal(c.n_compares, 2);
    assert_true(c.compares[0].left == 2 && c.compares[0].right == 0);
    assert_true(c.compares[1].left == 1 && c.compares[1].right == 2);
    assert_true(c.precision.wanted && c.precision.metric == 1 && c.precision.mcse == .002);
    assert_int_equal(c.precision.max_replicates, 5000);
    assert_true(c.figure.wanted && !c.figure.predictions && c.figure.bounds);
    assert_true(c.figure.floor == 1e-3);
    assert_string_equal(c.figure.x, "n"); /* its column's name */
    assert_string_equal(c.figure.y, "sin-theta-f");
    assert_int_equal(c.figure.scale, SCL_SCALE_LOGLOG);
    assert_int_equal(c.base.model.loadings, SCL_LOADINGS_POSITIVE);
    assert_int_equal(c.base.model.noise, SCL_NOISE_LINEAR);
    assert_true(c.base.model.nu == .6 && c.base.model.sigma_max == 1.5);
    assert_int_equal(c.base.sampler, SCL_SAMPLER_MOMENTS);
    scl_config_free(&c);
    assert_int_equal(scl_memory_live(), 0);
}

/* Options are numbers, whole numbers however written, or words, which count from 0; quotes are allowed around a word. */
/* Bounds in every form that is allowed. */
static void bounds_of_every_form(void **state)
{
    (void)state;
    scl_config config;
    read_good(
        &config,
        "name: x\nmodel: {d: 40, r: 2, nu: [2, 1]}\nsample: {n: 4000}\nmetrics: [sin-theta-f, sin-theta-2]\n"
        "estimators: [pca, {name: contrastive, id: strong, lambda: 2}, {name: contrastive, id: weak}]\n"
        "claims: [complementary-masks-delete-diagonal]\nexpect: {a: refuted}\n"
        "bounds:\n"
        "  - {id: a, kind: upper, metric: sin-theta-f, estimator: strong, terms: {sampling: sqrt(d/n)*nu_max/nu}}\n"
        "  - id: b\n    kind: upper\n    metric: sin-theta-2\n    estimator: contrastive\n"
        "    terms:\n      bias: 'min(incoherence, 3)*r/d'\n      sampling: \"tr_D / n\"\n"
        "  - {id: pca, kind: lower, metric: sin-theta-f, estimator: pca, terms: {floor: 1}}\n");
    assert_int_equal(config.n_bounds, 3);
    const scl_bound *a = &config.bounds[0], *b = &config.bounds[1], *c = &config.bounds[2];
    assert_string_equal(a->id, "a");
    assert_true(a->kind == SCL_BOUND_UPPER && a->use == 1 && a->metric == scl_metric_find("sin-theta-f"));
    assert_string_equal(a->terms[SCL_TERM_SAMPLING], "sqrt(d/n)*nu_max/nu");
    assert_null(a->terms[SCL_TERM_BIAS]);
    assert_true(b->use == 2 && b->metric == scl_metric_find("sin-theta-2")); /* the use with default options */
    assert_string_equal(b->terms[SCL_TERM_BIAS], "min(incoherence, 3)*r/d");
    assert_string_equal(b->terms[SCL_TERM_SAMPLING], "tr_D / n");
    assert_true(c->kind == SCL_BOUND_LOWER && c->use == 0);
    assert_string_equal(c->terms[SCL_TERM_FLOOR], "1");
    assert_string_equal(config.expects[0].claim, "a");
    scl_config_free(&config);
    read_good(&config,
              "name: x\nmodel: {d: 40, r: 2}\nsample: {n: 4000}\nmetrics: [cos2]\nestimators: [pca]\nbounds: []\n");
    assert_int_equal(config.n_bounds, 0);
    scl_config_free(&config);
}

static void options_of_estimators(void **state)
{
    (void)state;
    scl_config c;
    read_good(
        &c,
        "name: x\nmodel: {d: 10, r: 2}\nsample: {n: 100}\nmetrics: [cos2]\n"
        "estimators: [heteropca, {name: heteropca, id: a, truncation: psd, max-iterations: 1e3},\n"
        "             {name: heteropca, id: b, truncation: \"magnitude\", tolerance: 1e-4, max-iterations: 7.0}]\n");
    static const double expected[][3] = {{0, 1e-6, 1000}, {1, 1e-6, 1000}, {0, 1e-4, 7}}; /* the table's order */
    for (size_t i = 0; i < 3; i++)
        for (size_t o = 0; o < 3; o++) assert_true(c.estimators[i].options[o] == expected[i][o]);
    scl_config_free(&c);
    assert_int_equal(scl_memory_live(), 0);
}

/* The last axis is fastest; values are canonical texts; each cell has its own settings. */
static void cells(void **state)
{
    (void)state;
    static const char *const d[] = {"40", "100"}, *const ratio[] = {"0.5", "2", "4"},
                             *const n[] = {"1000", "1000000000", "inf"};
    static const double d_value[] = {40, 100}, ratio_value[] = {.5, 2, 4}, n_value[] = {1000, 1e9, INFINITY};
    scl_config c;
    read_good(&c, everything);
    assert_int_equal(c.n_axes, 3);
    assert_string_equal(c.axes[0].key, "model.d");
    assert_string_equal(c.axes[1].key, "model.noise.ratio");
    assert_int_equal(scl_config_cells(&c), 18);
    for (size_t cell = 0; cell < 18; cell++) {
        size_t i = cell / 9, j = cell / 3 % 3, k = cell % 3;
        assert_string_equal(scl_config_axis_value(&c, cell, 0), d[i]);
        assert_string_equal(scl_config_axis_value(&c, cell, 1), ratio[j]);
        assert_string_equal(scl_config_axis_value(&c, cell, 2), n[k]);
        scl_settings s = scl_config_cell(&c, cell);
        assert_true((double)s.model.d == d_value[i] && s.model.ratio == ratio_value[j] && s.n == n_value[k]);
        assert_true(s.model.sigma_max == 1.5 && s.model.r == 5);
    }
    scl_config_free(&c);
}

static void swept_words_and_missing_bases(void **state)
{
    (void)state;
    scl_config c;
    read_good(&c, "name: x\nestimators: [pca]\nmetrics: [cos2]\nfigure: {x: model.loadings, y: cos2}\n"
                  "model: {r: 2}\n"
                  "sweep:\n  sample.sampler: [data, moments]\n  model.loadings: [dct, haar]\n"
                  "  model.noise.profile: [gap, golden]\n  model.d: [20]\n  sample.n: [2, inf]\n");
    assert_int_equal(scl_config_cells(&c), 16);
    scl_settings first = scl_config_cell(&c, 0), last = scl_config_cell(&c, 15);
    assert_int_equal(first.sampler, SCL_SAMPLER_DATA);
    assert_int_equal(first.model.loadings, SCL_LOADINGS_DCT);
    assert_int_equal(first.model.noise, SCL_NOISE_GAP);
    assert_true(first.n == 2 && first.model.d == 20);
    assert_int_equal(last.sampler, SCL_SAMPLER_MOMENTS);
    assert_int_equal(last.model.loadings, SCL_LOADINGS_HAAR);
    assert_int_equal(last.model.noise, SCL_NOISE_GOLDEN);
    assert_true(isinf(last.n));
    assert_string_equal(c.figure.x, "model.loadings");
    assert_true(c.figure.predictions && !c.figure.bounds && c.figure.scale == SCL_SCALE_LINEAR);
    assert_true(c.figure.floor == 0);
    scl_config_free(&c);
}

static void noise_from_a_file(void **state)
{
    (void)state;
    scl_config c;
    write_bytes(csv_path, "sigma2\n1\n0.5\n2e-3\n", 18);
    read_good(
        &c, "name: x\nmodel: {d: 3, r: 3, noise: {file: sigma2.csv}}\nsample: {}\nestimators: [pca]\nmetrics: [cos2]\n"
            "sweep: {sample.n: [10, 20]}\n");
    scl_settings s = scl_config_cell(&c, 1);
    assert_int_equal(s.model.noise, SCL_NOISE_FILE);
    assert_string_equal(s.noise_file, "sigma2.csv");
    assert_ptr_equal(s.model.file_variances, c.file_variances);
    assert_true(s.model.file_variances[1] == .5 && s.model.file_variances[2] == .002);
    assert_true(s.noise_hash == scl_fnv1a(SCL_FNV_START, "sigma2\n1\n0.5\n2e-3\n", 18));
    scl_config_free(&c);
    assert_int_equal(scl_memory_live(), 0);
}

/* A word, a word with keys of its own, swept or not, and a file. */
static void loadings_of_every_form(void **state)
{
    (void)state;
#define REST "sample: {n: 10}\nestimators: [pca]\nmetrics: [cos2]\n"
    static const struct {
        const char *text, *sets[2];
        size_t n_sets, cell;
        scl_loadings loadings;
        double mass;
    } cases[] = {
        {"name: x\nmodel: {d: 4, r: 2, loadings: axis}\n" REST, {NULL}, 0, 0, SCL_LOADINGS_AXIS, 0},
        {"name: x\nmodel: {d: 4, r: 2, loadings: {file: nowhere.csv}}\n" REST,
         {"model.loadings=haar"},
         1,
         0,
         SCL_LOADINGS_HAAR,
         0},
        {"name: x\nmodel: {d: 4, r: 2, loadings: {coherent: {mass: .25}}}\n" REST,
         {NULL},
         0,
         0,
         SCL_LOADINGS_COHERENT,
         .25},
        {"name: x\nmodel: {d: 4, r: 2, loadings: {coherent: {mass: .25}}}\n" REST,
         {"model.loadings.coherent.mass=1"},
         1,
         0,
         SCL_LOADINGS_COHERENT,
         1},
        {"name: x\nmodel: {d: 4, r: 2}\n" REST, {"model.loadings.coherent.mass=0"}, 1, 0, SCL_LOADINGS_COHERENT, 0},
        {"name: x\nmodel: {d: 4, r: 2, loadings: dct}\n" REST,
         {"model.loadings={coherent: {mass: .5}}"},
         1,
         0,
         SCL_LOADINGS_COHERENT,
         .5},
        {"name: x\nmodel: {d: 4, r: 2, loadings: coherent}\n" REST
         "sweep: {model.loadings.coherent.mass: [0, 0.75, 1]}\n",
         {NULL},
         0,
         1,
         SCL_LOADINGS_COHERENT,
         .75},
        {"name: x\nmodel: {d: 4, r: 2, loadings: {coherent: {}}}\n" REST
         "sweep: {model.loadings.coherent.mass: {linear: [0, 1, 5]}, when: model.loadings.coherent.mass > .3}\n",
         {NULL},
         0,
         1,
         SCL_LOADINGS_COHERENT,
         .75},
        {"name: x\nmodel: {d: 4, r: 2, loadings: {coherent: {mass: .25}}}\n" REST
         "sweep: {model.loadings: [haar, coherent]}\n",
         {NULL},
         0,
         1,
         SCL_LOADINGS_COHERENT,
         .25},
        {"name: x\nmodel: {d: 4, r: 2, loadings: {coherent: {mass: .25}}}\n" REST
         "sweep: [{model.loadings: [haar, dct]}, {sample.n: [20]}]\n",
         {NULL},
         0,
         2,
         SCL_LOADINGS_COHERENT,
         .25},
        {"name: x\nmodel: {d: 3, r: 1, loadings: {file: sigma2.csv}}\n" REST, {NULL}, 0, 0, SCL_LOADINGS_FILE, 0},
        {"name: x\nmodel: {d: 3, r: 1, loadings: dct}\n" REST,
         {"model.loadings={file: sigma2.csv}"},
         1,
         0,
         SCL_LOADINGS_FILE,
         0},
    };
    write_bytes(csv_path, "u\n0.6\n0\n-0.8\n", 13);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scl_config c;
        scl_error err = {0};
        write_bytes(path, cases[i].text, strlen(cases[i].text));
        if (scl_config_read(&c, path, cases[i].sets, cases[i].n_sets, &names, &err) != SCL_OK)
            fail_msg("case %zu: %s", i, err.message);
        scl_settings s = scl_config_cell(&c, cases[i].cell);
        assert_int_equal(s.model.loadings, cases[i].loadings);
        if (s.model.loadings == SCL_LOADINGS_COHERENT) assert_true(s.model.mass == cases[i].mass);
        if (s.model.loadings == SCL_LOADINGS_FILE) {
            assert_true(s.model.file_loadings[0] == .6 && s.model.file_loadings[2] == -.8);
            assert_true(s.loadings_hash == scl_fnv1a(SCL_FNV_START, "u\n0.6\n0\n-0.8\n", 13));
        }
        scl_config_free(&c);
        assert_int_equal(scl_memory_live(), 0);
    }
}

/* A list of nu: numbers as written, the smallest as nu, canonical text; --set replaces it by a number or a list. */
static void unequal_spikes(void **state)
{
    (void)state;
    static const char *const number[] = {"model.nu=3"}, *const list[] = {"model.nu=[0.5, 1e0]"};
    static const char *const text =
        "name: x\nmodel: {d: 10, r: 3, nu: [2, 1.50, 2]}\nsample: {n: 10}\nestimators: [pca]\n"
        "metrics: [cos2]\nsweep: {model.d: [10, 20]}\n";
    scl_config c;
    scl_error err = {0};
    read_good(&c, text);
    scl_settings s = scl_config_cell(&c, 1);
    assert_true(s.n_nus == 3 && s.model.nus[0] == 2 && s.model.nus[1] == 1.5 && s.model.nus[2] == 2 &&
                s.model.nu == 1.5);
    assert_string_equal(s.nu_text, "2,1.5,2");
    scl_config_free(&c);
    if (scl_config_read(&c, path, number, 1, &names, &err) != SCL_OK) fail_msg("%s", err.message);
    s = scl_config_cell(&c, 0);
    assert_true(!s.model.nus && s.model.nu == 3 && !s.nu_text);
    scl_config_free(&c);
    write_bytes(path, minimal, strlen(minimal));
    if (scl_config_read(&c, path, list, 1, &names, &err) != SCL_OK) fail_msg("%s", err.message);
    s = scl_config_cell(&c, 0);
    assert_true(s.n_nus == 2 && s.model.nu == .5);
    assert_string_equal(s.nu_text, "0.5,1");
    scl_config_free(&c);
    assert_int_equal(scl_memory_live(), 0);
}

/* A pipe is refused at once, not waited for. */
static void a_noise_file_is_a_file(void **state)
{
    (void)state;
    char text[200], pipe_path[80];
    snprintf(pipe_path, sizeof pipe_path, "%s/pipe", folder);
    snprintf(text, sizeof text,
             "name: x\nmodel: {d: 3, r: 3, noise: {file: pipe}}\nsample: {n: 9}\n"
             "estimators: [pca]\nmetrics: [cos2]\n");
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    alarm(20);
    refuse(text, strlen(text), "/c.yaml:2:35: model.noise.file: ");
    refuse(text, strlen(text), "/pipe: is a pipe or a device, not a file");
    alarm(0);
    unlink(pipe_path);
}

/* What the documentation says is what the reader does. */
static void documented_keys(void **state)
{
    (void)state;
    static const char *const ends[] = {"seed=9007199254740992",
                                       "seed=+009007199254740992",
                                       "model.nu=1e50",
                                       "model.noise={profile: constant, sigma_max: 1e50}",
                                       "model.noise={profile: gap, sigma_max: 1e50}",
                                       "model.noise={profile: linear, sigma_max: 1e50, ratio: 1e50}",
                                       "model.noise={profile: constant, sigma_max: 1e-50}",
                                       "model.noise={profile: two-level, sigma_max: .7, ratio: 1e6, loud: .5}"};
    write_bytes(path, minimal, strlen(minimal));
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        scl_config c;
        scl_error err = {0};
        const char *loud[] = {"model.nu=1e50", ends[i]}; /* no noise drowns this spike */
        if (scl_config_read(&c, path, loud, 2, &names, &err) != SCL_OK) fail_msg("%s", err.message);
        scl_config_free(&c);
    }
    assert_true(scl_n_config_keys > 20);
    for (size_t i = 0; i < scl_n_config_keys; i++) {
        const scl_key_doc *doc = &scl_config_keys[i];
        assert_true(doc->key[0] && doc->allowed[0] && doc->fallback[0] && doc->meaning[0]);
        for (size_t j = 0; j < i; j++) assert_string_not_equal(scl_config_keys[j].key, doc->key);
        if (strcmp(doc->key, "model.noise.profile") == 0)
            for (int k = 0; k < SCL_NOISE_FILE; k++) assert_non_null(strstr(doc->allowed, scl_noise_names[k]));
        if (strcmp(doc->key, "model.loadings") == 0)
            for (int k = 0; k < SCL_N_LOADINGS; k++) assert_non_null(strstr(doc->allowed, scl_loadings_names[k]));
    }
}

/* ---- --set ---- */

static void sets_apply(void **state)
{
    (void)state;
    static const char *const sets[] = {"model.d=1e2",
                                       "replicates=400",
                                       "model.noise.profile=linear",
                                       "model.noise.ratio=4",
                                       "sample.n=.inf",
                                       "metrics=[cos2, sin-theta-2]",
                                       "question=why: [not, ?",
                                       "seed=5",
                                       "seed=7",
                                       "figure={x: n, y: cos2}",
                                       "figure.scale=logy",
                                       "sweep={model.nu: [1, 2]}"};
    scl_config c;
    scl_error err = {0};
    write_bytes(path, minimal, strlen(minimal));
    if (scl_config_read(&c, path, sets, sizeof sets / sizeof *sets, &names, &err) != SCL_OK)
        fail_msg("%s", err.message);
    scl_settings s = scl_config_cell(&c, 1);
    assert_true(s.model.d == 100 && s.model.noise == SCL_NOISE_LINEAR && s.model.ratio == 4 && isinf(s.n) &&
                s.model.nu == 2);
    assert_true(c.replicates == 400 && c.seed == 7 && c.n_metrics == 2);
    assert_string_equal(c.question, "why: [not, ?");
    assert_string_equal(c.figure.x, "n");
    assert_int_equal(c.figure.scale, SCL_SCALE_LOGY);
    assert_string_equal(c.source, minimal);
    scl_config_free(&c);
    assert_int_equal(scl_memory_live(), 0);
}

static void winners_have_two_axes_and_a_metric(void **state)
{
    (void)state;
    static const char text[] = "name: x\nmodel: {d: 10, r: 2, noise: {profile: linear}}\nsample: {n: 100}\n"
                               "estimators: [pca, contrastive]\nmetrics: [cos2, sin-theta-2]\n"
                               "sweep: {sample.n: [100, 200], model.noise.ratio: [1, 2]}\n"
                               "figure: {kind: winners, x: sample.n, y: model.noise.ratio, metric: sin-theta-2}\n";
    scl_config c;
    scl_error err = {0};
    if (read_bytes(&c, text, strlen(text), &err) != SCL_OK) fail_msg("%s", err.message);
    assert_int_equal(c.figure.kind, SCL_FIGURE_WINNERS);
    assert_string_equal(c.figure.x, "n");
    assert_string_equal(c.figure.y, "model.noise.ratio");
    assert_string_equal(c.figure.metric, "sin-theta-2");
    scl_config_free(&c);
    assert_int_equal(scl_memory_live(), 0);
}

static void sets_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *set, *message;
    } cases[] = {
        {"model.d", "--set model.d: no key and value; allowed: key=value"},
        {"=3", "--set =3: no key and value"},
        {"", "no key and value"},
        {"modle.d=4", "--set modle.d=4: unknown key \"modle.d\" ... did you mean \"model.d\"?"},
        {"nu=4", "unknown key \"nu\" ... did you mean \"model.nu\"?"},
        {"xyzzy=4", "unknown key \"xyzzy\""},
        {"sweep.sample.n=4", "unknown key ... did you mean \"sweep\"?"},
        {"sample.n=4", "--set sample.n=4: sample.n: the config sweeps this key (at 7:3)"},
        {"sample={n: 4}", "sample.n: the config sweeps this key"},
        {"model.d=ten", "--set model.d=ten: model.d: \"ten\" is not a number; allowed: whole number, 1 to 100000"},
        {"model.d=", "model.d: is empty"},
        {"model.d= 5", "\" 5\" is not a number"},
        {"model.d=5.5", "\"5.5\" is not a whole number"},
        {"model.d=1", "--set model.d=1: model.d: r = 2 is above d = 1 (in the cell sample.n = 1000)"},
        {"model.r=11", "--set model.r=11: model.r: r = 11 is above d = 10"},
        {"model=4", "model: is not a mapping"},
        {"model={d: 4", "not valid YAML"},
        {"model.noise.ratio=4", "noise profile constant takes no ratio"},
        {"model.noise.profile=linear", "linear noise needs a ratio"},
        {"metrics=[cos]", "unknown metric \"cos\" ... did you mean \"cos2\"?"},
        {"metrics=", "metrics: is not a list"},
        {"metrics=[&a cos2]", "an anchor"},
        {"name=a/b", "cannot name a folder"},
        {"question=caf\xe9", "byte 0xe9 is not UTF-8"},
        {"format=2", "format: \"2\""},
        {"figure.x=n", "figure.y: is missing"},
        {"figure={x: n, y: cos2, floor: 1e-3}",
         "figure.floor: the y axis is linear ... allowed: no floor, or scale: logy | loglog"},
        {"figure={x: n, y: cos2, scale: logy, floor: 0}", "figure.floor: \"0\" is out of range"},
        {"seed=1e17", "seed: \"1e17\" is out of range"},
        {"seed=9007199254740993", "seed: \"9007199254740993\" is out of range"}, /* 2^53 + 1, which would be 2^53 */
        {"model.noise={profile: gap, sigma_max: 1e-50}", "reach from ... allowed: variances from 1e-100 to 1e100"},
    };
    char text[400];
    snprintf(text, sizeof text, "%ssweep:\n  sample.n: [1000]\n", minimal);
    write_bytes(path, text, strlen(text));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scl_config c;
        scl_error err = {0};
        scl_status status = scl_config_read(&c, path, &cases[i].set, 1, &names, &err);
        if (status != SCL_ERR_USAGE || strncmp(err.message, "--set ", 6) != 0 || !says(err.message, cases[i].message))
            fail_msg("--set %s gives %s %s", cases[i].set, scl_status_name(status), err.message);
        assert_int_equal(scl_memory_live(), 0);
    }
}

/* ---- nothing breaks it ---- */

/* Every allocation fails in turn: the answer is "memory" (or, for a bad file, what is wrong), and nothing leaks. */
static void walk_allocations(const char *text, scl_status in_the_end, size_t at_least)
{
    static const char *const sets[] = {"model.noise.sigma_max=2", "compare=[[pca, contrastive]]"};
    write_bytes(path, text, strlen(text));
    size_t k = 0;
    scl_status status = SCL_ERR_MEMORY;
    while (status == SCL_ERR_MEMORY) {
        scl_config c;
        scl_error err = {0};
        scl_memory_fail_at(++k);
        status = scl_config_read(&c, path, sets, 2, &names, &err);
        scl_memory_fail_at(0);
        assert_int_equal(err.status, status);
        if (status == SCL_OK) scl_config_free(&c);
        assert_int_equal(scl_memory_live(), 0);
    }
    assert_int_equal(status, in_the_end);
    assert_true(k > at_least);
}

static void allocations_fail(void **state)
{
    (void)state;
    walk_allocations(everything, SCL_OK, 40);
    char text[2500];
    snprintf(text, sizeof text, "%sextra: 1\n", everything);
    walk_allocations(text, SCL_ERR_CONFIG, 5);
    write_bytes(csv_path, "1\n2\n", 4);
    snprintf(text, sizeof text, "%s", everything);
    char *noise = strstr(text, "{profile: linear, sigma_max: 1.5, ratio: 4}");
    memcpy(noise, "{file: sigma2.csv}                         ", 43);
    walk_allocations(text, SCL_ERR_USAGE, 15); /* a file takes no sigma_max, not from --set either */
    write_bytes(csv_path, "0.6,0.8\n0.8,-0.6\n", 17);
    walk_allocations("name: x\nmodel: {d: 2, r: 2, nu: [1, 2], loadings: {file: sigma2.csv}}\nsample: {n: 10}\n"
                     "estimators: [pca, contrastive]\nmetrics: [cos2]\n",
                     SCL_OK, 25);
}

/* A good config with a few bytes changed, moved or lost: whatever comes out, it is an answer. */
static void any_bytes(void **state)
{
    (void)state;
    enum { ROUNDS = 3000 };
    char text[2500];
    size_t whole = strlen(everything), accepted = 0;
    uint64_t bits = 88172645463325252u;
    for (int round = 0; round < ROUNDS; round++) {
        memcpy(text, everything, whole);
        size_t length = whole;
        length = mutate(text, length, round, &bits);
        scl_config c;
        scl_error err = {0};
        scl_status status = read_bytes(&c, text, length, &err);
        accepted += status == SCL_OK;
        if (status == SCL_OK) {
            scl_config_free(&c);
        } else {
            assert_int_equal(status, SCL_ERR_CONFIG);
            assert_int_equal(strncmp(err.message, path, strlen(path)), 0);
        }
        assert_int_equal(scl_memory_live(), 0);
    }
    assert_in_range(accepted, ROUNDS / 100,
                    ROUNDS - ROUNDS / 4); /* the changes are neither all fatal nor all harmless */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_configs),
        cmocka_unit_test(winners_have_two_axes_and_a_metric),
        cmocka_unit_test(extreme_files),
        cmocka_unit_test(defaults),
        cmocka_unit_test(all_keys),
        cmocka_unit_test(bounds_of_every_form),
        cmocka_unit_test(options_of_estimators),
        cmocka_unit_test(cells),
        cmocka_unit_test(swept_words_and_missing_bases),
        cmocka_unit_test(noise_from_a_file),
        cmocka_unit_test(loadings_of_every_form),
        cmocka_unit_test(unequal_spikes),
        cmocka_unit_test(a_noise_file_is_a_file),
        cmocka_unit_test(documented_keys),
        cmocka_unit_test(sets_apply),
        cmocka_unit_test(sets_are_refused),
        cmocka_unit_test(allocations_fail),
        cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
