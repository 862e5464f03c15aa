/* Runs the real program, in a folder of its own, through the shell. */
#ifndef SCL_TESTS_CLI_PROGRAM_H
#define SCL_TESTS_CLI_PROGRAM_H

#include "base/files.h"

#include <grp.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

static char program[1024]; /* absolute path; $S in commands */

/* The program that was built beside the test: <build>/tests/cli/test_x belongs to <build>/spikedcl. */
static inline void program_beside(const char *test)
{
    char path[1024];
    const char *end = strstr(test, "/tests/cli/");
    snprintf(path, sizeof path, "%.*s/spikedcl", end ? (int)(end - test) : 1, end ? test : ".");
    if (!realpath(path, program)) {
        fprintf(stderr, "%s: the program is not built\n", path);
        exit(1);
    }
    setenv("S", program, 1);
}

typedef struct outcome {
    int status; /* exit status, 128 + signal when it was killed */
    char *out, *err;
} outcome;

static inline char *take_text(FILE *file)
{
    long length = ftell(file);
    if (fseek(file, 0, SEEK_END) == 0) length = ftell(file);
    char *text = calloc(1, (size_t)length + 1);
    rewind(file);
    assert_int_equal(fread(text, 1, (size_t)length, file), length);
    fclose(file);
    return text;
}

static inline int exit_of(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool as_nobody; /* commands run without root's privileges, for which no permission counts */

static inline bool drop_privileges(void)
{
    enum { NOBODY = 65534 };
    return !as_nobody || geteuid() != 0 || (setgroups(0, NULL) == 0 && setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
}

/* A command for `sh -c` in the root folder. */
static inline outcome shell(const char *command)
{
    FILE *out = tmpfile(), *err = tmpfile();
    assert_true(out && err);
    pid_t child = fork();
    if (child == 0) {
        if (chdir(files_root) != 0 || dup2(fileno(out), 1) < 0 || dup2(fileno(err), 2) < 0 || !drop_privileges())
            _exit(126);
        alarm(120);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return (outcome){.status = exit_of(status), .out = take_text(out), .err = take_text(err)};
}

static inline void outcome_free(outcome *o)
{
    free(o->out);
    free(o->err);
}

/* The parts in this order. */
static inline void assert_parts(const char *command, const char *text, const char *const *parts, size_t n)
{
    const char *at = text;
    for (size_t i = 0; i < n && parts[i]; i++) {
        at = strstr(at, parts[i]);
        if (!at) fail_msg("%s: \"%s\" is not, or not in that order, in:\n%s", command, parts[i], text);
        at += strlen(parts[i]);
    }
}

/* A command that must end with that status: what it says goes to stdout when it is 0, to stderr otherwise. */
static inline void says(const char *command, int status, const char *const *parts, size_t n)
{
    outcome o = shell(command);
    if (o.status != status) fail_msg("%s: exit %d instead of %d\n%s%s", command, o.status, status, o.out, o.err);
    assert_parts(command, status == 0 ? o.out : o.err, parts, n);
    if (status == 0 && o.err[0]) fail_msg("%s: says on stderr: %s", command, o.err);
    if (status != 0 && o.out[0]) fail_msg("%s: says on stdout: %s", command, o.out);
    outcome_free(&o);
}

/* The same, and nothing below the root was made, changed or removed. */
static inline void says_and_writes_nothing(const char *command, int status, const char *const *parts, size_t n)
{
    uint64_t before = fingerprint(files_root);
    says(command, status, parts, n);
    if (fingerprint(files_root) != before) fail_msg("%s: changed something", command);
}

/* A command that must succeed, whatever it says. */
static inline void quietly(const char *command)
{
    outcome o = shell(command);
    if (o.status != 0) fail_msg("%s: exit %d\n%s%s", command, o.status, o.out, o.err);
    outcome_free(&o);
}

static inline double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline void pause_s(double seconds)
{
    struct timespec t = {.tv_sec = (time_t)seconds, .tv_nsec = (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&t, NULL);
}

#define PARTS(...)                   (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)
#define SAYS(command, status, ...)   says(command, status, PARTS(__VA_ARGS__))
#define REFUSES(command, ...)        says_and_writes_nothing(command, 2, PARTS(__VA_ARGS__))
#define FAILS(command, ...)          says_and_writes_nothing(command, 3, PARTS(__VA_ARGS__))
#define WRITES_NOTHING(command, ...) says_and_writes_nothing(command, 0, PARTS(__VA_ARGS__))

static inline size_t count_lines(const char *text)
{
    size_t n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

#endif
