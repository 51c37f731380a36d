-- The indexes that the pages need.  Builds them beside running writers, who
-- wait for nothing; on millions of rows that takes minutes.
--
--   psql -v ON_ERROR_STOP=1 -f schema/indexes.sql DATABASE
--
-- May be run again: what exists stays, and an index left INVALID by a run
-- that was interrupted is dropped and built anew.  An index of your own that
-- begins with the same columns serves as well: leave ours out then (the
-- worker asks queries/missing_indexes.sql, which does not mind names).
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

SELECT pg_advisory_unlock(hashtext('my500'), hashtext('indexes.sql')) \g /dev/null
