/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * log_tail.h - the end of a log file, and new text in it
 */
#ifndef LOG_TAIL_H
#define LOG_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * The last lines, at most nr, of the file's last few KiB, without the final
 * newline; "" when there is none.  To be freed.
 */
char *log_tail(const char *path, int nr);

/* Whether a line of the file's last few KiB contains text. */
bool log_tail_has(const char *path, const char *text);

/*
 * Keep of a file that somebody else writes, and goes on writing, the first part and
 * the last, at most `bytes` of disk or memory in all; what was between reads as
 * zeros.  Returns how many bytes were given up since its beginning.
 */
off_t log_bound_fd(int fd, off_t bytes);

/* The same for a file by its name; 0 if there is none. */
off_t log_bound(const char *path, off_t bytes);

/*
 * Copy what the file has beyond *offset to fd, as far as that goes without waiting,
 * and move *offset on.  Returns how many bytes are left.
 */
off_t log_follow(const char *path, off_t *offset, int fd);

#endif /* LOG_TAIL_H */
