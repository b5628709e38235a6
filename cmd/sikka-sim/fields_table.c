/* SPDX-License-Identifier: MIT */
/*
 * The documentation's table of writebacks, one line for each field: which systems require it
 * (must), which read it (read), and what its value has to be. What concerns several fields follows
 * as rules.
 */
#include "fields.h"

#include <string.h>

/* One line for each field, so that it can be read as a table. */
/* clang-format off */
#define A_DATE {EVERY, IS_DATE, 0, NULL}
#define A_BOOLEAN {EVERY, IS_BOOLEAN, 0, NULL}
#define A_LIST {EVERY, IS_LIST, 0, NULL}
#define AMOUNTS {EVERY, IS_AMOUNTS, 0, NULL}
#define PLAIN {EVERY, IS_PLAIN, 0, NULL}
#define A_PHONE {EVERY, IS_PHONE, 0, NULL}
#define MINUTES {EVERY, IS_WHOLE, 1, NULL}
#define LONGEST(on, n) {on, UP_TO, n, NULL}
#define WORD(on, words) {on, ONE_OF, 0, words}
#define SIX(on, ranges) {on, SIX_NUMBERS, 0, ranges}
#define CHECK_SPU {.name = "check_spu", .checks = {A_BOOLEAN}}
#define PATH_ID(n) {.name = n, .must = EVERY, .in_path = true, .checks = {{EVERY, IS_PATH_SEGMENT, 0, NULL}}}

#define BY_CODE "is_payment_by_procedure_code=true"
#define DEBIT "is_debit_adjustment_writeback=true"

static const struct field book[] = {
    {.name = "patient_id", .must = EVERY, .unless = "is_new_patient=true"},
    {.name = "date", .must = EVERY, .checks = {A_DATE}},
    {.name = "time", .must = EVERY, .checks = {{EVERY, IS_TIME, 0, NULL}}},
    {.name = "length", .must = EVERY, .checks = {MINUTES}},
    {.name = "description", .must = BUT(CORNERSTONE | ORTHOTRAC | CLEARDENT), .read = BUT(DOLPHIN | PLANET),
	.checks = {PLAIN, LONGEST(ORTHOTRAC, 150), LONGEST(CLEARDENT, 3000)}},
    {.name = "provider_id", .must = EVERY},
    {.name = "operatory", .must = EVERY},
    {.name = "practice_id", .must = EVERY},
    {.name = "guarantor_id", .must = CORNERSTONE, .read = BUT(DOLPHIN | CLEARDENT | PLANET)},
    {.name = "staff", .must = ORTHOTRAC, .read = ORTHOTRAC},
    {.name = "user", .must = DOLPHIN | CLEARDENT, .read = DOLPHIN | CLEARDENT},
    {.name = "type", .must = ORTHOTRAC | DOLPHIN | CLEARDENT, .blank = ORTHOTRAC,
	.read = ORTHOTRAC | DOLPHIN | EAGLESOFT | CLEARDENT | OPENDENTAL},
    {.name = "status", .must = DOLPHIN, .blank = DOLPHIN, .read = DOLPHIN | CLEARDENT},
    {.name = "production_type", .must = PLANET, .read = PLANET},
    {.name = "is_new_patient", .must = PLANET, .read = PLANET, .checks = {A_BOOLEAN}},
    {.name = "has_insurance", .must = PLANET, .read = PLANET, .checks = {A_BOOLEAN}},
    {.name = "firstname", .read = PLANET},
    {.name = "lastname", .read = PLANET},
    {.name = "birthdate", .read = PLANET, .checks = {{EVERY, IS_PAST_DATE, 0, NULL}}},
    {.name = "email", .read = PLANET, .checks = {{EVERY, IS_EMAIL, 0, NULL}}},
    {.name = "phone", .read = PLANET},
    {.name = "note", .read = PLANET, .checks = {LONGEST(EVERY, 3950)}},
    {.name = "insurance_name", .read = PLANET},
    {.name = "subscriber", .read = PLANET},
    {.name = "subscriber_id", .read = PLANET},
    {.name = "group_number", .read = PLANET},
    {.name = "is_primary_or_secondary", .read = PLANET},
    {.name = "procedure_codes", .read = OPENDENTAL, .checks = {A_LIST}},
    CHECK_SPU, {0}};

static const struct rule book_doubts[] = {
    {{CLEARDENT, AT_LEAST_ONE, 0, NULL}, "status", NULL}, /* required in one place, "Dolphin only" in another */
    {{0}, NULL, NULL}};

/* Whether an appointment of Dentrix G6 is broken is checked by the practice's server, in spu.c. */
static const struct field reschedule[] = {
    PATH_ID("appointment_sr_no"),
    {.name = "practice_id", .must = EVERY},
    {.name = "provider_id"},
    {.name = "date", .checks = {A_DATE}},
    {.name = "time", .checks = {{EVERY, IS_TIME, 0, NULL}}},
    {.name = "length", .checks = {MINUTES}},
    {.name = "operatory"},
    {.name = "status"},
    {.name = "description", .read = G6, .checks = {LONGEST(EVERY, 60)}},
    {.name = "schedule", .read = G6},
    {.name = "staff", .read = G6},
    {.name = "type", .read = G6},
    CHECK_SPU, {0}};
static const struct rule reschedule_rules[] = {
    {{EVERY, AT_LEAST_ONE, 0, NULL}, "date,time,length,operatory,provider_id,status", NULL},
    {{0}, NULL, NULL}};
static const struct rule reschedule_doubts[] = {
    {{EVERY, AT_LEAST_ONE, 0, NULL}, "provider_id", NULL}, /* listed as required, and as one of a choice */
    {{0}, NULL, NULL}};

static const struct field status[] = {
    {.name = "appointment_sr_no", .must = EVERY, .in_path = true, .in_body = true,
	.checks = {{EVERY, IS_PATH_SEGMENT, 0, NULL}}},
    {.name = "op", .must = EVERY, .checks = {WORD(EVERY, "replace")}},
    {.name = "path", .must = EVERY, .checks = {WORD(EVERY, "/appointment_status,/status")}},
    {.name = "value", .must = EVERY},
    {.name = "practice_id", .must = EVERY},
    {.name = "status_changed_by", .read = DOLPHIN | ORTHOTRAC},
    {.name = "staff", .must = ORTHOTRAC, .read = ORTHOTRAC},
    {.name = "cancellation_code_id", .read = PLANET_V3},
    {.name = "cancellation_note", .read = PLANET_V3},
    CHECK_SPU, {0}};

static const struct field patient[] = {
    {.name = "firstname", .must = EVERY, .checks = {LONGEST(ORTHOTRAC | CLEARDENT, 15)}},
    {.name = "lastname", .must = EVERY, .checks = {LONGEST(ORTHOTRAC | CLEARDENT, 25)}},
    {.name = "provider_id", .must = BUT(CLEARDENT)},
    {.name = "practice_id", .must = EVERY},
    {.name = "gender", .must = ORTHOTRAC, .read = BUT(DOLPHIN),
	.checks = {WORD(BUT(ORTHOTRAC | CLEARDENT), "male,female,unknown"), WORD(ORTHOTRAC, "male,female")}},
    {.name = "email", .checks = {{EVERY, IS_EMAIL, 0, NULL}}},
    {.name = "birthdate", .checks = {{EVERY, IS_PAST_DATE, 0, NULL}}},
    {.name = "workphone", .checks = {A_PHONE}},
    {.name = "homephone", .checks = {A_PHONE}},
    {.name = "cell", .checks = {A_PHONE}},
    {.name = "other_phone", .read = BUT(ORTHOTRAC), .checks = {A_PHONE}},
    {.name = "is_guarantor_exist", .read = ORTHOTRAC, .checks = {A_BOOLEAN}},
    {.name = "guarantor_id", .when = "is_guarantor_exist=true"},
    {.name = "address_line1", .read = BUT(ORTHOTRAC | DOLPHIN)},
    {.name = "address_line2", .read = BUT(ORTHOTRAC | DOLPHIN)},
    {.name = "city", .read = BUT(ORTHOTRAC | DOLPHIN)},
    {.name = "state", .read = BUT(ORTHOTRAC | DOLPHIN | CLEARDENT)},
    {.name = "zipcode", .read = BUT(ORTHOTRAC | DOLPHIN | CLEARDENT)},
    {.name = "country", .read = ORTHOTRAC, .when = "workphone=*|homephone=*|cell=*|other_phone=*|email=*"},
    {.name = "staff", .must = ORTHOTRAC, .read = ORTHOTRAC},
    {.name = "status", .must = ORTHOTRAC, .read = ORTHOTRAC},
    {.name = "type", .must = ORTHOTRAC, .read = ORTHOTRAC},
    {.name = "primary_relationship", .read = ORTHOTRAC | DOLPHIN, .when = "guarantor_id=*"},
    {.name = "user", .must = DOLPHIN, .read = DOLPHIN},
    CHECK_SPU, {0}};

static const struct rule patient_doubts[] = {
    /* required, says one place; with guarantor_id, says another */
    {{ORTHOTRAC, AT_LEAST_ONE, 0, NULL}, "primary_relationship", "guarantor_id="},
    /* it is used with is_guarantor_exist=true only; without, the patient is the guarantor */
    {{ORTHOTRAC, NOTHING, 0, NULL}, "guarantor_id", "is_guarantor_exist=false|is_guarantor_exist="},
    /* "10 digit", and also that an extension may stand in it */
    {{CLEARDENT, WITH_DIGITS, 10, NULL}, "workphone", NULL},
    {{CLEARDENT, WITH_DIGITS, 10, NULL}, "homephone", NULL},
    {{CLEARDENT, WITH_DIGITS, 10, NULL}, "cell", NULL},
    {{CLEARDENT, WITH_DIGITS, 10, NULL}, "other_phone", NULL},
    {{0}, NULL, NULL}};

static const struct field veterinary[] = {
    {.name = "petname", .must = EVERY},
    {.name = "breed", .must = EVERY},
    {.name = "species", .must = EVERY},
    {.name = "pet_sex", .must = EVERY,
	.checks = {WORD(EVERY, "male,female,unknown,neutered male,spayed female,undetermined,gelding,mare,stallion")}},
    {.name = "pet_birthdate", .must = EVERY, .checks = {A_DATE}},
    {.name = "pet_class", .must = EVERY},
    {.name = "color"},
    {.name = "guarantor_id"},
    {.name = "firstname", .when = "guarantor_id="},
    {.name = "middlename"},
    {.name = "lastname", .when = "guarantor_id="},
    {.name = "practice_id", .when = "guarantor_id="},
    {.name = "client_class"},
    {.name = "email", .checks = {{EVERY, IS_EMAIL, 0, NULL}}},
    {.name = "address_line1"},
    {.name = "address_line2"},
    {.name = "city"},
    {.name = "state"},
    {.name = "zipcode"},
    CHECK_SPU, {0}};

static const struct rule veterinary_doubts[] = {
    /* with guarantor_id, says the sentence, which makes sense without only */
    {{EVERY, AT_LEAST_ONE, 0, NULL}, "client_class", NULL},
    {{0}, NULL, NULL}};

static const struct field patient_change[] = {
    PATH_ID("patient_id"),
    {.name = "practice_id", .must = EVERY},
    {.name = "firstname", .checks = {LONGEST(ORTHOTRAC, 15)}},
    {.name = "middlename", .read = BUT(DOLPHIN), .checks = {LONGEST(EVERY, 15)}},
    {.name = "lastname", .checks = {LONGEST(ORTHOTRAC, 20)}},
    {.name = "preferred_name", .checks = {LONGEST(ORTHOTRAC, 20), LONGEST(DOLPHIN, 50)}},
    {.name = "formal", .read = BUT(DOLPHIN), .checks = {LONGEST(EVERY, 50)}},
    {.name = "informal", .read = BUT(DOLPHIN), .checks = {LONGEST(EVERY, 50)}},
    {.name = "birthdate", .checks = {{EVERY, IS_PAST_DATE, 0, NULL}}},
    {.name = "ssn", .read = BUT(DOLPHIN), .checks = {LONGEST(EVERY, 20)}},
    {.name = "model", .read = BUT(DOLPHIN), .checks = {LONGEST(EVERY, 10)}},
    {.name = "gender", .checks = {WORD(ORTHOTRAC, "male,female")}},
    {.name = "salutation"},
    {.name = "status"},
    {.name = "type", .read = BUT(DOLPHIN)},
    {.name = "race", .read = BUT(DOLPHIN)},
    {.name = "provider_id"},
    {.name = "staff", .must = ORTHOTRAC, .read = BUT(DOLPHIN)},
    {.name = "language", .read = DOLPHIN},
    {.name = "recall_date", .read = DOLPHIN, .checks = {A_DATE}},
    {.name = "mail_method", .read = DOLPHIN},
    {.name = "gender_identifier", .read = DOLPHIN},
    {.name = "school", .read = DOLPHIN},
    CHECK_SPU, {0}};
static const struct rule patient_change_rules[] = {
    /* All fields; those that a system requires don't count there. */
    {{EVERY, AT_LEAST_ONE, 0, NULL},
	"firstname,middlename,lastname,preferred_name,formal,informal,birthdate,ssn,model,gender,salutation,status,"
	"type,race,provider_id,staff,language,recall_date,mail_method,gender_identifier,school", NULL},
    {{0}, NULL, NULL}};

static const struct field claim[] = {
    PATH_ID("claim_sr_no"),
    {.name = "practice_id", .must = EVERY},
    {.name = "status"},
    {.name = "note"},
    {.name = "internal_note"},
    {.name = "date_sent", .checks = {A_DATE}},
    {.name = "date_resent", .checks = {A_DATE}},
    {.name = "custom_track_status", .read = OPENDENTAL},
    {.name = "user"},
    CHECK_SPU, {0}};
static const struct rule claim_rules[] = {
    {{EVERY, AT_LEAST_ONE, 0, NULL}, "status,note,custom_track_status", NULL},
    {{0}, NULL, NULL}};

static const struct field claim_payment[] = {
    {.name = "claim_sr_no", .must = EVERY},
    {.name = "practice_id", .must = EVERY},
    {.name = "payment_amount", .must = EVERY,
	.checks = {AMOUNTS, {TRACKER, SOME_ABOVE_ZERO, 0, NULL}, {G6, NONE_BELOW_ZERO, 0, NULL}}},
    {.name = "is_payment_by_procedure_code", .must = EVERY, .checks = {A_BOOLEAN, WORD(TRACKER, "true")}},
    {.name = "transaction_sr_no", .when = BY_CODE, .checks = {A_LIST}},
    {.name = "claim_payment_date", .must = EVERY, .checks = {A_DATE}},
    {.name = "payment_mode", .must = EVERY},
    {.name = "deductible", .must = EVERY, .read = BUT(TRACKER), .checks = {AMOUNTS}},
    {.name = "write_off", .must = BUT(G6), .read = BUT(TRACKER),
	.checks = {{BUT(G6), IS_AMOUNTS, 0, NULL}, {G6, IS_AMOUNTS_AND_BLANKS, 0, NULL}}},
    {.name = "note", .checks = {PLAIN}},
    {.name = "adjustment_type", .read = ENTERPRISE | ASCEND | G6, .when = "write_off=-",
	.when_on = ENTERPRISE | ASCEND, .checks = {A_LIST}},
    {.name = "credit_adjustment_provider", .read = G6, .checks = {A_LIST}},
    {.name = "is_debit_adjustment_writeback", .read = BUT(TRACKER), .checks = {A_BOOLEAN}},
    {.name = "debit_adjustment_amount", .when = DEBIT,
	.checks = {AMOUNTS, {EVERY, NONE_BELOW_ZERO, 0, NULL}, {BUT(G6), NONE_ZERO, 0, NULL}}},
    {.name = "debit_adjustment_date", .read = BUT(ASCEND), .when = DEBIT, .when_on = OPENDENTAL, .checks = {A_DATE}},
    {.name = "debit_adjustment_type", .when = DEBIT, .when_on = OPENDENTAL | ASCEND, .checks = {A_LIST}},
    {.name = "debit_adjustment_note", .read = BUT(ASCEND), .checks = {PLAIN}},
    {.name = "is_debit_adjustment_by_procedure", .read = OPENDENTAL, .checks = {A_BOOLEAN}},
    {.name = "debit_adjustment_transaction_sr_no", .read = OPENDENTAL,
	.when = "is_debit_adjustment_by_procedure=true", .checks = {A_LIST}},
    {.name = "debit_adjustment_provider", .read = OPENDENTAL | G6, .when = DEBIT, .when_on = OPENDENTAL,
	.checks = {A_LIST}},
    {.name = "cheque_no", .when = "payment_mode=Cheque", .when_on = TRACKER},
    {.name = "bank_no"},
    {.name = "bank_name", .must = TRACKER},
    {.name = "direct_deposit_number", .when = "payment_mode=Direct Deposit", .when_on = TRACKER},
    {.name = "provider_id", .read = TRACKER | DENTRIX},
    /* what Eaglesoft has got since the documents were written */
    {.name = "impacts", .read = EAGLESOFT},
    {.name = "is_final_payment", .read = EAGLESOFT, .checks = {A_BOOLEAN}},
    {.name = "is_credit_adjustment_writeback", .read = EAGLESOFT, .checks = {A_BOOLEAN}},
    {.name = "is_credit_adjustment_by_procedure", .read = EAGLESOFT,
	.when = "is_credit_adjustment_writeback=true", .checks = {A_BOOLEAN}},
    {.name = "credit_adjustment_amount", .read = EAGLESOFT, .checks = {AMOUNTS}},
    {.name = "credit_adjustment_transaction_sr_no", .read = EAGLESOFT, .checks = {A_LIST}},
    {.name = "credit_adjustment_type", .read = EAGLESOFT, .checks = {A_LIST}},
    {.name = "user", .read = EAGLESOFT},
    CHECK_SPU, {0}};
static const struct rule claim_payment_rules[] = {
    {{EVERY, SAME_COUNT, 0, NULL}, "transaction_sr_no,payment_amount", BY_CODE},
    {{BUT(G6 | ENTERPRISE | ASCEND), SAME_COUNT, 0, NULL}, "transaction_sr_no,deductible,write_off", BY_CODE},
    {{G6, SAME_COUNT, 0, NULL}, "write_off,adjustment_type", NULL},
    {{G6, SAME_COUNT, 0, NULL}, "write_off,credit_adjustment_provider", NULL},
    {{G6, SAME_COUNT, 0, NULL}, "debit_adjustment_amount,debit_adjustment_provider", NULL},
    {{OPENDENTAL, SAME_COUNT, 0, NULL},
	"debit_adjustment_amount,debit_adjustment_transaction_sr_no,debit_adjustment_type,debit_adjustment_provider",
	"is_debit_adjustment_by_procedure=true"},
    /* standard|preventive|others there, major|preventive|basic|ortho here, for any payer. */
    {{G6 | ENTERPRISE, COUNT, 3, NULL}, "deductible", NULL},
    {{ASCEND, COUNT, 4, NULL}, "deductible", NULL},
    {{G6 | ENTERPRISE | ASCEND, ALL_WHOLE, 0, NULL}, "deductible", NULL},
    {{BUT(G6 | ENTERPRISE | ASCEND), COUNT, 1, NULL}, "deductible", "is_payment_by_procedure_code=false"},
    {{BUT(G6), COUNT, 1, NULL}, "write_off", "is_payment_by_procedure_code=false"},
    {{ASCEND, ALL_ZERO, 0, NULL}, "write_off", "is_payment_by_procedure_code=false"},
    {{0}, NULL, NULL}};
static const struct rule claim_payment_doubts[] = {
    /* the documents say this, and in the next line that bars separate several */
    {{G6, COUNT, 1, NULL}, "write_off", "is_payment_by_procedure_code=false"},
    /* as many as transaction_sr_no, like deductible, which has parts of its own here */
    {{G6 | ENTERPRISE | ASCEND, SAME_COUNT, 0, NULL}, "transaction_sr_no,write_off", BY_CODE},
    /* without them Eaglesoft books an adjustment, and closes the claim */
    {{EAGLESOFT, AT_LEAST_ONE, 0, NULL}, "impacts", NULL},
    {{EAGLESOFT, AT_LEAST_ONE, 0, NULL}, "is_final_payment", NULL},
    {{0}, NULL, NULL}};

static const struct field note[] = {
    {.name = "patient_id", .must = EVERY},
    {.name = "practice_id", .must = EVERY},
    {.name = "type", .must = EVERY,
	.checks = {{BUT(OPENDENTAL), NOT, 0, "group note"}, WORD(PLANET_V3, "patient note,appointment note")}},
    {.name = "text", .must = EVERY, .checks = {PLAIN, LONGEST(SUZYDENTAL, 200)}},
    {.name = "date", .must = EVERY, .read = BUT(PLANET_V3), .checks = {A_DATE}},
    {.name = "provider_id", .must = EVERY, .read = BUT(PLANET_V3)},
    {.name = "description", .must = INTRAVET, .read = BUT(PLANET_V3), .checks = {PLAIN, LONGEST(INTRAVET, 40)}},
    {.name = "appointment_sr_no", .read = BUT(PLANET_V3), .when = "type=appointment note"},
    {.name = "transaction_sr_no", .read = BUT(PLANET_V3), .when = "type=group note", .checks = {A_LIST}},
    {.name = "item", .read = ENTERPRISE, .when = "type=medications|type=allergies|type=medicalalert|type=journalnote"},
    {.name = "acknowledge_type", .read = ORTHOTRAC, .when = "type=medical alert|type=medical note"},
    {.name = "staff", .read = ORTHOTRAC, .when = "type=treatment note"},
    {.name = "user", .must = DOLPHIN, .read = DOLPHIN},
    CHECK_SPU, {0}};
static const struct rule note_rules[] = {
    {LONGEST(ORTHOTRAC, 60), "text", "type=medical alert|type=medical note"},
    {{0}, NULL, NULL}};

static const struct field document[] = {
    {.name = "patient_id", .must = EVERY},
    {.name = "practice_id", .must = EVERY},
    {.name = "document_type", .must = EVERY},
    {.name = "document_name", .must = EVERY},
    {.name = "created_datetime", .must = EVERY, .checks = {{EVERY, IS_PAST_DATE, 0, NULL}}},
    {.name = "type", .must = EVERY},
    {.name = "document_base64", .must = EVERY, .checks = {{EVERY, IS_BASE64, 0, NULL}, LONGEST(EVERY, 2 << 20)}},
    {.name = "provider_id"},
    {.name = "description", .checks = {PLAIN}},
    {.name = "tooth"},
    CHECK_SPU, {0}};

static const struct field lab_result[] = {
    {.name = "patient_id", .must = EVERY},
    {.name = "guarantor_id", .must = EVERY},
    {.name = "provider_id", .must = EVERY},
    {.name = "practice_id", .must = EVERY},
    {.name = "lab_name", .must = EVERY},
    {.name = "template_name", .must = EVERY},
    {.name = "test_name", .must = EVERY, .checks = {A_LIST}},
    {.name = "result", .must = EVERY, .checks = {A_LIST}},
    {.name = "operator", .must = EVERY, .checks = {A_LIST}},
    {.name = "reference_low", .must = EVERY, .checks = {A_LIST}},
    {.name = "reference_high", .must = EVERY, .checks = {A_LIST}},
    {.name = "unit_of_measure", .checks = {A_LIST}},
    {.name = "comments", .checks = {PLAIN}},
    {.name = "additional_comments", .checks = {PLAIN}},
    CHECK_SPU, {0}};
static const struct rule lab_result_rules[] = {
    {{EVERY, SAME_COUNT, 0, NULL}, "test_name,result,operator,reference_low,reference_high", NULL},
    {{0}, NULL, NULL}};

static const struct field transaction[] = {
    {.name = "patient_id", .must = EVERY},
    {.name = "guarantor_id", .must = EVERY},
    {.name = "practice_id", .must = EVERY},
    {.name = "provider_id", .must = EVERY},
    {.name = "procedure_code", .must = EVERY},
    {.name = "procedure_description", .must = EVERY},
    {.name = "amount", .must = EVERY, .checks = {AMOUNTS, {EVERY, NONE_ZERO, 0, NULL}}},
    {.name = "transaction_date", .must = EVERY, .checks = {A_DATE}},
    {.name = "transaction_entry_date", .checks = {A_DATE}},
    {.name = "note", .checks = {PLAIN}},
    {.name = "transaction_sr_no", .must = TRACKER, .when = BY_CODE "|is_payment_refund=true", .checks = {A_LIST}},
    {.name = "is_payment_by_procedure_code", .checks = {A_BOOLEAN}},
    {.name = "is_payment_refund", .read = OPENDENTAL, .checks = {A_BOOLEAN}},
    {.name = "is_perform_credit_adjustment_writeback", .read = EAGLESOFT, .checks = {A_BOOLEAN}},
    {.name = "impacts", .read = EAGLESOFT, .checks = {WORD(EVERY, "Production,Collection,Adjustment")}},
    {.name = "is_patient_preferred", .read = OPENDENTAL, .checks = {WORD(EVERY, "true,false")}},
    {.name = "user", .read = OPENDENTAL},
    {.name = "payment_type"},
    {.name = "bank", .must = TRACKER, .checks = {PLAIN}},
    {.name = "cheque_no", .checks = {PLAIN}},
    {.name = "card_holder_name", .read = PLANET},
    {.name = "card_number", .read = PLANET},
    {.name = "cvv", .read = PLANET, .checks = {{EVERY, IS_DIGITS, 0, NULL}, {EVERY, FROM, 3, NULL}, LONGEST(EVERY, 4)}},
    {.name = "expiration_month", .read = PLANET, .checks = {{EVERY, IS_DIGITS, 0, NULL}}},
    {.name = "expiration_year", .read = PLANET, .checks = {{EVERY, IS_DIGITS, 0, NULL}}},
    CHECK_SPU, {0}};
static const struct rule transaction_rules[] = {
    {{EVERY, SAME_COUNT, 0, NULL}, "transaction_sr_no,amount", BY_CODE},
    {{EVERY, NOT_BOTH_TRUE, 0, NULL}, "is_payment_refund,is_payment_by_procedure_code", NULL},
    {{0}, NULL, NULL}};
static const struct rule transaction_doubts[] = {
    {{PLANET, WITH_DIGITS, 2, NULL}, "expiration_month", NULL}, /* "MM" */
    {{PLANET, WITH_DIGITS, 4, NULL}, "expiration_year", NULL},  /* "YYYY" */
    {{0}, NULL, NULL}};

/* What is said of Dentrix and OpenDental only isn't asked of Eaglesoft. */
static const struct field perio_chart[] = {
    {.name = "practice_id", .must = EVERY},
    {.name = "patient_id", .must = EVERY},
    {.name = "tooth_number", .must = EVERY, .checks = {{EVERY, IS_TEETH, 0, NULL}}},
    {.name = "chart_date", .must = DENTRIX, .checks = {A_DATE}},
    {.name = "provider_id", .must = DENTRIX},
    {.name = "script", .must = DENTRIX | EAGLESOFT},
    {.name = "pocket_depth", .checks = {SIX(EVERY, "0-19")}},
    {.name = "gingival_margin", .checks = {SIX(DENTRIX, "0-19"), SIX(OPENDENTAL, "0-19,101-119")}},
    {.name = "mucogingival_junction", .checks = {SIX(EVERY, "0-19")}},
    {.name = "bleed", .checks = {SIX(EVERY, "1-1")}},
    {.name = "suppuration", .checks = {SIX(EVERY, "1-1")}},
    {.name = "mobility",
	.checks = {{DENTRIX, TOOTH_NUMBERS, 0, "0-4"}, {OPENDENTAL, TOOTH_NUMBERS, 0, "0-19"}}},
    {.name = "plaque",
	.checks = {{DENTRIX, TOOTH_WORDS, 0, "None,Light,Moderate,Heavy"}, SIX(OPENDENTAL, "1-1")}},
    {.name = "bone_loss", .read = DENTRIX, .checks = {{EVERY, TOOTH_WORDS, 0, "None,Mild,Moderate,Severe"}}},
    {.name = "furcation",
	.checks = {{DENTRIX, SIX_BEGINNINGS, 0, "F0:,F1:,F2:,F3:,F4:"}, SIX(OPENDENTAL, "0-19")}},
    {.name = "calculus", .checks = {SIX(DENTRIX, "0-19"), SIX(OPENDENTAL, "1-1")}},
    {.name = "distal", .read = EAGLESOFT},
    {.name = "buccal", .read = EAGLESOFT},
    {.name = "mesial", .read = EAGLESOFT},
    {.name = "lingual", .read = EAGLESOFT},
    {.name = "note", .read = OPENDENTAL},
    CHECK_SPU, {0}};
static const struct rule perio_chart_rules[] = {
    {{OPENDENTAL, AT_LEAST_ONE, 0, NULL},
	"mobility,furcation,gingival_margin,mucogingival_junction,pocket_depth,bleed,suppuration,plaque,calculus", NULL},
    {{0}, NULL, NULL}};
/* These scripts of Dentrix have no place for the field, which is dropped. */
static const struct rule perio_chart_doubts[] = {
    {{DENTRIX, NOTHING, 0, NULL}, "calculus",
	"script=Dentrix Default Script|script=Dentrix Gingival Margin|script=Dentrix Probing Depths"},
    {{DENTRIX, NOTHING, 0, NULL}, "pocket_depth", "script=Dentrix Clinical Attachment Level"},
    {{0}, NULL, NULL}};

static const struct operation operations[] = {
    {"POST", "/appointment", "appointments", "appointment", "Appointment", "appointment", EFFECT_BOOK, 0,
	book, NULL, book_doubts},
    {"PUT", "/appointments/{}", "appointments", "appointment", "Appointment", NULL, EFFECT_MOVE, 0,
	reschedule, reschedule_rules, reschedule_doubts},
    {"PATCH", "/appointments/{}", "appointments", "appointment", "Appointment status", NULL, EFFECT_STATUS,
	0, status, NULL, NULL},
    {"POST", "/patient", "patients", "patient", "Patient", "patient", EFFECT_PATIENT, 0,
	patient, NULL, patient_doubts},
    {"PATCH", "/patient/{}", "patients", "patient", "Patient", NULL, EFFECT_PATIENT_CHANGE,
	ORTHOTRAC | DOLPHIN, patient_change, patient_change_rules, NULL},
    {"POST", "/veterinary_patient", "veterinary_patients", "veterinary_patient", "Patient", "patient",
	EFFECT_NONE, 0, veterinary, NULL, veterinary_doubts},
    {"PATCH", "/claims/{}", "claims", "claim", "Claim", NULL, EFFECT_NONE, 0, claim, claim_rules, NULL},
    {"POST", "/claim_payment", "claim_payments", "claim_payment", "Claim payment", "claim payment",
	EFFECT_NONE, 0, claim_payment, claim_payment_rules, claim_payment_doubts},
    {"POST", "/medical_notes", "medical_notes", "medical_note", "Medical note", "medical note", EFFECT_NONE,
	0, note, note_rules, NULL},
    {"POST", "/document", "documents", "document", "Document", "document", EFFECT_NONE, OPENDENTAL,
	document, NULL, NULL},
    {"POST", "/lab_result", "lab_results", "lab_result", "Lab result", "lab result", EFFECT_NONE, 0,
	lab_result, lab_result_rules, NULL},
    {"POST", "/transaction", "transactions", "transaction", "Transaction", "transaction", EFFECT_NONE, 0,
	transaction, transaction_rules, transaction_doubts},
    {"POST", "/perio_chart", "perio_charts", "perio_chart", "Perio chart", "perio chart", EFFECT_NONE,
	DENTRIX | EAGLESOFT | OPENDENTAL, perio_chart, perio_chart_rules, perio_chart_doubts},
};
/* clang-format on */
enum { OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

const struct operation *
operation_at(size_t index)
{
	return index < OPERATIONS ? &operations[index] : NULL;
}

const struct operation *
operation_find(const char *method, const char *pattern)
{
	for (size_t i = 0; i < OPERATIONS; i++)
		if (strcmp(operations[i].method, method) == 0 &&
		    strcmp(operations[i].path, pattern) == 0)
			return &operations[i];
	return NULL;
}
