#include "worker/agent/python_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define MODULES_INSTALLED "../share/kre-search/python"
#define MODULES_BUILT "examples/python"
#define STAND_IN "stand-in"

/* The folder of this program with its slash. */
static void append_own_folder(struct text *out)
{
	char self[4096];
	size_t length = sizeof self;
	const char *slash = uv_exepath(self, &length) == 0 ? strrchr(self, '/') : NULL;
	text_append_bytes(out, self, slash ? (size_t)(slash + 1 - self) : 0);
}

static bool find_modules(struct text *out)
{
	static const char *const places[] = {MODULES_INSTALLED, MODULES_BUILT};
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		text_clear(out);
		append_own_folder(out);
		text_append(out, places[i]);
		if (!out->failed && access(text_string(out), R_OK | X_OK) == 0)
			return true;
	}
	return false;
}

int python_path_append(struct text *out, bool wandb, struct error *error)
{
	const char *own = getenv("PYTHONPATH");
	struct text modules = TEXT_NULL;
	bool found = find_modules(&modules);
	int rc = 0;
	if (!found && wandb)
		rc = error_set(error, -ENOENT,
		        "the study says `wandb: true`, but the stand-in for wandb is not installed with this worker: "
		        "neither " MODULES_INSTALLED " nor " MODULES_BUILT " is beside kre-worker");
	if (rc == 0 && wandb)
		text_printf(out, "%s/" STAND_IN ":", text_string(&modules));
	if (rc == 0 && own && *own)
		text_printf(out, "%s%s", own, found ? ":" : "");
	if (rc == 0 && found)
		text_append(out, text_string(&modules));
	out->failed |= modules.failed;
	text_finish(&modules);
	return rc;
}
