#include "config.h"

#include <stdio.h>

#include "my500/model.h"
#include "my500/user_cache.h"

#define UNKNOWN_LIFE_S 30

/* The number is the version of what is stored. */
#define PREFIX "my500:1:u:"

struct key {
	char text[sizeof(PREFIX) + USER_ID_MAX];
};

/* A user's id has nothing but [A-Za-z0-9_-]: token_verify() saw to it. */
static struct slice
make_key(struct key *key, const char *user_id)
{
	int len = snprintf(key->text, sizeof(key->text), PREFIX "%s", user_id);

	return (struct slice){ key->text, (size_t)len };
}

enum status
user_cache_read(struct memcached *m, const char *user_id, struct slice *json)
{
	struct key key;

	return memcached_read(
		m, slice_of(user_id), make_key(&key, user_id), json);
}

void
user_cache_write(struct memcached *m, const char *user_id, struct slice json,
	int64_t life_s)
{
	struct key key;

	/* a failure has been logged, and the next request asks anew */
	(void)!memcached_write(
		m, slice_of(user_id), make_key(&key, user_id), json, life_s);
}

void
user_cache_write_unknown(struct memcached *m, const char *user_id)
{
	user_cache_write(m, user_id, slice_of(""), UNKNOWN_LIFE_S);
}
