/* SPDX-License-Identifier: MIT */
/* Answers that go wrong on the way: bytes written past the HTTP library, waiting, closing. */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include "answer.h"

/* Waits for ms (-1: no limit). false when the client goes, or the program ends, before that. */
bool wire_wait(int fd, int stop_fd, int64_t ms);
/* Writes the first bytes of the whole answer, status line and headers included. */
void wire_cut(int fd, int stop_fd, const struct answer *an, size_t bytes);
size_t wire_head_length(const struct answer *an);
/* Ends the connection of this descriptor by a RST; the descriptor stays valid. */
void wire_reset(int fd);

#endif
