/* What a fuzzer does with weights that were read: look at every number. */
#ifndef TESTS_FUZZ_WEIGHT_NUMBERS_H
#define TESTS_FUZZ_WEIGHT_NUMBERS_H

#include "worker/pretrained/weight.h"

/* Converts every weight that has numbers; without memory for one it is passed over. */
void weight_numbers_read(const struct weight_list *list);

#endif
