"""
What Meridian Group does: divisions, departments and the work done in each. All invented.

A process is one line of a department's table: ``process | items | people | kinds``. The name can be
followed by the noun of an AI technique ("Motor first notice" + "triage"), the items are what people
handle, and the kinds say which techniques fit (see `techniques.KINDS`).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Process:
    """One kind of work in a department, to which AI techniques can be applied."""

    name: str
    items: str
    people: str
    kinds: str


@dataclass(frozen=True)
class Department:
    """A department: its name, code, where its people sit and what they do."""

    name: str
    code: str
    country: str
    processes: tuple[Process, ...]


@dataclass(frozen=True)
class Division:
    """A division: its name, code, leading cloud source and departments."""

    name: str
    code: str
    source: str
    departments: tuple[Department, ...]


_TABLES: tuple[tuple[str, str, str, tuple[tuple[str, str, str, str], ...]], ...] = (
    (
        "Retail banking",
        "RB",
        "aws",
        (
            (
                "Branches and advice",
                "BRA",
                "GB",
                """
                Branch appointment | appointments | branch advisers | OPR
                Advice meeting | meeting notes | advisers | DGQ
                Branch cash | cash orders | branch managers | FAO
                Vulnerable customer | customer contacts | branch advisers | RAPQ
                Bereavement case | bereavement files | case handlers | DRG
                Power of attorney | authority documents | branch staff | DV
                Branch footfall | visits | network planners | FO
                Advice suitability | advice files | suitability reviewers | DAQ
                Branch procedure | procedure questions | branch staff | S
                Account switching | switching requests | switching agents | DRT
                Complaint first response | complaints | complaint handlers | RGDQ
                Customer letter | letters | branch staff | GD
                """,
            ),
            (
                "Mortgages",
                "MOR",
                "GB",
                """
                Mortgage application | applications | mortgage underwriters | DRPT
                Income verification | payslips and statements | verification clerks | DA
                Property valuation | valuation reports | valuation managers | DVP
                Mortgage affordability | affordability checks | underwriters | PAD
                Mortgage broker enquiry | broker enquiries | broker support agents | CSG
                Mortgage renewal | maturing loans | retention advisers | PN
                Title deed | title documents | conveyancing clerks | DV
                Mortgage arrears | accounts in arrears | arrears advisers | PNG
                Offer letter | offer letters | completions clerks | GD
                Mortgage pipeline | cases in progress | pipeline managers | FO
                Flood exposure | collateral addresses | collateral analysts | PV
                Mortgage policy | policy questions | underwriters | S
                Completion payment | completion requests | completions clerks | AT
                """,
            ),
            (
                "Cards and payments",
                "CAR",
                "IE",
                """
                Card dispute | disputes | dispute analysts | RDGT
                Card fraud | card transactions | fraud analysts | PA
                Merchant onboarding | merchant applications | onboarding analysts | DPR
                Chargeback evidence | evidence files | chargeback clerks | DG
                Card limit | limit requests | credit analysts | PR
                Reward offer | card holders | loyalty managers | NP
                Card activation | new cards | card service agents | CN
                Instant payment | instant payments | payment monitors | AP
                Merchant category | merchant descriptors | data stewards | DR
                Card replacement | replacement requests | card service agents | CTF
                Payment failure | failed payments | payment agents | RAT
                Subscription cancellation | cancellation requests | card service agents | CT
                Interchange fee | fee lines | scheme managers | AF
                """,
            ),
            (
                "Consumer lending",
                "LEN",
                "DE",
                """
                Personal loan | loan applications | loan officers | DPR
                Credit line | active credit lines | credit managers | PF
                Car finance | dealer applications | dealer support agents | DPC
                Loan early repayment | redemption requests | loan service agents | TGP
                Loan marketing | prospects | campaign managers | NP
                Point-of-sale credit | checkout applications | credit analysts | PA
                Loan hardship | hardship requests | hardship advisers | RGQ
                Bank statement | bank statements | loan officers | DA
                Loan dealer commission | commission lines | dealer managers | A
                Loan document | signed agreements | loan clerks | DV
                Loan enquiry | customer enquiries | loan service agents | CST
                Loan loss | delinquent loans | provisioning analysts | PF
                """,
            ),
            (
                "Contact centres",
                "CON",
                "PL",
                """
                Inbound call | calls | contact-centre agents | CQRF
                Secure message | messages | contact-centre agents | RGCT
                Chat conversation | chats | contact-centre agents | CQT
                Call wrap-up | call notes | contact-centre agents | DG
                Agent knowledge | agent questions | contact-centre agents | S
                Agent rostering | shifts | workforce planners | FO
                Call quality | recorded calls | quality coaches | QA
                Caller authentication | caller checks | contact-centre agents | AP
                Complaint spotting | conversations | complaint leads | QRA
                Callback | callback requests | contact-centre agents | OF
                Social media reply | public posts | social care agents | RGQ
                Agent coaching | coaching sessions | team leads | QN
                Interpreter | foreign-language calls | contact-centre agents | LC
                """,
            ),
        ),
    ),
    (
        "Insurance",
        "INS",
        "azure-eu",
        (
            (
                "Motor and home",
                "MOH",
                "DE",
                """
                Motor quote | quote requests | pricing analysts | PNA
                Home quote | quote requests | pricing analysts | PDV
                Motor renewal | renewals | renewal managers | PN
                Telematics trip | recorded trips | telematics analysts | PA
                No-claims evidence | no-claims letters | policy clerks | DV
                Home survey | survey photos | surveyors | VD
                Policy change | change requests | policy agents | RTC
                Aggregator price | price tests | pricing analysts | PO
                Fleet policy | fleet schedules | fleet underwriters | DA
                Policy wording | wording questions | policy agents | SG
                Lapse | policies at renewal | retention managers | PN
                Storm exposure | insured addresses | exposure managers | FP
                """,
            ),
            (
                "Life and pensions",
                "LIF",
                "NL",
                """
                Life application | life applications | life underwriters | DPR
                Medical report | medical reports | medical underwriters | DA
                Pension transfer | transfer packs | transfer clerks | DRT
                Annuity quote | annuity quotes | annuity analysts | PA
                Beneficiary change | beneficiary forms | policy administrators | DV
                Pension statement | member statements | pension administrators | GQ
                Member enquiry | member enquiries | pension administrators | CSG
                Death claim | death claims | life claims handlers | DRG
                Disability claim | disability claims | disability case managers | DPN
                Employer scheme | employer data files | scheme administrators | AD
                Longevity | member records | actuaries | PF
                Actuarial model | actuarial models | actuaries | KS
                """,
            ),
            (
                "Commercial lines",
                "COM",
                "GB",
                """
                Broker submission | broker submissions | commercial underwriters | DRG
                Property schedule | property schedules | exposure analysts | DV
                Cyber policy | cyber applications | cyber underwriters | PDS
                Marine cargo | cargo declarations | marine underwriters | DA
                Risk survey | survey reports | risk engineers | DVG
                Contract wording | slip wordings | wordings specialists | DAS
                Liability renewal | liability renewals | commercial underwriters | PG
                Bordereau | bordereaux | delegated authority teams | DA
                Broker service | broker questions | broker service teams | CS
                Treaty | treaty contracts | reinsurance managers | DP
                Catastrophe | site schedules | catastrophe modellers | FP
                Commercial quote | quotes for small firms | small-business underwriters | TP
                """,
            ),
            (
                "Claims",
                "CLA",
                "ES",
                """
                Motor first notice | loss reports | claims handlers | RCDT
                Motor damage | damage photos | motor engineers | VP
                Home claim | home claims | claims handlers | RDVT
                Injury claim | injury files | injury handlers | DPG
                Claims fraud | open claims | claims investigators | AP
                Repair invoice | repair invoices | claims auditors | DA
                Subrogation | recovery candidates | recovery handlers | PDG
                Claims reserve | reserves | reserving analysts | PF
                Claims correspondence | claim letters | claims handlers | GDR
                Claims settlement | settlements | claims handlers | PTA
                Storm surge | surge claims | claims planners | FOR
                Total loss | total-loss vehicles | salvage managers | PV
                Claims call | claim calls | claims handlers | CQD
                """,
            ),
            (
                "Underwriting",
                "UND",
                "FR",
                """
                Underwriting guideline | guideline questions | underwriters | S
                Underwriting referral | referrals | senior underwriters | RPG
                Portfolio mix | in-force policies | portfolio managers | FO
                Rate change | rate filings | pricing actuaries | PDG
                Exposure data | exposure records | exposure analysts | AD
                Sanction clause | clauses | wordings specialists | DA
                Underwriting audit | underwriting files | underwriting auditors | QA
                Risk appetite | new submissions | underwriters | RP
                Loss run | loss runs | underwriting assistants | DA
                Price adequacy | priced risks | pricing actuaries | PA
                Renewal priority | upcoming renewals | underwriters | PO
                Endorsement | endorsements | underwriting assistants | DGT
                """,
            ),
        ),
    ),
    (
        "Business banking",
        "BB",
        "azure-us",
        (
            (
                "Small business lending",
                "SBL",
                "US",
                """
                Small business loan | loan requests | credit officers | DPRT
                Financial statement | financial statements | credit analysts | DA
                Covenant | covenants | portfolio officers | DAP
                Credit memo | credit memos | relationship managers | GD
                Business early warning | business accounts | portfolio officers | PA
                Annual review | annual reviews | credit analysts | GPR
                Collateral | collateral records | collateral officers | DAV
                Sector outlook | sector exposures | sector analysts | FS
                Business prospect | prospects | relationship managers | NP
                Grant scheme | scheme applications | scheme officers | DRT
                Credit policy | credit policy questions | credit officers | S
                Business overdraft | overdraft accounts | credit officers | PN
                """,
            ),
            (
                "Trade finance",
                "TRA",
                "SG",
                """
                Letter of credit | letters of credit | trade clerks | DAT
                Bill of lading | bills of lading | document checkers | DVA
                Trade screening | trade transactions | trade compliance analysts | AR
                Guarantee | guarantees | guarantee clerks | DG
                Supply chain finance | supplier invoices | programme managers | DPA
                Dual-use goods | goods descriptions | trade compliance analysts | DR
                Trade enquiry | client enquiries | trade service desks | CS
                Discrepancy | discrepant presentations | document checkers | DG
                Vessel tracking | voyages | trade compliance analysts | AF
                Trade pricing | trade quotes | trade sales | PN
                Export credit | export credit files | structuring analysts | DG
                """,
            ),
            (
                "Cash management",
                "CAS",
                "NL",
                """
                Liquidity | cash positions | liquidity managers | FO
                Client onboarding form | mandate forms | implementation managers | DVT
                Payment file | payment files | client integration analysts | ADK
                Receivables matching | incoming payments | reconciliation clerks | MA
                Payment investigation | payment investigations | investigation clerks | RDGT
                Account fee | fee schedules | billing analysts | AD
                Treasury client service | treasurer questions | client service managers | CSG
                Cash forecast | client balances | treasury advisers | FP
                Virtual account | virtual accounts | product managers | AN
                Direct debit | direct debit returns | payment clerks | AP
                Cut-off time | late payments | payment planners | FO
                """,
            ),
            (
                "Leasing",
                "LEA",
                "IT",
                """
                Lease application | lease applications | leasing officers | DPR
                Residual value | leased assets | asset managers | PF
                Equipment inspection | returned equipment | inspectors | VD
                Lease contract | lease contracts | contract clerks | DAG
                Lease end | expiring leases | remarketing managers | PN
                Vendor programme | vendor partners | vendor managers | NA
                Fleet maintenance | maintenance orders | fleet managers | FPA
                Lease invoice | lease invoices | billing clerks | MA
                Lessee service | lessee requests | service agents | CTS
                Asset register | asset records | asset administrators | AD
                Battery health | leased vehicles | asset engineers | PF
                """,
            ),
        ),
    ),
    (
        "Wealth and investments",
        "WEA",
        "gcp",
        (
            (
                "Private banking",
                "PRI",
                "CH",
                """
                Client review | client reviews | private bankers | GDN
                Source of wealth | wealth statements | client due-diligence analysts | DG
                Investment proposal | proposals | investment advisers | GPN
                Client news | client holdings | private bankers | SN
                Relationship | client contacts | private bankers | NQ
                Cross-border rule | cross-border questions | private bankers | S
                Mandate breach | managed mandates | mandate controllers | AP
                Client meeting | client meetings | private bankers | DG
                Estate planning | estate files | wealth planners | DS
                Client attrition | client relationships | desk heads | PN
                Lombard loan | pledged portfolios | lombard credit officers | PA
                Client instruction | client instructions | client assistants | DTR
                """,
            ),
            (
                "Asset management",
                "ASM",
                "LU",
                """
                Earnings call | earnings calls | equity analysts | DS
                Sustainability report | sustainability reports | stewardship analysts | DAQ
                Research | research notes | portfolio managers | SDG
                Trade execution | orders | traders | PO
                Bond liquidity | bonds | fixed-income traders | PF
                Factor exposure | portfolios | risk analysts | PA
                Fund factsheet | factsheets | fund marketing teams | GL
                Tender answer | tender questions | institutional sales | GS
                Proxy vote | resolutions | stewardship analysts | DR
                Alternative data | alternative data feeds | quantitative analysts | PA
                Client report | client reports | reporting analysts | GD
                Private market | deal documents | private-market analysts | DSG
                """,
            ),
            (
                "Fund services",
                "FUN",
                "IN",
                """
                Net asset value | daily valuations | fund accountants | AMP
                Corporate action | corporate actions | corporate-action clerks | DAT
                Trade break | trade breaks | reconciliation analysts | MRA
                Subscription | subscription forms | transfer agents | DVT
                Prospectus | prospectuses | fund lawyers | DGL
                Price challenge | price exceptions | pricing analysts | AR
                Investor enquiry | investor enquiries | investor service agents | CSG
                Fund expense | fund expenses | fund accountants | MAF
                Regulatory fund report | regulatory filings | reporting teams | GA
                Dividend forecast | expected dividends | fund accountants | F
                Margin call | margin calls | collateral clerks | TAR
                """,
            ),
        ),
    ),
    (
        "Operations",
        "OPS",
        "aws",
        (
            (
                "Payments operations",
                "PAY",
                "PL",
                """
                Payment repair | payments in repair | payment operators | DRT
                Sanctions alert | screening alerts | alert reviewers | RGA
                Cross-border payment | cross-border payments | payment operators | PAR
                Cheque | cheques | clearing clerks | VA
                Nostro reconciliation | nostro items | reconciliation teams | MA
                Payment volume | daily payments | capacity planners | FO
                Payment recall | recall requests | payment operators | RTG
                Beneficiary name | beneficiary names | payment operators | DA
                Scheme message | scheme messages | payment engineers | DK
                Duplicate payment | outgoing payments | payment controllers | A
                Payment runbook | operator questions | payment operators | S
                Swift message | free-text messages | payment operators | DRL
                """,
            ),
            (
                "Customer onboarding",
                "ONB",
                "PT",
                """
                Identity document | identity documents | onboarding officers | VDA
                Company registry | registry extracts | onboarding officers | DA
                Ownership structure | ownership charts | due-diligence analysts | DG
                Periodic review | periodic reviews | due-diligence analysts | RDGT
                Onboarding case | onboarding cases | case managers | RTO
                Liveness check | selfie checks | identity specialists | VA
                Customer risk rating | customer files | onboarding officers | PA
                Adverse media | media hits | due-diligence analysts | RDS
                Tax form | tax forms | tax operations clerks | DV
                Onboarding drop-off | started applications | digital product owners | PN
                Address proof | address documents | onboarding officers | DV
                Data refresh | customer records | data stewards | AMC
                """,
            ),
            (
                "Document services",
                "DOC",
                "IN",
                """
                Post room | incoming letters | mail-room clerks | DR
                Scanned archive | archived files | archive clerks | DVS
                Document translation | documents | language specialists | L
                Outbound print | print jobs | output managers | AO
                Template | letter templates | template editors | GA
                E-mail intake | shared-inbox e-mails | intake clerks | RDT
                Form digitisation | handwritten forms | data-entry clerks | VD
                Records retention | retained records | records managers | DR
                Redaction | documents due for release | disclosure clerks | DV
                Returned mail | returned letters | address clerks | DM
                Accessibility format | accessible documents | output managers | LG
                """,
            ),
            (
                "Collections and procurement",
                "COL",
                "ES",
                """
                Early arrears | accounts in early arrears | collections agents | PNC
                Payment plan | payment plans | collections agents | PTG
                Collections call | collections calls | collections agents | CQ
                Debt sale | charged-off accounts | recovery managers | PF
                Supplier invoice | purchase invoices | accounts-payable clerks | MDA
                Purchase request | purchase requests | buyers | RTC
                Supplier contract | supplier contracts | category managers | DAS
                Supplier risk | suppliers | third-party risk managers | PAS
                Spend category | purchase lines | category managers | RA
                Tender evaluation | tenders | category managers | DG
                Facilities ticket | facilities tickets | facilities managers | RTF
                Energy use | building meters | energy managers | FO
                Desk occupancy | desks | workplace planners | FO
                """,
            ),
        ),
    ),
    (
        "Technology",
        "TEC",
        "gcp",
        (
            (
                "Software engineering",
                "SWE",
                "PL",
                """
                Code review | pull requests | software engineers | KQ
                Unit test | untested modules | software engineers | K
                Legacy COBOL | mainframe programs | mainframe engineers | KS
                Release note | releases | release managers | GD
                Test environment | test environments | environment managers | FO
                API documentation | interface descriptions | software engineers | GK
                Requirement | requirements | business analysts | DGA
                Regression test | regression suites | test engineers | KP
                Dependency upgrade | outdated libraries | platform engineers | KT
                Design system | screens | front-end engineers | KG
                Developer onboarding | developer questions | new engineers | S
                Technical debt | components | engineering leads | AP
                """,
            ),
            (
                "Data platforms",
                "DAT",
                "IE",
                """
                Data quality | data feeds | data stewards | AP
                Data catalogue | tables | data stewards | DS
                Natural-language query | analyst questions | business analysts | SK
                Pipeline failure | failed pipelines | data engineers | APT
                Master data | master records | master-data managers | MA
                Report rationalisation | dashboards | reporting leads | RA
                Synthetic test data | test data sets | data engineers | KG
                Data access | access requests | data owners | RT
                Warehouse cost | queries | platform owners | OFA
                Column lineage | data flows | lineage analysts | DA
                Personal data | data stores | privacy engineers | DA
                """,
            ),
            (
                "Cyber security",
                "CYB",
                "GB",
                """
                Phishing report | reported e-mails | security analysts | RAT
                Security alert | alerts | security analysts | RAT
                Access review | entitlements | access managers | AR
                Vulnerability | open vulnerabilities | vulnerability managers | PRK
                Insider threat | user sessions | security investigators | AP
                Threat intelligence | threat reports | threat analysts | DSG
                Security questionnaire | questionnaires | security consultants | GS
                Malware | suspicious files | malware analysts | AV
                Cloud configuration | cloud resources | cloud security engineers | AK
                Secrets in code | repositories | security engineers | AK
                Incident report | security incidents | incident managers | DG
                """,
            ),
            (
                "Service desk",
                "SDK",
                "IN",
                """
                IT ticket | tickets | service-desk agents | RTSG
                Password reset | reset requests | service-desk agents | TC
                Major incident | incidents | incident managers | DPG
                Software request | software requests | software asset managers | TR
                Knowledge article | knowledge articles | knowledge managers | GA
                Device failure | laptops | device engineers | PF
                Change risk | change records | change managers | PD
                Meeting-room fault | room devices | workplace technicians | AF
                Licence use | licences | licence managers | AO
                Joiner set-up | joiner requests | service-desk agents | TO
                Remote support | support sessions | service-desk agents | CQ
                """,
            ),
            (
                "Infrastructure",
                "INF",
                "DE",
                """
                Server capacity | servers | capacity managers | FO
                Log anomaly | log streams | site-reliability engineers | A
                Network fault | network links | network engineers | AP
                Batch schedule | batch jobs | batch operators | OPA
                Storage growth | volumes | storage engineers | F
                Mainframe usage | mainframe workloads | mainframe planners | FO
                Runbook | runbook steps | operators | TSG
                Cloud commitment | cloud commitments | cloud economists | OF
                Certificate | certificates | platform engineers | AT
                Data-centre cooling | cooling units | data-centre engineers | OF
                Disaster recovery | recovery plans | resilience managers | DG
                """,
            ),
        ),
    ),
    (
        "Corporate functions",
        "CRP",
        "azure-eu",
        (
            (
                "Finance",
                "FIN",
                "IE",
                """
                Journal entry | journals | accountants | ADT
                Expense claim | expense claims | expense auditors | DAT
                Management commentary | variances | finance partners | GA
                Revenue forecast | revenue lines | planning analysts | F
                Account reconciliation | balance-sheet accounts | accountants | MA
                Tax return | tax positions | tax accountants | DG
                Intercompany invoice | intercompany invoices | intercompany accountants | MA
                Accrual | accruals | accountants | PT
                Lease accounting | lease agreements | lease accountants | D
                Board paper | board papers | finance leaders | GD
                Cost allocation | cost pools | cost controllers | AO
                Finance policy | policy questions | finance staff | S
                Audit request | audit requests | controllers | RDG
                """,
            ),
            (
                "People and culture",
                "PEO",
                "SE",
                """
                HR policy | employee questions | HR advisers | SC
                Candidate screening | job applications | recruiters | DRP
                Interview scheduling | interviews | recruiting coordinators | OT
                Job description | job descriptions | hiring managers | GA
                Learning path | learners | learning partners | NG
                Attrition | employees | people analysts | P
                Payroll query | payroll queries | payroll clerks | CRT
                Skills inventory | employee profiles | talent partners | DN
                Employee survey | survey comments | people analysts | DQ
                Absence | absences | workforce managers | FA
                Relocation | relocation cases | mobility advisers | TS
                Performance review | review texts | people managers | GQ
                """,
            ),
            (
                "Legal",
                "LEG",
                "GB",
                """
                Non-disclosure agreement | agreements | contract lawyers | DAT
                Contract clause | contracts | contract lawyers | DAS
                Litigation | case files | litigators | DPS
                Legal intake | legal requests | legal operations managers | RGT
                Regulatory change | regulatory texts | regulatory lawyers | DRS
                Outside counsel bill | law-firm invoices | legal operations analysts | MA
                Data subject request | subject requests | privacy lawyers | DRT
                Trademark | trademark filings | trademark lawyers | VA
                Legal memo | legal memos | lawyers | GS
                Discovery | discovery documents | litigation support teams | DR
                """,
            ),
            (
                "Risk and compliance",
                "RIS",
                "NL",
                """
                Model validation | models in use | model validators | AGK
                Operational loss | loss events | operational-risk managers | DRP
                Control test | controls | control testers | AQ
                Credit portfolio | credit exposures | credit-risk managers | FP
                Market risk | trading positions | market-risk analysts | AF
                Compliance advice | compliance questions | compliance advisers | SG
                Conduct | sales records | conduct-risk managers | QA
                Stress test | stress scenarios | stress-test leads | FG
                Regulatory report | regulatory returns | reporting managers | AGM
                Policy mapping | policies | compliance officers | DS
                Climate risk | counterparty disclosures | climate-risk analysts | DP
                Third-party assessment | vendor assessments | vendor-risk analysts | DGR
                """,
            ),
            (
                "Financial crime",
                "FCR",
                "LT",
                """
                Transaction monitoring | monitoring alerts | financial-crime analysts | RPA
                Suspicious activity report | activity reports | financial-crime investigators | GD
                Mule account | current accounts | fraud investigators | PA
                Name screening | name matches | screening analysts | RDA
                Scam payment | push payments | scam specialists | PCA
                Network link | account links | intelligence analysts | AP
                Investigation file | investigation files | financial-crime investigators | DGS
                Cash deposit | cash deposits | monitoring analysts | AP
                Application fraud | new applications | fraud analysts | PV
                Law enforcement request | information requests | disclosure officers | RDT
                Trade surveillance | trader messages | surveillance analysts | QRA
                """,
            ),
            (
                "Marketing",
                "MKT",
                "FR",
                """
                Campaign copy | campaign texts | copywriters | GQL
                Media budget | media placements | media planners | OF
                Customer segment | customer profiles | segment managers | PN
                Website search | site searches | web editors | SN
                Brand image | images | designers | VG
                Churn campaign | leaving customers | loyalty managers | PN
                Lead scoring | leads | sales managers | PR
                Customer feedback | feedback comments | insight managers | DQ
                Product page | product pages | web editors | GA
                Event invitation | invitations | event managers | NG
                Sponsorship | sponsorship requests | sponsorship managers | RD
                Price perception | survey answers | insight analysts | QF
                """,
            ),
            (
                "Internal audit",
                "AUD",
                "CH",
                """
                Audit planning | auditable entities | audit managers | PO
                Audit sampling | audit samples | auditors | AD
                Working paper | working papers | auditors | GDQ
                Audit finding | findings | audit managers | RDG
                Continuous audit | control logs | data auditors | A
                Audit evidence | evidence documents | auditors | DS
                Branch audit | branch reports | branch auditors | DP
                Audit report | audit reports | audit leaders | G
                """,
            ),
        ),
    ),
)


def _process(line: str) -> Process:
    name, items, people, kinds = (part.strip() for part in line.split("|"))
    return Process(name=name, items=items, people=people, kinds=kinds)


DIVISIONS: tuple[Division, ...] = tuple(
    Division(
        name=division,
        code=code,
        source=source,
        departments=tuple(
            Department(
                name=department,
                code=f"{code}-{short}",
                country=country,
                processes=tuple(_process(line) for line in table.split("\n") if line.strip()),
            )
            for department, short, country, table in departments
        ),
    )
    for division, code, source, departments in _TABLES
)
