/* Three short sentences with sparse features, and sizes of a network small enough for every number
 * to be checked. golden.py has the same. */
#ifndef TESTS_WORKER_NETWORK_SMALL_BATCH_H
#define TESTS_WORKER_NETWORK_SMALL_BATCH_H

#include "worker/network/network.h"

enum { B = 3, T = 5, C = 4, TOKENS = 9, FEATURES = 6, REACH = 3, GRAMS = 8 };

static const int ids[B * T] = {2, 3, 4, 5, 2, 6, 7, 1, 0, 0, 8, 3, 3, 6, 0};
static const int subject_places[B * T] = {4, 5, 6, 7, 7, 3, 4, 5, 0, 0, 2, 3, 4, 4, 0};
static const int object_places[B * T] = {1, 2, 3, 4, 5, 4, 5, 6, 0, 0, 4, 5, 6, 7, 0};
static const int lengths[B] = {5, 3, 4}, subject_starts[B] = {0, 1, 2}, subject_ends[B] = {1, 2, 4};
static const int object_starts[B] = {3, 0, 0}, object_ends[B] = {4, 1, 2};
static const int feature_ids[] = {1, 4, 2, 5, 1}, feature_starts[B + 1] = {0, 2, 3, 5};
static const float feature_values[] = {1, 0.5f, 2, -1, 0.25f};

/* Some tokens have no n-grams, some two alike, one a padding. */
static const int gram_ids[] = {1, 2, 3, 3, 0, 5, 7, 7, 6, 4, 1},
                 gram_starts[B * T + 1] = {0, 2, 4, 4, 5, 6, 8, 9, 9, 9, 9, 10, 11, 11, 11, 11};

static const struct batch batch = {B, T, lengths, ids, {subject_places, object_places}, {subject_starts, object_starts},
        {subject_ends, object_ends}, feature_ids, feature_values, feature_starts, gram_ids, gram_starts};

static const struct network_options small = {.embedding_width = 3,
        .position_width = 2,
        .position_reach = REACH,
        .body = {.filters = 4,
                .window = 3,
                .units = 2,
                .lstm_layers = 1,
                .width = 4,
                .heads = 2,
                .layers = 1,
                .inner = 5,
                .places = T,
                .encoder = {.words = TOKENS, .types = 2, .embedding_width = 3, .pad = -1, .epsilon = 1e-3}},
        .head_width = 3};

#endif
