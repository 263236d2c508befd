// SPDX-License-Identifier: GPL-2.0-only
#include "symbols.h"

#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <gelf.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input_file.h"
#include "symbol_lines.h"
#include "text.h"

/* The kernel's names have at most 511 bytes (KSYM_NAME_LEN). */
#define MAP_LINE_BYTES		1024

#define BUILD_ID_BYTES_MAX	((SYMBOLS_BUILD_ID_TEXT - 1) / 2)

struct symbol {
	uint64_t address;
	uint64_t end;		/* or the next symbol's address, if earlier */
	char *name;
	unsigned char rank;	/* of those at one address the least is taken */
	bool is_code;
};

struct symbols {
	char *path;
	size_t nr;
	struct symbol *symbol;	/* by address, one at each */

	uint8_t build_id[BUILD_ID_BYTES_MAX];
	size_t build_id_bytes;	/* 0: there is none */
	uint64_t build_id_phys;
	bool build_id_loaded;

	/* of an ELF file */
	int fd;
	Elf *elf;
	bool lines_known;
	struct symbol_lines *lines;	/* NULL: there are none */
};

static void add(struct symbols *symbols, struct symbol symbol, const char *name)
{
	if (!(symbols->nr & (symbols->nr - 1))) {
		symbols->symbol = reallocarray(symbols->symbol,
					       symbols->nr ? 2 * symbols->nr : 1,
					       sizeof(*symbols->symbol));
		if (!symbols->symbol)
			err(EXIT_FAILURE, "memory");
	}
	symbol.name = strdup(name);
	if (!symbol.name)
		err(EXIT_FAILURE, "memory");
	text_clean(symbol.name);
	symbols->symbol[symbols->nr++] = symbol;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank - y->rank;
	return strcmp(x->name, y->name);
}

/* Sort, and keep one symbol of each address.  Is there any of code? */
static bool settle(struct symbols *symbols)
{
	bool has_code = false;
	size_t kept = 0;

	if (symbols->nr)
		qsort(symbols->symbol, symbols->nr, sizeof(*symbols->symbol),
		      by_address);
	for (size_t i = 0; i < symbols->nr; i++) {
		const struct symbol *symbol = &symbols->symbol[i];

		if (kept && symbols->symbol[kept - 1].address ==
				    symbol->address) {
			free(symbol->name);
			continue;
		}
		has_code |= symbol->is_code;
		symbols->symbol[kept++] = *symbol;
	}
	symbols->nr = kept;
	return has_code;
}

/* ---- ELF ---- */

/*
 * Names of functions, and global names without a type, which entry code of
 * assembler has; a function's own name before an alias.
 */
static void add_elf_symbol(struct symbols *symbols, const GElf_Sym *raw,
			   const char *name)
{
	const bool is_function = GELF_ST_TYPE(raw->st_info) == STT_FUNC;
	const bool is_local = GELF_ST_BIND(raw->st_info) == STB_LOCAL;
	Elf_Scn *section = elf_getscn(symbols->elf, raw->st_shndx);
	GElf_Shdr header;
	uint64_t end;

	if (!name || !*name || *name == '.' ||
	    raw->st_shndx >= SHN_LORESERVE || (!is_function && is_local) ||
	    (!is_function && GELF_ST_TYPE(raw->st_info) != STT_NOTYPE) ||
	    !section || !gelf_getshdr(section, &header) ||
	    !(header.sh_flags & SHF_EXECINSTR))
		return;
	end = header.sh_addr + header.sh_size;
	if (raw->st_value < header.sh_addr || raw->st_value >= end)
		return;
	if (raw->st_size && raw->st_size < end - raw->st_value)
		end = raw->st_value + raw->st_size;
	add(symbols,
	    (struct symbol){
		    .address = raw->st_value,
		    .end = end,
		    .rank = (unsigned char)(2 * !is_function + is_local),
		    .is_code = true,
	    },
	    name);
}

static void read_elf_symbols(struct symbols *symbols, Elf_Scn *section,
			     const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	const size_t bytes = gelf_fsize(symbols->elf, ELF_T_SYM, 1, EV_CURRENT);
	const size_t nr = data && bytes ? data->d_size / bytes : 0;

	for (size_t i = 0; i < nr && i < INT32_MAX; i++) {
		GElf_Sym raw;

		if (gelf_getsym(data, (int)i, &raw))
			add_elf_symbol(symbols, &raw,
				       elf_strptr(symbols->elf, header->sh_link,
						  raw.st_name));
	}
}

/* Where a part of the file is loaded to. */
static bool file_to_phys(const struct symbols *symbols, uint64_t offset,
			 uint64_t bytes, uint64_t *phys)
{
	size_t nr = 0;

	if (elf_getphdrnum(symbols->elf, &nr))
		return false;
	for (size_t i = 0; i < nr && i < INT32_MAX; i++) {
		GElf_Phdr header;

		if (!gelf_getphdr(symbols->elf, (int)i, &header) ||
		    header.p_type != PT_LOAD || offset < header.p_offset ||
		    offset - header.p_offset > header.p_filesz ||
		    bytes > header.p_filesz - (offset - header.p_offset))
			continue;
		*phys = header.p_paddr + (offset - header.p_offset);
		return true;
	}
	return false;
}

static void read_notes(struct symbols *symbols, Elf_Scn *section,
		       const GElf_Shdr *header)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t at = 0, next, name, content;
	GElf_Nhdr note;

	while (data && !symbols->build_id_bytes &&
	       (next = gelf_getnote(data, at, &note, &name, &content)) > 0) {
		const uint8_t *id = (const uint8_t *)data->d_buf + content;

		at = next;
		if (note.n_type != NT_GNU_BUILD_ID ||
		    note.n_namesz != sizeof(ELF_NOTE_GNU) || !note.n_descsz ||
		    note.n_descsz > BUILD_ID_BYTES_MAX ||
		    memcmp((const char *)data->d_buf + name, ELF_NOTE_GNU,
			   sizeof(ELF_NOTE_GNU)) != 0)
			continue;
		memcpy(symbols->build_id, id, note.n_descsz);
		symbols->build_id_bytes = note.n_descsz;
		symbols->build_id_loaded =
			file_to_phys(symbols, header->sh_offset + content,
				     note.n_descsz, &symbols->build_id_phys);
	}
}

static bool read_elf(struct symbols *symbols, char *why, size_t why_bytes)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(symbols->elf, section))) {
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header))
			continue;
		if (header.sh_type == SHT_SYMTAB)
			read_elf_symbols(symbols, section, &header);
		else if (header.sh_type == SHT_NOTE)
			read_notes(symbols, section, &header);
	}
	if (settle(symbols))
		return true;
	text_set(why, why_bytes,
		 "%s: found no symbols of code, expected a file that is not stripped",
		 symbols->path);
	return false;
}

/* ---- System.map ---- */

/* One line, "ADDRESS TYPE NAME"; data ends what precedes it. */
static bool add_map_line(struct symbols *symbols, char *line)
{
	const size_t digits = strspn(line, "0123456789abcdefABCDEF");
	char *name = line + digits + 3, type;

	if (!digits || digits > 16 || line[digits] != ' ' ||
	    !isalpha((unsigned char)line[digits + 1]) ||
	    line[digits + 2] != ' ')
		return false;
	type = line[digits + 1];
	name[strcspn(name, " \t\r\n")] = '\0';
	if (!*name)
		return false;
	if (type == 'A' || type == 'a' || type == 'U')
		return true;
	add(symbols,
	    (struct symbol){
		    .address = strtoull(line, NULL, 16),
		    .end = UINT64_MAX,
		    .rank = islower((unsigned char)type) ? 1 : 0,
		    .is_code = strchr("tTwW", type) != NULL,
	    },
	    name);
	return true;
}

static bool read_map(struct symbols *symbols, FILE *file, char *why,
		     size_t why_bytes)
{
	char line[MAP_LINE_BYTES];
	size_t number = 0;
	bool ok = true;

	while (ok && fgets(line, sizeof(line), file)) {
		number++;
		ok = strchr(line, '\n') && add_map_line(symbols, line);
	}
	if (!ok && number == 1)
		text_set(why, why_bytes,
			 "%s: found neither an ELF file nor a System.map, expected vmlinux or System.map of the guest's kernel",
			 symbols->path);
	else if (!ok)
		text_set(why, why_bytes,
			 "%s: line %zu: found no \"ADDRESS TYPE NAME\", expected a System.map",
			 symbols->path, number);
	else if (ferror(file))
		text_set(why, why_bytes, "%s: %s", symbols->path,
			 strerror(errno));
	else if (settle(symbols) && symbols->symbol[symbols->nr - 1].address)
		return true;
	else
		text_set(why, why_bytes,
			 "%s: found no address of code, expected the System.map of the guest's kernel",
			 symbols->path);
	return false;
}

/* ---- Both ---- */

/* Takes the file over. */
static bool read_file(struct symbols *symbols, FILE *file, char *why,
		      size_t why_bytes)
{
	char magic[SELFMAG] = "";
	bool is_elf = fread(magic, 1, SELFMAG, file) == SELFMAG &&
		      !memcmp(magic, ELFMAG, SELFMAG);
	bool ok;

	if (!is_elf) {
		rewind(file);
		ok = read_map(symbols, file, why, why_bytes);
		(void)fclose(file);
		return ok;
	}
	symbols->fd = dup(fileno(file));
	(void)fclose(file);
	(void)elf_version(EV_CURRENT);
	if (symbols->fd >= 0)
		symbols->elf = elf_begin(symbols->fd, ELF_C_READ_MMAP, NULL);
	if (symbols->elf)
		return read_elf(symbols, why, why_bytes);
	text_set(why, why_bytes, "%s: %s", symbols->path,
		 symbols->fd < 0 ? strerror(errno) : elf_errmsg(-1));
	return false;
}

/* A trace names its file of symbols, and may name a pipe: that is not waited for. */
static FILE *open_file(const char *path, char *why, size_t why_bytes)
{
	char reason[INPUT_WHY_BYTES];
	const int fd = input_open(path, NULL, reason);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd < 0)
		text_set(why, why_bytes, "%s: %s", path, reason);
	else if (!file)
		err(EXIT_FAILURE, "memory");
	return file;
}

struct symbols *symbols_open(const char *path, char *why, size_t why_bytes)
{
	struct symbols *symbols;
	FILE *file = open_file(path, why, why_bytes);

	if (!file)
		return NULL;
	symbols = calloc(1, sizeof(*symbols));
	if (!symbols || !(symbols->path = strdup(path)))
		err(EXIT_FAILURE, "memory");
	symbols->fd = -1;
	if (read_file(symbols, file, why, why_bytes))
		return symbols;
	symbols_close(symbols);
	return NULL;
}

const char *symbols_path(const struct symbols *symbols)
{
	return symbols->path;
}

/* The symbol of the code at this address, NULL if there is none. */
static const struct symbol *symbol_at(const struct symbols *symbols,
				      uint64_t address)
{
	size_t low = 0, high = symbols->nr;
	const struct symbol *found;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (symbols->symbol[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	found = &symbols->symbol[low - 1];
	/* What a map has last goes on for ever: its end is not known. */
	if (!found->is_code || address >= found->end ||
	    (low == symbols->nr && found->end == UINT64_MAX &&
	     address != found->address))
		return NULL;
	return found;
}

bool symbols_find(struct symbols *symbols, uint64_t address,
		  struct symbol_place *place)
{
	const struct symbol *symbol = symbol_at(symbols, address);

	if (!symbol)
		return false;
	*place = (struct symbol_place){
		.function = symbol->name,
		.offset = address - symbol->address,
	};
	if (symbols->elf && !symbols->lines_known) {
		symbols->lines = symbol_lines_open(symbols->elf);
		symbols->lines_known = true;
	}
	if (symbols->lines)
		symbol_lines_find(symbols->lines, address, place);
	return true;
}

bool symbols_find_call(struct symbols *symbols, uint64_t ret,
		       struct symbol_place *place)
{
	if (!ret || !symbols_find(symbols, ret - 1, place))
		return false;
	place->offset++;
	return true;
}

void symbol_place_text(const struct symbol_place *place, char *text,
		       size_t text_bytes)
{
	text_set(text, text_bytes, "%s+0x%" PRIx64, place->function,
		 place->offset);
}

const uint8_t *symbols_build_id(const struct symbols *symbols, size_t *bytes)
{
	*bytes = symbols->build_id_bytes;
	return *bytes ? symbols->build_id : NULL;
}

void symbols_build_id_text(const struct symbols *symbols,
			   char text[SYMBOLS_BUILD_ID_TEXT])
{
	text[0] = '\0';
	for (size_t i = 0; i < symbols->build_id_bytes; i++)
		text_append(text, SYMBOLS_BUILD_ID_TEXT, "%02x",
			    symbols->build_id[i]);
}

bool symbols_build_id_phys(const struct symbols *symbols, uint64_t *phys)
{
	if (symbols->build_id_loaded)
		*phys = symbols->build_id_phys;
	return symbols->build_id_loaded;
}

void symbols_close(struct symbols *symbols)
{
	if (!symbols)
		return;
	symbol_lines_close(symbols->lines);
	(void)elf_end(symbols->elf);
	if (symbols->fd >= 0)
		(void)close(symbols->fd);
	for (size_t i = 0; i < symbols->nr; i++)
		free(symbols->symbol[i].name);
	free(symbols->symbol);
	free(symbols->path);
	free(symbols);
}
