#!/usr/bin/env perl
# changing_walks.pl USER OTHER [STEPS]: goes through USER's contacts with
# cursors, and through the matches of some terms, while rows come, go and change
# before, behind and at the place that the cursor stands for; OTHER is given
# some.  After a commit an answer shows what it did, and goes on from the place
# where the one before it ended.  The environment is that of ask_pages.pl.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::Bin;
use ExpectedPages;
use PageClient;

my ($user, $other, $steps) = @ARGV;
die "usage: $0 USER OTHER [STEPS]\n" if !defined $other;
$steps //= 60;
my $session = sql_session();
my $copies = 0;
read_tables(sub { $session->rows(@_) });

# What happens between two pages, given the contact that the first ended with.
my @changes = (
  ['nothing', sub { }],
  ['the contact of the cursor is deleted', sub { delete_rows(shift) }],
  ['one comes before all', sub { copy_row(shift, '"addedToCampaign"' => 'true',
    '"warmnessScore"' => -2147483648) }],
  ['one comes right before the place', sub { copy_row(shift,
    '"createdAt"' => q("createdAt" + interval '1 ms')) }],
  ['one comes right behind it, by its id', sub { copy_row(shift) }],
  ['one with the same moments, without lastContacted', sub {
    copy_row(shift, '"lastContacted"' => 'NULL') }],
  ['one comes at the end', sub { copy_row(shift,
    '"addedToCampaign"' => 'false', '"warmnessScore"' => 2147483647) }],
  ['the contact of the cursor goes to the end', sub { update(shift,
    '"warmnessScore" = 2147483647, "addedToCampaign" = false') }],
  ['and to the beginning', sub { update(shift,
    '"warmnessScore" = -5, "addedToCampaign" = true') }],
  ['it changes its id', sub { update(shift, "id = 'A' || id") }],
  ['it is called', sub { update(shift, qq("lastContacted" = '2024-02-05')) }],
  ['it never was', sub { update(shift, '"lastContacted" = NULL') }],
  ['it is given away', sub { update(shift, qq("userId" = '$other')) }],
  ['the next ten are deleted', sub {
    my @rows = after(shift, 10);
    delete_rows(@rows) if @rows;
  }],
  ['the next one goes to the beginning', sub {
    update($_, '"addedToCampaign" = true, "warmnessScore" = -7')
      for after(shift, 1);
  }],
  ['the first goes behind the place', sub {
    my $place = shift;
    update(contacts_of($user)->[0], join ', ', map { "$_ = "
      . "(SELECT $_ FROM contacts WHERE id = " . quoted($place->{id}) . ')' }
      qw("addedToCampaign" "warmnessScore" "lastContacted" "createdAt"))
      if $place->{id} ne contacts_of($user)->[0]{id};
  }],
  ['names change', sub { update(shift, q(name = 'Zzz', "warmnessScore" = 3)) }],
);

for my $target ('', 'search?q=a&', 'search?q=an&', 'search?q=%40example&') {
  walk($target);
}
exit conclude();

sub walk {
  my $target = shift;
  my ($limit, $cursor, $place) = (7);
  for my $step (0 .. $steps - 1) {
    my $here = "${target}limit=$limit&activities=1";
    if ($cursor) {
      my ($name, $change) = @{$changes[$step % @changes]};
      $change->($place);
      read_users(sub { $session->rows(@_) }, $user, $other);
      $here .= "&cursor=$cursor";
      my $before = wrong();
      ask_twice($here);
      print "after: $name\n" if wrong() > $before;
    }
    my $shown = expected($user, $here)->{shown};
    my $answer = check_answer($user, $here);
    $cursor = next_cursor($answer->{body}) or last;
    $place = $shown->[-1];
    $limit = 3 + ($step * 5) % 9;
  }
}

# As the first page, and from the place.
sub ask_twice {
  my $here = shift;
  check_answer($user, $here =~ s/&cursor=.*//r);
  check_answer($user, $here);
}

sub after {
  my ($place, $count) = @_;
  my $all = contacts_of($user);
  my ($at) = grep { $all->[$_]{id} eq $place->{id} } 0 .. $#$all;
  return () if !defined $at;
  my $last = $at + $count > $#$all ? $#$all : $at + $count;
  return @$all[$at + 1 .. $last];
}

sub quoted { return "'" . $_[0] =~ s/'/''/gr . "'" }

sub delete_rows {
  $session->run('DELETE FROM contacts WHERE id IN ('
    . join(', ', map { quoted($_->{id}) } @_) . ')');
}

sub update {
  my ($row, $set) = @_;
  $session->run("UPDATE contacts SET $set WHERE id = " . quoted($row->{id}));
}

# Another contact like this, whose id comes after its id.
sub copy_row {
  my ($row, %other) = @_;
  my @columns = map { qq("$_") } qw(name email organisation addedToCampaign
    warmnessScore lastContacted createdAt updatedAt userId);
  my $id = quoted($row->{id} . 'a' . $copies++);
  $session->run('INSERT INTO contacts (id, ' . join(', ', @columns)
    . ") SELECT $id, " . join(', ', map { $other{$_} // $_ } @columns)
    . ' FROM contacts WHERE id = ' . quoted($row->{id}));
}
