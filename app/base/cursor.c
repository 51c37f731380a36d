#include "config.h"

#include <string.h>

#include "my500/base64url.h"
#include "my500/cursor.h"
#include "my500/digest.h"
#include "my500/timestamp.h"

/* A cursor is the seal, this head, and the numbers, high bytes first: the
 * warmness score, createdAt, lastContacted if there is one, the id. */
#define HEAD_VERSION        0x10
#define HEAD_VERSION_MASK   0xf0
#define HEAD_ADDED          0x01
#define HEAD_LAST_CONTACTED 0x02
#define HEAD_DENSE          0x04

#define SEAL_BYTES 8
#define HEAD_BYTES 1

static void
add_number(struct buffer *out, uint64_t number, int bytes)
{
	while (bytes-- > 0)
		buffer_add_char(out, (char)(number >> (8 * bytes) & 0xff));
}

static uint64_t
cut_number(struct slice *rest, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number = number << 8 | (unsigned char)rest->ptr[i];
	rest->ptr += bytes;
	rest->len -= bytes;
	return number;
}

/* What is sealed; none of its parts but the last can hold a NUL. */
static void
make_seal(const struct page_params *params, struct slice place,
	unsigned char seal[DIGEST_BYTES])
{
	struct buffer all = { NULL, 0, 0 };

	buffer_add_text(&all, params->user_id);
	buffer_add_char(&all, '\0');
	buffer_add_text(&all, params->is_search ? "search" : "list");
	buffer_add_char(&all, '\0');
	buffer_add_slice(&all, params->q);
	buffer_add_char(&all, '\0');
	buffer_add_slice(&all, place);
	digest_bytes(buffer_slice(&all), seal);
	buffer_close(&all);
}

static void
add_place(struct buffer *out, const struct cursor *cursor)
{
	const struct place *place = &cursor->after;
	unsigned head = HEAD_VERSION;

	if (place->added_to_campaign)
		head |= HEAD_ADDED;
	if (place->has_last_contacted)
		head |= HEAD_LAST_CONTACTED;
	if (cursor->is_dense)
		head |= HEAD_DENSE;
	add_number(out, head, HEAD_BYTES);
	add_number(out, (uint64_t)place->warmness_score, 4);
	add_number(out, (uint64_t)place->created_us, 8);
	if (place->has_last_contacted)
		add_number(out, (uint64_t)place->last_contacted_us, 8);
	buffer_add_slice(out, place->id);
}

void
cursor_add(struct buffer *out, const struct page_params *params,
	const struct cursor *cursor)
{
	struct buffer place = { NULL, 0, 0 }, sealed = { NULL, 0, 0 };
	unsigned char seal[DIGEST_BYTES];

	add_place(&place, cursor);
	make_seal(params, buffer_slice(&place), seal);
	buffer_add(&sealed, (const char *)seal, SEAL_BYTES);
	buffer_add_slice(&sealed, buffer_slice(&place));
	base64url_add(out, buffer_slice(&sealed));
	buffer_close(&place);
	buffer_close(&sealed);
}

/* Whatever its author meant: nothing that PostgreSQL would stumble over. */
static bool
read_place(struct slice rest, struct arena *arena, struct cursor *cursor)
{
	struct place *place = &cursor->after;
	uint64_t head = cut_number(&rest, HEAD_BYTES);
	size_t times = (head & HEAD_LAST_CONTACTED) != 0 ? 2 : 1;

	if ((head & HEAD_VERSION_MASK) != HEAD_VERSION ||
		rest.len < 4 + 8 * times)
		return false;
	cursor->is_dense = (head & HEAD_DENSE) != 0;
	place->added_to_campaign = (head & HEAD_ADDED) != 0;
	place->has_last_contacted = times == 2;
	place->warmness_score = (int32_t)cut_number(&rest, 4);
	place->created_us = (int64_t)cut_number(&rest, 8);
	place->last_contacted_us = times == 2 ? (int64_t)cut_number(&rest, 8)
					      : 0;
	place->id = (struct slice){ arena_copy(arena, rest), rest.len };
	return timestamp_is_valid(place->created_us) &&
		timestamp_is_valid(place->last_contacted_us) &&
		slice_is_utf8(rest) &&
		memchr(place->id.ptr, '\0', rest.len) == NULL;
}

bool
cursor_read(struct slice text, struct arena *arena, struct page_params *params)
{
	struct buffer sealed = { NULL, 0, 0 };
	unsigned char seal[DIGEST_BYTES];
	bool is_ours = false;

	if (base64url_decode(text, &sealed) &&
		sealed.len >= SEAL_BYTES + HEAD_BYTES) {
		struct slice place = { sealed.ptr + SEAL_BYTES,
			sealed.len - SEAL_BYTES };

		make_seal(params, place, seal);
		is_ours = memcmp(seal, sealed.ptr, SEAL_BYTES) == 0 &&
			read_place(place, arena, &params->cursor);
	}
	buffer_close(&sealed);
	return is_ours;
}
