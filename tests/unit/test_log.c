#include "config.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "my500/log.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define TEXT_MAX_BYTES 512

#define TEXT_OF(literal)                     \
	{                                    \
		literal, sizeof(literal) - 1 \
	}

/* The C library's clock, as many seconds ahead as a test wants it to be. */
static time_t ahead_s;

int
clock_gettime(clockid_t id, struct timespec *now)
{
	long rc = syscall(SYS_clock_gettime, id, now);

	now->tv_sec += ahead_s;
	return (int)rc;
}

/* What was written to stderr between begin() and end(). */
static struct {
	int ends[2];
	int stderr_copy;
	char text[8192]; /* the first write(2) */
	ssize_t len;     /* -1: there was none */
	bool has_more;
} capture;

/* A pipe in packet mode: one read(2) gives what one write(2) gave. */
static void
begin(void)
{
	assert_int_equal(pipe2(capture.ends, O_DIRECT | O_NONBLOCK), 0);
	capture.stderr_copy = dup(STDERR_FILENO);
	assert_true(capture.stderr_copy >= 0);
	assert_true(dup2(capture.ends[1], STDERR_FILENO) >= 0);
}

static void
end(void)
{
	char scrap;

	assert_true(dup2(capture.stderr_copy, STDERR_FILENO) >= 0);
	close(capture.stderr_copy);
	close(capture.ends[1]);
	capture.len = read(
		capture.ends[0], capture.text, sizeof(capture.text) - 1);
	if (capture.len == 0)
		capture.len = -1;
	capture.text[capture.len < 0 ? 0 : capture.len] = '\0';
	capture.has_more = read(capture.ends[0], &scrap, 1) > 0;
	close(capture.ends[0]);
}

/* The one line of the capture, as json-c reads it; to be put. */
static struct json_object *
parse_line(void)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *line;

	if (capture.len < 1 || capture.has_more ||
		strchr(capture.text, '\n') != capture.text + capture.len - 1)
		fail_msg("not one write of one line: %s", capture.text);
	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	line = json_tokener_parse_ex(
		tokener, capture.text, (int)capture.len - 1);
	if (json_tokener_get_error(tokener) == json_tokener_continue)
		line = json_tokener_parse_ex(tokener, "", 1);
	json_tokener_free(tokener);
	if (!json_object_is_type(line, json_type_object))
		fail_msg("no object: %s", capture.text);
	return line;
}

static struct slice
member(struct json_object *line, const char *name)
{
	struct json_object *value = json_object_object_get(line, name);

	return (struct slice){ json_object_get_string(value),
		value == NULL ? 0 : (size_t)json_object_get_string_len(value) };
}

static int
open_log(void **state)
{
	(void)state;
	log_open(LOG_TARGET_STDERR, LOG_LEVEL_INFO);
	return 0;
}

static void
an_event_without_fields(void **state)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	char want[160];
	struct json_object *line;
	struct slice now;

	(void)state;
	begin();
	log_info("started");
	end();
	line = parse_line();
	now = member(line, "time");
	assert_int_equal(now.len, sizeof(form) - 1);
	for (size_t i = 0; i < now.len; i++)
		if (form[i] == 'd' ? now.ptr[i] < '0' || now.ptr[i] > '9'
				   : now.ptr[i] != form[i])
			fail_msg("time: %s", now.ptr);
	snprintf(want, sizeof(want),
		"{\"time\":\"%s\",\"level\":\"info\",\"event\":\"started\","
		"\"pid\":%d}\n",
		now.ptr, (int)getpid());
	assert_string_equal(capture.text, want);
	json_object_put(line);
}

static void
fields_in_their_order(void **state)
{
	static const char want[] =
		",\"s\":\"a \\\"b\\\"\\n\",\"none\":null,\"n\":-5,"
		"\"ms\":1234.567,\"part\":\"ab\"}\n";

	(void)state;
	begin();
	log_warning("event", log_text("s", "a \"b\"\n"), log_text("none", NULL),
		log_int("n", -5), log_duration("ms", 1234567),
		log_slice("part", (struct slice){ "abc", 2 }));
	end();
	json_object_put(parse_line());
	assert_string_equal(
		capture.text + capture.len - (sizeof(want) - 1), want);
}

static void
numbers_to_their_edges(void **state)
{
	static const int64_t numbers[] = { 0, INT64_MAX, INT64_MIN };

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++) {
		struct json_object *line;

		begin();
		log_info("event", log_int("n", numbers[i]));
		end();
		line = parse_line();
		assert_true(json_object_get_int64(json_object_object_get(
				    line, "n")) == numbers[i]);
		json_object_put(line);
	}
}

static void
texts(void **state)
{
	static const struct {
		const char *name;
		struct slice text;
		bool is_shown; /* else something stands in for it */
	} cases[] = {
		{ "empty", TEXT_OF(""), true },
		{ "controls", TEXT_OF("a\r\nb\x1b[31m\x7f"), true },
		{ "a line of our own", TEXT_OF("\"}\n{\"level\":\"error\"}"),
			true },
		{ "NUL", TEXT_OF("a\0b"), true },
		{ "UTF-8", TEXT_OF("J\xc3\xb6rg \xf0\x9f\x98\x80"), true },
		{ "Latin 1", TEXT_OF("J\xf6rg"), false },
		{ "cut character", TEXT_OF("\xe2\x82"), false },
		{ "surrogate", TEXT_OF("\xed\xa0\x80"), false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct json_object *line;

		begin();
		log_info("event", log_slice("s", cases[i].text),
			log_text("behind", "1"));
		end();
		line = parse_line();
		if (slice_equals(member(line, "s"), cases[i].text) !=
			cases[i].is_shown)
			fail_msg("%s: %s", cases[i].name, capture.text);
		assert_true(slice_equals_text(member(line, "behind"), "1"));
		json_object_put(line);
	}
}

/* So many letters, then the tail: how much of it is written. */
static void
long_texts_are_cut_between_characters(void **state)
{
	static const struct {
		const char *name;
		size_t letters;
		const char *tail;
		size_t want_len;
	} cases[] = {
		{ "just fits", 512, "", 512 },
		{ "one too long", 513, "", 512 },
		{ "far too long", 5000, "", 512 },
		{ "two bytes fit", 510, "\xc3\xa9", 512 },
		{ "two bytes fit, more follows", 510, "\xc3\xa9z", 512 },
		{ "two bytes do not", 511, "\xc3\xa9z", 511 },
		{ "two bytes behind", 512, "\xc3\xa9", 512 },
		{ "three bytes, two inside", 510, "\xe2\x82\xac", 510 },
		{ "four bytes, one inside", 511, "\xf0\x9f\x98\x80", 511 },
		{ "four bytes, three inside", 509, "\xf0\x9f\x98\x80", 509 },
		{ "four bytes fit", 508, "\xf0\x9f\x98\x80z", 512 },
		{ "what is cut off is not looked at", 512, "z\xff", 512 },
	};
	static char text[6000];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t len = cases[i].letters;
		struct json_object *line;
		struct slice got;

		memset(text, 'a', len);
		memcpy(text + len, cases[i].tail, strlen(cases[i].tail) + 1);
		begin();
		log_info("event", log_text("s", text));
		end();
		line = parse_line();
		got = member(line, "s");
		if (!slice_equals(got, (struct slice){ text, got.len }) ||
			got.len != cases[i].want_len ||
			got.len > TEXT_MAX_BYTES)
			fail_msg("%s: %zu bytes", cases[i].name, got.len);
		json_object_put(line);
	}
}

static void
a_full_line_is_one_write(void **state)
{
	static char text[1024];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	begin();
	log_error("request", log_text("a", text), log_text("b", text),
		log_text("c", text), log_text("d", text), log_text("e", text),
		log_text("f", text), log_int("last", 1));
	end();
	assert_true(capture.len > 6 * TEXT_MAX_BYTES);
	json_object_put(parse_line());
}

static void
levels(void **state)
{
	static const struct {
		enum log_level level;
		const char *word;
	} rows[] = {
		{ LOG_LEVEL_DEBUG, "debug" },
		{ LOG_LEVEL_INFO, "info" },
		{ LOG_LEVEL_WARNING, "warning" },
		{ LOG_LEVEL_ERROR, "error" },
	};
	const struct log_field none[] = { LOG_END };

	(void)state;
	for (size_t from = 0; from < COUNT(rows); from++)
		for (size_t i = 0; i < COUNT(rows); i++) {
			struct json_object *line;

			log_open(LOG_TARGET_STDERR, rows[from].level);
			begin();
			log_write(rows[i].level, "event", none);
			end();
			if ((capture.len > 0) != (i >= from))
				fail_msg("%s from %s on", rows[i].word,
					rows[from].word);
			if (capture.len < 0)
				continue;
			line = parse_line();
			assert_true(slice_equals_text(
				member(line, "level"), rows[i].word));
			json_object_put(line);
		}
}

static void
macros_name_their_level(void **state)
{
	static const char *const words[] = { "debug", "info", "warning",
		"error" };

	(void)state;
	log_open(LOG_TARGET_STDERR, LOG_LEVEL_DEBUG);
	for (size_t i = 0; i < COUNT(words); i++) {
		struct json_object *line;

		begin();
		if (i == 0)
			log_debug("event");
		else if (i == 1)
			log_info("event");
		else if (i == 2)
			log_warning("event");
		else
			log_error("event");
		end();
		line = parse_line();
		assert_true(slice_equals_text(member(line, "level"), words[i]));
		json_object_put(line);
	}
}

/* A worker ignores SIGPIPE, too. */
static void
a_log_that_nobody_reads_does_no_harm(void **state)
{
	int copy = dup(STDERR_FILENO);
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	signal(SIGPIPE, SIG_IGN);
	close(ends[0]);
	dup2(ends[1], STDERR_FILENO);
	log_info("into_a_broken_pipe");
	close(STDERR_FILENO);
	log_info("into_nothing");
	dup2(copy, STDERR_FILENO);
	signal(SIGPIPE, SIG_DFL);
	close(copy);
	close(ends[1]);
	begin();
	log_info("again");
	end();
	json_object_put(parse_line());
}

static void
paths_that_may_be_shown(void **state)
{
	static const struct {
		struct slice path;
		const char *want;
	} cases[] = {
		{ TEXT_OF("/api/my-500/search"), "/api/my-500/search" },
		{ TEXT_OF("/A_b.c/0-9"), "/A_b.c/0-9" },
		{ TEXT_OF(""), "" },
		{ TEXT_OF("/a@b.c"), "?" },
		{ TEXT_OF("/a b"), "?" },
		{ TEXT_OF("/J\xc3\xb6rg"), "?" },
		{ TEXT_OF("/a\0b"), "?" },
		{ TEXT_OF("/a?q=b"), "?" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (!slice_equals_text(
			    log_plain_path(cases[i].path), cases[i].want))
			fail_msg("%zu: %s", i, cases[i].path.ptr);
}

/* Whether a failure of that name is written; how many are said to be left out
 * before it, 0 when nothing is said. */
static bool
repeat(const char *event, int64_t *left_out)
{
	struct json_object *line;

	begin();
	log_repeated(LOG_LEVEL_WARNING, event, log_int("n", 7));
	end();
	if (capture.len < 0)
		return false;
	line = parse_line();
	assert_true(slice_equals_text(member(line, "event"), event));
	assert_int_equal(
		json_object_get_int(json_object_object_get(line, "n")), 7);
	*left_out = json_object_get_int64(
		json_object_object_get(line, "repeated"));
	assert_int_equal(*left_out > 0,
		json_object_object_get_ex(line, "repeated", NULL));
	json_object_put(line);
	return true;
}

static void
repeated_failures_are_thinned(void **state)
{
	static const struct {
		time_t later_s;
		const char *event;
		bool is_written;
		int64_t left_out;
	} steps[] = {
		{ 0, "thinned", true, 0 },
		{ 0, "thinned", false, 0 },
		{ 4, "thinned", false, 0 },
		{ 0, "another", true, 0 }, /* each for itself */
		{ 1, "thinned", true, 2 },
		{ 0, "thinned", false, 0 },
		{ 100, "thinned", true, 1 },
		{ 0, "another", true, 0 },
		{ 100, "thinned", true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++) {
		int64_t left_out = 0;
		bool is_written;

		ahead_s += steps[i].later_s;
		is_written = repeat(steps[i].event, &left_out);
		if (is_written != steps[i].is_written ||
			left_out != steps[i].left_out)
			fail_msg("step %zu: %d, %d left out", i, is_written,
				(int)left_out);
	}
}

static void
what_is_below_the_level_is_not_counted(void **state)
{
	int64_t left_out;

	(void)state;
	log_open(LOG_TARGET_STDERR, LOG_LEVEL_ERROR);
	assert_false(repeat("unwanted", &left_out));
	log_open(LOG_TARGET_STDERR, LOG_LEVEL_INFO);
	assert_true(repeat("unwanted", &left_out));
	assert_true(left_out == 0);
}

/* Last, for the table stays full. */
static void
more_events_than_the_table_has_room_for(void **state)
{
	static char names[40][8];
	int64_t left_out = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		snprintf(names[i], sizeof(names[i]), "many%d", (int)i);
		assert_true(repeat(names[i], &left_out));
	}
	assert_false(repeat(names[0], &left_out));
	assert_true(repeat(names[COUNT(names) - 1], &left_out));
	assert_true(left_out == 0);
}

static void
lines_that_are_lost_are_counted(void **state)
{
	static char block[4096];
	int copy = dup(STDERR_FILENO);
	int ends[2];

	(void)state;
	(void)log_take_lost();
	assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	log_info("written");
	assert_true(log_take_lost() == 0);
	while (write(ends[1], block, sizeof(block)) > 0)
		;
	log_info("into_a_full_pipe");
	log_info("into_a_full_pipe");
	assert_true(log_take_lost() == 2);
	assert_true(log_take_lost() == 0);
	close(STDERR_FILENO);
	log_info("into_nothing");
	assert_true(open("/dev/full", O_WRONLY) == STDERR_FILENO);
	log_info("onto_a_full_disk");
	dup2(copy, STDERR_FILENO);
	assert_true(log_take_lost() == 2);
	close(copy);
	close(ends[0]);
	close(ends[1]);
}

/* How often the C library's openlog() is called. */
static int opened;

void
openlog(const char *ident, int option, int facility)
{
	(void)option;
	(void)facility;
	assert_string_equal(ident, "my500");
	opened++;
}

static void
syslog_is_opened_anew(void **state)
{
	(void)state;
	setlogmask(LOG_MASK(LOG_EMERG)); /* that of this host is spared */
	opened = 0;
	log_open(LOG_TARGET_SYSLOG, LOG_LEVEL_INFO);
	assert_int_equal(opened, 1);
	log_reopen();
	assert_int_equal(opened, 2);
	log_reopen_later();
	assert_int_equal(opened, 2);
	log_info("event");
	assert_int_equal(opened, 3);
	log_info("event");
	assert_int_equal(opened, 3);
}

static void
stderr_needs_no_opening(void **state)
{
	(void)state;
	opened = 0;
	log_reopen_later();
	begin();
	log_info("event");
	end();
	json_object_put(parse_line());
	assert_int_equal(opened, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(an_event_without_fields, open_log),
		cmocka_unit_test_setup(fields_in_their_order, open_log),
		cmocka_unit_test_setup(numbers_to_their_edges, open_log),
		cmocka_unit_test_setup(texts, open_log),
		cmocka_unit_test_setup(
			long_texts_are_cut_between_characters, open_log),
		cmocka_unit_test_setup(a_full_line_is_one_write, open_log),
		cmocka_unit_test_setup(levels, open_log),
		cmocka_unit_test_setup(macros_name_their_level, open_log),
		cmocka_unit_test_setup(
			a_log_that_nobody_reads_does_no_harm, open_log),
		cmocka_unit_test_setup(paths_that_may_be_shown, open_log),
		cmocka_unit_test_setup(repeated_failures_are_thinned, open_log),
		cmocka_unit_test_setup(
			what_is_below_the_level_is_not_counted, open_log),
		cmocka_unit_test_setup(
			lines_that_are_lost_are_counted, open_log),
		cmocka_unit_test_setup(syslog_is_opened_anew, open_log),
		cmocka_unit_test_setup(stderr_needs_no_opening, open_log),
		cmocka_unit_test_setup(
			more_events_than_the_table_has_room_for, open_log),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
