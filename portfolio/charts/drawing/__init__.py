"""
Draws a figure on the server, before any script runs: the same figure, the same colours.

Plotly replaces the drawing when somebody points at it. All places are shares of the plot area, so a
drawing fits every width; colours are the custom properties of the style sheet, so it fits both
themes. What a figure may hold is what the builders of ``portfolio.charts`` use, and no more.
"""

from portfolio.charts.drawing.errors import Unknown
from portfolio.charts.drawing.sheet import html

__all__ = ["Unknown", "html"]
