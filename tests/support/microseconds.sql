-- Timestamps of the tables that my500 reads with all the digits that PostgreSQL
-- has for them, as an app without Prisma may have them; empty tables soon, or
-- they are written anew.
SELECT format('ALTER TABLE %s %s', attrelid::regclass,
  string_agg(format('ALTER %I TYPE timestamp(6)', attname), ', '))
FROM pg_attribute
WHERE attrelid IN ('users'::regclass, 'contacts'::regclass,
    'activities'::regclass)
  AND atttypid = 'timestamp'::regtype
GROUP BY attrelid \gexec
