#ifndef MY500_WORKER_H
#define MY500_WORKER_H

struct config;

/* Serves the listening socket until SIGTERM or SIGINT, one request at a time;
 * returns the process's exit code (sysexits.h). */
int worker_run(const struct config *config, int listen_fd);

/* Answers one plain CGI request; returns the exit code. */
int worker_answer_cgi(const struct config *config);

#endif
