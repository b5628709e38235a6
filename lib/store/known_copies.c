/* SPDX-License-Identifier: MIT */
/*
 * store: the files to which commands have written what the state file holds. What is there is asked of the folders;
 * the table only says where to look.
 */
#include "store/known_copies.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/place.h"
#include "base/time.h"
#include "store/copies.h"
#include "store/statements.h"

struct known {
	struct sk_known_copy *list;
	size_t n, room;
};

static struct sk_known_copy *
add(struct known *known, const char *file, const char *kind)
{
	struct sk_known_copy *copy;

	known->list = sk_mem_grow(known->list, known->n + 1, &known->room, sizeof(*known->list));
	copy = &known->list[known->n++];
	*copy = (struct sk_known_copy){.file = sk_mem_copy(file), .kind = sk_mem_copy(kind)};
	return copy;
}

/* A link leads to a copy that is kept, which is named itself. */
static bool
is_file(const char *path, int64_t *written_at)
{
	struct stat st;

	if (lstat(path, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*written_at = (int64_t)st.st_mtime * SK_SECOND;
	return true;
}

static void
add_files(struct known *known, char **files, size_t n, const char *kind)
{
	int64_t written_at;

	for (size_t i = 0; i < n; i++) {
		if (is_file(files[i], &written_at)) {
			struct sk_known_copy *copy = add(known, files[i], kind);

			copy->made_at = written_at;
			copy->is_there = true;
		}
		free(files[i]);
	}
	free(files);
}

/* The file of that name, and those that are kept beside it. If there is none, the name. */
static void
add_noted(struct known *known, const char *file, const char *kind, int64_t made_at)
{
	size_t before = known->n, n;
	char **kept, *own = sk_mem_copy(file), **one = sk_mem_zero(1, sizeof(*one));

	one[0] = own;
	add_files(known, one, 1, kind);
	n = sk_copies_kept(file, &kept);
	add_files(known, kept, n, kind);
	if (known->n == before)
		add(known, file, kind)->made_at = made_at;
}

void
sk_known_copies_free(struct sk_known_copy *copies, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(copies[i].file);
		free(copies[i].kind);
	}
	free(copies);
}

int
sk_store_copies_known(struct sk_store *store, struct sk_known_copy **copies, size_t *n,
    struct sk_error *err)
{
	struct known known = {0};
	struct sk_query query;
	char **before;
	size_t n_before;

	sk_query_open(&query, store, SK_SQL_COPIES, err);
	while (sk_query_step(&query)) {
		char *file = sk_query_column_text(&query, 0);

		add_noted(&known, file, sk_query_column_look(&query, 1),
		    sk_query_column_time(&query, 2));
		free(file);
	}
	if (sk_query_close(&query) != 0) {
		sk_known_copies_free(known.list, known.n);
		return -1;
	}
	n_before = sk_copies_before_upgrade(store->file, &before);
	add_files(&known, before, n_before, "copy");
	*copies = known.list;
	*n = known.n;
	return 0;
}

/* Somebody has deleted it: its folder is there, so its disk is, too. */
static bool
is_deleted(const struct sk_known_copy *copy)
{
	char *folder = sk_place_folder(copy->file);
	struct stat st;
	bool has_folder = stat(folder, &st) == 0;

	free(folder);
	return !copy->is_there && has_folder;
}

static int
put(struct sk_store *store, const char *target, enum sk_written what, struct sk_error *err)
{
	struct sk_query query;
	char *real;
	int result;

	if (sk_copies_find(target, what == SK_WRITTEN_KEPT, &real, err) != 0)
		return -1;
	sk_query_write(&query, store, SK_SQL_COPY_PUT, err);
	sk_query_text(&query, 1, real);
	sk_query_text(&query, 2, what == SK_WRITTEN_ARCHIVE ? "archive" : "copy");
	sk_query_time(&query, 3, sk_time_now());
	result = sk_query_run(&query, NULL);
	free(real);
	return result;
}

static int
forget(struct sk_store *store, const char *file, struct sk_error *err)
{
	struct sk_query query;

	sk_query_write(&query, store, SK_SQL_COPY_FORGET, err);
	sk_query_text(&query, 1, file);
	return sk_query_run(&query, NULL);
}

static int
note(struct sk_store *store, const char *target, enum sk_written what, struct sk_error *err)
{
	struct sk_known_copy *known;
	int result = 0;
	size_t n;

	if (sk_store_copies_known(store, &known, &n, err) != 0)
		return -1;
	for (size_t i = 0; i < n && result == 0; i++)
		if (is_deleted(&known[i]))
			result = forget(store, known[i].file, err);
	sk_known_copies_free(known, n);
	return result == 0 ? put(store, target, what, err) : -1;
}

int
sk_store_copy_note(struct sk_store *store, const char *target, enum sk_written what,
    struct sk_error *err)
{
	int own;

	if (sk_own_begin(store, &own, err) != 0)
		return -1;
	return sk_own_end(store, own, note(store, target, what, err), err);
}
