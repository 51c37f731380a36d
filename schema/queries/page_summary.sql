-- Who asks, and how many contacts there are (contract 2, 5).  $1 userId,
-- $2 the snapshot at which the numbers are known: then nothing is counted, and
-- they are 0 and mean nothing.  Always one row: without such a user its columns
-- are null, and "users" may be a view that has one twice.
-- snapshot: while it stays the same no transaction has ended anywhere in the
-- cluster, so no number has changed.  Null on a standby, which does not know
-- the transactions that are under way.
SELECT
  u.id, u.name, u.email, u.role::text, u."syncStatus",
  u."lastSyncTimestamp", n.snapshot, n.total, n.synced
FROM (
  SELECT count(*) AS total,
    count(*) FILTER (WHERE c."updateSyncStatus" = 'SYNCED') AS synced,
    CASE current_setting('in_hot_standby', true) WHEN 'off'
      THEN concat_ws(' ', current_database(), pg_postmaster_start_time(),
        pg_current_snapshot()) END AS snapshot
  FROM contacts c
  WHERE c."userId" = CASE WHEN
      CASE current_setting('in_hot_standby', true) WHEN 'off'
        THEN concat_ws(' ', current_database(), pg_postmaster_start_time(),
          pg_current_snapshot()) END
      IS DISTINCT FROM $2::text THEN $1::text END
) n
LEFT JOIN users u ON u.id = $1::text
LIMIT 1
