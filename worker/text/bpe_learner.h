/* Learning byte pairs from training rows. */
#ifndef WORKER_TEXT_BPE_LEARNER_H
#define WORKER_TEXT_BPE_LEARNER_H

#include "worker/text/bpe.h"

/* Counts a word of the text. 0 or -ENOMEM. */
int bpe_count(struct bpe_learner *learner, const char *word, size_t length);

/* Learns at most `most` pairs that stand at least twice in the words counted, once; among equally common ones the turn is by name,
 * so that the order of the words does not matter. 0 or -ENOMEM (finish `out` all the same). Time: about n log n. */
int bpe_learn(struct vocabulary *out, struct bpe_learner *learner, size_t most);

/* Frees what was counted; a zeroed learner is fine. */
void bpe_learner_finish(struct bpe_learner *learner);

#endif
