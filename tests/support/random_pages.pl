#!/usr/bin/env perl
# random_pages.pl ANSWERS [SEED]: fills the tables with random users, contacts
# and activities (few values, so that keys tie; extreme ones; nasty text), then
# asks for random pages, searches and cursors, while random transactions change
# the tables.  Every answer is compared.  The same SEED (or $SEED) gives the
# same data and requests; it is printed.
#
# The tables have to be there, empty, with timestamps of microseconds, and be
# nobody else's; PostgreSQL needs max_prepared_transactions.  The environment is
# that of ask_pages.pl.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::Bin;
use ExpectedPages;
use PageClient;

my ($wanted, $seed) = @ARGV;
die "usage: $0 ANSWERS [SEED]\n" if !$wanted;
$seed = ($seed // $ENV{SEED}) || int rand 1_000_000_000;
srand $seed;
print "SEED=$seed\n";

# Users and how many contacts they have at first.  The last two are changed by
# transactions that stay open for a while.
my %size = (u_none => 0, u_one => 1, u_two => 2, 'u-page' => 20, u_some => 45,
  u_more => 130, u_many => 1700, u_open => 60, u_held => 25);
my @users = sort keys %size;
my @held = qw(u_held u_open);
my @others = grep { my $id = $_; !grep { $_ eq $id } @held } @users;

# In UTF-8.  Letters whose cases differ in length, that have three cases, or
# that look alike; wildcards, quotes, escapes and what ends a line; combining
# marks; other planes.
my @nasty = map { my $letter = $_; utf8::encode($letter); $letter } (
  qw(a A b B i I s S k K e 0 % _ \\ ' " : ; - / * [ ] { } . ? + ^ $ | & = < >),
  '#', ',', '(', ')', ' ', ' ', '%', '_', '\\', "\n", "\t", "\r", "\x01", "\x7f",
  map { chr } 0xe4, 0xc4, 0xe9, 0xdf, 0x1e9e, 0x130, 0x131, 0x3c3, 0x3c2, 0x3a3,
  0x212a, 0x17f, 0x1c4, 0x1c5, 0x1c6, 0x301, 0x308, 0x430, 0x410, 0x4e2d,
  0x10d0, 0x1c90, 0x13a0, 0xab70, 0x10400, 0x10428, 0x1f680, 0x200f, 0xfeff,
  0x2028, 0xfffd, 0xffff, 0x10ffff, 0xa0, 0x85);
my @moments = ('-infinity', 'infinity', '4714-11-24 00:00:00 BC',
  '0044-03-15 12:00:00.5 BC', '0001-12-31 23:59:59.999999 BC',
  '0001-01-01 00:00:00', '1969-12-31 23:59:59.999999', '9999-12-31 23:59:59',
  '10000-01-01 00:00:00', '294276-12-31 23:59:59.999999',
  '2024-02-29 10:00:00.000001', '2024-02-29 10:00:00.001',
  ('2024-02-29 10:00:00') x 3, '2024-03-01 09:30:00.25');

my $main = sql_session();
my $beside = sql_session();
my $made = 0;
my @walks;       # [user, target without page or cursor, cursor]
my $last;        # {user, target, data, etag}
my %changed;     # users whose rows have to be read again
my ($open, $prepared) = (0, 0);
my %kinds;       # how many answers there were of each

fill();
my $asked = 0;
while ($asked < $wanted) {
  my $number = $asked;
  my $before = wrong();
  one_of([38, \&go_on], [33, \&turn_to], [8, \&ask_again], [4, \&steal],
    [4, \&misspell], [7, \&change], [6, \&change_beside]);
  print "at answer $number\n" if wrong() > $before;
}
# Requests that hit nothing would prove nothing.  (There are very many more.)
for my $kind (qw(list search cursor found refused unchanged), 'found many') {
  $kinds{$kind} //= 0;
  complain("only $kinds{$kind} answers were of the kind: $kind")
    if $kinds{$kind} < int($wanted / 600);
}
print join(', ', map { "$_ $kinds{$_}" } sort keys %kinds), "\n";
exit conclude();

# ---- Chance ----

sub one_of {
  my $sum = 0;
  $sum += $_->[0] for @_;
  my $at = rand $sum;
  for (@_) {
    $at -= $_->[0];
    return $_->[1]->() if $at < 0;
  }
}

sub pick { return $_[rand @_] }

sub nasty { return join '', map { pick(@nasty) } 1 .. $_[0] }

# ---- Rows ----

sub fill {
  $main->run(map { 'INSERT INTO users (id, email, name, "syncStatus", '
    . '"lastSyncTimestamp", "updatedAt") VALUES ('
    . join(', ', map { quoted($_) } $_, "$_\@example.com", nasty(3),
      pick(qw(SYNCED IN_PROGRESS FAILED)), pick(@moments)) . ', now())' }
    @users);
  $main->run(new_contacts($_, $size{$_})) for grep { $size{$_} } @users;
  $main->run('ANALYZE');
  read_tables(sub { $main->rows(@_) });
}

sub quoted { return defined $_[0] ? "'" . $_[0] =~ s/'/''/gr . "'" : 'NULL' }

sub values_of { return '(' . join(', ', map { quoted($_) } @_) . ')' }

sub new_contacts {
  my ($user, $count) = @_;
  my (@rows, @activities);
  for (1 .. $count) {
    my $id = new_id();
    push @rows, values_of($id, new_name(), pick(undef, new_name(),
      ("n$made\@example.com") x 6), pick(undef, '', new_name()), pick(undef, nasty(2)), new_keys(),
      pick(qw(SYNCED SYNCED PENDING)), pick(undef, @moments), pick(@moments),
      $user);
    push @activities, map { new_activity($user, $id) } 1 .. rand 4;
  }
  return 'INSERT INTO contacts (id, name, email, organisation, phone, '
    . '"addedToCampaign", "warmnessScore", "lastContacted", "createdAt", '
    . '"updateSyncStatus", "lastActivityDate", "updatedAt", "userId") VALUES '
    . join(', ', @rows), @activities ? new_activities(@activities) : ();
}

# Unique by the number between the marks.
sub new_id {
  $made++;
  my $id = nasty(rand 4) . "<$made>" . nasty(rand 3);
  return rand() < 0.01 ? $id . 'long' x 250 : $id;
}

sub new_name {
  return one_of([8, sub { nasty(rand 9) }], [1, sub { nasty(80) }],
    [4, sub { pick('Anna Lee', 'ANNA LEE', "Stra\xc3\x9fe", 'STRASSE', '100%',
      'a_b', 'a\\b', "an\nna", "\xc4\xb0stanbul", 'istanbul', 'Kelvin') }]);
}

sub new_keys {
  return pick('t', 'f'), pick(-2147483648, -1, 0, 0, 0, 1, 1, 2147483647),
    rand() < 0.4 ? undef : pick(@moments), pick(@moments);
}

sub new_activity {
  my ($user, $contact) = @_;
  return values_of('a' . ++$made, pick(qw(CALL EMAIL)), pick(undef, nasty(4)),
    pick(@moments), pick(@moments), $user, $contact);
}

sub new_activities {
  return 'INSERT INTO activities (id, type, subject, "createdAt", "updatedAt", '
    . '"userId", "contactId") VALUES ' . join ', ', @_;
}

# ---- Changes ----

# The statements of a change to some of the users.
sub statements {
  my @among = @_;
  my $user = pick(rand() < 0.2 ? @among : grep { $_ ne 'u_many' } @among);
  my $rows = contacts_of($user);
  my $count = 1 + int rand 4;
  my @some = @$rows ? map { pick(@$rows) } 1 .. $count : ();
  my $ids = 'id IN (' . join(', ', map { quoted($_->{id}) } @some) . ')';
  $changed{$user} = 1;
  return new_contacts($user, $count) if !@some || rand() < 0.35;
  return one_of(
    [3, sub { "DELETE FROM contacts WHERE $ids" }],
    [$user eq 'u_many' ? 0 : 1, sub { qq(DELETE FROM contacts
      WHERE "userId" = '$user' AND "warmnessScore" = ) . pick(-1, 0) }],
    [4, sub {
      my ($added, $warmness, $contacted, $created) = map { quoted($_) }
        new_keys();
      return qq(UPDATE contacts SET "addedToCampaign" = $added, "warmnessScore"
        = $warmness, "lastContacted" = $contacted, "createdAt" = $created
        WHERE $ids);
    }],
    [2, sub { qq(UPDATE contacts SET "lastContacted" = NULL WHERE $ids) }],
    [3, sub { 'UPDATE contacts SET name = ' . quoted(new_name())
      . ', organisation = ' . quoted(new_name()) . " WHERE $ids" }],
    [1, sub { qq(UPDATE contacts SET "updateSyncStatus" = 'SYNCED'
      WHERE $ids) }],
    [2, sub {
      my $taker = pick(@among);
      $changed{$taker} = 1;
      return qq(UPDATE contacts SET "userId" = '$taker' WHERE $ids);
    }],
    [1, sub { 'UPDATE contacts SET id = ' . quoted(new_id())
      . ' WHERE id = ' . quoted($some[0]{id}) }],
    [2, sub { new_activities(map { new_activity($user, $_->{id}) } @some) }],
    [1, sub { qq(UPDATE users SET "syncStatus" = )
      . quoted(pick(qw(SYNCED IN_PROGRESS))) . " WHERE id = '$user'" }]);
}

sub change {
  my @all = statements($open || $prepared ? @others : @users);
  one_of([5, sub { }], [1, sub { @all = ('BEGIN', @all, 'COMMIT') }],
    [1, sub { @all = ('BEGIN', @all, 'ROLLBACK') }],
    [1, sub { @all = ('BEGIN', 'SAVEPOINT s', @all, 'ROLLBACK TO s',
      'COMMIT') }],
    [1, sub { @all = ('BEGIN', 'SAVEPOINT s', @all, 'RELEASE s', 'COMMIT') }]);
  $main->run(@all);
  read_again($open || $prepared ? @others : @users);
}

# A transaction that begins, goes on and ends while answers are given.
sub change_beside {
  if ($prepared) {
    $main->run(pick('COMMIT', 'ROLLBACK') . " PREPARED 'random'");
    $prepared = 0;
    return read_again(@users);
  }
  $beside->run('BEGIN') if !$open;
  $open = 1;
  one_of([3, sub { $beside->run(update_held()) }],
    [1, sub { $beside->run('SAVEPOINT s', update_held(), 'ROLLBACK TO s') }],
    [2, sub { $beside->run(pick('COMMIT', 'COMMIT', 'ROLLBACK')); $open = 0 }],
    [1, sub { $beside->run("PREPARE TRANSACTION 'random'");
      ($open, $prepared) = (0, 1) }]);
  read_again(@users) if !$open && !$prepared;
}

# Rows may be gone already, by the same transaction: then activities have no
# contact to belong to.
sub update_held {
  return grep { !/^INSERT INTO activities/ } statements(@held);
}

sub read_again {
  my @again = grep { delete $changed{$_} } @_;
  read_users(sub { $main->rows(@_) }, @again) if @again;
}

# ---- Requests ----

sub ask_for {
  my ($user, $start, $more) = @_;
  my $target = join '&', grep { $_ ne '' } $start, $more,
    rand() < 0.7 ? 'limit=' . pick(1, 2, 3, 7, 20, 33, 100) : '',
    rand() < 0.5 ? 'activities=' . pick(0, 1, 2, 20) : '';
  $asked++;
  my $answer = check_answer($user, $target);
  my $expected = expected($user, $target);
  count($expected);
  $last = {user => $user, target => $target, etag => $answer->{etag},
    data => $expected->{data}};
  my $cursor = next_cursor($answer->{body}) // return;
  push @walks, [$user, $start, $cursor];
  splice @walks, rand @walks, 1 if @walks > 6;
}

sub count {
  my $expected = shift;
  my $asked = $expected->{asked} // return $kinds{refused}++;
  $kinds{$asked->{is_search} ? 'search' : 'list'}++;
  $kinds{cursor}++ if $asked->{after};
  return if $asked->{q} eq '';
  $kinds{found}++ if $expected->{total} > 0;
  $kinds{'found many'}++ if $expected->{total} >= 1000;
}

sub go_on {
  return turn_to() if !@walks;
  my ($user, $start, $cursor) = @{splice @walks, rand @walks, 1};
  ask_for($user, $start, "cursor=$cursor");
}

# Another user, another list.
sub turn_to {
  my $user = pick(@users, 'u_many');
  my $start = rand() < 0.4 ? '' : 'search?' . (rand() < 0.05 ? '' : 'q='
    . spelt(some_q($user)));
  my $total = expected($user, "$start&limit=1")->{total} // 0;
  my $page = pick(1, 1, 2, 1 + int rand(1 + $total / 20),
    1 + int rand(1 + $total / 20), 1 + int rand(2 + $total / 3), 1000000);
  ask_for($user, $start, rand() < 0.3 ? '' : "page=$page");
}

sub some_q {
  my $user = shift;
  my $rows = contacts_of($user);
  my $row = @$rows ? pick(@$rows) : {name => 'nobody'};
  my ($name, $email) = map { defined $_ ? $_ : '' } @$row{qw(name email)};
  my $text = pick(grep { defined } @$row{qw(name email organisation)});
  return one_of([6, sub { part_of($text) }], [2, sub { nasty(1 + rand 3) }],
    [2, sub { part_of($name, 'end') . pick("\n", "\n", '', ' ')
      . part_of($email, 'start') }],
    [1, sub { '' }], [6, sub { pick(qw(a A e s % _ \\ an ss example EXAMPLE. @ .com)) }],
    [1, sub { nasty(199 + rand 3) }]);
}

# Some characters of a text, each in any case.
sub part_of {
  my ($text, $where) = (@_, '');
  utf8::decode($text);
  my $length = 1 + int rand 5;
  my $from = $where eq 'start' ? 0 : $where eq 'end'
    ? (length $text > $length ? length($text) - $length : 0)
    : int rand(1 + length $text);
  my $part = join '', map {
    my $other = pick($_, lc, uc);
    length $other == 1 ? $other : $_;
  } split //, substr $text, $from, $length;
  utf8::encode($part);
  return $part;
}

# URL-encoded in one of its spellings.
sub spelt {
  my $text = shift;
  my $format = pick('%%%02X', '%%%02x');
  my $all = rand() < 0.1;
  $text =~ s/([^A-Za-z0-9._~-])/
    $1 eq ' ' && rand() < 0.5 ? '+' : sprintf $format, ord $1/ge;
  $text =~ s/(?<![%0-9A-Fa-f])([A-Za-z])/sprintf $format, ord $1/ge if $all;
  return $text;
}

# The same request, if the answer was another: as often as not nothing has
# changed since.
sub ask_again {
  return turn_to() if !$last || !defined $last->{data};
  my ($user, $target) = @$last{qw(user target)};
  $asked++;
  my $is_same = (expected($user, $target)->{data} // '') eq $last->{data};
  my $answer = ask($user, $target, $last->{etag});
  if ($is_same) {
    $kinds{unchanged}++;
    complain("$user ?$target: got $answer->{status}, wanted 304")
      if $answer->{status} != 304 || $answer->{body} ne ''
      || $answer->{etag} ne $last->{etag};
  } else {
    my $difference = difference($user, $target, @$answer{qw(status body)});
    complain("$user ?$target: $difference") if defined $difference;
    $last->{data} = undef;
  }
}

# Somebody's cursor, at another user, list or search; or spoilt.
sub steal {
  return turn_to() if !@walks;
  my ($user, $start, $cursor) = @{pick(@walks)};
  one_of([2, sub { $user = pick(@users) }],
    [2, sub { $start = pick('', 'search?', 'search?q='
      . spelt(some_q($user))) }],
    [1, sub { substr $cursor, rand length $cursor, 1, pick(qw(A b 7 -)) }],
    [1, sub { $cursor = substr $cursor, 0, rand length $cursor }],
    [1, sub { $cursor .= '&page=2' }]);
  ask_for($user, $start, "cursor=$cursor");
}

sub misspell {
  my $more = pick(qw(page=0 page=1000001 page=-1 page=%2B1 page=1x page= page
    limit=0 limit=101 limit= limit=1e1 activities=21 activities=-1 activities=
    activities=%00 cursor= cursor=AAAA q=%FF q=%00 q=a%00 q=%C0%80 q=%ED%A0%80
    q=%F4%90%80%80 q=% q=%4 q=%zz x=%FF unknown Q=a page=2&page=3 &&&),
    'q=' . '%C3%A4' x 200, 'q=' . '%C3%A4' x 201, 'q=' . 'a' x 201,
    'q=' . '%F0%9F%9A%80' x 200, 'q=a&q=b', 'q=&q=b');
  ask_for(pick(@users), pick('', 'search?'), $more);
}
