from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .blank import BlankFloat, BlankMonetary, known
from .crm_lead_gate import InternalPass
from .insiders import INSIDERS
from .kams_authority import RANKS, ROLES

ENGINE = InternalPass("authority")
HAND = "kams_authority_hand"
STATES = [
    ("asked", "Agreement Asked"),
    ("approved", "Approved"),
    ("refused", "Refused"),
    ("replaced", "Replaced"),
]
# {aspect of the matrix: field that keeps what was asked}
KEPT = {
    "margin": "margin_pct",
    "discount": "discount_pct",
    "payment_days": "payment_days",
    "warranty": "warranty_months",
    "damages_cap": "damages_cap_pct",
}
ACTIVITY_TYPE = "kams_sales.mail_activity_type_authority"


class KamsAuthorityApproval(models.Model):
    """Somebody's yes or no to terms that are past the authority of whoever offers them (7.7 管理要点).

    A yes covers what was asked and anything better for us: in the same currency, no more at list price, on the same
    order. What was confirmed within somebody's own authority is noted here too, so that the next small change is
    measured by it. Rows say what people did, so nobody edits them.
    """

    _name = "kams.authority.approval"
    _description = "Approval of terms"
    _inherit = ["kams.deal.part", "kams.hand.mixin", "mail.thread", "mail.activity.mixin"]
    _hand = HAND, ENGINE
    _order = "id desc"
    _rec_name = "order_id"

    # For what
    lead_id = fields.Many2one(required=True)
    order_id = fields.Many2one("sale.order", string="Quotation", ondelete="cascade", index="btree_not_null")
    contract_id = fields.Many2one("kams.contract", string="Contract", ondelete="cascade", index="btree_not_null")
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer_id")
    # What was asked
    currency_id = fields.Many2one("res.currency", required=True, ondelete="restrict")
    amount = BlankMonetary(help="Without taxes.")
    list_amount = BlankMonetary(
        string="At List Price", help="How much is sold, whatever the discount. More than that is asked for again."
    )
    discount_pct = BlankFloat(string="Discount (%)", digits=(16, 4), aggregator=None)
    margin_pct = BlankFloat(string="Margin (%)", digits=(16, 4), aggregator=None, groups=INSIDERS)
    payment_days = BlankFloat(string="Payment Term (Days)", digits=(16, 0), aggregator=None)
    warranty_months = BlankFloat(string="Warranty (Months)", digits=(16, 1), aggregator=None)
    damages_cap_pct = BlankFloat(string="Damages Cap (%)", digits=(16, 2), aggregator=None)
    needed_role = fields.Selection(ROLES, string="To Be Agreed By", required=True)
    why = fields.Text(string="Why It Is Asked")
    terms_key = fields.Char(readonly=True, copy=False)
    # Who said what
    state = fields.Selection(STATES, required=True, default="asked", index=True)
    user_id = fields.Many2one("res.users", string="Asked By", required=True, ondelete="restrict")
    approver_id = fields.Many2one("res.users", string="Answered By", ondelete="restrict")
    decided_at = fields.Datetime(string="Answered On")
    reason = fields.Text(string="Answer")
    review_id = fields.Many2one(
        "kams.review",
        string="Decided by Review",
        ondelete="set null",
        index="btree_not_null",
        help="Past a director's authority: the review that said yes.",
    )
    by_confirmation = fields.Boolean(
        string="Own Authority", help="Nobody was asked: whoever confirmed may grant these terms alone."
    )
    may_answer = fields.Boolean(string="I May Answer", compute="_compute_may_answer")

    # COMPUTES
    @api.depends("order_id.name", "contract_id", "lead_id.name")
    def _compute_display_name(self):
        for approval in self:
            known_as = approval.sudo()  # sudo: names only
            what = known_as.order_id.name or known_as.contract_id.display_name
            approval.display_name = " · ".join(filter(None, (what, known_as.lead_id.name)))

    @api.depends("order_id", "lead_id")
    def _compute_customer_id(self):
        for approval in self:
            # sudo: who the customer is, for whoever may read the deal
            approval.customer_id = approval.sudo().order_id.partner_id or approval.sudo().lead_id.partner_id

    @api.depends("state", "needed_role")
    @api.depends_context("uid")
    def _compute_may_answer(self):
        for approval in self:
            approval.may_answer = not approval._why_not_answer()

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        self.check_access("create")
        self._check_engine()
        return super().create(vals_list)

    def write(self, vals):
        self.check_access("write")
        if set(vals) - {"lead_id", "company_id", "activity_ids", "message_follower_ids", "message_ids"}:
            self._check_engine()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not self.env.su:
            raise UserError(self.env._("What was asked and answered stays."))

    # ACTIONS
    def action_approve(self):
        """Say yes, for whom the matrix names."""
        return self._open_answer("approved", self.env._("Agree to the Terms"))

    def action_refuse(self):
        """Say no, and why."""
        return self._open_answer("refused", self.env._("Refuse the Terms"))

    def action_open_order(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    # BUSINESS
    def _check_engine(self):
        if not self._in_hand():
            raise UserError(
                self.env._(
                    "An approval is asked for on the quotation, and answered with its buttons; nobody writes it."
                )
            )

    def _open_answer(self, answer, title):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kams.authority.answer",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_approval_id": self.id, "default_answer": answer},
        }

    def _why_not_answer(self):
        """Why the user can't answer this, in words; False for who can."""
        self.ensure_one()
        role = self.env["kams.authority"]._role_of(self.env.user)
        if self.state != "asked":
            return self.env._("“%s” was answered already.", self.display_name)
        if self.env.user == self.user_id:
            return self.env._("You asked for “%s”: somebody else has to answer.", self.display_name)
        needed = "director" if self.needed_role == "committee" else self.needed_role
        if RANKS[role] < RANKS[needed]:
            return self.env._(
                "“%(approval)s” is to be agreed by: %(role)s.",
                approval=self.display_name,
                role=dict(self._fields["needed_role"]._description_selection(self.env))[self.needed_role],
            )
        return False

    def _answer(self, state, reason, review=None):
        """Write down what the user says; past a director's authority a review must have said yes before."""
        self.ensure_one()
        self.check_access("read")
        if why_not := self._why_not_answer():
            raise AccessError(why_not)
        reason = (reason or "").strip()
        if state == "refused" and not reason:
            raise UserError(self.env._("Say why “%s” is refused: whoever asked wants to know.", self.display_name))
        if state == "approved" and self.needed_role == "committee":
            self._check_review(review)
        # sudo: who the matrix names needn't be able to write; that they are named was checked above
        self.sudo()._engine().write(
            {
                "state": state,
                "approver_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                "reason": reason or False,
                "review_id": review.id if review else False,
            }
        )
        self.sudo()._tell()  # sudo: as above
        # sudo: what control points ask about a contract follows from the answer
        contracts = self.sudo().contract_id
        self.env.add_to_compute(contracts._fields["payment_state"], contracts)
        return True

    def _check_review(self, review):
        """A review of this deal that is valid, and whose offer was no better for us than what is asked now."""
        # sudo: compared only; its number and figures are shown to nobody
        given = review.sudo() if review else self.env["kams.review"]
        mine = given.kind == "price" or (given.kind == "contract" and given.contract_id == self.contract_id)
        if not given or given.lead_id != self.lead_id or not given.is_valid or not mine:
            raise ValidationError(
                self.env._(
                    "“%s” is past everybody's own authority: name the review of this deal that said yes and still "
                    "holds.",
                    self.display_name,
                )
            )
        for offered, asked, sign in (
            (known(given.offer_margin), known(self.margin_pct), 1),
            (known(given.offer_discount), known(self.discount_pct), -1),
        ):
            if offered is not None and (asked is None or sign * (round(asked, 4) - round(offered, 4)) < 0):
                raise ValidationError(
                    self.env._(
                        "“%s” gives more away than what the review said yes to. Let the price be reviewed again.",
                        self.display_name,
                    )
                )

    def _ask(self, body):
        """Put the question before whoever is nearest; an older one on the same record is replaced."""
        self.ensure_one()
        place = "order_id" if self.order_id else "contract_id"
        older = self.search([(place, "=", self[place].id), ("state", "=", "asked"), ("id", "!=", self.id)])
        older._replace()
        if user := self._nearest():
            self.activity_schedule(
                ACTIVITY_TYPE, user_id=user.id, summary=self.env._("Agree to terms: %s", self.display_name), note=body
            )

    def _nearest(self):
        """Who is to be asked: the account's manager or the team's leader if that is enough, else a director."""
        authority = self.env["kams.authority"]
        rank = min(RANKS[self.needed_role], RANKS["director"])
        # sudo: who leads account and team, for whoever may ask
        deal = self.sudo().lead_id
        company = self.order_id.company_id or deal.company_id
        directors = self.env.ref("kams_sales.group_director").sudo().all_user_ids  # sudo: as above
        for user in (deal.kams_account_id.manager_id, deal.team_id.user_id, *directors.sorted("id")):
            if (
                user.active
                and user not in (self.user_id, self.env.ref("base.user_root"))
                and RANKS[authority._role_of(user)] >= rank
                and (not company or company in user.company_ids)
            ):
                return user
        return self.env["res.users"]

    @api.model
    def _ask_for_contract(self, contract, values):
        """Ask for what a contract grants past the authority of whoever asks.

        :param values: ``{aspect: number}``, aspects of the matrix
        :return: the question; nobody is asked about what they may grant alone
        """
        company = contract.company_id or self.env.company
        if not (beyond := self.env["kams.authority"]._judge(company, self.env.user, values)):
            raise UserError(self.env._("“%s” is within your authority: nobody has to agree.", contract.display_name))
        # sudo: rows are the program's, made for who asks
        approval = (
            self.sudo()
            ._engine()
            .create(
                {
                    "contract_id": contract.id,
                    "lead_id": contract.lead_id.id,
                    "currency_id": contract.currency_id.id,
                    "amount": known(contract.amount_untaxed),
                    "needed_role": max(beyond.values(), key=RANKS.get),
                    "user_id": self.env.uid,
                    **{KEPT[aspect]: value for aspect, value in values.items()},
                }
            )
        )
        approval._ask(self.env._("%s asks to agree to the terms of a contract.", self.env.user.name))
        return approval

    @api.model
    def _agreed_for_contract(self, contract, values):
        """Whether somebody with the authority said yes to these terms of a contract, or to worse ones."""
        roles = self.env["kams.authority"]._roles_needed(contract.company_id, values)
        figures = {
            "currency_id": contract.currency_id.id,
            "amount": known(contract.amount_untaxed) or 0.0,
            **{KEPT[aspect]: value for aspect, value in values.items()},
        }
        # sudo: whether somebody said yes
        return any(row._covers(figures, roles) for row in self.sudo().search([("contract_id", "=", contract.id)]))

    def _replace(self):
        """A newer question takes their place."""
        self.activity_unlink([ACTIVITY_TYPE])
        self._engine().write({"state": "replaced"})

    def _tell(self):
        """Whoever asked finds the answer in the quotation's chatter."""
        self.activity_unlink([ACTIVITY_TYPE])
        states = dict(self._fields["state"]._description_selection(self.env))
        body = self.env._(
            "Terms %(state)s by %(who)s. %(reason)s",
            state=states[self.state].lower(),
            who=self.approver_id.name,
            reason=self.reason or "",
        )
        self.message_post(body=body, author_id=self.approver_id.partner_id.id)
        (self.order_id or self.contract_id).message_post(
            body=body, author_id=self.approver_id.partner_id.id, partner_ids=self.user_id.partner_id.ids
        )

    def _covers(self, figures, roles):
        """Whether this yes covers an order's figures: same currency, not more money, nothing worse.

        :param figures: see ``sale.order._kams_figures``
        :param roles: ``{aspect: role needed}``; what any salesperson may grant needs no yes
        """
        self.ensure_one()
        if self.state != "approved" or self.currency_id.id != figures["currency_id"]:
            return False
        size = "amount" if None in (known(self.list_amount), figures.get("list_amount")) else "list_amount"
        if round(figures[size] - (known(self[size]) or 0.0), 2) > 0:
            return False
        for aspect, role in roles.items():
            if role == "sales":
                continue
            ours, theirs = known(figures[KEPT[aspect]]), known(self[KEPT[aspect]])
            if ours is None or theirs is None:
                if ours is not theirs:
                    return False
            elif (round(ours - theirs, 4) < 0) if aspect == "margin" else (round(ours - theirs, 4) > 0):
                return False
        return True
