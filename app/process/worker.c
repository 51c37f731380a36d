#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "my500/arena.h"
#include "my500/cgi.h"
#include "my500/clock.h"
#include "my500/config.h"
#include "my500/exchange.h"
#include "my500/fastcgi.h"
#include "my500/log.h"
#include "my500/services.h"
#include "my500/worker.h"

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
	sigset_t blocked, all;

	sigaction(SIGTERM, &stopping, NULL);
	sigaction(SIGINT, &stopping, NULL);
	sigaction(SIGHUP, &ignoring, NULL);
	sigaction(SIGUSR1, &ignoring, NULL);
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

static enum status
serve(struct services *services, struct fastcgi *f, int64_t requests_left)
{
	struct exchange x = { .request = NULL };
	struct request request;
	enum status st = STATUS_OK;

	while (requests_left != 0) {
		st = fastcgi_accept(f, services->arena, &request);
		if (st != STATUS_OK)
			break;
		x.request = &request;
		exchange_answer(services, &x);
		fastcgi_send(f, buffer_slice(&services->head), &x.response);
		exchange_finish(services, &x);
		services_reset(services);
		if (requests_left > 0)
			requests_left--;
	}
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

int
worker_run(const struct config *config, int listen_fd)
{
	struct services services;
	struct fastcgi *f;
	enum status st;

	set_signals();
	if (open_services(&services, config) != STATUS_OK)
		return EX_CONFIG;
	f = fastcgi_open(listen_fd);
	st = serve(&services, f, requests_to_serve(config));
	fastcgi_close(&f);
	services_close(&services);
	return st == STATUS_INTERNAL ? EX_OSERR : EX_OK;
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
