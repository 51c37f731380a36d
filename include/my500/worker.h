#ifndef MY500_WORKER_H
#define MY500_WORKER_H

struct config;

/* Serves the listening socket until SIGTERM or SIGINT, one request at a time;
 * returns the process's exit code (sysexits.h). */
int worker_run(const struct config *config, int listen_fd);

/* The same on the administrators' socket: it answers them while all workers are
 * busy, and tells how long the queue of the workers' socket is. */
int worker_run_admin(const struct config *config, int admin_fd, int workers_fd);

/* Answers one plain CGI request; returns the exit code. */
int worker_answer_cgi(const struct config *config);

#endif
