#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "my500/listener.h"
#include "my500/socket_address.h"

#define LISTEN_FDS_START 3 /* sd_listen_fds(3) */

static bool
is_listening(int fd)
{
	int value = 0;
	socklen_t size = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &size) == 0 &&
		value == 1;
}

/* systemd's protocol: LISTEN_PID names us, the sockets begin at 3. */
static bool
is_passed_by_systemd(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	char own[16];

	snprintf(own, sizeof(own), "%d", (int)getpid());
	return pid != NULL && fds != NULL && strcmp(pid, own) == 0 &&
		strcmp(fds, "0") != 0 && is_listening(LISTEN_FDS_START);
}

static enum status
inherit(struct listener *l)
{
	l->is_inherited = true;
	if (is_passed_by_systemd())
		l->fd = LISTEN_FDS_START;
	else if (is_listening(STDIN_FILENO))
		l->fd = STDIN_FILENO;
	else
		return STATUS_NOT_FOUND;
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	return STATUS_OK;
}

static enum status
refuse(struct reason *why, const char *setting, const char *address)
{
	return status_refuse(why, setting, "can not be opened (%s): %s",
		address, strerror(errno));
}

/*
 * A path left behind by a dead server is removed; that of a living one is not,
 * though it be of another type, not for us to connect to, or too busy (which
 * only a non-blocking socket is told).
 */
static bool
is_dead(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is_refused;

	if (fd < 0)
		return false;
	is_refused = connect(fd, (const struct sockaddr *)address,
			     sizeof(*address)) != 0 &&
		errno == ECONNREFUSED;
	close(fd);
	return is_refused;
}

static bool
remove_stale(const struct sockaddr_un *address)
{
	struct stat found;

	if (lstat(address->sun_path, &found) != 0)
		return errno == ENOENT;
	if (!S_ISSOCK(found.st_mode) || !is_dead(address)) {
		errno = EADDRINUSE;
		return false;
	}
	return unlink(address->sun_path) == 0;
}

static enum status
listen_on_path(struct listener *l, const char *path, const char *setting,
	struct reason *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int rc;

	memcpy(address.sun_path, path, strlen(path) + 1);
	if (!remove_stale(&address))
		return refuse(why, setting, path);
	l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return refuse(why, setting, path);
	mask = umask(0117); /* 0660: the web server's group, nobody else */
	rc = bind(l->fd, (const struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (rc != 0)
		return refuse(why, setting, path);
	memcpy(l->path, address.sun_path, sizeof(l->path));
	l->owner = getpid();
	return listen(l->fd, SOMAXCONN) == 0 ? STATUS_OK
					     : refuse(why, setting, path);
}

/* Binds and listens; -1 with errno when that can't be done. */
static int
listen_at(const struct addrinfo *at)
{
	int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int on = 1;
	int error;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 &&
		listen(fd, SOMAXCONN) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static enum status
listen_on_host(struct listener *l, const struct socket_address *address,
	const char *setting, struct reason *why)
{
	const struct addrinfo hints = { .ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int rc = getaddrinfo(address->host, address->port, &hints, &found);

	if (rc != 0)
		return status_refuse(why, setting, "names no host (%s): %s",
			address->host, gai_strerror(rc));
	for (struct addrinfo *at = found; at != NULL && l->fd < 0;
		at = at->ai_next)
		l->fd = listen_at(at);
	freeaddrinfo(found);
	return l->fd >= 0 ? STATUS_OK : refuse(why, setting, address->host);
}

enum status
listener_check(const char *text, const char *setting, struct reason *why)
{
	struct socket_address address;

	return *text == '\0'
		? STATUS_OK
		: socket_address_parse(&address, text, setting, why);
}

enum status
listener_open(struct listener *l, const char *text, const char *setting,
	struct reason *why)
{
	struct socket_address address;
	enum status st;

	*l = (struct listener){ .fd = -1 };
	if (*text == '\0')
		return inherit(l);
	st = socket_address_parse(&address, text, setting, why);
	if (st != STATUS_OK)
		return st;
	if (address.path != NULL)
		st = listen_on_path(l, address.path, setting, why);
	else
		st = listen_on_host(l, &address, setting, why);
	if (st != STATUS_OK)
		listener_close(l);
	return st;
}

void
listener_close(struct listener *l)
{
	if (l->fd >= 0)
		close(l->fd);
	if (l->path[0] != '\0' && l->owner == getpid())
		unlink(l->path);
	*l = (struct listener){ .fd = -1 };
}
