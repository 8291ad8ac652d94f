#include "cli/session/trial_operand.h"

#include "schema/base/number.h"

int trial_operand_read(struct trial_request *out, struct session *session, const struct arguments *arguments)
{
	double number;
	bool named = arguments->operand_count == 2;
	const char *word = arguments_operand(arguments, named ? 1 : 0);
	if (!number_parse(&number, word, false) || !number_is_integral(number) || number < 0)
		return output_failure(&session->output, EXIT_USAGE, "'%s' is not the number of a trial", word);
	out->number = (int64_t)number;
	out->first_report = -1;
	return session_study(&out->study, session, named ? arguments->operands[0] : NULL);
}
