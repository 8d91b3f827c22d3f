from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date, formatLang

from .benefit_limit import PERSONAL, benefit_limit
from .blank import BlankInteger, BlankMonetary, known
from .crm_lead_gate import InternalPass

BENEFITS = [
    ("none", "Nothing of Value"),
    ("hospitality", "Hospitality"),
    ("gift", "Gift"),
    ("favour", "Another Favour"),
    ("discount", "Price Reduction"),
    ("commission", "Commission"),
]
# What goes to a firm: agreed openly and in both firms' books
OPEN = ("discount", "commission")
LAW = "benefit_gift_limit"
# What an approval was given for
TERMS = {
    *("benefit_kind", "benefit_value", "benefit_people", "recipient_id", "benefit_terms"),
    *("partner_id", "stakeholder_id", "date_due", "plan_id"),
}
STAMPS = {"benefit_approved_by_id", "benefit_approved_on"}
HAND, ENGINE = "kams_benefit_engine", InternalPass("benefit")


class KamsPlanAction(models.Model):
    """What a customer's people get from us beside what they buy, and what the law says to that.

    反不正当竞争法 art. 8 (8.6): nothing of value for the customer's staff, for who acts for them or for who has
    influence on them. Price reductions and commissions are agreed openly and stand in the books. What a company allows,
    such as a working lunch, is a dated limit, approved by somebody else than who gives it. The lock holds on every
    route, for actions of all kinds of plans.
    """

    _name = "kams.plan.action"
    _inherit = ["kams.plan.action", "kams.hand.mixin"]
    _hand = HAND, ENGINE

    benefit_kind = fields.Selection(
        BENEFITS,
        string="What They Get",
        required=True,
        default="none",
        help="What somebody at the customer's, or somebody with influence on them, gets by this action.",
    )
    benefit_value = BlankMonetary(string="Worth in All", help="What all of them together get is worth.")
    benefit_people = BlankInteger(string="For How Many People", help="Theirs, without our own.")
    benefit_each = BlankMonetary(string="Worth per Head", compute="_compute_benefit_each")
    recipient_id = fields.Many2one(
        "res.partner",
        string="Paid To",
        ondelete="restrict",
        index="btree_not_null",
        help="A price reduction goes to the customer, a commission to the firm that brought us together.",
    )
    benefit_terms = fields.Char(string="Agreed In", help="Contract or order and its clause: agreed openly.")
    benefit_move_id = fields.Many2one(
        "account.move",
        string="In the Books As",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
        domain="[('state', '=', 'posted')]",
        help="The posted invoice, credit note or bill in which it stands.",
    )
    benefit_rule = fields.Char(string="What Holds", compute="_compute_benefit_rule")
    benefit_approved_by_id = fields.Many2one(
        "res.users", string="Benefit Approved By", readonly=True, copy=False, ondelete="restrict"
    )
    benefit_approved_on = fields.Date(string="Benefit Approved On", readonly=True, copy=False)

    # COMPUTES
    @api.depends("benefit_value", "benefit_people")
    def _compute_benefit_each(self):
        for action in self:
            value, people = known(action.benefit_value), known(action.benefit_people)
            action.benefit_each = value / people if value is not None and people else None

    @api.depends("benefit_kind", "date_due", "plan_id.lead_id")
    def _compute_benefit_rule(self):
        for action in self:
            action.benefit_rule = action._benefit_says()

    # CONSTRAINTS
    @api.constrains("benefit_value", "benefit_people")
    def _check_benefit_sign(self):
        for action in self:
            for name in ("benefit_value", "benefit_people"):
                if (known(action[name]) or 0) < 0:
                    raise ValidationError(
                        self.env._(
                            "%(action)s: “%(field)s” can't be negative.",
                            action=action.name,
                            field=action._fields[name]._description_string(self.env),
                        )
                    )

    @api.constrains(*TERMS, "relation_kind", "cost", "state", "user_id")
    def _check_benefit(self):
        """The lock: what the law or the company forbids isn't planned, and what needs a yes or a booking isn't done."""
        for action in self.filtered(lambda action: action.state != "dropped"):
            if action.benefit_kind in PERSONAL:
                action._check_personal()
            elif action.benefit_kind in OPEN:
                action._check_openly_agreed()
            elif action.relation_kind == "greeting" and action.cost:
                raise ValidationError(
                    self.env._(
                        "“%s” costs money, so it gives something: say under “What They Get” what it is.", action.name
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
            barred = {f"default_{name}" for name in STAMPS}
            if not barred.isdisjoint(self.env.context):
                self = self.with_context(  # pylint: disable=self-cls-assignment
                    {key: value for key, value in self.env.context.items() if key not in barred}
                )
        return super().create(vals_list)

    def write(self, vals):
        if self._in_hand():
            return super().write(vals)
        if not STAMPS.isdisjoint(vals):
            raise UserError(
                self.env._("“%s” is approved with its button, by whoever clicks it.", self[:1].display_name)
            )
        given = self.filtered(lambda action: action.state == "done" and action.benefit_kind != "none")
        if given and not (TERMS | {"state", "benefit_move_id"}).isdisjoint(vals):
            given._check_may_correct(vals)
        if TERMS.isdisjoint(vals):
            return super().write(vals)
        approved = self.filtered("benefit_approved_by_id")
        before = {action: [action[name] for name in sorted(TERMS)] for action in approved}
        result = super().write(vals)
        changed = approved.filtered(lambda action: before[action] != [action[name] for name in sorted(TERMS)])
        changed._engine().write(dict.fromkeys(STAMPS, False))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_given(self):
        for action in self:
            if action.state == "done" and action.benefit_kind != "none":
                raise UserError(
                    self.env._("“%s” stays: it says what was given to whom, and who approved it.", action.display_name)
                )

    # ACTIONS
    def action_approve_benefit(self):
        """Say yes to what these actions give: somebody else than who gives it, within what is allowed."""
        self.check_access("write")
        if not self.env.user.has_group("kams_sales.group_account_manager"):
            raise AccessError(
                self.env._("A key-account manager or a sales director approves what customers' people get.")
            )
        for action in self:
            if action.benefit_kind not in PERSONAL:
                raise UserError(self.env._("“%s” gives nothing that needs an approval.", action.display_name))
            if self.env.user in (action.user_id, action.create_uid):
                raise UserError(
                    self.env._("“%s” is yours, so somebody else approves what it gives.", action.display_name)
                )
            action._check_personal(approving=True)
        self._engine().write(
            {"benefit_approved_by_id": self.env.uid, "benefit_approved_on": fields.Date.context_today(self)}
        )
        for action in self:
            action.plan_id.message_post(
                body=self.env._(
                    "%(who)s approved “%(action)s”: %(what)s, %(worth)s for %(people)s people.",
                    who=self.env.user.name,
                    action=action.name,
                    what=action._benefit_label(),
                    worth=formatLang(self.env, action.benefit_value, currency_obj=action.currency_id),
                    people=action.benefit_people,
                )
            )
        return True

    # BUSINESS
    def _benefit_label(self):
        return dict(self._fields["benefit_kind"]._description_selection(self.env))[self.benefit_kind]

    def _benefit_limit(self):
        """``(most per head, who says so)`` on the day it is given; without a rule nothing is allowed."""
        self.ensure_one()
        regime = self.plan_id.sudo().lead_id.kams_legal_regime  # sudo: only which law the purchase falls under
        return benefit_limit(self.env, self.benefit_kind, self.date_due, regime)

    def _benefit_law(self):
        """The article in force on the day of the action."""
        found = self.env["kams.legal.rule"]._found(LAW, self.date_due)
        return found.source if found else ""

    def _benefit_says(self):
        """What holds for this kind of benefit, in a line."""
        self.ensure_one()
        if self.benefit_kind in PERSONAL:
            most, source = self._benefit_limit()
            if not most:
                return self.env._("Not allowed: %s", source or self.env._("no rule allows it on that day"))
            return self.env._(
                "At most %(most)s per head, approved by somebody else than its owner (%(law)s)",
                most=formatLang(self.env, most, currency_obj=self.currency_id),
                law=source,
            )
        if self.benefit_kind in OPEN:
            return self.env._("Agreed openly and in the books of both sides: %s", self._benefit_law())
        return False

    def _check_personal(self, approving=False):
        """Something for a person: within the limit of the day, and approved before it is given."""
        self.ensure_one()
        most, source = self._benefit_limit()
        words = {
            "action": self.name,
            "what": self._benefit_label(),
            "day": format_date(self.env, self.date_due),
            "law": source or self.env._("no rule allows it"),
            "most": formatLang(self.env, most, currency_obj=self.currency_id),
        }
        if not most:
            raise ValidationError(
                self.env._(
                    "“%(action)s” can't be planned: on %(day)s, nothing of value may be given to the customer's people "
                    "or to those with influence on them (%(law)s). Plan a contact that gives nothing instead.",
                    **words,
                )
            )
        each = known(self.benefit_each)
        if each is None:
            raise ValidationError(
                self.env._(
                    "“%(action)s”: say what “%(what)s” is worth in all, and for how many people (%(law)s).", **words
                )
            )
        if each > most:
            raise ValidationError(
                self.env._(
                    "“%(action)s”: “%(what)s” may be worth %(most)s per head at most (%(law)s). Plan less, or "
                    "a contact that gives nothing.",
                    **words,
                )
            )
        if approving:
            return
        if self.benefit_approved_by_id and self.benefit_approved_by_id == self.user_id:
            raise ValidationError(
                self.env._(
                    "%(who)s approved what “%(action)s” gives, so somebody else carries it out.",
                    who=self.user_id.name,
                    action=self.name,
                )
            )
        if self.state == "done" and not self.benefit_approved_by_id:
            raise ValidationError(
                self.env._(
                    "“%(action)s” gives something, which a key-account manager or sales director approves before it is "
                    "done (%(law)s).",
                    **words,
                )
            )

    def _check_openly_agreed(self):
        """Something for a firm: the right one, agreed in writing, and in the books once it is done."""
        self.ensure_one()
        law = self._benefit_law()
        words = {"action": self.name, "what": self._benefit_label(), "law": law}
        customer = self.customer_id.commercial_partner_id
        # sudo: whether somebody is one of the deal's people, and nothing of them
        people = self.plan_id.sudo().lead_id.kams_stakeholder_ids.partner_id
        theirs = self.recipient_id and (
            self.recipient_id.commercial_partner_id == customer or self.recipient_id in people
        )
        if self.benefit_kind == "discount" and self.recipient_id != customer:
            raise ValidationError(
                self.env._(
                    "“%(action)s”: a price reduction goes to the customer itself, never to a person: choose "
                    "%(customer)s under “Paid To” (%(law)s).",
                    **words,
                    customer=customer.display_name,
                )
            )
        if self.benefit_kind == "commission" and (not self.recipient_id or theirs):
            raise ValidationError(
                self.env._(
                    "“%(action)s”: a commission goes to a firm in between, never to the customer or its people: choose "
                    "it under “Paid To” (%(law)s).",
                    **words,
                )
            )
        if not (self.benefit_terms or "").strip():
            raise ValidationError(
                self.env._("“%(action)s”: name the contract or order that “%(what)s” is agreed in (%(law)s).", **words)
            )
        # sudo: only whether it is posted
        if self.state == "done" and self.benefit_move_id.sudo().state != "posted":
            raise ValidationError(
                self.env._(
                    "“%(action)s” isn't done before “%(what)s” stands in the books: name the posted invoice, credit "
                    "note or bill (%(law)s).",
                    **words,
                )
            )

    def _check_may_correct(self, vals):
        """What was given stays as it was given; a director may take it up again, and the plan's messages say so."""
        for action in self:
            if vals.keys() != {"state"} or not self.env.user.has_group("kams_sales.group_director"):
                raise UserError(
                    self.env._(
                        "“%s” was given and stays as it was: a sales director may set it back to open, to correct it.",
                        action.display_name,
                    )
                )
            if vals["state"] != "done":
                action.plan_id.message_post(
                    body=self.env._(
                        "%(who)s took “%(action)s” up again, which had given something.",
                        who=self.env.user.name,
                        action=action.name,
                    )
                )


class KamsPlan(models.Model):
    """A plan that says what was given to whom stays."""

    _inherit = "kams.plan"

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_given(self):
        self.action_ids._unlink_unless_given()
