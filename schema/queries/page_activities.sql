-- The latest activities of each contact of a page (contract 1.3, 6.2).
-- $1 userId, $2 limit, $3 offset: the page, as in page_contacts.sql;
-- $4 activities per contact.  Rows are to be matched by contactId; within
-- one contact they come newest first.
-- Columns: as in activity.def, which counts them.  Named, not *: the worker
-- may read no others, and the app may have some.
SELECT a.*
FROM (
  SELECT c.id
  FROM contacts c
  WHERE c."userId" = $1::text
  ORDER BY c."addedToCampaign" DESC, c."warmnessScore", c."lastContacted",
    c."createdAt" DESC, c.id
  LIMIT $2::bigint OFFSET $3::bigint
) c
CROSS JOIN LATERAL (
  SELECT
    a.id, a.type, a.subject, a.note, a."dueDate", a."pipedriveActivityId",
    a."replicatedToPipedrive", a."pipedriveSyncAttempts",
    a."lastPipedriveSyncAttempt", a."lastPipedriveUpdate",
    a."updateSyncStatus", a."isSystemActivity", a."systemAction",
    a."createdAt", a."updatedAt", a."userId", a."contactId", a."campaignId"
  FROM activities a
  WHERE a."contactId" = c.id
  ORDER BY a."createdAt" DESC, a.id DESC
  LIMIT $4::bigint
) a
