"""
How the world words things: phrases that headers and values use for each field and choice.

Data, not rules: adding a phrase teaches every later import. Phrases are written as
``words.tokens`` sees them: lower case, single words, the order free.
"""

#: Words that say little about what a column holds; they weigh a fifth of others.
WEAK_WORDS = frozenset(
    {
        "a", "an", "and", "any", "are", "as", "at", "be", "by", "describe", "do", "does",
        "for", "from", "has", "have", "how", "if", "in", "involve", "involved", "is", "it",
        "its", "list", "of", "on", "or", "our", "please", "provide", "that", "the", "this",
        "to", "used", "uses", "using", "was", "what", "when", "where", "which", "who",
        "whom", "will", "with", "your", "system", "use", "case", "ai", "artificial",
        "intelligence", "ml", "model", "project", "initiative", "solution", "tool",
        "application", "product", "current", "en", "fr", "column", "field", "inventory",
        "registry", "register",
    }
)  # fmt: skip

#: field -> phrases a header may be. The more of a header a phrase covers, the surer.
HEADERS: dict[str, tuple[str, ...]] = {
    "name": (
        "name", "title", "use case name", "use case title", "initiative name", "project name",
        "ai system name", "name of ai system", "system name", "tool name", "name of tool",
        "solution name", "algorithm name", "product name", "initiative", "use case", "project",
        "nom", "bezeichnung", "nombre", "titel",
    ),
    "reference": (
        "id", "use case id", "identifier", "reference", "reference number", "record number", "key",
        "unique id", "register id", "inventory id", "initiative id", "project id", "ticket", "no",
        "number",
    ),
    "purpose": (
        "purpose", "intended purpose", "purpose benefit", "intended purpose expected benefit",
        "description", "summary", "use case summary", "use case description", "what does it do",
        "objective", "goal", "problem solved", "problem intended to solve", "expected benefit",
        "business need", "abstract", "overview", "beschreibung", "zweck", "finalite", "proposito",
        "brief description", "short description", "system description", "scope",
    ),
    "kind": ("kind", "record type", "entry type", "level of hierarchy"),
    "tags": (
        "tag", "label", "keyword", "topic", "topic area", "use case topic area", "theme",
        "category", "domain", "business function", "capability area", "mission area",
        "value driver", "functional area",
    ),
    "stage": (
        "stage", "phase", "life cycle stage", "lifecycle stage", "stage development",
        "development stage", "dev stage", "sdlc stage", "maturity", "project phase", "lifecycle",
        "deployment status", "system status", "implementation status", "operational status",
        "maturity stage", "status of development", "ai system status", "current stage",
    ),
    "status": (
        "status", "health", "rag", "rag status", "project health", "overall status",
        "traffic light", "delivery status", "project status", "ampel",
    ),
    "status_sentence": (
        "status comment", "status note", "status update", "status summary", "latest update",
        "progress note", "commentary", "status sentence", "status text",
    ),
    "time_box_on": (
        "time box", "timebox end", "pilot end", "pilot end date", "end of pilot", "review by",
        "stage due", "stage deadline",
    ),
    "planned_start_on": ("planned start", "planned start date", "target start", "expected start"),
    "planned_end_on": (
        "planned end", "planned end date", "target end", "target completion", "due date",
        "expected completion", "planned completion", "target date", "deadline",
    ),
    "started_on": ("start date", "started", "started on", "actual start", "project start", "begin"),
    "ended_on": ("end date", "ended", "ended on", "actual end", "completion date", "completed on"),
    "date.idea.actual": (
        "date initiated", "initiated on", "initiation date", "idea date", "date proposed",
        "proposed on", "date submitted", "date first defined", "intake date", "idea reached on",
        "date created",
    ),
    "date.assessment.actual": (
        "assessment date", "date assessed", "assessment reached on", "development start",
        "date development began", "date acquisition development began", "development began",
        "acquisition date", "procurement date",
    ),
    "date.pilot.actual": (
        "pilot date", "pilot start", "pilot start date", "date piloted", "pilot began",
        "pilot reached on", "test start", "date pilot began",
    ),
    "date.scaling.actual": (
        "scaling date", "rollout date", "roll out start", "scaling reached on", "expansion date",
    ),
    "date.production.actual": (
        "date implemented", "implementation date", "production date", "go live", "go live date",
        "live since", "deployment date", "date deployed", "date operational", "launch date",
        "in production since", "operational date", "production reached on", "date deployed in use",
        "released on", "date operational began",
    ),
    "date.retired.actual": (
        "date retired", "retired on", "retirement date", "decommission date", "sunset date",
        "date decommissioned", "end of life", "retired reached on", "date discontinued",
    ),
    "date.idea.planned": ("planned idea", "idea planned for"),
    "date.assessment.planned": (
        "planned assessment", "assessment planned for", "planned development start",
    ),
    "date.pilot.planned": ("planned pilot", "planned pilot start", "pilot planned for"),
    "date.scaling.planned": ("planned scaling", "planned rollout", "scaling planned for"),
    "date.production.planned": (
        "planned go live", "target go live", "planned production", "expected deployment",
        "target production date", "planned deployment date", "expected go live",
        "production planned for", "estimated deployment date",
    ),
    "date.retired.planned": ("planned retirement", "retirement planned for", "target retirement"),
    "sponsor": ("sponsor", "executive sponsor", "senior sponsor", "accountable executive"),
    "business_owner": (
        "business owner", "owner", "product owner", "use case owner", "initiative owner",
        "business lead", "contact", "point of contact", "responsible person", "contact email",
        "project owner", "primary contact",
    ),
    "technical_owner": (
        "technical owner", "technical lead", "tech lead", "system owner", "engineering lead",
        "developer lead", "it owner", "data science lead", "model owner",
    ),
    "risk_owner": ("risk owner", "risk lead", "compliance owner", "risk manager"),
    "program_manager": (
        "program manager", "programme manager", "project manager", "delivery lead", "pm",
        "delivery manager", "portfolio manager",
    ),
    "ai_type": (
        "ai type", "type of ai", "ai technique", "technique", "ai classification",
        "ai technology", "technology type", "ai method", "ai category", "model type",
        "algorithm type", "ai capability", "type of technology", "machine learning technique",
    ),
    "modality": ("modality", "data type", "input type", "input modality", "data modality"),
    "deployment_target": (
        "deployment target", "hosting", "deployment environment", "deployment model",
        "where hosted",
        "hosted on", "infrastructure", "hosting environment", "cloud or on premises",
    ),
    "autonomy": (
        "autonomy", "level of autonomy", "autonomy level", "human oversight", "human in the loop",
        "degree of automation", "automation level", "human involvement", "decision autonomy",
    ),
    "vendor": (
        "vendor", "supplier", "provider", "vendor name", "supplier name", "third party",
        "third party provider", "manufacturer", "contractor", "vendor information",
        "supplier company", "technology provider", "developed by vendor",
    ),
    "sourcing": (
        "build or buy", "build vs buy", "sourcing", "make or buy", "developed in house",
        "developed contract in house", "development method", "dev method", "in house or vendor",
        "procured or developed", "development type", "acquisition type", "custom or cots",
        "developed under contract or in house", "developed by", "purchased or developed",
        "source of system",
    ),
    "data_classes": (
        "data class", "data classification", "data sensitivity", "data category",
        "information classification", "type of data", "sensitivity", "confidentiality",
        "data confidentiality",
    ),
    "data_classes.personal": (
        "personal data", "pii", "personally identifiable information", "contains pii",
        "uses personal data", "personal information", "involves pii", "gdpr relevant",
        "personally identifiable information pii", "involve personally identifiable information",
        "processes personal data", "personal information involved",
    ),
    "data_classes.sensitive": ("sensitive personal data", "special category data"),
    "data_classes.health": ("health data", "phi", "protected health information"),
    "data_classes.biometric": ("biometric data", "biometric"),
    "data_classes.financial": ("financial data",),
    "risk_flags": (
        "risk flag", "impact type", "rights impacting safety impacting", "high impact",
        "rights or safety impacting", "high impact category", "presumed high impact",
        "risk classification", "rights safety impacting both neither", "eu ai act class",
        "ai act risk class", "risk category",
    ),
    "risk_flags.rights": ("rights impacting", "impacts rights", "affects rights"),
    "risk_flags.safety": ("safety impacting", "impacts safety", "affects safety"),
    "risk_flags.high_risk": (
        "high risk", "is high risk", "high risk ai", "high impact ai", "high risk system",
    ),
    "risk_flags.prohibited": ("prohibited", "prohibited practice"),
    "expected_value": (
        "expected value", "expected benefit value", "annual benefit", "estimated value",
        "business value", "expected saving", "estimated saving", "annual saving", "value",
        "projected value", "expected annual value", "benefit amount", "npv",
        "expected benefit amount",
    ),
}  # fmt: skip

#: Words for the places in an organisation, outermost first; several columns may be units.
UNIT_WORDS: tuple[tuple[str, ...], ...] = (
    ("group", "company", "organization", "organisation", "ministry", "government", "institution",
     "jurisdiction", "state"),
    ("agency", "department", "division", "business area", "sector", "legal entity", "directorate",
     "country", "region"),
    ("business unit", "bureau", "component", "sub agency", "subagency", "branch", "segment",
     "bureau component", "operating unit", "organizational unit", "unit"),
    ("office", "team", "sub unit", "program office", "section", "function", "programme office",
     "program", "service", "department office"),
)  # fmt: skip
UNIT_QUALIFIERS = frozenset(
    {
        "name", "owning", "responsible", "lead", "sponsoring", "full", "title",
    }
)  # fmt: skip
CODE_WORDS = frozenset(
    {
        "abbreviation", "abbrev", "abr", "abbr", "acronym", "code", "short", "id",
    }
)  # fmt: skip

#: field -> choice -> phrases a value may contain.
VALUES: dict[str, dict[str, tuple[str, ...]]] = {
    "stage": {
        "idea": (
            "idea", "ideation", "concept", "conception", "initiated", "initiation", "planned",
            "planning", "proposed", "proposal", "backlog", "intake", "exploration", "exploring",
            "not started", "under consideration", "new", "discovery", "requested", "pipeline",
            "submitted", "draft",
        ),
        "assessment": (
            "assessment", "assessing", "evaluation", "feasibility", "analysis", "design",
            "acquisition", "procurement", "development", "in development", "under development",
            "acquisition development", "development acquisition", "pre deployment", "business case",
            "scoping", "requirements", "building", "build", "research", "vendor selection",
            "approved", "approval", "in progress", "r d",
        ),
        "pilot": (
            "pilot", "piloting", "pilot phase", "trial", "experiment", "experimental", "prototype",
            "proof of concept", "poc", "proof of value", "beta", "testing", "test", "alpha",
            "implementation assessment", "validation", "uat", "mvp", "limited deployment",
            "sandbox",
            "limited release",
        ),
        "scaling": (
            "scaling", "scale", "scale up", "rollout", "roll out", "rolling out", "expansion",
            "expanding", "implementation", "implementing", "partially deployed", "ramp up",
            "deployment in progress", "deploying", "partial deployment", "being deployed",
        ),
        "production": (
            "production", "in production", "operation", "operational", "operation maintenance",
            "operations", "maintenance", "live", "in use", "deployed", "fully deployed", "active",
            "implemented", "in service", "released", "launched", "in mission", "running",
            "business as usual", "bau", "sustainment", "in operation", "general availability",
            "deployment", "fully operational", "monitoring", "currently in use", "ongoing",
        ),
        "retired": (
            "retired", "retirement", "retire", "decommissioned", "sunset", "discontinued",
            "terminated", "ended", "closed", "cancelled", "canceled", "stopped", "inactive",
            "completed", "complete", "abandoned", "disposal", "archived", "withdrawn", "disposed",
            "no longer in use", "action complete", "research complete", "not in use", "rejected",
        ),
    },
    "status": {
        "on_track": ("on track", "green", "good", "healthy", "ok", "on schedule", "gruen", "g"),
        "at_risk": ("at risk", "amber", "yellow", "warning", "minor issues", "gelb", "a", "y"),
        "off_track": (
            "off track", "red", "critical", "delayed", "blocked", "behind", "behind schedule",
            "rot",
            "r", "major issues",
        ),
    },
    "kind": {
        "portfolio": ("portfolio",),
        "programme": ("programme", "program"),
        "initiative": ("initiative", "project", "use case"),
    },
    "ai_type": {
        "generative": (
            "generative", "generative ai", "genai", "gen ai", "large language model", "llm", "gpt",
            "foundation model", "chatbot", "text generation", "image generation",
        ),
        "agentic": ("agentic", "agent", "ai agent", "agents", "agentic ai"),
        "predictive": (
            "predictive", "prediction", "classification", "machine learning", "regression",
            "forecasting", "forecast", "deep learning", "classical machine learning", "supervised",
            "neural network", "statistical methods", "predictive analytics", "classical ml",
            "random forest", "clustering", "predictive modeling",
        ),
        "computer_vision": (
            "computer vision", "vision", "image recognition", "object detection",
            "facial recognition",
            "image classification", "ocr", "image analysis", "video analysis",
        ),
        "language": (
            "natural language processing", "nlp", "language", "text analytics", "translation",
            "text mining", "sentiment analysis", "summarization", "text classification",
        ),
        "speech": ("speech", "speech recognition", "voice", "transcription", "text to speech"),
        "recommendation": (
            "recommendation", "recommender", "search", "ranking", "personalisation",
            "personalization", "information retrieval",
        ),
        "optimisation": (
            "optimisation", "optimization", "planning", "scheduling", "operations research",
            "simulation", "reinforcement learning",
        ),
        "anomaly": ("anomaly", "anomaly detection", "fraud detection", "outlier detection"),
        "robotics": ("robotics", "robot", "autonomous vehicle", "control", "drone", "autonomous"),
        "automation": (
            "automation", "rpa", "process automation", "robotic process automation",
            "expert system",
            "rules based", "rule based",
        ),
        "other": ("other",),
    },
    "modality": {
        "text": ("text", "document", "language"),
        "image": ("image", "picture", "photo", "imagery"),
        "audio": ("audio", "speech", "sound", "voice"),
        "video": ("video",),
        "tabular": ("tabular", "structured", "table", "transactional"),
        "time_series": ("time series", "sensor", "telemetry"),
        "geospatial": ("geospatial", "satellite", "map", "gis"),
        "code": ("code", "source code"),
        "multimodal": ("multimodal", "multi modal", "several", "multiple"),
    },
    "deployment_target": {
        "cloud": ("cloud", "saas", "aws", "azure", "gcp", "hosted", "public cloud", "paas",
                  "private cloud", "google cloud", "vendor hosted"),
        "on_premises": ("on premises", "on premise", "on prem", "data center", "data centre",
                        "local server", "in house server", "onprem"),
        "edge": ("edge", "device", "mobile", "embedded", "on device"),
        "hybrid": ("hybrid", "mixed", "cloud on premises"),
    },
    "autonomy": {
        "informs": ("informs", "information only", "decision support", "advisory", "no decision",
                    "assistive", "informational"),
        "recommends": ("recommends", "human in the loop", "recommendation", "human approval",
                       "human decides", "human review", "requires human", "direct human"),
        "acts_supervised": ("human on the loop", "supervised", "human oversight", "semi autonomous",
                            "partially automated", "human monitoring"),
        "acts_alone": ("autonomous", "fully automated", "human out of the loop", "no human",
                       "fully autonomous", "automated without", "full automation"),
    },
    "sourcing": {
        "build": (
            "build", "built", "in house", "internal", "custom", "developed in house", "internally",
            "own development", "developed internally", "no contract resources", "home grown",
            "government developed", "custom developed", "government", "own staff",
        ),
        "buy": (
            "buy", "bought", "purchased", "vendor", "cots", "off the shelf", "contract",
            "contracting resources", "commercial", "external", "procured", "third party", "saas",
            "developed with contracting resources", "exclusively contract external resources",
            "licensed", "supplier", "outsourced", "purchased from a vendor",
        ),
        "both": (
            "both", "hybrid", "combination", "mixed", "both contracting in house", "co developed",
            "combination in house contract", "joint", "built and bought", "partnership",
        ),
    },
    "data_classes": {
        "public": ("public", "open data", "open"),
        "internal": ("internal", "internal only", "internal use"),
        "confidential": ("confidential", "restricted", "secret", "proprietary", "classified"),
        "personal": ("personal", "personal data", "pii", "personally identifiable information"),
        "sensitive": ("sensitive", "special category", "sensitive personal",
        "sensitive personal data"),
        "health": ("health", "medical", "phi", "patient", "health data"),
        "financial": ("financial", "payment", "financial data", "pci"),
        "biometric": ("biometric", "facial", "biometric data"),
        "none": ("none", "no data"),
    },
    "risk_flags": {
        "rights": ("rights impacting", "rights", "rights impact", "affects rights"),
        "safety": ("safety impacting", "safety", "safety impact", "affects safety"),
        "rights;safety": ("both", "rights and safety impacting", "rights safety",
        "rights safety impacting"),
        "high_risk": ("high risk", "high", "high impact", "high risk ai system"),
        "prohibited": ("prohibited", "unacceptable"),
        "none": (
            "neither", "none", "not high impact", "minimal", "minimal risk", "low", "limited",
            "limited risk", "no", "not rights or safety impacting", "low risk", "not high risk",
            "no high impact",
        ),
    },
}  # fmt: skip
