package PageClient;

# A client of my500 and a look at its database, for tests that ask thousands
# of times: through the web server at $URL, over one connection; straight to
# the workers at the socket $SOCKET, what lighttpd would refuse by itself.
#
#   ask(USER, TARGET[, TAG])        {status, body, etag}; with a TAG, it goes
#       along as If-None-Match.  TARGET is as in ExpectedPages.pm.
#   check_answer(USER, TARGET)      asks and compares; the answer
#   complain(TEXT)                  something is wrong; ten times are the end
#   wrong()                         how often something was
#   conclude()                      the last line; returns the exit status
#   sql_session()                   a psql that stays: $session->run(SQL...)
#       returns the lines of the rows, $session->rows(SELECT) COPY's; dies
#       when PostgreSQL refuses; $session->close

use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use FindBin;
use HTTP::Tiny;
use IPC::Open2;
use lib $FindBin::Bin;
use ExpectedPages;
use FastCgi;

our @EXPORT = qw(ask check_answer complain wrong conclude sql_session token_of);

my $COMPLAINTS_MAX = 10;

my $url = $ENV{URL};
my $http = HTTP::Tiny->new(agent => 'my500 tests', timeout => 60,
  proxy => undef, http_proxy => undef, https_proxy => undef);
my %tokens;
my ($answers, $wrong) = (0, 0);

sub token_of {
  my $id = shift;
  return $tokens{$id} //= do {
    open my $in, '-|', "$FindBin::Bin/../../deploy/token", $id
      or die "token: $!\n";
    chomp(my $token = <$in> // die "no token for $id\n");
    $token;
  };
}

sub ask {
  my ($id, $target, $tag) = @_;
  my ($path, $query) = $target =~ /^search(?:\?(.*)|$)/s
    ? ('/api/my-500/search', $1 // '') : ('/api/my-500', $target);
  my %headers = (authorization => 'Bearer ' . token_of($id));
  $headers{'if-none-match'} = $tag if defined $tag;
  $answers++;
  return is_for_lighttpd($query)
    ? ask_lighttpd("$path?$query", %headers)
    : ask_worker($path, $query, %headers);
}

# It has its own opinion of control characters, broken escapes and invalid UTF-8
# in a URL, and of its length.
sub is_for_lighttpd {
  my $text = shift;
  return 0 if length $text > 7000 || $text =~ /%(?![0-9A-Fa-f]{2})/;
  $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
  return $text !~ /[\x00-\x1f\x7f]/ && utf8::decode($text);
}

sub ask_lighttpd {
  my ($path, %headers) = @_;
  my $answer = $http->get("$url$path", {headers => \%headers});
  die "no answer to $path: $answer->{content}" if $answer->{status} == 599;
  return {status => $answer->{status}, body => $answer->{content} // '',
    etag => $answer->{headers}{etag}};
}

sub ask_worker {
  my ($path, $query, %headers) = @_;
  my ($head, $body) = fastcgi_ask($ENV{SOCKET}, fastcgi_request(
    SCRIPT_NAME => $path, QUERY_STRING => $query,
    REQUEST_URI => "$path?$query",
    map { ('HTTP_' . (uc =~ tr/-/_/r), $headers{$_}) } keys %headers));
  my ($status) = $head =~ /^Status: (\d+)/m;
  my ($etag) = $head =~ /^ETag: (.*?)\r?$/m;
  return {status => $status // 200, body => $body, etag => $etag};
}

sub check_answer {
  my ($id, $target) = @_;
  my $answer = ask($id, $target);
  my $difference = difference($id, $target, @$answer{qw(status body)});
  complain("$id ?$target: $difference") if defined $difference;
  return $answer;
}

sub complain {
  my $text = shift;
  print length $text > 1000
    ? substr($text, 0, 500) . ' ... ' . substr($text, -500) : $text, "\n";
  return if ++$wrong < $COMPLAINTS_MAX;
  print "No more of this.\n";
  exit conclude();
}

sub wrong { return $wrong }

sub conclude {
  print "$answers answers, $wrong wrong\n";
  return $wrong || !$answers ? 1 : 0;
}

sub sql_session { return PageClient::Session->new }

package PageClient::Session;

my $END = 'end of the answer';
my $PATIENCE_S = 30;

sub new {
  my $class = shift;
  local $ENV{PGCLIENTENCODING} = 'UTF8';
  local $ENV{PGDATESTYLE} = 'ISO';
  local $ENV{PGOPTIONS} = '-c client_min_messages=warning';
  my ($out, $in);
  my $pid = IPC::Open2::open2($out, $in, 'psql', '-XAtq', '-v',
    'ON_ERROR_STOP=1');
  return bless {in => $in, out => $out, pid => $pid}, $class;
}

# Dies also when there is no answer in time: a psql that loses its connection
# while it copies in takes what follows for more of the data.
sub run {
  my ($self, @statements) = @_;
  my ($in, $out) = @$self{qw(in out)};
  local $SIG{PIPE} = 'IGNORE';
  local $SIG{ALRM} = sub { die "psql gave no answer to: @statements\n" };
  alarm $PATIENCE_S;
  print $in map({ "$_;\n" } @statements), "SELECT '$END';\n";
  $in->flush;
  my @lines;
  while (defined(my $line = <$out>)) {
    chomp $line;
    push @lines, $line;
    last if $line eq $END;
  }
  alarm 0;
  return @lines[0 .. $#lines - 1] if @lines && $lines[-1] eq $END;
  die "psql refused one of: @statements\n";
}

sub rows {
  my ($self, $select) = @_;
  return $self->run("COPY ($select) TO STDOUT");
}

sub close {
  my $self = shift;
  local $SIG{PIPE} = 'IGNORE';
  CORE::close $self->{$_} for qw(in out);
  waitpid $self->{pid}, 0;
}

1;
