// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions and lines of this very program, which is an ELF file with DWARF whose
 * addresses are known, and of made-up System.maps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../synth/scratch.h"
#include "lib/symbols.h"

static volatile unsigned int counter;

static inline __attribute__((always_inline)) uintptr_t return_address(void)
{
	uintptr_t here;

	counter++;
	__asm__ volatile("call 1f\n1:\tpop %0" : "=r"(here));
	return here;
}

enum { LINE_OF_CALL = __LINE__ + 6 };

__attribute__((noinline)) static uintptr_t calls_from_here(void)
{
	counter += 2;

	return return_address();
}

/* A call is its last instruction: what it returns to is the next function. */
__asm__(".globl ends_with_a_call\n"
	".type ends_with_a_call, @function\n"
	"ends_with_a_call:\n"
	"nop\n"
	"call abort@plt\n"
	".size ends_with_a_call, . - ends_with_a_call\n"
	".globl stands_behind\n"
	".type stands_behind, @function\n"
	"stands_behind:\n"
	"nop\n"
	".size stands_behind, . - stands_behind\n"
	".p2align 4, 0xcc\n");
extern char ends_with_a_call[], stands_behind[];

/* Its address is what the loader added to the addresses in the file. */
extern const char __ehdr_start[];

static uintptr_t load_base(void)
{
	return (uintptr_t)__ehdr_start;
}

static struct symbols *open_self(void)
{
	char why[200] = "";
	struct symbols *symbols =
		symbols_open("/proc/self/exe", why, sizeof(why));

	assert_string_equal(why, "");
	assert_non_null(symbols);
	return symbols;
}

static void function_and_line(void **state)
{
	struct symbols *symbols = open_self();
	const uintptr_t base = load_base();
	const uintptr_t ret = calls_from_here();
	struct symbol_place place;
	char text[64], expected[64];

	(void)state;
	assert_true(symbols_find_call(symbols, ret - base, &place));
	assert_string_equal(place.function, "calls_from_here");
	assert_int_equal(place.offset, ret - (uintptr_t)calls_from_here);
	assert_string_equal(place.file, "tests/unit/symbols.c");
	assert_int_equal(place.line, LINE_OF_CALL);
	assert_string_equal(place.inlined, "return_address");
	symbol_place_text(&place, text, sizeof(text));
	(void)snprintf(expected, sizeof(expected), "calls_from_here+0x%zx",
		       (size_t)(ret - (uintptr_t)calls_from_here));
	assert_string_equal(text, expected);

	assert_true(symbols_find(symbols, (uintptr_t)calls_from_here - base,
				 &place));
	assert_int_equal(place.offset, 0);
	assert_in_range(place.line, LINE_OF_CALL - 4, LINE_OF_CALL);
	assert_null(place.inlined);
	symbols_close(symbols);
}

static void call_at_the_end(void **state)
{
	struct symbols *symbols = open_self();
	const uintptr_t ret = (uintptr_t)stands_behind - load_base();
	struct symbol_place place;

	(void)state;
	assert_true(symbols_find(symbols, ret, &place));
	assert_string_equal(place.function, "stands_behind");
	assert_true(symbols_find_call(symbols, ret, &place));
	assert_string_equal(place.function, "ends_with_a_call");
	assert_int_equal(place.offset, stands_behind - ends_with_a_call);
	/* Padding behind a function is in none, data neither. */
	assert_false(symbols_find(symbols, ret + 1, &place));
	assert_false(symbols_find(symbols, (uintptr_t)&counter - load_base(),
				  &place));
	assert_false(symbols_find(symbols, 0, &place));
	assert_false(symbols_find_call(symbols, 0, &place));
	assert_false(symbols_find(symbols, UINT64_MAX, &place));
	symbols_close(symbols);
}

/* The note as the loader put it into memory is where it should be. */
static void build_id(void **state)
{
	struct symbols *symbols = open_self();
	char text[SYMBOLS_BUILD_ID_TEXT], byte[3];
	const uint8_t *id;
	uint64_t phys;
	size_t bytes;

	(void)state;
	id = symbols_build_id(symbols, &bytes);
	assert_non_null(id);
	assert_true(bytes >= 8);
	assert_true(symbols_build_id_phys(symbols, &phys));
	assert_memory_equal(__ehdr_start + phys, id,
			    bytes);
	symbols_build_id_text(symbols, text);
	assert_int_equal(strlen(text), 2 * bytes);
	(void)snprintf(byte, sizeof(byte), "%02x", id[bytes - 1]);
	assert_string_equal(text + 2 * (bytes - 1), byte);
	symbols_close(symbols);
}

static struct symbols *open_text(const char *text, size_t bytes, char *why,
				 size_t why_bytes)
{
	char *dir = scratch_new();
	struct symbols *symbols;
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/image", dir);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, bytes, file), bytes);
	assert_int_equal(fclose(file), 0);
	symbols = symbols_open(path, why, why_bytes);
	scratch_remove(dir);
	return symbols;
}

static void system_map(void **state)
{
	static const char map[] = "00000000 A absolute\n"
				  "c1000020 t second\n"
				  "c1000000 T _text\n"
				  "c1000000 t _stext_alias\n"
				  "c1000040 D data\n"
				  "c1000060 W \033[31mlast\n";
	static const struct {
		uint64_t address;
		const char *text;
	} cases[] = {
		{ 0xc0ffffff, NULL },
		{ 0xc1000000, "_text+0x0" },
		{ 0xc100001f, "_text+0x1f" },
		{ 0xc1000020, "second+0x0" },
		{ 0xc100003f, "second+0x1f" },
		{ 0xc1000040, NULL },
		{ 0xc1000060, "?[31mlast+0x0" },
		{ 0xc1000061, NULL },	/* how long the last one is? */
	};
	char why[200] = "", text[SYMBOLS_BUILD_ID_TEXT];
	struct symbols *symbols =
		open_text(map, sizeof(map) - 1, why, sizeof(why));
	struct symbol_place place;
	size_t bytes;

	(void)state;
	assert_non_null(symbols);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool found = symbols_find(symbols, cases[i].address, &place);

		assert_int_equal(found, cases[i].text != NULL);
		if (!found)
			continue;
		symbol_place_text(&place, text, sizeof(text));
		assert_string_equal(text, cases[i].text);
		assert_null(place.file);
		assert_int_equal(place.line, 0);
	}
	assert_null(symbols_build_id(symbols, &bytes));
	symbols_build_id_text(symbols, text);
	assert_string_equal(text, "");
	symbols_close(symbols);
}

static void refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "found no address of code" },
		{ "MZ\x90 a bzImage\n", "found neither an ELF file nor" },
		{ "c1000000 T a\nfoo\n", "line 2: found no" },
		{ "c1000000 T a\nc1000010 T \n", "line 2: found no" },
		{ "00000000 T a\n00000000 t b\n", "found no address of code" },
		{ "c1000000 T cut", "found neither an ELF file nor" },
		{ "c1000000 D a\n", "found no address of code" },
		{ "\x7f"
		  "ELF",
		  "" },
	};
	char why[300];

	(void)state;
	assert_null(symbols_open("/nonexistent/vmlinux", why, sizeof(why)));
	assert_string_equal(why, "/nonexistent/vmlinux: No such file or directory");
	/* Neither is read, and nobody waits for a terminal or a pipe. */
	assert_null(symbols_open("/dev/zero", why, sizeof(why)));
	assert_non_null(strstr(why, "/dev/zero: found a device"));
	assert_null(symbols_open("/", why, sizeof(why)));
	assert_non_null(strstr(why, "/: found a directory"));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(open_text(cases[i].text, strlen(cases[i].text), why,
				      sizeof(why)));
		assert_non_null(strstr(why, "/image: "));
		assert_non_null(strstr(why, cases[i].why));
	}
}

/* Every eighth or so of this program: what can be read is, the rest is not. */
static void truncated(void **state)
{
	FILE *file = fopen("/proc/self/exe", "rb");
	const uintptr_t ret = calls_from_here() - load_base();
	struct symbol_place place;
	char why[300], *self;
	size_t bytes;

	(void)state;
	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	bytes = (size_t)ftell(file);
	rewind(file);
	self = malloc(bytes);
	assert_non_null(self);
	assert_int_equal(fread(self, 1, bytes, file), bytes);
	(void)fclose(file);
	for (size_t cut = 1; cut <= 9; cut++) {
		struct symbols *symbols = open_text(
			self, bytes - bytes * cut / 10 + 3, why, sizeof(why));

		if (symbols)
			(void)symbols_find_call(symbols, ret, &place);
		symbols_close(symbols);
	}
	free(self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function_and_line),
		cmocka_unit_test(call_at_the_end),
		cmocka_unit_test(build_id),
		cmocka_unit_test(system_map),
		cmocka_unit_test(refused),
		cmocka_unit_test(truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
