#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "my500/config.h"
#include "my500/config_file.h"
#include "my500/config_name.h"
#include "my500/memory.h"
#include "my500/slice.h"

enum kind {
	KIND_TEXT,
	KIND_NUMBER,
	KIND_CHOICE
};
enum shown {
	SHOWN_PUBLIC,
	SHOWN_SECRET,
	SHOWN_DSN
};

struct row {
	const char *name;
	enum kind kind;
	enum shown shown;
	size_t offset;    /* of the field in struct config */
	const char *text; /* TEXT: initial value; CHOICE: the words */
	int64_t number;   /* NUMBER: initial value; CHOICE: index of it */
	int64_t min, max;
};

#define FIELD(field) offsetof(struct config, field)
static const struct row rows[] = {
#define TEXT(name, field, shown, initial, help) \
	{ name, KIND_TEXT, SHOWN_##shown, FIELD(field), initial, 0, 0, 0 },
#define NUMBER(name, field, initial, min, max, help)                       \
	{ name, KIND_NUMBER, SHOWN_PUBLIC, FIELD(field), "", initial, min, \
		max },
#define CHOICE(name, field, words, initial, help) \
	{ name, KIND_CHOICE, SHOWN_PUBLIC, FIELD(field), words, initial, 0, 0 },
#include "my500/config.def"
	{ "DATABASE_URL", KIND_TEXT, SHOWN_DSN, FIELD(app_database_url), "", 0,
		0, 0 },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const bool empty_counts[ROWS] = {
#define EMPTY_COUNTS(field) [CONFIG_ROW_##field] = true,
#include "my500/config.def"
};

/* One source of settings; the next one wins. */
struct layer {
	const char *name; /* for people */
	int line;         /* 0: it has none */
	bool seen[ROWS];
};

static void *
field_of(struct config *config, const struct row *row)
{
	return (char *)config + row->offset;
}

static const void *
value_of(const struct config *config, const struct row *row)
{
	return (const char *)config + row->offset;
}

static const struct row *
find_row(struct slice name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (slice_equals_text(name, rows[i].name))
			return &rows[i];
	return NULL;
}

/* Keeps a copy in `slot` for as long as the config lives. */
static const char *
own(struct config *config, size_t slot, struct slice text)
{
	char *copy = memory_alloc(text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	free(config->owned[slot]);
	config->owned[slot] = copy;
	return copy;
}

static void
unset(struct config *config, const struct row *row)
{
	switch (row->kind) {
	case KIND_TEXT:
		*(const char **)field_of(config, row) = row->text;
		break;
	case KIND_NUMBER:
		*(int64_t *)field_of(config, row) = row->number;
		break;
	case KIND_CHOICE:
		*(int *)field_of(config, row) = (int)row->number;
		break;
	}
	config->given[row - rows] = false;
}

/* Which of "this|that" it is. */
static bool
find_word(const char *words, struct slice value, int *index)
{
	struct slice rest = slice_of(words);
	struct slice word;

	for (int i = 0; slice_split(&rest, '|', &word); i++)
		if (slice_equals(word, value)) {
			*index = i;
			return true;
		}
	return false;
}

static enum status
set(struct config *config, const struct row *row, struct slice value,
	struct reason *why)
{
	size_t slot = (size_t)(row - rows);

	unset(config, row);
	if (config_name_has_control(value))
		return status_refuse(why, row->name, "has a control character");
	if (value.len == 0 && !empty_counts[slot])
		return STATUS_OK;
	config->given[slot] = true;
	switch (row->kind) {
	case KIND_TEXT:
		*(const char **)field_of(config, row) = own(
			config, slot, value);
		return STATUS_OK;
	case KIND_NUMBER:
		if (slice_parse_int(
			    value, row->min, row->max, field_of(config, row)))
			return STATUS_OK;
		return status_refuse(why, row->name,
			"must be a whole number from %lld to %lld",
			(long long)row->min, (long long)row->max);
	case KIND_CHOICE:
		if (find_word(row->text, value, field_of(config, row)))
			return STATUS_OK;
		return status_refuse(
			why, row->name, "must be one of %s", row->text);
	}
	return STATUS_INTERNAL;
}

/* " (/etc/my500.conf, line 3)" */
static void
add_place(struct reason *why, const struct layer *layer)
{
	size_t len = strlen(why->text);
	char *end = why->text + len;
	size_t left = sizeof(why->text) - len;

	if (layer->line > 0)
		snprintf(end, left, " (%s, line %d)", layer->name, layer->line);
	else
		snprintf(end, left, " (%s)", layer->name);
}

static enum status
assign(struct config *config, struct layer *layer, struct slice name,
	struct slice value, struct reason *why)
{
	const struct row *row = find_row(name);

	if (row == NULL)
		return config_name_refuse(name, why);
	if (layer->seen[row - rows])
		return status_refuse(why, row->name, "is set twice");
	layer->seen[row - rows] = true;
	return set(config, row, value, why);
}

static enum status
read_lines(struct config *config, struct layer *layer, struct slice text,
	struct reason *why)
{
	struct slice line, name, value;
	enum status st = STATUS_OK;

	while (st == STATUS_OK && slice_split(&text, '\n', &line)) {
		layer->line++;
		st = config_file_line(line, &name, &value, why);
		if (st == STATUS_OK)
			st = assign(config, layer, name, value, why);
		else if (st == STATUS_NOT_FOUND)
			st = STATUS_OK;
	}
	return st;
}

static enum status
read_file(struct config *config, const char *path, struct reason *why)
{
	struct layer layer = { .name = path };
	struct buffer text = { 0 };
	enum status st;

	st = config_file_read(path, "--config", &text, why);
	if (st == STATUS_OK)
		st = read_lines(config, &layer, buffer_slice(&text), why);
	if (st != STATUS_OK)
		add_place(why, &layer);
	buffer_close(&text);
	return st;
}

/* Of "NAME=value" strings, those that are ours. */
static enum status
read_strings(struct config *config, const char *layer_name,
	const char *const *strings, struct reason *why)
{
	struct layer layer = { .name = layer_name };
	enum status st = STATUS_OK;

	for (; st == STATUS_OK && *strings != NULL; strings++) {
		struct slice value = slice_of(*strings);
		struct slice name;

		if (!slice_split(&value, '=', &name) || value.ptr == NULL)
			continue;
		if (config_name_is_ours(name) || find_row(name) != NULL)
			st = assign(config, &layer, name, value, why);
	}
	if (st != STATUS_OK)
		add_place(why, &layer);
	return st;
}

/* The text of the key file that setting `field` names, as a string. */
static enum status
read_key(struct config *config, size_t slot, enum config_row setting,
	const char **key, struct reason *why)
{
	const struct row *row = &rows[setting];
	const char *path = *(const char *const *)value_of(config, row);
	/* Anything but a path may be the secret itself, put here by mistake. */
	struct layer layer = { .name = path[0] == '/' ? path
						      : "a relative path" };
	struct buffer text = { 0 };
	struct slice rest;
	enum status st;

	st = config_file_read(path, row->name, &text, why);
	rest = buffer_slice(&text);
	if (rest.len > 0 && rest.ptr[rest.len - 1] == '\n')
		rest.len--;
	if (rest.len > 0 && rest.ptr[rest.len - 1] == '\r')
		rest.len--;
	if (st == STATUS_OK && rest.len == 0)
		st = status_refuse(why, row->name, "is empty");
	if (st == STATUS_OK)
		*key = own(config, slot, rest);
	else
		add_place(why, &layer);
	buffer_close(&text);
	return st;
}

static enum status
read_keys(struct config *config, struct reason *why)
{
	bool has_file = config->jwt_secret_file[0] != '\0';
	bool has_public = config->jwt_public_key_file[0] != '\0';
	enum status st = STATUS_OK;

	config->jwt_key = config->jwt_secret;
	if (config->jwt_key[0] != '\0' && has_file)
		return status_refuse(why, "MY500_JWT_SECRET_FILE",
			"can not stand together with MY500_JWT_SECRET");
	if (config->jwt_key[0] == '\0' && !has_file && !has_public)
		return status_refuse(why, "MY500_JWT_SECRET",
			"set it, or MY500_JWT_SECRET_FILE, or "
			"MY500_JWT_PUBLIC_KEY_FILE: tokens need a key");
	if (has_file)
		st = read_key(config, CONFIG_OWNED_JWT_KEY,
			CONFIG_ROW_jwt_secret_file, &config->jwt_key, why);
	if (st == STATUS_OK && has_public)
		st = read_key(config, CONFIG_OWNED_JWT_PUBLIC_KEY,
			CONFIG_ROW_jwt_public_key_file, &config->jwt_public_key,
			why);
	return st;
}

static enum status
choose_database(struct config *config, struct reason *why)
{
	if (config->given[CONFIG_ROW_database_url])
		return STATUS_OK;
	if (!config->given[CONFIG_ROW_app_database_url])
		return status_refuse(why, "MY500_DATABASE_URL",
			"set it, or DATABASE_URL, to PostgreSQL's address");
	config->database_url = config->app_database_url;
	config->given[CONFIG_ROW_database_url] = true;
	return STATUS_OK;
}

enum status
config_open(struct config *config, const char *path, char *const *environment,
	const char *const *overrides, struct reason *why)
{
	enum status st = STATUS_OK;

	memset(config, 0, sizeof(*config));
	config->jwt_key = "";
	config->jwt_public_key = "";
	for (size_t i = 0; i < ROWS; i++)
		unset(config, &rows[i]);
	if (path != NULL)
		st = read_file(config, path, why);
	if (st == STATUS_OK && environment != NULL)
		st = read_strings(config, "environment",
			(const char *const *)environment, why);
	if (st == STATUS_OK && overrides != NULL)
		st = read_strings(config, "command line", overrides, why);
	if (st == STATUS_OK)
		st = choose_database(config, why);
	if (st == STATUS_OK)
		st = read_keys(config, why);
	if (st != STATUS_OK)
		config_close(config);
	return st;
}

void
config_close(struct config *config)
{
	for (size_t i = 0; i < CONFIG_OWNED; i++)
		free(config->owned[i]);
	memset(config, 0, sizeof(*config));
}

bool
config_is_given(const struct config *config, const char *name)
{
	const struct row *row = find_row(slice_of(name));

	return row != NULL && config->given[row - rows];
}

/* In quotes where config_file_line() would take a piece of it away. */
static void
print_text(struct buffer *out, struct slice text)
{
	const char *quote = "";

	if (text.len > 0 && text.ptr[0] == '"')
		quote = "'";
	else if (text.len > 0 && text.ptr[0] == '\'')
		quote = "\"";
	else if (slice_trim(text).len < text.len)
		quote = "\"";
	buffer_add_text(out, quote);
	buffer_add_slice(out, text);
	buffer_add_text(out, quote);
}

static void
print_number(struct buffer *out, const struct row *row, int64_t number)
{
	if (number >= row->min) /* else it is unset: CONFIG_WORKERS_UNSET */
		buffer_add_int(out, number);
}

static void
print_word(struct buffer *out, const char *words, int index)
{
	struct slice rest = slice_of(words);
	struct slice word = rest;

	for (int i = 0; i <= index; i++)
		(void)slice_split(&rest, '|', &word);
	buffer_add_slice(out, word);
}

void
config_print(const struct config *config, struct buffer *out)
{
	for (size_t i = 0; i < CONFIG_ROWS; i++) {
		const struct row *row = &rows[i];
		const void *value = value_of(config, row);

		if (row->shown == SHOWN_DSN)
			continue;
		buffer_printf(out, "%s=", row->name);
		if (row->kind == KIND_NUMBER)
			print_number(out, row, *(const int64_t *)value);
		else if (row->kind == KIND_CHOICE)
			print_word(out, row->text, *(const int *)value);
		else if (row->shown == SHOWN_SECRET && config->given[i])
			buffer_add_text(out, "***");
		else
			print_text(out, slice_of(*(const char *const *)value));
		buffer_add_char(out, '\n');
	}
}
