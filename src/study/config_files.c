/* Files that a model is made of: noise variances, loadings and the weights of tasks. They are named relative to the config's folder and enter the names of
 * random draws by their bytes. */
#include "base/csv.h"
#include "base/file.h"
#include "base/memory.h"
#include "study/config_parts.h"

#include <string.h>

/* The path of a file that the config names, and the hash of its bytes. */
static scl_status open_file(scl_text *path, uint64_t *hash, const scl_reader *reader, const char *written,
                            scl_error *cause)
{
    const char *config = reader->config->path, *slash = strrchr(config, '/');
    int folder = slash && written[0] != '/' ? (int)(slash + 1 - config) : 0;
    char *bytes = NULL;
    size_t length = 0;
    scl_status status = scl_text_add(path, cause, "%.*s%s", folder, config, written);
    if (status == SCL_OK) status = scl_file_read(&bytes, &length, path->data, cause);
    if (status == SCL_OK) *hash = scl_fnv1a(SCL_FNV_START, bytes, length);
    scl_free(bytes);
    return status;
}

/* What went wrong with a file, told at the key that names it. */
static scl_status fail_file(const scl_reader *reader, scl_key key, scl_status status, const scl_error *cause)
{
    if (status == SCL_ERR_INPUT)
        return scl_reader_fail(reader, scl_place_of_value(reader, reader->given[key]), scl_config_keys[key].key, NULL,
                               NULL, "%s", cause->message);
    return status == SCL_OK ? SCL_OK : scl_error_set(reader->err, status, "%s", cause->message);
}

static scl_status read_noise(scl_reader *reader)
{
    scl_config *config = reader->config;
    scl_text path = {0};
    scl_error cause = {0};
    if (!config->base.noise_file) return SCL_OK;
    scl_status status = open_file(&path, &config->base.noise_hash, reader, config->base.noise_file, &cause);
    if (status == SCL_OK)
        status = scl_csv_vector(&config->file_variances, &reader->n_variances, SCL_SMALLEST_VARIANCE,
                                SCL_LARGEST_VARIANCE, path.data, &cause);
    config->base.model.noise = SCL_NOISE_FILE;
    config->base.model.file_variances = config->file_variances;
    scl_text_free(&path);
    return fail_file(reader, SCL_KEY_FILE, status, &cause);
}

static scl_status read_loadings(scl_reader *reader)
{
    scl_config *config = reader->config;
    scl_text path = {0};
    scl_error cause = {0};
    if (!config->base.loadings_file) return SCL_OK;
    scl_status status = open_file(&path, &config->base.loadings_hash, reader, config->base.loadings_file, &cause);
    if (status == SCL_OK)
        status = scl_csv_numbers(&config->file_loadings, &reader->file_rows, &reader->file_columns, path.data, &cause);
    config->base.model.loadings = SCL_LOADINGS_FILE;
    config->base.model.file_loadings = config->file_loadings;
    scl_text_free(&path);
    return fail_file(reader, SCL_KEY_LOADINGS_FILE, status, &cause);
}

static scl_status read_weights(scl_reader *reader)
{
    scl_config *config = reader->config;
    scl_text path = {0};
    scl_error cause = {0};
    if (!config->base.weights_file) return SCL_OK;
    scl_status status = open_file(&path, &config->base.weights_hash, reader, config->base.weights_file, &cause);
    if (status == SCL_OK)
        status = scl_csv_numbers(&config->weights, &reader->weight_rows, &reader->weight_columns, path.data, &cause);
    config->base.model.task.weights = SCL_WEIGHTS_GIVEN;
    scl_text_free(&path);
    return fail_file(reader, SCL_KEY_WEIGHTS_FILE, status, &cause);
}

scl_status scl_reader_model_files(scl_reader *reader)
{
    scl_status status = read_noise(reader);
    if (status == SCL_OK) status = read_loadings(reader);
    return status == SCL_OK ? read_weights(reader) : status;
}

scl_status scl_reader_check_frame(const scl_reader *reader)
{
    const scl_config *config = reader->config;
    if (!config->file_loadings) return SCL_OK;
    double deviation = scl_loadings_deviation(config->file_loadings, reader->file_rows, reader->file_columns);
    if (deviation <= SCL_LOADINGS_TOLERANCE) return SCL_OK; /* false for NaN */
    char number[SCL_NUMBER_CHARS];
    return scl_reader_fail(reader, scl_place_of_value(reader, reader->given[SCL_KEY_LOADINGS_FILE]),
                           scl_config_keys[SCL_KEY_LOADINGS_FILE].key, "max |U'U - I| up to 1e-6", NULL,
                           "the columns of the file are not orthonormal: max |U'U - I| = %s",
                           scl_number_digits(number, deviation, 6));
}
