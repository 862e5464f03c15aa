/* Evidence of labelled studies: uses as texts, second metrics, labels and tasks of each cell, from a study that was run; what a config lacks
 * for the claims about tasks and labels, and what these claims then make of a study; paired differences; infinite risks. */
#include "base/csv.h"
#include "base/files.h"
#include "claims/from_summary.h"
#include "claims/uses.h"
#include "linalg/linalg.h"
#include "study/study.h"

#include <gsl/gsl_errno.h>
#include <math.h>

static const char *claim_names[64];
static scl_config_names names = {.claims = claim_names, .claim_lacks = scl_claim_lacks};

#define LABELS_ESTIMATORS                                                                                              \
    "[contrastive, {name: label-terms, id: a}, {name: label-terms, id: b, alpha: 300}, {name: label-terms, id: c, "    \
    "alpha: 0.1}]"
#define LABELS_MODEL                                                                                                   \
    "{d: 30, r: 2, noise: {profile: linear, ratio: 2}, task: {kind: regression, label_noise: .1, w: diverse}}"

static void uses_are_read(void **state)
{
    (void)state;
    assert_true(scl_use_is("pca", "pca") && scl_use_is("pca{a=1}", "pca"));
    assert_false(scl_use_is("pca", "pc") || scl_use_is("pc", "pca") || scl_use_is(NULL, "pca"));
    assert_int_equal(scl_use_options("pca"), 0);
    assert_int_equal(scl_use_options("label-terms{alpha=10}"), 1);
    assert_int_equal(scl_use_options("label-terms{alpha=10,lambda=2}"), 2);
    assert_true(scl_use_option("label-terms", "alpha", 1) == 1);
    assert_true(scl_use_option("label-terms{alpha=1e-05}", "alpha", 1) == 1e-5);
    assert_true(scl_use_option("label-terms{alpha=0,lambda=2.5}", "alpha", 1) == 0);
    assert_true(scl_use_option("label-terms{alpha=0,lambda=2.5}", "lambda", 1) == 2.5);
    assert_true(scl_use_option("label-terms{lambda=2,alpha=30}", "alpha", 1) == 30);
    assert_true(scl_use_option("x{beta-alpha=3}", "alpha", 7) == 7); /* the end of another name */
    assert_true(scl_use_option("x{alpha=word}", "alpha", 7) == 7);
}

/* Reads a config; its message when it is refused. */
static scl_status read_config(scl_config *config, scl_error *err, const char *words)
{
    FILE *file = fopen(in_root("study.yaml"), "w");
    if (!file || fputs(words, file) < 0 || fclose(file) != 0) return SCL_ERR_IO;
    return scl_config_read(config, in_root("study.yaml"), NULL, 0, &names, err);
}

typedef struct study {
    scl_config config;
    scl_table summary;
    char *path;
} study;

static void run(study *out, const char *words)
{
    const scl_study_options options = {.pool = {.workers = 1}, .command = "test"};
    scl_error err = {0};
    scl_progress progress = {0};
    size_t resumed = 0;
    *out = (study){0};
    scl_status status = read_config(&out->config, &err, words);
    if (status == SCL_OK) status = scl_study_run(&progress, &resumed, &out->config, in_root("runs"), &options, &err);
    if (status == SCL_OK)
        status = scl_study_read_summary(&out->summary, &out->path, &out->config, in_root("runs"), &err);
    if (status != SCL_OK) fail_msg("%s", err.message);
}

static void study_free(study *s)
{
    scl_config_free(&s->config);
    scl_table_free(&s->summary);
    scl_free(s->path);
}

static double number(const study *s, size_t cell, const char *estimator, const char *metric, const char *column)
{
    for (size_t row = 0; row < s->summary.n_rows; row++)
        if (scl_table_number(&s->summary, row, scl_table_column(&s->summary, "cell")) == (double)cell &&
            strcmp(scl_table_text(&s->summary, row, scl_table_column(&s->summary, "estimator")), estimator) == 0 &&
            strcmp(scl_table_text(&s->summary, row, scl_table_column(&s->summary, "metric")), metric) == 0)
            return scl_table_number(&s->summary, row, scl_table_column(&s->summary, column));
    fail_msg("no row of cell %zu, %s, %s", cell, estimator, metric);
    return NAN;
}

static void gather(scl_evidence_list *list, const study *s, const char *claim)
{
    scl_error err = {0};
    if (scl_evidence_add(list, &s->config, &s->summary, s->path, scl_claim_find(claim), &err) != SCL_OK)
        fail_msg("%s", err.message);
}

/* Two values of m, two of T and both ways to share, one model for each cell or for each replicate. */
static void evidence_has_labels_and_both_metrics(void **state)
{
    (void)state;
    static const char *const texts[] = {"contrastive", "label-terms", "label-terms{alpha=300}",
                                        "label-terms{alpha=0.1}"};
    study s;
    run(&s, "name: labelled\nreplicates: 3\nmodel: " LABELS_MODEL "\nsample: {n: 400, labelled_apart: true}\n"
            "estimators: " LABELS_ESTIMATORS "\nmetrics: [sin-theta-f, regression-risk]\n"
            "sweep: {sample.labelled: [50, 80], model.task.tasks: [2, 8], sample.labelled_shared: [false, true]}\n");
    scl_evidence_list list = {0};
    gather(&list, &s, "supervised-in-domain");
    assert_int_equal(list.n, 4 * 8);
    for (size_t i = 0; i < list.n; i++) {
        size_t cell = i % 8;
        const scl_evidence *e = &list.cells[i];
        assert_string_equal(e->use, texts[i / 8]);
        assert_true(e->quantities[SCL_QUANTITY_M] == (cell < 4 ? 50 : 80));
        assert_true(e->quantities[SCL_QUANTITY_TASKS] == (cell % 4 < 2 ? 2 : 8));
        assert_true(e->labels_shared == (cell % 2 == 1) && e->labels_apart);
        assert_true(e->mean == number(&s, cell, e->estimator, "sin-theta-f", "mean"));
        assert_true(e->also.mean == number(&s, cell, e->estimator, "regression-risk", "mean") && e->also.mean > .01);
        assert_true(e->also.mcse == number(&s, cell, e->estimator, "regression-risk", "mcse") && e->also.n_ok == 3);
    }
    scl_evidence_free(&list);
    study_free(&s);
    run(&s, "name: alone\nreplicates: 3\nmodel: {d: 30, r: 2, noise: {profile: linear, ratio: 2}}\nsample: {n: 400}\n"
            "estimators: [contrastive]\nmetrics: [sin-theta-f]\n");
    gather(&list, &s, "contrastive-recovery-upper");
    assert_true(isnan(list.cells[0].quantities[SCL_QUANTITY_M]) && isnan(list.cells[0].quantities[SCL_QUANTITY_TASKS]));
    assert_string_equal(list.cells[0].use, "contrastive");
    scl_evidence_free(&list);
    study_free(&s);
}

/* What a registered claim says of a study that was run, with models redrawn per replicate: an alpha of 300 harms with T = r, as docs/theory.md
 * has it, and one of .1 helps. */
static void a_study_is_judged(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *words;
    } expected[] = {{"supervised-in-domain", "included: 1, at 0.1; "},
                    {"supervised-transfer-harm", "labelled cells that judge: 2"},
                    {"supervised-diverse-tasks", "labelled cells: 1 diverse, 1 limited; left out 1 of other T"}};
    study s;
    run(&s, "name: judged\nreplicates: 400\nredraw: replicate\nmodel: " LABELS_MODEL
            "\nsample: {n: 400, labelled: 120, labelled_apart: true}\nestimators: " LABELS_ESTIMATORS
            "\nmetrics: [sin-theta-f, regression-risk, transfer-risk]\nsweep: {model.task.tasks: [1, 2, 16]}\n"
            "claims: [supervised-in-domain, supervised-transfer-harm, supervised-diverse-tasks]\n");
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        scl_error err = {0};
        scl_evidence_list list = {0};
        scl_judgement judgement;
        const scl_claim *claim = scl_claim_find(expected[i].claim);
        gather(&list, &s, expected[i].claim);
        if (claim->judge(&judgement, claim, list.cells, list.n, &err) != SCL_OK) fail_msg("%s", err.message);
        const char *evidence = scl_text_get(&judgement.evidence);
        if (judgement.verdict == SCL_REFUTED || !strstr(evidence, expected[i].words) ||
            !strstr(evidence, "3 with a model redrawn per replicate judge as well"))
            fail_msg("%s", evidence);
        scl_judgement_free(&judgement);
        scl_evidence_free(&list);
    }
    study_free(&s);
}

/* The verdict of a claim on a study, and words of its evidence. */
static void judged(const study *s, const char *claim_id, scl_verdict verdict, const char *words)
{
    scl_error err = {0};
    scl_evidence_list list = {0};
    scl_judgement judgement;
    const scl_claim *claim = scl_claim_find(claim_id);
    gather(&list, s, claim_id);
    if (claim->judge(&judgement, claim, list.cells, list.n, &err) != SCL_OK) fail_msg("%s", err.message);
    const char *evidence = scl_text_get(&judgement.evidence);
    if (judgement.verdict != verdict || !strstr(evidence, words))
        fail_msg("expected %s and \"%s\": %s", scl_verdict_names[verdict], words, evidence);
    scl_judgement_free(&judgement);
    scl_evidence_free(&list);
}

#define PAIRED                                                                                                         \
    "name: paired\nreplicates: 40\nredraw: replicate\nmodel: " LABELS_MODEL                                            \
    "\nsample: {n: 400, labelled: 120, labelled_apart: true}\n"                                                        \
    "estimators: [contrastive, {name: label-terms, id: a, alpha: 0.02}, {name: label-terms, id: b, alpha: 0.05}]\n"    \
    "metrics: [regression-risk, sin-theta-f]\nsweep: {model.task.tasks: [2, 16]}\n"

/* A config that compares an alpha with alpha = 0 is judged on differences on the same draws, whichever stands first; without the pair the
 * standard errors of independent means are too wide for the same replicates, and they say nothing. */
static void paired_differences_judge(void **state)
{
    (void)state;
    static const struct {
        const char *compare;
        int sign[2]; /* of the pair beside the difference from alpha = 0; 0: no pair */
        scl_verdict verdict;
        const char *words;
    } cases[] = {
        {"", {0, 0}, SCL_UNDECIDED, "no tried alpha lowers both, limits included"},
        {"compare: [[a, b]]\n", {0, 0}, SCL_UNDECIDED, "no tried alpha lowers both, limits included"},
        {"compare: [[a, contrastive], [b, contrastive]]\n", {1, 1}, SCL_CONFIRMED, "limits included: 2, from 0.02"},
        {"compare: [[a, b], [contrastive, b], [contrastive, a]]\n", {-1, -1}, SCL_CONFIRMED, "limits included: 2, "},
        {"compare: [[contrastive, b]]\n", {0, -1}, SCL_CONFIRMED, "limits included: 1, at 0.05"},
    };
    static const char *const ids[] = {"a", "b"}, *const metrics[] = {"sin-theta-f", "regression-risk"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char words[1200];
        study s;
        snprintf(words, sizeof words, "%s%s", PAIRED, cases[i].compare);
        run(&s, words);
        scl_evidence_list list = {0};
        gather(&list, &s, "supervised-in-domain");
        for (size_t c = 0; c < list.n; c++) {
            const scl_evidence *e = &list.cells[c];
            const scl_seen *seen[] = {&e->paired, &e->paired_also};
            size_t use = c / 2;
            for (size_t k = 0; k < 2; k++) {
                int sign = use == 0 ? 0 : cases[i].sign[use - 1];
                assert_true((seen[k]->n_ok > 0) == (sign != 0));
                if (sign == 0) continue;
                char pair[40], difference[40];
                const char *id = ids[use - 1];
                snprintf(pair, sizeof pair, "%s vs %s", sign > 0 ? id : "contrastive", sign > 0 ? "contrastive" : id);
                snprintf(difference, sizeof difference, "difference(%s)", metrics[k]);
                assert_true(seen[k]->mean == sign * number(&s, c % 2, pair, difference, "mean"));
                assert_true(seen[k]->mcse == number(&s, c % 2, pair, difference, "mcse"));
                double change = number(&s, c % 2, id, metrics[k], "mean") -
                                number(&s, c % 2, "contrastive", metrics[k], "mean"); /* of 10 digits each */
                assert_true(change < 0 && fabs(seen[k]->mean / change - 1) < 1e-5);
            }
        }
        scl_evidence_free(&list);
        judged(&s, "supervised-in-domain", cases[i].verdict, cases[i].words);
        study_free(&s);
    }
}

/* Least squares on m <= k + 1 labels has an infinite risk: such rows have no mean, and the cells beyond are judged. */
static void infinite_risks_are_read(void **state)
{
    (void)state;
    study s;
    run(&s, "name: infinite\nreplicates: 100\nmodel: " LABELS_MODEL "\nsample: {n: 4000}\n"
            "estimators: [contrastive, ols]\nmetrics: [ols-risk]\ncompare: [[ols, contrastive]]\n"
            "sweep: {sample.labelled: [2, 3, 10, 15, 100, 4000]}\n");
    judged(&s, "labelled-fraction", SCL_CONFIRMED, "left out 2 ");
    study_free(&s);
}

/* Which configs may name which claims. */
static void what_a_config_lacks(void **state)
{
    (void)state;
#define HEAD   "name: x\nreplicates: 2\n"
#define SAMPLE "sample: {n: 1e4, labelled: 100, labelled_apart: true}\n"
    static const struct {
        const char *config, *lacks; /* NULL: nothing */
    } cases[] = {
        {HEAD "model: " LABELS_MODEL "\n" SAMPLE "estimators: " LABELS_ESTIMATORS
              "\nmetrics: [sin-theta-f, regression-risk]\nclaims: [supervised-in-domain, supervised-diverse-tasks]\n",
         NULL},
        {HEAD "redraw: replicate\nmodel: " LABELS_MODEL "\n" SAMPLE
              "estimators: [{name: label-terms, id: zero, alpha: 0}, label-terms]\n"
              "metrics: [sin-theta-f, regression-risk]\nclaims: [supervised-in-domain]\n",
         NULL},
        {HEAD "model: " LABELS_MODEL "\n" SAMPLE "estimators: [{name: label-terms, id: zero, alpha: 0}, pca]\n"
              "metrics: [sin-theta-f]\nclaims: [supervised-in-domain]\n",
         "lacks the estimator label-terms with alpha > 0, the metric regression-risk"},
        {HEAD "model: " LABELS_MODEL "\n" SAMPLE "estimators: [label-terms]\n"
              "metrics: [sin-theta-f]\nclaims: [supervised-diverse-tasks]\n",
         "lacks the estimator contrastive with default options or label-terms{alpha=0}"},
        {HEAD "model: " LABELS_MODEL "\n" SAMPLE "estimators: " LABELS_ESTIMATORS
              "\nmetrics: [sin-theta-f, transfer-risk]\nsweep: {model.task.tasks: [3, 8]}\nclaims: "
              "[supervised-transfer-harm]\n",
         "lacks a cell with a task and at least 2 labelled samples, of at most r tasks"},
        {HEAD "model: " LABELS_MODEL "\n" SAMPLE "estimators: " LABELS_ESTIMATORS
              "\nmetrics: [sin-theta-f, transfer-risk]\nsweep: {model.task.tasks: [2, 8]}\nclaims: "
              "[supervised-transfer-harm]\n",
         NULL},
        {HEAD "model: " LABELS_MODEL "\n" SAMPLE
              "estimators: [contrastive, ols]\nmetrics: [ols-risk]\nclaims: [labelled-fraction]\n",
         "lacks the pair [contrastive, ols] under compare"},
        {HEAD "redraw: replicate\nmodel: " LABELS_MODEL "\n" SAMPLE
              "estimators: [contrastive, ols]\nmetrics: [ols-risk]\ncompare: [[ols, contrastive]]\nclaims: "
              "[labelled-fraction]\n",
         NULL},
        {HEAD "redraw: replicate\nmodel: " LABELS_MODEL "\nsample: {n: 1e4}\n"
              "estimators: [contrastive]\nmetrics: [regression-excess]\nclaims: [contrastive-regression-upper]\n",
         "lacks a model that is drawn once"},
        {HEAD "model: " LABELS_MODEL "\nsample: {n: 200}\n"
              "estimators: [contrastive]\nmetrics: [regression-excess]\nclaims: [contrastive-regression-upper]\n",
         "lacks a cell with n >= 10 d (or n = inf) and d >= 10 r"},
        {HEAD "model: " LABELS_MODEL "\nsample: {n: 1e4}\n"
              "estimators: [pca]\nmetrics: [regression-risk]\nclaims: [autoencoder-regression-lower]\n",
         "lacks the metric regression-excess, a cell with n >= 100 d (or n = inf) and d >= 20 r"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scl_config config = {0};
        scl_error err = {0};
        scl_status status = read_config(&config, &err, cases[i].config);
        bool good =
            cases[i].lacks ? status == SCL_ERR_CONFIG && strstr(err.message, cases[i].lacks) != NULL : status == SCL_OK;
        if (!good)
            fail_msg("config %zu: expected %s, got %s", i, cases[i].lacks ? cases[i].lacks : "nothing", err.message);
        if (status == SCL_OK) scl_config_free(&config);
    }
}

static int prepare(void **state)
{
    scl_blas_start();
    gsl_set_error_handler_off();
    while (names.n_claims < scl_n_claims) {
        claim_names[names.n_claims] = scl_claims[names.n_claims]->id;
        names.n_claims++;
    }
    return files_setup(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uses_are_read),           cmocka_unit_test(evidence_has_labels_and_both_metrics),
        cmocka_unit_test(a_study_is_judged),       cmocka_unit_test(paired_differences_judge),
        cmocka_unit_test(infinite_risks_are_read), cmocka_unit_test(what_a_config_lacks),
    };
    return cmocka_run_group_tests(tests, prepare, files_teardown);
}
