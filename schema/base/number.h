/* Numbers as text, the way Python writes them: shortest digits that read back as the same
 * double. */
#ifndef SCHEMA_BASE_NUMBER_H
#define SCHEMA_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define NUMBER_TEXT_BYTES 32

/* Python's repr(float): "0.1", "1.0", "1e-05", "1e+16", "nan", "inf", "-inf". */
void number_repr(double value, char out[NUMBER_TEXT_BYTES]);

/* A JSON number: like number_repr, but integral values below 2^53 have no ".0" ("32"); non-finite
 * values give the quoted words of protocol.md: "\"nan\"", "\"inf\"", "\"-inf\"". */
void number_json(double value, char out[NUMBER_TEXT_BYTES]);

/* Reads all of `text` as a decimal double (1e-5, .5, -3, 1_000 is not one); also nan, inf, -inf
 * when `allow_special` (any case, "infinity" and "+inf" too). Returns false and leaves *out alone
 * otherwise. Locale independent. */
bool number_parse(double *out, const char *text, bool allow_special);

/* The length of the longest number that `text` begins with, in the spelling of number_parse, with
 * nan and inf as whole words; 0 when it begins with none. What follows it is not looked at. */
size_t number_span(const char *text);

/* True for finite values without a fraction and with magnitude ≤ 2^53. */
bool number_is_integral(double value);

/* The number at a share (0 to 1) of the way from low to high, also where high - low is more than a
 * double can hold. */
double number_between(double low, double high, double share);

#endif
