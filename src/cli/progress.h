/* Progress: a live line on a terminal, a line every 30 s in a log. */
#ifndef SCL_CLI_PROGRESS_H
#define SCL_CLI_PROGRESS_H

#include "study/pool.h"

typedef struct scl_progress_line {
    const char *name;
    bool terminal;    /* stderr is one */
    double printed_s; /* elapsed time at the last line; negative: none yet */
} scl_progress_line;

/* "12s", "3m05s", "2h10m" */
void scl_format_time(char *out, size_t size, double seconds);

/* For scl_pool_options.progress, with a scl_progress_line as context. */
void scl_progress_show(void *context, const scl_progress *progress);

#endif
