// SPDX-License-Identifier: GPL-2.0-only
#include "export_file.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

bool export_file_open(struct export_file *file, const char *path)
{
	struct stat st;

	file->path = path;
	file->new_path = NULL;
	file->out.used = 0;
	file->out.file = stdout;
	if (path) {
		/* Only a regular file can be replaced. */
		if (stat(path, &st) || S_ISREG(st.st_mode)) {
			if (asprintf(&file->new_path, "%s.new", path) < 0)
				err(EXIT_FAILURE, "memory");
			path = file->new_path;
		}
		file->out.file = fopen(path, "we");
	}
	if (!file->out.file) {
		warn("cannot write %s", path);
		free(file->new_path);
		return false;
	}
	return true;
}

bool export_file_close(struct export_file *file)
{
	int error = 0;

	put_flush(&file->out);
	if (fflush(file->out.file) || ferror(file->out.file))
		error = errno ? errno : EIO;
	if (file->path && fclose(file->out.file) && !error)
		error = errno;
	if (!error && file->new_path && rename(file->new_path, file->path))
		error = errno;
	if (error) {
		errno = error;
		warn("cannot write %s",
		     file->path ? file->path : "standard output");
		if (file->new_path)
			(void)remove(file->new_path);
	}
	free(file->new_path);
	return !error;
}

void export_file_drop(struct export_file *file)
{
	if (file->path)
		(void)fclose(file->out.file);
	if (file->new_path)
		(void)remove(file->new_path);
	free(file->new_path);
}
