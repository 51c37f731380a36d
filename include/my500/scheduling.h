#ifndef MY500_SCHEDULING_H
#define MY500_SCHEDULING_H

/*
 * How Linux shares processors between us and others (sched(7)).  Both leave a
 * process alone that was started with another policy than the usual one, for
 * somebody wanted that; what the kernel does not know or forbids is not missed.
 */

/*
 * The batch policy: when this process wakes up it waits until a processor is
 * free, in place of stopping who just woke it.  So the web server, memcached
 * or PostgreSQL finish what they are at, with fewer changes of process.
 */
void scheduling_let_others_finish(void);

/* Short turns, for who sleeps most of the time and must not be late: the
 * shorter they are, the sooner the next one begins (Linux 6.12, EEVDF). */
void scheduling_ask_short_turns(void);

#endif
