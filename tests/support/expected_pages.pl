#!/usr/bin/env perl
# What the pages ought to be, as ExpectedPages.pm works it out of the tables.
# A TARGET is explained there.
#
#   expected_pages.pl requests [--user ID]... [TERM...]
#       prints USER<TAB>TARGET, for ask_pages.pl: every page of every user, at
#       several limits and numbers of activities, and some beyond the end; with
#       TERMs, of the searches for them, and not every page
#   expected_pages.pl target TERM
#       prints the TARGET that searches for it
#   expected_pages.pl expect USER TARGET [CONTACT]
#       prints the `data` object that is expected; for a cursor, the id of the
#       contact that it comes after
#
# The database is the one that psql finds through PGHOST, PGPORT, PGDATABASE
# and PGUSER (which must be allowed to read the tables whole).

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::Bin;
use ExpectedPages;

# What is asked about every user: limit and activities; 0 means left out.
my @SETS = ([undef, undef], [100, 20], [33, 0], [24, 1]);
@SETS = ([undef, undef], [7, 20]) if @ARGV > 1;
my $LARGE = 1000;    # users with more contacts are spared the last set

my $mode = shift // '';
my @only;
while (@ARGV && $ARGV[0] eq '--user') {
  shift;
  push @only, shift;
}

if ($mode eq 'requests') {
  read_tables();
  print map { "$_\n" } requests();
} elsif ($mode eq 'target' && @ARGV == 1) {
  print search_target(@ARGV), "\n";
} elsif ($mode eq 'expect' && !@only && (@ARGV == 2 || @ARGV == 3)) {
  read_tables();
  print expected_data(@ARGV), "\n";
} else {
  die "usage: $0 requests|target|expect (see the head of the file)\n";
}

sub requests {
  my @starts = @ARGV ? map { search_target($_) . '&' } @ARGV : '';
  my @lines;
  for my $id (@only ? @only : user_ids()) {
    push @lines, map { "$id\t$_" } map { targets($id, $_) } @starts;
  }
  return @lines;
}

sub targets {
  my ($id, $start) = @_;
  my $total = expected($id, $start)->{total};
  my @targets;
  for my $set (@SETS) {
    my ($limit, $activities) = @$set;
    next if $total > $LARGE && defined $limit && $limit < 20;
    my $pages = int(($total + ($limit // 20) - 1) / ($limit // 20)) || 1;
    my @pages = $start eq '' || $pages < 6 ? 1 .. $pages
      : (1, 2, int($pages / 2), $pages - 1, $pages);
    for my $page (@pages, $pages + 2) {
      my @parts = "page=$page";
      push @parts, "limit=$limit" if defined $limit;
      push @parts, "activities=$activities" if defined $activities;
      push @targets, $start . join '&', @parts;
    }
  }
  return @targets, $start, "${start}limit=1&activities=20",
    "${start}page=1000000";
}

sub expected_data {
  my ($id, $target, $after) = @_;
  if (defined $after) {
    my ($row) = grep { $_->{id} eq $after } @{contacts_of($id)}
      or die "$id has no contact $after\n";
    my ($cursor) = $target =~ /(?:^|[?&])cursor=([^&]*)/
      or die "no cursor in $target\n";
    set_place($id, $target, $cursor, $row);
  }
  my $expected = expected($id, $target);
  return $expected->{data} // die "a 400: $expected->{field}\n";
}
