/* Any bytes as an expression: it has a value at ordinary, extreme and unknown quantities, or is refused with a place inside it. */
#include "fuzz/fuzzing.h"
#include "theory/expression.h"

#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const double levels[] = {0, 1, 3.5, 1e300, INFINITY, -2, NAN};
    char text[2 * SCL_EXPRESSION_LONGEST];
    size_t length = size < sizeof text - 1 ? size : sizeof text - 1;
    memcpy(text, bytes, length);
    text[length] = '\0';
    scl_expression *expression = NULL;
    scl_expression_fault fault = {0};
    scl_error err = {0};
    scl_status status = scl_expression_new(&expression, &fault, text, &err);
    HOLDS(status == SCL_OK || (fault.at <= strlen(text) && fault.what[0] && !expression));
    for (size_t i = 0; status == SCL_OK && i < sizeof levels / sizeof *levels; i++) {
        double quantities[SCL_N_QUANTITIES];
        for (size_t q = 0; q < SCL_N_QUANTITIES; q++) quantities[q] = levels[i];
        double first = scl_expression_value(expression, quantities),
               again = scl_expression_value(expression, quantities);
        HOLDS(first == again || (isnan(first) && isnan(again)));
    }
    scl_expression_free(expression);
    HOLDS(status == SCL_OK || scl_status_exit(status) == 2);
    HOLDS(scl_memory_live() == 0);
    return 0;
}
