-- The tables, for an installation that stands alone; an app that already has
-- them needs none of this.  As Prisma makes them: names, types and defaults
-- are those of its migrations (ids and "updatedAt" come from the client).
--
--   psql -v ON_ERROR_STOP=1 -f schema/tables.sql DATABASE
--
-- May be run again; what exists is left as it is.  For another schema than
-- the first of your search_path: PGOPTIONS='-c search_path=NAME' psql ...

\set ON_ERROR_STOP on
SET client_min_messages = warning;

BEGIN;

SELECT $$CREATE TYPE "UserRole" AS ENUM ('CONSULTANT', 'GOLDEN_TICKET')$$
WHERE to_regtype('"UserRole"') IS NULL \gexec

SELECT $$CREATE TYPE "ActivityType" AS ENUM ('CALL', 'EMAIL', 'MEETING',
  'MEETING_REQUEST', 'LINKEDIN', 'REFERRAL', 'CONFERENCE')$$
WHERE to_regtype('"ActivityType"') IS NULL \gexec

CREATE TABLE IF NOT EXISTS users (
  id                  text NOT NULL,
  email               text NOT NULL,
  name                text,
  password            text,
  image               text,
  "emailVerified"     timestamp(3),
  role                "UserRole" NOT NULL DEFAULT 'CONSULTANT',
  "pipedriveApiKey"   text,
  "pipedriveUserId"   integer,
  "lastSyncTimestamp" timestamp(3),
  "syncStatus"        text NOT NULL DEFAULT 'NOT_SYNCED',
  preferences         jsonb,
  "createdAt"         timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"         timestamp(3) NOT NULL,
  CONSTRAINT users_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS users_email_key ON users (email);

CREATE TABLE IF NOT EXISTS organizations (
  id               text NOT NULL,
  name             text NOT NULL,
  "normalizedName" text NOT NULL,
  "pipedriveOrgId" text,
  industry         text,
  size             text,
  website          text,
  address          text,
  country          text,
  city             text,
  "contactCount"   integer NOT NULL DEFAULT 0,
  "createdAt"      timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"      timestamp(3) NOT NULL,
  CONSTRAINT organizations_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX IF NOT EXISTS "organizations_pipedriveOrgId_key"
  ON organizations ("pipedriveOrgId");

CREATE TABLE IF NOT EXISTS contacts (
  id                     text NOT NULL,
  name                   text NOT NULL,
  email                  text,
  phone                  text,
  organisation           text,
  "organizationId"       text,
  "warmnessScore"        integer NOT NULL DEFAULT 0,
  "lastContacted"        timestamp(3),
  "addedToCampaign"      boolean NOT NULL DEFAULT false,
  "pipedrivePersonId"    text,
  "pipedriveOrgId"       text,
  "lastPipedriveUpdate"  timestamp(3),
  "updateSyncStatus"     text NOT NULL DEFAULT 'SYNCED',
  "lastActivityDate"     timestamp(3),
  "openDealsCount"       integer NOT NULL DEFAULT 0,
  "closedDealsCount"     integer NOT NULL DEFAULT 0,
  "wonDealsCount"        integer NOT NULL DEFAULT 0,
  "lostDealsCount"       integer NOT NULL DEFAULT 0,
  "activitiesCount"      integer NOT NULL DEFAULT 0,
  "emailMessagesCount"   integer NOT NULL DEFAULT 0,
  "lastIncomingMailTime" timestamp(3),
  "lastOutgoingMailTime" timestamp(3),
  "followersCount"       integer NOT NULL DEFAULT 0,
  "jobTitle"             text,
  "isActive"             boolean NOT NULL DEFAULT true,
  "deactivatedAt"        timestamp(3),
  "deactivatedBy"        text,
  "deactivationReason"   text,
  "createdAt"            timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"            timestamp(3) NOT NULL,
  "userId"               text NOT NULL,
  CONSTRAINT contacts_pkey PRIMARY KEY (id),
  CONSTRAINT "contacts_userId_fkey" FOREIGN KEY ("userId")
    REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "contacts_organizationId_fkey" FOREIGN KEY ("organizationId")
    REFERENCES organizations (id) ON DELETE SET NULL ON UPDATE CASCADE
);

CREATE TABLE IF NOT EXISTS activities (
  id                         text NOT NULL,
  type                       "ActivityType" NOT NULL,
  subject                    text,
  note                       text,
  "dueDate"                  timestamp(3),
  "pipedriveActivityId"      integer,
  "replicatedToPipedrive"    boolean NOT NULL DEFAULT false,
  "pipedriveSyncAttempts"    integer NOT NULL DEFAULT 0,
  "lastPipedriveSyncAttempt" timestamp(3),
  "lastPipedriveUpdate"      timestamp(3),
  "updateSyncStatus"         text NOT NULL DEFAULT 'SYNCED',
  "isSystemActivity"         boolean NOT NULL DEFAULT false,
  "systemAction"             text,
  "createdAt"                timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "updatedAt"                timestamp(3) NOT NULL,
  "userId"                   text NOT NULL,
  "contactId"                text,
  "campaignId"               text,
  CONSTRAINT activities_pkey PRIMARY KEY (id),
  CONSTRAINT "activities_userId_fkey" FOREIGN KEY ("userId")
    REFERENCES users (id) ON DELETE CASCADE ON UPDATE CASCADE,
  CONSTRAINT "activities_contactId_fkey" FOREIGN KEY ("contactId")
    REFERENCES contacts (id) ON DELETE CASCADE ON UPDATE CASCADE
);

COMMIT;
