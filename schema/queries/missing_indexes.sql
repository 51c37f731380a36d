-- The indexes of indexes.sql that are missing: their names, and whether pages
-- do without.  An index counts, whatever its name, when it is valid, complete
-- (not partial), a btree, and begins with the same columns; where the order
-- matters, with the same directions or with all of them reversed.
-- Directions are pg_index.indoption's: 0 ascending, 3 descending (nulls
-- first); -1 where only equality counts, and where INCLUDE does as well.
WITH required (name, relation, names, directions) AS (
  VALUES
    ('my500_contacts_order', to_regclass('contacts'),
      ARRAY['userId', 'addedToCampaign', 'warmnessScore', 'lastContacted',
        'createdAt', 'id'],
      ARRAY[-1, 3, 0, 0, 3, 0]),
    ('my500_contacts_count', to_regclass('contacts'),
      ARRAY['userId', 'updateSyncStatus'],
      ARRAY[-1, -1]),
    ('my500_activities_latest', to_regclass('activities'),
      ARRAY['contactId', 'createdAt', 'id'],
      ARRAY[-1, 3, 3])
)
SELECT r.name::text, false AS is_optional
FROM required r
WHERE NOT EXISTS (
  SELECT
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class k ON k.oid = i.indexrelid
  JOIN pg_catalog.pg_am m ON m.oid = k.relam AND m.amname = 'btree'
  CROSS JOIN (VALUES (0), (3)) AS reversed (bits)
  WHERE i.indrelid = r.relation AND i.indisvalid AND i.indpred IS NULL
    AND NOT EXISTS (
      SELECT
      FROM unnest(r.names, r.directions)
        WITH ORDINALITY AS want (name, direction, place)
      LEFT JOIN pg_catalog.pg_attribute a
        ON a.attrelid = r.relation AND a.attname = want.name
          AND a.attnum = i.indkey[want.place - 1]
      LEFT JOIN pg_catalog.pg_opclass o
        ON o.oid = i.indclass[want.place - 1] AND o.opcdefault
      WHERE a.attnum IS NULL
        OR (want.direction >= 0 AND (
          o.oid IS NULL
          OR i.indcollation[want.place - 1] <> a.attcollation
          OR i.indoption[want.place - 1] # reversed.bits
            IS DISTINCT FROM want.direction))
    )
)
UNION ALL
-- For searches: these two by name, for they are partial,
SELECT w.name, true
FROM (VALUES ('my500_contacts_long'), ('my500_contacts_texts')) AS w (name)
WHERE NOT EXISTS (
  SELECT
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class k ON k.oid = i.indexrelid AND k.relname = w.name
  WHERE i.indrelid = to_regclass('contacts') AND i.indisvalid
)
UNION ALL
-- and a GIN index with these columns, in any sequence.
SELECT 'my500_contacts_search', true
WHERE NOT EXISTS (
  SELECT
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class k ON k.oid = i.indexrelid
  JOIN pg_catalog.pg_am m ON m.oid = k.relam AND m.amname = 'gin'
  WHERE i.indrelid = to_regclass('contacts') AND i.indisvalid
    AND i.indpred IS NULL
    AND NOT EXISTS (
      SELECT
      FROM (VALUES ('userId', false), ('name', true), ('email', true),
        ('organisation', true)) AS want (name, is_searched)
      WHERE NOT EXISTS (
        SELECT
        FROM pg_catalog.generate_series(0, i.indnatts - 1) AS at (place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid
          AND a.attname = want.name AND a.attnum = i.indkey[at.place]
          AND a.attcollation = i.indcollation[at.place]
        JOIN pg_catalog.pg_opclass o ON o.oid = i.indclass[at.place]
          AND CASE WHEN want.is_searched THEN o.opcname = 'gin_trgm_ops'
            ELSE o.opcdefault END)
    )
)
ORDER BY name
