#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "my500/clock.h"
#include "my500/metrics.h"
#include "my500/openmetrics.h"
#include "my500/scoreboard.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct buffer out;
static struct openmetrics_limits limits;

static int
enter_board(void **state)
{
	(void)state;
	limits = (struct openmetrics_limits){ .workers = 4, .listen_fd = -1 };
	if (scoreboard_open() != STATUS_OK)
		return -1;
	scoreboard_enter(scoreboard_reserve(SCOREBOARD_ROLE_supervisor));
	return 0;
}

static int
close_board(void **state)
{
	(void)state;
	scoreboard_close();
	buffer_close(&out);
	return 0;
}

static void
write_all(enum openmetrics_format format)
{
	buffer_clear(&out, SIZE_MAX);
	openmetrics_write(&out, format, &limits);
	buffer_add_char(&out, '\0');
	out.len--;
}

/* How many lines are exactly this one. */
static int
lines_like(struct slice want)
{
	struct slice rest = buffer_slice(&out), line;
	int count = 0;

	while (slice_split(&rest, '\n', &line))
		count += slice_equals(line, want);
	return count;
}

static int
lines_of(const char *want)
{
	return lines_like(slice_of(want));
}

static void
has_lines(const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (lines_of(lines[i]) != 1)
			fail_msg("%d times: %s\n%s", lines_of(lines[i]),
				lines[i], out.ptr);
}

/* The values of all samples that begin so, added up. */
static long long
sum_of(const char *start)
{
	struct slice rest = buffer_slice(&out), line;
	long long sum = 0;

	while (slice_split(&rest, '\n', &line))
		if (line.len > strlen(start) &&
			memcmp(line.ptr, start, strlen(start)) == 0)
			sum += strtoll(strchr(line.ptr, ' '), NULL, 10);
	return sum;
}

static void
accepted_formats(void **state)
{
	static const struct {
		const char *accept;
		enum openmetrics_format want;
	} cases[] = {
		{ NULL, OPENMETRICS_FORMAT_OPEN },
		{ "", OPENMETRICS_FORMAT_OPEN },
		{ "*/*", OPENMETRICS_FORMAT_OPEN },
		{ "application/openmetrics-text;version=1.0.0,"
		  "application/openmetrics-text;version=0.0.1;q=0.75,"
		  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
			OPENMETRICS_FORMAT_OPEN },
		{ "text/plain;version=0.0.4;q=1,*/*;q=0.1",
			OPENMETRICS_FORMAT_TEXT },
		{ "text/plain", OPENMETRICS_FORMAT_TEXT },
		{ "TEXT/PLAIN", OPENMETRICS_FORMAT_TEXT },
		{ " text/plain ; q=0.1 ", OPENMETRICS_FORMAT_TEXT },
		{ "text/*", OPENMETRICS_FORMAT_TEXT },
		{ "text/plain;q=0", OPENMETRICS_FORMAT_OPEN },
		{ "text/plain;q=0.000", OPENMETRICS_FORMAT_OPEN },
		{ "text/plain;q=", OPENMETRICS_FORMAT_TEXT },
		{ "text/plain, */*;q=0.9", OPENMETRICS_FORMAT_TEXT },
		{ "*/*, application/openmetrics-text;q=0.5",
			OPENMETRICS_FORMAT_TEXT },
		{ "application/*;q=0.5, text/plain;q=0.499",
			OPENMETRICS_FORMAT_OPEN },
		{ "application/*;q=0.5, text/plain;q=0.501",
			OPENMETRICS_FORMAT_TEXT },
		{ "text/html, application/xhtml+xml, */*;q=0.8",
			OPENMETRICS_FORMAT_OPEN },
		{ "text/plain-ish", OPENMETRICS_FORMAT_OPEN },
		{ ",,;,;q=1,q=1", OPENMETRICS_FORMAT_OPEN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (openmetrics_choose(slice_of(cases[i].accept)) !=
			cases[i].want)
			fail_msg("%s", cases[i].accept);
}

/* What a family is called in the lines that describe it. */
static struct slice
family_of(struct slice line)
{
	struct slice word = line;

	for (int i = 0; i < 3; i++)
		(void)slice_split(&line, ' ', &word);
	return word;
}

static bool
begins_with(struct slice s, struct slice start)
{
	return s.len >= start.len && memcmp(s.ptr, start.ptr, start.len) == 0;
}

/* The rules that hold line by line: a family is described before its samples,
 * once; its samples follow at once, and none comes twice. */
static void
check_structure(enum openmetrics_format format)
{
	struct slice rest = buffer_slice(&out), line, family = { "", 0 };
	bool has_end = false;

	assert_int_equal(out.ptr[out.len - 1], '\n');
	rest.len--;
	while (slice_split(&rest, '\n', &line)) {
		bool is_good = lines_like(line) == 1 && !has_end;

		has_end = slice_equals_text(line, "# EOF");
		if (begins_with(line, slice_of("# HELP ")))
			family = family_of(line);
		else if (line.len > 0 && line.ptr[0] == '#' && !has_end)
			is_good = is_good &&
				slice_equals(family_of(line), family);
		else if (!has_end)
			is_good = is_good && begins_with(line, family);
		if (!is_good)
			fail_msg("%.*s", (int)line.len, line.ptr);
	}
	assert_int_equal(has_end, format == OPENMETRICS_FORMAT_OPEN);
}

static void
both_formats_are_well_formed(void **state)
{
	static const char *const open[] = {
		"# HELP my500_requests Requests answered.",
		"# TYPE my500_requests counter",
		"# TYPE my500_request_duration_seconds histogram",
		"# UNIT my500_request_duration_seconds seconds",
		"# UNIT my500_worker_resident_bytes bytes",
		"# TYPE my500_workers gauge",
		"# TYPE my500_build info",
		"my500_build_info{version=\"" PACKAGE_VERSION "\"} 1",
		"# EOF",
	};
	static const char *const text[] = {
		"# HELP my500_requests_total Requests answered.",
		"# TYPE my500_requests_total counter",
		"# TYPE my500_request_duration_seconds histogram",
		"# TYPE my500_build_info gauge",
		"my500_build_info{version=\"" PACKAGE_VERSION "\"} 1",
	};

	(void)state;
	scoreboard_enter(scoreboard_reserve(SCOREBOARD_ROLE_worker));
	scoreboard_begin("id", slice_of("/"), clock_now_us());
	write_all(OPENMETRICS_FORMAT_OPEN);
	check_structure(OPENMETRICS_FORMAT_OPEN);
	has_lines(open, COUNT(open));
	write_all(OPENMETRICS_FORMAT_TEXT);
	check_structure(OPENMETRICS_FORMAT_TEXT);
	has_lines(text, COUNT(text));
	assert_null(strstr(out.ptr, "# UNIT"));
	assert_string_equal(openmetrics_content_type(OPENMETRICS_FORMAT_TEXT),
		"text/plain; version=0.0.4; charset=utf-8");
}

static void
what_was_counted(void **state)
{
	static const char *const lines[] = {
		"my500_requests_total{endpoint=\"contacts\",status=\"200\"} 2",
		"my500_requests_total{endpoint=\"contacts\",status=\"503\"} 0",
		"my500_requests_total{endpoint=\"search\",status=\"503\"} 1",
		"my500_request_duration_seconds_bucket"
		"{endpoint=\"contacts\",le=\"0.0005\"} 0",
		"my500_request_duration_seconds_bucket"
		"{endpoint=\"contacts\",le=\"0.001\"} 1",
		"my500_request_duration_seconds_bucket"
		"{endpoint=\"contacts\",le=\"2.5\"} 1",
		"my500_request_duration_seconds_bucket"
		"{endpoint=\"contacts\",le=\"+Inf\"} 2",
		"my500_request_duration_seconds_count"
		"{endpoint=\"contacts\"} 2",
		"my500_request_duration_seconds_sum"
		"{endpoint=\"contacts\"} 3.000900",
		"my500_cache_duration_seconds_bucket{le=\"1.0\"} 1",
		"my500_cache_duration_seconds_count 1",
		"my500_cache_duration_seconds_sum 0.000021",
		"my500_db_duration_seconds_count{statement=\"find_page\"} 0",
		"my500_cache_total{kind=\"page\",result=\"hit\"} 9",
		"my500_log_lost_total 3",
	};

	(void)state;
	metrics_add_request(METRICS_ENDPOINT_contacts, 200, 900);
	metrics_add_request(METRICS_ENDPOINT_contacts, 200, 3000000);
	scoreboard_enter(scoreboard_reserve(SCOREBOARD_ROLE_worker));
	metrics_add_request(METRICS_ENDPOINT_search, 503, 900);
	metrics_observe(METRIC_cache_duration_seconds, METRICS_NONE, 21);
	metrics_add(METRIC_cache, METRICS_CACHE_KIND_page,
		METRICS_CACHE_RESULT_hit, 9);
	metrics_add(METRIC_log_lost, METRICS_NONE, METRICS_NONE, 3);
	write_all(OPENMETRICS_FORMAT_OPEN);
	has_lines(lines, COUNT(lines));
}

static void
what_is_there_now(void **state)
{
	static const char *const lines[] = {
		"my500_workers{state=\"starting\"} 1",
		"my500_workers{state=\"idle\"} 1",
		"my500_workers{state=\"busy\"} 1",
		"my500_workers{state=\"leaving\"} 0",
		"my500_workers_max 4",
		"my500_db_connections{state=\"busy\"} 1",
		"my500_db_connections{state=\"idle\"} 1",
		"my500_db_connections_max 4",
		"my500_worker_resident_bytes{worker=\"0\"} 4096",
		"my500_worker_resident_max_bytes 9000",
		"my500_worker_requests_total{worker=\"0\"} 1",
		"my500_worker_requests_total{worker=\"1\"} 0",
		"my500_worker_state{worker=\"0\",state=\"idle\"} 1",
		"my500_worker_state{worker=\"0\",state=\"busy\"} 0",
		"my500_worker_state{worker=\"1\",state=\"busy\"} 1",
		"my500_worker_state{worker=\"2\",state=\"starting\"} 1",
	};
	static const char age[] =
		"my500_worker_request_age_seconds{worker=\"1\",step=\"db\"} 3.";

	(void)state;
	limits.resident_bytes = 9000;
	scoreboard_enter(scoreboard_reserve(SCOREBOARD_ROLE_worker));
	scoreboard_set_resident(4096);
	scoreboard_set_database(SCOREBOARD_DATABASE_idle);
	metrics_add_request(METRICS_ENDPOINT_contacts, 200, 1);
	scoreboard_begin("id", slice_of("/"), 1);
	scoreboard_end();
	scoreboard_enter(scoreboard_reserve(SCOREBOARD_ROLE_worker));
	scoreboard_begin("id", slice_of("/"), clock_now_us() - 3000000);
	scoreboard_step(SCOREBOARD_STEP_db);
	scoreboard_set_database(SCOREBOARD_DATABASE_busy);
	(void)scoreboard_reserve(SCOREBOARD_ROLE_worker);
	(void)scoreboard_reserve(SCOREBOARD_ROLE_admin);
	write_all(OPENMETRICS_FORMAT_OPEN);
	has_lines(lines, COUNT(lines));
	assert_non_null(strstr(out.ptr, age));
	assert_null(strstr(out.ptr, "worker=\"3\""));
	scoreboard_release(scoreboard_places() - 1);
	write_all(OPENMETRICS_FORMAT_OPEN);
	assert_int_equal(sum_of("my500_workers{"), 2);
	assert_null(strstr(out.ptr, "worker=\"2\""));
}

static void
the_listen_queue_where_it_is_known(void **state)
{
	const struct sockaddr a = { .sa_family = AF_INET };

	(void)state;
	write_all(OPENMETRICS_FORMAT_OPEN);
	assert_null(strstr(out.ptr, "listen_queue"));
	assert_null(strstr(out.ptr, "resident_max"));
	limits.listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(limits.listen_fd, &a, sizeof(a)), 0);
	assert_int_equal(listen(limits.listen_fd, 7), 0);
	write_all(OPENMETRICS_FORMAT_OPEN);
	assert_int_equal(lines_of("my500_listen_queue 0"), 1);
	assert_int_equal(lines_of("my500_listen_queue_max 7"), 1);
	close(limits.listen_fd);
}

/* Workers are killed and replaced while all is read: there are never more of
 * them than places were given away, each is in one state, and no counter goes
 * down. */
static void
a_storm_of_deaths(void **state)
{
	long long requests = 0;
	pid_t pids[4];
	int places[4];

	(void)state;
	for (int round = 0; round < 25; round++) {
		int wait_status;

		for (int i = 0; i < 4; i++) {
			places[i] = scoreboard_reserve(SCOREBOARD_ROLE_worker);
			pids[i] = fork();
			if (pids[i] != 0)
				continue;
			scoreboard_enter(places[i]);
			for (;;) {
				scoreboard_begin("id", slice_of("/"), 1);
				metrics_add_request(
					METRICS_ENDPOINT_contacts, 200, 1);
				scoreboard_end();
			}
		}
		usleep(1000);
		for (int i = 0; i < 4; i++) {
			kill(pids[i], SIGKILL);
			write_all(OPENMETRICS_FORMAT_OPEN);
			assert_int_equal(sum_of("my500_workers{"), 4 - i);
			assert_int_equal(sum_of("my500_worker_state{"), 4 - i);
			assert_true(
				sum_of("my500_requests_total{") >= requests);
			requests = sum_of("my500_requests_total{");
			waitpid(pids[i], &wait_status, 0);
			scoreboard_release(places[i]);
		}
	}
	assert_true(requests > 0);
	write_all(OPENMETRICS_FORMAT_OPEN);
	assert_int_equal(sum_of("my500_workers{"), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, enter_board, close_board)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted_formats),
		TEST(both_formats_are_well_formed),
		TEST(what_was_counted),
		TEST(what_is_there_now),
		TEST(the_listen_queue_where_it_is_known),
		TEST(a_storm_of_deaths),
	};

	return cmocka_run_group_tests_name("openmetrics", tests, NULL, NULL);
}
