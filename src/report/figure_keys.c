/* How figures call the keys of a config, and which column of a summary has a key's numbers: see figure_data.h. */
#include "report/figure_data.h"

#include <string.h>

/* key, the column that has its resolved numbers (NULL: the key's own), label of an axis, short label. Every key with
 * the same column is the same axis: `n` is `sample.n`, and `sample.aspect` determines it. */
static const struct key_words {
    const char *key, *column, *axis, *brief;
} known_keys[] = {
    {"n", "n", "n (samples)", "n"},
    {"sample.n", "n", "n (samples)", "n"},
    {"sample.aspect", NULL, "d/n (aspect ratio)", "d/n"},
    {"sample.sampler", NULL, "sampler", "sampler"},
    {"d", "d", "d (ambient dimension)", "d"},
    {"model.d", "d", "d (ambient dimension)", "d"},
    {"r", "r", "r (latent dimension)", "r"},
    {"model.r", "r", "r (latent dimension)", "r"},
    {"model.nu", NULL, "nu (standard deviation of a latent coordinate)", "nu"},
    {"model.loadings", NULL, "loadings", "loadings"},
    {"model.loadings.coherent.mass", NULL, "mass of the loadings on the first r coordinates", "mass"},
    {"model.latent", NULL, "latent law", "latent"},
    {"model.latent.student.df", NULL, "latent df (degrees of freedom)", "latent df"},
    {"model.noise_law", NULL, "noise law", "noise law"},
    {"model.noise_law.student.df", NULL, "noise df (degrees of freedom)", "noise df"},
    {"model.noise.profile", NULL, "noise profile", "noise"},
    {"model.noise.ratio", NULL, "noise ratio (first over last standard deviation)", "ratio"},
    {"model.noise.min", NULL, "smallest noise variance", "least variance"},
    {"model.noise.max", NULL, "largest noise variance", "largest variance"},
    {"model.noise.loud", NULL, "share of loud coordinates", "loud"},
    {"model.noise.exponent", NULL, "noise exponent", "exponent"},
    {"model.task.tasks", NULL, "T (tasks)", "T"},
    {"model.task.w", NULL, "directions of the tasks", "w"},
    {"model.task.w.axis.direction", NULL, "latent direction of the task", "direction"},
    {"model.task.label_noise", NULL, "label noise (standard deviation)", "label noise"},
    {"model.task.offset", NULL, "offset of the latent score", "offset"},
    {"sample.labelled", NULL, "m (labelled samples)", "m"},
    {"sample.labelled_fraction", NULL, "m/n (labelled fraction)", "m/n"},
    {"sample.labelled_apart", NULL, "labelled samples apart", "labels apart"},
    {"sample.labelled_shared", NULL, "labelled samples shared by the tasks", "labels shared"},
    {"alpha", NULL, "alpha (weight of the label terms)", "alpha"},
    {"model.noise.sigma_max", NULL, "sigma_max (noise standard deviation)", "sigma_max"},
};

static const struct key_words *key_words_of(const char *key)
{
    for (size_t i = 0; i < sizeof known_keys / sizeof *known_keys; i++)
        if (strcmp(known_keys[i].key, key) == 0) return &known_keys[i];
    return NULL;
}

static const char *without_first_part(const char *key)
{
    const char *dot = strchr(key, '.');
    return dot && dot[1] ? dot + 1 : key;
}

const char *scl_figure_axis_label(const char *key)
{
    const struct key_words *words = key_words_of(key);
    return words ? words->axis : without_first_part(key);
}

const char *scl_figure_short_label(const char *key)
{
    const struct key_words *words = key_words_of(key);
    return words ? words->brief : without_first_part(key);
}

const char *scl_figure_column_of(const char *key)
{
    const struct key_words *words = key_words_of(key);
    return words && words->column ? words->column : key;
}

bool scl_figure_is_along(const char *swept, const char *key)
{
    if (strcmp(scl_figure_column_of(swept), scl_figure_column_of(key)) == 0) return true;
    return strcmp(scl_figure_column_of(key), "n") == 0 && strcmp(swept, "sample.aspect") == 0;
}
