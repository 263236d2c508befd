// SPDX-License-Identifier: GPL-2.0-only
#include "export_file.h"

#include <err.h>
#include <string.h>

#include "lib/standard_files.h"

static bool failed(const struct export_file *file, int error)
{
	warnx("cannot write %s: %s", file->path, strerror(error));
	return false;
}

bool export_file_open(struct export_file *file, const char *path)
{
	int error;

	file->path = path;
	file->out.used = 0;
	file->out.file = stdout;
	if (!path)
		return true;
	error = whole_file_open(&file->whole, path);
	if (error)
		return failed(file, error);
	file->out.file = file->whole.out;
	return true;
}

bool export_file_close(struct export_file *file)
{
	int error = 0;

	put_flush(&file->out);
	if (file->path)
		error = whole_file_commit(&file->whole);
	else
		return standard_output_flush();
	return !error || failed(file, error);
}

void export_file_drop(struct export_file *file)
{
	if (file->path)
		whole_file_drop(&file->whole);
}
