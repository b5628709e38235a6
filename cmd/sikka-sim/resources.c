/* SPDX-License-Identifier: MIT */
/* The readable resources: name, who may ask, the parameters it must have and those it may have. */
#include "resources.h"

#include <string.h>

#define APP AUTH_APP
#define KEY AUTH_KEY

static const struct resource resources[] = {
    {"accounts_receivables", KEY, "", "practice_id,guarantor_id,current_date,patient_id"},
    {"accounts_receivables_by_patients", KEY, "", "practice_id,patient_id,current_date"},
    {"animal_vital_signs", KEY, "", "patient_id,date,vital_sign_name"},
    {"applications", APP, "", ""},
    {"appointment_statuses", KEY, "", "practice_id,status"},
    {"appointments", KEY, "",
	"appointment_sr_no,practice_id,patient_id,guarantor_id,provider_id,startdate,enddate,date_"
	"filter_on,procedure_code,status,operatory,type,book_code,arrival_status"},
    {"appointments_available_slots", KEY, "",
	"provider_id,practice_id,startdate,enddate,operatory"},
    {"authorized_practices", APP, "",
	"practice_management_system_refresh_date_time_zone,show,practice_id,practice_name,practice_"
	"management_system,practice_management_system_version,financial_system,financial_system_"
	"version"},
    {"claim_descriptions", KEY, "", "claim_description_id,practice_id"},
    {"claims", KEY, "",
	"practice_id,patient_id,guarantor_id,provider_id,claim_sr_no,claim_status,claim_status_2,"
	"startdate,enddate,date_filter_on,claim_tag,is_partially_paid"},
    {"clinical_conditions", KEY, "", "practice_id,id,status"},
    {"clinical_note_templates", KEY, "", "practice_id,template_id,template_name,category,prompts"},
    {"contact_details", KEY, "",
	"practice_id,patient_id,uid,contact_of,contact_type,contact_value"},
    {"data_sync_status", APP, "",
	"office_id,interval,status,practice_management_system,practice_name"},
    {"drugs", KEY, "", "drug_id,practice_id,date"},
    {"employers", KEY, "", "employer_id,practice_id"},
    {"fee_schedules", KEY, "", "practice_id,fee_no,procedure_code"},
    {"finance/accounts", KEY, "", "account_number,account_name,account_type"},
    {"finance/balances", KEY, "", "account_name"},
    {"finance/budgets", KEY, "", "account_name,year"},
    {"finance/customers", KEY, "", "fullname,customer_id,name"},
    {"finance/employee", KEY, "", "account_number,employee"},
    {"finance/payroll_details", KEY, "", "reference_number,startdate,enddate"},
    {"finance/transactions", KEY, "",
	"practice_id,account_name,account_number,reference_number,startdate,enddate,date_filter_"
	"on"},
    {"finance/vendors", KEY, "", "account_number,vendor,contact_person"},
    {"guarantor_accounts", KEY, "",
	"practice_id,guarantor_id,provider_id,patient_id,phone,firstname,lastname,workphone"},
    {"guarantor_patient_mapping", KEY, "", "guarantor_id,patient_id"},
    {"guarantors", KEY, "",
	"practice_id,patient_id,guarantor_id,cell,phone,email,firstname,lastname,workphone"},
    {"guarantors_v2", KEY, "",
	"practice_id,guarantor_id,cell,workphone,phone,email,firstname,lastname"},
    {"health_check", APP, "",
	"office_id,practice_id,spc_id,spc_version,practice_management_system,practice_management_"
	"system_version,spc_schedule_type,web_upload_error_priority,domain,spc_error_priority,spc_"
	"error_flag,etl_version,is_inactive"},
    {"hearing_aid_products", KEY, "", "model_id,manufacturer_id"},
    {"hearing_care_product_details", KEY, "", "product_id,practice_id"},
    {"insurance_accounts_receivables", KEY, "", "practice_id,patient_id"},
    {"insurance_companies", KEY, "", "insurance_company_id,practice_id,carrier_id"},
    {"insurance_company_details", KEY, "", "practice_id,insurance_company_id"},
    {"insurance_eligibility", KEY, "", "practice_id,patient_id,guarantor_id,firstname,lastname"},
    {"insurance_estimate", KEY, "", "guarantor_id,practice_id"},
    {"insurance_plan_coverage", KEY, "", "insurance_company_id,practice_id"},
    {"kpis", KEY, "", "kpi_name"},
    {"lab_cases", KEY, "",
	"practice_id,startdate,enddate,date_filter_on,lab_id,case_record_id,transaction_sr_no,"
	"appointment_sr_no,provider_id"},
    {"lab_details", KEY, "", "lab_id,practice_id,city,state,zipcode,email"},
    {"lab_panels", KEY, "", "lab_panel_id,practice_id,procedure_code_id,status,lab_name"},
    {"lab_profile_invoice_items", KEY, "", "profile_id,code,practice_id"},
    {"lab_profiles", KEY, "",
	"profile_id,profile_name,lab_id,profile_type,order_no,practice_id,can_be_requested"},
    {"lab_requests", KEY, "",
	"profile_id,patient_id,practice_id,lab_id,guarantor_id,provider_id,requisition_id,status"},
    {"lab_results", KEY, "", "lab_panel_id"},
    {"lab_sub_profiles", KEY, "", "profile_id,sub_profiles_test,test_sequence,type,practice_id"},
    {"lab_test_details", KEY, "", "practice_id,category,item,lab_id"},
    {"manufacturers", KEY, "", "manufacturer_id"},
    {"many_guarantors_one_patient", KEY, "",
	"patient_id,practice_id,guarantor_id,cell,phone,email,firstname,lastname,workphone"},
    {"medical_history", KEY, "", "patient_id,practice_id"},
    {"medical_notes", KEY, "",
	"patient_id,practice_id,additional_id,note_type,startdate,enddate,date_filter_on"},
    {"multiple_referrals", KEY, "", "referral_id,patient_id,referral_type,startdate,enddate"},
    {"note_types", KEY, "", "practice_id,type"},
    {"operatories", KEY, "cust_id", "is_hidden"},
    {"optometry_product_details", KEY, "",
	"practice_id,product_id,product_detail_number,product_code"},
    {"outside_doctors", KEY, "", "practice_id,doctor_id,patient_id,cust_id"},
    {"patient360", KEY, "practice_id,patient_id", ""},
    {"patient_addresses", KEY, "", "patient_id,practice_id"},
    {"patient_balance", KEY, "", "practice_id,patient_id,customer_id"},
    {"patient_charts", KEY, "", "patient_id,practice_id,date"},
    {"patient_contract_roll_charges", KEY, "", "practice_id,patient_id,guarantor_id,provider_id"},
    {"patient_contracts", KEY, "", "practice_id,patient_id,provider_id"},
    {"patient_contracts_details", KEY, "",
	"patient_id,practice_id,guarantor_id,insurance_plan_id,startdate,enddate,date_filter_on,"
	"number_of_payments,gross_amount,initial_amount,paid_amount,payment_interval,remaining_"
	"balance"},
    {"patient_documents", KEY, "", "patient_id,practice_id"},
    {"patient_documents_display", KEY, "", "practice_id,patient_id"},
    {"patient_eligibility_payers", KEY, "", ""},
    {"patient_existing_services", KEY, "", "patient_id,practice_id"},
    {"patient_extended_info", KEY, "",
	"practice_id,patient_id,mail_method,gender_identifier,school,treatment_months,startdate,"
	"enddate,date_filter_on,cust_id,is_insurance_holder"},
    {"patient_images", KEY, "", "patient_id,practice_id,image_type"},
    {"patient_status_history", KEY, "",
	"patient_id,practice_id,startdate,enddate,old_status,current_status,cust_id"},
    {"patient_statuses", KEY, "", "practice_id,status"},
    {"patient_treatment_history", KEY, "",
	"patient_id,provider_id,practice_id,procedure_code,startdate,enddate,cust_id,oral_health_"
	"therapist"},
    {"patient_xrays", KEY, "", "date_filter_on,startdate,enddate"},
    {"patients", KEY, "",
	"email,practice_id,patient_id,provider_id,guarantor_id,firstname,lastname,first_visit,last_"
	"visit,cell,search,status,phone,homephone,workphone,microchip,rabies,petname,adoption_"
	"status_"
	"date"},
    {"patients_ssn", KEY, "", "patient_id,practice_id"},
    {"payment_plans", KEY, "",
	"agreement_id,practice_id,patient_id,guarantor_id,startdate,enddate,description"},
    {"payment_types", KEY, "",
	"practice_id,code,customer_id,is_adjustment_type,is_debit_adjustment_type,is_insurance_"
	"type,"
	"are_credit_card_details_required"},
    {"payors", KEY, "", "insurance_company_id,practice_id"},
    {"pending_procedures", KEY, "",
	"procedure_code,practice_id,procedure_date,provider_id,patient_id,guarantor_id,cust_id,"
	"transaction_sr_no"},
    {"perio_charts", KEY, "", "practice_id,patient_id,date"},
    {"pet_documents", KEY, "", "patient_id,practice_id"},
    {"pet_nutrition", KEY, "",
	"practice_id,patient_id,guarantor_id,startdate,enddate,date_filter_on,code"},
    {"pms_general_settings", KEY, "", "practice_id,setting_name,setting_value"},
    {"pms_users", KEY, "", "practice_id,user_id,firstname,lastname,status"},
    {"practice_events", KEY, "events", "interval,loaded_startdate,loaded_enddate,status"},
    {"practice_location", APP, "office_id", ""},
    {"practice_resources", KEY, "", "id,resource,common_resource"},
    {"practice_schedule", KEY, "", "resource_id,resource_type,date,resource_type_id"},
    {"practice_variables", KEY, "", "practice_id,service_name,service_item"},
    {"practices", KEY, "", "practice_id,national_provider_identifier"},
    {"preregistered_appointments", KEY, "",
	"practice_id,provider_id,operatory,startdate,enddate,date_filter_on,preregistration_id"},
    {"preregistered_patients", KEY, "",
	"email,preregistration_id,firstname,lastname,cell,search,phone,homephone,workphone,"
	"provider_"
	"id,guarantor_id"},
    {"prescriptions", KEY, "",
	"prescription_id,practice_id,patient_id,provider_id,date,procedure_code_id"},
    {"procedure_categories", KEY, "", "practice_id,category"},
    {"procedure_category_mapping", KEY, "", "practice_id,customer_id,procedure_code,category"},
    {"procedure_codes", KEY, "", "procedure_code,practice_id,procedure_code_category"},
    {"products", KEY, "", "domain,product_id"},
    {"provider_mapping", KEY, "", "provider_id,practice_id"},
    {"provider_time_clock", KEY, "", "practice_id,provider_id,startdate,enddate,cust_id"},
    {"providers", KEY, "",
	"practice_id,provider_id,provider_type,firstname,lastname,national_provider_identifier,"
	"status,"
	"is_user"},
    {"purchase_orders", KEY, "", "vendor_id,practice_id,procedure_code_id,order_number,order_date"},
    {"referrals", KEY, "", "referral_type,practice_id,referral_id"},
    {"reminders", KEY, "",
	"id,appointment_sr_no,practice_id,patient_id,guarantor_id,provider_id,procedure_code"},
    {"remote_command_status", APP, "id", ""},
    {"request_key_info", KEY, "", ""},
    {"shelter_patients", KEY, "",
	"patient_id,practice_id,status,search,phone,homephone,workphone,cell,email,firstname,"
	"lastname,"
	"first_visit,last_visit,microchip,petname,adoption_status_date,provider_id,guarantor_id,"
	"rabies"},
    {"staging_details", KEY, "",
	"group_id,detail_id,patient_id,category,status,date_filter_on,startdate,enddate"},
    {"subscribers", KEY, "", "patient_id,practice_id,subscriber_id"},
    {"supported_pmses", APP, "",
	"domain,specialty,practice_management_system,practice_management_system_version"},
    {"suspended_credit_transactions", KEY, "",
	"practice_id,patient_id,guarantor_id,procedure_code,claim_sr_no,procedure_description,"
	"customer_id,startdate,enddate,date_filter_on,transaction_sr_no"},
    {"transactions", KEY, "",
	"transaction_sr_no,practice_id,patient_id,guarantor_id,provider_id,claim_sr_no,startdate,"
	"enddate,date_filter_on,procedure_code,transaction_type,payment_type,invoice_number,"
	"payment_"
	"procedure_link_id"},
    {"treatment_plan_phases", KEY, "",
	"practice_id,guarantor_id,patient_id,provider_id,startdate,enddate,date_filter_on,"
	"procedure_"
	"code,treatment_plan_status,treatment_plan_id"},
    {"treatment_plan_statuses", KEY, "", "practice_id,status"},
    {"treatment_plans", KEY, "",
	"treatment_plan_sr_no,practice_id,patient_id,guarantor_id,startdate,enddate,date_filter_on,"
	"provider_id,procedure_code,treatment_plan_status,claim_sr_no"},
    {"vendors", KEY, "", "practice_id,vendor_code,vendor_id"},
    {"veterinary_clinics", KEY, "", "practice_id,veterinary_clinic_id"},
    {"veterinary_patients", KEY, "",
	"email,practice_id,patient_id,provider_id,guarantor_id,firstname,lastname,first_visit,last_"
	"visit,cell,search,status,phone,homephone,workphone,microchip,rabies,petname,adoption_"
	"status_"
	"date"},
    {"veterinary_product_details", KEY, "", "vendor_id,order_number,provider_id,product_id"},
    {"veterinary_product_inventory", KEY, "", "product_id,practice_id"},
    {"writeback_details", KEY, "writeback_type", "category,item"},
    {"writeback_status", KEY, "id", ""},
    {"writebacks", APP, "startdate,enddate", "id"},
    {"xrays", KEY, "", "practice_id,patient_id"},
};
enum { RESOURCES = sizeof resources / sizeof resources[0] };

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
