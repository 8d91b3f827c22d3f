from collections import defaultdict

from odoo import api, models

IDENTITY = (
    "uscc",
    "ownership",
    "legal_representative",
    "superior_authority",
    "registered_capital",
    "is_listed",
    "employees",
    "branches",
    "industry_id",
    "parent_id",
    "bank_name",
    "credit_grade",
    "credit_checked_on",
    "payment_attitude",
)
STANDING = (
    "tier",
    "relationship_stage",
    "manager_id",
    "member_ids",
    "since",
    "next_review_date",
    "as_of",
    "valid_until",
    "completeness",
    "freshness",
)
STRATEGY = (
    "mission",
    "plan_one_year",
    "plan_three_years",
    "key_success_factors",
    "pains",
    "main_products",
    "main_customers",
    "main_competitors",
)
AMOUNTS = (
    "revenue",
    "gross_profit",
    "ebit",
    "net_profit",
    "total_assets",
    "current_assets",
    "inventory",
    "receivables",
    "total_liabilities",
    "current_liabilities",
    "retained_earnings",
    "market_value",
    "capex",
    "it_budget",
)
RATIOS = (
    ("growth", 1),
    ("gross_margin", 1),
    ("net_margin", 1),
    ("current_ratio", 2),
    ("debt_ratio", 1),
    ("roe", 1),
    ("receivable_days", 0),
    ("altman_z", 2),
)
ZONES = {"safe": "good", "grey": "fair", "distress": "bad"}
# the account's lines, each read at once for all accounts that are printed
LINES = {
    "pest": "kams.account.pest",
    "forces": "kams.account.force",
    "initiatives": "kams.account.initiative",
    "chain": "kams.account.chain",
    "units": "kams.account.unit",
    "swot": "kams.account.swot",
    "years": "kams.account.year",
    "items": "kams.profile.item",
}
YEARS = 5  # columns that fit on a page


class ReportAccountProfile(models.AbstractModel):
    """The customer profile on paper: all that is known of a customer, for a meeting or a file (3.5 客户档案表, T15).

    Secret items are on it only for those who may see them, and then it says so across each page. Personal data of
    contacts is never on it: paper can't be erased when its time is over.
    """

    _name = "report.kams_sales.report_account_profile"
    _description = "Customer profile"
    _inherit = ["kams.paper"]
    _paper_model = "kams.account"

    @api.model
    def _title(self):
        return self.env._("Customer Profile")

    @api.model
    def _name_of(self, record):
        return record.name

    @api.model
    def _sheets(self, records):
        lines = {key: self._lines_of(model, records, "account_id") for key, model in LINES.items()}
        people = self._people(records)
        return {
            account.id: self._sheet(account, people[account], **{key: lines[key][account] for key in LINES})
            for account in records
        }

    def _sheet(self, account, people, pest, forces, initiatives, chain, units, swot, years, items):
        secret = "secret" in items.mapped("confidentiality")
        sections = [
            self._section_facts(self.env._("Identity"), [self._fact(account, name) for name in IDENTITY]),
            self._section_facts(
                self.env._("Our Relationship"),
                [self._fact(account, name) for name in STANDING]
                + [(self._label(account, "profile_missing"), account.profile_missing or self.env._("Nothing"))],
            ),
            self._people_table(people),
            *self._years_tables(account, years),
            self._section_texts(
                self.env._("Strategy and Operations"), [(self._label(account, n), account[n]) for n in STRATEGY]
            ),
            *self._environment(account, pest, forces),
            *self._inside(initiatives, chain, units),
            self._swot(swot),
            self._items_table(items),
        ]
        return {
            "subtitle": self._subtitle(account),
            "mark": self.env._("Confidential") if secret else "",
            "sections": sections,
        }

    # PARTS
    def _subtitle(self, account):
        partner = account.partner_id
        address = partner._display_address(without_company=True).split("\n")
        parts = [", ".join(line.strip(" ,") for line in address if line.strip(" ,"))]
        parts += [partner.phone, partner.email, partner.website]
        return " · ".join(filter(None, parts))

    def _people(self, accounts):
        """The customer's people, as far as the user may see contacts."""
        found = self.env["res.partner"].search(
            [
                ("commercial_partner_id", "in", accounts.partner_id.ids),
                ("is_company", "=", False),
                ("type", "=", "contact"),
            ],
            order="name, id",
        )
        by_customer = found.grouped("commercial_partner_id")
        return {account: by_customer.get(account.partner_id, found.browse()) for account in accounts}

    def _people_table(self, people):
        label = self._label
        columns = [
            (label(people, "name"), 24, ""),
            (label(people, "function"), 26, ""),
            (label(people, "phone"), 20, ""),
            (label(people, "email"), 30, ""),
        ]
        rows = [[one.name or "", one.function or "", one.phone or "", one.email or ""] for one in people]
        return self._section_table(self.env._("People"), columns, rows)

    def _years_tables(self, account, years):
        """Figures as rows, years as columns, the latest first; what nobody found is empty."""
        title = self.env._("Yearly Figures (%s)", account.currency_id.name)
        if not years:
            return [self._section_table(title, [("", 100, "")], [])]
        tables = []
        for start in range(0, len(years), YEARS):
            some = years[start : start + YEARS]
            gap = YEARS - len(some)
            heads = [*((year.year, 70 / YEARS, "right") for year in some), *[("", 70 / YEARS, "")] * gap]
            amounts = [
                [self._label(years, name), *(self._money(year[name] or None) for year in some), *[""] * gap]
                for name in AMOUNTS
                if any(some.mapped(name))
            ]
            ratios = [
                [self._label(years, name), *(self._ratio(year, name, digits) for year in some), *[""] * gap]
                for name, digits in RATIOS
            ]
            tables += [
                self._section_table("" if start else title, [("", 30, ""), *heads], amounts, together=True),
                self._section_table("", [(self.env._("Ratios"), 30, ""), *heads], ratios, together=True),
            ]
        return tables

    def _ratio(self, year, name, digits):
        zone = name == "altman_z"
        return self._cell(
            self._number(year[name], digits),
            tone=ZONES.get(year.altman_zone, "") if zone else "",
            note=self._value(year, "altman_zone") if zone else "",
        )

    def _environment(self, account, pest, forces):
        facts = [self._fact(account, name) for name in ("industry_growth", "market_share", "industry_rank")]
        if any(value for _label, value in facts):
            yield self._section_facts(self.env._("Environment"), facts)
        if pest:
            tones = {"-2": "bad", "-1": "bad", "1": "good", "2": "good"}
            yield self._section_table(
                self.env._("PEST"),
                [
                    (self._label(pest, name), share, "")
                    for name, share in (("factor", 18), ("trend", 60), ("impact", 22))
                ],
                [
                    [
                        self._value(line, "factor"),
                        line.trend,
                        self._cell(self._value(line, "impact"), tone=tones.get(line.impact, "")),
                    ]
                    for line in pest
                ],
            )
        if forces:
            yield self._section_table(
                self.env._("Five Forces"),
                [
                    (self._label(forces, name), share, "")
                    for name, share in (("force", 24), ("strength", 22), ("note", 54))
                ],
                [
                    [
                        self._value(line, "force"),
                        self._cell(self._value(line, "strength"), bar=int(line.strength) * 20),
                        line.note or "",
                    ]
                    for line in forces
                ],
            )

    def _inside(self, initiatives, chain, units):
        if initiatives:
            yield self._section_fields(
                self.env._("Initiatives"),
                initiatives,
                {"name": 28, "sponsor_id": 16, "budget": 16, "date_start": 12, "date_end": 12, "offering_id": 16},
            )
        if units:
            yield self._section_fields(
                self.env._("Business Units"),
                units,
                {"name": 20, "head_id": 16, "revenue": 16, "relationship": 16, "strategy": 32},
            )
        if chain:
            yield self._section_fields(
                self.env._("Value Chain"), chain, {"activity": 22, "importance": 16, "equipment": 31, "pain": 31}
            )

    def _swot(self, swot):
        by_quadrant = defaultdict(list)
        for line in swot:
            by_quadrant[line.quadrant].append((line.statement, line.implication))
        labels = dict(swot._fields["quadrant"]._description_selection(self.env))
        tones = ("good", "bad", "good", "bad")
        quadrants = [(labels[key], tone, by_quadrant[key]) for key, tone in zip(labels, tones, strict=True)]
        return self._section_quadrants(self.env._("SWOT"), quadrants)

    def _items_table(self, items):
        label = self._label
        columns = [
            (label(items, "key"), 20, ""),
            (label(items, "value"), 34, ""),
            (label(items, "source"), 16, ""),
            (self.env._("Rating"), 8, "center"),
            (label(items, "collected_at"), 11, ""),
            (label(items, "expires_at"), 11, ""),
        ]
        rows = []
        categories = dict(items._fields["category"]._description_selection(self.env))
        by_category = items.grouped("category")
        for category in filter(by_category.get, categories):
            rows.append([self._cell(categories[category])])
            for item in by_category[category]:
                secrecy = self._value(item, "confidentiality") if item.confidentiality == "secret" else ""
                rows.append(
                    [
                        self._cell(item.key, note=secrecy),
                        item.value,
                        item.source,
                        f"{item.reliability}{item.credibility or ''}".upper(),
                        self._date(item.collected_at),
                        self._cell(
                            self._date(item.expires_at),
                            tone="bad" if item.is_expired else "",
                            note=self.env._("Expired") if item.is_expired else "",
                        ),
                    ]
                )
        scales = [
            " · ".join(text for _key, text in items._fields[name]._description_selection(self.env))
            for name in ("reliability", "credibility")
        ]
        legend = self.env._("Rating: the source %(first)s; what it says %(second)s.", first=scales[0], second=scales[1])
        return self._section_table(self.env._("What We Know"), columns, rows, legend=legend)
