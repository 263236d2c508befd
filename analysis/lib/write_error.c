// SPDX-License-Identifier: GPL-2.0-only
#include "write_error.h"

#include <errno.h>
#include <stddef.h>

/* What writing to a file or a pipe ends with. */
static int is_of_write(int error)
{
	static const int errors[] = { ENOSPC, EDQUOT, EFBIG, EIO, EPIPE,
				      EBADF,  EAGAIN, EROFS };

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (error == errors[i])
			return 1;
	}
	return 0;
}

int write_error(FILE *out)
{
	/* Of an earlier write the stream keeps only that it failed. */
	int earlier = errno;

	if (fflush(out))
		return errno;
	if (!ferror(out))
		return 0;
	return is_of_write(earlier) ? earlier : EIO;
}
