/* Progress: see progress.h. */
#include "cli/progress.h"

#include <stdio.h>
#include <string.h>

static const double LIVE_EVERY_S = 0.2;
static const double LOG_EVERY_S = 30.0;

void scl_format_time(char *out, size_t size, double seconds)
{
    long s = (long)(seconds + 0.5);
    if (s < 60)
        snprintf(out, size, "%lds", s);
    else if (s < 3600)
        snprintf(out, size, "%ldm%02lds", s / 60, s % 60);
    else
        snprintf(out, size, "%ldh%02ldm", s / 3600, s / 60 % 60);
}

void scl_progress_show(void *context, const scl_progress *p)
{
    scl_progress_line *line = context;
    double every = line->terminal ? LIVE_EVERY_S : LOG_EVERY_S;
    if (!p->last && p->elapsed_s - line->printed_s < every) return;
    if (p->last && !line->terminal && p->elapsed_s < LOG_EVERY_S) return; /* the closing summary says it */
    line->printed_s = p->elapsed_s;
    double rate = p->elapsed_s > 0.0 ? (double)p->done_now / p->elapsed_s : 0.0;
    char left[32] = "?", elapsed[32];
    if (rate > 0.0) scl_format_time(left, sizeof left, (double)(p->total - p->done) / rate);
    scl_format_time(elapsed, sizeof elapsed, p->elapsed_s);
    fprintf(stderr, "%s%s: %zu of %zu jobs, %.0f/s, %s left, %zu failed%s", line->terminal ? "\r\033[K" : "",
            line->name, p->done, p->total, rate, p->last ? "0s" : left, p->failed,
            line->terminal && !p->last ? "" : "\n");
    fflush(stderr);
}
