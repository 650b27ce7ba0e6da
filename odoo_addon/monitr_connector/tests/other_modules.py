"""Models of somebody else's module for a test's time, by ``odoo-test-helper`` where it works."""

import importlib

from . import series

MODULE = "monitr_connector"


def load_models(case):
    """The models of ``other_module.py``, until the end of the test."""
    loader = _loader(case.env)
    loader.backup_registry()
    case.addCleanup(loader.restore_registry)
    other = importlib.import_module(__package__ + ".other_module")
    case.flush()  # in 15 the helper leaves what is to be written to models without their fields
    loader.update_registry((other.ResPartner, other.AccountMove))


def _loader(env):
    if not series.IS_HELPED:
        return PlainLoader(env)
    from odoo_test_helper import FakeModelLoader

    return FakeModelLoader(env, __name__)


class PlainLoader:
    """As much of FakeModelLoader as models need that extend others."""

    def __init__(self, env):
        self._cr, self._registry = env.cr, env.registry

    def backup_registry(self):
        self._own = list(series.definitions(MODULE))
        models_by_name = self._registry.models.items()
        self._known = {name: getattr(model, series.BASES) for name, model in models_by_name}

    def update_registry(self, extensions):
        series.definitions(MODULE)[:] = self._own  # what is imported is none of the addon's models
        names = [
            series.add_to_registry(self._registry, self._cr, extension)._name
            for extension in extensions
        ]
        series.set_up_models(self._registry, self._cr)
        self._registry.init_models(self._cr, names, {"module": MODULE})

    def restore_registry(self):
        for name, bases in self._known.items():
            setattr(self._registry[name], series.BASES, bases)
        series.set_up_models(self._registry, self._cr)
