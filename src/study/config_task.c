/* Tasks and labels in a config: the directions of the tasks, and what must hold for tasks and labels in every cell: directions fit r,
 * labelled samples fit n, estimators and metrics find the labels that they need. Source: docs/theory.md, sections 5 to 7. */
#include "base/memory.h"
#include "study/config_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- model.task.w as a list ---- */

static scl_status read_weight(double *out, const scl_reader *reader, size_t item)
{
    const scl_key_doc *doc = &scl_config_keys[SCL_KEY_WEIGHTS];
    const char *text = NULL;
    char shown[SCL_CLIP_CHARS];
    scl_status status =
        scl_reader_text(reader, item, doc->key, "a number (for several tasks: {file: ..}, a row for each)", &text);
    if (status != SCL_OK) return status;
    if (reader->tree.nodes[item].plain && scl_number_parse(text, false, out) && fabs(*out) <= 1e50) return SCL_OK;
    return scl_reader_fail(reader, scl_place_of_value(reader, item), doc->key,
                           "a list of r numbers (several ways to choose w go under sweep)", NULL,
                           "\"%s\" is not a number from -1e50 to 1e50", scl_clip(shown, text));
}

scl_status scl_reader_weights(scl_reader *reader, size_t node)
{
    scl_config *config = reader->config;
    reader->weight_rows = 1;
    config->base.model.task.weights = SCL_WEIGHTS_GIVEN;
    return scl_reader_numbers(&config->weights, &reader->weight_columns, &config->base.weights_text, reader, node,
                              SCL_KEY_WEIGHTS, read_weight);
}

/* ---- before any cell ---- */

/* m is given once; a list or file of weights is one value for all cells. */
scl_status scl_reader_check_labels_alone(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    size_t labelled = scl_reader_node_of(reader, SCL_KEY_LABELLED),
           fraction = scl_reader_node_of(reader, SCL_KEY_LABELLED_FRACTION);
    if (labelled && fraction) {
        bool first = reader->tree.nodes[labelled].set > reader->tree.nodes[fraction].set;
        scl_key key = first ? SCL_KEY_LABELLED : SCL_KEY_LABELLED_FRACTION;
        return scl_reader_fail(reader, scl_place_of_key(reader, first ? labelled : fraction), scl_config_keys[key].key,
                               "labelled, or labelled_fraction = m/n", NULL, "%s is given too",
                               scl_config_keys[first ? SCL_KEY_LABELLED_FRACTION : SCL_KEY_LABELLED].key);
    }
    bool given = config->weights || config->base.weights_file;
    if (!given || !reader->axis[SCL_KEY_WEIGHTS]) return SCL_OK;
    return scl_reader_fail(reader, scl_place_of_key(reader, scl_reader_node_of(reader, SCL_KEY_WEIGHTS)),
                           "model.task.w", "either a list, a file, or swept names", NULL,
                           "is swept, but the config gives it a %s", config->weights ? "list" : "file");
}

/* ---- every cell: the task ---- */

static scl_status check_given(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    const double *given = reader->config->weights;
    char what[SCL_WHAT_CHARS];
    scl_key key = s->weights_file ? SCL_KEY_WEIGHTS_FILE : SCL_KEY_WEIGHTS;
    if (reader->weight_columns != s->model.r)
        return scl_reader_fail_cell(
            reader, cell, SCL_KEYS(key, SCL_KEY_R), "r numbers for each task",
            scl_two_numbers(what, s->weights_file ? "the file's columns are " : "the list's length is ",
                            (double)reader->weight_columns, ", but r = ", (double)s->model.r));
    if (reader->weight_rows != s->model.task.n_tasks)
        return scl_reader_fail_cell(
            reader, cell, SCL_KEYS(key, SCL_KEY_TASKS), "a list for one task, or a file of one row for each task",
            scl_two_numbers(what, "w is given for ", (double)reader->weight_rows,
                            reader->weight_rows == 1 ? " task, but tasks = " : " tasks, but tasks = ",
                            (double)s->model.task.n_tasks));
    for (size_t row = 0; row < reader->weight_rows; row++) {
        double largest = 0;
        for (size_t k = 0; k < s->model.r; k++) largest = fmax(largest, fabs(given[row * s->model.r + k]));
        if (largest > 0) continue;
        snprintf(what, sizeof what, "the weights of task %zu are all 0: a direction is needed", row + 1);
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(key), "numbers that are not all 0", what);
    }
    return SCL_OK;
}

static scl_status check_directions(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    const scl_task_spec *task = &s->model.task;
    char what[SCL_WHAT_CHARS];
    if (!scl_task_has_scores(task->kind)) return SCL_OK;
    if (task->weights == SCL_WEIGHTS_GIVEN) return check_given(reader, s, cell);
    if (task->weights == SCL_WEIGHTS_ORTHOGONAL && task->n_tasks > s->model.r)
        return scl_reader_fail_cell(
            reader, cell, SCL_KEYS(SCL_KEY_TASKS, SCL_KEY_WEIGHTS, SCL_KEY_R),
            "at most r orthogonal tasks (more: w: diverse or sphere)",
            scl_two_numbers(what, "tasks = ", (double)task->n_tasks, " is above r = ", (double)s->model.r));
    size_t last = task->direction + task->n_tasks - 1;
    if (task->weights == SCL_WEIGHTS_AXIS && last > s->model.r)
        return scl_reader_fail_cell(
            reader, cell, SCL_KEYS(SCL_KEY_DIRECTION, SCL_KEY_TASKS, SCL_KEY_WEIGHTS, SCL_KEY_R), "directions 1 to r",
            scl_two_numbers(what, "the last task's direction is ", (double)last, ", but r = ", (double)s->model.r));
    return SCL_OK;
}

static scl_status check_classes(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    char what[SCL_WHAT_CHARS];
    if (s->model.task.kind != SCL_TASK_CLASSES) return SCL_OK;
    if (s->model.latent.kind != SCL_LAW_GAUSSIAN)
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_LATENT, SCL_KEY_TASK_KIND),
                                    "no latent law with kind classes",
                                    "the latents of a class are its mean, which has no law");
    if (isinf(s->n) || s->n <= SCL_MOST_LABELLED) return SCL_OK;
    snprintf(what, sizeof what, "too many samples: the classes of all are drawn one by one");
    return scl_reader_fail_cell(reader, cell, SCL_KEYS(s->aspect > 0 ? SCL_KEY_ASPECT : SCL_KEY_N, SCL_KEY_TASK_KIND),
                                "n up to 1e9 with kind classes", what);
}

/* ---- every cell: the labelled samples ---- */

/* The key that gives m: the fraction also where it is 0. */
static scl_key labelled_key(const scl_reader *reader)
{
    bool fraction =
        reader->axis[SCL_KEY_LABELLED_FRACTION] || scl_reader_node_of(reader, SCL_KEY_LABELLED_FRACTION) != 0;
    return fraction ? SCL_KEY_LABELLED_FRACTION : SCL_KEY_LABELLED;
}

static scl_status check_fraction(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    char what[SCL_WHAT_CHARS];
    if (s->labelled_fraction == 0) return SCL_OK;
    if (isinf(s->n))
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_LABELLED_FRACTION, SCL_KEY_N),
                                    "labelled, a number of samples, where n is inf",
                                    "a fraction of infinitely many samples");
    if (s->labels.m >= 1 && s->labels.m <= SCL_MOST_LABELLED) return SCL_OK;
    return scl_reader_fail_cell(
        reader, cell, SCL_KEYS(SCL_KEY_LABELLED_FRACTION, SCL_KEY_N), "fractions that give m from 1 to 1e9",
        scl_two_numbers(what, "m = labelled_fraction n rounds to ", s->labels.m, " for n = ", s->n));
}

static scl_status check_labelled(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    char what[SCL_WHAT_CHARS];
    double sets = s->labels.shared ? 1 : (double)s->model.task.n_tasks, m = s->labels.m;
    scl_status status = check_fraction(reader, s, cell);
    if (status != SCL_OK || m == 0) return status;
    if (!s->labels.apart && sets * m > s->n) {
        if (sets > 1)
            snprintf(what, sizeof what, "%g tasks with m = %.17g labelled samples each need more than n = %.17g", sets,
                     m, s->n);
        else
            scl_two_numbers(what, "m = ", m, " labelled samples are more than n = ", s->n);
        return scl_reader_fail_cell(
            reader, cell, SCL_KEYS(labelled_key(reader), SCL_KEY_N, SCL_KEY_ASPECT, SCL_KEY_TASKS),
            sets > 1 ? "at most n for all tasks, or labelled_shared: true, or labelled_apart: true"
                     : "labelled samples among the n, or labelled_apart: true",
            what);
    }
    size_t classes = scl_task_classes(s->model.task.kind, s->model.r);
    if (m < (double)classes)
        return scl_reader_fail_cell(
            reader, cell, SCL_KEYS(labelled_key(reader), SCL_KEY_R, SCL_KEY_TASK_KIND),
            "at least one labelled sample for each class",
            scl_two_numbers(what, "m = ", m, " labelled samples, fewer than the classes, ", (double)classes));
    return SCL_OK;
}

/* ---- estimators and metrics ---- */

/* Complains that m is too small for what stands at a node of estimators or metrics: at m, or there where the config says nothing of m. */
static scl_status fail_unlabelled(const scl_reader *reader, size_t cell, scl_key key, size_t node, const char *allowed,
                                  const char *what)
{
    if (scl_reader_node_of(reader, labelled_key(reader)))
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(labelled_key(reader)), allowed, what);
    return scl_reader_fail(reader, scl_place_of_value(reader, node), scl_config_keys[key].key, allowed, NULL, "%s",
                           what);
}

static scl_status check_estimators(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    const scl_config *config = reader->config;
    scl_task_kind kind = s->model.task.kind;
    for (size_t e = 0; e < config->n_estimators; e++) {
        const scl_estimator *estimator = config->estimators[e].estimator;
        if (estimator->labels == SCL_LABELS_UNUSED) continue;
        if (!(scl_label_need_tasks(estimator->labels) & SCL_TASK_BIT(kind)))
            return scl_reader_fail(reader, scl_place_of_value(reader, reader->estimator_nodes[e]), "estimators", NULL,
                                   NULL, "%s learns from labels of %s, but model.task.kind is %s", estimator->name,
                                   estimator->labels == SCL_LABELS_CLASSES ? "logistic, probit or classes"
                                                                           : "regression, logistic or probit",
                                   scl_task_names[kind]);
        if (s->labels.m >= 2) continue;
        char what[SCL_WHAT_CHARS];
        snprintf(what, sizeof what, "%s learns from labelled samples, and there %s %g", estimator->name,
                 s->labels.m == 1 ? "is" : "are", s->labels.m);
        return fail_unlabelled(reader, cell, SCL_KEY_ESTIMATORS, reader->estimator_nodes[e],
                               "sample.labelled of 2 or more, or labelled_fraction", what);
    }
    return SCL_OK;
}

static scl_status fail_kind(const scl_reader *reader, size_t metric, scl_task_kind kind)
{
    const scl_metric *of = reader->config->metrics[metric];
    scl_text kinds = {0}, allowed = {0};
    scl_status status = scl_task_kinds(&kinds, of->tasks, reader->err);
    if (status == SCL_OK)
        status = scl_text_add(&allowed, reader->err, "%s with model.task.kind %s", of->name, scl_text_get(&kinds));
    if (status == SCL_OK)
        status = scl_reader_fail(reader, scl_place_of_value(reader, reader->metric_nodes[metric]), "metrics",
                                 scl_text_get(&allowed), NULL,
                                 kind == SCL_TASK_NONE ? "%s is about a task, but model.task.kind is %s"
                                                       : "%s is about another task: model.task.kind is %s",
                                 of->name, scl_task_names[kind]);
    scl_text_free(&kinds);
    scl_text_free(&allowed);
    return status;
}

static scl_status check_metrics(const scl_reader *reader, const scl_settings *s, size_t cell)
{
    const scl_config *config = reader->config;
    char what[SCL_WHAT_CHARS];
    for (size_t i = 0; i < config->n_metrics; i++) {
        const scl_metric *metric = config->metrics[i];
        if (metric->tasks && !(metric->tasks & SCL_TASK_BIT(s->model.task.kind)))
            return fail_kind(reader, i, s->model.task.kind);
        if (metric->needs_labels && s->labels.m == 0) {
            snprintf(what, sizeof what, "%s needs labelled samples, and there are none", metric->name);
            return fail_unlabelled(reader, cell, SCL_KEY_METRICS, reader->metric_nodes[i],
                                   "sample.labelled of 1 or more, or labelled_fraction", what);
        }
        bool rows = scl_sampler_resolve(s->sampler, &s->model) == SCL_SAMPLER_DATA;
        if (!metric->needs_rows || rows) continue;
        snprintf(what, sizeof what, "%s needs the labelled samples themselves, not their moments", metric->name);
        return scl_reader_fail_cell(reader, cell, SCL_KEYS(SCL_KEY_SAMPLER, SCL_KEY_METRICS), "sampler: data", what);
    }
    return SCL_OK;
}

scl_status scl_reader_check_task(const scl_reader *reader, const scl_settings *settings, size_t cell)
{
    scl_status status = check_directions(reader, settings, cell);
    if (status == SCL_OK) status = check_classes(reader, settings, cell);
    if (status == SCL_OK) status = check_labelled(reader, settings, cell);
    if (status == SCL_OK) status = check_estimators(reader, settings, cell);
    return status == SCL_OK ? check_metrics(reader, settings, cell) : status;
}
