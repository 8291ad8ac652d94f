#include "worker/trainer/frozen_place.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "schema/base/home.h"
#include "schema/blas/kernel.h"
#include "worker/models/neural_options.h"
#include "worker/trainer/fingerprint.h"

#define PROGRESS_EVERY_MS 5000

static void print_folder(struct text *out, const char *given)
{
	if (given)
		text_append(out, given);
	else if (home_cache_print(out))
		text_append(out, "/hidden");
}

static void on_progress(void *context, size_t done, size_t all)
{
	struct frozen_place *place = context;
	const struct monotime now = clock_system()->monotonic(clock_system());
	if (now.ms - place->told.ms < PROGRESS_EVERY_MS)
		return;
	place->told = now;
	fprintf(stderr, "kre-train: frozen layers: %zu of at most %zu sentences\n", done, all);
}

static void on_words(void *context, const char *sentence)
{
	(void)context;
	fprintf(stderr, "kre-train: %s\n", sentence);
}

int frozen_place_init(struct frozen_place *out, const struct settings *settings)
{
	*out = (struct frozen_place){.told = clock_system()->monotonic(clock_system())};
	if (!settings->folder)
		return 0;
	const struct neural_options *options = settings->model_values;
	const char *given = options->cache && *options->cache ? options->cache : NULL;
	if (given && strcmp(given, "none") == 0)
		return 0;
	print_folder(&out->folder, given);
	text_printf(&out->program, FINGERPRINT_PROGRAM " %s", blas_kernel_name());
	if (out->folder.failed || out->program.failed)
		return -ENOMEM;
	out->cache = (struct frozen_cache){text_string(&out->folder), (int64_t)(options->cache_gb * 1073741824.0),
	        text_string(&out->program), out, on_progress, on_words};
	return 0;
}

void frozen_place_finish(struct frozen_place *place)
{
	text_finish(&place->folder);
	text_finish(&place->program);
}

const struct frozen_cache *frozen_place_cache(const struct frozen_place *place)
{
	return place->folder.length > 0 ? &place->cache : NULL;
}
