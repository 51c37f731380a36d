#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "my500/signals.h"

static volatile sig_atomic_t heard;

static void
hear(int signal_number)
{
	(void)signal_number;
	heard++;
}

static void
block(void)
{
	const struct sigaction hearing = { .sa_handler = hear };
	sigset_t blocked;

	sigaction(SIGUSR1, &hearing, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	heard = 0;
}

static void
polls(void **state)
{
	struct pollfd set = { .events = POLLIN };
	int ends[2];

	(void)state;
	block();
	assert_int_equal(pipe(ends), 0);
	set.fd = ends[0];
	assert_int_equal(signals_poll(&set, 1, 0), 0);
	assert_int_equal(signals_poll(&set, 1, 10), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(signals_poll(&set, 1, -1), 1);
	assert_true((set.revents & POLLIN) != 0);
	close(ends[0]);
	close(ends[1]);
}

/* What waits for us comes before what there is to read. */
static void
hears_a_signal_although_there_is_something_to_read(void **state)
{
	struct pollfd set = { .events = POLLIN };
	int ends[2];

	(void)state;
	block();
	assert_int_equal(pipe(ends), 0);
	set.fd = ends[0];
	assert_int_equal(write(ends[1], "x", 1), 1);
	raise(SIGUSR1);
	assert_int_equal(heard, 0);
	assert_int_equal(signals_poll(&set, 1, -1), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(heard, 1);
	assert_int_equal(signals_poll(&set, 1, -1), 1);
	assert_int_equal(heard, 1);
	close(ends[0]);
	close(ends[1]);
}

static void
hears_a_signal_while_it_waits(void **state)
{
	const struct timespec soon = { 0, 20 * 1000000L };
	const struct itimerspec once = { { 0, 0 }, soon };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL };
	timer_t timer;

	(void)state;
	block();
	event.sigev_signo = SIGUSR1;
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &once, NULL), 0);
	assert_int_equal(signals_poll(NULL, 0, -1), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(heard, 1);
	timer_delete(timer);
}

static void
hears_a_signal_although_an_epoll_has_something(void **state)
{
	struct epoll_event event = { .events = EPOLLIN };
	int ends[2], epoll_fd = epoll_create1(0);

	(void)state;
	block();
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(
		epoll_ctl(epoll_fd, EPOLL_CTL_ADD, ends[0], &event), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	raise(SIGUSR1);
	assert_int_equal(heard, 0);
	assert_int_equal(signals_epoll(epoll_fd), -1);
	assert_int_equal(errno, EINTR);
	assert_int_equal(heard, 1);
	assert_int_equal(signals_epoll(epoll_fd), 1);
	assert_int_equal(heard, 1);
	close(epoll_fd);
	close(ends[0]);
	close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(polls),
		cmocka_unit_test(
			hears_a_signal_although_there_is_something_to_read),
		cmocka_unit_test(hears_a_signal_while_it_waits),
		cmocka_unit_test(
			hears_a_signal_although_an_epoll_has_something),
	};

	return cmocka_run_group_tests_name("signals", tests, NULL, NULL);
}
