-- How many of a user's contacts match (contract 1.2).  $1 userId, $2 the pattern
-- for ILIKE, $3 the snapshot at which the number is known: then nothing is read,
-- and the answer is 0 and means nothing.
-- Two ways to the same number: by my500_contacts_search, which PostgreSQL makes
-- use of when it is of use; or past it, for patterns of one or two letters,
-- which it has no trigrams of, and for those that a sample says very many
-- contacts match.  Then what matters is what a row costs: most match at once
-- and as they are, and where neither term nor locale can tell the difference,
-- only ASCII is folded (of other letters none folds into ASCII but U+212A,
-- into k, and U+0130, into i).
SELECT CASE
  WHEN CASE current_setting('in_hot_standby', true) WHEN 'off'
    THEN concat_ws(' ', current_database(), pg_postmaster_start_time(),
      pg_current_snapshot()) END = $3::text
  THEN 0
  WHEN char_length($2::text) < 5 OR (
    SELECT count(*) > 40
    FROM (
      SELECT c.name, c.email, c.organisation
      FROM contacts c
      WHERE c."userId" = $1::text
      ORDER BY c."addedToCampaign" DESC, c."warmnessScore",
        c."lastContacted", c."createdAt" DESC, c.id
      LIMIT 100
    ) c
    WHERE c.email ILIKE $2::text OR c.name ILIKE $2::text
      OR c.organisation ILIKE $2::text)
  THEN (
    SELECT count(*)
    FROM contacts c
    WHERE c."userId" = $1::text
      AND CASE
        WHEN c.email LIKE lower($2::text) OR c.name LIKE lower($2::text)
        THEN true
        WHEN $2::text ~ '^[\u0001-\u007f]*$' AND $2::text !~* '[ik]'
          AND lower('I') = 'i'
        THEN lower(c.email COLLATE "C") LIKE lower($2::text)
          OR lower(c.name COLLATE "C") LIKE lower($2::text)
          OR lower(c.organisation COLLATE "C") LIKE lower($2::text)
        ELSE c.email ILIKE $2::text OR c.name ILIKE $2::text
          OR c.organisation ILIKE $2::text
      END)
  ELSE (
    SELECT count(*)
    FROM contacts c
    WHERE c."userId" = $1::text
      AND (c.email ILIKE $2::text OR c.name ILIKE $2::text
        OR c.organisation ILIKE $2::text))
  END AS total
