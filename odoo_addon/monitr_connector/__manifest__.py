{
    "name": "Monitr Connector",
    "summary": "Sends the general ledger to Monitr, complete, current and equal to the books",
    "version": "0.1.0",
    "category": "Accounting/Accounting",
    "author": "Monitr",
    "website": "https://monitr.com",
    "license": "LGPL-3",
    "depends": ["account"],
    "data": [
        "security/ir.model.access.csv",
        "views/monitr_connection_views.xml",
        "data/monitr_connection.xml",
        "data/ir_cron.xml",
    ],
    "uninstall_hook": "uninstall_hook",
    "application": True,
}
