/* SPDX-License-Identifier: MIT */
/*
 * rules: the table of operations: one line for each field, then the rules that concern more than
 * one field. The texts in it are explained in table.h.
 */
#include "rules/table.h"

#include <string.h>

#define REQUIRED SK_FIELD_REQUIRED
#define PROVISIONAL SK_FIELD_PROVISIONAL
#define IN_PATH SK_FIELD_IN_PATH
#define IN_BODY SK_FIELD_IN_BODY
#define PLAIN SK_FIELD_PLAIN
#define SECRET SK_FIELD_SECRET
#define AHEAD SK_FIELD_AHEAD
#define DATE SK_VALUE_DATE
#define PAST_DATE SK_VALUE_PAST_DATE
#define TIME SK_VALUE_TIME
#define INTEGER SK_VALUE_INTEGER
#define BOOLEAN SK_VALUE_BOOLEAN
#define AMOUNTS SK_VALUE_AMOUNTS
#define LIST SK_VALUE_LIST
#define EMAIL SK_VALUE_EMAIL
#define PHONE SK_VALUE_PHONE
#define DIGITS SK_VALUE_DIGITS
#define BASE64 SK_VALUE_BASE64
#define TOOTH_NUMBERS SK_VALUE_TOOTH_NUMBERS
#define TEETH SK_VALUE_TEETH
#define SITES SK_VALUE_SITES
#define PLANET "Planet DDS WebV2.0|Planet DDS WebV3.0"

/* Choices that several fields share. */
#define DETAILS(type, category) \
	"writeback_details?writeback_type=" type "&category=" category "#item"
#define PROVIDERS "providers?status=active#provider_id"
#define TREATING "providers?status=active&provider_type=Provider#provider_id"
#define STAFF "providers?status=active&provider_type=Staff#provider_id"
#define USERS "pms_users?status=active#user_id"
#define OPERATORIES "operatories?is_hidden=F&cust_id={practices.cust_id}#operatory"
/* The documents name both lists. */
#define APPOINTMENT_STATUSES \
	"practice_variables?service_name=Appointment Status#value|appointment_statuses#status"

/* Of date, time, provider, operatory and practice together. */
#define A_SLOT \
	"the practice takes it only as one of the slots that appointments_available_slots lists"
#define SLOTS "OrthoTrac=" A_SLOT "; Planet DDS WebV3.0=" A_SLOT

#define TWO_READINGS "the vendor's documents require it in one place, and not in another"
#define NOT_SAID "Eaglesoft=text" /* the documents say what it is on Dentrix and OpenDental */
#define SITES_IN_ORDER \
	"Dentrix=DL|C|MR|MR|C|DL for teeth 1 to 8 and 25 to 32, ML|C|DR|DR|C|ML for teeth 9 to 24"
#define TEN_DIGITS "ClearDent=10"
#define EXAMPLE_ONLY "the vendor's sample has it, and no description says what it may be"

#define FIELDS(list) .fields = list, .n_fields = sizeof(list) / sizeof(list[0])
#define RULES(list) .rules = list, .n_rules = sizeof(list) / sizeof(list[0])

/* clang-format off */
static const struct sk_field book_appointment[] = {
	{.name = "patient_id", .is = REQUIRED, .unless = "is_new_patient=true", .choices = "patients#patient_id", .note = "an existing patient"},
	{.name = "date", .is = REQUIRED | AHEAD, .format = DATE, .note_for = SLOTS},
	{.name = "time", .is = REQUIRED, .format = TIME, .note_for = SLOTS},
	{.name = "length", .is = REQUIRED, .format = INTEGER, .min = 1, .note = "minutes"},
	{.name = "description", .is = REQUIRED | PLAIN, .max_for = "OrthoTrac=150; ClearDent=3000", .optional_for = "CornerStone|OrthoTrac|ClearDent", .unused_for = "Dolphin Management|" PLANET, .choices_for = "CornerStone=" DETAILS("new_appointment", "apptdesc")},
	{.name = "provider_id", .is = REQUIRED, .choices = PROVIDERS, .choices_for = "Dolphin Management=" TREATING, .note_for = SLOTS},
	{.name = "operatory", .is = REQUIRED, .choices = OPERATORIES, .note_for = SLOTS},
	{.name = "practice_id", .is = REQUIRED, .choices = "practices#practice_id", .note_for = SLOTS},
	{.name = "guarantor_id", .required_for = "CornerStone", .unused_for = "Dolphin Management|ClearDent|" PLANET, .choices = "guarantors#guarantor_id"},
	{.name = "staff", .required_for = "OrthoTrac", .only_for = "OrthoTrac", .choices = STAFF},
	{.name = "user", .required_for = "Dolphin Management|ClearDent", .only_for = "Dolphin Management|ClearDent", .choices_for = "Dolphin Management=providers?is_user=true#provider_id" "; ClearDent=" USERS},
	{.name = "type", .required_for = "OrthoTrac|Dolphin Management|ClearDent", .blank_for = "OrthoTrac", .only_for = "OrthoTrac|Dolphin Management|Eaglesoft|ClearDent|OpenDental", .choices = DETAILS("new_appointment", "appttype")},
	{.name = "status", .required_for = "Dolphin Management", .blank_for = "Dolphin Management", .wanted = TWO_READINGS, .wanted_for = "ClearDent", .only_for = "Dolphin Management|ClearDent"},
	{.name = "production_type", .required_for = PLANET, .only_for = PLANET, .choices = DETAILS("new_appointment", "ApptProdType")},
	{.name = "is_new_patient", .format = BOOLEAN, .required_for = PLANET, .only_for = PLANET},
	{.name = "has_insurance", .format = BOOLEAN, .required_for = PLANET, .only_for = PLANET},
	{.name = "firstname", .only_for = PLANET},
	{.name = "lastname", .only_for = PLANET},
	{.name = "birthdate", .format = PAST_DATE, .only_for = PLANET},
	{.name = "email", .format = EMAIL, .only_for = PLANET},
	{.name = "phone", .only_for = PLANET},
	{.name = "note", .max = 3950, .only_for = PLANET},
	{.name = "insurance_name", .only_for = PLANET},
	{.name = "subscriber", .only_for = PLANET},
	{.name = "subscriber_id", .only_for = PLANET},
	{.name = "group_number", .only_for = PLANET},
	{.name = "is_primary_or_secondary", .only_for = PLANET},
	{.name = "procedure_codes", .format = LIST, .only_for = "OpenDental", .choices = "procedure_codes#procedure_code"},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field reschedule_appointment[] = {
	{.name = "appointment_sr_no", .is = REQUIRED | IN_PATH},
	{.name = "practice_id", .is = REQUIRED},
	{.name = "provider_id", .wanted = "the vendor lists it as required, and also as one of a choice", .choices = PROVIDERS},
	{.name = "date", .is = AHEAD, .format = DATE},
	{.name = "time", .format = TIME},
	{.name = "length", .format = INTEGER, .min = 1},
	{.name = "operatory", .choices = OPERATORIES},
	{.name = "status", .choices = APPOINTMENT_STATUSES},
	{.name = "description", .max = 60, .only_for = "Dentrix G6"},
	{.name = "schedule", .only_for = "Dentrix G6", .choices = DETAILS("update_appointment", "Schedule")},
	{.name = "staff", .only_for = "Dentrix G6", .choices = "providers?provider_type=Staff#provider_id"},
	{.name = "type", .only_for = "Dentrix G6", .choices = DETAILS("update_appointment", "ApptType")},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field update_appointment_status[] = {
	{.name = "appointment_sr_no", .is = REQUIRED | IN_PATH | IN_BODY},
	{.name = "op", .is = REQUIRED, .values = "replace"},
	{.name = "path", .is = REQUIRED, .values = "/appointment_status|/status"},
	{.name = "value", .is = REQUIRED, .choices = APPOINTMENT_STATUSES},
	{.name = "practice_id", .is = REQUIRED},
	{.name = "status_changed_by", .only_for = "Dolphin Management|OrthoTrac", .choices_for = "Dolphin Management=" DETAILS("patch_appointment", "ApptStatusChangedBy") "; OrthoTrac=" DETAILS("patch_appointment", "CancelBy")},
	{.name = "staff", .required_for = "OrthoTrac", .only_for = "OrthoTrac", .choices = STAFF},
	{.name = "cancellation_code_id", .only_for = "Planet DDS WebV3.0", .choices = DETAILS("patch_appointment", "cancellationcodeid")},
	{.name = "cancellation_note", .only_for = "Planet DDS WebV3.0"},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field create_patient[] = {
	{.name = "firstname", .is = REQUIRED, .max_for = "OrthoTrac=15; ClearDent=15"},
	{.name = "lastname", .is = REQUIRED, .max_for = "OrthoTrac=25; ClearDent=25"},
	{.name = "provider_id", .is = REQUIRED, .optional_for = "ClearDent", .choices = PROVIDERS, .choices_for = "OrthoTrac=" TREATING "; Dolphin Management=" TREATING},
	{.name = "practice_id", .is = REQUIRED, .choices = "practices#practice_id", .choices_for = "OrthoTrac=practices?fields=is_main_office#practice_id"},
	{.name = "gender", .values = "male|female|unknown", .values_for = "OrthoTrac=male|female; ClearDent=*", .required_for = "OrthoTrac", .unused_for = "Dolphin Management", .choices_for = "ClearDent=" DETAILS("new_patient", "Sex")},
	{.name = "email", .format = EMAIL},
	{.name = "birthdate", .format = PAST_DATE},
	{.name = "workphone", .format = PHONE, .digits_for = TEN_DIGITS, .note = "an extension follows behind a hyphen"},
	{.name = "homephone", .format = PHONE, .digits_for = TEN_DIGITS},
	{.name = "cell", .format = PHONE, .digits_for = TEN_DIGITS},
	{.name = "other_phone", .format = PHONE, .digits_for = TEN_DIGITS, .unused_for = "OrthoTrac"},
	{.name = "is_guarantor_exist", .format = BOOLEAN, .only_for = "OrthoTrac"},
	{.name = "guarantor_id", .required_if = "is_guarantor_exist=true", .choices = "guarantors#guarantor_id"},
	{.name = "address_line1", .unused_for = "OrthoTrac|Dolphin Management"},
	{.name = "address_line2", .unused_for = "OrthoTrac|Dolphin Management"},
	{.name = "city", .unused_for = "OrthoTrac|Dolphin Management"},
	{.name = "state", .unused_for = "OrthoTrac|Dolphin Management|ClearDent"},
	{.name = "zipcode", .unused_for = "OrthoTrac|Dolphin Management|ClearDent"},
	{.name = "country", .required_if = "workphone|homephone|cell|other_phone|email", .required_if_for = "OrthoTrac", .only_for = "OrthoTrac", .choices = DETAILS("new_patient", "Country")},
	{.name = "staff", .required_for = "OrthoTrac", .only_for = "OrthoTrac", .choices = STAFF},
	{.name = "status", .required_for = "OrthoTrac", .only_for = "OrthoTrac", .choices = DETAILS("new_patient", "Status")},
	{.name = "type", .required_for = "OrthoTrac", .only_for = "OrthoTrac", .choices = DETAILS("new_patient", "Type")},
	{.name = "primary_relationship", .required_if = "guarantor_id", .wanted = TWO_READINGS, .wanted_for = "OrthoTrac", .only_for = "OrthoTrac|Dolphin Management", .choices = DETAILS("new_patient", "Relationship")},
	{.name = "user", .required_for = "Dolphin Management", .only_for = "Dolphin Management", .choices = USERS},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field create_veterinary_patient[] = {
	{.name = "petname", .is = REQUIRED},
	{.name = "breed", .is = REQUIRED, .choices = "writeback_details?writeback_type=new_patient&category=species&item={species}#description"},
	{.name = "species", .is = REQUIRED, .choices = DETAILS("new_patient", "species")},
	{.name = "pet_sex", .is = REQUIRED, .values = "male|female|unknown|neutered male|spayed female|undetermined|gelding|mare|stallion"},
	{.name = "pet_birthdate", .is = REQUIRED, .format = DATE},
	{.name = "pet_class", .is = REQUIRED, .choices = DETAILS("new_patient", "petclass")},
	{.name = "color"},
	{.name = "guarantor_id", .note = "the owner, when already known"},
	{.name = "firstname", .required_if = "!guarantor_id"},
	{.name = "middlename"},
	{.name = "lastname", .required_if = "!guarantor_id"},
	{.name = "practice_id", .required_if = "!guarantor_id"},
	{.name = "client_class", .wanted = TWO_READINGS, .choices = DETAILS("new_patient", "clientclass")},
	{.name = "email", .format = EMAIL},
	{.name = "address_line1"},
	{.name = "address_line2"},
	{.name = "city"},
	{.name = "state"},
	{.name = "zipcode"},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field update_patient[] = {
	{.name = "patient_id", .is = REQUIRED | IN_PATH},
	{.name = "practice_id", .is = REQUIRED},
	{.name = "firstname", .max_for = "OrthoTrac=15"},
	{.name = "middlename", .max = 15, .unused_for = "Dolphin Management"},
	{.name = "lastname", .max_for = "OrthoTrac=20"},
	{.name = "preferred_name", .max_for = "OrthoTrac=20; Dolphin Management=50"},
	{.name = "formal", .max = 50, .unused_for = "Dolphin Management"},
	{.name = "informal", .max = 50, .unused_for = "Dolphin Management"},
	{.name = "birthdate", .format = PAST_DATE},
	{.name = "ssn", .max = 20, .unused_for = "Dolphin Management"},
	{.name = "model", .max = 10, .unused_for = "Dolphin Management"},
	{.name = "gender", .values_for = "OrthoTrac=male|female", .choices_for = "Dolphin Management=" DETAILS("update_patient", "Gender")},
	{.name = "salutation", .choices = DETAILS("update_patient", "Salutation")},
	{.name = "status", .choices = DETAILS("update_patient", "Status")},
	{.name = "type", .unused_for = "Dolphin Management", .choices = DETAILS("update_patient", "Type")},
	{.name = "race", .unused_for = "Dolphin Management", .choices = DETAILS("update_patient", "Race")},
	{.name = "provider_id", .choices = PROVIDERS},
	{.name = "staff", .required_for = "OrthoTrac", .unused_for = "Dolphin Management", .choices = STAFF},
	{.name = "language", .only_for = "Dolphin Management", .choices = DETAILS("update_patient", "Language")},
	{.name = "recall_date", .format = DATE, .only_for = "Dolphin Management"},
	{.name = "mail_method", .only_for = "Dolphin Management", .choices = DETAILS("update_patient", "Mail_method")},
	{.name = "gender_identifier", .only_for = "Dolphin Management", .choices = DETAILS("update_patient", "Gender_identifier")},
	{.name = "school", .only_for = "Dolphin Management", .choices = DETAILS("update_patient", "School")},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field update_claim[] = {
	{.name = "claim_sr_no", .is = REQUIRED | IN_PATH},
	{.name = "practice_id", .is = REQUIRED},
	{.name = "status", .choices = "practice_variables?service_name=Claim Status#value"},
	{.name = "note"},
	{.name = "internal_note"},
	{.name = "date_sent", .format = DATE},
	{.name = "date_resent", .format = DATE},
	{.name = "custom_track_status", .is = PROVISIONAL, .only_for = "OpenDental", .choices = DETAILS("claim_status", "CustomTrackStatusType")},
	{.name = "user"},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field post_claim_payment[] = {
	{.name = "claim_sr_no", .is = REQUIRED},
	{.name = "practice_id", .is = REQUIRED},
	{.name = "payment_amount", .is = REQUIRED, .format = AMOUNTS},
	{.name = "is_payment_by_procedure_code", .is = REQUIRED, .format = BOOLEAN, .values_for = "Tracker=true"},
	{.name = "transaction_sr_no", .format = LIST, .required_if = "is_payment_by_procedure_code=true"},
	{.name = "claim_payment_date", .is = REQUIRED, .format = DATE},
	{.name = "payment_mode", .is = REQUIRED, .choices = "payment_types?is_insurance_type=true#code"},
	{.name = "deductible", .is = REQUIRED, .format = AMOUNTS, .unused_for = "Tracker", .note_for = "Dentrix Enterprise=standard|preventive|others; Dentrix G6=standard|preventive|others; Dentrix Ascend=major|preventive|basic|ortho"},
	{.name = "write_off", .is = REQUIRED, .format = AMOUNTS, .format_for = "Dentrix G6=amount-list-or-blank", .optional_for = "Dentrix G6", .unused_for = "Tracker"},
	{.name = "note", .is = PLAIN},
	{.name = "adjustment_type", .format = LIST, .required_if = "write_off<0", .required_if_for = "Dentrix Enterprise|Dentrix Ascend", .only_for = "Dentrix Enterprise|Dentrix Ascend|Dentrix G6", .choices = "payment_types?is_adjustment_type=true#code"},
	{.name = "credit_adjustment_provider", .format = LIST, .only_for = "Dentrix G6"},
	{.name = "is_debit_adjustment_writeback", .format = BOOLEAN, .unused_for = "Tracker"},
	{.name = "debit_adjustment_amount", .format = AMOUNTS, .required_if = "is_debit_adjustment_writeback=true"},
	{.name = "debit_adjustment_date", .format = DATE, .required_if = "is_debit_adjustment_writeback=true", .required_if_for = "OpenDental", .unused_for = "Dentrix Ascend"},
	{.name = "debit_adjustment_type", .format = LIST, .required_if = "is_debit_adjustment_writeback=true", .required_if_for = "OpenDental|Dentrix Ascend", .choices = "payment_types?is_debit_adjustment_type=true#code"},
	{.name = "debit_adjustment_note", .is = PLAIN, .unused_for = "Dentrix Ascend"},
	{.name = "is_debit_adjustment_by_procedure", .format = BOOLEAN, .only_for = "OpenDental"},
	{.name = "debit_adjustment_transaction_sr_no", .format = LIST, .required_if = "is_debit_adjustment_by_procedure=true", .only_for = "OpenDental"},
	{.name = "debit_adjustment_provider", .format = LIST, .required_if = "is_debit_adjustment_writeback=true", .required_if_for = "OpenDental", .only_for = "OpenDental|Dentrix G6"},
	{.name = "cheque_no", .required_if = "payment_mode=Cheque", .required_if_for = "Tracker"},
	{.name = "bank_no"},
	{.name = "bank_name", .required_for = "Tracker", .choices = DETAILS("claim_payment", "bank name")},
	{.name = "direct_deposit_number", .required_if = "payment_mode=Direct Deposit", .required_if_for = "Tracker"},
	{.name = "provider_id", .only_for = "Tracker|Dentrix", .choices = PROVIDERS},
	{.name = "impacts", .is = PROVISIONAL, .only_for = "Eaglesoft", .wanted = "Eaglesoft books the payment as an adjustment if it is left out", .wanted_for = "Eaglesoft"},
	{.name = "is_final_payment", .is = PROVISIONAL, .format = BOOLEAN, .only_for = "Eaglesoft", .wanted = "it is true if it is left out, and Eaglesoft closes the claim after this payment", .wanted_for = "Eaglesoft"},
	{.name = "is_credit_adjustment_writeback", .is = PROVISIONAL, .format = BOOLEAN, .only_for = "Eaglesoft"},
	{.name = "is_credit_adjustment_by_procedure", .is = PROVISIONAL, .format = BOOLEAN, .required_if = "is_credit_adjustment_writeback=true", .only_for = "Eaglesoft"},
	{.name = "credit_adjustment_amount", .is = PROVISIONAL, .format = AMOUNTS, .only_for = "Eaglesoft"},
	{.name = "credit_adjustment_transaction_sr_no", .is = PROVISIONAL, .format = LIST, .only_for = "Eaglesoft"},
	{.name = "credit_adjustment_type", .is = PROVISIONAL, .format = LIST, .only_for = "Eaglesoft"},
	{.name = "user", .is = PROVISIONAL, .only_for = "Eaglesoft"},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field add_medical_note[] = {
	{.name = "patient_id", .is = REQUIRED},
	{.name = "practice_id", .is = REQUIRED},
	{.name = "type", .is = REQUIRED, .values_for = "Planet DDS WebV3.0=Patient Note|Appointment Note", .choices = "note_types#type"},
	{.name = "text", .is = REQUIRED | PLAIN, .max_for = "SuzyDental=200"},
	{.name = "date", .is = REQUIRED, .format = DATE, .unused_for = "Planet DDS WebV3.0"},
	{.name = "provider_id", .is = REQUIRED, .unused_for = "Planet DDS WebV3.0", .choices = PROVIDERS},
	{.name = "description", .is = PLAIN, .max_for = "intravet=40", .required_for = "intravet", .unused_for = "Planet DDS WebV3.0"},
	{.name = "appointment_sr_no", .required_if = "type=appointment note", .unused_for = "Planet DDS WebV3.0"},
	{.name = "transaction_sr_no", .format = LIST, .required_if = "type=group note", .unused_for = "Planet DDS WebV3.0"},
	{.name = "item", .required_if = "type=medications|type=allergies|type=medicalalert|type=journalnote", .only_for = "Dentrix Enterprise"},
	{.name = "acknowledge_type", .required_if = "type=medical alert|type=medical note", .only_for = "OrthoTrac", .choices = DETAILS("medical_note", "AcknowledgeType")},
	{.name = "staff", .required_if = "type=treatment note", .only_for = "OrthoTrac", .choices = STAFF},
	{.name = "user", .required_for = "Dolphin Management", .only_for = "Dolphin Management", .choices = "providers?is_user=true#provider_id"},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field add_document[] = {
	{.name = "patient_id", .is = REQUIRED},
	{.name = "practice_id", .is = REQUIRED},
	{.name = "document_type", .is = REQUIRED, .choices = DETAILS("document", "DocumentType")},
	{.name = "document_name", .is = REQUIRED},
	{.name = "created_datetime", .is = REQUIRED, .format = PAST_DATE},
	{.name = "type", .is = REQUIRED, .choices = DETAILS("document", "ImgType")},
	{.name = "document_base64", .is = REQUIRED, .format = BASE64, .max = 2097152, .note = "from a file: @PATH, with --files"},
	{.name = "provider_id", .choices = PROVIDERS},
	{.name = "description", .is = PLAIN},
	{.name = "tooth"},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field add_lab_result[] = {
	{.name = "patient_id", .is = REQUIRED},
	{.name = "guarantor_id", .is = REQUIRED},
	{.name = "provider_id", .is = REQUIRED, .choices = PROVIDERS},
	{.name = "practice_id", .is = REQUIRED},
	{.name = "lab_name", .is = REQUIRED, .choices = "lab_test_details?category=labname#item"},
	{.name = "template_name", .is = REQUIRED, .choices = "lab_test_details?category=labtemplate#item"},
	{.name = "test_name", .is = REQUIRED, .format = LIST, .choices = "lab_test_details?category={template_name}#item"},
	{.name = "result", .is = REQUIRED, .format = LIST},
	{.name = "operator", .is = REQUIRED, .format = LIST},
	{.name = "reference_low", .is = REQUIRED, .format = LIST},
	{.name = "reference_high", .is = REQUIRED, .format = LIST},
	{.name = "unit_of_measure", .format = LIST},
	{.name = "comments", .is = PLAIN},
	{.name = "additional_comments", .is = PLAIN},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field post_transaction[] = {
	{.name = "patient_id", .is = REQUIRED},
	{.name = "guarantor_id", .is = REQUIRED},
	{.name = "practice_id", .is = REQUIRED},
	{.name = "provider_id", .is = REQUIRED, .choices = PROVIDERS, .choices_for = "OpenDental=providers?status=active&is_user=false#provider_id"},
	{.name = "procedure_code", .is = REQUIRED, .choices = "payment_types#code"},
	{.name = "procedure_description", .is = REQUIRED, .choices = "payment_types#description"},
	{.name = "amount", .is = REQUIRED, .format = AMOUNTS},
	{.name = "transaction_date", .is = REQUIRED, .format = DATE},
	{.name = "transaction_entry_date", .format = DATE},
	{.name = "note", .is = PLAIN},
	{.name = "transaction_sr_no", .format = LIST, .required_if = "is_payment_by_procedure_code=true|is_payment_refund=true", .required_for = "Tracker"},
	{.name = "is_payment_by_procedure_code", .format = BOOLEAN},
	{.name = "is_payment_refund", .format = BOOLEAN, .only_for = "OpenDental"},
	{.name = "is_perform_credit_adjustment_writeback", .format = BOOLEAN, .only_for = "Eaglesoft"},
	{.name = "impacts", .values = "Production|Collection|Adjustment", .only_for = "Eaglesoft"},
	{.name = "is_patient_preferred", .values = "true|false|", .only_for = "OpenDental"},
	{.name = "user", .only_for = "OpenDental", .choices = USERS},
	{.name = "payment_type"},
	{.name = "bank", .is = PLAIN, .required_for = "Tracker", .choices = DETAILS("Patient Payment", "Bank Name")},
	{.name = "cheque_no", .is = PLAIN},
	{.name = "card_holder_name", .is = SECRET, .only_for = PLANET},
	{.name = "card_number", .is = SECRET, .only_for = PLANET},
	{.name = "cvv", .is = SECRET, .format = DIGITS, .min_length = 3, .max = 4, .only_for = PLANET},
	{.name = "expiration_month", .is = SECRET, .format = DIGITS, .digits_for = "Planet DDS WebV2.0=2; Planet DDS WebV3.0=2", .only_for = PLANET},
	{.name = "expiration_year", .is = SECRET, .format = DIGITS, .digits_for = "Planet DDS WebV2.0=4; Planet DDS WebV3.0=4", .only_for = PLANET},
	{.name = "check_spu", .format = BOOLEAN},
};

static const struct sk_field add_perio_chart[] = {
	{.name = "practice_id", .is = REQUIRED},
	{.name = "patient_id", .is = REQUIRED},
	{.name = "tooth_number", .is = REQUIRED, .format = TOOTH_NUMBERS},
	{.name = "chart_date", .format = DATE, .required_for = "Dentrix", .note_for = "Dentrix=the patient must have no chart of this day yet"},
	{.name = "provider_id", .required_for = "Dentrix", .choices = PROVIDERS},
	{.name = "script", .required_for = "Dentrix|Eaglesoft", .choices = DETAILS("perio_chart", "Script"), .note_for = "OpenDental=Maxillary if it is left out"},
	{.name = "pocket_depth", .format = SITES, .parts = "0-19", .note_for = SITES_IN_ORDER},
	{.name = "gingival_margin", .format = SITES, .format_for = NOT_SAID, .parts_for = "Dentrix=0-19; OpenDental=0-19|101-119", .note_for = SITES_IN_ORDER},
	{.name = "mucogingival_junction", .format = SITES, .parts = "0-19", .note_for = SITES_IN_ORDER},
	{.name = "bleed", .format = SITES, .parts = "1-1", .note_for = SITES_IN_ORDER},
	{.name = "suppuration", .format = SITES, .parts = "1-1", .note_for = SITES_IN_ORDER},
	{.name = "mobility", .format = TEETH, .format_for = NOT_SAID, .parts_for = "Dentrix=0-4; OpenDental=0-19", .choices = DETAILS("perio_chart", "Mobility")},
	{.name = "plaque", .format_for = "Dentrix=teeth; OpenDental=per-tooth", .parts_for = "Dentrix=None|Light|Moderate|Heavy; OpenDental=1-1", .choices = DETAILS("perio_chart", "Plaque")},
	{.name = "bone_loss", .format = TEETH, .parts = "None|Mild|Moderate|Severe", .only_for = "Dentrix", .choices = DETAILS("perio_chart", "BoneLoss")},
	{.name = "furcation", .format_for = "Dentrix=per-tooth; OpenDental=per-tooth", .parts_for = "Dentrix=F0:*|F1:*|F2:*|F3:*|F4:*; OpenDental=0-19", .choices = DETAILS("perio_chart", "Furcation"), .note_for = SITES_IN_ORDER},
	{.name = "calculus", .format = SITES, .format_for = NOT_SAID, .parts_for = "Dentrix=0-19; OpenDental=1-1", .note_for = SITES_IN_ORDER},
	{.name = "distal", .only_for = "Eaglesoft", .note = EXAMPLE_ONLY},
	{.name = "buccal", .only_for = "Eaglesoft", .note = EXAMPLE_ONLY},
	{.name = "mesial", .only_for = "Eaglesoft", .note = EXAMPLE_ONLY},
	{.name = "lingual", .only_for = "Eaglesoft", .note = EXAMPLE_ONLY},
	{.name = "note", .only_for = "OpenDental"},
	{.name = "check_spu", .format = BOOLEAN},
};

/* --- what is no field's own affair ------------------------------------------------------------ */

static const struct sk_rule create_patient_rules[] = {
	{.kind = SK_RULE_LOST, .fields = "guarantor_id", .when = "is_guarantor_exist=false|!is_guarantor_exist", .pms = "OrthoTrac", .is_doubtful = true},
};

static const struct sk_rule reschedule_appointment_rules[] = {
	{.kind = SK_RULE_AT_LEAST_ONE, .fields = "date|time|length|operatory|provider_id|status"},
};

static const struct sk_rule update_patient_rules[] = {
	{.kind = SK_RULE_AT_LEAST_ONE, .fields = "*"},
};

static const struct sk_rule update_claim_rules[] = {
	{.kind = SK_RULE_AT_LEAST_ONE, .fields = "status|note|custom_track_status"},
};

#define BY_CODE "is_payment_by_procedure_code=true"
#define AT_ONCE "is_payment_by_procedure_code=false"
#define TYPED_DEDUCTIBLE "Dentrix G6|Dentrix Enterprise|Dentrix Ascend"

static const struct sk_rule post_claim_payment_rules[] = {
	{.kind = SK_RULE_SAME_COUNT, .fields = "transaction_sr_no|payment_amount", .when = BY_CODE},
	{.kind = SK_RULE_SAME_COUNT, .fields = "transaction_sr_no|deductible|write_off", .when = BY_CODE, .pms = "!" TYPED_DEDUCTIBLE},
	{.kind = SK_RULE_SAME_COUNT, .fields = "transaction_sr_no|write_off", .when = BY_CODE, .pms = TYPED_DEDUCTIBLE, .is_doubtful = true},
	{.kind = SK_RULE_SAME_COUNT, .fields = "write_off|adjustment_type", .pms = "Dentrix G6"},
	{.kind = SK_RULE_SAME_COUNT, .fields = "write_off|credit_adjustment_provider", .pms = "Dentrix G6"},
	{.kind = SK_RULE_SAME_COUNT, .fields = "debit_adjustment_amount|debit_adjustment_provider", .pms = "Dentrix G6"},
	{.kind = SK_RULE_SAME_COUNT, .fields = "debit_adjustment_amount|debit_adjustment_transaction_sr_no|debit_adjustment_provider|debit_adjustment_type", .when = "is_debit_adjustment_by_procedure=true", .pms = "OpenDental"},
	{.kind = SK_RULE_COUNT, .fields = "deductible", .number = 1, .when = AT_ONCE, .pms = "!" TYPED_DEDUCTIBLE},
	{.kind = SK_RULE_COUNT, .fields = "deductible", .number = 3, .pms = "Dentrix G6|Dentrix Enterprise"},
	{.kind = SK_RULE_COUNT, .fields = "deductible", .number = 4, .pms = "Dentrix Ascend"},
	{.kind = SK_RULE_WHOLE, .fields = "deductible", .pms = TYPED_DEDUCTIBLE},
	{.kind = SK_RULE_COUNT, .fields = "write_off", .number = 1, .when = AT_ONCE, .pms = "!Dentrix G6"},
	{.kind = SK_RULE_COUNT, .fields = "write_off", .number = 1, .when = AT_ONCE, .pms = "Dentrix G6", .is_doubtful = true},
	{.kind = SK_RULE_ZERO, .fields = "write_off", .when = AT_ONCE, .pms = "Dentrix Ascend"},
	{.kind = SK_RULE_POSITIVE, .fields = "payment_amount", .pms = "Tracker"},
	{.kind = SK_RULE_NOT_NEGATIVE, .fields = "payment_amount", .pms = "Dentrix G6"},
	{.kind = SK_RULE_NOT_NEGATIVE, .fields = "debit_adjustment_amount"},
	{.kind = SK_RULE_NOT_ZERO, .fields = "debit_adjustment_amount", .pms = "!Dentrix G6"},
};

static const struct sk_rule add_medical_note_rules[] = {
	{.kind = SK_RULE_ONLY_ON, .fields = "type", .values = "group note", .pms = "OpenDental"},
	{.kind = SK_RULE_MAX, .fields = "text", .number = 60, .when = "type=medical alert|type=medical note", .pms = "OrthoTrac"},
};

static const struct sk_rule add_lab_result_rules[] = {
	{.kind = SK_RULE_SAME_COUNT, .fields = "test_name|result|operator|reference_low|reference_high"},
};

static const struct sk_rule post_transaction_rules[] = {
	{.kind = SK_RULE_SAME_COUNT, .fields = "transaction_sr_no|amount", .when = BY_CODE},
	{.kind = SK_RULE_NOT_ZERO, .fields = "amount"},
	{.kind = SK_RULE_NOT_TOGETHER, .fields = "is_payment_refund|is_payment_by_procedure_code"},
};

static const struct sk_rule add_perio_chart_rules[] = {
	{.kind = SK_RULE_AT_LEAST_ONE, .fields = "mobility|furcation|gingival_margin|mucogingival_junction|pocket_depth|bleed|suppuration|plaque|calculus", .pms = "OpenDental"},
	{.kind = SK_RULE_LOST, .fields = "calculus", .when = "script=Dentrix Default Script|script=Dentrix Gingival Margin|script=Dentrix Probing Depths", .pms = "Dentrix", .is_doubtful = true},
	{.kind = SK_RULE_LOST, .fields = "pocket_depth", .when = "script=Dentrix Clinical Attachment Level", .pms = "Dentrix", .is_doubtful = true},
};

/*
 * twice: two equal requests within a day. A second appointment of the same patient at the same time,
 * a second patient with the same name and date of birth, the same document and the same chart once more
 * are mistakes. So is a change that is repeated while the first one is still open: it sets what is set
 * already. Two payments of the same amount on one day happen (two siblings, two halves), also for one
 * claim. A medical note names a day and no time, so "called, no answer" may stand there twice; that
 * the same operation also takes allergies, of which two make no sense, can't be told by a value for
 * the operation, and a note that isn't written is worse than an allergy that stands there twice. A lab
 * result has no date at all: two tests of one day may well have the same values.
 */
#define NO_SENSE SK_TWICE_NO_SENSE
#define MAY_BE SK_TWICE_MAY_BE

const struct sk_operation sk_operations[] = {
	{"book_appointment", "POST", "/appointment", .creates = "appointment", .twice = NO_SENSE, FIELDS(book_appointment), .supported = "new_appointment_writeback"},
	{"reschedule_appointment", "PUT", "/appointments/{appointment_sr_no}", .twice = NO_SENSE, FIELDS(reschedule_appointment), RULES(reschedule_appointment_rules), .note = "Dentrix G6: an appointment whose status is Broken until now needs date, time and operatory together; to mark one as Broken needs none of them"},
	{"update_appointment_status", "PATCH", "/appointments/{appointment_sr_no}", .twice = NO_SENSE, .fixed = {"op", "replace"}, .defaults = {"path", "/appointment_status"}, FIELDS(update_appointment_status), .note = "cancelling is this with the practice's own word for cancelled", .supported = "appointment_status_writeback"},
	{"create_patient", "POST", "/patient", .creates = "patient", .twice = NO_SENSE, FIELDS(create_patient), RULES(create_patient_rules), .supported = "new_patient_writeback"},
	{"create_veterinary_patient", "POST", "/veterinary_patient", .creates = "patient", .twice = NO_SENSE, FIELDS(create_veterinary_patient), .supported = "new_patient_writeback"},
	{"update_patient", "PATCH", "/patient/{patient_id}", .twice = NO_SENSE, .pms = "OrthoTrac|Dolphin Management", FIELDS(update_patient), RULES(update_patient_rules)},
	{"update_claim", "PATCH", "/claims/{claim_sr_no}", .twice = NO_SENSE, FIELDS(update_claim), RULES(update_claim_rules), .supported = "claim_notes_status_writeback"},
	{"post_claim_payment", "POST", "/claim_payment", .creates = "claim payment", .twice = MAY_BE, FIELDS(post_claim_payment), RULES(post_claim_payment_rules), .supported = "insurance_payment_writeback"},
	{"add_medical_note", "POST", "/medical_notes", .creates = "medical note", .twice = MAY_BE, FIELDS(add_medical_note), RULES(add_medical_note_rules), .supported = "note_writeback"},
	{"add_document", "POST", "/document", .creates = "document", .twice = NO_SENSE, .pms = "OpenDental", FIELDS(add_document)},
	{"add_lab_result", "POST", "/lab_result", .creates = "lab result", .twice = MAY_BE, FIELDS(add_lab_result), RULES(add_lab_result_rules), .supported = "lab_result_writeback"},
	{"post_transaction", "POST", "/transaction", .creates = "transaction", .twice = MAY_BE, FIELDS(post_transaction), RULES(post_transaction_rules), .supported = "payment_writeback"},
	{"add_perio_chart", "POST", "/perio_chart", .creates = "perio chart", .twice = NO_SENSE, .pms = "Dentrix|Eaglesoft|OpenDental", FIELDS(add_perio_chart), RULES(add_perio_chart_rules)},
};

const char *const sk_pms_names[] = {
	"ClearDent",
	"CornerStone",
	"Dentrix",
	"Dentrix Ascend",
	"Dentrix Enterprise",
	"Dentrix G6",
	"Dolphin Management",
	"Eaglesoft",
	"OpenDental",
	"OrthoTrac",
	"Planet DDS WebV2.0",
	"Planet DDS WebV3.0",
	"SuzyDental",
	"Tracker",
	"intravet",
	NULL,
};
/* clang-format on */

const size_t sk_operations_count = sizeof(sk_operations) / sizeof(sk_operations[0]);

const struct sk_field *
sk_field_find(const struct sk_operation *operation, const char *name)
{
	for (size_t i = 0; i < operation->n_fields; i++) {
		if (strcmp(operation->fields[i].name, name) == 0)
			return &operation->fields[i];
	}
	return NULL;
}
