"""What the sources of the invented company sell: services, meters and prices. Prices invented."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sku:
    """
    One thing with a price: `kind` says who buys it.

    Kinds: ``gen`` for generative work, ``ml`` for other models, ``base`` for everybody,
    ``shared`` for what nobody owns.
    """

    service: str
    category: str
    subcategory: str
    meter: str
    unit: str
    price: str
    kind: str


@dataclass(frozen=True)
class Source:
    """A biller: how it names itself, its accounts, regions, currency and when it began."""

    slug: str
    title: str
    provider: str
    issuer: str
    account_id: str
    account_name: str
    account_type: str
    currency: str
    regions: tuple[tuple[str, str], ...]
    invoice: str
    skus: tuple[Sku, ...]


#: Short names of FOCUS service categories with their subcategory.
_CLASSES: dict[str, tuple[str, str]] = {
    "people": ("Other", "Other (Other)"),
    "gen-ai": ("AI and Machine Learning", "Generative AI"),
    "ml": ("AI and Machine Learning", "Machine Learning"),
    "other-ai": ("AI and Machine Learning", "Other (AI and Machine Learning)"),
    "speech": ("AI and Machine Learning", "Natural Language Processing"),
    "vm": ("Compute", "Virtual Machines"),
    "objects": ("Storage", "Object Storage"),
    "search": ("Databases", "Search"),
    "serverless": ("Compute", "Serverless Compute"),
    "support": ("Other", "Support"),
    "network": ("Networking", "Network Connectivity"),
    "watch": ("Management and Governance", "Observability"),
    "search-an": ("Analytics", "Search"),
    "containers": ("Compute", "Containers"),
    "net-sec": ("Networking", "Network Security"),
    "warehouse": ("Analytics", "Data Warehouses"),
    "seats": ("Business Applications", "Productivity and Collaboration"),
    "apps": ("Business Applications", "Other (Business Applications)"),
}


def _skus(text: str) -> tuple[Sku, ...]:
    """Read a table of service | class | meter | unit | price | kind."""
    rows = [[part.strip() for part in line.split("|")] for line in text.strip().split("\n")]
    return tuple(
        Sku(service, *_CLASSES[place], meter, unit, price, kind)
        for service, place, meter, unit, price, kind in rows
    )


_LABOUR = """
Data science | people | Person-hours, data scientist | Hours | 96.50 | base
Engineering | people | Person-hours, engineer | Hours | 88.00 | base
Process experts | people | Person-hours, business | Hours | 71.25 | base
Change and training | people | Person-hours, change | Hours | 64.00 | base
Risk and legal review | people | Person-hours, review | Hours | 102.00 | base
"""

SOURCES: tuple[Source, ...] = (
    Source(
        "aws", "AWS", "AWS", "Amazon Web Services, Inc.", "048200000001",
        "Meridian payer", "Payer Account", "USD",
        (("eu-west-1", "Europe (Ireland)"), ("eu-central-1", "Europe (Frankfurt)"),
         ("us-east-1", "US East (N. Virginia)")),
        "EUINGB26", _skus("""
        Amazon Bedrock | gen-ai | Input Tokens | 1K Tokens | 0.003 | gen
        Amazon Bedrock | gen-ai | Output Tokens | 1K Tokens | 0.015 | gen
        Amazon SageMaker | ml | ml.g5.2xlarge Hosting | Hours | 1.515 | ml
        Amazon SageMaker | ml | ml.p4d.24xlarge Training | Hours | 37.688 | ml
        Amazon Textract | other-ai | Pages analysed | Pages | 0.015 | ml
        Amazon Transcribe | speech | Seconds transcribed | Seconds | 0.0004 | gen
        Amazon Elastic Compute Cloud | vm | g5.xlarge BoxUsage | Hours | 1.006 | base
        Amazon Simple Storage Service | objects | TimedStorage-ByteHrs | GB-Mo | 0.023 | base
        Amazon OpenSearch Service | search | Vector search OCU | OCU-Hours | 0.24 | gen
        AWS Lambda | serverless | Lambda-GB-Second | GB-Seconds | 0.0000166667 | base
        AWS Support | support | Business support | Months | 100 | shared
        AWS Data Transfer | network | DataTransfer-Out-Bytes | GB | 0.09 | shared
        AWS CloudTrail | watch | Events recorded | Events | 0.00002 | shared
        """),
    ),
    Source(
        "azure-us", "Azure, United States", "Microsoft", "Microsoft Corporation", "8611537",
        "Meridian US enrolment", "Billing Account", "USD",
        (("eastus", "East US"), ("southcentralus", "South Central US")),
        "G0", _skus("""
        Azure OpenAI Service | gen-ai | Input Tokens | 1K Tokens | 0.0025 | gen
        Azure OpenAI Service | gen-ai | Output Tokens | 1K Tokens | 0.01 | gen
        Azure Machine Learning | ml | NC24ads A100 v4 Compute | Hours | 3.673 | ml
        Azure AI Search | search-an | Standard S1 Unit | Hours | 0.336 | gen
        Azure AI Document Intelligence | other-ai | Pages | Pages | 0.01 | ml
        Virtual Machines | vm | D8s v5 | Hours | 0.384 | base
        Storage | objects | Hot LRS Data Stored | GB-Mo | 0.0208 | base
        Azure Kubernetes Service | containers | Uptime SLA | Hours | 0.1 | base
        Azure Monitor | watch | Data Ingestion | GB | 2.76 | shared
        Bandwidth | network | Inter-region transfer | GB | 0.02 | shared
        """),
    ),
    Source(
        "azure-eu", "Azure, Europe", "Microsoft", "Microsoft Ireland Operations Limited", "8611538",
        "Meridian Europe enrolment", "Billing Account", "EUR",
        (("westeurope", "West Europe"), ("northeurope", "North Europe"),
         ("germanywestcentral", "Germany West Central")),
        "E0", _skus("""
        Azure OpenAI Service | gen-ai | Input Tokens | 1K Tokens | 0.0024 | gen
        Azure OpenAI Service | gen-ai | Output Tokens | 1K Tokens | 0.0096 | gen
        Azure Machine Learning | ml | NC24ads A100 v4 Compute | Hours | 3.501 | ml
        Azure AI Document Intelligence | other-ai | Pages | Pages | 0.0095 | ml
        Azure AI Vision | other-ai | Transactions | 1K Transactions | 0.9 | ml
        Azure AI Search | search-an | Standard S1 Unit | Hours | 0.318 | gen
        Virtual Machines | vm | D8s v5 | Hours | 0.369 | base
        Storage | objects | Hot LRS Data Stored | GB-Mo | 0.0196 | base
        Azure Monitor | watch | Data Ingestion | GB | 2.52 | shared
        Azure Bastion | net-sec | Standard Gateway | Hours | 0.27 | shared
        """),
    ),
    Source(
        "gcp", "Google Cloud", "Google Cloud", "Google Cloud EMEA Limited", "01A2B3-4C5D6E-7F8091",
        "Meridian Google billing", "Billing Account", "USD",
        (("europe-west1", "Belgium"), ("europe-west4", "Netherlands"), ("us-central1", "Iowa")),
        "52", _skus("""
        Vertex AI | gen-ai | Input Tokens | 1K Tokens | 0.00125 | gen
        Vertex AI | gen-ai | Output Tokens | 1K Tokens | 0.005 | gen
        Vertex AI | ml | a2-highgpu-1g Training | Hours | 4.222 | ml
        Document AI | other-ai | Pages parsed | Pages | 0.01 | ml
        Speech-to-Text | speech | Minutes | Minutes | 0.016 | gen
        BigQuery | warehouse | Analysis | TiB | 6.25 | base
        Compute Engine | vm | n2-standard-8 | Hours | 0.388 | base
        Cloud Storage | objects | Standard Storage | GB-Mo | 0.02 | base
        Cloud Logging | watch | Log volume | GiB | 0.5 | shared
        Networking | network | Inter-zone egress | GiB | 0.01 | shared
        """),
    ),
    Source(
        "openai", "OpenAI", "OpenAI", "OpenAI Ireland Ltd", "org-MeridianGroup26",
        "Meridian Group", "Organization", "USD",
        (("", ""),),
        "OAI", _skus("""
        OpenAI API | gen-ai | Input Tokens | 1M Tokens | 2.50 | gen
        OpenAI API | gen-ai | Cached Input Tokens | 1M Tokens | 1.25 | gen
        OpenAI API | gen-ai | Output Tokens | 1M Tokens | 10.00 | gen
        OpenAI API | gen-ai | Embedding Tokens | 1M Tokens | 0.13 | shared
        """),
    ),
    Source(
        "anthropic", "Anthropic", "Anthropic", "Anthropic PBC", "org-meridian-7e1b",
        "Meridian Group", "Organization", "USD",
        (("", ""),),
        "ANT", _skus("""
        Claude API | gen-ai | Input Tokens | 1M Tokens | 3.00 | gen
        Claude API | gen-ai | Cache Read Tokens | 1M Tokens | 0.30 | gen
        Claude API | gen-ai | Output Tokens | 1M Tokens | 15.00 | gen
        Claude API | gen-ai | Web searches | 1K Requests | 10.00 | shared
        """),
    ),
    Source(
        "labour", "Timesheets", "Meridian Group Services", "Meridian Group Services B.V.", "MGS-01",
        "Internal labour", "Cost centre", "USD", (("", ""),), "MGS", _skus(_LABOUR),
    ),
    Source(
        "vendors", "Software suppliers", "Accounts payable", "", "AP-2600",
        "Supplier invoices", "Ledger", "USD", (("", ""),), "AP", _skus("""
        Licence and support | seats | Seats | Seats | 38.00 | base
        Usage fee | apps | Transactions | Transactions | 0.42 | base
        """),
    ),
)  # fmt: skip

BY_SLUG: dict[str, Source] = {source.slug: source for source in SOURCES}

#: Model names by the first month of use, newest last; as listed by their providers.
MODELS: dict[str, tuple[tuple[str, str], ...]] = {
    "openai": (
        ("2023-01", "gpt-4"),
        ("2023-12", "gpt-4-turbo"),
        ("2024-06", "gpt-4o"),
        ("2024-09", "gpt-4o-mini"),
        ("2025-05", "gpt-4.1"),
        ("2025-09", "gpt-5"),
    ),
    "anthropic": (
        ("2023-01", "claude-2.1"),
        ("2024-04", "claude-3-sonnet"),
        ("2024-07", "claude-3-5-sonnet"),
        ("2025-03", "claude-3-7-sonnet"),
        ("2025-06", "claude-sonnet-4"),
    ),
}
