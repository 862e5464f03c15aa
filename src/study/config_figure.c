/* The figure: its axes must exist, and a logarithmic axis must hold numbers; a waterfall needs the metrics it shows. */
#include "base/memory.h"
#include "evaluate/audit.h"
#include "study/config_parts.h"

#include <string.h>

/* n, d and r are columns of every summary; swept or not, they have their short names. */
static const struct {
    scl_key key;
    const char *name;
} columns[] = {{SCL_KEY_N, "n"}, {SCL_KEY_D, "d"}, {SCL_KEY_R, "r"}};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

static scl_status check_x(scl_reader *reader)
{
    scl_config *config = reader->config;
    const scl_key_doc *doc = &scl_config_keys[SCL_KEY_FIGURE_X];
    scl_place place = scl_place_of_value(reader, reader->given[SCL_KEY_FIGURE_X]);
    const char *names[N_COLUMNS + SCL_N_KEYS], *x = config->figure.x;
    size_t n_names = 0;
    bool known = false;
    for (size_t i = 0; i < N_COLUMNS; i++) names[n_names++] = columns[i].name;
    for (size_t axis = 0; axis < config->n_axes; axis++) names[n_names++] = config->axes[axis].key;
    for (size_t i = 0; i < n_names; i++) known = known || strcmp(names[i], x) == 0;
    if (!known) return scl_reader_unknown(reader, place, doc->key, "neither n, d, r nor swept:", x, names, n_names);
    scl_key key = scl_key_find(x);
    bool words = key != SCL_N_KEYS && scl_key_rules[key].kind == SCL_RULE_WORD;
    bool log_x = config->figure.scale == SCL_SCALE_LOGX || config->figure.scale == SCL_SCALE_LOGLOG;
    if (words && log_x) {
        size_t node = reader->given[SCL_KEY_SCALE];
        return scl_reader_fail(reader, scl_place_of_value(reader, node), "figure.scale", "linear | logy", NULL,
                               "a logarithmic x axis needs numbers, and %s has names", x);
    }
    for (size_t i = 0; i < N_COLUMNS; i++) {
        if (columns[i].key != key) continue;
        char *shorter = scl_strdup(columns[i].name, reader->err);
        if (!shorter) return SCL_ERR_MEMORY;
        scl_free(config->figure.x);
        config->figure.x = shorter;
        break;
    }
    return SCL_OK;
}

static bool is_measured(const scl_config *config, const char *metric)
{
    for (size_t i = 0; i < config->n_metrics; i++)
        if (strcmp(config->metrics[i]->name, metric) == 0) return true;
    return false;
}

static scl_status check_y(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    const char *names[SCL_MAX_METRICS];
    if (is_measured(config, config->figure.y)) return SCL_OK;
    for (size_t i = 0; i < config->n_metrics; i++) names[i] = config->metrics[i]->name;
    return scl_reader_unknown(reader, scl_place_of_value(reader, reader->given[SCL_KEY_FIGURE_Y]), "figure.y",
                              "not among this config's metrics:", config->figure.y, names, config->n_metrics);
}

/* Keys that choose what curves show. */
static scl_status check_no_axes(const scl_reader *reader)
{
    static const scl_key of_curves[] = {SCL_KEY_FIGURE_X,    SCL_KEY_FIGURE_Y, SCL_KEY_SCALE,
                                        SCL_KEY_PREDICTIONS, SCL_KEY_BOUNDS,   SCL_KEY_FLOOR};
    for (size_t i = 0; i < sizeof of_curves / sizeof *of_curves; i++) {
        size_t node = reader->given[of_curves[i]];
        if (node)
            return scl_reader_fail(reader, scl_place_of_key(reader, node), scl_config_keys[of_curves[i]].key,
                                   "kind: waterfall alone, or kind: curves", NULL, "does not go with a waterfall");
    }
    return SCL_OK;
}

static scl_status check_waterfall(const scl_reader *reader)
{
    scl_status status = check_no_axes(reader);
    scl_text lacking = {0};
    if (status == SCL_OK && !is_measured(reader->config, SCL_AUDIT_MEASURED))
        status = scl_text_add(&lacking, reader->err, "%s", SCL_AUDIT_MEASURED);
    for (size_t k = 0; k < SCL_AUDIT_BOUNDS && status == SCL_OK; k++)
        if (!is_measured(reader->config, scl_audit_metrics[k].name))
            status = scl_text_add(&lacking, reader->err, "%s%s", lacking.length ? ", " : "", scl_audit_metrics[k].name);
    if (status == SCL_OK && lacking.length)
        status = scl_reader_fail(reader, scl_place_of_value(reader, reader->given[SCL_KEY_FIGURE_KIND]), "figure.kind",
                                 NULL, NULL, "a waterfall shows metrics that this config does not have: %s",
                                 scl_text_get(&lacking));
    scl_text_free(&lacking);
    return status;
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

scl_status scl_reader_figure(scl_reader *reader)
{
    const scl_figure_spec *figure = &reader->config->figure;
    if (!figure->wanted) return SCL_OK;
    if (figure->kind == SCL_FIGURE_WATERFALL) return check_waterfall(reader);
    scl_status status = check_x(reader);
    if (status == SCL_OK) status = check_y(reader);
    return status == SCL_OK ? check_floor(reader) : status;
}
