-- Who asks, and how many contacts there are (contract 2, 5).  $1 userId,
-- $2 the snapshot at which the numbers are known: then nothing is counted, and
-- they are 0 and mean nothing.  Always one row: without such a user its columns
-- are null, and "users" may be a view that has one twice.
-- snapshot: while it stays the same no transaction that changes anything has
-- ended in the whole cluster, so no number has changed.  The number of the next
-- transaction, which it is made of, may go back when PostgreSQL recovers from a
-- crash: then, as on another server, its start or that of its statistics
-- differs.  Null where numbers can change without a transaction here: on a
-- standby, and when "contacts" is more than a table.
SELECT
  u.id, u.name, u.email, u.role::text, u."syncStatus",
  u."lastSyncTimestamp", s.snapshot, n.total, n.synced
FROM (
  SELECT CASE WHEN current_setting('in_hot_standby', true) = 'off'
      AND EXISTS (SELECT FROM pg_class WHERE oid = 'contacts'::regclass
        AND relkind = 'r' AND NOT relrowsecurity)
    THEN concat_ws(' ', current_database(), current_user,
      'contacts'::regclass::oid, pg_postmaster_start_time(),
      pg_stat_get_bgwriter_stat_reset_time(), pg_current_snapshot())
    END AS snapshot
  OFFSET 0
) s
CROSS JOIN LATERAL (
  SELECT count(*) AS total,
    count(*) FILTER (WHERE c."updateSyncStatus" = 'SYNCED') AS synced
  FROM contacts c
  WHERE c."userId" =
    CASE WHEN s.snapshot IS DISTINCT FROM $2::text THEN $1::text END
) n
LEFT JOIN users u ON u.id = $1::text
LIMIT 1
