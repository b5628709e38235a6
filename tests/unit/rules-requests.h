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

#include "../../cmd/sikka-sim/systems.h"
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
	"=*appointment_sr_no:path,path:(/status|/appointment_status|/Status|/operatory),*value:id,*practice_id:id,"
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
	"*practice_id:id,*patient_id:id,*tooth_number:teeth,chart_date:date,provider_id:id,script:(Standard|Maxillary|Dentrix Default Script|dentrix gingival margin|Dentrix Probing Depths|Dentrix Clinical Attachment Level|Probing Depths),"
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
	json_t *fields;  /* what is handed in */
	json_t *body;    /* what a client sends of it */
	const char *id;  /* in the path; borrowed from fields; NULL where the path has none */
	unsigned system; /* as the simulator recognizes it */
	int64_t day;     /* today, where it is latest */
};

/* What a request is to try: a field's value on one system. Each is NULL or 0 if it doesn't matter. */
struct aim {
	const struct kind_of_request *kind;
	unsigned system;
	const char *field;
};

struct maker { /* one request, while it is made */
	uint64_t *random;
	size_t values, teeth; /* number of values in its lists, and in its charts */
	const struct kind_of_request *kind;
	const char *field; /* whose value is being made */
	size_t wrong;      /* how many of a hundred values are wrong */
	int system;        /* index into systems_called */
	char today[TIME_TEXT], tomorrow[TIME_TEXT];
	const struct aim *aim;
};

#include "rules-values.h"

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

/* Whether what begins here, "name:kind,…" with its marks, is about that field. */
static bool
is_spec_of(const char *spec, const char *field)
{
	size_t n = strlen(field);

	spec += strspn(spec, "*/=");
	return strncmp(spec, field, n) == 0 && spec[n] == ':';
}

/* Most requests have one mistake at most: many mistakes at once hide each other. */
static void
add_fields(struct maker *m, struct made_request *made, const char *fields)
{
	const char *aimed = m->aim->field;
	static const struct manner careless = {10, 2, 2}, spoilt = {20, 20, 10};
	struct manner careful = {(size_t[]){0, 3, 50, 90}[below(m, 4)], 0, 0};
	int is_careful = chance(m, 90);
	size_t all = 1, spoilt_one;

	for (const char *p = fields; *p != '\0'; p++)
		all += *p == ',';
	spoilt_one = below(m, all + all / 4); /* sometimes none */
	for (size_t i = 0; *fields != '\0'; i++) {
		const struct manner *manner = !is_careful ? &careless
		    : i == spoilt_one && aimed == NULL    ? &spoilt
							  : &careful;
		size_t n = strcspn(fields, ",");

		if (aimed != NULL && is_spec_of(fields, aimed) && chance(m, 80))
			manner = &spoilt;
		m->wrong = manner == &careless ? 4 : manner == &spoilt ? 70 : 0;
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

static const struct kind_of_request *
any_kind(struct maker *m)
{
	const struct kind_of_request *kind = &kinds_of_request[below(m, KINDS_OF_REQUEST)];
	const struct kind_of_request *other = &kinds_of_request[below(m, KINDS_OF_REQUEST)];

	/* operations with more fields are tried more often */
	return strlen(other->fields) > strlen(kind->fields) ? other : kind;
}

static bool
is_aimed_at(struct maker *m)
{
	const char *pms = systems_called[m->system].pms;

	if (m->aim->system != 0)
		return system_find(pms, systems_called[m->system].version) == m->aim->system;
	return m->kind->systems == NULL || list_has(m->kind->systems, pms) || !chance(m, 90);
}

/* The caller frees it with made_fini. day: today, where it is latest. */
static void
make_request(uint64_t *random, int64_t day, const struct aim *aim, struct made_request *made)
{
	struct maker m = {.random = random, .aim = aim};

	memset(made, 0, sizeof *made);
	day_text(m.today, day);
	day_text(m.tomorrow, day + 1);
	m.kind = aim->kind != NULL ? aim->kind : any_kind(&m);
	do
		m.system = any_system(&m);
	while (!is_aimed_at(&m));
	m.values = chance(&m, 50) ? 1 : 2 + below(&m, 2);
	m.teeth = 1 + below(&m, 3);
	made->operation = m.kind->name;
	make_name(&m, made->pms, sizeof made->pms, systems_called[m.system].pms);
	make_name(&m, made->version, sizeof made->version, systems_called[m.system].version);
	made->system = system_find(made->pms, made->version);
	made->day = day;
	made->fields = json_object();
	made->body = json_object();
	if (strcmp(m.kind->name, "update_appointment_status") == 0) {
		json_object_set_new(made->body, "op", json_string("replace"));
		json_object_set_new(made->body, "path", json_string("/appointment_status"));
	}
	add_fields(&m, made, m.kind->fields);
	if (chance(&m, 2))
		add_field(&m, made, "shoe_size:id", strlen("shoe_size:id"),
		    &(struct manner){0, 0, 0});
}

static void
made_fini(struct made_request *made)
{
	json_decref(made->fields);
	json_decref(made->body);
}

#endif
