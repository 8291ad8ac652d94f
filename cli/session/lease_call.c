#include "cli/session/lease_call.h"

#include <string.h>

#include "schema/base/number.h"

bool lease_call_whole(int64_t *out, const char *word)
{
	double number;
	if (!number_parse(&number, word, false) || !number_is_integral(number) || number < 0)
		return false;
	*out = (int64_t)number;
	return true;
}

int lease_call_claim(struct lease_claim *out, const struct session *session, const struct arguments *arguments)
{
	bool good = lease_call_whole(&out->run_id, arguments->operands[0]) &&
	            lease_call_whole(&out->lease, arguments->operands[1]);
	if (good)
		return EXIT_OK;
	return output_failure(&session->output, EXIT_USAGE, "RUN and LEASE are the whole numbers that 'ask' printed");
}

static int read_metric(struct metric_value *out, struct session *session, const char *word)
{
	const char *equals = strchr(word, '=');
	if (!equals || equals == word)
		return output_failure(&session->output, EXIT_USAGE, "'%s' is not NAME=VALUE", word);
	if (!number_parse(&out->value, equals + 1, true))
		return output_failure(&session->output, EXIT_USAGE, "'%s': the value of a metric is a number", word);
	out->name = arena_strndup(&session->arena, word, (size_t)(equals - word));
	return out->name ? EXIT_OK : output_no_memory(&session->output);
}

int lease_call_values(
        struct spoken_values *out, struct session *session, const struct arguments *arguments, size_t first)
{
	size_t most = arguments->operand_count - first, value_count = 0, metric_count = 0;
	double *values = arena_alloc(&session->arena, most * sizeof *values);
	struct metric_value *metrics = arena_alloc(&session->arena, most * sizeof *metrics);
	if (!values || !metrics)
		return output_no_memory(&session->output);
	int code = EXIT_OK;
	for (size_t i = first; i < arguments->operand_count && code == EXIT_OK; i++) {
		if (number_parse(&values[value_count], arguments->operands[i], true))
			value_count++;
		else
			code = read_metric(&metrics[metric_count++], session, arguments->operands[i]);
	}
	if (code != EXIT_OK)
		return code;
	*out = (struct spoken_values){.metrics = {metric_count, metrics}};
	if (value_count == 1) {
		out->value = (struct given_number){true, values[0]};
	} else {
		out->values.count = value_count;
		out->values.items = values;
	}
	return EXIT_OK;
}

int lease_call_verdict(const struct session *session, enum stop_reason stop)
{
	const char *word = words_name(&stop_reason_words, (int)stop);
	if (!session->output.json && !session->output.quiet)
		output_line(&session->output, "%s", word ? word : "go on");
	if (stop == STOP_NONE)
		return EXIT_OK;
	return stop == STOP_LOST ? EXIT_LEASE_LOST : EXIT_STOP;
}
