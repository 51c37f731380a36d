#!/usr/bin/perl
#
# Clients that ask again and again, after a pause of up to a tenth of a second,
# until a file appears:
#
#   load.pl SOCKET CLIENTS TOKEN STOP
#
# Each answer must be whole, a 200, and the one to its own request.  Prints
# "N answers, N lost, N wrong": lost is one that did not come, or not to its
# end, as when its worker is killed.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::Bin;
use FastCgi;

my ($socket, $clients, $token, $stop) = @ARGV;

sub ask {
  my ($client, $number) = @_;
  my $id = "load-$client-$number";
  my $limit = 1 + $number % 3;
  my ($head, $body) = eval {
    fastcgi_ask($socket, fastcgi_request(SCRIPT_NAME => '/api/my-500',
      QUERY_STRING => "limit=$limit&activities=1",
      HTTP_AUTHORIZATION => "Bearer $token", HTTP_X_REQUEST_ID => $id));
  } or return 'lost';
  my ($length) = $head =~ /^Content-Length: ([0-9]+)\r?$/m;
  return 'lost' if !defined $length || $length > length $body;
  return 'answers' if $head =~ /^Status: 200 /m
    && $head =~ /^X-Request-Id: \Q$id\E\r?$/m && $length == length $body
    && $body =~ /"limit":$limit,/;
  print STDERR "wrong: $head\n";
  return 'wrong';
}

my %pipes;
for my $client (1 .. $clients) {
  pipe my $read, my $write or die "pipe: $!\n";
  my $pid = fork // die "fork: $!\n";
  if ($pid) {
    $pipes{$pid} = $read;
    next;
  }
  my %count = (answers => 0, lost => 0, wrong => 0);
  for (my $number = 0; !-e $stop; $number++) {
    $count{ask($client, $number)}++;
    select undef, undef, undef, rand 0.1;
  }
  print $write "@count{qw(answers lost wrong)}\n";
  exit;
}
my @sum = (0, 0, 0);
for my $pid (keys %pipes) {
  my $line = readline($pipes{$pid}) // die "a client has died\n";
  my @count = split ' ', $line;
  $sum[$_] += $count[$_] for 0 .. 2;
}
1 while wait >= 0;
printf "%d answers, %d lost, %d wrong\n", @sum;
