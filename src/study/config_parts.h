/* The parts of the config reader (inside study only): a tree of YAML nodes with positions, and the reader's state.
 *
 *   config_yaml.c     bytes -> tree, through libfyaml's events
 *   config_tree.c     the tree, and messages that carry a position
 *   config_set.c      --set texts -> tree
 *   config_read.c     tree -> config: keys, numbers, words, texts, defaults
 *   config_lists.c    tree -> config: claims, expect, metrics
 *   config_estimators.c  estimators, compare
 *   config_bounds.c   bounds of the user's own
 *   config_sweep.c    sweep: blocks, products and zips as cells
 *   config_axis.c     the values of a swept key
 *   config_when.c     conditions on cells
 *   config_range.c    {geometric: ..} and {linear: ..}
 *   config_checks.c   what must hold between keys, in every cell
 *   config_model.c    the same for the model's keys
 *   config_task.c     the same for tasks and labels
 *   config_files.c    noise and loadings from files
 *   config_figure.c   the figure's axes */
#ifndef SCL_STUDY_CONFIG_PARTS_H
#define SCL_STUDY_CONFIG_PARTS_H

#include "study/config.h"
#include "study/config_keys.h"

typedef enum scl_node_kind { SCL_NODE_SCALAR, SCL_NODE_LIST, SCL_NODE_MAPPING } scl_node_kind;

/* Nodes refer to each other by index; 0 is no node. Texts are offsets into the tree's pool. */
typedef struct scl_node {
    scl_node_kind kind;
    bool plain;                  /* a scalar without quotes: the only way to write a number */
    size_t set;                  /* 0: from the file; i: from the i-th --set */
    size_t line, column;         /* of the value, 1-based */
    size_t key_line, key_column; /* of its key, when it lies in a mapping */
    size_t key, text;
    size_t first, last, next, n_children;
} scl_node;

typedef struct scl_tree {
    scl_node *nodes; /* n_nodes; nodes[0] is unused */
    size_t n_nodes, nodes_capacity;
    char *texts; /* n_texts bytes */
    size_t n_texts, texts_capacity;
    size_t root;
} scl_tree;

/* Where an axis was written. */
typedef struct scl_axis_source {
    size_t key;    /* the node of its key, in the first block that sweeps it */
    size_t latest; /* and in the last */
    size_t *nodes; /* for each of its values the node that gives it (a range gives several), 0 for a default */
    size_t nodes_capacity, values_capacity;
} scl_axis_source;

typedef struct scl_reader {
    scl_config *config;
    scl_tree tree;
    const char *const *sets;
    size_t n_sets;
    const scl_config_names *names;
    size_t given[SCL_N_KEYS];            /* the node that gives a key, 0: none */
    size_t axis[SCL_N_KEYS];             /* 1 + the axis that sweeps a key, 0: none */
    scl_axis_source sources[SCL_N_KEYS]; /* for each axis */
    size_t *estimator_nodes;             /* for each estimator its node */
    size_t n_variances;                  /* in the noise file */
    size_t file_rows, file_columns;      /* of the loadings file */
    size_t weight_rows, weight_columns;  /* of the list or file of model.task.w; 0: none */
    size_t *metric_nodes;                /* for each metric its node */
    scl_error *err;
} scl_reader;

/* ---- the tree ---- */
void scl_tree_free(scl_tree *tree);
scl_status scl_tree_add_text(scl_tree *tree, const char *text, size_t length, size_t *offset,
                             scl_error *err) SCL_CHECKED;
/* Adds a node, under `parent` when that is not 0. */
scl_status scl_tree_add(scl_tree *tree, const scl_node *node, size_t parent, size_t *index, scl_error *err) SCL_CHECKED;
const char *scl_tree_key(const scl_tree *tree, size_t node);
const char *scl_tree_text(const scl_tree *tree, size_t node);
/* The child of that key, 0 when there is none; the node at a dotted path from the root (the deepest that exists). */
size_t scl_tree_child(const scl_tree *tree, size_t node, const char *key);
size_t scl_tree_deepest(const scl_tree *tree, const char *dotted);

/* ---- messages ---- */
#define SCL_CLIP_CHARS 88
/* A user's text for a message: at most 80 bytes, control characters as '?'; returns out. */
const char *scl_clip(char out[SCL_CLIP_CHARS], const char *text);

typedef struct scl_place {
    size_t set; /* 0: the file */
    size_t line, column;
} scl_place;
scl_place scl_place_of_value(const scl_reader *reader, size_t node);
scl_place scl_place_of_key(const scl_reader *reader, size_t node);

/* "file:line:column: key: what is wrong; allowed: ...; did you mean "..."?" - key, allowed and nearest may be NULL.
 * SCL_ERR_CONFIG; for a place in a --set "--set text: key: ..." and SCL_ERR_USAGE. */
scl_status scl_reader_fail(const scl_reader *reader, scl_place place, const char *key, const char *allowed,
                           const char *nearest, const char *format, ...) SCL_PRINTF(6, 7);

/* True for 1 to `longest` letters, digits, - _ . that begin with a letter or digit: names of folders and ids of estimators,
 * which no path, shell, hidden file, CSV or spreadsheet (a formula begins with =) misreads, and no id is "a vs b". */
bool scl_is_plain_name(const char *text, size_t longest);

/* ---- the steps of reading, in order ---- */
/* Refuses NUL and control bytes and what is not UTF-8. */
scl_status scl_reader_check_bytes(const scl_reader *reader, size_t set, const char *text, size_t length) SCL_CHECKED;
/* Parses YAML into the tree; `set` is the origin of its nodes. An empty --set value is an empty scalar. */
scl_status scl_reader_parse(scl_reader *reader, size_t set, const char *text, size_t length, size_t *root) SCL_CHECKED;
/* Whether a text of `sets` was given by an option of its own, as --replicates is; the key follows its two dashes. */
bool scl_is_own_option(const char *set);
scl_status scl_reader_apply_sets(scl_reader *reader) SCL_CHECKED;
scl_status scl_reader_sweep(scl_reader *reader) SCL_CHECKED;
scl_status scl_reader_lists(scl_reader *reader) SCL_CHECKED;
scl_status scl_reader_estimators(scl_reader *reader) SCL_CHECKED; /* a part of lists */
scl_status scl_reader_bounds(scl_reader *reader) SCL_CHECKED;     /* likewise, after the metrics */
scl_status scl_reader_checks(scl_reader *reader) SCL_CHECKED;
/* parts of checks */
scl_status
scl_reader_check_parts(const scl_reader *reader) SCL_CHECKED; /* keys fit the words they go with; before any cell */
scl_status scl_reader_model_files(scl_reader *reader) SCL_CHECKED;
scl_status scl_reader_check_model(const scl_reader *reader, const scl_settings *settings, size_t cell) SCL_CHECKED;
scl_status
scl_reader_check_frame(const scl_reader *reader) SCL_CHECKED; /* the loadings file is orthonormal; after the cells */
scl_status scl_reader_figure(scl_reader *reader) SCL_CHECKED;
scl_status scl_reader_check_labels_alone(const scl_reader *reader) SCL_CHECKED; /* before any cell */
scl_status scl_reader_check_task(const scl_reader *reader, const scl_settings *settings, size_t cell) SCL_CHECKED;

/* model.task.w as a list, while the keys are read. */
scl_status scl_reader_weights(scl_reader *reader, size_t node) SCL_CHECKED;

/* ---- the sweep's parts ---- */

#define SCL_MOST_AXIS_VALUES 10000 /* comparing each with each must stay quick */

/* first, last and count >= 2 values in equal steps or by equal factors. */
typedef struct scl_range {
    bool geometric, whole;
    double first, last;
    size_t count;
} scl_range;
scl_status scl_reader_range(scl_range *range, const scl_reader *reader, size_t node, scl_key key) SCL_CHECKED;
double scl_range_value(const scl_range *range, size_t i);

/* Appends what `node` lists to the axis of `key`, which exists; values may repeat in a zip only. */
scl_status scl_reader_axis(scl_reader *reader, size_t node, scl_key key, bool may_repeat) SCL_CHECKED;
scl_status scl_reader_add_axis_value(scl_reader *reader, size_t axis, const char *text, size_t node) SCL_CHECKED;

/* Leaves only the cells of a block, read from `node`, that meet its conditions. Cells of later blocks keep their numbers. */
#define SCL_WHEN "when"
scl_status scl_reader_when(scl_reader *reader, scl_sweep_block *block, size_t node) SCL_CHECKED;

/* Which of the axis' values a cell has. */
size_t scl_config_axis_index(const scl_config *config, size_t cell, size_t axis);
/* " (in the cell model.d = 40, sample.n = 1000)", nothing without a sweep. */
scl_status scl_reader_cell_text(scl_text *out, const scl_reader *reader, size_t cell) SCL_CHECKED;

/* ---- what several steps need ---- */

/* Variances are kept where squares and sums of d of them neither overflow nor vanish. */
#define SCL_SMALLEST_VARIANCE 1e-100
#define SCL_LARGEST_VARIANCE  1e100

/* Complains about a cell: at the first of the keys that comes from the command line, else at the first that is given. */
scl_status scl_reader_fail_cell(const scl_reader *reader, size_t cell, const scl_key *keys, size_t n_keys,
                                const char *allowed, const char *what);
#define SCL_KEYS(...) (const scl_key[]){__VA_ARGS__}, sizeof((const scl_key[]){__VA_ARGS__}) / sizeof(scl_key)

/* "r = 12 is above d = 10" of "r = ", 12, " is above d = ", 10; returns out. */
#define SCL_WHAT_CHARS 160
const char *scl_two_numbers(char out[SCL_WHAT_CHARS], const char *before, double a, const char *between, double b);

/* Where a key was written: swept, given, or 0. */
size_t scl_reader_node_of(const scl_reader *reader, scl_key key);

/* A list of numbers, of which `read` reads one: as numbers, how many there are, and as canonical text, "2,1.5". What was made belongs to
 * the caller, also after an error. */
typedef scl_status scl_number_reader(double *out, const scl_reader *reader, size_t item);
scl_status scl_reader_numbers(double **numbers, size_t *n, char **canonical, const scl_reader *reader, size_t node,
                              scl_key key, scl_number_reader *read) SCL_CHECKED;

/* A number or word of the table from a scalar node. */
scl_status scl_reader_value(const scl_reader *reader, size_t node, scl_key key, scl_value *value) SCL_CHECKED;
/* A non-empty text from a scalar node. */
scl_status scl_reader_text(const scl_reader *reader, size_t node, const char *key, const char *allowed,
                           const char **text) SCL_CHECKED;
/* The first item of a key that must hold a list, and how many there are; an absent key has none. */
scl_status scl_reader_open_list(const scl_reader *reader, scl_key key, bool may_be_empty, size_t *first,
                                size_t *count) SCL_CHECKED;
/* Complains: `what` ("unknown claim"), the word, all names, the nearest. */
scl_status scl_reader_unknown(const scl_reader *reader, scl_place place, const char *key, const char *what,
                              const char *word, const char *const *names, size_t n_names);

#endif
