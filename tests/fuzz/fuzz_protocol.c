/* Any bytes as what a peer sends: cut into lines, parsed, run by a real study table as an admin
 * would be. No crash, and every line gets an answer. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/network/dispatch.h"
#include "daemon/storage/store.h"
#include "daemon/studies/study_table.h"
#include "schema/base/folder.h"
#include "schema/base/memory.h"
#include "schema/space/json.h"
#include "schema/transport/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct house {
	char folder[64], file[80], blobs_folder[80];
	struct blobs blobs;
	struct fake_clock clock;
	struct store *store;
	struct study_table *table;
	struct access access;
	struct surroundings around;
};

static void ignore_stop(void *context)
{
	(void)context;
}

static void open_house(struct house *house)
{
	struct error error;
	struct study_table_options options = {.lease_ms = 60000};
	snprintf(house->folder, sizeof house->folder, "/tmp/fuzz-protocol-XXXXXX");
	if (!mkdtemp(house->folder))
		abort();
	snprintf(house->file, sizeof house->file, "%s/trials.db", house->folder);
	snprintf(house->blobs_folder, sizeof house->blobs_folder, "%s/blobs", house->folder);
	fake_clock_init(&house->clock);
	if (blobs_init(&house->blobs, house->blobs_folder, &error) != 0)
		abort();
	if (store_open(&house->store, house->file, &error) != 0 ||
	        study_table_create(&house->table, house->store, &house->clock.clock, &options, &error) != 0 ||
	        access_init(&house->access, house->store, &house->clock.clock, &error) != 0)
		abort();
	house->around = (struct surroundings){.table = house->table,
	        .access = &house->access,
	        .blobs = &house->blobs,
	        .clock = &house->clock.clock,
	        .lease_ms = options.lease_ms,
	        .stop = ignore_stop};
}

static void close_house(struct house *house)
{
	study_table_destroy(house->table);
	store_close(house->store);
	blobs_finish(&house->blobs);
	folder_remove(AT_FDCWD, house->folder);
}

/* An export goes wherever the input says. */
static bool writes_elsewhere(const cJSON *message)
{
	return strcmp(json_string(message, "method", ""), "file.export") == 0;
}

static void run_line(struct house *house, struct asker *asker, const char *line, size_t length)
{
	struct error error;
	char *reply = NULL;
	bool fatal;
	cJSON *message = dispatch_parse(line, length, &reply, &fatal);
	if (message && writes_elsewhere(message)) {
		cJSON_Delete(message);
		return;
	}
	if (message) {
		bool changes = dispatch_use(message) == USE_CHANGE;
		if (changes && study_table_begin(house->table, &error) != 0)
			abort();
		if (dispatch_run(&reply, message, asker, &house->around) != 0)
			abort(); /* nobody takes jobs here */
		if (changes && study_table_commit(house->table, &error) != 0)
			abort();
		cJSON_Delete(message);
	}
	if (!reply || strlen(reply) > FRAME_MAX_BYTES + 1 || reply[strlen(reply) - 1] != '\n')
		abort();
	memory_free(reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct house house = {0};
	struct caller caller = {.local = true, .roles = ROLE_WORKER | ROLE_VIEWER | ROLE_ADMIN};
	struct frame_reader frames = FRAME_READER_NULL;
	struct asker asker = {.caller = &caller};
	char *line;
	size_t length;
	open_house(&house);
	/* in two pieces, as a socket would */
	if (frame_reader_push(&frames, (const char *)data, size / 2) == 0)
		while ((line = frame_reader_next(&frames, &length)))
			run_line(&house, &asker, line, length);
	if (frame_reader_push(&frames, (const char *)data + size / 2, size - size / 2) == 0)
		while ((line = frame_reader_next(&frames, &length)))
			run_line(&house, &asker, line, length);
	frame_reader_finish(&frames);
	caller_finish(&caller);
	close_house(&house);
	return 0;
}
