-- Who asks, and how many contacts there are (contract 2, 5).  $1 userId.
-- Always one row: without such a user its columns are null, and "users" may be
-- a view that has one twice.
SELECT
  u.id, u.name, u.email, u.role::text, u."syncStatus",
  u."lastSyncTimestamp", n.total, n.synced
FROM (
  SELECT count(*) AS total,
    count(*) FILTER (WHERE c."updateSyncStatus" = 'SYNCED') AS synced
  FROM contacts c
  WHERE c."userId" = $1::text
) n
LEFT JOIN users u ON u.id = $1::text
LIMIT 1
