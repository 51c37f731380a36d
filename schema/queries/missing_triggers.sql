-- The triggers of notify.sql that are missing or disabled: their names.  All of
-- a table that they do not see every change to: of a partition, of a table with
-- inheritance, or of one that a subscription writes.  Asked every second.
SELECT w.name::text
FROM (
  VALUES
    ('my500_users_insert', to_regclass('users')),
    ('my500_users_update', to_regclass('users')),
    ('my500_users_delete', to_regclass('users')),
    ('my500_users_truncate', to_regclass('users')),
    ('my500_contacts_insert', to_regclass('contacts')),
    ('my500_contacts_update', to_regclass('contacts')),
    ('my500_contacts_delete', to_regclass('contacts')),
    ('my500_contacts_truncate', to_regclass('contacts')),
    ('my500_activities_insert', to_regclass('activities')),
    ('my500_activities_update', to_regclass('activities')),
    ('my500_activities_delete', to_regclass('activities')),
    ('my500_activities_truncate', to_regclass('activities'))
) AS w (name, relation)
WHERE NOT EXISTS (
    SELECT
    FROM pg_catalog.pg_trigger t
    WHERE t.tgrelid = w.relation AND t.tgname = w.name
      AND t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal
  )
  OR EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhrelid = w.relation)
  OR EXISTS (SELECT FROM pg_catalog.pg_inherits WHERE inhparent = w.relation)
  OR EXISTS (SELECT FROM pg_catalog.pg_subscription_rel
    WHERE srrelid = w.relation)
ORDER BY name
