/* The settings that all points of a figure share, in words: see figure_words.h. */
#include "report/figure_words.h"

#include "study/config_keys.h"

#include <string.h>

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
    scl_status status = caption->length ? scl_text_add(caption, err, ", ") : SCL_OK;
    return status == SCL_OK ? scl_figure_add_value(caption, key, scl_number_shortest(number, value), err) : status;
}

/* A cell's loadings or noise is a function of the part: of a swept word, or else of the config's. */
static bool part_counts(const scl_config *config, const scl_part *part)
{
    const char *of = scl_config_keys[part->of].key;
    if (!is_swept(config, of)) return scl_part_counts(part, &config->base);
    for (size_t i = 0; i < config->n_axes; i++)
        for (size_t k = 0; strcmp(config->axes[i].key, of) == 0 && k < config->axes[i].n_values; k++) {
            scl_value value = {0};
            if (!scl_key_parse(&value, part->of, config->axes[i].values[k]) && scl_part_goes_with(part, value.word))
                return true;
        }
    return false;
}

/* The keys that go with the loadings or the noise profiles of the cells. */
static scl_status add_parts(scl_text *caption, const scl_config *config, scl_key of, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < scl_n_parts && status == SCL_OK; i++)
        if (scl_parts[i].of == of && part_counts(config, &scl_parts[i]))
            status = add_setting(caption, config, scl_config_keys[scl_parts[i].key].key,
                                 scl_key_number(&config->base, scl_parts[i].key), err);
    return status;
}

static scl_status add_noise(scl_text *caption, const scl_config *config, scl_error *err)
{
    const scl_model_spec *model = &config->base.model;
    if (is_swept(config, "model.noise.profile")) return add_parts(caption, config, SCL_KEY_PROFILE, err);
    scl_status status =
        scl_text_add(caption, err, "%snoise %s", caption->length ? ", " : "", scl_noise_names[model->noise]);
    if (status != SCL_OK) return status;
    char low[SCL_NUMBER_CHARS], high[SCL_NUMBER_CHARS];
    switch (model->noise) {
    case SCL_NOISE_GOLDEN:
    case SCL_NOISE_UNIFORM:
        return scl_text_add(caption, err, " (variances %s to %s)", scl_number_digits(low, model->variance_min, 6),
                            scl_number_digits(high, model->variance_max, 6));
    case SCL_NOISE_FILE:
        return scl_text_add(caption, err, " %s", config->base.noise_file ? config->base.noise_file : "");
    default:
        return add_parts(caption, config, SCL_KEY_PROFILE, err);
    }
}

static scl_status add_loadings(scl_text *caption, const scl_config *config, scl_error *err)
{
    if (is_swept(config, "model.loadings")) return add_parts(caption, config, SCL_KEY_LOADINGS, err);
    const char *file = config->base.loadings_file;
    scl_status status =
        scl_text_add(caption, err, "%sloadings %s%s%s", caption->length ? ", " : "",
                     scl_loadings_names[config->base.model.loadings], file ? " " : "", file ? file : "");
    return status == SCL_OK ? add_parts(caption, config, SCL_KEY_LOADINGS, err) : status;
}

/* ", latent student, latent df = 5": where a law is not Gaussian. Where it is swept, the degrees of freedom that its cells share. */
static scl_status add_law(scl_text *caption, const scl_config *config, const char *key, const char *df_key, scl_law law,
                          scl_error *err)
{
    bool swept = is_swept(config, key);
    scl_status status = SCL_OK;
    if (!swept && law.kind != SCL_LAW_GAUSSIAN)
        status = scl_text_add(caption, err, "%s%s %s", caption->length ? ", " : "", scl_figure_short_label(key),
                              scl_law_names[law.kind]);
    if (status != SCL_OK || !(law.df > 0) || (!swept && law.kind != SCL_LAW_STUDENT)) return status;
    return add_setting(caption, config, df_key, law.df, err);
}

/* ", task regression, label noise = 0.1, 500 labelled samples, apart": nothing without a task. */
static scl_status add_task(scl_text *caption, const scl_config *config, scl_error *err)
{
    const scl_task_spec *task = &config->base.model.task;
    if (task->kind == SCL_TASK_NONE) return SCL_OK;
    scl_status status =
        scl_text_add(caption, err, "%stask %s", caption->length ? ", " : "", scl_task_names[task->kind]);
    bool scores = scl_task_has_scores(task->kind);
    if (status == SCL_OK && scores && !is_swept(config, "model.task.w"))
        status = scl_text_add(caption, err, ", w %s%s%s", scl_weights_names[task->weights],
                              config->base.weights_file   ? " in "
                              : config->base.weights_text ? " "
                                                          : "",
                              config->base.weights_file   ? config->base.weights_file
                              : config->base.weights_text ? config->base.weights_text
                                                          : "");
    if (status == SCL_OK && scores && task->n_tasks > 1)
        status = add_setting(caption, config, "model.task.tasks", (double)task->n_tasks, err);
    if (status == SCL_OK && task->kind == SCL_TASK_REGRESSION)
        status = add_setting(caption, config, "model.task.label_noise", task->label_noise, err);
    else if (status == SCL_OK && scores && task->offset != 0)
        status = add_setting(caption, config, "model.task.offset", task->offset, err);
    const scl_label_plan *labels = &config->base.labels;
    if (status == SCL_OK && config->base.labelled_fraction > 0)
        status = add_setting(caption, config, "sample.labelled_fraction", config->base.labelled_fraction, err);
    else if (status == SCL_OK && labels->m > 0)
        status = add_setting(caption, config, "sample.labelled", labels->m, err);
    if (status == SCL_OK && labels->apart && !is_swept(config, "sample.labelled_apart"))
        status = scl_text_add(caption, err, ", labelled samples apart");
    if (status == SCL_OK && labels->shared && !is_swept(config, "sample.labelled_shared"))
        status = scl_text_add(caption, err, ", shared by the tasks");
    return status;
}

/* ", n advances with d": what a zip changes along an axis, which no panel's title says. */
static scl_status add_zipped(scl_text *caption, const scl_config *config, const char *key, scl_error *err)
{
    scl_status status = SCL_OK;
    for (size_t i = 0; i < config->n_axes && status == SCL_OK; i++)
        if (scl_figure_zipped_with(config, i, key))
            status = scl_text_add(caption, err, "%s%s advances with %s", caption->length ? ", " : "",
                                  scl_figure_short_label(config->axes[i].key), scl_figure_short_label(key));
    return status;
}

/* How many replicates the drawn means are of: the summary's number, which need not be the config's. */
static scl_status add_replicates(scl_text *caption, const scl_config *config, size_t least, size_t most, scl_error *err)
{
    scl_status status = caption->length ? scl_text_add(caption, err, ", ") : SCL_OK;
    if (status == SCL_OK && least < most) status = scl_text_add(caption, err, "%zu to ", least);
    if (status != SCL_OK) return status;
    return scl_text_add(caption, err, "%zu replicate%s%s", most, scl_plural(most),
                        config->redraw_replicate ? ", each with its own model" : "");
}

scl_status scl_figure_settings(scl_text *caption, const scl_config *config, size_t least_n_ok, size_t most_n_ok,
                               scl_error *err)
{
    const scl_model_spec *model = &config->base.model;
    scl_status status = add_setting(caption, config, "model.d", (double)model->d, err);
    if (status == SCL_OK) status = add_setting(caption, config, "model.r", (double)model->r, err);
    if (status == SCL_OK && config->base.aspect > 0)
        status = add_setting(caption, config, "sample.aspect", config->base.aspect, err);
    else if (status == SCL_OK && !is_swept(config, "sample.aspect"))
        status = add_setting(caption, config, "sample.n", config->base.n, err);
    if (status == SCL_OK && config->base.nu_text)
        status = scl_text_add(caption, err, "%snu = (%s)", caption->length ? ", " : "", config->base.nu_text);
    else if (status == SCL_OK)
        status = add_setting(caption, config, "model.nu", model->nu, err);
    if (status == SCL_OK) status = add_noise(caption, config, err);
    if (status == SCL_OK) status = add_loadings(caption, config, err);
    if (status == SCL_OK)
        status = add_law(caption, config, "model.latent", "model.latent.student.df", model->latent, err);
    if (status == SCL_OK)
        status = add_law(caption, config, "model.noise_law", "model.noise_law.student.df", model->noise_law, err);
    if (status == SCL_OK) status = add_task(caption, config, err);
    const scl_figure_spec *figure = &config->figure;
    if (status == SCL_OK && figure->kind != SCL_FIGURE_WATERFALL) status = add_zipped(caption, config, figure->x, err);
    if (status == SCL_OK && figure->kind == SCL_FIGURE_WINNERS) status = add_zipped(caption, config, figure->y, err);
    if (status == SCL_OK && most_n_ok > 0) status = add_replicates(caption, config, least_n_ok, most_n_ok, err);
    return status == SCL_OK && caption->length ? scl_text_add(caption, err, ". ") : status;
}
