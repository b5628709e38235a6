/* SPDX-License-Identifier: MIT */
/*
 * filter: texts of others (libcurl, the server, SQLite) before they are shown or stored. They may hold a
 * proxy's password, a key that we sent, or a terminal's commands. Errors (base/error) and lines on stderr
 * (base/out) pass it by themselves.
 */
#ifndef SK_BASE_FILTER_H
#define SK_BASE_FILTER_H

/*
 * From now on this text is masked wherever it stands. Shorter ones than 4 bytes aren't, and of many thousands
 * the older ones may be forgotten. A copy is kept; NULL is nothing.
 */
void sk_filter_know(const char *secret);

/* The same for the parts of user and password in the URLs of proxies that the environment names. */
void sk_filter_know_proxies(void);

/*
 * The text with *** in place of what is known, and of user and password before the host of a URL; line ends
 * become blanks, other control characters \x1b. The caller frees.
 */
char *sk_filter(const char *text);

#endif
