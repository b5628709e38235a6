/* SPDX-License-Identifier: MIT */
/*
 * doctor: the way to the server and its answer, by one request: the list of practices, of which one record is asked for. It
 * needs the application's credentials and changes nothing. Where there are none, or where the application's calls for the
 * day are used up, it goes without a key, to see how far a request gets.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "http/http.h"
#include "api/api.h"
#include "calls/rate.h"
#include "commands/doctor_parts.h"
#include "commands/trial.h"

#define CERTIFICATE_SOON (7 * SK_DAY)

/* --- asking ------------------------------------------------------------------------------------------ */

static bool
may_be_signed(const struct sk_doctor *doctor)
{
	if (!doctor->has_app)
		return false;
	for (size_t i = 0; i < doctor->status.n_buckets; i++)
		if (doctor->status.buckets[i].daily_until != 0 &&
		    strcmp(doctor->status.buckets[i].name, SK_RATE_APP) == 0)
			return false;
	return true;
}

/* --- the way ----------------------------------------------------------------------------------------- */

/* "api.sikkasoft.com" of a base URL; the caller's. */
static char *
host_of(const char *url)
{
	const char *host = strstr(url, "://");

	host = host != NULL ? host + 3 : url;
	return sk_mem_copy_bytes(host,
	    host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/"));
}

static void
tell_proxy(struct sk_doctor *doctor, const struct sk_trial *trial)
{
	static const struct sk_doctor_about about = {"proxy", "environment"};

	if (trial->details.stage == SK_HTTP_STAGE_PROXY)
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, SK_EXIT_UNAVAILABLE,
		    "%s: %s; correct or unset that variable, or name the host in no_proxy",
		    trial->details.proxy, trial->answer.trouble);
	else
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "%s", trial->details.proxy);
}

/* By a proxy the name is looked up there. */
static void
tell_name(struct sk_doctor *doctor, const struct sk_trial *trial, const char *host)
{
	const struct sk_http_details *details = &trial->details;
	struct sk_doctor_about about = {"name", host};

	if (details->stage == SK_HTTP_STAGE_NAME)
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, SK_EXIT_UNAVAILABLE,
		    "%s; correct base_url, or mend the network or /etc/resolv.conf, then try: "
		    "getent hosts %s",
		    trial->answer.trouble, host);
	else if (details->address[0] == '\0')
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "it is found");
	else
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "it is %s", details->address);
}

static void
tell_connection(struct sk_doctor *doctor, const struct sk_trial *trial, const char *url)
{
	struct sk_doctor_about about = {"connection", url};
	const struct sk_http_details *details = &trial->details;

	if (details->stage == SK_HTTP_STAGE_CONNECT)
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, SK_EXIT_UNAVAILABLE,
		    "%s; ask whoever runs the %s or a firewall in between, then try: curl -v %s",
		    trial->answer.trouble, details->proxy[0] != '\0' ? "proxy" : "network", url);
	else
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "it is open");
}

static void
tell_tls(struct sk_doctor *doctor, const struct sk_trial *trial, const char *host)
{
	const struct sk_http_details *details = &trial->details;
	struct sk_doctor_about about = {"tls", host};
	char until[SK_TIME_TEXT];
	int64_t left = details->valid_until - trial->received_at;

	if (details->stage == SK_HTTP_STAGE_TLS)
		sk_doctor_tell(doctor, about, SK_DOCTOR_CRITICAL, SK_EXIT_UNAVAILABLE,
		    "%s; if the network has a certificate authority of its own, name its file with "
		    "ca_file (sikka-config(5)); else look whether base_url and this machine's "
		    "clock are "
		    "right: date -u",
		    trial->answer.trouble);
	else if (details->valid_until != 0 && left < CERTIFICATE_SOON)
		sk_doctor_tell(doctor, about, SK_DOCTOR_WARNING, SK_EXIT_FAILED,
		    "the certificate ends at %s; tell whoever runs %s",
		    sk_time_format(details->valid_until, until), host);
	else
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0,
		    "%s, certificate of %s, valid until %s",
		    details->tls[0] != '\0' ? details->tls : "1.2 or newer",
		    details->issuer[0] != '\0' ? details->issuer : "an authority",
		    details->valid_until != 0 ? sk_time_format(details->valid_until, until)
					      : "later");
}

/* --- the answer --------------------------------------------------------------------------------------- */

static void
tell_clock(struct sk_doctor *doctor, const struct sk_trial *trial)
{
	static const struct sk_doctor_about about = {"clock", "this machine"};
	int64_t off = sk_trial_clock(trial);
	char words[SK_TIME_WORDS];

	if (trial->answer.date == 0)
		return;
	sk_time_words(off < 0 ? -off : off, words);
	if (off < -SK_CLOCK_JUMP || off > SK_CLOCK_JUMP)
		sk_doctor_tell(doctor, about, SK_DOCTOR_WARNING, SK_EXIT_FAILED,
		    "it is %s %s the server's; run: timedatectl set-ntp true", words,
		    off < 0 ? "behind" : "ahead of");
	else
		sk_doctor_tell(doctor, about, SK_DOCTOR_OK, 0, "it differs by %s from the server's",
		    words);
}

/* An answer of somebody in between: a page in which one has to log in, or a firewall's. */
static bool
is_strange(const struct sk_api_reply *reply)
{
	return reply->json == NULL || (reply->http_status >= 300 && reply->http_status <= 399);
}

static void
tell_reply(struct sk_doctor *doctor, const struct sk_trial *trial, const char *url)
{
	struct sk_api_reply reply;
	struct sk_error why = {0};

	sk_api_read(&trial->answer, &reply);
	reply.app_source = doctor->session.config.app_source;
	if (!is_strange(&reply))
		tell_clock(doctor, trial);
	if (trial->is_signed && (reply.class == SK_API_OK || reply.class == SK_API_EMPTY) &&
	    reply.records.is_list)
		sk_doctor_tell(doctor, (struct sk_doctor_about){"credentials", "application"},
		    SK_DOCTOR_OK, 0, "the server takes %s", doctor->session.config.app_source);
	else if (is_strange(&reply))
		sk_doctor_tell(doctor, (struct sk_doctor_about){"answer", url}, SK_DOCTOR_CRITICAL,
		    SK_EXIT_PROTOCOL,
		    "it isn't the server's: %s; somebody in between answers: log in to the "
		    "network, or "
		    "ask whoever runs its proxy or firewall, then try: curl -v %s",
		    reply.text, url);
	else if (trial->is_signed) {
		sk_api_fail(&reply, "/authorized_practices", &why);
		sk_doctor_tell(doctor, (struct sk_doctor_about){"credentials", "application"},
		    SK_DOCTOR_CRITICAL, why.code, "%s%s", why.text,
		    reply.class == SK_API_RETRY ? "; try again later: sikka-doctor" : "");
	}
	sk_api_reply_fini(&reply);
}

static void
tell_answer(struct sk_doctor *doctor, const struct sk_trial *trial, const char *url)
{
	const struct sk_http_answer *answer = &trial->answer;

	if (answer->outcome != SK_HTTP_ANSWERED) {
		sk_doctor_tell(doctor, (struct sk_doctor_about){"answer", url}, SK_DOCTOR_CRITICAL,
		    SK_EXIT_UNAVAILABLE, "%s; try: curl -v %s", answer->trouble, url);
		return;
	}
	tell_reply(doctor, trial, url);
	if (!trial->is_signed)
		sk_doctor_tell(doctor, (struct sk_doctor_about){"credentials", "application"},
		    SK_DOCTOR_SKIPPED, 0, "the server isn't asked whether it takes them: %s",
		    doctor->has_app ? "the calls for the day are used up"
				    : "they aren't all there");
}

/* As far as the request got. */
static void
tell_way(struct sk_doctor *doctor, const struct sk_trial *trial)
{
	const char *url = doctor->session.config.base_url;
	enum sk_http_stage stage = trial->details.stage;
	char *host = host_of(url);

	if (trial->details.proxy[0] != '\0')
		tell_proxy(doctor, trial);
	else
		tell_name(doctor, trial, host);
	if (stage != SK_HTTP_STAGE_NAME && stage != SK_HTTP_STAGE_PROXY)
		tell_connection(doctor, trial, url);
	if ((stage == SK_HTTP_STAGE_TLS || stage == SK_HTTP_STAGE_ANSWER) &&
	    strncmp(url, "https", strlen("https")) == 0)
		tell_tls(doctor, trial, host);
	if (stage == SK_HTTP_STAGE_ANSWER)
		tell_answer(doctor, trial, url);
	free(host);
}

void
sk_doctor_server(struct sk_doctor *doctor)
{
	struct sk_trial trial = {0};
	struct sk_error why = {0};

	if (!doctor->has_settings) {
		sk_doctor_tell(doctor, (struct sk_doctor_about){"answer", "server"},
		    SK_DOCTOR_SKIPPED, 0, "not asked, as the settings say where it is");
		return;
	}
	if (sk_trial(&doctor->session.config, may_be_signed(doctor), &trial, &why) != 0)
		sk_doctor_tell(doctor, (struct sk_doctor_about){"answer", "server"},
		    SK_DOCTOR_CRITICAL, why.code, "%s", why.text);
	else
		tell_way(doctor, &trial);
	sk_trial_fini(&trial);
}
