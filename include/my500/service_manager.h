#ifndef MY500_SERVICE_MANAGER_H
#define MY500_SERVICE_MANAGER_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/*
 * Tells systemd, or whoever else set NOTIFY_SOCKET, how we do (sd_notify(3),
 * Type=notify-reload), without its library.  Without one, nothing is told.  A
 * manager that does not listen is logged, waited for at most a second, and
 * never a reason to fail.
 */
struct service_manager {
	int fd; /* -1: there is none */
	struct sockaddr_un address;
	socklen_t address_bytes;
	int64_t watch_us; /* half of WATCHDOG_USEC; 0: it does not watch us */
	int64_t next_us;
};

/* Reads the environment, and takes these variables out of it: they are not for
 * our children. */
void service_manager_open(struct service_manager *m);
void service_manager_close(struct service_manager *m);

/* We serve, for the first time or after a reload.  `words`, one line, are
 * what `systemctl status` shows. */
void service_manager_ready(const struct service_manager *m, const char *words);

/* A reload has begun; service_manager_ready() ends it, also when it failed. */
void service_manager_reloading(const struct service_manager *m);

/* The last requests are being finished. */
void
service_manager_stopping(const struct service_manager *m, const char *words);

/* Other words, nothing else. */
void service_manager_tell(const struct service_manager *m, const char *words);

/* Says that we are alive when that is due; returns when it is due next
 * (clock_now_us()), INT64_MAX for never. */
int64_t service_manager_watch(struct service_manager *m);

#endif
