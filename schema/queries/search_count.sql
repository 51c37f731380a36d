-- How many of a user's contacts match (contract 1.2), and of few which.
-- $1 userId, $2 the pattern for ILIKE; what is known already: $3 the snapshot,
-- $4 the number, $5 the ids, or null for many: when the snapshot is still the
-- same, nothing is read; $6 to keep their ids, when they are fewer than this,
-- for search_contacts.sql of the same transaction.
-- matches: the ids of fewer than 1000, to be remembered.  Ids are in the order
-- of contacts.
--
-- A sample, of 50 contacts from either end of the order, says what to expect.
-- When none of those in front match, ids are kept up to 10,000: in the order,
-- the first of them might be met late.
-- Two ways to the same number: by my500_contacts_search; or past it, when the
-- pattern has no three letters in a row, so no trigram to look up, or when very
-- many of either sample match.  Then what matters is what a row costs: many
-- match at once, as they are, and where neither term nor locale can tell the
-- difference (is_foldable) only ASCII is folded: of other letters none folds
-- into ASCII but U+212A, into k, and U+0130, into i.
-- Statements after this one have their generic plans again.
SELECT f.total, CASE WHEN f.total < 1000 THEN f.ids END AS matches,
  set_config('my500.matches', coalesce(f.ids, ''), true) IS NOT NULL AS is_kept,
  set_config('plan_cache_mode', 'force_generic_plan', true) IS NOT NULL
    AS is_generic
FROM (
  SELECT g.found[1]::bigint AS total,
    CASE WHEN g.is_known OR g.found[2] IS NULL THEN g.found[2] ELSE (
      SELECT coalesce(array_agg(c.id ORDER BY c."addedToCampaign" DESC,
        c."warmnessScore", c."lastContacted", c."createdAt" DESC, c.id), '{}')
      FROM unnest(g.found[2]::text[]) AS m (id)
      CROSS JOIN LATERAL (
        SELECT c.id, c."addedToCampaign", c."warmnessScore",
          c."lastContacted", c."createdAt"
        FROM contacts c
        WHERE c.id = m.id AND c."userId" = $1::text
        OFFSET 0
      ) c
    )::text END AS ids
  FROM (
    SELECT CASE
      WHEN known.is_known THEN ARRAY[$4::text, $5::text]
      WHEN sample.is_dense OR $2::text !~ '[[:alnum:]]{3}' THEN (
        SELECT ARRAY[count(*)::text,
          CASE WHEN count(*) < sample.keep_below AND NOT sample.is_dense
            THEN coalesce(
              array_agg(c.id) FILTER (WHERE NOT sample.is_dense), '{}')
          END::text]
        FROM contacts c
        WHERE c."userId" = $1::text
          AND CASE
            WHEN c.email LIKE lower($2::text) OR c.name LIKE lower($2::text)
            THEN true
            WHEN known.is_foldable
            THEN lower(c.email COLLATE "C") LIKE lower($2::text)
              OR lower(c.name COLLATE "C") LIKE lower($2::text)
              OR lower(c.organisation COLLATE "C") LIKE lower($2::text)
            ELSE c.email ILIKE $2::text OR c.name ILIKE $2::text
              OR c.organisation ILIKE $2::text
          END)
      ELSE (
        SELECT ARRAY[count(*)::text,
          CASE WHEN count(*) < sample.keep_below
            THEN coalesce(array_agg(c.id), '{}') END::text]
        FROM contacts c
        WHERE c."userId" = $1::text
          AND (c.email ILIKE $2::text OR c.name ILIKE $2::text
            OR c.organisation ILIKE $2::text))
      END AS found, known.is_known
    FROM (
      SELECT current_setting('my500.snapshot') = $3::text IS TRUE AS is_known,
        $2::text ~ '^[\u0001-\u007f]*$' AND $2::text !~* '[ik]'
          AND lower('I') = 'i' AS is_foldable
      OFFSET 0
    ) known
    CROSS JOIN LATERAL (
      SELECT least(front.matches, back.matches) >=
          CASE WHEN known.is_foldable THEN 15 ELSE 25 END AS is_dense,
        CASE WHEN front.matches = 0 AND $6::bigint BETWEEN 1 AND 10000
          THEN 10000 ELSE $6::bigint END AS keep_below
      FROM (
        SELECT count(*) AS matches
        FROM (
          SELECT c.name, c.email, c.organisation
          FROM contacts c
          WHERE c."userId" = $1::text AND NOT known.is_known
          ORDER BY c."addedToCampaign" DESC, c."warmnessScore",
            c."lastContacted", c."createdAt" DESC, c.id
          LIMIT 50
        ) c
        WHERE c.email ILIKE $2::text OR c.name ILIKE $2::text
          OR c.organisation ILIKE $2::text
      ) front
      CROSS JOIN (
        SELECT count(*) AS matches
        FROM (
          SELECT c.name, c.email, c.organisation
          FROM contacts c
          WHERE c."userId" = $1::text AND NOT known.is_known
          ORDER BY c."addedToCampaign", c."warmnessScore" DESC,
            c."lastContacted" DESC, c."createdAt", c.id DESC
          LIMIT 50
        ) c
        WHERE c.email ILIKE $2::text OR c.name ILIKE $2::text
          OR c.organisation ILIKE $2::text
      ) back
      OFFSET 0
    ) sample
    OFFSET 0
  ) g
  OFFSET 0
) f
