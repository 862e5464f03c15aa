/* Text: see text.h. */
#include "base/text.h"

#include "base/memory.h"

#include <ctype.h>
#include <errno.h>
#include <langinfo.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

scl_status scl_text_add(scl_text *text, scl_error *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    scl_status status = SCL_OK;
    if (length < 0) {
        status = scl_error_set(err, SCL_ERR_INTERNAL, "text cannot be formatted with \"%s\"", format);
    } else {
        size_t need = text->length + (size_t)length + 1;
        status = scl_grow((void **)&text->data, &text->capacity, need, 1, err);
        if (status == SCL_OK) {
            vsnprintf(text->data + text->length, (size_t)length + 1, format, again);
            text->length += (size_t)length;
        }
    }
    va_end(again);
    return status;
}

static bool has_control_characters(const char *word)
{
    while (*word && (unsigned char)*word >= 0x20 && *word != 0x7f) word++;
    return *word != '\0';
}

/* $'a\012b': octal, of which a shell reads three digits at most. */
static scl_status add_escaped(scl_text *text, const char *word, scl_error *err)
{
    scl_status status = scl_text_add(text, err, "$'");
    for (; status == SCL_OK && *word; word++) {
        bool control = (unsigned char)*word < 0x20 || *word == 0x7f;
        bool special = *word == '\'' || *word == '\\';
        status = control ? scl_text_add(text, err, "\\%03o", (unsigned)*word)
                         : scl_text_add(text, err, "%s%c", special ? "\\" : "", *word);
    }
    return status == SCL_OK ? scl_text_add(text, err, "'") : status;
}

scl_status scl_text_add_word(scl_text *text, const char *word, scl_error *err)
{
    if (has_control_characters(word)) return add_escaped(text, word, err);
    static const char harmless[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./:=,@%^";
    if (*word && word[strspn(word, harmless)] == '\0') return scl_text_add(text, err, "%s", word);
    scl_status status = scl_text_add(text, err, "'");
    while (status == SCL_OK && *word) {
        int length = (int)strcspn(word, "'");
        bool quote = word[length] == '\'';
        status = scl_text_add(text, err, "%.*s%s", length, word, quote ? "'\\''" : "");
        word += length + quote;
    }
    return status == SCL_OK ? scl_text_add(text, err, "'") : status;
}

void scl_text_free(scl_text *text)
{
    scl_free(text->data);
    *text = (scl_text){0};
}

const char *scl_text_get(const scl_text *text)
{
    return text->data ? text->data : "";
}

/* snprintf writes the locale's decimal separator, which may be several bytes long; it is the only thing in a %g text
 * that is neither a sign, a digit nor an exponent letter. */
static void use_decimal_point(char *text)
{
    char *out = text;
    bool point_written = false;
    for (const char *in = text; *in; in++) {
        if (isdigit((unsigned char)*in) || *in == '-' || *in == '+' || *in == 'e') {
            *out++ = *in;
        } else if (!point_written) {
            *out++ = '.';
            point_written = true;
        }
    }
    *out = '\0';
}

/* The C library follows the locale's decimal separator when reading, too: give it that one. */
static double read_decimal(const char *text)
{
    const char *point = nl_langinfo(RADIXCHAR);
    size_t point_length = strlen(point);
    char copy[400];
    size_t length = 0;
    for (const char *in = text; *in && length + point_length < sizeof copy - 1; in++) {
        if (*in == '.') {
            memcpy(copy + length, point, point_length);
            length += point_length;
        } else {
            copy[length++] = *in;
        }
    }
    copy[length] = '\0';
    return strtod(copy, NULL);
}

char *scl_number_digits(char out[SCL_NUMBER_CHARS], double value, int digits)
{
    if (isnan(value)) return strcpy(out, "nan");
    if (isinf(value)) return strcpy(out, value > 0 ? "inf" : "-inf");
    snprintf(out, SCL_NUMBER_CHARS, "%.*g", digits, value + 0.0); /* -0 + 0 = 0 */
    use_decimal_point(out);
    return out;
}

char *scl_number_shortest(char out[SCL_NUMBER_CHARS], double value)
{
    if (fabs(value) < 1e15 && value == floor(value)) { /* whole numbers plainly: 1000000000, not 1e+09 */
        snprintf(out, SCL_NUMBER_CHARS, "%lld", (long long)value);
        return out;
    }
    for (int digits = 1; digits <= 17; digits++) {
        scl_number_digits(out, value, digits);
        if (!isfinite(value) || read_decimal(out) == value) break;
    }
    return out;
}

static bool is_decimal_syntax(const char *s)
{
    if (*s == '+' || *s == '-') s++;
    size_t digits = 0;
    while (isdigit((unsigned char)*s)) s++, digits++;
    if (*s == '.') {
        s++;
        while (isdigit((unsigned char)*s)) s++, digits++;
    }
    if (digits == 0) return false;
    if (*s == 'e' || *s == 'E') {
        s++;
        if (*s == '+' || *s == '-') s++;
        if (!isdigit((unsigned char)*s)) return false;
        while (isdigit((unsigned char)*s)) s++;
    }
    return *s == '\0';
}

bool scl_number_parse(const char *text, bool allow_inf, double *value)
{
    static const char *const infinities[] = {"inf", "+inf", ".inf", "+.inf"};
    for (size_t i = 0; i < sizeof infinities / sizeof *infinities; i++) {
        if (strcmp(text, infinities[i]) == 0) {
            *value = INFINITY;
            return allow_inf;
        }
    }
    if (strlen(text) > 300 || !is_decimal_syntax(text)) return false;
    double read = read_decimal(text);
    if (!isfinite(read)) return false; /* 1e999 */
    *value = read;
    return true;
}

const char *scl_plural(size_t count)
{
    return count == 1 ? "" : "s";
}

enum { LONGEST_NAME = 63 };

/* Lower case without hyphens and underscores; returns the length, SIZE_MAX for a text that is too long for a name. */
static size_t squeeze(char out[LONGEST_NAME + 1], const char *text)
{
    size_t length = 0;
    if (strlen(text) > LONGEST_NAME) return SIZE_MAX;
    for (; *text; text++)
        if (!strchr("-_", *text)) out[length++] = (char)tolower((unsigned char)*text);
    return length;
}

/* Of the squeezed texts. */
static size_t edit_distance(const char *long_a, const char *long_b)
{
    char a[LONGEST_NAME + 1], b[LONGEST_NAME + 1];
    size_t row[LONGEST_NAME + 1], length_a = squeeze(a, long_a), length_b = squeeze(b, long_b);
    if (length_a == SIZE_MAX || length_b == SIZE_MAX) return SIZE_MAX;
    for (size_t j = 0; j <= length_b; j++) row[j] = j;
    for (size_t i = 1; i <= length_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            size_t substitute = diagonal + (a[i - 1] != b[j - 1]);
            size_t best = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = substitute < best ? substitute : best;
        }
    }
    return row[length_b];
}

static const char *leaf_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot ? dot + 1 : name;
}

/* Of the names with the last part of a dotted word, the one that is nearest as a whole. */
static const char *nearest_of_leaf(const char *word, const char *const *names, size_t n_names)
{
    const char *nearest = NULL, *leaf = leaf_of(word);
    size_t nearest_distance = 0;
    for (size_t i = 0; i < n_names && leaf > word && *leaf; i++) {
        if (strcmp(leaf_of(names[i]), leaf) != 0) continue;
        size_t distance = edit_distance(word, names[i]);
        if (nearest && distance >= nearest_distance) continue;
        nearest = names[i];
        nearest_distance = distance;
    }
    return nearest;
}

/* The one name that begins with the word; of several none is nearer than the others. */
static const char *only_beginning(const char *word, const char *const *names, size_t n_names)
{
    enum { LEAST = 4 };
    size_t length = strlen(word);
    const char *only = NULL;
    if (length < LEAST || word[length - 1] == '.') return NULL;
    for (size_t i = 0; i < n_names; i++) {
        if (strncmp(names[i], word, length) != 0) continue;
        if (only) return NULL;
        only = names[i];
    }
    return only;
}

const char *scl_nearest_name(const char *word, const char *const *names, size_t n_names)
{
    const char *nearest = nearest_of_leaf(word, names, n_names);
    if (nearest) return nearest;
    size_t allowed = strlen(word) / 3;
    if (allowed < 2) allowed = 2;
    size_t nearest_distance = allowed + 1;
    for (size_t i = 0; i < n_names; i++) {
        size_t distance = edit_distance(word, names[i]);
        if (distance < nearest_distance && distance < strlen(names[i])) {
            nearest = names[i];
            nearest_distance = distance;
        }
    }
    for (size_t i = 0; i < n_names && !nearest; i++) {
        size_t whole = strlen(names[i]), part = strlen(word);
        if (part > 0 && whole > part && names[i][whole - part - 1] == '.' && strcmp(names[i] + whole - part, word) == 0)
            nearest = names[i];
    }
    return nearest ? nearest : only_beginning(word, names, n_names);
}

unsigned long long scl_fnv1a(unsigned long long hash, const void *data, size_t bytes)
{
    const unsigned char *byte = data;
    for (size_t i = 0; i < bytes; i++) hash = (hash ^ byte[i]) * 0x100000001b3ULL;
    return hash;
}
