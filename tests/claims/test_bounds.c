/* Bounds of a config: the paper's own, written as a user would write them, give the claims' verdicts and evidence to the byte; wrong
 * exponents get the right verdicts; terms apart, constants, other metrics; the quantities of drawn models. The real numbers are those
 * of the tracked results, so nothing is simulated but a study of twelve cells. */
#include "claims/bound.h"

#include "base/csv.h"
#include "base/files.h"
#include "claims/from_summary.h"
#include "linalg/linalg.h"
#include "planted.h"
#include "study/study.h"

#include <math.h>

#include "seeded.h"

static const char *claim_names[64]; /* of the registry, once prepared */
static scl_config_names names = {.claims = claim_names, .claim_lacks = scl_claim_lacks};

#define UPPER_SET(metric, sampling, bias)                                                                              \
    "bounds=[{id: mine, kind: upper, metric: " metric ", estimator: contrastive, terms: {sampling: \"" sampling        \
    "\", bias: \"" bias "\"}}]"
#define ONE_TERM_SET(term, text)                                                                                       \
    "bounds=[{id: mine, kind: upper, metric: sin-theta-f, estimator: contrastive, terms: {" term ": \"" text "\"}}]"
#define LOWER_SET(text)                                                                                                \
    "bounds=[{id: mine, kind: lower, metric: sin-theta-f, estimator: pca, terms: {floor: \"" text "\"}}]"

/* What was made of the experiments that name a claim and expect a verdict of it. */
typedef struct found {
    scl_judgement judgement;
    scl_text symbols;
    size_t n_studies;
} found;

static void found_free(found *f)
{
    scl_judgement_free(&f->judgement);
    scl_text_free(&f->symbols);
}

/* The verdict that the config expects of the claim, NULL when it does not name it. */
static const char *expected_of(const scl_config *config, const char *claim)
{
    const char *verdict = NULL;
    for (size_t i = 0; i < config->n_claims; i++)
        if (strcmp(config->claims[i], claim) == 0) verdict = "confirmed";
    for (size_t i = 0; i < config->n_expects; i++)
        if (strcmp(config->expects[i].claim, claim) == 0) verdict = config->expects[i].verdict;
    return verdict;
}

/* Adds an experiment's tracked summary to the evidence for the claim, or with `set` for its bound. */
static void add_experiment(scl_evidence_list *list, scl_config *config, const char *file, const char *set,
                           const scl_claim *claim, scl_bound_claim *own)
{
    scl_error err = {0};
    scl_table summary = {0};
    char *path = NULL;
    const char *const sets[] = {set};
    scl_config_free(config);
    if (scl_config_read(config, file, sets, set != NULL, &names, &err) != SCL_OK) fail_msg("%s", err.message);
    if (set) {
        assert_int_equal(config->n_bounds, 1);
        scl_bound_claim_free(own);
        assert_int_equal(scl_bound_claim_new(own, config, &config->bounds[0], &err), SCL_OK);
    }
    scl_status status = scl_study_read_summary(&summary, &path, config, "results", &err);
    if (status == SCL_OK) status = scl_evidence_add(list, config, &summary, path, set ? &own->claim : claim, &err);
    if (status != SCL_OK) fail_msg("%s", err.message);
    scl_table_free(&summary);
    scl_free(path);
}

static found judge_results(const char *claim_id, const char *expected, const char *set)
{
    found out = {0};
    scl_error err = {0};
    scl_evidence_list list = {0};
    scl_bound_claim own = {0};
    scl_config last = {0};
    const scl_claim *claim = scl_claim_find(claim_id);
    struct dirent **entries = NULL;
    int count = scandir("experiments", &entries, NULL, alphasort);
    assert_true(count > 10);
    for (int i = 0; i < count; i++) {
        char file[512];
        scl_config config;
        snprintf(file, sizeof file, "experiments/%s", entries[i]->d_name);
        free(entries[i]);
        if (!strstr(file, ".yaml")) continue;
        if (scl_config_read(&config, file, NULL, 0, &names, &err) != SCL_OK) fail_msg("%s", err.message);
        const char *verdict = expected_of(&config, claim_id);
        bool named = verdict && strcmp(verdict, expected) == 0;
        scl_config_free(&config);
        if (!named) continue;
        add_experiment(&list, &last, file, set, claim, &own);
        out.n_studies++;
    }
    free(entries);
    if (set) claim = &own.claim;
    if (scl_claim_symbols(&out.symbols, claim, &err) != SCL_OK ||
        claim->judge(&out.judgement, claim, list.cells, list.n, &err) != SCL_OK)
        fail_msg("%s", err.message);
    scl_evidence_free(&list);
    scl_bound_claim_free(&own);
    scl_config_free(&last);
    return out;
}

static void assert_same_words(const char *a, const char *b)
{
    if (strcmp(a, b) != 0) fail_msg("differ:\n%s\n--- and ---\n%s", a, b);
}

static void the_papers_bounds_are_the_claims(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *expected, *set;
        size_t least_studies;
    } cases[] = {
        {"contrastive-recovery-upper", "confirmed", UPPER_SET("sin-theta-f", "sqrt(d*r/n)", "r^1.5*log(d)/d"), 5},
        {"contrastive-recovery-upper", "refuted", UPPER_SET("sin-theta-f", "sqrt(d*r/n)", "r^1.5*log(d)/d"), 1},
        {"autoencoder-recovery-lower", "confirmed", LOWER_SET("sqrt(r)"), 5},
        {"autoencoder-recovery-lower", "refuted", LOWER_SET("sqrt(r)"), 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        found claim = judge_results(cases[i].claim, cases[i].expected, NULL);
        found own = judge_results(cases[i].claim, cases[i].expected, cases[i].set);
        assert_true(claim.n_studies >= cases[i].least_studies && claim.n_studies == own.n_studies);
        assert_string_equal(scl_verdict_names[claim.judgement.verdict], cases[i].expected);
        assert_int_equal(own.judgement.verdict, claim.judgement.verdict);
        assert_int_equal(own.judgement.n_used, claim.judgement.n_used);
        assert_same_words(scl_text_get(&own.judgement.evidence), scl_text_get(&claim.judgement.evidence));
        assert_same_words(scl_text_get(&own.symbols), scl_text_get(&claim.symbols));
        found_free(&claim);
        found_free(&own);
    }
}

/* Of the experiments that confirm the claims. */
static void exponents_get_the_right_verdict(void **state)
{
    (void)state;
    static const struct {
        const char *claim, *set, *verdict, *words;
    } cases[] = {
        /* weaker and equal bounds stand; the real bias grows with r less than r^{3/2} */
        {"contrastive-recovery-upper", UPPER_SET("sin-theta-f", "sqrt(d*r/n)", "r*log(d)/d"), "confirmed",
         "confirmed: "},
        {"contrastive-recovery-upper", UPPER_SET("sin-theta-f", "sqrt(d*r)*n^-.4", "r^1.5*log(d)/d"), "confirmed",
         "confirmed: "},
        {"contrastive-recovery-upper", UPPER_SET("sin-theta-f", "sqrt(d*r/n)", "r^1.5/sqrt(d)"), "confirmed",
         "confirmed: "},
        /* stronger ones fall, each by its own slope */
        {"contrastive-recovery-upper", UPPER_SET("sin-theta-f", "sqrt(d*r)*n^-.6", "r^1.5*log(d)/d"), "refuted",
         "refuted: s grows with n by more than the margin"},
        {"contrastive-recovery-upper", UPPER_SET("sin-theta-f", "sqrt(r/n)", "r^1.5*log(d)/d"), "refuted",
         "refuted: s grows with d by more than the margin"},
        {"contrastive-recovery-upper", UPPER_SET("sin-theta-f", "sqrt(d/n)", "r^1.5*log(d)/d"), "refuted",
         "s grows with r by more than the margin"},
        {"contrastive-recovery-upper", UPPER_SET("sin-theta-f", "sqrt(d*r/n)", "r^1.5*log(d)/d^1.5"), "refuted",
         "refuted: t grows with d by more than the margin"},
        {"contrastive-recovery-upper", UPPER_SET("sin-theta-f", "sqrt(d*r/n)", "sqrt(r)*log(d)/d"), "refuted",
         "refuted: t grows with r by more than the margin"},
        /* a term alone is judged alone */
        {"contrastive-recovery-upper", ONE_TERM_SET("sampling", "sqrt(d*r/n)"), "confirmed", "K-hat (largest s): "},
        {"contrastive-recovery-upper", ONE_TERM_SET("sampling", "sqrt(d*r)*n^-.6"), "refuted", "s grows with n"},
        {"contrastive-recovery-upper", ONE_TERM_SET("bias", "r^1.5*log(d)/d"), "confirmed", "K-hat (largest t): "},
        {"contrastive-recovery-upper", ONE_TERM_SET("bias", "r^1.5*log(d)/d^1.5"), "refuted", "t grows with d"},
        {"autoencoder-recovery-lower", LOWER_SET("sqrt(r)/log(d)"), "confirmed", "confirmed: "},
        {"autoencoder-recovery-lower", LOWER_SET("r"), "refuted", "refuted: (e_inf/b) falls with r"},
        {"autoencoder-recovery-lower", LOWER_SET("sqrt(r)*d^.2"), "refuted", "refuted: (e_inf/b) falls with d"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        found own = judge_results(cases[i].claim, "confirmed", cases[i].set);
        const char *evidence = scl_text_get(&own.judgement.evidence);
        if (strcmp(scl_verdict_names[own.judgement.verdict], cases[i].verdict) != 0 ||
            !strstr(evidence, cases[i].words))
            fail_msg("%s\nnot %s, \"%s\":\n%s", cases[i].set, cases[i].verdict, cases[i].words, evidence);
        found_free(&own);
    }
}

static double number_after(const char *text, const char *words)
{
    const char *at = strstr(text, words);
    if (!at) fail_msg("no \"%s\" in\n%s", words, text);
    return strtod(at + strlen(words), NULL);
}

/* A constant in front moves K-hat and no slope, limit or verdict. */
static void constants_do_not_matter(void **state)
{
    (void)state;
    static const char constant[] = "K-hat (largest error/bound): ", slope[] = "slope of log t on log d: ";
    found plain = judge_results("contrastive-recovery-upper", "confirmed",
                                UPPER_SET("sin-theta-f", "sqrt(d*r/n)", "r^1.5*log(d)/d"));
    found scaled = judge_results("contrastive-recovery-upper", "confirmed",
                                 UPPER_SET("sin-theta-f", "8*sqrt(d*r/n)", "8*r^1.5*log(d)/d"));
    const char *a = scl_text_get(&plain.judgement.evidence), *b = scl_text_get(&scaled.judgement.evidence);
    assert_int_equal(plain.judgement.verdict, scaled.judgement.verdict);
    assert_true(fabs(number_after(a, constant) / number_after(b, constant) - 8) < 8e-3); /* 4 digits each */
    assert_true(number_after(a, slope) == number_after(b, slope));
    found_free(&plain);
    found_free(&scaled);
}

/* ---- planted evidence ---------------------------------------------------------------------------------------------------- */

static void assert_words(const scl_claim *claim, const scl_evidence *cells, size_t n, const char *words)
{
    scl_judgement judgement;
    scl_error err = {0};
    if (claim->judge(&judgement, claim, cells, n, &err) != SCL_OK) fail_msg("%s", err.message);
    if (!strstr(scl_text_get(&judgement.evidence), words))
        fail_msg("no \"%s\" in\n%s", words, scl_text_get(&judgement.evidence));
    scl_judgement_free(&judgement);
}

/* Two limits for each slope of each family, two for the constant; a term that is not claimed counts for nothing. */
static void limits_are_counted_as_claimed(void **state)
{
    (void)state;
    const planted_upper truth = {.noise = .03};
    scl_evidence cells[2 * PLANTED_MAX];
    size_t n = plant_upper(cells, &truth, rng);
    scl_claim claim = *scl_claim_find("contrastive-recovery-upper");
    assert_words(&claim, cells, n, "over the 12 one-sided limits together (each 0.0008333)");
    claim.terms[SCL_TERM_BIAS] = NULL;
    assert_words(&claim, cells, n, "over the 8 one-sided limits together (each 0.00125)");
    assert_words(&claim, cells, n,
                 " 24 for the sampling term (n >= 10 d, d >= 10 r); left out 0 outside, 0 with fewer");
    claim.terms[SCL_TERM_SAMPLING] = NULL;
    claim.terms[SCL_TERM_BIAS] = "r^1.5*log(d)/d";
    assert_words(&claim, cells, n, "over the 6 one-sided limits together (each 0.001667)");
    assert_words(
        &claim, cells, n,
        "cells in the domain: 39 for the bias term (n = inf, d >= 10 r); left out 0 outside, 0 without bias\n");
    claim.terms[SCL_TERM_SAMPLING] = "sqrt(d*r/n)";
    for (size_t i = 0; i < n; i++) { /* a second family */
        cells[n + i] = cells[i];
        cells[n + i].family = "other";
    }
    assert_words(&claim, cells, 2 * n, "over the 22 one-sided limits together (each 0.0004545)");
}

/* K-hat is the largest s or t of the planted ones, to the digits that are printed. */
static void a_term_alone_has_its_own_constant(void **state)
{
    (void)state;
    const planted_upper truth = {.noise = 1e-6};
    scl_evidence cells[PLANTED_MAX];
    size_t n = plant_upper(cells, &truth, rng);
    scl_claim claim = *scl_claim_find("contrastive-recovery-upper");
    claim.terms[SCL_TERM_BIAS] = NULL;
    assert_words(&claim, cells, n, "K-hat (largest s): 1,");
    claim.terms[SCL_TERM_SAMPLING] = NULL;
    claim.terms[SCL_TERM_BIAS] = "r^1.5*log(d)/d";
    assert_words(&claim, cells, n, "K-hat (largest t): 0.15, one-sided limits 0.15 and 0.15,");
    assert_words(&claim, cells, n, "tightness (median error term/bound term): bias t 0.15\n");
}

/* The maximum that an error is near is its own metric's. */
static void errors_have_their_own_maximum(void **state)
{
    (void)state;
    scl_evidence cells[3];
    for (size_t i = 0; i < 3; i++) cells[i] = planted_seen(1e5 * pow(10, (double)i), 200, 9, .3, .01, 1e-3, 200, rng);
    scl_claim claim = *scl_claim_find("contrastive-recovery-upper");
    assert_words(&claim, cells, 3, "0 with an error near its maximum");
    claim.metric = "sin-theta-2";
    assert_words(&claim, cells, 3, "3 with an error near its maximum");
}

/* ---- models that are drawn ----------------------------------------------------------------------------------------------- */

static const char small[] =
    "name: small\nreplicates: 3\nmodel: {d: 12, r: 2, nu: [2, 1.5], noise: {profile: uniform}}\n"
    "sample: {n: 100}\nestimators: [pca, contrastive]\n"
    "metrics: [sin-theta-f, incoherence, signal-to-noise, eigengap, condition]\n"
    "bounds: [{id: mine, kind: upper, metric: sin-theta-f, estimator: contrastive, terms: {bias: "
    "\"incoherence*rho/gap*tr_D*sigma_max/sigma_min*nu_max/nu\"}}]\n";

static scl_config config;
static scl_table summary;
static char *path;

/* Runs the study and reads its summary. */
static void run(const char *more)
{
    const scl_study_options options = {.pool = {.workers = 1}, .command = "test", .fresh = true};
    scl_error err = {0};
    scl_progress progress = {0};
    size_t resumed = 0;
    FILE *file = fopen(in_root("study.yaml"), "w");
    assert_true(file && fprintf(file, "%s%s", small, more) > 0 && fclose(file) == 0);
    scl_status status = scl_config_read(&config, in_root("study.yaml"), NULL, 0, &names, &err);
    if (status == SCL_OK) status = scl_study_run(&progress, &resumed, &config, in_root("runs"), &options, &err);
    if (status == SCL_OK) status = scl_study_read_summary(&summary, &path, &config, in_root("runs"), &err);
    if (status != SCL_OK) fail_msg("%s", err.message);
}

static void forget(void)
{
    scl_config_free(&config);
    scl_table_free(&summary);
    scl_free(path);
}

static double measured(size_t cell, const char *metric)
{
    for (size_t row = 0; row < summary.n_rows; row++)
        if (scl_table_number(&summary, row, scl_table_column(&summary, "cell")) == (double)cell &&
            strcmp(scl_table_text(&summary, row, scl_table_column(&summary, "metric")), metric) == 0)
            return scl_table_number(&summary, row, scl_table_column(&summary, "mean"));
    fail_msg("no row of cell %zu and %s", cell, metric);
    return NAN;
}

/* The quantities are the study's own metrics, whichever order the cells come in. */
static void quantities_are_those_of_the_studys_models(void **state)
{
    (void)state;
    static const char *const sweeps[] = {"sweep: {model.d: [12, 20], sample.n: [200, 400, inf]}\n",
                                         "sweep: {sample.n: [200, 400, inf], model.d: [12, 20]}\n"};
    for (size_t s = 0; s < 2; s++) {
        scl_error err = {0};
        scl_evidence_list list = {0};
        scl_bound_claim own;
        run(sweeps[s]);
        assert_int_equal(scl_bound_claim_new(&own, &config, &config.bounds[0], &err), SCL_OK);
        if (scl_evidence_add(&list, &config, &summary, path, &own.claim, &err) != SCL_OK) fail_msg("%s", err.message);
        assert_int_equal(list.n, 6);
        for (size_t i = 0; i < list.n; i++) {
            const double *q = list.cells[i].quantities;
            const struct {
                double value, known;
            } pairs[] = {{q[SCL_QUANTITY_INCOHERENCE], measured(i, "incoherence")},
                         {q[SCL_QUANTITY_RHO], measured(i, "signal-to-noise")},
                         {q[SCL_QUANTITY_GAP], measured(i, "eigengap")},
                         {pow(q[SCL_QUANTITY_SIGMA_MAX] / q[SCL_QUANTITY_SIGMA_MIN], 2), measured(i, "condition")},
                         {q[SCL_QUANTITY_NU], 1.5},
                         {q[SCL_QUANTITY_NU_MAX], 2},
                         {q[SCL_QUANTITY_D], list.cells[i].d},
                         {q[SCL_QUANTITY_R], 2}};
            for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++)
                if (!(fabs(pairs[k].value - pairs[k].known) <= 1e-9 * pairs[k].known)) /* 10 digits */
                    fail_msg("cell %zu, quantity %zu: %.15g, not %.15g", i, k, pairs[k].value, pairs[k].known);
            assert_true(q[SCL_QUANTITY_N] == list.cells[i].n);
            assert_true(q[SCL_QUANTITY_TR_D] > .25 * list.cells[i].d && q[SCL_QUANTITY_TR_D] < 4 * list.cells[i].d);
        }
        scl_evidence_free(&list);
        scl_bound_claim_free(&own);
        forget();
    }
}

/* What the model alone tells is told when the evidence is read; nothing is left allocated, whichever allocation fails. */
static void values_of_models_that_no_bound_can_have(void **state)
{
    (void)state;
    scl_error err = {0};
    scl_evidence_list list = {0};
    scl_bound_claim own;
    run("sweep: {model.d: [20, 40], sample.n: [400, inf]}\n");
    assert_int_equal(scl_bound_claim_new(&own, &config, &config.bounds[0], &err), SCL_OK);
    own.claim.terms[SCL_TERM_BIAS] = "log(sigma_max - 2)";
    assert_int_equal(scl_evidence_add(&list, &config, &summary, path, &own.claim, &err), SCL_ERR_CONFIG);
    assert_non_null(strstr(err.message, "study.yaml: bounds: mine cannot be judged without a positive and finite term "
                                        "bias (it is nan at n = 400, d = 20, r = 2)"));
    scl_evidence_free(&list);
    own.claim.terms[SCL_TERM_BIAS] = config.bounds[0].terms[SCL_TERM_BIAS];
    size_t live = scl_memory_live(), k = 0;
    for (scl_status status = SCL_ERR_MEMORY; status != SCL_OK;) {
        scl_judgement judgement = {0};
        err = (scl_error){0};
        scl_memory_fail_at(++k);
        status = scl_evidence_add(&list, &config, &summary, path, &own.claim, &err);
        if (status == SCL_OK) status = own.claim.judge(&judgement, &own.claim, list.cells, list.n, &err);
        scl_memory_fail_at(0);
        assert_int_equal(status, status == SCL_OK ? SCL_OK : SCL_ERR_MEMORY);
        scl_judgement_free(&judgement);
        scl_evidence_free(&list);
        assert_int_equal(scl_memory_live(), live);
    }
    assert_true(k > 20);
    scl_bound_claim_free(&own);
    forget();
}

/* Bounds are told apart by what they say, not by the config that says it. */
static void definitions_are_told_apart(void **state)
{
    (void)state;
    const scl_claim one = {.id = "a", .metric = "sin-theta-f", .estimator = "pca", .terms = {"d", "r", NULL}};
    scl_claim other = one;
    assert_true(scl_bound_claim_same(&one, &other));
    other.terms[SCL_TERM_BIAS] = "2*r";
    assert_false(scl_bound_claim_same(&one, &other));
    other.terms[SCL_TERM_BIAS] = NULL;
    assert_false(scl_bound_claim_same(&one, &other));
    other = one;
    other.estimator = "contrastive{lambda=2}";
    assert_false(scl_bound_claim_same(&one, &other));
    other = one;
    other.metric = "sin-theta-2";
    assert_false(scl_bound_claim_same(&one, &other));
    other = one;
    other.id = "b";
    assert_false(scl_bound_claim_same(&one, &other));
}

static int prepare(void **state)
{
    scl_blas_start();
    while (names.n_claims < scl_n_claims) {
        claim_names[names.n_claims] = scl_claims[names.n_claims]->id;
        names.n_claims++;
    }
    return start(state) == 0 ? files_setup(state) : -1;
}

static int clean_up(void **state)
{
    int removed = files_teardown(state);
    return stop(state) == 0 ? removed : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_papers_bounds_are_the_claims),
        cmocka_unit_test(exponents_get_the_right_verdict),
        cmocka_unit_test(constants_do_not_matter),
        cmocka_unit_test(limits_are_counted_as_claimed),
        cmocka_unit_test(a_term_alone_has_its_own_constant),
        cmocka_unit_test(errors_have_their_own_maximum),
        cmocka_unit_test(quantities_are_those_of_the_studys_models),
        cmocka_unit_test(values_of_models_that_no_bound_can_have),
        cmocka_unit_test(definitions_are_told_apart),
    };
    return cmocka_run_group_tests(tests, prepare, clean_up);
}
