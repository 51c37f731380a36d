-- The contacts of a page far behind the first (contract 1.3): their ids, kept
-- for found_contacts.sql and found_activities.sql of the same transaction, and
-- whether more follow.  $1 userId, $2 limit, $3 offset.
-- All that this reads is in the index: at offset 80,000 it takes a sixth of
-- what page_contacts.sql would, and only one statement has to look.
SELECT count(*) > $2::bigint AS has_more,
  set_config('my500.page',
    coalesce((array_agg(p.id))[1:$2::bigint]::text, '{}'), true) IS NOT NULL
    AS is_kept
FROM (
  SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
  ORDER BY c."addedToCampaign" DESC, c."warmnessScore", c."lastContacted",
    c."createdAt" DESC, c.id
  LIMIT $2::bigint + 1 OFFSET $3::bigint
) p
