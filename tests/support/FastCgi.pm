package FastCgi;

# Requests straight to the workers (FastCGI 1.0, sections 3 and 5), as fast as
# Perl can.
#
#   fastcgi_request(NAME => VALUE...)   the bytes of a request with these
#       parameters, and the usual ones of a GET
#   fastcgi_ask(SOCKET, BYTES)          the head and the body of the answer;
#       dies when there is none within half a minute

use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use Socket;

our @EXPORT = qw(fastcgi_request fastcgi_ask);

my ($BEGIN_REQUEST, $END_REQUEST, $PARAMS, $STDIN, $STDOUT) = (1, 3, 4, 5, 6);
my $RESPONDER = 1;
my $RECORD_MAX = 60_000;
my $patience = pack 'l!l!', 30, 0;

sub fastcgi_request {
  my %params = (REQUEST_METHOD => 'GET', SERVER_PROTOCOL => 'HTTP/1.1',
    GATEWAY_INTERFACE => 'CGI/1.1', REMOTE_ADDR => '127.0.0.1', @_);
  my $params = join '', map { pair($_, $params{$_}) } keys %params;
  return record($BEGIN_REQUEST, pack 'nCx5', $RESPONDER, 0)
    . join('', map { record($PARAMS, $_) } $params =~ /.{1,$RECORD_MAX}/gs)
    . record($PARAMS, '') . record($STDIN, '');
}

sub record {
  my ($type, $content) = @_;
  return pack('CCnnCx', 1, $type, 1, length $content, 0) . $content;
}

sub pair {
  return join '', (map { length > 127 ? pack('N', length | 1 << 31)
      : chr length } @_), @_;
}

sub fastcgi_ask {
  my ($path, $request) = @_;
  socket my $socket, PF_UNIX, SOCK_STREAM, 0 or die "socket: $!\n";
  setsockopt $socket, SOL_SOCKET, $_, $patience for SO_RCVTIMEO, SO_SNDTIMEO;
  connect $socket, pack_sockaddr_un($path)
    or die "no connection to $path: $!\n";
  # Who does not read all of it may answer all the same.
  while (length $request) {
    my $count = send($socket, $request, MSG_NOSIGNAL) or last;
    substr $request, 0, $count, '';
  }
  my $answer = '';
  while (1) {
    my $count = sysread $socket, $answer, 65536, length $answer;
    die "no whole answer from $path: $!\n" if !defined $count;
    last if !$count;
  }
  my ($head, $body) = split /\r\n\r\n/, output_of($answer), 2;
  die "no whole answer from $path\n" if !defined $body;
  return ($head, $body);
}

# Nothing when the end is missing.
sub output_of {
  my ($output, $at) = ('', 0);
  while ($at + 8 <= length $_[0]) {
    my (undef, $type, undef, $length, $padding)
      = unpack 'CCnnC', substr $_[0], $at, 8;
    $output .= substr $_[0], $at + 8, $length if $type == $STDOUT;
    return $output if $type == $END_REQUEST;
    $at += 8 + $length + $padding;
  }
  return '';
}

1;
