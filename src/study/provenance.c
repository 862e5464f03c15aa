/* Provenance: see provenance.h. */
#include "study/provenance.h"

#include "linalg/linalg.h"
#include "study/store.h"
#include "theory/expression.h"

#include <gsl/gsl_version.h>
#include <libfyaml.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <zlib.h>

#define SCL_VERSION "0.1.0"
#ifdef __clang__
#define SCL_COMPILER __VERSION__ /* begins with the name */
#else
#define SCL_COMPILER "gcc " __VERSION__
#endif
#ifndef SCL_BUILD_FLAGS
#define SCL_BUILD_FLAGS "unknown"
#endif

scl_status scl_provenance_versions(scl_text *text, scl_error *err)
{
    char parser[SCL_EXPRESSION_LIBRARY_CHARS];
    return scl_text_add(text, err,
                        "spikedcl: %s\nresults version: %d\ncompiler: %s\nflags: %s\nBLAS: %s, kernel %s, %d thread\n"
                        "GSL: %s\nSQLite: %s\nlibfyaml: %s\nmuParser: %s\nzlib: %s\n",
                        SCL_VERSION, SCL_RESULTS_VERSION, SCL_COMPILER, SCL_BUILD_FLAGS, scl_blas_config(),
                        scl_blas_kernel(), scl_blas_threads(), gsl_version, sqlite3_libversion(), fy_library_version(),
                        scl_expression_library(parser), zlibVersion());
}

enum { TIME_CHARS = 32 };

static const char *utc_now(char out[TIME_CHARS])
{
    time_t now = time(NULL);
    struct tm utc;
    strftime(out, TIME_CHARS, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return out;
}

static const char rows_there[] = "rows before: ", section[] = "merged: ", run_section[] = "earlier: ";

static bool begins(const char *line, const char *start)
{
    return strncmp(line, start, strlen(start)) == 0;
}

static const char *next_line(const char *line)
{
    line += strcspn(line, "\n");
    return line + (*line == '\n');
}

scl_status scl_provenance_text(scl_text *text, const scl_plan *plan, const char *command, const char *commit,
                               size_t rows_before, scl_error *err)
{
    const char *least = plan->config->precision.wanted ? "at least " : ""; /* it is written before the first job */
    struct utsname machine = {0};
    uname(&machine);
    char when[TIME_CHARS];
    scl_status status = scl_text_add(text, err, "experiment: %s\nstarted: %s\ncommand: %s\ncommit: %s\n",
                                     plan->config->name, utc_now(when), command, commit ? commit : "unknown");
    if (status == SCL_OK) status = scl_provenance_versions(text, err);
    if (status == SCL_OK)
        status = scl_text_add(text, err, "machine: %s %s %s\nreplicates: %s%zu\njobs: %s%zu\n", machine.sysname,
                              machine.release, machine.machine, least, plan->config->replicates, least, plan->n_jobs);
    if (status == SCL_OK && rows_before > 0) status = scl_text_add(text, err, "%s%zu\n", rows_there, rows_before);
    return status == SCL_OK ? scl_text_add(text, err, "%s", plan->identity) : status;
}

scl_status scl_provenance_end(scl_text *text, const char *earlier, size_t jobs, size_t workers, scl_error *err)
{
    char when[TIME_CHARS];
    const char *started = strstr(earlier, "\nstarted: ");
    size_t before = started ? (size_t)(started + 1 - earlier) : 0;
    before += strcspn(earlier + before, "\n");
    before += earlier[before] == '\n';
    return scl_text_add(text, err, "%.*sended: %s, after %zu job%s on %zu worker%s\n%s", (int)before, earlier,
                        utc_now(when), jobs, scl_plural(jobs), workers, scl_plural(workers), earlier + before);
}

static bool is_of(const char *line, const char *const *names, size_t n)
{
    const char *name = line + strlen(section);
    size_t length = strcspn(name, ",\n"), i = 0;
    while (i < n && !(strlen(names[i]) == length && strncmp(names[i], name, length) == 0)) i++;
    return i < n;
}

scl_status scl_provenance_keep(scl_text *text, const char *earlier, const char *const *but, size_t n_but,
                               scl_error *err)
{
    bool kept = false;
    scl_status status = SCL_OK;
    for (const char *line = earlier; *line && status == SCL_OK; line = next_line(line)) {
        if (begins(line, section))
            kept = !is_of(line, but, n_but);
        else
            kept = begins(line, run_section) || (kept && begins(line, "  "));
        if (kept) status = scl_text_add(text, err, "%.*s\n", (int)strcspn(line, "\n"), line);
    }
    return status;
}

/* The value of a line before the first section, NULL when there is none of that name. */
static const char *own_value(const char *provenance, const char *name)
{
    for (const char *line = provenance; *line; line = next_line(line)) {
        if (begins(line, section) || begins(line, run_section)) return NULL;
        if (begins(line, name)) return line + strlen(name);
    }
    return NULL;
}

scl_status scl_provenance_earlier(scl_text *text, const char *earlier, size_t rows, scl_error *err)
{
    static const char *const names[] = {"started: ", "ended: ", "command: ", "commit: ", "results version: ", "BLAS: "};
    const char *had = own_value(earlier, rows_there);
    size_t rows_before = had ? (size_t)strtoull(had, NULL, 10) : 0;
    if (rows == rows_before) return SCL_OK;
    size_t added = rows > rows_before ? rows - rows_before : 0; /* a repair may have lost some */
    scl_status status = scl_text_add(text, err, "%s%zu row%s\n", run_section, added, scl_plural(added));
    for (size_t i = 0; i < sizeof names / sizeof *names && status == SCL_OK; i++) {
        const char *value = own_value(earlier, names[i]);
        if (value) status = scl_text_add(text, err, "  %s%.*s\n", names[i], (int)strcspn(value, "\n"), value);
    }
    return status;
}

scl_status scl_provenance_merged(scl_text *text, const char *shard, size_t n_rows, const char *provenance,
                                 scl_error *err)
{
    scl_status status = scl_text_add(text, err, "%s%s, %zu row%s\n", section, shard, n_rows, scl_plural(n_rows));
    for (const char *line = provenance; *line && status == SCL_OK; line = next_line(line))
        status = scl_text_add(text, err, "  %.*s\n", (int)strcspn(line, "\n"), line);
    return status;
}
