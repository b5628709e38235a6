/* SPDX-License-Identifier: MIT */
/*
 * renewal_lists: which renewals are where. Each renewal is in the list of its stage, so that a turn looks at those that
 * it can take further, and not at all offices: there may be ten thousand.
 */
#include "calls/renewal_parts.h"

static struct sk_renewal_list *
list_of(const struct sk_renewal *renewal)
{
	struct sk_renewals *all = renewal->office->pool->renewals;

	switch (renewal->stage) {
	case SK_RENEWAL_NONE:
		return NULL;
	case SK_RENEWAL_LOCK:
		return renewal->locked_out_at != 0 ? &all->locked_out : &all->unlocked;
	case SK_RENEWAL_NOTE:
	case SK_RENEWAL_SAVE:
		return &all->to_write;
	case SK_RENEWAL_LIST:
		return &all->listing;
	case SK_RENEWAL_REFRESH:
	case SK_RENEWAL_SECRET:
	case SK_RENEWAL_SECRET_AGAIN:
	case SK_RENEWAL_NEW_SECRET:
	case SK_RENEWAL_NEW_SECRET_AGAIN:
		break;
	}
	return &all->asking;
}

static void
take_out(struct sk_renewal *renewal)
{
	struct sk_renewal_list *list = renewal->in;

	if (list == NULL)
		return;
	if (renewal->previous != NULL)
		renewal->previous->next = renewal->next;
	else
		list->first = renewal->next;
	if (renewal->next != NULL)
		renewal->next->previous = renewal->previous;
	else
		list->last = renewal->previous;
	list->n--;
	renewal->in = NULL;
}

void
sk_renewal_enter(struct sk_renewal *renewal, enum sk_renewal_stage stage)
{
	struct sk_renewal_list *list;

	take_out(renewal);
	renewal->stage = stage;
	list = list_of(renewal);
	if (list == NULL)
		return;
	renewal->in = list;
	renewal->next = NULL;
	renewal->previous = list->last;
	if (list->last != NULL)
		list->last->next = renewal;
	else
		list->first = renewal;
	list->last = renewal;
	list->n++;
}

void
sk_renewal_each(struct sk_renewal_list *list,
    void (*act)(struct sk_renewal *renewal, const struct sk_error *why), const struct sk_error *why)
{
	for (size_t left = list->n; left > 0 && list->first != NULL; left--)
		act(list->first, why);
}
