/* The figure: its axes must exist, and a logarithmic axis must hold numbers; a waterfall needs the metrics it shows, a map of winners an
 * error and estimators to compare. Each kind has keys of its own. */
#include "base/memory.h"
#include "evaluate/audit.h"
#include "study/config_parts.h"

#include <stdio.h>
#include <string.h>

/* n, d and r are columns of every summary; swept or not, they have their short names. */
static const struct {
    scl_key key;
    const char *name;
} columns[] = {{SCL_KEY_N, "n"}, {SCL_KEY_D, "d"}, {SCL_KEY_R, "r"}};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

/* The options with numbers that some estimators of the config differ in; returns how many. */
static size_t option_names(const char *names[SCL_MAX_OPTIONS], const scl_config *config)
{
    size_t n = 0;
    for (size_t e = 0; e < config->n_estimators; e++)
        for (size_t o = 0; o < config->estimators[e].estimator->n_options && n < SCL_MAX_OPTIONS; o++) {
            const scl_option *option = &config->estimators[e].estimator->options[o];
            bool listed = false, varies = false;
            for (size_t i = 0; i < n; i++) listed = listed || strcmp(names[i], option->key) == 0;
            for (size_t f = 0; f < config->n_estimators; f++)
                varies = varies || (config->estimators[f].estimator == config->estimators[e].estimator &&
                                    config->estimators[f].options[o] != config->estimators[e].options[o]);
            if (!listed && varies && !option->words) names[n++] = option->key;
        }
    return n;
}

/* Complains about an axis along an option of estimators that is the same in all uses of each. */
static scl_status refuse_option(const scl_reader *reader, scl_place place, scl_key of, const char *name)
{
    const scl_config *config = reader->config;
    for (size_t e = 0; e < config->n_estimators; e++) {
        const scl_estimator *estimator = config->estimators[e].estimator;
        for (size_t o = 0; o < estimator->n_options; o++) {
            if (strcmp(estimator->options[o].key, name) != 0 || estimator->options[o].words) continue;
            char uses[2 * SCL_CLIP_CHARS];
            snprintf(uses, sizeof uses, "uses of %s that differ in it, each with an id: {name: %s, id: .., %s: ..}",
                     estimator->name, estimator->name, name);
            return scl_reader_fail(reader, place, scl_config_keys[of].key, uses, NULL,
                                   "\"%s\" is an option of %s, but no two uses of it differ in that", name,
                                   estimator->name);
        }
    }
    return SCL_OK;
}

/* An axis along a key, figure.x or figure.y: *name becomes the short name where it has one.
 *   in  options  an option of estimators will do as well */
static scl_status check_axis(scl_reader *reader, scl_key of, char **name, bool options)
{
    scl_config *config = reader->config;
    scl_place place = scl_place_of_value(reader, reader->given[of]);
    const char *names[N_COLUMNS + SCL_N_KEYS + SCL_MAX_OPTIONS];
    size_t n_names = 0;
    bool known = false;
    for (size_t i = 0; i < N_COLUMNS; i++) names[n_names++] = columns[i].name;
    for (size_t axis = 0; axis < config->n_axes; axis++) names[n_names++] = config->axes[axis].key;
    size_t first_option = n_names;
    if (options) n_names += option_names(names + n_names, config);
    for (size_t i = 0; i < n_names; i++) known = known || strcmp(names[i], *name) == 0;
    if (!known && options) {
        scl_status status = refuse_option(reader, place, of, *name);
        if (status != SCL_OK) return status;
    }
    if (!known)
        return scl_reader_unknown(reader, place, scl_config_keys[of].key,
                                  n_names > first_option
                                      ? "neither n, d, r, swept, nor an option that estimators differ in:"
                                      : "neither n, d, r nor swept:",
                                  *name, names, n_names);
    for (size_t i = first_option; i < n_names; i++)
        if (strcmp(names[i], *name) == 0) config->figure.x_is_option = true;
    scl_key key = scl_key_find(*name);
    for (size_t i = 0; i < N_COLUMNS; i++) {
        if (columns[i].key != key) continue;
        char *shorter = scl_strdup(columns[i].name, reader->err);
        if (!shorter) return SCL_ERR_MEMORY;
        scl_free(*name);
        *name = shorter;
        break;
    }
    return SCL_OK;
}

static scl_status check_scale(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    scl_key key = scl_key_find(config->figure.x);
    bool words = key != SCL_N_KEYS && scl_key_rules[key].kind == SCL_RULE_WORD;
    bool log_x = config->figure.scale == SCL_SCALE_LOGX || config->figure.scale == SCL_SCALE_LOGLOG;
    if (!words || !log_x) return SCL_OK;
    return scl_reader_fail(reader, scl_place_of_value(reader, reader->given[SCL_KEY_SCALE]), "figure.scale",
                           "linear | logy", NULL, "a logarithmic x axis needs numbers, and %s has names",
                           config->figure.x);
}

static const scl_metric *find_measured(const scl_config *config, const char *metric)
{
    for (size_t i = 0; i < config->n_metrics; i++)
        if (strcmp(config->metrics[i]->name, metric) == 0) return config->metrics[i];
    return NULL;
}

/* figure.y of curves, figure.metric of winners. */
static scl_status check_metric(const scl_reader *reader, scl_key of, const char *metric)
{
    const scl_config *config = reader->config;
    const char *names[SCL_MAX_METRICS];
    if (find_measured(config, metric)) return SCL_OK;
    for (size_t i = 0; i < config->n_metrics; i++) names[i] = config->metrics[i]->name;
    return scl_reader_unknown(reader, scl_place_of_value(reader, reader->given[of]), scl_config_keys[of].key,
                              "not among this config's metrics:", metric, names, config->n_metrics);
}

/* Keys that choose what another kind shows.
 *   in  kind    how the message calls this one
 *   in  remedy  what is allowed instead */
static scl_status refuse_keys(const scl_reader *reader, const scl_key *keys, size_t count, const char *kind,
                              const char *remedy)
{
    for (size_t i = 0; i < count; i++) {
        size_t node = reader->given[keys[i]];
        if (node)
            return scl_reader_fail(reader, scl_place_of_key(reader, node), scl_config_keys[keys[i]].key, remedy, NULL,
                                   "does not go with %s", kind);
    }
    return SCL_OK;
}

/* A linear axis shows a small number as what it is. */
static scl_status check_floor(const scl_reader *reader)
{
    const scl_figure_spec *figure = &reader->config->figure;
    bool log_y = figure->scale == SCL_SCALE_LOGY || figure->scale == SCL_SCALE_LOGLOG;
    if (!(figure->floor > 0) || log_y) return SCL_OK;
    return scl_reader_fail(reader, scl_place_of_value(reader, reader->given[SCL_KEY_FLOOR]), "figure.floor",
                           "no floor, or scale: logy | loglog", NULL,
                           "the y axis is linear, and a floor is for a "
                           "logarithmic one");
}

static scl_status check_curves(scl_reader *reader)
{
    static const scl_key others[] = {SCL_KEY_FIGURE_METRIC};
    scl_figure_spec *figure = &reader->config->figure;
    scl_status status = refuse_keys(reader, others, sizeof others / sizeof *others, "curves, whose metric is y",
                                    "y alone, or kind: winners");
    if (status == SCL_OK) status = check_axis(reader, SCL_KEY_FIGURE_X, &figure->x, true);
    if (status == SCL_OK) status = check_scale(reader);
    if (status == SCL_OK) status = check_metric(reader, SCL_KEY_FIGURE_Y, figure->y);
    return status == SCL_OK ? check_floor(reader) : status;
}

static scl_status check_waterfall(const scl_reader *reader)
{
    static const scl_key others[] = {SCL_KEY_FIGURE_X,    SCL_KEY_FIGURE_Y, SCL_KEY_FIGURE_METRIC, SCL_KEY_SCALE,
                                     SCL_KEY_PREDICTIONS, SCL_KEY_BOUNDS,   SCL_KEY_FLOOR};
    scl_status status = refuse_keys(reader, others, sizeof others / sizeof *others, "a waterfall",
                                    "kind: waterfall alone, or another kind");
    scl_text lacking = {0};
    if (status == SCL_OK && !find_measured(reader->config, SCL_AUDIT_MEASURED))
        status = scl_text_add(&lacking, reader->err, "%s", SCL_AUDIT_MEASURED);
    for (size_t k = 0; k < SCL_AUDIT_BOUNDS && status == SCL_OK; k++)
        if (!find_measured(reader->config, scl_audit_metrics[k].name))
            status = scl_text_add(&lacking, reader->err, "%s%s", lacking.length ? ", " : "", scl_audit_metrics[k].name);
    if (status == SCL_OK && lacking.length)
        status = scl_reader_fail(reader, scl_place_of_value(reader, reader->given[SCL_KEY_FIGURE_KIND]), "figure.kind",
                                 NULL, NULL, "a waterfall shows metrics that this config does not have: %s",
                                 scl_text_get(&lacking));
    scl_text_free(&lacking);
    return status;
}

/* The smallest value wins: of an error, and of whatever is measured of a task, risks and excesses. */
static bool is_least(const scl_metric *metric)
{
    return metric->largest || metric->tasks;
}

static scl_status check_error(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    if (is_least(find_measured(config, config->figure.metric))) return SCL_OK;
    scl_text errors = {0};
    scl_status status = SCL_OK;
    for (size_t i = 0; i < config->n_metrics && status == SCL_OK; i++)
        if (is_least(config->metrics[i]))
            status = scl_text_add(&errors, reader->err, "%s%s", errors.length ? " | " : "", config->metrics[i]->name);
    if (status == SCL_OK)
        status = scl_reader_fail(reader, scl_place_of_value(reader, reader->given[SCL_KEY_FIGURE_METRIC]),
                                 "figure.metric", errors.length ? scl_text_get(&errors) : NULL, NULL,
                                 "the smallest wins, and %s is no error or risk", config->figure.metric);
    scl_text_free(&errors);
    return status;
}

static scl_status check_winners(scl_reader *reader)
{
    static const scl_key others[] = {SCL_KEY_SCALE, SCL_KEY_PREDICTIONS, SCL_KEY_BOUNDS, SCL_KEY_FLOOR};
    scl_config *config = reader->config;
    scl_status status = refuse_keys(reader, others, sizeof others / sizeof *others, "a map of winners",
                                    "kind, x, y and metric, or kind: curves");
    if (status == SCL_OK) status = check_axis(reader, SCL_KEY_FIGURE_X, &config->figure.x, false);
    if (status == SCL_OK) status = check_axis(reader, SCL_KEY_FIGURE_Y, &config->figure.y, false);
    if (status == SCL_OK && strcmp(config->figure.x, config->figure.y) == 0)
        status = scl_reader_fail(reader, scl_place_of_value(reader, reader->given[SCL_KEY_FIGURE_Y]), "figure.y",
                                 "another key than x", NULL, "is %s, as x is", config->figure.y);
    if (status == SCL_OK) status = check_metric(reader, SCL_KEY_FIGURE_METRIC, config->figure.metric);
    if (status == SCL_OK) status = check_error(reader);
    if (status == SCL_OK && config->n_estimators < 2)
        status = scl_reader_fail(reader, scl_place_of_value(reader, reader->given[SCL_KEY_FIGURE_KIND]), "figure.kind",
                                 NULL, NULL, "a map of winners needs two estimators or more");
    return status;
}

scl_status scl_reader_figure(scl_reader *reader)
{
    if (!reader->config->figure.wanted) return SCL_OK;
    switch (reader->config->figure.kind) {
    case SCL_FIGURE_WATERFALL:
        return check_waterfall(reader);
    case SCL_FIGURE_WINNERS:
        return check_winners(reader);
    default:
        return check_curves(reader);
    }
}
