#include "daemon/storage/store_deletion.h"

#include "daemon/storage/statement.h"
#include "daemon/storage/store_study.h"
#include "daemon/storage/store_token.h"

static const char revoke_tokens[] = REVOKE_TOKENS_OF "(SELECT name FROM kre_studies WHERE study_id = ?1)";
static const char rename_study[] =
        "UPDATE studies SET study_name = 'deleted/' || study_id || '/' || study_name WHERE study_id = ?1";
static const char rename_own[] =
        "UPDATE kre_studies SET name = 'deleted/' || study_id || '/' || name WHERE study_id = ?1";
static const char mark[] = "INSERT INTO study_system_attributes (study_id, \"key\", value_json)"
                           " VALUES (?1, 'kre:deleted', 'true')";

static const char any_retired[] = "SELECT study_id FROM study_system_attributes WHERE \"key\" = 'kre:deleted' LIMIT 1";
static const char last_of_some[] = "SELECT coalesce(max(trial_id), 0) FROM"
                                   " (SELECT trial_id FROM trials WHERE study_id = ?1 ORDER BY trial_id LIMIT 10)";

/* Children first: Optuna's foreign keys do not cascade. Ours do. */
#define OF_SOME " WHERE trial_id IN (SELECT trial_id FROM trials WHERE study_id = ?1 AND trial_id <= ?2)"
static const char *const delete_some[] = {
        "DELETE FROM kre_runs" OF_SOME,
        "DELETE FROM trial_heartbeats" OF_SOME,
        "DELETE FROM trial_intermediate_values" OF_SOME,
        "DELETE FROM trial_values" OF_SOME,
        "DELETE FROM trial_params" OF_SOME,
        "DELETE FROM trial_system_attributes" OF_SOME,
        "DELETE FROM trial_user_attributes" OF_SOME,
        "DELETE FROM trials WHERE study_id = ?1 AND trial_id <= ?2",
};

int store_study_retire(struct store *store, int64_t id)
{
	static const char *const changes[] = {revoke_tokens, rename_study, rename_own, mark};
	int rc = 0;
	for (size_t i = 0; !rc && i < sizeof changes / sizeof *changes; i++)
		rc = statement_run(store, changes[i], VALUES(value_int(id)));
	return rc;
}

static int delete_trials(struct store *store, int64_t id, int64_t last)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < sizeof delete_some / sizeof *delete_some; i++)
		rc = statement_run(store, delete_some[i], VALUES(value_int(id), value_int(last)));
	return rc;
}

/* Ten of its trials, or what is left when it has none. */
static int delete_part(struct store *store, int64_t id)
{
	int64_t last = 0;
	int rc = statement_integer(&last, store, last_of_some, VALUES(value_int(id)));
	if (rc)
		return rc;
	return last ? delete_trials(store, id, last) : store_study_delete(store, id);
}

static int find_retired(int64_t *id, struct store *store)
{
	*id = 0;
	int rc = statement_integer(id, store, any_retired, NULL);
	return rc == STORE_GONE ? 0 : rc;
}

int store_deletion_step(bool *left, struct store *store)
{
	int64_t id = 0;
	int rc = find_retired(&id, store);
	if (!rc && id && store_in_transaction(store)) {
		rc = delete_part(store, id);
		if (!rc)
			rc = find_retired(&id, store);
	}
	if (!rc)
		*left = id != 0;
	return rc;
}
