#!/usr/bin/perl
#
# Stands in for the app that web servers send all other paths to:
#
#   app.pl PORT
#
# answers each request on that port of 127.0.0.1 with "the app: METHOD PATH".

use strict;
use warnings FATAL => 'all';
use IO::Socket::INET;

my $listening = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
  LocalPort => shift, Listen => 64, ReuseAddr => 1) or die "listen: $!\n";
$SIG{PIPE} = 'IGNORE';
while (my $client = $listening->accept) {
  my ($request) = (readline($client) // '') =~ /^(\S+ \S+)/;
  while (defined(my $line = readline $client)) {
    last if $line =~ /^\r?$/;
  }
  my $body = 'the app: ' . ($request // '') . "\n";
  print $client "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    . 'Content-Length: ' . length($body) . "\r\nConnection: close\r\n\r\n$body";
}
