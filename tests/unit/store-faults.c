/* SPDX-License-Identifier: MIT */
/*
 * Transactions of the state file while its system calls fail: what is
 * reported as committed is in the file, what isn't leaves it as before or, when only the last step
 * failed, whole.
 */
#include "store/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/statements.h"
#include "folder.h"
#include "tap.h"

static char folder[] = "/tmp/unit-faults-XXXXXX";

static struct sk_store *
open_or_die(void)
{
	char *path = sk_mem_printf("%s/sikka.db", folder);
	struct sk_error err = {0};
	struct sk_store *store = NULL;

	if (sk_store_create(path, 1, &store, &err) != 0) {
		printf("Bail out! %s\n", err.text);
		exit(1);
	}
	free(path);
	return store;
}

/* Faults: the Nth call of one system call fails, once or from then on. */
static int countdown, sticky, hits;
static int (*real_fcntl)(int, int, ...);
static int (*real_ftruncate)(int, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);

static int
fails(void)
{
	if (countdown > 0 && --countdown == 0) {
		hits++;
		countdown = sticky ? 1 : 0;
		return 1;
	}
	return 0;
}

static int
fake_fcntl(int fd, int command, ...)
{
	va_list args;
	void *arg;

	va_start(args, command);
	arg = va_arg(args, void *);
	va_end(args);
	if (fails()) {
		errno = EIO;
		return -1;
	}
	return real_fcntl(fd, command, arg);
}

static int
fake_ftruncate(int fd, off_t size)
{
	if (fails()) {
		errno = EIO;
		return -1;
	}
	return real_ftruncate(fd, size);
}

static ssize_t
fake_write(int fd, const void *bytes, size_t n)
{
	if (fails()) {
		errno = ENOSPC;
		return -1;
	}
	return real_write(fd, bytes, n);
}

static ssize_t
fake_pwrite(int fd, const void *bytes, size_t n, off_t at)
{
	if (fails()) {
		errno = ENOSPC;
		return -1;
	}
	return real_pwrite(fd, bytes, n, at);
}

static const char *const calls[] = {"fcntl", "ftruncate", "write", "pwrite", "pwrite64"};
static const sqlite3_syscall_ptr fakes[] = {(sqlite3_syscall_ptr)fake_fcntl,
    (sqlite3_syscall_ptr)fake_ftruncate, (sqlite3_syscall_ptr)fake_write,
    (sqlite3_syscall_ptr)fake_pwrite, (sqlite3_syscall_ptr)fake_pwrite};

static void
keep_real_calls(sqlite3_vfs *vfs)
{
	real_fcntl = (int (*)(int, int, ...))vfs->xGetSystemCall(vfs, "fcntl");
	real_ftruncate = (int (*)(int, off_t))vfs->xGetSystemCall(vfs, "ftruncate");
	real_write = (ssize_t(*)(int, const void *, size_t))vfs->xGetSystemCall(vfs, "write");
	sqlite3_syscall_ptr call = vfs->xGetSystemCall(vfs, "pwrite64");

	if (call == NULL)
		call = vfs->xGetSystemCall(vfs, "pwrite");
	real_pwrite = (ssize_t(*)(int, const void *, size_t, off_t))call;
}

/* One transaction under a fault. 0 nothing was hit any more, 1 consistent, -1 not. */
static int
one_fault(size_t call, int nth, int *believed)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	struct sk_error err = {0}, none = {0};
	struct sk_store *store = open_or_die(), *witness;
	int64_t before = 0, after = -1, b = -2;
	int result;

	store->busy_most = 50;
	sk_store_fact_get(store, "a", &before, &none);
	hits = 0;
	vfs->xSetSystemCall(vfs, calls[call], fakes[call]);
	countdown = nth;
	result = sk_store_begin(store, &err);
	if (result == 0)
		result = sk_store_fact_set(store, "a", before + 1, &err);
	if (result == 0)
		result = sk_store_fact_set(store, "b", before + 1, &err);
	if (result == 0)
		result = sk_store_commit(store, &err);
	else
		sk_store_rollback(store);
	countdown = 0;
	vfs->xSetSystemCall(vfs, calls[call], NULL);

	witness = open_or_die();
	sk_store_fact_get(witness, "a", &after, &none);
	sk_store_fact_get(witness, "b", &b, &none);
	sk_store_free(witness);
	*believed += hits > 0 && result == 0;
	if (none.code != 0 || after != b || (result == 0 && after != before + 1) ||
	    (result != 0 && after != before && after != before + 1) ||
	    (result != 0) != (err.code != 0)) {
		printf("# %s %d%s: %d, %lld %lld %lld, %s\n", calls[call], nth, sticky ? "+" : "",
		    result, (long long)before, (long long)after, (long long)b, err.text);
		sk_store_free(store);
		return -1;
	}
	/* whatever happened, the same store works again */
	if (sk_store_fact_set(store, "a", after + 1, &none) != 0 ||
	    sk_store_fact_set(store, "b", after + 1, &none) != 0) {
		printf("# %s %d: afterwards: %s\n", calls[call], nth, none.text);
		hits = -1;
	}
	sk_store_free(store);
	return hits > 0 ? 1 : hits;
}

static void
test_faults(void)
{
	int believed = 0;
	struct sk_error err = {0};
	struct sk_store *store = open_or_die();

	sk_store_fact_set(store, "a", 1, &err);
	sk_store_fact_set(store, "b", 1, &err);
	sk_store_free(store);
	keep_real_calls(sqlite3_vfs_find(NULL));
	for (sticky = 0; sticky < 2; sticky++) {
		for (size_t call = 0; call < sizeof(calls) / sizeof(calls[0]); call++) {
			int nth = 0, state;

			do
				state = one_fault(call, ++nth, &believed);
			while (state == 1 && nth < 500);
			is_int(state, 0, calls[call]);
			printf("# %d faults\n", nth - 1);
		}
	}
	ok(believed > 0,
	    "%d transactions were in the file in spite of an error, and were read back", believed);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_faults();
	remove_folder(folder);
	return done_testing();
}
