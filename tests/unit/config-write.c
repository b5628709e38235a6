/* SPDX-License-Identifier: MIT */
/* The config file with other values. */
#include <stdlib.h>

#include "base/config_write.h"

#include "tap.h"

static void
changes(const char *before, const char *after, const char *what)
{
	static const struct sk_config_change changed[] = {{"app_id", "new"}, {"app_key", NULL},
	    {"app_key_file", "/k"}};
	char *text = sk_config_changed(before, changed, 3);

	is_str(text, after, what);
	free(text);
}

int
main(void)
{
	changes("", "# see sikka-config(5)\napp_id = new\napp_key_file = /k\n", "an empty file");
	changes("app_id = old\n", "app_id = new\napp_key_file = /k\n",
	    "a value in its place, others at the end");
	changes("db = /d\n\t app_id=old", "db = /d\napp_id = new\napp_key_file = /k\n",
	    "with blanks, and no end of the line");
	changes("app_key = secret\nformat = csv\n",
	    "format = csv\napp_id = new\napp_key_file = /k\n", "a line that is removed");
	changes("app_id = a\napp_id = b\n", "app_id = new\napp_key_file = /k\n",
	    "a name that stands twice");
	changes("#app_id = a\r\n\r\n", "#app_id = a\r\n\r\napp_id = new\napp_key_file = /k\n",
	    "comments and empty lines");
	changes("\xEF\xBB\xBF"
		"app_id = a\n",
	    "app_id = new\napp_key_file = /k\n", "behind a byte order mark");
	changes("app_ids = a\nxapp_id = b\n= c\n",
	    "app_ids = a\nxapp_id = b\n= c\napp_id = new\napp_key_file = /k\n",
	    "names that only look alike");
	return done_testing();
}
