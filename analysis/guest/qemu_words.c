// SPDX-License-Identifier: GPL-2.0-only
#include "qemu_words.h"

#include <string.h>

#include "lib/text.h"

/* Ours alone to say. */
static const struct {
	const char *name;
	const char *remedy;
} taken[] = {
	{ "-m", "give --memory=MIB (16 to 2048): the guest's memory is shared, and has that size" },
	{ "-accel", "give --accel=tcg or --accel=kvm" },
	{ "-enable-kvm", "give --accel=kvm" },
	{ "-icount", "give --icount" },
	{ "-daemonize", "leave it out: QEMU ends with the recording" },
};

/* With a kernel of ours they would change what boots; else they do boot it. */
static const struct {
	const char *name;
	const char *remedy;
} kernel[] = {
	{ "-kernel", "--guest=FILE" },
	{ "-initrd", "--initrd=FILE" },
	{ "-append", "--append=WORDS" },
};

/* What somebody gives who has another system to boot. */
static const char *const boots[] = {
	"-drive", "-blockdev", "-hda", "-hdb", "-hdc", "-hdd", "-cdrom", "-fda",
	"-fdb", "-sd", "-pflash", "-mtdblock", "-boot", "-loadvm", "-incoming",
};

#define NR(array)	(sizeof(array) / sizeof((array)[0]))

static bool check_taken(const char *arg, const char *value, char *why,
			size_t why_bytes)
{
	for (size_t i = 0; i < NR(taken); i++) {
		if (strcmp(arg, taken[i].name) != 0)
			continue;
		text_set(why, why_bytes, "'%s' behind --: %s", arg,
			 taken[i].remedy);
		return false;
	}
	if ((!strcmp(arg, "-machine") || !strcmp(arg, "-M")) && value &&
	    strstr(value, "accel=")) {
		text_set(why, why_bytes,
			 "'%s %s' behind --: give --accel=tcg or --accel=kvm",
			 arg, value);
		return false;
	}
	return true;
}

static bool check_boot(const char *arg, bool guest_chosen, char *why,
		       size_t why_bytes)
{
	for (size_t i = 0; i < NR(kernel); i++) {
		if (strcmp(arg, kernel[i].name) != 0)
			continue;
		text_set(why, why_bytes,
			 "'%s' behind --: give %s, or --guest=none to boot what QEMU's arguments say",
			 arg, kernel[i].remedy);
		return false;
	}
	for (size_t i = 0; !guest_chosen && i < NR(boots); i++) {
		if (strcmp(arg, boots[i]) != 0)
			continue;
		text_set(why, why_bytes,
			 "'%s' behind --, but without --guest the embedded guest boots: give --disk=FILE to boot from a disk image, --guest=none to boot what QEMU's arguments say, or --guest=embedded if it is meant",
			 arg);
		return false;
	}
	return true;
}

bool qemu_words_check(char *const *args, bool guest_chosen, bool free_boot,
		      char *why, size_t why_bytes)
{
	for (; args && *args; args++) {
		const char *arg = *args;

		/* QEMU takes two dashes for one. */
		if (!strncmp(arg, "--", 2))
			arg++;
		if (*arg != '-')
			continue;
		if (!check_taken(arg, args[1], why, why_bytes) ||
		    (!free_boot && !check_boot(arg, guest_chosen, why, why_bytes)))
			return false;
	}
	return true;
}
