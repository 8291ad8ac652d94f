/* Structs to JSON and back by their tables. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "schema/api/message.h"
#include "schema/api/shape_read.h"
#include "schema/api/shape_write.h"
#include "schema/api/study.h"
#include "schema/api/trial.h"
#include "schema/api/lease.h"
#include "schema/api/work.h"
#include "schema/base/memory.h"

struct scratch {
	struct arena arena;
	struct text text;
	struct shape_reader reader;
};

static int setup(void **state)
{
	static struct scratch scratch;
	scratch = (struct scratch){.reader = {.arena = &scratch.arena}};
	*state = &scratch;
	return 0;
}

static int teardown(void **state)
{
	struct scratch *scratch = *state;
	arena_finish(&scratch->arena);
	text_finish(&scratch->text);
	return 0;
}

static const char *write(struct scratch *scratch, const struct shape *shape, const void *value)
{
	text_clear(&scratch->text);
	shape_write(&scratch->text, shape, value);
	assert_false(scratch->text.failed);
	return text_string(&scratch->text);
}

static int read(struct scratch *scratch, void *out, const struct shape *shape, const char *json)
{
	cJSON *object = cJSON_Parse(json);
	assert_non_null(object);
	int rc = shape_read(out, shape, object, &scratch->reader);
	cJSON_Delete(object);
	return rc;
}

/* Reading and writing it again gives the same text. */
static void must_come_back(struct scratch *scratch, const struct shape *shape, const char *json)
{
	void *value = arena_alloc(&scratch->arena, shape->size_bytes);
	int rc = read(scratch, value, shape, json);
	if (rc != 0)
		fail_msg("%d: %s: expected %s", rc, scratch->reader.path, scratch->reader.expected);
	assert_string_equal(write(scratch, shape, value), json);
}

/* ---- there and back ---- */

static void what_was_written_reads_back_as_it_was(void **state)
{
	struct scratch *scratch = *state;
	must_come_back(scratch, &ask_request_shape, "{\"study\":\"한국어\",\"commands\":[\"kre-train\",\"python\"]}");
	must_come_back(scratch, &report_request_shape,
	        "{\"run\":1,\"lease\":2,\"step\":3,\"value\":\"nan\",\"metrics\":{\"f1\":0.1,\"loss\":\"inf\"}}");
	must_come_back(scratch, &tell_request_shape,
	        "{\"run\":1,\"lease\":2,\"state\":\"complete\",\"values\":[0.5,1e-07],\"tables\":{\"classes\":[{"
	        "\"label\":\"per:title\",\"precision\":1,\"recall\":null,\"f1\":0.5,\"auprc\":null,\"support\":4}],"
	        "\"confusion\":[{\"truth\":\"a\",\"predicted\":\"b\",\"count\":2}]},\"reason\":\"no \\\"file\\\"\","
	        "\"by_signal\":true,\"uncounted\":true}");
	must_come_back(scratch, &ask_answer_shape,
	        "{\"run\":{\"run\":3,\"study\":\"s\",\"trial\":4,\"number\":3,\"fold\":1,\"folds\":5,\"attempt\":0,"
	        "\"lease\":9,"
	        "\"expires_s\":59.5,\"params\":{\"lr\":0.001},\"seed\":9007199254740991,\"command\":[\"a\",\"b\"],"
	        "\"files\":{\"train\":{\"path\":\"/t\",\"sha256\":\"\",\"size\":7}},\"report\":{\"kind\":\"pattern\","
	        "\"source\":\"f1 = "
	        "(.*)\",\"metric\":\"f1\"},\"resources\":{\"threads\":1,\"memory_mb\":0,\"minutes\":1.5},"
	        "\"metrics\":[\"f1\"],\"constraints\":[],\"env\":{\"A\":\"b\"}}}");
	must_come_back(scratch, &ask_answer_shape, "{\"run\":null,\"retry_s\":5,\"reason\":\"paused\"}");
	must_come_back(scratch, &renew_answer_shape,
	        "{\"expires_s\":60,\"lost\":[77],\"stop\":[{\"run\":2,\"reason\":\"pruned\"}]}");
	must_come_back(scratch, &study_list_answer_shape,
	        "{\"studies\":[{\"name\":\"s\",\"state\":\"running\",\"reason\":\"\",\"metrics\":[\"f1\",\"loss\"],"
	        "\"directions\":[\"maximize\",\"minimize\"],\"counts\":{\"WAITING\":1,\"RUNNING\":2,\"COMPLETE\":3,"
	        "\"PRUNED\":4,\"FAIL\":5},\"best\":{\"number\":2,\"value\":0.5,\"params\":{\"x\":1}},"
	        "\"created\":\"2026-01-02T03:04:05.006Z\",\"budget_trials\":40}]}");
}

static void what_an_older_peer_leaves_out_has_its_default(void **state)
{
	struct scratch *scratch = *state;
	struct trial_list_request page;
	struct tell_request tell;
	assert_int_equal(read(scratch, &page, &trial_list_request_shape, "{\"study\":\"s\",\"state\":null}"), 0);
	assert_int_equal(page.state, TRIAL_STATE_COUNT);
	assert_int_equal(page.after, -1);
	assert_int_equal(page.limit, 100);
	assert_string_equal(write(scratch, &trial_list_request_shape, &page), "{\"study\":\"s\"}");
	assert_int_equal(read(scratch, &tell, &tell_request_shape, "{\"run\":1,\"lease\":2,\"state\":\"failed\"}"), 0);
	assert_false(tell.value.given);
	assert_null(tell.tables);
	assert_string_equal(tell.reason, "");
}

static void keys_that_are_not_known_are_passed_over(void **state)
{
	struct scratch *scratch = *state;
	struct lease_claim claim;
	struct report_request report;
	assert_int_equal(read(scratch, &report, &report_request_shape,
	                         "{\"run\":1,\"lease\":2,\"step\":0,\"colour\":{\"a\":[1]}}"),
	        0);
	claim = report.claim;
	assert_int_equal(claim.lease, 2);
}

/* ---- what is wrong ---- */

static void a_wrong_value_is_said_with_its_path_and_what_was_expected(void **state)
{
	static const struct {
		enum method_id method;
		const char *params, *path, *expected;
	} table[] = {
	        {METHOD_STUDY_GET, "{}", "study", "a string"},
	        {METHOD_STUDY_GET, "{\"study\":null}", "study", "a string"},
	        {METHOD_TRIAL_GET, "{\"study\":\"s\",\"number\":1.5}", "number", "an integer"},
	        {METHOD_TRIAL_LIST, "{\"study\":\"s\",\"state\":\"DONE\"}", "state",
	                "WAITING, RUNNING, COMPLETE, PRUNED or FAIL"},
	        {METHOD_HELLO, "{\"protocol\":1,\"role\":\"boss\"}", "role", "worker, viewer or admin"},
	        {METHOD_LEASE_RENEW, "{\"leases\":[{\"run\":1,\"lease\":2},{\"run\":3}]}", "leases[1].lease",
	                "an integer"},
	        {METHOD_LEASE_RENEW, "{\"leases\":{}}", "leases", "a list of {run, lease}"},
	        {METHOD_TRIAL_TELL, "{\"run\":1,\"lease\":2,\"state\":\"won\"}", "state",
	                "complete, pruned, failed or lost"},
	        {METHOD_TRIAL_TELL,
	                "{\"run\":1,\"lease\":2,\"state\":\"complete\",\"tables\":{\"classes\":[{\"support\":1}]}}",
	                "tables.classes[0].label", "a string"},
	        {METHOD_TRIAL_ASK, "{\"commands\":[\"a\",7]}", "commands[1]", "a string"},
	        {METHOD_STUDY_CREATE, "{\"spec\":[]}", "spec", "the study file as a JSON object"},
	};
	struct scratch *scratch = *state;
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct shape *shape = method_params(table[i].method);
		void *value = arena_alloc(&scratch->arena, shape->size_bytes);
		assert_int_equal(read(scratch, value, shape, table[i].params), SHAPE_WRONG);
		assert_string_equal(scratch->reader.path, table[i].path);
		assert_string_equal(scratch->reader.expected, table[i].expected);
	}
}

static void a_value_that_is_no_number_is_an_outcome_of_its_own(void **state)
{
	struct scratch *scratch = *state;
	struct report_request report;
	assert_int_equal(
	        read(scratch, &report, &report_request_shape, "{\"run\":1,\"lease\":2,\"step\":0,\"value\":\"high\"}"),
	        SHAPE_NOT_A_NUMBER);
	assert_string_equal(scratch->reader.path, "value");
	assert_string_equal(scratch->reader.expected, "a number, \"nan\", \"inf\" or \"-inf\"");
}

/* Every field of every method's parameters, with every type of value in its place: read or refused,
 * and never anything else. */
static void whatever_stands_at_a_key_is_read_or_refused(void **state)
{
	static const char *const values[] = {"null", "true", "0", "-1", "1.5", "1e300", "\"\"", "\"word\"", "[]",
	        "[null]", "[1,\"a\"]", "{}", "{\"a\":null}", "{\"a\":{\"b\":[]}}"};
	struct scratch *scratch = *state;
	for (int method = 0; method < METHOD_COUNT; method++) {
		const struct shape *shape = method_params((enum method_id)method);
		void *value = arena_alloc(&scratch->arena, shape->size_bytes);
		for (size_t f = 0; f < shape->count; f++)
			for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
				char json[200];
				snprintf(json, sizeof json, "{\"%s\":%s}", shape->fields[f].key, values[v]);
				int rc = read(scratch, value, shape, json);
				assert_true(rc == 0 || rc == SHAPE_WRONG || rc == SHAPE_NOT_A_NUMBER);
				if (rc == 0)
					write(scratch, shape, value);
			}
	}
}

static void every_allocation_while_reading_may_fail_once(void **state)
{
	struct scratch *scratch = *state;
	struct tell_request tell;
	cJSON *object = cJSON_Parse("{\"run\":1,\"lease\":2,\"state\":\"complete\",\"metrics\":{\"f1\":1},"
	                            "\"tables\":{\"classes\":[{\"label\":\"a\"}]},\"reason\":\"a reason\"}");
	int rc;
	long nth = 0;
	do {
		arena_finish(&scratch->arena);
		memory_fault_after(++nth);
		rc = shape_read(&tell, &tell_request_shape, object, &scratch->reader);
		assert_int_equal(rc != 0, memory_fault_happened());
	} while (rc != 0);
	memory_fault_after(0);
	assert_true(nth > 1);
	cJSON_Delete(object);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(what_was_written_reads_back_as_it_was),
	        TEST(what_an_older_peer_leaves_out_has_its_default),
	        TEST(keys_that_are_not_known_are_passed_over),
	        TEST(a_wrong_value_is_said_with_its_path_and_what_was_expected),
	        TEST(a_value_that_is_no_number_is_an_outcome_of_its_own),
	        TEST(whatever_stands_at_a_key_is_read_or_refused),
	        TEST(every_allocation_while_reading_may_fail_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
