#!/usr/bin/env perl
# Asks my500, through the web server at $URL, and compares every answer with
# what ExpectedPages.pm works out of the tables.
#
#   ask_pages.pl pages      reads USER<TAB>TARGET lines and asks them
#   ask_pages.pl walks      reads USER<TAB>TARGET<TAB>LIMIT[,LIMIT...] lines and
#       goes from the first page to the end with cursors, the limits taking
#       turns; the contacts met have to be those of the whole list, in its order
#
# Prints the first differences, and a line of numbers; exits 1 when there are
# differences, or when nothing was asked.

use strict;
use warnings FATAL => 'all';
use FindBin;
use lib $FindBin::Bin;
use ExpectedPages;
use PageClient;

my $mode = shift // '';
my %read = (pages => \&page, walks => \&walk);
my $read = $read{$mode} or die "usage: $0 pages|walks (see its head)\n";
read_tables();
while (my $line = <STDIN>) {
  chomp $line;
  $read->(split /\t/, $line, -1);
}
exit conclude();

sub page {
  my ($id, $target) = @_;
  check_answer($id, $target);
}

sub walk {
  my ($id, $target, $limits) = @_;
  my @limits = split /,/, $limits;
  my @wanted = sequence($id, $target);
  my ($cursor, @met);
  for my $step (0 .. @wanted + 1) {
    my $here = $target . ($target eq '' ? '' : '&')
      . "limit=$limits[$step % @limits]";
    $here .= "&cursor=$cursor" if defined $cursor;
    my $answer = check_answer($id, $here);
    push @met, shown_ids($answer->{body});
    $cursor = next_cursor($answer->{body}) // last;
  }
  complain("$id ?$target by $limits: met " . @met . ' contacts, or in another '
    . 'order; there are ' . @wanted) if "@met" ne "@wanted";
}
