-- Who searches (contract 5), and of which state of the data the answer will be:
-- as in page_summary.sql.  $1 userId.  Always one row.
-- From here to search_contacts.sql statements are planned for their parameters:
-- it depends on the term which index is of use.
SELECT
  u.id, u.name, u.email, u.role::text, u."syncStatus",
  u."lastSyncTimestamp",
  CASE current_setting('in_hot_standby', true) WHEN 'off'
    THEN concat_ws(' ', current_database(), pg_postmaster_start_time(),
      pg_current_snapshot()) END AS snapshot,
  set_config('plan_cache_mode', 'force_custom_plan', true) IS NOT NULL
    AS is_custom
FROM (SELECT) n
LEFT JOIN users u ON u.id = $1::text
LIMIT 1
