#ifndef MY500_CONFIG_H
#define MY500_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "my500/buffer.h"
#include "my500/status.h"

/* The rows of config.def, then what else a config may own. */
enum config_row {
#define TEXT(name, field, shown, initial, help)      CONFIG_ROW_##field,
#define NUMBER(name, field, initial, min, max, help) CONFIG_ROW_##field,
#define CHOICE(name, field, words, initial, help)    CONFIG_ROW_##field,
#include "my500/config.def"
	CONFIG_ROWS,
	CONFIG_ROW_app_database_url = CONFIG_ROWS,
	CONFIG_OWNED_JWT_KEY,
	CONFIG_OWNED_JWT_PUBLIC_KEY,
	CONFIG_OWNED
};

/*
 * The settings in force (contract, section 7), one field for each row of
 * config.def: TEXT is a string ("" when unset), NUMBER an int64_t in the unit
 * that its name ends with, CHOICE the index into its list of words.
 */
struct config {
#define TEXT(name, field, shown, initial, help)      const char *field;
#define NUMBER(name, field, initial, min, max, help) int64_t field;
#define CHOICE(name, field, words, initial, help)    int field;
#include "my500/config.def"
	/* DATABASE_URL, the app's own; stands in for database_url. */
	const char *app_database_url;
	/* What the *_FILE settings name, read; else as given; "" when unset. */
	const char *jwt_key;        /* HMAC secret */
	const char *jwt_public_key; /* PEM text */
	char *owned[CONFIG_OWNED];  /* the copies that the fields point to */
	bool given[CONFIG_OWNED];   /* the rows that somebody set */
};

/* The order of the words in config.def. */
enum config_prepare {
	PREPARE_OFF,
	PREPARE_ON
};
enum config_invalidation {
	INVALIDATION_NOTIFY,
	INVALIDATION_TTL
};

#define CONFIG_WORKERS_UNSET (-1)
#define CONFIG_WORKERS_MAX   1024

/* What the settings are read from, beside the environment. */
struct config_source {
	const char *path;             /* of the file; NULL: none */
	const char *const *overrides; /* as config_open() takes them */
};

/*
 * Reads the settings: defaults, then the file (path NULL: none), then the
 * environment, then `overrides` ("NAME=value", NULL-terminated; the command
 * line; NULL: none).  An empty value unsets what an earlier layer set.
 *
 * STATUS_INVALID with `why` for an unknown MY500_ name, a value out of range,
 * a missing or unreadable file.  why->field is the setting's name, "--config"
 * for the file as a whole, "configuration" for what has no name that we know;
 * why->text says where it stands, and never holds a value.  `config` needs no
 * config_close() then.
 */
CHECKED enum status
config_open(struct config *config, const char *path, char *const *environment,
	const char *const *overrides, struct reason *why);
void config_close(struct config *config);

/* Somebody set it (file, environment or command line), also to its default. */
bool config_is_given(const struct config *config, const char *name);

/*
 * NAME=value lines of all settings as they are in force, secrets as ***.
 * What only its owner can judge or mask (MY500_DATABASE_URL) is left out.
 */
void config_print(const struct config *config, struct buffer *out);

#endif
