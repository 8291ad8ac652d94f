/* The store of blobs, and blobs on their way in. */
#define _GNU_SOURCE /* mkdtemp */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "schema/blobs/blob_intake.h"
#include "schema/blobs/blob_name.h"
#include "schema/blobs/blob_usage.h"

enum { SIZE = 300000, PIECE = 7000 };

struct room {
	char path[32];
	struct blob_store store;
	char bytes[SIZE];
	char sha256[SHA256_HEX_BYTES];
};

static int enter(void **state)
{
	static struct room room;
	struct error error = {""};
	signal(SIGXFSZ, SIG_IGN);
	snprintf(room.path, sizeof room.path, "/tmp/kre-blobs-XXXXXX");
	assert_non_null(mkdtemp(room.path));
	assert_int_equal(blob_store_open(&room.store, room.path, &error), 0);
	room.store.spare = (struct blob_spare){0, 0};
	for (size_t i = 0; i < SIZE; i++)
		room.bytes[i] = (char)(i * 31 + i / 256);
	sha256_hex(room.sha256, room.bytes, SIZE);
	*state = &room;
	return 0;
}

static int leave(void **state)
{
	struct room *room = *state;
	folder_empty(room->store.folder);
	blob_store_close(&room->store);
	return rmdir(room->path);
}

static int begin(struct blob_intake *intake, const struct room *room, struct error *error)
{
	return blob_intake_begin(intake, &room->store, &(struct blob){room->sha256, SIZE}, error);
}

/* Brings what is missing. */
static int bring(const struct room *room, struct error *error)
{
	struct blob_intake intake;
	int rc = begin(&intake, room, error);
	if (rc != 0)
		return rc;
	while (rc == 0 && intake.length_bytes < SIZE) {
		int64_t left = SIZE - intake.length_bytes;
		rc = blob_intake_add(
		        &intake, room->bytes + intake.length_bytes, left < PIECE ? (size_t)left : PIECE, error);
	}
	if (rc != 0) {
		blob_intake_leave(&intake);
		return rc;
	}
	while (blob_intake_catch_up(&intake, PIECE) > 0)
		;
	return blob_intake_end(&intake, error);
}

static void put(const struct room *room, const char *text)
{
	struct error error;
	struct blob_intake intake;
	char sha256[SHA256_HEX_BYTES];
	sha256_hex(sha256, text, strlen(text));
	assert_int_equal(
	        blob_intake_begin(&intake, &room->store, &(struct blob){sha256, (int64_t)strlen(text)}, &error), 0);
	assert_int_equal(blob_intake_add(&intake, text, strlen(text), &error), 0);
	assert_int_equal(blob_intake_end(&intake, &error), 0);
}

static void expect_whole(const struct room *room)
{
	int fd = -1;
	int64_t size_bytes = 0;
	struct stat status;
	char *bytes = memory_alloc(SIZE + 1, 1);
	assert_int_equal(blob_open(&fd, &size_bytes, &room->store, room->sha256), 0);
	assert_int_equal(size_bytes, SIZE);
	assert_int_equal(blob_read(fd, bytes, SIZE + 1, 0), SIZE);
	assert_memory_equal(bytes, room->bytes, SIZE);
	assert_int_equal(blob_read(fd, bytes, SIZE, SIZE - 5), 5);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0400);
	close(fd);
	memory_free(bytes);
}

static struct blob_list list(const struct room *room)
{
	struct blob_list all;
	assert_int_equal(blob_store_list(&all, &room->store), 0);
	return all;
}

static void what_came_in_pieces_is_there_whole_and_read_only(void **state)
{
	struct room *room = *state;
	struct error error;
	assert_int_equal(bring(room, &error), 0);
	expect_whole(room);
	assert_int_equal(bring(room, &error), BLOB_IS_THERE);
}

static void a_file_is_copied(void **state)
{
	struct room *room = *state;
	struct error error;
	struct blob_intake intake;
	FILE *file = tmpfile();
	assert_int_equal(fwrite(room->bytes, 1, SIZE, file), SIZE);
	fflush(file);
	assert_int_equal(begin(&intake, room, &error), 0);
	assert_int_equal(blob_intake_copy(&intake, fileno(file), &error), 0);
	while (blob_intake_catch_up(&intake, PIECE) > 0)
		;
	assert_int_equal(blob_intake_end(&intake, &error), 0);
	expect_whole(room);
	assert_int_equal(ftruncate(fileno(file), SIZE - 1), 0);
	struct blob other = {"00000000000000000000000000000000000000000000000000000000000000ff", SIZE};
	assert_int_equal(blob_intake_begin(&intake, &room->store, &other, &error), 0);
	assert_int_equal(blob_intake_copy(&intake, fileno(file), &error), -ESTALE);
	blob_intake_leave(&intake);
	fclose(file);
}

/* Whoever brings it says after every piece that it goes on, and is killed at one of them. */
static void whoever_is_killed_leaves_what_the_next_one_goes_on_from(void **state)
{
	struct room *room = *state;
	for (int pieces = 0; pieces <= SIZE / PIECE; pieces += 6) {
		int ends[2];
		char word;
		assert_int_equal(pipe(ends), 0);
		pid_t child = fork();
		if (child == 0) {
			struct blob_intake intake;
			struct error error;
			begin(&intake, room, &error);
			for (int i = 0; i < pieces && write(ends[1], "", 1) == 1; i++)
				blob_intake_add(&intake, room->bytes + i * PIECE, PIECE, &error);
			if (write(ends[1], "", 1) == 1)
				pause();
			_exit(1);
		}
		for (int i = 0; i <= pieces; i++)
			assert_int_equal(read(ends[0], &word, 1), 1);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		close(ends[0]);
		close(ends[1]);
		struct blob_intake intake;
		struct error error;
		assert_int_equal(begin(&intake, room, &error), 0);
		assert_int_equal(intake.length_bytes, pieces * PIECE);
		blob_intake_leave(&intake);
		assert_int_equal(bring(room, &error), 0);
		expect_whole(room);
		folder_empty(room->store.folder);
	}
}

static void bytes_of_another_content_are_refused_and_begun_anew(void **state)
{
	struct room *room = *state;
	struct error error;
	room->bytes[100] ^= 1;
	assert_int_equal(bring(room, &error), BLOB_OTHER_CONTENT);
	assert_non_null(strstr(error.text, "sha256"));
	struct blob_list all = list(room);
	assert_int_equal(all.count, 0);
	blob_list_finish(&all);
	room->bytes[100] ^= 1;
	assert_int_equal(bring(room, &error), 0);
	expect_whole(room);
}

static void more_bytes_than_the_whole_are_refused(void **state)
{
	struct room *room = *state;
	struct error error;
	struct blob_intake intake;
	assert_int_equal(begin(&intake, room, &error), 0);
	assert_int_equal(blob_intake_add(&intake, room->bytes, SIZE - 1, &error), 0);
	assert_int_equal(blob_intake_add(&intake, room->bytes, 2, &error), -EFBIG);
	blob_intake_leave(&intake);
	struct blob less = {room->sha256, SIZE / 2}; /* what is there is more than it may have */
	assert_int_equal(blob_intake_begin(&intake, &room->store, &less, &error), 0);
	assert_int_equal(intake.length_bytes, 0);
	blob_intake_leave(&intake);
}

static void one_at_a_time_takes_it_in(void **state)
{
	struct room *room = *state;
	struct error error;
	struct blob_intake first, second;
	assert_int_equal(begin(&first, room, &error), 0);
	assert_int_equal(begin(&second, room, &error), -EWOULDBLOCK);
	blob_intake_leave(&first);
	blob_intake_leave(&first);
	assert_int_equal(begin(&second, room, &error), 0);
	blob_intake_leave(&second);
}

static void only_hashes_become_names(void **state)
{
	struct room *room = *state;
	struct error error;
	struct blob_intake intake;
	static const char *const names[] = {"", "../../etc/passwd", "a/b", "abc",
	        "ZZ00000000000000000000000000000000000000000000000000000000000000",
	        "0000000000000000000000000000000000000000000000000000000000000000.part"};
	int fd;
	int64_t size_bytes;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		assert_int_equal(blob_open(&fd, &size_bytes, &room->store, names[i]), -EINVAL);
		assert_int_equal(
		        blob_intake_begin(&intake, &room->store, &(struct blob){names[i], 1}, &error), -EINVAL);
	}
	struct blob huge = {room->sha256, BLOB_MAX_BYTES + 1};
	assert_int_equal(blob_intake_begin(&intake, &room->store, &huge, &error), -EFBIG);
	assert_int_equal(blob_open(&fd, &size_bytes, &room->store, room->sha256), -ENOENT);
}

static void a_disk_that_would_be_too_full_is_said(void **state)
{
	struct room *room = *state;
	struct error error;
	room->store.spare = (struct blob_spare){INT64_MAX / 2, 0};
	assert_int_equal(bring(room, &error), BLOB_NO_ROOM);
	assert_non_null(strstr(error.text, "no room for 1 MB in /tmp/kre-blobs-"));
	room->store.spare = (struct blob_spare){0, 100};
	assert_int_equal(bring(room, &error), BLOB_NO_ROOM);
	room->store.spare = (struct blob_spare){0, 0};
	assert_int_equal(bring(room, &error), 0);
}

static void what_cannot_be_written_is_said_and_goes_on_later(void **state)
{
	struct room *room = *state;
	struct error error;
	struct rlimit before, little = {SIZE / 2, RLIM_INFINITY};
	getrlimit(RLIMIT_FSIZE, &before);
	little.rlim_max = before.rlim_max;
	setrlimit(RLIMIT_FSIZE, &little);
	assert_int_equal(bring(room, &error), -EFBIG);
	assert_non_null(strstr(error.text, room->path));
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(bring(room, &error), 0);
	expect_whole(room);
}

static void every_lack_of_memory_leaves_a_whole_blob_or_none(void **state)
{
	struct room *room = *state;
	struct error error;
	int rc = -ENOMEM;
	for (long nth = 1; rc != 0 && rc != BLOB_IS_THERE; nth++) {
		memory_fault_after(nth);
		rc = bring(room, &error);
		memory_fault_after(0);
		assert_true(rc == 0 || rc == -ENOMEM || rc == BLOB_IS_THERE);
	}
	expect_whole(room);
}

static void use(const struct room *room, const char *text, int64_t when_s)
{
	char sha256[SHA256_HEX_BYTES], name[80];
	struct timespec times[2] = {{.tv_sec = (time_t)when_s}, {.tv_sec = (time_t)when_s}};
	sha256_hex(sha256, text, strlen(text));
	snprintf(name, sizeof name, "%.2s/%s", sha256, sha256);
	assert_int_equal(utimensat(room->store.folder, name, times, 0), 0);
}

static void the_least_recently_used_come_first_and_what_is_in_use_stays(void **state)
{
	struct room *room = *state;
	char sha256[SHA256_HEX_BYTES];
	int fd;
	int64_t size_bytes;
	put(room, "first");
	put(room, "second");
	put(room, "third");
	use(room, "third", 1000);
	use(room, "first", 2000);
	use(room, "second", 3000);
	sha256_hex(sha256, "third", 5);
	assert_int_equal(blob_open(&fd, &size_bytes, &room->store, sha256), 0);
	use(room, "third", 1000);
	struct blob_list all = list(room);
	assert_int_equal(all.count, 3);
	assert_int_equal(all.bytes, 16);
	assert_string_equal(all.items[0].sha256, sha256);
	assert_int_equal(all.items[1].size_bytes, 5);
	assert_int_equal(blob_store_remove(&room->store, &all.items[0]), -EWOULDBLOCK);
	assert_int_equal(blob_store_remove(&room->store, &all.items[1]), 0);
	assert_int_equal(blob_store_remove(&room->store, &all.items[1]), 0);
	close(fd);
	assert_int_equal(blob_store_remove(&room->store, &all.items[0]), 0);
	blob_list_finish(&all);
	all = list(room);
	assert_int_equal(all.count, 1);
	assert_int_equal(all.items[0].size_bytes, 6);
	blob_list_finish(&all);
}

static void what_is_too_much_goes_from_the_least_recently_used_on(void **state)
{
	struct room *room = *state;
	char sha256[SHA256_HEX_BYTES];
	int fd;
	int64_t size_bytes;
	put(room, "first");
	put(room, "second");
	put(room, "third");
	sha256_hex(sha256, "third", 5);
	assert_int_equal(blob_open(&fd, &size_bytes, &room->store, sha256), 0);
	use(room, "third", 1000);
	use(room, "first", 2000);
	use(room, "second", 3000);
	assert_int_equal(blob_store_trim(&room->store, 16), 0);
	assert_int_equal(blob_store_trim(&room->store, 15), 5); /* first: third is in use */
	close(fd);
	assert_int_equal(blob_store_trim(&room->store, 6), 5);
	struct blob_list all = list(room);
	assert_int_equal(all.count, 1);
	assert_int_equal(all.bytes, 6);
	blob_list_finish(&all);
}

/* Removes a blob behind the store's back, and gives its folder the date it had. */
static void remove_unseen(const struct room *room, const char *text)
{
	char sha256[SHA256_HEX_BYTES], name[BLOB_NAME_BYTES], folder[3] = "";
	struct stat before;
	sha256_hex(sha256, text, strlen(text));
	memcpy(folder, sha256, 2);
	blob_name(name, sha256, false);
	assert_int_equal(fstatat(room->store.folder, folder, &before, 0), 0);
	assert_int_equal(unlinkat(room->store.folder, name, 0), 0);
	const struct timespec times[2] = {before.st_atim, before.st_mtim};
	assert_int_equal(utimensat(room->store.folder, folder, times, 0), 0);
}

static void only_folders_that_changed_are_measured_anew(void **state)
{
	struct room *room = *state;
	static struct blob_usage usage;
	usage = (struct blob_usage){0};
	struct walltime now = clock_system()->wall(clock_system());
	assert_int_equal(blob_usage_measure(&usage, &room->store, now), 0);
	assert_int_equal(usage.count, 0);
	put(room, "one");
	put(room, "three");
	struct blob_intake partial;
	struct error error;
	assert_int_equal(begin(&partial, room, &error), 0);
	assert_int_equal(blob_intake_add(&partial, room->bytes, PIECE, &error), 0);
	blob_intake_leave(&partial);
	assert_int_equal(blob_usage_measure(&usage, &room->store, now), 0);
	assert_int_equal(usage.count, 2);
	assert_int_equal(usage.bytes, 8);
	remove_unseen(room, "one"); /* within the tick of its date: the folder is read again */
	assert_int_equal(blob_usage_measure(&usage, &room->store, now), 0);
	assert_int_equal(usage.bytes, 5);
	now.us += 3600 * INT64_C(1000000);
	assert_int_equal(blob_usage_measure(&usage, &room->store, now), 0);
	remove_unseen(room, "three"); /* long after: it is not */
	assert_int_equal(blob_usage_measure(&usage, &room->store, now), 0);
	assert_int_equal(usage.count, 1);
	put(room, "fourth");
	folder_empty(room->store.folder);
	assert_int_equal(blob_usage_measure(&usage, &room->store, now), 0);
	assert_int_equal(usage.count + usage.bytes, 0);
}

static void a_folder_that_cannot_be_is_said(void **state)
{
	(void)state;
	struct blob_store store;
	struct error error;
	assert_true(blob_store_open(&store, "/dev/null/blobs", &error) < 0);
	assert_non_null(strstr(error.text, "/dev/null/blobs"));
	blob_store_close(&store);
}

#define SENTENCE(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        SENTENCE(what_came_in_pieces_is_there_whole_and_read_only),
	        SENTENCE(a_file_is_copied),
	        SENTENCE(whoever_is_killed_leaves_what_the_next_one_goes_on_from),
	        SENTENCE(bytes_of_another_content_are_refused_and_begun_anew),
	        SENTENCE(more_bytes_than_the_whole_are_refused),
	        SENTENCE(one_at_a_time_takes_it_in),
	        SENTENCE(only_hashes_become_names),
	        SENTENCE(a_disk_that_would_be_too_full_is_said),
	        SENTENCE(what_cannot_be_written_is_said_and_goes_on_later),
	        SENTENCE(every_lack_of_memory_leaves_a_whole_blob_or_none),
	        SENTENCE(the_least_recently_used_come_first_and_what_is_in_use_stays),
	        SENTENCE(what_is_too_much_goes_from_the_least_recently_used_on),
	        SENTENCE(only_folders_that_changed_are_measured_anew),
	        cmocka_unit_test(a_folder_that_cannot_be_is_said),
	};
	return cmocka_run_group_tests_name("blobs", tests, NULL, NULL);
}
