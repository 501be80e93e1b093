"""Starts bqemulator without DuckDB's extension for maps, which it would fetch from outside."""

import sys

from bqemulator.cli import main
from bqemulator.storage.engine import DuckDBEngine

DuckDBEngine._load_spatial = lambda self: None

sys.exit(main())
