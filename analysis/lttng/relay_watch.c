// SPDX-License-Identifier: GPL-2.0-only
#include "relay_watch.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * Host and control port of the path as LTTng shows it,
 * "net://HOST[:PORT]/PATH[:PORT] [data: PORT]"; an IPv6 address is in brackets.
 */
static bool parse(const char *path, char *host, size_t bytes, char port[6])
{
	const char *p = strstr(path, "://");
	const char *end, *data, *colon = NULL;
	size_t digits = 0;

	if (!p)
		return false;
	p += 3;
	if (*p == '[') {
		end = strchr(++p, ']');
		if (!end)
			return false;
	} else {
		end = p + strcspn(p, ":/");
	}
	if (end == p || (size_t)(end - p) >= bytes)
		return false;
	memcpy(host, p, (size_t)(end - p));
	host[end - p] = '\0';
	data = strstr(end, " [data");
	for (p = end; *p && p != data; p++) {
		if (*p == ':' && isdigit((unsigned char)p[1]))
			colon = p;
	}
	if (!colon)
		return false;
	for (p = colon + 1; isdigit((unsigned char)*p) && digits < 5; p++)
		port[digits++] = *p;
	port[digits] = '\0';
	return true;
}

int relay_watch_open(const char *path)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo *found;
	char host[256], port[6];
	int fd = -1;

	if (!parse(path, host, sizeof(host), port) ||
	    getaddrinfo(host, port, &hints, &found))
		return -1;
	for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC,
			    a->ai_protocol);
		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen)) {
			close(fd);
			fd = -1;
		}
	}
	freeaddrinfo(found);
	return fd;
}

bool relay_watch_gone(int fd)
{
	char byte;
	ssize_t n;

	if (fd < 0)
		return false;
	n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
	return !n || (n < 0 && errno != EAGAIN && errno != EINTR);
}
