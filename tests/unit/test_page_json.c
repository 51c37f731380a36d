#include "config.h"

#include <json-c/json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "my500/cursor.h"
#include "my500/page_json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROWS_MAX     4

static const struct page_params first_page = {
	.user_id = "u1", .page = 1, .limit = 20, .activities = 5
};

/* A page to be filled in: its tables have ROWS_MAX rows of nothing but NULL. */
struct fixture {
	struct slice contacts[ROWS_MAX][CONTACT_COLUMNS];
	struct slice activities[ROWS_MAX][ACTIVITY_COLUMNS];
	struct page page;
	struct buffer out;
};

static void
prepare(struct fixture *f, size_t contacts, size_t activities)
{
	*f = (struct fixture){
		.page = { .total = { .contacts = (int64_t)contacts } }
	};
	f->page.contacts = (struct table){ f->contacts[0], contacts,
		CONTACT_COLUMNS };
	f->page.activities = (struct table){ f->activities[0], activities,
		ACTIVITY_COLUMNS };
}

static void
expect(struct fixture *f, const char *name, const char *want)
{
	if (!slice_equals_text(buffer_slice(&f->out), want))
		fail_msg("%s:\n%.*s\n%s", name, (int)f->out.len, f->out.ptr,
			want);
}

static void
an_empty_page(void **state)
{
	struct fixture f;

	(void)state;
	prepare(&f, 0, 0);
	f.page.user.cells[USER_syncStatus] = slice_of("NOT_SYNCED");
	page_json_add(&f.out, &f.page, &first_page);
	expect(&f, "empty",
		"{\"contacts\":[],"
		"\"pagination\":{\"page\":1,\"limit\":20,\"total\":0,"
		"\"totalPages\":0,\"hasNext\":false,\"hasPrev\":false,"
		"\"hasMore\":false,\"nextCursor\":null},"
		"\"syncStatus\":{\"status\":\"NOT_SYNCED\",\"lastSync\":null,"
		"\"totalContacts\":0,\"syncedContacts\":0,"
		"\"pendingSync\":false,\"syncInProgress\":false}}");
	buffer_close(&f.out);
}

/* Every column, with a value of its kind that is no other column's. */
static const char *const full_contact[CONTACT_COLUMNS] = { "c1", "A \"B\"",
	"a@b.org", "+49 1", "A/B", "o1", "42", "2024-01-02 03:04:05.6", "t",
	"pp", "po", "2024-02-01 00:00:00", "SYNCED", "2024-03-01 00:00:00", "1",
	"2", "3", "4", "5", "6", "2024-04-01 00:00:00", "2024-05-01 00:00:00",
	"-7", "Boss", "f", "2024-06-01 00:00:00", "me", "why",
	"2024-07-01 00:00:00.001", "2024-08-01 00:00:00.999", "u1" };

static const char full_contact_json[] =
	"{\"id\":\"c1\",\"name\":\"A \\\"B\\\"\",\"email\":\"a@b.org\","
	"\"phone\":\"+49 1\",\"organisation\":\"A/B\","
	"\"organizationId\":\"o1\",\"warmnessScore\":42,"
	"\"lastContacted\":\"2024-01-02T03:04:05.600Z\","
	"\"addedToCampaign\":true,\"pipedrivePersonId\":\"pp\","
	"\"pipedriveOrgId\":\"po\","
	"\"lastPipedriveUpdate\":\"2024-02-01T00:00:00.000Z\","
	"\"updateSyncStatus\":\"SYNCED\","
	"\"lastActivityDate\":\"2024-03-01T00:00:00.000Z\","
	"\"openDealsCount\":1,\"closedDealsCount\":2,\"wonDealsCount\":3,"
	"\"lostDealsCount\":4,\"activitiesCount\":5,"
	"\"emailMessagesCount\":6,"
	"\"lastIncomingMailTime\":\"2024-04-01T00:00:00.000Z\","
	"\"lastOutgoingMailTime\":\"2024-05-01T00:00:00.000Z\","
	"\"followersCount\":-7,\"jobTitle\":\"Boss\",\"isActive\":false,"
	"\"deactivatedAt\":\"2024-06-01T00:00:00.000Z\","
	"\"deactivatedBy\":\"me\",\"deactivationReason\":\"why\","
	"\"createdAt\":\"2024-07-01T00:00:00.001Z\","
	"\"updatedAt\":\"2024-08-01T00:00:00.999Z\",\"userId\":\"u1\",";

static const char *const full_activity[ACTIVITY_COLUMNS] = { "a1", "EMAIL",
	"Hi\n", "\\", "2024-01-01 00:00:00", "2147483647", "t", "3",
	"2024-01-02 00:00:00", "2024-01-03 00:00:00", "PENDING", "f", "sys",
	"2024-01-04 00:00:00", "2024-01-05 00:00:00", "u1", "c1", "k1" };

static const char full_activity_json[] =
	"{\"id\":\"a1\",\"type\":\"EMAIL\",\"subject\":\"Hi\\n\","
	"\"note\":\"\\\\\",\"dueDate\":\"2024-01-01T00:00:00.000Z\","
	"\"pipedriveActivityId\":2147483647,\"replicatedToPipedrive\":true,"
	"\"pipedriveSyncAttempts\":3,"
	"\"lastPipedriveSyncAttempt\":\"2024-01-02T00:00:00.000Z\","
	"\"lastPipedriveUpdate\":\"2024-01-03T00:00:00.000Z\","
	"\"updateSyncStatus\":\"PENDING\",\"isSystemActivity\":false,"
	"\"systemAction\":\"sys\",\"createdAt\":\"2024-01-04T00:00:00.000Z\","
	"\"updatedAt\":\"2024-01-05T00:00:00.000Z\",\"userId\":\"u1\","
	"\"contactId\":\"c1\",\"campaignId\":\"k1\"}";

static void
every_column(void **state)
{
	struct fixture f;
	char want[4096];

	(void)state;
	prepare(&f, 1, 1);
	for (size_t i = 0; i < CONTACT_COLUMNS; i++)
		f.contacts[0][i] = slice_of(full_contact[i]);
	for (size_t i = 0; i < ACTIVITY_COLUMNS; i++)
		f.activities[0][i] = slice_of(full_activity[i]);
	f.page.user.cells[USER_syncStatus] = slice_of("SYNCED");
	f.page.user.cells[USER_lastSyncTimestamp] = slice_of(
		"2024-01-15 09:00:00");
	f.page.total.synced = 1;
	page_json_add(&f.out, &f.page, &first_page);
	snprintf(want, sizeof(want),
		"{\"contacts\":[%s\"activities\":[%s]}],"
		"\"pagination\":{\"page\":1,\"limit\":20,\"total\":1,"
		"\"totalPages\":1,\"hasNext\":false,\"hasPrev\":false,"
		"\"hasMore\":false,\"nextCursor\":null},"
		"\"syncStatus\":{\"status\":\"SYNCED\","
		"\"lastSync\":\"2024-01-15T09:00:00.000Z\","
		"\"totalContacts\":1,\"syncedContacts\":1,"
		"\"pendingSync\":false,\"syncInProgress\":false}}",
		full_contact_json, full_activity_json);
	expect(&f, "full", want);
	buffer_close(&f.out);
}

static void
absent_values_are_null_and_not_left_out(void **state)
{
	static const char contact_end[] =
		"\"createdAt\":null,\"updatedAt\":null,\"userId\":null,"
		"\"activities\":[{\"id\":\"a1\",\"type\":null,"
		"\"subject\":null,\"note\":null,\"dueDate\":null,"
		"\"pipedriveActivityId\":null,\"replicatedToPipedrive\":null,";
	struct fixture f;
	size_t nulls = 0;

	(void)state;
	prepare(&f, 1, 1);
	f.contacts[0][CONTACT_id] = slice_of("c1");
	f.activities[0][ACTIVITY_id] = slice_of("a1");
	f.activities[0][ACTIVITY_contactId] = slice_of("c1");
	page_json_add(&f.out, &f.page, &first_page);
	buffer_add_char(&f.out, '\0');
	assert_non_null(strstr(f.out.ptr, contact_end));
	for (const char *c = f.out.ptr; (c = strstr(c, ":null")) != NULL; c++)
		nulls++;
	/* and nextCursor, status, lastSync; the ids are there */
	assert_int_equal(nulls, CONTACT_COLUMNS - 1 + ACTIVITY_COLUMNS - 2 + 3);
	buffer_close(&f.out);
}

/* "c1:a1,a2 c2: " of what was written. */
static void
summarize(struct buffer *json, char *text, size_t size)
{
	struct json_object *root, *contacts;
	size_t len = 0;

	buffer_add_char(json, '\0');
	root = json_tokener_parse(json->ptr);
	assert_non_null(root);
	contacts = json_object_object_get(root, "contacts");
	text[0] = '\0';
	for (size_t i = 0; i < json_object_array_length(contacts); i++) {
		struct json_object *contact = json_object_array_get_idx(
			contacts, i);
		struct json_object *list = json_object_object_get(
			contact, "activities");

		len += (size_t)snprintf(text + len, size - len, "%s:",
			json_object_get_string(
				json_object_object_get(contact, "id")));
		for (size_t j = 0; j < json_object_array_length(list); j++)
			len += (size_t)snprintf(text + len, size - len, "%s%s",
				j == 0 ? "" : ",",
				json_object_get_string(json_object_object_get(
					json_object_array_get_idx(list, j),
					"id")));
		len += (size_t)snprintf(text + len, size - len, " ");
	}
	json_object_put(root);
}

/* Contacts c1, c2, c3; activities a1… of the contacts named, in that order. */
static void
activities_find_their_contact(void **state)
{
	static const struct {
		const char *name;
		const char *owners[ROWS_MAX]; /* "": NULL */
		const char *want;
	} cases[] = {
		{ "none", { NULL }, "c1: c2: c3: " },
		{ "in order", { "c1", "c1", "c2", "c3" },
			"c1:a1,a2 c2:a3 c3:a4 " },
		{ "first has none", { "c2", "c3" }, "c1: c2:a1 c3:a2 " },
		{ "middle has none", { "c1", "c3", "c3" },
			"c1:a1 c2: c3:a2,a3 " },
		{ "only the last has", { "c3" }, "c1: c2: c3:a1 " },
		{ "backwards", { "c3", "c2", "c1" }, "c1:a3 c2:a2 c3:a1 " },
		{ "interleaved", { "c1", "c2", "c1", "c2" },
			"c1:a1,a3 c2:a2,a4 c3: " },
		{ "one late", { "c2", "c2", "c1" }, "c1:a3 c2:a1,a2 c3: " },
		{ "one of nobody in front", { "x", "c1", "c2" },
			"c1:a2 c2:a3 c3: " },
		{ "one of nobody between", { "c1", "x", "c1", "c2" },
			"c1:a1,a3 c2:a4 c3: " },
		{ "one of nobody at the end", { "c1", "c3", "x" },
			"c1:a1 c2: c3:a2 " },
		{ "all of nobody", { "x", "y" }, "c1: c2: c3: " },
		{ "owner is NULL", { "", "c1" }, "c1:a2 c2: c3: " },
		{ "longer and shorter names", { "c", "c11", "c1" },
			"c1:a3 c2: c3: " },
	};
	static const char *const ids[] = { "a1", "a2", "a3", "a4" };
	static const char *const contacts[] = { "c1", "c2", "c3" };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		char got[200];
		size_t n = 0;

		prepare(&f, COUNT(contacts), 0);
		for (size_t j = 0; j < COUNT(contacts); j++)
			f.contacts[j][CONTACT_id] = slice_of(contacts[j]);
		for (; n < ROWS_MAX && cases[i].owners[n] != NULL; n++) {
			const char *owner = cases[i].owners[n];

			f.activities[n][ACTIVITY_id] = slice_of(ids[n]);
			f.activities[n][ACTIVITY_contactId] = slice_of(
				*owner == '\0' ? NULL : owner);
		}
		f.page.activities.rows = n;
		page_json_add(&f.out, &f.page, &first_page);
		summarize(&f.out, got, sizeof(got));
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].name, got);
		buffer_close(&f.out);
	}
}

static void
pagination(void **state)
{
	static const struct {
		int64_t page, limit, total;
		bool has_next;
		const char *want;
	} cases[] = {
		{ 1, 20, 0, false, "0,\"hasNext\":false,\"hasPrev\":false" },
		{ 1, 20, 1, false, "1,\"hasNext\":false,\"hasPrev\":false" },
		{ 1, 20, 20, false, "1,\"hasNext\":false,\"hasPrev\":false" },
		{ 1, 20, 21, true, "2,\"hasNext\":true,\"hasPrev\":false" },
		{ 2, 20, 21, false, "2,\"hasNext\":false,\"hasPrev\":true" },
		{ 2, 20, 500, true, "25,\"hasNext\":true,\"hasPrev\":true" },
		{ 25, 20, 500, false, "25,\"hasNext\":false,\"hasPrev\":true" },
		{ 26, 20, 500, false, "25,\"hasNext\":false,\"hasPrev\":true" },
		{ 1, 1, 500, true, "500,\"hasNext\":true,\"hasPrev\":false" },
		{ 500, 1, 500, false,
			"500,\"hasNext\":false,\"hasPrev\":true" },
		{ 1, 100, 101, true, "2,\"hasNext\":true,\"hasPrev\":false" },
		{ PAGE_MAX, LIMIT_MAX, 0, false,
			"0,\"hasNext\":false,\"hasPrev\":true" },
		{ PAGE_MAX, LIMIT_MAX, 100000001, true,
			"1000001,\"hasNext\":true,\"hasPrev\":true" },
		/* as the caller says, not by the numbers */
		{ 1, 20, 21, false, "2,\"hasNext\":false,\"hasPrev\":false" },
		{ 2, 20, 21, true, "2,\"hasNext\":true,\"hasPrev\":true" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(cases); i++) {
		const struct page_params params = { .user_id = "u1",
			.is_search = i % 2 == 1,
			.page = cases[i / 2].page,
			.limit = cases[i / 2].limit,
			.activities = 5 };
		bool has_next = cases[i / 2].has_next;
		struct fixture f;
		char want[300];

		prepare(&f, 0, 0);
		f.page.total.contacts = cases[i / 2].total;
		f.page.has_next = has_next;
		page_json_add(&f.out, &f.page, &params);
		buffer_add_char(&f.out, '\0');
		snprintf(want, sizeof(want),
			"],\"pagination\":{\"page\":%lld,\"limit\":%lld,"
			"\"total\":%lld,\"totalPages\":%s,\"hasMore\":%s,"
			"\"nextCursor\":null},\"%s\":{",
			(long long)params.page, (long long)params.limit,
			(long long)cases[i / 2].total, cases[i / 2].want,
			has_next ? "true" : "false",
			params.is_search ? "searchStats" : "syncStatus");
		if (strstr(f.out.ptr, want) == NULL)
			fail_msg("%zu: %s", i, f.out.ptr);
		buffer_close(&f.out);
	}
}

/* A page that was asked for by a cursor has no number, and one before it. */
static void
pagination_by_cursor(void **state)
{
	static const struct {
		bool has_next;
		const char *want;
	} cases[] = {
		{ true,
			"],\"pagination\":{\"page\":null,\"limit\":20,"
			"\"total\":500,\"totalPages\":25,\"hasNext\":true,"
			"\"hasPrev\":true,\"hasMore\":true,"
			"\"nextCursor\":null},\"syncStatus\":{" },
		{ false,
			"],\"pagination\":{\"page\":null,\"limit\":20,"
			"\"total\":500,\"totalPages\":25,"
			"\"hasNext\":false,\"hasPrev\":true,"
			"\"hasMore\":false,\"nextCursor\":null},"
			"\"syncStatus\":{" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct page_params params = first_page;
		struct fixture f;

		params.has_cursor = true;
		prepare(&f, 0, 0);
		f.page.total.contacts = 500;
		f.page.has_next = cases[i].has_next;
		page_json_add(&f.out, &f.page, &params);
		buffer_add_char(&f.out, '\0');
		if (strstr(f.out.ptr, cases[i].want) == NULL)
			fail_msg("%zu: %s", i, f.out.ptr);
		buffer_close(&f.out);
	}
}

/* It is a text that is good for the page that follows, of the same question;
 * not where this page began. */
static void
next_cursor(void **state)
{
	static const struct page_params questions[] = {
		{ .user_id = "u1", .page = 1, .limit = 20 },
		{ .user_id = "u2", .page = 7, .limit = 1 },
		{ .user_id = "u1", .page = 1, .limit = 20, .is_search = true },
		{ .user_id = "u1",
			.page = 1,
			.limit = 20,
			.is_search = true,
			.q = { "\"", 1 } },
		{ .user_id = "u1",
			.page = 1,
			.limit = 20,
			.has_cursor = true,
			.cursor.after.id = { "c1", 2 } },
	};
	struct arena *arena = arena_open();

	(void)state;
	for (size_t i = 0; i < COUNT(questions); i++) {
		struct page_params params = questions[i];
		struct slice text;
		struct fixture f;
		char *front, *end;

		prepare(&f, 0, 0);
		f.page.has_next = true;
		f.page.has_cursor = true;
		f.page.cursor.after.created_us = 12345;
		f.page.cursor.after.id = slice_of("c2");
		page_json_add(&f.out, &f.page, &params);
		buffer_add_char(&f.out, '\0');
		front = strstr(f.out.ptr, ",\"nextCursor\":\"");
		assert_non_null(front);
		front += strlen(",\"nextCursor\":\"");
		end = strstr(front, "\"},");
		assert_non_null(end);
		text = (struct slice){ front, (size_t)(end - front) };
		if (!cursor_read(text, arena, &params))
			fail_msg("%zu: %s", i, f.out.ptr);
		assert_int_equal(params.cursor.after.created_us, 12345);
		assert_true(slice_equals_text(params.cursor.after.id, "c2"));
		buffer_close(&f.out);
	}
	arena_close(&arena);
}

static void
search_stats(void **state)
{
	static const struct {
		const char *name;
		struct slice q;
		int64_t total, search_us;
		const char *stats, *end;
	} cases[] = {
		{ "usual", { "acme", 4 }, 12, 800,
			"\"query\":\"acme\",\"totalResults\":12",
			",\"searchTime\":0.800}}" },
		{ "none found", { "x", 1 }, 0, 0,
			"\"query\":\"x\",\"totalResults\":0",
			",\"searchTime\":0.000}}" },
		{ "no q", { NULL, 0 }, 500, 1,
			"\"query\":\"\",\"totalResults\":500",
			",\"searchTime\":0.001}}" },
		{ "empty q", { "", 0 }, 500, 1234567,
			"\"query\":\"\",\"totalResults\":500",
			",\"searchTime\":1234.567}}" },
		{ "as it is", { " A% ", 4 }, 1, 1000,
			"\"query\":\" A% \",\"totalResults\":1",
			",\"searchTime\":1.000}}" },
		{ "escaped", { "\"\\\n/\xc3\xa9", 6 }, 1, 99,
			"\"query\":\"\\\"\\\\\\n/\xc3\xa9\","
			"\"totalResults\":1",
			",\"searchTime\":0.099}}" },
		{ "within the slice", { "acme", 2 }, 1, 2,
			"\"query\":\"ac\",\"totalResults\":1",
			",\"searchTime\":0.002}}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct page_params params = first_page;
		struct fixture f;
		char want[400];

		params.is_search = true;
		params.q = cases[i].q;
		prepare(&f, 0, 0);
		f.page.total.contacts = cases[i].total;
		f.page.user.cells[USER_syncStatus] = slice_of("SYNCED");
		page_json_add(&f.out, &f.page, &params);
		snprintf(want, sizeof(want),
			"{\"contacts\":[],\"pagination\":{\"page\":1,"
			"\"limit\":20,\"total\":%lld,\"totalPages\":%lld,"
			"\"hasNext\":false,\"hasPrev\":false,"
			"\"hasMore\":false,\"nextCursor\":null},"
			"\"searchStats\":{%s",
			(long long)cases[i].total,
			(long long)(cases[i].total + 19) / 20, cases[i].stats);
		expect(&f, cases[i].name, want);
		buffer_clear(&f.out, 4096);
		page_json_add_end(&f.out, &params, cases[i].search_us);
		expect(&f, cases[i].name, cases[i].end);
		buffer_close(&f.out);
	}
}

static void
a_list_has_no_end_to_add(void **state)
{
	struct fixture f;

	(void)state;
	prepare(&f, 0, 0);
	page_json_add_end(&f.out, &first_page, 800);
	assert_int_equal(f.out.len, 0);
	buffer_close(&f.out);
}

static void
sync_status(void **state)
{
	static const struct {
		const char *name;
		const char *status, *last;
		int64_t total, synced;
		const char *want;
	} cases[] = {
		{ "all synced", "SYNCED", "2024-01-15 09:00:00.123", 500, 500,
			"\"status\":\"SYNCED\","
			"\"lastSync\":\"2024-01-15T09:00:00.123Z\","
			"\"totalContacts\":500,\"syncedContacts\":500,"
			"\"pendingSync\":false,\"syncInProgress\":false}}" },
		{ "some pending", "SYNCED", "2024-01-15 09:00:00", 500, 498,
			"\"status\":\"SYNCED\","
			"\"lastSync\":\"2024-01-15T09:00:00.000Z\","
			"\"totalContacts\":500,\"syncedContacts\":498,"
			"\"pendingSync\":true,\"syncInProgress\":false}}" },
		{ "in progress", "IN_PROGRESS", NULL, 1, 0,
			"\"status\":\"IN_PROGRESS\",\"lastSync\":null,"
			"\"totalContacts\":1,\"syncedContacts\":0,"
			"\"pendingSync\":true,\"syncInProgress\":true}}" },
		{ "in progress, all synced", "IN_PROGRESS", NULL, 1, 1,
			"\"status\":\"IN_PROGRESS\",\"lastSync\":null,"
			"\"totalContacts\":1,\"syncedContacts\":1,"
			"\"pendingSync\":false,\"syncInProgress\":true}}" },
		{ "another case is another status", "in_progress", NULL, 0, 0,
			"\"status\":\"in_progress\",\"lastSync\":null,"
			"\"totalContacts\":0,\"syncedContacts\":0,"
			"\"pendingSync\":false,\"syncInProgress\":false}}" },
		{ "escapes", "\"", "infinity", 0, 0,
			"\"status\":\"\\\"\",\"lastSync\":null,"
			"\"totalContacts\":0,\"syncedContacts\":0,"
			"\"pendingSync\":false,\"syncInProgress\":false}}" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		const char *got;

		prepare(&f, 0, 0);
		f.page.total.contacts = cases[i].total;
		f.page.total.synced = cases[i].synced;
		f.page.user.cells[USER_syncStatus] = slice_of(cases[i].status);
		f.page.user.cells[USER_lastSyncTimestamp] = slice_of(
			cases[i].last);
		page_json_add(&f.out, &f.page, &first_page);
		buffer_add_char(&f.out, '\0');
		got = strstr(f.out.ptr, "\"syncStatus\":{");
		assert_non_null(got);
		if (strcmp(got + strlen("\"syncStatus\":{"), cases[i].want) !=
			0)
			fail_msg("%s: %s", cases[i].name, got);
		buffer_close(&f.out);
	}
}

/* Also when the activities made it start anew. */
static void
adds_behind_what_is_there(void **state)
{
	static const char front[] = "{\"data\":";
	struct fixture f;

	(void)state;
	prepare(&f, 1, 1);
	f.contacts[0][CONTACT_id] = slice_of("c1");
	f.activities[0][ACTIVITY_contactId] = slice_of("x");
	buffer_add_text(&f.out, front);
	page_json_add(&f.out, &f.page, &first_page);
	assert_memory_equal(
		f.out.ptr, "{\"data\":{\"contacts\":[{\"id\":\"c1\",", 32);
	buffer_close(&f.out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_page),
		cmocka_unit_test(every_column),
		cmocka_unit_test(absent_values_are_null_and_not_left_out),
		cmocka_unit_test(activities_find_their_contact),
		cmocka_unit_test(pagination),
		cmocka_unit_test(pagination_by_cursor),
		cmocka_unit_test(next_cursor),
		cmocka_unit_test(sync_status),
		cmocka_unit_test(search_stats),
		cmocka_unit_test(a_list_has_no_end_to_add),
		cmocka_unit_test(adds_behind_what_is_there),
	};

	return cmocka_run_group_tests_name("page_json", tests, NULL, NULL);
}
