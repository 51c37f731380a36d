#include "config.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "my500/arena.h"
#include "my500/cgi.h"
#include "my500/check.h"
#include "my500/config.h"
#include "my500/invalidator.h"
#include "my500/listener.h"
#include "my500/log.h"
#include "my500/scoreboard.h"
#include "my500/status_view.h"
#include "my500/supervisor.h"
#include "my500/worker.h"

#define WORKERS_PER_CPU 2
#define OVERRIDES_MAX   8

/* What the command line asks for. */
struct command {
	const char *config_path;
	const char *overrides[OVERRIDES_MAX + 1]; /* NAME=value, then NULL */
	bool is_check;
	bool is_invalidator;
	bool is_status;
	bool is_watch;
};

static const char usage[] =
	"usage: my500.fcgi [--config FILE] [--listen ADDRESS] [--workers N]\n"
	"                  [--check] [--invalidator] [--status] [--watch]\n"
	"                  [--version] [--help]\n"
	"\n"
	"Serves GET /api/my-500 by FastCGI on the socket inherited as\n"
	"descriptor 0 or by LISTEN_FDS, or on ADDRESS (unix:/path or\n"
	"host:port).  Settings: environment or FILE; see my500.conf(5).\n"
	"\n"
	"  --config FILE     read NAME=value lines from FILE\n"
	"  --listen ADDRESS  listen there (MY500_LISTEN)\n"
	"  --workers N       fork N workers and look after them "
	"(MY500_WORKERS)\n"
	"  --check           try the settings, print them, and exit\n"
	"  --invalidator     only make cached pages count no more when the\n"
	"                    database says that they changed: beside a web\n"
	"                    server that starts the workers itself\n"
	"  --status          print what each process does, the slowest first:\n"
	"                    the one on MY500_ADMIN_LISTEN knows\n"
	"  --watch           print it again each second\n";

/* cgi-fcgi starts us with closed descriptors: the next socket would be
 * standard output, and a message would go into it. */
static void
open_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static void
print_and_exit(const char *text)
{
	fputs(text, stdout);
	exit(fflush(stdout) == 0 ? EX_OK : EX_IOERR);
}

static void
add_override(struct command *command, struct arena *arena, const char *name,
	const char *value)
{
	int i = 0;

	while (command->overrides[i] != NULL)
		i++;
	if (i == OVERRIDES_MAX) {
		fputs("my500.fcgi: too many options\n", stderr);
		exit(EX_USAGE);
	}
	command->overrides[i] = arena_printf(arena, "%s=%s", name, value);
}

static void
read_command(
	struct command *command, int argc, char **argv, struct arena *arena)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "listen", required_argument, NULL, 'l' },
		{ "workers", required_argument, NULL, 'w' },
		{ "check", no_argument, NULL, 'k' },
		{ "invalidator", no_argument, NULL, 'i' },
		{ "status", no_argument, NULL, 's' },
		{ "watch", no_argument, NULL, 'W' },
		{ "version", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'c')
			command->config_path = optarg;
		else if (option == 'l')
			add_override(command, arena, "MY500_LISTEN", optarg);
		else if (option == 'w')
			add_override(command, arena, "MY500_WORKERS", optarg);
		else if (option == 'k')
			command->is_check = true;
		else if (option == 'i')
			command->is_invalidator = true;
		else if (option == 's')
			command->is_status = true;
		else if (option == 'W')
			command->is_watch = true;
		else if (option == 'v')
			print_and_exit("my500 " PACKAGE_VERSION "\n");
		else if (option == 'h')
			print_and_exit(usage);
		else
			exit(EX_USAGE); /* getopt_long() has said why */
	}
	if (optind < argc) {
		fprintf(stderr, "my500.fcgi: unexpected argument %s\n%s",
			argv[optind], usage);
		exit(EX_USAGE);
	}
}

static int
refuse(const struct reason *why)
{
	log_error("setting_refused", log_text("setting", why->field),
		log_text("error", why->text));
	return EX_CONFIG;
}

static int
count_workers(const struct config *config, const struct listener *listener)
{
	if (config->workers != CONFIG_WORKERS_UNSET)
		return (int)config->workers;
	if (listener->is_inherited)
		return 0;
	return (int)sysconf(_SC_NPROCESSORS_ONLN) * WORKERS_PER_CPU;
}

/* A manager that started us and waits for word (Type=notify) would wait for
 * ever: a supervisor sends it, a worker does not. */
static enum status
check_manager(const struct listener *listener, int workers, struct reason *why)
{
	if (workers > 0 || !listener->is_inherited ||
		listener->fd == STDIN_FILENO || getenv("NOTIFY_SOCKET") == NULL)
		return STATUS_OK;
	return status_refuse(why, "MY500_WORKERS",
		"is 0, or not set; expected how many workers there are to be, "
		"e.g. 8: the service manager waits for a supervisor");
}

static int
run_invalidator(const struct config *config)
{
	struct reason why;
	bool is_wanted;

	if (invalidator_check(config, &is_wanted, &why) != STATUS_OK)
		return refuse(&why);
	if (!is_wanted) {
		fputs("my500.fcgi: --invalidator has nothing to do with "
		      "MY500_INVALIDATION=ttl or without MY500_MEMCACHED\n",
			stderr);
		return EX_CONFIG;
	}
	log_info("started");
	return invalidator_run(config);
}

/* Opens the administrators' socket, if there is to be one. */
static enum status
open_admin(
	struct listener *admin, const struct config *config, struct reason *why)
{
	*admin = (struct listener){ .fd = -1 };
	if (*config->admin_listen == '\0')
		return STATUS_OK;
	return listener_open(
		admin, config->admin_listen, "MY500_ADMIN_LISTEN", why);
}

static int
supervise(struct config *config, const struct config_source *source,
	const struct listener *listener, int workers)
{
	struct listener admin;
	struct reason why;
	int exit_code;

	if (open_admin(&admin, config, &why) != STATUS_OK)
		return refuse(&why);
	exit_code = supervisor_run(&(struct supervisor_task){ .config = config,
		.source = source,
		.listen_fd = listener->fd,
		.admin_fd = admin.fd,
		.workers = workers });
	listener_close(&admin);
	return exit_code;
}

/* The one worker has a scoreboard too, for /metrics and /status. */
static int
work_alone(const struct config *config, const struct listener *listener)
{
	int exit_code;

	if (scoreboard_open() == STATUS_OK)
		scoreboard_enter(scoreboard_reserve(SCOREBOARD_ROLE_worker));
	exit_code = worker_run(config, listener->fd);
	scoreboard_close();
	return exit_code;
}

static int
serve(struct config *config, const struct config_source *source)
{
	struct listener listener;
	struct reason why;
	int workers, exit_code;
	enum status st;

	if (check_settings(config, &why) != STATUS_OK)
		return refuse(&why);
	st = listener_open(&listener, config->listen, "MY500_LISTEN", &why);
	if (st == STATUS_NOT_FOUND && cgi_is_wanted())
		return worker_answer_cgi(config);
	if (st == STATUS_NOT_FOUND) {
		fprintf(stderr,
			"my500.fcgi: no socket to serve: give --listen, or "
			"start it by a web server or spawn-fcgi\n");
		return EX_USAGE;
	}
	if (st != STATUS_OK)
		return refuse(&why);
	workers = count_workers(config, &listener);
	if (check_manager(&listener, workers, &why) != STATUS_OK)
		return refuse(&why);
	exit_code = workers == 0
		? work_alone(config, &listener)
		: supervise(config, source, &listener, workers);
	listener_close(&listener);
	return exit_code;
}

static int
run(const struct command *command, struct config *config, struct arena *arena)
{
	const struct config_source source = { command->config_path,
		command->overrides };

	if (command->is_check)
		return check_run(config);
	if (command->is_status || command->is_watch)
		return status_view_run(config, arena, command->is_watch);
	if (command->is_invalidator)
		return run_invalidator(config);
	return serve(config, &source);
}

int
main(int argc, char **argv)
{
	struct command command = { .config_path = NULL };
	struct arena *arena = arena_open();
	struct config config;
	struct reason why;
	int exit_code;

	open_standard_descriptors();
	/* a log that nobody reads any more is no reason to end */
	signal(SIGPIPE, SIG_IGN);
	read_command(&command, argc, argv, arena);
	if (config_open(&config, command.config_path, environ,
		    command.overrides, &why) != STATUS_OK) {
		exit_code = refuse(&why);
	} else {
		log_open((enum log_target)config.log_target,
			(enum log_level)config.log_level);
		exit_code = run(&command, &config, arena);
		config_close(&config);
	}
	arena_close(&arena);
	return exit_code;
}
