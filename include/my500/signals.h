#ifndef MY500_SIGNALS_H
#define MY500_SIGNALS_H

#include <poll.h>

/*
 * As poll(2), with all signals let in while it waits: of a process that blocks
 * them, this is the one place where they are heard.  -1 with EINTR when one
 * was, also when there is something to read: ppoll(2) by itself lets none in
 * then, and a process with always something to read would never hear of any.
 */
int signals_poll(struct pollfd *set, nfds_t count, int timeout_ms);

/* The same of epoll_wait(2), without a limit. */
int signals_epoll(int epoll_fd);

#endif
