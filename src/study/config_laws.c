/* The laws of latent and noise: student has its degrees of freedom, and nothing else has them, in every cell of the sweep. */
#include "study/config_parts.h"

#include <stdio.h>

typedef struct law_key {
    scl_key law, df;
} law_key;

static const law_key law_keys[] = {{SCL_KEY_LATENT, SCL_KEY_LATENT_DF}, {SCL_KEY_NOISE_LAW, SCL_KEY_NOISE_LAW_DF}};

static scl_law law_in_cell(const scl_reader *reader, scl_key law, size_t cell)
{
    scl_settings settings = scl_config_cell(reader->config, cell);
    return law == SCL_KEY_LATENT ? settings.model.latent : settings.model.noise_law;
}

/* How many values the key takes in a block. */
static size_t values_in_block(const scl_reader *reader, scl_key key, size_t block)
{
    return reader->axis[key] ? reader->config->blocks[block].spans[reader->axis[key] - 1].count : 1;
}

static scl_status check_block(size_t *n_students, const scl_reader *reader, const law_key *keys, size_t block,
                              size_t first, size_t n_cells)
{
    for (size_t cell = first; cell < first + n_cells; cell++) {
        scl_law law = law_in_cell(reader, keys->law, cell);
        if (law.kind == SCL_LAW_STUDENT) {
            ++*n_students;
            if (law.df > 0) continue;
            return scl_reader_fail_cell(reader, cell, &keys->law, 1, "{student: {df: ..}}",
                                        "student needs degrees of freedom, df");
        }
        if (values_in_block(reader, keys->df, block) == 1) continue;
        char what[80]; /* it would make cells that differ in nothing */
        snprintf(what, sizeof what, "is swept, but the law %s takes no df", scl_law_names[law.kind]);
        return scl_reader_fail_cell(reader, cell, &keys->df, 1, "df in blocks where the law is student", what);
    }
    return SCL_OK;
}

static scl_status check_law(const scl_reader *reader, const law_key *keys)
{
    const scl_config *config = reader->config;
    size_t n_students = 0;
    scl_status status = config->n_blocks ? SCL_OK : check_block(&n_students, reader, keys, 0, 0, 1);
    for (size_t b = 0; b < config->n_blocks && status == SCL_OK; b++)
        status = check_block(&n_students, reader, keys, b, config->blocks[b].first_cell, config->blocks[b].n_cells);
    size_t axis = reader->axis[keys->df], node = axis ? reader->sources[axis - 1].key : reader->given[keys->df];
    if (status != SCL_OK || !node || n_students) return status;
    return scl_reader_fail(reader, scl_place_of_key(reader, node), scl_config_keys[keys->df].key,
                           "df where the law is student", NULL, "no cell has the law student");
}

scl_status scl_reader_laws(scl_reader *reader)
{
    scl_status status = check_law(reader, &law_keys[0]);
    return status == SCL_OK ? check_law(reader, &law_keys[1]) : status;
}
