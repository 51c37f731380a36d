-- The indexes that the pages need.  Builds them beside running writers, who
-- wait for nothing; on millions of rows that takes minutes.
--
--   psql -v ON_ERROR_STOP=1 -f schema/indexes.sql DATABASE
--
-- May be run again: what exists stays, and an index left INVALID by a run
-- that was interrupted is dropped and built anew.  An index of your own that
-- begins with the same columns serves as well: leave ours out then (the
-- worker asks queries/missing_indexes.sql, which does not mind names, but of
-- my500_contacts_texts and my500_contacts_long).
-- The last three, for searches, are optional; -v search=off leaves them out.
-- One needs two extensions, which are installed when that is allowed and passed
-- over, with a line that says so, when it is not.
-- For another schema than the first of your search_path:
-- PGOPTIONS='-c search_path=NAME' psql ...

\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET statement_timeout = 0;
SET lock_timeout = 0;

-- One run at a time: to another one, an index being built looks INVALID.
-- (Not a lock to wait for: who waits in a statement stops CONCURRENTLY.)
DO $$
BEGIN
  IF NOT pg_try_advisory_lock(hashtext('my500'), hashtext('indexes.sql')) THEN
    RAISE EXCEPTION 'indexes.sql is being run by somebody else: try again later';
  END IF;
END $$;

-- CONCURRENTLY cannot run inside a DO block, hence \gexec.
SELECT format('DROP INDEX CONCURRENTLY IF EXISTS %s', i.indexrelid::regclass)
FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid
WHERE i.indrelid IN (to_regclass('contacts'), to_regclass('activities'))
  AND k.relname LIKE 'my500\_%' AND NOT i.indisvalid \gexec

-- The order of a page (contract 1.3), so that nothing is sorted.
CREATE INDEX CONCURRENTLY IF NOT EXISTS my500_contacts_order ON contacts
  ("userId", "addedToCampaign" DESC, "warmnessScore", "lastContacted",
  "createdAt" DESC, id);

-- The counts of a user: small, and read without the table.
CREATE INDEX CONCURRENTLY IF NOT EXISTS my500_contacts_count ON contacts
  ("userId", "updateSyncStatus");

-- The latest activities of a contact.
CREATE INDEX CONCURRENTLY IF NOT EXISTS my500_activities_latest ON activities
  ("contactId", "createdAt" DESC, id DESC);

-- Searches, of users with very many contacts (contract 1.2).
\if :{?search}
\else
  \set search on
\endif
\if :search
-- What is searched, where very many contacts match: read without the table, in
-- two thirds of the time that the table takes, and for some 5 % of what a new
-- contact costs.  An entry has at most 2,704 bytes, a text may have any: what is
-- too long is in an index of its own.
CREATE INDEX CONCURRENTLY IF NOT EXISTS my500_contacts_texts ON contacts
  ("userId") INCLUDE (email, name, organisation)
  WHERE octet_length(name) + coalesce(octet_length(email), 0)
    + coalesce(octet_length(organisation), 0) <= 1500;
CREATE INDEX CONCURRENTLY IF NOT EXISTS my500_contacts_long ON contacts
  ("userId")
  WHERE octet_length(name) + coalesce(octet_length(email), 0)
    + coalesce(octet_length(organisation), 0) > 1500;

-- Where few match: pg_trgm finds what contains a term; btree_gin puts the user
-- in front, or else the entries of all users would be read.  Both are trusted
-- extensions: an owner of the database may install them.  Both are made or
-- none, and marked, so that uninstall.sql knows what it may drop.
DO $$
DECLARE
  wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['pg_trgm', 'btree_gin'] LOOP
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = wanted) THEN
      EXECUTE format('CREATE EXTENSION %I', wanted);
      EXECUTE format('COMMENT ON EXTENSION %I IS %L', wanted,
        'created by my500');
    END IF;
  END LOOP;
  -- Somebody else's may be out of reach.
  PERFORM format('%I.gtrgm', n.nspname)::regtype
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
  WHERE e.extname = 'pg_trgm';
EXCEPTION WHEN OTHERS THEN
  RAISE WARNING USING MESSAGE = format('my500_contacts_search is not built: '
    '%s. It needs the extensions pg_trgm and btree_gin, which a superuser or a '
    'role with CREATE on this database may install (CREATE EXTENSION); run '
    'this again then. Search works without it, but is slow for users with '
    'many thousands of contacts.', SQLERRM);
END $$;

-- New entries wait in a list that each search reads through; whoever makes it
-- longer than the limit sorts it in.  Measured beside 1,000,000 contacts while
-- 20,000 came in, at this limit (at the usual 4 MB; without the index): a
-- search of 100,000 took 1.2 ms, 2.2 at most (4.6, 10; 160); a bulk of 500 on
-- average 42 ms, 90 at most (29, 198; 7); a single contact 0.65 ms (0.60;
-- 0.35).
SELECT format('CREATE INDEX CONCURRENTLY IF NOT EXISTS my500_contacts_search '
  'ON contacts USING gin ("userId", name %1$I.gin_trgm_ops, '
  'email %1$I.gin_trgm_ops, organisation %1$I.gin_trgm_ops) '
  'WITH (gin_pending_list_limit = 512)', n.nspname)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_trgm' AND has_schema_privilege(n.oid, 'USAGE')
  AND EXISTS (SELECT FROM pg_extension WHERE extname = 'btree_gin') \gexec
\endif

SELECT pg_advisory_unlock(hashtext('my500'), hashtext('indexes.sql')) \g /dev/null
