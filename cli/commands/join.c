#include <errno.h>
#include <math.h>
#include <string.h>

#include "cli/command_line/arguments.h"
#include "cli/session/join_line.h"
#include "cli/views/token_list.h"
#include "schema/base/number.h"

static const struct option options[] = {
        {"role", OPTION_CHOICE, 0, "worker", 0, 0, OPTION_CHOICES("worker", "viewer", "admin"), "",
                "worker: takes runs; viewer: looks; admin: all that you may"},
        {"name", OPTION_TEXT, 0, NULL, 0, 0, NULL, "NAME", "whose it is, for `tokens`"},
        {"expires", OPTION_TEXT, 0, NULL, 0, 0, NULL, "TIME",
                "90m, 12h, 7d or never (default: never; of an admin's 7d)"},
        {"uses", OPTION_INTEGER, 0, "0", 0, 1e9, NULL, "N", "how many sessions may begin with it; 0 = no limit"},
        {"study", OPTION_TEXT, 0, NULL, 0, 0, NULL, "STUDY", "for this study only"},
        {"host", OPTION_TEXTS, 0, NULL, 0, 0, NULL, "NAME",
                "by which the other machine reaches this one; repeatable (default: its own names)"},
        {"port", OPTION_INTEGER, 0, NULL, 0, 65535, NULL, "N",
                "to listen at; 0 = any that is free (default: as before, else 7373)"},
};

struct joined {
	const char *address, *id;
	enum role role;
	struct walltime expires;
};

static const struct field joined_fields[] = {
        {"address", FIELD_TEXT, FIELD_REQUIRED, MEMBER(joined, address)},
        {"id", FIELD_TEXT, FIELD_REQUIRED, MEMBER(joined, id)},
        {"role", FIELD_WORD, FIELD_REQUIRED, MEMBER(joined, role), .words = &role_words},
        {"expires", FIELD_TIME, FIELD_ALWAYS, MEMBER(joined, expires)},
};
static const struct shape joined_shape = SHAPE(joined, joined_fields);

/* ---- what is wished ---- */

/* NAN when nothing was said; 0 = never. False for what is no time. */
static bool read_expires(double *out, const char *word)
{
	static const struct {
		const char *unit;
		double seconds;
	} units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 7 * 86400}};
	*out = word ? 0 : (double)NAN;
	if (!word || strcmp(word, "never") == 0)
		return true;
	char digits[NUMBER_TEXT_BYTES] = "";
	const size_t length = number_span(word);
	double count;
	if (length == 0 || length >= sizeof digits)
		return false;
	memcpy(digits, word, length);
	if (!number_parse(&count, digits, false) || !(count > 0))
		return false;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (strcmp(word + length, units[i].unit) == 0) {
			*out = count * units[i].seconds;
			return true;
		}
	return false;
}

static int read_wish(struct token_create_request *out, const struct session *session, const struct arguments *arguments)
{
	const char *expires = arguments_text(arguments, "expires"), *name = arguments_text(arguments, "name");
	*out = (struct token_create_request){
	        .role = (enum role)words_find(&role_words, arguments_text(arguments, "role")),
	        .name = name ? name : "",
	        .study = arguments_text(arguments, "study"),
	        .uses = arguments_count(arguments, "uses")};
	if (read_expires(&out->expires_s, expires))
		return EXIT_OK;
	return output_failure(&session->output, EXIT_USAGE, "--expires takes 90m, 12h, 7d or never, not '%s'", expires);
}

/* ---- what is said ---- */

static void advise(const struct session *session, const struct joined *joined)
{
	static const char *const uses[] = {
	        [ROLE_WORKER] = "on the other machine:  kre-worker ADDRESS, or with the line in a file of mode 0600: "
	                        "kre-worker --join-file FILE",
	        [ROLE_VIEWER] =
	                "on the other machine:  kre-search status --connect ADDRESS, or the line in KRE_CONNECT",
	        [ROLE_ADMIN] =
	                "on the other machine:  kre-search status --connect ADDRESS, or the line in KRE_CONNECT; "
	                "who has it may do all that you may",
	};
	char date[TOKEN_DATE_BYTES];
	token_date_write(date, joined->expires);
	output_remark(&session->output, "%s", uses[joined->role]);
	if (joined->expires.us)
		output_remark(&session->output, "it is secret, and ends at %s UTC or by 'kre-search revoke %s'", date,
		        joined->id);
	else
		output_remark(&session->output, "it is secret, and ends by 'kre-search revoke %s'", joined->id);
}

static int print(struct session *session, const struct joined *joined)
{
	if (session->output.json)
		return session_print(session, &joined_shape, joined);
	output_line(&session->output, "%s", joined->address);
	advise(session, joined);
	return EXIT_OK;
}

static int run(struct session *session, const struct arguments *arguments)
{
	struct join_wish wish = {.port = arguments_count(arguments, "port")};
	struct join_line line = {0};
	arguments_texts(&wish.hosts, arguments, "host");
	int code = read_wish(&wish.token, session, arguments);
	if (code == EXIT_OK)
		code = join_line_make(&line, session, &wish);
	if (code != EXIT_OK)
		return code;
	return print(session, &(struct joined){line.address, line.id, wish.token.role, line.expires});
}

const struct verb verb_join = {
        .name = "join",
        .group = "Several machines",
        .operands = "",
        .daemon = DAEMON_KEEP,
        .summary = "print the line by which another machine joins in",
        .details = "\nThe line is an address with a secret in it: kre://HOST:PORT/TOKEN. A daemon that does not listen "
                   "on the\n"
                   "network yet does from now on. One line may serve many machines; `tokens` lists them, `revoke ID` "
                   "ends one.\n",
        .options = options,
        .option_count = sizeof options / sizeof *options,
        .run = run,
};
