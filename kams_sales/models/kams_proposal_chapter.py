from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

# Odoo's own keeping of messages and activities isn't part of what was submitted
ODOOS = ("message_", "activity_", "website_message_", "my_activity_")
# What the customer reads
CONTENT = {"name", "body", "adds", "attachment_ids", "proposal_id", "volume"}
SYNC = "kams_chapter_sync"  # in the context while a chapter and its activity tell each other
VOLUMES = [
    ("qualification", "Qualification"),
    ("business", "Commercial"),
    ("technical", "Technical"),
    ("price", "Price"),
    ("electronic", "Electronic"),
]

ADDS = [
    ("text", "Text Only"),
    ("prices", "Price Sheet"),
    ("benefits", "Benefits"),
    ("files", "List of Attachments"),
]


class KamsProposalChapter(models.Model):
    """A chapter of a proposal or bid: what it says, who writes it until when, which requirements it answers (5.6)."""

    _name = "kams.proposal.chapter"
    _description = "Chapter"
    _inherit = ["kams.files.mixin", "mail.thread", "mail.activity.mixin"]
    _order = "proposal_id, sequence, id"

    # Place
    proposal_id = fields.Many2one("kams.proposal", required=True, ondelete="cascade", index=True)
    lead_id = fields.Many2one(related="proposal_id.lead_id", string="Deal")
    company_id = fields.Many2one(related="proposal_id.company_id", store=True, index=True)
    proposal_state = fields.Selection(related="proposal_id.state", string="Status of the Proposal")
    kind = fields.Selection(related="proposal_id.kind", string="Kind of Document")
    sequence = fields.Integer(default=10)
    volume = fields.Selection(VOLUMES, help="In which volume of a bid it stands.")
    # Who, until when
    user_id = fields.Many2one("res.users", string="Owner", domain="[('share', '=', False)]", index="btree_not_null")
    date_due = fields.Date(string="Due")
    state = fields.Selection(
        [("todo", "To Do"), ("draft", "Draft"), ("done", "Done")],
        string="Status",
        required=True,
        default="todo",
        index=True,
    )
    is_overdue = fields.Boolean(string="Overdue", compute="_compute_is_overdue", search="_search_is_overdue")
    activity_id = fields.Many2one("mail.activity", readonly=True, copy=False, ondelete="set null", index=True)
    # What it says
    name = fields.Char(string="Chapter", required=True)
    hint = fields.Text(string="What Belongs Here", help="From the template; it isn't printed.")
    pages = fields.Integer(help="How many pages it has or is to have.")
    body = fields.Html(string="Text")
    adds = fields.Selection(
        ADDS, string="Followed By", required=True, default="text", help="What the paper adds below the chapter's text."
    )
    attachment_ids = fields.Many2many("ir.attachment", string="Attachments", ondelete="restrict", copy=True)
    requirement_ids = fields.Many2many(
        "kams.requirement",
        string="Requirements Answered",
        domain="[('lead_id', '=', lead_id)]",
        help="Which of the customer's requirements this chapter answers.",
    )
    content_on = fields.Datetime(string="Text Last Changed", readonly=True, copy=False)

    # COMPUTES
    @api.depends("state", "date_due", "proposal_id.state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for chapter in self:
            chapter.is_overdue = (
                chapter.state != "done"
                and chapter.proposal_id.state in ("draft", "review")
                and bool(chapter.date_due)
                and chapter.date_due < today
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in" or list(value) not in ([True], [False]):
            return NotImplemented
        late = (
            Domain("state", "!=", "done")
            & Domain("date_due", "<", fields.Date.context_today(self))
            & Domain("proposal_id.state", "in", ("draft", "review"))
        )
        return late if list(value) == [True] else ~late

    # CONSTRAINTS
    @api.constrains("requirement_ids", "proposal_id")
    def _check_requirements(self):
        for chapter in self.sudo():  # sudo: which deal a requirement is of, compared only
            deal = chapter.proposal_id.lead_id
            if foreign := chapter.requirement_ids.filtered(lambda one, deal=deal: one.lead_id != deal):
                raise ValidationError(
                    self.env._(
                        "“%(chapter)s” can't answer “%(requirement)s”: that is wanted in another deal.",
                        chapter=chapter.name,
                        requirement=foreign[0].name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        self.env["kams.proposal"].browse(vals.get("proposal_id") for vals in vals_list)._check_open()
        now = fields.Datetime.now()
        chapters = super(
            KamsProposalChapter, self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True)
        ).create([{**vals, "content_on": now} for vals in vals_list])
        chapters._sync_activities()
        return chapters

    def write(self, vals):
        if any(not name.startswith(ODOOS) for name in vals):
            self.proposal_id._check_open()
        vals = {name: value for name, value in vals.items() if name != "content_on"}
        if vals.keys() & CONTENT:
            vals["content_on"] = fields.Datetime.now()
        result = super().write(vals)
        if "proposal_id" in vals:
            self.proposal_id._check_open()
        if vals.keys() & {"name", "user_id", "date_due", "state"}:
            self._sync_activities()
        return result

    def unlink(self):
        activities, proposals = self.activity_id, self.proposal_id
        result = super().unlink()
        activities.with_context(**{SYNC: True}).unlink()
        if there := proposals.exists():
            there._engine().content_on = fields.Datetime.now()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_open(self):
        self.proposal_id._check_open()

    # ACTIONS
    def action_done(self):
        """It says what it is to say."""
        return self.write({"state": "done"})

    # BUSINESS
    def _check_files_free(self, name):
        """What went out stays."""
        self.proposal_id._check_open()

    def _sync_activities(self):
        """An activity for the owner of each chapter that is still to be written, and for nobody else."""
        if self.env.context.get(SYNC):
            return
        # sudo: whoever plans the chapters sets this off; nothing is shown, and each activity is its owner's
        quiet = self.sudo().with_context(**{SYNC: True})
        missing = quiet.browse()
        for chapter in quiet:
            activity = chapter.activity_id.filtered("active")
            if chapter._is_wanted() and activity:
                activity.write(chapter._activity_values())
            elif chapter._is_wanted():
                missing |= chapter
            elif activity and chapter.state == "done":
                # sudo: as above; the user's name stands under it
                activity.with_user(self.env.user).sudo().action_feedback()
            elif activity:
                activity.unlink()
        if missing:
            model = self.env["ir.model"]._get_id(self._name)
            activities = missing.env["mail.activity"].create(
                [{**chapter._activity_values(), "res_model_id": model, "res_id": chapter.id} for chapter in missing]
            )
            for chapter, activity in zip(missing, activities, strict=True):
                super(KamsProposalChapter, chapter).write({"activity_id": activity.id})  # pylint: disable=super-method-mismatch

    def _is_wanted(self):
        """Whether its owner still has something to do."""
        proposal = self.proposal_id
        open_ = proposal.state in ("draft", "review") and proposal.lead_id.active
        return bool(self.user_id and self.user_id.active and self.state != "done" and open_)

    def _activity_values(self):
        due = self.date_due or self.proposal_id.date_due or fields.Date.context_today(self)
        return {
            "summary": self.name,
            "user_id": self.user_id.id,
            "date_deadline": due,
            "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
        }
