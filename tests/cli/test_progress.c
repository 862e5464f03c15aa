/* Progress: one live line on a terminal (the program in a pseudo-terminal), whole lines in a log, with counts, rate, time left, failures
 * and jobs over their limit. */
#define _GNU_SOURCE /* posix_openpt */
#include "cli/program.h"

#include "cli/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>

static int setup(void **state)
{
    if (files_setup(state) != 0) return -1;
    write_text(in_root("live.yaml"),
               "name: live\nreplicates: 1000000\nmodel: {d: 40, r: 2}\nsample: {n: 500, sampler: data}\n"
               "estimators: [pca, contrastive]\nmetrics: [cos2]\n");
    return 0;
}

/* ---- a log ------------------------------------------------------------------------------------------------------- */

/* What a line writes to stderr for these states. */
static char *written(scl_progress_line *line, const scl_progress *states, size_t n)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    fflush(stderr);
    int kept = dup(STDERR_FILENO);
    assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    for (size_t i = 0; i < n; i++) scl_progress_show(line, &states[i]);
    scl_progress_break(line);
    fflush(stderr);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    close(kept);
    return take_text(file);
}

static void a_log_gets_a_line_at_its_interval(void **state)
{
    (void)state;
    static const scl_progress states[] = {
        {.done = 0, .total = 1000, .elapsed_s = 1},
        {.done = 10, .done_now = 10, .total = 1000, .elapsed_s = 29.9},
        {.done = 300, .done_now = 300, .total = 1000, .elapsed_s = 30, .failed = 2},
        {.done = 310, .done_now = 310, .total = 1000, .elapsed_s = 59},
        {.done = 400, .done_now = 400, .total = 1000, .elapsed_s = 60.5},
        {.done = 1000, .done_now = 1000, .total = 1000, .elapsed_s = 61, .last = true},
    };
    scl_config config = {.name = "study"};
    scl_progress_line line = scl_progress_line_open(&config, (scl_shard){0});
    line.terminal = false;
    line.every_s = 30;
    char *log = written(&line, states, 6);
    assert_string_equal(log, "study: 300 of 1000 jobs, 10/s, 1m10s left, 2 failed\n"
                             "study: 400 of 1000 jobs, 6.6/s, 1m31s left, 0 failed\n"
                             "study: 1000 of 1000 jobs, 16/s, in 1m01s, 0 failed\n");
    free(log);
    line = (scl_progress_line){.name = "study", .every_s = 30}; /* a short run says nothing: its closing line does */
    const scl_progress end = {.done = 9, .done_now = 9, .total = 9, .elapsed_s = 29, .last = true};
    log = written(&line, &end, 1);
    assert_string_equal(log, "");
    free(log);
}

static void lines_have_rates_times_and_what_is_slow(void **state)
{
    (void)state;
    const scl_progress states[] = {
        {.done = 0, .total = 7, .elapsed_s = 1},
        {.done = 100, .done_now = 0, .total = 200, .elapsed_s = 2},
        {.done = 1, .done_now = 1, .total = 3, .elapsed_s = 200},
        {.done = 2000000, .done_now = 2000000, .total = 4000000, .elapsed_s = 260, .job_limit_s = 2.5, .slow = 3},
        {.done = 2,
         .done_now = 2,
         .total = 400,
         .elapsed_s = 300,
         .job_limit_s = 60,
         .slow = 1,
         .slow_running = 2,
         .longest_in = {.cell = 4, .replicate = 17},
         .longest_s = 100},
        {.done = 5, .done_now = 3, .total = 7, .elapsed_s = 9000, .last = true},
        {.done = 1, .done_now = 1, .total = 1000000000, .elapsed_s = 100000},
    };
    scl_progress_line line = {.name = "x"};
    char *log = written(&line, states, 7);
    assert_string_equal(
        log, "x: 0 of 7 jobs, 0/s, ? left, 0 failed\n"
             "x: 100 of 200 jobs, 0/s, ? left, 0 failed\n"
             "x: 1 of 3 jobs, 0.005/s, 6m40s left, 0 failed\n"
             "x: 2000000 of 4000000 jobs, 7692/s, 4m20s left, 0 failed, 3 over 2.5 s\n"
             "x: 2 of 400 jobs, 0.0067/s, 16h35m left, 0 failed, 3 over 60 s (2 still running, the longest for 1m40s: "
             "cell 4, replicate 17)\n"
             "x: 5 of 7 jobs, 0.00033/s, stopped after 2h30m, 0 failed\n"
             "x: 1 of 1000000000 jobs, 1e-05/s, 277777h46m left, 0 failed\n");
    free(log);
}

static void a_live_line_is_written_over(void **state)
{
    (void)state;
    const scl_progress states[] = {
        {.done = 1, .done_now = 1, .total = 4, .elapsed_s = 1},
        {.done = 2, .done_now = 2, .total = 4, .elapsed_s = 1.1},
        {.done = 2, .done_now = 2, .total = 4, .elapsed_s = 2},
    };
    const scl_progress end = {.done = 4, .done_now = 4, .total = 4, .elapsed_s = 2.05, .last = true};
    scl_progress_line line = {.name = "x", .terminal = true, .every_s = .2};
    char *live = written(&line, states, 3); /* and a message follows: the line is ended */
    assert_string_equal(
        live, "\r\033[Kx: 1 of 4 jobs, 1/s, 3s left, 0 failed\r\033[Kx: 2 of 4 jobs, 1/s, 2s left, 0 failed\n");
    free(live);
    live = written(&line, &end, 1);
    assert_string_equal(live, "\r\033[Kx: 4 of 4 jobs, 2/s, in 2s, 0 failed\n");
    free(live);
}

static void a_shard_has_its_name(void **state)
{
    (void)state;
    scl_config config = {.name = "study"};
    scl_progress_line line = scl_progress_line_open(&config, (scl_shard){2, 3});
    assert_string_equal(line.name, "study, shard-2-of-3");
    assert_true(line.every_s == (line.terminal ? .2 : 30));
}

/* ---- a terminal -------------------------------------------------------------------------------------------------- */

static int open_terminal(char name[128], unsigned short columns)
{
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    assert_true(grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    snprintf(name, 128, "%s", ptsname(terminal));
    struct winsize size = {.ws_row = 24, .ws_col = columns};
    assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
    return terminal;
}

/* The program with its stderr on a terminal; its stdout goes to <root>/out. */
static pid_t start_on(const char *terminal, const char *const *words)
{
    const char *argv[12] = {program};
    for (size_t i = 0; words[i]; i++) argv[i + 1] = words[i];
    pid_t child = fork();
    if (child == 0) {
        int stream = open(terminal, O_RDWR | O_NOCTTY);
        if (chdir(files_root) != 0 || !freopen("out", "w", stdout) || stream < 0 || dup2(stream, 2) < 0) _exit(126);
        close(stream);
        execv(program, (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}

/* What the program says until it ends; it gets `signal_number` after that many live lines. */
static char *talk(int terminal, pid_t child, size_t lines, int signal_number, int *status)
{
    enum { MOST = 1 << 16 };
    char *said = calloc(1, MOST);
    size_t used = 0, live = 0;
    bool sent = false;
    for (ssize_t got; used < MOST - 1; used += (size_t)got) {
        got = read(terminal, said + used, MOST - 1 - used);
        if (got < 0 && errno == EINTR)
            got = 0;
        else if (got <= 0)
            break; /* EIO: the program closed its end */
        live = 0;
        for (const char *at = said; (at = strstr(at, "\033[K")); at++) live++;
        if (!sent && live >= lines && signal_number) kill(child, signal_number);
        sent = sent || live >= lines;
    }
    assert_int_equal(waitpid(child, status, 0), child);
    *status = exit_of(*status);
    return said;
}

static void a_terminal_shows_one_line(void **state)
{
    (void)state;
    char name[128];
    int terminal = open_terminal(name, 200), status = 0;
    pid_t child = start_on(name, (const char *const[]){"run", "live.yaml", "--jobs", "1", NULL});
    char *said = talk(terminal, child, 3, SIGTERM, &status);
    assert_int_equal(status, 1);
    size_t done = 0, lines = 0, last = 0;
    for (char *at = said; (at = strstr(at, "\r\033[K")); lines++) {
        char rate[32], left[32];
        at += 4;
        if (sscanf(at, "live: %zu of 1000000 jobs, %31[0-9.]/s, %31[^,], 0 failed", &done, rate, left) != 3)
            fail_msg("says: %s", at);
        assert_true(done >= last);
        last = done;
        bool ended = strncmp(left, "stopped after ", 14) == 0;
        if (!ended && !strstr(left, "s left") && !strstr(left, "m left")) fail_msg("no time left: %s", left);
        /* only the last one is ended */
        char *next = strstr(at, "\r\033[K"), *end = strchr(at, '\n');
        assert_true(end && (next ? end > next : ended));
    }
    assert_true(lines >= 4);
    assert_true(last > 0);
    assert_non_null(strstr(said, "spikedcl: live: stopped after "));
    free(said);
    close(terminal);
}

/* A line that wraps could not be written over: it is cut. */
static void a_narrow_terminal_cuts_the_line(void **state)
{
    (void)state;
    char name[128];
    int terminal = open_terminal(name, 30), status = 0;
    pid_t child = start_on(name, (const char *const[]){"run", "live.yaml", "--jobs", "1", "--results", "narrow", NULL});
    char *said = talk(terminal, child, 2, SIGINT, &status);
    assert_int_equal(status, 1);
    char *first = strstr(said, "\r\033[Klive: "), *second = first ? strstr(first + 4, "\r\033[K") : NULL;
    assert_non_null(second);
    assert_int_equal(second - first - 4, 29);
    free(said);
    close(terminal);
}

/* A message does not continue the live line. */
static void an_error_begins_a_line_of_its_own(void **state)
{
    (void)state;
    char name[128];
    int terminal = open_terminal(name, 200), status = 0;
    write_text(in_root("limited.sh"), "ulimit -f 300; exec \"$S\" run live.yaml --results full\n");
    pid_t child = fork();
    if (child == 0) {
        int stream = open(name, O_RDWR | O_NOCTTY);
        if (chdir(files_root) != 0 || stream < 0 || dup2(stream, 2) < 0) _exit(126);
        close(stream);
        execl("/bin/sh", "sh", "limited.sh", (char *)NULL);
        _exit(127);
    }
    char *said = talk(terminal, child, 1000, 0, &status);
    assert_int_equal(status, 3);
    char *message = strstr(said, "spikedcl: full/live");
    assert_non_null(message);
    assert_true(message > said && message[-1] == '\n');
    free(said);
    close(terminal);
}

/* In a log there is nothing but whole lines: none of a short run. */
static void a_short_run_is_quiet_in_a_log(void **state)
{
    (void)state;
    outcome o = shell("$S run live.yaml --results quiet --replicates 200");
    assert_int_equal(o.status, 0);
    assert_string_equal(o.err, "");
    outcome_free(&o);
}

int main(int argc, char **argv)
{
    (void)argc;
    program_beside(argv[0]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_gets_a_line_at_its_interval), cmocka_unit_test(lines_have_rates_times_and_what_is_slow),
        cmocka_unit_test(a_live_line_is_written_over),       cmocka_unit_test(a_shard_has_its_name),
        cmocka_unit_test(a_terminal_shows_one_line),         cmocka_unit_test(a_narrow_terminal_cuts_the_line),
        cmocka_unit_test(an_error_begins_a_line_of_its_own), cmocka_unit_test(a_short_run_is_quiet_in_a_log),
    };
    return cmocka_run_group_tests(tests, setup, files_teardown);
}
