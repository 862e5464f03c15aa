/* Progress: see progress.h. */
#include "cli/progress.h"

#include "base/text.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const double LIVE_EVERY_S = 0.2;
static const double LOG_EVERY_S = 30.0;

scl_progress_line scl_progress_line_open(const scl_config *config, scl_shard shard)
{
    scl_progress_line line = {.terminal = isatty(STDERR_FILENO)};
    char name[SCL_SHARD_CHARS];
    snprintf(line.name, sizeof line.name, "%s%s%s", config->name, shard.count ? ", " : "",
             shard.count ? scl_shard_name(name, shard) : "");
    line.every_s = line.terminal ? LIVE_EVERY_S : LOG_EVERY_S;
    return line;
}

const char *scl_format_time(char out[32], double seconds)
{
    static const double most = 1e9; /* 30 years; more digits than anybody waits for */
    long s = (long)((seconds < most ? seconds : most) + 0.5);
    if (s < 60)
        snprintf(out, 32, "%lds", s);
    else if (s < 3600)
        snprintf(out, 32, "%ldm%02lds", s / 60, s % 60);
    else
        snprintf(out, 32, "%ldh%02ldm", s / 3600, s / 60 % 60);
    return out;
}

/* Two digits below 100, so that jobs of a minute do not come at "0/s". */
static const char *format_rate(char out[SCL_NUMBER_CHARS], double rate)
{
    return scl_number_digits(out, rate < 100.0 ? rate : (double)(long long)(rate + 0.5), rate < 100.0 ? 2 : 15);
}

static scl_status add_slow(scl_text *text, const scl_progress *p, scl_error *err)
{
    char limit[SCL_NUMBER_CHARS], longest[32];
    size_t slow = p->slow + p->slow_running;
    if (slow == 0) return SCL_OK;
    scl_status status = scl_text_add(text, err, ", %zu over %s s", slow, scl_number_shortest(limit, p->job_limit_s));
    if (status == SCL_OK && p->slow_running > 0)
        status =
            scl_text_add(text, err, " (%zu still running, the longest for %s: cell %zu, replicate %u)", p->slow_running,
                         scl_format_time(longest, p->longest_s), p->longest_in.cell, (unsigned)p->longest_in.replicate);
    return status;
}

static scl_status describe(scl_text *text, const scl_progress_line *line, const scl_progress *p, scl_error *err)
{
    char left[32], elapsed[32], rate_text[SCL_NUMBER_CHARS];
    double rate = p->elapsed_s > 0.0 ? (double)p->done_now / p->elapsed_s : 0.0;
    scl_status status = scl_text_add(text, err, "%s: %zu of %zu jobs, %s/s, ", line->name, p->done, p->total,
                                     format_rate(rate_text, rate));
    if (status == SCL_OK && p->last)
        status = scl_text_add(text, err, "%s%s", p->done < p->total ? "stopped after " : "in ",
                              scl_format_time(elapsed, p->elapsed_s));
    if (status == SCL_OK && !p->last)
        status = scl_text_add(text, err, "%s left",
                              rate > 0.0 ? scl_format_time(left, (double)(p->total - p->done) / rate) : "?");
    if (status == SCL_OK) status = scl_text_add(text, err, ", %zu failed", p->failed);
    return status == SCL_OK ? add_slow(text, p, err) : status;
}

/* A live line that wraps could not be written over. */
static int columns(const scl_progress_line *line)
{
    enum { WIDE = 10000, LEAST = 20 };
    struct winsize size = {0};
    if (!line->terminal || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < LEAST) return WIDE;
    return size.ws_col - 1;
}

void scl_progress_show(void *context, const scl_progress *p)
{
    scl_progress_line *line = context;
    if (!p->last && p->elapsed_s - line->printed_s < line->every_s) return;
    if (p->last && !line->terminal && p->elapsed_s < line->every_s) return; /* the closing lines say it */
    line->printed_s = p->elapsed_s;
    scl_text text = {0};
    scl_error err = {0};
    line->open = line->terminal && !p->last;
    if (describe(&text, line, p, &err) == SCL_OK)
        fprintf(stderr, "%s%.*s%s", line->terminal ? "\r\033[K" : "", line->open ? columns(line) : (int)text.length,
                text.data, line->open ? "" : "\n");
    fflush(stderr);
    scl_text_free(&text);
}

void scl_progress_break(scl_progress_line *line)
{
    if (line->open) fputc('\n', stderr);
    line->open = false;
}
