/* Progress: a live line on a terminal, a line every 30 s in a log. */
#ifndef SCL_CLI_PROGRESS_H
#define SCL_CLI_PROGRESS_H

#include "study/pool.h"

typedef struct scl_progress_line {
    char name[192];   /* of the study, and of the shard */
    bool terminal;    /* stderr is one */
    bool open;        /* a live line stands on it, without its end */
    double every_s;   /* between two lines */
    double printed_s; /* elapsed time at the last line */
} scl_progress_line;

/* "12s", "3m05s", "2h10m" */
const char *scl_format_time(char out[32], double seconds);
/* For stderr as it is now. */
scl_progress_line scl_progress_line_open(const scl_config *config, scl_shard shard);

/* For scl_pool_options.progress, with a scl_progress_line as context. */
void scl_progress_show(void *context, const scl_progress *progress);

/* Ends a live line, before a message. */
void scl_progress_break(scl_progress_line *line);

#endif
