// SPDX-License-Identifier: GPL-2.0-only
#include "record_inputs.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest/boot_file.h"
#include "lib/locate.h"
#include "lib/text.h"
#include "rom/rom_image.h"
#include "vmi/trace.h"

/*
 * A kernel panic and the end of init both end in a reset under QEMU's -no-reboot;
 * an instruction count is the same in every boot only without randomness.
 */
#define LINUX_WORDS		"console=ttyS0 panic=-1"
/*
 * Under load the kernel's own calibration fails; it would do without the TSC as
 * a clock, and so without high-resolution timers.
 */
#define LINUX_TSC_WORD		" tsc_early_khz=%" PRIu64
#define LINUX_ICOUNT_WORDS	" norandmaps"

/* A copy of the path if the file can be read, else NULL after a message. */
static char *check_file(const char *what, const char *path)
{
	struct stat status;
	char *copy;

	if (access(path, R_OK) || stat(path, &status)) {
		warn("%s %s", what, path);
		return NULL;
	}
	if (!S_ISREG(status.st_mode)) {
		warnx("%s %s is not a file", what, path);
		return NULL;
	}
	copy = strdup(path);
	if (!copy)
		abort();
	return copy;
}

static enum boot_file kind_of(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum boot_file kind = boot_file_kind(fd);

	if (fd >= 0)
		close(fd);
	return kind;
}

/* The same for a kernel that QEMU can load. */
static char *check_kernel(const char *path)
{
	char *kernel = check_file("guest", path);
	enum boot_file kind = kernel ? kind_of(kernel) : BOOT_FILE_KERNEL;
	const char *remedy = "";

	if (kind == BOOT_FILE_KERNEL)
		return kernel;
	if (kind == BOOT_FILE_DISK || kind == BOOT_FILE_QCOW2)
		remedy = "; boot from it with --disk instead of --guest";
	else if (kind == BOOT_FILE_CDROM)
		remedy = "; boot from it with --guest=none -- -cdrom FILE";
	else if (kind == BOOT_FILE_GZIP)
		remedy = "; unpack it first";
	warnx("guest %s is %s, expected a Linux bzImage, a multiboot kernel of 32 bits, or an ELF file with a PVH note%s",
	      path, boot_file_name(kind), remedy);
	free(kernel);
	return NULL;
}

/* An image; one to boot from has something to boot. */
static bool find_disk(struct record_inputs *inputs,
		      const struct record_options *options, bool boots)
{
	enum boot_file kind;

	inputs->disk = check_file("disk", options->disk);
	if (!inputs->disk)
		return false;
	kind = kind_of(inputs->disk);
	inputs->disk_format = kind == BOOT_FILE_QCOW2 ? "qcow2" : "raw";
	if (!boots || kind == BOOT_FILE_DISK || kind == BOOT_FILE_QCOW2 ||
	    kind == BOOT_FILE_CDROM)
		return true;
	warnx("disk %s is %s, expected a raw image whose first sector ends with 55 aa, or a qcow2 image%s",
	      options->disk, boot_file_name(kind),
	      kind == BOOT_FILE_KERNEL
		      ? "; boot it with --guest instead of --disk"
		      : "; qemu-img convert -O raw makes one of other formats");
	return false;
}

/* What precedes the words of --append. */
static char *own_words(const struct record_options *options, bool linux_guest,
		       uint64_t tsc_hz)
{
	const struct level_traits *level = &run_levels[options->level];
	const char *word = linux_guest ? level->linux_word
				       : level->embedded_word;
	char *words;

	/* Another guest has to be told by its user. */
	if (!linux_guest && strcmp(options->guest, "embedded") != 0)
		word = "";
	if (asprintf(&words, "%s%s", word,
		     *word && *options->append ? " " : "") < 0)
		return NULL;
	if (!linux_guest)
		return words;
	free(words);
	if (asprintf(&words, LINUX_WORDS LINUX_TSC_WORD "%s%s%s%s",
		     tsc_hz / 1000,
		     options->icount ? LINUX_ICOUNT_WORDS : "",
		     *word ? " " : "", word, *options->append ? " " : "") < 0)
		return NULL;
	return words;
}

/* What names the addresses of the guest; false after a message. */
static bool find_symbols(struct record_inputs *inputs,
			 const struct record_options *options)
{
	if (options->vmlinux) {
		inputs->vmlinux = check_file("vmlinux", options->vmlinux);
		return inputs->vmlinux;
	}
	if (!strcmp(options->guest, "embedded"))
		inputs->vmlinux = strdup(inputs->kernel);
	else if (!strcmp(options->guest, "linux"))
		inputs->vmlinux = locate_optional("linux/vmlinux");
	return true;
}

static bool find_guest(struct record_inputs *inputs,
		       const struct record_options *options, uint64_t tsc_hz)
{
	char *words;
	bool linux_guest = !strcmp(options->guest, "linux");
	bool embedded = !strcmp(options->guest, "embedded");
	bool none = !strcmp(options->guest, "none");

	inputs->guest = options->guest;
	if (options->disk && !find_disk(inputs, options, none))
		return false;
	if (none && inputs->disk)
		inputs->guest = inputs->disk;
	if (embedded)
		inputs->kernel = locate("guest.elf");
	else if (linux_guest)
		inputs->kernel = locate("linux/bzImage");
	else if (!none)
		inputs->kernel = check_kernel(options->guest);
	if (!inputs->kernel && !none)
		return false;
	if (options->initrd)
		inputs->initrd = check_file("initrd", options->initrd);
	else if (linux_guest)
		inputs->initrd = locate("initramfs.cpio.gz");
	if (!inputs->initrd && (options->initrd || linux_guest))
		return false;
	if (embedded)
		inputs->last_words = "vmiprof-guest: done";
	else if (linux_guest && !options->initrd)
		inputs->last_words = "workload: done";
	inputs->reset_is_end = !embedded;
	words = own_words(options, linux_guest, tsc_hz);
	if (!words || asprintf(&inputs->append, "%s%s", words,
			       options->append) < 0)
		abort();
	free(words);
	return true;
}

/* The path of a nameless copy of the image with the host's words set, or NULL. */
static char *preset_host(const struct rom_image *image,
			 const struct trace_rom *rom, uint32_t flags,
			 uint32_t every)
{
	int fd = memfd_create("vmiprof-rom", 0);
	uint8_t sum = 0;
	uint8_t *host = image->data + rom->host_offset;
	uint8_t *filler = host + offsetof(struct vmi_trace_host, pad);
	char *path;

	memcpy(host + VMI_HOST_FLAGS, &flags, sizeof(flags));
	memcpy(host + VMI_HOST_EVERY, &every, sizeof(every));
	/* The guest checks the image's sum: the host's own padding keeps it 0. */
	for (uint32_t i = 0; i < rom->image_bytes; i++)
		sum = (uint8_t)(sum + image->data[i]);
	*filler = (uint8_t)(*filler - sum);
	if (fd < 0 || write(fd, image->data, image->bytes) !=
			      (ssize_t)image->bytes) {
		warn("cannot copy the ROM");
		return NULL;
	}
	if (asprintf(&path, "/proc/self/fd/%d", fd) < 0)
		abort();
	return path;
}

/* Whether this ROM can do what the options ask for; message if not. */
static bool check_use(const struct record_inputs *inputs,
		      const struct record_options *options)
{
	const struct level_traits *level = &run_levels[options->level];
	const struct trace_rom *rom = &inputs->rom;
	const bool keeps = rom->traces || rom->aggregates;

	/* A ROM that records nothing is a run, not a mistake. */
	if (!run_level_fits_rom(options->level, rom->locator.flags) &&
	    (keeps || options->level != RUN_LEVEL_EVENT)) {
		int own = run_level_of_rom(rom->locator.flags, rom->traces);

		warnx("--level=%s: the ROM %s cannot do that; take --rom=%s%s%s",
		      level->name, inputs->rom_file, level->rom,
		      keeps && own >= 0 ? ", or --level=" : "",
		      keeps && own >= 0 ? run_levels[own].name : "");
		return false;
	}
	if (options->lossless && !level->events) {
		warnx("--lossless: at --level=%s nothing can be lost; leave it out",
		      level->name);
		return false;
	}
	if (keeps && options->smp > 1) {
		warnx("--smp=%u: the ROM \"%s\" records one vCPU; leave --smp out, or take --rom=native",
		      options->smp, inputs->rom.name);
		return false;
	}
	if (options->lossless && !inputs->rom.traces) {
		warnx("--lossless: the ROM %s records nothing that could be lost",
		      inputs->rom_file);
		return false;
	}
	return true;
}

/* What QEMU is to load: the file itself, unless what the host says must differ. */
static char *rom_for_qemu(const struct record_inputs *inputs,
			  const struct record_options *options,
			  const struct rom_image *image)
{
	uint32_t wanted = options->lossless
				  ? VMI_HOST_ATTACHED | VMI_HOST_LOSSLESS
				  : 0;
	uint32_t flags = 0, every = 0, every_wanted;

	if (inputs->rom.traces) {
		const uint8_t *host = image->data + inputs->rom.host_offset;

		memcpy(&flags, host + VMI_HOST_FLAGS, sizeof(flags));
		memcpy(&every, host + VMI_HOST_EVERY, sizeof(every));
	}
	/* From the guest's first call on, before anybody is attached. */
	every_wanted = options->stamp_every ? options->stamp_every : every;
	if (flags != wanted || every != every_wanted)
		return preset_host(image, &inputs->rom, wanted, every_wanted);
	return strdup(inputs->rom_file);
}

static bool check_rom(struct record_inputs *inputs,
		      const struct record_options *options)
{
	struct rom_image *image = rom_image_load(inputs->rom_file);
	char why[200];

	if (!image)
		return false;
	if (image->problems.nr)
		warnx("%s: nothing can be recorded with a broken ROM",
		      inputs->rom_file);
	else if (!trace_rom_parse(&inputs->rom, image->data, image->bytes, why,
				  sizeof(why)))
		warnx("%s: %s", inputs->rom_file, why);
	else if (check_use(inputs, options))
		inputs->rom_for_qemu = rom_for_qemu(inputs, options, image);
	rom_image_free(image);
	return inputs->rom_for_qemu;
}

/* One of ours by its name, else a file; NULL after a message. */
static char *find_rom(const char *rom)
{
	bool ours = !strcmp(rom, "native");
	char file[40];

	for (int i = 0; i < NR_RUN_LEVELS; i++)
		ours |= !strcmp(rom, run_levels[i].rom);
	if (!ours)
		return check_file("ROM", rom);
	text_set(file, sizeof(file), "rom-%s.bin", rom);
	return locate(file);
}

bool record_inputs_find(struct record_inputs *inputs,
			const struct record_options *options, uint64_t tsc_hz)
{
	*inputs = (struct record_inputs){ 0 };
	if (!find_guest(inputs, options, tsc_hz) ||
	    !find_symbols(inputs, options))
		return false;
	if (!strcmp(options->rom, "none")) {
		if (options->lossless)
			warnx("--lossless: without a ROM nothing is recorded that could be lost");
		if (options->level != RUN_LEVEL_EVENT)
			warnx("--level=%s: without a ROM nothing is kept",
			      run_levels[options->level].name);
		return !options->lossless &&
		       options->level == RUN_LEVEL_EVENT;
	}
	inputs->rom_file = find_rom(options->rom);
	return inputs->rom_file && check_rom(inputs, options);
}

void record_inputs_free(struct record_inputs *inputs)
{
	free(inputs->kernel);
	free(inputs->disk);
	free(inputs->initrd);
	free(inputs->vmlinux);
	free(inputs->append);
	free(inputs->rom_file);
	free(inputs->rom_for_qemu);
}
