#include "config.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sysexits.h>

#include "my500/clock.h"
#include "my500/config.h"
#include "my500/epochs.h"
#include "my500/invalidator.h"
#include "my500/log.h"
#include "my500/memcached.h"
#include "my500/metrics.h"
#include "my500/model.h"
#include "my500/scheduling.h"
#include "my500/scoreboard.h"
#include "my500/signals.h"
#include "my500/subscription.h"

/* What ps(1) shows, of at most 15 characters. */
#define PROCESS_NAME "my500.invalid"

#define BEAT_US      CLOCK_US_PER_S
#define MEND_US      (100 * CLOCK_US_PER_MS)
#define FOLLOW_MS    500 /* between two questions who leads */
#define PAUSE_MIN_MS 50
#define PAUSE_MAX_MS 1000
#define USER_ID_CHARS \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

struct invalidator {
	struct memcached *memcached;
	struct epochs *epochs;
	struct subscription *subscription;
	struct buffer payload;
};

static volatile sig_atomic_t is_stopping;

static void
stop(int signal_number)
{
	(void)signal_number;
	is_stopping = 1;
}

static void
ignore(int signal_number)
{
	(void)signal_number;
}

static void
reopen_log(int signal_number)
{
	(void)signal_number;
	log_reopen_later();
}

/* Blocked, but where it waits: signals_poll(). */
static void
set_signals(void)
{
	const struct sigaction stopping = { .sa_handler = stop };
	const struct sigaction ignoring = { .sa_handler = ignore };
	const struct sigaction reopening = { .sa_handler = reopen_log };
	sigset_t heard;

	sigemptyset(&heard);
	sigaddset(&heard, SIGTERM);
	sigaddset(&heard, SIGINT);
	sigaddset(&heard, SIGHUP);
	sigaddset(&heard, SIGUSR1);
	sigaction(SIGTERM, &stopping, NULL);
	sigaction(SIGINT, &stopping, NULL);
	sigaction(SIGHUP, &ignoring, NULL);
	sigaction(SIGUSR1, &reopening, NULL);
	sigprocmask(SIG_SETMASK, &heard, NULL);
}

/* Waits, not much longer than a signal to stop. */
static void
pause_ms(int ms)
{
	int64_t until_us = clock_now_us() + ms * CLOCK_US_PER_MS;

	while (!is_stopping && clock_left_ms(until_us) > 0)
		(void)signals_poll(NULL, 0, clock_left_ms(until_us));
}

/* "*" is everybody; no token has a user's id of another form. */
static void
invalidate(struct invalidator *i, const char *payload)
{
	struct slice user_id = slice_of(payload);

	if (slice_equals_text(user_id, "*"))
		epochs_renew(i->epochs);
	else if (user_id.len > 0 && user_id.len <= USER_ID_MAX &&
		slice_consists_of(user_id, USER_ID_CHARS))
		epochs_raise(i->epochs, payload);
	else
		return;
	metrics_add(METRIC_invalidations, METRICS_NONE, METRICS_NONE, 1);
}

static enum status
take_next(struct invalidator *i, int64_t deadline_us)
{
	enum status st = subscription_next(
		i->subscription, deadline_us, &i->payload);

	if (st == STATUS_OK)
		invalidate(i, i->payload.ptr);
	return st;
}

/* Takes in what is told until the deadline, however much it is. */
static enum status
take_in(struct invalidator *i, int64_t deadline_us)
{
	enum status st;

	do
		st = take_next(i, deadline_us);
	while (st == STATUS_OK && clock_left_ms(deadline_us) > 0);
	return st == STATUS_NOT_FOUND ? STATUS_OK : st;
}

/* One beat: the database is still there to tell more, and what it has told so
 * far is taken in; only then the epochs are kept. */
static enum status
beat(struct invalidator *i)
{
	enum status st = subscription_confirm(i->subscription);

	metrics_add_lost_lines();
	while (st == STATUS_OK)
		st = take_next(i, 0);
	return st == STATUS_NOT_FOUND ? epochs_keep(i->epochs) : st;
}

/* Leads until told to stop, or until something goes wrong. */
static enum status
lead(struct invalidator *i)
{
	int64_t beat_at_us = clock_now_us() + BEAT_US, until_us;
	enum status st = STATUS_OK;

	epochs_renew(i->epochs);
	while (st == STATUS_OK && !is_stopping) {
		until_us = beat_at_us;
		if (!epochs_mend(i->epochs) &&
			until_us > clock_now_us() + MEND_US)
			until_us = clock_now_us() + MEND_US;
		st = take_in(i, until_us);
		if (st != STATUS_OK || clock_left_ms(beat_at_us) > 0)
			continue;
		st = beat(i);
		beat_at_us = clock_now_us() + BEAT_US;
	}
	return st;
}

static void
serve(struct invalidator *i)
{
	int pause = PAUSE_MIN_MS;
	enum status st;

	while (!is_stopping) {
		st = subscription_begin(i->subscription);
		if (st == STATUS_OK) {
			log_info("invalidation_begun");
			(void)!lead(i);
			/* what nobody hears of must not count from now on */
			epochs_end(i->epochs);
			subscription_end(i->subscription);
			log_info("invalidation_ended");
			pause = PAUSE_MIN_MS;
		} else if (st == STATUS_NOT_FOUND) {
			pause_ms(FOLLOW_MS);
			continue;
		}
		pause_ms(pause);
		pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
	}
}

enum status
invalidator_check(
	const struct config *config, bool *is_wanted, struct reason *why)
{
	struct subscription *subscription;
	enum status st = subscription_open(&subscription, config, why);

	subscription_close(&subscription);
	*is_wanted = config->invalidation == INVALIDATION_NOTIFY &&
		*config->memcached != '\0';
	return *is_wanted || st == STATUS_INVALID ? st : STATUS_OK;
}

bool
invalidator_is_wanted(const struct config *config)
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
invalidator_run(const struct config *config)
{
	struct invalidator i = { .memcached = NULL };
	struct reason why;
	enum status st;

	prctl(PR_SET_NAME, PROCESS_NAME);
	set_signals();
	scheduling_ask_short_turns();
	st = subscription_open(&i.subscription, config, &why);
	if (st == STATUS_OK)
		st = memcached_open(&i.memcached, config, &why);
	if (st == STATUS_OK) {
		i.epochs = epochs_open(i.memcached);
		scoreboard_set_state(SCOREBOARD_STATE_idle);
		serve(&i);
	} else {
		log_error("setting_refused", log_text("setting", why.field),
			log_text("error", why.text));
	}
	epochs_close(&i.epochs);
	memcached_close(&i.memcached);
	subscription_close(&i.subscription);
	buffer_close(&i.payload);
	return st == STATUS_OK ? EX_OK : EX_CONFIG;
}
