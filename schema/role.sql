-- The worker's login: may connect, and SELECT exactly the columns it serves.
--
--   psql -v ON_ERROR_STOP=1 -v role=my500 -v password=SECRET \
--     -f schema/role.sql DATABASE
--
-- role is my500 when left out; without a password none is set or changed
-- (peer authentication, or \password later).  May be run again: whatever else
-- the role had been granted on these tables is taken back.
-- For another schema than the first of your search_path:
-- PGOPTIONS='-c search_path=NAME' psql ...

\set ON_ERROR_STOP on
\if :{?role}
\else
  \set role my500
\endif
SET client_min_messages = warning;

BEGIN;

-- The comment tells uninstall.sql that the role is ours to drop.
SELECT format('CREATE ROLE %I', :'role'),
  format('COMMENT ON ROLE %I IS %L', :'role', 'created by my500')
WHERE to_regrole(quote_ident(:'role')) IS NULL \gexec

ALTER ROLE :"role" LOGIN;
\if :{?password}
  ALTER ROLE :"role" PASSWORD :'password';
\endif

-- Its sessions read, see one state of the data per transaction, plan each
-- statement once, and do not run for ever.
ALTER ROLE :"role" SET default_transaction_read_only = on;
ALTER ROLE :"role" SET default_transaction_isolation = 'repeatable read';
ALTER ROLE :"role" SET plan_cache_mode = force_generic_plan;
ALTER ROLE :"role" SET jit = off;
ALTER ROLE :"role" SET statement_timeout = '5s';

GRANT CONNECT ON DATABASE :"DBNAME" TO :"role";
SELECT DISTINCT format('GRANT USAGE ON SCHEMA %I TO %I', n.nspname, :'role')
FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE t.oid IN (to_regclass('users'), to_regclass('contacts'),
  to_regclass('activities')) \gexec

-- Taking back from the table takes back from its columns too.
SELECT format('REVOKE ALL ON TABLE %s FROM %I', t.oid::regclass, :'role')
FROM pg_class t
WHERE t.oid IN (to_regclass('users'), to_regclass('contacts'),
  to_regclass('activities'), to_regclass('organizations')) \gexec

GRANT SELECT (id, name, email, role, "syncStatus", "lastSyncTimestamp")
  ON users TO :"role";
GRANT SELECT (id, name, email, phone, organisation, "organizationId",
  "warmnessScore", "lastContacted", "addedToCampaign", "pipedrivePersonId",
  "pipedriveOrgId", "lastPipedriveUpdate", "updateSyncStatus",
  "lastActivityDate", "openDealsCount", "closedDealsCount", "wonDealsCount",
  "lostDealsCount", "activitiesCount", "emailMessagesCount",
  "lastIncomingMailTime", "lastOutgoingMailTime", "followersCount",
  "jobTitle", "isActive", "deactivatedAt", "deactivatedBy",
  "deactivationReason", "createdAt", "updatedAt", "userId")
  ON contacts TO :"role";
GRANT SELECT (id, type, subject, note, "dueDate", "pipedriveActivityId",
  "replicatedToPipedrive", "pipedriveSyncAttempts",
  "lastPipedriveSyncAttempt", "lastPipedriveUpdate", "updateSyncStatus",
  "isSystemActivity", "systemAction", "createdAt", "updatedAt", "userId",
  "contactId", "campaignId")
  ON activities TO :"role";

-- The role may have more by other ways: as superuser, owner or member of another
-- role, or by a grant to PUBLIC.  Then nothing of this file is done.
SELECT coalesce(string_agg(DISTINCT what, ', '), '') AS excess,
  count(*) > 0 AS has_excess
FROM pg_class t
CROSS JOIN LATERAL (
  SELECT 'ownership of ' || t.relname
  WHERE pg_has_role(:'role', t.relowner, 'MEMBER')
  UNION ALL
  SELECT p || ' on ' || t.relname
  FROM unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER']) p
  WHERE has_table_privilege(:'role', t.oid, p)
  UNION ALL
  SELECT 'SELECT of ' || t.relname || '.' || a.attname
  FROM pg_attribute a
  WHERE a.attrelid = t.oid AND a.attname IN ('password', 'pipedriveApiKey')
    AND has_column_privilege(:'role', t.oid, a.attnum, 'SELECT')
) AS found (what)
WHERE t.oid IN (to_regclass('users'), to_regclass('contacts'),
  to_regclass('activities')) \gset
\if :has_excess
  \set message 'the role can do more than it should (' :excess '): it is a superuser or the owner, or has it from another role or PUBLIC'
  \warn :message
  ROLLBACK;
  DO $$ BEGIN RAISE EXCEPTION 'role.sql has changed nothing'; END $$;
\endif

COMMIT;
