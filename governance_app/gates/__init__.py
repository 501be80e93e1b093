"""Policies, requests at gates, decisions, guardrails, and in which mode a unit decides."""
