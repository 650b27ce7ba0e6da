"""Models of somebody else's module for the time of a test, by ``odoo-test-helper`` where it works.

In 14 its end meets attributes that are gone, in 19 its import a framework that it does not know.
"""

import importlib

from odoo import models

from .common import RUNNING

MODULE = "monitr_connector"
WITH_HELPER = range(15, 19)


def load_models(case):
    """The models of ``other_module.py``, until the end of the test."""
    loader = _loader(case.env)
    loader.backup_registry()
    case.addCleanup(loader.restore_registry)
    other = importlib.import_module(__package__ + ".other_module")
    loader.update_registry((other.ResPartner, other.AccountMove))


def _loader(env):
    if RUNNING not in WITH_HELPER:
        return PlainLoader(env)
    from odoo_test_helper import FakeModelLoader

    return FakeModelLoader(env, __name__)


class PlainLoader:
    """As much of FakeModelLoader as models need that extend others."""

    def __init__(self, env):
        self._cr, self._registry = env.cr, env.registry
        self._is_old = WITH_HELPER.start > RUNNING
        self._bases = "__bases__" if self._is_old else "_base_classes__"

    def backup_registry(self):
        self._own = list(self._definitions())
        models_by_name = self._registry.models.items()
        self._known = {name: getattr(model, self._bases) for name, model in models_by_name}

    def update_registry(self, extensions):
        self._definitions()[:] = self._own  # what is imported is none of the addon's models
        names = [self._add(extension)._name for extension in extensions]
        self._set_up()
        self._registry.init_models(self._cr, names, {"module": MODULE})

    def restore_registry(self):
        for name, bases in self._known.items():
            setattr(self._registry[name], self._bases, bases)
        self._set_up()

    def _definitions(self):
        meta = models.MetaModel
        return (meta.module_to_models if self._is_old else meta._module_to_models__)[MODULE]

    def _add(self, extension):
        if self._is_old:
            return extension._build_model(self._registry, self._cr)
        from odoo.orm.model_classes import add_to_registry

        return add_to_registry(self._registry, extension)

    def _set_up(self):
        set_up = self._registry.setup_models if self._is_old else self._registry._setup_models__
        set_up(self._cr)
