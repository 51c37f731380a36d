#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "my500/child.h"
#include "my500/clock.h"
#include "my500/config.h"
#include "my500/invalidator.h"
#include "my500/log.h"
#include "my500/memory.h"
#include "my500/metrics.h"
#include "my500/reload.h"
#include "my500/service_manager.h"
#include "my500/supervisor.h"
#include "my500/worker.h"

#define YOUNG_US     (10 * CLOCK_US_PER_S)
#define PAUSE_MIN_US (100 * CLOCK_US_PER_MS)
#define PAUSE_MAX_US (30 * CLOCK_US_PER_S)

/* Deaths before any worker was ready, after which there is no hope. */
#define HOPELESS_DEATHS 5

/* How often a child that is to become ready, and one that may hang, is looked
 * at. */
#define WATCH_US (10 * CLOCK_US_PER_MS)
#define TICK_US  CLOCK_US_PER_S

/* A post is there to be held by a process: usually by one, by two while it is
 * handed over. */
struct post {
	enum scoreboard_role role;
	struct child holder;
	struct child leaver;
	int64_t start_at_us; /* when the next holder is due */
	int64_t pause_us;    /* what its predecessors' early deaths cost it */
	pid_t retired;       /* the last holder that ended */
	bool is_outdated;    /* the holder has the settings of before */
	bool is_wanted;
};

struct supervisor {
	const struct supervisor_task *task;
	pid_t pid;
	struct post *posts;
	sigset_t signals;
	struct service_manager manager;
	bool was_ready;   /* a worker has come to serve */
	bool is_settling; /* not all posts are held by who is ready */
	bool is_stopping;
	int64_t stop_at_us;
	int hopeless;
	int exit_code;
};

/* The posts: one each for these, then the workers'. */
enum {
	POST_INVALIDATOR,
	POST_ADMIN,
	POSTS_ALONE,
	POSTS = POSTS_ALONE + CONFIG_WORKERS_MAX
};

/* In the child, which does not outlive its supervisor. */
static int
run_child(const struct supervisor *s, const struct post *post)
{
	const struct supervisor_task *task = s->task;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != s->pid) /* it died before the line above */
		return EX_OK;
	scoreboard_enter(post->holder.place);
	(void)log_take_lost(); /* the supervisor's, who counts them */
	switch (post->role) {
	case SCOREBOARD_ROLE_invalidator:
		return invalidator_run(task->config);
	case SCOREBOARD_ROLE_admin:
		return worker_run_admin(
			task->config, task->admin_fd, task->listen_fd);
	case SCOREBOARD_ROLE_worker:
	case SCOREBOARD_ROLE_supervisor:
	case SCOREBOARD_ROLES:
		break;
	}
	return worker_run(task->config, task->listen_fd);
}

/* Starts a holder; true in the child, which then has run. */
static bool
start(struct supervisor *s, struct post *post)
{
	struct child child = { .place = scoreboard_reserve(post->role),
		.started_us = clock_now_us() };

	if (child.place < 0) { /* those before it are still leaving */
		post->start_at_us = clock_now_us() + CLOCK_US_PER_S;
		return false;
	}
	post->holder = child;
	post->is_outdated = false;
	s->is_settling = true;
	post->holder.pid = fork();
	if (post->holder.pid == 0) {
		s->exit_code = run_child(s, post);
		return true;
	}
	if (post->holder.pid < 0) {
		log_repeated(LOG_LEVEL_ERROR, "fork_failed",
			log_text("error", strerror(errno)));
		scoreboard_release(child.place);
		post->holder = (struct child){ .pid = 0 };
		post->start_at_us = clock_now_us() + CLOCK_US_PER_S;
	}
	return false;
}

static bool
is_due(const struct post *post)
{
	return post->is_wanted && post->holder.pid == 0 &&
		clock_left_ms(post->start_at_us) == 0;
}

static void
dismiss(struct child *child)
{
	if (child->pid == 0 || child->kill_at_us != 0)
		return;
	child->kill_at_us = INT64_MAX;
	kill(child->pid, SIGTERM);
}

/* Hands posts over to who has the new settings, one at a time, so that there
 * is one process more at most.  True in a child. */
static bool
hand_over(struct supervisor *s)
{
	for (int i = 0; i < POSTS; i++) {
		struct post *post = &s->posts[i];

		if (post->leaver.pid != 0 && post->holder.pid != 0 &&
			!child_is_ready(&post->holder))
			return false; /* not yet */
		if (!post->is_wanted)
			dismiss(&post->holder);
		if (post->leaver.pid != 0 && child_is_ready(&post->holder))
			dismiss(&post->leaver);
	}
	for (int i = 0; i < POSTS; i++) {
		struct post *post = &s->posts[i];

		if (!post->is_wanted || !post->is_outdated ||
			post->leaver.pid != 0 ||
			clock_left_ms(post->start_at_us) > 0)
			continue;
		post->leaver = post->holder;
		post->holder = (struct child){ .pid = 0 };
		return start(s, post);
	}
	return false;
}

/* Fills the posts that are due; true in a child. */
static bool
fill_posts(struct supervisor *s)
{
	/* workers first: who looks for the first ones finds only them */
	for (int i = POSTS - 1; i >= 0; i--)
		if (is_due(&s->posts[i]) && start(s, &s->posts[i]))
			return true;
	return hand_over(s);
}

/* The pause after an early death; the first one costs nothing: a kill is no
 * crash loop. */
static void
set_pause(struct post *post, bool is_accident, int64_t age_us)
{
	if (!is_accident || age_us >= YOUNG_US)
		post->pause_us = 0;
	else if (post->pause_us == 0)
		post->pause_us = PAUSE_MIN_US;
	else if (post->pause_us < PAUSE_MAX_US / 2)
		post->pause_us *= 2;
	else
		post->pause_us = PAUSE_MAX_US;
	post->start_at_us = post->pause_us <= PAUSE_MIN_US
		? 0
		: clock_now_us() + post->pause_us;
}

static void
note_end(struct supervisor *s, struct post *post, struct child *child,
	int wait_status)
{
	bool is_holder = child == &post->holder;
	bool has_served = child_has_served(child);
	bool was_dismissed = child->kill_at_us != 0 && !child->is_hung;
	int64_t age_us = clock_now_us() - child->started_us;
	pid_t pid = child->pid;
	bool is_accident = child_bury(child, wait_status);

	if (post->role == SCOREBOARD_ROLE_worker && !was_dismissed)
		metrics_add(is_accident ? METRIC_worker_restarts
					: METRIC_worker_retirements,
			METRICS_NONE, METRICS_NONE, 1);
	if (!is_holder)
		return;
	post->retired = pid;
	post->is_outdated = false;
	/* the one before it stays, until there is one that serves */
	if (post->leaver.pid != 0 && post->leaver.kill_at_us == 0) {
		post->holder = post->leaver;
		post->leaver = (struct child){ .pid = 0 };
		post->is_outdated = true;
	}
	set_pause(post, is_accident && !has_served, age_us);
	s->is_settling = true;
	if (is_accident && post->role == SCOREBOARD_ROLE_worker &&
		!s->was_ready && ++s->hopeless == HOPELESS_DEATHS) {
		log_error("no_worker_starts", log_int("deaths", s->hopeless));
		s->exit_code = EX_SOFTWARE;
	}
}

static void
reap(struct supervisor *s)
{
	int wait_status;
	pid_t pid;

	while ((pid = waitpid(-1, &wait_status, WNOHANG)) > 0)
		for (int i = 0; i < POSTS; i++) {
			struct post *post = &s->posts[i];

			if (post->holder.pid == pid)
				note_end(s, post, &post->holder, wait_status);
			else if (post->leaver.pid == pid)
				note_end(s, post, &post->leaver, wait_status);
		}
}

static void
signal_children(const struct supervisor *s, int signal_number)
{
	for (int i = 0; i < POSTS; i++) {
		if (s->posts[i].holder.pid > 0)
			kill(s->posts[i].holder.pid, signal_number);
		if (s->posts[i].leaver.pid > 0)
			kill(s->posts[i].leaver.pid, signal_number);
	}
}

static void
stop(struct supervisor *s)
{
	if (s->is_stopping) {
		signal_children(s, SIGKILL);
		s->stop_at_us = clock_now_us() + CLOCK_US_PER_S;
		return;
	}
	s->is_stopping = true;
	s->stop_at_us = clock_now_us() +
		s->task->config->stop_timeout_s * CLOCK_US_PER_S;
	service_manager_stopping(&s->manager, "finishes the last requests");
	signal_children(s, SIGTERM);
}

/* Which posts the settings ask for; where they do not say how many workers, so
 * many as before. */
static void
choose_posts(struct supervisor *s)
{
	const struct supervisor_task *task = s->task;
	int64_t workers;

	if (task->config->workers == CONFIG_WORKERS_UNSET)
		task->config->workers = task->workers;
	workers = task->config->workers;
	for (int i = POSTS_ALONE; i < POSTS; i++) {
		s->posts[i].role = SCOREBOARD_ROLE_worker;
		s->posts[i].is_wanted = i - POSTS_ALONE < workers;
	}
	s->posts[POST_INVALIDATOR].role = SCOREBOARD_ROLE_invalidator;
	s->posts[POST_INVALIDATOR].is_wanted = invalidator_is_wanted(
		task->config);
	s->posts[POST_ADMIN].role = SCOREBOARD_ROLE_admin;
	s->posts[POST_ADMIN].is_wanted = task->admin_fd >= 0;
}

static void
reload(struct supervisor *s)
{
	service_manager_reloading(&s->manager);
	if (reload_settings(s->task->config, s->task->source)) {
		choose_posts(s);
		for (int i = 0; i < POSTS; i++)
			s->posts[i].is_outdated = s->posts[i].holder.pid != 0;
	}
	s->is_settling = true;
}

/* Once all posts are held by who is ready, after a start, a reload, a death:
 * only then the next worker may retire. */
static void
settle(struct supervisor *s)
{
	for (int i = 0; i < POSTS; i++) {
		const struct post *post = &s->posts[i];
		bool is_ready = child_is_ready(&post->holder);

		if (is_ready && post->role == SCOREBOARD_ROLE_worker)
			s->was_ready = true;
		if (post->leaver.pid != 0 || post->is_outdated ||
			(post->is_wanted != is_ready))
			return;
	}
	for (int i = 0; i < POSTS; i++)
		scoreboard_end_retirement(s->posts[i].retired);
	s->is_settling = false;
	scoreboard_set_state(SCOREBOARD_STATE_idle);
	service_manager_ready(&s->manager, "serves");
}

/* Aborts workers that hang: nothing takes twice as long as the database may. */
static void
look_after(struct supervisor *s)
{
	int64_t limit_us = 2 * s->task->config->database_timeout_ms *
			CLOCK_US_PER_MS +
		CLOCK_US_PER_S;

	for (int i = POSTS_ALONE; i < POSTS; i++) {
		(void)child_abort_if_hung(&s->posts[i].holder, limit_us);
		(void)child_abort_if_hung(&s->posts[i].leaver, limit_us);
	}
}

/* Waits for a signal, at most until the next thing is due; 0 when none came. */
static int
wait_for_signal(struct supervisor *s)
{
	int64_t due_us = clock_now_us() +
		(s->is_settling && !s->is_stopping ? WATCH_US : TICK_US);
	int64_t watch_us = service_manager_watch(&s->manager);
	struct timespec limit;
	int ms;

	if (s->is_stopping && s->stop_at_us < due_us)
		due_us = s->stop_at_us;
	if (watch_us < due_us)
		due_us = watch_us;
	ms = clock_left_ms(due_us);
	limit = (struct timespec){ ms / 1000, ms % 1000 * 1000000L };
	return sigtimedwait(&s->signals, NULL, &limit);
}

static void
act(struct supervisor *s, int signal_number)
{
	switch (signal_number) {
	case SIGTERM:
	case SIGINT:
		stop(s);
		break;
	case SIGCHLD:
		reap(s);
		break;
	case SIGHUP:
		if (!s->is_stopping)
			reload(s);
		break;
	case SIGUSR1:
		log_reopen_later();
		signal_children(s, SIGUSR1);
		break;
	default:
		if (s->is_stopping && clock_left_ms(s->stop_at_us) == 0)
			stop(s);
		break;
	}
}

static bool
has_children(const struct supervisor *s)
{
	for (int i = 0; i < POSTS; i++)
		if (s->posts[i].holder.pid > 0 || s->posts[i].leaver.pid > 0)
			return true;
	return false;
}

/* Looks after the children until told to stop; true in a child. */
static bool
supervise(struct supervisor *s)
{
	while (!s->is_stopping || has_children(s)) {
		if (!s->is_stopping && fill_posts(s))
			return true;
		act(s, wait_for_signal(s));
		if (s->is_settling && !s->is_stopping)
			settle(s);
		look_after(s);
		metrics_add_lost_lines();
		if (s->exit_code != EX_OK && !s->is_stopping)
			stop(s);
	}
	return false;
}

int
supervisor_run(const struct supervisor_task *task)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGCHLD, SIGHUP,
		SIGUSR1 };
	struct supervisor s = {
		.task = task, .pid = getpid(), .is_settling = true
	};

	if (scoreboard_open() != STATUS_OK) {
		log_error("no_scoreboard", log_text("error", strerror(errno)));
		return EX_OSERR;
	}
	scoreboard_enter(scoreboard_reserve(SCOREBOARD_ROLE_supervisor));
	service_manager_open(&s.manager);
	sigemptyset(&s.signals);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&s.signals, signals[i]);
	sigprocmask(SIG_BLOCK, &s.signals, NULL);
	s.posts = memory_zeroed(POSTS, sizeof(*s.posts));
	choose_posts(&s);
	log_info("started", log_int("workers", task->workers));
	if (!supervise(&s))
		log_info("stopped");
	service_manager_close(&s.manager);
	scoreboard_close();
	free(s.posts);
	return s.exit_code;
}
