#!/usr/bin/env perl
# known_totals.pl USER OTHER: asks for lists and searches of both again and
# again while other sessions change the contacts in every way that PostgreSQL
# has.  A commit shows at once, in the totals too, and nothing shows before.
# USER has so many contacts that even the list's total is remembered.  At the
# end both have none.  The environment is that of ask_pages.pl; PostgreSQL needs
# max_prepared_transactions.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::Bin;
use ExpectedPages;
use PageClient;

my ($user, $other) = @ARGV;
die "usage: $0 USER OTHER\n" if !defined $other;
my ($one, $two, $three) = map { sql_session() } 1 .. 3;
my $added = 0;
read_tables(sub { $one->rows(@_) });

# Each step is one commit, or something that is none.
my @steps = (
  ['nothing', sub { }],
  ['one more', sub { $one->run(add()) }],
  ['ten more in one statement', sub { $one->run(add(10)) }],
  ['one that no search here finds', sub { $one->run(add(1, 'Zzz')) }],
  ['one renamed, so that it is found', sub {
    $one->run(q(UPDATE contacts SET name = 'Anna Lee' WHERE name = 'Zzz')) }],
  ['one deleted', sub { $one->run('DELETE FROM contacts WHERE ' . one()) }],
  ['one synchronised', sub { $one->run(
    q(UPDATE contacts SET "updateSyncStatus" = 'SYNCED' WHERE ) . one(
      q("updateSyncStatus" <> 'SYNCED'))) }],
  ['one given to the other', sub { $one->run(
    qq(UPDATE contacts SET "userId" = '$other' WHERE ) . one()) }],
  ['one that is rolled back', sub { $one->run('BEGIN', add(), 'ROLLBACK') }],
  ['another one after it', sub { $one->run(add()) }],
  ['a part that is rolled back', sub { $one->run('BEGIN', 'SAVEPOINT s', add(2),
    'ROLLBACK TO s', add(), 'COMMIT') }],
  ['only a part that is rolled back', sub { $one->run('BEGIN', 'SAVEPOINT s',
    add(), 'ROLLBACK TO s', 'COMMIT') }],
  ['a part that is kept', sub { $one->run('BEGIN', 'SAVEPOINT s', add(),
    'RELEASE s', 'COMMIT') }],
  ['parts that fail', sub { $one->run('DO $$ BEGIN FOR i IN 1..3 LOOP BEGIN '
    . add() . '; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN '
    . 'END; END LOOP; ' . add() . '; END $$') }],
  ['a transaction begins', sub { $two->run('BEGIN', add()) }],
  ['one more beside it', sub { $one->run(add()) }],
  ['a second one begins', sub { $three->run('BEGIN', add(3)) }],
  ['the second one ends', sub { $three->run('COMMIT') }],
  ['the first one ends', sub { $two->run('COMMIT') }],
  ['one begins with very many parts', sub { $two->run('BEGIN',
    map { ("SAVEPOINT s$_", add()) } 1 .. 100) }],
  ['one more beside that', sub { $one->run(add()) }],
  ['that one ends', sub { $two->run('COMMIT') }],
  ['one is prepared', sub { $two->run('BEGIN', add(2),
    "PREPARE TRANSACTION 'p'") }],
  ['and one deleted beside it', sub {
    $one->run('DELETE FROM contacts WHERE ' . one()) }],
  ['it is committed by another session', sub {
    $three->run("COMMIT PREPARED 'p'") }],
  ['one is prepared with a part rolled back', sub { $two->run('BEGIN', add(),
    'SAVEPOINT s', add(4), 'ROLLBACK TO s', "PREPARE TRANSACTION 'p'") }],
  ['that one is committed', sub { $one->run("COMMIT PREPARED 'p'") }],
  ['one is prepared in vain', sub { $two->run('BEGIN', add(),
    "PREPARE TRANSACTION 'p'") }],
  ['and rolled back', sub { $two->run("ROLLBACK PREPARED 'p'") }],
  ['a serializable one', sub { $one->run('BEGIN ISOLATION LEVEL SERIALIZABLE',
    'SELECT FROM contacts', add(), 'COMMIT') }],
  ['one with deferred constraints', sub { $one->run('BEGIN',
    'SET CONSTRAINTS ALL DEFERRED', add(), 'COMMIT') }],
  ['a session that does not wait for the disk', sub { $one->run(
    'SET synchronous_commit = off', add(), 'RESET synchronous_commit') }],
  ['rows that are locked', sub { $two->run('BEGIN',
    'SELECT FROM contacts FOR UPDATE') }],
  ['and let go', sub { $two->run('COMMIT') }],
  ['vacuum', sub { $one->run('VACUUM FULL contacts') }],
  ['another table', sub { $one->run('CREATE TABLE another (n int)') }],
  ['truncated, and that rolled back', sub { $one->run('BEGIN',
    'TRUNCATE contacts CASCADE', 'ROLLBACK') }],
  ['truncated and filled in one transaction', sub { $one->run('BEGIN',
    'TRUNCATE contacts CASCADE', add(1300), 'COMMIT') }],
  ['truncated', sub { $one->run('TRUNCATE contacts CASCADE') }],
);

my @targets = ([$user, ''], [$user, 'search?q=a'], [$user, 'search?q=nna'],
  [$other, ''], [$other, 'search?q=a'], [$user, 'search?q=']);
ask_all('before all');
for my $step (@steps) {
  $step->[1]->();
  read_users(sub { $one->rows(@_) }, $user, $other);
  ask_all($step->[0]);
}
exit conclude();

# Several times: whatever was remembered is used now, by all workers.
sub ask_all {
  my $name = shift;
  my $before = wrong();
  for (1 .. 2) {
    check_answer($_->[0], "$_->[1]&limit=2&activities=1") for @targets;
  }
  print "after: $name\n" if wrong() > $before;
}

sub add {
  my ($count, $name) = (shift // 1, shift // 'Anna Smith');
  $added += $count;
  my $first = $added - $count + 1;
  return <<"END" =~ s/;\n//r;
INSERT INTO contacts (id, name, "updatedAt", "userId", "updateSyncStatus")
SELECT 'added' || n, '$name', now(), '$user',
  CASE n % 2 WHEN 0 THEN 'SYNCED' ELSE 'PENDING' END
FROM generate_series($first, $added) n;
END
}

sub one {
  my $condition = shift // 'true';
  return qq(id = (SELECT min(id) FROM contacts WHERE "userId" = '$user'
    AND name LIKE '%a%' AND $condition));
}
