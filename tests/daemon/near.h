/* cmocka compares floats; numbers here are doubles. */
#ifndef TESTS_DAEMON_NEAR_H
#define TESTS_DAEMON_NEAR_H

#include <math.h>

/* Fails unless the two are within `tolerance` of each other. */
#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

#endif
