"""
Models the ledger does not capture row by row, each with its reason.

A test compares this list with the models: a new table is captured or stands here.
"""

EXEMPT: dict[str, str] = {
    "audit.Event": "the ledger itself",
    "audit.Change": "a queue fed by the ledger's trigger and emptied by rollups",
    "sessions.Session": "sign-ins and sign-outs are notes; a session row holds no business fact",
    "contenttypes.ContentType": "made by migrations",
    "auth.Permission": "made by migrations; the product's permissions are people/permissions.py",
    "auth.Group": "unused: groups of people are people.Team",
    "jobs.Progress": "the heartbeat of a running job, many writes a second; its end stands in Job",
    "jobs.Slot": "made with its job, which is captured",
    "jobs.Pulse": "a heartbeat",
    "jobs.Answer": "what the API answered; the change it tells about is captured",
    "connectors.InboundMinute": "a counter of calls, one row a token and minute",
    "connectors.InboundEvent": "written once as it was received; what it changed is captured",
    "connectors.StrayReading": "written in bulk and waiting; captured as readings once placed",
    "initiatives.ImportedRow": "written by imports, whose files are kept; captured by import",
    "readings.Point": "written in bulk and never edited; each recording counts its Series row up",
    "value.CaseLine": "written in one go; its case carries count, totals and digest",
    "spend.SpendKey": "derived from the lines of loads by digest, never changed; captured by load",
    "spend.SpendKeyMonth": "captured by load: its totals and files are",
    "spend.ParkedKeyMonth": "captured by load, as key-months are",
    "spend.ClosedLine": "written once with its close, which is captured with totals and pack",
    "spend.TrialBalanceLine": "written once with its trial balance, whose file is kept",
    "spend.KeyShare": "rebuilt from rules, whose versions are captured; captured by allocation run",
    "spend.KeySplit": "rebuilt from rules, whose versions are captured; captured by allocation run",
    "spend.SplitShare": "rebuilt from rules and drivers; captured by allocation run",
    "spend.SplitPart": "rebuilt from key-months and shares; captured by allocation run",
    "spend.SpendFacet": "derived from keys by digest, never changed",
    "spend.SpendAllotment": "sums of key-months by who bears them; each run balances them",
    "spend.SpendDay": "sums of archived lines, whose loads are captured",
    "spend.AllocationBalance": "written once with its allocation run, which is captured",
    "spend.Budget": "written once with its budget plan, which is captured with its totals",
    "spend.ForecastMonth": "written once with its submission, which is captured with its total",
    "scenarios.Candidate": "written in one go with the answer of its scenario, which is captured",
    "rollups.InitiativeMonth": "derived from captured rows, bitemporal by itself",
    "rollups.InitiativeNow": "derived from captured rows, bitemporal by itself",
    "rollups.PortfolioMonth": "derived from captured rows, bitemporal by itself",
}
