#include "config.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "my500/listener.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define PATH_BYTES   200

static char directory[] = "/tmp/my500-listener-XXXXXX";
static char path[PATH_BYTES], address[PATH_BYTES + 5];

static int
make_directory(void **state)
{
	(void)state;
	if (mkdtemp(directory) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/socket", directory);
	snprintf(address, sizeof(address), "unix:%s", path);
	return 0;
}

static int
remove_directory(void **state)
{
	(void)state;
	return rmdir(directory);
}

/* A test that failed may have left it. */
static int
remove_path(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static struct sockaddr_un
address_of_path(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	memcpy(a.sun_path, path, strlen(path) + 1);
	return a;
}

/* A socket bound to the path, by somebody else; it listens when it can. */
static int
bind_path(int type)
{
	const struct sockaddr_un a = address_of_path();
	int fd = socket(AF_UNIX, type, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof(a)), 0);
	assert_true(type == SOCK_DGRAM || listen(fd, 8) == 0);
	return fd;
}

static bool
connects_to_path(void)
{
	const struct sockaddr_un a = address_of_path();
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	bool connects;

	assert_true(fd >= 0);
	connects = connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0;
	close(fd);
	return connects;
}

static void
open_good(struct listener *l, const char *where)
{
	struct reason why = { "", "" };

	memset(l, 0x55, sizeof(*l));
	if (listener_open(l, where, "MY500_LISTEN", &why) != STATUS_OK)
		fail_msg("%s: %s", where, why.text);
	assert_true(l->fd >= 0);
}

static void
open_bad(const char *where)
{
	struct reason why = { "", "" };
	struct listener l;

	if (listener_open(&l, where, "MY500_LISTEN", &why) != STATUS_INVALID)
		fail_msg("%s: opened", where);
	assert_string_equal(why.field, "MY500_LISTEN");
	assert_true(why.text[0] != '\0');
	assert_int_equal(l.fd, -1);
}

static void
a_unix_socket_for_the_group(void **state)
{
	mode_t mask = umask(0);
	struct listener l;
	struct stat found;

	(void)state;
	open_good(&l, address);
	assert_int_equal(umask(mask), 0); /* as it was */
	assert_false(l.is_inherited);
	assert_int_equal(lstat(path, &found), 0);
	assert_true(S_ISSOCK(found.st_mode));
	assert_int_equal(found.st_mode & 07777, 0660);
	assert_true(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
	assert_true(connects_to_path());
	listener_close(&l);
	assert_int_equal(l.fd, -1);
	assert_int_equal(lstat(path, &found), -1);
	listener_close(&l); /* a second time does no harm */
}

/* The mask of the caller takes nothing away. */
static void
a_narrow_mask_is_no_matter(void **state)
{
	mode_t mask = umask(0777);
	struct listener l;
	struct stat found;

	(void)state;
	open_good(&l, address);
	assert_int_equal(umask(mask), 0777);
	assert_int_equal(lstat(path, &found), 0);
	assert_int_equal(found.st_mode & 07777, 0660);
	listener_close(&l);
}

static void
a_dead_server_s_path_is_taken_over(void **state)
{
	struct listener l;

	(void)state;
	close(bind_path(SOCK_STREAM));
	assert_false(connects_to_path());
	open_good(&l, address);
	assert_true(connects_to_path());
	listener_close(&l);
}

static void
a_living_server_s_path_is_left_alone(void **state)
{
	int other = bind_path(SOCK_STREAM);

	(void)state;
	open_bad(address);
	assert_true(connects_to_path());
	close(other);
	unlink(path);
}

/* What we can not connect to for want of the right type lives all the same. */
static void
another_type_of_socket_is_left_alone(void **state)
{
	int other = bind_path(SOCK_DGRAM);
	struct stat found;

	(void)state;
	open_bad(address);
	assert_int_equal(lstat(path, &found), 0);
	close(other);
	unlink(path);
}

/* It does not accept: a blocking connect() would wait for it for ever. */
static void
a_busy_server_s_path_is_left_alone(void **state)
{
	int waiting[20], other = bind_path(SOCK_STREAM);
	const struct sockaddr_un a = address_of_path();

	(void)state;
	for (size_t i = 0; i < COUNT(waiting); i++) {
		waiting[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(
			waiting[i], (const struct sockaddr *)&a, sizeof(a));
	}
	open_bad(address);
	for (size_t i = 0; i < COUNT(waiting); i++)
		close(waiting[i]);
	close(other);
	unlink(path);
}

static void
our_own_path_is_not_taken_twice(void **state)
{
	struct listener l;

	(void)state;
	open_good(&l, address);
	open_bad(address);
	assert_true(connects_to_path());
	listener_close(&l);
}

static void
what_is_no_socket_is_left_alone(void **state)
{
	struct stat found;
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	open_bad(address);
	assert_int_equal(lstat(path, &found), 0);
	assert_true(S_ISREG(found.st_mode));
	unlink(path);
	assert_int_equal(symlink("/nowhere", path), 0);
	open_bad(address);
	assert_int_equal(lstat(path, &found), 0);
	assert_true(S_ISLNK(found.st_mode));
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	open_bad(address);
	assert_int_equal(rmdir(path), 0);
}

static void
a_path_in_no_directory(void **state)
{
	char where[PATH_BYTES + 20];

	(void)state;
	snprintf(where, sizeof(where), "%s/none/socket", address);
	open_bad(where);
}

/* struct sockaddr_un has room for 107 bytes and a NUL. */
static void
lengths_of_paths(void **state)
{
	static const struct {
		size_t bytes;
		bool fits;
	} cases[] = { { 107, true }, { 108, false }, { 109, false },
		{ 190, false } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char where[PATH_BYTES + 5] = "unix:";
		size_t len = strlen(directory);
		struct listener l;

		memset(where + 5, 'a', cases[i].bytes);
		memcpy(where + 5, directory, len);
		where[5 + len] = '/';
		where[5 + cases[i].bytes] = '\0';
		if (!cases[i].fits) {
			open_bad(where);
			continue;
		}
		open_good(&l, where);
		assert_int_equal(access(where + 5, F_OK), 0);
		listener_close(&l);
		assert_int_equal(access(where + 5, F_OK), -1);
	}
}

/* What the child's exit code says. */
static int
wait_for(pid_t child)
{
	int wait_status = 0;

	assert_true(child > 0);
	assert_int_equal(waitpid(child, &wait_status, 0), child);
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

static void
only_its_owner_removes_the_path(void **state)
{
	struct listener l;
	pid_t child;

	(void)state;
	open_good(&l, address);
	child = fork();
	if (child == 0) {
		listener_close(&l);
		_exit(l.fd == -1 ? 0 : 1);
	}
	assert_int_equal(wait_for(child), 0);
	assert_true(connects_to_path());
	listener_close(&l);
	assert_int_equal(access(path, F_OK), -1);
}

/*
 * Keeps a free port of the loopback interface from all others: while it does
 * not listen, who sets SO_REUSEADDR may bind there, too (socket(7)).
 */
static int
hold_port(int family, unsigned *port)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr_in b = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr *name = family == AF_INET6 ? (struct sockaddr *)&a
						   : (struct sockaddr *)&b;
	socklen_t size = family == AF_INET6 ? sizeof(a) : sizeof(b);
	int fd = socket(family, SOCK_STREAM, 0);
	const int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, name, size) != 0) {
		close(fd);
		return -1;
	}
	assert_int_equal(getsockname(fd, name, &size), 0);
	*port = ntohs(family == AF_INET6 ? a.sin6_port : b.sin_port);
	return fd;
}

static bool
connects_to_port(unsigned port)
{
	const struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((in_port_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	bool connects;

	connects = connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0;
	close(fd);
	return connects;
}

static void
a_port(void **state)
{
	char where[40];
	unsigned port = 0;
	int holder = hold_port(AF_INET, &port);
	struct listener l;

	(void)state;
	assert_true(holder >= 0);
	snprintf(where, sizeof(where), "127.0.0.1:%u", port);
	open_good(&l, where);
	assert_false(l.is_inherited);
	assert_string_equal(l.path, "");
	assert_true(fcntl(l.fd, F_GETFD) & FD_CLOEXEC);
	assert_true(connects_to_port(port));
	open_bad(where); /* in use */
	listener_close(&l);
	assert_false(connects_to_port(port));
	open_good(&l, where); /* also right after connections to it */
	listener_close(&l);
	close(holder);
}

static void
a_port_of_ipv6(void **state)
{
	unsigned port = 0;
	int holder = hold_port(AF_INET6, &port);
	struct sockaddr_in6 bound;
	socklen_t size = sizeof(bound);
	struct listener l;
	char where[40];

	(void)state;
	if (holder < 0)
		skip(); /* this host has none */
	snprintf(where, sizeof(where), "[::1]:%u", port);
	open_good(&l, where);
	assert_int_equal(
		getsockname(l.fd, (struct sockaddr *)&bound, &size), 0);
	assert_int_equal(bound.sin6_family, AF_INET6);
	assert_int_equal(ntohs(bound.sin6_port), port);
	assert_true(IN6_IS_ADDR_LOOPBACK(&bound.sin6_addr));
	listener_close(&l);
	close(holder);
}

static void
bad_addresses(void **state)
{
	static const char *const bad[] = { "localhost", "127.0.0.1",
		"127.0.0.1:", ":9000", "9000", ":", "[]:9000", "127.0.0.1:0",
		"127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
		"127.0.0.1: 9000", "127.0.0.1:9000 ", "127.0.0.1:9000x",
		"127.0.0.1:0x50", "127.0.0.1:http", "[::1]", "[::1]9000",
		"unix:", "unix:relative", "unix: /tmp", "/tmp/socket",
		"UNIX:/tmp/socket" };

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		open_bad(bad[i]);
}

static void
a_host_that_is_too_long(void **state)
{
	char where[400];

	(void)state;
	memset(where, 'a', sizeof(where));
	memcpy(where + sizeof(where) - 6, ":9000", 6);
	open_bad(where);
}

/* What a child finds to inherit; its exit code tells. */
enum found {
	FOUND_NOTHING,
	FOUND_DESCRIPTOR_0,
	FOUND_DESCRIPTOR_3,
	FOUND_SOMETHING_ELSE
};

static enum found
inherit(void)
{
	struct reason why;
	struct listener l;
	enum status st = listener_open(&l, "", "MY500_LISTEN", &why);

	if (st == STATUS_NOT_FOUND)
		return l.fd == -1 ? FOUND_NOTHING : FOUND_SOMETHING_ELSE;
	/* children of ours must not take them for theirs */
	if (st != STATUS_OK || !l.is_inherited || l.path[0] != '\0' ||
		getenv("LISTEN_PID") != NULL || getenv("LISTEN_FDS") != NULL)
		return FOUND_SOMETHING_ELSE;
	if (l.fd == 0)
		return FOUND_DESCRIPTOR_0;
	return l.fd == 3 ? FOUND_DESCRIPTOR_3 : FOUND_SOMETHING_ELSE;
}

enum thing {
	NOTHING,
	A_FILE,
	A_SOCKET,
	A_LISTENER,
	THINGS
};

/* In a child: puts a thing where a descriptor is expected. */
static void
put_at(int fd, int thing)
{
	if (thing < 0)
		close(fd);
	else if (dup2(thing, fd) != fd)
		_exit(FOUND_SOMETHING_ELSE);
}

static void
inherited_sockets(void **state)
{
	static const struct {
		const char *name;
		enum thing at_0, at_3;
		const char *pid, *fds; /* "own": the child's own; NULL: unset */
		enum found want;
	} cases[] = {
		{ "nothing", NOTHING, NOTHING, NULL, NULL, FOUND_NOTHING },
		{ "spawn-fcgi", A_LISTENER, NOTHING, NULL, NULL,
			FOUND_DESCRIPTOR_0 },
		{ "a terminal or a file", A_FILE, NOTHING, NULL, NULL,
			FOUND_NOTHING },
		{ "a connection", A_SOCKET, NOTHING, NULL, NULL,
			FOUND_NOTHING },
		{ "systemd", A_FILE, A_LISTENER, "own", "1",
			FOUND_DESCRIPTOR_3 },
		{ "systemd before descriptor 0", A_LISTENER, A_LISTENER, "own",
			"1", FOUND_DESCRIPTOR_3 },
		{ "another's environment", A_FILE, A_LISTENER, "1", "1",
			FOUND_NOTHING },
		{ "another's environment, descriptor 0", A_LISTENER, A_LISTENER,
			"1", "1", FOUND_DESCRIPTOR_0 },
		{ "none passed", A_FILE, A_LISTENER, "own", "0",
			FOUND_NOTHING },
		{ "no number of sockets", A_FILE, A_LISTENER, "own", NULL,
			FOUND_NOTHING },
		{ "no process", A_FILE, A_LISTENER, NULL, "1", FOUND_NOTHING },
		{ "no environment", A_FILE, A_LISTENER, NULL, NULL,
			FOUND_NOTHING },
		{ "systemd passes a file", A_FILE, A_FILE, "own", "1",
			FOUND_NOTHING },
		{ "systemd passes a connection", A_FILE, A_SOCKET, "own", "1",
			FOUND_NOTHING },
		{ "systemd passes nothing", A_FILE, NOTHING, "own", "1",
			FOUND_NOTHING },
	};
	int things[THINGS] = { [NOTHING] = -1 };
	int pair[2];
	unsigned port;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	/* beyond 3, so that none is in the way */
	things[A_FILE] = fcntl(pair[0], F_DUPFD, 10);
	things[A_SOCKET] = fcntl(pair[1], F_DUPFD, 10);
	close(pair[0]);
	close(pair[1]);
	pair[0] = open("/dev/null", O_RDWR);
	assert_true(dup2(pair[0], things[A_FILE]) >= 0);
	close(pair[0]);
	pair[0] = hold_port(AF_INET, &port);
	assert_int_equal(listen(pair[0], 8), 0);
	things[A_LISTENER] = fcntl(pair[0], F_DUPFD, 10);
	close(pair[0]);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char own[16];
		pid_t child = fork();
		int found;

		if (child == 0) {
			snprintf(own, sizeof(own), "%d", (int)getpid());
			unsetenv("LISTEN_PID");
			unsetenv("LISTEN_FDS");
			if (cases[i].pid != NULL)
				setenv("LISTEN_PID",
					*cases[i].pid == 'o' ? own
							     : cases[i].pid,
					1);
			if (cases[i].fds != NULL)
				setenv("LISTEN_FDS", cases[i].fds, 1);
			put_at(0, things[cases[i].at_0]);
			put_at(3, things[cases[i].at_3]);
			_exit((int)inherit());
		}
		found = wait_for(child);
		if (found != (int)cases[i].want)
			fail_msg("%s: %d", cases[i].name, found);
	}
	for (int i = A_FILE; i < THINGS; i++)
		close(things[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
			a_unix_socket_for_the_group, remove_path),
		cmocka_unit_test_teardown(
			a_narrow_mask_is_no_matter, remove_path),
		cmocka_unit_test_teardown(
			a_dead_server_s_path_is_taken_over, remove_path),
		cmocka_unit_test_teardown(
			a_living_server_s_path_is_left_alone, remove_path),
		cmocka_unit_test_teardown(
			another_type_of_socket_is_left_alone, remove_path),
		cmocka_unit_test_teardown(
			a_busy_server_s_path_is_left_alone, remove_path),
		cmocka_unit_test_teardown(
			our_own_path_is_not_taken_twice, remove_path),
		cmocka_unit_test_teardown(
			what_is_no_socket_is_left_alone, remove_path),
		cmocka_unit_test(a_path_in_no_directory),
		cmocka_unit_test(lengths_of_paths),
		cmocka_unit_test_teardown(
			only_its_owner_removes_the_path, remove_path),
		cmocka_unit_test(a_port),
		cmocka_unit_test(a_port_of_ipv6),
		cmocka_unit_test(bad_addresses),
		cmocka_unit_test(a_host_that_is_too_long),
		cmocka_unit_test(inherited_sockets),
	};

	return cmocka_run_group_tests_name(
		"listener", tests, make_directory, remove_directory);
}
