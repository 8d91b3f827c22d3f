from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models

from ..tools import uscc
from .kams_demo_tables import (
    CARE,
    CELLS,
    COSTS,
    CREDIT_NOTES,
    EXPIRED,
    FORCES,
    IDENTITY,
    INVOICES,
    ITEMS,
    OFFERINGS,
    PLANS,
    PROPORTIONS,
    RELATIONSHIPS,
    REVENUES,
    SECRET,
    SELECTIONS,
    STRATEGY,
    SUPPLY,
    UNITS,
    VALUES,
)


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
