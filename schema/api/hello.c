#include "schema/api/hello.h"

#include <math.h>

#define CLOCKS_OFF_S 60

static const char *const role_names[] = {[ROLE_WORKER] = "worker", [ROLE_VIEWER] = "viewer", [ROLE_ADMIN] = "admin"};
const struct words role_words = WORDS(role_names);

static const struct field machine_fields[] = {
        {"threads", FIELD_NATURAL, FIELD_ALWAYS, MEMBER(hello_machine, threads)},
        {"memory_mb", FIELD_NATURAL, FIELD_ALWAYS, MEMBER(hello_machine, memory_mb)},
};
static const struct shape machine_shape = SHAPE(hello_machine, machine_fields);

static const struct field request_fields[] = {
        {"protocol", FIELD_INTEGER, FIELD_REQUIRED, MEMBER(hello_request, protocol)},
        {"oldest", FIELD_INTEGER, FIELD_OPTIONAL, MEMBER(hello_request, oldest)},
        {"role", FIELD_WORD, FIELD_ALWAYS, MEMBER(hello_request, role), .words = &role_words, .number = ROLE_WORKER},
        {"name", FIELD_TEXT, FIELD_ALWAYS, MEMBER(hello_request, name), .text = ""},
        {"software", FIELD_TEXT, FIELD_ALWAYS, MEMBER(hello_request, software), .text = ""},
        {"session", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(hello_request, session)},
        {"token", FIELD_TEXT, FIELD_OPTIONAL, MEMBER(hello_request, token)},
        {"machine", FIELD_OBJECT_OR_NULL, FIELD_OPTIONAL, MEMBER(hello_request, machine), .shape = &machine_shape},
};
const struct shape hello_request_shape = SHAPE(hello_request, request_fields);

static const struct field answer_fields[] = {
        {"session", FIELD_TEXT, FIELD_REQUIRED, MEMBER(hello_answer, session)},
        {"protocol", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(hello_answer, protocol), .number = 1},
        {"lease_s", FIELD_NUMBER, FIELD_ALWAYS, MEMBER(hello_answer, lease_s), .number = 30},
        {"server_time", FIELD_TIME, FIELD_ALWAYS, MEMBER(hello_answer, server_time)},
        {"software", FIELD_TEXT, FIELD_ALWAYS, MEMBER(hello_answer, software), .text = ""},
        {"role", FIELD_WORD, FIELD_ALWAYS, MEMBER(hello_answer, role), .words = &role_words, .number = ROLE_WORKER},
        {"epoch", FIELD_INTEGER, FIELD_ALWAYS, MEMBER(hello_answer, epoch), .number = 1},
        {"features", FIELD_TEXTS, FIELD_ALWAYS, MEMBER_LIST(hello_answer, features)},
};
const struct shape hello_answer_shape = SHAPE(hello_answer, answer_fields);

double hello_clock_off_s(const struct hello_answer *hello, struct walltime now)
{
	const double off_s = fabs((double)now.us / 1e6 - (double)hello->server_time.us / 1e6);
	return hello->server_time.us != 0 && off_s > CLOCKS_OFF_S ? off_s : 0;
}
