/* The words around a figure: see figure_words.h. */
#include "report/figure_words.h"

#include "evaluate/evaluate.h"
#include "study/config_keys.h"

#include <math.h>
#include <string.h>

const char *scl_figure_title(const scl_config *config)
{
    return config->question && config->question[0] ? config->question : config->name;
}

/* A number as readers write it: from 1e4 on, at most two digits times a power of ten (in Unicode's superscripts, so
 * that it can stand beside a user's text) where that is the same number. */
static scl_status add_number(scl_text *text, double value, scl_error *err)
{
    static const char *const raised[] = {"\342\201\260", "\302\271",     "\302\262",     "\302\263",
                                         "\342\201\264", "\342\201\265", "\342\201\266", "\342\201\267",
                                         "\342\201\270", "\342\201\271"};
    char number[SCL_NUMBER_CHARS], mantissa[SCL_NUMBER_CHARS];
    int exponent = isfinite(value) && value >= 1e4 ? (int)floor(log10(value) + 1e-12) : 0;
    double scaled = value / pow(10, exponent);
    scl_number_digits(mantissa, scaled, 2);
    double rounded = 0;
    bool round = scl_number_parse(mantissa, false, &rounded) && fabs(rounded - scaled) <= 1e-9 * scaled;
    if (exponent < 4 || !round) return scl_text_add(text, err, "%s", scl_number_digits(number, value, 6));
    bool one = rounded == 1;
    scl_status status = scl_text_add(text, err, "%s%s10", one ? "" : mantissa, one ? "" : "\303\227");
    for (int place = exponent >= 100 ? 100 : exponent >= 10 ? 10 : 1; place > 0 && status == SCL_OK; place /= 10)
        status = scl_text_add(text, err, "%s", raised[exponent / place % 10]);
    return status;
}

scl_status scl_figure_add_bare_value(scl_text *text, const char *key, const char *value, scl_error *err)
{
    double number = 0;
    if (!scl_number_parse(value, true, &number)) return scl_text_add(text, err, "%s", value);
    if (isinf(number) && strcmp(scl_figure_short_label(key), "n") == 0)
        return scl_text_add(text, err, "inf (population)");
    return add_number(text, number, err);
}

scl_status scl_figure_add_value(scl_text *text, const char *key, const char *value, scl_error *err)
{
    scl_status status = scl_text_add(text, err, "%s = ", scl_figure_short_label(key));
    return status == SCL_OK ? scl_figure_add_bare_value(text, key, value, err) : status;
}

/* Words and signs of a label, and what they become. */
static const struct replacement {
    const char *plain, *typeset;
} replacements[] = {
    {"||", "\342\200\226"}, {"Theta", "\316\230"},  {"theta", "\316\270"}, {"Sigma", "\316\243"},
    {"sigma", "\317\203"},  {"lambda", "\316\273"}, {"Delta", "\316\224"},
};

static const struct replacement *replacement_at(const char *text)
{
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++)
        if (strncmp(text, replacements[i].plain, strlen(replacements[i].plain)) == 0) return &replacements[i];
    return NULL;
}

scl_status scl_figure_metric_label(scl_text *label, const char *name, scl_error *err)
{
    static const char alphanumeric[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const scl_metric *metric = scl_metric_find(name);
    const char *text = metric && metric->label && metric->label[0] ? metric->label : name;
    scl_status status = SCL_OK;
    while (*text && status == SCL_OK) {
        const struct replacement *known = replacement_at(text);
        size_t lowered = *text == '_' ? strspn(text + 1, alphanumeric) : 0;
        if (known) {
            status = scl_text_add(label, err, "%s", known->typeset);
            text += strlen(known->plain);
        } else if (lowered) {
            status = scl_text_add(label, err, "_{%.*s}", (int)lowered, text + 1);
            text += 1 + lowered;
        } else {
            status = scl_text_add(label, err, "%s%c", strchr("{}^_@&~\\", *text) ? "\\" : "", *text);
            text++;
        }
    }
    return status;
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

/* The names of the series that have one of the notes: "pca, contrastive". */
static scl_status add_noted(scl_text *caption, const scl_figure_data *data, unsigned notes, scl_error *err)
{
    scl_status status = SCL_OK;
    bool started = false;
    for (size_t i = 0; i < data->series.count && status == SCL_OK; i++) {
        if (!(data->notes[i] & notes)) continue;
        bool mean = data->notes[i] & notes & SCL_FIGURE_ZERO_MEAN;
        bool population = data->notes[i] & notes & SCL_FIGURE_ZERO_POPULATION;
        status = scl_text_add(caption, err, "%s%s%s", started ? ", " : "", data->series.items[i],
                              !population ? ""
                              : mean      ? " and its population"
                                          : "'s population");
        started = true;
    }
    return status;
}

static scl_status add_zeros(scl_text *caption, const scl_config *config, const scl_figure_data *data, scl_error *err)
{
    if (!data->zeros) return SCL_OK;
    char floor[SCL_NUMBER_CHARS];
    scl_status status = scl_text_add(caption, err, " %zu value%s of 0 left out of the log axis (", data->zeros,
                                     scl_plural(data->zeros));
    if (status == SCL_OK) status = add_noted(caption, data, SCL_FIGURE_ZERO_MEAN | SCL_FIGURE_ZERO_POPULATION, err);
    if (status != SCL_OK) return status;
    if (data->zeros_rounded && config->figure.floor > 0)
        return scl_text_add(caption, err, "; 0: below %s).", scl_number_shortest(floor, config->figure.floor));
    return scl_text_add(caption, err, "%s).", data->zeros_rounded ? "; 0: below 1e-7 of the largest" : "");
}

/* " 332 fits did not converge (heteropca).": the words for one and for several, and whose they are. */
static scl_status add_trouble(scl_text *caption, const scl_figure_data *data, size_t n, const char *one,
                              const char *several, unsigned note, scl_error *err)
{
    if (n == 0) return SCL_OK;
    scl_status status = scl_text_add(caption, err, " %zu %s (", n, n == 1 ? one : several);
    if (status == SCL_OK) status = add_noted(caption, data, note, err);
    return status == SCL_OK ? scl_text_add(caption, err, ").") : status;
}

static scl_status add_left_out(scl_text *caption, const scl_config *config, const scl_figure_data *data, scl_error *err)
{
    char low[SCL_NUMBER_CHARS], high[SCL_NUMBER_CHARS];
    scl_status status = add_zeros(caption, config, data, err);
    if (status == SCL_OK && data->x_zeros)
        status = scl_text_add(caption, err, " %zu point%s at x = 0 left out of the log axis.", data->x_zeros,
                              scl_plural(data->x_zeros));
    if (status == SCL_OK && data->bounds_cut)
        status = scl_text_add(caption, err, " Rate lines reach beyond the frame (%s to %s).",
                              scl_number_digits(low, data->rate_low, 3), scl_number_digits(high, data->rate_high, 3));
    if (status == SCL_OK && data->unfinished)
        status = scl_text_add(caption, err, " NOT FINISHED: %zu mean%s without all replicates.", data->unfinished,
                              scl_plural(data->unfinished));
    if (status == SCL_OK)
        status = add_trouble(caption, data, data->infinite, "mean is infinite and has no mark",
                             "means are infinite and have no marks", SCL_FIGURE_INFINITE, err);
    if (status == SCL_OK)
        status = add_trouble(
            caption, data, data->deficient, "mark has rank-deficient fits, whose null vectors are arbitrary",
            "marks have rank-deficient fits, whose null vectors are arbitrary", SCL_FIGURE_DEFICIENT, err);
    if (status == SCL_OK)
        status = add_trouble(caption, data, data->failed, "trial failed and is not in the means",
                             "trials failed and are not in the means", SCL_FIGURE_FAILED, err);
    if (status == SCL_OK)
        status = add_trouble(caption, data, data->unconverged, "fit did not converge", "fits did not converge",
                             SCL_FIGURE_UNCONVERGED, err);
    return status;
}

/* What the filled marks are, and which open ones are not exact although the legend speaks of the population. */
static scl_status add_marks(scl_text *caption, const scl_figure_data *data, scl_error *err)
{
    scl_status status = SCL_OK;
    if (data->has_averages)
        status = scl_text_add(caption, err, "Marks: means over replicates%s%s.",
                              data->has_exact ? " (n = inf: exact population values)" : "",
                              data->has_bars ? "; bars: 95\302\240% confidence interval (Monte Carlo)" : "");
    else if (data->has_exact)
        status = scl_text_add(caption, err, "Marks: exact population values.");
    bool noted = false;
    for (size_t i = 0; i < data->series.count; i++) noted |= (data->notes[i] & SCL_FIGURE_AVERAGE_POPULATION) != 0;
    if (status != SCL_OK || !noted) return status;
    status = scl_text_add(caption, err, " Population values that are means over replicates: ");
    if (status == SCL_OK) status = add_noted(caption, data, SCL_FIGURE_AVERAGE_POPULATION, err);
    return status == SCL_OK ? scl_text_add(caption, err, ".") : status;
}

/* "Base: n = 1000, nu = 1; titles say what differs. ": what panels of curves do not say of the keys that tell blocks apart. */
static scl_status add_base(scl_text *caption, const scl_config *config, scl_error *err)
{
    scl_status status = SCL_OK;
    bool any = false;
    for (size_t i = 0; i < config->n_axes && status == SCL_OK; i++) {
        const char *key = config->axes[i].key, *x = config->figure.x;
        if (!scl_figure_tells_blocks(config, i) || scl_figure_is_along(key, x) || scl_figure_zipped_with(config, i, x))
            continue;
        status = scl_text_add(caption, err, "%s", any ? ", " : "Base: ");
        if (status == SCL_OK) status = scl_figure_add_value(caption, key, scl_config_axis_value(config, 0, i), err);
        any = true;
    }
    return status == SCL_OK && any ? scl_text_add(caption, err, "; titles say what differs. ") : status;
}

scl_status scl_figure_caption(scl_text *caption, const scl_config *config, const scl_figure_data *data, scl_error *err)
{
    size_t most = data->has_averages ? data->most_n_ok : 0;
    scl_status status = scl_figure_settings(caption, config, data->least_n_ok, most, err);
    if (status == SCL_OK) status = add_base(caption, config, err);
    if (status == SCL_OK) status = add_marks(caption, data, err);
    bool paper = false, own = false;
    for (size_t k = 0; k < data->n_rates; k++) *(k < SCL_FIGURE_PAPER_RATES ? &paper : &own) |= data->rates_drawn[k];
    if (status == SCL_OK && paper)
        status = scl_text_add(caption, err, " Grey: the recovery rate with constant 1; its true constant is unknown.");
    if (status == SCL_OK && own)
        status = scl_text_add(caption, err, " Brown: the config's own bounds with constant 1; `check` estimates it.");
    if (status == SCL_OK && data->categories.count > 0 &&
        data->series.count > SCL_FIGURE_MARKS) /* no dash tells twins apart */
        status = scl_text_add(caption, err, " Each group in the order of the legend.");
    if (status == SCL_OK) status = add_left_out(caption, config, data, err);
    return status;
}

/* The ASCII characters from the blank on, in hundredths of the font size: DejaVu Sans, which is wider than most. */
static const unsigned char ascii_widths[95] = {
    32, 41, 46, 84, 64, 96, 78, 28, 40,  40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79,
    61, 79, 70, 64, 62, 74, 69, 99, 69,  62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64,
    64, 28, 28, 58, 28, 98, 64, 62, 64,  64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84};

/* Of the UTF-8 character that begins with this byte: an accented letter, an ideograph, an emoji by its length. */
static double character_width(unsigned char first)
{
    if (first < ' ' || first == 0x7f) return 0.32;
    if (first < 0x7f) return ascii_widths[first - ' '] / 100.0;
    return first < 0xe0 ? 0.8 : first < 0xf0 ? 1.0 : 1.4;
}

size_t scl_figure_line(const char *text, scl_figure_room room, const char **next)
{
    size_t characters = 0, blank = 0, i = 0;
    double width = 0;
    for (; text[i]; i++) {
        bool continues = ((unsigned char)text[i] & 0xc0) == 0x80; /* a UTF-8 character's later bytes */
        if (!continues) width += character_width((unsigned char)text[i]);
        if (!continues && (characters++ == room.characters || (width > room.width && i > 0))) break;
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

size_t scl_figure_count_lines(const char *text, scl_figure_room room)
{
    size_t lines = 0;
    for (const char *rest = text; rest; lines++) scl_figure_line(rest, room, &rest);
    return lines;
}
