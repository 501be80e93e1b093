"""How AI is applied to a process: what it is called, what it does, what it is measured by."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Measure:
    """A kind of KPI: where it starts, how far it is meant to move and how one step is counted."""

    name: str
    unit: str
    direction: str
    start: tuple[float, float]
    step: tuple[float, float]
    relative: bool
    places: int


@dataclass(frozen=True)
class Technique:
    """A way of applying AI to a process; `purpose` is filled with items and people."""

    noun: str
    ai_type: str
    modality: str
    autonomy: str
    purpose: str
    measure: str
    second: str
    generative: bool
    value_type: str


MEASURES: dict[str, Measure] = {
    "minutes": Measure("Handling time", "min", "lower", (9, 48), (0.25, 0.55), True, 1),
    "hours": Measure("Waiting time", "h", "lower", (6, 72), (0.3, 0.6), True, 1),
    "days": Measure("Lead time", "days", "lower", (3, 28), (0.25, 0.5), True, 1),
    "right": Measure("Right first time", "%", "higher", (66, 84), (6, 13), False, 1),
    "alone": Measure("Closed without a person", "%", "higher", (4, 18), (22, 48), False, 1),
    "error": Measure("Forecast error (WAPE)", "%", "lower", (14, 36), (0.25, 0.5), True, 1),
    "false": Measure("False alerts per 100", "per 100", "lower", (38, 84), (0.25, 0.5), True, 1),
    "caught": Measure("Cases caught in time", "%", "higher", (41, 63), (12, 27), False, 1),
    "taken": Measure("Offers taken up", "%", "higher", (2.4, 8.5), (0.8, 2.9), False, 2),
    "content": Measure("Customer satisfaction", "%", "higher", (61, 78), (5, 12), False, 1),
    "accepted": Measure("Outputs accepted unchanged", "%", "higher", (48, 62), (16, 30), False, 1),
    "users": Measure("Weekly active users", "%", "higher", (3, 15), (40, 65), False, 1),
    "found": Measure("Answers found at first try", "%", "higher", (42, 60), (16, 30), False, 1),
    "rework": Measure("Rework rate", "%", "lower", (9, 24), (0.3, 0.55), True, 1),
    "covered": Measure("Share reviewed", "%", "higher", (2, 6), (55, 90), False, 1),
    "unit_cost": Measure("Cost per case", "USD", "lower", (6, 55), (0.2, 0.45), True, 2),
}

_P = {
    "reader": "Reads {items} and fills in the fields that {people} used to type, "
    "with the source line beside every value.",
    "complete": "Checks {items} for missing pages, signatures and contradictions "
    "before {people} open them.",
    "summary": "Condenses {items} to one page with links into the source, so that {people} "
    "read what matters first.",
    "triage": "Sorts {items} by urgency and topic and sends each to the right queue, so that "
    "{people} start with the cases that matter.",
    "classifier": "Labels {items} by cause and outcome, so that {people} see the patterns "
    "that free text hides.",
    "draft": "Drafts {items} from the record of the case; {people} edit and approve every text "
    "before it leaves.",
    "plain": "Rewrites {items} in plain language and in the tone of the house; {people} accept "
    "or discard each change.",
    "voice": "Takes routine {items} by voice, completes simple requests and hands over to "
    "{people} with the full transcript.",
    "chat": "Handles routine {items} in the app and on the web, with the sources shown, and "
    "passes hard cases to {people}.",
    "live": "Follows {items} as they happen and shows {people} the next step and the rule "
    "behind it.",
    "score": "Scores {items} for the outcome that {people} look for, with the reasons behind "
    "each score.",
    "warning": "Flags {items} likely to go wrong weeks ahead, so that {people} act while it is "
    "still cheap.",
    "monitor": "Watches {items} for patterns that do not fit and explains each alert to {people}.",
    "exception": "Finds errors and contradictions in {items} overnight, so that {people} start "
    "the day with a short list.",
    "search": "Searches manuals, decisions and earlier {items} together and gives {people} the "
    "paragraph that answers them.",
    "answers": "Answers {items} from approved sources only and cites each one, so that {people} "
    "need not wait for an expert.",
    "image": "Assesses the images that come with {items} and points {people} to what looks "
    "damaged, altered or missing.",
    "scan": "Recognises handwriting, stamps and signatures on {items} and asks {people} only "
    "where it is unsure.",
    "forecast": "Forecasts {items} for the next thirteen weeks with a range that {people} can "
    "plan on.",
    "whatif": "Lets {people} test how {items} respond to price, staffing and season before they "
    "decide.",
    "optimise": "Proposes the cheapest plan for {items} within the rules that {people} set.",
    "schedule": "Schedules {items} around capacity and promises made, and re-plans when the day "
    "changes; {people} confirm.",
    "next": "Suggests to {people} which {items} to take up next, with what offer and why.",
    "personal": "Chooses what to offer and say for {items} from what has worked before, within "
    "limits that {people} set.",
    "review": "Reviews all {items} instead of a sample and shows {people} the passages to look at.",
    "sentiment": "Measures mood and topics over {items} every day, so that {people} hear of a "
    "problem before it is a trend.",
    "matching": "Matches {items} across systems and proposes the likely pair for the rest, so "
    "that {people} judge real exceptions only.",
    "duplicate": "Finds {items} recorded twice under different names and proposes one record to "
    "{people}.",
    "code": "Writes and explains code for {items} in the editor; {people} review it and tests "
    "prove it.",
    "tests": "Generates and maintains automatic tests around {items}, so that {people} change "
    "old systems without fear.",
    "translate": "Translates {items} into eleven languages with the glossary of the house; "
    "{people} check samples.",
    "simplify": "Produces easy-language and large-print versions of {items}; {people} release "
    "them.",
    "agent": "Works {items} from start to end within set limits, takes the routine decision and "
    "leaves the rest to {people}.",
    "guide": "Leads {people} through {items} step by step and fills in what other systems already "
    "know.",
}

KINDS: dict[str, tuple[Technique, ...]] = {
    "D": (
        Technique("reader", "language", "multimodal", "recommends",
                  _P["reader"], "minutes", "right", True, "operational_efficiency"),
        Technique("completeness check", "predictive", "multimodal", "recommends",
                  _P["complete"], "rework", "minutes", False, "operational_efficiency"),
        Technique("summary", "generative", "text", "informs",
                  _P["summary"], "minutes", "accepted", True, "faster_decisions"),
    ),
    "R": (
        Technique("triage", "predictive", "text", "acts_supervised",
                  _P["triage"], "hours", "right", False, "faster_decisions"),
        Technique("classifier", "predictive", "text", "acts_supervised",
                  _P["classifier"], "rework", "right", False, "resource_allocation"),
    ),
    "G": (
        Technique("drafting assistant", "generative", "text", "recommends",
                  _P["draft"], "minutes", "accepted", True, "operational_efficiency"),
        Technique("plain-language helper", "generative", "text", "informs",
                  _P["plain"], "content", "accepted", True, "customer_experience"),
    ),
    "C": (
        Technique("voice assistant", "speech", "audio", "acts_supervised",
                  _P["voice"], "alone", "content", True, "customer_experience"),
        Technique("chat assistant", "generative", "text", "acts_supervised",
                  _P["chat"], "alone", "content", True, "customer_experience"),
        Technique("live guidance", "speech", "audio", "informs",
                  _P["live"], "minutes", "users", True, "customer_experience"),
    ),
    "P": (
        Technique("score", "predictive", "tabular", "recommends",
                  _P["score"], "caught", "false", False, "risk"),
        Technique("early warning", "predictive", "tabular", "informs",
                  _P["warning"], "caught", "users", False, "risk"),
    ),
    "A": (
        Technique("anomaly monitor", "anomaly", "tabular", "informs",
                  _P["monitor"], "false", "caught", False, "risk"),
        Technique("exception finder", "anomaly", "tabular", "recommends",
                  _P["exception"], "rework", "hours", False, "operational_efficiency"),
    ),
    "S": (
        Technique("knowledge search", "generative", "text", "informs",
                  _P["search"], "found", "users", True, "faster_decisions"),
        Technique("answer assistant", "generative", "text", "informs",
                  _P["answers"], "hours", "found", True, "faster_decisions"),
    ),
    "V": (
        Technique("image assessment", "computer_vision", "image", "recommends",
                  _P["image"], "days", "right", False, "faster_decisions"),
        Technique("scan recognition", "computer_vision", "image", "acts_supervised",
                  _P["scan"], "minutes", "right", False, "operational_efficiency"),
    ),
    "F": (
        Technique("forecast", "predictive", "time_series", "informs",
                  _P["forecast"], "error", "users", False, "resource_allocation"),
        Technique("what-if simulator", "predictive", "time_series", "informs",
                  _P["whatif"], "error", "users", False, "resource_allocation"),
    ),
    "O": (
        Technique("optimiser", "optimisation", "tabular", "recommends",
                  _P["optimise"], "unit_cost", "users", False, "resource_allocation"),
        Technique("scheduler", "optimisation", "tabular", "acts_supervised",
                  _P["schedule"], "hours", "unit_cost", False, "resource_allocation"),
    ),
    "N": (
        Technique("next best action", "recommendation", "tabular", "recommends",
                  _P["next"], "taken", "users", False, "revenue"),
        Technique("personalisation", "recommendation", "tabular", "acts_alone",
                  _P["personal"], "taken", "content", False, "revenue"),
    ),
    "Q": (
        Technique("quality review", "generative", "text", "informs",
                  _P["review"], "covered", "rework", True, "product_quality"),
        Technique("sentiment analysis", "predictive", "text", "informs",
                  _P["sentiment"], "content", "hours", False, "customer_experience"),
    ),
    "M": (
        Technique("matching", "predictive", "tabular", "recommends",
                  _P["matching"], "minutes", "right", False, "operational_efficiency"),
        Technique("duplicate finder", "predictive", "tabular", "recommends",
                  _P["duplicate"], "rework", "right", False, "product_quality"),
    ),
    "K": (
        Technique("code assistant", "generative", "code", "informs",
                  _P["code"], "days", "users", True, "operational_efficiency"),
        Technique("test generator", "generative", "code", "recommends",
                  _P["tests"], "rework", "days", True, "product_quality"),
    ),
    "L": (
        Technique("translation", "language", "text", "recommends",
                  _P["translate"], "unit_cost", "accepted", True, "operational_efficiency"),
        Technique("easy-language writer", "generative", "text", "recommends",
                  _P["simplify"], "days", "accepted", True, "customer_experience"),
    ),
    "T": (
        Technique("agent", "agentic", "text", "acts_alone",
                  _P["agent"], "alone", "minutes", True, "operational_efficiency"),
        Technique("guide", "agentic", "text", "informs",
                  _P["guide"], "minutes", "users", True, "operational_efficiency"),
    ),
}  # fmt: skip

TECHNIQUES: dict[str, Technique] = {
    technique.noun: technique for group in KINDS.values() for technique in group
}

#: Invented suppliers of bought solutions; none is a real firm that we know of.
VENDORS: tuple[str, ...] = (
    "Brightleaf Systems",
    "Corvane Analytics",
    "Quill and Index",
    "Talmere AI",
    "Northgate Lexica",
    "Osprey Decisioning",
    "Verity Loop",
    "Halden Vision",
    "Papyrus Flow",
    "Kestrel Voice",
    "Ostrava Data Works",
    "Minerva Claims Tech",
    "Sable Forecast",
    "Tern Security",
    "Lindqvist Software",
)

#: Loaded cost of one minute of work, US dollars; invented.
MINUTE_RATE = Decimal("0.92")
