#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "my500/cursor.h"
#include "my500/page_params.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define X10(text)  text text text text text text text text text text
#define X100(text) X10(X10(text))
#define X200(text) X100(text) X100(text)

/* What a caller has set, and all else otherwise than it should be. */
static struct page_params
asked(const char *user_id, bool is_search)
{
	return (struct page_params){ .user_id = user_id,
		.is_search = is_search,
		.page = -1,
		.limit = -1,
		.activities = -1,
		.q = { "old", 3 },
		.has_cursor = true };
}

static const struct {
	const char *query;
	int64_t page, limit, activities;
} good[] = {
	{ "", 1, 20, 5 },
	{ "page=3&limit=50&activities=7", 3, 50, 7 },
	{ "activities=7&limit=50&page=3", 3, 50, 7 },
	/* the edges of the ranges */
	{ "page=1&limit=1&activities=0", 1, 1, 0 },
	{ "page=1000000&limit=100&activities=20", 1000000, 100, 20 },
	/* absent */
	{ "page=", 1, 20, 5 },
	{ "page", 1, 20, 5 },
	{ "page=&limit=&activities=&cursor=", 1, 20, 5 },
	{ "cursor", 1, 20, 5 },
	{ "page=2&cursor=", 2, 20, 5 },
	/* the first value of a name counts */
	{ "page=2&page=3", 2, 20, 5 },
	{ "page=2&page=x", 2, 20, 5 },
	{ "page=2&page=-1&page=%zz", 2, 20, 5 },
	{ "page=&page=7", 1, 20, 5 },
	{ "page&page=7", 1, 20, 5 },
	{ "cursor=&cursor=abc", 1, 20, 5 },
	{ "p%61ge=2&page=3", 2, 20, 5 },
	/* encoded */
	{ "page=%32", 2, 20, 5 },
	{ "page=1%30", 10, 20, 5 },
	{ "%70%61%67%65=4", 4, 20, 5 },
	{ "l%69mit=9", 1, 9, 5 },
	/* names that we do not know */
	{ "foo=bar", 1, 20, 5 },
	{ "foo=%zz&page=2", 2, 20, 5 },
	{ "foo=%00&page=2", 2, 20, 5 },
	{ "foo=%ff&page=2", 2, 20, 5 },
	{ "%zz=1&page=2", 2, 20, 5 },
	{ "page%00=3", 1, 20, 5 },
	{ "q=anything", 1, 20, 5 },
	{ "PAGE=x", 1, 20, 5 },
	{ "page+=x", 1, 20, 5 },
	{ "+page=x", 1, 20, 5 },
	{ "pages=x", 1, 20, 5 },
	{ "pag=x", 1, 20, 5 },
	{ "page[]=x", 1, 20, 5 },
	{ "page%3D2=x", 1, 20, 5 },
	{ "=5", 1, 20, 5 },
	{ "5", 1, 20, 5 },
	/* nothing between */
	{ "&", 1, 20, 5 },
	{ "&&page=2&&&limit=3&", 2, 3, 5 },
};

static void
takes_what_is_good(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(good); i++) {
		struct page_params got = asked("u1", i % 2 == 1);
		struct reason why = { NULL, "" };
		const char *query = good[i / 2].query;

		if (page_params_read(&got, slice_of(query), arena, &why) !=
			STATUS_OK)
			fail_msg("%s: %s", query, why.text);
		if (got.page != good[i / 2].page ||
			got.limit != good[i / 2].limit ||
			got.activities != good[i / 2].activities)
			fail_msg("%s: %lld, %lld, %lld", query,
				(long long)got.page, (long long)got.limit,
				(long long)got.activities);
		assert_false(got.has_cursor);
		assert_int_equal(got.is_search, i % 2 == 1);
		assert_string_equal(got.user_id, "u1");
	}
	arena_close(&arena);
}

static void
takes_no_query_at_all(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (int is_search = 0; is_search < 2; is_search++) {
		struct page_params got = asked("u1", is_search);
		struct reason why;

		assert_int_equal(
			page_params_read(
				&got, (struct slice){ NULL, 0 }, arena, &why),
			STATUS_OK);
		assert_int_equal(got.page, 1);
		assert_int_equal(got.limit, 20);
		assert_int_equal(got.activities, 5);
		assert_int_equal(got.q.len, 0);
		assert_false(got.has_cursor);
	}
	arena_close(&arena);
}

static const struct {
	const char *query;
	const char *q; /* "": none */
} texts[] = {
	{ "", "" },
	{ "q", "" },
	{ "q=", "" },
	{ "Q=a", "" },
	{ "qq=a", "" },
	{ "page=2&q=a&limit=3", "a" },
	{ "q=a", "a" },
	{ "%71=a", "a" },
	{ "q=0", "0" },
	/* decoded */
	{ "q=a+b", "a b" },
	{ "q=a%20b", "a b" },
	{ "q=a%2Bb", "a+b" },
	{ "q=a%2bb", "a+b" },
	{ "q=a%26limit%3D0", "a&limit=0" },
	{ "q=a=b", "a=b" },
	{ "q==", "=" },
	{ "q=%2541", "%41" },
	{ "q=M%C3%BCller", "M\xc3\xbcller" },
	{ "q=M\xc3\xbcller", "M\xc3\xbcller" },
	{ "q=%F0%9F%98%80", "\xf0\x9f\x98\x80" },
	/* taken as it is */
	{ "q=+a+", " a " },
	{ "q=+", " " },
	{ "q=%0D%0A%09", "\r\n\t" },
	{ "q=%01%7F", "\x01\x7f" },
	{ "q=AbC", "AbC" },
	{ "q=%25_%5C", "%_\\" },
	{ "q=*?.[a-z]^$", "*?.[a-z]^$" },
	{ "q='%20OR%201=1--", "' OR 1=1--" },
	{ "q=%22%3Cb%3E%22", "\"<b>\"" },
	/* a letter and its accent, not put together */
	{ "q=e%CC%81", "e\xcc\x81" },
	/* the first value counts */
	{ "q=a&q=b", "a" },
	{ "q=a&q=%zz", "a" },
	{ "q=&q=b", "" },
	{ "q&q=b", "" },
	/* 200 characters, of one byte to four */
	{ "q=" X200("a"), X200("a") },
	{ "q=" X200("%61"), X200("a") },
	{ "q=" X200("+"), X200(" ") },
	{ "q=" X200("\xc3\xa4"), X200("\xc3\xa4") },
	{ "q=" X200("%C3%A4"), X200("\xc3\xa4") },
	{ "q=" X200("%E2%82%AC"), X200("\xe2\x82\xac") },
	{ "q=" X200("%F0%9F%98%80"), X200("\xf0\x9f\x98\x80") },
};

static void
takes_a_text_as_it_is(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct page_params got = asked("u1", true);
		struct reason why = { NULL, "" };

		if (page_params_read(&got, slice_of(texts[i].query), arena,
			    &why) != STATUS_OK)
			fail_msg("%s: %s", texts[i].query, why.text);
		if (!slice_equals_text(got.q, texts[i].q))
			fail_msg("%s: %.*s", texts[i].query, (int)got.q.len,
				got.q.ptr);
	}
	arena_close(&arena);
}

static const char *const bad_texts[] = {
	"q=" X200("a") "a",
	"q=" X200("a") "+",
	"q=" X200("%61") "%61",
	"q=" X200("\xc3\xa4") "a",
	"q=" X200("%C3%A4") "%C3%A4",
	"q=a" X200("%E2%82%AC"),
	"q=" X200("%F0%9F%98%80") "%F0%9F%98%80",
	"q=" X200("e%CC%81"),
	"q=" X200(X10("a")),
	/* escapes */
	"q=%00",
	"q=a%00b",
	"q=a%",
	"q=a%4",
	"q=%zz",
	"q=%%41",
	/* not UTF-8 */
	"q=%FF",
	"q=\xff",
	"q=J%F6rg",
	"q=a%C3",
	"q=%A4",
	"q=%C0%80",
	"q=%ED%A0%80",
	"q=%F4%90%80%80",
	/* the first value counts, also when it is bad */
	"q=%zz&q=a",
	"page=2&limit=3&q=%zz",
};

static void
refuses_other_texts(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(bad_texts); i++) {
		struct page_params got = asked("u1", true);
		struct reason why = { "", "" };

		if (page_params_read(&got, slice_of(bad_texts[i]), arena,
			    &why) != STATUS_INVALID)
			fail_msg("%s: taken", bad_texts[i]);
		assert_string_equal(why.field, "q");
		assert_non_null(strstr(why.text, "at most 200 characters"));
	}
	arena_close(&arena);
}

/* `q` is a name that the list does not know. */
static void
a_list_has_no_text(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(texts) + COUNT(bad_texts); i++) {
		struct page_params got = asked("u1", false);
		const char *query = i < COUNT(texts)
			? texts[i].query
			: bad_texts[i - COUNT(texts)];
		struct reason why = { NULL, "" };

		if (page_params_read(&got, slice_of(query), arena, &why) !=
			STATUS_OK)
			fail_msg("%s: %s", query, why.text);
		if (got.q.len != 0)
			fail_msg("%s: %.*s", query, (int)got.q.len, got.q.ptr);
	}
	arena_close(&arena);
}

static const struct cursor place = {
	.after = { true, 42, true, 1, 2, { "c1", 2 } },
	.is_dense = true,
};

/* A cursor given out for some page, and who uses it for what. */
static const struct {
	const char *name;
	struct page_params given;
	const char *user_id;
	bool is_search;
	const char *query;
	bool want;
} uses[] = {
	{ "a list", { .user_id = "u1" }, "u1", false, "cursor=@", true },
	{ "with a limit", { .user_id = "u1" }, "u1", false,
		"limit=20&cursor=@&activities=5", true },
	{ "a search", { .user_id = "u1", .is_search = true, .q = { "a", 1 } },
		"u1", true, "q=a&cursor=@", true },
	{ "a search, q behind",
		{ .user_id = "u1", .is_search = true, .q = { "a", 1 } }, "u1",
		true, "cursor=@&q=a", true },
	{ "a search, q encoded",
		{ .user_id = "u1", .is_search = true, .q = { "a b", 3 } }, "u1",
		true, "cursor=@&q=%61+b", true },
	{ "a search without q", { .user_id = "u1", .is_search = true }, "u1",
		true, "cursor=@", true },
	{ "a search with an empty q", { .user_id = "u1", .is_search = true },
		"u1", true, "q=&cursor=@", true },
	{ "a list, which has no q", { .user_id = "u1" }, "u1", false,
		"q=a&cursor=@", true },
	{ "an empty page", { .user_id = "u1" }, "u1", false, "page=&cursor=@",
		true },
	{ "an empty page behind", { .user_id = "u1" }, "u1", false,
		"cursor=@&page", true },
	{ "the first counts", { .user_id = "u1" }, "u1", false,
		"cursor=@&cursor=x&cursor=%zz", true },
	{ "with page 1", { .user_id = "u1" }, "u1", false, "page=1&cursor=@",
		false },
	{ "with a page behind", { .user_id = "u1" }, "u1", false,
		"cursor=@&page=2", false },
	{ "a search with a page", { .user_id = "u1", .is_search = true }, "u1",
		true, "cursor=@&page=2", false },
	{ "another user", { .user_id = "u1" }, "u2", false, "cursor=@", false },
	{ "another user's search",
		{ .user_id = "u1", .is_search = true, .q = { "a", 1 } }, "u2",
		true, "q=a&cursor=@", false },
	{ "a search instead of a list", { .user_id = "u1" }, "u1", true,
		"cursor=@", false },
	{ "a list instead of a search", { .user_id = "u1", .is_search = true },
		"u1", false, "cursor=@", false },
	{ "a list instead of a search, with its q",
		{ .user_id = "u1", .is_search = true, .q = { "a", 1 } }, "u1",
		false, "q=a&cursor=@", false },
	{ "another q", { .user_id = "u1", .is_search = true, .q = { "a", 1 } },
		"u1", true, "q=b&cursor=@", false },
	{ "the second q",
		{ .user_id = "u1", .is_search = true, .q = { "a", 1 } }, "u1",
		true, "q=b&cursor=@&q=a", false },
	{ "q of another case",
		{ .user_id = "u1", .is_search = true, .q = { "a", 1 } }, "u1",
		true, "q=A&cursor=@", false },
	{ "no q", { .user_id = "u1", .is_search = true, .q = { "a", 1 } }, "u1",
		true, "cursor=@", false },
	{ "more behind", { .user_id = "u1" }, "u1", false, "cursor=@AAAA",
		false },
	{ "a blank behind", { .user_id = "u1" }, "u1", false, "cursor=@+",
		false },
	{ "twice in one", { .user_id = "u1" }, "u1", false, "cursor=@,x",
		false },
};

/* `@` in `query` becomes the cursor. */
static void
add_query(struct buffer *out, const char *query, struct slice cursor)
{
	for (const char *c = query; *c != '\0'; c++)
		if (*c == '@')
			buffer_add_slice(out, cursor);
		else
			buffer_add_char(out, *c);
}

static void
takes_a_cursor_for_what_it_was_given(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(uses); i++) {
		struct page_params got = asked(
			uses[i].user_id, uses[i].is_search);
		struct buffer text = { NULL, 0, 0 }, query = { NULL, 0, 0 };
		struct reason why = { "", "" };
		enum status want = uses[i].want ? STATUS_OK : STATUS_INVALID;

		cursor_add(&text, &uses[i].given, &place);
		add_query(&query, uses[i].query, buffer_slice(&text));
		if (page_params_read(&got, buffer_slice(&query), arena, &why) !=
			want)
			fail_msg("%s: %s", uses[i].name, why.text);
		if (want == STATUS_OK) {
			assert_true(got.has_cursor);
			assert_int_equal(got.page, 1);
			assert_int_equal(got.cursor.after.warmness_score, 42);
			assert_int_equal(got.cursor.after.created_us, 2);
			assert_true(
				slice_equals_text(got.cursor.after.id, "c1"));
			assert_true(got.cursor.is_dense);
		} else {
			assert_string_equal(why.field, "cursor");
		}
		buffer_close(&text);
		buffer_close(&query);
	}
	arena_close(&arena);
}

static const struct {
	const char *query;
	const char *field;
} bad[] = {
	/* out of range */
	{ "page=0", "page" },
	{ "page=1000001", "page" },
	{ "limit=0", "limit" },
	{ "limit=101", "limit" },
	{ "activities=21", "activities" },
	{ "page=9223372036854775807", "page" },
	{ "page=9223372036854775808", "page" },
	{ "page=18446744073709551617", "page" },
	{ "limit=4294967297", "limit" },
	{ "activities=18446744073709551616", "activities" },
	{ "page=99999999999999999999999999999999999999999999", "page" },
	/* signs */
	{ "page=-1", "page" },
	{ "activities=-0", "activities" },
	{ "page=%2D1", "page" },
	{ "page=%2B1", "page" },
	{ "page=+1", "page" },
	/* blanks */
	{ "page=1+", "page" },
	{ "page=%201", "page" },
	{ "page=1%20", "page" },
	{ "page=1%0a", "page" },
	{ "page=%09", "page" },
	{ "page=+", "page" },
	{ "page=1+2", "page" },
	/* other text */
	{ "page=1x", "page" },
	{ "page=x", "page" },
	{ "page=1;limit=2", "page" },
	{ "page=1,2", "page" },
	{ "page=1=2", "page" },
	{ "page==1", "page" },
	{ "page=1#", "page" },
	{ "page=0x10", "page" },
	{ "page=1e3", "page" },
	{ "page=1.0", "page" },
	{ "page=1_000", "page" },
	{ "page=%27%20OR%201%3D1--", "page" },
	{ "page=null", "page" },
	{ "page=NaN", "page" },
	/* digits of other scripts, UTF-8 and not */
	{ "page=%D9%A3", "page" },
	{ "page=%EF%BC%91", "page" },
	{ "page=\xef\xbc\x91", "page" },
	{ "page=%FF", "page" },
	{ "page=1%C3", "page" },
	{ "page=\xff", "page" },
	/* escapes */
	{ "page=1%", "page" },
	{ "page=1%3", "page" },
	{ "page=%zz", "page" },
	{ "page=%3g", "page" },
	{ "page=%%31", "page" },
	{ "page=1%00", "page" },
	{ "page=%00", "page" },
	{ "page=%001", "page" },
	/* names with escapes */
	{ "%70age=0", "page" },
	{ "limi%74=x", "limit" },
	/* the first of several counts, also when it is bad */
	{ "page=x&page=1", "page" },
	{ "page=2&limit=0", "limit" },
	{ "limit=0&page=0", "limit" },
	{ "foo=1&activities=x&page=2", "activities" },
	/* none that we have given out */
	{ "cursor=abc", "cursor" },
	{ "cursor=0", "cursor" },
	{ "cursor=1&page=1", "cursor" },
	{ "page=1&cursor=%zz", "cursor" },
};

static void
refuses_what_is_bad(void **state)
{
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(bad); i++) {
		struct page_params got = asked("u1", i % 2 == 1);
		struct reason why = { "", "" };
		const char *query = bad[i / 2].query;

		if (page_params_read(&got, slice_of(query), arena, &why) !=
			STATUS_INVALID)
			fail_msg("%s: taken", query);
		if (strcmp(why.field, bad[i / 2].field) != 0 ||
			strstr(why.text, bad[i / 2].field) == NULL)
			fail_msg("%s: %s: %s", query, why.field, why.text);
	}
	arena_close(&arena);
}

/* A refusal names the range, and never repeats what the client sent. */
static void
says_what_would_be_right(void **state)
{
	static const struct {
		const char *query, *says;
	} cases[] = {
		{ "page=canary", "from 1 to 1000000" },
		{ "limit=canary", "from 1 to 100" },
		{ "activities=canary", "from 0 to 20" },
		{ "cursor=canary", "nextCursor" },
		{ "cursor=canary&page=2", "not together with page" },
		{ "q=canary%zz", "at most 200 characters" },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct page_params got = asked("u1", true);
		struct reason why;

		assert_int_equal(page_params_read(&got,
					 slice_of(cases[i].query), arena, &why),
			STATUS_INVALID);
		if (strstr(why.text, cases[i].says) == NULL ||
			strstr(why.text, "canary") != NULL)
			fail_msg("%s: %s", cases[i].query, why.text);
	}
	arena_close(&arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_is_good),
		cmocka_unit_test(takes_no_query_at_all),
		cmocka_unit_test(takes_a_text_as_it_is),
		cmocka_unit_test(refuses_other_texts),
		cmocka_unit_test(a_list_has_no_text),
		cmocka_unit_test(takes_a_cursor_for_what_it_was_given),
		cmocka_unit_test(refuses_what_is_bad),
		cmocka_unit_test(says_what_would_be_right),
	};

	return cmocka_run_group_tests_name("page_params", tests, NULL, NULL);
}
