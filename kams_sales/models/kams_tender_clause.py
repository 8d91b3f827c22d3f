from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import clauses as reading

KINDS = [
    ("qualification", "Qualification"),
    ("business", "Commercial"),
    ("technical", "Technical"),
    ("contract", "Contract"),
    ("format", "Format"),
]
MARKS = [("star", "★ Substantive"), ("important", "▲ Important"), ("normal", "Ordinary")]
STATUSES = [
    ("tbd", "To Answer"),
    ("comply", "No Deviation"),
    ("positive", "Positive Deviation"),
    ("partial", "Partly Met"),
    ("negative", "Negative Deviation"),
]
MET, UNMET = ("comply", "positive"), ("partial", "negative")
# What was checked when a clause was closed
CHECKED = {
    *("tender_id", "clause_no", "page", "text", "kind", "mark", "disqualify"),
    *("response", "status", "evidence", "attachment_ids", "reviewer_id"),
}


class KamsTenderClause(models.Model):
    """One clause of the tender documents and our answer to it: a line of the response matrix.

    Book section 6.4 分析招标书 (响应/偏离矩阵). One ★ or disqualifying clause that isn't met loses the tender, so
    nothing is submitted while one is open (control point S4-2). From the submission on, the matrix stays as it was.
    """

    _name = "kams.tender.clause"
    _description = "Clause of a tender"
    _inherit = ["kams.computed.mixin", "kams.import.mixin", "kams.files.mixin"]
    _order = "tender_id, sequence, id"
    _rec_names_search = ["clause_no", "text"]

    # Place
    tender_id = fields.Many2one("kams.tender", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    lead_id = fields.Many2one(related="tender_id.lead_id", string="Deal")
    tender_state = fields.Selection(related="tender_id.state", string="Status of the Tender")
    sequence = fields.Integer(default=10)
    template_id = fields.Many2one(
        "kams.tender.clause.template",
        string="From the List",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The entry of the disqualification list that this clause was taken from.",
    )
    # What they ask for
    clause_no = fields.Char(string="Clause No.")
    page = fields.Char()
    text = fields.Text(string="Requirement", required=True)
    kind = fields.Selection(KINDS, required=True, default="technical")
    mark = fields.Selection(
        MARKS, required=True, default="normal", help="Taken from the signs in the clause, unless you say otherwise."
    )
    disqualify = fields.Boolean(string="Disqualifies", help="Whoever doesn't meet it is out.")
    is_mandatory = fields.Boolean(
        string="Must Be Met", compute="_compute_is_mandatory", store=True, help="Starred or disqualifying."
    )
    criterion_id = fields.Many2one(
        "kams.tender.criterion",
        string="Scored By",
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        domain="[('tender_id', '=', tender_id)]",
        help="The scoring criterion that looks at this clause.",
    )
    # What we answer
    response = fields.Text()
    status = fields.Selection(STATUSES, required=True, default="tbd", copy=False, index=True)
    evidence = fields.Char(help="Where the bid proves it: volume, page, certificate.")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    # Who does it
    user_id = fields.Many2one(
        "res.users", string="Owner", domain="[('share', '=', False)]", index="btree_not_null", help="Who answers it."
    )
    date_due = fields.Date(string="Due")
    reviewer_id = fields.Many2one(
        "res.users",
        string="Reviewer",
        domain="[('share', '=', False)]",
        index="btree_not_null",
        help="Who checks the answer; somebody else than its owner.",
    )
    closed = fields.Boolean(string="Checked", copy=False, help="The reviewer has checked the answer.")

    # COMPUTES
    @api.depends("mark", "disqualify")
    def _compute_is_mandatory(self):
        for clause in self:
            clause.is_mandatory = clause.disqualify or clause.mark == "star"

    @api.depends("clause_no", "text")
    def _compute_display_name(self):
        for clause in self:
            words = " ".join((clause.text or "").split())
            short = words if len(words) <= 60 else f"{words[:57]}…"
            clause.display_name = " ".join(filter(None, (clause.clause_no, short)))

    @api.onchange("text", "clause_no")
    def _onchange_text(self):
        """A sign that is typed marks the clause; a mark that was chosen isn't lowered."""
        if self.mark == "normal" and (found := self._mark_in(self.tender_id, self.clause_no, self.text)):
            self.mark = found

    # CONSTRAINTS
    @api.constrains("user_id", "reviewer_id")
    def _check_reviewer(self):
        if own := self.filtered(lambda clause: clause.reviewer_id and clause.reviewer_id == clause.user_id):
            raise ValidationError(
                self.env._(
                    "%(who)s can't review what %(who)s answers: choose another reviewer for %(clauses)s.",
                    who=own[0].user_id.display_name,
                    clauses=own.filtered(lambda clause: clause.user_id == own[0].user_id)._named(),
                )
            )

    @api.constrains("tender_id", "criterion_id")
    def _check_criterion(self):
        for clause in self:
            if clause.criterion_id and clause.criterion_id.tender_id != clause.tender_id:
                raise ValidationError(
                    self.env._(
                        "%(clause)s is a clause of %(tender)s, and “%(criterion)s” scores another tender.",
                        clause=clause._named(),
                        tender=clause.tender_id.display_name,
                        criterion=clause.criterion_id.display_name,
                    )
                )

    @api.constrains("tender_id", "clause_no")
    def _check_clause_no(self):
        """A number names one clause of a tender: questions, bids and the deviation table speak of it by number."""
        numbers = list(filter(None, self.mapped("clause_no")))
        if not numbers:
            return
        domain = [("tender_id", "in", self.tender_id.ids), ("clause_no", "in", numbers)]
        twice = self._read_group(domain, ["tender_id", "clause_no"], having=[("__count", ">", 1)])
        if twice:
            raise ValidationError(
                self.env._(
                    "%(tender)s has more than one clause %(numbers)s: give each its own number, say 3.2 (2).",
                    tender=twice[0][0].display_name,
                    numbers=", ".join(number for tender, number in twice if tender == twice[0][0]),
                )
            )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        tenders = self.env["kams.tender"]
        default = self.env.context.get("default_tender_id")
        for vals in vals_list:
            if not vals.get("mark"):
                tender = tenders.browse(vals.get("tender_id") or default)
                vals["mark"] = self._mark_in(tender, vals.get("clause_no"), vals.get("text")) or "normal"
        clauses = super().create(vals_list)
        clauses._check_open()
        if closed := clauses.filtered("closed"):
            closed._check_closing()
        return clauses

    def write(self, vals):
        self._check_open()
        if not CHECKED.isdisjoint(vals) and vals.get("closed", True):
            self._check_not_closed()
        if "text" in vals and "mark" not in vals:
            for clause in self.filtered(lambda clause: clause.mark == "normal"):
                if found := self._mark_in(clause.tender_id, vals["text"]):
                    super(KamsTenderClause, clause).write({"mark": found})
        closing = self.filtered(lambda clause: not clause.closed) if vals.get("closed") else self.browse()
        if not self.env.su:
            closing._check_not_own()
        result = super().write(vals)
        if "tender_id" in vals:
            self._check_open()
        if closing:
            closing._check_closing()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_while_open(self):
        self._check_open()
        self._check_not_closed()

    # ACTIONS
    def action_comply(self):
        """The bid meets these clauses as they are."""
        return self.write({"status": "comply"})

    def action_assign(self):
        """Give these clauses to somebody, with a day."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Assign Clauses"),
            "res_model": "kams.tender.clause.assign",
            "view_mode": "form",
            "target": "new",
            "context": {"default_clause_ids": self.ids},
        }

    # BUSINESS
    @api.model
    def _mark_in(self, tender, *texts):
        """The mark that signs in a clause stand for, as this tender's documents use them; or None."""
        return reading.mark_of(*texts, **tender._signs())

    def _named(self, most=8):
        """These clauses by number, or by their first words; so many, and how many more."""
        names = [clause.clause_no or clause.display_name for clause in self[:most]]
        if len(self) > most:
            names.append(self.env._("and %s more", len(self) - most))
        return ", ".join(names)

    def _check_open(self):
        """What was submitted stays: the tender goes back to preparing first, by withdrawing the bid."""
        for tender in self.tender_id:
            if tender.state in ("submitted", "opened", "closed"):
                raise UserError(
                    self.env._(
                        "The matrix of %(tender)s stays as it was submitted. Withdraw the bid, or reopen the tender, "
                        "to change it.",
                        tender=tender.display_name,
                    )
                )

    def _check_not_closed(self):
        if closed := self.filtered("closed"):
            raise UserError(
                self.env._(
                    "%(clauses)s of %(tender)s: %(who)s has checked the answer. Untick “Checked” to change it.",
                    clauses=closed._named(),
                    tender=closed[0].tender_id.display_name,
                    who=closed[0].reviewer_id.display_name or self.env._("somebody"),
                )
            )

    def _check_closing(self):
        """An answer is checked by somebody else than who gave it; who checks one without reviewer is its reviewer."""
        if empty := self.filtered(lambda clause: clause.status == "tbd"):
            raise UserError(
                self.env._("There is no answer to check in %s: choose the response's status first.", empty._named())
            )
        if self.env.su:
            return
        user = self.env.user
        self._check_not_own()
        others = self.filtered(lambda clause: clause.reviewer_id and clause.reviewer_id != user)
        if others:
            raise UserError(
                self.env._(
                    "%(clauses)s: %(who)s is to check the answer. Change the reviewer if you do it instead.",
                    clauses=others._named(),
                    who=others[0].reviewer_id.display_name,
                )
            )
        super(KamsTenderClause, self.filtered(lambda clause: not clause.reviewer_id)).write({"reviewer_id": user.id})  # pylint: disable=super-method-mismatch

    def _check_files_free(self, name):
        """What was checked or submitted stays."""
        self._check_open()
        self._check_not_closed()

    def _check_not_own(self):
        """Asked before and after: nobody gives an answer away in the very moment of checking it."""
        if own := self.filtered(lambda clause: clause.user_id == self.env.user):
            raise UserError(self.env._("You answer %s yourself: let somebody else check it.", own._named()))
