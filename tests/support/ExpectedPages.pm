package ExpectedPages;

# What the answers ought to be: read from the tables row by row, then matched,
# sorted, cut, grouped and written here, by the contract alone.  Shares nothing
# with the program and its SQL.
#
#   read_tables([ROWS])         all users; ROWS, instead of a psql for each
#                               table, is called with a SELECT and returns the
#                               lines that COPY makes of its rows
#   read_users(ROWS, ID...)     some users' rows again
#   user_ids(), contacts_of(ID) the ids sorted; the rows in their order
#   search_target(Q)            what finds Q
#   sequence(ID, TARGET)        ids of all contacts that it pages through, as
#                               JSON text; shown_ids(BODY) those of an answer
#   expected(ID, TARGET)        what is to come: {field => 'q'} is a 400; of a
#                               200 there are `data` as JSON text, `total` and
#                               `shown`, the contacts' rows
#   difference(ID, TARGET, STATUS, BODY)   what is wrong with an answer
#   next_cursor(BODY)           or undef; difference() has to see BODY first
#   set_place(ID, TARGET, CURSOR, ROW)     as if an answer had said so
#
# TARGET is a query of /api/my-500, or "search?" and one of /api/my-500/search.
#
# A cursor means what the answer said that gave it out: "after this contact, as
# it was then".  Which characters it has is not known here; where one is due
# `data` has nextCursor "*", and searchTime is 0.000 there.

use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use Scalar::Util 'weaken';

our @EXPORT = qw(read_tables read_users user_ids contacts_of search_target
  sequence shown_ids expected difference next_cursor set_place);

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

my %user;          # by id
my %contacts;      # lists by user; in their order when in %sorted
my %sorted;
my %activities;    # lists by contact
my %matches;       # by user and q: lists in their order
my %place;         # by user, endpoint, q and cursor: a contact's row

# ---- Reading the tables ----

sub columns {
  return map { my ($name, $type) = split /:/; { name => $name, type => $type } }
    split ' ', shift;
}

sub read_tables {
  my $rows = shift // \&rows_by_psql;
  (%user, %contacts, %sorted, %activities, %matches) = ();
  $user{$_->{id}} = $_ for read_rows($rows, 'users', \@USER);
  file_contacts(read_rows($rows, 'contacts', \@CONTACT));
  file_activities(read_rows($rows, 'activities', \@ACTIVITY));
}

sub read_users {
  my ($rows, @ids) = @_;
  my $list = join ', ', map { "'" . s/'/''/gr . "'" } @ids;
  delete @activities{map { $_->{id} } @{$contacts{$_} // []}} for @ids;
  delete @{$_}{@ids} for \%user, \%contacts, \%sorted, \%matches;
  $user{$_->{id}} = $_
    for read_rows($rows, "users WHERE id IN ($list)", \@USER);
  file_contacts(
    read_rows($rows, qq(contacts WHERE "userId" IN ($list)), \@CONTACT));
  file_activities(read_rows($rows, qq(activities WHERE "contactId" IN
    (SELECT id FROM contacts WHERE "userId" IN ($list))), \@ACTIVITY));
}

sub file_contacts { push @{$contacts{$_->{userId}}}, $_ for @_ }

sub file_activities {
  push @{$activities{$_->{contactId}}}, $_
    for grep { defined $_->{contactId} } @_;
}

sub read_rows {
  my ($rows, $from, $columns) = @_;
  my @names = map { $_->{name} } @$columns;
  my $list = join ', ', map { qq("$_") } @names;
  return map {
    my %row;
    @row{@names} = map { from_copy($_) } split /\t/, $_, -1;
    \%row;
  } $rows->("SELECT $list FROM $from");
}

# The database is the one that psql finds through PGHOST, PGPORT, PGDATABASE
# and PGUSER (which must be allowed to read the tables whole).
sub rows_by_psql {
  my $select = shift;
  local $ENV{PGCLIENTENCODING} = 'UTF8';
  local $ENV{PGDATESTYLE} = 'ISO';
  open my $in, '-|', 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c',
    "COPY ($select) TO STDOUT"
    or die "psql: $!\n";
  chomp(my @lines = <$in>);
  close $in or die "psql failed: $select\n";
  return @lines;
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

sub user_ids { return sort keys %user }

sub contacts_of {
  my $id = shift;
  my $list = $contacts{$id} //= [];
  @$list = sort { by_priority($a, $b) } @$list if !$sorted{$id}++;
  return $list;
}

# ---- Order (section 1.3) ----

sub by_priority {
  my ($left, $right) = @_;
  return $right->{addedToCampaign} cmp $left->{addedToCampaign} # 't' > 'f'
    || $left->{warmnessScore} <=> $right->{warmnessScore}
    || nulls_last(moment($left, 'lastContacted'),
      moment($right, 'lastContacted'))
    || moment($right, 'createdAt') cmp moment($left, 'createdAt')
    || $left->{id} cmp $right->{id};
}

sub nulls_last {
  my ($left, $right) = @_;
  return defined $right ? 1 : 0 if !defined $left;
  return defined $right ? $left cmp $right : -1;
}

sub newest_first {
  my ($left, $right) = @_;
  return moment($right, 'createdAt') cmp moment($left, 'createdAt')
    || $right->{id} cmp $left->{id};
}

# A timestamp as text that sorts: years count from 10,000 BC, and "12:00:00"
# is before "12:00:00.5".
sub moment {
  my ($row, $name) = @_;
  return $row->{moment}{$name} if exists $row->{moment}{$name};
  my $text = $row->{$name};
  my $moment;
  if (!defined $text) { $moment = undef }
  elsif ($text eq '-infinity') { $moment = '' }
  elsif ($text eq 'infinity') { $moment = '~' }
  else {
    my ($year, $rest, $bc) = $text =~ /^(\d+)(-[-0-9:. ]*\d)( BC)?$/
      or die "not a timestamp: $text\n";
    $moment = sprintf '%07d%s', 10000 + ($bc ? 1 - $year : $year), $rest;
  }
  return $row->{moment}{$name} = $moment;
}

# ---- Matching (section 1.2) ----

# What `fold` makes equal is the same but for case.  PostgreSQL lowers letter
# by letter; Perl makes two of one letter only, the I with a dot.
sub fold {
  my $text = shift;
  utf8::decode($text) or die "not UTF-8\n";
  utf8::upgrade($text); # lc of Latin-1's letters depends on it
  $text =~ s/\x{130}/i/g;
  return lc $text;
}

sub matching {
  my ($id, $q) = @_;
  return contacts_of($id) if $q eq '';
  my $wanted = fold($q);
  return $matches{$id}{$q} //= [grep { contains($_, $wanted) }
    @{contacts_of($id)}];
}

sub contains {
  my ($row, $wanted) = @_;
  $row->{folded} //=
    [map { fold($_) } grep { defined } @$row{qw(name email organisation)}];
  for (@{$row->{folded}}) { return 1 if index($_, $wanted) >= 0 }
  return 0;
}

# ---- Parameters (section 1.1) ----

sub search_target {
  my $q = shift;
  $q =~ s/([^A-Za-z0-9._~-])/sprintf '%%%02X', ord $1/ge;
  return "search?q=$q";
}

# The parameters of a target; {field => NAME} when that one is at fault.
sub asked {
  my ($id, $target) = @_;
  my %asked = (page => 1, limit => 20, activities => 5, q => '');
  my %range = (page => [1, 1_000_000], limit => [1, 100],
    activities => [0, 20]);
  my %met;
  $asked{is_search} = $target =~ s/^search(?:\?|$)// ? 1 : 0;
  $met{q} = 1 if !$asked{is_search};    # unknown to the list
  for (split /&/, $target) {
    my ($name, $text) = split /=/, $_, 2;
    $name = decoded($name // '');
    next if !defined $name || $name !~ /^(?:page|limit|activities|cursor|q)\z/;
    next if $met{$name}++ || ($text // '') eq '';
    $met{"$name given"} = 1;
    my $value = decoded($text);
    if (my $range = $range{$name}) {
      return {field => $name} if !defined $value || $value !~ /^0*[0-9]{1,12}\z/
        || $value < $range->[0] || $value > $range->[1];
      $value += 0;
    } elsif ($name eq 'q') {
      return {field => $name} if !defined $value || characters($value) > 200;
    }
    $asked{$name} = $value;
  }
  return \%asked if !$met{'cursor given'};
  my $place = defined $asked{cursor}
    && $place{place_key($id, \%asked, $asked{cursor})};
  return {field => 'cursor'} if $met{'page given'} || !$place;
  $asked{after} = $place;
  return \%asked;
}

# Undef when it is not what the contract allows.
sub decoded {
  my $text = shift;
  $text =~ tr/+/ /;
  return undef if $text =~ /%(?![0-9A-Fa-f]{2})/;
  $text =~ s/%(..)/chr hex $1/ge;
  return is_utf8($text) && index($text, "\0") < 0 ? $text : undef;
}

# By the table of RFC 3629, section 4.
sub is_utf8 {
  my $tail = '[\x80-\xbf]';
  return shift =~ /^(?:[\x00-\x7f]|[\xc2-\xdf]$tail|\xe0[\xa0-\xbf]$tail
    |[\xe1-\xec\xee\xef]$tail$tail|\xed[\x80-\x9f]$tail
    |\xf0[\x90-\xbf]$tail$tail|[\xf1-\xf3]$tail$tail$tail
    |\xf4[\x80-\x8f]$tail$tail)*\z/x;
}

sub characters {
  my $text = shift;
  utf8::decode($text);
  return length $text;
}

# ---- Cursors ----

sub place_key {
  my ($id, $asked, $cursor) = @_;
  return join "\0", $id, $asked->{is_search}, $asked->{q}, $cursor;
}

sub set_place {
  my ($id, $target, $cursor, $row) = @_;
  $place{place_key($id, asked($id, without_cursor($target)), $cursor)} = $row;
}

sub without_cursor {
  my $target = shift;
  $target =~ s/(^|[?&])cursor=[^&]*/$1/g;
  return $target;
}

# How many of a list are not after a place in their order.
sub index_after {
  my ($list, $place) = @_;
  my ($low, $high) = (0, scalar @$list);
  while ($low < $high) {
    my $middle = int(($low + $high) / 2);
    if (by_priority($list->[$middle], $place) > 0) { $high = $middle }
    else { $low = $middle + 1 }
  }
  return $low;
}

sub sequence {
  my ($id, $target) = @_;
  my $list = matching($id, asked($id, without_cursor($target))->{q});
  return map { string_text($_->{id}) } @$list;
}

sub shown_ids {
  return shift =~ /\{"id":("(?:[^"\\]|\\.)*"),"name":/g;
}

sub next_cursor {
  my $body = shift;
  return $body =~ /"nextCursor":"([^"]*)"\},"(?:syncStatus|searchStats)":/
    ? $1 : undef;
}

# ---- The expected `data`, as JSON text (section 2) ----

sub expected {
  my ($id, $target) = @_;
  my $asked = asked($id, $target);
  return $asked if $asked->{field};
  my $list = matching($id, $asked->{q});
  my $first = $asked->{after} ? index_after($list, $asked->{after})
    : ($asked->{page} - 1) * $asked->{limit};
  my $last = $first + $asked->{limit} - 1;
  $last = $#$list if $last > $#$list;
  my @shown = $first <= $last ? @$list[$first .. $last] : ();
  my $more = $first + $asked->{limit} < @$list;
  my $data = '{"contacts":['
    . join(',', map { contact_text($_, $asked->{activities}) } @shown)
    . '],"pagination":' . pagination_text($asked, scalar @$list, $more)
    . ($asked->{is_search}
      ? ',"searchStats":' . search_text($asked->{q}, scalar @$list)
      : ',"syncStatus":' . sync_text($user{$id}, $list)) . '}';
  return {data => $data, total => scalar @$list, shown => \@shown,
    asked => $asked};
}

sub contact_text {
  my ($contact, $limit) = @_;
  # Made once: the text up to the activities, and that of each activity.
  $contact->{text} //= row_text($contact, \@CONTACT);
  my $list = $activities{$contact->{id}} // [];
  @$list = sort { newest_first($a, $b) } @$list
    if !$contact->{has_sorted_activities}++;
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
  my ($asked, $total, $more) = @_;
  return object_text(
    page => $asked->{after} ? 'null' : $asked->{page},
    limit => $asked->{limit}, total => $total,
    totalPages => int(($total + $asked->{limit} - 1) / $asked->{limit}),
    hasNext => boolean($more),
    hasPrev => boolean($asked->{after} || $asked->{page} > 1),
    hasMore => boolean($more), nextCursor => $more ? '"*"' : 'null');
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

sub search_text {
  my ($q, $total) = @_;
  return object_text(query => string_text($q), totalResults => $total,
    searchTime => '0.000');
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

# 2024-01-15 09:00:00.5 (UTC) is "2024-01-15T09:00:00.500Z".  Years of other
# than four digits are as JavaScript writes them; JSON has no infinity.
sub time_text {
  my $text = shift;
  return 'null' if $text =~ /^-?infinity$/;
  $text =~ /^(\d{4,})(-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?( BC)?$/
    or die "not a timestamp: $text\n";
  my $year = $5 ? 1 - $1 : $1;
  return sprintf '"%s%sT%s.%sZ"',
    sprintf($year < 0 ? '%07d' : $year > 9999 ? '+%06d' : '%04d', $year),
    $2, $3, substr(($4 // '') . '000', 0, 3);
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

my $MS = qr/(?:0|[1-9]\d*)\.\d{3}/;

# What is wrong with an answer, or undef.  Equal data gives equal bytes, so
# the bytes are compared; only when they differ are they looked into.
sub difference {
  my ($id, $target, $status, $body) = @_;
  return 'there is no such user' if !$user{$id};
  my $want = expected($id, $target);
  return refusal_difference($want->{field}, $status, $body) if $want->{field};
  return "got $status " . excerpt($body, 0) if $status != 200;
  my ($got) = $body =~ m{^\{"success":true,"data":(.*),"performance":
    \{"queryTime":$MS,"cacheHit":(?:true|false),"totalTime":$MS\}\}\s*$}sx
    or return 'not a success with data and performance: '
      . excerpt($body, 0) . ' ... ' . substr($body, -150);
  $got =~ s/"searchTime":$MS\}\}$/"searchTime":0.000}}/
    if $want->{asked}{is_search};
  my $cursor = next_cursor($body);
  if (defined $cursor && @{$want->{shown}}) {
    my $last = $want->{shown}[-1];
    # Short; room for the id, when that is long.
    my $most = 120 + 1.4 * length $last->{id};
    return "not a cursor: $cursor"
      if $cursor !~ /^[A-Za-z0-9_-]+\z/ || length $cursor > $most;
    my $from = rindex $got, qq("nextCursor":"$cursor");
    substr $got, $from + 14, length $cursor, '*';
    my $known = \$place{place_key($id, $want->{asked}, $cursor)};
    return "the cursor of another place: $cursor"
      if $$known && by_priority($$known, $last) != 0;
    $$known = $last;
  }
  return $got eq $want->{data} ? undef : explain($got, $want->{data});
}

sub refusal_difference {
  my ($field, $status, $body) = @_;
  return "got $status, wanted 400 for $field" if $status != 400;
  return undef if $body =~ /^\{"success":false,"error":"[^"\\]+",
    "code":"VALIDATION_ERROR","requestId":"[A-Za-z0-9._-]+",
    "details":\{"field":"$field"\}\}\s*$/x;
  return "not a refusal of $field: " . excerpt($body, 0);
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
  my $read_value = $value = sub {
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
  weaken($value); # it refers to itself
  $read_value->('data');
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

1;
