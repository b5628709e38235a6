/* SPDX-License-Identifier: MIT */
/*
 * book: -n. Each request is inserted into the copy of the state file that is in memory, so that the same code as in a
 * run says whether the journal has it already, and the requests of one input are compared with each other.
 * Nothing of it is kept, and nothing is sent.
 */
#include "life/ledger.h"
#include "commands/book_parts.h"

static int
insert(struct sk_book *book, struct sk_reading *reading, struct sk_error *err)
{
	struct sk_store *store = book->session->store;

	if (sk_store_begin(store, err) != 0)
		return -1;
	if (sk_book_insert(book, reading, err) == 0)
		return sk_store_commit(store, err);
	sk_store_rollback(store);
	return -1;
}

void
sk_book_rehearse(struct sk_book *book, struct sk_reading *reading)
{
	struct sk_error err = {0};

	if (insert(book, reading, &err) != 0 || sk_book_meet(book, reading, &err) != 0)
		if (book->fatal.code == 0)
			book->fatal = err;
}

void
sk_book_rehearse_sent(struct sk_book *book, const struct sk_reading *reading, bool is_duplicate)
{
	const struct sk_writeback *row = &reading->request.row;
	json_t *record = json_object();

	sk_ledger_json_origin(record, &reading->place, row->key);
	json_object_set_new(record, "duplicate", json_boolean(is_duplicate));
	sk_ledger_json_request(record, row);
	if (row->request_body != NULL)
		json_object_set_new(record, "body", sk_writeback_body(row));
	sk_book_rehearse_known(book, record, row);
	sk_book_tell(book, &reading->place, record);
}

void
sk_book_rehearse_known(struct sk_book *book, json_t *record, const struct sk_writeback *row)
{
	json_t *body;

	if (!book->session->rehearses || sk_out_chosen_format() != SK_FORMAT_TABLE ||
	    row->request_body == NULL)
		return;
	body = sk_writeback_body(row);
	sk_ledger_json_known(record, body);
	json_decref(body);
}
