/* The words for kinds and terms of bounds: see theory.h. */
#include "theory/theory.h"

const char *const scl_bound_kind_names[SCL_N_BOUND_KINDS] = {"upper", "lower"};
const char *const scl_bound_term_names[SCL_N_BOUND_TERMS] = {"sampling", "bias", "floor"};
