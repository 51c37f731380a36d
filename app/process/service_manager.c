#include "config.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "my500/clock.h"
#include "my500/log.h"
#include "my500/service_manager.h"

#define SEND_TIMEOUT_S 1

/* A path, or a name of the abstract namespace, which begins with @. */
static bool
read_address(struct service_manager *m, const char *text)
{
	const size_t max = sizeof(m->address.sun_path);
	size_t len = strlen(text);

	m->address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if ((*text != '/' && *text != '@') || len < 2 || len >= max)
		return false;
	memcpy(m->address.sun_path, text, len);
	if (*text == '@')
		m->address.sun_path[0] = '\0';
	m->address_bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
		len + (*text == '/'));
	return true;
}

/* How often to say that we are alive; 0: we are not asked. */
static int64_t
read_watch(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	int64_t watchdog_us, number;

	if (pid != NULL &&
		(!slice_parse_int(slice_of(pid), 1, INT32_MAX, &number) ||
			number != getpid()))
		return 0;
	if (!slice_parse_int(slice_of(getenv("WATCHDOG_USEC")), 2, INT64_MAX,
		    &watchdog_us))
		return 0;
	return watchdog_us / 2;
}

void
service_manager_open(struct service_manager *m)
{
	const struct timeval limit = { .tv_sec = SEND_TIMEOUT_S };
	const char *name = getenv("NOTIFY_SOCKET");

	*m = (struct service_manager){ .fd = -1 };
	if (name != NULL && !read_address(m, name))
		log_warning(
			"notify_socket_not_understood", log_text("name", name));
	else if (name != NULL)
		m->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (m->fd >= 0) {
		setsockopt(
			m->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		m->watch_us = read_watch();
	}
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

void
service_manager_close(struct service_manager *m)
{
	if (m->fd >= 0)
		close(m->fd);
	*m = (struct service_manager){ .fd = -1 };
}

/* To its address each time: a manager that was restarted has a new socket. */
static void
send_lines(const struct service_manager *m, const char *lines)
{
	if (m->fd >= 0 &&
		sendto(m->fd, lines, strlen(lines), MSG_NOSIGNAL,
			(const struct sockaddr *)&m->address,
			m->address_bytes) < 0)
		log_repeated(LOG_LEVEL_WARNING, "service_manager_lost",
			log_text("error", strerror(errno)));
}

static void
send_with_words(
	const struct service_manager *m, const char *lines, const char *words)
{
	char text[512];

	snprintf(text, sizeof(text), "%sSTATUS=%s", lines, words);
	send_lines(m, text);
}

void
service_manager_ready(const struct service_manager *m, const char *words)
{
	send_with_words(m, "READY=1\n", words);
}

void
service_manager_reloading(const struct service_manager *m)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld",
		(long long)clock_now_us());
	send_lines(m, text);
}

void
service_manager_stopping(const struct service_manager *m, const char *words)
{
	send_with_words(m, "STOPPING=1\n", words);
}

void
service_manager_tell(const struct service_manager *m, const char *words)
{
	send_with_words(m, "", words);
}

int64_t
service_manager_watch(struct service_manager *m)
{
	int64_t now_us = clock_now_us();

	if (m->watch_us == 0)
		return INT64_MAX;
	if (now_us >= m->next_us) {
		send_lines(m, "WATCHDOG=1");
		m->next_us = now_us + m->watch_us;
	}
	return m->next_us;
}
