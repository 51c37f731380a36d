#!/usr/bin/env perl
# freshness.pl DIRECTORY [NAME=NUMBER...] SOCKET...: whether every answer of
# my500 holds every change that was committed a while before it was asked for,
# and nothing else.  For a database with the tables, and no rows of others that
# matter: TRUNCATE is among what happens to them.
#
#   users=4       that are asked about
#   readers=6     processes that ask, straight at the SOCKETs, all the time
#   writers=3     processes that change contacts, activities and users in every
#                 way, each through a psql of its own
#   writes=20     transactions a second, of all writers, at most
#   answers=50    for each of them, at least: so that most are cached on a slow
#                 machine, too
#   seed=...      for the same transactions and requests, not at the same times
#
# Each transaction makes a version of its users, known before it is sent and
# marked when its commit has returned (UserHistory.pm); an answer must be, to
# the letter, that of a version which is recent enough.
#
# The script that runs it says what to expect, in lines that it adds to
# DIRECTORY/phases, the first of them before it begins:
#
#   phase NAME LATE [down]   from now on, an answer may lack what was committed
#                            up to LATE milliseconds before it was asked for;
#                            "down": PostgreSQL may be away, so that it may also
#                            be 503, or old with a Warning
#   end
#
# DIRECTORY/count tells how many phases there were and how many answers in the
# last of them.  At the end it prints a line of numbers for each phase, and for
# the first that are wrong why; it exits 1 when any were.

use strict;
use warnings FATAL => 'all';
use Fcntl;
use FindBin;
use List::Util qw(first max min shuffle sum0);
use Time::HiRes qw(sleep);
use lib $FindBin::Bin;
use FastCgi;
use PageClient;
use UserHistory;

my $COMPLAINTS_MAX = 10;
my $MEMORY_S = 320;    # more than MY500_PAGE_TTL
my $WAIT_S = 1;        # of a writer for answers
my @COUNTED = qw(answers hit miss stale off unavailable refused unchanged
  violations);

my %options = (users => 4, readers => 6, writers => 3, writes => 20,
  answers => 50, seed => int rand 1_000_000_000);
my ($directory, @sockets) = grep { !/^(\w+)=(\d+)$/
    || (exists $options{$1} ? ($options{$1} = $2) && 0 : 1) } @ARGV;
die "usage: $0 DIRECTORY [NAME=NUMBER...] SOCKET... (see its head)\n"
  if !@sockets;

# So many others, that one statement on all contacts concerns more owners than
# are notified one by one.
my $CROWD = 120;

my @users = map { "fresh$_" } 1 .. $options{users};
my %mark;    # of a user, in the names of all his contacts: nobody else's secret
my %history;
my @phases;      # [name, seconds, is down]
my $is_over = 0;
my $phases_in;
my $me;          # the number of this reader or writer, from 0
my ($session, $second_session);

sub main {
  $| = 1;
  print "seed=$options{seed}\n";
  srand $options{seed};
  $mark{$_} = sprintf 'm%08x', rand 2**32 for @users;
  open_histories();
  follow_phases();
  make_rows();
  return watch(start_all());
}

sub open_histories {
  %history = map { $_ => open_history("$directory/$_.history", $_) } @users;
}

sub read_histories { $_->read for @history{@_} }

# ---- Phases ----

sub follow_phases {
  if (!$phases_in) {
    open $phases_in, '<', "$directory/phases" or die "phases: $!\n";
  }
  seek $phases_in, 0, 1;    # it may have an end again
  while (defined(my $line = <$phases_in>)) {
    my ($what, $name, $late, $down) = split ' ', $line;
    if ($what eq 'end') {
      $is_over = 1;
    } else {
      push @phases, [$name, $late / 1000, defined $down];
    }
  }
  return $#phases;
}

# ---- Processes ----

sub start_all {
  my %of_pid;
  open my $slots, '>', "$directory/slots" or die "slots: $!\n";
  for (['writer', \&write_on], ['reader', \&ask_on]) {
    my ($kind, $work) = @$_;
    for my $number (0 .. $options{"${kind}s"} - 1) {
      my $pid = fork // die "fork: $!\n";
      $of_pid{$pid} = "$kind$number" if $pid;
      next if $pid;
      $me = $number;
      srand $options{seed} + 1000 * ($kind eq 'writer') + $number;
      # A file of its own: the offset is not to be shared.
      close $phases_in;
      undef $phases_in;
      @phases = ();
      open_histories();
      my $ok = eval { $work->(getppid()); 1 };
      print "$kind $number: $@" if !$ok;
      exit !$ok;
    }
  }
  return \%of_pid;
}

# Tells how far they are, until all have ended; then how it was.
sub watch {
  my $running = shift;
  my $failed = 0;
  sysopen my $slots, "$directory/slots", O_RDONLY or die "slots: $!\n";
  while (%$running) {
    while ((my $pid = waitpid -1, 1) > 0) {
      my $name = delete $running->{$pid} // next;
      next if $failed || !$? && $is_over;
      print "$name ended with $?\n";
      $failed = 1;
      kill 'TERM', keys %$running;
    }
    my $phase = follow_phases();
    tell_count($phase + 1, sum0(map { $_->[1] }
      grep { $_->[0] == $phase + 1 } slots_of($slots)));
    sleep 0.05;
  }
  return summarize() || $failed;
}

# What the readers tell of themselves: [number of the phase, answers in it,
# answers].
my $SLOT_BYTES = 12;

sub slots_of {
  my $slots = shift;
  sysseek $slots, 0, 0;
  sysread $slots, my $bytes, $SLOT_BYTES * $options{readers};
  return map { [unpack 'NNN', $_] } ($bytes // '') =~ /.{$SLOT_BYTES}/gs;
}

sub tell_count {
  open my $out, '>', "$directory/count.new" or die "count: $!\n";
  print $out "@_\n";
  close $out;
  rename "$directory/count.new", "$directory/count";
}

sub summarize {
  my (%sum, @complaints, %commits);
  for my $file (glob "$directory/*.result") {
    open my $in, '<', $file or die "$file: $!\n";
    while (<$in>) {
      chomp;
      my ($what, @words) = split / /, $_, 4;
      if ($what eq 'complaint') {
        push @complaints, [$words[0], join ' ', @words[1 .. $#words]];
      } elsif ($what eq 'commits') {
        $commits{$words[0]} += $words[1];
      } else {
        my ($phase, $number) = @words;
        $sum{$phase}{$what} = $what eq 'late'
          ? max($sum{$phase}{$what} // 0, $number)
          : ($sum{$phase}{$what} // 0) + $number;
      }
    }
  }
  print "$_->[1]\n"
    for (sort { $a->[0] <=> $b->[0] } @complaints)[0 .. min($COMPLAINTS_MAX - 1,
      $#complaints)];
  print join(', ', map { "$commits{$_} $_" } sort keys %commits), "\n";
  for my $phase (0 .. $#phases) {
    my $of = $sum{$phase} // {};
    printf "%s: %s, late %.0f ms\n", $phases[$phase][0],
      join(', ', map { ($of->{$_} // 0) . " $_" } @COUNTED),
      ($of->{late} // 0) * 1000;
  }
  my $all = sum0(map { $_->{answers} // 0 } values %sum);
  my $wrong = sum0(map { $_->{violations} // 0 } values %sum);
  print "$all answers, $wrong violations\n";
  return $wrong || !$all ? 1 : 0;
}

sub write_result {
  my ($name, @lines) = @_;
  open my $out, '>', "$directory/$name.result" or die "$name.result: $!\n";
  print $out map { "$_\n" } @lines;
  close $out or die "$name.result: $!\n";
}

# ---- Readers ----

my @targets;    # [weight, {query...}]
my %tokens;
my %kept;       # of a user: {cursor, after, after_id, uses}
my %tags;       # of a user's target: [etag, seen]
my @stats;      # of a phase: {counted...}
my @complaints;

sub ask_on {
  my $parent = shift;
  sysopen my $slots, "$directory/slots", O_WRONLY or die "slots: $!\n";
  @targets = make_targets();
  %tokens = map { $_ => token_of($_) } @users;
  my $asked = 0;
  follow_phases();
  until ($is_over) {
    my $phase = one_answer();
    if (++$asked % 20 == 0) {
      sysseek $slots, $SLOT_BYTES * $me, 0;
      syswrite $slots, pack 'NNN', $phase + 1, $stats[$phase]{answers}, $asked;
      exit 1 if getppid() != $parent;
    }
    $history{pick(@users)}->forget($MEMORY_S) if $asked % 500 == 0;
  }
  my @lines = @complaints;
  for my $phase (0 .. $#stats) {
    my $of = $stats[$phase] // next;
    push @lines, map { "$_ $phase $of->{$_}" } keys %$of;
  }
  write_result("reader$me", @lines);
}

# Pages near and far, with and without activities; searches for one's own mark
# (all), a word (some), another's mark (none).
sub make_targets {
  my @list = map { {limit => $_->[0], activities => $_->[1], page => $_->[2]} }
    [3, 1, 1], [3, 1, 1], [2, 0, 1], [5, 2, 1], [2, 1, 2], [3, 0, 3];
  my @searches = map { {query => $_, limit => 2, activities => 1, page => 1} }
    'red', 'GREEN', 'own', 'other', '';
  return @list, @searches, ('cursor') x 2;
}

sub pick { return $_[rand @_] }

sub one_answer {
  my $user = pick(@users);
  my $target = choose_target($user);
  my $tag = $tags{"$user $target->{text}"};
  undef $tag if rand() < 0.7;
  my $request = request_of($user, $target, $tag && $tag->[0]);
  my $phase = follow_phases();
  my $begun = now();
  my ($head, $body) = eval { fastcgi_ask(pick(@sockets), $request) };
  my $error = $@;
  follow_phases();
  $history{$user}->read;
  my %answer = (user => $user, target => $target, begun => $begun,
    phase => $phase, tag => $tag, head => $head // '', body => $body // '');
  count(\%answer, 'answers');
  my $why = defined $body ? judge(\%answer) : $error;
  complain_of(\%answer, $why) if defined $why;
  return $phase;
}

sub choose_target {
  my $user = shift;
  my $target = pick(@targets);
  my $kept = $kept{$user};
  if ($target eq 'cursor') {
    $target = $kept ? $kept->{target} : $targets[0];
    delete $kept{$user} if $kept && $kept->{uses}++ > 30;
  }
  my %target = %$target;
  my $query = $target{query};
  if (defined $query) {
    $target{query} = $mark{$user} if $query eq 'own';
    $target{query} = $mark{first { $_ ne $user } @users} if $query eq 'other';
  }
  $target{text} = join '&', map { "$_=$target{$_}" }
    grep { defined $target{$_} } qw(query limit activities page cursor);
  return \%target;
}

my %requests;

sub request_of {
  my ($user, $target, $tag) = @_;
  return make_request(@_) if $tag || $target->{cursor};
  return $requests{$user}{$target->{text}} //= make_request(@_);
}

sub make_request {
  my ($user, $target, $tag) = @_;
  my $path = '/api/my-500' . (defined $target->{query} ? '/search' : '');
  my $query = $target->{text} =~ s/^query=/q=/r;
  return fastcgi_request(SCRIPT_NAME => $path, QUERY_STRING => $query,
    REQUEST_URI => "$path?$query",
    HTTP_AUTHORIZATION => "Bearer $tokens{$user}",
    $tag ? (HTTP_IF_NONE_MATCH => $tag) : ());
}

sub count { $stats[$_[0]{phase}]{$_[1]}++ }

sub complain_of {
  my ($answer, $why) = @_;
  count($answer, 'violations');
  return if @complaints >= $COMPLAINTS_MAX;
  my ($cache) = $answer->{head} =~ /cache;desc="(\w+)"/;
  push @complaints, sprintf('complaint %.6f ', $answer->{begun})
    . "$phases[$answer->{phase}][0]: $answer->{user}"
    . " $answer->{target}{text} (" . ($cache // '-') . "): "
    . $why =~ s/\n/ /gr;
}

# What is wrong with the answer; undef: nothing.
sub judge {
  my $answer = shift;
  my ($head, $target) = @$answer{qw(head target)};
  my ($status) = $head =~ /^Status: (\d+)/m;
  my ($cache) = $head =~ /cache;desc="(\w+)"/;
  my $is_old = $head =~ /^Warning: 110/m;
  my $is_down = grep { $_->[2] } @phases[$answer->{phase} .. $#phases];
  $status //= 200;
  $cache //= 'off';
  if ($status == 503) {
    count($answer, 'unavailable');
    return $is_down ? undef : 'unavailable';
  }
  return "status $status: $answer->{body}" if $status !~ /^(?:200|304|401)$/;
  count($answer, $cache) if $status != 401;
  return 'a Warning, or none, against Server-Timing'
    if ($cache eq 'stale') != $is_old;
  return 'stale, with PostgreSQL running' if $is_old && !$is_down;
  my $seen = seen_in_answer($answer, $status) // return 'an unknown 304';
  return judge_version($answer, $seen, $is_old);
}

sub seen_in_answer {
  my ($answer, $status) = @_;
  my ($user, $target) = @$answer{qw(user target)};
  if ($status == 401) {
    count($answer, 'refused');
    return $UNKNOWN_USER;
  }
  if ($status == 304) {
    count($answer, 'unchanged');
    return $answer->{tag} ? $answer->{tag}[1] : undef;
  }
  my $seen = seen_in($answer->{body});
  my ($etag) = $answer->{head} =~ /^ETag: (.*?)\r?$/m;
  $tags{"$user $target->{text}"} = [$etag, $seen];
  keep_cursor($answer);
  return $seen;
}

sub keep_cursor {
  my $answer = shift;
  my ($user, $target) = @$answer{qw(user target)};
  return if $kept{$user};
  my ($cursor) = $answer->{body} =~ /"nextCursor":"([^"]+)"/ or return;
  my (@after) = $answer->{body}
    =~ /.*"id":"(c[^"]*)","name":[^\]]*?"warmnessScore":(\d+)/s;
  $kept{$user} = {uses => 0, target => {%$target, cursor => $cursor,
    page => undef, after_id => $after[0], after => $after[1], key => undef}};
}

sub judge_version {
  my ($answer, $seen, $is_old) = @_;
  my ($user, $target, $begun) = @$answer{qw(user target begun)};
  my $body = $answer->{body};
  my @strangers = grep { $_ ne $user } $body =~ /"userId":"([^"]*)","act/g;
  return "contacts of @strangers" if @strangers;
  my @marks = grep { $_ ne $mark{$user} } $body =~ /"name":"(\w+) /g;
  return "contacts with the marks @marks" if @marks;
  my ($late, $version) = $history{$user}->compare($seen, $target, $begun);
  if (!defined $late) {
    my $newest = $history{$user}->expected($target);
    return "no version of it: $seen, instead of $newest";
  }
  my $stats = $stats[$answer->{phase}];
  return undef if $is_old;
  $stats->{late} = max($stats->{late} // 0, $late);
  my $bound = max(map { $_->[1] } @phases[$answer->{phase} .. $#phases]);
  return undef if $late <= $bound;
  return sprintf 'late by %.0f ms, version %d of %d: %s instead of %s',
    $late * 1000, $version, $history{$user}{last}, $seen,
    $history{$user}->expected($target);
}

# ---- Writers ----

my %commits;
my $made = 0;

# Each gets some users, whose histories are locked and read; it returns false
# when it can do nothing with them.
my @changes = (
  [12, 1, rename => \&rename_contact],
  [6, 1, reorder => \&reorder_contact],
  [8, 1, insert => \&insert_contact],
  [6, 1, delete => \&delete_contact],
  [10, 1, 'activity inserted' => \&insert_activity],
  [6, 1, 'activity updated' => \&update_activity],
  [5, 1, 'activity deleted' => \&delete_activity],
  [8, 2, 'contact moved' => \&move_contact],
  [6, 2, 'activity moved' => \&move_activity],
  [3, 1, 'activity detached' => \&detach_activity],
  [6, 1, 'user changed' => \&change_user],
  [4, 2, 'bulk upsert' => \&upsert],
  [4, 1, 'copy' => \&copy_in],
  [3, 1, 'rolled back' => \&roll_back],
  [3, 1, 'savepoint' => \&roll_back_part],
  [3, 1, 'overlap' => \&overlap],
  [1, 0, 'user deleted' => \&delete_user],
  [0.3, 0, 'activities truncated' => \&truncate_activities],
  [0.3, 0, 'all contacts' => \&change_all],
);

sub write_on {
  my $parent = shift;
  # For what psql says of a PostgreSQL that is down.
  open STDERR, '>>', "$directory/errors" or die "errors: $!\n";
  sysopen my $slots, "$directory/slots", O_RDONLY or die "slots: $!\n";
  my $pause = $options{writers} / $options{writes};
  my $answers = 0;
  until ($is_over) {
    sleep $pause * (0.5 + rand);
    $answers = wait_for_answers($slots, $answers);
    follow_phases();
    exit 1 if getppid() != $parent;
    one_change();
  }
  $_ && $_->close for $session, $second_session;
  write_result("writer$me", map { "commits $_ $commits{$_}" } keys %commits);
}

# Until there are enough more than $last.
sub wait_for_answers {
  my ($slots, $last) = @_;
  my $end = now() + $WAIT_S;
  my $answers;
  while (1) {
    $answers = sum0(map { $_->[2] } slots_of($slots));
    last if now() > $end
      || $answers >= $last + $options{answers} * $options{writers};
    sleep 0.01;
  }
  return $answers;
}

sub one_change {
  my (undef, $count, $name, $change) = weighted(@changes);
  my @ours = sort { $a cmp $b } (shuffle @users)[0 .. ($count || @users) - 1];
  $history{$_}->lock for @ours;
  read_histories(@ours);
  my @gone = grep { !state_of($_)->{is_there} } @ours;
  ($name, $change) = ('user-created', sub { create_user($gone[0]) }) if @gone;
  my $was_made = eval {
    connect_sessions();
    $change->(shuffle @ours);
  };
  if (!defined $was_made && $@) {
    print STDERR $@;
    recover(@ours);
  }
  $commits{$name =~ tr/ /-/r}++ if $was_made;
  $history{$_}->unlock for @ours;
}

sub weighted {
  my $at = rand sum0(map { $_->[0] } @_);
  for (@_) {
    $at -= $_->[0];
    return @$_ if $at < 0;
  }
  return @{$_[0]};
}

sub connect_sessions { $_ //= sql_session() for $session, $second_session }

# After PostgreSQL, or the way to it, was lost: what has become of it?
sub recover {
  my @ours = @_;
  my %version;
  until (%version) {
    $_ && $_->close for $session, $second_session;
    ($session, $second_session) = ();
    sleep 0.1;
    eval {
      connect_sessions();
      %version = map { split /\|/ }
        $session->run('SELECT user_id, version FROM freshness');
    };
  }
  for my $user (@ours) {
    my $pending = $history{$user}->pending // next;
    $history{$user}->end($pending, $version{$user} >= $pending);
  }
}

sub state_of { return $history{$_[0]}->newest_state }

# One transaction, which makes versions of these users.
sub commit {
  my ($states, @sql) = @_;
  my $versions = begin_versions($states);
  $session->run('BEGIN', @sql, note_versions($versions), 'COMMIT');
  end_versions($versions);
  return 1;
}

sub begin_versions {
  my $states = shift;
  return {map { $_ => $history{$_}->begin($states->{$_}) } sort keys %$states};
}

sub note_versions {
  my $versions = shift;
  return map { "UPDATE freshness SET version = $versions->{$_} "
      . "WHERE user_id = '$_'" } sort keys %$versions;
}

sub end_versions {
  my $versions = shift;
  $history{$_}->end($versions->{$_}, 1) for keys %$versions;
}

sub a_contact { return pick(sort keys %{$_[0]{contacts}}) }

sub an_activity { return pick(sort keys %{$_[0]{activities}}) }

sub new_name {
  my $user = shift;
  return "$mark{$user} " . pick(qw(red green blue)) . ' v' . next_number();
}

sub next_number { return ($me // 9) . 'n' . ++$made }

sub new_moment {
  return sprintf '2024-02-01T%02d:%02d:%02d.%03dZ', rand 24, rand 60, rand 60,
    rand 1000;
}

sub new_contact {
  my $user = shift;
  return ('c' . next_number(), {name => new_name($user), job => 'job',
    warmth => int rand 9, sync => pick(qw(SYNCED PENDING))});
}

sub new_activity {
  my ($user, $contact) = @_;
  return ('a' . next_number(), {contact => $contact, made_at => new_moment(),
    subject => 'about ' . next_number(), user => $user});
}

my $CONTACT_COLUMNS = 'id, name, "jobTitle", "warmnessScore", '
  . '"updateSyncStatus", "createdAt", "updatedAt", "userId"';
my $ACTIVITY_COLUMNS = 'id, type, subject, "createdAt", "updatedAt", "userId", '
  . '"contactId"';

sub contact_fields {
  my ($id, $contact, $user) = @_;
  return ($id, @$contact{qw(name job warmth sync)}, '2024-01-01',
    '2024-01-01', $user);
}

sub activity_fields {
  my ($id, $activity) = @_;
  return ($id, 'CALL', $activity->{subject}, $activity->{made_at},
    '2024-01-01', @$activity{qw(user contact)});
}

sub values_of {
  return join ', ', map { '(' . join(', ', map { "'$_'" } @$_) . ')' } @_;
}

sub insert_contacts {
  return "INSERT INTO contacts ($CONTACT_COLUMNS) VALUES " . values_of(@_);
}

sub insert_activities {
  return "INSERT INTO activities ($ACTIVITY_COLUMNS) VALUES " . values_of(@_);
}

# ---- Changes ----

sub rename_contact {
  my $user = shift;
  my $state = state_of($user);
  my $id = a_contact($state);
  my $contact = $state->{contacts}{$id};
  $contact->{name} = new_name($user);
  $contact->{sync} = pick(qw(SYNCED PENDING));
  return commit({$user => $state}, "UPDATE contacts SET name = "
    . "'$contact->{name}', \"updateSyncStatus\" = '$contact->{sync}' "
    . "WHERE id = '$id'");
}

sub reorder_contact {
  my $user = shift;
  my $state = state_of($user);
  my $id = a_contact($state);
  my $warmth = $state->{contacts}{$id}{warmth} = int rand 9;
  return commit({$user => $state},
    qq(UPDATE contacts SET "warmnessScore" = $warmth WHERE id = '$id'));
}

sub insert_contact {
  my $user = shift;
  my $state = state_of($user);
  return 0 if keys %{$state->{contacts}} > 8;
  my ($id, $contact) = new_contact($user);
  $state->{contacts}{$id} = $contact;
  return commit({$user => $state},
    insert_contacts([contact_fields($id, $contact, $user)]));
}

sub delete_contact {
  my $user = shift;
  my $state = state_of($user);
  return 0 if keys %{$state->{contacts}} < 4;
  my $id = a_contact($state);
  forget_contact($state, $id);
  return commit({$user => $state}, "DELETE FROM contacts WHERE id = '$id'");
}

sub forget_contact {
  my ($state, $id) = @_;
  my $activities = $state->{activities};
  delete $state->{contacts}{$id};
  delete @$activities{grep { $activities->{$_}{contact} eq $id }
    keys %$activities};
}

sub insert_activity {
  my $user = shift;
  my $state = state_of($user);
  return 0 if keys %{$state->{activities}} > 20;
  my ($id, $activity) = new_activity($user, a_contact($state));
  $state->{activities}{$id} = $activity;
  return commit({$user => $state},
    insert_activities([activity_fields($id, $activity)]));
}

sub update_activity {
  my $user = shift;
  my $state = state_of($user);
  my $id = an_activity($state) // return 0;
  my $subject = $state->{activities}{$id}{subject} = 'again ' . next_number();
  return commit({$user => $state},
    "UPDATE activities SET subject = '$subject' WHERE id = '$id'");
}

sub delete_activity {
  my $user = shift;
  my $state = state_of($user);
  my $id = an_activity($state) // return 0;
  delete $state->{activities}{$id};
  return commit({$user => $state}, "DELETE FROM activities WHERE id = '$id'");
}

sub detach_activity {
  my $user = shift;
  my $state = state_of($user);
  my $id = an_activity($state) // return 0;
  delete $state->{activities}{$id};
  return commit({$user => $state},
    qq(UPDATE activities SET "contactId" = NULL WHERE id = '$id'));
}

sub move_contact {
  my ($from, $to) = @_;
  my ($old, $new) = map { state_of($_) } $from, $to;
  return 0 if keys %{$old->{contacts}} < 3 || keys %{$new->{contacts}} > 8;
  my $id = a_contact($old);
  my $contact = $new->{contacts}{$id} = $old->{contacts}{$id};
  my $activities = $old->{activities};
  for (grep { $activities->{$_}{contact} eq $id } keys %$activities) {
    $new->{activities}{$_} = $activities->{$_};
  }
  forget_contact($old, $id);
  $contact->{name} = new_name($to);
  return commit({$from => $old, $to => $new}, 'UPDATE contacts SET "userId" = '
    . "'$to', name = '$contact->{name}' WHERE id = '$id'");
}

sub move_activity {
  my ($from, $to) = @_;
  my ($old, $new) = map { state_of($_) } $from, $to;
  my $id = an_activity($old) // return 0;
  my $contact = a_contact($new);
  my $activity = $new->{activities}{$id} = delete $old->{activities}{$id};
  $activity->{contact} = $contact;
  return commit({$from => $old, $to => $new},
    qq(UPDATE activities SET "contactId" = '$contact' WHERE id = '$id'));
}

sub change_user {
  my $user = shift;
  my $state = state_of($user);
  $state->{status} = pick(qw(SYNCED IN_PROGRESS FAILED));
  $state->{synced_at} = new_moment();
  return commit({$user => $state}, 'UPDATE users SET "syncStatus" = '
    . "'$state->{status}', \"lastSyncTimestamp\" = '$state->{synced_at}' "
    . "WHERE id = '$user'");
}

# All contacts of both, and one more of each, in one statement.
sub upsert {
  my @both = @_;
  my (%states, @contacts);
  for my $user (@both) {
    my $state = $states{$user} = state_of($user);
    if (keys %{$state->{contacts}} < 9) {
      my ($id, $contact) = new_contact($user);
      $state->{contacts}{$id} = $contact;
    }
    $_->{name} = new_name($user) for values %{$state->{contacts}};
    push @contacts, map { [contact_fields($_, $state->{contacts}{$_}, $user)] }
      keys %{$state->{contacts}};
  }
  return commit(\%states, insert_contacts(@contacts)
    . ' ON CONFLICT (id) DO UPDATE SET name = excluded.name, '
    . '"updatedAt" = excluded."updatedAt"');
}

sub copy_in {
  my $user = shift;
  my $state = state_of($user);
  return 0 if keys %{$state->{contacts}} > 7;
  my (@contacts, @activities);
  for (1 .. 2) {
    my ($id, $contact) = new_contact($user);
    $state->{contacts}{$id} = $contact;
    push @contacts, join "\t", contact_fields($id, $contact, $user);
    my ($act, $activity) = new_activity($user, $id);
    $state->{activities}{$act} = $activity;
    push @activities, join "\t", activity_fields($act, $activity);
  }
  return commit({$user => $state},
    join("\n", "COPY contacts ($CONTACT_COLUMNS) FROM STDIN;", @contacts,
      "\\.\n"),
    join("\n", "COPY activities ($ACTIVITY_COLUMNS) FROM STDIN;", @activities,
      "\\.\n"));
}

sub roll_back {
  my $user = shift;
  $session->run('BEGIN', qq(DELETE FROM contacts WHERE "userId" = '$user'),
    'ROLLBACK');
  return 1;
}

sub roll_back_part {
  my $user = shift;
  my $state = state_of($user);
  my $id = a_contact($state);
  my $name = $state->{contacts}{$id}{name} = new_name($user);
  return commit({$user => $state}, 'SAVEPOINT one',
    qq(DELETE FROM contacts WHERE "userId" = '$user'), 'ROLLBACK TO one',
    "UPDATE contacts SET name = '$name' WHERE id = '$id'");
}

# One transaction goes on while another is made.
sub overlap {
  my $user = shift;
  my $state = state_of($user);
  my $id = a_contact($state);
  my $name = new_name($user);
  $second_session->run('BEGIN',
    "UPDATE contacts SET name = '$name' WHERE id = '$id'");
  change_user($user);
  $state = state_of($user);
  $state->{contacts}{$id}{name} = $name;
  my $versions = begin_versions({$user => $state});
  $second_session->run(note_versions($versions), 'COMMIT');
  end_versions($versions);
  return 1;
}

# With what he has done for others.
sub delete_user {
  my $gone = shift;
  my %states = ($gone => {is_there => 0});
  for my $user (grep { $_ ne $gone } @users) {
    my $state = state_of($user);
    my $activities = $state->{activities};
    my @lost = grep { $activities->{$_}{user} eq $gone } keys %$activities
      or next;
    delete @$activities{@lost};
    $states{$user} = $state;
  }
  return commit(\%states, "DELETE FROM users WHERE id = '$gone'");
}

sub create_user {
  my $user = shift;
  my %state = (is_there => 1, status => 'SYNCED', synced_at => new_moment());
  for (1 .. 5) {
    my ($id, $contact) = new_contact($user);
    $state{contacts}{$id} = $contact;
    my ($act, $activity) = new_activity($user, $id);
    $state{activities}{$act} = $activity;
  }
  return commit({$user => \%state},
    'INSERT INTO users (id, email, "syncStatus", "lastSyncTimestamp", '
      . '"updatedAt") VALUES ' . values_of([$user, "$user\@example.com",
      @state{qw(status synced_at)}, '2024-01-01']),
    insert_contacts(map { [contact_fields($_, $state{contacts}{$_}, $user)] }
      keys %{$state{contacts}}),
    insert_activities(map { [activity_fields($_, $state{activities}{$_})] }
      keys %{$state{activities}}));
}

sub truncate_activities {
  my %states = map { $_ => state_of($_) } @users;
  $_->{activities} = {} for values %states;
  return commit(\%states, 'TRUNCATE activities');
}

# Of the crowd, too.
sub change_all {
  my %states = map { $_ => state_of($_) } @users;
  my $job = 'job ' . next_number();
  for my $state (values %states) {
    $_->{job} = $job for values %{$state->{contacts}};
  }
  return commit(\%states, qq(UPDATE contacts SET "jobTitle" = '$job'));
}

sub make_rows {
  $session = sql_session();
  $session->run('CREATE TABLE freshness (user_id text PRIMARY KEY, '
      . 'version integer NOT NULL)',
    'INSERT INTO users (id, email, "updatedAt") SELECT \'crowd\' || n, '
      . "'crowd' || n || '\@example.com', now() "
      . "FROM generate_series(1, $CROWD) n",
    'INSERT INTO contacts (id, name, "updatedAt", "userId") SELECT '
      . "'crowd' || n, 'crowd', now(), 'crowd' || n "
      . "FROM generate_series(1, $CROWD) n",
    'INSERT INTO freshness VALUES ' . values_of(map { [$_, 0] } @users));
  create_user($_) for @users;
  $session->close;
  undef $session;
}

exit main();
