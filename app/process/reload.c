#include "config.h"

#include <string.h>
#include <unistd.h>

#include "my500/check.h"
#include "my500/config.h"
#include "my500/log.h"
#include "my500/reload.h"

/* Settings of what is open already. */
static void
log_what_stays(const struct config *before, const struct config *now)
{
	const struct {
		const char *name;
		bool has_changed;
	} rows[] = {
		{ "MY500_LISTEN", strcmp(before->listen, now->listen) != 0 },
		{ "MY500_ADMIN_LISTEN",
			strcmp(before->admin_listen, now->admin_listen) != 0 },
		/* none, or some: what the supervisor is there for */
		{ "MY500_WORKERS",
			(before->workers == 0) != (now->workers == 0) },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].has_changed)
			log_warning("setting_needs_restart",
				log_text("setting", rows[i].name));
}

bool
reload_settings(struct config *config, const struct config_source *source)
{
	struct config now;
	struct reason why;
	enum status st;

	st = config_open(&now, source->path, environ, source->overrides, &why);
	if (st == STATUS_OK) {
		st = check_settings(&now, &why);
		if (st != STATUS_OK)
			config_close(&now);
	}
	if (st != STATUS_OK) {
		log_error("reload_refused", log_text("setting", why.field),
			log_text("error", why.text));
		return false;
	}
	log_what_stays(config, &now);
	config_close(config);
	*config = now;
	log_open((enum log_target)config->log_target,
		(enum log_level)config->log_level);
	log_info("reloaded");
	return true;
}
