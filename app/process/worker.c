#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "my500/arena.h"
#include "my500/cgi.h"
#include "my500/clock.h"
#include "my500/config.h"
#include "my500/database.h"
#include "my500/exchange.h"
#include "my500/fastcgi.h"
#include "my500/log.h"
#include "my500/resident.h"
#include "my500/scheduling.h"
#include "my500/scoreboard.h"
#include "my500/services.h"
#include "my500/worker.h"

/* What ps(1) shows, of at most 15 characters. */
#define PROCESS_NAME_ADMIN "my500.admin"

#define REQUESTS_PER_LOOK 64
#define MIB               ((int64_t)1024 * 1024)

static void
stop(int signal_number)
{
	(void)signal_number;
	fastcgi_stop();
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

/*
 * All of them are blocked: fastcgi_accept() lets them in while it waits.  In
 * the middle of a request a handler, SA_RESTART or not, would end a read or a
 * write on a socket with a timeout (signal(7)), and with it the answer.  All
 * handlers are set before libfcgi sets its own, which it does only where there
 * is none.
 */
static void
set_signals(void)
{
	const struct sigaction stopping = { .sa_handler = stop };
	const struct sigaction ignoring = { .sa_handler = ignore,
		.sa_flags = SA_RESTART };
	const struct sigaction reopening = { .sa_handler = reopen_log };
	sigset_t blocked, all;

	sigaction(SIGTERM, &stopping, NULL);
	sigaction(SIGINT, &stopping, NULL);
	sigaction(SIGHUP, &ignoring, NULL);
	sigaction(SIGUSR1, &reopening, NULL);
	sigaction(SIGPIPE, &ignoring, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGUSR1);
	sigfillset(&all);
	sigprocmask(SIG_UNBLOCK, &all, NULL);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
}

/* Requests until this worker retires, -1 for never: MY500_MAX_REQUESTS plus a
 * random tenth, so that workers do not retire together. */
static int64_t
requests_to_serve(const struct config *config)
{
	int64_t most = config->max_requests;

	return most == 0 ? -1 : most + random() % (most / 10 + 1);
}

/* Whether this worker has served or grown enough.  One at a time leaves. */
static bool
may_retire(const struct config *config, int64_t requests_left)
{
	static int requests; /* since the memory was looked at */
	static bool is_large;

	if (++requests >= REQUESTS_PER_LOOK) {
		int64_t bytes = resident_bytes();

		scoreboard_set_resident(bytes);
		is_large = config->max_rss_mib > 0 &&
			bytes > config->max_rss_mib * MIB;
		requests = 0;
	}
	return (requests_left == 0 || is_large) && scoreboard_may_retire();
}

static enum status
serve(struct services *services, struct fastcgi *f, int64_t requests_left)
{
	struct exchange x = { .request = NULL };
	struct request request;
	enum status st = STATUS_OK;

	scoreboard_set_resident(resident_bytes());
	scoreboard_set_state(SCOREBOARD_STATE_idle);
	while (!may_retire(services->config, requests_left)) {
		st = fastcgi_accept(f, services->arena, &request);
		if (st != STATUS_OK)
			break;
		x.request = &request;
		scoreboard_begin(request.id, request.path, request.accepted_us);
		exchange_answer(services, &x);
		scoreboard_step(SCOREBOARD_STEP_send);
		fastcgi_send(f, buffer_slice(&services->head), &x.response);
		exchange_finish(services, &x);
		scoreboard_end();
		services_reset(services);
		if (requests_left > 0)
			requests_left--;
	}
	scoreboard_set_state(SCOREBOARD_STATE_leaving);
	response_close(&x.response);
	return st;
}

static enum status
open_services(struct services *services, const struct config *config)
{
	struct reason why;
	enum status st = services_open(services, config, &why);

	srandom((unsigned)getpid() ^ (unsigned)clock_wall_us());
	if (st != STATUS_OK)
		log_error("setting_refused", log_text("setting", why.field),
			log_text("error", why.text));
	return st;
}

static int
run(struct services *services, int listen_fd, int64_t requests)
{
	struct fastcgi *f = fastcgi_open(listen_fd);
	enum status st = serve(services, f, requests);

	fastcgi_close(&f);
	services_close(services);
	return st == STATUS_INTERNAL ? EX_OSERR : EX_OK;
}

int
worker_run(const struct config *config, int listen_fd)
{
	struct services services;

	set_signals();
	scheduling_let_others_finish();
	if (open_services(&services, config) != STATUS_OK)
		return EX_CONFIG;
	services.workers_fd = listen_fd;
	database_connect(services.database);
	return run(&services, listen_fd, requests_to_serve(config));
}

int
worker_run_admin(const struct config *config, int admin_fd, int workers_fd)
{
	struct services services;

	prctl(PR_SET_NAME, PROCESS_NAME_ADMIN);
	set_signals();
	if (open_services(&services, config) != STATUS_OK)
		return EX_CONFIG;
	services.is_admin = true;
	services.workers_fd = workers_fd;
	return run(&services, admin_fd, -1);
}

int
worker_answer_cgi(const struct config *config)
{
	struct exchange x = { .request = NULL };
	struct services services;
	struct request request;

	if (open_services(&services, config) != STATUS_OK)
		return EX_CONFIG;
	cgi_read(&request, services.arena);
	x.request = &request;
	exchange_answer(&services, &x);
	cgi_send(buffer_slice(&services.head), &x.response);
	exchange_finish(&services, &x);
	response_close(&x.response);
	services_close(&services);
	return EX_OK;
}
