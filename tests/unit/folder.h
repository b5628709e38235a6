/* SPDX-License-Identifier: MIT */
/* folder: removes the folder that a unit test has made, with all that is in it. */
#ifndef SK_FOLDER_H
#define SK_FOLDER_H

#include <ftw.h>
#include <stdio.h>

static int
remove_one(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status, (void)kind, (void)at;
	return remove(path);
}

static void
remove_folder(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
