/* spikedcl plot: the figures of summaries. */
#include "cli/cli.h"

#include "base/csv.h"
#include "base/file.h"
#include "report/report.h"
#include "study/study.h"

#include <stdio.h>

static int plot_config(const scl_config *config, const scl_arguments *arguments)
{
    const char *out = arguments->out ? arguments->out : arguments->results;
    if (!config->figure.wanted) {
        printf("%s: its config asks for no figure\n", config->name);
        return 0;
    }
    scl_error err = {0};
    scl_table summary = {0};
    char *path = NULL;
    scl_status status = scl_study_read_summary(&summary, &path, config, arguments->results, &err);
    if (status == SCL_OK) status = scl_folder_make(out, &err);
    if (status == SCL_OK) status = scl_figure_draw(config, &summary, out, &err);
    if (status == SCL_OK) printf("%s: %s/%s.svg, .png\n", config->name, out, config->name);
    scl_table_free(&summary);
    scl_free(path);
    return status == SCL_OK ? 0 : scl_report_error(&err);
}

static int run(const scl_arguments *arguments)
{
    return scl_for_each_config(arguments, plot_config);
}

const scl_command scl_command_plot = {
    .name = "plot",
    .summary = "draw the figures of summaries as SVG and PNG",
    .usage = "CONFIG... [options]",
    .options = "rso",
    .needs_paths = true,
    .run = run,
};
