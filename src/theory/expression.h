/* Bounds as texts: "r^1.5*log(d)/d", a function of a cell's quantities.
 *
 * + - * / ^ (to the right first; -d^2 is -(d^2)), parentheses, numbers with a decimal point, the names of
 * scl_quantity_names, and the functions below. Whatever the locale. Evaluated in double precision; 1/0 is inf and 0/0 NaN, as in C. */
#ifndef SCL_THEORY_EXPRESSION_H
#define SCL_THEORY_EXPRESSION_H

#include "theory/quantities.h"

/* "sqrt(x), log(x) (natural), ..." */
extern const char scl_expression_functions[];

typedef struct scl_expression scl_expression;

/* What is wrong with a text. */
typedef struct scl_expression_fault {
    size_t at;           /* byte of the text where it is seen; its length when it ends too early */
    char what[160];      /* "unknown name \"lg\"" */
    const char *nearest; /* the known name that may be meant, or NULL */
} scl_expression_fault;

#define SCL_EXPRESSION_LONGEST 500 /* bytes */

/* Reads a text.
 *   out    expression  to be freed with scl_expression_free; NULL on errors
 *   out    fault       filled on SCL_ERR_INPUT
 *   returns SCL_OK, SCL_ERR_MEMORY, SCL_ERR_INPUT */
scl_status scl_expression_new(scl_expression **expression, scl_expression_fault *fault, const char *text,
                              scl_error *err) SCL_CHECKED;
void scl_expression_free(scl_expression *expression);

/* The quantities that it names. */
scl_quantity_set scl_expression_uses(const scl_expression *expression);

/* Where it names a quantity for the first time (a byte of the text); 0 when it does not. */
size_t scl_expression_place(const scl_expression *expression, scl_quantity quantity);

/* The parser's version; returns out. */
#define SCL_EXPRESSION_LIBRARY_CHARS 32
const char *scl_expression_library(char out[SCL_EXPRESSION_LIBRARY_CHARS]);

/* Its value; changes the expression's own variables, so one thread at a time. */
double scl_expression_value(scl_expression *expression, const double quantities[SCL_N_QUANTITIES]);

#endif
