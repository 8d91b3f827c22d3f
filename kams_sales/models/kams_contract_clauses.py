from odoo import api, fields, models


class KamsContract(models.Model):
    """The clauses of a contract: from the standard or from the customer's draft, what is missing and what is risky."""

    _inherit = "kams.contract"

    clause_ids = fields.One2many("kams.contract.clause", "contract_id", string="Contract Clauses", copy=True)
    clause_count = fields.Integer(string="Number of Contract Clauses", compute="_compute_clauses")
    deviation_count = fields.Integer(
        string="Clauses That Deviate", compute="_compute_clauses", help="Minor or major deviations from our standard."
    )
    unjudged_count = fields.Integer(
        string="Clauses to Judge", compute="_compute_clauses", help="The words differ, and nobody has said how much."
    )
    open_risk_count = fields.Integer(
        string="Risks Not Accepted", compute="_compute_clauses", help="High risks that nobody has accepted."
    )
    missing_clauses = fields.Char(
        string="Missing Clauses",
        compute="_compute_clauses",
        help="What a contract should settle, and of which this one says nothing yet.",
    )
    clause_page = fields.Html(string="Standard and Contract", compute="_compute_clause_page", sanitize=False)

    # COMPUTES
    @api.depends(*(f"clause_ids.{name}" for name in ("kind", "actual", "standard", "deviation", "is_open_risk")))
    @api.depends_context("lang")
    def _compute_clauses(self):
        """Two searches for any number of contracts."""
        clauses = self.env["kams.contract.clause"].search_fetch(
            [("contract_id", "in", self._origin.ids)],
            ["contract_id", "kind", "actual", "standard", "deviation", "is_open_risk"],
        )
        of = clauses.grouped("contract_id")
        # sudo: which clauses a contract should have doesn't depend on who looks
        templates = self.env["kams.contract.clause.template"].sudo().search([("essential", "=", True)])
        labels = dict(clauses._fields["kind"]._description_selection(self.env))
        for contract in self:
            mine = of.get(contract._origin, clauses.browse())
            contract.clause_count = len(mine)
            contract.deviation_count = len(mine.filtered(lambda one: one.deviation in ("minor", "major")))
            contract.unjudged_count = len(mine.filtered(lambda one: one.differs and not one.deviation))
            contract.open_risk_count = len(mine.filtered("is_open_risk"))
            said = set(mine.filtered(lambda one: (one.actual or "").strip()).mapped("kind"))
            needed = templates.filtered(
                lambda one, of=contract: not one.company_id or one.company_id == of.company_id
            ).mapped("kind")
            missing = [labels[kind] for kind in dict.fromkeys(needed) if kind not in said]
            contract.missing_clauses = ", ".join(missing) if mine and missing else False

    @api.depends(*(f"clause_ids.{name}" for name in ("standard", "actual", "deviation", "risk", "opinion", "accepted")))
    @api.depends_context("lang")
    def _compute_clause_page(self):
        for contract in self:
            rows = [clause._row() for clause in contract.clause_ids]
            contract.clause_page = rows and self.env["kams.contract.clause"]._drawn(rows, judged=True)

    # ACTIONS
    def action_clauses(self):
        """The contract's clauses on a page of their own."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_contract_clause_action")
        return {
            **action,
            "name": self.env._("Clauses of %s", self.display_name),
            "domain": [("contract_id", "=", self.id)],
            "context": {"default_contract_id": self.id},
        }

    def action_open_risks(self):
        """The clauses that forbid to sign."""
        return {
            **self.action_clauses(),
            "context": {"default_contract_id": self.id, "search_default_open_risk": 1},
        }

    def action_take_clauses(self):
        """Start from our standard clauses; those that are there stay, and get a standard to be compared with."""
        clauses = self.env["kams.contract.clause"]
        for contract in self:
            entries = self.env["kams.contract.clause.template"]._for_company(contract.company_id or self.env.company)
            entries -= contract.clause_ids.template_id
            bare = contract.clause_ids.filtered(lambda one: not one.template_id and not one.standard)
            for clause in bare.filtered(lambda one: one.kind != "other"):
                if entry := entries.filtered(lambda one, of=clause: one.kind == of.kind)[:1]:
                    clause.write({"template_id": entry.id, "standard": entry.text, "role": clause.role or entry.role})
                    entries -= entry
            clauses.create([{"contract_id": contract.id, **contract._values_of(entry)} for entry in entries])
        return self.action_clauses() if len(self) == 1 else True

    def action_use_standard_clauses(self):
        """It is our own text: clauses that are empty say what our standard says."""
        empty = self.clause_ids.filtered(lambda clause: not (clause.actual or "").strip())
        return empty.action_use_standard()

    def action_add_clauses(self):
        """Paste the contract's text, or import a spreadsheet."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Add Contract Clauses"),
            "res_model": "kams.contract.clause.paste",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_contract_id": self.id},
        }

    # BUSINESS
    @api.model
    def _values_of(self, entry):
        """What a clause takes over from its standard; its words stay when the standard changes."""
        return {
            "template_id": entry.id,
            "sequence": entry.sequence,
            "kind": entry.kind,
            "name": entry.name,
            "standard": entry.text,
            "role": entry.role,
        }

    def _take_pasted(self, found):
        """Put pasted clauses where their kind has a standard without words yet; the rest comes after them."""
        self.ensure_one()
        clauses = self.env["kams.contract.clause"]
        standards = self.env["kams.contract.clause.template"]._for_company(self.company_id or self.env.company)
        waiting = self.clause_ids.filtered(lambda one: one.kind != "other" and not (one.actual or "").strip())
        last = max(self.clause_ids.mapped("sequence"), default=0)
        taken, new = clauses, []
        for place, clause in enumerate(found, 1):
            values = {name: value for name, value in clause.items() if value}
            target = waiting.filtered(lambda one, of=clause: one.kind == of["kind"])[:1]
            if target:
                waiting -= target
                target.write(values)
                taken |= target
                continue
            entry = standards.filtered(lambda one, of=clause: one.kind == of["kind"] != "other")[:1]
            if entry and not clause["standard"] and entry not in self.clause_ids.template_id:
                values = {**self._values_of(entry), **values}
                standards -= entry
            new.append({**values, "contract_id": self.id, "sequence": last + place})
        return taken | clauses.create(new)
