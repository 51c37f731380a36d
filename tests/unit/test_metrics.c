#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "my500/clock.h"
#include "my500/metrics.h"
#include "my500/scoreboard.h"
#include "my500/statement.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
enter_board(void **state)
{
	(void)state;
	if (scoreboard_open() != STATUS_OK)
		return -1;
	scoreboard_enter(scoreboard_reserve(SCOREBOARD_ROLE_worker));
	return 0;
}

static int
close_board(void **state)
{
	(void)state;
	scoreboard_close();
	return 0;
}

/* A cell of a metric, summed; counted from its first. */
static uint64_t
sum_of(enum metric metric, int offset)
{
	return metrics_sum(metrics_series[metric].first_cell + offset);
}

static void
names_and_labels(void **state)
{
	static const struct {
		enum metric metric;
		const char *name, *label, *more;
	} cases[] = {
		{ METRIC_requests, "requests", "endpoint", "status" },
		{ METRIC_request_duration_seconds, "request_duration_seconds",
			"endpoint", NULL },
		{ METRIC_db_duration_seconds, "db_duration_seconds",
			"statement", NULL },
		{ METRIC_cache_duration_seconds, "cache_duration_seconds", NULL,
			NULL },
		{ METRIC_cache, "cache", "kind", "result" },
		{ METRIC_slow, "slow", "kind", NULL },
		{ METRIC_db_reconnects, "db_reconnects", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct metrics_series
			*s = &metrics_series[cases[i].metric];

		assert_string_equal(s->name, cases[i].name);
		assert_string_equal(
			s->labels->name == NULL ? "" : s->labels->name,
			cases[i].label == NULL ? "" : cases[i].label);
		assert_string_equal(s->more->name == NULL ? "" : s->more->name,
			cases[i].more == NULL ? "" : cases[i].more);
	}
	assert_int_equal(METRICS_STATEMENT_VALUES, STATEMENTS);
	for (int i = 0; i < STATEMENTS; i++)
		assert_string_equal(metrics_series[METRIC_db_duration_seconds]
					    .labels->values[i],
			statement_texts[i].name);
}

static void
no_two_metrics_share_a_cell(void **state)
{
	int next = 0;

	(void)state;
	for (int m = 0; m < METRICS; m++) {
		const struct metrics_series *s = &metrics_series[m];

		if (s->first_cell < 0)
			continue;
		assert_int_equal(s->first_cell, next);
		next += s->labels->count *
			(s->type == METRICS_TYPE_histogram
					? METRICS_HISTOGRAM_CELLS
					: s->more->count);
	}
	assert_true(next > 0 && next <= SCOREBOARD_CELLS);
}

static void
counters_count(void **state)
{
	(void)state;
	metrics_add(METRIC_cache, METRICS_CACHE_KIND_page,
		METRICS_CACHE_RESULT_hit, 1);
	metrics_add(METRIC_cache, METRICS_CACHE_KIND_page,
		METRICS_CACHE_RESULT_hit, 2);
	metrics_add(METRIC_cache, METRICS_CACHE_KIND_search,
		METRICS_CACHE_RESULT_error, 5);
	metrics_add(METRIC_log_lost, METRICS_NONE, METRICS_NONE, 7);
	assert_int_equal(sum_of(METRIC_cache, 0), 0);
	assert_int_equal(sum_of(METRIC_cache, 1 * 4 + 0), 3);
	assert_int_equal(sum_of(METRIC_cache, 2 * 4 + 3), 5);
	assert_int_equal(sum_of(METRIC_log_lost, 0), 7);
}

static void
durations_fall_into_buckets(void **state)
{
	static const struct {
		int64_t duration_us;
		int bucket;
	} cases[] = {
		{ -1, 0 }, /* the clock is monotonic, but one never knows */
		{ 0, 0 },
		{ 500, 0 },
		{ 501, 1 },
		{ 1000, 1 },
		{ 99999, 7 },
		{ 100000, 7 },
		{ 100001, 8 },
		{ 200000, 8 },
		{ 200001, 9 },
		{ 2500000, 11 },
		{ 2500001, 12 },
		{ INT64_C(3600000000), 12 },
	};
	uint64_t sum_us = 0, all = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int cell = METRICS_STATEMENT_find_page *
				METRICS_HISTOGRAM_CELLS +
			cases[i].bucket;
		uint64_t before = sum_of(METRIC_db_duration_seconds, cell);

		metrics_observe(METRIC_db_duration_seconds,
			METRICS_STATEMENT_find_page, cases[i].duration_us);
		if (sum_of(METRIC_db_duration_seconds, cell) != before + 1)
			fail_msg("%lld us", (long long)cases[i].duration_us);
		sum_us += cases[i].duration_us > 0
			? (uint64_t)cases[i].duration_us
			: 0;
	}
	for (int b = 0; b < METRICS_BUCKETS; b++)
		all += sum_of(METRIC_db_duration_seconds,
			METRICS_STATEMENT_find_page * METRICS_HISTOGRAM_CELLS +
				b);
	assert_int_equal(all, COUNT(cases));
	assert_true(
		sum_of(METRIC_db_duration_seconds,
			METRICS_STATEMENT_find_page * METRICS_HISTOGRAM_CELLS +
				METRICS_BUCKETS) == sum_us);
}

static void
requests_by_status(void **state)
{
	static const struct {
		int http_status;
		enum metrics_http_status counted;
	} cases[] = {
		{ 200, METRICS_HTTP_STATUS_200 },
		{ 304, METRICS_HTTP_STATUS_304 },
		{ 503, METRICS_HTTP_STATUS_503 },
		{ 500, METRICS_HTTP_STATUS_500 },
		{ 418, METRICS_HTTP_STATUS_500 },
		{ 0, METRICS_HTTP_STATUS_500 },
	};
	int place = scoreboard_places() - 1;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		int cell = METRICS_ENDPOINT_search *
				METRICS_HTTP_STATUS_VALUES +
			(int)cases[i].counted;
		uint64_t before = sum_of(METRIC_requests, cell);

		metrics_add_request(
			METRICS_ENDPOINT_search, cases[i].http_status, 1500);
		assert_int_equal(sum_of(METRIC_requests, cell), before + 1);
	}
	assert_int_equal(
		sum_of(METRIC_request_duration_seconds,
			METRICS_ENDPOINT_search * METRICS_HISTOGRAM_CELLS + 2),
		COUNT(cases));
	assert_int_equal(metrics_requests_of(place), COUNT(cases));
	assert_int_equal(metrics_requests_of(place - 1), 0);
}

static void
without_a_place_nothing_is_counted(void **state)
{
	(void)state;
	scoreboard_close();
	metrics_add(METRIC_log_lost, METRICS_NONE, METRICS_NONE, 7);
	assert_int_equal(sum_of(METRIC_log_lost, 0), 0);
	assert_int_equal(scoreboard_open(), STATUS_OK);
	(void)scoreboard_reserve(SCOREBOARD_ROLE_worker);
	assert_int_equal(sum_of(METRIC_log_lost, 0), 0);
}

/* Children count and are killed; the sum never goes down, and what one of
 * them says it has counted is there. */
static void
sums_survive_their_workers(void **state)
{
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		int place = scoreboard_reserve(SCOREBOARD_ROLE_worker);
		pid_t pid = fork();
		int wait_status;

		if (pid == 0) {
			scoreboard_enter(place);
			for (;;)
				metrics_add(METRIC_invalidations, METRICS_NONE,
					METRICS_NONE, 1);
		}
		assert_true(pid > 0);
		while (sum_of(METRIC_invalidations, 0) == last)
			usleep(50);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &wait_status, 0), pid);
		scoreboard_release(place);
		assert_true(sum_of(METRIC_invalidations, 0) > last);
		last = sum_of(METRIC_invalidations, 0);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, enter_board, close_board)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_and_labels),
		TEST(no_two_metrics_share_a_cell),
		TEST(counters_count),
		TEST(durations_fall_into_buckets),
		TEST(requests_by_status),
		TEST(without_a_place_nothing_is_counted),
		TEST(sums_survive_their_workers),
	};

	return cmocka_run_group_tests_name("metrics", tests, NULL, NULL);
}
