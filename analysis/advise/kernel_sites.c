// SPDX-License-Identifier: GPL-2.0-only
#include "kernel_sites.h"

#include <elf.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/call_table.h"
#include "lib/input_file.h"
#include "lib/text.h"

#define CALL_BYTES	5
#define SITE_BYTES_MAX	15
#define PUSH_EBX	0x08	/* VMI_PUSH_EBX: such a site is never inlined */

/* struct vmi_site of arch/x86/include/asm/vmi.h in the kernel patches. */
struct linux_site {
	uint32_t addr;
	uint8_t call;
	uint8_t bytes;
	uint8_t flags;		/* a push and a pop for each bit */
	uint8_t native_bytes;	/* at the end of the site */
};

_Static_assert(sizeof(struct linux_site) == 8, "site");

struct elf {
	const uint8_t *file;
	size_t bytes;
	const Elf32_Ehdr *header;
	const Elf32_Shdr *sections;
};

static bool inside(const struct elf *elf, uint64_t offset, uint64_t bytes)
{
	return offset <= elf->bytes && bytes <= elf->bytes - offset;
}

static bool elf_open(struct elf *elf)
{
	elf->header = (const Elf32_Ehdr *)elf->file;
	if (!inside(elf, 0, sizeof(*elf->header)) ||
	    memcmp(elf->file, ELFMAG, SELFMAG) != 0 ||
	    elf->file[EI_CLASS] != ELFCLASS32 ||
	    elf->header->e_machine != EM_386 ||
	    elf->header->e_shentsize != sizeof(Elf32_Shdr) ||
	    elf->header->e_shoff % _Alignof(Elf32_Shdr) ||
	    !inside(elf, elf->header->e_shoff,
		    (uint64_t)elf->header->e_shnum * sizeof(Elf32_Shdr)))
		return false;
	elf->sections =
		(const Elf32_Shdr *)(elf->file + elf->header->e_shoff);
	return true;
}

/* The content of a section; NULL if the file does not hold it whole. */
static const void *content(const struct elf *elf, const Elf32_Shdr *section)
{
	if (section->sh_type == SHT_NOBITS ||
	    !inside(elf, section->sh_offset, section->sh_size))
		return NULL;
	return elf->file + section->sh_offset;
}

/* A text of a string table, which must end inside it. */
static const char *text_at(const struct elf *elf, unsigned int table,
			   uint32_t offset)
{
	const Elf32_Shdr *section;
	const char *texts;

	if (table >= elf->header->e_shnum)
		return NULL;
	section = &elf->sections[table];
	texts = content(elf, section);
	if (!texts || offset >= section->sh_size ||
	    !memchr(texts + offset, '\0', section->sh_size - offset))
		return NULL;
	return texts + offset;
}

static const Elf32_Shdr *find_section(const struct elf *elf, const char *wanted)
{
	for (unsigned int i = 0; i < elf->header->e_shnum; i++) {
		const char *name = text_at(elf, elf->header->e_shstrndx,
					   elf->sections[i].sh_name);

		if (name && !strcmp(name, wanted))
			return &elf->sections[i];
	}
	return NULL;
}

/* What the file has at a linear address. */
static const uint8_t *code_at(const struct elf *elf, uint32_t address,
			      uint32_t bytes)
{
	for (unsigned int i = 0; i < elf->header->e_shnum; i++) {
		const Elf32_Shdr *section = &elf->sections[i];
		const uint32_t offset = address - section->sh_addr;
		const uint8_t *code;

		if (!(section->sh_flags & SHF_EXECINSTR) ||
		    offset >= section->sh_size ||
		    bytes > section->sh_size - offset)
			continue;
		code = content(elf, section);
		return code ? code + offset : NULL;
	}
	return NULL;
}

static bool is_sound(const struct linux_site *raw)
{
	const unsigned int around =
		2 * (unsigned int)__builtin_popcount(raw->flags);

	return raw->call < VMI_NR_SLOTS && call_table[raw->call].name &&
	       raw->bytes <= SITE_BYTES_MAX &&
	       raw->bytes >= CALL_BYTES + around &&
	       raw->native_bytes <= raw->bytes;
}

/* What the kernel would make of the site; as vmi_patch.c does it. */
static bool take_site(struct kernel_site *site, const struct linux_site *raw,
		      const struct elf *elf, const struct rom_image *rom)
{
	const struct vmi_desc_call *call;
	const uint8_t *native;
	unsigned int pushes, around, body;

	if (!is_sound(raw))
		return false;
	native = code_at(elf, raw->addr + raw->bytes - raw->native_bytes,
			 raw->native_bytes);
	if (!native)
		return false;
	call = &rom->descriptor.call[raw->call];
	pushes = (unsigned int)__builtin_popcount(raw->flags);
	around = 2 * pushes;
	body = call->inline_bytes;
	*site = (struct kernel_site){
		.ret = raw->addr + pushes + CALL_BYTES,
		.nr = raw->call,
		.stub_extra =
			(uint8_t)(around + (raw->bytes > CALL_BYTES + around)),
	};
	if (!body || (size_t)call->body_offset + body > rom->bytes)
		return true;
	if (body == raw->native_bytes &&
	    !memcmp(native, rom->data + call->body_offset, body)) {
		site->inlines = true;
	} else if (!(raw->flags & PUSH_EBX) && body + around <= raw->bytes) {
		site->inlines = true;
		site->inline_extra =
			(uint8_t)(around + (raw->bytes > body + around));
	}
	return true;
}

static int by_ret(const void *a, const void *b)
{
	const struct kernel_site *x = a, *y = b;

	return (x->ret > y->ret) - (x->ret < y->ret);
}

static bool take_sites(struct kernel_sites *sites, const struct elf *elf,
		       const struct rom_image *rom)
{
	const Elf32_Shdr *section = find_section(elf, ".vmi_sites");
	const uint8_t *raw = section ? content(elf, section) : NULL;
	const size_t nr = raw ? section->sh_size / sizeof(struct linux_site)
			      : 0;

	if (!nr || section->sh_size % sizeof(struct linux_site))
		return false;
	sites->site = calloc(nr, sizeof(*sites->site));
	if (!sites->site)
		err(EXIT_FAILURE, "memory");
	for (; sites->nr < nr; sites->nr++) {
		struct linux_site one;

		memcpy(&one, raw + sites->nr * sizeof(one), sizeof(one));
		if (!take_site(&sites->site[sites->nr], &one, elf, rom))
			return false;
	}
	qsort(sites->site, nr, sizeof(*sites->site), by_ret);
	return true;
}

/* Map a file; NULL: why says why. */
static const uint8_t *map(const char *path, size_t *bytes,
			  char why[INPUT_WHY_BYTES])
{
	uint64_t size = 0;
	int fd = input_open(path, &size, why);
	void *file;

	if (fd < 0)
		return NULL;
	*bytes = (size_t)size;
	file = mmap(NULL, *bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED)
		text_set(why, INPUT_WHY_BYTES, "%s", strerror(errno));
	(void)close(fd);
	return file == MAP_FAILED ? NULL : file;
}

struct kernel_sites *kernel_sites_read(const char *path,
				       const struct rom_image *rom, char *why,
				       size_t why_bytes)
{
	struct kernel_sites *sites = calloc(1, sizeof(*sites));
	char reason[INPUT_WHY_BYTES];
	struct elf elf;

	if (!sites)
		err(EXIT_FAILURE, "memory");
	sites->file = map(path, &sites->file_bytes, reason);
	elf = (struct elf){.file = sites->file, .bytes = sites->file_bytes};
	if (!sites->file) {
		text_set(why, why_bytes, "%s: %s", path, reason);
	} else if (!elf_open(&elf)) {
		text_set(why, why_bytes,
			 "%s: found no ELF file for i386, expected vmlinux",
			 path);
	} else if (!take_sites(sites, &elf, rom)) {
		text_set(why, why_bytes,
			 "%s: found no sound section .vmi_sites, expected the vmlinux of a kernel with vmiprof's patches",
			 path);
	} else {
		return sites;
	}
	kernel_sites_free(sites);
	return NULL;
}

const struct kernel_site *kernel_sites_find(const struct kernel_sites *sites,
					    unsigned int nr, uint32_t ret)
{
	const struct kernel_site wanted = {.ret = ret};
	const struct kernel_site *found =
		bsearch(&wanted, sites->site, sites->nr, sizeof(wanted),
			by_ret);

	return found && found->nr == nr ? found : NULL;
}

void kernel_sites_free(struct kernel_sites *sites)
{
	if (sites->file)
		(void)munmap((void *)sites->file, sites->file_bytes);
	free(sites->site);
	free(sites);
}
