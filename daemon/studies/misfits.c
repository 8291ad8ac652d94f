#include "daemon/studies/misfits.h"

#include <stdio.h>

#include "schema/base/log.h"

#define SENTENCE_BYTES 200

int misfits_say(const struct misfits *now, const struct misfits *known, int (*say)(void *context, const char *sentence),
        void *context)
{
	char sentence[SENTENCE_BYTES];
	int rc = 0;
	if (now->outside > known->outside) {
		snprintf(sentence, sizeof sentence,
		        "%lld trials of other programs have values outside of its ranges; they count as they are",
		        (long long)now->outside);
		rc = say(context, sentence);
	}
	if (rc == 0 && now->unfit > known->unfit) {
		snprintf(sentence, sizeof sentence,
		        "%lld trials of other programs have choices that it does not have, or numbers of another kind; "
		        "they count without these",
		        (long long)now->unfit);
		rc = say(context, sentence);
	}
	return rc;
}

static int log_sentence(void *context, const char *sentence)
{
	const char *const *study = context;
	log_warning("%s: %s", *study, sentence);
	return 0;
}

void misfits_log(const char *study, const struct misfits *now, const struct misfits *known)
{
	(void)misfits_say(now, known, log_sentence, &study);
}
