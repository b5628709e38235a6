/* SPDX-License-Identifier: MIT */
/* boot: which boot of the machine this is. */
#ifndef SK_BASE_BOOT_H
#define SK_BASE_BOOT_H

#define SK_BOOT_ID 48

/*
 * A text that is the same for all processes of one boot, and another one for each boot. Linux gives
 * each boot a random id; elsewhere the time of the boot stands for it, in steps of ten minutes.
 */
char *sk_boot_id(char text[SK_BOOT_ID]);

#endif
