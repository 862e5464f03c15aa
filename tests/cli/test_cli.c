/* The command line: help, usage errors, exit statuses, what goes to stdout and what to stderr, and that a mistake writes
 * nothing. Each command runs the real program in a folder whose every byte is compared before and after. */
#include "cli/program.h"

#include "base/comma.h"
#include "claims/claims.h"
#include "estimate/estimate.h"
#include "evaluate/evaluate.h"
#include "model/model.h"
#include "sample/sample.h"
#include "study/config.h"

static const char *const config =
    "name: small\nreplicates: 5\nmodel: {d: 8, r: 2, noise: {profile: linear, ratio: 2}}\n"
    "sample: {n: 50}\nestimators: [pca, contrastive, random]\n"
    "metrics: [sin-theta-f, cos2]\nsweep: {sample.n: [50, inf]}\n";

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("c.yaml"), config);
    write_text(in_root("same.yaml"), config);
    write_text(in_root("bad.yaml"), "name: bad\nmodell: {d: 8, r: 2}\n");
    write_text(in_root("file"), "a file\n");
    return 0;
}

static const char *const commands[] = {"run",  "plan", "status", "summarise", "check",
                                       "plot", "list", "export", "replay",    "merge"};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void help_is_on_stdout(void **state)
{
    (void)state;
    static const char *const lists[] = {"--help", "-h", "help"};
    for (size_t i = 0; i < 3; i++) {
        char command[64];
        snprintf(command, sizeof command, "$S %s", lists[i]);
        WRITES_NOTHING(command, "usage: spikedcl COMMAND", "run ", "plan ", "status ", "summarise ", "check ", "plot ",
                       "list ", "export ", "exit status: 0 done", "1 a differing or undecided verdict",
                       "failed or missing trials", "a run that was stopped", "2 a mistake", "folder of another plan",
                       "3 the system", "locked store");
    }
    for (size_t i = 0; i < N_COMMANDS; i++) {
        char command[64], usage[64];
        snprintf(command, sizeof command, "$S %s --help", commands[i]);
        snprintf(usage, sizeof usage, "usage: spikedcl %s ", commands[i]);
        WRITES_NOTHING(command, usage, "--help");
        snprintf(command, sizeof command, "$S %s -h", commands[i]);
        WRITES_NOTHING(command, usage);
        snprintf(command, sizeof command, "$S %s missing.yaml --help --bogus", commands[i]);
        WRITES_NOTHING(command, usage);
    }
    WRITES_NOTHING("$S run --help", "--results DIR", "./runs", "--jobs N", "--replicates R", "--set KEY=VALUE",
                   "the last of a key counts", "--shard I/M", "--fail-fast", "--job-limit SECONDS", "--fresh",
                   "--accept-kernel");
    WRITES_NOTHING("$S merge --help", "--results DIR", "--replicates R", "--set KEY=VALUE", "--accept-kernel");
    WRITES_NOTHING("$S replay --help", "--cell C", "--replicate R");
    WRITES_NOTHING("$S --version", "spikedcl: 0.", "results version: ", "compiler: ", "flags: ", "BLAS: ", "1 thread",
                   "GSL: ", "SQLite: ", "libfyaml: ", "muParser: ", "commit: ");
    REFUSES("$S", "usage: spikedcl COMMAND");
}

static void unknown_words_name_the_nearest(void **state)
{
    (void)state;
    REFUSES("$S rnu", "unknown command \"rnu\"", "did you mean \"run\"?");
    REFUSES("$S sumarize c.yaml", "unknown command", "did you mean \"summarise\"?");
    REFUSES("$S zzzzzzzzz", "unknown command \"zzzzzzzzz\"", "`spikedcl --help` lists them");
    REFUSES("$S ''", "unknown command \"\"");
    REFUSES("$S --jobs 2 run c.yaml", "unknown command \"--jobs\"");
    REFUSES("$S run c.yaml --job-s 2", "unknown option \"--job-s\"", "did you mean \"--jobs\"?",
            "`spikedcl run --help` lists the options");
    REFUSES("$S run c.yaml --sett a=1", "unknown option \"--sett\"", "did you mean \"--set\"?");
    REFUSES("$S run c.yaml -x", "unknown option \"-x\"");
    REFUSES("$S run -xh c.yaml", "unknown option \"-x\"");
    REFUSES("$S status c.yaml --jobs 2", "unknown option \"--jobs\"");
    REFUSES("$S list keyz",
            "unknown topic \"keyz\"; did you mean \"keys\"?; known: keys, models, estimators, metrics, claims");
    REFUSES("$S list audit", "unknown topic \"audit\"; names that begin so: audit-bias, audit-bias-davis-kahan, ");
    REFUSES("$S list zzzzzzzzz", "unknown topic \"zzzzzzzzz\"; known: keys");
    REFUSES("$S report c.yaml", "unknown command \"report\""); /* not built yet: as unknown as any other */
}

static void values_are_checked(void **state)
{
    (void)state;
    static const char *const options[] = {"--jobs", "--results", "--replicates", "--set"};
    for (size_t i = 0; i < 4; i++) {
        char command[64];
        snprintf(command, sizeof command, "$S run c.yaml %s", options[i]);
        REFUSES(command, "a value is missing after", options[i]);
    }
    static const char *const jobs[] = {"0", "-1", "abc", "1.5", "1e9", "''", "' 2'", "2x", "nan", "inf", "4097"};
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        char command[64];
        snprintf(command, sizeof command, "$S run c.yaml --jobs %s", jobs[i]);
        REFUSES(command, "--jobs ", "must be a whole number from 1 to 4096");
        snprintf(command, sizeof command, "$S run c.yaml --jobs=%s", jobs[i]);
        REFUSES(command, "--jobs ", "must be a whole number from 1 to 4096");
    }
    REFUSES("$S run c.yaml --fresh=yes", "no value is allowed in \"--fresh=yes\"");
    REFUSES("$S run c.yaml --results ''", "--results: the path is empty");
    REFUSES("$S export c.yaml --out ''", "--out: the path is empty");
    REFUSES("$S run c.yaml --replicates 0", "--replicates=0: ", "1 to 1000000000");
    REFUSES("$S run c.yaml --replicates abc", "--replicates=abc: ", "abc");
    REFUSES("$S run c.yaml --set", "a value is missing after \"--set\"");
    REFUSES("$S run c.yaml --set model.d", "--set model.d");
    REFUSES("$S run c.yaml --set model.dd=3", "--set model.dd=3", "did you mean \"model.d\"?");
    REFUSES("$S run c.yaml --set model.d=abc", "--set model.d=abc", "whole number");
    REFUSES("$S run c.yaml --set sample.n=100", "sample.n", "swept");
    REFUSES("$S plan c.yaml --set sample.n=100", "sample.n", "swept");
    REFUSES("$S run c.yaml --set model.r=9", "r = 9 is above d = 8");
}

static void configs_are_checked_before_anything_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_COMMANDS; i++) {
        char command[128];
        if (strcmp(commands[i], "list") == 0) continue;
        snprintf(command, sizeof command, "$S %s", commands[i]);
        REFUSES(command, strcmp(commands[i], "export") == 0 ? "no config given" : "no config given");
        const char *out = strcmp(commands[i], "export") == 0   ? "--out o.csv"
                          : strcmp(commands[i], "replay") == 0 ? "--cell 0 --replicate 0"
                                                               : "";
        snprintf(command, sizeof command, "$S %s missing.yaml %s", commands[i], out);
        REFUSES(command, "missing.yaml: cannot be opened: No such file or directory");
        snprintf(command, sizeof command, "$S %s . %s", commands[i], out);
        REFUSES(command, "is a folder, not a file");
        snprintf(command, sizeof command, "$S %s bad.yaml %s", commands[i], out);
        REFUSES(command, "bad.yaml:2:1: ", "modell", "did you mean \"model\"?");
        if (strcmp(commands[i], "export") == 0 || strcmp(commands[i], "replay") == 0) continue; /* one config */
        snprintf(command, sizeof command, "$S %s c.yaml bad.yaml", commands[i]);
        if (strcmp(commands[i], "check") != 0) REFUSES(command, "bad.yaml:2:1: ");
        snprintf(command, sizeof command, "$S %s c.yaml same.yaml", commands[i]);
        if (strcmp(commands[i], "check") != 0) REFUSES(command, "c.yaml and same.yaml both have the name \"small\"");
    }
    REFUSES("$S export c.yaml", "needs one config and --out FILE");
    REFUSES("$S export c.yaml same.yaml --out o.csv", "needs one config and --out FILE");
}

static void plan_and_list_only_print(void **state)
{
    (void)state;
    WRITES_NOTHING("$S plan c.yaml", "small: 2 cells, 10 jobs, 3 estimators, ", " MB of memory per worker\n", "cell",
                   "model.d", "sample.n", "jobs", "stream", "\n0  ", "50", "\n1  ", "inf");
    WRITES_NOTHING("$S plan c.yaml --replicates 7 --set model.d=9", "small: 2 cells, 14 jobs");
    WRITES_NOTHING("$S plan c.yaml --set model.d=9 --replicates 7 --set model.d=11 --set replicates=3",
                   "2 cells, 6 jobs", "\n0  ", "11", "\n1  "); /* the last of a key counts */
    WRITES_NOTHING("$S plan --set name=other c.yaml --set estimators=[pca]", "other: 2 cells, 6 jobs");
    WRITES_NOTHING("$S plan c.yaml --jobs 3",
                   "\nsmall: ", " on 3 workers, by a pilot of up to 20 replicates in 2 of 2 cells\n");
    WRITES_NOTHING("$S plan c.yaml --pilot 2 --jobs 1",
                   " on 1 worker, by a pilot of up to 2 replicates in 2 of 2 cells\n");
    REFUSES("$S plan c.yaml --pilot -1", "--pilot -1: must be a whole number from 0 to 1000000");
    WRITES_NOTHING("$S list keys", "keys\n", "model.d", "{name, id, <option>: value}");
    WRITES_NOTHING("$S plan c.yaml --set 'estimators=[pca, contrastive, {name: contrastive, id: kept-nine-tenths, "
                   "keep-probability: .9, lambda: 2}]'",
                   "3 estimators"); /* README's example */
    WRITES_NOTHING("$S list metrics keys", "keys\n", "metrics\n");
    WRITES_NOTHING("$S list logistic-head-log", "needs a task: logistic, probit; labelled samples; sampler data\n");
    WRITES_NOTHING("$S list lda", "learns from labels: tasks logistic, probit, classes\n");
}

/* `plan` says how many replicates a target needs, and the run comes to them. */
static void plan_expects_what_a_target_needs(void **state)
{
    (void)state;
    write_text(in_root("precise.yaml"), "name: precise\nseed: 4\nreplicates: 10\nmodel: {d: 12, r: 2}\n"
                                        "estimators: [pca, contrastive]\nmetrics: [sin-theta-f]\n"
                                        "sweep: {sample.n: [40, 160, inf]}\n"
                                        "precision: {metric: sin-theta-f, mcse: .01, max_replicates: 5000}\n");
    outcome o = shell("$S plan precise.yaml --pilot 1000 --jobs 2");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.out, "precise: 3 cells, at least 21 jobs, 2 estimators, "));
    assert_non_null(strstr(o.out, "precise: about "));
    assert_non_null(strstr(o.out, "precise: `expected` replicates make the mcse of sin-theta-f at most 0.01\n"));
    size_t expected[3], jobs = 0;
    const char *line = strstr(o.out, "\n0  ");
    for (size_t c = 0; c < 3; c++) { /* the last word of each row */
        assert_non_null(line);
        const char *end = strchr(line + 1, '\n'), *word = end;
        while (word[-1] != ' ') word--;
        expected[c] = (size_t)strtoul(word, NULL, 10);
        jobs += expected[c];
        line = end;
    }
    size_t said = 0;
    assert_int_equal(sscanf(strstr(o.out, "precise: about "), "precise: about %zu jobs", &said), 1);
    assert_int_equal(said, jobs);
    outcome_free(&o);
    o = shell("$S run precise.yaml --results precise --jobs 2");
    assert_int_equal(o.status, 0);
    assert_non_null(
        strstr(o.err, "precise: precision, mcse of sin-theta-f up to 0.01: reached in 2 of 2 cells, with "));
    if (sscanf(o.out, "precise: %zu jobs", &said) != 1) fail_msg("%s", o.out);
    assert_int_equal(said, jobs); /* fixed seeds; tests/study/test_pilot.c says how far they may be apart */
    outcome_free(&o);
    o = shell("$S plan precise.yaml --set precision.mcse=1e-9; $S plan precise.yaml --pilot 1; $S plan precise.yaml "
              "--pilot 0");
    assert_non_null(strstr(o.out, "  5000 (max)\n"));
    assert_non_null(strstr(o.out, "; 2 cells are (max), first cell 0: max_replicates = 5000 is too few\n"));
    assert_non_null(strstr(o.out, "  ?\n"));
    outcome_free(&o);
    o = shell("$S status precise.yaml --results precise --set precision.mcse=.001");
    assert_int_equal(o.status, 1);
    assert_non_null(strstr(o.out, "reached in 0 of 2 cells, with "));
    assert_non_null(strstr(o.out, " so far; 2 still run\n"));
    outcome_free(&o);
    o = shell("$S summarise precise.yaml --results precise --set precision.mcse=1");
    assert_int_equal(o.status, 0);
    assert_non_null(strstr(o.err, "reached in 2 of 2 cells, with 10 replicates\n"));
    assert_non_null(strstr(o.err, "; a summary uses the first ones that precision asks for\n"));
    outcome_free(&o);
}

/* A million jobs are planned in 2 s of processor time and 1 GB, beside some that BLAS maps and does not use. Sanitizers and
 * counters need more. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ || defined SCL_COUNTED
#define LIMITS ""
#else
#define LIMITS "ulimit -t 2; ulimit -v 1500000; "
#endif
static void a_million_jobs_are_planned_at_once(void **state)
{
    (void)state;
    static const char *const shapes[][3] = {{"200", "50", "million: 5000 cells, 1000000 jobs, "},
                                            {"10", "1000", "million: 100000 cells, 1000000 jobs, "}};
    for (size_t i = 0; i < 2; i++) {
        char text[400];
        snprintf(text, sizeof text,
                 "name: million\nreplicates: %s\nmodel: {d: 20, r: 2}\nestimators: [pca]\nmetrics: [cos2]\n"
                 "sweep: {model.nu: {linear: [1, 2, %s]}, sample.n: {linear: [1000, 100000, 100]}}\n",
                 shapes[i][0], shapes[i][1]);
        write_text(in_root("million.yaml"), text);
        outcome o = shell("(" LIMITS "$S plan million.yaml --pilot 0)");
        assert_int_equal(o.status, 0);
        assert_non_null(strstr(o.out, shapes[i][2]));
        outcome_free(&o);
    }
}

/* A word in the output, as the first of its line. */
static void assert_listed(const char *text, const char *name)
{
    char line[128];
    snprintf(line, sizeof line, "\n  %s", name);
    const char *at = strstr(text, line);
    if (!at || (at[strlen(line)] != ' ' && at[strlen(line)] != '\n')) fail_msg("list does not name %s", name);
}

static void list_documents_all_there_is(void **state)
{
    (void)state;
    outcome o = shell("$S list");
    assert_int_equal(o.status, 0);
    for (size_t i = 0; i < scl_n_estimators; i++) {
        assert_listed(o.out, scl_estimators[i]->name);
        assert_non_null(strstr(o.out, scl_estimators[i]->summary));
        assert_non_null(strstr(o.out, scl_estimators[i]->source));
        for (size_t k = 0; k < scl_estimators[i]->n_options; k++) {
            assert_non_null(strstr(o.out, scl_estimators[i]->options[k].key));
            assert_non_null(strstr(o.out, scl_estimators[i]->options[k].meaning));
        }
    }
    for (size_t i = 0; i < scl_n_metrics; i++) {
        assert_listed(o.out, scl_metrics[i]->name);
        assert_non_null(strstr(o.out, scl_metrics[i]->summary));
    }
    for (size_t i = 0; i < scl_n_claims; i++) {
        assert_listed(o.out, scl_claims[i]->id);
        assert_non_null(strstr(o.out, scl_claims[i]->statement));
    }
    for (size_t i = 0; i < scl_n_config_keys; i++) {
        assert_listed(o.out, scl_config_keys[i].key);
        assert_non_null(strstr(o.out, scl_config_keys[i].meaning));
        assert_non_null(strstr(o.out, scl_config_keys[i].allowed));
    }
    for (size_t i = 0; i < SCL_N_LOADINGS; i++) assert_listed(o.out, scl_loadings_names[i]);
    for (size_t i = 0; i < SCL_N_NOISE; i++) assert_listed(o.out, scl_noise_names[i]);
    for (size_t i = 0; i < SCL_N_SAMPLERS; i++) assert_listed(o.out, scl_sampler_names[i]);
    outcome_free(&o);
}

/* A name alone has its own entry, wherever it stands, and a group of the models all of its. */
static void list_finds_names(void **state)
{
    (void)state;
    outcome o = shell("$S list heteropca");
    assert_int_equal(o.status, 0);
    assert_int_equal(strncmp(o.out, "estimators\n  heteropca ", 23), 0);
    assert_non_null(strstr(o.out, "truncation: "));
    assert_null(strstr(o.out, "deflated"));
    assert_null(strstr(o.out, "sources:")); /* its source is none of the words */
    outcome_free(&o);
    SAYS("$S list deflated-heteropca", 0, "recalled: from memory");
    o = shell("$S list uniform");
    assert_int_equal(o.status, 0);
    assert_int_equal(strncmp(o.out, "noise profiles\n  uniform ", 25), 0);
    assert_non_null(strstr(o.out, "\n\nlaws (model.latent, model.noise_law)\n  uniform "));
    assert_null(strstr(o.out, "student"));
    outcome_free(&o);
    o = shell("$S list laws");
    for (size_t i = 0; i < SCL_N_LAWS; i++) assert_listed(o.out, scl_law_names[i]);
    assert_null(strstr(o.out, "samplers"));
    outcome_free(&o);
    o = shell("$S list claims");
    assert_int_equal(strncmp(o.out, "claims\n  contrastive-recovery-upper\n", 36),
                     0); /* and not the key of that name */
    assert_non_null(strstr(o.out, "needs a cell with n = inf and d >= 10 r, of coherent loadings\n"));
    assert_non_null(strstr(o.out, "needs under compare: [gan, pca]\n"));
    outcome_free(&o);
    REFUSES("$S list laws heteropcaa", "unknown topic \"heteropcaa\"; did you mean \"heteropca\"?");
}

static void a_run_says_what_it_did(void **state)
{
    (void)state;
    SAYS("$S run c.yaml --jobs 2", 0, "small: 10 jobs in ", " s; runs/small/summary.csv\n");
    char *summary = read_bytes(in_root("runs/small/summary.csv"), NULL);
    assert_int_equal(count_lines(summary), 1 + 2 * 3 * 2);
    SAYS("$S run c.yaml", 0, "small: resumed, 10 of 10 jobs were there already\n", "small: 0 jobs in ");
    assert_same_file(in_root("runs/small/summary.csv"), summary);
    SAYS("$S run --replicates=8 c.yaml", 0, "small: resumed, 10 of 16 jobs were there already\n", "small: 6 jobs in ");
    SAYS("$S summarise c.yaml 2>&1", 0, "small: runs/small/summary.csv\n", "uses the first 5\n");
    assert_same_file(in_root("runs/small/summary.csv"), summary); /* of the config's five replicates */
    SAYS("$S export c.yaml --out o.csv", 0, "small: o.csv\n");
    char *export = read_bytes(in_root("o.csv"), NULL);
    /* header; cell 0: 5 x 3 and 2 population rows; cell 1: 5 of random, 1 of each other; two metrics */
    assert_int_equal(count_lines(export), 1 + 2 * (5 * 3 + 2 + 5 + 2));
    SAYS("$S plot c.yaml", 0, "small: its config asks for no figure\n");
    SAYS("$S plot c.yaml --set 'figure={x: n, y: cos2}'", 0, "small: runs/small.svg, .png\n");
    assert_true(exists(in_root("runs/small.svg")) && exists(in_root("runs/small.png")) && !exists(in_root("plots")));
    SAYS("$S plot c.yaml --set 'figure={x: n, y: cos2}' --out pictures", 0, "small: pictures/small.svg, .png\n");
    WRITES_NOTHING("$S check c.yaml", "the config names no claim\n");
    SAYS("$S run c.yaml --fresh --results runs/../runs", 0, "small: 10 jobs in ");
    assert_true(exists(in_root("runs/small.old-1/summary.csv")));
    assert_same_file(in_root("runs/small/summary.csv"), summary);
    free(summary);
    free(export);
    /* nothing that is there is replaced: not an export, the config, the store, a link or a folder */
    assert_int_equal(symlink("o.csv", in_root("link.csv")), 0);
    static const char *const taken[] = {"o.csv", "c.yaml", "runs/small/trials.sqlite", "link.csv", "runs"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        char command[128];
        snprintf(command, sizeof command, "$S export c.yaml --out %s", taken[i]);
        REFUSES(command, taken[i], "exists already");
    }
}

/* The provenance has the commit of --version; a header is written for a new commit only, and no other checkout's is taken. */
static void the_commit_is_recorded(void **state)
{
    (void)state;
    char script[1024];
    SAYS("$S run c.yaml --results commit && grep -qx \"$($S --version | grep '^commit: .')\" "
         "commit/small/provenance.txt",
         0, "small: 10 jobs");
    assert_non_null(realpath("scripts/commit.sh", script));
    setenv("C", script, 1);
    SAYS("mkdir tarball && cd tarball && $C h && cat h", 0, "#define SCL_BUILD_COMMIT \"unknown\"\n");
    SAYS("cd tarball && touch -d @0 h && $C h && find h ! -newermt @1", 0, "h\n");
    SAYS("command -v git || { echo all; exit; }; git init -q co && cd co && echo 1 >f && git add f && "
         "git -c user.name=x -c user.email=x commit -qm 1 && $C ../h && grep \"\\\"$(git rev-parse --short HEAD)\\\"\" "
         "../h && "
         "echo 2 >f && $C ../h && grep -e '-dirty\"' ../h && mkdir inner && cd inner && $C ../../h && grep unknown "
         "../../h && "
         "echo all",
         0, "all\n");
}

static void another_plan_is_refused(void **state)
{
    (void)state;
    SAYS("$S run c.yaml --results other", 0, "small: 10 jobs");
    REFUSES("$S run c.yaml --results other --set model.d=9 --set seed=5",
            "other/small/trials.sqlite holds another plan:\n", "  seed: there 1, now 5\n",
            "  model.d: there 8, now 9\n", "--fresh` moves the old results aside", "or name another --results folder",
            "nothing was changed");
    REFUSES("$S summarise c.yaml --results other --set model.nu=3", "model.nu: there 1, now 3");
    REFUSES("$S export c.yaml --results other --set model.nu=3 --out other.csv", "model.nu: there 1, now 3");
    SAYS("$S run c.yaml --results other --set seed=5 --fresh", 0, "small: 10 jobs");
}

/* A job again, alone: the bits of the store, which export shows too. */
static void replay_gives_the_stored_bits(void **state)
{
    (void)state;
    WRITES_NOTHING(
        "$S replay c.yaml --cell 0 --replicate 4 --results replayed", "small: cell 0, replicate 4 (sample.n = 50)\n",
        "  there is no store at replayed/small/trials.sqlite to compare with\n", "  pca, sample: ok; sin-theta-f = 0.",
        ", cos2 = 0.", "; not in the store\n      eigenvalues ", ", residual ", " ms, metrics ",
        "  random, sample: ok;", "; not in the store\n      no eigenvalues; fit ");
    WRITES_NOTHING(
        "$S replay c.yaml --cell 0 --replicate 0 --results fitted --set 'estimators=[gan, factor-analysis, pca]'",
        "  gan, sample: ok; ", "; squared 2-Wasserstein distance ", "  factor-analysis, sample: ", "; log-likelihood -",
        "  pca, sample: ok; sin-theta-f = "); /* what was optimised */
    SAYS("$S run c.yaml --results replayed", 0, "small: 10 jobs");
    SAYS("$S export c.yaml --results replayed --out replayed.csv", 0, "replayed.csv");
    char *export = read_bytes(in_root("replayed.csv"), NULL);
    for (int job = 0; job < 10; job++) {
        char command[100], start[64];
        snprintf(command, sizeof command, "$S replay c.yaml --results replayed --cell %d --replicate %d", job / 5,
                 job % 5);
        uint64_t before = fingerprint(files_root);
        outcome o = shell(command);
        if (o.status != 0 || o.err[0]) fail_msg("%s: exit %d: %s", command, o.status, o.err);
        assert_true(fingerprint(files_root) == before);
        size_t lines = count_lines(o.out), rows = 0, samples = 0;
        for (const char *at = o.out; (at = strstr(at, "; as stored\n      ")); at++) rows++;
        for (const char *at = o.out; (at = strstr(at, "; gap after the 2nd ")); at++) samples++;
        assert_int_equal(lines, 1 + samples + 2 * rows); /* a line for the job, each sample, two for each row */
        assert_int_equal(samples, 1 + (job == 0));
        assert_int_equal(rows, job < 5 ? 3 + 2 * (job == 0) : job == 5 ? 3 : 1);
        /* random's value, as the export has it */
        snprintf(start, sizeof start, "%d,%s,8,2,%s,%d,random,sin-theta-f,sample,ok,", job / 5, job < 5 ? "50" : "inf",
                 job < 5 ? "50" : "inf", job % 5);
        const char *exported = strstr(export, start), *shown = strstr(o.out, "random, sample: ok; sin-theta-f = ");
        assert_non_null(exported);
        assert_non_null(shown);
        exported += strlen(start);
        shown += strlen("random, sample: ok; sin-theta-f = ");
        assert_memory_equal(exported, shown, strcspn(exported, "\n"));
        outcome_free(&o);
    }
    free(export);
    REFUSES("$S replay c.yaml --cell 2 --replicate 0", "c.yaml: there is no cell 2; it has cells 0 to 1");
    REFUSES("$S replay c.yaml --cell 1 --replicate 5", "no replicate 5 in cell 1; it has replicates 0 to 4");
    REFUSES("$S replay c.yaml --cell 1", "needs one config, --cell C and --replicate R");
    REFUSES("$S replay c.yaml --cell x --replicate 0", "--cell x: must be a whole number from 0 to 99999");
    REFUSES("$S replay c.yaml --cell 0 --replicate -1", "--replicate -1: must be a whole number");
    REFUSES("$S replay c.yaml --cell 0 --replicate 0 --results replayed --set seed=2", "seed: there 1, now 2");
}

/* OPENBLAS_CORETYPE makes the library take another kernel: the same plan in other last digits. */
static void another_kernel_is_refused(void **state)
{
    (void)state;
    static const char *const kernels[] = {"Prescott", "Nehalem", "Sandybridge", "Haswell"};
    outcome o = shell("$S run c.yaml --results kernel && $S --version");
    assert_int_equal(o.status, 0);
    const char *other = NULL;
    char command[200];
    for (size_t i = 0; i < 4 && !other; i++) {
        snprintf(command, sizeof command, "OPENBLAS_CORETYPE=%s $S --version", kernels[i]);
        outcome switched = shell(command);
        const char *here = strstr(o.out, ", kernel "), *there = strstr(switched.out, ", kernel ");
        if (here && there && strncmp(here, there, strcspn(here, "\n")) != 0) other = kernels[i];
        outcome_free(&switched);
    }
    outcome_free(&o);
    if (!other) {
        print_message("skipped: this BLAS has one kernel only\n");
        skip();
    }
    snprintf(command, sizeof command, "OPENBLAS_CORETYPE=%s $S run c.yaml --results kernel --replicates 9", other);
    REFUSES(command, "kernel/small/trials.sqlite: its rows were made with the BLAS kernel ", ", this is ",
            "--accept-kernel");
    snprintf(command, sizeof command, "OPENBLAS_CORETYPE=%s $S replay c.yaml --results kernel --cell 0 --replicate 1",
             other);
    outcome replayed = shell(command); /* shows whether the other kernel gives other bits */
    assert_int_equal(replayed.status, strstr(replayed.out, "differs from the store") ? 1 : 0);
    outcome_free(&replayed);
    snprintf(command, sizeof command,
             "OPENBLAS_CORETYPE=%s $S run c.yaml --results kernel --replicates 9 --accept-kernel", other);
    SAYS(command, 0, "resumed, 10 of 18 jobs", "small: 8 jobs");
}

static void the_systems_faults_are_status_3(void **state)
{
    (void)state;
    FAILS("$S run c.yaml --results file", "file", "a file of that name is in the way");
    FAILS("$S run c.yaml --results file/inside", "file", "in the way");
    FAILS("$S run c.yaml --results /proc/nowhere", "/proc/nowhere: folder cannot be made: ");
    FAILS("$S list > /dev/full", "the output cannot be written: No space left on device");
    FAILS("$S --version > /dev/full", "the output cannot be written");
    FAILS("$S --help > /dev/full", "the output cannot be written");
    FAILS("$S run --help > /dev/full", "the output cannot be written");
    FAILS("$S plan c.yaml > /dev/full", "the output cannot be written");
    FAILS("$S list >&-", "the output cannot be written");
    SAYS("$S run c.yaml --results full > /dev/full", 3, "the output cannot be written");
    assert_true(exists(in_root("full/small/summary.csv"))); /* what was finished is there */
    SAYS("$S export c.yaml --results full --out /dev/full/x", 3, "/dev/full/x");
    assert_int_equal(mkdir(in_root("damaged"), 0777), 0);
    assert_int_equal(mkdir(in_root("damaged/small"), 0777), 0);
    write_text(in_root("damaged/small/trials.sqlite"), "not a database, but somebody's only copy of something");
    write_text(in_root("damaged/small/run.lock"), "");
    FAILS("$S run c.yaml --results damaged", "damaged/small/trials.sqlite: the trial store is damaged (",
          "`spikedcl run c.yaml --results damaged --fresh` moves the folder aside");
    FAILS("$S summarise c.yaml --results damaged", "damaged/small/trials.sqlite: the trial store is damaged (");
    FAILS("$S export c.yaml --results damaged --out o2.csv", "the trial store is damaged (");
    REFUSES("$S summarise c.yaml --results nowhere",
            "small was never started (nowhere/small/trials.sqlite: No such file",
            "`spikedcl run c.yaml --results nowhere` starts it");
    REFUSES("$S check c.yaml --results nowhere", "nowhere/small/summary.csv: No such file",
            "`spikedcl run c.yaml --results nowhere` makes it");
}

/* Asked for before anything is written, also where a run goes on. (The sanitizers' own memory does not fit such a limit.) */
static void too_little_memory_writes_nothing(void **state)
{
    (void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip();
#else
    FAILS("ulimit -v 4000000; $S run c.yaml --jobs 2 --results huge --set model.d=46000",
          "c.yaml: out of memory: 2 workers with up to d = 46000, r = 2 need ", " GB (", " GB each)", "fewer --jobs");
    FAILS("ulimit -v 4000000; $S run c.yaml --jobs 1 --set sweep='{model.d: [46000, 8]}' --results huge",
          "1 worker with up to d = 46000, r = 2 need");
    SAYS("$S run c.yaml --results roomy", 0, "small: 10 jobs");
    FAILS("ulimit -v 4000000; $S run c.yaml --jobs 2 --results roomy --fresh --set model.d=46000", "out of memory");
    REFUSES("ulimit -v 4000000; $S run c.yaml --jobs 2 --results roomy --set model.d=46000", "holds another plan");
    SAYS("ulimit -v 4000000; $S run c.yaml --jobs 2 --results roomy", 0, "10 of 10 jobs were there already");
    /* a study that grows needs the workers of what is added alone, and is left as it was without them */
    FAILS("ulimit -v 4000000; $S run c.yaml --jobs 9 --results roomy --set "
          "'sweep=[{sample.n: [50, inf]}, {model.d: [46000], sample.n: [50]}]'",
          "c.yaml: out of memory: 5 workers with up to d = 46000, r = 2 need ");
    SAYS("$S run c.yaml --results roomy --fresh --replicates 1", 0, "small: 2 jobs");
    FAILS("ulimit -v 4000000; $S run c.yaml --jobs 9 --results roomy --replicates 1 --set "
          "'sweep=[{model.d: [46000], sample.n: [50]}, {sample.n: [50, inf]}]'",
          "c.yaml: out of memory: 1 worker with up to d = 46000, r = 2 need ");
    SAYS("ulimit -v 4000000; $S run c.yaml --jobs 9 --results roomy --replicates 1 --set 'sweep={sample.n: [50, 60, "
         "inf]}'",
         0, "2 of 3 jobs were there already", "small: 1 job in ");
#endif
}

/* Files that are opened next must not take the number of a closed standard stream: results would be written into them. */
static void closed_streams_spoil_no_file(void **state)
{
    (void)state;
    SAYS("$S run c.yaml --results whole", 0, "small: 10 jobs");
    char *wanted = read_bytes(in_root("whole/small/summary.csv"), NULL);
    static const char *const closed[] = {"<&-", "2>&-", "<&- 2>&-", ">&-", "<&- >&- 2>&-"};
    for (size_t i = 0; i < 5; i++) {
        char command[128];
        snprintf(command, sizeof command, "$S run c.yaml --fresh --results closed %s", closed[i]);
        outcome o = shell(command);
        assert_int_equal(o.status, strstr(closed[i], " >&-") || closed[i][0] == '>' ? 3 : 0);
        outcome_free(&o);
        assert_same_file(in_root("closed/small/summary.csv"), wanted);
        assert_same_file(in_root("closed/small/config.yaml"), config);
        assert_same_file(in_root("closed/small/run.lock"), "");
    }
    free(wanted);
}

static void the_locale_changes_nothing(void **state)
{
    (void)state;
    const char *name = comma_locale(in_root("locales"));
    setlocale(LC_NUMERIC, "C");
    /* without one the program must at least not mind the name */
    char command[128];
    SAYS("LC_ALL=C $S run c.yaml --results locale-c --jobs 1", 0, "small: 10 jobs");
    snprintf(command, sizeof command, "LC_ALL=%s $S run c.yaml --results locale-x --jobs 1",
             name ? name : "de_DE.UTF-8");
    SAYS(command, 0, "small: 10 jobs");
    char *wanted = read_bytes(in_root("locale-c/small/summary.csv"), NULL);
    assert_same_file(in_root("locale-x/small/summary.csv"), wanted);
    free(wanted);
    if (!name) {
        print_message("skipped: no locale with a decimal comma, and localedef makes none\n");
        skip();
    }
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_is_on_stdout),
        cmocka_unit_test(unknown_words_name_the_nearest),
        cmocka_unit_test(values_are_checked),
        cmocka_unit_test(configs_are_checked_before_anything_is_written),
        cmocka_unit_test(plan_and_list_only_print),
        cmocka_unit_test(plan_expects_what_a_target_needs),
        cmocka_unit_test(a_million_jobs_are_planned_at_once),
        cmocka_unit_test(list_documents_all_there_is),
        cmocka_unit_test(list_finds_names),
        cmocka_unit_test(a_run_says_what_it_did),
        cmocka_unit_test(the_commit_is_recorded),
        cmocka_unit_test(another_plan_is_refused),
        cmocka_unit_test(replay_gives_the_stored_bits),
        cmocka_unit_test(another_kernel_is_refused),
        cmocka_unit_test(the_systems_faults_are_status_3),
        cmocka_unit_test(too_little_memory_writes_nothing),
        cmocka_unit_test(closed_streams_spoil_no_file),
        cmocka_unit_test(the_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, setup, files_teardown);
}
