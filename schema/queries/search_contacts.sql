-- A page of the contacts that match (contract 1.2, 1.3): their ids, kept as in
-- find_page.sql, and whether more follow.
-- $1 userId, $2 the pattern for ILIKE, $3 limit, $4 offset; of those that
-- follow a place, unless $5 is null: $5 addedToCampaign, $6 warmnessScore,
-- $7 lastContacted, $8 createdAt, $9 id.
-- Of few matches search_count.sql has kept the ids, in order; those that follow
-- a place are told by their contacts.  Many are soon met in the order of
-- my500_contacts_order.
SELECT count(*) > $3::bigint AS has_more,
  set_config('my500.page',
    coalesce((array_agg(p.id))[1:$3::bigint]::text, '{}'), true) IS NOT NULL
    AS is_kept
FROM (
  (SELECT m.id
  FROM unnest((nullif(current_setting('my500.matches'), '')::text[])
    [$4::bigint + 1:$4::bigint + $3::bigint + 1])
    WITH ORDINALITY AS m (id, place)
  WHERE $5::boolean IS NULL
  ORDER BY m.place)
  UNION ALL
  (SELECT c.id
  FROM unnest(nullif(current_setting('my500.matches'), '')::text[]) AS m (id)
  CROSS JOIN LATERAL (
    SELECT c.id, c."addedToCampaign", c."warmnessScore", c."lastContacted",
      c."createdAt"
    FROM contacts c
    WHERE c.id = m.id AND c."userId" = $1::text
    OFFSET 0
  ) c
  WHERE $5::boolean IS NOT NULL
    AND (c."addedToCampaign" < $5::boolean
    OR c."addedToCampaign" = $5::boolean
      AND (c."warmnessScore" > $6::integer
      OR c."warmnessScore" = $6::integer
        AND (c."lastContacted" > $7::timestamp
        OR c."lastContacted" IS NULL AND $7::timestamp IS NOT NULL
        OR c."lastContacted" IS NOT DISTINCT FROM $7::timestamp
          AND (c."createdAt" < $8::timestamp
          OR c."createdAt" = $8::timestamp AND c.id > $9::text))))
  ORDER BY c."addedToCampaign" DESC, c."warmnessScore", c."lastContacted",
    c."createdAt" DESC, c.id
  LIMIT $3::bigint + 1)
  UNION ALL
  (SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text AND current_setting('my500.matches') = ''
    AND (lower(c.email) LIKE lower($2::text)
      OR lower(c.name) LIKE lower($2::text)
      OR lower(c.organisation) LIKE lower($2::text))
    AND ($5::boolean IS NULL
      OR c."addedToCampaign" < $5::boolean
      OR c."addedToCampaign" = $5::boolean
        AND (c."warmnessScore" > $6::integer
        OR c."warmnessScore" = $6::integer
          AND (c."lastContacted" > $7::timestamp
          OR c."lastContacted" IS NULL AND $7::timestamp IS NOT NULL
          OR c."lastContacted" IS NOT DISTINCT FROM $7::timestamp
            AND (c."createdAt" < $8::timestamp
            OR c."createdAt" = $8::timestamp AND c.id > $9::text))))
  ORDER BY c."addedToCampaign" DESC, c."warmnessScore", c."lastContacted",
    c."createdAt" DESC, c.id
  LIMIT $3::bigint + 1 OFFSET $4::bigint)
) p
