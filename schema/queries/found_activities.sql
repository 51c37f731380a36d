-- The latest activities of the contacts whose ids a statement before this one
-- has kept (contract 1.3, 6.2).  $1 activities per contact.  Otherwise as
-- page_activities.sql.
SELECT a.*
FROM unnest(current_setting('my500.page')::text[]) AS p (id)
CROSS JOIN LATERAL (
  SELECT
    a.id, a.type, a.subject, a.note, a."dueDate", a."pipedriveActivityId",
    a."replicatedToPipedrive", a."pipedriveSyncAttempts",
    a."lastPipedriveSyncAttempt", a."lastPipedriveUpdate",
    a."updateSyncStatus", a."isSystemActivity", a."systemAction",
    a."createdAt", a."updatedAt", a."userId", a."contactId", a."campaignId"
  FROM activities a
  WHERE a."contactId" = p.id
  ORDER BY a."createdAt" DESC, a.id DESC
  LIMIT $1::bigint
) a
