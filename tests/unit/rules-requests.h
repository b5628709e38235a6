/* SPDX-License-Identifier: MIT */
/*
 * rules-requests: random writebacks, correct ones and ones with one or two mistakes, for every
 * operation and every practice management system under each of its names. The fields are listed
 * here a third time, with the kind of value that each holds, but without any rule: what is right is
 * for the two sides to decide.
 */
#ifndef RULES_REQUESTS_H
#define RULES_REQUESTS_H

#include <ctype.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../cmd/sikka-sim/util.h"

/*
 * name:kind, separated by commas. * before a name: it is hardly ever left out. /: it is part of the
 * path; =: of path and body. A kind in parentheses lists the words to choose from, separated by |.
 */
/* clang-format off */
static const struct kind_of_request {
	const char *name, *fields;
	const char *systems; /* the systems that are tried most often; NULL: all the same */
} kinds_of_request[] = {
    {"book_appointment",
	"*patient_id:id,*date:date,*time:time,*length:minutes,*description:text,*provider_id:id,*operatory:id,"
	"*practice_id:id,guarantor_id:id,staff:id,user:id,type:id,status:id,production_type:id,"
	"is_new_patient:boolean,has_insurance:boolean,firstname:text,lastname:text,birthdate:date,email:email,"
	"phone:phone,note:text,insurance_name:text,subscriber:text,subscriber_id:id,group_number:id,"
	"is_primary_or_secondary:id,procedure_codes:list,check_spu:boolean", NULL},
    {"reschedule_appointment",
	"/*appointment_sr_no:path,*practice_id:id,provider_id:id,date:date,time:time,length:minutes,"
	"operatory:id,status:(Scheduled|broken|Broken),description:text,schedule:id,staff:id,type:id,"
	"check_spu:boolean", NULL},
    {"update_appointment_status",
	"=*appointment_sr_no:path,path:(/status|/appointment_status),*value:id,*practice_id:id,"
	"status_changed_by:id,staff:id,cancellation_code_id:id,cancellation_note:text,check_spu:boolean", NULL},
    {"create_patient",
	"*firstname:text,*lastname:text,*provider_id:id,*practice_id:id,"
	"gender:(male|female|male|female|unknown|other),email:email,birthdate:date,workphone:phone,"
	"homephone:phone,cell:phone,other_phone:phone,is_guarantor_exist:boolean,guarantor_id:id,"
	"address_line1:text,address_line2:text,city:text,state:id,zipcode:id,country:id,staff:id,status:id,"
	"type:id,primary_relationship:id,user:id,check_spu:boolean", NULL},
    {"create_veterinary_patient",
	"*petname:text,*breed:id,*species:id,"
	"*pet_sex:(male|female|unknown|neutered male|spayed female|undetermined|gelding|mare|stallion|tom),"
	"*pet_birthdate:date,*pet_class:id,color:id,guarantor_id:id,firstname:text,middlename:text,"
	"lastname:text,practice_id:id,client_class:id,email:email,address_line1:text,address_line2:text,"
	"city:text,state:id,zipcode:id,check_spu:boolean", NULL},
    {"update_patient",
	"/*patient_id:path,*practice_id:id,firstname:text,middlename:text,lastname:text,preferred_name:text,"
	"formal:text,informal:text,birthdate:date,ssn:text,model:text,"
	"gender:(male|female|male|female|unknown|other),salutation:id,status:id,type:id,race:id,provider_id:id,"
	"*staff:id,language:id,recall_date:date,mail_method:id,gender_identifier:id,school:id,check_spu:boolean", "OrthoTrac,Ortho Trac 14,Dolphin Management"},
    {"update_claim",
	"/*claim_sr_no:path,*practice_id:id,status:id,note:text,internal_note:text,date_sent:date,"
	"date_resent:date,custom_track_status:id,user:id,check_spu:boolean", NULL},
    {"post_claim_payment",
	"*claim_sr_no:id,*practice_id:id,*payment_amount:amounts,*is_payment_by_procedure_code:boolean,"
	"*transaction_sr_no:list,*claim_payment_date:date,"
	"*payment_mode:(3|cheque|Cheque|direct deposit|Direct Deposit|Cash),*deductible:deductible,"
	"*write_off:amounts,note:text,adjustment_type:list,credit_adjustment_provider:list,"
	"is_debit_adjustment_writeback:boolean,debit_adjustment_amount:amounts,debit_adjustment_date:date,"
	"debit_adjustment_type:list,debit_adjustment_note:text,is_debit_adjustment_by_procedure:boolean,"
	"debit_adjustment_transaction_sr_no:list,debit_adjustment_provider:list,cheque_no:id,bank_no:id,"
	"bank_name:id,direct_deposit_number:id,provider_id:id,impacts:id,is_final_payment:boolean,"
	"is_credit_adjustment_writeback:boolean,is_credit_adjustment_by_procedure:boolean,credit_adjustment_amount:amounts,"
	"credit_adjustment_transaction_sr_no:list,credit_adjustment_type:list,user:id,check_spu:boolean", NULL},
    {"add_medical_note",
	"*patient_id:id,*practice_id:id,"
	"*type:(patient note|Appointment Note|Group Note|medical alert|Medical Note|treatment note|medications|allergies|medicalalert|journalnote|other note),"
	"*text:text,*date:date,*provider_id:id,description:text,appointment_sr_no:id,transaction_sr_no:list,"
	"item:id,acknowledge_type:id,staff:id,user:id,check_spu:boolean", NULL},
    {"add_document",
	"*patient_id:id,*practice_id:id,*document_type:id,*document_name:text,*created_datetime:date,*type:id,"
	"*document_base64:base64,provider_id:id,description:text,tooth:id,check_spu:boolean", "OpenDental,Open Dental 22.1"},
    {"add_lab_result",
	"*patient_id:id,*guarantor_id:id,*provider_id:id,*practice_id:id,*lab_name:id,*template_name:id,"
	"*test_name:list,*result:list,*operator:list,*reference_low:list,*reference_high:list,"
	"unit_of_measure:list,comments:text,additional_comments:text,check_spu:boolean", NULL},
    {"post_transaction",
	"*patient_id:id,*guarantor_id:id,*practice_id:id,*provider_id:id,*procedure_code:id,"
	"*procedure_description:id,*amount:amounts,*transaction_date:date,transaction_entry_date:date,"
	"note:text,transaction_sr_no:list,is_payment_by_procedure_code:boolean,is_payment_refund:boolean,"
	"is_perform_credit_adjustment_writeback:boolean,impacts:(Production|Collection|Adjustment|Weather),"
	"is_patient_preferred:(true|false||maybe),user:id,payment_type:id,bank:text,cheque_no:text,"
	"card_holder_name:text,card_number:id,cvv:digits,expiration_month:digits,expiration_year:digits,"
	"check_spu:boolean", NULL},
    {"add_perio_chart",
	"*practice_id:id,*patient_id:id,*tooth_number:teeth,chart_date:date,provider_id:id,script:id,"
	"pocket_depth:six,gingival_margin:six,mucogingival_junction:six,bleed:ones,suppuration:ones,"
	"mobility:mobility,plaque:plaque,bone_loss:bone,furcation:furcation,calculus:calculus,distal:id,buccal:id,mesial:id,lingual:id,note:text,"
	"check_spu:boolean", "Dentrix,Eaglesoft,OpenDental,Open Dental 22.1"},
};
/* clang-format on */
enum { KINDS_OF_REQUEST = sizeof kinds_of_request / sizeof kinds_of_request[0] };

/*
 * Names that practices go by, with versions ("": none), and what no rule knows. A practice that has
 * no system at all isn't among them: at the server each has one, though the client may not know it.
 */
static const struct {
	const char *pms, *version;
	size_t weight; /* so that each system is tried about as often, however many names it has */
} systems_called[] = {{"OpenDental", "22.1", 5}, {"Open Dental 22.1", "", 5},
    {"OrthoTrac", "14.0", 5}, {"Ortho Trac 14", "", 5}, {"Eaglesoft", "21.20", 5},
    {"eagle-soft", "", 5}, {"Dolphin Management", "6.2", 5}, {"Dolphin", "Management 6", 5},
    {"ClearDent", "9.13", 5}, {"Clear Dent", "", 5}, {"CornerStone", "9.2", 8},
    {"Tracker", "11.28", 5}, {"tracker", "", 5}, {"intravet", "5.5", 8}, {"SuzyDental", "3.1", 5},
    {"Suzy-Dental", "", 5}, {"Planet DDS WebV2.0", "", 5}, {"Planet DDS", "WebV2.0", 5},
    {"Planet DDS WebV3.0", "3.0", 5}, {"Planet DDS", "WebV3.0", 5},
    {"Dentrix Enterprise", "8.0", 8}, {"Dentrix", "Enterprise 8", 2}, {"Dentrix Ascend", "", 13},
    {"Dentrix", "Ascend", 2}, {"Dentrix", "G6", 2}, {"Dentrix G6", "6.2", 2},
    {"Dentrix", "G6.2", 2}, {"Dentrix", "V16.6", 2}, {"Dentrix", "17.3", 1}, {"Dentrix G10", "", 1},
    {"Dentrix", "11.0", 4}, {"Dentrix", "", 4}, {"Dentrix", "V15.2", 2}, {"Dentrix", "G5", 2},
    {"Dentrix Core", "17", 2}, {"Abacus", "7", 3}, {"Planet DDS", "4.0", 3}, {"Dolphin", "6", 3}};
enum { SYSTEMS_CALLED = sizeof systems_called / sizeof systems_called[0] };

struct made_request {
	const char *operation;
	char pms[64], version[32];
	json_t *fields; /* what is handed in */
	json_t *body;   /* what a client sends of it */
	const char *id; /* in the path; borrowed from fields; NULL where the path has none */
};

struct maker { /* one request, while it is made */
	uint64_t *random;
	size_t values, teeth; /* number of values in its lists, and in its charts */
	const struct kind_of_request *kind;
	const char *field; /* whose value is being made */
	size_t wrong;      /* how many of a hundred values are wrong */
	int system;        /* index into systems_called */
	const char *today, *tomorrow;
};

static size_t
below(struct maker *m, size_t n)
{
	return (size_t)(random_next(m->random) % n);
}

static int
chance(struct maker *m, size_t percent)
{
	return below(m, 100) < percent;
}

/* Whether the value is to be wrong this time. */
static int
spoils(struct maker *m)
{
	return chance(m, m->wrong);
}

#define PICK(m, list) ((list)[below(m, sizeof(list) / sizeof(list)[0])])

static int
is_called(const struct maker *m, const char *begin)
{
	return strncasecmp(systems_called[m->system].pms, begin, strlen(begin)) == 0;
}

/* --- values: mostly good ones, and what is nearly good ---------------------------------------- */

static void
make_date(struct maker *m, struct text *t)
{
	static const char *const wrong[] = {"2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31",
	    "26-02-07", "2026-2-7", "2026/02/07", "07-02-2026", "2026-02-07T09:00:00", "tomorrow",
	    "2026-02-00", "1900-02-29", "2026-02-07 ", "2026-O2-07", "0000-01-01", "+026-02-07",
	    "0001-01-01", "2026-02-07\n"};
	static const char *const good[] = {"2024-02-29", "2000-02-29", "1999-12-31", "2020-01-01",
	    "1987-06-30"};

	if (spoils(m))
		text_addf(t, "%s", PICK(m, wrong));
	else if (chance(m, 2) || spoils(m))
		text_addf(t, "%s", chance(m, 50) ? m->today : m->tomorrow);
	else if (spoils(m))
		text_addf(t, "%s", "2199-02-28");
	else
		text_addf(t, "%s", PICK(m, good));
}

/*
 * The lengths that a field's texts have beside short ones: its longest lengths, as the tables of
 * both sides say them, and one character more. The test adds them before it makes requests. Any text
 * may also be longer than all of them.
 */
enum { LENGTHS_MAX = 200, LENGTH_BEYOND = 10000, LONG_ONES = 20 };
static struct {
	const struct kind_of_request *kind;
	const char *field;
	size_t length;
} text_lengths[LENGTHS_MAX];
static size_t n_text_lengths;

/* false: there are too many. */
static bool
lengths_add(const struct kind_of_request *kind, const char *field, size_t length)
{
	for (size_t i = 0; i < n_text_lengths; i++)
		if (text_lengths[i].kind == kind && text_lengths[i].length == length &&
		    strcmp(text_lengths[i].field, field) == 0)
			return true;
	if (n_text_lengths == LENGTHS_MAX)
		return false;
	text_lengths[n_text_lengths].kind = kind;
	text_lengths[n_text_lengths].field = field;
	text_lengths[n_text_lengths++].length = length;
	return true;
}

/* One of the lengths of the field that is being made; 0: it has none. */
static size_t
make_length(struct maker *m)
{
	size_t of_field[LENGTHS_MAX], n = 0;

	for (size_t i = 0; i < n_text_lengths; i++)
		if (text_lengths[i].kind == m->kind && strcmp(text_lengths[i].field, m->field) == 0)
			of_field[n++] = text_lengths[i].length;
	return n > 0 ? of_field[below(m, n)] : 0;
}

static void
make_text(struct maker *m, struct text *t)
{
	static const char *const letters[] = {"x", "é", "漢", "😀", " ", "%", "\""};
	static const char *const wrong[] = {"<", ">", "&", "\n", "\t", "\x7f", "\x01", "\xc2\x85",
	    "\xc2\x9f"};
	int spoilt = spoils(m), odd = spoilt && chance(m, 40);
	size_t long_one = make_length(m);
	size_t n = 1 + below(m, 9);
	const char *letter = PICK(m, letters);

	if (long_one > 0 && chance(m, spoilt && !odd ? 95 : LONG_ONES))
		n = long_one;
	else if ((spoilt && !odd) || chance(m, 1))
		n = LENGTH_BEYOND;
	text_addf(t, "a");
	for (size_t i = 1; i < n; i++)
		text_addf(t, "%s", letter);
	if (odd)
		text_addf(t, "%s", PICK(m, wrong));
}

static void
make_list(struct maker *m, struct text *t, void (*one)(struct maker *, struct text *), size_t n)
{
	if (spoils(m))
		n += n > 1 && chance(m, 50) ? (size_t)-1 : 1;
	for (size_t i = 0; i < n; i++) {
		text_addf(t, "%s", i > 0 ? "|" : "");
		one(m, t);
	}
}

static void
one_text(struct maker *m, struct text *t)
{
	text_addf(t, "%c%zu", (int)('a' + below(m, 26)), below(m, 1000));
}

static void
one_amount(struct maker *m, struct text *t)
{
	static const char *const wrong[] = {"x", "1,5", "--1", "1e3", "$5", "1.2.3", "0x10", "-",
	    "+1", ".5", "5.", " 5", "5 ", "", "", "007", "-.5", "1.", "9999999999999999999999"};
	static const char *const zeros[] = {"0", "0.00", "-0"};

	if (spoils(m) && chance(m, 50))
		text_addf(t, "%s", PICK(m, wrong));
	else if (chance(m, 10) || spoils(m))
		text_addf(t, "%s", PICK(m, zeros));
	else
		text_addf(t, "%s%zu%s", chance(m, 4) || spoils(m) ? "-" : "", 1 + below(m, 200),
		    chance(m, 30) ? ".50" : "");
}

static void
one_whole(struct maker *m, struct text *t)
{
	text_addf(t, "%zu%s", below(m, 200), spoils(m) ? ".5" : "");
}

static void
make_deductible(struct maker *m, struct text *t)
{
	int ascend = is_called(m, "Dentrix Ascend");
	size_t n = m->values;

	if (is_called(m, "Dentrix") && !spoils(m))
		n = ascend ? 4 : chance(m, 70) ? 3 : chance(m, 70) ? n : 4;
	make_list(m, t, ascend ? one_whole : one_amount, n);
}

/* Six values for each tooth, of these words or blank. */
static void
make_six(struct maker *m, struct text *t, const char *const *words, size_t n)
{
	size_t teeth = m->teeth + (spoils(m) && chance(m, 30));

	for (size_t i = 0; i < teeth; i++) {
		size_t values = spoils(m) && chance(m, 30) ? 5 + 2 * below(m, 2) : 6;

		text_addf(t, "%s", i > 0 ? "$" : "");
		for (size_t k = 0; k < values; k++)
			text_addf(t, "%s%s", k > 0 ? "|" : "",
			    chance(m, 40) ? "" : words[below(m, n)]);
	}
}

/* One value for each tooth. */
static void
make_each(struct maker *m, struct text *t, const char *const *words, size_t n)
{
	size_t teeth = m->teeth + (spoils(m) && chance(m, 30));

	for (size_t i = 0; i < teeth; i++)
		text_addf(t, "%s%s", i > 0 ? "$" : "", words[below(m, n)]);
}

static void
make_chart(struct maker *m, struct text *t, const char *kind)
{
	static const char *const depths[] = {"0", "3", "7", "19"},
				 *const far[] = {"20", "100", "101", "119", "120", "x", "3", "03",
				     " 3", "-1", "1.0"};
	static const char *const ones[] = {"1"}, *const others[] = {"0", "2", "1"};
	static const char *const loose[] = {"0", "1", "4", "03"},
				 *const looser[] = {"5", "19", "20", "x", "2", "", " 1", "-1"};
	static const char *const plaque[] = {"None", "Light", "Moderate", "Heavy"};
	static const char *const bone[] = {"None", "Mild", "Moderate", "Severe"},
				 *const odd[] = {"Much", "None", "none", "", " None"};
	static const char *const forks[] = {"F0: none", "F4: through"},
				 *const no_fork[] = {"F5: all", "F1: some", "F1", "f1: some",
				     "F1:", " F1: x"};
	int odd_one = spoils(m);

#define SOME(make, usual, rare)                                       \
	((odd_one) ? make(m, t, rare, sizeof(rare) / sizeof(rare)[0]) \
		   : make(m, t, usual, sizeof(usual) / sizeof(usual)[0]))
	if (strcmp(kind, "six") == 0)
		SOME(make_six, depths, far);
	else if (strcmp(kind, "ones") == 0)
		SOME(make_six, ones, others);
	else if (strcmp(kind, "mobility") == 0)
		SOME(make_each, loose, looser);
	else if (strcmp(kind, "bone") == 0)
		SOME(make_each, bone, odd);
	else if (strcmp(kind, "plaque") == 0 && is_called(m, "Dentrix"))
		SOME(make_each, plaque, odd);
	else if (strcmp(kind, "plaque") == 0 ||
	    (strcmp(kind, "calculus") == 0 && !is_called(m, "Dentrix")))
		SOME(make_six, ones, others);
	else if (strcmp(kind, "calculus") == 0)
		SOME(make_six, depths, far);
	else if (is_called(m, "Dentrix"))
		SOME(make_six, forks, no_fork);
	else
		SOME(make_six, depths, far);
#undef SOME
}

static void
make_teeth(struct maker *m, struct text *t)
{
	static const char *const wrong[] = {"0", "33", "x", "1|2", "", "-1", "01", " 1", "32 ",
	    "1.0", "4294967297"};

	for (size_t i = 0; i < m->teeth; i++) {
		text_addf(t, "%s", i > 0 ? "$" : "");
		if (spoils(m))
			text_addf(t, "%s", PICK(m, wrong));
		else
			text_addf(t, "%zu", 1 + below(m, 32));
	}
}

static void
make_base64(struct maker *m, struct text *t)
{
	static const char *const good[] = {"aGVsbG8=", "aGVsbG9v", "aA==", "+/+/"};
	static const char *const wrong[] = {"aGVsbG8", "aGVs!G8=", "a===", "=aaa", "aG Vs", "_-_-",
	    "aGVs\nbG8=", "aGVsbG8=aGVs", "ab=c", "====", "aGVsbG9="};

	/* Only sometimes at the limit: checking 2 MiB takes a good part of a second. */
	if (spoils(m) && chance(m, 8)) {
		size_t n = (2 << 20) + (chance(m, 50) ? 4 : 0);
		char *many = x_new(n + 1);

		memset(many, 'A', n);
		text_add(t, many, n);
		free(many);
	} else {
		text_addf(t, "%s", spoils(m) ? PICK(m, wrong) : PICK(m, good));
	}
}

/* "(a|b||c)" */
static void
make_words(struct maker *m, struct text *t, const char *words)
{
	const char *p = words + 1;
	size_t n = 1;

	for (const char *s = p; *s != ')'; s++)
		n += *s == '|';
	for (size_t wanted = below(m, n); wanted > 0; wanted--)
		p += strcspn(p, "|") + 1;
	text_add(t, p, strcspn(p, "|)"));
}

static void
make_simple(struct maker *m, struct text *t, const char *kind)
{
	static const char *const times[] = {"09:00", "00:00", "23:59", "17:30"};
	static const char *const no_times[] = {"24:00", "9:00", "09:60", "09:00:00", "0900",
	    "ab:cd", "09.00"};
	static const char *const lengths[] = {"30", "1", "120"},
				 *const no_lengths[] = {"0", "30.5", "-30", "x", "00", "3 0", "030",
				     " 30", "+30", "99999999999999999999"};
	static const char *const yes[] = {"true", "false", "true", "false", "True", "FALSE"},
				 *const no[] = {"yes", "1", "0", "maybe", "tru"};
	static const char *const mails[] = {"a@b.de", "a.b@c.d.ef", "a+b@example.com"};
	static const char *const no_mails[] = {"a", "a@b", "a@b@c.de", "a b@c.de", "a.b@c", "@",
	    "@b.c", "a@b.", "a@.b", "a@b.c ", "a\t@b.c", "a@b.c\n"};
	static const char *const phones[] = {"408-555-1234", "(408) 555-1234", "+1 408.555.1234",
	    "5551234", "408 555-1234 x 12", "4085551234"};
	static const char *const no_phones[] = {"555-123", "call me 5551234", "408/555/1234",
	    "5551234 X 5", "555\t1234", "555 1234\n", "5551234 ext 5", "５５５1234", "------------",
	    "408-555-1234#1", "408555123"};
	static const char *const numbers[] = {"123", "1234", "12", "1"},
				 *const no_numbers[] = {"12345", "12a", "1.2", "-12"};
	static const char *const no_paths[] = {"1:2", "1#", "1?", "1/2", "1\\2", "1%2", "1+2", ".",
	    "..", "1 2", "a\nb", "\x7f", "é", "1&2", "1;2", "1=2"};
	int wrong = spoils(m);

	if (strcmp(kind, "time") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no_times) : PICK(m, times));
	else if (strcmp(kind, "minutes") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no_lengths) : PICK(m, lengths));
	else if (strcmp(kind, "boolean") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no) : PICK(m, yes));
	else if (strcmp(kind, "email") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no_mails) : PICK(m, mails));
	else if (strcmp(kind, "phone") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no_phones) : PICK(m, phones));
	else if (strcmp(kind, "digits") == 0)
		text_addf(t, "%s", wrong ? PICK(m, no_numbers) : PICK(m, numbers));
	else if (strcmp(kind, "path") == 0 && wrong)
		text_addf(t, "%s", PICK(m, no_paths));
	else
		text_addf(t, "%zu", 1 + below(m, 500));
}

static char *
make_value(struct maker *m, const char *kind)
{
	struct text t = {0};

	if (*kind == '(')
		make_words(m, &t, kind);
	else if (strcmp(kind, "date") == 0)
		make_date(m, &t);
	else if (strcmp(kind, "text") == 0)
		make_text(m, &t);
	else if (strcmp(kind, "list") == 0)
		make_list(m, &t, one_text, m->values);
	else if (strcmp(kind, "amounts") == 0)
		make_list(m, &t, one_amount, m->values);
	else if (strcmp(kind, "deductible") == 0)
		make_deductible(m, &t);
	else if (strcmp(kind, "base64") == 0)
		make_base64(m, &t);
	else if (strcmp(kind, "teeth") == 0)
		make_teeth(m, &t);
	else if (list_has("six,ones,mobility,plaque,bone,furcation,calculus", kind))
		make_chart(m, &t, kind);
	else
		make_simple(m, &t, kind);
	return t.s != NULL ? t.s : x_dup("");
}

/* --- requests --------------------------------------------------------------------------------- */

/* A name as a person might type it. Nothing is inserted between digits: 1.0 isn't 10. */
static void
make_name(struct maker *m, char *to, size_t room, const char *name)
{
	int careless = chance(m, 30);
	size_t n = 0;

	for (const char *p = name; *p != '\0' && n + 2 < room; p++) {
		if (careless && p > name && chance(m, 15) && !isdigit((unsigned char)p[-1]) &&
		    *p != '.')
			to[n++] = " .-"[below(m, 3)];
		if (careless && (*p == ' ' || *p == '-') && !isdigit((unsigned char)p[1]) &&
		    chance(m, 50))
			continue;
		to[n++] = (char)(careless && chance(m, 50) ? toupper((unsigned char)*p) : *p);
	}
	to[n] = '\0';
}

/* Of a hundred values: how many are left out, and how many are blank. */
struct manner {
	size_t optional, vital, blank;
};

static void
add_field(struct maker *m, struct made_request *made, const char *spec, size_t length,
    const struct manner *manner)
{
	static const char *const blanks[] = {"", "", " ", "\t \n"},
				 *const odd[] = {"|", "\xc2\xa0", "  x "};
	char *copy = x_printf("%.*s", (int)length, spec), *name = copy, *kind, *value;
	const char *given;
	int in_path = *name == '/', in_both = *name == '=', vital;

	name += in_path || in_both;
	vital = *name == '*';
	name += vital;
	kind = strchr(name, ':');
	*kind++ = '\0';
	m->field = name;
	if (!chance(m, vital ? manner->vital : manner->optional)) {
		value = chance(m, manner->blank)
		    ? x_dup(*kind != '(' && chance(m, 30) ? PICK(m, odd) : PICK(m, blanks))
		    : make_value(m, kind);
		json_object_set_new(made->fields, name, json_string(value));
		free(value);
	}
	if (in_path || in_both) {
		const char *id = json_string_value(json_object_get(made->fields, name));

		made->id = id != NULL ? id : "";
	}
	/* A blank value doesn't replace a default. */
	given = json_text(made->fields, name);
	if (!in_path && json_object_get(made->fields, name) != NULL &&
	    (json_object_get(made->body, name) == NULL || given[strspn(given, " \t\n")] != '\0'))
		json_object_set(made->body, name, json_object_get(made->fields, name));
	free(copy);
}

/* Most requests have one mistake at most: many mistakes at once hide each other. */
static void
add_fields(struct maker *m, struct made_request *made, const char *fields)
{
	static const struct manner careless = {10, 2, 2}, spoilt = {20, 20, 10};
	struct manner careful = {(size_t[]){0, 3, 50, 90}[below(m, 4)], 0, 0};
	int is_careful = chance(m, 90);
	size_t all = 1, spoilt_one;

	for (const char *p = fields; *p != '\0'; p++)
		all += *p == ',';
	spoilt_one = below(m, all + all / 4); /* sometimes none */
	for (size_t i = 0; *fields != '\0'; i++) {
		const struct manner *manner = !is_careful ? &careless
		    : i == spoilt_one                     ? &spoilt
							  : &careful;
		size_t n = strcspn(fields, ",");

		m->wrong = !is_careful ? 4 : i == spoilt_one ? 70 : 0;
		add_field(m, made, fields, n, manner);
		fields += n + (fields[n] == ',');
	}
}

static int
any_system(struct maker *m)
{
	size_t all = 0, place, i = 0;

	for (i = 0; i < SYSTEMS_CALLED; i++)
		all += systems_called[i].weight;
	place = below(m, all);
	for (i = 0; place >= systems_called[i].weight; i++)
		place -= systems_called[i].weight;
	return (int)i;
}

/* The caller frees it with made_fini. today and tomorrow are yyyy-mm-dd. */
static void
make_request(uint64_t *random, const char *today, const char *tomorrow, struct made_request *made)
{
	struct maker m = {.random = random, .today = today, .tomorrow = tomorrow};
	const struct kind_of_request *kind, *other;

	memset(made, 0, sizeof *made);
	kind = &kinds_of_request[below(&m, KINDS_OF_REQUEST)];
	other = &kinds_of_request[below(&m, KINDS_OF_REQUEST)];
	if (strlen(other->fields) >
	    strlen(kind->fields)) /* operations with more fields are tried more often */
		kind = other;
	m.kind = kind;
	do
		m.system = any_system(&m);
	while (kind->systems != NULL && !list_has(kind->systems, systems_called[m.system].pms) &&
	    chance(&m, 90));
	m.values = chance(&m, 50) ? 1 : 2 + below(&m, 2);
	m.teeth = 1 + below(&m, 3);
	made->operation = kind->name;
	make_name(&m, made->pms, sizeof made->pms, systems_called[m.system].pms);
	make_name(&m, made->version, sizeof made->version, systems_called[m.system].version);
	made->fields = json_object();
	made->body = json_object();
	if (strcmp(kind->name, "update_appointment_status") == 0) {
		json_object_set_new(made->body, "op", json_string("replace"));
		json_object_set_new(made->body, "path", json_string("/appointment_status"));
	}
	add_fields(&m, made, kind->fields);
}

static void
made_fini(struct made_request *made)
{
	json_decref(made->fields);
	json_decref(made->body);
}

#endif
