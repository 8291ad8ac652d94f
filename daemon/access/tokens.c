#include "daemon/access/tokens.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/storage/store_token.h"
#include "schema/base/sha256.h"

#define LIFE_MAX_S (100.0 * 365 * 86400)

void token_id_write(char out[TOKEN_ID_BYTES], int64_t id)
{
	snprintf(out, TOKEN_ID_BYTES, "%08" PRIx32, (uint32_t)id);
}

int64_t token_id_read(const char *text)
{
	const size_t length = TOKEN_ID_BYTES - 1;
	if (strlen(text) != length || strspn(text, "0123456789abcdefABCDEF") != length)
		return -1;
	return (int64_t)strtoull(text, NULL, 16);
}

static int from_store(const struct access *access, int rc, struct error *error)
{
	const struct error *cause = store_error(access->store);
	return rc == 0 ? 0 : error_fold(error, rc < 0 ? rc : -EIO, cause, "%s", cause->text);
}

/* ---- issue ---- */

static int draw(void *out, size_t bytes)
{
	return getrandom(out, bytes, 0) == (ssize_t)bytes ? 0 : -EIO;
}

/* One that no token has; 0 is this machine's user. */
static int draw_id(int64_t *out, struct access *access, struct error *error)
{
	uint32_t id = 0;
	int rc = 0;
	do {
		struct arena arena = ARENA_NULL;
		struct token_record taken;
		rc = draw(&id, sizeof id);
		if (rc == 0 && id != 0)
			rc = store_token_find(&taken, access->store, id, &arena);
		arena_finish(&arena);
	} while (rc == 0);
	if (rc != STORE_GONE)
		return rc == -EIO ? error_set(error, rc, "there are no random numbers") : from_store(access, rc, error);
	*out = id;
	return 0;
}

static int check_wish(const struct token_create_request *wish, struct error *error)
{
	if (wish->role == ROLE_ADMIN && wish->study)
		return error_set(error, -EINVAL, "an admin's token is for all studies");
	if (!isnan(wish->expires_s) && !(wish->expires_s >= 0 && wish->expires_s <= LIFE_MAX_S))
		return error_set(error, -EINVAL, "expires_s: expected 0 for never, or up to 100 years");
	return 0;
}

static struct walltime end_of(const struct token_create_request *wish, struct walltime now)
{
	double life_s = wish->expires_s;
	if (isnan(life_s))
		life_s = wish->role == ROLE_ADMIN ? TOKEN_ADMIN_LIFE_S : 0;
	return (struct walltime){life_s > 0 ? now.us + (int64_t)(life_s * 1e6) : 0};
}

int tokens_issue(
        struct token_made *out, struct access *access, const struct token_create_request *wish, struct error *error)
{
	struct token_made made = {0};
	char digest[SHA256_HEX_BYTES];
	int rc = check_wish(wish, error);
	if (rc == 0)
		rc = draw_id(&made.id, access, error);
	if (rc < 0)
		return rc;
	if (draw(made.secret, sizeof made.secret) < 0)
		return error_set(error, -EIO, "there are no random numbers");
	sha256_hex(digest, made.secret, sizeof made.secret);
	const struct walltime now = access->clock->wall(access->clock);
	made.expires = end_of(wish, now);
	const struct token_record token = {.id = made.id,
	        .secret_sha256 = digest,
	        .role = words_name(&role_words, (int)wish->role),
	        .name = wish->name,
	        .study = wish->study ? wish->study : "",
	        .created = now,
	        .expires = made.expires,
	        .uses_left = wish->uses > 0 ? wish->uses : -1};
	rc = store_token_insert(access->store, &token);
	if (rc == 0)
		*out = made;
	return from_store(access, rc, error);
}

/* ---- list ---- */

struct listing {
	struct arena *arena;
	struct token_summary *items;
	size_t count;
};

static const char *copy_or_null(const char *text, struct arena *arena)
{
	return *text ? arena_strdup(arena, text) : NULL;
}

static int add(void *context, const struct token_record *token)
{
	struct listing *listing = context;
	char id[TOKEN_ID_BYTES];
	struct token_summary *grown =
	        arena_grow(listing->arena, listing->items, listing->count, sizeof *listing->items);
	if (!grown)
		return -ENOMEM;
	listing->items = grown;
	token_id_write(id, token->id);
	const int role = words_find(&role_words, token->role);
	struct token_summary *item = &grown[listing->count++];
	*item = (struct token_summary){.id = arena_strdup(listing->arena, id),
	        .name = arena_strdup(listing->arena, token->name),
	        .role = role < 0 ? ROLE_VIEWER : (enum role)role,
	        .study = copy_or_null(token->study, listing->arena),
	        .created = token->created,
	        .expires = token->expires,
	        .revoked = token->revoked,
	        .last_used = token->last_used,
	        .uses_left = token->uses_left,
	        .last_from = arena_strdup(listing->arena, token->last_from)};
	return item->id && item->name && item->last_from && (item->study || !*token->study) ? 0 : -ENOMEM;
}

int tokens_list(struct token_list_answer *out, struct access *access, struct arena *arena, struct error *error)
{
	struct listing listing = {.arena = arena};
	int rc = store_token_each(access->store, add, &listing);
	if (rc == -ENOMEM)
		return error_no_memory(error);
	if (rc != 0)
		return from_store(access, rc, error);
	out->tokens.items = listing.items;
	out->tokens.count = listing.count;
	return 0;
}

/* ---- revoke ---- */

int tokens_revoke(struct access *access, int64_t id, struct error *error)
{
	int rc = store_token_revoke(access->store, id, access->clock->wall(access->clock));
	if (rc == STORE_GONE)
		return error_set(error, TOKEN_UNKNOWN, "there is no such token: 'kre-search tokens' lists them");
	return from_store(access, rc, error);
}
