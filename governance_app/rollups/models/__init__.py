"""The figures that pages show: by initiative and month, by initiative now, by scope and month."""

from governance_app.rollups.models.figures import Figures, FiguresQuerySet
from governance_app.rollups.models.month import InitiativeMonth
from governance_app.rollups.models.now import InitiativeNow
from governance_app.rollups.models.portfolio import PortfolioMonth

__all__ = ["Figures", "FiguresQuerySet", "InitiativeMonth", "InitiativeNow", "PortfolioMonth"]
