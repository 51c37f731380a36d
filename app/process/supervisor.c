#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "my500/clock.h"
#include "my500/config.h"
#include "my500/invalidator.h"
#include "my500/log.h"
#include "my500/memory.h"
#include "my500/supervisor.h"
#include "my500/worker.h"

#define YOUNG_US        (10 * CLOCK_US_PER_S)
#define PAUSE_MIN_US    (100 * CLOCK_US_PER_MS)
#define PAUSE_MAX_US    (30 * CLOCK_US_PER_S)
#define STOP_TIMEOUT_US (30 * CLOCK_US_PER_S)

/* A place for a child, and the child in it. */
struct place {
	bool is_invalidator; /* else a worker */
	pid_t pid;           /* 0: empty */
	int64_t started_us;
	int64_t start_at_us; /* when the next one is due */
	int64_t pause_us;    /* what its predecessors' early deaths cost it */
};

struct supervisor {
	const struct config *config;
	int listen_fd;
	pid_t pid;
	struct place *places;
	int count;
	sigset_t signals;
	bool is_stopping;
	int64_t kill_at_us;
};

/* In the child, which does not outlive its supervisor. */
static int
run_child(const struct supervisor *s, const struct place *place)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != s->pid) /* it died before the line above */
		return EX_OK;
	return place->is_invalidator ? invalidator_run(s->config)
				     : worker_run(s->config, s->listen_fd);
}

/* Fills the places that are due; true in a child, which then has run. */
static bool
start_children(struct supervisor *s, int *exit_code)
{
	for (int i = 0; i < s->count; i++) {
		struct place *place = &s->places[i];

		if (place->pid != 0 || clock_left_ms(place->start_at_us) > 0)
			continue;
		place->started_us = clock_now_us();
		place->pid = fork();
		if (place->pid == 0) {
			*exit_code = run_child(s, place);
			return true;
		}
		if (place->pid < 0) {
			log_error("fork_failed",
				log_text("error", strerror(errno)));
			place->pid = 0;
			place->start_at_us = clock_now_us() + CLOCK_US_PER_S;
		}
	}
	return false;
}

static void
empty_place(struct place *place, int wait_status)
{
	int64_t age_us = clock_now_us() - place->started_us;
	bool is_clean = WIFEXITED(wait_status) &&
		WEXITSTATUS(wait_status) == EX_OK;

	if (!is_clean)
		log_error(place->is_invalidator ? "invalidator_died"
						: "worker_died",
			log_int("workerPid", place->pid),
			log_int("exitCode",
				WIFEXITED(wait_status)
					? WEXITSTATUS(wait_status)
					: -1),
			log_int("signal",
				WIFSIGNALED(wait_status) ? WTERMSIG(wait_status)
							 : 0),
			log_duration("ageMs", age_us));
	place->pid = 0;
	if (is_clean || age_us >= YOUNG_US)
		place->pause_us = 0;
	else if (place->pause_us == 0)
		place->pause_us = PAUSE_MIN_US;
	else if (place->pause_us < PAUSE_MAX_US / 2)
		place->pause_us *= 2;
	else
		place->pause_us = PAUSE_MAX_US;
	/* the first early death costs nothing: a kill is no crash loop */
	place->start_at_us = place->pause_us <= PAUSE_MIN_US
		? 0
		: clock_now_us() + place->pause_us;
}

static void
reap_children(struct supervisor *s)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
		for (int i = 0; i < s->count; i++)
			if (s->places[i].pid == pid)
				empty_place(&s->places[i], wait_status);
}

static void
signal_children(const struct supervisor *s, int signal_number)
{
	for (int i = 0; i < s->count; i++)
		if (s->places[i].pid > 0)
			kill(s->places[i].pid, signal_number);
}

static void
stop_children(struct supervisor *s)
{
	if (s->is_stopping) {
		signal_children(s, SIGKILL);
		s->kill_at_us = clock_now_us() + CLOCK_US_PER_S;
		return;
	}
	s->is_stopping = true;
	s->kill_at_us = clock_now_us() + STOP_TIMEOUT_US;
	signal_children(s, SIGTERM);
}

/* Waits for a signal, at most until the next thing is due; 0 when none came. */
static int
wait_for_signal(const struct supervisor *s)
{
	int64_t due_us = s->is_stopping ? s->kill_at_us : INT64_MAX;
	struct timespec limit;
	int ms;

	for (int i = 0; i < s->count && !s->is_stopping; i++)
		if (s->places[i].pid == 0 && s->places[i].start_at_us < due_us)
			due_us = s->places[i].start_at_us;
	if (due_us == INT64_MAX)
		return sigwaitinfo(&s->signals, NULL);
	ms = clock_left_ms(due_us);
	limit = (struct timespec){ ms / 1000, ms % 1000 * 1000000L };
	return sigtimedwait(&s->signals, NULL, &limit);
}

static bool
has_children(const struct supervisor *s)
{
	for (int i = 0; i < s->count; i++)
		if (s->places[i].pid > 0)
			return true;
	return false;
}

/* Looks after the workers until told to stop; true in a child. */
static bool
supervise(struct supervisor *s, int *exit_code)
{
	*exit_code = EX_OK;
	while (!s->is_stopping || has_children(s)) {
		if (!s->is_stopping && start_children(s, exit_code))
			return true;
		switch (wait_for_signal(s)) {
		case SIGTERM:
		case SIGINT:
			stop_children(s);
			break;
		case SIGCHLD:
			reap_children(s);
			break;
		case SIGHUP:
			log_warning("reload_not_supported");
			break;
		default:
			if (s->is_stopping && clock_left_ms(s->kill_at_us) == 0)
				stop_children(s);
			break;
		}
	}
	return false;
}

/* Whether there is to be an invalidator; one that could do nothing is not. */
static bool
wants_invalidator(const struct config *config)
{
	struct reason why;
	bool is_wanted;

	if (invalidator_check(config, &is_wanted, &why) == STATUS_OK)
		return is_wanted;
	log_warning("pages_not_cached", log_text("setting", why.field),
		log_text("error", why.text));
	return false;
}

int
supervisor_run(const struct config *config, int listen_fd, int workers)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGCHLD, SIGHUP,
		SIGUSR1 };
	struct supervisor s = { .config = config,
		.listen_fd = listen_fd,
		.pid = getpid(),
		.count = workers };
	int exit_code;
	bool is_child;

	/* the last place is the invalidator's, if there is one */
	s.places = memory_zeroed((size_t)workers + 1, sizeof(*s.places));
	s.places[workers].is_invalidator = wants_invalidator(config);
	s.count += s.places[workers].is_invalidator ? 1 : 0;
	sigemptyset(&s.signals);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&s.signals, signals[i]);
	sigprocmask(SIG_BLOCK, &s.signals, NULL);
	log_info("started", log_int("workers", workers));
	is_child = supervise(&s, &exit_code);
	if (!is_child)
		log_info("stopped");
	free(s.places);
	return exit_code;
}
