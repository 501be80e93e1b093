"""The words of funding scenarios: slug -> words."""

STATES = {
    "draft": "Not solved yet",
    "solving": "Being solved",
    "solved": "Solved",
    "refused": "No choice keeps the limits",
}
ACTIONS = {"fund": "Fund", "hold": "Do not fund now"}
PROPOSAL_STATES = {"open": "Waiting for a gate", "withdrawn": "Withdrawn", "taken": "Taken up"}
