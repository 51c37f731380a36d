#include "config.h"

#include <signal.h>

#include "my500/signals.h"

int
signals_poll(struct pollfd *set, nfds_t count, int timeout_ms)
{
	const struct timespec limit = { timeout_ms / 1000,
		timeout_ms % 1000 * 1000000L };
	sigset_t none, pending;

	sigemptyset(&none);
	if (sigpending(&pending) == 0 && !sigisemptyset(&pending))
		return sigsuspend(&none);
	return ppoll(set, count, timeout_ms < 0 ? NULL : &limit, &none);
}
