from odoo import api, fields, models
from odoo.exceptions import UserError

ANSWERS = [("no", "No"), ("yes", "Yes")]
SERVICES = ("did_design", "did_specification", "did_management", "did_supervision", "did_testing")
RELATIONS = ("has_relation", "shares_control")


class KamsConflictCheck(models.Model):
    """Whether the law on government procurement lets us offer for this project at all.

    Control point S2-7. Source: 政府采购法实施条例 (State Council Order 658), Article 18: suppliers under the same
    head, or of which one holds or manages the other, may not offer for the same contract; and whoever did overall
    design, specification writing, project management, supervision or testing for the project may not join its other
    purchases, single-source purchases excepted. Relations with the buyer's or agency's people: Article 9.
    """

    _name = "kams.conflict.check"
    _description = "Conflict check"
    _inherit = ["kams.deal.part", "kams.state.mixin", "kams.files.mixin", "mail.thread"]
    _order = "date desc, id desc"
    _state_transitions = {"draft": {"done"}, "done": {"replaced"}}

    lead_id = fields.Many2one(required=True)
    date = fields.Date(required=True, default=fields.Date.context_today)
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done"), ("replaced", "Replaced")],
        string="Status",
        default="draft",
        required=True,
        copy=False,
        index=True,
        tracking=True,
    )
    # Article 18, second paragraph: did we or an affiliate do this for the project?
    did_design = fields.Selection(ANSWERS, string="Overall Design", copy=False)
    did_specification = fields.Selection(ANSWERS, string="Writing the Specification", copy=False)
    did_management = fields.Selection(ANSWERS, string="Project Management", copy=False)
    did_supervision = fields.Selection(ANSWERS, string="Supervision", copy=False)
    did_testing = fields.Selection(ANSWERS, string="Testing", copy=False)
    single_source = fields.Boolean(
        string="Single-Source Purchase",
        compute="_compute_single_source",
        store=True,
        readonly=False,
        precompute=True,
        help="Services done before don't matter then (Article 18).",
    )
    # Article 18, first paragraph, and Article 9
    shares_control = fields.Selection(
        ANSWERS,
        string="Tied to Another Bidder",
        copy=False,
        help="Another bidder has the same head as we have, or one of us holds or manages the other.",
    )
    has_relation = fields.Selection(
        ANSWERS,
        string="Tied to Buyer or Agency",
        copy=False,
        help="One of our people is related to, or worked within three years for or with, those who run the purchase.",
    )
    has_withdrawn = fields.Boolean(
        string="They Have Withdrawn", copy=False, help="The buyer's people concerned take no part in this purchase."
    )
    # What it means
    result = fields.Selection(
        [("clear", "No Conflict"), ("conflict", "Conflict"), ("exempt", "Exempt")],
        compute="_compute_result",
        store=True,
        tracking=True,
        help="Empty until all questions that matter are answered.",
    )
    explanation = fields.Text(help="What was found out, from whom, and what is done about it.")
    checked_by_id = fields.Many2one("res.users", string="Checked By", readonly=True, copy=False)
    attachment_ids = fields.Many2many("ir.attachment", string="Files", copy=False)

    # COMPUTES
    @api.depends("date", "lead_id.name")
    def _compute_display_name(self):
        for check in self:
            check.display_name = self.env._("Conflict check of %(deal)s", deal=check.lead_id.name or "")

    @api.depends("lead_id")
    def _compute_single_source(self):
        for check in self:
            check.single_source = check.lead_id.kams_procurement_mode == "single_source"

    @api.depends(*SERVICES, *RELATIONS, "single_source", "has_withdrawn")
    def _compute_result(self):
        for check in self:
            served = "yes" in [check[name] for name in SERVICES]
            tied = check.shares_control == "yes" or (check.has_relation == "yes" and not check.has_withdrawn)
            if tied or (served and not check.single_source):
                check.result = "conflict"
            elif not all(check[name] for name in (*SERVICES, *RELATIONS)):
                check.result = False
            else:
                check.result = "exempt" if served else "clear"

    # CONSTRAINTS
    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        checks = super().create(vals_list)
        return checks

    def write(self, vals):
        # deals are merged: only what a check hangs on changes
        if not (self.env.su and vals.keys() <= {"lead_id"}):
            self._check_open()
        if vals.get("state") == "done":
            result = super().write({name: value for name, value in vals.items() if name != "state"})
            self._check_answered()
            today = fields.Date.context_today(self)
            # it says what was found by now: a day to come would let it hold against what is found later
            super(KamsConflictCheck, self.filtered(lambda one: one.date > today)).write({"date": today})
            super().write({"state": "done", "checked_by_id": self.env.uid})
            self._replace_older()
        else:
            result = super().write(vals)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_open()

    # ACTIONS
    def action_done(self):
        """Close checks: from now on they say what was known on their day."""
        return self.write({"state": "done"})

    # BUSINESS
    def _check_open(self):
        for check in self:
            if check.state != "draft":
                raise UserError(
                    self.env._(
                        "The conflict check of %(deal)s on %(day)s is done and stays as it is. Make a new one if "
                        "something has changed.",
                        deal=check.lead_id.display_name,
                        day=check.date,
                    )
                )

    def _replace_older(self):
        """What was found last holds: a conflict found later isn't outvoted by what was known before."""
        done = self.search([("lead_id", "in", self.lead_id.ids), ("state", "=", "done")], order="date, id")
        for checks in done.grouped("lead_id").values():
            super(KamsConflictCheck, checks[:-1]).write({"state": "replaced"})  # pylint: disable=super-method-mismatch

    def _move_to_deal(self, deal):
        super()._move_to_deal(deal)
        self._replace_older()

    def _check_answered(self):
        for check in self:
            missing = [
                check._fields[name]._description_string(self.env) for name in (*SERVICES, *RELATIONS) if not check[name]
            ]
            if check.result in ("conflict", "exempt") and not (check.explanation or "").strip():
                missing.append(check._fields["explanation"]._description_string(self.env))
            if missing:
                raise UserError(
                    self.env._(
                        "The conflict check of %(deal)s isn't finished. Still to answer: %(fields)s.",
                        deal=check.lead_id.display_name,
                        fields=", ".join(missing),
                    )
                )

    def _check_files_free(self, name):
        """What it rests on stays with it."""
        self._check_open()
