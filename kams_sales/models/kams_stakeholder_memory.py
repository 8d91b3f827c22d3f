from odoo import Command, api, fields, models
from odoo.tools import format_date

# What is a person's own, and likely the same on the next deal
OFFERED = (
    "formal_level",
    "buying_role_ids",
    "mh_role",
    "influence",
    "political",
    "adaptability",
    "decision_orientation",
    "business_agenda",
)


class KamsStakeholder(models.Model):
    """What was learnt of a contact on one deal is offered on the next one.

    Attitude and contact so far are not taken over: they are towards another offer. They are told as a hint.
    """

    _inherit = "kams.stakeholder"

    # never stored: what the form filled in when the contact was chosen, so that another choice takes it back
    earlier_id = fields.Many2one("kams.stakeholder", string="Taken Over From", store=False)
    earlier_hint = fields.Char(string="Known from Earlier", compute="_compute_earlier_hint")

    # COMPUTES
    @api.depends("partner_id")
    @api.depends_context("lang", "uid")
    def _compute_earlier_hint(self):
        earlier = self._earlier_entries()
        for person in self:
            found = earlier[person]
            if not found:
                person.earlier_hint = False
                continue
            labels = (
                self._label_of("attitude", found.attitude) or self.env._("attitude not known"),
                self._label_of("coverage", found.coverage),
            )
            person.earlier_hint = self.env._(
                "On “%(deal)s”, %(day)s: %(answers)s.",
                deal=found.lead_id.name,
                day=format_date(self.env, found.write_date),
                answers=", ".join(labels),
            )

    @api.onchange("partner_id")
    def _onchange_partner_id(self):
        """Fill in what was last known of this contact, into what is still empty."""
        if before := self.earlier_id:
            for name in OFFERED:
                now = self[name]
                if (now._origin if name == "buying_role_ids" else now) == before[name]:
                    self[name] = False
            if self.criterion_ids.mapped("criterion") == before.criterion_ids.mapped("criterion"):
                self.criterion_ids = [Command.clear()]
        earlier = self._earlier_entries()[self]
        self.earlier_id = earlier
        for name, value in (earlier._offer(self.lead_id) if earlier else {}).items():
            if not self[name]:
                self[name] = value

    # BUSINESS
    def _label_of(self, name, value):
        return dict(self._fields[name]._description_selection(self.env)).get(value)

    def _earlier_entries(self):
        """``{entry: the latest of its contact on another deal}``, as far as the user may read; one statement."""
        found = self.search([("partner_id", "in", self.partner_id._origin.ids)], order="write_date desc, id desc")
        by_partner = found.grouped("partner_id")
        return {
            person: next(
                (one for one in by_partner.get(person.partner_id._origin, ()) if one.lead_id != person.lead_id._origin),
                self.browse(),
            )
            for person in self
        }

    def _offer(self, deal):
        """What this entry says of its person, as values for an entry on another deal."""
        self.ensure_one()
        vals = {name: self._fields[name].convert_to_write(self[name], self) for name in OFFERED}
        vals["criterion_ids"] = [
            Command.create({"criterion": line.criterion, "rank": line.rank, "weight": line.weight})
            for line in self.criterion_ids
        ]
        if vals["mh_role"] == "eb" and "eb" in deal.kams_stakeholder_ids.mapped("mh_role"):
            vals["mh_role"] = False
        return {name: value for name, value in vals.items() if value}

    def _offer_chain(self, deal):
        """Put these people into another deal's chain, without those who stand in it, with their reporting lines."""
        there = {person.partner_id: person for person in deal.kams_stakeholder_ids}
        new = self.filtered(lambda person: person.partner_id not in there)
        vals_list = [{"lead_id": deal.id, "partner_id": person.partner_id.id, **person._offer(deal)} for person in new]
        made = self.create(vals_list)
        there |= {person.partner_id: person for person in made}
        for person, entry in zip(new, made, strict=True):
            entry.reports_to_id = there.get(person.reports_to_id.partner_id)
        return made
