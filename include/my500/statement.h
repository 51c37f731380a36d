#ifndef MY500_STATEMENT_H
#define MY500_STATEMENT_H

#include <stdbool.h>

enum statement {
#define STATEMENT(name, parameters, prepared) STATEMENT_##name,
#include "my500/statement.def"
#undef STATEMENT
	STATEMENTS
};

/* The most parameters that one takes. */
#define STATEMENT_PARAMETERS_MAX 9

struct statement_text {
	const char *name; /* also its name when prepared */
	const char *sql;
	int parameters;
	bool is_prepared;
};

extern const struct statement_text statement_texts[STATEMENTS];

#endif
