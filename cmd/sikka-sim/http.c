/* SPDX-License-Identifier: MIT */
/*
 * Takes requests from libmicrohttpd, lets faults happen, and sends answers. Without memory the
 * simulator ends, since a test must not go on with half of it.
 */
#ifndef _GNU_SOURCE /* vasprintf, strcasestr, POLLRDHUP */
#define _GNU_SOURCE
#endif
#include "http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "auth.h"
#include "faults.h"
#include "incoming.h"
#include "late.h"
#include "log.h"
#include "quirks.h"
#include "routes.h"
#include "sim_routes.h"
#include "wire.h"

typedef struct MHD_Connection connection;

static int
descriptor(connection *c)
{
	return MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

static struct MHD_Response *
respond(struct answer *an)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(an->length,
	    an->body != NULL ? an->body : (char *)(uintptr_t) "",
	    an->body != NULL ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);

	if (r == NULL)
		abort(); /* out of memory: without it nothing can be answered */
	an->body = NULL; /* it belongs to the library now */
	return r;
}

static enum MHD_Result
send_response(connection *c, const struct answer *an, struct MHD_Response *r)
{
	enum MHD_Result result;

	if (an->type != NULL)
		MHD_add_response_header(r, "Content-Type", an->type);
	for (int i = 0; i < an->header_count; i++)
		MHD_add_response_header(r, an->headers[i].name, an->headers[i].value);
	result = MHD_queue_response(c, (unsigned)an->status, r);
	MHD_destroy_response(r);
	return result;
}

/*
 * Under TLS nothing can be written past the library. So the body is cut off by a reader that fails
 * half way.
 */
struct broken_body {
	char *bytes;
	size_t length;
};

static ssize_t
read_broken(void *cls, uint64_t position, char *buffer, size_t room)
{
	const struct broken_body *b = cls;
	size_t n;

	if (position >= b->length)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = b->length - (size_t)position;
	if (n > room)
		n = room;
	memcpy(buffer, b->bytes + position, n);
	return (ssize_t)n;
}

static void
free_broken(void *cls)
{
	struct broken_body *b = cls;

	free(b->bytes);
	free(b);
}

static enum MHD_Result
send_broken(connection *c, struct answer *an, size_t bytes)
{
	struct broken_body *b = x_new(sizeof(*b));
	size_t skip = wire_head_length(an), whole = an->length;
	struct MHD_Response *r;

	b->bytes = an->body;
	b->length = bytes > skip ? bytes - skip : 0;
	if (b->length > whole)
		b->length = whole;
	an->body = NULL;
	/* One byte more is promised than will come, also when the whole body is sent. */
	r = MHD_create_response_from_callback(whole + (b->length == whole), 4096, read_broken, b,
	    free_broken);
	if (r == NULL)
		abort();
	return send_response(c, an, r);
}

static void
count(struct sim *sim, const struct request *rq, const char *name, const struct answer *an,
    bool whole)
{
	struct ledger *l = &sim->ledger;
	json_t *route = json_object_get(l->routes, name), *statuses;
	char status[16] = "000";

	if (whole)
		snprintf(status, sizeof(status), "%03d", an->status);
	if (route == NULL) {
		route = json_object();
		json_object_set_new(route, "count", json_integer(0));
		json_object_set_new(route, "statuses", json_object());
		if (json_object_set_new(l->routes, name, route) != 0)
			return; /* not UTF-8: such a path is counted nowhere */
	}
	statuses = json_object_get(route, "statuses");
	json_count(route, "count");
	json_count(statuses, status);
	l->answered_429 += whole && an->status == 429;
	if (sim->set.verbose)
		fprintf(stderr, "%s %s%s %s\n", rq->method, rq->api ? "/v4" : "", rq->path, status);
}

/* Everything between two waits, except sending. Called with the lock held. */
static char *
begin(struct sim *sim, struct request *rq, connection *c, struct fault *fault)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	bool *seen = info->socket_context;
	char *name = routes_name(rq);

	sim->ledger.total++;
	if (seen != NULL && !*seen) { /* connections that only ask /_sim/ aren't counted */
		*seen = true;
		sim->ledger.connections++;
	}
	sim->ledger.secrets_in_urls += auth_leaks(sim, rq);
	if (strcmp(name, "GET /writebacks") == 0) {
		rq->is_list = true;
		if (++sim->ledger.lists_now > sim->ledger.lists_max)
			sim->ledger.lists_max = sim->ledger.lists_now;
	}
	if (rq->api)
		faults_match(sim, rq, fault);
	log_add(sim, rq);
	return name;
}

static void
put_date(const struct sim *sim, const struct fault *fault, struct answer *an)
{
	int64_t off = fault->kind == FAULT_DATE ? fault->number : 0;
	char when[TIME_TEXT];

	if (sim->set.quirk[Q_DATE] == DATE_ABSENT || fault->kind == FAULT_NO_DATE)
		return;
	time_http(when, state_now(sim) + off);
	answer_header(an, "Date", when);
}

/* By how many ms the request arrives late; 0: it is here. */
static int64_t
late_by(const struct sim *sim, const struct request *rq, const struct fault *fault)
{
	switch (fault->kind) {
	case FAULT_LATE:
		return fault->number;
	case FAULT_DROP_AFTER:
	case FAULT_HANG_AFTER:
	case FAULT_HTML_AFTER:
		return strcmp(rq->method, "GET") != 0 ? sim->set.arrival_lag : 0;
	default:
		return 0;
	}
}

/* Carries the request out; twice if a proxy has repeated it. */
static void
carry_out(struct sim *sim, struct request *rq, const struct fault *fault, struct answer *an)
{
	struct answer second = {0};

	routes_run(sim, rq, an);
	if (fault->kind != FAULT_TWICE && fault->kind != FAULT_TWICE_SECOND &&
	    fault->kind != FAULT_TWICE_LOST)
		return;
	request_again(rq);
	routes_run(sim, rq, &second);
	if (fault->kind == FAULT_TWICE_SECOND) {
		answer_free(an);
		*an = second;
	} else {
		answer_free(&second);
	}
}

static bool
hangs(enum fault_kind kind)
{
	return kind == FAULT_HANG || kind == FAULT_HANG_AFTER;
}

static bool
ends_whole(enum fault_kind kind)
{
	return kind != FAULT_DROP_BEFORE && kind != FAULT_DROP_AFTER && kind != FAULT_LATE &&
	    kind != FAULT_TWICE_LOST && !hangs(kind) && kind != FAULT_CUT && kind != FAULT_RESET;
}

/* What becomes of a page that is too large. */
static void
limit_size(const struct sim *sim, struct request *rq, struct fault *fault, struct answer *an)
{
	if (!rq->is_list || sim->set.list_bytes == 0 || an->status != 200 ||
	    an->length <= (size_t)sim->set.list_bytes || !ends_whole(fault->kind))
		return;
	if (sim->set.list_large == LARGE_REFUSED) {
		answer_message(an, 413, "", "The answer is too large", "");
		return;
	}
	rq->gzip = false;
	fault->kind = sim->set.list_large == LARGE_CUT ? FAULT_CUT : FAULT_HANG_AFTER;
	fault->number = (int64_t)wire_head_length(an) + sim->set.list_bytes;
}

static void
run(struct sim *sim, struct request *rq, struct fault *fault, struct answer *an)
{
	int64_t late = late_by(sim, rq, fault);

	late_run(sim);
	rq->fault = fault;
	if (late > 0)
		late_put(sim, request_take(rq), late);
	else if (fault_is_done(fault->kind))
		carry_out(sim, rq, fault, an);
	if (fault->kind == FAULT_HTML_AFTER) {
		answer_free(an);
		faults_answer(sim, fault, an);
	} else if (!fault_is_done(fault->kind)) {
		faults_answer(sim, fault, an);
	}
	quirks_dress(&sim->set, an);
	if (fault->kind == FAULT_EDIT)
		faults_edit(fault, an);
	if (rq->office >= 0)
		sim->offices[rq->office].day_bytes += (long long)an->length;
	put_date(sim, fault, an);
	limit_size(sim, rq, fault, an);
}

static enum MHD_Result
deliver(struct sim *sim, connection *c, const struct fault *fault, struct answer *an)
{
	int fd = descriptor(c);

	switch (fault->kind) {
	case FAULT_DROP_BEFORE:
	case FAULT_DROP_AFTER:
	case FAULT_LATE:
	case FAULT_TWICE_LOST:
		return MHD_NO; /* the library closes the connection without an answer */
	case FAULT_HANG:
	case FAULT_HANG_AFTER:
		wire_wait(fd, sim->stop_fd, -1);
		return MHD_NO;
	case FAULT_CUT:
	case FAULT_RESET:
		if (sim->set.certificate != NULL)
			return send_broken(c, an, (size_t)fault->number);
		wire_cut(fd, sim->stop_fd, an, (size_t)fault->number);
		if (fault->kind == FAULT_RESET)
			wire_reset(fd);
		return MHD_NO;
	default:
		return send_response(c, an, respond(an));
	}
}

/* Without the lock: meanwhile other requests are answered. */
static void
compress_body(struct sim *sim, const struct request *rq, struct answer *an)
{
	if (!rq->gzip || !answer_gzip(an))
		return;
	pthread_mutex_lock(&sim->lock);
	sim->ledger.gzip_answers++;
	pthread_mutex_unlock(&sim->lock);
}

/* With the lock held. */
static void
end_list(struct sim *sim, struct request *rq)
{
	sim->ledger.lists_now -= rq->is_list;
	rq->is_list = false;
}

#define LOOK_MS 10

/* Until the faults are cleared, or the program ends; with the lock held on entry and return. */
static void
hold(struct sim *sim)
{
	unsigned long before = sim->clearings;
	bool goes_on = true;

	sim->ledger.held_now++;
	while (goes_on && sim->clearings == before) {
		pthread_mutex_unlock(&sim->lock);
		goes_on = wire_wait(-1, sim->stop_fd, LOOK_MS);
		pthread_mutex_lock(&sim->lock);
	}
	sim->ledger.held_now--;
}

static enum MHD_Result
serve(struct sim *sim, connection *c, struct request *rq)
{
	struct fault fault = {0};
	struct answer an = {0};
	enum MHD_Result result;
	char *name;

	pthread_mutex_lock(&sim->lock);
	if (rq->sim) {
		late_run(sim);
		sim_routes_run(sim, rq, &an);
		pthread_mutex_unlock(&sim->lock);
		result = send_response(c, &an, respond(&an));
		answer_free(&an);
		return result;
	}
	name = begin(sim, rq, c, &fault);
	if (fault.kind == FAULT_HOLD)
		hold(sim);
	pthread_mutex_unlock(&sim->lock);
	/* A slow request waits first, so that it takes effect long after it was sent. */
	if (fault.kind == FAULT_SLOW)
		wire_wait(-1, sim->stop_fd, fault.number);
	pthread_mutex_lock(&sim->lock);
	run(sim, rq, &fault, &an);
	count(sim, rq, name, &an, ends_whole(fault.kind));
	log_answered(sim, rq, ends_whole(fault.kind) ? an.status : 0, fault.rule);
	/*
	 * A client that has the last byte of a list may ask for the next one at once, and
	 * libmicrohttpd tells us only later that the answer is complete. So the list is counted as
	 * ended before it is sent; one that hangs ends when its client has gone (on_completed).
	 */
	if (!hangs(fault.kind))
		end_list(sim, rq);
	pthread_mutex_unlock(&sim->lock);
	compress_body(sim, rq, &an);
	result = deliver(sim, c, &fault, &an);
	answer_free(&an);
	free(fault.text);
	free(fault.rule);
	free(name);
	return result;
}

static enum MHD_Result
on_request(void *cls, connection *c, const char *url, const char *method, const char *version,
    const char *data, size_t *length, void **context)
{
	struct request *rq = *context;

	(void)url;
	(void)version;
	if (rq == NULL)
		return MHD_NO;
	if (!rq->started) {
		incoming_headers(cls, c, rq, method);
		return MHD_YES;
	}
	if (*length > 0) {
		incoming_body(rq, data, *length);
		*length = 0;
		return MHD_YES;
	}
	return serve(cls, c, rq);
}

static void
on_completed(void *cls, connection *c, void **context, enum MHD_RequestTerminationCode how)
{
	struct sim *sim = cls;
	struct request *rq = *context;

	(void)c;
	(void)how;
	if (rq != NULL) {
		pthread_mutex_lock(&sim->lock);
		end_list(sim, rq);
		pthread_mutex_unlock(&sim->lock);
	}
	request_free(rq);
	*context = NULL;
}

static void
on_connection(void *cls, connection *c, void **context, enum MHD_ConnectionNotificationCode what)
{
	(void)cls;
	(void)c;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = x_new(sizeof(bool));
	} else {
		free(*context);
		*context = NULL;
	}
}

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

/* The address and port to listen on. options.c has checked that it is one. */
static void
set_address(const struct settings *set, union address *address)
{
	in_port_t port = htons((uint16_t)set->port);

	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, set->listen, &address->four.sin_addr) == 1) {
		address->four.sin_family = AF_INET;
		address->four.sin_port = port;
	} else {
		inet_pton(AF_INET6, set->listen, &address->six.sin6_addr);
		address->six.sin6_family = AF_INET6;
		address->six.sin6_port = port;
	}
}

/* The base URL by which this machine reaches it: a host that means all addresses can't be asked. */
static char *
own_base(const struct settings *set, const union address *address, unsigned port)
{
	const char *scheme = set->certificate != NULL ? "https" : "http";
	bool six = address->any.sa_family == AF_INET6;
	const char *host = set->listen;

	if (six && IN6_IS_ADDR_UNSPECIFIED(&address->six.sin6_addr))
		host = "::1";
	else if (!six && address->four.sin_addr.s_addr == htonl(INADDR_ANY))
		host = "127.0.0.1";
	return x_printf("%s://%s%s%s:%u/v4", scheme, six ? "[" : "", host, six ? "]" : "", port);
}

struct MHD_Daemon *
http_start(struct sim *sim)
{
	union address address;
	bool tls = sim->set.certificate != NULL;
	unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL_INTERNAL_THREAD |
	    MHD_USE_SUPPRESS_DATE_NO_CLOCK | (tls ? MHD_USE_TLS : 0);
	struct MHD_OptionItem options[] = {
	    {MHD_OPTION_SOCK_ADDR, 0, &address},
	    {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)incoming_uri, sim},
	    {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_completed, sim},
	    {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, sim},
	    {MHD_OPTION_END, 0, NULL},
	};
	struct MHD_OptionItem tls_options[] = {
	    {MHD_OPTION_HTTPS_MEM_CERT, 0, sim->set.certificate},
	    {MHD_OPTION_HTTPS_MEM_KEY, 0, sim->set.key},
	    {MHD_OPTION_END, 0, NULL},
	};
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *daemon;

	set_address(&sim->set, &address);
	if (address.any.sa_family == AF_INET6)
		flags |= MHD_USE_IPv6;
	errno = 0;
	daemon = MHD_start_daemon(flags, (uint16_t)sim->set.port, NULL, NULL, on_request, sim,
	    MHD_OPTION_ARRAY, options, MHD_OPTION_ARRAY, tls ? tls_options : tls_options + 2,
	    MHD_OPTION_END);
	if (daemon == NULL)
		return NULL;
	info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
	sim->base = own_base(&sim->set, &address, (unsigned)info->port);
	return daemon;
}

void
http_stop(struct MHD_Daemon *daemon)
{
	MHD_stop_daemon(daemon);
}
