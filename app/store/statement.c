#include "config.h"

#include "my500/statement.h"
#include "queries.h"

const struct statement_text statement_texts[STATEMENTS] = {
#define STATEMENT(name, parameters, prepared) \
	{ #name, QUERY_##name, parameters, prepared },
#include "my500/statement.def"
#undef STATEMENT
};
