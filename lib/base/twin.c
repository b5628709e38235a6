/* SPDX-License-Identifier: MIT */
/*
 * twin: the record of the lock file, read and written. A record that is damaged counts as missing, and
 * then the other one counts; when both are, the file has no twin, which stops what would be sent.
 */
#include "base/twin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/lock_parts.h"

/* Text, so that a person can read it: the numbers have fixed widths, so that all records are alike. */
#define RECORD                                                                           \
	"twin 1 %016" PRIx64 " %019" PRId64 " %016" PRIx64 " %019" PRId64 " %019" PRId64 \
	" %019" PRId64 " %019" PRId64 " "
#define SCAN                                                                                      \
	"twin 1 %16" SCNx64 " %19" SCNd64 " %16" SCNx64 " %19" SCNd64 " %19" SCNd64 " %19" SCNd64 \
	" %19" SCNd64 " "
#define BODY (7 + 2 * 17 + 5 * 20) /* bytes before the checksum */
#define SUM 16
#define LENGTH (BODY + SUM + 1)
#define EARLIER_DIGITS 19

/* FNV-1a: it has to tell a torn sector from a whole one, not a forged one. */
static uint64_t
checksum(const char *bytes, size_t n)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3);
	return sum;
}

static void
write_text(const struct sk_twin *twin, char text[LENGTH + 1])
{
	snprintf(text, LENGTH + 1, RECORD, (uint64_t)twin->pair, twin->count, (uint64_t)twin->mark,
	    twin->list, twin->row, twin->departed_at, twin->written);
	snprintf(text + BODY, SUM + 2, "%016" PRIx64 "\n", checksum(text, BODY));
}

/* Whether text is a whole record. */
static bool
read_text(const char *text, struct sk_twin *twin)
{
	char again[LENGTH + 1];
	uint64_t pair, mark;

	memset(twin, 0, sizeof(*twin));
	if (sscanf(text, SCAN, &pair, &twin->count, &mark, &twin->list, &twin->row,
		&twin->departed_at, &twin->written) != 7)
		return false;
	twin->pair = (int64_t)pair;
	twin->mark = (int64_t)mark;
	twin->is_there = true;
	write_text(twin, again);
	return strcmp(text, again) == 0;
}

/* Version 5 kept one number there. A crash may have left zeros in its place: nothing was written yet. */
static int64_t
read_earlier(const char *text, size_t n)
{
	int64_t row = 0;

	if (n == 0 || text[0] == '\0')
		return 0;
	if (n <= EARLIER_DIGITS || text[EARLIER_DIGITS] != '\n')
		return -1;
	for (int i = 0; i < EARLIER_DIGITS; i++) {
		int digit = text[i] - '0';

		if (digit < 0 || digit > 9 || row > (INT64_MAX - digit) / 10)
			return -1;
		row = row * 10 + digit;
	}
	return row;
}

int
sk_twin_read(const struct sk_lock *lock, struct sk_twin *twin, struct sk_error *err)
{
	char head[EARLIER_DIGITS + 2] = "";
	int n = sk_lock_read_at(lock, SK_LOCK_AT_HEAD, head, EARLIER_DIGITS + 1, err);

	if (n < 0)
		return -1;
	memset(twin, 0, sizeof(*twin));
	for (int i = 0; i < 2; i++) {
		char text[LENGTH + 1] = "";
		struct sk_twin found;

		if (sk_lock_read_at(lock, SK_LOCK_AT_TWIN + i * SK_LOCK_SECTOR, text, LENGTH, err) <
		    0)
			return -1;
		if (read_text(text, &found) && (!twin->is_there || found.written > twin->written))
			*twin = found;
	}
	twin->earlier_row = read_earlier(head, (size_t)n);
	return 0;
}

/*
 * Version 0.1.0 reads only this number. When somebody goes back to it, with the copy that was made before the state
 * file was converted, it sees by the number that requests are missing from that copy, and sends nothing.
 */
static int
raise_earlier(struct sk_lock *lock, struct sk_twin *twin, struct sk_error *err)
{
	char line[EARLIER_DIGITS + 4];

	if (twin->earlier_row < 0 || twin->row <= twin->earlier_row)
		return 0;
	snprintf(line, sizeof(line), "%0*" PRId64 "\n", EARLIER_DIGITS, twin->row);
	if (sk_lock_write_at(lock, SK_LOCK_AT_HEAD, line, EARLIER_DIGITS + 1, err) != 0)
		return -1;
	twin->earlier_row = twin->row;
	return 0;
}

int
sk_twin_write(struct sk_lock *lock, struct sk_twin *twin, struct sk_error *err)
{
	struct sk_twin next = *twin;
	char text[LENGTH + 1];

	if (raise_earlier(lock, &next, err) != 0)
		return -1;
	next.is_there = true;
	next.written++;
	write_text(&next, text);
	/* The sector of the record before the one that counts now. */
	if (sk_lock_write_at(lock, SK_LOCK_AT_TWIN + next.written % 2 * SK_LOCK_SECTOR, text,
		LENGTH, err) != 0 ||
	    sk_lock_sync(lock, err) != 0)
		return -1;
	*twin = next;
	return 0;
}

int
sk_twin_random(int64_t *number, struct sk_error *err)
{
	do {
		if (getentropy(number, sizeof(*number)) != 0)
			return sk_error_set(err, SK_EXIT_NO_RESOURCE, "no random numbers: %s",
			    strerror(errno));
	} while (*number == 0);
	return 0;
}
