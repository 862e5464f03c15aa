/* Noise profiles: the d variances sigma2 of D. Formulas in SCL_NOISE_LIST (model.h); source: docs/theory.md, section 1 and
 * docs/design.md. */
#include "model/noise.h"

#include "base/text.h"

#include <math.h>

#define SCL_ENTRY_NAME(kind, name, summary)    name,
#define SCL_ENTRY_SUMMARY(kind, name, summary) summary,
const char *const scl_noise_names[SCL_N_NOISE] = {SCL_NOISE_LIST(SCL_ENTRY_NAME)};
const char *const scl_noise_summaries[SCL_N_NOISE] = {SCL_NOISE_LIST(SCL_ENTRY_SUMMARY)};

/* The golden ratio's fractional part: multiples of it fill [0, 1) evenly for every d. */
static const double GOLDEN = 0.6180339887498949;

static double gap_variance(size_t j, size_t d, size_t r, double sigma_max)
{
    double top = sigma_max * sigma_max;
    if (j < r) return top * (1.0 - 0.01 * (double)j / (double)r);
    size_t others = d - r;
    double place = others > 1 ? (double)(j - r) / (double)(others - 1) : 0.0;
    return top * (0.5 - 0.25 * place); /* from sigma_max^2/2 down to sigma_max^2/4 */
}

bool scl_noise_random(scl_noise noise)
{
    return noise == SCL_NOISE_UNIFORM;
}

size_t scl_noise_loud(const scl_model_spec *spec)
{
    return (size_t)round(spec->loud * (double)spec->d);
}

/* Variance j; `u` is a uniform number, for the profile that is random. */
static double variance(size_t j, const scl_model_spec *spec, double u)
{
    double sigma = spec->sigma_max, span = spec->variance_max - spec->variance_min, multiple = GOLDEN * (double)(j + 1);
    switch (spec->noise) {
    case SCL_NOISE_CONSTANT:
        return sigma * sigma;
    case SCL_NOISE_LINEAR:
        sigma *= 1.0 - (1.0 - 1.0 / spec->ratio) * (double)j / (double)spec->d;
        return sigma * sigma;
    case SCL_NOISE_GAP:
        return gap_variance(j, spec->d, spec->r, sigma);
    case SCL_NOISE_TWO_LEVEL:
        sigma /= j < scl_noise_loud(spec) ? 1.0 : spec->ratio;
        return sigma * sigma;
    case SCL_NOISE_POWER:
        sigma *= pow((double)(j + 1), -spec->exponent);
        return sigma * sigma;
    case SCL_NOISE_UNIFORM:
        return spec->variance_min + span * u;
    case SCL_NOISE_GOLDEN:
        return spec->variance_min + span * (multiple - floor(multiple));
    case SCL_NOISE_FILE:
        return spec->file_variances[j];
    case SCL_N_NOISE:
        break;
    }
    return NAN;
}

scl_status scl_noise_fill(double *sigma2, const scl_model_spec *spec, scl_stream *stream, scl_error *err)
{
    bool random = scl_noise_random(spec->noise);
    if (random) scl_stream_uniforms(sigma2, stream, spec->d);
    for (size_t j = 0; j < spec->d; j++) {
        sigma2[j] = variance(j, spec, random ? sigma2[j] : 0.0);
        if (!(sigma2[j] > 0.0) || !isfinite(sigma2[j])) {
            char number[SCL_NUMBER_CHARS];
            return scl_error_set(err, SCL_ERR_INPUT,
                                 "noise variance %zu of %zu is %s; variances must be positive and finite", j + 1,
                                 spec->d, scl_number_shortest(number, sigma2[j]));
        }
    }
    return SCL_OK;
}
