#include "config.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "my500/listen_queue.h"

#define WAITING_MAX 8
#define CLIENTS     5

/* Bound to an abstract name of the kernel's choice (unix(7)). */
static int
bind_unix(void)
{
	const struct sockaddr a = { .sa_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &a, sizeof(a.sa_family)), 0);
	return fd;
}

static int
bind_tcp(void)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* A client that waits to be accepted. */
static int
connect_to(int listener)
{
	struct sockaddr_storage a;
	socklen_t size = sizeof(a);
	int fd;

	assert_int_equal(
		getsockname(listener, (struct sockaddr *)&a, &size), 0);
	fd = socket(a.ss_family, SOCK_STREAM, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&a, size), 0);
	return fd;
}

/* Whether the kernel tells of any listening unix socket (CONFIG_UNIX_DIAG). */
static bool
is_told(int listener)
{
	struct listen_queue queue;

	return listen_queue_read(listener, &queue) == STATUS_OK;
}

static void
expect(int listener, int64_t waiting)
{
	struct listen_queue queue = { -1, -1 };

	assert_int_equal(listen_queue_read(listener, &queue), STATUS_OK);
	assert_int_equal(queue.waiting, waiting);
	assert_int_equal(queue.waiting_max, WAITING_MAX);
}

static void
count_clients(int listener)
{
	int clients[CLIENTS];

	expect(listener, 0);
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = connect_to(listener);
		expect(listener, i + 1);
	}
	for (int i = 0; i < CLIENTS; i++) {
		close(accept(listener, NULL, NULL));
		expect(listener, CLIENTS - 1 - i);
	}
	for (int i = 0; i < CLIENTS; i++)
		close(clients[i]);
}

static void
a_unix_socket(void **state)
{
	int fd = bind_unix();

	(void)state;
	assert_int_equal(listen(fd, WAITING_MAX), 0);
	if (!is_told(fd)) {
		close(fd);
		skip();
	}
	count_clients(fd);
	close(fd);
}

static void
a_tcp_socket(void **state)
{
	int fd = bind_tcp();

	(void)state;
	assert_int_equal(listen(fd, WAITING_MAX), 0);
	count_clients(fd);
	close(fd);
}

static void
what_does_not_listen(void **state)
{
	struct listen_queue queue;
	int pair[2], fds[5];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	fds[0] = pair[0];
	fds[1] = bind_tcp();
	fds[2] = bind_unix();
	fds[3] = open("/dev/null", O_RDONLY);
	fds[4] = -1;
	for (int i = 0; i < 5; i++) {
		if (listen_queue_read(fds[i], &queue) != STATUS_UNAVAILABLE)
			fail_msg("descriptor %d is told", i);
		if (fds[i] >= 0)
			close(fds[i]);
	}
	close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unix_socket),
		cmocka_unit_test(a_tcp_socket),
		cmocka_unit_test(what_does_not_listen),
	};

	return cmocka_run_group_tests_name("listen_queue", tests, NULL, NULL);
}
