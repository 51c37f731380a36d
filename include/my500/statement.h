#ifndef MY500_STATEMENT_H
#define MY500_STATEMENT_H

enum statement {
#define STATEMENT(name, parameters) STATEMENT_##name,
#include "my500/statement.def"
#undef STATEMENT
	STATEMENTS
};

/* The most parameters that one takes. */
#define STATEMENT_PARAMETERS_MAX 4

struct statement_text {
	const char *name; /* also its name when prepared */
	const char *sql;
	int parameters;
};

extern const struct statement_text statement_texts[STATEMENTS];

#endif
