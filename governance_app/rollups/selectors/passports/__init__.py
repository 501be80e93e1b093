"""Passports: where a figure on a page comes from, from the rows that the figure is made of."""

from governance_app.rollups.selectors.passports.book import passport
from governance_app.rollups.selectors.passports.papers import Line, Passport
from governance_app.rollups.selectors.passports.subjects import NoPassport

__all__ = ["Line", "NoPassport", "Passport", "passport"]
