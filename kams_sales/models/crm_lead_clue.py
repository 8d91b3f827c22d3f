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
    @api.constrains("kams_verdict", "kams_invalid_reason", "lost_reason_id", "kams_look_again_on")
    def _check_kams_verdict(self):
        for lead in self:
            if lead.kams_verdict == "invalid" and not (lead.kams_invalid_reason or lead.lost_reason_id):
                raise ValidationError(
                    self.env._("Say why %s is invalid: whoever meets the same clue again will want to know.", lead.name)
                )
            if lead.kams_verdict == "nurture" and not (lead.kams_look_again_on or lead.activity_ids):
                raise ValidationError(
                    self.env._("Say when to look at %s again, or plan an activity on it, to nurture it.", lead.name)
                )

    # BUSINESS
    def _kams_is_clue(self):
        """Whether this record is a lead of ours, or a deal that began as one. No query for plain ones."""
        self.ensure_one()
        if self.type == "lead":
            return self.team_id.id in self.env["crm.team"]._kams_bound_ids()
        return bool(self.kams_process_id and (self.date_conversion or self.kams_lead_source_id))
