/* The digits of numbers, without the C library's formats: these cost most of what a line of numbers
 * costs to write. */
#ifndef SCHEMA_BASE_DIGITS_H
#define SCHEMA_BASE_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGITS_BYTES 24

/* The fewest digits, up to 17, whose decimal reads back as `value` (finite, ≥ 0), without zeros at
 * the end: value ≈ d.ddd × 10^*exponent. */
void digits_shortest(double value, char digits[DIGITS_BYTES], int *exponent);

/* Reads a decimal of `length` bytes, which has the form of one: the nearest double, of two equally
 * near ones the even. False for what is left to strtod: more than 19 digits, or an exponent that is
 * not small. */
bool digits_read(double *out, const char *text, size_t length);

/* Writes `count` digits of `number`, zeros in front, and no NUL. Returns the end. */
char *digits_write(char *out, uint64_t number, int count);

/* An integer as text. */
void digits_integer(int64_t number, char out[DIGITS_BYTES]);

#endif
