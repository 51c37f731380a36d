#ifndef MY500_SUPERVISOR_H
#define MY500_SUPERVISOR_H

struct config;
struct config_source;

/* What the supervisor looks after. */
struct supervisor_task {
	struct config *config; /* owned by the caller, replaced by a reload */
	const struct config_source *source; /* where it came from */
	int listen_fd;
	int admin_fd; /* -1: no admin worker */
	int workers;
};

/*
 * Keeps the workers on the listening socket, and beside them the invalidator
 * and the admin worker that the settings ask for:
 *
 * - one that ends is replaced, at once when it has lived a while, else after a
 *   pause that doubles up to 30 s; one that hangs is aborted;
 * - SIGHUP reads the settings again: when they are good, each process is
 *   replaced by one that has them, which is ready before the old one leaves;
 * - SIGUSR1 is passed on;
 * - on SIGTERM or SIGINT all finish their requests; after MY500_STOP_TIMEOUT,
 *   or on a second signal, they are killed.
 *
 * Returns the exit code, in the supervisor and, after its own work, in each
 * child: EX_SOFTWARE when no worker ever came to serve.
 */
int supervisor_run(const struct supervisor_task *task);

#endif
