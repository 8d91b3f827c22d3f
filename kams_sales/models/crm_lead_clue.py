from odoo import api, fields, models
from odoo.exceptions import ValidationError

CLUE_TYPES = [
    ("need", "Need"),
    ("budget", "Budget"),
    ("tender", "Tender"),
    ("people", "Change of People"),
    ("expansion", "Expansion"),
    ("policy", "Policy"),
    ("complaint", "Complaint about a Competitor"),
]
# The Admiralty code: how far the source can be trusted, and how likely the news is
RELIABILITY = [
    ("a", "A: completely reliable"),
    ("b", "B: usually reliable"),
    ("c", "C: fairly reliable"),
    ("d", "D: not usually reliable"),
    ("e", "E: unreliable"),
    ("f", "F: cannot be judged"),
]
CREDIBILITY = [
    ("1", "1: confirmed by others"),
    ("2", "2: probably true"),
    ("3", "3: possibly true"),
    ("4", "4: doubtful"),
    ("5", "5: improbable"),
    ("6", "6: cannot be judged"),
]
VERDICTS = [
    ("opportunity", "Opportunity"),
    ("nurture", "Nurture"),
    ("invalid", "Invalid"),
]
LOOK_AGAIN = "kams_sales.mail_activity_type_look_again"
# What of a lead belongs together when leads are merged: all of a group from the first lead that has any of it
MERGED_TOGETHER = [
    ("kams_lead_source_id", "kams_source_detail"),
    ("kams_clue_type",),
    ("kams_reliability", "kams_credibility"),
    ("kams_need",),
    ("kams_compelling_event",),
    ("kams_buy_class",),
    ("kams_budget_state", "kams_budget_amount", "kams_budget_source"),
]


class CrmLead(models.Model):
    """A lead of a team that works by a process: where it came from, how far to trust it, what became of it.

    Book section 3.3 发现客户线索. Leads of other teams are Odoo's own and pay nothing for this.
    """

    _inherit = "crm.lead"

    kams_is_clue = fields.Boolean(
        string="Key-Account Lead",
        compute="_compute_kams_is_clue",
        help="A lead of a team that works by a process, or a deal that began as one.",
    )
    # Where it came from
    kams_lead_source_id = fields.Many2one(
        "kams.lead.source", string="Lead Source", index="btree_not_null", ondelete="restrict"
    )
    kams_source_detail = fields.Char(string="Source Detail", help="Which fair, which site, who told us.")
    kams_clue_type = fields.Selection(CLUE_TYPES, string="Clue Type", help="What the news is about.")
    # How far to trust it
    kams_reliability = fields.Selection(
        RELIABILITY, string="Reliability of the Source", help="Admiralty code: how far this source can be trusted."
    )
    kams_credibility = fields.Selection(
        CREDIBILITY, string="Credibility of the News", help="Admiralty code: how likely it is that the news is true."
    )
    # What became of it
    kams_verdict = fields.Selection(VERDICTS, string="Verdict on the Lead", copy=False)
    kams_invalid_reason = fields.Char(string="Why Invalid", copy=False)
    kams_look_again_on = fields.Date(
        string="Look Again On", copy=False, help="When a lead that isn't ripe yet is looked at again."
    )
    kams_duplicate_check = fields.Selection(
        [("clear", "No Similar Lead"), ("similar", "Similar Leads Known")],
        string="Duplicate Check",
        readonly=True,
        copy=False,
        help="What Odoo's search for similar leads said when this one was converted.",
    )

    # COMPUTES
    @api.depends("team_id", "type", "kams_process_id")
    def _compute_kams_is_clue(self):
        for lead in self:
            lead.kams_is_clue = lead._kams_is_clue()

    # CONSTRAINTS
    @api.constrains("kams_verdict", "kams_invalid_reason", "kams_look_again_on")
    def _check_kams_verdict(self):
        for lead in self:
            if lead.kams_verdict == "opportunity" and lead.type == "lead":
                raise ValidationError(
                    self.env._("%s becomes an opportunity by “Convert to Opportunity”, not by its verdict.", lead.name)
                )
            if lead.kams_verdict == "invalid" and not (lead.kams_invalid_reason or lead.lost_reason_id):
                raise ValidationError(
                    self.env._("Say why %s is invalid: whoever meets the same clue again will want to know.", lead.name)
                )
            if lead.kams_verdict == "nurture" and not (lead.kams_look_again_on or lead.activity_ids):
                raise ValidationError(
                    self.env._("Say when to look at %s again, or plan an activity on it, to nurture it.", lead.name)
                )

    # ORM
    def write(self, vals):
        result = super().write(vals)
        if "kams_verdict" in vals or "kams_look_again_on" in vals:
            self._kams_follow_verdict()
        return result

    # ACTIONS
    def action_set_lost(self, **additional_values):
        """A lead of ours that is lost for a reason is invalid for that reason."""
        result = super().action_set_lost(**additional_values)
        lost = self.filtered(lambda lead: lead.type == "lead" and lead._kams_is_clue())
        note = self.env.context.get("kams_lost_note")
        for lead in lost.filtered(lambda lead: lead.kams_verdict != "invalid"):
            if reason := lead.lost_reason_id.name or note:
                lead.write({"kams_verdict": "invalid", "kams_invalid_reason": reason})
        return result

    def action_unarchive(self):
        """A lead that is taken up again is judged again."""
        result = super().action_unarchive()
        self.filtered(lambda lead: lead.kams_verdict == "invalid").write(
            {"kams_verdict": False, "kams_invalid_reason": False}
        )
        return result

    # BUSINESS
    def _convert_opportunity_data(self, customer, team_id=False):
        """Odoo's conversion gives the verdict, and notes what its search for similar leads said."""
        vals = super()._convert_opportunity_data(customer, team_id)
        if self.type == "lead" and not {self.team_id.id, team_id}.isdisjoint(self.env["crm.team"]._kams_bound_ids()):
            vals.update(
                kams_verdict="opportunity",
                kams_duplicate_check="similar" if self.duplicate_lead_count else "clear",
            )
        return vals

    def _merge_get_fields_specific(self):
        """What we know of a lead goes with it: fields that explain each other come from the same lead."""
        specific = super()._merge_get_fields_specific()
        for names in MERGED_TOGETHER:
            for name in names:
                specific[name] = self._kams_merged_together(names)
        specific["kams_discovered_at"] = self._kams_merged_discovery
        specific["kams_first_response_at"] = self._kams_merged_response
        return specific

    @api.model
    def _kams_merged_together(self, names):
        def merged(name, leads):
            lead = next((lead for lead in leads if any(lead[other] for other in names)), leads[:1])
            return self._fields[name].convert_to_write(lead[name], lead)

        return merged

    @api.model
    def _kams_merged_discovery(self, name, leads):
        """It was discovered when the first of them was."""
        clues = leads.filtered(lambda lead: lead._kams_is_clue())
        if not clues:
            return leads[:1].kams_discovered_at
        first = min(clues, key=lambda lead: lead._kams_since())
        return first.kams_discovered_at or (first != leads[:1] and first.create_date)

    @api.model
    def _kams_merged_response(self, name, leads):
        return min(filter(None, leads.mapped("kams_first_response_at")), default=False)

    def _kams_follow_verdict(self):
        """An invalid lead is lost, as Odoo loses leads; one to nurture gets its day to look again, no other has one."""
        others = self.filtered(lambda lead: lead.kams_look_again_on and lead.kams_verdict != "nurture")
        if others:
            others._kams_open_activities(LOOK_AGAIN).unlink()
            others.write({"kams_look_again_on": False})
        leads = self.filtered(lambda lead: lead.type == "lead" and lead.active and lead._kams_is_clue())
        leads.filtered(lambda lead: lead.kams_verdict == "invalid").action_set_lost()
        nurtured = leads.filtered(lambda lead: lead.kams_verdict == "nurture" and lead.kams_look_again_on)
        if not nurtured:
            return
        planned = nurtured._kams_open_activities(LOOK_AGAIN).grouped("res_id")
        for lead in nurtured:
            activity = planned.get(lead.id)
            if activity:
                activity.write({"date_deadline": lead.kams_look_again_on})
            else:
                lead.activity_schedule(LOOK_AGAIN, lead.kams_look_again_on, user_id=lead.user_id.id or self.env.uid)

    def _kams_open_activities(self, type_xmlid):
        """The open activities of one kind on these deals. sudo: also those of colleagues, to be moved along."""
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("activity_type_id", "=", self.env["ir.model.data"]._xmlid_to_res_id(type_xmlid)),
                ]
            )
        )

    def _kams_is_clue(self):
        """Whether this record is a lead of ours, or a deal that began as one. No query for plain ones."""
        self.ensure_one()
        if self.type == "lead":
            return self.team_id.id in self.env["crm.team"]._kams_bound_ids()
        return bool(self.kams_process_id and (self.date_conversion or self.kams_lead_source_id))
