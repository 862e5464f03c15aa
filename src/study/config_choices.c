/* Keys that go with some words of another key only (ratio with the noise profile linear, mass with coherent loadings, df with the law student): the table
 * that reader, draw texts and captions share. */
#include "study/config_keys.h"

#define WITH(word) (1u << (word))

const scl_part scl_parts[] = {
    {SCL_KEY_MASS, SCL_KEY_LOADINGS, WITH(SCL_LOADINGS_COHERENT), "a mass"},
    {SCL_KEY_SIGMA_MAX, SCL_KEY_PROFILE,
     WITH(SCL_NOISE_CONSTANT) | WITH(SCL_NOISE_LINEAR) | WITH(SCL_NOISE_GAP) | WITH(SCL_NOISE_TWO_LEVEL) |
         WITH(SCL_NOISE_POWER),
     NULL},
    {SCL_KEY_RATIO, SCL_KEY_PROFILE, WITH(SCL_NOISE_LINEAR) | WITH(SCL_NOISE_TWO_LEVEL), "a ratio"},
    {SCL_KEY_LOUD, SCL_KEY_PROFILE, WITH(SCL_NOISE_TWO_LEVEL), "a loud share"},
    {SCL_KEY_EXPONENT, SCL_KEY_PROFILE, WITH(SCL_NOISE_POWER), "an exponent"},
    {SCL_KEY_MIN, SCL_KEY_PROFILE, WITH(SCL_NOISE_GOLDEN) | WITH(SCL_NOISE_UNIFORM), NULL},
    {SCL_KEY_LATENT_DF, SCL_KEY_LATENT, WITH(SCL_LAW_STUDENT), "degrees of freedom, df"},
    {SCL_KEY_NOISE_LAW_DF, SCL_KEY_NOISE_LAW, WITH(SCL_LAW_STUDENT), "degrees of freedom, df"},
    {SCL_KEY_TASKS, SCL_KEY_TASK_KIND, SCL_TASKS_OF_SCORES, NULL},
    {SCL_KEY_WEIGHTS, SCL_KEY_TASK_KIND, SCL_TASKS_OF_SCORES, NULL},
    {SCL_KEY_WEIGHTS_FILE, SCL_KEY_TASK_KIND, SCL_TASKS_OF_SCORES, NULL},
    {SCL_KEY_DIRECTION, SCL_KEY_WEIGHTS, WITH(SCL_WEIGHTS_AXIS), NULL},
    {SCL_KEY_LABEL_NOISE, SCL_KEY_TASK_KIND, WITH(SCL_TASK_REGRESSION), NULL},
    {SCL_KEY_OFFSET, SCL_KEY_TASK_KIND, SCL_TASKS_OF_TWO, NULL},
    {SCL_KEY_LABELLED, SCL_KEY_TASK_KIND, SCL_TASKS_OF_ANY_LABELS, NULL},
    {SCL_KEY_LABELLED_FRACTION, SCL_KEY_TASK_KIND, SCL_TASKS_OF_ANY_LABELS, NULL},
    {SCL_KEY_LABELLED_APART, SCL_KEY_TASK_KIND, SCL_TASKS_OF_ANY_LABELS, NULL},
    {SCL_KEY_LABELLED_SHARED, SCL_KEY_TASK_KIND, SCL_TASKS_OF_SCORES, NULL},
    {SCL_KEY_MAX, SCL_KEY_PROFILE, WITH(SCL_NOISE_GOLDEN) | WITH(SCL_NOISE_UNIFORM), NULL},
};
const size_t scl_n_parts = sizeof scl_parts / sizeof *scl_parts;

bool scl_part_goes_with(const scl_part *part, size_t word)
{
    return (part->words & WITH(word)) != 0;
}

bool scl_part_counts(const scl_part *part, const scl_settings *cell)
{
    return scl_part_goes_with(part, (size_t)scl_key_number(cell, part->of));
}
