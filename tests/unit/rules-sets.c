/* SPDX-License-Identifier: MIT */
/* What concerns several fields of a request, or holds in a special case only. */
#include "rules/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "tap.h"
#include "rules-said.h"

static const char claim[] =
    "{\"claim_sr_no\":\"1\",\"practice_id\":\"1\",\"payment_amount\":\"10.00|5\","
    "\"is_payment_by_procedure_code\":\"true\",\"claim_payment_date\":\"2026-01-01\","
    "\"payment_mode\":\"Cash\",\"deductible\":\"0|0\",\"write_off\":\"0|0\","
    "\"transaction_sr_no\":\"1|2\"}";
static const char single[] =
    "{\"claim_sr_no\":\"1\",\"practice_id\":\"1\",\"payment_amount\":\"10.00\","
    "\"is_payment_by_procedure_code\":\"False\",\"claim_payment_date\":\"2026-01-01\","
    "\"payment_mode\":\"Cash\",\"deductible\":\"0\",\"write_off\":\"0\"}";
static const char transaction[] =
    "{\"patient_id\":\"7\",\"guarantor_id\":\"7\",\"practice_id\":\"1\",\"provider_id\":\"P\","
    "\"procedure_code\":\"D1\",\"procedure_description\":\"x\",\"amount\":\"12.50\","
    "\"transaction_date\":\"2026-01-01\"}";
static const char lab[] =
    "{\"patient_id\":\"7\",\"guarantor_id\":\"7\",\"provider_id\":\"P\",\"practice_id\":\"1\","
    "\"lab_name\":\"l\",\"template_name\":\"t\",\"test_name\":\"a|b\",\"result\":\"1|\","
    "\"operator\":\"=|<\",\"reference_low\":\"|\",\"reference_high\":\"1|2\"}";
static const char note[] = "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"type\":\"patient "
			   "note\",\"text\":\"x\",\"date\":\"2026-01-01\",\"provider_id\":\"P\"}";
static const char chart[] =
    "{\"practice_id\":\"1\",\"patient_id\":\"7\",\"tooth_number\":\"1\",\"script\":\"s\"}";
static const char move[] = "{\"appointment_sr_no\":\"7\",\"practice_id\":\"1\"}";
static const char change[] = "{\"patient_id\":\"7\",\"practice_id\":\"1\"}";

/* What the server drops because of the script of a chart, and what it doesn't. */
static void
test_lost(void)
{
	static const char dentrix[] =
	    "{\"practice_id\":\"1\",\"patient_id\":\"7\",\"tooth_number\":\"1\",\"provider_id\":"
	    "\"P\","
	    "\"chart_date\":\"2026-01-01\",\"script\":\"Dentrix Default Script\"}";
	static const char depths[] = "{\"pocket_depth\":\"1|2|3|4|5|6\"}";
	static const char calculus[] = "{\"calculus\":\"1|2|3|4|5|6\"}";

	judges("add_perio_chart", "Dentrix", dentrix, calculus, "[calculus lost; ]");
	judges("add_perio_chart", "Dentrix G6", dentrix, calculus, "[calculus lost; ]");
	judges("add_perio_chart", "Dentrix", dentrix, depths, "");
	judges("add_perio_chart", "Dentrix", dentrix, "{\"calculus\":\"|||||\"}", "");
	judges("add_perio_chart", "Dentrix", dentrix,
	    "{\"calculus\":\"|||||5\",\"script\":\"dentrix gingival margin\"}",
	    "[calculus lost; ]");
	judges("add_perio_chart", "Dentrix", dentrix,
	    "{\"calculus\":\"|||||5\",\"script\":\"Dentrix Probing Depths\"}", "[calculus lost; ]");
	judges("add_perio_chart", "Dentrix", dentrix,
	    "{\"calculus\":\"|||||5\",\"script\":\"Dentrix Mucogingival Junction\"}", "");
	judges("add_perio_chart", "Dentrix", dentrix,
	    "{\"calculus\":\"|||||5\",\"pocket_depth\":\"|||||5\","
	    "\"script\":\"Dentrix Clinical Attachment Level\"}",
	    "[pocket_depth lost; ]");
	judges("add_perio_chart", "Eaglesoft", dentrix, calculus, "");
}

/* A number of digits that a system doesn't expect. */
static void
test_digits(void)
{
	static const char patient[] =
	    "{\"firstname\":\"A\",\"lastname\":\"B\",\"provider_id\":\"P\",\"practice_id\":\"1\"}";
	static const char card[] =
	    "{\"bank\":\"b\",\"expiration_month\":\"01\",\"expiration_year\":\"2031\"}";

	judges("create_patient", "ClearDent", patient, "{\"cell\":\"(555) 123-4567\"}", "");
	judges("create_patient", "ClearDent", patient, "{\"cell\":\"555123456\"}",
	    "[cell digits; ]");
	judges("create_patient", "ClearDent", patient, "{\"cell\":\"15551234567\"}",
	    "[cell digits; ]");
	judges("create_patient", "ClearDent", patient, "{\"workphone\":\"5551234567-12\"}", "");
	judges("create_patient", "ClearDent", patient, "{\"workphone\":\"555-123-4567-1\"}", "");
	judges("create_patient", "Eaglesoft", patient, "{\"cell\":\"15551234567\"}", "");
	judges("post_transaction", "Planet DDS WebV3.0", transaction, card, "");
	judges("post_transaction", "Planet DDS WebV3.0", transaction,
	    "{\"expiration_month\":\"1\",\"expiration_year\":\"31\"}",
	    "[expiration_month digits; expiration_year digits; ]");
}

static void
test_at_least_one(void)
{
	char *said;

	judges("reschedule_appointment", NULL, move, "{}",
	    "date|time|length|operatory|provider_id|status at_least_one; [provider_id wanted; ]");
	judges("reschedule_appointment", NULL, move, "{\"provider_id\":\"P\"}", "");
	judges("reschedule_appointment", NULL, move, "{\"check_spu\":\"true\",\"status\":\" \"}",
	    "date|time|length|operatory|provider_id|status at_least_one; [provider_id wanted; ]");
	judges("update_claim", NULL, "{\"claim_sr_no\":\"7\",\"practice_id\":\"1\"}",
	    "{\"internal_note\":\"x\"}", "status|note|custom_track_status at_least_one; ");

	judges("update_patient", NULL, change, "{\"lastname\":\"x\"}", "");
	judges("update_patient", "Dolphin Management", change, "{\"lastname\":\"x\"}", "");
	judges("update_patient", "Dolphin Management", change, "{\"check_spu\":\"true\"}",
	    "firstname|lastname|preferred_name|birthdate|gender|salutation|status|provider_id|"
	    "language|recall_date|mail_method|gender_identifier|school at_least_one; ");
	/* A field that the system ignores changes nothing. */
	said = build("update_patient", "Dolphin Management",
	    "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"formal\":\"x\"}", 1);
	ok(strstr(said, "|school at_least_one") != NULL, "an ignored field isn't one");
	free(said);
	/* Nor does a field that is required anyway. */
	said = build("update_patient", "OrthoTrac",
	    "{\"patient_id\":\"7\",\"practice_id\":\"1\",\"staff\":\"S\"}", 1);
	ok(strstr(said, "|provider_id at_least_one") != NULL, "nor is one that is required");
	free(said);
	judges("update_patient", "Foo", change, "{\"lastname\":\"x\"}", "operation pms; ");

	judges("add_perio_chart", "OpenDental", chart, "{}",
	    "mobility|furcation|gingival_margin|mucogingival_junction|pocket_depth|bleed|"
	    "suppuration|plaque|calculus at_least_one; ");
	judges("add_perio_chart", "OpenDental", chart, "{\"bleed\":\"1|||||\"}", "");
	judges("add_perio_chart", "Eaglesoft", chart, "{}", "");
	judges("add_perio_chart", NULL, chart, "{}", "");
}

static void
test_same_count(void)
{
	judges("post_claim_payment", NULL, claim, "{}", "");
	judges("post_claim_payment", NULL, claim, "{\"transaction_sr_no\":\"1\"}",
	    "transaction_sr_no|payment_amount same_count; "
	    "transaction_sr_no|deductible|write_off same_count; ");
	judges("post_claim_payment", NULL, claim, "{\"write_off\":\"0|0|0\"}",
	    "transaction_sr_no|deductible|write_off same_count; ");
	judges("post_claim_payment", NULL, claim, "{\"write_off\":\"0\",\"deductible\":\"0\"}",
	    "transaction_sr_no|deductible|write_off same_count; ");
	/* Where the deductible has parts of its own, the documents leave open what this asks of write_off. */
	judges("post_claim_payment", "Dentrix Enterprise", claim,
	    "{\"deductible\":\"0|0|0\",\"write_off\":\"0\"}",
	    "[transaction_sr_no|write_off same_count; ]");
	judges("post_claim_payment", "Dentrix Ascend", claim,
	    "{\"deductible\":\"0|0|0|0\",\"write_off\":\"0|0\"}", "");
	judges("post_claim_payment", "Dentrix G6", single,
	    "{\"deductible\":\"1|2|3\",\"write_off\":\"1|2\",\"adjustment_type\":\"a\"}",
	    "write_off|adjustment_type same_count; [write_off count; ]");
	judges("post_claim_payment", "OpenDental", single,
	    "{\"is_debit_adjustment_by_procedure\":\"true\",\"debit_adjustment_amount\":\"1|2\","
	    "\"debit_adjustment_transaction_sr_no\":\"1|2\",\"debit_adjustment_type\":\"t\"}",
	    "debit_adjustment_amount|debit_adjustment_transaction_sr_no|debit_adjustment_type "
	    "same_count; ");
	judges("post_claim_payment", NULL, single, "{\"payment_amount\":\"1|2\"}", "");
	judges("post_claim_payment", "Dentrix G6", claim,
	    "{\"deductible\":\"1|2|3\",\"adjustment_type\":\"a\",\"credit_adjustment_provider\":"
	    "\"a|b|c\"}",
	    "write_off|adjustment_type same_count; "
	    "write_off|credit_adjustment_provider same_count; ");
	judges("post_claim_payment", "Dentrix G6", claim,
	    "{\"deductible\":\"1|2|3\",\"write_off\":\"|5\",\"adjustment_type\":\"a|b\"}", "");
	judges("post_claim_payment", "Dentrix G6", claim,
	    "{\"deductible\":\"1|2|3\",\"write_off\":\" \",\"adjustment_type\":\"a|b|c\"}", "");
	judges("post_claim_payment", "Dentrix G6", claim,
	    "{\"deductible\":\"1|2|3\",\"debit_adjustment_amount\":\"1|2\","
	    "\"debit_adjustment_provider\":\"P\"}",
	    "debit_adjustment_amount|debit_adjustment_provider same_count; ");
	judges("post_claim_payment", "OpenDental", claim,
	    "{\"debit_adjustment_amount\":\"1|2\",\"debit_adjustment_provider\":\"P\"}", "");
	judges("post_claim_payment", "Tracker", claim, "{\"bank_name\":\"b\",\"deductible\":\"1\"}",
	    "[deductible unused; write_off unused; ]");

	judges("add_lab_result", NULL, lab, "{}", "");
	judges("add_lab_result", NULL, lab, "{\"reference_low\":\"0\"}",
	    "test_name|result|operator|reference_low|reference_high same_count; ");
	judges("add_lab_result", NULL, lab, "{\"unit_of_measure\":\"mg\"}", "");
	judges("add_lab_result", NULL, lab, "{\"result\":null}", "result required; ");
	judges("add_lab_result", NULL, lab, "{\"result\":null,\"operator\":\"=\"}",
	    "result required; "
	    "test_name|operator|reference_low|reference_high same_count; ");

	judges("post_transaction", NULL, transaction,
	    "{\"is_payment_by_procedure_code\":\"true\",\"transaction_sr_no\":\"1|2\"}",
	    "transaction_sr_no|amount same_count; ");
	judges("post_transaction", NULL, transaction, "{\"transaction_sr_no\":\"1|2\"}", "");
}

static void
test_counts(void)
{
	judges("post_claim_payment", NULL, single, "{\"deductible\":\"1|2\",\"write_off\":\"1|2\"}",
	    "deductible count; write_off count; ");
	judges("post_claim_payment", "Dentrix G6", single, "{}", "deductible count; ");
	judges("post_claim_payment", "Dentrix Enterprise", single, "{\"deductible\":\"1|2|3\"}",
	    "");
	judges("post_claim_payment", "Dentrix Enterprise", single, "{\"deductible\":\"1|2|3|4\"}",
	    "deductible count; ");
	judges("post_claim_payment", "Dentrix Ascend", single, "{\"deductible\":\"1|2|3|4\"}", "");
	judges("post_claim_payment", "Dentrix Ascend", single, "{\"deductible\":\"1|2|3\"}",
	    "deductible count; ");
	judges("post_claim_payment", "Dentrix Ascend", single, "{\"deductible\":\"1|2|3|4.5\"}",
	    "deductible amount; ");
}

static void
test_amounts(void)
{
	judges("post_claim_payment", "Tracker", claim,
	    "{\"bank_name\":\"b\",\"deductible\":null,\"write_off\":null,"
	    "\"payment_amount\":\"0|0.00\"}",
	    "payment_amount amount; ");
	judges("post_claim_payment", "Tracker", claim,
	    "{\"bank_name\":\"b\",\"deductible\":null,\"write_off\":null,"
	    "\"payment_amount\":\"0|1\"}",
	    "");
	judges("post_claim_payment", NULL, claim, "{\"payment_amount\":\"0|0\"}", "");
	judges("post_claim_payment", "Eaglesoft", claim, "{\"debit_adjustment_amount\":\"5|-5\"}",
	    "debit_adjustment_amount amount; [impacts wanted; is_final_payment wanted; ]");
	judges("post_claim_payment", "Eaglesoft", claim,
	    "{\"debit_adjustment_amount\":\"0\",\"impacts\":\"x\",\"is_final_payment\":\"false\"}",
	    "debit_adjustment_amount amount; ");
	judges("post_claim_payment", "Dentrix G6", claim,
	    "{\"deductible\":\"1|2|3\",\"debit_adjustment_amount\":\"0\"}", "");
	judges("post_claim_payment", "Dentrix Enterprise", claim, "{\"deductible\":\"1|2.5|3\"}",
	    "deductible amount; ");
	judges("post_claim_payment", "Dentrix G6", claim,
	    "{\"deductible\":\"1|2|3\",\"payment_amount\":\"1|-1\"}", "payment_amount amount; ");
	judges("post_claim_payment", "Dentrix G6", claim,
	    "{\"deductible\":\"1|2|3\",\"payment_amount\":\"1|-0\"}", "");
	judges("post_claim_payment", "Dentrix Ascend", single,
	    "{\"deductible\":\"1|2|3|4\",\"write_off\":\"5\"}", "write_off amount; ");
	judges("post_claim_payment", "Dentrix Ascend", single,
	    "{\"deductible\":\"1|2|3|4\",\"write_off\":\"0.00\"}", "");
	judges("post_transaction", NULL, transaction, "{\"amount\":\"0.00\"}", "amount amount; ");
	judges("post_transaction", NULL, transaction, "{\"amount\":\"1|0\"}", "amount amount; ");
	judges("post_transaction", NULL, transaction, "{\"amount\":\"x|0\"}", "amount format; ");
	judges("post_transaction", NULL, transaction, "{\"amount\":\"-12\"}", "");
}

static void
test_special_cases(void)
{
	const char *long_text =
	    "{\"type\":\"Medical Alert\",\"acknowledge_type\":\"a\",\"text\":"
	    "\"1234567890123456789012345678901234567890123456789012345678901\"}";

	judges("add_medical_note", "OrthoTrac", note, long_text, "text max; ");
	judges("add_medical_note", "Eaglesoft", note, long_text, "[acknowledge_type unused; ]");
	judges("add_medical_note", "OrthoTrac", note,
	    "{\"text\":\"1234567890123456789012345678901234567890123456789012345678901\"}", "");

	judges("add_medical_note", "OpenDental", note,
	    "{\"type\":\"Group Note\",\"transaction_sr_no\":\"1\"}", "");
	judges("add_medical_note", "Eaglesoft", note,
	    "{\"type\":\"Group Note\",\"transaction_sr_no\":\"1\"}", "type enum; ");
	judges("add_medical_note", "Foo", note,
	    "{\"type\":\"Group Note\",\"transaction_sr_no\":\"1\"}", "type enum; ");
	judges("add_medical_note", NULL, note,
	    "{\"type\":\"Group Note\",\"transaction_sr_no\":\"1\"}", "");

	judges("post_transaction", "OpenDental", transaction,
	    "{\"is_payment_refund\":\"true\",\"is_payment_by_procedure_code\":\"TRUE\","
	    "\"transaction_sr_no\":\"1\"}",
	    "is_payment_refund|is_payment_by_procedure_code not_together; ");
	judges("post_transaction", "OpenDental", transaction,
	    "{\"is_payment_refund\":\"false\",\"is_payment_by_procedure_code\":\"true\","
	    "\"transaction_sr_no\":\"1\"}",
	    "");
	judges("post_transaction", "Eaglesoft", transaction,
	    "{\"is_payment_refund\":\"true\",\"is_payment_by_procedure_code\":\"true\","
	    "\"transaction_sr_no\":\"1\"}",
	    "[is_payment_refund unused; ]");
}

int
main(void)
{
	sk_mem_init();
	test_lost();
	test_digits();
	test_at_least_one();
	test_same_count();
	test_counts();
	test_amounts();
	test_special_cases();
	return done_testing();
}
