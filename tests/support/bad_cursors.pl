#!/usr/bin/env perl
# bad_cursors.pl USER OTHER: cursors of both, changed, cut, put together anew,
# used by the other, for the other endpoint and for another q, and some made by
# hand.  Every answer is compared; the environment is that of ask_pages.pl.

use strict;
use warnings FATAL => 'all';
use Digest::SHA 'sha256';
use FindBin;
use lib $FindBin::Bin;
use MIME::Base64 'encode_base64url';
use ExpectedPages;
use PageClient;

my @users = @ARGV;
die "usage: $0 USER OTHER\n" if @users != 2;
my @targets = ('', 'search?q=', 'search?q=a', 'search?q=A', 'search?q=an');

read_tables();
my %cursors = map { my $id = $_; ($id => [map { cursors_of($id, $_) }
  @targets]) } @users;
my ($good) = @{$cursors{$users[0]}};
my ($first, $second) = @$good;

exchanged();
damaged($first);
# The last characters of some have bits that mean nothing, and must be zero all
# the same: each number of them is met, when ids differ in length.
changed_at(length($_) - 2 .. length($_) - 1, $_)
  for $cursors{$users[0]}[2][0], map { next_cursor(
    check_answer($users[0], "limit=$_")->{body}) } 1 .. 4;
in_company();
made_by_hand();
exit conclude();

# Those of the first two pages.
sub cursors_of {
  my ($id, $target) = @_;
  my $one = next_cursor(check_answer($id, with($target, 'limit=5'))->{body});
  my $two = next_cursor(
    check_answer($id, with($target, "limit=5&cursor=$one"))->{body});
  return [$one, $two];
}

sub with {
  my ($target, $more) = @_;
  return $target eq '' ? $more : "$target&$more";
}

# Everybody's cursors for everything: one combination in each case is right.
sub exchanged {
  for my $from (@users) {
    for my $cursor (map { @$_ } @{$cursors{$from}}) {
      for my $to (@users) {
        check_answer($to, with($_, "cursor=$cursor&activities=0"))
          for @targets, 'search?', 'search?q=b', 'q=a';
      }
    }
  }
}

sub damaged {
  my $cursor = shift;
  my $length = length $cursor;
  changed_at(0 .. $length - 1, $cursor);
  refused(substr $cursor, 0, $_) for 1 .. $length - 1;
  refused(substr $cursor, $_) for 1 .. $length - 1;
  refused("$cursor$_", "$_$cursor") for 'A', 'AA', 'AAA', 'AAAA', '=', '==',
    '%3D', '+', '%20', '%09', '%0A', '%0D%0A', '%00', '.', '-', '_', '%2B',
    '%2F', '%C3%A9', "\xc3\xa9", '%FF', '%', '%4', $cursor;
  refused(ucfirst lc $cursor, reverse($cursor), substr($first, 0, 40)
    . substr($second, 40), substr($second, 0, 40) . substr($first, 40));
}

# Changed at some places; by every other character, when they are few.
sub changed_at {
  my $cursor = pop;
  my @alphabet = ('A' .. 'Z', 'a' .. 'z', 0 .. 9, '-', '_');
  for my $at (@_) {
    my @others = @_ < 3 ? @alphabet
      : map { $alphabet[($at * 7 + $_) % 64] } 0, 21, 42;
    for my $other (@others) {
      refused(substr($cursor, 0, $at) . $other . substr $cursor, $at + 1)
        if $other ne substr $cursor, $at, 1;
    }
  }
}

sub refused {
  for my $cursor (@_) {
    check_answer($users[0], "cursor=$cursor&limit=3");
  }
}

# Beside other parameters; spelt in other ways.
sub in_company {
  my $encoded = join '', map { sprintf '%%%02x', ord } split //, $first;
  check_answer($users[0], $_) for "cursor=$first&page=1",
    "page=2&cursor=$first", "cursor=$first&page=", "page=&cursor=$first", "cursor=$first&page",
    "cursor=&page=2", "cursor=", "cursor", "cursor&page=2",
    "cursor=$first&cursor=x", "cursor=x&cursor=$first",
    "cursor=&cursor=$first", "page=2&cursor=x", "cursor=x&page=x",
    "cursor=x&limit=0", "limit=101&cursor=$first", "cursor=$first&limit=100",
    "cursor=$first&activities=20&limit=1", "Cursor=$first",
    "curs%6Fr=$first", "CURSOR=x&q=$first", 'cursor=' . 'A' x 5000,
    'cursor=' . 'A' x 25000, 'cursor=' . "$first&" x 50, "cursor=$first%00";
  check_answer($users[0], "cursor=$encoded");
}

# The contact that the first page ended with.
sub place_of { return contacts_of($users[0])->[4] }

# A cursor is no secret: who knows how one is made can make some, and gets
# another place among his own contacts, or a 400.
sub made_by_hand {
  refused(encode_base64url($_)) for "'; DROP TABLE contacts; --", '{"id":1}',
    '', "\0" x 40, "\xff" x 60, map { join '', map { chr $_ * 37 % 256 }
    $_ .. $_ + 45 } 1 .. 40;
  my %genuine = %{place_of($first)};
  complain('cursors are made in another way than here')
    if made(place(\%genuine)) ne $first;

  # Moments in microseconds since 2000, and as text.
  my @moments = ([0, '2000-01-01 00:00:00'], [-1, '1999-12-31 23:59:59.999999'],
    [-211813488000000000, '4714-11-24 00:00:00 BC'],
    [9223371331199999999, '294276-12-31 23:59:59.999999'],
    [9223372036854775807, 'infinity'], [-9223372036854775807 - 1, '-infinity']);
  for my $moment (@moments, undef) {
    for my $warmness (-2147483648, 0, 1, 2147483647) {
      my %row = (%genuine, id => "it's", warmnessScore => $warmness,
        lastContacted => $moment && $moment->[1], createdAt => $moments[0][1]);
      accepted(\%row, place(\%row, $moment && $moment->[0], 0));
      next if !$moment;
      @row{qw(lastContacted createdAt)} = (undef, $moment->[1]);
      accepted(\%row, place(\%row, undef, $moment->[0]));
    }
  }
  for my $id ('', "'; DROP TABLE contacts; --", '\\', "\x{1}\n\t", 'x' x 3000,
    "\xf4\x8f\xbf\xbf", '$1', '%s', '{}', 'NULL') {
    my %row = (%genuine, id => $id);
    accepted(\%row, place(\%row));
  }
  my %plain = (%genuine, lastContacted => undef);
  refused(map { made($_) } place({%plain, id => "a\0b"}, undef, 0),
    place({%plain, id => "\xff"}, undef, 0),
    place({%plain, id => "\xed\xa0\x80"}, undef, 0),
    place(\%plain, undef, -211813488000000001),
    place(\%plain, undef, 9223371331200000000),
    place(\%plain, undef, -9223372036854775807),
    place(\%plain, 9223371331200000000, 0),
    map({ substr place(\%plain, undef, 0), 0, $_ } 0 .. 12),
    map({ chr($_) . substr place(\%plain, undef, 0), 1 } 0, 0x20, 0xf0));
}

sub accepted {
  my ($row, $place) = @_;
  my $cursor = made($place);
  set_place($users[0], '', $cursor, {%$row, moment => {}});
  check_answer($users[0], "cursor=$cursor&limit=3&activities=0");
}

# What app/base/cursor.c writes: flags, the warmness score, createdAt,
# lastContacted if any, the id; in front of it a checksum.
sub place {
  my ($row, $contacted, $created) = @_;
  $contacted = microseconds($row->{lastContacted}) if @_ == 1;
  $created = microseconds($row->{createdAt}) if @_ == 1;
  my $flags = 0x10 | ($row->{addedToCampaign} eq 't' ? 1 : 0)
    | (defined $contacted ? 2 : 0);
  return pack('Cl>q>', $flags, $row->{warmnessScore}, $created)
    . (defined $contacted ? pack 'q>', $contacted : '') . $row->{id};
}

sub made {
  my $place = shift;
  return encode_base64url(substr(sha256(
    join "\0", $users[0], 'list', '', $place), 0, 8) . $place);
}

# Of times of this century, in UTC.
sub microseconds {
  my $text = shift // return undef;
  my ($year, $month, $day, $hour, $minute, $second, $fraction)
    = $text =~ /^(\d+)-(\d+)-(\d+) (\d+):(\d+):(\d+)(\.\d+)?$/;
  my $days = 365 * ($year - 2000) + int(($year - 1997) / 4);
  my @lengths = (31, $year % 4 ? 28 : 29, 31, 30, 31, 30, 31, 31, 30, 31, 30);
  $days += $_ for @lengths[0 .. $month - 2];
  return (((($days + $day - 1) * 24 + $hour) * 60 + $minute) * 60 + $second)
    * 1_000_000 + int(($fraction // 0) * 1_000_000 + 0.5);
}
