#include "config.h"

#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "my500/scheduling.h"

#define TURN_NS 100000 /* the shortest there is */

/* The first version of the kernel's struct sched_attr (sched_setattr(2)), by
 * its names.  Debian 12 has it in <linux/sched/types.h>, which defines struct
 * sched_param again, and so can't be included beside <sched.h>. */
struct attributes {
	uint32_t size;
	uint32_t policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime; /* of the usual policy: a turn, in nanoseconds */
	uint64_t deadline;
	uint64_t period;
};

void
scheduling_let_others_finish(void)
{
	const struct sched_param no_priority = { .sched_priority = 0 };

	if (sched_getscheduler(0) == SCHED_OTHER)
		(void)!sched_setscheduler(0, SCHED_BATCH, &no_priority);
}

void
scheduling_ask_short_turns(void)
{
	struct attributes a;

	memset(&a, 0, sizeof(a));
	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) != 0 ||
		a.policy != SCHED_OTHER)
		return;
	a.runtime = TURN_NS;
	(void)!syscall(SYS_sched_setattr, 0, &a, 0);
}
