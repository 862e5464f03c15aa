/* spikedcl: the program. Each subcommand has a file of its own. */
#include "cli/cli.h"

#include "linalg/linalg.h"
#include "study/provenance.h"

#include <errno.h>
#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef SCL_BUILD_COMMIT /* commit.h, which the Makefile makes */
#define SCL_BUILD_COMMIT "unknown"
#endif
const char scl_build_commit[] = SCL_BUILD_COMMIT;

static const scl_command *const commands[] = {
    &scl_command_run,     &scl_command_plan,   &scl_command_status, &scl_command_summarise,
    &scl_command_predict, &scl_command_check,  &scl_command_plot,   &scl_command_list,
    &scl_command_export,  &scl_command_replay, &scl_command_merge,
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_help(FILE *to)
{
    fprintf(to, "spikedcl: simulation and experiments for contrastive learning in the spiked covariance model\n\n"
                "usage: spikedcl COMMAND [options] ...\n\n");
    for (size_t i = 0; i < N_COMMANDS; i++) fprintf(to, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(
        to,
        "\n  spikedcl COMMAND --help says more; spikedcl --version names the program and its libraries.\n"
        "\nexit status: 0 done, every verdict as expected\n"
        "             1 a differing or undecided verdict, failed or missing trials, a run that was stopped\n"
        "             2 a mistake in the command line, a config or an input file, or a results folder of another plan\n"
        "             3 the system: unwritable output, full disk, memory, a damaged or locked store\n");
}

static int print_version(void)
{
    scl_text text = {0};
    scl_error err = {0};
    if (scl_provenance_versions(&text, &err) != SCL_OK) return scl_report_error(&err);
    printf("%scommit: %s\n", scl_text_get(&text), scl_build_commit);
    scl_text_free(&text);
    return 0;
}

static int unknown_command(const char *word)
{
    const char *names[N_COMMANDS];
    for (size_t i = 0; i < N_COMMANDS; i++) names[i] = commands[i]->name;
    const char *nearest = scl_nearest_name(word, names, N_COMMANDS);
    fprintf(stderr, "spikedcl: unknown command \"%s\"%s%s%s; `spikedcl --help` lists them\n", word,
            nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    return 2;
}

/* A standard stream that was closed is opened on nothing (and cannot be written then): else the next file that is opened
 * would take its number, and messages would end up in a store or a summary. */
static void hold_standard_streams(void)
{
    for (int stream = 0; stream <= STDERR_FILENO; stream++)
        if (fcntl(stream, F_GETFD) < 0) (void)!open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

static int dispatch(int argc, char **argv)
{
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) return print_version();
    const scl_command *command = NULL;
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[1], commands[i]->name) == 0) command = commands[i];
    if (!command) return unknown_command(argv[1]);
    scl_arguments arguments;
    int status = scl_arguments_read(&arguments, command, argc, argv);
    if (status < 0) status = command->run(&arguments);
    scl_arguments_free(&arguments);
    return status;
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    signal(SIGXFSZ, SIG_IGN); /* a file-size limit is then an error of write() with a message, like a full disk */
    scl_blas_start();
    gsl_set_error_handler_off();
    int status = dispatch(argc, argv);
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        if (errno == 0) { /* it failed earlier, with nothing left to write: once more, for the system's reason */
            clearerr(stdout);
            putchar('\n');
            fflush(stdout);
        }
        fprintf(stderr, "spikedcl: the output cannot be written%s%s\n", errno ? ": " : "",
                errno ? strerror(errno) : "");
        return 3;
    }
    return status;
}
