-- A page of the contacts that match (contract 1.2, 1.3): their ids, kept as in
-- find_page.sql, and whether more follow.
-- $1 userId, $2 the pattern for ILIKE (as in search_count.sql), $3 limit,
-- $4 offset.  PostgreSQL decides: of few matches, found by
-- my500_contacts_search, all are sorted; many are met by my500_contacts_order.
-- Statements after this one have their generic plans again.
SELECT count(*) > $3::bigint AS has_more,
  set_config('my500.page',
    coalesce((array_agg(p.id))[1:$3::bigint]::text, '{}'), true)
    || set_config('plan_cache_mode', 'force_generic_plan', true) IS NOT NULL
    AS is_kept
FROM (
  SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
    AND (c.email ILIKE $2::text OR c.name ILIKE $2::text
      OR c.organisation ILIKE $2::text)
  ORDER BY c."addedToCampaign" DESC, c."warmnessScore", c."lastContacted",
    c."createdAt" DESC, c.id
  LIMIT $3::bigint + 1 OFFSET $4::bigint
) p
