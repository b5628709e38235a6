/* SPDX-License-Identifier: MIT */
/*
 * in_order: a ring of texts, one place for each request after the last one whose record is written. A record
 * that can't be written is an error at once; those behind it wait.
 */
#include "commands/in_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/json_write.h"
#include "base/mem.h"
#include "base/out.h"

#define ROOM_AT_FIRST 64

struct sk_in_order {
	char **
	    texts; /* of the request number next at first, and so on round; NULL: it has none yet */
	size_t room, first, n;
	size_t next; /* the first request whose record isn't written */
};

struct sk_in_order *
sk_in_order_new(void)
{
	struct sk_in_order *order = sk_mem_zero(1, sizeof(*order));

	order->next = 1;
	return order;
}

void
sk_in_order_free(struct sk_in_order *order)
{
	if (order == NULL)
		return;
	for (size_t i = 0; i < order->room; i++)
		free(order->texts[i]);
	free(order->texts);
	free(order);
}

static char **
place_of(struct sk_in_order *order, size_t ahead)
{
	return &order->texts[(order->first + ahead) % order->room];
}

/* Room for so many places, in a ring that begins anew at 0. */
static void
grow(struct sk_in_order *order, size_t wanted)
{
	size_t room = order->room > 0 ? order->room : ROOM_AT_FIRST;
	char **texts;

	while (room < wanted)
		room *= 2;
	if (room == order->room)
		return;
	texts = sk_mem_zero(room, sizeof(*texts));
	for (size_t i = 0; i < order->n; i++)
		texts[i] = *place_of(order, i);
	free(order->texts);
	order->texts = texts;
	order->room = room;
	order->first = 0;
}

/* Leaves the place of the next request; what it held is the caller's, or NULL. */
static char *
take_next(struct sk_in_order *order)
{
	char *text = order->n > 0 ? *place_of(order, 0) : NULL;

	order->next++;
	if (order->n == 0)
		return NULL;
	*place_of(order, 0) = NULL;
	order->first = (order->first + 1) % order->room;
	order->n--;
	return text;
}

/* text is freed; NULL: the request has no record. */
static int
write_text(char *text, struct sk_error *err)
{
	json_t *record;
	int result;

	if (text == NULL)
		return 0;
	record = sk_json_parse(text, strlen(text), NULL);
	result = sk_out_record(record, err);
	json_decref(record);
	free(text);
	return result;
}

int
sk_in_order_put(struct sk_in_order *order, size_t nth, const json_t *record, struct sk_error *err)
{
	size_t ahead = nth - order->next;
	int result;

	if (nth < order->next)
		return sk_out_record(record, err);
	if (ahead > 0) {
		grow(order, ahead + 1);
		free(*place_of(order, ahead));
		*place_of(order, ahead) = sk_json_dump(record);
		if (order->n < ahead + 1)
			order->n = ahead + 1;
		return 0;
	}
	result = sk_out_record(record, err);
	take_next(order);
	while (result == 0 && order->n > 0 && *place_of(order, 0) != NULL)
		result = write_text(take_next(order), err);
	return result;
}

size_t
sk_in_order_ahead(const struct sk_in_order *order)
{
	return order->n;
}

int
sk_in_order_write_rest(struct sk_in_order *order, struct sk_error *err)
{
	int result = 0;

	while (order->n > 0 && result == 0)
		result = write_text(take_next(order), err);
	return result;
}
