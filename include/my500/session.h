#ifndef MY500_SESSION_H
#define MY500_SESSION_H

struct connection_options;
struct pg_conn;

/*
 * Begins to connect (PQconnectStartParams(), whose result it returns) for a
 * session with the settings that our statements count on: read only, one
 * snapshot for a whole pipeline, generic plans, a timeout.
 */
struct pg_conn *session_start(const struct connection_options *options);

#endif
