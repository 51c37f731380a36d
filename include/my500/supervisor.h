#ifndef MY500_SUPERVISOR_H
#define MY500_SUPERVISOR_H

struct config;

/*
 * Keeps `workers` worker processes on the listening socket: replaces one that
 * ends, at once when it has lived a while, else after a pause that doubles up
 * to 30 s.  On SIGTERM or SIGINT the workers finish the requests in hand; after
 * 30 s, or on a second signal, they are killed.  Returns the exit code, in the
 * supervisor and, after its own work, in each child.
 */
int supervisor_run(const struct config *config, int listen_fd, int workers);

#endif
