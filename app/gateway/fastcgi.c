#include "config.h"

#include <errno.h>
#include <fcgiapp.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "my500/clock.h"
#include "my500/fastcgi.h"
#include "my500/log.h"
#include "my500/memory.h"
#include "my500/signals.h"

/* A web server that keeps its connection gets this long for its next request;
 * less when somebody else is waiting, for a worker serves one at a time. */
#define IDLE_MS        100
#define IDLE_WANTED_MS 5

/* How long a peer may be silent inside a request, or not read an answer. */
#define PEER_TIMEOUT_S 5

/* Bodies are read and thrown away up to here; beyond, the connection is not
 * used again: what is left unread would be taken for the next request. */
#define BODY_MAX_BYTES (1024 * 1024)

#define OUT_OF_DESCRIPTORS_PAUSE_MS 100

struct fastcgi {
	int listen_fd;
	int queue_fd; /* epoll(7): of the workers that wait for a connection
			 it wakes one, not all; -1: that can't be had */
	FCGX_Request request; /* ipcFd: the connection, -1 when none */
	bool is_drained;      /* it has nothing more to be read */
};

static volatile sig_atomic_t is_stopping;

void
fastcgi_stop(void)
{
	is_stopping = 1;
	FCGX_ShutdownPending();
}

/* -1 (logged) when the socket is none. */
static int
open_queue(int listen_fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	int fd = epoll_create1(EPOLL_CLOEXEC);

	if (fd >= 0 && epoll_ctl(fd, EPOLL_CTL_ADD, listen_fd, &event) == 0)
		return fd;
	log_error("accept_failed", log_text("error", strerror(errno)));
	if (fd >= 0)
		close(fd);
	return -1;
}

struct fastcgi *
fastcgi_open(int listen_fd)
{
	struct fastcgi *f = memory_zeroed(1, sizeof(*f));
	int flags = fcntl(listen_fd, F_GETFL);

	fcntl(listen_fd, F_SETFL, flags | O_NONBLOCK);
	/* libfcgi waits that long for a peer to close; two seconds otherwise */
	setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "100", 0);
	setenv("LIBFCGI_IS_AF_UNIX_KEEPER_POLL_TIMEOUT", "100", 0);
	FCGX_Init();
	f->listen_fd = listen_fd;
	f->queue_fd = open_queue(listen_fd);
	/* No socket for libfcgi: after a peer that broke off it would accept
	 * the next one by itself, without the limits of take_connection(). */
	FCGX_InitRequest(&f->request, -1, FCGI_FAIL_ACCEPT_ON_INTR);
	return f;
}

void
fastcgi_close(struct fastcgi **f)
{
	if (*f == NULL)
		return;
	FCGX_Free(&(*f)->request, 1);
	if ((*f)->queue_fd >= 0)
		close((*f)->queue_fd);
	free(*f);
	*f = NULL;
}

/* Waits until one of the sockets has something to read, open to signals, of
 * which only those that stop us end it. */
static void
wait_open(struct pollfd *set, nfds_t count, int timeout_ms)
{
	int ready;

	do
		ready = signals_poll(set, count, timeout_ms);
	while (ready < 0 && errno == EINTR && !is_stopping);
}

/* Whether the kept connection brings another request in time. */
static bool
wait_on_connection(struct fastcgi *f)
{
	struct pollfd set[] = { { .fd = f->request.ipcFd, .events = POLLIN },
		{ .fd = f->listen_fd, .events = POLLIN } };

	wait_open(set, 2, IDLE_MS);
	if (set[0].revents == 0 && set[1].revents != 0)
		wait_open(set, 1, IDLE_WANTED_MS);
	return set[0].revents != 0;
}

static void
bound_peer(int fd)
{
	const struct timeval limit = { PEER_TIMEOUT_S, 0 };

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

/*
 * Takes a connection off the listening socket.  STATUS_NOT_FOUND: there was
 * none, try again.  libfcgi's own accept would set no limit to a silent peer.
 */
static enum status
take_connection(struct fastcgi *f)
{
	int fd;

	while (signals_epoll(f->queue_fd) < 0 && errno == EINTR)
		if (is_stopping)
			return STATUS_NOT_FOUND;
	fd = accept4(f->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0) {
		bound_peer(fd);
		f->request.ipcFd = fd;
		/* else FCGX_Accept_r() closes it before it begins */
		f->request.keepConnection = 1;
		return STATUS_OK;
	}
	switch (errno) {
	case EBADF:
	case EINVAL:
	case ENOTSOCK:
	case EOPNOTSUPP:
		log_error("accept_failed", log_text("error", strerror(errno)));
		return STATUS_INTERNAL;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		log_repeated(LOG_LEVEL_ERROR, "accept_failed",
			log_text("error", strerror(errno)));
		(void)poll(NULL, 0, OUT_OF_DESCRIPTORS_PAUSE_MS);
		break;
	default: /* another worker took it, or the client left */
		break;
	}
	return STATUS_NOT_FOUND;
}

/* Reads the request's body to its end: mod_proxy_fcgi loses answers else. */
static void
drain_body(struct fastcgi *f)
{
	FCGX_Request *request = &f->request;
	char scrap[4096];
	size_t bytes = 0;
	int got;

	do {
		got = FCGX_GetStr(scrap, sizeof(scrap), request->in);
		bytes += got > 0 ? (size_t)got : 0;
	} while (got > 0 && bytes < BODY_MAX_BYTES);
	f->is_drained = got <= 0;
	if (!f->is_drained)
		request->keepConnection = 0;
}

enum status
fastcgi_accept(struct fastcgi *f, struct arena *arena, struct request *request)
{
	int64_t accepted_us;
	enum status st;

	if (f->queue_fd < 0)
		return STATUS_INTERNAL;
	for (;;) {
		if (f->request.ipcFd >= 0 && !is_stopping &&
			!wait_on_connection(f))
			FCGX_Free(&f->request, 1);
		if (is_stopping)
			return STATUS_NOT_FOUND;
		if (f->request.ipcFd < 0) {
			st = take_connection(f);
			if (st == STATUS_INTERNAL)
				return st;
			if (st != STATUS_OK)
				continue;
		}
		accepted_us = clock_now_us();
		if (FCGX_Accept_r(&f->request) == 0 &&
			FCGX_GetError(f->request.in) == 0)
			break;
		/* The peer broke off or fell silent: nobody to answer.
		 * libfcgi takes what came of the parameters for all. */
		if (f->request.ipcFd >= 0)
			FCGX_Free(&f->request, 1);
	}
	drain_body(f);
	request_read(request, f->request.envp, accepted_us, arena);
	return STATUS_OK;
}

static void
put(FCGX_Stream *out, struct slice text)
{
	if (text.len > 0)
		(void)FCGX_PutStr(text.ptr, (int)text.len, out);
}

/*
 * Ends the request.  libfcgi closes a connection only after its peer, lest
 * input that was never read should cost the peer the answer; where all has been
 * read there is nothing to wait for.
 */
static void
finish(struct fastcgi *f)
{
	FCGX_Request *request = &f->request;
	bool is_ours = f->is_drained && !request->keepConnection;

	if (is_ours) /* to close */
		request->keepConnection = 1;
	FCGX_Finish_r(request);
	if (is_ours && request->ipcFd >= 0) {
		close(request->ipcFd);
		request->ipcFd = -1;
	}
}

void
fastcgi_send(
	struct fastcgi *f, struct slice head, const struct response *response)
{
	put(f->request.out, head);
	for (int i = 0; i < response->part_count; i++)
		put(f->request.out, response->parts[i]);
	finish(f);
}
