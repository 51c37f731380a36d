#include "config.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "my500/slice.h"
#include "my500/socket_address.h"

#define PATH_MAX_BYTES (sizeof(((struct sockaddr_un *)0)->sun_path) - 1)

/* Parts "host:port" or "[host]:port". */
static bool
part(struct socket_address *a, const char *text)
{
	const char *colon = strrchr(text, ':');
	struct slice name = { text,
		colon == NULL ? 0 : (size_t)(colon - text) };
	int64_t number;

	if (colon == NULL ||
		!slice_parse_int(slice_of(colon + 1), 1, 65535, &number))
		return false;
	if (name.len >= 2 && name.ptr[0] == '[' &&
		name.ptr[name.len - 1] == ']') {
		name.ptr++;
		name.len -= 2;
	}
	if (name.len == 0 || name.len >= sizeof(a->host))
		return false;
	memcpy(a->host, name.ptr, name.len);
	snprintf(a->port, sizeof(a->port), "%u", (unsigned)(number & 0xffff));
	return true;
}

enum status
socket_address_parse(struct socket_address *a, const char *text,
	const char *setting, struct reason *why)
{
	static const char local[] = "unix:";
	const size_t len = sizeof(local) - 1;

	*a = (struct socket_address){ .path = NULL };
	if (strncmp(text, local, len) == 0) {
		a->path = text + len;
		if (*a->path == '/' && strlen(a->path) <= PATH_MAX_BYTES)
			return STATUS_OK;
		return status_refuse(why, setting,
			"must be unix:/path with a path of at most %zu bytes "
			"that begins with a slash",
			PATH_MAX_BYTES);
	}
	if (part(a, text))
		return STATUS_OK;
	return status_refuse(
		why, setting, "must be unix:/path, host:port or [::1]:port");
}

/* -1 with errno when that can't be done. */
static int
connect_to(int family, const struct sockaddr *address, socklen_t len)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int error;

	if (fd < 0 || connect(fd, address, len) == 0)
		return fd;
	error = errno;
	close(fd);
	errno = error;
	return -1;
}

static int
connect_to_path(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	memcpy(address.sun_path, path, strlen(path) + 1);
	return connect_to(AF_UNIX, (const struct sockaddr *)&address,
		(socklen_t)sizeof(address));
}

/* One after the other of the host's addresses. */
static enum status
connect_to_host(const struct socket_address *a, const char *setting, int *fd,
	struct reason *why)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *found = NULL;
	int rc = getaddrinfo(a->host, a->port, &hints, &found);

	if (rc != 0)
		return status_refuse(why, setting, "names no host (%s): %s",
			a->host, gai_strerror(rc));
	*fd = -1;
	for (struct addrinfo *at = found; at != NULL && *fd < 0;
		at = at->ai_next)
		*fd = connect_to(at->ai_family, at->ai_addr, at->ai_addrlen);
	freeaddrinfo(found);
	return STATUS_OK;
}

enum status
socket_address_connect(const struct socket_address *a, const char *setting,
	int *fd, struct reason *why)
{
	enum status st = STATUS_OK;

	if (a->path != NULL)
		*fd = connect_to_path(a->path);
	else
		st = connect_to_host(a, setting, fd, why);
	if (st == STATUS_OK && *fd < 0)
		st = status_refuse(why, setting, "can not be reached: %s",
			strerror(errno));
	return st;
}
