#ifndef MY500_LISTEN_QUEUE_H
#define MY500_LISTEN_QUEUE_H

#include <stdint.h>

#include "my500/status.h"

/* The connections that wait to be accepted, and how many may wait. */
struct listen_queue {
	int64_t waiting;
	int64_t waiting_max;
};

/*
 * Asks the kernel for the queue of a listening unix or TCP socket.
 * STATUS_UNAVAILABLE: it does not tell, or `fd` does not listen.  Never waits.
 */
CHECKED enum status listen_queue_read(int fd, struct listen_queue *queue);

#endif
