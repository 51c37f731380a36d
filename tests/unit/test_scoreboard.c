#include "config.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "my500/clock.h"
#include "my500/scoreboard.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
open_board(void **state)
{
	(void)state;
	return scoreboard_open() == STATUS_OK ? 0 : -1;
}

static int
close_board(void **state)
{
	(void)state;
	scoreboard_close();
	return 0;
}

static struct scoreboard_row
row_of(int place)
{
	struct scoreboard_row row;

	assert_true(scoreboard_read(place, &row));
	return row;
}

static void
without_a_scoreboard_nothing_happens(void **state)
{
	(void)state;
	scoreboard_close();
	assert_int_equal(scoreboard_reserve(SCOREBOARD_ROLE_worker), -1);
	assert_int_equal(scoreboard_places(), 0);
	scoreboard_add(0, 1);
	scoreboard_begin("id", slice_of("/"), 1);
	scoreboard_end();
	assert_true(scoreboard_may_retire());
	scoreboard_end_retirement(getpid());
}

static void
a_place_is_taken_and_given_back(void **state)
{
	int64_t before_us = clock_now_us();
	struct scoreboard_row row;
	int place = scoreboard_reserve(SCOREBOARD_ROLE_worker);

	(void)state;
	assert_true(place >= 0);
	assert_int_equal(scoreboard_places(), place + 1);
	row = row_of(place);
	assert_int_equal(row.role, SCOREBOARD_ROLE_worker);
	assert_int_equal(row.state, SCOREBOARD_STATE_starting);
	assert_int_equal(row.pid, 0);
	assert_true(row.started_us >= before_us &&
		row.started_us <= clock_now_us());
	for (int i = 0; i < place; i++)
		assert_false(scoreboard_read(i, &row));
	scoreboard_release(place);
	assert_false(scoreboard_read(place, &row));
	assert_int_equal(scoreboard_places(), place + 1);
	assert_int_equal(scoreboard_reserve(SCOREBOARD_ROLE_worker), place);
}

static void
roles_have_their_own_places(void **state)
{
	static const struct {
		enum scoreboard_role role;
		int places;
	} roles[] = {
		{ SCOREBOARD_ROLE_worker, 2048 },
		{ SCOREBOARD_ROLE_supervisor, 1 },
		{ SCOREBOARD_ROLE_invalidator, 2 },
		{ SCOREBOARD_ROLE_admin, 2 },
	};

	(void)state;
	for (size_t r = 0; r < COUNT(roles); r++) {
		for (int i = 0; i < roles[r].places; i++) {
			int place = scoreboard_reserve(roles[r].role);

			assert_true(place >= 0);
			assert_int_equal(scoreboard_number(place), i);
			assert_int_equal(row_of(place).role, roles[r].role);
		}
		assert_int_equal(scoreboard_reserve(roles[r].role), -1);
	}
	assert_int_equal(scoreboard_places(), 2048 + 5);
}

static void
a_request_is_told_from_its_begin_to_its_end(void **state)
{
	int place = scoreboard_reserve(SCOREBOARD_ROLE_worker);
	struct scoreboard_row row;

	(void)state;
	scoreboard_enter(place);
	assert_int_equal(row_of(place).pid, getpid());
	assert_int_equal(row_of(place).state, SCOREBOARD_STATE_starting);
	scoreboard_set_state(SCOREBOARD_STATE_idle);
	assert_int_equal(row_of(place).state, SCOREBOARD_STATE_idle);
	scoreboard_begin("a-1", slice_of("/api/my-500"), 1234);
	row = row_of(place);
	assert_int_equal(row.state, SCOREBOARD_STATE_busy);
	assert_int_equal(row.step, SCOREBOARD_STEP_receive);
	assert_string_equal(row.request_id, "a-1");
	assert_string_equal(row.path, "/api/my-500");
	assert_int_equal(row.request_us, 1234);
	assert_int_equal(row.requests, 0);
	scoreboard_step(SCOREBOARD_STEP_db);
	scoreboard_set_database(SCOREBOARD_DATABASE_busy);
	row = row_of(place);
	assert_int_equal(row.step, SCOREBOARD_STEP_db);
	assert_int_equal(row.database, SCOREBOARD_DATABASE_busy);
	assert_string_equal(row.request_id, "a-1");
	scoreboard_set_database(SCOREBOARD_DATABASE_idle);
	scoreboard_set_resident(5000);
	scoreboard_end();
	row = row_of(place);
	assert_int_equal(row.state, SCOREBOARD_STATE_idle);
	assert_int_equal(row.step, SCOREBOARD_STEP_none);
	assert_int_equal(row.database, SCOREBOARD_DATABASE_idle);
	assert_string_equal(row.request_id, "");
	assert_string_equal(row.path, "");
	assert_int_equal(row.request_us, 0);
	assert_int_equal(row.requests, 1);
	assert_int_equal(row.resident_bytes, 5000);
}

static void
only_plain_paths_are_shown(void **state)
{
	static char long_path[200];
	static const struct {
		struct slice path;
		const char *want;
	} cases[] = {
		{ { "/a/b-c.d", 8 }, "/a/b-c.d" },
		{ { "/a/b-c.d", 2 }, "/a" },
		{ { NULL, 0 }, "" },
		{ { "/a@b", 4 }, "?" },
		{ { long_path, sizeof(long_path) }, "" },
	};
	int place = scoreboard_reserve(SCOREBOARD_ROLE_worker);

	(void)state;
	memset(long_path, '/', sizeof(long_path));
	scoreboard_enter(place);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct scoreboard_row row;

		scoreboard_begin("id", cases[i].path, 1);
		row = row_of(place);
		if (cases[i].path.ptr == long_path)
			assert_int_equal(
				strlen(row.path), SCOREBOARD_PATH_BYTES - 1);
		else
			assert_string_equal(row.path, cases[i].want);
	}
}

/* Of a child, told to end. */
static void
end_child(pid_t pid)
{
	int wait_status;

	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &wait_status, 0), pid);
}

/* In a child: writes requests whose parts belong together, without an end. */
static void
write_requests(int place)
{
	scoreboard_enter(place);
	for (int64_t i = 1;; i++) {
		char id[SCOREBOARD_ID_BYTES], path[SCOREBOARD_PATH_BYTES];

		snprintf(id, sizeof(id), "%060lld", (long long)i);
		snprintf(path, sizeof(path), "/%060lld", (long long)i);
		scoreboard_add(0, 1);
		scoreboard_begin(id, slice_of(path), i);
		scoreboard_step(SCOREBOARD_STEP_db);
		scoreboard_end();
	}
}

/* Whether all parts of the row are of one request. */
static bool
is_whole(const struct scoreboard_row *row)
{
	if (row->state != SCOREBOARD_STATE_busy)
		return row->request_us == 0 && row->request_id[0] == '\0' &&
			row->path[0] == '\0' &&
			row->step == SCOREBOARD_STEP_none;
	return strtoll(row->request_id, NULL, 10) == row->request_us &&
		strtoll(row->path + 1, NULL, 10) == row->request_us &&
		row->requests == row->request_us - 1 &&
		row->step != SCOREBOARD_STEP_none;
}

static pid_t
start_writer(int place)
{
	pid_t pid = fork();

	if (pid == 0)
		write_requests(place);
	assert_true(pid > 0);
	return pid;
}

static void
readers_never_see_a_torn_row(void **state)
{
	int place = scoreboard_reserve(SCOREBOARD_ROLE_worker);
	pid_t pid = start_writer(place);
	int64_t until_us = clock_now_us() + CLOCK_US_PER_S;
	int64_t last = 0, seen = 0;

	(void)state;
	while (clock_now_us() < until_us) {
		struct scoreboard_row row = row_of(place);

		if (!is_whole(&row)) {
			end_child(pid);
			fail_msg("%s %s %lld", row.request_id, row.path,
				(long long)row.request_us);
		}
		assert_true(row.requests >= last);
		seen += row.requests > last;
		last = row.requests;
	}
	end_child(pid);
	assert_true(seen > 0);
}

/* The row of who was killed is whole, its counters stay, and the next one in
 * the place begins anew. */
static void
sudden_deaths(void **state)
{
	uint64_t counted = 0;

	(void)state;
	for (int i = 0; i < 200; i++) {
		int place = scoreboard_reserve(SCOREBOARD_ROLE_worker);
		pid_t pid = start_writer(place);
		struct scoreboard_row row;

		usleep((useconds_t)(i * 7));
		end_child(pid);
		row = row_of(place);
		if (row.state != SCOREBOARD_STATE_starting && !is_whole(&row))
			fail_msg("%d: %s %s", i, row.request_id, row.path);
		scoreboard_release(place);
		assert_true(scoreboard_cell(place, 0) >= counted);
		counted = scoreboard_cell(place, 0);
		assert_int_equal(scoreboard_places(), place + 1);
	}
	assert_true(counted > 0);
}

static void
the_token_goes_from_hand_to_hand(void **state)
{
	int wait_status = -1;
	pid_t pid;

	(void)state;
	assert_true(scoreboard_may_retire());
	assert_true(scoreboard_may_retire());
	pid = fork();
	if (pid == 0) { /* not while we have it, nor when another ends */
		if (scoreboard_may_retire())
			_exit(1);
		scoreboard_end_retirement(getpid());
		if (scoreboard_may_retire())
			_exit(2);
		scoreboard_end_retirement(getppid());
		_exit(scoreboard_may_retire() ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &wait_status, 0), pid);
	assert_int_equal(wait_status, 0);
	assert_false(scoreboard_may_retire()); /* the dead child's still */
	scoreboard_end_retirement(pid);
	assert_true(scoreboard_may_retire());
}

static void
cells_are_each_place_s_own(void **state)
{
	int first = scoreboard_reserve(SCOREBOARD_ROLE_worker);
	int second = scoreboard_reserve(SCOREBOARD_ROLE_worker);

	(void)state;
	scoreboard_enter(first);
	scoreboard_add(0, 2);
	scoreboard_add(SCOREBOARD_CELLS - 1, 3);
	scoreboard_enter(second);
	scoreboard_add(0, UINT64_C(1) << 40);
	assert_int_equal(scoreboard_cell(first, 0), 2);
	assert_int_equal(scoreboard_cell(first, SCOREBOARD_CELLS - 1), 3);
	assert_int_equal(scoreboard_cell(first, 1), 0);
	assert_true(scoreboard_cell(second, 0) == UINT64_C(1) << 40);
	assert_int_equal(scoreboard_cell(second, SCOREBOARD_CELLS - 1), 0);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_board, close_board)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_scoreboard_nothing_happens),
		TEST(a_place_is_taken_and_given_back),
		TEST(roles_have_their_own_places),
		TEST(a_request_is_told_from_its_begin_to_its_end),
		TEST(only_plain_paths_are_shown),
		TEST(readers_never_see_a_torn_row),
		TEST(sudden_deaths),
		TEST(the_token_goes_from_hand_to_hand),
		TEST(cells_are_each_place_s_own),
	};

	return cmocka_run_group_tests_name("scoreboard", tests, NULL, NULL);
}
