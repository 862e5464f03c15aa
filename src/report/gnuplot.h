/* Running gnuplot: a script in, the bytes of a picture out. */
#ifndef SCL_REPORT_GNUPLOT_H
#define SCL_REPORT_GNUPLOT_H

#include "base/error.h"

#include <stddef.h>

/* Runs gnuplot (or the program named by the environment variable GNUPLOT) on a script that plots to standard output.
 *   out  picture  what gnuplot wrote, NUL-terminated; free with scl_free
 *   in   script   gnuplot commands
 *   returns SCL_OK, SCL_ERR_IO (cannot be started: says what to install; failed: with gnuplot's own words),
 *           SCL_ERR_MEMORY
 *
 * The user's own gnuplot settings (~/.gnuplot, GNUTERM, the locale) have no influence. */
scl_status scl_gnuplot_run(char **picture, size_t *length, const char *script, scl_error *err) SCL_CHECKED;

#endif
