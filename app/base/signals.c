#include "config.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/epoll.h>

#include "my500/signals.h"

/* Those that came meanwhile.  Whether there were any; errno is EINTR then. */
static bool
hear_pending(const sigset_t *none)
{
	sigset_t pending;

	if (sigpending(&pending) != 0 || sigisemptyset(&pending))
		return false;
	(void)sigsuspend(none);
	return true;
}

int
signals_poll(struct pollfd *set, nfds_t count, int timeout_ms)
{
	const struct timespec limit = { timeout_ms / 1000,
		timeout_ms % 1000 * 1000000L };
	sigset_t none;

	sigemptyset(&none);
	if (hear_pending(&none))
		return -1;
	return ppoll(set, count, timeout_ms < 0 ? NULL : &limit, &none);
}

int
signals_epoll(int epoll_fd)
{
	struct epoll_event unused;
	sigset_t none;

	sigemptyset(&none);
	if (hear_pending(&none))
		return -1;
	return epoll_pwait(epoll_fd, &unused, 1, -1, &none);
}
