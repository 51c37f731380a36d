-- How many of a user's contacts match (contract 1.2), and of few which.
-- $1 userId, $2 the pattern for ILIKE; what is known already: $3 the snapshot,
-- $4 the number, $5 the ids, or null for many: when the snapshot is still the
-- same, nothing is read; $6 to keep their ids, when they are fewer than this,
-- for search_contacts.sql of the same transaction.
-- matches: the ids of fewer than 2000, to be remembered.  Ids are in the order
-- of contacts.
--
-- A sample, of 50 contacts from either end of the order, says what to expect.
-- When none of those in front match, ids are kept up to 10,000: in the order,
-- the first of them might be met late.
-- What takes time is ILIKE, and which rows are looked at.  So there are three
-- ways to the same number:
-- by_email: of more than a seventh the email matches, of next to none anything
-- else.  All emails are read; what has no such email comes from
-- my500_contacts_search.
-- is_dense: very many match.  All texts are read.
-- Otherwise the rows that my500_contacts_search has, or all, when the pattern
-- has no three letters in a row, so no trigram to look up.  Only here ids are
-- kept.
-- All texts are those of my500_contacts_texts, which is read without the table,
-- and the few of my500_contacts_long.  Where there are no such indexes, rows
-- are read twice: 1.4 to 1.7 times as long as once.
-- Where all rows are read, many match at once, as they are, and neither term
-- nor locale may tell the difference to folding ASCII alone (is_foldable): of
-- other letters none folds into ASCII but U+212A, into k, and U+0130, into i
-- (of a term with i or k, these are patterns for those two, else null).  A term
-- with letters other than ASCII is in no text that is ASCII.
-- Statements after this one have their generic plans again.
WITH texts AS NOT MATERIALIZED (
  SELECT c.email, c.name, c.organisation
  FROM contacts c
  WHERE c."userId" = $1::text
    AND octet_length(c.name) + coalesce(octet_length(c.email), 0)
      + coalesce(octet_length(c.organisation), 0) <= 1500
  UNION ALL
  SELECT c.email, c.name, c.organisation
  FROM contacts c
  WHERE c."userId" = $1::text
    AND octet_length(c.name) + coalesce(octet_length(c.email), 0)
      + coalesce(octet_length(c.organisation), 0) > 1500
)
SELECT f.total, CASE WHEN f.total < 2000 THEN f.ids END AS matches,
  set_config('my500.matches', coalesce(f.ids, ''), true) IS NOT NULL AS is_kept,
  set_config('plan_cache_mode', 'force_generic_plan', true) IS NOT NULL
    AS is_generic
FROM (
  SELECT g.found[1]::bigint AS total, g.found[2] AS ids
  FROM (
    SELECT CASE
      WHEN known.is_known THEN ARRAY[$4::text, $5::text]
      WHEN sample.by_email THEN ARRAY[((
        SELECT count(*)
        FROM texts c
        WHERE CASE
          WHEN c.email LIKE lower($2::text) THEN true
          WHEN fold.is_foldable
            AND (c.email LIKE fold.i OR c.email LIKE fold.k) IS NOT TRUE
          THEN lower(c.email COLLATE "C") <> c.email COLLATE "C"
            AND lower(c.email COLLATE "C") LIKE lower($2::text)
          WHEN fold.is_utf8 AND octet_length(c.email) = length(c.email)
          THEN false
          ELSE c.email ILIKE $2::text
        END) + (
        SELECT count(*)
        FROM contacts c
        WHERE c."userId" = $1::text
          AND (c.name ILIKE $2::text OR c.organisation ILIKE $2::text)
          AND CASE WHEN c.email ILIKE $2::text THEN false ELSE true END
        ))::text, NULL]
      WHEN sample.is_dense THEN (
        SELECT ARRAY[count(*)::text, NULL]
        FROM texts c
        WHERE CASE
          WHEN c.email LIKE lower($2::text) OR c.name LIKE lower($2::text)
          THEN true
          WHEN fold.is_foldable
            AND (c.email LIKE fold.i OR c.email LIKE fold.k
              OR c.name LIKE fold.i OR c.name LIKE fold.k
              OR c.organisation LIKE fold.i OR c.organisation LIKE fold.k)
              IS NOT TRUE
          THEN lower(c.email COLLATE "C") LIKE lower($2::text)
            OR lower(c.name COLLATE "C") LIKE lower($2::text)
            OR lower(c.organisation COLLATE "C") LIKE lower($2::text)
          ELSE c.email ILIKE $2::text OR c.name ILIKE $2::text
            OR c.organisation ILIKE $2::text
        END)
      ELSE (
        WITH found AS MATERIALIZED (
          SELECT c.id, c."addedToCampaign", c."warmnessScore",
            c."lastContacted", c."createdAt"
          FROM contacts c
          WHERE c."userId" = $1::text AND $2::text !~ '[[:alnum:]]{3}'
            AND CASE
              WHEN c.email LIKE lower($2::text) OR c.name LIKE lower($2::text)
              THEN true
              WHEN fold.is_foldable
                AND (c.email LIKE fold.i OR c.email LIKE fold.k
                  OR c.name LIKE fold.i OR c.name LIKE fold.k
                  OR c.organisation LIKE fold.i OR c.organisation LIKE fold.k)
                  IS NOT TRUE
              THEN lower(c.email COLLATE "C") LIKE lower($2::text)
                OR lower(c.name COLLATE "C") LIKE lower($2::text)
                OR lower(c.organisation COLLATE "C") LIKE lower($2::text)
              ELSE c.email ILIKE $2::text OR c.name ILIKE $2::text
                OR c.organisation ILIKE $2::text
            END
          UNION ALL
          SELECT c.id, c."addedToCampaign", c."warmnessScore",
            c."lastContacted", c."createdAt"
          FROM contacts c
          WHERE c."userId" = $1::text AND $2::text ~ '[[:alnum:]]{3}'
            AND (c.email ILIKE $2::text OR c.name ILIKE $2::text
              OR c.organisation ILIKE $2::text)
        )
        SELECT ARRAY[count(*)::text,
          CASE WHEN count(*) < sample.keep_below THEN (
            SELECT coalesce(array_agg(c.id ORDER BY c."addedToCampaign" DESC,
              c."warmnessScore", c."lastContacted", c."createdAt" DESC, c.id),
              '{}')
            FROM found c
          )::text END]
        FROM found)
      END AS found
    FROM (
      SELECT current_setting('my500.snapshot') = $3::text IS TRUE AS is_known,
        getdatabaseencoding() = 'UTF8' AND lower('I') = 'i' AS is_utf8
      OFFSET 0
    ) known
    CROSS JOIN LATERAL (
      SELECT known.is_utf8, lower('I') = 'i'
          AND lower($2::text) ~ '^[\u0001-\u007f]*$'
          AND (known.is_utf8 OR lower($2::text) !~ '[ik]') AS is_foldable,
        CASE WHEN known.is_utf8 AND lower($2::text) ~ 'i'
          THEN '%' || convert_from('\xc4b0', 'UTF8') || '%' END AS i,
        CASE WHEN known.is_utf8 AND lower($2::text) ~ 'k'
          THEN '%' || convert_from('\xe284aa', 'UTF8') || '%' END AS k
      OFFSET 0
    ) fold
    CROSS JOIN LATERAL (
      SELECT
        least(count(*) FILTER (WHERE c.is_front AND (c.is_email OR c.is_other)),
          count(*) FILTER (WHERE NOT c.is_front AND (c.is_email OR c.is_other)))
          >= CASE WHEN fold.is_foldable THEN 20 ELSE 25 END AS is_dense,
        least(count(*) FILTER (WHERE c.is_front AND c.is_email),
          count(*) FILTER (WHERE NOT c.is_front AND c.is_email)) >= 7
          AND count(*) FILTER (WHERE c.is_other) <= 5
          AND $2::text ~ '[[:alnum:]]{3}' AS by_email,
        CASE WHEN $6::bigint BETWEEN 1 AND 10000 AND count(*) FILTER
            (WHERE c.is_front AND (c.is_email OR c.is_other)) = 0
          THEN 10000 ELSE $6::bigint END AS keep_below
      FROM (
        SELECT c.is_front, c.email ILIKE $2::text AS is_email,
          c.name ILIKE $2::text OR c.organisation ILIKE $2::text AS is_other
        FROM (
          (SELECT true AS is_front, c.email, c.name, c.organisation
          FROM contacts c
          WHERE c."userId" = $1::text AND NOT known.is_known
          ORDER BY c."addedToCampaign" DESC, c."warmnessScore",
            c."lastContacted", c."createdAt" DESC, c.id
          LIMIT 50)
          UNION ALL
          (SELECT false, c.email, c.name, c.organisation
          FROM contacts c
          WHERE c."userId" = $1::text AND NOT known.is_known
          ORDER BY c."addedToCampaign", c."warmnessScore" DESC,
            c."lastContacted" DESC, c."createdAt", c.id DESC
          LIMIT 50)
        ) c
        OFFSET 0
      ) c
    ) sample
    OFFSET 0
  ) g
  OFFSET 0
) f
