#include "cli/views/nearest.h"

#include <math.h>

#include "cli/terminal/exit_code.h"
#include "cli/terminal/format.h"

void nearest_append(const struct best_trial *nearest, struct text *out)
{
	text_printf(out, "trial %lld comes nearest, ", (long long)nearest->number);
	if (isinf(nearest->violation)) {
		text_append(out, "which never reported a metric that they bound");
		return;
	}
	text_append(out, "it breaks them by ");
	format_value(nearest->violation, out);
}

int nearest_failure(const struct study_headline *study, const struct output *output)
{
	struct text nearest = TEXT_NULL;
	if (!study->nearest)
		return output_failure(output, EXIT_NOT_FOUND, "no trial of %s is complete yet", study->name);
	nearest_append(study->nearest, &nearest);
	int code = output_failure(
	        output, EXIT_NOT_FOUND, "no trial of %s keeps the constraints; %s", study->name, text_string(&nearest));
	text_finish(&nearest);
	return code;
}
