-- The contacts whose ids a statement before this one has kept, in that order.
-- $1 userId, as in every statement: elsewhere another may have such an id.
-- Columns: as in contact.def, which counts them.
SELECT
  c.id, c.name, c.email, c.phone, c.organisation, c."organizationId",
  c."warmnessScore", c."lastContacted", c."addedToCampaign",
  c."pipedrivePersonId", c."pipedriveOrgId", c."lastPipedriveUpdate",
  c."updateSyncStatus", c."lastActivityDate", c."openDealsCount",
  c."closedDealsCount", c."wonDealsCount", c."lostDealsCount",
  c."activitiesCount", c."emailMessagesCount", c."lastIncomingMailTime",
  c."lastOutgoingMailTime", c."followersCount", c."jobTitle", c."isActive",
  c."deactivatedAt", c."deactivatedBy", c."deactivationReason",
  c."createdAt", c."updatedAt", c."userId"
FROM unnest(current_setting('my500.page')::text[])
  WITH ORDINALITY AS p (id, place)
JOIN contacts c ON c.id = p.id AND c."userId" = $1::text
ORDER BY p.place
