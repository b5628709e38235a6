/* SPDX-License-Identifier: MIT */
#ifndef SIM_FILE_H
#define SIM_FILE_H

/*
 * All of a file, which the caller frees. A leading ~/ is the home folder: the shell doesn't expand it behind the name
 * of an option. Where the file can't be read it says so, and the program ends with 66.
 */
char *file_read(const char *path);

#endif
