#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only
#
# sites.pl - look at the VMI call sites of a kernel, as it was linked
#
# usage: sites.pl check VMLINUX FUNCTION...
#            No site lies in these functions, nor in what they call: they write
#            sites, or run while sites are written.  An indirect call among them
#            cannot be followed and is an error.  All sites have a sound width.
#        sites.pl bare VMLINUX
#            Print FUNCTION MNEMONIC for each sensitive instruction that is no
#            site, each pair once; the function is the one in the source.
#        sites.pl list VMLINUX
#            Print ADDRESS CALL-NUMBER WIDTH NATIVE-WIDTH of each site.
use strict;
use warnings;

# What a kernel that runs with less privilege than it believes must not execute
# itself.  VERW is in it for nobody: it clears buffers and asks no privilege.
my $sensitive = qr{^(?:cli|sti|pushfl?|popfl?|pushfw|popfw|iretl?|iretw|sysexit[l]?|hlt|
	lgdtl?|lidtl?|sgdtl?|sidtl?|lldt|sldt|ltr|str|smsw|lmsw|clts|invd|wbinvd|wbnoinvd|
	rdmsr|wrmsr|rdpmc|rdtscp?|cpuid|inb|inw|inl|in|outb|outw|outl|out|
	ins[bwl]|outs[bwl]|invlpg|invpcid|monitor|mwait|xsetbv|lar|lsl|verr|
	rsm|vm[a-z]+|swapgs|wrpkru)$}x;

my $bytes_max = 15;	# an instruction is no longer, VMI_SITE_BYTES_MAX

sub fail { print STDERR "sites.pl: @_\n"; exit 1 }

sub read_sites
{
	my ($vmlinux) = @_;
	my @sites;

	open my $pipe, '-|', 'objdump', '-s', '-j', '.vmi_sites', $vmlinux or fail("objdump: $!");
	my $hex = '';
	while (<$pipe>) {
		$hex .= join '', split ' ', substr($1, 0, 35) if /^ [0-9a-f]+ (.{35})/;
	}
	close $pipe or fail("$vmlinux: no section .vmi_sites");
	my $table = pack 'H*', $hex;
	while (length $table) {
		my ($addr, $call, $bytes, $flags, $native) = unpack 'VCCCC', substr($table, 0, 8, '');
		push @sites, { addr => $addr, call => $call, bytes => $bytes, native => $native };
	}
	return sort { $a->{addr} <=> $b->{addr} } @sites;
}

# [ADDRESS, FUNCTION, MNEMONIC, OPERANDS] of all instructions, prefixes dropped.
sub each_instruction
{
	my ($vmlinux, $what) = @_;
	my ($function, $names) = ('?', {});

	open my $pipe, '-|', 'objdump', '-d', '-M', 'suffix', '--no-show-raw-insn', $vmlinux
		or fail("objdump: $!");
	while (<$pipe>) {
		if (/^[0-9a-f]+ <(.*)>:$/) {
			$function = $1;
		} elsif (/^Disassembly of section (.*):$/) {
			$function = $1;
		} elsif (/^\s*([0-9a-f]+):\s+((?:(?:cs|ds|es|fs|gs|ss|lock|data16|addr16|rep[nz]*|repnz) )*)(\S+)\s*(.*)$/) {
			$what->(hex $1, $function, $3, $4);
		}
	}
	close $pipe or fail("$vmlinux: objdump failed");
}

# The site that holds the address, by bisection.
sub site_at
{
	my ($sites, $addr) = @_;
	my ($low, $high) = (0, scalar @$sites);

	while ($low < $high) {
		my $mid = int(($low + $high) / 2);
		my $site = $sites->[$mid];
		if ($addr < $site->{addr}) { $high = $mid }
		elsif ($addr >= $site->{addr} + $site->{bytes}) { $low = $mid + 1 }
		else { return $site }
	}
	return undef;
}

sub function_at
{
	my ($functions, $addr) = @_;
	my ($low, $high) = (0, scalar @$functions);

	while ($high - $low > 1) {
		my $mid = int(($low + $high) / 2);
		if ($addr < $functions->[$mid][0]) { $high = $mid } else { $low = $mid }
	}
	return $functions->[$low][1];
}

sub list
{
	my ($vmlinux) = @_;
	printf "%08x %u %u %u\n", @{$_}{qw(addr call bytes native)} for read_sites($vmlinux);
}

# The innermost function in the source, where the compiler may have inlined it.
sub source_functions
{
	my ($vmlinux, @found) = @_;
	my $list = join "\n", map { sprintf '%x', $_->{addr} } @found;

	open my $file, '>', undef or fail("temporary file: $!");
	print $file "$list\n";
	seek $file, 0, 0;
	open my $old, '<&', \*STDIN or fail("standard input: $!");
	open STDIN, '<&', $file or fail("standard input: $!");
	my @lines = qx{addr2line -f -e '$vmlinux'};
	open STDIN, '<&', $old;
	fail("$vmlinux: addr2line failed") if $? || @lines != 2 * @found;
	chomp @lines;
	for my $i (0 .. $#found) {
		$found[$i]{function} = $lines[2 * $i] if $lines[2 * $i] ne '??';
	}
}

sub bare
{
	my ($vmlinux) = @_;
	my @sites = read_sites($vmlinux);
	my @found;

	each_instruction($vmlinux, sub {
		my ($addr, $function, $insn, $operands) = @_;
		my $special = $insn =~ /^movl?$/ && $operands =~ /%(cr|db|dr)\d/ ? $1 : undef;
		return unless $special || $insn =~ $sensitive;
		return if site_at(\@sites, $addr);
		$insn = "mov-$special" if $special;
		$insn =~ s/^(pushf|popf|iret|sysexit|lgdt|lidt|sgdt|sidt)l$/$1/;
		push @found, { addr => $addr, function => $function, insn => $insn };
	});
	source_functions($vmlinux, @found) if @found;
	my %seen = map { ("$_->{function} $_->{insn}" => 1) } @found;
	print "$_\n" for sort keys %seen;
}

sub check
{
	my ($vmlinux, @roots) = @_;
	my @sites = read_sites($vmlinux);
	my (%jumps, %site_in, %indirect, @functions);

	for (@sites) {
		fail(sprintf "site at %#x: %u bytes, %u of them native; expected at most %u, and room for a call",
		     $_->{addr}, $_->{bytes}, $_->{native}, $bytes_max)
			if $_->{bytes} > $bytes_max || $_->{bytes} < 5 || $_->{native} > $_->{bytes};
	}
	each_instruction($vmlinux, sub {
		my ($addr, $function, $insn, $operands) = @_;
		push @functions, [$addr, $function] if !@functions || $functions[-1][1] ne $function;
		$site_in{$function} = $addr if site_at(\@sites, $addr);
		return unless $insn =~ /^(?:call|j[a-z]+)l?$/;
		if ($operands =~ /^([0-9a-f]+) </) {
			push @{$jumps{$function}}, hex $1;
		} elsif ($operands =~ /^\*/) {
			$indirect{$function} = $addr;
		}
	});
	@functions = sort { $a->[0] <=> $b->[0] } @functions;
	my %known = map { $_->[1] => 1 } @functions;
	my %from = map { $_ => $_ } @roots;
	while (@roots) {
		my $function = shift @roots;
		my $how = $from{$function};
		fail("$how: no such function in $vmlinux") unless $known{$function};
		fail(sprintf "%s: a VMI call site at %#x, where sites are written", $how, $site_in{$function})
			if $site_in{$function};
		fail(sprintf "%s: an indirect call at %#x, where sites are written", $how, $indirect{$function})
			if $indirect{$function};
		for my $next (map { function_at(\@functions, $_) } @{$jumps{$function}}) {
			# The tests behind static_cpu_has() come back to where they came from.
			next if $from{$next} || $next eq '.altinstr_aux';
			$from{$next} = "$how, $next";
			push @roots, $next;
		}
	}
}

my ($command, @args) = @ARGV;
if (($command // '') eq 'check' && @args >= 2) { check(@args) }
elsif (($command // '') eq 'bare' && @args == 1) { bare(@args) }
elsif (($command // '') eq 'list' && @args == 1) { list(@args) }
else { fail('usage: sites.pl check VMLINUX FUNCTION... | bare VMLINUX | list VMLINUX') }
