from odoo import fields, models

# What a point of the handover was recorded as says what kind of risk it is
KIND_OF_SOURCE = {
    "kams.requirement": "requirements",
    "kams.tender.clause": "technical",
    "kams.objection": "customer",
    "kams.payment.milestone": "payment",
}
KIND_OF_CLAUSE = {
    **dict.fromkeys(("price", "payment", "tax", "damages_cap", "warranty"), "payment"),
    **dict.fromkeys(("quantity", "delivery_risk", "assignment"), "supply"),
    **dict.fromkeys(("quality", "acceptance", "ip"), "technical"),
    **dict.fromkeys(("subject", "change"), "requirements"),
    "performance": "schedule",
    "parties": "customer",
    "force_majeure": "policy",
}


class KamsRisk(models.Model):
    """Where a risk comes from: a point of the handover, a clause of the contract, or a risk of a deal before (8.7)."""

    _inherit = "kams.risk"

    handover_line_id = fields.Many2one(
        "kams.handover.line",
        string="From the Handover",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
    )
    clause_id = fields.Many2one(
        "kams.contract.clause",
        string="From the Contract",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
    )
    origin_id = fields.Many2one(
        "kams.risk",
        string="From an Earlier Deal",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        readonly=True,
    )


class KamsDelivery(models.Model):
    """The register of a delivery begins with what was handed over and what the contract leaves open (7.7, 8.7)."""

    _inherit = "kams.delivery"

    risk_ids = fields.One2many("kams.risk", "delivery_id", string="Risks")

    # ACTIONS
    def action_take_risks(self):
        """What the handover and the contract call a risk, and isn't in the register yet."""
        self.check_access("write")
        number = sum(len(delivery._take_risks()) for delivery in self)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if number else "info",
                "message": self.env._("%s risks were taken over.", number)
                if number
                else self.env._("Every risk of the handover and of the contract is in the register already."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_offer_risks(self):
        """What went wrong, or might have, on deals like this one."""
        self.ensure_one()
        return self.env["kams.risk.offer"]._opened(self.lead_id, self)

    def action_risks(self):
        """The register of this delivery."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_risk_action")
        return {
            **action,
            "domain": [("delivery_id", "=", self.id)],
            "context": {"default_delivery_id": self.id, "default_lead_id": self.lead_id.id},
        }

    def action_risk_map(self):
        """The heat map of this delivery, as a screen of its own."""
        self.ensure_one()
        self.check_access("read")
        return self.env["kams.risk.map"]._opened(delivery_id=self.id, lead_id=self.lead_id.id)

    # BUSINESS
    def _take_risks(self):
        """Risks from the handover and the contract, once each; those that were on the deal before join the delivery.

        :return: the risks that are new in this delivery's register
        """
        self.ensure_one()
        risks = self.env["kams.risk"]
        found = [*self._risks_of_handover(), *self._risks_of_contract()]
        # archived deals and other deliveries count as well: a thing is in the register once
        known = risks.search(
            [
                ("lead_id", "=", self.lead_id.id),
                *("|", ("handover_line_id", "!=", False), ("clause_id", "!=", False)),
            ]
        )
        by_source = {**known.grouped("handover_line_id"), **known.grouped("clause_id")}
        loose = risks.browse()
        values_list = []
        for source, values in found:
            before = by_source.get(source, risks)
            loose |= before.filtered(lambda risk: not risk.delivery_id and risk.state != "closed")
            if not before:
                values_list.append({**values, "lead_id": self.lead_id.id, "delivery_id": self.id})
        loose.delivery_id = self
        return loose | risks.create(values_list)

    def _risks_of_handover(self):
        """``(point, values)`` of each risk that was handed over."""
        lines = self.env["kams.handover.line"]
        if not lines.has_access("read"):
            return
        domain = [("lead_id", "=", self.lead_id.id), ("section", "=", "risk"), ("left_out", "=", False)]
        if self.handover_id:
            domain.append(("handover_id", "=", self.handover_id.id))
        elif self.contract_id:
            domain.append(("handover_id.contract_id", "in", [False, self.contract_id.id]))
        ours = self._people()
        for line in lines.search(domain):
            yield (
                line,
                {
                    "handover_line_id": line.id,
                    "name": line.name,
                    "cause": line.note,
                    "category": KIND_OF_SOURCE.get(line._key()[0].split(",")[0], False),
                    "date_due": line.date_due,
                    "user_id": (line.user_id if line.user_id in ours else self.user_id).id,
                },
            )

    def _risks_of_contract(self):
        """``(clause, values)`` of each clause that is risky for us; how likely it is, nobody has said yet."""
        contract = self.contract_id or self.handover_id.contract_id
        limit = self.env["kams.legal.rule"]._value("risk_clause_from")
        clauses = self.env["kams.contract.clause"]
        if not contract or limit is None or not clauses.has_access("read"):
            return
        marks = [str(mark) for mark in range(1, 6) if mark >= limit]
        for clause in clauses.search([("contract_id", "=", contract.id), ("risk", "in", marks)]):
            said = (clause.deviation_text or clause.actual or "").strip()
            yield (
                clause,
                {
                    "clause_id": clause.id,
                    "name": self.env._("Contract, %(clause)s: %(text)s", clause=clause.display_name, text=said)
                    if said
                    else self.env._("Contract: %s", clause.display_name),
                    "category": KIND_OF_CLAUSE.get(clause.kind, False),
                    "impact": clause.risk,
                    "user_id": self.user_id.id,
                },
            )

    def _people(self):
        """Who of us works on it."""
        return self.user_id | self.role_ids.user_id
