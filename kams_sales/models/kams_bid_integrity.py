from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import integrity as arithmetic
from .crm_lead_gate import InternalPass

ENGINE = InternalPass("integrity")
HAND = "kams_integrity_engine"  # the context key


class KamsBidIntegrity(models.Model):
    """A bidder's look at itself before bidding: would the law take us and another bidder for colluding?

    Book section 6.2. 招标投标法实施条例 Article 40 names six signs from which collusion is presumed, Article 34 who may
    not bid side by side. What Odoo knows of the other bidders it compares itself; a person answers each line.
    """

    _name = "kams.bid.integrity"
    _description = "Integrity self-check"
    _inherit = ["kams.deal.part", "kams.state.mixin", "mail.thread"]
    _order = "id desc"
    _state_transitions = {"draft": {"done"}}

    lead_id = fields.Many2one(compute="_compute_lead_id", store=True, required=True, precompute=True)
    tender_id = fields.Many2one("kams.tender", required=True, ondelete="cascade", index=True)
    date = fields.Date(default=fields.Date.context_today, readonly=True, copy=False)
    user_id = fields.Many2one(
        "res.users", string="Checked By", default=lambda self: self.env.user, readonly=True, copy=False
    )
    state = fields.Selection(
        [("draft", "Draft"), ("done", "Done")],
        string="Status",
        default="draft",
        required=True,
        copy=False,
        tracking=True,
    )
    line_ids = fields.One2many("kams.bid.integrity.line", "integrity_id", string="Signs", copy=False)
    result = fields.Selection(
        [("clear", "Clear"), ("flagged", "Flagged")],
        compute="_compute_result",
        store=True,
        tracking=True,
        help="Empty until each line is answered.",
    )
    explanation = fields.Text(copy=False, help="What is done about a flag, and who was told.")

    # COMPUTES
    @api.depends("tender_id")
    def _compute_lead_id(self):
        for check in self:
            check.lead_id = check.tender_id.lead_id or check.lead_id

    @api.depends("tender_id.name", "date")
    def _compute_display_name(self):
        for check in self:
            check.display_name = self.env._("Integrity self-check: %s", check.tender_id.display_name or "")

    @api.depends("line_ids.answer")
    def _compute_result(self):
        for check in self:
            answers = check.line_ids.mapped("answer")
            if "yes" in answers:
                check.result = "flagged"
            else:
                check.result = "clear" if answers and all(answers) else False

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        checks = super().create(vals_list)
        for check in checks:
            there = check.line_ids.mapped("code")
            check.line_ids._engine().create(
                [
                    {"integrity_id": check.id, "code": code, "sequence": place}
                    for place, code in enumerate(check.line_ids._signs(), 1)
                    if code not in there
                ]
            )
        checks._compare()
        return checks

    def write(self, vals):
        if not (self.env.su and vals.keys() <= {"lead_id", "company_id"}):  # deals are merged
            self._check_draft()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_draft()

    # ACTIONS
    def action_compare(self):
        """Compare with the other bidders again."""
        self.check_access("write")
        self._check_draft()
        self._compare()
        return True

    def action_done(self):
        """Close the self-check: from now on it says what was known on its day."""
        self._check_draft()
        self.action_compare()
        for check in self:
            if waiting := check.line_ids.filtered(lambda line: not line.answer):
                raise UserError(
                    self.env._(
                        "“%(check)s” still needs an answer to: %(lines)s.",
                        check=check.display_name,
                        lines=", ".join(waiting.mapped("article")),
                    )
                )
            for line in check.line_ids:
                if line.answer == "no" and line.finding and not (line.evidence or "").strip():
                    raise UserError(
                        self.env._(
                            "%(article)s: Odoo found something (%(finding)s). Say why it is no sign of collusion.",
                            article=line.article,
                            finding=line.finding,
                        )
                    )
            if check.result == "flagged" and not (check.explanation or "").strip():
                raise UserError(self.env._("“%s” is flagged: say what is done about it.", check.display_name))
        return self.write({"state": "done", "date": fields.Date.context_today(self), "user_id": self.env.uid})

    def action_check_again(self):
        """Look again, in a new self-check."""
        self.ensure_one()
        again = self.create({"tender_id": self.tender_id.id})
        return again._get_records_action(name=again.display_name)

    # BUSINESS
    def _check_draft(self):
        for check in self:
            if check.state != "draft":
                raise UserError(
                    self.env._(
                        "“%s” is done and stays as it was. What is found later goes into a new one.", check.display_name
                    )
                )

    def _compare(self):
        """Put what Odoo finds on the lines, and answer those where it found something."""
        for check in self:
            found = check._findings()
            for line in check.line_ids:
                finding = found.get(line.code) or False
                values = {"finding": finding}
                if finding and not line.answer:
                    values["answer"] = "yes"
                line._engine().write(values)

    def _findings(self):
        """``{code of a sign: what was found}`` by comparing the bidders that the tender knows of, us among them.

        sudo: partners' addresses are compared with each other; names of bidders are told, as the tender tells them.
        """
        self.ensure_one()
        tender = self.sudo().tender_id
        company = tender.company_id or self.env.company
        bidders = tender._known_bidders()
        firms = {one.name: one.partner_id for one in bidders if one.partner_id}
        firms[company.name] = company.partner_id
        found = {}
        if related := self._related(firms):
            found["34_control"] = found["34_head"] = related
        if shared := self._shared_contacts(firms):
            found["40_2"] = shared
        step = arithmetic.regular_step([one.price for one in bidders if one.price is not None])
        if step is not None:
            found["40_4"] = self.env._("Prices rise by the same step of %s.", f"{step:,.2f}")
        return found

    def _related(self, named):
        """Bidders of one group: the same commercial entity, or one the parent of another."""
        pairs = []
        items = list(named.items())
        for place, (name, firm) in enumerate(items):
            for other, second in items[place + 1 :]:
                if self._ancestors(firm) & self._ancestors(second):
                    pairs.append(f"{name} – {other}")
        return pairs and self.env._("Of one group: %s", ", ".join(pairs))

    def _ancestors(self, partner):
        found = partner.browse()
        while partner and partner not in found:
            found |= partner | partner.commercial_partner_id
            partner = partner.parent_id
        return found

    def _shared_contacts(self, named):
        """The same mail address or phone number with two bidders."""
        people = self.env["res.partner"].sudo()  # sudo: see _findings
        owners = {firm.commercial_partner_id.id: name for name, firm in named.items()}
        contacts = people.search([("commercial_partner_id", "in", list(owners))])
        seen = {}
        for contact in contacts:
            for value in (contact.email_normalized, "".join(filter(str.isdigit, contact.phone or ""))):
                if value:
                    seen.setdefault(value, set()).add(owners[contact.commercial_partner_id.id])
        shared = [f"{value} ({', '.join(sorted(names))})" for value, names in seen.items() if len(names) > 1]
        return shared and self.env._("The same contact: %s", "; ".join(sorted(shared)))


class KamsBidIntegrityLine(models.Model):
    """One sign that the law names, and whether it is there."""

    _name = "kams.bid.integrity.line"
    _description = "Sign of collusion"
    _inherit = ["kams.hand.mixin"]
    _hand = HAND, ENGINE
    _order = "integrity_id, sequence, id"

    integrity_id = fields.Many2one("kams.bid.integrity", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="integrity_id.company_id", store=True, index=True)
    state_of_check = fields.Selection(related="integrity_id.state", string="Status of the Check")
    sequence = fields.Integer(default=10, readonly=True)
    code = fields.Selection(selection="_selection_code", required=True, readonly=True, string="Sign")
    article = fields.Char(compute="_compute_words")
    question = fields.Text(compute="_compute_words")
    finding = fields.Text(string="Odoo Found", readonly=True)
    answer = fields.Selection([("no", "No"), ("yes", "Yes")], string="Is It So?")
    evidence = fields.Text(help="What was looked at, or why it is no sign.")

    _code_uniq = models.UniqueIndex("(integrity_id, code)", "Each sign stands in a self-check once.")

    # COMPUTES
    @api.model
    def _signs(self):
        """``{code: (article, question)}``: 招标投标法实施条例, State Council Order 613, Articles 34 and 40."""
        return {
            "40_1": (
                self.env._("Article 40 (1)"),
                self.env._("Were our bid and another's written by the same firm or person?"),
            ),
            "40_2": (
                self.env._("Article 40 (2)"),
                self.env._("Does the same firm or person handle the bidding for us and for another bidder?"),
            ),
            "40_3": (
                self.env._("Article 40 (3)"),
                self.env._("Does our bid name the same project manager or staff as another's?"),
            ),
            "40_4": (
                self.env._("Article 40 (4)"),
                self.env._("Are bids unusually alike, or do prices differ in a regular way?"),
            ),
            "40_5": (
                self.env._("Article 40 (5)"),
                self.env._("Have pages of our bid and another's been mixed up?"),
            ),
            "40_6": (
                self.env._("Article 40 (6)"),
                self.env._("Do our bid bond and another's come from the same account?"),
            ),
            "34_head": (
                self.env._("Article 34, head"),
                self.env._("Does another bidder for this lot have the same person in charge?"),
            ),
            "34_control": (
                self.env._("Article 34, control"),
                self.env._("Does another bidder for this lot control or manage us, or we them?"),
            ),
            "34_interest": (
                self.env._("Article 34, interest"),
                self.env._("Do we have ties with the tenderee that may affect the tender's fairness?"),
            ),
        }

    @api.model
    def _selection_code(self):
        return [(code, article) for code, (article, _question) in self._signs().items()]

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_words(self):
        signs = self._signs()
        for line in self:
            line.article, line.question = signs.get(line.code, ("", ""))

    @api.depends("article")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.article

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            raise UserError(self.env._("A self-check has all its lines already."))
        return super().create(vals_list)

    def write(self, vals):
        self.integrity_id._check_draft()
        if not self._in_hand() and vals.keys() - {"answer", "evidence"}:
            raise UserError(self.env._("On a line of the self-check only the answer and its evidence are written."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A self-check keeps all its lines."))

    # BUSINESS
    def _engine(self):
        """These lines as the program writes them. sudo: nobody has the right to make them; the check is one's own."""
        return super()._engine().sudo()
