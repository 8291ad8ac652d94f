/* Decimals as people read them: six digits. */
#ifndef SCHEMA_BASE_NUMBER_BRIEF_H
#define SCHEMA_BASE_NUMBER_BRIEF_H

#include "schema/base/number.h"

/* The decimal in the first `length` bytes of `spelling` as printf("%.6g") has its double, worked
 * out on its digits. False, and nothing written, for what these do not decide (a tie, more than 32
 * of them, an exponent of more than three) and for what is no decimal. */
bool number_brief(char out[NUMBER_TEXT_BYTES], const char *spelling, size_t length);

#endif
