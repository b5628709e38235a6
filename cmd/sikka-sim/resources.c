/* SPDX-License-Identifier: MIT */
/*
 * The table of readable resources: name, who may ask, required and optional parameters, and what
 * their records may be sorted by.
 */
#include "resources.h"

#include <string.h>

#define APP AUTH_APP
#define KEY AUTH_KEY

/* clang-format off */
static const struct resource resources[] = {
    {"accounts_receivables", KEY, "", "practice_id,guarantor_id,current_date,patient_id",
	"guarantor_id,current_date,entry_id,practice_id,amount_between_0_30,amount_under30,amount_between_31_60,"
	"amount_30to60,amount_between_61_90,amount_60to90,amount_greater_than_90,amount_above90"},
    {"accounts_receivables_by_patients", KEY, "", "practice_id,patient_id,current_date",
	"patient_id,current_date,practice_id,amount_between_0_30,amount_under30,amount_between_31_60,"
	"amount_30to60,amount_between_61_90,amount_60to90,amount_greater_than_90,amount_above90"},
    {"animal_vital_signs", KEY, "", "patient_id,date,vital_sign_name", "patient_id,date,practice_id"},
    {"applications", APP, "", "", ""},
    {"appointment_statuses", KEY, "", "practice_id,status", "practice_id"},
    {"appointments", KEY, "", "appointment_sr_no,practice_id,patient_id,guarantor_id,provider_id,startdate,"
	"enddate,date_filter_on,procedure_code,status,operatory,type,book_code,arrival_status",
	"appointment_sr_no,appointment_date,appointment_time,patient_id,rowhash"},
    {"appointments_available_slots", KEY, "", "provider_id,practice_id,startdate,enddate,operatory",
	"practice_id,date,time,rowhash"},
    {"authorized_practices", APP, "", "practice_management_system_refresh_date_time_zone,show,practice_id,"
	"practice_name,practice_management_system,practice_management_system_version,financial_system,"
	"financial_system_version",
	"office_id,practice_id"},
    {"claim_descriptions", KEY, "", "claim_description_id,practice_id", "claim_description_id"},
    {"claims", KEY, "", "practice_id,patient_id,guarantor_id,provider_id,claim_sr_no,claim_status,"
	"claim_status_2,startdate,enddate,date_filter_on,claim_tag,is_partially_paid",
	"claim_sr_no,claim_sent_date,claim_payment_date,total_billed_amount,estimated_amount,payment_amount,"
	"claim_tag,rowhash"},
    {"clinical_conditions", KEY, "", "practice_id,id,status", "condition_name,tooth_surface,description,status,id"},
    {"clinical_note_templates", KEY, "", "practice_id,template_id,template_name,category,prompts",
	"category,template_name,template_id,practice_id"},
    {"contact_details", KEY, "", "practice_id,patient_id,uid,contact_of,contact_type,contact_value",
	"uid,contact_of,contact_type,contact_value,practice_id"},
    {"data_sync_status", APP, "", "office_id,interval,status,practice_management_system,practice_name",
	"office_id,practice_id"},
    {"drugs", KEY, "", "drug_id,practice_id,date", "drug_id"},
    {"employers", KEY, "", "employer_id,practice_id", "employer_name,employer_id"},
    {"fee_schedules", KEY, "", "practice_id,fee_no,procedure_code", "fee_amount,procedure_code"},
    {"finance/accounts", KEY, "", "account_number,account_name,account_type", "account_number"},
    {"finance/balances", KEY, "", "account_name", "account_name"},
    {"finance/budgets", KEY, "", "account_name,year", "account_name"},
    {"finance/customers", KEY, "", "fullname,customer_id,name", "customer_id"},
    {"finance/employee", KEY, "", "account_number,employee", "account_number"},
    {"finance/payroll_details", KEY, "", "reference_number,startdate,enddate", "reference_number"},
    {"finance/transactions", KEY, "", "practice_id,account_name,account_number,reference_number,startdate,"
	"enddate,date_filter_on",
	"account_name"},
    {"finance/vendors", KEY, "", "account_number,vendor,contact_person", "account_number"},
    {"guarantor_accounts", KEY, "", "practice_id,guarantor_id,provider_id,patient_id,phone,"
	"firstname,lastname,workphone",
	"guarantor_id,zipcode,firstname,first_name,lastname,last_name"},
    {"guarantor_patient_mapping", KEY, "", "guarantor_id,patient_id",
	"guarantor_id,zipcode,rowhash,firstname,first_name,lastname,last_name"},
    {"guarantors", KEY, "", "practice_id,patient_id,guarantor_id,cell,phone,email,"
	"firstname,lastname,workphone",
	"guarantor_id,zipcode,firstname,first_name,lastname,last_name"},
    {"guarantors_v2", KEY, "", "practice_id,guarantor_id,cell,workphone,phone,email,"
	"firstname,lastname",
	"guarantor_id,zipcode,firstname,first_name,lastname,last_name"},
    {"health_check", APP, "", "office_id,practice_id,spc_id,spc_version,practice_management_system,"
	"practice_management_system_version,spc_schedule_type,web_upload_error_priority,domain,"
	"spc_error_priority,spc_error_flag,etl_version,is_inactive", ""},
    {"hearing_aid_products", KEY, "", "model_id,manufacturer_id",
	"manufacturer_id,model_id,modelID"},
    {"hearing_care_product_details", KEY, "", "product_id,practice_id", "product_id,practice_id"},
    {"insurance_accounts_receivables", KEY, "", "practice_id,patient_id", "patient_id,practice_id"},
    {"insurance_companies", KEY, "", "insurance_company_id,practice_id,carrier_id",
	"practice_id,insurance_company_name,insurance_company_id"},
    {"insurance_company_details", KEY, "", "practice_id,insurance_company_id",
	"insurance_company_id,insurance_company_name,practice_id"},
    {"insurance_eligibility", KEY, "", "practice_id,patient_id,guarantor_id,firstname,lastname,"
	"member_id",
	"patient_id,practice_id,guarantor_id,member_id"},
    {"insurance_estimate", KEY, "", "guarantor_id,practice_id", "icm_type,guarantor_id"},
    {"insurance_plan_coverage", KEY, "", "insurance_company_id,practice_id", "insurance_company_id"},
    {"kpis", KEY, "", "kpi_name,practice_id,startdate,enddate", ""},
    {"lab_cases", KEY, "", "practice_id,startdate,enddate,date_filter_on,lab_id,case_record_id,"
	"transaction_sr_no,appointment_sr_no,provider_id",
	"case_record_id"},
    {"lab_details", KEY, "", "lab_id,practice_id,city,state,zipcode,email", "lab_id"},
    {"lab_panels", KEY, "", "lab_panel_id,practice_id,procedure_code_id,status,lab_name", "lab_panel_id"},
    {"lab_profile_invoice_items", KEY, "", "profile_id,code,practice_id", "profile_id"},
    {"lab_profiles", KEY, "", "profile_id,profile_name,lab_id,profile_type,order_no,practice_id,can_be_requested",
	"profile_id"},
    {"lab_requests", KEY, "", "profile_id,patient_id,practice_id,lab_id,guarantor_id,provider_id,requisition_id,"
	"status",
	"requisition_id"},
    {"lab_results", KEY, "", "lab_panel_id", "lab_panel_id"},
    {"lab_sub_profiles", KEY, "", "profile_id,sub_profiles_test,test_sequence,type,practice_id", "profile_id"},
    {"lab_test_details", KEY, "", "practice_id,category,item,lab_id", "category"},
    {"manufacturers", KEY, "", "manufacturer_id", "manufacturer_id"},
    {"many_guarantors_one_patient", KEY, "", "patient_id,practice_id,guarantor_id,cell,phone,email,firstname,"
	"lastname,workphone",
	"patient_id,practice_id"},
    {"medical_history", KEY, "", "patient_id,practice_id", "patient_id"},
    {"medical_notes", KEY, "", "patient_id,practice_id,additional_id,note_type,startdate,enddate,date_filter_on",
	"patient_id"},
    {"multiple_referrals", KEY, "", "referral_id,patient_id,referral_type,startdate,enddate",
	"referral_id,practice_id,patient_id,rowhash"},
    {"note_types", KEY, "", "practice_id,type", "type"},
    {"operatories", KEY, "cust_id", "is_hidden", "operatory"},
    {"optometry_product_details", KEY, "", "practice_id,product_id,product_detail_number,product_code",
	"product_id,practice_id"},
    {"outside_doctors", KEY, "", "practice_id,doctor_id,patient_id,cust_id",
	"doctor_id,patient_id,practice_id,rowhash"},
    {"patient360", KEY, "practice_id,patient_id", "", ""},
    {"patient_addresses", KEY, "", "patient_id,practice_id", "patient_id,practice_id"},
    {"patient_balance", KEY, "", "practice_id,patient_id,customer_id", "patient_id,customer_id,practice_id"},
    {"patient_charts", KEY, "", "patient_id,practice_id,date",
	"patient_id,practice_id,date,chart_date"},
    {"patient_contract_roll_charges", KEY, "", "practice_id,patient_id,guarantor_id,provider_id,startdate,"
	"enddate,firstname,lastname",
	"patient_id,contract_due_date,firstname,lastname,practice_id"},
    {"patient_contracts", KEY, "", "practice_id,patient_id,provider_id", "patient_id,practice_id"},
    {"patient_contracts_details", KEY, "", "patient_id,practice_id,guarantor_id,insurance_plan_id,"
	"startdate,enddate,date_filter_on,number_of_payments,gross_amount,initial_amount,paid_amount,"
	"payment_interval,remaining_balance",
	"practice_id,guarantor_id,patient_id,Contract_Start_Date,Contract_Completion_Date"},
    {"patient_documents", KEY, "", "patient_id,practice_id", "patient_id,practice_id"},
    {"patient_documents_display", KEY, "", "practice_id,patient_id", "practice_id,patient_id,rowhash"},
    {"patient_eligibility_payers", KEY, "", "", ""},
    {"patient_existing_services", KEY, "", "patient_id,practice_id", "patient_id"},
    {"patient_extended_info", KEY, "", "practice_id,patient_id,mail_method,gender_identifier,school,"
	"treatment_months,startdate,enddate,date_filter_on,cust_id,is_insurance_holder",
	"patient_id,practice_id,new_patient_exam_date,status_start_date,rowhash"},
    {"patient_images", KEY, "", "patient_id,practice_id,image_type", "patient_id,practice_id"},
    {"patient_status_history", KEY, "", "patient_id,practice_id,startdate,enddate,old_status,current_status,"
	"cust_id",
	"practice_id,patient_id,date,old_status,current_status,rowhash"},
    {"patient_statuses", KEY, "", "practice_id,status", "practice_id"},
    {"patient_treatment_history", KEY, "", "patient_id,provider_id,practice_id,procedure_code,startdate,enddate,"
	"cust_id,oral_health_therapist",
	"patient_id,provider_id,practice_id,procedure_code,date,rowhash"},
    {"patient_xrays", KEY, "", "date_filter_on,startdate,enddate,patient_id",
	"created_date,uploaded_date,patient_id"},
    {"patients", KEY, "", "email,practice_id,patient_id,provider_id,guarantor_id,"
	"firstname,lastname,first_visit,last_visit,cell,search,status,phone,homephone,workphone,microchip,"
	"rabies,petname,adoption_status_date",
	"patient_id,rowhash,firstname,first_name,lastname,last_name,zipcode,patient_zipcode"},
    {"patients_ssn", KEY, "", "patient_id,practice_id", "patient_id,firstname,lastname,zipcode,rowhash"},
    {"payment/transactions", KEY, "", "guarantor_id,patient_id,provider_id,practice_id,expiration_month,expiration_year,transaction_id,"
	"transaction_amount,reference_number,ticket_number,description,cust_id,transaction_date,"
	"transaction_time,email,city,state,zipcode,office_id,api_name,card_logo,card_number_masked,"
	"transaction_type,transaction_status,name,address1,address2,phone,transaction_media,"
	"payment_provider,avs_code,order_id,authorization_code,payment_provider_message,response_code,"
	"app_id,request_time,chain_id,is_chain_head,sikkapay_reference_number,startdate,enddate,"
	"sort_order,is_recurring_payment,recurring_unit,is_start_now,recurring_start_date,"
	"number_of_recurs,period_between_recurring_unit,recurring_amount", ""},
    {"payment_plans", KEY, "", "agreement_id,practice_id,patient_id,guarantor_id,startdate,enddate,description",
	"agreement_id,patient_id,guarantor_id,practice_id"},
    {"payment_types", KEY, "", "practice_id,code,customer_id,is_adjustment_type,"
	"is_debit_adjustment_type,is_insurance_type,are_credit_card_details_required,app_id",
	"code,allocation"},
    {"payors", KEY, "", "insurance_company_id,practice_id", "insurance_company_id,insurance_company_name"},
    {"pending_procedures", KEY, "", "procedure_code,practice_id,procedure_date,provider_id,patient_id,"
	"guarantor_id,cust_id,transaction_sr_no",
	"practice_id,procedure_code,procedure_date,provider_id,patient_id,guarantor_id,transaction_sr_no,tooth,"
	"surface,balance"},
    {"perio_charts", KEY, "", "practice_id,patient_id,date", "patient_id,date,chart_date,practice_id"},
    {"pet_documents", KEY, "", "patient_id,practice_id", "patient_id,practice_id"},
    {"pet_nutrition", KEY, "", "practice_id,patient_id,guarantor_id,startdate,enddate,date_filter_on,code",
	"prescription_date,practice_id,patient_id"},
    {"pms_general_settings", KEY, "", "practice_id,setting_name,setting_value",
	"practice_id,setting_value,setting_name,rowhash"},
    {"pms_users", KEY, "", "practice_id,user_id,firstname,lastname,status", "user_id"},
    {"practice_events", KEY, "events", "interval,loaded_startdate,loaded_enddate,status", ""},
    {"practice_location", APP, "office_id", "", ""},
    {"practice_resources", KEY, "", "id,resource,common_resource",
	"resourceid,resource,common_resource,practice_id"},
    {"practice_schedule", KEY, "", "resource_id,resource_type,date,resource_type_id",
	"resource_id,practice_id,date,resource_type"},
    {"practice_variables", KEY, "", "practice_id,service_name,service_item", "service_name,practice_id"},
    {"practices", KEY, "", "practice_id,national_provider_identifier", "practice_id,practice_name"},
    {"preregistered_appointments", KEY, "", "practice_id,provider_id,operatory,startdate,enddate,date_filter_on,"
	"preregistration_id",
	"preregistration_id,appointment_date,appointment_time,rowhash"},
    {"preregistered_patients", KEY, "", "email,preregistration_id,firstname,lastname,cell,search,phone,"
	"homephone,workphone,provider_id,guarantor_id",
	"preregistration_id,firstname,lastname,zipcode,rowhash"},
    {"prescriptions", KEY, "", "prescription_id,practice_id,patient_id,provider_id,date,procedure_code_id",
	"prescription_id,drug_id"},
    {"procedure_categories", KEY, "", "practice_id,category", "category,practice_id"},
    {"procedure_category_mapping", KEY, "", "practice_id,customer_id,procedure_code,category",
	"category,practice_id,procedure_code"},
    {"procedure_codes", KEY, "", "procedure_code,practice_id,procedure_code_category", "procedure_code"},
    {"products", KEY, "", "domain,product_id", "practice_id,product_id"},
    {"provider_mapping", KEY, "", "provider_id,practice_id", "practice_id,provider_id"},
    {"provider_time_clock", KEY, "", "practice_id,provider_id,startdate,enddate,cust_id",
	"provider_id,practice_id,punch_date,rowhash"},
    {"providers", KEY, "", "practice_id,provider_id,provider_type,firstname,lastname,"
	"national_provider_identifier,status,is_user",
	"provider_id"},
    {"purchase_orders", KEY, "", "vendor_id,practice_id,procedure_code_id,order_number,order_date",
	"vendor_id,practice_id,procedure_code_id"},
    {"referrals", KEY, "", "referral_type,practice_id,referral_id", "referral_id,practice_id,rowhash"},
    {"reminders", KEY, "", "id,appointment_sr_no,practice_id,patient_id,guarantor_id,provider_id,procedure_code",
	"id,patient_id"},
    {"remote_command_status", APP, "id", "", ""},
    {"request_key_info", KEY, "", "", ""},
    {"shelter_patients", KEY, "", "patient_id,practice_id,status,search,phone,homephone,workphone,cell,email,"
	"firstname,lastname,first_visit,last_visit,microchip,petname,adoption_status_date,provider_id,"
	"guarantor_id,rabies",
	"firstname,patient_id,rowhash"},
    {"staging_details", KEY, "", "group_id,detail_id,patient_id,category,status,date_filter_on,startdate,enddate",
	"stage_date,estimated_surgery_date,progress_date,status,practice_id,patient_id,detail_id,group_id,"
	"rowhash"},
    {"subscribers", KEY, "", "patient_id,practice_id,subscriber_id", "patient_id,practice_id"},
    {"supported_pmses", APP, "", "domain,specialty,practice_management_system,"
	"practice_management_system_version,appointment_status_writeback,payment_writeback,"
	"new_appointment_writeback,new_patient_writeback,note_writeback,claim_notes_status_writeback,"
	"insurance_payment_writeback,lab_result_writeback",
	"specialty,practice_management_system,practice_management_system_version,"
	"appointment_status_writeback,payment_writeback,new_appointment_writeback,new_patient_writeback,"
	"note_writeback,claim_notes_status_writeback,insurance_payment_writeback,lab_result_writeback,domain"},
    {"suspended_credit_transactions", KEY, "", "practice_id,patient_id,guarantor_id,procedure_code,claim_sr_no,"
	"procedure_description,customer_id,startdate,enddate,date_filter_on,transaction_sr_no",
	"transaction_date,transaction_sr_no,rowhash"},
    {"transactions", KEY, "", "transaction_sr_no,practice_id,patient_id,guarantor_id,provider_id,claim_sr_no,"
	"startdate,enddate,date_filter_on,procedure_code,transaction_type,payment_type,invoice_number,"
	"payment_procedure_link_id",
	"transaction_sr_no,transaction_date,transaction_time,rowhash"},
    {"treatment_plan_phases", KEY, "", "practice_id,guarantor_id,patient_id,provider_id,startdate,enddate,"
	"date_filter_on,procedure_code,treatment_plan_status,treatment_plan_id",
	"treatment_plan_sr_no,amount,procedure_date,entry_date"},
    {"treatment_plan_statuses", KEY, "", "practice_id,status", "practice_id"},
    {"treatment_plans", KEY, "", "treatment_plan_sr_no,practice_id,patient_id,guarantor_id,startdate,enddate,"
	"date_filter_on,provider_id,procedure_code,treatment_plan_status,claim_sr_no",
	"treatment_plan_sr_no,amount,procedure_date,entry_date"},
    {"vendors", KEY, "", "practice_id,vendor_code,vendor_id", "vendor_id,vendor_code,practice_id"},
    {"veterinary_clinics", KEY, "", "practice_id,veterinary_clinic_id", "name,veterinary_clinic_id"},
    {"veterinary_patients", KEY, "", "email,practice_id,patient_id,provider_id,guarantor_id,firstname,lastname,"
	"first_visit,last_visit,cell,search,status,phone,homephone,workphone,microchip,rabies,petname,"
	"adoption_status_date",
	"patient_id,firstname,lastname,zipcode,petname,rowhash"},
    {"veterinary_product_details", KEY, "", "vendor_id,order_number,provider_id,product_id",
	"product_id,practice_id,vendor_id"},
    {"veterinary_product_inventory", KEY, "", "product_id,practice_id,Code",
	"Code"},
    {"writeback_details", KEY, "writeback_type", "category,item", ""},
    {"writeback_status", KEY, "id", "", ""},
    {"writebacks", APP, "startdate,enddate", "id", ""},
    {"xrays", KEY, "", "practice_id,patient_id", "patient_id"},
};
/* clang-format on */
enum { RESOURCES = sizeof(resources) / sizeof(resources[0]) };

const struct resource *
resource_find(const char *name)
{
	for (size_t i = 0; i < RESOURCES; i++)
		if (strcmp(resources[i].name, name) == 0)
			return &resources[i];
	return NULL;
}

const struct resource *
resource_at(size_t index)
{
	return index < RESOURCES ? &resources[index] : NULL;
}
