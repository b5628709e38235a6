/* SPDX-License-Identifier: MIT */
/*
 * who: the user, the host and the parent of this process, as the system tells them. The environment
 * (USER, LOGNAME) isn't asked, since anybody can set it.
 */
#include "base/who.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file's first bytes, as text. An unreadable file is an empty one. */
static void
read_text(const char *path, char *text, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd != -1 ? read(fd, text, room - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	if (fd != -1)
		close(fd);
}

/* These names go into JSON and onto terminals: what isn't printable ASCII becomes a question mark. */
static void
make_printable(char *name)
{
	for (; *name != '\0'; name++)
		if (*name < ' ' || *name > '~')
			*name = '?';
}

/* If line (of /etc/passwd, name:password:uid:...) is the user's, their name is copied. */
static void
take_name(const char *line, int64_t user, char name[SK_WHO_NAME])
{
	const char *name_end = strchr(line, ':');
	const char *password_end = name_end != NULL ? strchr(name_end + 1, ':') : NULL;
	char *number_end;
	long long uid;

	if (password_end == NULL)
		return;
	uid = strtoll(password_end + 1, &number_end, 10);
	if (number_end == password_end + 1 || *number_end != ':' || uid != user)
		return;
	snprintf(name, SK_WHO_NAME, "%.*s", (int)(name_end - line), line);
}

/*
 * getpwuid isn't used: it may ask a directory service on the network, which takes long when that is
 * down; it loads libraries; and in glibc it crashes when memory runs out.
 */
void
sk_who_name_user(int64_t uid, char name[SK_WHO_NAME])
{
	FILE *passwd = fopen("/etc/passwd", "re");
	char line[512];

	name[0] = '\0';
	if (passwd == NULL)
		return;
	while (name[0] == '\0' && fgets(line, sizeof(line), passwd) != NULL)
		take_name(line, uid, name);
	fclose(passwd);
	make_printable(name);
}

bool
sk_who_has_user(const char *name)
{
	FILE *passwd = fopen("/etc/passwd", "re");
	size_t n = strlen(name);
	char line[512];
	bool found = false;

	if (passwd == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), passwd) != NULL)
		found = strncmp(line, name, n) == 0 && line[n] == ':';
	fclose(passwd);
	return found;
}

static void
read_parent(struct sk_who *who)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%ld/comm", (long)getppid());
	read_text(path, who->parent, sizeof(who->parent));
	who->parent[strcspn(who->parent, "\n")] = '\0';
}

void
sk_who_read(struct sk_who *who)
{
	memset(who, 0, sizeof(*who));
	who->uid = (int64_t)geteuid();
	who->pid = (int64_t)getpid();
	sk_who_name_user(who->uid, who->user);
	if (gethostname(who->host, sizeof(who->host) - 1) != 0)
		who->host[0] = '\0';
	read_parent(who);
	make_printable(who->host);
	make_printable(who->parent);
}
