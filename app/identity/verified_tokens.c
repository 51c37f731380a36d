#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "my500/digest.h"
#include "my500/memory.h"
#include "my500/verified_tokens.h"

#define ROWS 1024 /* a token has one place, by its digest */

struct row {
	unsigned char digest[DIGEST_BYTES];
	int64_t from_s;
	int64_t until_s; /* 0: nobody is here */
	char user_id[USER_ID_MAX + 1];
};

struct verified_tokens {
	struct row rows[ROWS];
};

struct verified_tokens *
verified_tokens_open(void)
{
	return memory_zeroed(1, sizeof(struct verified_tokens));
}

void
verified_tokens_close(struct verified_tokens **tokens)
{
	free(*tokens);
	*tokens = NULL;
}

static size_t
place(const unsigned char digest[DIGEST_BYTES])
{
	return (size_t)(digest[0] << 8 | digest[1]) % ROWS;
}

bool
verified_tokens_find(const struct verified_tokens *tokens, struct slice token,
	int64_t now_s, char user_id[USER_ID_MAX + 1])
{
	unsigned char digest[DIGEST_BYTES];
	const struct row *row;

	digest_bytes(token, digest);
	row = &tokens->rows[place(digest)];
	if (memcmp(row->digest, digest, sizeof(digest)) != 0 ||
		now_s < row->from_s || now_s >= row->until_s)
		return false;
	memcpy(user_id, row->user_id, sizeof(row->user_id));
	return true;
}

void
verified_tokens_add(struct verified_tokens *tokens, struct slice token,
	int64_t from_s, int64_t until_s, const char *user_id)
{
	struct row row = { .from_s = from_s, .until_s = until_s };

	digest_bytes(token, row.digest);
	snprintf(row.user_id, sizeof(row.user_id), "%s", user_id);
	tokens->rows[place(row.digest)] = row;
}
