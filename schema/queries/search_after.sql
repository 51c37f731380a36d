-- The contacts that match (contract 1.2) and follow a place in the order (1.3):
-- their ids, kept as in find_page.sql, and whether more follow.
-- $1 userId; the place: $2 addedToCampaign, $3 warmnessScore, $4 lastContacted,
-- $5 createdAt, $6 id; $7 limit; $8 the pattern for ILIKE (as in
-- search_count.sql).
-- For patterns that few contacts match: all of them are found and sorted, at any
-- place at the same cost.  For others there is find_after.sql.
-- Statements after this one have their generic plans again.
WITH matches AS MATERIALIZED (
  SELECT c.id, c."addedToCampaign", c."warmnessScore", c."lastContacted",
    c."createdAt"
  FROM contacts c
  WHERE c."userId" = $1::text
    AND (c.email ILIKE $8::text OR c.name ILIKE $8::text
      OR c.organisation ILIKE $8::text)
)
SELECT count(*) > $7::bigint AS has_more,
  set_config('my500.page',
    coalesce((array_agg(p.id))[1:$7::bigint]::text, '{}'), true)
    || set_config('plan_cache_mode', 'force_generic_plan', true) IS NOT NULL
    AS is_kept
FROM (
  SELECT m.id
  FROM matches m
  WHERE m."addedToCampaign" < $2::boolean
    OR m."addedToCampaign" = $2::boolean
      AND (m."warmnessScore" > $3::integer
      OR m."warmnessScore" = $3::integer
        AND (m."lastContacted" > $4::timestamp
        OR m."lastContacted" IS NULL AND $4::timestamp IS NOT NULL
        OR m."lastContacted" IS NOT DISTINCT FROM $4::timestamp
          AND (m."createdAt" < $5::timestamp
          OR m."createdAt" = $5::timestamp AND m.id > $6::text)))
  ORDER BY m."addedToCampaign" DESC, m."warmnessScore", m."lastContacted",
    m."createdAt" DESC, m.id
  LIMIT $7::bigint + 1
) p
