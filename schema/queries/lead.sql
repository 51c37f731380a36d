-- Tries to lead the invalidators of this database and schema: of all sessions
-- one has this lock, until it ends.
SELECT pg_try_advisory_lock(hashtext('my500'), 'contacts'::regclass::oid::integer)
  AS is_leader
