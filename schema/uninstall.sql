-- Takes away what indexes.sql, notify.sql and role.sql added: the database is
-- as it was before, and no row is touched.
--
--   psql -v ON_ERROR_STOP=1 -v role=my500 -f schema/uninstall.sql DATABASE
--
-- Stop the workers first.  role is my500 when left out.  May be run again;
-- what is not there is passed over.  For another schema than the first of
-- your search_path: PGOPTIONS='-c search_path=NAME' psql ...

\set ON_ERROR_STOP on
\if :{?role}
\else
  \set role my500
\endif
SET client_min_messages = warning;
SET statement_timeout = 0;

-- notify.sql: triggers, wherever a table is now that had them, then their
-- functions.  Everybody queues behind who waits to drop a trigger: so not for
-- long.  "canceling statement due to lock timeout": run this again.
SET lock_timeout = '500ms';
SELECT format('DROP TRIGGER IF EXISTS %I ON %s', g.tgname,
  g.tgrelid::regclass)
FROM pg_trigger g JOIN pg_proc p ON p.oid = g.tgfoid
WHERE g.tgname LIKE 'my500\_%' AND NOT g.tgisinternal
  AND (g.tgrelid IN (to_regclass('users'), to_regclass('contacts'),
      to_regclass('activities'))
    OR p.proname LIKE 'my500\_%' AND pg_function_is_visible(p.oid)) \gexec
SET lock_timeout = 0;

SELECT format('DROP FUNCTION IF EXISTS %s', p.oid::regprocedure)
FROM pg_proc p
WHERE p.proname LIKE 'my500\_%' AND pg_function_is_visible(p.oid) \gexec

-- indexes.sql
SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %s', k.oid::regclass)
FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid
WHERE i.indrelid IN (to_regclass('contacts'), to_regclass('activities'))
  AND k.relname LIKE 'my500\_%' \gexec

-- Extensions that it made, unless another index or function has come to need
-- them.  (What only statements of the app use, nobody can see: where they do,
-- COMMENT ON EXTENSION pg_trgm IS NULL keeps it.)
DO $$
DECLARE
  ours text;
BEGIN
  FOR ours IN
    SELECT extname FROM pg_extension
    WHERE extname IN ('pg_trgm', 'btree_gin')
      AND obj_description(oid, 'pg_extension') = 'created by my500'
  LOOP
    BEGIN
      EXECUTE format('DROP EXTENSION %I', ours);
    EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN
      RAISE WARNING 'The extension % stays: %.', ours, SQLERRM;
    END;
  END LOOP;
END $$;

-- role.sql: the role that it made ...
SELECT count(*) > 0 AS has_role,
  coalesce(bool_or(shobj_description(oid, 'pg_authid') = 'created by my500'),
    false) AS is_ours
FROM pg_roles WHERE rolname = :'role' \gset
\if :is_ours
  SELECT format('REVOKE ALL ON TABLE %s FROM %I', t.oid::regclass, :'role')
  FROM pg_class t
  WHERE t.oid IN (to_regclass('users'), to_regclass('contacts'),
    to_regclass('activities'), to_regclass('organizations')) \gexec

  SELECT DISTINCT format('REVOKE USAGE ON SCHEMA %I FROM %I', n.nspname,
    :'role')
  FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
  WHERE t.oid IN (to_regclass('users'), to_regclass('contacts'),
    to_regclass('activities')) \gexec

  REVOKE CONNECT ON DATABASE :"DBNAME" FROM :"role";

  -- Another database of this server may use it too.
  SELECT EXISTS (SELECT FROM pg_shdepend d
    WHERE d.refclassid = 'pg_authid'::regclass
      AND d.refobjid = to_regrole(quote_ident(:'role'))) AS is_needed \gset
  \if :is_needed
    \echo The role :role is still needed elsewhere and stays.
  \else
    DROP ROLE :"role";
  \endif

-- ... or what it gave to one that was there: columns and settings.  That one
-- may have been let into the database and the schema before; so it stays in.
\elif :has_role
  SELECT format('REVOKE %s (%I) ON TABLE %s FROM %I', g.privilege_type,
    a.attname, a.attrelid::regclass, :'role')
  FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) g
  WHERE a.attrelid IN (to_regclass('users'), to_regclass('contacts'),
      to_regclass('activities'))
    AND g.grantee = to_regrole(quote_ident(:'role')) \gexec

  ALTER ROLE :"role" RESET default_transaction_read_only;
  ALTER ROLE :"role" RESET default_transaction_isolation;
  ALTER ROLE :"role" RESET plan_cache_mode;
  ALTER ROLE :"role" RESET jit;
  ALTER ROLE :"role" RESET statement_timeout;
\endif
