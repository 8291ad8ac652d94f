/* Methods, and the lines that carry them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/api/message.h"
#include "schema/base/memory.h"

static void a_worker_may_ask_but_not_delete_and_an_admin_may_do_all(void **state)
{
	(void)state;
	assert_int_equal(method_find("trial.ask"), METHOD_TRIAL_ASK);
	assert_int_equal(method_find("trial.beg"), -1);
	assert_string_equal(method_name(METHOD_LEASE_RENEW), "lease.renew");
	assert_true(method_allows(METHOD_TRIAL_ASK, ROLE_WORKER));
	assert_false(method_allows(METHOD_TRIAL_ASK, ROLE_VIEWER));
	assert_false(method_allows(METHOD_STUDY_DELETE, ROLE_WORKER));
	for (int method = 0; method < METHOD_COUNT; method++)
		assert_true(method_allows((enum method_id)method, ROLE_ADMIN));
}

static void messages_have_the_shapes_of_json_rpc(void **state)
{
	(void)state;
	static const char params[] = "{\"study\":\"한국어 \\\"q\\\"\"}";
	struct {
		char *line;
		const char *expected;
	} table[] = {
	        {message_request(7, METHOD_STUDY_GET, params), "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"study.get\","
	                                                       "\"params\":{\"study\":\"한국어 \\\"q\\\"\"}}\n"},
	        {message_request(8, METHOD_STUDY_LIST, "{}"),
	                "{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"study.list\",\"params\":{}}\n"},
	        {message_notification("event", "{}"), "{\"jsonrpc\":\"2.0\",\"method\":\"event\",\"params\":{}}\n"},
	        {message_result("7", "{}"), "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{}}\n"},
	        {message_error(NULL, WIRE_PARSE, "not JSON", NULL),
	                "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-32700,\"message\":\"not JSON\"}}\n"},
	        {message_error("\"a\"", WIRE_SPEC_WRONG, "wrong", params),
	                "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"error\":{\"code\":-32005,\"message\":\"wrong\","
	                "\"data\":{\"study\":\"한국어 \\\"q\\\"\"}}}\n"},
	};
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		assert_string_equal(table[i].line, table[i].expected);
		memory_free(table[i].line);
	}
}

static void every_allocation_of_a_message_may_fail_once(void **state)
{
	(void)state;
	long nth = 0;
	char *line = NULL;
	do {
		memory_fault_after(++nth);
		line = message_error(NULL, WIRE_INTERNAL, "a sentence that is longer than the first piece of memory",
		        "{\"path\":\"가나다\"}");
		assert_int_equal(line == NULL, memory_fault_happened());
	} while (!line);
	memory_fault_after(0);
	assert_true(nth > 1);
	memory_free(line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_worker_may_ask_but_not_delete_and_an_admin_may_do_all),
	        cmocka_unit_test(messages_have_the_shapes_of_json_rpc),
	        cmocka_unit_test(every_allocation_of_a_message_may_fail_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
