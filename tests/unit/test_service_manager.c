#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "my500/clock.h"
#include "my500/service_manager.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static char directory[] = "/tmp/my500-notify-XXXXXX";
static char path[100];
static int manager = -1; /* systemd's end */

static int
make_directory(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/notify", directory);
	return 0;
}

static int
remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

/* A manager that listens at a name, as NOTIFY_SOCKET has it. */
static void
listen_at(const char *name)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		strlen(name));

	memcpy(a.sun_path, name, strlen(name));
	if (*name == '@')
		a.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(manager, (const struct sockaddr *)&a, size), 0);
}

static int
stop_listening(void **state)
{
	(void)state;
	close(manager);
	manager = -1;
	unlink(path);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	return 0;
}

/* The next message that it got, "" when there is none. */
static const char *
message(void)
{
	static char text[1024];
	ssize_t len = recv(manager, text, sizeof(text) - 1, 0);

	text[len < 0 ? 0 : len] = '\0';
	return text;
}

static void
without_a_manager(void **state)
{
	struct service_manager m;

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	setenv("WATCHDOG_USEC", "1000", 1);
	service_manager_open(&m);
	assert_int_equal(m.fd, -1);
	service_manager_ready(&m, "words");
	assert_true(service_manager_watch(&m) == INT64_MAX);
	service_manager_close(&m);
}

static void
tell_all(void)
{
	struct service_manager m;
	long long told_us = 0;
	char rest;

	service_manager_open(&m);
	assert_true(m.fd >= 0);
	assert_null(getenv("NOTIFY_SOCKET"));
	assert_null(getenv("WATCHDOG_USEC"));
	assert_null(getenv("WATCHDOG_PID"));
	service_manager_ready(&m, "4 workers");
	assert_string_equal(message(), "READY=1\nSTATUS=4 workers");
	service_manager_reloading(&m);
	assert_int_equal(sscanf(message(), "RELOADING=1\nMONOTONIC_USEC=%lld%c",
				 &told_us, &rest),
		1);
	assert_true(told_us > 0 && told_us <= clock_now_us());
	service_manager_tell(&m, "4 workers, 1 busy");
	assert_string_equal(message(), "STATUS=4 workers, 1 busy");
	service_manager_stopping(&m, "1 worker left");
	assert_string_equal(message(), "STOPPING=1\nSTATUS=1 worker left");
	assert_string_equal(message(), "");
	service_manager_close(&m);
	assert_int_equal(m.fd, -1);
	service_manager_close(&m); /* a second time does no harm */
}

static void
by_a_path(void **state)
{
	(void)state;
	listen_at(path);
	setenv("NOTIFY_SOCKET", path, 1);
	tell_all();
}

static void
by_an_abstract_name(void **state)
{
	char name[100];

	(void)state;
	snprintf(name, sizeof(name), "@my500-notify-%d", (int)getpid());
	listen_at(name);
	setenv("NOTIFY_SOCKET", name, 1);
	tell_all();
}

static void
names_that_are_none(void **state)
{
	static char too_long[200];
	static const char *const names[] = { "", "/", "@", "notify",
		"vsock:2:1", too_long };

	(void)state;
	memset(too_long, 'a', sizeof(too_long) - 1);
	too_long[0] = '/';
	for (size_t i = 0; i < COUNT(names); i++) {
		struct service_manager m;

		setenv("NOTIFY_SOCKET", names[i], 1);
		service_manager_open(&m);
		assert_int_equal(m.fd, -1);
		assert_null(getenv("NOTIFY_SOCKET"));
	}
}

/* It is told of each time anew: systemd may execute itself again. */
static void
a_manager_that_comes_back(void **state)
{
	struct service_manager m;

	(void)state;
	setenv("NOTIFY_SOCKET", path, 1);
	service_manager_open(&m);
	service_manager_tell(&m, "nobody hears this");
	listen_at(path);
	service_manager_tell(&m, "first");
	assert_string_equal(message(), "STATUS=first");
	close(manager);
	service_manager_tell(&m, "nobody hears this");
	unlink(path);
	listen_at(path);
	service_manager_tell(&m, "second");
	assert_string_equal(message(), "STATUS=second");
	service_manager_close(&m);
}

/* Its queue is full: a word is lost, but not the time of a request. */
static void
a_manager_that_does_not_listen(void **state)
{
	struct service_manager m;
	int64_t before_us;

	(void)state;
	listen_at(path);
	setenv("NOTIFY_SOCKET", path, 1);
	service_manager_open(&m);
	before_us = clock_now_us();
	while (clock_now_us() < before_us + CLOCK_US_PER_S / 2)
		service_manager_tell(&m, "word");
	assert_true(clock_now_us() < before_us + 5 * CLOCK_US_PER_S);
	service_manager_close(&m);
}

static void
who_is_watched(void **state)
{
	static const struct {
		const char *usec, *pid; /* "own": ours; NULL: unset */
		int64_t want_us;
	} cases[] = {
		{ "30000000", "own", 15000000 },
		{ "30000000", NULL, 15000000 },
		{ "30000000", "1", 0 },
		{ "30000000", "", 0 },
		{ NULL, "own", 0 },
		{ "", "own", 0 },
		{ "0", "own", 0 },
		{ "-1", "own", 0 },
		{ "30s", "own", 0 },
		{ "99999999999999999999", "own", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct service_manager m;
		char own[16];

		snprintf(own, sizeof(own), "%d", (int)getpid());
		setenv("NOTIFY_SOCKET", path, 1);
		if (cases[i].usec != NULL)
			setenv("WATCHDOG_USEC", cases[i].usec, 1);
		if (cases[i].pid != NULL)
			setenv("WATCHDOG_PID",
				*cases[i].pid == 'o' ? own : cases[i].pid, 1);
		service_manager_open(&m);
		if (m.watch_us != cases[i].want_us)
			fail_msg("%zu: %lld", i, (long long)m.watch_us);
		service_manager_close(&m);
	}
}

static void
at_half_of_its_time(void **state)
{
	struct service_manager m;
	int64_t begin_us, next_us;

	(void)state;
	listen_at(path);
	setenv("NOTIFY_SOCKET", path, 1);
	setenv("WATCHDOG_USEC", "400000", 1);
	service_manager_open(&m);
	begin_us = clock_now_us();
	next_us = service_manager_watch(&m);
	assert_string_equal(message(), "WATCHDOG=1");
	assert_true(next_us >= begin_us + 200000 &&
		next_us <= clock_now_us() + 200000);
	if (clock_now_us() < next_us) /* else the machine is too slow */
		assert_true(service_manager_watch(&m) >= next_us);
	while (clock_now_us() < next_us) {
		assert_string_equal(message(), "");
		usleep(10000);
	}
	assert_true(service_manager_watch(&m) > next_us);
	assert_string_equal(message(), "WATCHDOG=1");
	service_manager_close(&m);
}

#define TEST(name) cmocka_unit_test_teardown(name, stop_listening)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_manager),
		TEST(by_a_path),
		TEST(by_an_abstract_name),
		TEST(names_that_are_none),
		TEST(a_manager_that_comes_back),
		TEST(a_manager_that_does_not_listen),
		TEST(who_is_watched),
		TEST(at_half_of_its_time),
	};

	return cmocka_run_group_tests_name(
		"service_manager", tests, make_directory, remove_directory);
}
