/* SPDX-License-Identifier: MIT */
/*
 * http_library: libcurl. It is opened when the first request is about to leave, and not when a command starts. It
 * needs two dozen further libraries, and to load these takes longer than all else in a command that has nothing to
 * ask. So no command is linked with it. Its functions are called through the table sk_curl, which is empty until
 * sk_http_library_open has returned 0. Only the files of http include this.
 */
#ifndef SK_HTTP_LIBRARY_H
#define SK_HTTP_LIBRARY_H

#include <curl/curl.h>

#include "base/error.h"

/* All functions of libcurl that are used, without their "curl_". */
/* clang-format off */
#define SK_CURL_FUNCTIONS(F) \
	F(easy_cleanup) F(easy_getinfo) F(easy_init) F(easy_reset) F(easy_setopt) F(easy_strerror) \
	F(free) F(getdate) F(global_cleanup) F(global_init) \
	F(multi_add_handle) F(multi_cleanup) F(multi_info_read) F(multi_init) F(multi_perform) F(multi_poll) \
	F(multi_remove_handle) F(multi_setopt) \
	F(slist_append) F(slist_free_all) F(url) F(url_cleanup) F(url_get) F(url_set) F(version_info)
/* clang-format on */

/* Each member has the type that <curl/curl.h> declares, so that the compiler checks the calls. */
#define SK_CURL_MEMBER(name) __typeof__(curl_##name) *name;
struct sk_curl {
	SK_CURL_FUNCTIONS(SK_CURL_MEMBER)
};

extern struct sk_curl sk_curl;

/*
 * Opens libcurl, unless this process has it open; it stays open until the process ends. Fails with 71 where
 * it isn't installed or can't be loaded; the message names the package.
 */
int sk_http_library_open(struct sk_error *err);

#endif
