from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.tools import mute_logger

from ..tools import chain
from .kams_stakeholder import COVERAGES

DEPTH = [code for code, _label in COVERAGES]
FILLED = (
    "mh_role",
    "influence",
    "political",
    "attitude",
    "response_mode",
    "adaptability",
    "decision_orientation",
    "formal_level",
    "red_flag",
    "user_id",
    "next_action",
)
TEXTS = ("business_agenda", "win_result", "strategy")


class KamsStakeholder(models.Model):
    """Two entries of one person become one when their contacts or their deals are merged: nothing learnt is lost."""

    _inherit = "kams.stakeholder"

    # BUSINESS
    def _move_to_deal(self, deal):
        """Who stands in both chains stands in one; the economic buyer of the deal that stays is the one."""
        people = self.search([("lead_id", "=", deal.id)])
        entry = {person.partner_id: person for person in people}
        became = {person: entry.setdefault(person.partner_id, person) for person in self}
        buyers = (people | self).filtered(lambda person: person.mh_role == "eb")
        chief = became.get(buyers[:1], buyers[:1])
        lines = [(person, person.reports_to_id) for person in self]
        self.reports_to_id = False  # drawn again when all of them are there
        for person in buyers & self:
            if became[person] != chief:
                note = self.env._("Was the economic buyer of %s, which was merged into this deal.", person.lead_id.name)
                became[person]._message_log(body=note)
            person.mh_role = False
        moving = self.filtered(lambda person: became[person] == person)
        super(KamsStakeholder, moving)._move_to_deal(deal)
        for person in self - moving:
            became[person]._take_in(person)
        if chief and chief.mh_role != "eb":
            chief.mh_role = "eb"
        self._draw_again(lines, became)

    @api.model
    def _follow_merged_contacts(self, contacts, stays):
        """Contacts are about to become one: their entries on a deal become one first, the one of ``stays`` if any."""
        # sudo: whoever may merge contacts merges what hangs on them, seen or not
        people = self.sudo().search([("partner_id", "in", (contacts | stays).ids)], order="id")
        for twins in people.grouped("lead_id").values():
            kept = (twins.filtered(lambda person: person.partner_id == stays) or twins)[:1]
            gone = twins - kept
            if not gone:
                continue
            touched = kept | gone | gone.child_ids
            lines = [(person, person.reports_to_id) for person in touched]
            touched.reports_to_id = False
            for person in gone:
                if person.mh_role == "eb":
                    person.mh_role = False
                    kept.mh_role = "eb"
                kept._take_in(person)
            self._draw_again(lines, dict.fromkeys(gone, kept))

    @api.model
    def _draw_again(self, lines, became):
        """Draw reporting lines between those that remain, except where they would run in a circle."""
        for person, superior in lines:
            person, superior = became.get(person, person), became.get(superior, superior)
            if not superior or person == superior or person.reports_to_id:
                continue
            drawn = {one: one.reports_to_id for one in superior.lead_id.kams_stakeholder_ids}
            if person not in chain.above(superior, drawn):
                person.reports_to_id = superior

    def _take_in(self, gone):
        """Take over what the other entry says, what hangs on it and its messages, and let it go."""
        self.ensure_one()
        vals, differing = {}, []
        for name in FILLED:
            if gone[name] and not self[name]:
                vals[name] = gone._fields[name].convert_to_write(gone[name], gone)
            elif gone[name] and gone[name] != self[name]:
                label = gone._fields[name]._description_string(self.env)
                differing.append(f"{label}: {gone._fields[name].convert_to_export(gone[name], gone)}")
        for name in TEXTS:
            if gone[name] and gone[name] not in (self[name] or ""):
                vals[name] = "\n".join(filter(None, (self[name], gone[name])))
        vals["coverage"] = max(self.coverage, gone.coverage, key=DEPTH.index)
        vals["buying_role_ids"] = [(4, id_) for id_ in gone.buying_role_ids.ids]
        known = {criterion.criterion for criterion in self.criterion_ids}
        gone.criterion_ids.filtered(lambda criterion: criterion.criterion in known).unlink()
        self._take_links(gone)
        gone.message_change_thread(self)
        gone.activity_ids.write({"res_id": self.id})
        partner = gone.partner_id
        gone.unlink()
        self.write(vals)
        if differing:
            note = self.env._(
                "Two entries of %(person)s became one. The other one said: %(answers)s.",
                person=partner.name,
                answers="; ".join(differing),
            )
        else:
            note = self.env._("Two entries of %s became one.", partner.name)
        self._message_log(body=note)

    def _take_links(self, gone):
        """What other records say of the other entry is said of this one: steps, meetings, competitors, actions."""
        for name, model in sorted(self.env.registry.items()):
            if model._abstract or not model._auto:
                continue
            for field in model._fields.values():
                if not field.store or field.comodel_name != self._name or field.type == "one2many":
                    continue
                # sudo: links follow whoever may merge; nothing is shown
                found = self.env[name].sudo().with_context(active_test=False).search([(field.name, "in", gone.ids)])
                if field.type == "many2many":
                    found.write({field.name: [(3, gone.id), (4, self.id)]})
                    continue
                for record in found:
                    try:
                        with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                            record.write({field.name: self.id})
                            record.flush_recordset()
                    except UniqueViolation:  # the same is said of both
                        record.unlink()
