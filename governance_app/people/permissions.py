"""
Every permission, with the sentence that tells what it allows.

The sentence completes "You may ..."; the refusal of a greyed button says
"Only people who may ... can do this."
"""

PERMISSIONS: dict[str, str] = {
    "view": "see initiatives, their status and risks",
    "money.view": "see money figures",
    "initiative.add": "add initiatives",
    "initiative.edit": "edit initiatives and move them between stages",
    "initiative.update": "post status updates",
    "initiative.comment": "comment on initiatives",
    "inventory.import": "import an inventory of initiatives",
    "inventory.edit": "link models, datasets and vendors to initiatives",
    "reading.push": "send in KPI readings and metrics",
    "value.edit": "write KPIs, business cases and benefits",
    "value.approve": "approve business cases",
    "value.validate": "validate and bank benefits",
    "scenario.edit": "ask what to fund under limits",
    "scenario.propose": "propose funding to gates",
    "spend.import": "load bills",
    "spend.rules": "write allocation rules and budgets",
    "close.prepare": "prepare the close: invoices, accruals, coding, costs and journals",
    "close.approve": "approve and close a month",
    "close.reopen": "reopen a closed month and rule on late changes",
    "close.explain": "explain variances and dispute what is charged",
    "export": "export what they can see",
    "export.edit": "write export layouts and schedules",
    "forecast.submit": "submit forecasts",
    "risk.edit": "assess risks and controls",
    "risk.appetite": "set risk appetite",
    "connection.view": "see connections and their runs",
    "connection.edit": "set up connections",
    "connection.run": "run connections by hand",
    "job.manage": "cancel and retry jobs of others",
    "trail.view": "read the trail",
    "people.edit": "manage people, units and grants",
    "settings.edit": "change rates, months and settings",
}
