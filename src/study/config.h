/* The config: one YAML file, one question. Reading checks every key, type, range and name at once and answers with
 * file:line:column, the key, what is allowed and the nearest known name; nothing is written before that.
 *
 * One table of keys (config_keys.c) serves the reader, --set, sweep and the canonical texts of the plan. */
#ifndef SCL_STUDY_CONFIG_H
#define SCL_STUDY_CONFIG_H

#include "base/error.h"
#include "base/text.h"
#include "estimate/estimate.h"
#include "evaluate/evaluate.h"
#include "model/model.h"
#include "sample/sample.h"
#include "theory/theory.h"

#include <stdbool.h>
#include <stdint.h>

struct scl_config;

/* Names that rooms below study own; every name in a config is checked against them at once. */
typedef struct scl_config_names {
    const char *const *claims;
    size_t n_claims;
    /* Adds what the config lacks for a claim to be judged, nothing when it lacks nothing; NULL: not asked. */
    scl_status (*claim_lacks)(scl_text *lacking, const struct scl_config *config, const char *claim, scl_error *err);
    const char *results; /* --results, for scl_config.words; NULL: the default */
} scl_config_names;

/* The settings of one cell: everything that may be swept. */
typedef struct scl_settings {
    scl_model_spec model;
    char *noise_file;    /* path as written, relative to the config's folder; NULL unless noise is a file */
    uint64_t noise_hash; /* FNV-1a of the file's bytes */
    char *loadings_file; /* likewise */
    uint64_t loadings_hash;
    size_t n_nus;        /* numbers in the list of model.nu, 0 when it is one number */
    char *nu_text;       /* the list as canonical text, "2,1.5,1"; NULL without a list */
    double n;            /* INFINITY: the population */
    double aspect;       /* d/n as written, 0 when n is; scl_config_cell has worked out n */
    scl_sampler sampler; /* as written; the plan resolves auto */
    char *weights_file;  /* likewise, of model.task.w */
    uint64_t weights_hash;
    char *weights_text; /* the list as canonical text */
    scl_label_plan labels;
    double labelled_fraction; /* m/n as written, 0 when m is; scl_config_cell has worked out m */
} scl_settings;

typedef struct scl_estimator_use {
    char *id; /* unique in the config; the estimator's name by default */
    const scl_estimator *estimator;
    double options[SCL_MAX_OPTIONS];
} scl_estimator_use;

/* Whether the use draws random numbers of its own. */
static inline bool scl_use_draws(const scl_estimator_use *use)
{
    return scl_estimator_draws(use->estimator, use->options);
}

/* One swept key: its dotted name and its values as canonical texts ("1000", "inf", "haar"), those of the first block of
 * the sweep before those of the second. */
typedef struct scl_sweep_axis {
    char *key;
    char **values;
    size_t n_values;
} scl_sweep_axis;

/* An axis within a block: its value in the block's k-th cell is values[first + k / stride % count]. Keys of a zip have
 * one stride: they advance together. */
typedef struct scl_sweep_span {
    size_t first, count, stride;
} scl_sweep_span;

/* Cells first_cell .. first_cell + n_cells - 1, a product of axes; a sweep that is one mapping is one block. */
typedef struct scl_sweep_block {
    size_t first_cell, n_cells;
    scl_sweep_span *spans; /* for each axis */
    size_t *kept;          /* n_cells places in the product that `when` leaves, NULL: all */
} scl_sweep_block;

typedef struct scl_compare {
    size_t left, right; /* indices into estimators */
} scl_compare;

/* A bound of the user's own: a claim about one estimator's error, whose terms are expressions (theory/expression.h). */
typedef struct scl_bound {
    char *id; /* unique, and no claim's */
    scl_bound_kind kind;
    const scl_metric *metric;       /* of the config; an error */
    size_t use;                     /* index into estimators */
    char *terms[SCL_N_BOUND_TERMS]; /* NULL: it has no such term */
} scl_bound;

#define SCL_MAX_BOUNDS 16 /* of one config */

typedef struct scl_expectation {
    char *claim;   /* or a bound's id */
    char *verdict; /* confirmed | refuted | undecided */
} scl_expectation;

typedef enum scl_scale { SCL_SCALE_LINEAR, SCL_SCALE_LOGX, SCL_SCALE_LOGY, SCL_SCALE_LOGLOG } scl_scale;

/* curves: y along x; waterfall: the proof audit's chain of bounds, one panel for each cell and estimator; winners: a map over the keys x and
 * y of which estimator has the smallest mean of `metric` */
typedef enum scl_figure_kind { SCL_FIGURE_CURVES, SCL_FIGURE_WATERFALL, SCL_FIGURE_WINNERS } scl_figure_kind;

typedef struct scl_figure_spec {
    bool wanted;
    char *
        x; /* a swept key, or n, d, r (sample.n, model.d and model.r are stored by these short names), or an option; NULL: a waterfall */
    bool x_is_option; /* x is an option of estimators, whose uses are the points of one curve */
    char *y;          /* a metric of the config; of winners a key like x; NULL: a waterfall */
    char *metric;     /* of winners, one of the config's errors; else NULL */
    scl_scale scale;
    bool predictions, bounds;
    scl_figure_kind kind;
    double floor; /* of a logarithmic y axis: what is below counts as 0 there; 0: no floor is given */
} scl_figure_spec;

/* Replicates double, from the config's, until every mean of the metric has this standard error; study/precision.h. */
typedef struct scl_precision_spec {
    bool wanted;
    char *metric_name;
    size_t metric; /* index into metrics */
    double mcse;
    size_t max_replicates;
} scl_precision_spec;

typedef struct scl_config {
    char *path;   /* the file */
    char *words;  /* how a command line names the study, for messages that propose one: file, --results, --set */
    char *source; /* its bytes, copied beside the results */
    char *name, *question;
    uint64_t seed;
    size_t replicates;
    bool redraw_replicate;
    scl_settings base;
    double *file_variances; /* the variances read from noise_file, shared by all cells (settings.model points here) */
    double *file_loadings;  /* likewise, the rows of loadings_file */
    double *nus;            /* likewise, the list of model.nu */
    double *weights;        /* likewise, of model.task.w, from a list or from weights_file */
    scl_estimator_use *estimators;
    size_t n_estimators;
    const scl_metric **metrics;
    size_t n_metrics;
    scl_compare *compares;
    size_t n_compares;
    char **claims;
    size_t n_claims;
    scl_bound *bounds;
    size_t n_bounds;
    scl_expectation *expects;
    size_t n_expects;
    scl_sweep_axis *axes;
    size_t n_axes; /* swept keys, also those of a zip */
    scl_sweep_block *blocks;
    size_t n_blocks;
    scl_precision_spec precision;
    scl_figure_spec figure;
} scl_config;

/* Reads and checks a config.
 *   in  sets    n_sets texts "key=value" of --set, or "--key=value" of an option of its own, applied before checking; setting a
 *               swept key is an error
 *   returns SCL_OK, SCL_ERR_CONFIG (with position), SCL_ERR_INPUT (cannot be opened), SCL_ERR_USAGE (a bad --set) */
scl_status scl_config_read(scl_config *config, const char *path, const char *const *sets, size_t n_sets,
                           const scl_config_names *names, scl_error *err) SCL_CHECKED;
void scl_config_free(scl_config *config);

/* Number of cells: 1 without a sweep; else the blocks one after another, each the product of its factors' lengths, where a
 * zip is one factor, without those that `when` leaves out. Within a block the LAST factor is fastest. */
size_t scl_config_cells(const scl_config *config);

/* The settings of one cell (views into config: nothing to free). Cross-checks that depend on swept values (r <= d, a
 * file's length equal to d, n >= 2, ...) were made for every cell when the config was read. */
scl_settings scl_config_cell(const scl_config *config, size_t cell);

/* True when one model, drawn once or not random, serves all replicates of a cell. */
static inline bool scl_config_model_fixed(const scl_config *config, const scl_settings *settings)
{
    return !config->redraw_replicate || !scl_model_random(&settings->model);
}

/* The use of that id, or NULL. */
const scl_estimator_use *scl_config_use(const scl_config *config, const char *id);

/* The text of the value that axis `axis` takes in a cell. */
const char *scl_config_axis_value(const scl_config *config, size_t cell, size_t axis);

/* True when a zip makes `axis` advance with the axis `leader`, in every block that sweeps them, and the leader's value
 * determines its own: a figure along `leader` needs no panels for `axis`. */
bool scl_config_follows(const scl_config *config, size_t axis, size_t leader);

/* All keys a config may have, for `list`: dotted name, allowed values, default, meaning. */
typedef struct scl_key_doc {
    const char *key, *allowed, *fallback, *meaning;
} scl_key_doc;
extern const scl_key_doc scl_config_keys[];
extern const size_t scl_n_config_keys;

#endif
