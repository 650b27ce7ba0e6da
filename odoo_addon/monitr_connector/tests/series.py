"""What differs between Odoo series for these tests. No other of them asks which Odoo it runs on."""

from odoo import models
from odoo.release import version_info

from ..wire.streams import ACCOUNTS, JOURNAL_ITEMS

MAJOR = version_info[0]  # 14 to 19
CHANGED = (  # stream, first series, what is read from then on, what was read before
    (ACCOUNTS, 16, {"account_type"}, {"user_type_id", "internal_type", "internal_group"}),
    (ACCOUNTS, 18, {"code_store", "company_ids"}, {"code", "company_id"}),
    (ACCOUNTS, 19, {"active"}, {"deprecated"}),
    (JOURNAL_ITEMS, 16, {"analytic_distribution"}, {"analytic_account_id", "analytic_tag_ids"}),
)
READ_OR_NOT = [  # stream, what is read of it here, what is not
    (stream, *((new, old) if since <= MAJOR else (old, new))) for stream, since, new, old in CHANGED
]
PLANS_MODEL = "account.analytic.plan" if MAJOR >= 16 else "account.analytic.group"
HAS_TYPE_RECORDS = MAJOR < 16  # of accounts; they are a selection since
# In 14 the end of odoo-test-helper meets attributes that are gone, in 19 its import a framework
# that it does not know.
IS_HELPED = 15 <= MAJOR <= 18
IS_BEFORE_HELP = MAJOR < 15
BASES = "__bases__" if IS_BEFORE_HELP else "_base_classes__"


def definitions(module):
    """The list of what defines models in the module."""
    meta = models.MetaModel
    return (meta.module_to_models if IS_BEFORE_HELP else meta._module_to_models__)[module]


def add_to_registry(registry, cr, extension):
    """The model that the class extends."""
    if IS_BEFORE_HELP:
        return extension._build_model(registry, cr)
    from odoo.orm.model_classes import add_to_registry as add

    return add(registry, extension)


def set_up_models(registry, cr):
    set_up = registry.setup_models if IS_BEFORE_HELP else registry._setup_models__
    set_up(cr)


def enter_test_mode(case):
    """Each new cursor is on the test's transaction. An HttpCase does it too, and makes 19 build all
    that its web client loads."""
    if hasattr(case, "registry_enter_test_mode"):
        case.registry_enter_test_mode()
        return
    case.registry.enter_test_mode(case.cr)
    case.addCleanup(case.registry.leave_test_mode)
