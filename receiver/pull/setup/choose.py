"""What is read of an Odoo that was found: in which language, and which of its companies."""

from collections.abc import Sequence

from receiver.errors import UnknownCompany, UnknownLanguage
from receiver.pull.setup.connect import Company, Language


def choose_language(languages: Sequence[Language], code: str | None) -> str:
    """The code, if it is installed there, or the only one. Raises UnknownLanguage."""
    codes = [each.code for each in languages]
    if code in codes:
        return str(code)
    if code is None and len(codes) == 1:
        return codes[0]
    installed = ", ".join(codes)
    if code is None:
        raise UnknownLanguage(
            "Choose one of the languages installed in that Odoo: %(installed)s.",
            installed=installed,
        )
    raise UnknownLanguage(
        "%(code)s is not installed in that Odoo; these are: %(installed)s.",
        code=code,
        installed=installed,
    )


def choose_companies(companies: Sequence[Company], wanted: Sequence[str]) -> list[int]:
    """The ids of those wanted by id or name, or of all. Raises UnknownCompany."""
    if not wanted:
        return sorted(each.id for each in companies)
    return sorted({_company_id(companies, each) for each in wanted})


def _company_id(companies: Sequence[Company], wanted: str) -> int:
    found = [each.id for each in companies if wanted in (str(each.id), each.name)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{each.id} ({each.name})" for each in companies)
    if found:
        raise UnknownCompany(
            "Several companies are named %(name)s: give the id. %(companies)s.",
            name=wanted,
            companies=names,
        )
    raise UnknownCompany(
        "The user sees no company %(name)s; these are: %(companies)s.", name=wanted, companies=names
    )
