"""The taxonomies of an initiative: slug -> words. Blank always means unknown, never a default."""

KINDS = {"portfolio": "Portfolio", "programme": "Programme", "initiative": "Initiative"}
STATUSES = {"on_track": "On track", "at_risk": "At risk", "off_track": "Off track"}
AI_TYPES = {
    "generative": "Generative AI",
    "agentic": "AI agent",
    "predictive": "Prediction and classification",
    "computer_vision": "Computer vision",
    "language": "Language processing",
    "speech": "Speech",
    "recommendation": "Recommendation and search",
    "optimisation": "Optimisation and planning",
    "anomaly": "Anomaly detection",
    "robotics": "Robotics and control",
    "automation": "Process automation",
    "other": "Other",
}
MODALITIES = {
    "text": "Text",
    "image": "Image",
    "audio": "Audio",
    "video": "Video",
    "tabular": "Tables",
    "time_series": "Time series",
    "geospatial": "Geospatial",
    "code": "Code",
    "multimodal": "Several",
}
DEPLOYMENT_TARGETS = {
    "cloud": "Cloud",
    "on_premises": "On premises",
    "edge": "Edge",
    "hybrid": "Hybrid",
}
AUTONOMIES = {
    "informs": "Informs a person",
    "recommends": "Recommends, a person decides",
    "acts_supervised": "Acts, a person can stop it",
    "acts_alone": "Acts alone",
}
DATA_CLASSES = {
    "public": "Public",
    "internal": "Internal",
    "confidential": "Confidential",
    "personal": "Personal data",
    "sensitive": "Sensitive personal data",
    "health": "Health data",
    "financial": "Financial data",
    "biometric": "Biometric data",
}
SOURCINGS = {"build": "Built in-house", "buy": "Bought or contracted", "both": "Built and bought"}
RISK_FLAGS = {
    "rights": "Affects people's rights",
    "safety": "Affects safety",
    "high_risk": "High risk",
    "prohibited": "Prohibited practice",
}
PRECISIONS = {"day": "Day", "month": "Month", "quarter": "Quarter", "year": "Year"}
