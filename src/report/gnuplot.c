/* Running gnuplot: see gnuplot.h.
 *
 * Script, picture and messages go through unlinked temporary files, not pipes: nothing can block, a gnuplot that dies
 * early raises no SIGPIPE here, and no path of the user's ever stands in a script. */
#include "report/gnuplot.h"

#include "base/memory.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

typedef struct channels {
    FILE *script, *picture, *messages;
} channels;

static scl_status open_channel(FILE **channel, scl_error *err)
{
    *channel = tmpfile();
    if (*channel) return SCL_OK;
    return scl_error_set(err, SCL_ERR_IO, "no temporary file for gnuplot: %s", strerror(errno));
}

static void close_channel(FILE *channel)
{
    if (channel) fclose(channel);
}

static scl_status write_script(FILE *file, const char *script, scl_error *err)
{
    size_t length = strlen(script);
    if (fwrite(script, 1, length, file) != length || fflush(file) != 0 || fseek(file, 0, SEEK_SET) != 0)
        return scl_error_set(err, SCL_ERR_IO, "gnuplot's script cannot be written: %s", strerror(errno));
    return SCL_OK;
}

/* The whole channel, NUL-terminated. */
static scl_status read_channel(char **content, size_t *length, FILE *file, scl_error *err)
{
    long end = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    if (end < 0 || fseek(file, 0, SEEK_SET) != 0)
        return scl_error_set(err, SCL_ERR_IO, "gnuplot's output cannot be read: %s", strerror(errno));
    *content = scl_alloc((size_t)end + 1, 1, err);
    if (!*content) return SCL_ERR_MEMORY;
    *length = fread(*content, 1, (size_t)end, file);
    (*content)[*length] = '\0';
    if (*length == (size_t)end) return SCL_OK;
    return scl_error_set(err, SCL_ERR_IO, "gnuplot's output cannot be read: %s", strerror(errno));
}

/* Variables by which the user's setting would reach the picture. */
static bool is_dropped(const char *variable)
{
    static const char *const dropped[] = {"GNUTERM=", "GNUPLOT_", "GNUHELP=", "FIT_", "LC_", "LANG=", "LANGUAGE="};
    for (size_t i = 0; i < sizeof dropped / sizeof *dropped; i++)
        if (strncmp(variable, dropped[i], strlen(dropped[i])) == 0) return true;
    return false;
}

/* The environment less what is dropped, in the C locale. The array is new, the texts are not. */
static char **plain_environment(scl_error *err)
{
    static char locale[] = "LC_CTYPE=C.UTF-8"; /* texts are UTF-8; numbers stay as in C */
    size_t count = 0, kept = 0;
    while (environ && environ[count]) count++;
    char **plain = scl_alloc(count + 2, sizeof *plain, err);
    if (!plain) return NULL;
    for (size_t i = 0; i < count; i++)
        if (!is_dropped(environ[i])) plain[kept++] = environ[i];
    plain[kept] = locale;
    return plain;
}

static int spawn(pid_t *child, const char *program, char **environment, const channels *io)
{
    char name[] = "gnuplot", defaults[] = "-d", from_stdin[] = "-";
    char *arguments[] = {name, defaults, from_stdin, NULL};
    sigset_t nothing, everyday;
    sigemptyset(&nothing);
    sigemptyset(&everyday);
    sigaddset(&everyday, SIGPIPE);
    sigaddset(&everyday, SIGTERM);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure) return failure;
    failure = posix_spawnattr_init(&attributes);
    if (failure) goto no_attributes;
    failure = posix_spawn_file_actions_adddup2(&actions, fileno(io->script), STDIN_FILENO);
    if (!failure) failure = posix_spawn_file_actions_adddup2(&actions, fileno(io->picture), STDOUT_FILENO);
    if (!failure) failure = posix_spawn_file_actions_adddup2(&actions, fileno(io->messages), STDERR_FILENO);
    if (!failure) failure = posix_spawnattr_setsigmask(&attributes, &nothing);
    if (!failure) failure = posix_spawnattr_setsigdefault(&attributes, &everyday);
    if (!failure) failure = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (!failure) failure = posix_spawnp(child, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
no_attributes:
    posix_spawn_file_actions_destroy(&actions);
    return failure;
}

static scl_status not_started(const char *program, int reason, scl_error *err)
{
    return scl_error_set(
        err, SCL_ERR_IO,
        "%s cannot be started (%s): install gnuplot 5.4 or newer (Debian, Ubuntu: gnuplot-nox; Fedora, "
        "Homebrew: gnuplot), or name it in the environment variable GNUPLOT",
        program, strerror(reason));
}

/* One line of gnuplot's words: blanks and line ends become single blanks. */
static void to_one_line(char *text)
{
    char *out = text;
    for (const char *in = text; *in; in++) {
        bool blank = (unsigned char)*in <= ' ';
        if (!blank)
            *out++ = *in;
        else if (out > text && out[-1] != ' ')
            *out++ = ' ';
    }
    while (out > text && out[-1] == ' ') out--;
    *out = '\0';
}

static scl_status judge_ending(const char *program, int ending, FILE *messages, scl_error *err)
{
    if (WIFEXITED(ending) && WEXITSTATUS(ending) == 0) return SCL_OK;
    if (WIFEXITED(ending) && WEXITSTATUS(ending) == 127) return not_started(program, ENOENT, err);
    char *words = NULL;
    size_t length = 0;
    scl_status status = read_channel(&words, &length, messages, err);
    if (status != SCL_OK) return status;
    to_one_line(words);
    if (WIFSIGNALED(ending))
        status = scl_error_set(err, SCL_ERR_IO, "%s was ended by signal %d: %.1500s", program, WTERMSIG(ending), words);
    else
        status = scl_error_set(err, SCL_ERR_IO, "%s failed with exit status %d: %.1500s", program, WEXITSTATUS(ending),
                               words);
    scl_free(words);
    return status;
}

scl_status scl_gnuplot_run(char **picture, size_t *length, const char *script, scl_error *err)
{
    *picture = NULL;
    *length = 0;
    const char *program = getenv("GNUPLOT");
    if (!program || !*program) program = "gnuplot";
    channels io = {0};
    char **environment = NULL;
    scl_status status = open_channel(&io.script, err);
    if (status == SCL_OK) status = open_channel(&io.picture, err);
    if (status == SCL_OK) status = open_channel(&io.messages, err);
    if (status == SCL_OK) status = write_script(io.script, script, err);
    if (status != SCL_OK) goto done;
    environment = plain_environment(err);
    if (!environment) {
        status = SCL_ERR_MEMORY;
        goto done;
    }
    pid_t child = 0;
    int failure = spawn(&child, program, environment, &io);
    if (failure) {
        status = not_started(program, failure, err);
        goto done;
    }
    int ending = 0;
    while (waitpid(child, &ending, 0) < 0) {
        if (errno == EINTR) continue;
        status = scl_error_set(err, SCL_ERR_IO, "%s cannot be waited for: %s", program, strerror(errno));
        goto done;
    }
    status = judge_ending(program, ending, io.messages, err);
    if (status == SCL_OK) status = read_channel(picture, length, io.picture, err);
    if (status != SCL_OK) {
        scl_free(*picture);
        *picture = NULL;
    }
done:
    scl_free(environment);
    close_channel(io.script);
    close_channel(io.picture);
    close_channel(io.messages);
    return status;
}
