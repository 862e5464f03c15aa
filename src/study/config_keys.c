/* The table of keys: see config_keys.h. */
#include "study/config_keys.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const redraws[] = {"cell", "replicate"};
static const char *const scales[] = {"linear", "logx", "logy", "loglog"};     /* in the order of scl_scale */
static const char *const figure_kinds[] = {"curves", "waterfall", "winners"}; /* of scl_figure_kind */
const char *const scl_switches[2] = {"false", "true"};

#define TEXT                                                                                                           \
    {                                                                                                                  \
        SCL_RULE_TEXT, false, 0, 0, NULL, 0                                                                            \
    }
#define PARTS                                                                                                          \
    {                                                                                                                  \
        SCL_RULE_PARTS, false, 0, 0, NULL, 0                                                                           \
    }
#define COUNT(low, high)                                                                                               \
    {                                                                                                                  \
        SCL_RULE_COUNT, false, low, high, NULL, 0                                                                      \
    }
#define NUMBER(low, high)                                                                                              \
    {                                                                                                                  \
        SCL_RULE_NUMBER, false, low, high, NULL, 0                                                                     \
    }
#define WORD(words, count)                                                                                             \
    {                                                                                                                  \
        SCL_RULE_WORD, false, 0, 0, words, count                                                                       \
    }
#define SWEPT_COUNT(low, high)                                                                                         \
    {                                                                                                                  \
        SCL_RULE_COUNT, true, low, high, NULL, 0                                                                       \
    }
#define SWEPT_COUNT_OR_INF(low, high)                                                                                  \
    {                                                                                                                  \
        SCL_RULE_COUNT_OR_INF, true, low, high, NULL, 0                                                                \
    }
#define SWEPT_NUMBER(low, high)                                                                                        \
    {                                                                                                                  \
        SCL_RULE_NUMBER, true, low, high, NULL, 0                                                                      \
    }
#define SWEPT_WORD(words, count)                                                                                       \
    {                                                                                                                  \
        SCL_RULE_WORD, true, 0, 0, words, count                                                                        \
    }

const scl_rule scl_key_rules[SCL_N_KEYS] = {
#define RULE_ROW(id, key, allowed, fallback, meaning, rule) rule,
    SCL_KEY_LIST(RULE_ROW)
#undef RULE_ROW
};

const scl_key_doc scl_config_keys[] = {
#define DOC_ROW(id, key, allowed, fallback, meaning, rule) {key, allowed, fallback, meaning},
    SCL_KEY_LIST(DOC_ROW)
#undef DOC_ROW
};
const size_t scl_n_config_keys = SCL_N_KEYS;

scl_key scl_key_find(const char *dotted)
{
    size_t key = 0;
    while (key < SCL_N_KEYS && strcmp(scl_config_keys[key].key, dotted) != 0) key++;
    return (scl_key)key;
}

bool scl_key_is_group(const char *dotted)
{
    size_t length = strlen(dotted);
    for (size_t key = 0; key < SCL_N_KEYS; key++)
        if (strncmp(scl_config_keys[key].key, dotted, length) == 0 && scl_config_keys[key].key[length] == '.')
            return true;
    return false;
}

const char *scl_key_leaf(scl_key key)
{
    const char *dot = strrchr(scl_config_keys[key].key, '.');
    return dot ? dot + 1 : scl_config_keys[key].key;
}

/* Digits beyond 2^53 that a double rounds are another number: a seed is taken as it is written or not at all. */
static bool is_rounded(const char *text, double number)
{
    char written[SCL_NUMBER_CHARS];
    text += strspn(text, "+0");
    if (fabs(number) < 9007199254740992. || text[strspn(text, "0123456789")] != '\0') return false;
    snprintf(written, sizeof written, "%.0f", number);
    return strcmp(text, written) != 0;
}

static const char *parse_number(scl_value *value, const scl_rule *rule, const char *text)
{
    double number = 0;
    if (!scl_number_parse(text, true, &number)) return "is not a number";
    if (isinf(number)) {
        if (rule->kind != SCL_RULE_COUNT_OR_INF) return "is not finite";
    } else {
        if (rule->kind != SCL_RULE_NUMBER && number != floor(number)) return "is not a whole number";
        if (number < rule->low || number > rule->high || (rule->kind == SCL_RULE_COUNT && is_rounded(text, number)))
            return "is out of range";
    }
    value->number = number + 0.0; /* -0 + 0 = 0 */
    return NULL;
}

const char *scl_key_parse(scl_value *value, scl_key key, const char *text)
{
    const scl_rule *rule = &scl_key_rules[key];
    *value = (scl_value){0};
    if (rule->kind != SCL_RULE_WORD) return parse_number(value, rule, text);
    for (; value->word < rule->n_words; value->word++)
        if (strcmp(rule->words[value->word], text) == 0) return NULL;
    return "is not known here";
}

const char *scl_key_canonical(char out[SCL_NUMBER_CHARS], scl_key key, const scl_value *value)
{
    const scl_rule *rule = &scl_key_rules[key];
    return rule->kind == SCL_RULE_WORD ? rule->words[value->word] : scl_number_shortest(out, value->number);
}

double scl_key_number(const scl_settings *cell, scl_key key)
{
    const scl_model_spec *model = &cell->model;
    switch (key) {
    case SCL_KEY_D:
        return (double)model->d;
    case SCL_KEY_R:
        return (double)model->r;
    case SCL_KEY_NU:
        return model->nu;
    case SCL_KEY_LOADINGS:
        return (double)model->loadings;
    case SCL_KEY_MASS:
        return model->mass;
    case SCL_KEY_PROFILE:
        return (double)model->noise;
    case SCL_KEY_SIGMA_MAX:
        return model->sigma_max;
    case SCL_KEY_RATIO:
        return model->ratio;
    case SCL_KEY_LOUD:
        return model->loud;
    case SCL_KEY_EXPONENT:
        return model->exponent;
    case SCL_KEY_MIN:
        return model->variance_min;
    case SCL_KEY_MAX:
        return model->variance_max;
    case SCL_KEY_LATENT:
        return (double)model->latent.kind;
    case SCL_KEY_LATENT_DF:
        return model->latent.df;
    case SCL_KEY_NOISE_LAW:
        return (double)model->noise_law.kind;
    case SCL_KEY_NOISE_LAW_DF:
        return model->noise_law.df;
    case SCL_KEY_N:
        return cell->n;
    case SCL_KEY_ASPECT:
        return cell->aspect > 0 ? cell->aspect : (double)model->d / cell->n;
    case SCL_KEY_SAMPLER:
        return (double)cell->sampler;
    case SCL_KEY_TASK_KIND:
        return (double)model->task.kind;
    case SCL_KEY_TASKS:
        return (double)model->task.n_tasks;
    case SCL_KEY_WEIGHTS:
        return (double)model->task.weights;
    case SCL_KEY_DIRECTION:
        return (double)model->task.direction;
    case SCL_KEY_LABEL_NOISE:
        return model->task.label_noise;
    case SCL_KEY_OFFSET:
        return model->task.offset;
    case SCL_KEY_LABELLED:
        return cell->labels.m;
    case SCL_KEY_LABELLED_FRACTION:
        return cell->labelled_fraction > 0 ? cell->labelled_fraction : cell->labels.m / cell->n;
    case SCL_KEY_LABELLED_APART:
        return (double)cell->labels.apart;
    case SCL_KEY_LABELLED_SHARED:
        return (double)cell->labels.shared;
    default: /* not a setting of a cell */
        return NAN;
    }
}

void scl_key_store_setting(scl_settings *settings, scl_key key, const scl_value *value)
{
    scl_model_spec *model = &settings->model;
    switch (key) {
    case SCL_KEY_D:
        model->d = (size_t)value->number;
        break;
    case SCL_KEY_R:
        model->r = (size_t)value->number;
        break;
    case SCL_KEY_NU:
        model->nu = value->number;
        break;
    case SCL_KEY_LOADINGS:
        model->loadings = (scl_loadings)value->word;
        break;
    case SCL_KEY_MASS:
        model->mass = value->number;
        break;
    case SCL_KEY_PROFILE:
        model->noise = (scl_noise)value->word;
        break;
    case SCL_KEY_SIGMA_MAX:
        model->sigma_max = value->number;
        break;
    case SCL_KEY_RATIO:
        model->ratio = value->number;
        break;
    case SCL_KEY_LOUD:
        model->loud = value->number;
        break;
    case SCL_KEY_EXPONENT:
        model->exponent = value->number;
        break;
    case SCL_KEY_MIN:
        model->variance_min = value->number;
        break;
    case SCL_KEY_MAX:
        model->variance_max = value->number;
        break;
    case SCL_KEY_LATENT:
        model->latent.kind = (scl_law_kind)value->word;
        break;
    case SCL_KEY_LATENT_DF:
        model->latent.df = value->number;
        break;
    case SCL_KEY_NOISE_LAW:
        model->noise_law.kind = (scl_law_kind)value->word;
        break;
    case SCL_KEY_NOISE_LAW_DF:
        model->noise_law.df = value->number;
        break;
    case SCL_KEY_N:
        settings->n = value->number;
        break;
    case SCL_KEY_ASPECT:
        settings->aspect = value->number;
        break;
    case SCL_KEY_SAMPLER:
        settings->sampler = (scl_sampler)value->word;
        break;
    case SCL_KEY_TASK_KIND:
        model->task.kind = (scl_task_kind)value->word;
        break;
    case SCL_KEY_TASKS:
        model->task.n_tasks = (size_t)value->number;
        break;
    case SCL_KEY_WEIGHTS:
        model->task.weights = (scl_weights)value->word;
        break;
    case SCL_KEY_DIRECTION:
        model->task.direction = (size_t)value->number;
        break;
    case SCL_KEY_LABEL_NOISE:
        model->task.label_noise = value->number;
        break;
    case SCL_KEY_OFFSET:
        model->task.offset = value->number;
        break;
    case SCL_KEY_LABELLED:
        settings->labels.m = value->number;
        break;
    case SCL_KEY_LABELLED_FRACTION:
        settings->labelled_fraction = value->number;
        break;
    case SCL_KEY_LABELLED_APART:
        settings->labels.apart = value->word == 1;
        break;
    case SCL_KEY_LABELLED_SHARED:
        settings->labels.shared = value->word == 1;
        break;
    default: /* not a setting of a cell */
        break;
    }
}

void scl_key_store(scl_config *config, scl_key key, const scl_value *value)
{
    switch (key) {
    case SCL_KEY_SEED:
        config->seed = (uint64_t)value->number;
        break;
    case SCL_KEY_REPLICATES:
        config->replicates = (size_t)value->number;
        break;
    case SCL_KEY_REDRAW:
        config->redraw_replicate = value->word == 1;
        break;
    case SCL_KEY_MCSE:
        config->precision.mcse = value->number;
        break;
    case SCL_KEY_MAX_REPLICATES:
        config->precision.max_replicates = (size_t)value->number;
        break;
    case SCL_KEY_FIGURE_KIND:
        config->figure.kind = (scl_figure_kind)value->word;
        break;
    case SCL_KEY_SCALE:
        config->figure.scale = (scl_scale)value->word;
        break;
    case SCL_KEY_PREDICTIONS:
        config->figure.predictions = value->word == 1;
        break;
    case SCL_KEY_BOUNDS:
        config->figure.bounds = value->word == 1;
        break;
    case SCL_KEY_FLOOR:
        config->figure.floor = value->number;
        break;
    default:
        scl_key_store_setting(&config->base, key, value);
        break;
    }
}
