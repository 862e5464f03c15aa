/* Axes: see figure_axis.h. gnuplot's own tics are few on a logarithmic axis of less than two decades and many on a
 * long one; here the labels are chosen so that every axis has at least two and none run into each other. */
#include "report/figure_axis.h"

#include <math.h>
#include <stdbool.h>

/* Up to this many decades a logarithmic axis is labelled at round steps, up to the second at 1, 2, 5, beyond at powers
 * of ten. */
static const double decades_of_steps = 0.75, decades_of_125 = 2.4;

/* The list of tics while it is written. */
typedef struct tics {
    scl_text *script;
    size_t most;  /* labels that have room */
    bool labels;  /* false: tics without any */
    bool started; /* the next one needs a comma */
    bool powers;  /* every label as a power of ten: an axis that has some has them all */
} tics;

/* One tic: level 0 is long and labelled, 1 short. */
static scl_status add_tic(tics *list, double value, int level, scl_error *err)
{
    scl_text *script = list->script;
    char number[SCL_NUMBER_CHARS], label[SCL_NUMBER_CHARS];
    scl_number_digits(number, value, 12);
    const char *separator = list->started ? ", " : "";
    list->started = true;
    if (level || !list->labels) return scl_text_add(script, err, "%s'' %s %d", separator, number, level);
    double size = fabs(value);
    if (!list->powers && (size == 0 || (size >= 1e-3 && size < 1e5)))
        return scl_text_add(script, err, "%s'%s' %s 0", separator, scl_number_digits(label, value, 6), number);
    int exponent = (int)floor(log10(size) + 1e-9);
    scl_number_digits(label, value / pow(10, exponent), 4);
    bool power = label[0] == '1' && label[1] == '\0';
    return scl_text_add(script, err, "%s'%s%s10^{%d}' %s 0", separator, power ? "" : label, power ? "" : "\303\227",
                        exponent, number);
}

static bool inside(const scl_figure_axis *axis, double value)
{
    return value >= axis->low && value <= axis->high;
}

/* Multiples of 1, 2 or 5 times a power of ten, at most about `most` of them. */
static scl_status step_tics(tics *list, const scl_figure_axis *axis, scl_error *err)
{
    double rough = (axis->high - axis->low) / (double)list->most;
    double step = pow(10, floor(log10(rough)));
    step *= rough <= step ? 1 : rough <= 2 * step ? 2 : rough <= 5 * step ? 5 : 10;
    scl_status status = SCL_OK;
    double start = ceil(axis->low / step - 1e-9), end = floor(axis->high / step + 1e-9);
    for (double k = start; k <= end && status == SCL_OK; k++) status = add_tic(list, k * step, 0, err);
    return status;
}

static scl_status log_tics(tics *list, const scl_figure_axis *axis, scl_error *err)
{
    double decades = log10(axis->high / axis->low);
    bool with_125 = decades <= decades_of_125;
    int every = with_125 ? 1 : (int)ceil(decades / (double)list->most);
    if (every < 1) every = 1;
    list->powers = !with_125 && (axis->high >= 1e5 || axis->low < 1e-3);
    scl_status status = SCL_OK;
    for (int e = (int)floor(log10(axis->low)); e <= (int)floor(log10(axis->high)); e++) {
        for (int m = 1; m <= 9 && status == SCL_OK; m++) {
            double value = m * pow(10, e);
            if (!inside(axis, value)) continue;
            bool labelled =
                with_125 ? m == 1 || m == 5 || (m == 2 && 3 * decades <= (double)list->most) : m == 1 && e % every == 0;
            if (every > 1 && m > 1) continue; /* no room for the digits between */
            status = add_tic(list, value, labelled ? 0 : 1, err);
        }
    }
    return status;
}

scl_status scl_figure_axis_commands(scl_text *script, const char *name, const scl_figure_axis *axis, size_t most,
                                    bool labels, scl_error *err)
{
    char low[SCL_NUMBER_CHARS], high[SCL_NUMBER_CHARS];
    tics list = {.script = script, .most = most < 2 ? 2 : most, .labels = labels};
    scl_status status =
        scl_text_add(script, err, "%sset logscale %s\nset %srange [%s:%s]\nset %stics (", axis->log ? "" : "un", name,
                     name, scl_number_shortest(low, axis->low), scl_number_shortest(high, axis->high), name);
    if (status != SCL_OK) return status;
    if (axis->log && log10(axis->high / axis->low) > decades_of_steps)
        status = log_tics(&list, axis, err);
    else
        status = step_tics(&list, axis, err);
    if (status != SCL_OK) return status;
    return scl_text_add(script, err, ")\n");
}

/* Bytes of the UTF-8 character at `s` (at most `left`), 0 when there is none that XML may hold. Source: RFC 3629. */
static size_t utf8_length(const unsigned char *s, size_t left)
{
    size_t length = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf5 ? 4 : 0;
    if (length == 0 || length > left) return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if (s[0] == 0xe0 && s[1] < 0xa0) return 0;                  /* overlong */
    if (s[0] == 0xed && s[1] > 0x9f) return 0;                  /* surrogates */
    if (s[0] == 0xf0 && s[1] < 0x90) return 0;                  /* overlong */
    if (s[0] == 0xf4 && s[1] > 0x8f) return 0;                  /* beyond U+10FFFF */
    if (s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe) return 0; /* U+FFFE, U+FFFF */
    return length;
}

scl_status scl_figure_quote(scl_text *script, const char *text, size_t length, scl_error *err)
{
    scl_status status = scl_text_add(script, err, "'");
    for (size_t i = 0; i < length && status == SCL_OK;) {
        const unsigned char *s = (const unsigned char *)text + i;
        size_t bytes = utf8_length(s, length - i);
        if (bytes == 0)
            status = scl_text_add(script, err, "?");
        else if (*s == '\'')
            status = scl_text_add(script, err, "'.\"'\".'");
        else if (*s < ' ' || *s == 0x7f)
            status = scl_text_add(script, err, " ");
        else
            status = scl_text_add(script, err, "%.*s", (int)bytes, text + i);
        i += bytes ? bytes : 1;
    }
    return status == SCL_OK ? scl_text_add(script, err, "'") : status;
}
