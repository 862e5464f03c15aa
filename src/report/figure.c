/* Figures: see report.h. Both pictures are finished in memory before either file is touched. */
#include "report/report.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "report/figure_data.h"
#include "report/figure_script.h"
#include "report/gnuplot.h"
#include "report/waterfall.h"
#include "report/winners.h"

#include <string.h>
#include <unistd.h>

/* format, file name's ending, what a complete file has at its very end (gnuplot does not notice a full disk) */
static const struct format {
    scl_figure_format format;
    const char *ending, *tail;
} formats[] = {
    {SCL_FIGURE_SVG, "svg", "</svg>"},
    {SCL_FIGURE_PNG, "png", "IEND\256B`\202"},
};
enum { N_FORMATS = sizeof formats / sizeof *formats };

typedef struct picture {
    char *bytes;
    size_t length;
} picture;

/* True when `tail` ends the picture; blanks may follow. */
static bool is_complete(const picture *out, const char *tail)
{
    size_t end = out->length, length = strlen(tail);
    while (end > 0 && (out->bytes[end - 1] == '\n' || out->bytes[end - 1] == ' ')) end--;
    return end >= length && memcmp(out->bytes + end - length, tail, length) == 0;
}

/* What is drawn: that of the config's kind. */
typedef struct drawing {
    scl_figure_data curves;
    scl_waterfall waterfall;
    scl_winners winners;
} drawing;

static scl_status read_drawing(drawing *out, const scl_config *config, const scl_table *summary, scl_error *err)
{
    scl_status status;
    switch (config->figure.kind) {
    case SCL_FIGURE_WATERFALL:
        return scl_waterfall_read(&out->waterfall, config, summary, err);
    case SCL_FIGURE_WINNERS:
        return scl_winners_read(&out->winners, config, summary, err);
    default:
        status = scl_figure_data_read(&out->curves, config, summary, err);
        return status == SCL_OK ? scl_figure_ranges(&out->curves, config, err) : status;
    }
}

static scl_status write_script(scl_text *script, const drawing *of, const scl_config *config, scl_figure_format format,
                               scl_error *err)
{
    switch (config->figure.kind) {
    case SCL_FIGURE_WATERFALL:
        return scl_waterfall_script(script, &of->waterfall, config, format, err);
    case SCL_FIGURE_WINNERS:
        return scl_winners_script(script, &of->winners, config, format, err);
    default:
        return scl_figure_script(script, &of->curves, config, format, err);
    }
}

static void free_drawing(drawing *out)
{
    scl_winners_free(&out->winners);
    scl_waterfall_free(&out->waterfall);
    scl_figure_data_free(&out->curves);
}

static scl_status render(picture *out, const drawing *of, const scl_config *config, const struct format *format,
                         scl_error *err)
{
    scl_text script = {0};
    scl_status status = write_script(&script, of, config, format->format, err);
    if (status == SCL_OK) status = scl_gnuplot_run(&out->bytes, &out->length, script.data, err);
    if (status == SCL_OK && !is_complete(out, format->tail))
        status = scl_error_set(err, SCL_ERR_IO, "gnuplot's %s of \"%s\" is incomplete (%zu bytes): is the disk full?",
                               format->ending, config->name, out->length);
    scl_text_free(&script);
    return status;
}

/* Both pictures or none: a single one would be taken for the figure of an older run's other. */
static scl_status write_pictures(const picture *pictures, const scl_config *config, const char *folder, scl_error *err)
{
    scl_text paths[N_FORMATS] = {0};
    scl_status status = SCL_OK;
    size_t written = 0;
    for (size_t i = 0; i < N_FORMATS && status == SCL_OK; i++)
        status = scl_text_add(&paths[i], err, "%s/%s.%s", folder, config->name, formats[i].ending);
    for (; written < N_FORMATS && status == SCL_OK; written += status == SCL_OK)
        status = scl_file_write(paths[written].data, pictures[written].bytes, pictures[written].length, err);
    for (size_t i = 0; i < written && status != SCL_OK; i++) unlink(paths[i].data);
    for (size_t i = 0; i < N_FORMATS; i++) scl_text_free(&paths[i]);
    return status;
}

scl_status scl_figure_draw(const scl_config *config, const scl_table *summary, const char *folder, scl_error *err)
{
    if (!config->figure.wanted)
        return scl_error_set(err, SCL_ERR_INPUT, "\"%s\" asks for no figure: its config has no key \"figure\"",
                             config->name);
    drawing data = {0};
    picture pictures[N_FORMATS] = {0};
    scl_status status = read_drawing(&data, config, summary, err);
    for (size_t i = 0; i < N_FORMATS && status == SCL_OK; i++)
        status = render(&pictures[i], &data, config, &formats[i], err);
    if (status == SCL_OK) status = scl_folder_make(folder, err);
    if (status == SCL_OK) status = write_pictures(pictures, config, folder, err);
    for (size_t i = 0; i < N_FORMATS; i++) scl_free(pictures[i].bytes);
    free_drawing(&data);
    return status;
}
