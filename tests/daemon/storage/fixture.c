#include "daemon/storage/store_run.h"
#include "tests/daemon/storage/fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "schema/base/memory.h"

static void must(bool true_or_end, const char *what)
{
	if (true_or_end)
		return;
	fprintf(stderr, "fixture: %s failed\n", what);
	abort();
}

static struct space *make_space(void)
{
	static const struct choice choices[] = {{"\"adam\"", "adam"}, {"null", "None"}, {"true", "True"},
	        {"2.5", "2.5"}, {"\"\\ud558\\ub098\"", "하나"}};
	struct space *space = NULL;
	if (space_create(&space))
		return NULL;
	bool made = space_add_int(space, "layers", &(struct param_range){1, 9, 2, false}) &&
	            space_add_float(space, "lr", &(struct param_range){1e-5, 0.1, 0, true}) &&
	            space_add_categorical(space, "optimizer", choices, 5) &&
	            space_add_float(space, "q", &(struct param_range){0, 1, 0.25, false}) &&
	            space_add_int(space, "units", &(struct param_range){1, 1024, 1, true}) &&
	            space_freeze(space, NULL) == 0;
	if (made)
		return space;
	space_destroy(space);
	return NULL;
}

struct study_spec *fixture_spec(const char *name, const char *second)
{
	struct study_spec *spec = memory_alloc(1, sizeof *spec);
	if (!spec)
		return NULL;
	spec->space = make_space();
	spec->name = arena_strdup(&spec->arena, name);
	spec->objectives = arena_alloc(&spec->arena, 2 * sizeof *spec->objectives);
	if (!spec->space || !spec->name || !spec->objectives) {
		study_spec_destroy(spec);
		return NULL;
	}
	spec->objective_count = second ? 2 : 1;
	spec->objectives[0] = (struct objective){"f1", MAXIMIZE, (double)NAN};
	spec->objectives[1] = (struct objective){second, MINIMIZE, (double)NAN};
	spec->prune_metric = "f1";
	spec->folds = 1;
	spec->description = "";
	spec->json = "{\"name\":\"quick\"}";
	return spec;
}

struct walltime fixture_time(int64_t seconds)
{
	return (struct walltime){(INT64_C(1767225600) + seconds) * 1000000 + 123456};
}

int fixture_study_add(struct store *store, const struct study_spec *spec, int64_t *id)
{
	struct study_row row = {.name = spec->name,
	        .spec_json = spec->json,
	        .state = STUDY_RUNNING,
	        .reason = "",
	        .seed = UINT64_MAX,
	        .created = fixture_time(0)};
	return store_study_insert(id, store, spec, &row);
}

void fixture_init(struct fixture *fixture)
{
	const char *parent = getenv("TMPDIR");
	memset(fixture, 0, sizeof *fixture);
	snprintf(fixture->folder, sizeof fixture->folder, "%s/kre-store-XXXXXX", parent ? parent : "/tmp");
	must(mkdtemp(fixture->folder) != NULL, "mkdtemp");
	snprintf(fixture->path, sizeof fixture->path, "%s/trials.db", fixture->folder);
	fixture->spec = fixture_spec("quick", NULL);
	must(fixture->spec != NULL, "spec");
	must(store_open(&fixture->store, fixture->path, NULL) == 0, "store_open");
	must(store_begin(fixture->store) == 0, "begin");
	must(fixture_study_add(fixture->store, fixture->spec, &fixture->study_id) == 0, "study");
	must(store_commit(fixture->store) == 0, "commit");
}

void fixture_finish(struct fixture *fixture)
{
	char file[320];
	static const char *const endings[] = {"", "-wal", "-shm", "-journal", ".copy"};
	store_close(fixture->store);
	study_spec_destroy(fixture->spec);
	for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
		snprintf(file, sizeof file, "%s%s", fixture->path, endings[i]);
		unlink(file);
	}
	must(rmdir(fixture->folder) == 0, "rmdir");
}

void fixture_reopen(struct fixture *fixture)
{
	struct error error = {0};
	store_close(fixture->store);
	int code = store_open(&fixture->store, fixture->path, &error);
	must(code == 0, error.text);
}

void fixture_trial_add(struct fixture *fixture, struct fixture_trial *trial, double lr)
{
	*trial = (struct fixture_trial){.point = {3, lr, 1, 0.75, 64}, .values = {(double)NAN, (double)NAN}};
	trial->record = (struct trial_record){.study_id = fixture->study_id,
	        .state = TRIAL_RUNNING,
	        .started = fixture_time(10),
	        .point = trial->point,
	        .values = trial->values};
	must(store_begin(fixture->store) == 0, "begin");
	must(store_trial_insert(fixture->store, fixture->spec, &trial->record) == 0, "trial");
	trial->run = (struct run_record){.trial_id = trial->record.id,
	        .lease = 1,
	        .state = RUN_LEASED,
	        .started = fixture_time(10),
	        .expires = fixture_time(70),
	        .value = (double)NAN};
	must(store_run_insert(fixture->store, &trial->run) == 0, "run");
	must(store_commit(fixture->store) == 0, "commit");
}

void fixture_trial_end(struct fixture *fixture, struct fixture_trial *trial, enum trial_state state, double value)
{
	trial->record.state = state;
	trial->record.completed = fixture_time(40);
	trial->values[0] = value;
	must(store_begin(fixture->store) == 0, "begin");
	must(store_trial_finish(fixture->store, fixture->spec, &trial->record) == 0, "finish");
	must(store_commit(fixture->store) == 0, "commit");
}

void fixture_sql(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	must(sqlite3_open(path, &db) == SQLITE_OK, "sqlite3_open");
	sqlite3_busy_timeout(db, 2000);
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		must(false, sqlite3_errmsg(db));
	sqlite3_close(db);
}

void fixture_ask(const char *path, const char *sql, char out[1024])
{
	sqlite3 *db = NULL;
	sqlite3_stmt *row = NULL;
	must(sqlite3_open(path, &db) == SQLITE_OK, "sqlite3_open");
	if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
		must(false, sqlite3_errmsg(db));
	const unsigned char *text = sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_text(row, 0) : NULL;
	snprintf(out, 1024, "%s", text ? (const char *)text : "");
	sqlite3_finalize(row);
	sqlite3_close(db);
}
