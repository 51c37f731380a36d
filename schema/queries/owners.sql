-- Whose these contacts are.  $1: their ids, an array.
SELECT DISTINCT c."userId"::text
FROM contacts c
WHERE c.id = ANY ($1) AND c."userId" IS NOT NULL
