"""Odoo's own tests that fail on these installations without our addon just the same, and why."""


def _because(reason: str, test_class: str, *tests: str) -> dict[str, str]:
    return {f"{test_class}.{test}": reason for test in tests}


OLD_DATES = "its rules look 18 months back from today and its invoices are of 2019"
BARE_TEXT = "libxml2 since 2.14 makes a span of bare text, the test expects a paragraph"
NO_PDF = "it makes a PDF, for which wkhtmltopdf is not there"

# {series: {test: reason}}
FAILING_WITHOUT_ADDON = {
    "14.0": _because(
        OLD_DATES,
        "TestReconciliationMatchingRules",
        "test_auto_reconcile",
        "test_inv_matching_with_write_off",
        "test_invoice_matching_rule_no_partner",
        "test_larger_invoice_auto_reconcile",
        "test_match_different_currencies",
        "test_matching_fields",
        "test_matching_fields_match_amount",
        "test_matching_fields_match_journal_ids",
        "test_matching_fields_match_label",
        "test_matching_fields_match_nature",
        "test_matching_fields_match_partner_category_ids",
        "test_matching_fields_match_text_location",
        "test_matching_fields_match_total_amount",
        "test_mixin_rules",
        "test_partner_mapping_rule",
        "test_partner_name_in_communication",
    ),
    "19.0": {
        **_because(
            BARE_TEXT,
            "TestAccountIncomingSupplierInvoice",
            "test_supplier_invoice_forwarded_by_internal_user_without_supplier",
            "test_supplier_invoice_forwarded_by_internal_with_internal_in_body",
            "test_supplier_invoice_forwarded_by_internal_with_supplier_in_body",
            "test_supplier_invoice_mailed_from_supplier",
        ),
        **_because(
            BARE_TEXT,
            "TestAccountMoveOutInvoiceOnchanges",
            "test_narration_preserved_when_use_invoice_terms_disabled",
            "test_narration_translation_on_partner_language_change",
            "test_post_valid_invoices_when_auto_post",
        ),
        **_because(BARE_TEXT, "TestPortalAttachment", "test_01_portal_attachment"),
        **_because(
            NO_PDF,
            "TestAuditTrailAttachment",
            "test_audit_trail_attachment",
            "test_audit_trail_write_attachment",
        ),
        **_because(
            NO_PDF,
            "TestAccountEarlyPaymentDiscount",
            "test_invoice_report_without_invoice_date",
        ),
    },
}
