/* SPDX-License-Identifier: MIT */
/* report: puts the page together, which begins with its colours and forms. */
#include "commands/report.h"

#include <stdlib.h>
#include <time.h>

#include "base/html.h"
#include "base/mem.h"
#include "base/out.h"
#include "base/time.h"
#include "base/version.h"
#include "store/copy.h"
#include "commands/report_parts.h"

/*
 * The colours of the states differ in lightness too, for those who see fewer colours and for paper. A table that is
 * wider than the window is scrolled within its frame, so that the page itself never is.
 */
/* clang-format off */
static const char style[] =
    ":root{color-scheme:light dark;--back:#fff;--text:#1b1b1b;--dim:#595959;--line:#d5d5d5;--rest:#e6e6e6;"
    "--completed:#2f6fb2;--failed:#c92a2a;--withdrawn:#a3a9b0;"
    "--queued:#a5d0f0;--submitting:#5c9ad6;--pending:#1f5fa6;--unknown:#c92a2a;--critical:#b3261e;--warning:#8a5a00}\n"
    "@media screen and (prefers-color-scheme:dark){:root{--back:#16181c;--text:#e8e8e8;--dim:#a8a8a8;--line:#3a3f46;"
    "--rest:#33373d;--completed:#74b3f0;--failed:#ff6b6b;--withdrawn:#868e96;"
    "--queued:#cfe6fa;--submitting:#8cc0f0;--pending:#4b95dc;--unknown:#ff6b6b;--critical:#ff8a80;--warning:#ffc861}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;background:var(--back);color:var(--text);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}\n"
    "header,main,footer{max-width:64rem;margin:0 auto;padding:.5rem 1rem}footer{color:var(--dim)}\n"
    "h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0}\n"
    "h2{font-size:1.2rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--line)}\n"
    "p{margin:.5rem 0}a{color:inherit}nav a{display:inline-block;padding:.3rem .9rem .3rem 0}\n"
    ".skip{position:absolute;left:-99rem}.skip:focus{position:static}\n"
    ":focus-visible{outline:3px solid var(--pending);outline-offset:2px}\n"
    "code{font-family:ui-monospace,monospace;font-size:.9em}.since,.caption{color:var(--dim)}.caption{margin:1rem 0 0}\n"
    ".frame{overflow-x:auto;max-width:100%;margin:.25rem 0 .75rem}table{border-collapse:collapse}\n"
    "th,td{text-align:left;vertical-align:top;padding:.3rem 1.25rem .3rem 0;border-bottom:1px solid var(--line);"
    "white-space:nowrap;overflow-wrap:normal}\n"
    "thead th{vertical-align:bottom}tbody th{font-weight:400}.n{text-align:right;font-variant-numeric:tabular-nums}\n"
    "svg{display:block}.plot{display:grid;grid-template-columns:auto minmax(0,1fr);column-gap:.6rem}\n"
    ".plot svg{width:100%;border-bottom:1px solid var(--dim);"
    "background:linear-gradient(var(--line),var(--line)) top/100% 1px no-repeat,"
    "linear-gradient(var(--line),var(--line)) center/100% 1px no-repeat}\n"
    ".scale{display:flex;flex-direction:column;justify-content:space-between;text-align:right;margin:-.65rem 0}\n"
    ".scale,.days-axis,.open-axis{color:var(--dim);font-size:.85rem}\n"
    ".days{height:12rem}.open{height:9rem}.times{width:9rem;height:1.5rem;border-bottom:1px solid var(--dim)}\n"
    ".bar,.part{width:min(30rem,30vw);min-width:5rem;height:.9rem;margin:.3rem 0}.part{width:6rem}\n"
    "summary{padding:.3rem 0;color:var(--dim);cursor:pointer}\n"
    ".days-axis,.open-axis{grid-column:2;display:flex;justify-content:space-between;line-height:1.25}\n"
    ".open-axis span{flex:1;text-align:center;overflow-wrap:normal}\n"
    ".legend span{display:inline-block;margin-right:1.25rem}\n"
    ".legend i{display:inline-block;width:.8rem;height:.8rem;margin-right:.4rem}\n"
    ".completed{fill:var(--completed);background:var(--completed)}.failed{fill:var(--failed);background:var(--failed)}"
    ".withdrawn{fill:var(--withdrawn);background:var(--withdrawn)}.queued{fill:var(--queued);background:var(--queued)}"
    ".submitting{fill:var(--submitting);background:var(--submitting)}.rest{fill:var(--rest)}"
    ".pending{fill:var(--pending);background:var(--pending)}.unknown{fill:var(--unknown);background:var(--unknown)}\n"
    ".troubles{list-style:none;padding:0}.troubles li{margin:1rem 0;padding-left:.75rem;border-left:4px solid}\n"
    ".troubles p{margin:.2rem 0}.troubles .critical{border-color:var(--critical)}"
    ".troubles .warning{border-color:var(--warning)}\n"
    ".critical strong{color:var(--critical)}.warning strong,td.warning{color:var(--warning)}td.warning{font-weight:600}\n"
    "@media (max-width:40rem){th,td{padding-right:.85rem}.times{width:6rem}.open-axis{font-size:.75rem}}\n"
    "@media print{:root{--back:#fff;--text:#000;--dim:#333}html{font-size:10px}nav,.skip{display:none}\n"
    "header,main,footer{max-width:none;padding:0}h2{break-after:avoid}tr,.plot,.troubles li{break-inside:avoid}\n"
    ".frame{overflow:visible}th,td{white-space:normal}.bar{width:12rem}"
    "summary{display:none}details::details-content{content-visibility:visible;display:block}\n"
    "svg,i{print-color-adjust:exact;-webkit-print-color-adjust:exact}}\n";
/* clang-format on */

static const struct {
	const char *id, *words;
} parts[] = {{"wrong", "What is wrong"}, {"days", "Outcomes"}, {"times", "Times"}, {"open", "Open"},
    {"offices", "Offices"}, {"limits", "Limits"}, {"tasks", "Tasks"}, {"events", "Events"},
    {"failures", "Failures"}};

static void
add_subject(struct sk_text *page, const struct sk_report *report)
{
	if (report->status != NULL) {
		sk_text_add(page, "<p>State file: <code>");
		sk_html_add(page, report->status->db);
		sk_text_add(page, "</code></p>\n");
	}
	for (size_t i = 0; i < report->n_wanted; i++) {
		sk_text_add(page, i == 0 ? "<p>Only of " : ", ");
		sk_html_add(page, report->wanted[i]);
	}
	sk_text_add(page, report->n_wanted > 0 ? ".</p>\n" : "");
}

static void
add_head(struct sk_text *page, const struct sk_report *report)
{
	time_t seconds = (time_t)(report->now / SK_SECOND);
	char exact[SK_TIME_TEXT], when[48];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M %Z", &tm);
	sk_text_add_format(page,
	    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	    "style-src 'unsafe-inline'; img-src data:\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n<link rel=\"icon\" href=\"data:,\">\n"
	    "<title>sikka: the state on %s</title>\n<style>\n%s</style>\n</head>\n<body>\n"
	    "<a class=\"skip\" href=\"#main\">Skip to what is wrong</a>\n<header>\n"
	    "<h1>sikka: the state</h1>\n"
	    "<p>On <time datetime=\"%s\">%s</time>. The times are of this machine's zone.</p>\n",
	    when, style, sk_time_format(report->now, exact), when);
	add_subject(page, report);
	sk_text_add(page, "<nav aria-label=\"Parts of this page\">\n");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (report->status != NULL || i == 0)
			sk_text_add_format(page, "<a href=\"#%s\">%s</a>\n", parts[i].id,
			    parts[i].words);
	sk_text_add(page, "</nav>\n</header>\n<main id=\"main\" tabindex=\"-1\">\n");
}

static char *
page_of(const struct sk_report *report)
{
	struct sk_text page = {0};

	add_head(&page, report);
	sk_report_add_troubles(&page, report);
	if (report->status != NULL) {
		sk_report_add_days(&page, report);
		sk_report_add_times(&page, report);
		sk_report_add_open(&page, report);
		sk_report_add_offices(&page, report);
		sk_report_add_limits(&page, report);
		sk_report_add_tasks(&page, report);
		sk_report_add_events(&page, report);
		sk_report_add_failures(&page, report);
	}
	sk_text_add(&page,
	    "</main>\n<footer><p>Written by sikka-status " SK_VERSION
	    ". It contains no patient's data.</p></footer>\n</body>\n</html>\n");
	return sk_text_take(&page);
}

static void
write_page(const struct sk_report *report, struct sk_error *err)
{
	char *page = page_of(report);

	sk_out_text(page, err);
	free(page);
}

int
sk_report(struct sk_session *session, const struct sk_common *common, const struct sk_max_age *ages,
    struct sk_error *err)
{
	struct sk_report *report = sk_mem_zero(1, sizeof(*report));
	struct sk_troubles troubles = {0};
	struct sk_status status = {0};
	struct sk_error why = {0};
	bool is_read = sk_troubles_look(session, common, ages, &status, &troubles, &why);

	sk_troubles_sort_by_age(&troubles);
	report->troubles = &troubles;
	report->ages = ages;
	report->wanted = common->offices;
	report->n_wanted = common->n_offices;
	report->now = is_read ? status.now : sk_time_now();
	report->status = is_read ? &status : NULL;
	if (is_read)
		sk_copy_warn(session);
	if (!is_read || sk_report_read(session, report, err) == 0)
		write_page(report, err);
	if (err->code == 0)
		*err = why;
	sk_report_fini(report);
	free(report);
	sk_troubles_fini(&troubles);
	sk_status_fini(&status);
	return err->code == 0 ? 0 : -1;
}
