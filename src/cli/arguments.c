/* Options: one table for all subcommands, so that an option means the same everywhere. */
#define _GNU_SOURCE /* sched_getaffinity */
#include "cli/cli.h"

#include "base/memory.h"
#include "base/text.h"
#include "claims/from_summary.h"
#include "study/study.h"

#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct option_doc {
    char letter; /* names it in scl_command.options and in getopt */
    const char *name, *value, *meaning;
} option_doc;

static const char default_results[] = "runs";

static const option_doc option_docs[] = {
    {'r', "results", "DIR", "folder of the results, one subfolder per experiment (default ./runs)"},
    {'j', "jobs", "N", "worker threads (default: the processors this process may use)"},
    {'n', "replicates", "R", "replicates per cell, in place of the config's"},
    {'s', "set", "KEY=VALUE",
     "override a key of the config, e.g. --set model.d=400; repeated, the last of a key counts"},
    {'d', "shard", "I/M", "run shard I of M: every M-th job, into a folder of its own, for `spikedcl merge`"},
    {'x', "fail-fast", NULL, "stop after the first trial that fails"},
    {'l', "job-limit", "SECONDS", "mark jobs that take longer; their rows are rows like any other"},
    {'f', "fresh", NULL, "move earlier results of the experiment aside and start anew"},
    {'k', "accept-kernel", NULL, "go on although earlier rows were made with another BLAS kernel or results version"},
    {'o', "out", "PATH",
     "where to write: a new file for export, for predict (default: standard output) and, with the terms of bounds in "
     "each cell, for check; a folder for plot (default: that of --results)"},
    {'c', "cell", "C", "number of a cell, from 0, as `spikedcl plan` shows it"},
    {'i', "replicate", "R", "number of a replicate, from 0"},
    {'p', "pilot", "R",
     "pilot replicates of every cell, 0: no pilot (default: 20 of as many cells as half a second allows)"},
    {'h', "help", NULL, "this help"},
};
enum { N_OPTIONS = sizeof option_docs / sizeof *option_docs };

static void print_usage(FILE *to, const scl_command *command)
{
    fprintf(to, "usage: spikedcl %s %s\n  %s\n\n", command->name, command->usage, command->summary);
    for (size_t i = 0; i < N_OPTIONS; i++) {
        const option_doc *doc = &option_docs[i];
        if (doc->letter != 'h' && !strchr(command->options, doc->letter)) continue;
        char name[40];
        snprintf(name, sizeof name, "--%s%s%s", doc->name, doc->value ? " " : "", doc->value ? doc->value : "");
        fprintf(to, "  %-20s %s\n", name, doc->meaning);
    }
}

/* check and plot read a summary, whose replicates are what they are. */
static bool reads_summary(const scl_command *command)
{
    return strchr(command->options, 's') && !strchr(command->options, 'n');
}

static int refuse_replicates(const scl_command *command)
{
    fprintf(stderr,
            "spikedcl %s: the number of replicates is that of the summary; `spikedcl summarise CONFIG --replicates R` "
            "writes one of fewer, `spikedcl run` of more\n",
            command->name);
    return 2;
}

static int refuse_set(const scl_command *command, const char *text)
{
    fprintf(stderr, "spikedcl %s: --set %s: must be KEY=VALUE\n", command->name, text);
    return 2;
}

/* getopt's own messages are off: these name the nearest option. `letter` is what getopt_long returned: ':' for a value
 * that is missing; optopt is then, and for a flag that was given a value, the option's letter. */
static int bad_option(const scl_command *command, const char *word, int letter)
{
    if (reads_summary(command) && strncmp(word, "--replicates", 12) == 0) return refuse_replicates(command);
    char short_option[] = {'-', (char)optopt, '\0'};
    const char *wrong = "unknown option", *nearest = NULL;
    if (letter == ':') {
        wrong = "a value is missing after";
    } else if (strncmp(word, "--", 2) != 0) { /* of a cluster like -xh, which optind has not passed yet */
        word = short_option;
    } else if (optopt) {
        wrong = "no value is allowed in";
    } else {
        const char *names[N_OPTIONS];
        size_t n = 0;
        for (size_t i = 0; i < N_OPTIONS; i++)
            if (option_docs[i].letter == 'h' || strchr(command->options, option_docs[i].letter))
                names[n++] = option_docs[i].name;
        nearest = scl_nearest_name(word + 2, names, n);
    }
    fprintf(stderr, "spikedcl %s: %s \"%s\"%s%s%s\n", command->name, wrong, word, nearest ? "; did you mean \"--" : "",
            nearest ? nearest : "", nearest ? "\"?" : "");
    fprintf(stderr, "`spikedcl %s --help` lists the options\n", command->name);
    return 2;
}

/* The command line on one line, as it can be given again. */
static char *join(int argc, char **argv)
{
    scl_text line = {0};
    scl_status status = scl_text_add(&line, NULL, "spikedcl");
    for (int i = 1; i < argc && status == SCL_OK; i++) {
        status = scl_text_add(&line, NULL, " ");
        if (status == SCL_OK) status = scl_text_add_word(&line, argv[i], NULL);
    }
    if (status != SCL_OK) scl_text_free(&line); /* half a command line would be recorded as the whole */
    return line.data;
}

static int out_of_memory(void)
{
    fprintf(stderr, "spikedcl: out of memory\n");
    return 3;
}

static int read_whole(long *number, const scl_command *command, const char *option, const char *text, long low,
                      long high)
{
    double value = 0.0;
    if (!scl_number_parse(text, false, &value) || value < (double)low || value > (double)high ||
        value != (double)(long)value) {
        fprintf(stderr, "spikedcl %s: --%s %s: must be a whole number from %ld to %ld\n", command->name, option, text,
                low, high);
        return 2;
    }
    *number = (long)value;
    return -1;
}

/* An empty folder or file name would mean the root or nothing at all. */
static int read_path(const char **path, const scl_command *command, const char *option, const char *text)
{
    if (!*text) {
        fprintf(stderr, "spikedcl %s: --%s: the path is empty\n", command->name, option);
        return 2;
    }
    *path = text;
    return -1;
}

static int read_shard(scl_shard *shard, const scl_command *command, const char *text)
{
    if (scl_shard_parse(shard, text)) return -1;
    fprintf(stderr,
            "spikedcl %s: --shard %s: must be I/M, whole numbers with 1 <= I <= M <= %d; 2/3 is the second of three\n",
            command->name, text, (int)SCL_MAX_SHARDS);
    return 2;
}

static int read_seconds(double *seconds, const scl_command *command, const char *option, const char *text)
{
    static const double least = 1e-6, most = 1e9;
    if (scl_number_parse(text, false, seconds) && *seconds >= least && *seconds <= most) return -1;
    fprintf(stderr, "spikedcl %s: --%s %s: must be a number of seconds from 1e-6 to 1e9\n", command->name, option,
            text);
    return 2;
}

/* `prefix` "--key=" is that of an option of its own, which is no text of --set. */
static int add_set(scl_arguments *arguments, const char *prefix, const char *text)
{
    size_t bytes = strlen(prefix) + strlen(text) + 1;
    char *joined = scl_alloc(bytes, 1, NULL);
    if (!joined) return out_of_memory();
    snprintf(joined, bytes, "%s%s", prefix, text);
    arguments->sets[arguments->n_sets++] = joined;
    return -1;
}

static int apply_option(scl_arguments *arguments, const scl_command *command, int letter)
{
    switch (letter) {
    case 'r':
        return read_path(&arguments->results, command, "results", optarg);
    case 'o':
        return read_path(&arguments->out, command, "out", optarg);
    case 'f':
        arguments->fresh = true;
        return -1;
    case 'k':
        arguments->accept_kernel = true;
        return -1;
    case 'd':
        return read_shard(&arguments->shard, command, optarg);
    case 'x':
        arguments->fail_fast = true;
        return -1;
    case 'l':
        return read_seconds(&arguments->job_limit_s, command, "job-limit", optarg);
    case 'j':
        return read_whole(&arguments->jobs, command, "jobs", optarg, 1, 4096);
    case 'c':
        return read_whole(&arguments->cell, command, "cell", optarg, 0, 99999);
    case 'i':
        return read_whole(&arguments->replicate, command, "replicate", optarg, 0, 999999999);
    case 'p':
        return read_whole(&arguments->pilot, command, "pilot", optarg, 0, 1000000);
    case 'n':
        return add_set(arguments, "--replicates=", optarg);
    case 's':
        if (reads_summary(command) && strncmp(optarg, "replicates=", 11) == 0) return refuse_replicates(command);
        if (strncmp(optarg, "--", 2) == 0) return refuse_set(command, optarg);
        return add_set(arguments, "", optarg);
    default:
        print_usage(stdout, command);
        return 0;
    }
}

int scl_arguments_read(scl_arguments *arguments, const scl_command *command, int argc, char **argv)
{
    *arguments = (scl_arguments){.results = default_results, .cell = -1, .replicate = -1, .pilot = -1};
    arguments->program_line = join(argc, argv);
    arguments->paths = scl_alloc((size_t)argc, sizeof *arguments->paths, NULL);
    arguments->sets = scl_alloc((size_t)argc, sizeof *arguments->sets, NULL);
    if (!arguments->program_line || !arguments->paths || !arguments->sets) return out_of_memory();
    struct option options[N_OPTIONS + 1] = {{0}};
    size_t n = 0;
    for (size_t i = 0; i < N_OPTIONS; i++)
        if (option_docs[i].letter == 'h' || strchr(command->options, option_docs[i].letter))
            options[n++] = (struct option){.name = option_docs[i].name,
                                           .has_arg = option_docs[i].value ? required_argument : no_argument,
                                           .val = option_docs[i].letter};
    opterr = 0;
    optind = 2;
    int letter, status = -1;
    while (status < 0 && (letter = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        if (letter == '?' || letter == ':') return bad_option(command, argv[optind - 1], letter);
        status = apply_option(arguments, command, letter);
    }
    if (status >= 0) return status;
    for (int i = optind; i < argc; i++) arguments->paths[arguments->n_paths++] = argv[i];
    if (command->needs_paths && arguments->n_paths == 0) {
        fprintf(stderr, "spikedcl %s: no config given\n", command->name);
        print_usage(stderr, command);
        return 2;
    }
    return -1;
}

void scl_arguments_free(scl_arguments *arguments)
{
    for (size_t i = 0; i < arguments->n_sets; i++) scl_free((void *)arguments->sets[i]);
    scl_free((void *)arguments->program_line);
    scl_free(arguments->paths);
    scl_free(arguments->sets);
    *arguments = (scl_arguments){0};
}

static size_t available_processors(void)
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return (size_t)CPU_COUNT(&set);
#endif
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (size_t)n : 1;
}

size_t scl_workers(const scl_arguments *arguments)
{
    return arguments->jobs > 0 ? (size_t)arguments->jobs : available_processors();
}

int scl_report_error(const scl_error *err)
{
    fprintf(stderr, "spikedcl: %s\n", err->message[0] ? err->message : scl_status_name(err->status));
    return scl_status_exit(err->status);
}

scl_status scl_read_config(scl_config *config, const char *path, const scl_arguments *arguments, scl_error *err)
{
    const char *claims[64];
    size_t n_claims = scl_n_claims < 64 ? scl_n_claims : 64;
    for (size_t i = 0; i < n_claims; i++) claims[i] = scl_claims[i]->id;
    bool elsewhere = strcmp(arguments->results, default_results) != 0;
    scl_config_names names = {.claims = claims,
                              .n_claims = n_claims,
                              .claim_lacks = scl_claim_lacks,
                              .results = elsewhere ? arguments->results : NULL};
    return scl_config_read(config, path, arguments->sets, arguments->n_sets, &names, err);
}

/* Two configs of one name would share a results folder. */
static scl_status refuse_same_name(const scl_config *configs, size_t n, scl_error *err)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(configs[i].name, configs[j].name) == 0)
                return scl_error_set(err, SCL_ERR_USAGE, "%s and %s both have the name \"%s\"", configs[j].path,
                                     configs[i].path, configs[i].name);
    return SCL_OK;
}

int scl_for_each_config(const scl_arguments *arguments, scl_config_action act)
{
    scl_error err = {0};
    size_t n = 0;
    scl_config *configs = scl_alloc(arguments->n_paths, sizeof *configs, &err);
    if (!configs) return scl_report_error(&err);
    scl_status status = SCL_OK;
    while (status == SCL_OK && n < arguments->n_paths) {
        status = scl_read_config(&configs[n], arguments->paths[n], arguments, &err);
        n += status == SCL_OK;
    }
    if (status == SCL_OK) status = refuse_same_name(configs, n, &err);
    int worst = status == SCL_OK ? 0 : scl_report_error(&err);
    for (size_t i = 0; status == SCL_OK && i < n; i++) {
        int one = act(&configs[i], arguments);
        worst = one > worst ? one : worst;
    }
    for (size_t i = 0; i < n; i++) scl_config_free(&configs[i]);
    scl_free(configs);
    return worst;
}
