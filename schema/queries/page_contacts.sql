-- A page of a user's contacts, in priority order (contract 1.3, 6.1).
-- $1 userId, $2 limit, $3 offset.  The ORDER BY is that of the index
-- my500_contacts_order, to the letter: so the rows come without a sort.
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
FROM contacts c
WHERE c."userId" = $1::text
ORDER BY c."addedToCampaign" DESC, c."warmnessScore", c."lastContacted",
  c."createdAt" DESC, c.id
LIMIT $2::bigint OFFSET $3::bigint
