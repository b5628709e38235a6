/* SPDX-License-Identifier: MIT */
/*
 * http: where the authorities' certificates are. A configured file that can't be read is 78; without
 * one libcurl's own default is used.
 */
#include "http/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

/* A folder with fewer hashed certificates may hold only somebody's own ones. */
#define ENOUGH_HASHES 32

static const char usual_folder[] = "/etc/ssl/certs";

/* The form in which c_rehash names its links: "5ed36f99.0". */
static bool
is_hash_name(const char *name)
{
	return strspn(name, "0123456789abcdef") == 8 && strcmp(name + 8, ".0") == 0;
}

static bool
folder_is_hashed(const char *folder)
{
	const struct dirent *entry;
	DIR *dir = opendir(folder);
	int hashes = 0;

	if (dir == NULL)
		return false;
	/* Nobody else reads this stream. */
	/* cppcheck-suppress readdirCalled */
	while (hashes < ENOUGH_HASHES && (entry = readdir(dir)) != NULL)
		hashes += is_hash_name(entry->d_name);
	closedir(dir);
	return hashes == ENOUGH_HASHES;
}

static int
check_file(const char *file, struct sk_error *err)
{
	struct stat info;
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return sk_error_set(err, SK_EXIT_CONFIG, "can't read ca_file %s: %s", file,
		    strerror(errno));
	if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) || info.st_size == 0) {
		close(fd);
		return sk_error_set(err, SK_EXIT_CONFIG,
		    "ca_file %s isn't a file with certificates", file);
	}
	close(fd);
	return 0;
}

int
sk_http_trust_configured(const struct sk_config *config, struct sk_http_trust *trust,
    struct sk_error *err)
{
	if (config->ca_file == NULL)
		return 0;
	if (check_file(config->ca_file, err) != 0)
		return -1;
	trust->file = sk_mem_copy(config->ca_file);
	return 0;
}

void
sk_http_trust_find(const char *tls_library, const char *built_in_folder,
    struct sk_http_trust *trust)
{
	const char *folder = built_in_folder != NULL ? built_in_folder : usual_folder;

	if (trust->file != NULL || trust->folder != NULL)
		return;
	/*
	 * OpenSSL reads from a folder only the certificates that it needs. GnuTLS reads all of
	 * them, so there a folder wouldn't be faster.
	 */
	if (tls_library != NULL && strstr(tls_library, "OpenSSL") != NULL &&
	    folder_is_hashed(folder))
		trust->folder = sk_mem_copy(folder);
}

void
sk_http_trust_fini(struct sk_http_trust *trust)
{
	free(trust->file);
	free(trust->folder);
	trust->file = NULL;
	trust->folder = NULL;
}
