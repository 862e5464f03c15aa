/* The words around a figure: see figure_words.h. */
#include "report/figure_words.h"

#include "evaluate/metric.h"

#include <string.h>

const char *scl_figure_title(const scl_config *config)
{
    return config->question && config->question[0] ? config->question : config->name;
}

scl_status scl_figure_y_label(scl_text *label, const scl_config *config, scl_error *err)
{
    const scl_metric *metric = scl_metric_find(config->figure.y);
    if (!metric || !metric->summary || !metric->summary[0]) return scl_text_add(label, err, "%s", config->figure.y);
    return scl_text_add(label, err, "%s: %s", config->figure.y, metric->summary);
}

static bool is_swept(const scl_config *config, const char *key)
{
    for (size_t i = 0; i < config->n_axes; i++)
        if (strcmp(config->axes[i].key, key) == 0) return true;
    return false;
}

/* ", name = value" unless the key is swept. */
static scl_status add_setting(scl_text *caption, const scl_config *config, const char *key, double value,
                              scl_error *err)
{
    if (is_swept(config, key)) return SCL_OK;
    char number[SCL_NUMBER_CHARS];
    return scl_text_add(caption, err, "%s%s = %s", caption->length ? ", " : "", scl_figure_short_label(key),
                        scl_number_digits(number, value, 6));
}

static scl_status add_noise(scl_text *caption, const scl_config *config, scl_error *err)
{
    const scl_model_spec *model = &config->base.model;
    if (is_swept(config, "model.noise.profile")) return SCL_OK;
    scl_status status = scl_text_add(caption, err, ", noise %s", scl_noise_names[model->noise]);
    if (status != SCL_OK) return status;
    char low[SCL_NUMBER_CHARS], high[SCL_NUMBER_CHARS];
    switch (model->noise) {
    case SCL_NOISE_CONSTANT:
    case SCL_NOISE_GAP:
        return add_setting(caption, config, "model.noise.sigma_max", model->sigma_max, err);
    case SCL_NOISE_LINEAR:
        status = add_setting(caption, config, "model.noise.sigma_max", model->sigma_max, err);
        if (status == SCL_OK) status = add_setting(caption, config, "model.noise.ratio", model->ratio, err);
        return status;
    case SCL_NOISE_GOLDEN:
        return scl_text_add(caption, err, " (variances %s to %s)", scl_number_digits(low, model->variance_min, 6),
                            scl_number_digits(high, model->variance_max, 6));
    case SCL_NOISE_FILE:
        return scl_text_add(caption, err, " %s", config->base.noise_file ? config->base.noise_file : "");
    default:
        return SCL_OK;
    }
}

static scl_status add_settings(scl_text *caption, const scl_config *config, scl_error *err)
{
    const scl_model_spec *model = &config->base.model;
    scl_status status = add_setting(caption, config, "model.d", (double)model->d, err);
    if (status == SCL_OK) status = add_setting(caption, config, "model.r", (double)model->r, err);
    if (status == SCL_OK && !is_swept(config, "sample.aspect"))
        status = add_setting(caption, config, "sample.n", config->base.n, err);
    if (status == SCL_OK) status = add_setting(caption, config, "model.nu", model->nu, err);
    if (status == SCL_OK) status = add_noise(caption, config, err);
    if (status == SCL_OK && !is_swept(config, "model.loadings"))
        status = scl_text_add(caption, err, "%sloadings %s", caption->length ? ", " : "",
                              scl_loadings_names[model->loadings]);
    if (status == SCL_OK)
        status = scl_text_add(caption, err, "%s%zu replicates%s.", caption->length ? ", " : "", config->replicates,
                              config->redraw_replicate ? ", each with its own model" : "");
    return status;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static scl_status add_left_out(scl_text *caption, const scl_figure_data *data, scl_error *err)
{
    char low[SCL_NUMBER_CHARS], high[SCL_NUMBER_CHARS];
    scl_status status = SCL_OK;
    if (data->zeros)
        status = scl_text_add(caption, err, " %zu value%s of 0 left out of the log axis%s.", data->zeros,
                              plural(data->zeros), data->zeros_rounded ? " (0: below 1e-7 of the largest)" : "");
    if (status == SCL_OK && data->x_zeros)
        status = scl_text_add(caption, err, " %zu point%s at x = 0 left out of the log axis.", data->x_zeros,
                              plural(data->x_zeros));
    if (status == SCL_OK && data->bounds_cut)
        status = scl_text_add(caption, err, " Rate lines reach beyond the frame (%s to %s).",
                              scl_number_digits(low, data->rate_low, 3), scl_number_digits(high, data->rate_high, 3));
    if (status == SCL_OK && data->failed)
        status =
            scl_text_add(caption, err, " %zu failed trial%s not in the means.", data->failed, plural(data->failed));
    if (status == SCL_OK && data->unconverged)
        status =
            scl_text_add(caption, err, " %zu fit%s did not converge.", data->unconverged, plural(data->unconverged));
    return status;
}

scl_status scl_figure_caption(scl_text *caption, const scl_config *config, const scl_figure_data *data, scl_error *err)
{
    scl_status status = add_settings(caption, config, err);
    if (status == SCL_OK)
        status = scl_text_add(caption, err, " Marks: means over replicates%s.",
                              data->has_bars ? "; bars: 95 % confidence interval (Monte Carlo)" : "");
    if (status == SCL_OK && data->has_bounds)
        status = scl_text_add(caption, err, " Grey: the recovery rate with constant 1; its true constant is unknown.");
    if (status == SCL_OK) status = add_left_out(caption, data, err);
    return status;
}

size_t scl_figure_line(const char *text, size_t width, const char **next)
{
    size_t characters = 0, blank = 0, i = 0;
    for (; text[i]; i++) {
        bool continues = ((unsigned char)text[i] & 0xc0) == 0x80; /* a UTF-8 character's later bytes */
        if (!continues && characters++ == width) break;
        if (text[i] == ' ' || text[i] == '\n' || text[i] == '\t') blank = i;
    }
    *next = NULL;
    if (!text[i]) return i;
    if (text[i] == ' ') blank = i;
    if (blank > 0) {
        *next = text + blank + 1;
        return blank;
    }
    *next = text + i;
    return i;
}

size_t scl_figure_count_lines(const char *text, size_t width)
{
    size_t lines = 0;
    for (const char *rest = text; rest; lines++) scl_figure_line(rest, width, &rest);
    return lines;
}
