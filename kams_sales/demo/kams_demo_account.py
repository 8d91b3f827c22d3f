from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models

from ..tools import uscc

# WHO THE CUSTOMERS ARE: without their USCC's check character; what isn't known is left out
IDENTITY = {
    "linhai": {
        "uscc": "913310823076318Q2",
        "ownership": "state",
        "legal_representative": "王海涛 Wang Haitao",
        "superior_authority": "浙江省国资委 Zhejiang SASAC",
        "registered_capital": 86_000_000,
        "employees": 3_400,
        "branches": 7,
        "credit_grade": "aaa",
        "payment_attitude": "slow",
        "industry_rank": "middle",
        "market_share": 4.5,
        "industry_growth": 5,
    },
    "qinghe": {
        "uscc": "91130200754023917",
        "ownership": "private",
        "legal_representative": "郭建军 Guo Jianjun",
        "registered_capital": 210_000_000,
        "employees": 11_200,
        "branches": 4,
        "credit_grade": "b",
        "payment_attitude": "bargains",
        "industry_rank": "middle",
        "market_share": 1.2,
        "industry_growth": -3,
    },
    "yunling_group": {
        "uscc": "91530000709706235",
        "ownership": "state",
        "legal_representative": "杨正明 Yang Zhengming",
        "superior_authority": "云南省国资委 Yunnan SASAC",
        "registered_capital": 1_500_000_000,
        "employees": 28_000,
        "branches": 19,
        "credit_grade": "aaa",
        "payment_attitude": "prompt",
        "industry_rank": "leader",
        "market_share": 38,
        "industry_growth": 6,
    },
    "yunling": {
        "uscc": "915301007535741XK",
        "ownership": "state",
        "legal_representative": "何建国 He Jianguo",
        "superior_authority": "云岭交通投资集团 Yunling Transport Investment",
        "registered_capital": 420_000_000,
        "employees": 6_900,
        "branches": 5,
        "credit_grade": "aa",
        "payment_attitude": "prompt",
        "industry_rank": "leader",
        "market_share": 61,
        "industry_growth": 9,
    },
    "yunling_tunnel": {
        "uscc": "91530100MA6K4T2H8",
        "ownership": "state",
        "legal_representative": "李卫东 Li Weidong",
        "superior_authority": "云岭交通投资集团 Yunling Transport Investment",
        "registered_capital": 95_000_000,
        "employees": 1_750,
        "branches": 2,
        "credit_grade": "a",
        "payment_attitude": "slow",
        "industry_rank": "tail",
        "market_share": 3,
    },
    "donghu": {
        "uscc": "12420100441356708",
        "ownership": "institution",
        "legal_representative": "徐文 Xu Wen",
        "superior_authority": "武汉市卫健委 Wuhan Health Commission",
        "registered_capital": 38_000_000,
        "employees": 2_300,
        "branches": 3,
        "credit_grade": "a",
        "payment_attitude": "slow",
        "industry_rank": "leader",
        "market_share": 12,
        "industry_growth": 8,
    },
    "nordwind": {
        "ownership": "private",
        "legal_representative": "Dr. Jens Petersen",
        "registered_capital": 24_000_000,
        "employees": 860,
        "branches": 4,
        "credit_grade": "aa",
        "payment_attitude": "prompt",
        "industry_rank": "middle",
        "market_share": 2.8,
        "industry_growth": 11,
    },
    "castellan": {
        "ownership": "private",
        "legal_representative": "Margaret Holt",
        "registered_capital": 40_000_000,
        "employees": 5_100,
        "branches": 14,
        "credit_grade": "a",
        "payment_attitude": "prompt",
        "industry_rank": "middle",
        "market_share": 6,
        "industry_growth": 2,
    },
    "marfil": {
        "ownership": "foreign",
        "legal_representative": "Andrés Soler",
        "registered_capital": 60_000_000,
        "employees": 1_900,
        "branches": 2,
        "credit_grade": "b",
        "payment_attitude": "slow",
        "industry_rank": "middle",
        "market_share": 3.5,
        "industry_growth": -1,
    },
    "helvion": {
        "ownership": "private",
        "is_listed": True,
        "legal_representative": "Regula Frey",
        "registered_capital": 150_000_000,
        "employees": 7_800,
        "branches": 9,
        "credit_grade": "aaa",
        "payment_attitude": "prompt",
        "industry_rank": "leader",
        "market_share": 9,
        "industry_growth": 6,
    },
}
# Industry, salesperson who manages the account, when it was made one, tier and why
CARE = {
    "linhai": ("D", "demo", "2023-03-01", "b", "Two control centres to renew by 2028"),
    "qinghe": ("C", "demo", "2024-05-15", "c", "Pays late and bargains over every bill"),
    "yunling_group": ("H", "admin", "2021-09-01", "a", "Decides on all rail and road projects of the province"),
    "yunling": ("H", "demo", "2021-09-01", "a", "Our largest reference in signalling"),
    "yunling_tunnel": ("F", "demo", "2025-02-01", "d", "Buys through the group, rarely by itself"),
    "donghu": ("Q", "demo", "2024-01-10", "c", "One project, but a name that others follow"),
    "nordwind": ("D", "admin", "2023-10-01", "b", "Three wind farms a year, each with a control room"),
    "castellan": ("C", "admin", "2022-06-01", "a", "Fourteen depots, three of them automated by us"),
    "marfil": ("C", "admin", "2022-11-15", "c", "Orders hang on the next car platform"),
    "helvion": ("C", "admin", "2022-02-01", "b", "Pays for quality, plans a second site"),
}
# What they want: mission, one-year plan, what it takes, what hurts, what they sell, to whom, against whom
STRATEGY = {
    "linhai": (
        "A grid that nobody notices: under two hours without power a year",
        "Bring 40 substations under remote monitoring",
        "Uptime; approval by the province",
        "Faults are found by telephone calls",
        "Power distribution",
        "Households, ports, chemical parks",
        "None in its area",
    ),
    "qinghe": (
        "Stay among the private mills that survive the cut of capacity",
        "Lower energy per tonne by 6 %",
        "Energy cost; emission quotas",
        "Furnaces are run by experience, not by figures",
        "Rebar, wire rod",
        "Builders in Hebei and Tianjin",
        "Hebei Iron and Steel, Jianlong",
    ),
    "yunling_group": (
        "Every county of Yunnan within an hour of a motorway or a railway",
        "Open 310 km of road and two rail lines",
        "Financing; safety record",
        "Five subsidiaries buy five kinds of control system",
        "Roads, rail, ports",
        "The province, toll payers",
        "China Railway Construction",
    ),
    "yunling": (
        "A train every two minutes, on time",
        "Renew the signalling of line 3",
        "Punctuality; certified safety",
        "Line 3 still runs on relays",
        "Metro operation",
        "Kunming's commuters",
        "Buses and taxis",
    ),
    "yunling_tunnel": (
        "Dig faster and safer than the plan says",
        "Finish the Ailao tunnel",
        "Advance per day",
        "Ventilation faults stop the heading",
        "Tunnelling",
        "The group's road and rail companies",
        "China Railway Tunnel",
    ),
    "donghu": (
        "The hospital to which central China sends its hard cases",
        "One patient record across three campuses",
        "Rating as a grade-A hospital",
        "Each campus keeps its own files",
        "Oncology, cardiology",
        "Patients of Hubei",
        "Tongji and Xiehe hospitals",
    ),
    "nordwind": (
        "Offshore wind at the price of coal",
        "Run four parks from one control room",
        "Availability over 97 %",
        "Each park came with its own system",
        "Wind power",
        "Utilities, aluminium smelters",
        "Ørsted, EnBW",
    ),
    "castellan": (
        "Fresh food on every shelf the morning after",
        "Automate two more depots",
        "Picking cost; freshness",
        "No drivers and no pickers at night",
        "Chilled and frozen food",
        "Supermarket chains",
        "Bakkavor, Greencore",
    ),
    "marfil": (
        "The press shop that car makers call first",
        "Retrofit press line 2",
        "Parts per hour; scrap",
        "A line stands still for half an hour at each change",
        "Body panels",
        "Car makers in Spain and France",
        "Gestamp",
    ),
    "helvion": (
        "Medicines that reach the patient in the batch they were tested in",
        "Licence the new sterile hall",
        "Regulators' approval; traceability",
        "Material is carried into the clean room by hand",
        "Sterile injectables",
        "Hospitals worldwide",
        "Lonza, Fresenius Kabi",
    ),
}
# Their books, in millions: last year's revenue and the year before, and what follows in usual proportion
REVENUES = {
    "linhai": (940, 905),
    "qinghe": (2_850, 3_120),
    "yunling_group": (6_400, 5_900),
    "yunling": (780, 700),
    "yunling_tunnel": (310, 345),
    "donghu": (265, 240),
    "nordwind": (410, 365),
    "castellan": (1_220, 1_180),
    "marfil": (390, 420),
    "helvion": (2_050, 1_890),
}
PROPORTIONS = {
    "gross_profit": 0.28,
    "ebit": 0.11,
    "net_profit": 0.07,
    "total_assets": 1.3,
    "current_assets": 0.5,
    "inventory": 0.12,
    "receivables": 0.18,
    "total_liabilities": 0.75,
    "current_liabilities": 0.32,
    "retained_earnings": 0.3,
    "market_value": 0.6,
    "capex": 0.08,
    "it_budget": 0.015,
}
# Business units, our standing there, and its cells: i installed, p potential, c competitor's, n not applicable
UNITS = {
    "linhai": [("Operations 运检部", "4", "ippp"), ("Dispatch 调控中心", "3", "cn p")],
    "qinghe": [("Blast furnaces 炼铁厂", "3", "pnip"), ("Rolling mill 轧钢厂", "2", "cppn")],
    "yunling_group": [("Roads 公路", "3", "cnpp"), ("Rail 轨道", "5", "inpi")],
    "yunling": [("Line operation 运营", "5", "inpi"), ("Depots 车辆段", "4", "ppni")],
    "yunling_tunnel": [("Ailao tunnel 哀牢山隧道", "2", "pn p")],
    "donghu": [("Information department 信息科", "3", "pnnp"), ("Logistics 后勤", "2", "npp ")],
    "nordwind": [("Offshore", "3", "ipnp"), ("Service", "4", "nnpi")],
    "castellan": [("Chilled depots", "5", "nipi"), ("Frozen depots", "3", "ncpp"), ("Own transport", "2", "nn p")],
    "marfil": [("Press shop", "4", "pinp"), ("Body assembly", "2", "nc p")],
    "helvion": [("Sterile production", "4", "ipni"), ("Warehouse Basel", "3", "npnp")],
}
OFFERINGS = ("control", "robots", "energy", "service")
CELLS = {"i": "installed", "p": "potential", "c": "competitor", "n": "na"}
# What we invoiced: months ago, product, quantity, discount in per cent, days until it was paid (0: it wasn't)
INVOICES = {
    "linhai": [(13, "control", 4, 5, 75), (9, "service", 6, 0, 68), (5, "control", 3, 8, 81), (2, "service", 6, 0, 0)],
    "qinghe": [(12, "energy", 3, 15, 96), (7, "energy", 2, 18, 104), (4, "service", 2, 10, 0)],
    "yunling_group": [(10, "service", 10, 0, 32), (3, "control", 6, 4, 35)],
    "yunling": [
        (14, "control", 12, 6, 41),
        (8, "control", 9, 6, 38),
        (5, "service", 14, 0, 30),
        (1, "control", 5, 6, 0),
    ],
    "yunling_tunnel": [(6, "service", 1, 0, 70)],
    "donghu": [(11, "service", 2, 0, 88), (3, "control", 1, 10, 0)],
    "nordwind": [(9, "control", 5, 3, 24), (4, "service", 5, 0, 27)],
    "castellan": [(13, "robots", 9, 4, 30), (7, "robots", 8, 4, 31), (4, "service", 12, 0, 29), (1, "robots", 3, 4, 0)],
    "marfil": [(12, "robots", 4, 12, 83), (6, "robots", 2, 14, 90), (2, "service", 2, 5, 0)],
    "helvion": [(11, "control", 4, 0, 28), (6, "service", 9, 0, 30), (2, "robots", 4, 0, 21)],
}
CREDIT_NOTES = {"castellan": (3, "robots", 1, 4), "qinghe": (6, "energy", 1, 18)}
# What serving them cost: months ago, activity, driver, quantity, rate
COSTS = {
    "linhai": [(6, "visits", "Visits", 22, 600), (4, "bidding", "Days", 30, 800)],
    "qinghe": [(5, "complaints", "Hours", 310, 90), (3, "presales", "Days", 25, 800), (8, "visits", "Visits", 34, 600)],
    "yunling": [(7, "installation", "Days", 60, 700), (2, "presales", "Days", 40, 800)],
    "castellan": [(6, "installation", "Days", 45, 700), (3, "training", "Courses", 8, 1_200)],
    "marfil": [(4, "complaints", "Hours", 260, 90), (9, "logistics", "Deliveries", 18, 350)],
    "helvion": [(5, "training", "Courses", 6, 1_200)],
}
# Value: spend on what we sell in thousands, strategic value, importance, difficulty, attractiveness, relationship
VALUES = {
    "linhai": (3_200, 60, 6, 6, 6, 6),
    "qinghe": (2_100, 30, 4, 8, 4, 4),
    "yunling_group": (9_500, 85, 9, 6, 9, 6),
    "yunling": (5_400, 90, 9, 5, 9, 9),
    "yunling_tunnel": (600, 20, 3, 4, 3, 3),
    "donghu": (900, 55, 5, 7, 6, 4),
    "nordwind": (2_600, 65, 7, 4, 8, 6),
    "castellan": (4_100, 70, 8, 3, 8, 8),
    "marfil": (1_700, 35, 5, 6, 4, 6),
    "helvion": (3_800, 75, 8, 4, 8, 7),
}
# What they buy of us: category, spend in thousands, suppliers, sourcing, our attractiveness to them
# and answers to the cards: (cost, quality, result), (suppliers, competition, substitution, logistics)
SUPPLY = {
    "linhai": ("control", 1_900, 4, "multi", 3.5, (4, 4, 3), (3, 2, 4, 2)),
    "qinghe": ("energy", 1_100, 6, "multi", 2.2, (4, 2, 4), (2, 1, 2, 2)),
    "yunling_group": ("control", 6_000, 3, "dual", 4.5, (4, 5, 4), (4, 4, 5, 3)),
    "yunling": ("control", 3_600, 2, "dual", 4.6, (4, 5, 5), (4, 4, 5, 3)),
    "yunling_tunnel": ("service", 250, 5, "multi", 2.0, (1, 2, 1), (2, 2, 1, 1)),
    "donghu": ("control", 500, 4, "multi", 3.4, (2, 4, 3), (3, 3, 4, 2)),
    "nordwind": ("control", 1_500, 3, "dual", 4.0, (3, 5, 4), (3, 3, 4, 4)),
    "castellan": ("robots", 2_700, 3, "dual", 4.3, (4, 4, 5), (2, 3, 3, 2)),
    "marfil": ("robots", 900, 5, "multi", 2.4, (3, 3, 4), (2, 2, 2, 2)),
    "helvion": ("control", 1_400, 2, "single", 4.1, (2, 5, 4), (4, 4, 4, 4)),
}
# Target customers: attractiveness, our strength, the best competitor's, and the decision where it isn't the matrix's
SELECTIONS = {
    "yunling": ((9, 8, 9, 7), (9, 7, 8, 8), (7, 6, 6, 5), None),
    "castellan": ((8, 8, 7, 8), (8, 7, 8, 8), (7, 7, 6, 5), None),
    "qinghe": ((5, 3, 4, 3), (6, 4, 6, 4), (6, 7, 5, 6), None),
    "donghu": (
        (5, 6, 8, 4),
        (6, 6, 5, 3),
        (7, 6, 7, 7),
        ("selective", "The reference opens central China's hospitals"),
    ),
}
# Relationship: contact, trust, information, status, planning, exit
RELATIONSHIPS = {"yunling": (4, 4, 3, 4, 3, 3), "castellan": (3, 4, 3, 3, 3, 3), "marfil": (2, 2, 2, 2, 1, 2)}
# What was heard: category, subject, what we know, source, reliability, months it holds from half a year ago
ITEMS = [
    ("organisation", "Who decides", "Technical leadership proposes, the general manager's meeting decides", "b", 24),
    ("purchasing", "How it buys", "Above one million by tender, below by comparison of three offers", "a", 18),
    ("competition", "Who else is there", "Siemens and a local integrator visited twice this year", "c", 12),
]
EXPIRED = {"qinghe": ("purchasing", "Freeze on spending", "No orders until the half-year figures are out", "c", 3)}
SECRET = {"yunling": ("relationship", "The chief engineer's worry", "Wants line 3 finished before he retires", "b", 12)}
FORCES = {
    "linhai": "21314",
    "qinghe": "52345",
    "yunling_group": "32242",
    "yunling": "22241",
    "yunling_tunnel": "43234",
    "donghu": "32231",
    "nordwind": "43343",
    "castellan": "53335",
    "marfil": "42435",
    "helvion": "34232",
}
# Plans: goal, what the customer gets, objectives (measure, target, unit's place or None), actions (days from now, done)
PLANS = {
    "yunling": (
        "The one supplier of signalling and its service",
        "Line 3 renewed without closing it for a day",
        [("Net sales of two million", "net_sales", 2_000_000, None), ("Half the whitespace", "penetration", 50, None)],
        [("Invite the chief engineer to the reference line", -40, True), ("Agree on the service contract", 25, False)],
    ),
    "castellan": (
        "Automate the frozen depots as well",
        "Picking at half the cost, with the same people",
        [("Net sales of one and a half million", "net_sales", 1_500_000, None), ("Two new deals", "new_deals", 2, 1)],
        [("Show the frozen-goods robot in Leeds", -12, False), ("Board meeting on the five-year plan", 50, False)],
    ),
}


class KamsAccount(models.Model):
    """The demo customers' key accounts: known, judged, invoiced and planned for, by the means that users have."""

    _inherit = "kams.account"

    @api.model
    def _kams_demo_accounts(self):
        """Everything that the account level asks for, before the demo deals begin to move."""
        made = self.create([self._demo_profile(key) for key in CARE])
        accounts = dict(zip(CARE, made, strict=True))
        self._demo_invoices(accounts)
        self._demo_cells(accounts)
        self._demo_costs(accounts)
        made._refresh_figures()
        self._demo_values(accounts)
        self._demo_supply(accounts)
        self._demo_selections(accounts)
        self._demo_cards("relationship_stage", {accounts[key]: answers for key, answers in RELATIONSHIPS.items()})
        self._demo_plans(accounts)
        self._demo_tiers(accounts)

    @api.model
    def _demo(self, name):
        return self.env.ref(f"kams_sales.{name}")

    @api.model
    def _demo_day(self, months=0, days=0):
        return fields.Date.context_today(self) - relativedelta(months=months, days=days)

    # PROFILE
    @api.model
    def _demo_profile(self, key):
        industry, manager, since, _tier, _why = CARE[key]
        mission, plan, factors, pains, products, customers, competitors = STRATEGY[key]
        partner = self._demo(f"partner_{key}")
        partner.industry_id = self.env.ref(f"base.res_partner_industry_{industry}")
        identity = dict(IDENTITY[key])
        if body := identity.get("uscc"):
            identity["uscc"] = body + uscc.check_character(body)
        return {
            "partner_id": partner.id,
            "manager_id": self.env.ref(f"base.user_{manager}").id,
            "since": since,
            "as_of": self._demo_day(months=4),
            "author_id": self.env.ref(f"base.user_{manager}").id,
            "credit_checked_on": self._demo_day(months=5),
            "next_review_date": self._demo_day(months=-2),
            "is_standalone": not key.startswith("yunling"),
            **identity,
            "mission": mission,
            "plan_one_year": plan,
            "key_success_factors": factors,
            "pains": pains,
            "main_products": products,
            "main_customers": customers,
            "main_competitors": competitors,
            "pest_ids": self._demo_lines(("factor", "trend", "impact"), self._demo_pest(key)),
            "force_ids": self._demo_lines(
                ("force", "strength"),
                zip(("rivalry", "entrants", "substitutes", "suppliers", "buyers"), FORCES[key], strict=True),
            ),
            "swot_ids": self._demo_lines(
                ("quadrant", "statement", "implication"),
                [
                    ("1s", f"Strong in {products.lower()}", "Can pay for what it needs"),
                    ("2w", pains, "Here our offering helps"),
                    ("3o", plan, "A project that has a budget"),
                    ("4t", f"Pressed by {competitors}", "Decides faster when pressed"),
                ],
            ),
            "initiative_ids": self._demo_lines(
                ("name", "budget", "date_start", "date_end"),
                [(plan, REVENUES[key][0] * 4_000, self._demo_day(months=2), self._demo_day(months=-10))],
            ),
            "chain_ids": self._demo_lines(
                ("activity", "importance", "pain"), [("Operations", "5", pains), ("Procurement", "3", False)]
            ),
            "year_ids": [Command.create(vals) for vals in self._demo_years(key)],
            "unit_ids": self._demo_lines(
                ("name", "relationship"), [(name, relationship) for name, relationship, _cells in UNITS[key]]
            ),
            "profile_item_ids": [Command.create(vals) for vals in self._demo_items(key)],
        }

    @api.model
    def _demo_lines(self, names, rows):
        return [Command.create(dict(zip(names, row, strict=True))) for row in rows]

    @api.model
    def _demo_pest(self, key):
        chinese = "uscc" in IDENTITY[key]
        return [
            ("political", "Domestic suppliers are preferred" if chinese else "Subsidies are being cut", "-1"),
            ("economic", "Credit is cheap" if chinese else "Interest on loans has doubled", "1" if chinese else "-1"),
            ("technological", "Plants are run from afar", "2"),
        ]

    @api.model
    def _demo_years(self, key):
        last = fields.Date.context_today(self).year - 1
        return [
            {
                "year": str(last - place),
                "revenue": revenue * 1e6,
                "source": "Annual report",
                **{name: revenue * 1e6 * part for name, part in PROPORTIONS.items()},
            }
            for place, revenue in enumerate(REVENUES[key])
        ]

    @api.model
    def _demo_items(self, key):
        heard = self._demo_day(months=6)
        rows = [*ITEMS, *(table[key] for table in (EXPIRED, SECRET) if key in table)]
        return [
            {
                "category": category,
                "key": subject,
                "value": value,
                "source": "Talk with its engineers",
                "reliability": reliability,
                "credibility": "2",
                "collected_at": heard,
                "expires_at": heard + relativedelta(months=months),
                "confidentiality": "secret" if key in SECRET and subject == SECRET[key][1] else "internal",
            }
            for category, subject, value, reliability, months in rows
        ]

    # BOOKS
    @api.model
    def _demo_invoices(self, accounts):
        """Posted invoices and two credit notes, and the bank's lines that paid most of them."""
        rows = [(key, *row) for key, invoices in INVOICES.items() for row in invoices]
        rows += [(key, *row, None) for key, row in CREDIT_NOTES.items()]
        moves = self.env["account.move"].create(
            [
                {
                    "move_type": "out_refund" if days is None else "out_invoice",
                    "partner_id": accounts[key].partner_id.id,
                    "invoice_date": self._demo_day(months=months),
                    "invoice_user_id": accounts[key].manager_id.id,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "product_id": self._demo(f"product_{product}").id,
                                "quantity": quantity,
                                "discount": discount,
                                "tax_ids": [Command.clear()],
                            }
                        )
                    ],
                }
                for key, months, product, quantity, discount, days in rows
            ]
        )
        moves.action_post()
        days_of = {move: row[-1] for move, row in zip(moves, rows, strict=True) if row[-1]}
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.env.company.id)], limit=1
        )
        receivable = {
            move: move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
            for move in days_of
        }
        paid = self.env["account.bank.statement.line"].create(
            [
                {
                    "journal_id": journal.id,
                    "date": move.invoice_date + relativedelta(days=days),
                    "payment_ref": move.name,
                    "partner_id": move.partner_id.id,
                    "amount": move.amount_total,
                    "counterpart_account_id": receivable[move].account_id.id,
                }
                for move, days in days_of.items()
            ]
        )
        for move, line in zip(days_of, paid, strict=True):
            (receivable[move] + line.move_id.line_ids.filtered("account_id.reconcile")).filtered(
                lambda line, account=receivable[move].account_id: line.account_id == account
            ).reconcile()

    @api.model
    def _demo_costs(self, accounts):
        self.env["kams.account.cost"].create(
            [
                {
                    "account_id": accounts[key].id,
                    "date": self._demo_day(months=months),
                    "activity": activity,
                    "driver": driver,
                    "driver_qty": quantity,
                    "driver_rate": rate,
                }
                for key, costs in COSTS.items()
                for months, activity, driver, quantity, rate in costs
            ]
        )

    # JUDGEMENTS
    @api.model
    def _demo_cells(self, accounts):
        """State what the books don't tell of the whitespace grid, each by the account's own manager."""
        places = {self._demo(f"category_{name}"): place for place, name in enumerate(OFFERINGS)}
        for key, units in UNITS.items():
            states = {name: cells for name, _relationship, cells in units}
            for unit in accounts[key].unit_ids:
                for cell in unit.cell_ids.filtered(lambda cell: cell.offering_id in places):
                    letter = states[unit.name][places[cell.offering_id]]
                    if letter in CELLS:
                        cell.with_user(accounts[key].manager_id).write(
                            {
                                "state": CELLS[letter],
                                "est_amount": 1_000 * VALUES[key][0] / 12 if letter == "p" else 0,
                                "competitor": "Siemens" if letter == "c" else False,
                            }
                        )

    @api.model
    def _demo_values(self, accounts):
        names = ("category_spend", "strategic", "importance", "difficulty", "attractiveness", "relationship")
        values = self.env["kams.account.value"].create(
            [
                {
                    "account_id": accounts[key].id,
                    "target_share": 40,
                    "figure_ids": [
                        Command.create({"key": name, "typed_value": number, "why": "Account team's estimate"})
                        for name, number in zip(names, (spend * 1_000, *judged), strict=True)
                    ],
                }
                for key, (spend, *judged) in VALUES.items()
            ]
        )
        values.action_done()

    @api.model
    def _demo_cards(self, code, answers, rivals=None):
        """Done scorecards of one template.

        :param answers: ``{account or supply position: answers in the template's order}``
        :param rivals: the same for the best competitor, where it is judged beside us
        """
        template = self.env["kams.scorecard.template"]._of(code)
        criteria = template.criterion_ids.sorted(lambda criterion: (criterion.sequence, criterion.id))
        cards = self.env["kams.scorecard"].create(
            [
                {
                    "template_id": template.id,
                    "account_id": (subject if subject._name == self._name else subject.account_id).id,
                    "supply_id": subject.id if subject._name == "kams.supply.position" else False,
                    "date": self._demo_day(months=4),
                    "line_ids": [
                        Command.create(
                            {
                                "criterion_id": criterion.id,
                                "answer": str(given[place]),
                                "best_answer": str(rivals[subject][place]) if rivals else False,
                            }
                        )
                        for place, criterion in enumerate(criteria)
                    ],
                }
                for subject, given in answers.items()
            ]
        )
        cards.action_done()
        return cards

    @api.model
    def _demo_supply(self, accounts):
        positions = self.env["kams.supply.position"].create(
            [
                {
                    "account_id": accounts[key].id,
                    "category_id": self._demo(f"category_{category}").id,
                    "annual_spend": spend * 1_000,
                    "supplier_count": suppliers,
                    "sourcing": sourcing,
                    "centralisation": "central",
                    "contract_cycle": 24,
                    "next_sourcing_date": self._demo_day(months=-7),
                    "qualification_status": "preferred" if attractiveness > 4 else "qualified",
                    "target_share": 40,
                    "attractiveness": attractiveness,
                }
                for key, (category, spend, suppliers, sourcing, attractiveness, _impact, _risk) in SUPPLY.items()
            ]
        )
        for place, code in ((5, "kraljic_impact"), (6, "kraljic_risk")):
            self._demo_cards(
                code, {position: row[place] for position, row in zip(positions, SUPPLY.values(), strict=True)}
            )

    @api.model
    def _demo_selections(self, accounts):
        sides = {"attractiveness": 0, "strength": 1}
        cards = {
            side: self._demo_cards(
                f"selection_{side}",
                {accounts[key]: row[place] for key, row in SELECTIONS.items()},
                rivals={accounts[key]: row[2] for key, row in SELECTIONS.items()} if side == "strength" else None,
            )
            for side, place in sides.items()
        }
        selections = self.env["kams.account.selection"].create(
            [
                {
                    "account_id": accounts[key].id,
                    "attractiveness_id": attractiveness.id,
                    "strength_id": strength.id,
                    "decision": row[3] and row[3][0],
                    "reason": row[3] and row[3][1],
                }
                for (key, row), attractiveness, strength in zip(
                    SELECTIONS.items(), cards["attractiveness"], cards["strength"], strict=True
                )
            ]
        )
        selections.with_user(self.env.ref("base.user_admin")).action_decide()

    # WHAT COMES OF IT
    @api.model
    def _demo_plans(self, accounts):
        year = fields.Date.context_today(self).year
        for key, (goal, proposition, objectives, actions) in PLANS.items():
            account = accounts[key]
            plan = self.env["kams.plan"].create(
                {
                    "account_id": account.id,
                    "user_id": account.manager_id.id,
                    "date_from": f"{year}-01-01",
                    "date_to": f"{year}-12-31",
                    "goal": goal,
                    "value_proposition": proposition,
                    "objective_ids": [
                        Command.create(
                            {
                                "name": name,
                                "measure": measure,
                                "target": target,
                                "unit_id": place is not None and account.unit_ids[place].id,
                            }
                        )
                        for name, measure, target, place in objectives
                    ],
                    "action_ids": [
                        Command.create(
                            {
                                "name": name,
                                "date_due": self._demo_day(days=-days),
                                "user_id": account.manager_id.id,
                                "state": "done" if done else "open",
                            }
                        )
                        for name, days, done in actions
                    ],
                }
            )
            plan.with_context(mail_activity_quick_update=True).action_activate()

    @api.model
    def _demo_tiers(self, accounts):
        director = self.env.ref("base.user_admin")
        for key, (_industry, _manager, _since, tier, why) in CARE.items():
            accounts[key].with_user(director)._set_tier(tier, why)
