/* Expressions, by muParser through its C interface: see expression.h.
 *
 * What muParser would also take is kept away from it, since versions differ or it would surprise: its own functions (log has
 * had base 10), constants and the operators ? : < > = & | ! (d = 3 would assign), texts in quotes, and several values ("1,5" is 5).
 * Positions are muParser's where it stops reading; names are looked up here, so that the nearest known one can be told. Its error texts live in a static buffer
 * and are not used. An expression has variables of its own: no two share anything that is written. */
#include "theory/expression.h"

#include "base/text.h"

#include <math.h>
#include <muParserDLL.h>
#include <stdio.h>
#include <string.h>

struct scl_expression {
    muParserHandle_t parser;
    double values[SCL_N_QUANTITIES];
    scl_quantity_set uses;
    size_t places[SCL_N_QUANTITIES];
};

const char scl_expression_functions[] = "sqrt(x), log(x) (natural), exp(x), abs(x), min(x, y), max(x, y)";

static const struct {
    const char *name;
    muFun1_t of_one;
    muFun2_t of_two;
} functions[] = {{"sqrt", sqrt, NULL}, {"log", log, NULL},  {"exp", exp, NULL},
                 {"abs", fabs, NULL},  {"min", NULL, fmin}, {"max", NULL, fmax}};
enum { N_FUNCTIONS = sizeof functions / sizeof *functions, N_NAMES = SCL_N_QUANTITIES + N_FUNCTIONS };

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
static const char DIGITS[] = "0123456789";
static const char OTHERS[] = "+-*/^()., ";

static scl_status refuse(scl_expression_fault *fault, size_t at, const char *what, const char *word, size_t length,
                         scl_error *err)
{
    fault->at = at;
    fault->nearest = NULL;
    snprintf(fault->what, sizeof fault->what, "%s%s%.*s%s", what, word ? " \"" : "", word ? (int)length : 0,
             word ? word : "", word ? "\"" : "");
    return scl_error_set(err, SCL_ERR_INPUT, "%s", fault->what);
}

static size_t find_name(const char *const *names, size_t n, const char *word, size_t length)
{
    size_t i = 0;
    while (i < n && (strlen(names[i]) != length || strncmp(names[i], word, length) != 0)) i++;
    return i;
}

/* Takes a name: a quantity is noted as used. */
static scl_status take_name(scl_expression *expression, scl_expression_fault *fault, const char *text, size_t at,
                            size_t length, scl_error *err)
{
    const char *names[N_NAMES];
    char word[SCL_EXPRESSION_LONGEST + 1];
    for (size_t q = 0; q < SCL_N_QUANTITIES; q++) names[q] = scl_quantity_names[q];
    for (size_t f = 0; f < N_FUNCTIONS; f++) names[SCL_N_QUANTITIES + f] = functions[f].name;
    size_t found = find_name(names, N_NAMES, text + at, length);
    if (found < SCL_N_QUANTITIES && !(expression->uses & SCL_QUANTITY_BIT(found))) {
        expression->uses |= SCL_QUANTITY_BIT(found);
        expression->places[found] = at;
    }
    if (found >= SCL_N_QUANTITIES && found < N_NAMES && text[at + length] != '(')
        return refuse(fault, at, "( must follow at once on the function", text + at, length, err);
    if (found < N_NAMES) return SCL_OK;
    memcpy(word, text + at, length);
    word[length] = '\0';
    scl_status status = refuse(fault, at, "unknown name", text + at, length > 80 ? 80 : length, err);
    fault->nearest = scl_nearest_name(word, names, N_NAMES);
    return status;
}

/* Characters, names and commas; the grammar is muParser's affair. */
static scl_status look_over(scl_expression *expression, scl_expression_fault *fault, const char *text, scl_error *err)
{
    size_t at = 0, depth = 0;
    bool of_function[SCL_EXPRESSION_LONGEST + 1] = {false}, after_name = false; /* the parentheses of each depth */
    while (text[at]) {
        size_t number = strspn(text + at, DIGITS);
        if (number > 0) { /* 1e5 has no name in it */
            at += number;
            if (text[at] == '.') at += 1 + strspn(text + at + 1, DIGITS);
            size_t sign = text[at] && strchr("eE", text[at]) && text[at + 1] && strchr("+-", text[at + 1]) ? 2 : 1;
            if (text[at] && strchr("eE", text[at]) && strspn(text + at + sign, DIGITS) > 0)
                at += sign + strspn(text + at + sign, DIGITS);
        } else if (strchr(LETTERS, text[at])) {
            size_t length = strspn(text + at, LETTERS);
            for (size_t more; (more = strspn(text + at + length, LETTERS) + strspn(text + at + length, DIGITS)) > 0;)
                length += more;
            scl_status status = take_name(expression, fault, text, at, length, err);
            if (status != SCL_OK) return status;
            at += length;
            after_name = true;
            continue;
        } else if (!strchr(OTHERS, text[at])) {
            size_t length = 1;
            while (((unsigned char)text[at + length] & 0xC0) == 0x80) length++; /* a whole character */
            return refuse(fault, at, "no expression has the character", text + at, length, err);
        } else {
            if (text[at] == '(') of_function[++depth] = after_name;
            if (text[at] == ')' && depth > 0) depth--;
            if (text[at] == ',' && !of_function[depth])
                return refuse(fault, at, "a comma outside of a function (numbers have a decimal point)", NULL, 0, err);
            at++;
        }
        after_name = false;
    }
    return SCL_OK;
}

/* Hands the text to muParser, which reads it when it is evaluated for the first time. */
static scl_status parse(scl_expression *expression, scl_expression_fault *fault, const char *text, scl_error *err)
{
    muParserHandle_t parser = expression->parser;
    size_t length = strlen(text);
    mupClearFun(parser);
    mupClearConst(parser);
    for (size_t f = 0; f < N_FUNCTIONS; f++) {
        if (functions[f].of_one) mupDefineFun1(parser, functions[f].name, functions[f].of_one, 1);
        if (functions[f].of_two) mupDefineFun2(parser, functions[f].name, functions[f].of_two, 1);
    }
    for (size_t q = 0; q < SCL_N_QUANTITIES; q++) {
        expression->values[q] = 1;
        mupDefineVar(parser, scl_quantity_names[q], &expression->values[q]);
    }
    mupSetExpr(parser, text);
    int n_values = 1;
    (void)mupEvalMulti(parser, &n_values);
    if (mupError(parser)) {
        int position = mupGetErrorPos(parser);
        mupErrorReset(parser);
        if (position < 0 || (size_t)position >= length)
            return refuse(fault, length, "the expression ends too early", NULL, 0, err);
        size_t at = (size_t)position, rest = length - at;
        return refuse(fault, at, "the expression cannot go on with", text + at, rest > 40 ? 40 : rest, err);
    }
    if (n_values != 1) return refuse(fault, 0, "several values", NULL, 0, err);
    return SCL_OK;
}

scl_status scl_expression_new(scl_expression **expression, scl_expression_fault *fault, const char *text,
                              scl_error *err)
{
    *expression = NULL;
    if (text[strspn(text, " ")] == '\0') return refuse(fault, 0, "the expression is empty", NULL, 0, err);
    if (strlen(text) > SCL_EXPRESSION_LONGEST)
        return refuse(fault, SCL_EXPRESSION_LONGEST, "the expression is longer than 500 characters", NULL, 0, err);
    scl_expression *made = scl_alloc(1, sizeof *made, err);
    if (!made) return SCL_ERR_MEMORY;
    scl_status status = look_over(made, fault, text, err);
    if (status == SCL_OK) {
        made->parser = mupCreate(muBASETYPE_FLOAT);
        status = made->parser ? parse(made, fault, text, err)
                              : scl_error_set(err, SCL_ERR_MEMORY, "out of memory: muParser cannot be made");
    }
    if (status != SCL_OK) {
        scl_expression_free(made);
        return status;
    }
    *expression = made;
    return SCL_OK;
}

void scl_expression_free(scl_expression *expression)
{
    if (expression && expression->parser) mupRelease(expression->parser);
    scl_free(expression);
}

scl_quantity_set scl_expression_uses(const scl_expression *expression)
{
    return expression->uses;
}

size_t scl_expression_place(const scl_expression *expression, scl_quantity quantity)
{
    return expression->places[quantity];
}

const char *scl_expression_library(char out[SCL_EXPRESSION_LIBRARY_CHARS])
{
    muParserHandle_t parser = mupCreate(muBASETYPE_FLOAT);
    const char *version = parser ? mupGetVersion(parser) : "unknown"; /* "2.3.3 (Release) (20220122; ..)" */
    snprintf(out, SCL_EXPRESSION_LIBRARY_CHARS, "%.*s", (int)strcspn(version, " "), version);
    if (parser) mupRelease(parser);
    return out;
}

double scl_expression_value(scl_expression *expression, const double quantities[SCL_N_QUANTITIES])
{
    memcpy(expression->values, quantities, sizeof expression->values);
    double value = mupEval(expression->parser);
    if (!mupError(expression->parser)) return value;
    mupErrorReset(expression->parser); /* an error of arithmetic, which this build of muParser raises */
    return NAN;
}
