-- The contacts that follow a place in the order (contract 1.3): their ids, kept
-- as in find_page.sql, and whether more follow.
-- $1 userId; the place: $2 addedToCampaign, $3 warmnessScore, $4 lastContacted,
-- $5 createdAt, $6 id; $7 limit; $8 a pattern for LIKE, null for all contacts.
-- No comparison of rows has this order's mixed directions and nulls, but what
-- follows a place is a sequence of ranges of my500_contacts_order: each is in
-- order, and none is begun before the one ahead of it has run out.  So it costs
-- the same at any place, unless no more contacts match.  Nothing equals a null
-- $4: of the ranges for a place that has a lastContacted, and those for one that
-- has none, one kind is empty.
-- lower() LIKE means ILIKE, but is no question for my500_contacts_search: a
-- pattern comes here when so many contacts match that a page is soon full.
SELECT count(*) > $7::bigint AS has_more,
  set_config('my500.page',
    coalesce((array_agg(p.id))[1:$7::bigint]::text, '{}'), true) IS NOT NULL
    AS is_kept
FROM (
  (SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
    AND c."addedToCampaign" = $2::boolean AND c."warmnessScore" = $3::integer
    AND c."lastContacted" = $4::timestamp AND c."createdAt" = $5::timestamp
    AND c.id > $6::text
    AND ($8::text IS NULL OR lower(c.email) LIKE lower($8::text)
      OR lower(c.name) LIKE lower($8::text)
      OR lower(c.organisation) LIKE lower($8::text))
  ORDER BY c.id
  LIMIT $7::bigint + 1)
  UNION ALL
  (SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
    AND c."addedToCampaign" = $2::boolean AND c."warmnessScore" = $3::integer
    AND c."lastContacted" = $4::timestamp
    AND c."createdAt" < $5::timestamp
    AND ($8::text IS NULL OR lower(c.email) LIKE lower($8::text)
      OR lower(c.name) LIKE lower($8::text)
      OR lower(c.organisation) LIKE lower($8::text))
  ORDER BY c."createdAt" DESC, c.id
  LIMIT $7::bigint + 1)
  UNION ALL
  (SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
    AND c."addedToCampaign" = $2::boolean AND c."warmnessScore" = $3::integer
    AND c."lastContacted" > $4::timestamp
    AND ($8::text IS NULL OR lower(c.email) LIKE lower($8::text)
      OR lower(c.name) LIKE lower($8::text)
      OR lower(c.organisation) LIKE lower($8::text))
  ORDER BY c."lastContacted", c."createdAt" DESC, c.id
  LIMIT $7::bigint + 1)
  UNION ALL
  (SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
    AND c."addedToCampaign" = $2::boolean AND c."warmnessScore" = $3::integer
    AND c."lastContacted" IS NULL AND $4::timestamp IS NOT NULL
    AND ($8::text IS NULL OR lower(c.email) LIKE lower($8::text)
      OR lower(c.name) LIKE lower($8::text)
      OR lower(c.organisation) LIKE lower($8::text))
  ORDER BY c."lastContacted", c."createdAt" DESC, c.id
  LIMIT $7::bigint + 1)
  UNION ALL
  (SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
    AND c."addedToCampaign" = $2::boolean AND c."warmnessScore" = $3::integer
    AND c."lastContacted" IS NULL AND $4::timestamp IS NULL
    AND c."createdAt" = $5::timestamp AND c.id > $6::text
    AND ($8::text IS NULL OR lower(c.email) LIKE lower($8::text)
      OR lower(c.name) LIKE lower($8::text)
      OR lower(c.organisation) LIKE lower($8::text))
  ORDER BY c."lastContacted", c."createdAt" DESC, c.id
  LIMIT $7::bigint + 1)
  UNION ALL
  (SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
    AND c."addedToCampaign" = $2::boolean AND c."warmnessScore" = $3::integer
    AND c."lastContacted" IS NULL AND $4::timestamp IS NULL
    AND c."createdAt" < $5::timestamp
    AND ($8::text IS NULL OR lower(c.email) LIKE lower($8::text)
      OR lower(c.name) LIKE lower($8::text)
      OR lower(c.organisation) LIKE lower($8::text))
  ORDER BY c."lastContacted", c."createdAt" DESC, c.id
  LIMIT $7::bigint + 1)
  UNION ALL
  (SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
    AND c."addedToCampaign" = $2::boolean
    AND c."warmnessScore" > $3::integer
    AND ($8::text IS NULL OR lower(c.email) LIKE lower($8::text)
      OR lower(c.name) LIKE lower($8::text)
      OR lower(c.organisation) LIKE lower($8::text))
  ORDER BY c."warmnessScore", c."lastContacted", c."createdAt" DESC, c.id
  LIMIT $7::bigint + 1)
  UNION ALL
  (SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
    AND c."addedToCampaign" < $2::boolean
    AND ($8::text IS NULL OR lower(c.email) LIKE lower($8::text)
      OR lower(c.name) LIKE lower($8::text)
      OR lower(c.organisation) LIKE lower($8::text))
  ORDER BY c."addedToCampaign" DESC, c."warmnessScore", c."lastContacted",
    c."createdAt" DESC, c.id
  LIMIT $7::bigint + 1)
  LIMIT $7::bigint + 1
) p
