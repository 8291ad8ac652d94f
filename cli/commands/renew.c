#include "cli/session/lease_call.h"
#include "schema/api/lease.h"

static enum stop_reason verdict_of(const struct renew_answer *answer)
{
	if (answer->lost.count > 0)
		return STOP_LOST;
	return answer->stop.count > 0 ? answer->stop.items[0].reason : STOP_NONE;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct lease_claim claim;
	struct renew_answer answer;
	int code = lease_call_claim(&claim, session, arguments);
	const struct renew_request request = {.leases = {1, &claim}};
	if (code == EXIT_OK)
		code = session_call(session, METHOD_LEASE_RENEW, &request, &answer);
	if (code == EXIT_OK && session->output.json)
		session_print(session, &renew_answer_shape, &answer);
	return code == EXIT_OK ? lease_call_verdict(session, verdict_of(&answer)) : code;
}

const struct verb verb_renew = {
        .name = "renew",
        .group = "For shell scripts that work",
        .operands = "RUN LEASE",
        .operand_min = 2,
        .operand_max = 2,
        .daemon = DAEMON_KEEP,
        .summary = "keep the lease of a run for another while",
        .details = "\nTo be called more often than a lease lasts (60 s by default) while a run computes. Answers as "
                   "'report'.\n",
        .run = run,
};
