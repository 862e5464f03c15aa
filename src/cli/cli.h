/* The command line: main, and what its subcommands share. Only this folder prints and exits. */
#ifndef SCL_CLI_CLI_H
#define SCL_CLI_CLI_H

#include "base/error.h"
#include "study/config.h"
#include "study/study.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* `git describe` of the sources, "unknown" outside a checkout. */
extern const char scl_build_commit[];

/* Options of all subcommands; each takes the subset that its table entry lists. */
typedef struct scl_arguments {
    const char *program_line; /* the command line as one text */
    const char **paths;       /* what is not an option */
    size_t n_paths;
    const char **sets; /* --set key=value, and --replicates=R */
    size_t n_sets;
    const char *results;  /* --results */
    const char *out;      /* --out */
    long jobs;            /* --jobs, 0: the processors this process may use */
    long cell, replicate; /* --cell, --replicate; -1: not given */
    long pilot;           /* --pilot, -1: not given */
    scl_shard shard;      /* --shard, {0}: not given */
    double job_limit_s;   /* --job-limit, 0: not given */
    bool fresh, accept_kernel, fail_fast;
} scl_arguments;

typedef struct scl_command {
    const char *name;
    const char *summary; /* one line for `spikedcl --help` */
    const char *usage;   /* "CONFIG... [options]" */
    const char *options; /* letters of the options it takes, as in arguments.c */
    bool needs_paths;
    int (*run)(const scl_arguments *arguments); /* the exit status */
} scl_command;

extern const scl_command scl_command_run, scl_command_plan, scl_command_status, scl_command_summarise,
    scl_command_check, scl_command_plot, scl_command_list, scl_command_export, scl_command_replay, scl_command_merge,
    scl_command_predict;

/* Reads the options of a command. Returns -1 to go on, else the exit status (help was printed, or the usage is wrong). */
int scl_arguments_read(scl_arguments *arguments, const scl_command *command, int argc, char **argv);
void scl_arguments_free(scl_arguments *arguments);

/* Worker threads: --jobs, or the processors this process may use. */
size_t scl_workers(const scl_arguments *arguments);

/* Prints the error and returns its exit status. */
int scl_report_error(const scl_error *err);

/* Says what `precision` came to, and when more replicates are stored than the config asks for: the summary is of the first ones. */
void scl_say_stored(FILE *to, const scl_study_usage *usage, const scl_config *config);

/* Says what went wrong with each estimator, with the first reason and the command that runs that job again; and, cell by cell,
 * which jobs took longer than their limit. Returns the number of failed trials. */
size_t scl_say_state(FILE *to, const scl_study_state *state, const scl_config *config);

/* "spikedcl replay CONFIG --cell C --replicate R", with the options that make the same plan. */
void scl_say_replay(FILE *to, scl_job job, const scl_config *config);

/* Reads a config with the names of all claims and the arguments' --set. */
scl_status scl_read_config(scl_config *config, const char *path, const scl_arguments *arguments,
                           scl_error *err) SCL_CHECKED;

/* Calls `act` with every config in turn, all of them read and checked before the first is acted on, so that a mistake in the
 * last stops before anything is written. Returns the largest exit status. */
typedef int (*scl_config_action)(const scl_config *config, const scl_arguments *arguments);
int scl_for_each_config(const scl_arguments *arguments, scl_config_action act);

#endif
