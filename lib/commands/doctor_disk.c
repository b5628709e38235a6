/* SPDX-License-Identifier: MIT */
/* doctor: room on the disk of the state file, and whether the names of files fit. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/place.h"
#include "commands/doctor_parts.h"

#define LEAST \
	(64ULL << 20)    /* free bytes; a journal, or a copy, can be as large as the state file */
#define LONGEST_PATH 512 /* that SQLite opens */

static const char longest_suffix[] = "-journal";

static unsigned long long
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (unsigned long long)st.st_size : 0;
}

static void
tell_room(struct sk_doctor *doctor, const char *folder, const struct statvfs *disk)
{
	struct sk_doctor_about about = {"disk", folder};
	unsigned long long room = (unsigned long long)disk->f_bavail * disk->f_frsize;
	unsigned long long file = size_of(doctor->session.config.db);
	unsigned long long least = file > LEAST ? file : LEAST;
	char *free_words = sk_doctor_size_words(room), *least_words = sk_doctor_size_words(least);

	if ((disk->f_flag & ST_RDONLY) != 0)
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, SK_EXIT_CANT_WRITE,
		    "it is mounted read-only; look for the reason with dmesg, then run: mount -o "
		    "remount,rw on it");
	else if (disk->f_files > 0 && disk->f_favail == 0)
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, SK_EXIT_CANT_WRITE,
		    "no more files can be made on it (its inodes are used up); delete some: df -i");
	else if (room < least)
		sk_doctor_tell(doctor, about, room == 0 ? SK_DOCTOR_CRITICAL : SK_DOCTOR_WARNING,
		    SK_EXIT_CANT_WRITE, "%s are free, and %s should be; make room: df -h %s",
		    free_words, least_words, folder);
	else
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "%s are free", free_words);
	free(free_words);
	free(least_words);
}

/* Told only where it matters. */
static void
tell_names(struct sk_doctor *doctor, const char *folder)
{
	const char *db = doctor->session.config.db, *slash = strrchr(db, '/');
	struct sk_doctor_about about = {"disk", "file names"};
	size_t name = strlen(slash != NULL ? slash + 1 : db) + strlen(longest_suffix);
	long most = pathconf(folder, _PC_NAME_MAX);

	if (most > 0 && name > (size_t)most)
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, SK_EXIT_CONFIG,
		    "the name of the state file is too long: with %s it has %zu bytes, and %ld are "
		    "possible; choose a shorter one with db or -D",
		    longest_suffix, name, most);
	else if (strlen(db) + strlen(longest_suffix) >= LONGEST_PATH)
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, SK_EXIT_CONFIG,
		    "the path of the state file is too long: with %s it has %zu bytes, and fewer "
		    "than %d are possible; choose a shorter one with db or -D",
		    longest_suffix, strlen(db) + strlen(longest_suffix), LONGEST_PATH);
}

void
sk_doctor_disk(struct sk_doctor *doctor)
{
	struct statvfs disk;
	char *folder;

	if (!doctor->has_db)
		return;
	folder = sk_place_folder(doctor->session.config.db);
	if (statvfs(folder, &disk) == 0)
		tell_room(doctor, folder, &disk);
	tell_names(doctor, folder);
	free(folder);
}
