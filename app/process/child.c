#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <sysexits.h>

#include "my500/child.h"
#include "my500/clock.h"
#include "my500/log.h"

#define ABORT_US CLOCK_US_PER_S

bool
child_is_ready(const struct child *child)
{
	struct scoreboard_row row;

	return child->pid != 0 && scoreboard_read(child->place, &row) &&
		row.state != SCOREBOARD_STATE_starting;
}

bool
child_has_served(const struct child *child)
{
	struct scoreboard_row row;

	return scoreboard_read(child->place, &row) && row.requests > 0;
}

/* What a worker is, or was, at: of no use for one that has no request. */
static void
log_request_of(enum log_level level, const char *event,
	const struct child *child, const struct scoreboard_row *row)
{
	const struct log_field fields[] = {
		log_text("role", scoreboard_role_words[row->role]),
		log_int("workerPid", child->pid),
		log_duration("ageMs", clock_now_us() - child->started_us),
		log_int("requests", row->requests),
		log_text("requestId", row->request_id),
		log_text("path", row->path),
		log_text("step", scoreboard_step_words[row->step]),
		log_duration("requestMs", clock_now_us() - row->request_us),
		LOG_END,
	};

	log_write(level, event, fields);
}

bool
child_abort_if_hung(struct child *child, int64_t limit_us)
{
	struct scoreboard_row row;

	if (child->is_hung) {
		if (clock_left_ms(child->kill_at_us) == 0)
			kill(child->pid, SIGKILL);
		return false;
	}
	if (child->pid == 0 || !scoreboard_read(child->place, &row) ||
		row.state != SCOREBOARD_STATE_busy || row.request_us == 0 ||
		clock_now_us() - row.request_us < limit_us)
		return false;
	log_request_of(LOG_LEVEL_ERROR, "worker_hung", child, &row);
	child->is_hung = true;
	child->kill_at_us = clock_now_us() + ABORT_US;
	kill(child->pid, SIGABRT);
	return true;
}

bool
child_bury(struct child *child, int wait_status)
{
	bool is_clean = WIFEXITED(wait_status) &&
		WEXITSTATUS(wait_status) == EX_OK;
	bool was_busy, was_there;
	struct scoreboard_row row;
	char event[32];

	was_there = scoreboard_read(child->place, &row);
	was_busy = was_there && row.request_us != 0;
	snprintf(event, sizeof(event), "%s_%s", scoreboard_role_words[row.role],
		is_clean ? "left" : "died");
	const struct log_field fields[] = {
		log_text("role", scoreboard_role_words[row.role]),
		log_int("workerPid", child->pid),
		log_int("exitCode",
			WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1),
		log_int("signal",
			WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0),
		log_duration("ageMs", clock_now_us() - child->started_us),
		log_int("requests", row.requests),
		was_busy ? log_text("requestId", row.request_id) : LOG_END,
		log_text("path", row.path),
		log_text("step", scoreboard_step_words[row.step]),
		log_duration("requestMs", clock_now_us() - row.request_us),
		LOG_END,
	};

	log_write(is_clean ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, event, fields);
	scoreboard_release(child->place);
	*child = (struct child){ .pid = 0, .place = -1 };
	return !is_clean;
}
