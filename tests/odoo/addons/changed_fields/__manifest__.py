{
    "name": "Changed fields",
    "summary": "Makes fields that Odoo stores computed or different in each company.",
    "version": "1.0.0",
    "license": "LGPL-3",
    "depends": ["account"],
}
