"""
Reading FOCUS bills, 1.0 to 1.4, as CSV, gzipped CSV or Parquet.

``open_bill`` judges a whole delivery while it adds it up; nothing here knows the database.
"""

from governance_app.spend.focus.bill import Bill, Part, open_bill
from governance_app.spend.focus.judge import Reading
from governance_app.spend.focus.readers import Limits
from governance_app.spend.focus.report import Problem, Report

__all__ = ["Bill", "Limits", "Part", "Problem", "Reading", "Report", "open_bill"]
