#include "config.h"

#include <stdio.h>

#include "my500/clock.h"
#include "my500/identity.h"
#include "my500/token.h"
#include "my500/user_cache.h"
#include "my500/user_json.h"

/* For a reason that is a claim's, not a parameter's: only the text counts. */
static enum status
unauthorized(struct reason *why, const char *text)
{
	why->field = NULL;
	snprintf(why->text, sizeof(why->text), "%s", text);
	return STATUS_UNAUTHORIZED;
}

enum status
identity_verify(struct identity *identity, struct token_verifier *verifier,
	struct slice authorization, struct reason *why)
{
	struct slice token = authorization, scheme;

	if (!slice_split(&token, ' ', &scheme) ||
		!slice_equals_nocase(scheme, "Bearer"))
		return unauthorized(why, "");
	return token_verify(verifier, slice_trim(token), clock_wall_s(),
		identity->user_id, why);
}

enum status
identity_recall(struct identity *identity, const struct memcached_item *item,
	const struct stamp *now, struct reason *why)
{
	struct slice json;

	identity->cached = (struct slice){ NULL, 0 };
	identity->is_recalled = user_cache_read(item, now, &json);
	if (!identity->is_recalled)
		return STATUS_OK;
	if (json.len == 0)
		return unauthorized(why, "the user is unknown");
	identity->cached = json;
	return STATUS_OK;
}

enum status
identity_confirm(struct identity *identity, const struct user *user,
	struct arena *arena, struct reason *why)
{
	struct buffer json = { NULL, 0, 0 };

	if (user->cells[USER_id].ptr == NULL) {
		identity->to_store = slice_of("");
		return unauthorized(why, "the user is unknown");
	}
	user_json_add(&json, user);
	if (!slice_equals(buffer_slice(&json), identity->cached))
		identity->to_store = slice_of(
			arena_copy(arena, buffer_slice(&json)));
	buffer_close(&json);
	return STATUS_OK;
}

void
identity_remember(const struct identity *identity, struct memcached *memcached,
	const struct stamp *stamp, int64_t life_s)
{
	if (identity->to_store.ptr == NULL || !stamp_is_whole(stamp))
		return;
	if (identity->to_store.len == 0)
		user_cache_write_unknown(memcached, identity->user_id, stamp);
	else
		user_cache_write(memcached, identity->user_id, stamp,
			identity->to_store, life_s);
}
