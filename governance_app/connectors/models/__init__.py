"""Connections, their runs, inbound tokens, mapping, seats and work items."""

from governance_app.connectors.models.connection import Connection, SyncRun
from governance_app.connectors.models.counted import SeatCount, WorkItem
from governance_app.connectors.models.inbound import InboundEvent, InboundMinute, InboundToken
from governance_app.connectors.models.mapping import MappingRule, Stray, StrayReading

__all__ = [
    "Connection",
    "InboundEvent",
    "InboundMinute",
    "InboundToken",
    "MappingRule",
    "SeatCount",
    "Stray",
    "StrayReading",
    "SyncRun",
    "WorkItem",
]
