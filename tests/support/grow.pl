#!/usr/bin/perl
#
# Whether a worker grows:
#
#   grow.pl SOCKET TOKEN PID REQUESTS
#
# asks REQUESTS times, in mixed kinds: pages of all sizes, near and far, by
# number and by cursor, searches, what is cached, unchanged, refused and not
# there.  After ten thousand, and after each tenth of the rest, it prints
# "REQUESTS KIB", the resident memory of process PID; at the end "grown: KIB",
# the most that was above the first.  An answer of an unexpected status ends it.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::Bin;
use FastCgi;

my ($socket, $token, $pid, $requests) = @ARGV;
my $WARM = 10_000;
my $bearer = "Bearer $token";
my ($cursor, $etag) = ('', '');

# The kinds, by turns: the wanted status, then the parameters.
my @terms = ('a', 'an', 'anna', 'example', '%25', 'zzzz', 'm%C3%BCller', '');
my @kinds = (
  [200, sub { page('limit=' . (1 + int rand 25)) }],
  [200, sub { page('page=' . (1 + int rand 60)) }],
  [200, sub { page('activities=' . int rand 21) }],
  [200, sub { page('') }],
  [200, sub { page($cursor && "cursor=$cursor") }],
  [200, sub { search($terms[rand @terms]) }],
  [200, sub { search($terms[rand @terms] . '&page=' . (1 + int rand 9)) }],
  [304, sub { page(''), HTTP_IF_NONE_MATCH => '*' }],
  [200, sub { page(''), HTTP_IF_NONE_MATCH => $etag }],
  [400, sub { page('limit=' . ('9' x (1 + int rand 40)) . 'x') }],
  [401, sub { SCRIPT_NAME => '/api/my-500' }],
  [401, sub { page(''), HTTP_AUTHORIZATION => "$bearer." . 'x' x rand 4000 }],
  [404, sub { SCRIPT_NAME => '/' . 'x' x rand 300 }],
  [405, sub { page(''), REQUEST_METHOD => 'POST' }],
  [200, sub { SCRIPT_NAME => '/healthz' }],
  [200, sub { SCRIPT_NAME => '/readyz' }],
);

sub page {
  return (SCRIPT_NAME => '/api/my-500', QUERY_STRING => shift,
    HTTP_AUTHORIZATION => $bearer);
}

sub search {
  return (page('q=' . shift), SCRIPT_NAME => '/api/my-500/search');
}

sub resident_kib {
  open my $in, '<', "/proc/$pid/status" or die "process $pid: $!\n";
  my ($kib) = join('', <$in>) =~ /^VmRSS:\s+(\d+) kB$/m
    or die "process $pid is gone\n";
  return $kib;
}

srand 500;
my ($first, $grown) = (0, 0);
my $step = int(($requests - $WARM) / 10) || 1;
for my $number (1 .. $requests) {
  my ($wanted, $parameters) = @{ $kinds[$number % @kinds] };
  # The largest page there is, seldom.
  my @parameters = $number % 1000 ? $parameters->()
    : page('limit=100&activities=20');
  $wanted = 200 if $number % 1000 == 0;
  my ($head, $body) = fastcgi_ask($socket, fastcgi_request(@parameters));
  my ($status) = $head =~ /^Status: (\d+)/m;
  die "$status, not $wanted: @parameters\n"
    if $status != $wanted && !($wanted == 200 && $status == 304);
  $etag = $1 if $head =~ /^ETag: (\S+)/m;
  $cursor = $1 if $body =~ /"nextCursor":"([^"]+)"/;
  next if $number < $WARM || ($number - $WARM) % $step;
  my $kib = resident_kib();
  $first ||= $kib;
  $grown = $kib - $first if $kib - $first > $grown;
  print "$number $kib\n";
}
print "grown: $grown\n";
