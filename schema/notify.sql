-- Tells my500 whose pages have changed, so that it may keep them until they do:
-- triggers that send NOTIFY my500 with a user's id, with an array of contacts
-- whose activities have changed, or with * for everybody.  The app and its
-- roles need not know, and need no more rights than before.
--
--   psql -v ON_ERROR_STOP=1 -f schema/notify.sql DATABASE
--
-- As the owner of the tables.  May be run again: what is as it should be is not
-- touched, what is missing or disabled is mended.  Writers wait for the moment
-- that the triggers of one table take, which comes between two of their
-- transactions; while one of them lasts, it is tried again for some seconds.
-- Half of it does no harm.
-- Replace an older my500 on every host before you run a newer notify.sql.
-- For another schema than the first of your search_path:
-- PGOPTIONS='-c search_path=NAME' psql ...
--
-- What is not told: ALTER TABLE, where it changes what columns hold.  Old pages
-- live for MY500_PAGE_TTL at most.
-- What cannot be any more: PREPARE TRANSACTION after a change to these tables.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET statement_timeout = 0;
-- While we wait for a lock, writers queue behind us.  Less than
-- deadlock_timeout, so that it is never one of them who has to give way.
SET lock_timeout = '500ms';

DO $install$
DECLARE
  contacts pg_class;
  problems text;
  made record;
  wanted record;
  relation regclass;
  function regprocedure;
BEGIN
  SELECT * INTO contacts FROM pg_class WHERE oid = 'contacts'::regclass;

  -- Changes get past the triggers of a table that is not the only way to its
  -- rows, and a subscription's past all that are for statements.
  SELECT string_agg(format('%s %s', t.relname, problem), ', '
    ORDER BY t.relname)
  INTO problems
  FROM pg_class t CROSS JOIN LATERAL (SELECT CASE
    WHEN t.relkind IN ('v', 'm') THEN 'is a view'
    WHEN t.relkind = 'p' THEN 'is partitioned'
    WHEN t.relkind <> 'r' THEN 'is not a table of this database'
    WHEN EXISTS (SELECT FROM pg_inherits WHERE inhrelid = t.oid)
      OR EXISTS (SELECT FROM pg_inherits WHERE inhparent = t.oid)
      THEN 'shares rows with another table (a partition, or inheritance)'
    WHEN EXISTS (SELECT FROM pg_subscription_rel WHERE srrelid = t.oid)
      THEN 'is written by a subscription'
  END) AS found (problem)
  WHERE t.oid IN ('users'::regclass, contacts.oid, 'activities'::regclass)
    AND problem IS NOT NULL;
  IF problems IS NOT NULL THEN
    RAISE WARNING USING MESSAGE = format('No trigger is added, for they would '
      'not see every change: %s. my500 works, but must not keep pages.',
      problems);
    RETURN;
  END IF;

  -- The functions, in the schema of contacts.  Whoever writes may have any
  -- search_path: so everything has its schema, but for the transition tables,
  -- which nothing can hide.  (SET search_path would cost more.)  Ids are
  -- compared as what they are, and become text at the end.
  -- After a change to the tables that we do not know of, this may fail: then
  -- everybody is told, and the writer notices nothing.
  FOR made IN
    -- Who has an id of more than 64 characters is never served (contract 5),
    -- and must not make a payload that is too long.
    SELECT 'my500_tell_' || t.name || e.suffix AS function, '' AS variables,
      format($body$
  PERFORM pg_catalog.pg_notify('my500', CASE
    WHEN owners OPERATOR(pg_catalog.>) 100 THEN '*'
    ELSE pg_catalog.left(owner::pg_catalog.text, 64)
  END)
  FROM (
    SELECT owner, pg_catalog.count(*) OVER () AS owners
    FROM (
      SELECT DISTINCT owner FROM (%s) AS found (owner)
      WHERE owner IS NOT NULL LIMIT 101
    ) AS told
  ) AS counted;$body$, format(e.touched, t.id)) AS body
    FROM (VALUES ('users', 'id'), ('contacts', 'userId')) AS t (name, id)
    CROSS JOIN (VALUES
      ('', 'SELECT %1$I FROM changed'),
      ('_updated', 'SELECT %1$I FROM before UNION ALL SELECT %1$I FROM after')
    ) AS e (suffix, touched)
    UNION ALL
    -- For activities the ids of the contacts are sent, as arrays, and whoever
    -- listens looks their owners up: the writer need not wait for that, and it
    -- is certain only after the commit, for another transaction may be giving
    -- the contact away.  When the contact is gone already, by a deletion that
    -- cascades, its own trigger tells.  An update has the rows in the same
    -- sequence before and after, and mostly leaves them where they were.  Of
    -- more than 10000, arrays would take longer than they are worth.
    SELECT 'my500_tell_activities' || e.suffix, $variables$DECLARE
  contacts pg_catalog.text[];
  were pg_catalog.text[];
  payload pg_catalog.text;
$variables$, e.gather || $body$
  IF pg_catalog.cardinality(contacts) OPERATOR(pg_catalog.>) 10000 THEN
    PERFORM pg_catalog.pg_notify('my500', '*');
    RETURN NULL;
  END IF;
  FOR i IN 1 .. pg_catalog.cardinality(contacts) BY 100 LOOP
    payload := contacts[i : i OPERATOR(pg_catalog.+) 99];
    IF pg_catalog.octet_length(payload) OPERATOR(pg_catalog.>) 7999 THEN
      payload := '*';
    END IF;
    PERFORM pg_catalog.pg_notify('my500', payload);
  END LOOP;$body$
    FROM (VALUES
      ('', $gather$
  contacts := ARRAY(SELECT "contactId"::pg_catalog.text FROM changed
    WHERE "contactId" IS NOT NULL LIMIT 10001);$gather$),
      ('_updated', $gather$
  contacts := ARRAY(SELECT "contactId"::pg_catalog.text FROM after
    WHERE "contactId" IS NOT NULL LIMIT 10001);
  were := ARRAY(SELECT "contactId"::pg_catalog.text FROM before
    WHERE "contactId" IS NOT NULL LIMIT 10001);
  IF were OPERATOR(pg_catalog.<>) contacts THEN
    contacts := were OPERATOR(pg_catalog.||) contacts;
  END IF;$gather$)
    ) AS e (suffix, gather)
    UNION ALL
    SELECT 'my500_tell_all', '', '
  PERFORM pg_catalog.pg_notify(''my500'', ''*'');'
  LOOP
    EXECUTE format($function$
CREATE OR REPLACE FUNCTION %1$s.%2$s() RETURNS trigger LANGUAGE plpgsql AS $$
%3$sBEGIN%4$s
  RETURN NULL;
EXCEPTION WHEN syntax_error_or_access_rule_violation THEN
  PERFORM pg_catalog.pg_notify('my500', '*');
  RETURN NULL;
END $$ $function$, contacts.relnamespace::regnamespace, made.function,
      made.variables, made.body);
    -- Else the owner of the tables could not run this again.
    IF contacts.relowner <> current_user::regrole THEN
      EXECUTE format('ALTER FUNCTION %s.%s() OWNER TO %s',
        contacts.relnamespace::regnamespace, made.function,
        contacts.relowner::regrole);
    END IF;
  END LOOP;

  -- The triggers, table by table.  ALWAYS: in sessions too that load data with
  -- session_replication_role = replica.
  FOREACH relation IN ARRAY ARRAY['users', 'contacts', 'activities'] LOOP
    FOR attempt IN 1 .. 6 LOOP
      BEGIN
        FOR wanted IN
          SELECT format('my500_%s_%s', t.relname, e.event) AS name, e.event,
            e.transition, format('%s.my500_tell_%s%s()',
              contacts.relnamespace::regnamespace,
              CASE WHEN e.event <> 'truncate' THEN t.relname ELSE 'all' END,
              CASE WHEN e.event = 'update' THEN '_updated' END)::regprocedure
              AS function
          FROM pg_class t CROSS JOIN (VALUES
            ('insert', 'REFERENCING NEW TABLE AS changed'),
            ('update', 'REFERENCING OLD TABLE AS before NEW TABLE AS after'),
            ('delete', 'REFERENCING OLD TABLE AS changed'),
            ('truncate', '')
          ) AS e (event, transition)
          WHERE t.oid = relation
        LOOP
          SELECT tgfoid INTO function FROM pg_trigger
          WHERE tgrelid = relation AND tgname = wanted.name;
          IF function <> wanted.function THEN
            EXECUTE format('DROP TRIGGER %I ON %s', wanted.name, relation);
          END IF;
          IF function IS DISTINCT FROM wanted.function THEN
            EXECUTE format('CREATE TRIGGER %I AFTER %s ON %s %s '
              'FOR EACH STATEMENT EXECUTE FUNCTION %s', wanted.name,
              wanted.event, relation, wanted.transition, wanted.function);
          END IF;
          IF EXISTS (SELECT FROM pg_trigger WHERE tgrelid = relation
            AND tgname = wanted.name AND tgenabled <> 'A') THEN
            EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', relation,
              wanted.name);
          END IF;
        END LOOP;
        EXIT;
      EXCEPTION WHEN lock_not_available THEN
        IF attempt = 6 THEN
          RAISE EXCEPTION 'The table % is being written to without a pause.',
            relation USING HINT = 'Run notify.sql again when no transaction '
            'that has changed it stays open for seconds.';
        END IF;
        PERFORM pg_sleep(0.5);
      END;
    END LOOP;
    COMMIT;
  END LOOP;
END $install$;

RESET lock_timeout;
