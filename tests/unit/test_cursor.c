#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/base64url.h"
#include "my500/cursor.h"
#include "my500/digest.h"
#include "my500/timestamp.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

#define FIRST_US INT64_C(-211813488000000000)
#define END_US   INT64_C(9223371331200000000)
#define CUID     "cm5x8q2lz0000v8l4h2k9d3fa"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz"
			       "0123456789-_";

static const struct page_params list = { .user_id = "u1" };
static const struct page_params search = {
	.user_id = "u1", .is_search = true, .q = TEXT_OF("m\xc3\xbc")
};

static const struct cursor usual = {
	.after = { true, 42, true, 1, INT64_C(758624400000000), TEXT_OF(CUID) },
};

/* Reads as `asked` would; what it gives borrows from `arena`. */
static bool
reads(const struct page_params *asked, struct slice text, struct arena *arena,
	struct cursor *cursor)
{
	struct page_params params = *asked;
	bool is_read;

	memset(&params.cursor, 0x55, sizeof(params.cursor));
	is_read = cursor_read(text, arena, &params);
	*cursor = params.cursor;
	return is_read;
}

static bool
is_taken(const struct page_params *asked, struct slice text)
{
	struct arena *arena = arena_open();
	struct cursor cursor;
	bool taken = reads(asked, text, arena, &cursor);

	arena_close(&arena);
	return taken;
}

static void
expect_same(
	const char *name, const struct cursor *got, const struct cursor *want)
{
	const struct place *g = &got->after, *w = &want->after;

	if (got->is_dense != want->is_dense ||
		g->added_to_campaign != w->added_to_campaign ||
		g->warmness_score != w->warmness_score ||
		g->has_last_contacted != w->has_last_contacted ||
		(w->has_last_contacted &&
			g->last_contacted_us != w->last_contacted_us) ||
		g->created_us != w->created_us || !slice_equals(g->id, w->id))
		fail_msg("%s: %d %d %d %d %lld %lld %.*s", name, got->is_dense,
			g->added_to_campaign, (int)g->warmness_score,
			g->has_last_contacted, (long long)g->last_contacted_us,
			(long long)g->created_us, (int)g->id.len, g->id.ptr);
}

/* Put together and sealed by Python: a cursor outlives an update of my500. */
static const struct {
	const char *name;
	const struct page_params *params;
	struct cursor cursor;
	const char *text;
} known[] = {
	{ "a list's", &list,
		{ .after = { true, 42, true, 1, INT64_C(758624400000000),
			  TEXT_OF("c1") } },
		"jYz-yybM74ATAAAAKgACsfcB4UQAAAAAAAAAAAFjMQ" },
	{ "a search's", &search,
		{ .after = { false, -7, false, 0, -1, TEXT_OF("c\xc3\xa9") },
			.is_dense = true },
		"7sEL_gora0kU____-f__________Y8Op" },
};

static void
has_the_known_form(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(known); i++) {
		struct buffer out = { NULL, 0, 0 };
		struct cursor got;

		buffer_add_char(&out, '"');
		cursor_add(&out, known[i].params, &known[i].cursor);
		buffer_add_char(&out, '\0');
		if (out.ptr[0] != '"' ||
			strcmp(out.ptr + 1, known[i].text) != 0)
			fail_msg("%s: %s", known[i].name, out.ptr);
		if (!reads(known[i].params, slice_of(known[i].text), arena,
			    &got))
			fail_msg("%s: refused", known[i].name);
		expect_same(known[i].name, &got, &known[i].cursor);
		buffer_close(&out);
	}
	arena_close(&arena);
}

static const struct {
	const char *name;
	struct cursor cursor;
} places[] = {
	{ "usual",
		{ .after = { true, 42, true, INT64_C(758624400000000),
			  INT64_C(762525296789000), TEXT_OF(CUID) } } },
	{ "all zero", { .after = { .id = TEXT_OF("") } } },
	{ "first",
		{ .after = { true, INT32_MIN, true, TIMESTAMP_MINUS_INFINITY,
			  TIMESTAMP_INFINITY, TEXT_OF("") } } },
	{ "last",
		{ .after = { false, INT32_MAX, false, 0,
			  TIMESTAMP_MINUS_INFINITY,
			  TEXT_OF("\xf4\x8f\xbf\xbf") } } },
	{ "contacted in infinity",
		{ .after = { false, INT32_MAX, true, TIMESTAMP_INFINITY,
			  TIMESTAMP_MINUS_INFINITY, TEXT_OF("z") } } },
	{ "minus one everywhere",
		{ .after = { false, -1, true, -1, -1, TEXT_OF("c") } } },
	{ "earliest timestamps",
		{ .after = { true, 0, true, FIRST_US, FIRST_US,
			  TEXT_OF("c") } } },
	{ "latest timestamps",
		{ .after = { true, 0, true, END_US - 1, END_US - 1,
			  TEXT_OF("c") } } },
	{ "contacted in 2000",
		{ .after = { true, 0, true, 0, 1, TEXT_OF("c") } } },
	{ "each byte its own",
		{ .after = { true, 0x01020304, true,
			  INT64_C(0x0122334455667788),
			  INT64_C(0x0a1a2a3a4a5a6a7a), TEXT_OF("c") } } },
	{ "dense",
		{ .after = { false, 1, false, 0, 2, TEXT_OF("c") },
			.is_dense = true } },
	{ "dense, contacted, in a campaign",
		{ .after = { true, 1, true, 3, 2, TEXT_OF("c") },
			.is_dense = true } },
	{ "id of any characters",
		{ .after = { false, 1, false, 0, 2,
			  TEXT_OF("\"'\\%_\n\x01\x7f \xe2\x82\xac") } } },
	{ "id of 100 characters",
		{ .after = { false, 1, false, 0, 2,
			  TEXT_OF("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
				  "cccccccccccccccccccc") } } },
};

static void
round_trips(void **state)
{
	struct arena *arena = arena_open();
	const struct page_params *const both[] = { &list, &search };

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++)
		for (size_t j = 0; j < COUNT(both); j++) {
			struct buffer out = { NULL, 0, 0 };
			struct cursor got;

			cursor_add(&out, both[j], &places[i].cursor);
			if (!reads(both[j], buffer_slice(&out), arena, &got))
				fail_msg("%s: refused", places[i].name);
			/* what was read stays when the text is gone */
			memset(out.ptr, 'x', out.len);
			expect_same(places[i].name, &got, &places[i].cursor);
			buffer_close(&out);
		}
	arena_close(&arena);
}

/* It is to fit into a URL with all else; a cuid has 25 characters. */
static void
is_short_and_of_plain_characters(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		struct cursor cursor = places[i].cursor;
		struct buffer out = { NULL, 0, 0 };

		cursor.after.id = slice_of(CUID);
		assert_int_equal(cursor.after.id.len, 25);
		cursor_add(&out, &search, &cursor);
		if (out.len >= 80 ||
			!slice_consists_of(buffer_slice(&out), alphabet))
			fail_msg("%s: %.*s", places[i].name, (int)out.len,
				out.ptr);
		buffer_close(&out);
	}
}

static const struct {
	const char *name;
	struct page_params given, asked;
	bool want;
} bindings[] = {
	{ "the same list", { .user_id = "u1" }, { .user_id = "u1" }, true },
	{ "the same search",
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("a") },
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("a") },
		true },
	{ "q empty and absent",
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("") },
		{ .user_id = "u1", .is_search = true, .q = { NULL, 0 } },
		true },
	{ "another limit", { .user_id = "u1", .limit = 20, .activities = 5 },
		{ .user_id = "u1", .limit = 7, .activities = 0 }, true },
	{ "another user", { .user_id = "u1" }, { .user_id = "u2" }, false },
	{ "a user with a longer id", { .user_id = "u1" }, { .user_id = "u11" },
		false },
	{ "a user with a shorter id", { .user_id = "u1" }, { .user_id = "u" },
		false },
	{ "a user of another case", { .user_id = "u1" }, { .user_id = "U1" },
		false },
	{ "a search instead of a list", { .user_id = "u1" },
		{ .user_id = "u1", .is_search = true }, false },
	{ "a list instead of a search", { .user_id = "u1", .is_search = true },
		{ .user_id = "u1" }, false },
	{ "another q",
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("a") },
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("b") },
		false },
	{ "q of another case",
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("a") },
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("A") },
		false },
	{ "q with a blank",
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("a") },
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("a ") },
		false },
	{ "q instead of none", { .user_id = "u1", .is_search = true },
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("a") },
		false },
	{ "none instead of q",
		{ .user_id = "u1", .is_search = true, .q = TEXT_OF("a") },
		{ .user_id = "u1", .is_search = true }, false },
	{ "the same letters, parted otherwise",
		{ .user_id = "ab", .is_search = true, .q = TEXT_OF("c") },
		{ .user_id = "a", .is_search = true, .q = TEXT_OF("bc") },
		false },
};

static void
is_bound_to_user_endpoint_and_q(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bindings); i++) {
		struct buffer out = { NULL, 0, 0 };

		cursor_add(&out, &bindings[i].given, &usual);
		if (is_taken(&bindings[i].asked, buffer_slice(&out)) !=
			bindings[i].want)
			fail_msg("%s", bindings[i].name);
		buffer_close(&out);
	}
}

static void
each_character_counts(void **state)
{
	struct arena *arena = arena_open();
	struct buffer out = { NULL, 0, 0 };

	(void)state;
	cursor_add(&out, &list, &usual);
	assert_int_equal(out.len, 72);
	for (size_t i = 0; i < out.len; i++) {
		char before = out.ptr[i];

		for (int c = 0; c < 256; c++) {
			struct cursor got;
			bool same = (char)c == before;

			out.ptr[i] = (char)c;
			if (reads(&list, buffer_slice(&out), arena, &got) !=
				same)
				fail_msg("character %zu: %d", i, c);
		}
		out.ptr[i] = before;
		arena_reset(arena);
	}
	buffer_close(&out);
	arena_close(&arena);
}

static void
refuses_a_part_of_it(void **state)
{
	struct buffer out = { NULL, 0, 0 };

	(void)state;
	cursor_add(&out, &list, &usual);
	for (size_t len = 0; len < out.len; len++) {
		struct slice front = { out.ptr, len };
		struct slice back = { out.ptr + out.len - len, len };

		if (is_taken(&list, front) || is_taken(&list, back))
			fail_msg("%zu characters", len);
	}
	assert_true(is_taken(&list, buffer_slice(&out)));
	assert_false(is_taken(&list, slice_of(NULL)));
	buffer_close(&out);
}

static void
refuses_more_than_it(void **state)
{
	static const char *const more[] = { "A", "AA", "AAA", "AAAA", "aWRz",
		"=", "==", " ", "\n", "%20", ".", "\xc3\xa9" };

	(void)state;
	/* at an end of a group of four characters, and within one */
	for (size_t id_len = 23; id_len <= 25; id_len++) {
		struct cursor cursor = usual;
		struct buffer out = { NULL, 0, 0 };
		size_t len;

		cursor.after.id.len = id_len;
		cursor_add(&out, &list, &cursor);
		len = out.len;
		assert_true(is_taken(&list, buffer_slice(&out)));
		for (size_t i = 0; i < COUNT(more); i++) {
			out.len = len;
			buffer_add_text(&out, more[i]);
			if (is_taken(&list, buffer_slice(&out)))
				fail_msg("%zu: %s behind", id_len, more[i]);
			buffer_clear(&out, 4096);
			buffer_add_text(&out, more[i]);
			cursor_add(&out, &list, &cursor);
			if (is_taken(&list, buffer_slice(&out)))
				fail_msg("%zu: %s in front", id_len, more[i]);
			buffer_clear(&out, 4096);
			cursor_add(&out, &list, &cursor);
		}
		buffer_close(&out);
	}
}

/* Contents that were never given out, under the seal that fits them: it is no
 * secret. */
#define SCORE     "\x00\x00\x00\x2a"
#define TIME      "\x00\x02\xb1\xf7\x01\xe1\x44\x00"
#define MIN       "\x80\x00\x00\x00\x00\x00\x00\x00"
#define MIN_1     "\x80\x00\x00\x00\x00\x00\x00\x01"
#define MAX       "\x7f\xff\xff\xff\xff\xff\xff\xff"
#define MAX_1     "\x7f\xff\xff\xff\xff\xff\xff\xfe"
#define FIRST     "\xfd\x0f\x7c\xc1\x41\x1f\xa0\x00"
#define BEFORE    "\xfd\x0f\x7c\xc1\x41\x1f\x9f\xff"
#define END       "\x7f\xff\xff\x5b\xb3\xb2\xa0\x00"
#define BEFOREEND "\x7f\xff\xff\x5b\xb3\xb2\x9f\xff"

static const struct {
	const char *name;
	struct slice place;
	bool want;
} hand_made[] = {
	{ "good", TEXT_OF("\x10" SCORE TIME "c1"), true },
	{ "good, contacted", TEXT_OF("\x12" SCORE TIME TIME "c1"), true },
	{ "good, all flags", TEXT_OF("\x17" SCORE TIME TIME "c1"), true },
	{ "good, without an id", TEXT_OF("\x10" SCORE TIME), true },
	{ "good, infinite", TEXT_OF("\x12" SCORE MAX MIN "c1"), true },
	{ "good, extreme", TEXT_OF("\x12" SCORE FIRST BEFOREEND "c1"), true },
	{ "good, extreme the other way",
		TEXT_OF("\x12" SCORE BEFOREEND FIRST "c1"), true },
	/* versions */
	{ "version 0", TEXT_OF("\x00" SCORE TIME "c1"), false },
	{ "version 2", TEXT_OF("\x20" SCORE TIME "c1"), false },
	{ "version 3", TEXT_OF("\x30" SCORE TIME "c1"), false },
	{ "version 9", TEXT_OF("\x90" SCORE TIME "c1"), false },
	{ "version 15", TEXT_OF("\xf0" SCORE TIME "c1"), false },
	/* too short */
	{ "nothing", TEXT_OF(""), false },
	{ "a head", TEXT_OF("\x10"), false },
	{ "no createdAt", TEXT_OF("\x10" SCORE), false },
	{ "half a score", TEXT_OF("\x10\x00\x00"), false },
	{ "a byte short", TEXT_OF("\x10" SCORE "\x00\x02\xb1\xf7\x01\xe1\x44"),
		false },
	{ "no lastContacted", TEXT_OF("\x12" SCORE TIME), false },
	{ "an id for lastContacted", TEXT_OF("\x12" SCORE TIME "c1"), false },
	{ "lastContacted a byte short",
		TEXT_OF("\x12" SCORE TIME "\x00\x02\xb1\xf7\x01\xe1\x44"),
		false },
	/* timestamps that PostgreSQL has not */
	{ "createdAt before the first", TEXT_OF("\x10" SCORE BEFORE "c1"),
		false },
	{ "createdAt after the last", TEXT_OF("\x10" SCORE END "c1"), false },
	{ "createdAt next to -infinity", TEXT_OF("\x10" SCORE MIN_1 "c1"),
		false },
	{ "createdAt next to infinity", TEXT_OF("\x10" SCORE MAX_1 "c1"),
		false },
	{ "createdAt, though contacted", TEXT_OF("\x12" SCORE MIN_1 TIME "c1"),
		false },
	{ "lastContacted before the first",
		TEXT_OF("\x12" SCORE TIME BEFORE "c1"), false },
	{ "lastContacted after the last", TEXT_OF("\x12" SCORE TIME END "c1"),
		false },
	{ "lastContacted next to -infinity",
		TEXT_OF("\x12" SCORE TIME MIN_1 "c1"), false },
	{ "lastContacted next to infinity",
		TEXT_OF("\x12" SCORE TIME MAX_1 "c1"), false },
	/* ids that PostgreSQL has not */
	{ "NUL", TEXT_OF("\x10" SCORE TIME "\0"), false },
	{ "NUL inside", TEXT_OF("\x10" SCORE TIME "c\0001"), false },
	{ "NUL behind", TEXT_OF("\x10" SCORE TIME "c1\0"), false },
	{ "NUL, though contacted", TEXT_OF("\x12" SCORE TIME TIME "c1\0"),
		false },
	{ "Latin 1", TEXT_OF("\x10" SCORE TIME "J\xf6rg"), false },
	{ "half a character", TEXT_OF("\x10" SCORE TIME "c\xc3"), false },
	{ "a surrogate", TEXT_OF("\x10" SCORE TIME "\xed\xa0\x80"), false },
	{ "overlong NUL", TEXT_OF("\x10" SCORE TIME "\xc0\x80"), false },
	{ "beyond Unicode", TEXT_OF("\x10" SCORE TIME "\xf4\x90\x80\x80"),
		false },
};

/* The seal of the user u1's list. */
static void
seal_and_encode(struct buffer *out, struct slice place)
{
	struct buffer all = { NULL, 0, 0 }, sealed = { NULL, 0, 0 };
	unsigned char seal[DIGEST_BYTES];

	/* with the NUL at its end, which follows an empty q */
	buffer_add(&all, "u1\0list\0", sizeof("u1\0list\0"));
	buffer_add_slice(&all, place);
	digest_bytes(buffer_slice(&all), seal);
	buffer_add(&sealed, (const char *)seal, 8);
	buffer_add_slice(&sealed, place);
	base64url_add(out, buffer_slice(&sealed));
	buffer_close(&all);
	buffer_close(&sealed);
}

static void
looks_at_what_a_right_seal_covers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(hand_made); i++) {
		struct buffer out = { NULL, 0, 0 };

		seal_and_encode(&out, hand_made[i].place);
		if (is_taken(&list, buffer_slice(&out)) != hand_made[i].want)
			fail_msg("%s", hand_made[i].name);
		buffer_close(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_known_form),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(is_short_and_of_plain_characters),
		cmocka_unit_test(is_bound_to_user_endpoint_and_q),
		cmocka_unit_test(each_character_counts),
		cmocka_unit_test(refuses_a_part_of_it),
		cmocka_unit_test(refuses_more_than_it),
		cmocka_unit_test(looks_at_what_a_right_seal_covers),
	};

	return cmocka_run_group_tests_name("cursor", tests, NULL, NULL);
}
