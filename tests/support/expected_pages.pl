#!/usr/bin/env perl
# What the pages ought to be: read from the tables row by row, then sorted,
# cut, grouped and written here, by the contract alone.  Shares nothing with
# the program and its SQL.
#
#   expected_pages.pl requests [--user ID]
#       prints USER<TAB>QUERY for every user: every page at several limits and
#       numbers of activities, and some beyond the end
#   expected_pages.pl compare [--user ID] [--any]
#       reads USER<TAB>QUERY<TAB>BODY lines, in any order, and reports the
#       first differences; exits 1 when there are any, or when an answer to
#       one of `requests` is missing (with --any: it may be)
#   expected_pages.pl expect USER QUERY
#       prints the `data` object that is expected
#
# The database is the one that psql finds through PGHOST, PGPORT, PGDATABASE
# and PGUSER (which must be allowed to read the tables whole).

use strict;
use warnings;

my $DIFFERENCES_SHOWN = 10;

# The columns of sections 6.1 and 6.2 of the contract, with their JSON types.
my @CONTACT = columns(<<'END');
id:text name:text email:text phone:text organisation:text organizationId:text
warmnessScore:integer lastContacted:time addedToCampaign:boolean
pipedrivePersonId:text pipedriveOrgId:text lastPipedriveUpdate:time
updateSyncStatus:text lastActivityDate:time openDealsCount:integer
closedDealsCount:integer wonDealsCount:integer lostDealsCount:integer
activitiesCount:integer emailMessagesCount:integer lastIncomingMailTime:time
lastOutgoingMailTime:time followersCount:integer jobTitle:text
isActive:boolean deactivatedAt:time deactivatedBy:text deactivationReason:text
createdAt:time updatedAt:time userId:text
END
my @ACTIVITY = columns(<<'END');
id:text type:text subject:text note:text dueDate:time
pipedriveActivityId:integer replicatedToPipedrive:boolean
pipedriveSyncAttempts:integer lastPipedriveSyncAttempt:time
lastPipedriveUpdate:time updateSyncStatus:text isSystemActivity:boolean
systemAction:text createdAt:time updatedAt:time userId:text contactId:text
campaignId:text
END
my @USER = columns('id:text email:text syncStatus:text lastSyncTimestamp:time');

# What is asked about every user: limit and activities; 0 means left out.
my @SETS = ([undef, undef], [100, 20], [33, 0], [24, 1]);
my $LARGE = 1000;    # users with more contacts are spared the last set

my (%user, %contacts, %activities);    # by id; lists by user; by contact

my $mode = shift // '';
my ($only, $any);
while (@ARGV && $ARGV[0] =~ /^--/) {
  my $option = shift;
  if ($option eq '--user') { $only = shift }
  elsif ($option eq '--any') { $any = 1 }
  else { die "unknown option $option\n" }
}

if ($mode eq 'requests' && !@ARGV) {
  read_tables();
  print map { "$_\n" } requests();
} elsif ($mode eq 'compare' && !@ARGV) {
  read_tables();
  exit compare();
} elsif ($mode eq 'expect' && @ARGV == 2) {
  read_tables();
  print expected_data(@ARGV), "\n";
} else {
  die "usage: $0 requests|compare|expect (see the head of the file)\n";
}

# ---- Reading the tables ----

sub columns {
  return map { my ($name, $type) = split /:/; { name => $name, type => $type } }
    split ' ', shift;
}

sub read_tables {
  $user{$_->{id}} = $_ for read_table('users', \@USER);
  push @{$contacts{$_->{userId}}}, $_ for read_table('contacts', \@CONTACT);
  for (read_table('activities', \@ACTIVITY)) {
    push @{$activities{$_->{contactId}}}, $_ if defined $_->{contactId};
  }
  @{$contacts{$_}} = sort { by_priority() } @{$contacts{$_}} for keys %contacts;
  @{$activities{$_}} = sort { newest_first() } @{$activities{$_}}
    for keys %activities;
}

sub read_table {
  my ($table, $columns) = @_;
  my @names = map { $_->{name} } @$columns;
  my $list = join ', ', map { qq("$_") } @names;
  local $ENV{PGCLIENTENCODING} = 'UTF8';
  local $ENV{PGDATESTYLE} = 'ISO';
  open my $in, '-|', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c',
    "COPY (SELECT $list FROM $table) TO STDOUT"
    or die "psql: $!\n";
  my @rows;
  while (my $line = <$in>) {
    chomp $line;
    my %row;
    @row{@names} = map { from_copy($_) } split /\t/, $line, -1;
    push @rows, \%row;
  }
  close $in or die "psql could not read $table\n";
  return @rows;
}

# A field in PostgreSQL's COPY text format.
sub from_copy {
  my $field = shift;
  return $field if index($field, '\\') < 0;
  return undef if $field eq '\\N';
  my %plain = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t",
    v => "\x0b");
  $field =~ s/\\(.)/$plain{$1} \/\/ $1/ges;
  return $field;
}

# ---- Order (section 1.3) ----

# Timestamps in ISO form compare as text: "12:00:00" is before "12:00:00.5".
sub by_priority {
  return $b->{addedToCampaign} cmp $a->{addedToCampaign}    # 't' is after 'f'
    || $a->{warmnessScore} <=> $b->{warmnessScore}
    || nulls_last($a->{lastContacted}, $b->{lastContacted})
    || $b->{createdAt} cmp $a->{createdAt}
    || $a->{id} cmp $b->{id};
}

sub nulls_last {
  my ($left, $right) = @_;
  return defined $right ? 1 : 0 if !defined $left;
  return defined $right ? $left cmp $right : -1;
}

sub newest_first {
  return $b->{createdAt} cmp $a->{createdAt} || $b->{id} cmp $a->{id};
}

# ---- Requests ----

sub requests {
  my @lines;
  for my $id (defined $only ? $only : sort keys %user) {
    my $total = @{$contacts{$id} // []};
    for my $set (@SETS) {
      my ($limit, $activities) = @$set;
      next if $total > $LARGE && defined $limit && $limit < 20;
      my $pages = pages($total, $limit // 20);
      for my $page (1 .. ($pages || 1), $pages + 2) {
        my @parts = "page=$page";
        push @parts, "limit=$limit" if defined $limit;
        push @parts, "activities=$activities" if defined $activities;
        push @lines, "$id\t" . join '&', @parts;
      }
    }
    push @lines, "$id\t", "$id\tlimit=1&activities=20", "$id\tpage=1000000";
  }
  return @lines;
}

sub pages {
  my ($total, $limit) = @_;
  return int(($total + $limit - 1) / $limit);
}

# ---- The expected `data`, as JSON text (section 2) ----

sub expected_data {
  my ($id, $query) = @_;
  my %asked = (page => 1, limit => 20, activities => 5);
  /^(\w+)=(\d+)$/ and $asked{$1} = $2 for split /&/, $query;
  my $all = $contacts{$id} // [];
  my $first = ($asked{page} - 1) * $asked{limit};
  my $last = $first + $asked{limit} - 1;
  $last = $#$all if $last > $#$all;
  my @page = map { contact_text($_, $asked{activities}) }
    $first <= $last ? @$all[$first .. $last] : ();
  return '{"contacts":[' . join(',', @page) . '],"pagination":'
    . pagination_text(\%asked, scalar @$all) . ',"syncStatus":'
    . sync_text($user{$id}, $all) . '}';
}

sub contact_text {
  my ($contact, $limit) = @_;
  # Made once: the text up to the activities, and that of each activity.
  $contact->{text} //= row_text($contact, \@CONTACT);
  my $list = $activities{$contact->{id}} // [];
  my $count = $limit < @$list ? $limit : @$list;
  my @texts = map { $_->{text} //= '{' . row_text($_, \@ACTIVITY) . '}' }
    @$list[0 .. $count - 1];
  return "{$contact->{text},\"activities\":[" . join(',', @texts) . ']}';
}

sub row_text {
  my ($row, $columns) = @_;
  return join ',',
    map { qq("$_->{name}":) . value_text($_->{type}, $row->{$_->{name}}) }
    @$columns;
}

sub pagination_text {
  my ($asked, $total) = @_;
  my $pages = pages($total, $asked->{limit});
  my $more = $asked->{page} < $pages;
  return object_text(
    page => $asked->{page}, limit => $asked->{limit}, total => $total,
    totalPages => $pages, hasNext => boolean($more),
    hasPrev => boolean($asked->{page} > 1), hasMore => boolean($more),
    nextCursor => 'null');
}

sub sync_text {
  my ($user, $all) = @_;
  my $synced = grep { $_->{updateSyncStatus} eq 'SYNCED' } @$all;
  return object_text(
    status => value_text('text', $user->{syncStatus}),
    lastSync => value_text('time', $user->{lastSyncTimestamp}),
    totalContacts => scalar @$all, syncedContacts => $synced,
    pendingSync => boolean($synced < @$all),
    syncInProgress => boolean($user->{syncStatus} eq 'IN_PROGRESS'));
}

sub object_text {
  my @parts;
  while (my ($name, $value) = splice @_, 0, 2) {
    push @parts, qq("$name":$value);
  }
  return '{' . join(',', @parts) . '}';
}

sub value_text {
  my ($type, $value) = @_;
  return 'null' if !defined $value;
  return string_text($value) if $type eq 'text';
  return time_text($value) if $type eq 'time';
  return $value if $type eq 'integer';
  return boolean($value eq 't');
}

sub boolean { return $_[0] ? 'true' : 'false' }

# 2024-01-15 09:00:00.5 (UTC) is "2024-01-15T09:00:00.500Z".
sub time_text {
  my $text = shift;
  $text =~ /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,3}))?$/
    or die "not a timestamp(3): $text\n";
  return sprintf '"%sT%s.%sZ"', $1, $2, substr(($3 // '') . '000', 0, 3);
}

# Only what must be escaped is, and shortly where JSON has a short form.
sub string_text {
  my $text = shift;
  my %short = ("\b" => 'b', "\f" => 'f', "\n" => 'n', "\r" => 'r', "\t" => 't',
    '"' => '"', '\\' => '\\');
  $text =~ s{(["\\\x00-\x1f])}
    {'\\' . ($short{$1} // sprintf 'u%04x', ord $1)}ge;
  return qq("$text");
}

# ---- Comparing ----

sub compare {
  my %missing = map { $_ => 1 } $any ? () : requests();
  my ($answers, $wrong) = (0, 0);
  while (my $line = <STDIN>) {
    chomp $line;
    my ($id, $query, $body) = split /\t/, $line, 3;
    $answers++;
    delete $missing{"$id\t" . ($query // '')};
    my $difference = difference($id, $query // '', $body // '');
    next if !defined $difference;
    report($wrong++, "$id ?$query: $difference");
  }
  my $absent = keys %missing;
  my $shown = 0;
  report($shown++, "no answer: $_") for sort keys %missing;
  print "$answers answers, $wrong wrong, $absent missing\n";
  return $wrong || $absent || !$answers ? 1 : 0;
}

sub report {
  my ($before, $text) = @_;
  print "$text\n" if $before < $DIFFERENCES_SHOWN;
  print "...\n" if $before == $DIFFERENCES_SHOWN;
}

# What is wrong with an answer, or undef.  Equal data gives equal bytes, so
# the bytes are compared; only when they differ are they looked into.
sub difference {
  my ($id, $query, $body) = @_;
  return 'there is no such user' if !$user{$id};
  my $ms = qr/(?:0|[1-9]\d*)\.\d{3}/;
  my ($data) = $body =~ m{^\{"success":true,"data":(.*),"performance":
    \{"queryTime":$ms,"cacheHit":(?:true|false),"totalTime":$ms\}\}\s*$}sx
    or return 'not a success with data and performance: '
      . excerpt($body, 0) . ' ... ' . substr($body, -150);
  my $want = expected_data($id, $query);
  return undef if $data eq $want;
  return explain($data, $want);
}

# Names the first value, key or spelling that differs.
sub explain {
  my ($got, $want) = @_;
  my @got = eval { tokens($got) };
  return "not JSON: $@" if $@;
  my @want = tokens($want);
  my $count = @got < @want ? @got : @want;
  for my $i (0 .. $count - 1) {
    next if $got[$i] eq $want[$i];
    return "got $got[$i], wanted $want[$i]";
  }
  return 'got more than wanted: ' . $got[$count] if @got > @want;
  return 'got less than wanted: ' . $want[$count] if @want > @got;
  my $at = 0;
  $at++ while substr($got, $at, 1) eq substr($want, $at, 1);
  return 'the same values, but spelt differently: got ' . excerpt($got, $at)
    . ', wanted ' . excerpt($want, $at);
}

sub excerpt {
  my ($text, $at) = @_;
  my $from = $at > 20 ? $at - 20 : 0;
  return substr $text, $from, 120;
}

# JSON text as a list of "path value" in the order written, so that a key out
# of its place, a number sent as a string and a wrong value all show.
sub tokens {
  my $text = shift;
  my @found;
  my $value;
  $value = sub {
    my $path = shift;
    $text =~ /\G\s*/gc;
    if ($text =~ /\G\{/gc) {
      push @found, "$path {";
      return if $text =~ /\G\s*\}/gc;
      while (1) {
        $text =~ /\G\s*"([^"\\]*)"\s*:/gc or die fault(\$text, 'a key');
        $value->("$path.$1");
        next if $text =~ /\G\s*,/gc;
        last if $text =~ /\G\s*\}/gc;
        die fault(\$text, 'a comma or brace');
      }
      push @found, "$path }";
    } elsif ($text =~ /\G\[/gc) {
      push @found, "$path [";
      return if $text =~ /\G\s*\]/gc;
      for (my $i = 0; ; $i++) {
        $value->($path . "[$i]");
        next if $text =~ /\G\s*,/gc;
        last if $text =~ /\G\s*\]/gc;
        die fault(\$text, 'a comma or bracket');
      }
      push @found, "$path ]";
    } elsif ($text =~ /\G"((?:[^"\\\x00-\x1f]|\\.)*)"/gc) {
      push @found, "$path string " . unescaped($1);
    } elsif ($text =~ /\G(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)/gc) {
      push @found, "$path number $1";
    } elsif ($text =~ /\G(true|false|null)/gc) {
      push @found, "$path $1";
    } else {
      die fault(\$text, "a value of $path");
    }
  };
  $value->('data');
  $text =~ /\G\s*\z/gc or die fault(\$text, 'the end');
  return @found;
}

sub fault {
  my ($text, $wanted) = @_;
  my $at = pos($$text) // 0;
  return "no $wanted at byte $at: " . excerpt($$text, $at);
}

sub unescaped {
  my $text = shift;
  my %plain = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t");
  $text =~ s{\\(?:u([0-9a-fA-F]{4})|(.))}
    {defined $1 ? utf8_of(hex $1) : $plain{$2} // $2}ge;
  return $text;
}

sub utf8_of {
  my $text = chr shift;
  utf8::encode($text);
  return $text;
}
