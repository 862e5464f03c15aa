/* The table of keys: what a config may say, what each key allows, its default, and where the value goes.
 *
 * It serves the reader, --set, sweep and the documentation (scl_config_keys), so that no two of them can disagree: the
 * text under `allowed` is what messages quote, and a default is the text under `fallback`, read like a user's. A group
 * ("model", "model.noise") is whatever stands before a dot. A key of words may be a group, too: then `student` may be written
 * {student: {df: 5}}, which is the word for model.latent and a value for model.latent.student.df. */
#ifndef SCL_STUDY_CONFIG_KEYS_H
#define SCL_STUDY_CONFIG_KEYS_H

#include "base/text.h"
#include "study/config.h"

#define SCL_KEY_REQUIRED "required"

/* names of a list X(kind, name, summary) as "a | b | c" */
#define SCL_PIPED(kind, name, summary) " | " name
#define SCL_PIPED_NAMES(LIST)          &LIST(SCL_PIPED)[3]

#define SCL_LAW_FORMS     "gaussian | rademacher | uniform | {student: {df: ..}}"
#define SCL_DF_ALLOWED    "number above 2 (up to 2 the variance is infinite), to 1e9"
#define SCL_LEAST_DF      0x1.0000000000001p+1 /* the double after 2 */
#define SCL_MOST_DF       1e9
#define SCL_MOST_TASKS    1000
#define SCL_MOST_LABELLED 1e9 /* drawn one by one */

extern const char *const scl_switches[2]; /* false, true */

/* id, dotted name, allowed, default, meaning, rule (its macros live in config_keys.c; SWEPT_*: may be swept) */
#define SCL_KEY_LIST(X)                                                                                                \
    X(FORMAT, "format", "1", "1", "version of the config format", COUNT(1, 1))                                         \
    X(NAME, "name", "1 to 100 letters, digits, - _ . (first a letter or a digit)", SCL_KEY_REQUIRED,                   \
      "name of the experiment and of its results folder", TEXT)                                                        \
    X(QUESTION, "question", "text", "empty", "the question the experiment answers", TEXT)                              \
    X(CLAIMS, "claims", "list of claims", "[]", "the claims the experiment bears on", PARTS)                           \
    X(SEED, "seed", "whole number, 0 to 9007199254740992", "1", "seed of every random stream",                         \
      COUNT(0, 9007199254740992.))                                                                                     \
    X(REPLICATES, "replicates", "whole number, 1 to 1000000000", "200", "replicates of each cell", COUNT(1, 1e9))      \
    X(D, "model.d", "whole number, 1 to 100000", SCL_KEY_REQUIRED, "ambient dimension", SWEPT_COUNT(1, 1e5))           \
    X(R, "model.r", "whole number, 1 to d", SCL_KEY_REQUIRED, "latent dimension", SWEPT_COUNT(1, 1e5))                 \
    X(NU, "model.nu", "number above 0, 1e-50 to 1e50, or a list of r of them", "1",                                    \
      "standard deviation of each latent coordinate; a list has one for each direction", SWEPT_NUMBER(1e-50, 1e50))    \
    X(LOADINGS, "model.loadings",                                                                                      \
      "haar | dct | positive | axis | coherent (with a mass, {coherent: {mass: ..}}) | {file: ..}", "haar",            \
      "how U is made", SWEPT_WORD(scl_loadings_names, SCL_LOADINGS_FILE))                                              \
    X(MASS, "model.loadings.coherent.mass", "number, 0 to 1 (coherent only)", "none: coherent needs it",               \
      "share of each column's square on the first r coordinates; the others have a uniform frame", SWEPT_NUMBER(0, 1)) \
    X(LOADINGS_FILE, "model.loadings.file", "path of a CSV file, relative to the config's folder", "none",             \
      "d rows of r numbers, columns orthonormal to 1e-6", TEXT)                                                        \
    X(PROFILE, "model.noise.profile", "constant | linear | gap | two-level | golden | power | uniform", "constant",    \
      "how D's diagonal is made", SWEPT_WORD(scl_noise_names, SCL_NOISE_FILE))                                         \
    X(SIGMA_MAX, "model.noise.sigma_max", "number above 0, 1e-50 to 1e50 (constant, linear, gap, two-level, power)",   \
      "1",                                                                                                             \
      "noise standard deviation: the largest (linear, two-level: the first); all variances must lie in 1e-100 to "     \
      "1e100",                                                                                                         \
      SWEPT_NUMBER(1e-50, 1e50))                                                                                       \
    X(RATIO, "model.noise.ratio", "number above 0, 1e-50 to 1e50 (linear, two-level)",                                 \
      "none: linear, two-level need it", "first over last noise standard deviation (linear: almost)",                  \
      SWEPT_NUMBER(1e-50, 1e50))                                                                                       \
    X(LOUD, "model.noise.loud", "number, 0 to 1 (two-level only)", "none: two-level needs it",                         \
      "share of loud coordinates, the first ones; 1 to d - 1 of them", SWEPT_NUMBER(0, 1))                             \
    X(EXPONENT, "model.noise.exponent", "number, 0 to 50 (power only)", "none: power needs it",                        \
      "how fast noise standard deviations fall with the coordinate", SWEPT_NUMBER(0, 50))                              \
    X(MIN, "model.noise.min", "number above 0, 1e-100 to 1e100 (golden, uniform)", "0.25", "smallest noise variance",  \
      SWEPT_NUMBER(1e-100, 1e100))                                                                                     \
    X(MAX, "model.noise.max", "number above 0, 1e-100 to 1e100 (golden, uniform)", "4", "largest noise variance",      \
      SWEPT_NUMBER(1e-100, 1e100))                                                                                     \
    X(FILE, "model.noise.file", "path of a CSV file, relative to the config's folder (instead of profile)", "none",    \
      "d noise variances, one a row or one a column", TEXT)                                                            \
    X(LATENT, "model.latent", SCL_LAW_FORMS, "gaussian",                                                               \
      "law of the latent coordinates, each scaled to variance nu^2", SWEPT_WORD(scl_law_names, SCL_N_LAWS))            \
    X(LATENT_DF, "model.latent.student.df", SCL_DF_ALLOWED, "none: student needs it",                                  \
      "degrees of freedom of the latent coordinates", SWEPT_NUMBER(SCL_LEAST_DF, SCL_MOST_DF))                         \
    X(NOISE_LAW, "model.noise_law", SCL_LAW_FORMS, "gaussian", "law of the noise, each scaled to variance sigma_j^2",  \
      SWEPT_WORD(scl_law_names, SCL_N_LAWS))                                                                           \
    X(NOISE_LAW_DF, "model.noise_law.student.df", SCL_DF_ALLOWED, "none: student needs it",                            \
      "degrees of freedom of the noise", SWEPT_NUMBER(SCL_LEAST_DF, SCL_MOST_DF))                                      \
    X(TASK_KIND, "model.task.kind", SCL_PIPED_NAMES(SCL_TASK_LIST), "none", "what labels say of the latents",          \
      WORD(scl_task_names, SCL_N_TASK_KINDS))                                                                          \
    X(TASKS, "model.task.tasks", "whole number, 1 to 1000 (regression, logistic, probit)", "1",                        \
      "tasks, each with a direction w of its own", SWEPT_COUNT(1, SCL_MOST_TASKS))                                     \
    X(WEIGHTS, "model.task.w",                                                                                         \
      "sphere | orthogonal | diverse | axis | a list of r numbers | {file: ..} (regression, logistic, probit)",        \
      "sphere", "directions of the tasks in latent space", SWEPT_WORD(scl_weights_names, SCL_WEIGHTS_GIVEN))           \
    X(DIRECTION, "model.task.w.axis.direction", "whole number, 1 to r (axis only)", "1",                               \
      "latent direction of the first task; the others have those after it", SWEPT_COUNT(1, 1e5))                       \
    X(WEIGHTS_FILE, "model.task.w.file", "path of a CSV file, relative to the config's folder", "none",                \
      "one row of r numbers for each task", TEXT)                                                                      \
    X(LABEL_NOISE, "model.task.label_noise", "number, 0 to 1e10 (regression only)", "0.1",                             \
      "standard deviation of the label noise; the score that it is added to has 1", SWEPT_NUMBER(0, 1e10))             \
    X(OFFSET, "model.task.offset", "number, -10 to 10 (logistic, probit)", "0",                                        \
      "added to the latent score: classes of unequal probability", SWEPT_NUMBER(-10, 10))                              \
    X(N, "sample.n", "whole number, 2 to 1e15, or inf (the population)", SCL_KEY_REQUIRED,                             \
      "samples (required without aspect)", SWEPT_COUNT_OR_INF(2, 1e15))                                                \
    X(ASPECT, "sample.aspect", "number above 0, 1e-15 to 1e5 (instead of n)", "none",                                  \
      "d/n: n is d/aspect, rounded to a whole number", SWEPT_NUMBER(1e-15, 1e5))                                       \
    X(SAMPLER, "sample.sampler", SCL_PIPED_NAMES(SCL_SAMPLER_LIST), "auto", "how a sample is drawn",                   \
      SWEPT_WORD(scl_sampler_names, SCL_N_SAMPLERS))                                                                   \
    X(LABELLED, "sample.labelled", "whole number, 0 to 1e9", "0", "labelled samples of each task, m",                  \
      SWEPT_COUNT(0, SCL_MOST_LABELLED))                                                                               \
    X(LABELLED_FRACTION, "sample.labelled_fraction", "number, 0 to 1 (instead of labelled)", "none",                   \
      "m/n: m is labelled_fraction n, rounded to a whole number", SWEPT_NUMBER(0, 1))                                  \
    X(LABELLED_APART, "sample.labelled_apart", "true | false", "false", "the labelled samples are not among the n",    \
      SWEPT_WORD(scl_switches, 2))                                                                                     \
    X(LABELLED_SHARED, "sample.labelled_shared", "true | false", "false",                                              \
      "all tasks label the same m samples (false: each task has m of its own)", SWEPT_WORD(scl_switches, 2))           \
    X(ESTIMATORS, "estimators", "list of names or of mappings {name, id, <option>: value}", SCL_KEY_REQUIRED,          \
      "what is compared", PARTS)                                                                                       \
    X(METRICS, "metrics", "list of metrics", SCL_KEY_REQUIRED, "what is measured", PARTS)                              \
    X(COMPARE, "compare", "list of pairs [id, id] of estimators", "[]", "differences on the same draws", PARTS)        \
    X(OWN_BOUNDS, "bounds", "list of mappings {id, kind: upper | lower, metric, estimator, terms}", "[]",              \
      "bounds of your own, judged like claims; terms: {sampling: .., bias: ..} (upper) or {floor: ..} (lower), "       \
      "expressions in the quantities of `list quantities`",                                                            \
      PARTS)                                                                                                           \
    X(EXPECT, "expect", "mapping from claim or bound to confirmed | refuted | undecided", "{}",                        \
      "verdicts that are expected to differ from confirmed", PARTS)                                                    \
    X(SWEEP, "sweep",                                                                                                  \
      "mapping from a dotted key to a list of values or a range, {geometric: [first, last, count]} or {linear: "       \
      "[..]}; "                                                                                                        \
      "zip: a mapping of keys that advance together; when: a list of conditions on cells, like model.r <= 0.1 "        \
      "model.d; or a list of such mappings",                                                                           \
      "{}", "cells: the product of the lists, the last one fastest; a list of mappings: one after another", PARTS)     \
    X(REDRAW, "redraw", "cell | replicate", "cell", "when random parts of the model are drawn", WORD(redraws, 2))      \
    X(PRECISION_METRIC, "precision.metric", "a metric of this config", SCL_KEY_REQUIRED,                               \
      "replicates double until its means are precise enough (no precision: as many as replicates says)", TEXT)         \
    X(MCSE, "precision.mcse", "number above 0, 1e-50 to 1e50", SCL_KEY_REQUIRED,                                       \
      "largest Monte Carlo standard error of every estimator's mean in a cell", NUMBER(1e-50, 1e50))                   \
    X(MAX_REPLICATES, "precision.max_replicates", "whole number, 1 to 1000000000, at least replicates",                \
      SCL_KEY_REQUIRED, "replicates after which a cell stops, precise or not", COUNT(1, 1e9))                          \
    X(FIGURE_KIND, "figure.kind", "curves | waterfall | winners", "curves",                                            \
      "curves: y along x; waterfall: the bounds of a proof audit, without further keys; winners: a map over x and y "  \
      "of the estimator with the smallest metric (no figure: no figure)",                                              \
      WORD(figure_kinds, 3))                                                                                           \
    X(FIGURE_X, "figure.x", "n | d | r, a swept key, or with curves an option that estimators differ in",              \
      SCL_KEY_REQUIRED, "horizontal axis", TEXT)                                                                       \
    X(FIGURE_Y, "figure.y", "a metric of this config; with winners n | d | r, or a swept key", SCL_KEY_REQUIRED,       \
      "vertical axis", TEXT)                                                                                           \
    X(FIGURE_METRIC, "figure.metric", "an error or a risk among this config's metrics (winners only)",                 \
      SCL_KEY_REQUIRED, "what the winner has least of", TEXT)                                                          \
    X(SCALE, "figure.scale", "linear | logx | logy | loglog", "linear", "scales of the axes", WORD(scales, 4))         \
    X(PREDICTIONS, "figure.predictions", "true | false", "true", "draw the population values", WORD(scl_switches, 2))  \
    X(BOUNDS, "figure.bounds", "true | false", "false", "draw the bounds", WORD(scl_switches, 2))                      \
    X(FLOOR, "figure.floor", "number above 0, 1e-50 to 1e50 (scale logy | loglog)", "none",                            \
      "values below it count as 0 and are left out, as the caption says (none: below 1e-7 of the largest)",            \
      NUMBER(1e-50, 1e50))

typedef enum scl_key {
#define SCL_KEY_ENUM(id, key, allowed, fallback, meaning, rule) SCL_KEY_##id,
    SCL_KEY_LIST(SCL_KEY_ENUM)
#undef SCL_KEY_ENUM
        SCL_N_KEYS
} scl_key;

typedef enum scl_rule_kind {
    SCL_RULE_TEXT,         /* checked by the reader */
    SCL_RULE_COUNT,        /* a whole number */
    SCL_RULE_COUNT_OR_INF, /* or the population */
    SCL_RULE_NUMBER,
    SCL_RULE_WORD, /* one of some words */
    SCL_RULE_PARTS /* a list or mapping with a reader of its own */
} scl_rule_kind;

typedef struct scl_rule {
    scl_rule_kind kind;
    bool sweepable;
    double low, high;         /* both ends included */
    const char *const *words; /* n_words */
    size_t n_words;
} scl_rule;

extern const scl_rule scl_key_rules[SCL_N_KEYS];

/* A key's value after reading: the number, or the index of the word. */
typedef struct scl_value {
    double number;
    size_t word;
} scl_value;

/* The key of that dotted name, or SCL_N_KEYS; whether it is a group of keys. */
scl_key scl_key_find(const char *dotted);
bool scl_key_is_group(const char *dotted);

/* The last part of a dotted name. */
const char *scl_key_leaf(scl_key key);

/* Reads the text of a number or word. NULL on success, otherwise what is wrong ("is not a number"). */
const char *scl_key_parse(scl_value *value, scl_key key, const char *text);

/* The canonical text of a value: shortest round trip for numbers. */
const char *scl_key_canonical(char out[SCL_NUMBER_CHARS], scl_key key, const scl_value *value);

/* The number that a key of numbers has in a cell; of a key of words the index of its word. */
double scl_key_number(const scl_settings *cell, scl_key key);

/* A key that goes with some words of another key only. */
typedef struct scl_part {
    scl_key key, of;
    unsigned words;    /* bit w is set: it goes with word w of the key `of` */
    const char *needs; /* "a ratio": those words cannot do without; NULL: it has a default */
} scl_part;

extern const scl_part scl_parts[];
extern const size_t scl_n_parts;

bool scl_part_goes_with(const scl_part *part, size_t word);

/* True when a cell's model or sample is a function of the part. */
bool scl_part_counts(const scl_part *part, const scl_settings *cell);

/* Puts a value of a sweepable key into the settings of a cell; of any other number or word into the config. */
void scl_key_store_setting(scl_settings *settings, scl_key key, const scl_value *value);
void scl_key_store(scl_config *config, scl_key key, const scl_value *value);

#endif
