-- Who searches (contract 5), and of which state of the data the answer will be:
-- snapshot, as in page_summary.sql, also kept for search_count.sql of the same
-- transaction.  $1 userId, $2 the snapshot at which the number of matches is
-- known.  Always one row.
-- search_count.sql, behind this one, is planned for its parameters when it has
-- to count: it depends on the term which index is of use.  And rather than
-- sort, statements follow my500_contacts_order: of many matches a page is then
-- met soon, which no estimate that does not know the term would say.
SELECT
  u.id, u.name, u.email, u.role::text, u."syncStatus",
  u."lastSyncTimestamp", s.snapshot,
  set_config('my500.snapshot', coalesce(s.snapshot, ''), true) IS NOT NULL
    AS is_kept,
  set_config('plan_cache_mode',
    CASE WHEN s.snapshot = $2::text THEN 'force_generic_plan'
      ELSE 'force_custom_plan' END, true) IS NOT NULL AS is_custom,
  set_config('enable_sort', 'off', true) IS NOT NULL AS is_in_order
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
LEFT JOIN users u ON u.id = $1::text
LIMIT 1
