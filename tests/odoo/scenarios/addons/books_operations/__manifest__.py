{"name": "Operations for the scenarios", "license": "LGPL-3", "depends": ["base"]}
