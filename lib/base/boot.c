/* SPDX-License-Identifier: MIT */
/*
 * boot: reads the kernel's id of this boot. Where there is none, or /proc can't be read, the time of
 * the boot is used; it may then look like another boot when somebody sets the clock.
 */
#include "base/boot.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"

#define LINUX_FILE "/proc/sys/kernel/random/boot_id"
#define STEP (10 * SK_MINUTE)

/* The length of the text; 0: there is none. */
static size_t
read_id(char text[SK_BOOT_ID])
{
	int fd = open(LINUX_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd == -1 ? -1 : read(fd, text, SK_BOOT_ID - 1);
	size_t n = 0;

	if (fd != -1)
		close(fd);
	while (got > 0 && n < (size_t)got && (isxdigit((unsigned char)text[n]) || text[n] == '-'))
		n++;
	text[n] = '\0';
	return n;
}

char *
sk_boot_id(char text[SK_BOOT_ID])
{
	int64_t began = sk_time_machine() - sk_time_boot();

	if (read_id(text) == 0)
		snprintf(text, SK_BOOT_ID, "since %lld",
		    (long long)((began + STEP / 2) / STEP * STEP / SK_SECOND));
	return text;
}
