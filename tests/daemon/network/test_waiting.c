/* Requests that wait for a job of the studies: who waits for whom, and what becomes of those who
 * leave. The test decides when a job comes back. */
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "schema/base/text.h"
#include "tests/daemon/network/house.h"

#define ASK(id) "{\"id\":" #id ",\"method\":\"trial.ask\",\"params\":{\"study\":\"slow\"}}\n"
#define JUDGE(id) "{\"id\":" #id ",\"method\":\"study.importance\",\"params\":{\"study\":\"slow\"}}\n"

/* A study whose sampler is slow from the first trial on, for it has two thousand values to look
 * at. */
static int enter_with_slow_study(struct house *house)
{
	int fd = enter(house);
	house->fixture.takes_jobs = true;
	put(house, fd,
	        "{\"id\":1,\"method\":\"study.create\",\"params\":{\"spec\":{\"name\":\"slow\",\"method\":\"brute_"
	        "force\","
	        "\"metric\":{\"name\":\"f1\",\"goal\":\"maximize\"},"
	        "\"parameters\":{\"n\":{\"min\":1,\"max\":2000}}}}}\n");
	must_get(house, fd, "\"created\":true");
	return fd;
}

static void give_job_back(struct house *house)
{
	assert_true(house->fixture.job_count > 0);
	fixture_do_job(&house->fixture);
	network_resume(house->network);
}

static void must_be_silent(struct house *house, int fd)
{
	struct pollfd answer = {.fd = fd, .events = POLLIN};
	pump(house);
	assert_int_equal(poll(&answer, 1, 0), 0);
}

static void who_waits_for_a_suggestion_holds_up_nobody_else(void **state)
{
	struct house *house = *state;
	int fd = enter_with_slow_study(house), other = enter(house);
	put(house, fd, ASK(2));
	must_be_silent(house, fd);
	put(house, other, "{\"id\":2,\"method\":\"study.pause\",\"params\":{\"study\":\"slow\"}}\n");
	must_get(house, other, "\"state\":\"paused\"");
	put(house, other, "{\"id\":3,\"method\":\"study.resume\",\"params\":{\"study\":\"slow\"}}\n");
	must_get(house, other, "\"state\":\"running\"");
	put(house, other, ASK(4));
	must_be_silent(house, other);
	give_job_back(house);
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{\"run\":1,");
	must_be_silent(house, other);
	give_job_back(house);
	must_get(house, other, "\"id\":4,\"result\":{\"run\":{\"run\":2,");
	close(fd);
	close(other);
}

static void what_one_peer_asks_is_done_and_answered_in_its_order_whatever_waits(void **state)
{
	struct house *house = *state;
	int fd = enter_with_slow_study(house);
	put(house, fd, ASK(2) "{\"id\":3,\"method\":\"study.pause\",\"params\":{\"study\":\"slow\"}}\n[]\n" ASK(4));
	must_be_silent(house, fd);
	put(house, fd, "{\"id\":5,\"method\":\"study.list\"}\noops\n");
	must_be_silent(house, fd);
	give_job_back(house);
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{\"run\":1,");
	must_get(house, fd, "\"id\":3,\"result\":{\"state\":\"paused\"");
	must_get(house, fd, "\"id\":null,\"error\":{\"code\":-32600");
	must_get(house, fd, "\"id\":4,\"result\":{\"run\":null,");
	must_get(house, fd, "\"id\":5,\"result\":{\"studies\"");
	must_get(house, fd, "\"id\":null,\"error\":{\"code\":-32700");
	assert_null(get(house, fd));
	close(fd);
}

static void reports_and_renewals_do_not_wait_behind_an_ask(void **state)
{
	struct house *house = *state;
	int fd = enter_with_slow_study(house);
	put(house, fd, ASK(2));
	must_be_silent(house, fd);
	give_job_back(house);
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{\"run\":1,\"study\":\"slow\"");
	put(house, fd,
	        ASK(3) "{\"id\":4,\"method\":\"study.list\"}\n"
	               "{\"id\":5,\"method\":\"trial.report\",\"params\":{\"run\":1,\"lease\":1,\"step\":0,\"value\":0."
	               "5}}\n"
	               "{\"id\":6,\"method\":\"lease.renew\",\"params\":{\"leases\":[{\"run\":1,\"lease\":1}]}}\n"
	               "{\"id\":7,\"method\":\"trial.tell\",\"params\":{\"run\":1,\"lease\":1,\"state\":\"complete\"}}"
	               "\n");
	must_get(house, fd, "\"id\":5,\"result\":{\"stop\":null}");
	must_get(house, fd, "\"id\":6,\"result\":{\"expires_s\"");
	must_get(house, fd, "\"id\":7,\"result\":{\"trial\":\"COMPLETE\"}");
	put(house, fd, "{\"id\":8,\"method\":\"daemon.ping\"}\n");
	must_get(house, fd, "\"id\":8,\"result\":{\"software\"");
	must_be_silent(house, fd);
	give_job_back(house);
	must_get(house, fd, "\"id\":3,\"result\":{\"run\":{\"run\":2,");
	must_get(house, fd, "\"id\":4,\"result\":{\"studies\"");
	close(fd);
}

static void a_peer_that_is_gone_takes_no_trial_and_what_it_told_before_counts(void **state)
{
	struct house *house = *state;
	int fd = enter_with_slow_study(house), gone = enter(house), last = enter(house);
	put(house, gone, ASK(2) ASK(3) "{\"id\":4,\"method\":\"study.pause\",\"params\":{\"study\":\"slow\"}}\n");
	must_be_silent(house, gone);
	put(house, last, ASK(2));
	must_be_silent(house, last);
	shutdown(last, SHUT_WR); /* it still listens */
	close(gone);
	must_be_silent(house, fd);
	give_job_back(house);
	must_get(house, last, "\"id\":2,\"result\":{\"run\":null,\"retry_s\":5,\"reason\":\"paused\"");
	assert_null(get(house, last));
	put(house, fd, "{\"id\":4,\"method\":\"study.list\"}\n");
	must_get(house, fd, "\"counts\":{\"WAITING\":0,\"RUNNING\":0,");
	close(last);
	close(fd);
}

static void an_ask_repeated_on_a_new_connection_gets_the_one_run(void **state)
{
	struct house *house = *state;
	int fd = enter_with_slow_study(house), first = dial(house->fixture.socket),
	    second = dial(house->fixture.socket);
	const char *hello = "{\"id\":0,\"method\":\"hello\",\"params\":{\"protocol\":1,\"role\":\"worker\","
	                    "\"session\":\"one\"}}\n";
	put(house, first, hello);
	must_get(house, first, "\"session\"");
	put(house, second, hello);
	must_get(house, second, "\"session\"");
	put(house, first, ASK(2));
	must_be_silent(house, first);
	put(house, second, ASK(2));
	must_be_silent(house, second);
	give_job_back(house);
	must_get(house, first, "\"id\":2,\"result\":{\"run\":{\"run\":1,");
	must_get(house, second, "\"id\":2,\"result\":{\"run\":{\"run\":1,");
	assert_int_equal(house->fixture.job_count, 0);
	close(first);
	close(second);
	close(fd);
}

static void importance_jobs_are_answered_one_after_the_other_and_go_with_who_asked(void **state)
{
	struct house *house = *state;
	int fd = enter_with_slow_study(house), gone = enter(house), last = enter(house);
	put(house, fd, JUDGE(2));
	must_be_silent(house, fd);
	put(house, gone, JUDGE(2));
	must_be_silent(house, gone);
	put(house, last, JUDGE(2));
	must_be_silent(house, last);
	assert_int_equal(house->fixture.job_count, 1);
	give_job_back(house);
	must_get(house, fd, "\"id\":2,\"result\":{\"method\":\"ped_anova\"");
	must_be_silent(house, last);
	close(gone); /* its importance is under way */
	pump(house);
	give_job_back(house);
	must_be_silent(house, last);
	give_job_back(house);
	must_get(house, last, "\"id\":2,\"result\":{\"method\":\"ped_anova\"");
	assert_int_equal(house->fixture.job_count, 0);
	close(last);
	close(fd);
}

static void an_export_is_written_beside_the_loop(void **state)
{
	struct house *house = *state;
	struct text line = TEXT_NULL, path = TEXT_NULL;
	int fd = enter_with_slow_study(house), other = enter(house);
	text_printf(&path, "%s/copy", house->fixture.folder);
	text_printf(&line, "{\"id\":2,\"method\":\"file.export\",\"params\":{\"path\":\"%s\"}}\n", path.data);
	put(house, fd, text_string(&line));
	must_be_silent(house, fd);
	assert_int_equal(access(path.data, F_OK), -1);
	put(house, other, "{\"id\":3,\"method\":\"study.pause\",\"params\":{\"study\":\"slow\"}}\n");
	must_get(house, other, "\"state\":\"paused\"");
	give_job_back(house);
	must_get(house, fd, "\"id\":2,\"result\":{\"path\"");
	assert_int_equal(access(path.data, F_OK), 0);
	put(house, fd, text_string(&line));
	pump(house);
	give_job_back(house);
	must_get(house, fd, "File exists");
	put(house, other, text_string(&line));
	pump(house);
	close(other); /* the copy is under way */
	pump(house);
	give_job_back(house);
	text_finish(&line);
	text_finish(&path);
	close(fd);
}

static void a_turn_that_is_not_kept_leaves_what_waits_waiting(void **state)
{
	struct house *house = *state;
	int fd = enter_with_slow_study(house), other = enter(house);
	struct rlimit before, none;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	none = (struct rlimit){0, before.rlim_max};
	setrlimit(RLIMIT_FSIZE, &none);
	put(house, fd, ASK(2));
	put(house, other, "{\"id\":3,\"method\":\"study.pause\",\"params\":{\"study\":\"slow\"}}\n");
	pump(house);
	setrlimit(RLIMIT_FSIZE, &before);
	must_get(house, other, "\"id\":3,\"error\":{\"code\":-32603");
	must_be_silent(house, fd);
	give_job_back(house); /* of a memory that is gone; the ask is made on the spot */
	must_get(house, fd, "\"id\":2,\"result\":{\"run\":{\"run\":1,");
	close(other);
	close(fd);
}

static void doors_that_close_while_jobs_are_under_way_lose_no_memory(void **state)
{
	struct house *house = *state;
	int fd = enter_with_slow_study(house), other = enter(house);
	put(house, fd, ASK(2) "{\"id\":3,\"method\":\"study.list\"}\n");
	put(house, other, JUDGE(2));
	pump(house);
	assert_int_equal(house->fixture.job_count, 2);
	close(fd);
	close(other);
	/* teardown closes the doors first, and the jobs come back to nobody */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(who_waits_for_a_suggestion_holds_up_nobody_else),
	        TEST(what_one_peer_asks_is_done_and_answered_in_its_order_whatever_waits),
	        TEST(reports_and_renewals_do_not_wait_behind_an_ask),
	        TEST(a_peer_that_is_gone_takes_no_trial_and_what_it_told_before_counts),
	        TEST(an_ask_repeated_on_a_new_connection_gets_the_one_run),
	        TEST(importance_jobs_are_answered_one_after_the_other_and_go_with_who_asked),
	        TEST(an_export_is_written_beside_the_loop),
	        TEST(a_turn_that_is_not_kept_leaves_what_waits_waiting),
	        TEST(doors_that_close_while_jobs_are_under_way_lose_no_memory),
	};
	return cmocka_run_group_tests_name("waiting", tests, NULL, NULL);
}
