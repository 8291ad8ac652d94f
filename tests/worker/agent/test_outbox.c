#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>

#include "schema/base/memory.h"
#include "worker/agent/outbox.h"

static void on_answered(void *context, const struct outbox_item *item, const struct call_reply *reply)
{
	(void)context, (void)item, (void)reply;
	fail_msg("nobody answers here");
}

static void on_dropped(void *context, const struct outbox_item *item, const char *why)
{
	(void)context, (void)item, (void)why;
	fail_msg("nothing is sent here");
}

static void open_box(struct outbox *outbox)
{
	const struct outbox_events events = {on_answered, on_dropped, NULL};
	outbox_init(outbox, &events);
}

static const struct outbox_item *first(const struct outbox *outbox)
{
	return list_entry(outbox->items.head.next, struct outbox_item, link);
}

static struct outbox_message message_of(bool is_result, int64_t run)
{
	struct outbox_message message = {.is_result = is_result};
	message.report.claim = message.result.claim = (struct lease_claim){run, 70};
	assert_non_null(arena_alloc(&message.arena, 1));
	return message;
}

static void must_push(struct outbox *outbox, bool is_result, int64_t run)
{
	struct outbox_message message = message_of(is_result, run);
	assert_int_equal(outbox_push(outbox, &message), 0);
}

static int64_t run_of(const struct outbox_item *item)
{
	return outbox_item_claim(item).run_id;
}

static void a_message_carries_its_run_and_lease(void **state)
{
	(void)state;
	struct outbox outbox;
	open_box(&outbox);
	must_push(&outbox, true, 7);
	assert_true(first(&outbox)->message.is_result);
	assert_int_equal(run_of(first(&outbox)), 7);
	assert_int_equal(outbox_item_claim(first(&outbox)).lease, 70);
	outbox_finish(&outbox);
	assert_int_equal(outbox.count, 0);
}

static void a_full_box_says_so_and_takes_what_cannot_wait(void **state)
{
	(void)state;
	struct outbox outbox;
	open_box(&outbox);
	for (int i = 0; i < OUTBOX_FULL_COUNT; i++) {
		assert_false(outbox_is_full(&outbox));
		must_push(&outbox, false, i);
	}
	assert_true(outbox_is_full(&outbox));
	assert_false(outbox_has_room(&outbox));
	must_push(&outbox, false, 7);
	must_push(&outbox, true, 7);
	assert_int_equal(outbox.count, OUTBOX_FULL_COUNT + 2);
	assert_int_equal(run_of(first(&outbox)), 0);
	outbox_finish(&outbox);
	assert_true(outbox_has_room(&outbox));
}

static void beyond_the_most_a_report_is_refused_and_a_result_is_not(void **state)
{
	(void)state;
	struct outbox outbox;
	open_box(&outbox);
	for (int i = 0; i < OUTBOX_MAX_COUNT; i++)
		must_push(&outbox, false, i);
	struct outbox_message message = message_of(false, 1);
	assert_int_equal(outbox_push(&outbox, &message), -ENOBUFS);
	must_push(&outbox, true, 1);
	outbox_finish(&outbox);
}

static void what_was_sent_is_sent_again_after_a_loss(void **state)
{
	(void)state;
	struct outbox outbox;
	open_box(&outbox);
	must_push(&outbox, false, 1);
	list_entry(outbox.items.head.next, struct outbox_item, link)->sent = true;
	outbox.sent_count = 1;
	outbox_rewind(&outbox);
	assert_int_equal(outbox.sent_count, 0);
	assert_false(first(&outbox)->sent);
	outbox_finish(&outbox);
}

static void without_memory_the_box_stays_as_it_was(void **state)
{
	(void)state;
	struct outbox outbox;
	open_box(&outbox);
	struct outbox_message message = message_of(false, 1);
	memory_fault_after(1);
	assert_int_equal(outbox_push(&outbox, &message), -ENOMEM);
	memory_fault_after(0);
	assert_int_equal(outbox.count, 0);
	outbox_send(&outbox, NULL);
	outbox_finish(&outbox);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_message_carries_its_run_and_lease),
	        cmocka_unit_test(a_full_box_says_so_and_takes_what_cannot_wait),
	        cmocka_unit_test(beyond_the_most_a_report_is_refused_and_a_result_is_not),
	        cmocka_unit_test(what_was_sent_is_sent_again_after_a_loss),
	        cmocka_unit_test(without_memory_the_box_stays_as_it_was),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
