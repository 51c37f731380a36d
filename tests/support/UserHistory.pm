package UserHistory;

# What a user's contacts were, version by version, for all processes of
# freshness.pl: a file to which a line is added when something happens,
#
#   begun VERSION MOMENT STATE   a transaction is about to make it so
#   done VERSION MOMENT          its commit has returned
#   undone VERSION MOMENT        it is rolled back
#
# with the moments of now().  A state is
#
#   {is_there, status, synced_at, contacts => {ID => {name, job, warmth, sync}},
#     activities => {ID => {contact, subject, made_at, user}}}
#
# where no word has a tab, a slash, a comma or a semicolon; times are as in
# JSON.  An activity's user is the one of its row, which need not be the owner
# of its contact.
#
#   open_history(FILE, USER)  reads nothing yet
#   $h->lock, $h->unlock      among processes, for who adds a version
#   $h->read                  what has happened since
#   $h->newest_state          a copy, to be changed
#   $h->begin(STATE)          the number of the new version
#   $h->end(NUMBER, DONE)
#   $h->pending               the number of a version that is neither; or undef
#   $h->forget(SECONDS)       what was over before that
#   seen_in(BODY)             of an answer, what a version tells
#   $h->compare(SEEN, TARGET, MOMENT)   how late an answer is that was asked
#       for at that moment: (SECONDS since the first change that it lacks was
#       committed, or 0; what it is a version of), or nothing when it shows no
#       version at all.  TARGET is {query, limit, activities, page} or
#       {..., after => PLACE, after_id}; without a query it is the list.
#   $h->expected(TARGET)      what the newest version would tell

use strict;
use warnings FATAL => 'all';
use Exporter 'import';
use Fcntl qw(:DEFAULT :flock);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our @EXPORT = qw(open_history now seen_in $UNKNOWN_USER);

our $UNKNOWN_USER = 'no such user';

sub now { return clock_gettime(CLOCK_MONOTONIC) }

sub open_history {
  my ($file, $user) = @_;
  sysopen my $handle, $file, O_RDWR | O_APPEND | O_CREAT
    or die "$file: $!\n";
  return bless {user => $user, handle => $handle, at => 0, rest => '',
    versions => [], last => 0}, __PACKAGE__;
}

sub lock {
  my $h = shift;
  flock $h->{handle}, LOCK_EX or die "flock: $!\n";
}

sub unlock {
  my $h = shift;
  flock $h->{handle}, LOCK_UN;
}

# ---- Lines ----

sub read {
  my $h = shift;
  while (1) {
    sysseek $h->{handle}, $h->{at}, 0;
    my $count = sysread $h->{handle}, $h->{rest}, 1 << 20, length $h->{rest};
    last if !$count;
    $h->{at} += $count;
    while ($h->{rest} =~ s/^(.*)\n//) {
      $h->take(split / /, $1, 4);
    }
  }
}

sub take {
  my ($h, $what, $number, $moment, $state) = @_;
  my $versions = $h->{versions};
  if ($what eq 'begun') {
    push @$versions, {number => $number, text => $state, told => {}};
    $h->{last} = $number;
    return;
  }
  die "$h->{user}: $what $number, which is not the last\n"
    if !@$versions || $versions->[-1]{number} != $number;
  if ($what eq 'done') {
    $versions->[-1]{done} = $moment;
  } else {
    pop @$versions;
  }
}

sub add {
  my ($h, $what, $number, @more) = @_;
  my $line = join(' ', $what, $number, sprintf('%.6f', now()), @more) . "\n";
  my $count = syswrite $h->{handle}, $line;
  die "no history of $h->{user}: $!\n"
    if !defined $count || $count != length $line;
  $h->read;
}

sub begin {
  my ($h, $state) = @_;
  my $number = $h->{last} + 1;
  $h->add('begun', $number, encode($state));
  return $number;
}

sub end {
  my ($h, $number, $is_done) = @_;
  $h->add($is_done ? 'done' : 'undone', $number);
}

sub pending {
  my $h = shift;
  my $last = $h->{versions}[-1];
  return $last && !defined $last->{done} ? $last->{number} : undef;
}

sub forget {
  my ($h, $seconds) = @_;
  my ($versions, $end) = ($h->{versions}, now() - $seconds);
  shift @$versions
    while @$versions > 1 && ($versions->[1]{done} // $end) < $end;
}

# ---- States ----

my @CONTACT = qw(name job warmth sync);
my @ACTIVITY = qw(contact subject made_at user);

sub encode {
  my $state = shift;
  return '-' if !$state->{is_there};
  return join '/', "$state->{status},$state->{synced_at}",
    rows($state->{contacts}, @CONTACT), rows($state->{activities}, @ACTIVITY);
}

sub rows {
  my ($rows, @columns) = @_;
  return join ';', map { join ',', $_, @{$rows->{$_}}{@columns} } keys %$rows;
}

sub decode {
  my $text = shift;
  return {contacts => {}, activities => {}} if $text eq '-';
  my ($user, $contacts, $activities) = split m(/), $text, -1;
  my %state = (is_there => 1, contacts => table($contacts, @CONTACT),
    activities => table($activities, @ACTIVITY));
  @state{qw(status synced_at)} = split /,/, $user;
  return \%state;
}

sub table {
  my ($text, @columns) = @_;
  my %rows;
  for (split /;/, $text) {
    my ($id, @values) = split /,/, $_, -1;
    @{$rows{$id}}{@columns} = @values;
  }
  return \%rows;
}

sub newest_state {
  my $h = shift;
  my $last = $h->{versions}[-1];
  return decode($last ? $last->{text} : '-');
}

# ---- Answers ----

# The values of these keys, in an answer's order.
my @KEYS = qw(id name warmnessScore updateSyncStatus jobTitle userId subject
  contactId page total totalPages hasNext hasPrev status lastSync totalContacts
  syncedContacts pendingSync syncInProgress query totalResults);
my $keys = join '|', @KEYS;
my $values = qr/"(?:$keys)":("[^"]*"|[^,}]+)/;

sub seen_in {
  return join ' ', $_[0] =~ /$values/g;
}

sub compare {
  my ($h, $seen, $target, $moment) = @_;
  my $versions = $h->{versions};
  for (my $i = $#$versions; $i >= 0; $i--) {
    next if $h->told($versions->[$i], $target) ne $seen;
    my $next = $versions->[$i + 1];
    my $late = $next && defined $next->{done} && $next->{done} < $moment
      ? $moment - $next->{done} : 0;
    return ($late, $versions->[$i]{number});
  }
  return ();
}

sub expected {
  my ($h, $target) = @_;
  return $h->told($h->{versions}[-1], $target);
}

sub told {
  my ($h, $version, $target) = @_;
  $target->{key} //= join ' ', map { $_ // '-' }
    @$target{qw(query limit activities page after after_id)};
  return $version->{told}{$target->{key}} //= do {
    my $state = $version->{state} //= ordered(decode($version->{text}));
    !$state->{is_there} ? $UNKNOWN_USER : $h->tell($state, $target);
  };
}

# With the contacts in the order of the list, and each with its activities in
# theirs.
sub ordered {
  my $state = shift;
  my ($contacts, $activities) = @$state{qw(contacts activities)};
  my %of;
  push @{$of{$activities->{$_}{contact}}}, $_ for keys %$activities;
  $state->{list} = [
    map { {id => $_, %{$contacts->{$_}}, activities => [
      map { {id => $_, %{$activities->{$_}}} }
      sort { $activities->{$b}{made_at} cmp $activities->{$a}{made_at}
          or $b cmp $a } @{$of{$_} // []}]} }
    sort { $contacts->{$a}{warmth} <=> $contacts->{$b}{warmth}
        or $a cmp $b } keys %$contacts];
  return $state;
}

sub tell {
  my ($h, $state, $target) = @_;
  my ($query, $limit) = @$target{qw(query limit)};
  my @list = @{$state->{list}};
  my $synced = grep { $_->{sync} eq 'SYNCED' } @list;
  my $all = @list;
  @list = grep { index(lc $_->{name}, lc $query) >= 0 } @list
    if defined $query;
  my $total = @list;
  if (defined $target->{after}) {
    @list = grep { $_->{warmth} > $target->{after}
        || $_->{warmth} == $target->{after} && $_->{id} gt $target->{after_id}
    } @list;
  } else {
    splice @list, 0, ($target->{page} - 1) * $limit;
  }
  my $has_next = @list > $limit;
  splice @list, $limit if $has_next;
  my $pages = int(($total + $limit - 1) / $limit);
  my $page = defined $target->{after} ? 'null' : $target->{page};
  return join ' ', (map { $h->tell_contact($_, $target->{activities}) } @list),
    $page, $total, $pages, bool($has_next), bool($page eq 'null' || $page > 1),
    defined $query ? (quoted($query), $total)
    : (quoted($state->{status}), quoted($state->{synced_at}), $all, $synced,
      bool($synced < $all), bool($state->{status} eq 'IN_PROGRESS'));
}

sub tell_contact {
  my ($h, $contact, $limit) = @_;
  my @activities = @{$contact->{activities}};
  splice @activities, $limit if @activities > $limit;
  return map({ quoted($contact->{$_}) } qw(id name)), $contact->{warmth},
    map({ quoted($contact->{$_}) } qw(sync job)), quoted($h->{user}),
    map { (quoted($_->{id}), quoted($_->{subject}), '"SYNCED"',
      quoted($_->{user}), quoted($contact->{id})) } @activities;
}

sub quoted { return qq("$_[0]") }

sub bool { return $_[0] ? 'true' : 'false' }

1;
