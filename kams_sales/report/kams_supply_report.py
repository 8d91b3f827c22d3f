from odoo import api, models

from ..tools import paper

BUYING = (
    "annual_spend",
    "supplier_count",
    "sourcing",
    "centralisation",
    "contract_cycle",
    "next_sourcing_date",
    "incumbent_ids",
    "qualification_status",
)
STANDING = (
    "our_sales",
    "our_share",
    "target_share",
    "share_gap",
    "profit_impact",
    "supply_risk",
    "kraljic",
    "attractiveness",
    "relative_value",
    "value_level",
    "preferencing",
)
# the square as it is usually drawn: impact upwards, risk to the right
SQUARE = (("leverage", "good"), ("strategic", "good"), ("noncritical", "muted"), ("bottleneck", "bad"))
CARD = "supplier_scorecard"


class ReportSupply(models.AbstractModel):
    """The supplier strategy on paper: how a customer buys each category, and how we stand there (2.2, T07, T08)."""

    _name = "report.kams_sales.report_supply"
    _description = "Supplier strategy"
    _inherit = ["kams.paper"]
    _paper_model = "kams.account"

    @api.model
    def _title(self):
        return self.env._("Supplier Strategy")

    @api.model
    def _name_of(self, record):
        return record.name

    @api.model
    def _sheets(self, records):
        positions = self._lines_of("kams.supply.position", records, "account_id")
        every = self.env["kams.supply.position"].union(*positions.values())
        steps = self._lines_of("kams.supply.step", every, "position_id")
        cards = self._cards(every)
        answers = self._lines_of("kams.scorecard.line", cards, "scorecard_id")
        by_position = {card.supply_id: card for card in cards}
        return {
            account.id: {
                "subtitle": self._subtitle(account),
                "sections": [
                    self._square(positions[account]),
                    self._summary(account, positions[account]),
                    *(
                        section
                        for position in positions[account]
                        for section in self._position(
                            position, steps[position], by_position.get(position), answers.get(by_position.get(position))
                        )
                    ),
                ],
            }
            for account in records
        }

    def _cards(self, positions):
        """The last card that is done, of us as supplier of each category."""
        cards = self.env["kams.scorecard"].search(
            [("supply_id", "in", positions.ids), ("state", "=", "done"), ("template_id.code", "=", CARD)],
            order="date desc, id desc",
        )
        latest = {}
        for card in cards:
            latest.setdefault(card.supply_id, card.id)
        return cards.browse(latest.values())

    # PARTS
    def _subtitle(self, account):
        return " · ".join(filter(None, [account.partner_id.industry_id.name, account.manager_id.name]))

    def _square(self, positions):
        labels = dict(positions._fields["kraljic"]._description_selection(self.env))
        quadrants = [
            (
                labels[key],
                tone,
                [
                    (position.category_id.name, self._value(position, "preferencing"))
                    for position in positions.filtered(lambda position, key=key: position.kraljic == key)
                ],
            )
            for key, tone in SQUARE
        ]
        return self._section_quadrants(self.env._("What Our Categories Are to the Customer (Kraljic)"), quadrants)

    def _summary(self, account, positions):
        label = self._label
        columns = [
            (label(positions, "category_id"), 22, ""),
            (label(positions, "annual_spend"), 16, "right"),
            (label(positions, "our_share"), 11, "right"),
            (label(positions, "kraljic"), 14, ""),
            (label(positions, "preferencing"), 13, ""),
            (label(positions, "supplier_score"), 11, "right"),
            (label(positions, "competitor_score"), 13, "right"),
        ]
        rows = [
            [
                position.category_id.name,
                self._money(position.annual_spend or None),
                self._number(position.our_share, 1),
                self._value(position, "kraljic"),
                self._value(position, "preferencing"),
                self._cell(self._number(position.supplier_score, 1), tone=self._against(position)),
                self._number(position.competitor_score, 1),
            ]
            for position in positions
        ]
        return self._section_table(self.env._("Categories (%s)", account.currency_id.name), columns, rows)

    def _against(self, position):
        if position.supplier_score is False or position.competitor_score is False:
            return ""
        return "good" if position.supplier_score >= position.competitor_score else "bad"

    def _position(self, position, steps, card, answers):
        name = position.category_id.name
        yield self._section_facts(self.env._("%s: How They Buy", name), [self._fact(position, fact) for fact in BUYING])
        yield self._section_facts(
            self.env._("%s: Where We Stand", name), [self._fact(position, fact, zero=True) for fact in STANDING]
        )
        texts = [(self._label(position, field), position[field]) for field in ("advice", "note")]
        yield self._section_texts("", texts)
        if steps:
            yield self._section_fields(
                self.env._("%s: Purchasing Process", name),
                steps,
                {"name": 32, "partner_id": 24, "days": 12, "note": 32},
            )
        if card:
            yield self._card(name, card, answers)

    def _card(self, name, card, answers):
        """The customer's criteria: us and the best competitor, each on the criterion's own scale."""
        columns = [
            (self.env._("Criterion"), 36, ""),
            (self.env._("Weight (%)"), 12, "right"),
            (self.env._("Us"), 26, ""),
            (self.env._("Best Competitor"), 26, ""),
        ]
        rival = self._number(card.competitor_rating, 2) if any(answers.mapped("best_answered")) else ""
        rows = []
        for line in answers:
            ours = line.value if line.answered else None
            theirs = line.best_competitor if line.best_answered else None
            behind = ours is not None and theirs is not None and self._share(line, ours) < self._share(line, theirs)
            rows.append(
                [
                    self._cell(line.name, note=line.comment),
                    self._number(line.weight, 1),
                    self._score(line, ours, "bad" if behind else "good"),
                    self._score(line, theirs, ""),
                ]
            )
        rows.append(
            [
                self._cell(self.env._("Result"), tone="strong"),
                "",
                self._cell(self._number(card.rating, 2), tone="strong"),
                self._cell(rival, tone="strong"),
            ]
        )
        title = self.env._(
            "%(category)s: How They Score Their Suppliers (%(day)s)", category=name, day=self._date(card.date)
        )
        return self._section_table(title, columns, rows)

    def _share(self, line, value):
        """How good an answer is, in percent of its scale."""
        share = paper.percent_of_scale(value, line.scale_min, line.scale_max)
        return 100 - share if line.direction == "cost" else share

    def _score(self, line, value, tone):
        if value is None:
            return ""
        return self._cell(self._figure(value), tone=tone, bar=self._share(line, value))
