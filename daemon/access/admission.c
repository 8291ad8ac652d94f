#include "daemon/access/admission.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/storage/store_token.h"
#include "schema/base/log.h"
#include "schema/base/sha256.h"

/* However many letters agree, it takes as long. */
static bool is_same(const char *a, const char *b, size_t length)
{
	unsigned differences = 0;
	for (size_t i = 0; i < length; i++)
		differences |= (unsigned)(a[i] ^ b[i]);
	return differences == 0;
}

static bool knows_secret(const struct credential *credential, const struct token_record *token)
{
	char shown[SHA256_HEX_BYTES], kept[SHA256_HEX_BYTES] = "";
	sha256_hex(shown, credential->secret, sizeof credential->secret);
	snprintf(kept, sizeof kept, "%s", token->secret_sha256);
	return is_same(shown, kept, sizeof kept);
}

bool admission_is_over(const struct access *access, struct walltime expires)
{
	return expires.us != 0 && access->clock->wall(access->clock).us >= expires.us;
}

int admission_say_over(struct walltime expires, struct error *error)
{
	char date[WALLTIME_TEXT_BYTES];
	walltime_iso(expires, date);
	date[TOKEN_DATE_BYTES - 1] = '\0';
	return error_set(error, -EACCES, "this token expired on %s", date);
}

/* What only its owner hears. */
static int check_life(const struct access *access, const struct token_record *token, struct error *error)
{
	if (token->revoked.us != 0)
		return error_set(error, -EACCES, "this token was revoked");
	return admission_is_over(access, token->expires) ? admission_say_over(token->expires, error) : 0;
}

static int from_store(const struct access *access, int rc, struct error *error)
{
	const struct error *cause = store_error(access->store);
	return rc == 0 ? 0 : error_fold(error, rc < 0 ? rc : -EIO, cause, "%s", cause->text);
}

static int take_use(struct access *access, const struct credential *credential, const struct token_record *token,
        struct error *error)
{
	bool known = false;
	int rc = 0;
	if (token->uses_left >= 0)
		rc = store_token_has_session(&known, access->store, token->id, credential->session);
	const bool counts = rc == 0 && token->uses_left >= 0 && !known;
	if (counts && token->uses_left == 0)
		return error_set(error, -EACCES,
		        "this token was used as often as it may be: ask for a new line with 'kre-search join'");
	const struct token_use use = {
	        token->id, credential->session, credential->from, access->clock->wall(access->clock), counts};
	if (rc == 0)
		rc = store_token_use(access->store, &use);
	return from_store(access, rc, error);
}

static int check(struct token_record *token, struct access *access, const struct credential *credential,
        struct arena *arena, struct error *error)
{
	*token = (struct token_record){.secret_sha256 = ""};
	int rc = store_token_find(token, access->store, credential->id, arena);
	if (rc < 0)
		return from_store(access, rc, error);
	const bool known = knows_secret(credential, token);
	if (rc != 0 || !known)
		return error_set(error, -EACCES, "this token is not known here");
	rc = check_life(access, token, error);
	return rc < 0 ? rc : take_use(access, credential, token, error);
}

static void tell_log(struct access *access, const char *from, const char *why)
{
	int64_t silent_count = knocks_note(&access->knocks, from, access->clock->monotonic(access->clock));
	if (silent_count > 0)
		log_warning("%s was refused: %s (and %lld times more before)", from, why, (long long)silent_count);
	else if (silent_count == 0)
		log_warning("%s was refused: %s", from, why);
}

int admission_check(struct admission *out, struct access *access, const struct credential *credential,
        struct arena *arena, struct error *error)
{
	struct token_record token;
	int rc = check(&token, access, credential, arena, error);
	if (rc == -EACCES)
		tell_log(access, credential->from, error->text);
	if (rc < 0)
		return rc;
	int role = words_find(&role_words, token.role);
	if (role < 0)
		return error_set(error, -EIO, "the token %08llx has no role", (unsigned long long)token.id);
	*out = (struct admission){token.id, (enum role)role, token.study, token.expires};
	return 0;
}
