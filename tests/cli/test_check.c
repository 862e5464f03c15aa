/* `check` on planted summaries: each verdict, expected and not, with its exit status; and summaries that are incomplete or of
 * something else are refused. No trial is run: summary.csv is written by hand, with errors that follow the theorems' rates
 * (tests/claims plants the same) or do not. */
#include "cli/program.h"

#include "study/plan.h"

#include <math.h>

/* The truth that a summary is made of. */
typedef struct truth {
    double n_power;    /* contrastive: the sampling term is sqrt(dr/n) n^n_power */
    double floor_fall; /* pca: the error falls like n^-floor_fall; above 0: to a population error of 0 */
} truth;

static const double many_d[] = {20, 40, 60, 100, 200, 400, 700, 1000, 2000}, many_r[] = {1, 2, 3, 5, 10, 20};
static const double many_n[] = {1e4, 1e5, 1e6, 1e7, 1e8, 1e9}, some_d[] = {60, 200, 400, 1000},
                    some_r[] = {1, 3, 5, 20};

/* A few per cent of scatter that is the same in every run. */
static double scatter(double a, double b, double c)
{
    return 1 + .02 * sin(12.9898 * a + 78.233 * b + 37.719 * log(c));
}

static void add_rows(FILE *to, const char *name, size_t cell, double n, double d, double r, const truth *t)
{
    double bias = .15 * pow(r / 5, 1.5) * log(d) / d * scatter(d, r, 2);
    double sampling = isinf(n) ? 0 : d * r / n * pow(n / 1e4, 2 * t->n_power);
    double level = .22 * sqrt(r) * scatter(d, r, 3);
    double error = t->floor_fall == 0 ? level : isinf(n) ? 0 : level * pow(n / 1e4, -t->floor_fall);
    const char *const ids[] = {"contrastive", "pca"};
    for (size_t e = 0; e < 2; e++) {
        double population = e == 0 ? bias : t->floor_fall == 0 ? level : 0;
        double sampled = e == 0 ? sampling : isinf(n) ? 0 : d * r / n;
        double mean = hypot(e == 0 ? bias : error, sqrt(sampled)), sd = .03 * sqrt(sampled) * (e == 0 ? 1 : .3);
        if (isinf(n))
            fprintf(to, "%s,%zu,inf,%g,%g,%g,%g,inf,%s,sin-theta-f,exact,1,0,0,%.10g,0,0,%.10g,%.10g,,,,%.10g,0\n",
                    name, cell, d, r, d, r, ids[e], mean, mean, mean, population);
        else
            fprintf(to,
                    "%s,%zu,%.0f,%g,%g,%g,%g,%.0f,%s,sin-theta-f,ok,200,0,0,%.10g,%.10g,%.10g,%.10g,%.10g,,,,%.10g,0\n",
                    name, cell, n, d, r, d, r, n, ids[e], mean, sd, sd / sqrt(200), mean, mean, population);
    }
}

static void list_numbers(char *out, const double *values, size_t n)
{
    strcpy(out, "[");
    for (size_t i = 0; i < n; i++) sprintf(out + strlen(out), "%s%g", i ? ", " : "", values[i]);
    strcat(out, "]");
}

/* Writes the plan.csv that belongs to a config. */
static void plant_plan(const char *config_path, const char *plan_path)
{
    static const char *const claims[] = {"contrastive-recovery-upper", "autoencoder-recovery-lower"};
    scl_config_names names = {.claims = claims, .n_claims = 2};
    scl_config config;
    scl_plan plan;
    scl_table table = {0};
    scl_error err = {0};
    scl_status status = scl_config_read(&config, in_root(config_path), NULL, 0, &names, &err);
    if (status == SCL_OK) status = scl_plan_new(&plan, &config, &err);
    if (status == SCL_OK) status = scl_plan_table(&table, &plan, &err);
    if (status == SCL_OK) status = scl_table_write(&table, in_root(plan_path), &err);
    if (status != SCL_OK) fail_msg("%s", err.message);
    scl_table_free(&table);
    scl_plan_free(&plan);
    scl_config_free(&config);
}

/* Writes <name>.yaml, runs/<name>/plan.csv and runs/<name>/summary.csv for the product of d, r and n. */
static void plant(const char *name, const char *more, const double *d, size_t n_d, const double *r, size_t n_r,
                  const double *n, size_t n_n, const truth *t)
{
    char path[200], plan_path[200], d_list[200], r_list[200], n_list[200];
    list_numbers(d_list, d, n_d);
    list_numbers(r_list, r, n_r);
    list_numbers(n_list, n, n_n);
    snprintf(path, sizeof path, "%s.yaml", name);
    FILE *config = fopen(in_root(path), "w");
    fprintf(config,
            "name: %s\nclaims: [contrastive-recovery-upper, autoencoder-recovery-lower]\n"
            "model: {d: 100, r: 1, noise: {profile: linear, ratio: 2}}\nsample: {n: 1000}\n"
            "estimators: [contrastive, pca]\nmetrics: [sin-theta-f]\n%s"
            "sweep: {model.d: %s, model.r: %s, sample.n: %s}\n",
            name, more, d_list, r_list, n_list);
    fclose(config);
    mkdir(in_root("runs"), 0777);
    snprintf(path, sizeof path, "runs/%s", name);
    mkdir(in_root(path), 0777);
    snprintf(plan_path, sizeof plan_path, "runs/%s/plan.csv", name);
    snprintf(path, sizeof path, "%s.yaml", name);
    plant_plan(path, plan_path);
    snprintf(path, sizeof path, "runs/%s/summary.csv", name);
    FILE *summary = fopen(in_root(path), "w");
    fprintf(summary,
            "experiment,cell,n,d,r,model.d,model.r,sample.n,estimator,metric,status,n_ok,n_failed,n_unconverged,mean,"
            "sd,mcse,ci_low,ci_high,q05,median,q95,population,population_mcse\n");
    for (size_t i = 0; i < n_d; i++)
        for (size_t j = 0; j < n_r; j++)
            for (size_t k = 0; k < n_n; k++) add_rows(summary, name, (i * n_r + j) * n_n + k, n[k], d[i], r[j], t);
    fclose(summary);
}

#define OWN_BOUNDS(bias)                                                                                               \
    "bounds:\n  - {id: mine, kind: upper, metric: sin-theta-f, estimator: contrastive, terms: {sampling: "             \
    "\"sqrt(d*r/n)\", bias: \"" bias "\"}}\n"                                                                          \
    "  - {id: falls, kind: lower, metric: sin-theta-f, estimator: pca, terms: {floor: r}}\n"

static const double infinite[] = {INFINITY};

/* The pair of experiments <prefix>-inf and <prefix>-n. */
static void plant_both(const char *prefix, const char *more, const truth *t)
{
    char name[64];
    snprintf(name, sizeof name, "%s-inf", prefix);
    plant(name, more, many_d, 9, many_r, 6, infinite, 1, t);
    snprintf(name, sizeof name, "%s-n", prefix);
    plant(name, more, some_d, 4, some_r, 4, many_n, 6, t);
}

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    const truth theorem = {0}, slower = {.n_power = .2}, falling = {.floor_fall = .2};
    plant_both("good", "", &theorem);
    plant_both("slow", "", &slower);
    plant_both("falling", "", &falling);
    plant_both("meant", "expect: {autoencoder-recovery-lower: refuted}\n", &falling);
    write_text(in_root("real.yaml"), "name: real\nclaims: [autoencoder-recovery-lower]\nreplicates: 4\n"
                                     "model: {d: 20, r: 1, noise: {profile: linear, ratio: 2}}\nsample: {n: 2000}\n"
                                     "estimators: [pca]\nmetrics: [sin-theta-f]\nfigure: {x: n, y: sin-theta-f}\n");
    plant_both("own", OWN_BOUNDS("r^1.5*log(d)/d"), &theorem);
    plant_both("other", OWN_BOUNDS("r*log(d)/d") "expect: {mine: undecided}\n", &theorem);
    plant("thin", "", some_d, 1, some_r, 1, many_n, 1, &theorem);
    plant("unsure", "expect: {autoencoder-recovery-lower: undecided, contrastive-recovery-upper: undecided}\n", some_d,
          1, some_r, 1, many_n, 1, &theorem);
    return 0;
}

/* check ends with that status, says nothing on stderr and all parts, in this order, on stdout. */
static void verdicts(const char *command, int status, const char *const *parts, size_t n)
{
    uint64_t before = fingerprint(files_root);
    outcome o = shell(command);
    if (o.status != status || o.err[0]) fail_msg("%s: exit %d\n%s%s", command, o.status, o.out, o.err);
    assert_parts(command, o.out, parts, n);
    outcome_free(&o);
    assert_true(fingerprint(files_root) == before);
}
#define VERDICTS(command, status, ...) verdicts(command, status, PARTS(__VA_ARGS__))

static void each_verdict_has_its_exit_status(void **state)
{
    (void)state;
    VERDICTS("$S check good-inf.yaml good-n.yaml", 0, "contrastive-recovery-upper     confirmed  as expected\n",
             "source: ", "experiments: good-inf, good-n\n", "symbols:\n    e: error of a replicate",
             "\n    s: sampling error over", "\n    t: bias over", "\n    residual chi: ", "evidence:\n    cells: ",
             "autoencoder-recovery-lower     confirmed  as expected\n", "e_inf: ", "evidence:\n");
    VERDICTS("$S check slow-inf.yaml slow-n.yaml", 1, "contrastive-recovery-upper     refuted    NOT as expected\n",
             "expected: confirmed\n", "autoencoder-recovery-lower     confirmed  as expected\n");
    VERDICTS("$S check falling-inf.yaml falling-n.yaml", 1, "contrastive-recovery-upper     confirmed  as expected\n",
             "autoencoder-recovery-lower     refuted    NOT as expected\n", "expected: confirmed\n");
    VERDICTS("$S check falling-inf.yaml falling-n.yaml good-inf.yaml good-n.yaml", 1,
             "autoencoder-recovery-lower     refuted    NOT as expected\n", "so no c > 0 holds");
    VERDICTS("$S check thin.yaml", 1, "contrastive-recovery-upper     undecided  NOT as expected\n",
             "autoencoder-recovery-lower     undecided  NOT as expected\n");
    VERDICTS("$S check unsure.yaml", 0, "contrastive-recovery-upper     undecided  as expected\n",
             "autoencoder-recovery-lower     undecided  as expected\n");
}

/* A config's own bounds stand below the claims, with the same words and exit status; equal ones of several configs are pooled, others
 * judged apart. */
static void own_bounds_are_judged_like_claims(void **state)
{
    (void)state;
    VERDICTS("$S check own-inf.yaml own-n.yaml --set claims=[]", 1,
             "mine                           confirmed  as expected\n",
             "  E e <= K [r^1.5*log(d)/d + sqrt(d*r/n)], one K for all cells; e: sin-theta-f of contrastive\n",
             "  source: the config, under bounds (own-inf.yaml)\n  experiments: own-inf, own-n\n",
             "    s: sampling error over its term, sqrt(mean(e^2) - e_inf^2)/(sqrt(d*r/n))\n", "K-hat",
             "falls                          refuted    NOT as expected\n",
             "  E e >= c (r), one c > 0 for all cells; e: ", "expected: confirmed\n",
             "    b: the bound with c = 1, r\n", "refuted: (e_inf/b) falls with r");
    VERDICTS("$S check own-inf.yaml own-n.yaml --set 'expect={falls: refuted}'", 0,
             "contrastive-recovery-upper     confirmed", "autoencoder-recovery-lower     confirmed",
             "mine                           confirmed  as expected\n",
             "falls                          refuted    as expected\n");
    VERDICTS("$S check own-inf.yaml other-inf.yaml own-n.yaml other-n.yaml", 1,
             "mine                           confirmed  as expected\n", "experiments: own-inf, own-n\n",
             "falls                          refuted ", "experiments: own-inf, other-inf, own-n, other-n\n",
             "mine                           refuted    NOT as expected\n  E e <= K [r*log(d)/d + ",
             "experiments: other-inf, other-n\n", "expected: undecided\n");
    /* bounds are no part of the plan: those of another day are judged on the same summary */
    VERDICTS("$S check good-inf.yaml good-n.yaml --set claims=[] --set 'bounds=[{id: late, kind: lower, metric: "
             "sin-theta-f, "
             "estimator: pca, terms: {floor: sqrt(r)}}]'",
             0, "late                           confirmed  as expected\n");
    REFUSES("$S check own-n.yaml --set 'bounds=[{id: late, kind: lower, metric: sin-theta-f, estimator: pca, terms: "
            "{floor: "
            "\"sqr(r)\"}}]'",
            "--set bounds=[{id: late", "term floor: unknown name \"sqr\" (character 1 of the text); allowed: numbers",
            "did you mean \"sqrt\"?");
    REFUSES("$S plan own-n.yaml --set 'expect={yours: refuted}'",
            "not among this config's claims and bounds: \"yours\"",
            "allowed: contrastive-recovery-upper, autoencoder-recovery-lower, mine, falls");
    SAYS("$S list quantities", 0, "quantities (of a cell, for the terms of bounds)", "tr_D", "log(x) (natural)");
    SAYS("$S list claims", 0, "upper bound, term sampling: sqrt(d*r/n)", "lower bound, term floor: sqrt(r)");
}

/* The terms of every bound that is judged, own or not, with constant 1 in each cell. */
static void terms_are_written_on_request(void **state)
{
    (void)state;
    SAYS("$S check own-n.yaml --set claims=[contrastive-recovery-upper] --out terms.csv >/dev/null; head -2 terms.csv "
         "&& "
         "grep -c , terms.csv && grep '^own-n,95,' terms.csv",
         0, "experiment,cell,n,d,r,bound,term,expression,value\n",
         "own-n,0,10000,60,1,contrastive-recovery-upper,sampling,sqrt(d*r/n),0.07745966692\n",
         "481\n", /* 96 x 5, head */
         "own-n,95,1000000000,1000,20,contrastive-recovery-upper,sampling,sqrt(d*r/n),0.004472135955\n",
         "own-n,95,1000000000,1000,20,mine,bias,r^1.5*log(d)/d,0.6178",
         "own-n,95,1000000000,1000,20,falls,floor,r,20\n");
    REFUSES("$S check own-n.yaml --out terms.csv", "terms.csv: exists already; check replaces nothing");
    REFUSES("$S check own-n.yaml --out own-n.yaml", "own-n.yaml: exists already; check replaces nothing");
    REFUSES("$S check own-n.yaml --set claims=[] --set bounds=[] --out none.csv", "--out none.csv: no bound is judged");
    assert_int_not_equal(access(in_root("none.csv"), F_OK), 0);
    assert_int_equal(unlink(in_root("terms.csv")), 0);
}

/* An experiment that refutes on purpose is judged apart from those in the theorem's regime. */
static void expectations_are_kept_apart(void **state)
{
    (void)state;
    VERDICTS("$S check meant-inf.yaml meant-n.yaml", 0, "contrastive-recovery-upper     confirmed  as expected\n",
             "autoencoder-recovery-lower     refuted    as expected\n");
    VERDICTS("$S check meant-inf.yaml good-inf.yaml meant-n.yaml good-n.yaml", 0,
             "contrastive-recovery-upper     confirmed  as expected\n",
             "experiments: meant-inf, good-inf, meant-n, good-n\n",
             "autoencoder-recovery-lower     confirmed  as expected\n", "experiments: good-inf, good-n\n",
             "autoencoder-recovery-lower     refuted    as expected\n", "experiments: meant-inf, meant-n\n");
}

/* Replaces the first `from` at or after `after` in thin's summary, checks, and puts the summary back. */
static void check_changed(const char *from, const char *to, const char *const *parts, size_t n)
{
    const char *path = in_root("runs/thin/summary.csv");
    char kept[300], changed[4096];
    snprintf(kept, sizeof kept, "%s", path);
    char *whole = read_bytes(kept, NULL), *at = strstr(whole, from);
    if (!at) fail_msg("\"%s\" is not in the summary", from);
    snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - whole), whole, to, at + strlen(from));
    write_text(kept, changed);
    says_and_writes_nothing("$S check thin.yaml", 2, parts, n);
    write_text(kept, whole);
    free(whole);
}
#define CHANGED(from, to, ...) check_changed(from, to, PARTS(__VA_ARGS__))

static void summaries_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    CHANGED(",ok,200", ",incomplete,100", "runs/thin/summary.csv: cell 0 is incomplete", "spikedcl run thin.yaml");
    CHANGED(",ok,200", ",fine,200", "runs/thin/summary.csv: row 2 has status \"fine\"", "no error of a subspace");
    CHANGED("sin-theta-f,ok,200,0,0,", "sin-theta-f,ok,200,0,0,9", "row 2 has status \"ok\", mean 9", "of dimension 1");
    CHANGED("thin,0,10000", "thin,0,20000", "runs/thin/summary.csv: row 2 does not belong to cell 0 of thin.yaml");
    CHANGED("thin,0,10000,60", "thin,0,10000,61", "row 2 does not belong to cell 0");
    CHANGED("thin,0,", "thin,1,", "row 2 is of a cell that thin.yaml does not have");
    CHANGED("thin,0,", "thin,-1,", "row 2 is of a cell that thin.yaml does not have");
    CHANGED("thin,0,", "thin,x,", "row 2 is of a cell that thin.yaml does not have");
    CHANGED(",mcse,", ",mcsee,", "has no column \"mcse\"", "not a summary of this program");
    CHANGED("thin,0,10000", "thin,10000", "runs/thin/summary.csv:2:");
    CHANGED("thin,0,10000", "\"thin,0,10000", "runs/thin/summary.csv:");
    REFUSES("$S check thin.yaml missing.yaml", "missing.yaml: cannot be opened");
    REFUSES("$S check thin.yaml --results elsewhere", "elsewhere/thin/summary.csv: No such file or directory",
            "`spikedcl run thin.yaml --results elsewhere` makes it");
    REFUSES("$S check thin.yaml --set estimators=[contrastive,oracle,pca]",
            "cell 0 has estimators contrastive,pca, thin.yaml says contrastive,oracle,pca");
}

/* What can be known before the run is said before the run, at the claim, by every command that reads the config. */
static void claims_that_cannot_be_judged_are_refused_at_once(void **state)
{
    (void)state;
    REFUSES("$S check thin.yaml --set estimators=[pca]",
            "thin.yaml:2:10: claims: contrastive-recovery-upper cannot be judged on this config, which lacks the "
            "estimator contrastive with default options");
    REFUSES("$S run thin.yaml --set metrics=[cos2]", "thin.yaml:2:10: claims: ", "lacks the metric sin-theta-f\n");
    REFUSES("$S plan real.yaml --set model.r=3", "real.yaml:2:10: claims: autoencoder-recovery-lower ",
            "lacks a cell with n >= 100 d (or n = inf) and d >= 20 r");
    REFUSES("$S run real.yaml --set redraw=replicate", "real.yaml:2:10: ", "lacks a model that is drawn once");
    REFUSES("$S plan real.yaml --set claims=[contrastive-recovery-upper]",
            "--set claims=[contrastive-recovery-upper]: claims: ", "the estimator contrastive");
}

/* Numbers of other settings are not judged: plan.csv says what a summary is of. */
static void other_settings_are_refused(void **state)
{
    (void)state;
    outcome o = shell("$S run real.yaml --jobs 1");
    assert_int_equal(o.status, 0);
    outcome_free(&o);
    REFUSES("$S check real.yaml --set model.nu=2", "runs/real/plan.csv", "cell 0 has model.nu 1, real.yaml says 2");
    REFUSES("$S check real.yaml --set seed=2", "runs/real/plan.csv", "another seed");
    REFUSES("$S plot real.yaml --set model.nu=2", "cell 0 has model.nu 1, real.yaml says 2");
    REFUSES("$S plot real.yaml --set claims=[] --set redraw=replicate",
            "cell 0 has redraw cell, real.yaml says replicate");
    REFUSES("$S check real.yaml --set 'estimators=[pca, {name: contrastive, lambda: 2}]'",
            "cell 0 has estimators pca, real.yaml says pca,contrastive:contrastive{lambda=2}");
    REFUSES("$S plot real.yaml --set model.noise.profile=golden --set 'model.noise={profile: golden}'",
            "cell 0 has no model.noise.max, real.yaml says 4");
    /* the replicates are the summary's, whatever the config says: asking for others is refused, not ignored */
    static const char *const asking[] = {"$S check real.yaml --replicates 3", "$S check real.yaml --set replicates=3",
                                         "$S plot real.yaml --replicates=3", "$S plot real.yaml --set replicates=3"};
    for (size_t i = 0; i < 4; i++)
        REFUSES(asking[i], "the number of replicates is that of the summary",
                "`spikedcl summarise CONFIG --replicates");
    write_text(in_root("fewer.yaml"), "name: real\nclaims: [autoencoder-recovery-lower]\nreplicates: 3\n"
                                      "model: {d: 20, r: 1, noise: {profile: linear, ratio: 2}}\nsample: {n: 2000}\n"
                                      "estimators: [pca]\nmetrics: [sin-theta-f]\n");
    VERDICTS("$S check fewer.yaml", 1, "undecided  NOT as expected"); /* one cell */
    /* a summary alone does not say what it is of */
    assert_int_equal(unlink(in_root("runs/real/plan.csv")), 0);
    REFUSES("$S check real.yaml", "runs/real/plan.csv: No such file or directory", "`spikedcl run real.yaml` makes it");
    REFUSES("$S plot real.yaml", "runs/real/plan.csv: No such file or directory");
    SAYS("$S summarise real.yaml", 0, "runs/real/summary.csv");
    WRITES_NOTHING("$S check real.yaml --set 'expect={autoencoder-recovery-lower: undecided}'", "as expected");
}

/* A summary prints n, d and r in full: an n of eleven digits is that of its own config. */
static void long_sizes_are_recognised(void **state)
{
    (void)state;
    outcome o = shell("$S run real.yaml --set sample.n=12345678901 --results long --jobs 1 && "
                      "cut -d, -f3 long/real/summary.csv && "
                      "$S check real.yaml --set sample.n=12345678901 --results long");
    if (o.status != 1) fail_msg("exit %d\n%s%s", o.status, o.out, o.err); /* undecided: one cell */
    assert_non_null(strstr(o.out, "n\n12345678901\n"));
    outcome_free(&o);
}

/* The start of a text's i-th line, from 1. */
static char *line_of(char *text, size_t i)
{
    while (--i > 0) text = strchr(text, '\n') + 1;
    return text;
}

/* A summary that lacks a row is not judged on the rest, not even when another row stands there twice. */
static void missing_rows_are_refused(void **state)
{
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s", in_root("runs/good-n/summary.csv"));
    char *whole = read_bytes(path, NULL);
    char *cut = strdup(whole);
    char *last = strrchr(cut, 'g'); /* the last row begins with the name */
    while (strncmp(last, "good-n,", 7) != 0) last--;
    *last = '\0';
    write_text(path, cut);
    REFUSES("$S check good-n.yaml", "runs/good-n/summary.csv: has 95 rows of pca", "good-n.yaml has 96 cells");
    FILE *twice = fopen(path, "a");
    fprintf(twice, "%.*s\n", (int)strcspn(line_of(whole, 191), "\n"), line_of(whole, 191)); /* pca in cell 94 */
    fclose(twice);
    REFUSES("$S check good-n.yaml", "runs/good-n/summary.csv: row 193 repeats cell 94, which is in row 191 already");
    write_text(path, whole);
    free(cut);
    free(whole);
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_verdict_has_its_exit_status),
        cmocka_unit_test(own_bounds_are_judged_like_claims),
        cmocka_unit_test(terms_are_written_on_request),
        cmocka_unit_test(expectations_are_kept_apart),
        cmocka_unit_test(summaries_that_do_not_fit_are_refused),
        cmocka_unit_test(claims_that_cannot_be_judged_are_refused_at_once),
        cmocka_unit_test(other_settings_are_refused),
        cmocka_unit_test(long_sizes_are_recognised),
        cmocka_unit_test(missing_rows_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, files_teardown);
}
