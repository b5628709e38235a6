/* SPDX-License-Identifier: MIT */
/*
 * http_library: opens libcurl for the first request. If it isn't there, or lacks a function, this is an error (71)
 * before anything is sent.
 */
#include "http/library.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A builder may name another one: see README. */
#ifndef SK_LIBCURL
#ifdef __APPLE__
#define SK_LIBCURL "libcurl.4.dylib"
#else
#define SK_LIBCURL "libcurl.so.4"
#endif
#endif

struct sk_curl sk_curl;

#define NAME_AND_PLACE(name) {"curl_" #name, offsetof(struct sk_curl, name)},
static const struct {
	const char *name;
	size_t place;
} functions[] = {SK_CURL_FUNCTIONS(NAME_AND_PLACE)};

#ifdef __ELF__
/*
 * What makes packages and initrds reads this note, since the table of needed libraries doesn't name libcurl: see
 * "ELF note for dlopen() metadata" of the UAPI group. Its form is fixed: the sizes of vendor and text, a number, vendor,
 * text.
 */
#define VENDOR "FDO"
#define NOTE_DLOPEN 0x407c0c0a
#define NOTE                                                        \
	"[{\"feature\":\"http\",\"description\":\"Requests to the " \
	"server\",\"priority\":\"required\""                        \
	",\"soname\":[\"" SK_LIBCURL "\"]}]"
#define VENDOR_AND_NOTE VENDOR "\0" NOTE

__attribute__((used, section(".note.dlopen"), aligned(4))) static const struct {
	/* Other programs read them. */
	/* cppcheck-suppress unusedStructMember */
	uint32_t numbers[3];
	/* cppcheck-suppress unusedStructMember */
	char texts[(sizeof(VENDOR_AND_NOTE) + 3) / 4 * 4];
} note = {{sizeof(VENDOR), sizeof(NOTE), NOTE_DLOPEN}, VENDOR_AND_NOTE};
#endif

static int
find_functions(void *library, struct sk_error *err)
{
	struct sk_curl found;

	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
		void *function = dlsym(library, functions[i].name);

		if (function == NULL)
			return sk_error_set(err, SK_EXIT_NO_RESOURCE,
			    SK_LIBCURL " has no %s: it is older than the one that sikka was built "
				       "with; install that version or a later one",
			    functions[i].name);
		/* C has no cast from a pointer to an object to one to a function; POSIX says that it fits. */
		memcpy((char *)&found + functions[i].place, &function, sizeof(function));
	}
	sk_curl = found;
	return 0;
}

int
sk_http_library_open(struct sk_error *err)
{
	static bool is_open;
	void *library;

	if (is_open)
		return 0;
	/* RTLD_NOW: what it lacks itself shows here, and not while a request is on the wire. */
	library = dlopen(SK_LIBCURL, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL)
		return sk_error_set(err, SK_EXIT_NO_RESOURCE,
		    "libcurl can't be loaded (%s): no request can be sent without it; on Debian "
		    "install the package libcurl4 (libcurl4t64 in later versions)",
		    dlerror());
	/* It is never closed: libraries that it brings leave threads, or functions to be called at the end. */
	if (find_functions(library, err) != 0)
		return -1;
	is_open = true;
	return 0;
}
