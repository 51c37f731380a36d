-- Sample data for the tables of tables.sql: the same rows on every machine.
-- Not for a database with people in it.
--
--   psql -v users=20 -v contacts=500 -v activities=8 -v big=5000 \
--     -f schema/sample.sql DATABASE
--
-- users       how many there are (20)
-- contacts    of each of them (500)
-- activities  of a contact, on average (8); 0 to 40 of them
-- big         contacts of the second user (5000)
--
-- May be run again: rows that are there stay as they are, larger numbers add
-- to them.  The users are user001@example.com, user002@example.com and so on:
--   SELECT id FROM users WHERE email = 'user001@example.com'
-- The first is an ordinary one, 002 has very many contacts, 003 none at all,
-- 004 is being synchronised, 005 failed to, 006 never was, 007 has no name.

\set ON_ERROR_STOP on
\if :{?users}
\else
  \set users 20
\endif
\if :{?contacts}
\else
  \set contacts 500
\endif
\if :{?activities}
\else
  \set activities 8
\endif
\if :{?big}
\else
  \set big 5000
\endif
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
SET statement_timeout = 0;
SET jit = off;
-- VACUUM marks as visible only what is safe on disk.
SET synchronous_commit = on;

-- Chance without chance: a number below n that depends on key and salt only.
CREATE OR REPLACE FUNCTION pg_temp.pick(key bigint, salt integer, n integer)
RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT ((hashint8extended(key, salt) & 1073741823) % n)::integer $$;

-- Looks like a cuid: rows of one user lie together, in no order.
CREATE OR REPLACE FUNCTION pg_temp.cuid(u integer, key bigint, salt integer)
RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT 'c' || translate(
  lpad(to_hex(1800000000 + u * 1009), 8, '0')
    || lpad(to_hex(hashint8extended(key, salt)), 16, '0'),
  '0123456789abcdef', '0135689cfhkmqtwz') $$;

CREATE OR REPLACE FUNCTION pg_temp.user_id(u integer)
RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT pg_temp.cuid(u, u, 100) $$;

-- A contact's key is user * 10,000,000 + number.
CREATE OR REPLACE FUNCTION pg_temp.contact_id(u integer, key bigint)
RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT pg_temp.cuid(u, key, 101) $$;

CREATE OR REPLACE FUNCTION pg_temp.organization_id(o integer)
RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT pg_temp.cuid(0, o, 102) $$;

-- How many activities a contact has: few have many (an exponential law);
-- one in fifty has 40 and one in fifty has none.
CREATE OR REPLACE FUNCTION pg_temp.activities_of(key bigint, average integer)
RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE
  WHEN average = 0 OR key % 50 = 6 THEN 0
  WHEN key % 50 = 5 THEN 40
  ELSE least(40, round(-average
    * ln((1 + pg_temp.pick(key, 200, 9973)) / 9974.0::float8))::integer)
END $$;

CREATE OR REPLACE FUNCTION pg_temp.any_of(list text[], key bigint, salt integer)
RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT list[1 + pg_temp.pick(key, salt, array_length(list, 1))] $$;

CREATE OR REPLACE FUNCTION pg_temp.organization_name(o integer)
RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT (ARRAY[
  'Müller & Söhne GmbH', 'O''Brien & Daughters Ltd', '"Quoted" Pty Ltd',
  'Back\slash Software', 'C:\Archive\New', '100% Natural Foods',
  'snake_case labs', '50%_off\ Outlet', 'A/B Testing </script> Inc',
  'Crème Brûlée & Cie', 'Łódź Stalowa S.A.', 'Đặng Trading Co.',
  'ООО «Ромашка»', 'Ελληνική Ναυτιλία Α.Ε.', '株式会社さくら', '北京科技有限公司',
  '한빛 소프트', 'شركة النور للتجارة', 'חברת האור בע"מ', 'नई दिल्ली ट्रेडर्स',
  'บริษัท สยาม จำกัด', 'Rocket 🚀 Works', 'Family 👨‍👩‍👧‍👦 Care', 'Çağrı İnşaat A.Ş.',
  'Åse & Ødegård AS', 'Acme, Inc.', E'Tab\tand space', 'Zażółć Gęślą Jaźń',
  'Ｆｕｌｌｗｉｄｔｈ Ltd', 'Naïve Café', 'São João Máquinas', 'Æther'
  ])[1 + (o - 1) % 32]
  || CASE WHEN o > 32 THEN ' ' || o ELSE '' END $$;

-- Users.

INSERT INTO users (id, email, name, password, image, "emailVerified", role,
  "pipedriveApiKey", "pipedriveUserId", "lastSyncTimestamp", "syncStatus",
  preferences, "createdAt", "updatedAt")
SELECT
  pg_temp.user_id(u),
  'user' || lpad(u::text, greatest(3, length(u::text)), '0') || '@example.com',
  CASE WHEN u <> 7 THEN (ARRAY['Ada Lovelace', 'Grace "Amazing" Hopper',
    'Niklaus Wirth', 'Leïla O''Neil', 'Алексей Пажитнов', 'ليلى حداد',
    'Jürgen Groß', '山田 太郎', 'Back\slash 100%', 'Zoë 🦉'])[1 + (u - 1) % 10]
  END,
  '$2b$12$' || substr(pg_temp.cuid(u, u, 103), 3, 22),
  CASE WHEN u % 3 = 0 THEN 'https://example.com/' || u || '.png' END,
  CASE WHEN u % 2 = 0 THEN timestamp '2023-01-01 12:00' END,
  CASE WHEN u % 5 = 2 THEN 'GOLDEN_TICKET' ELSE 'CONSULTANT' END::"UserRole",
  CASE WHEN u % 4 <> 3 THEN 'secret-' || pg_temp.cuid(u, u, 104) END,
  CASE WHEN u % 4 <> 3 THEN 10000 + u END,
  CASE
    WHEN u IN (3, 6) THEN NULL
    WHEN u = 1 THEN timestamp '2024-01-15 09:00'
    ELSE timestamp '2024-01-15 09:00' + u * interval '61 minutes 1.007 seconds'
  END,
  CASE
    WHEN u IN (3, 6) THEN 'NOT_SYNCED'
    WHEN u = 4 OR u % 50 = 44 THEN 'IN_PROGRESS'
    WHEN u % 10 = 5 THEN 'FAILED'
    ELSE 'SYNCED'
  END,
  CASE WHEN u % 2 = 1 THEN jsonb_build_object('theme', 'dark') END,
  timestamp '2023-01-01 08:00' + u * interval '1 hour 0.001 seconds',
  timestamp '2024-01-15 09:00' + u * interval '1 minute'
FROM generate_series(1, :users) u
ON CONFLICT DO NOTHING;

-- Organizations: as many as two for each user, and 64 more.

INSERT INTO organizations (id, name, "normalizedName", "pipedriveOrgId",
  industry, size, website, address, country, city, "contactCount",
  "createdAt", "updatedAt")
SELECT
  pg_temp.organization_id(o),
  pg_temp.organization_name(o),
  lower(pg_temp.organization_name(o) COLLATE "C"),
  CASE WHEN o % 7 <> 0 THEN (50000 + o)::text END,
  (ARRAY['Software', 'Trade', 'Health', 'Building', NULL])[1 + o % 5],
  (ARRAY['1-10', '11-50', '51-200', '201-1000', NULL])[1 + o % 5],
  CASE WHEN o % 3 <> 0 THEN 'https://org' || o || '.example' END,
  CASE WHEN o % 4 <> 0 THEN o || ' Main Street' END,
  (ARRAY['DE', 'FR', 'JP', 'EG', 'BR', NULL])[1 + o % 6],
  (ARRAY['Köln', 'Orléans', '東京', 'القاهرة', 'São Paulo', NULL])[1 + o % 6],
  pg_temp.pick(o, 300, 40),
  timestamp '2023-01-01 08:00' + o * interval '1 minute 0.01 seconds',
  timestamp '2024-01-01 08:00' + o * interval '1 minute'
FROM generate_series(1, 64 + 2 * :users) o
ON CONFLICT DO NOTHING;

-- Contacts of the users $1 to $2.  One in ten is of a large group that ties in
-- all of the sort key but the id, one in ten of another such group without
-- "lastContacted"; the others tie in some of it.

PREPARE add_contacts (integer, integer) AS
INSERT INTO contacts (id, name, email, phone, organisation, "organizationId",
  "warmnessScore", "lastContacted", "addedToCampaign", "pipedrivePersonId",
  "pipedriveOrgId", "lastPipedriveUpdate", "updateSyncStatus",
  "lastActivityDate", "openDealsCount", "closedDealsCount", "wonDealsCount",
  "lostDealsCount", "activitiesCount", "emailMessagesCount",
  "lastIncomingMailTime", "lastOutgoingMailTime", "followersCount",
  "jobTitle", "isActive", "deactivatedAt", "deactivatedBy",
  "deactivationReason", "createdAt", "updatedAt", "userId")
SELECT
  pg_temp.contact_id(u, key),
  CASE
    WHEN world THEN world_name
    ELSE first_name || ' ' || last_name
  END,
  CASE WHEN pg_temp.pick(key, 5, 10) > 0 THEN
    CASE
      WHEN world THEN 'contact'
      ELSE lower(translate(first_name || '.' || last_name,
        'ÁÇŁŠØŻàáâäåãæçčđðéèêëíîïłñńóöøôõßşśúüýžżễřÞ'' "',
        'ACLSOZaaaaaaaccddeeeeiiilnnooooosssuuyzzerT') COLLATE "C")
    END
    || (ARRAY['', '_', '+', '%', '-'])[1 + pg_temp.pick(key, 6, 5)] || n || '@'
    || (ARRAY['gmail.com', 'example.com', 'bücher.example', 'mail.example.org',
      'xn--bcher-kva.example'])[1 + pg_temp.pick(key, 7, 5)]
  END,
  CASE pg_temp.pick(key, 8, 4)
    WHEN 0 THEN '+49 30 ' || 100000 + n
    WHEN 1 THEN '(0' || 200 + pg_temp.pick(key, 9, 99) || ') 555-' || n
    WHEN 2 THEN '٠١٢٣٤٥٦٧٨٩'
  END,
  CASE WHEN pg_temp.pick(key, 11, 8) > 0
    THEN pg_temp.organization_name(o) END,
  CASE WHEN pg_temp.pick(key, 11, 8) > 1 THEN pg_temp.organization_id(o) END,
  CASE n % 10
    WHEN 0 THEN 3
    WHEN 1 THEN 0
    ELSE pg_temp.pick(key, 12, 13) - 2
  END,
  CASE n % 10
    WHEN 0 THEN timestamp '2024-03-01 10:00'
    WHEN 1 THEN NULL
    ELSE CASE pg_temp.pick(key, 13, 4)
      WHEN 0 THEN NULL
      WHEN 1 THEN timestamp '2024-02-01'
        + pg_temp.pick(key, 14, 20) * interval '1 day 0.5 seconds'
      ELSE timestamp '2024-02-01 09:30'
        + pg_temp.pick(key, 14, 9) * interval '1 day'
    END
  END,
  CASE n % 10
    WHEN 0 THEN true
    WHEN 1 THEN false
    ELSE pg_temp.pick(key, 15, 5) < 2
  END,
  CASE WHEN n % 9 > 0 THEN key::text END,
  CASE WHEN pg_temp.pick(key, 11, 8) > 1 THEN (50000 + o)::text END,
  CASE WHEN n % 9 > 0 THEN timestamp '2024-01-15 08:59:59.999'
    - pg_temp.pick(key, 16, 100000) * interval '0.777 seconds' END,
  CASE
    WHEN u % 4 = 0 THEN 'SYNCED'
    ELSE (ARRAY['PENDING', 'PENDING', 'FAILED', 'SYNCED'])
      [least(4, 1 + pg_temp.pick(key, 17, 60))]
  END,
  CASE WHEN pg_temp.activities_of(key, :activities) > 0
    THEN timestamp '2024-01-01' + pg_temp.pick(key, 18, 86400)
      * interval '0.25 seconds' END,
  pg_temp.pick(key, 19, 4),
  pg_temp.pick(key, 20, 9),
  pg_temp.pick(key, 21, 5),
  pg_temp.pick(key, 22, 5),
  pg_temp.activities_of(key, :activities),
  CASE WHEN n % 100 = 17 THEN 2147483647 ELSE pg_temp.pick(key, 24, 300) END,
  CASE WHEN pg_temp.pick(key, 25, 3) > 0 THEN timestamp '2023-12-31 23:59:59.99'
    - pg_temp.pick(key, 26, 9999) * interval '1 hour' END,
  CASE WHEN pg_temp.pick(key, 27, 3) > 0 THEN timestamp '2024-02-29 00:00'
    - pg_temp.pick(key, 28, 9999) * interval '1 minute' END,
  pg_temp.pick(key, 29, 12),
  (ARRAY['CEO', 'Head of "Special" Projects', 'Geschäftsführer',
    'Directrice générale', 'R&D / QA', 'Менеджер', '部長', 'مدير المبيعات',
    'Chief 🔥 Officer', 'Buyer''s agent', NULL, NULL])
    [1 + pg_temp.pick(key, 30, 12)],
  active,
  CASE WHEN NOT active THEN timestamp '2024-01-10 10:10:10.010'
    + n * interval '1 second' END,
  CASE WHEN NOT active THEN pg_temp.user_id(u) END,
  CASE WHEN NOT active THEN
    (ARRAY['Left the company', 'Said "no"', E'Two\nlines', ''])
    [1 + pg_temp.pick(key, 32, 4)] END,
  CASE n % 10
    WHEN 0 THEN timestamp '2024-01-02 03:04:05.678'
    WHEN 1 THEN timestamp '2023-11-05'
    ELSE timestamp '2023-06-01 07:00' + pg_temp.pick(key, 33, 12) * interval '1 week'
      + CASE WHEN n % 3 = 0 THEN pg_temp.pick(key, 34, 1000) ELSE 0 END
        * interval '0.001 seconds'
  END,
  timestamp '2024-01-15 09:00' - pg_temp.pick(key, 35, 86400)
    * interval '1.001 seconds',
  pg_temp.user_id(u)
FROM generate_series($1, $2) u
CROSS JOIN LATERAL generate_series(1, CASE u WHEN 2 THEN :big WHEN 3 THEN 0
  ELSE :contacts END) n
CROSS JOIN LATERAL (SELECT u * 10000000::bigint + n AS key OFFSET 0) k
CROSS JOIN LATERAL (SELECT
  1 + pg_temp.pick(key, 10, 64 + 2 * :users) AS o,
  pg_temp.pick(key, 1, 10) > 6 AS world,
  pg_temp.pick(key, 31, 20) > 0 AS active,
  pg_temp.any_of(ARRAY['Anna', 'José', 'François', 'Zoë', 'Søren', 'Jürgen',
    'Łukasz', 'Siân', 'Björk', 'Chloé', 'Renée', 'Iñigo', 'Mary-Jane', 'D''Arcy',
    'Robert', 'Max "Mad"', 'Ágnes', 'Šimon', 'Þóra', 'Ng'], key, 2) AS first_name,
  pg_temp.any_of(ARRAY['Müller', 'O''Connor', 'd''Angelo', 'Núñez', 'Żak',
    'Ødegård', 'Smith', 'García Márquez', 'Björnsson', 'de la Cruz', 'Çelik',
    'Dvořák', 'Nguyễn', 'Back\slash', 'Under_score', '100%', 'Weiß',
    'St. John', 'McDonald', 'Lee'], key, 3) AS last_name,
  pg_temp.any_of(ARRAY['Иван Петров', 'Ольга Шевченко', 'Ναταλία Παπαδοπούλου',
    '李小龍', '山田 花子', '김민수', 'محمد الحسن', 'שרה לוי', 'فاطمه رضایی',
    'प्रिया शर्मा', 'สมชาย ใจดี', 'Գևորգ Սարգսյան', 'გიორგი ბერიძე', 'አበበ ቢቂላ',
    '🦄 Uma Unicorn', 'Zalgo Z̷a̵l̶', '𝒜lice 𝔅ob', E'e\u0301le\u0300ve',
    E'Right \u200fto\u200f left', 'Дмитрий "Дима" О''Нил'], key, 4) AS world_name
  OFFSET 0) p
ON CONFLICT DO NOTHING;

-- Activities of the same.  Two and two share a moment; with one contact in
-- five all of them do.

PREPARE add_activities (integer, integer) AS
INSERT INTO activities (id, type, subject, note, "dueDate",
  "pipedriveActivityId", "replicatedToPipedrive", "pipedriveSyncAttempts",
  "lastPipedriveSyncAttempt", "lastPipedriveUpdate", "updateSyncStatus",
  "isSystemActivity", "systemAction", "createdAt", "updatedAt", "userId",
  "contactId", "campaignId")
SELECT
  pg_temp.cuid(u, act, 105),
  ('{CALL,EMAIL,MEETING,MEETING_REQUEST,LINKEDIN,REFERRAL,CONFERENCE}'
    ::"ActivityType"[])[1 + pg_temp.pick(act, 41, 7)],
  (ARRAY['Call about the offer', 'Re: "Angebot" 2024/1', 'Rückruf', 'Déjeuner',
    'Встреча', '打ち合わせ', 'اجتماع', 'O''Reilly''s question', 'Follow-up 📞',
    '50% \ 100_%', NULL, ''])[1 + pg_temp.pick(act, 42, 12)],
  CASE pg_temp.pick(act, 43, 16)
    WHEN 0 THEN repeat('A longer note, as people write them after a call: '
      || 'what was said, by whom, and what to do next. ', 6)
    WHEN 1 THEN E'Line one\nLine two\r\n\tindented "and" quoted\\'
    WHEN 2 THEN E'Control \u0001\u0008\u000c\u001f and DEL \u007f, U+2028 \u2028.'
    WHEN 3 THEN 'קבע פגישה מחדש ליום שלישי'
    WHEN 4 THEN '<b>HTML</b> & "entities" </script> // \u0041'
    WHEN 5 THEN 'Danke 👍🏽 für die schnelle Antwort 🇩🇪'
    WHEN 6 THEN NULL
    WHEN 7 THEN NULL
    ELSE 'Spoke about the offer; will call back in week '
      || 1 + pg_temp.pick(act, 44, 52) || '.'
  END,
  CASE WHEN pg_temp.pick(act, 45, 3) = 0 THEN timestamp '2024-04-01 14:30'
    + pg_temp.pick(act, 46, 90) * interval '1 day' END,
  CASE WHEN pg_temp.pick(act, 47, 4) > 0
    THEN 1 + pg_temp.pick(act, 48, 2000000000) END,
  pg_temp.pick(act, 47, 4) > 0,
  pg_temp.pick(act, 49, 4),
  CASE WHEN pg_temp.pick(act, 49, 4) > 0 THEN timestamp '2024-01-14 22:00:00.100'
    + pg_temp.pick(act, 50, 36000) * interval '1 second' END,
  CASE WHEN pg_temp.pick(act, 47, 4) > 1 THEN timestamp '2024-01-15 07:00'
    + pg_temp.pick(act, 51, 3600000) * interval '0.001 seconds' END,
  (ARRAY['PENDING', 'FAILED', 'SYNCED'])
    [least(3, 1 + pg_temp.pick(act, 52, 20))],
  pg_temp.pick(act, 53, 10) = 0,
  CASE WHEN pg_temp.pick(act, 53, 10) = 0 THEN 'CONTACT_IMPORTED' END,
  timestamp '2023-09-01 09:00'
    + CASE WHEN key % 5 = 0 THEN 0 ELSE (a / 2) * 86400
      + pg_temp.pick(act / 2, 54, 7200) END * interval '1 second'
    + CASE WHEN key % 3 = 0 THEN interval '0.5 seconds'
      WHEN key % 3 = 1 THEN interval '0.042 seconds' ELSE interval '0' END,
  timestamp '2024-01-15 09:00' - pg_temp.pick(act, 55, 86400)
    * interval '1.01 seconds',
  CASE WHEN pg_temp.pick(act, 56, 50) = 0 THEN first_user ELSE this_user END,
  contact,
  CASE WHEN pg_temp.pick(act, 57, 4) = 0
    THEN pg_temp.cuid(u, pg_temp.pick(act, 58, 5), 106) END
FROM generate_series($1, $2) u
-- Number 0 is no contact: each user has three activities without one.
CROSS JOIN LATERAL generate_series(0, CASE u WHEN 2 THEN :big WHEN 3 THEN 0
  ELSE :contacts END) n
CROSS JOIN LATERAL (SELECT u * 10000000::bigint + n AS key OFFSET 0) k
CROSS JOIN LATERAL (SELECT pg_temp.user_id(1) AS first_user,
  pg_temp.user_id(u) AS this_user,
  CASE WHEN n > 0 THEN pg_temp.contact_id(u, key) END AS contact
  OFFSET 0) o
CROSS JOIN LATERAL generate_series(1, CASE WHEN n = 0 THEN 3
  ELSE pg_temp.activities_of(key, :activities) END) a
CROSS JOIN LATERAL (SELECT key * 100 + a AS act OFFSET 0) i
ON CONFLICT DO NOTHING;

-- In portions of some users: no transaction gets large.
SELECT format('EXECUTE add_contacts(%s, %s)', u, least(u + 49, :users)),
  format('EXECUTE add_activities(%s, %s)', u, least(u + 49, :users))
FROM generate_series(1, :users, 50) u \gexec

DEALLOCATE add_contacts;
DEALLOCATE add_activities;

-- Statistics for the planner, and the visibility map for the count.
VACUUM (ANALYZE) users, organizations, contacts, activities;
