from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .insiders import INSIDERS
from .kams_authority import RANKS, ROLES

HELD = "kams.authority.held"  # precommit data: ids of orders whose lines are being written one after the other
CONFIRMED = "kams.authority.confirmed"  # precommit data: {order id: user id} of orders that stand confirmed
BEFORE = "kams.authority.before"  # precommit data: ids of those that were confirmed before their deal was under KAMS
INSIDE = "base.group_user"
AUTHORITY_STATES = [
    ("none", "Not Asked For"),
    ("within", "Within Authority"),
    ("approved", "Approved"),
    ("beyond", "Beyond Authority"),
]


class SaleOrder(models.Model):
    """A deal's quotation becomes an order only on terms that whoever confirms it may grant (7.7 管理要点).

    One rule, :meth:`_check_kams_authority`, called where the ORM checks constraints, on every route into the database,
    and once more before the commit. A customer who signs or pays online may accept what any salesperson may grant, or
    what somebody agreed to. Orders without a deal under a process are Odoo's own, and ask nothing.
    """

    _inherit = "sale.order"

    # Not for customers in the portal: margins are ours alone
    kams_approval_ids = fields.One2many(
        "kams.authority.approval", "order_id", string="Approvals of Terms", groups=INSIDERS
    )
    kams_authority_state = fields.Selection(
        AUTHORITY_STATES, string="Terms Are", compute="_compute_kams_authority", compute_sudo=True, groups=INSIDE
    )
    kams_authority_role = fields.Selection(
        ROLES, string="Terms To Be Agreed By", compute="_compute_kams_authority", compute_sudo=True, groups=INSIDE
    )
    kams_authority_text = fields.Text(
        string="Past Your Authority", compute="_compute_kams_authority", compute_sudo=True, groups=INSIDERS
    )
    kams_authority_asked = fields.Boolean(
        string="Somebody Was Asked", compute="_compute_kams_authority", compute_sudo=True, groups=INSIDE
    )
    kams_may_agree = fields.Boolean(
        string="I May Agree to These Terms", compute="_compute_kams_authority", compute_sudo=True, groups=INSIDE
    )

    # COMPUTES
    @api.depends(
        *("opportunity_id", "state", "order_line.price_subtotal", "order_line.product_id", "order_line.price_unit"),
        *("order_line.discount", "payment_term_id", "kams_warranty_months", "kams_damages_cap_pct", "currency_id"),
        "kams_approval_ids.state",
    )
    @api.depends_context("uid")
    def _compute_kams_authority(self):
        deals = self._kams_on_deals() if self else self
        for order in self:
            found = order._kams_judge() if order in deals else None
            order.kams_authority_state = found["state"] if found else "none"
            order.kams_authority_role = found["role"] if found else False
            order.kams_authority_text = order._kams_told(found["beyond"]) if found else False
            order.kams_may_agree = bool(found) and found["may_agree"]
            order.kams_authority_asked = bool(found) and "asked" in order.kams_approval_ids.mapped("state")

    # CONSTRAINTS
    @api.constrains(
        *("state", "opportunity_id", "company_id", "payment_term_id", "kams_warranty_months", "kams_damages_cap_pct"),
        *("order_line", "amount_untaxed", "currency_id"),
    )
    def _check_kams_authority(self):
        """No order of a deal stands confirmed on terms that nobody with the authority agreed to."""
        held = self.env.cr.precommit.data.get(HELD, ())
        orders = self.filtered(lambda order: order.state == "sale" and order._origin.id not in held)
        if orders := orders._kams_on_deals():
            orders._kams_note_confirmed()
            orders._kams_refuse_beyond()

    # ORM
    def write(self, vals):
        """Lines that are changed together are judged together."""
        if "order_line" not in vals:
            return super().write(vals)
        held = self.env.cr.precommit.data.setdefault(HELD, set())
        ours = set(self._ids) - held
        held |= ours
        try:
            result = super().write(vals)
        finally:
            held -= ours
        self._check_kams_authority()
        return result

    def _write_multi(self, vals_list):
        """Catch what wrote past the constraints: a raw ``_write`` of the state."""
        raw = self.browse(
            order.id
            for order, vals in zip(self, vals_list, strict=True)
            if vals.get("state") == "sale" and order.state != "sale"
        )
        result = super()._write_multi(vals_list)
        if raw:
            raw.invalidate_recordset(["state"], flush=False)
            raw._check_kams_authority()
        return result

    # ACTIONS
    def action_kams_ask_authority(self):
        """Ask whom the matrix names for the terms of these quotations."""
        self.check_access("write")
        for order in self:
            order._kams_check_askable()
            found = order.sudo()._kams_judge()  # sudo: costs are judged, and shown to nobody
            if found["state"] != "beyond":
                raise UserError(
                    self.env._("“%s” is within your authority, or was agreed to: confirm it.", order.display_name)
                )
            order._kams_ask(found)
        return True

    def action_kams_agree(self):
        """Say yes beforehand, for whom the matrix names: the customer may accept online then."""
        self.check_access("write")
        for order in self:
            order._kams_check_askable()
            found = order.sudo()._kams_judge()  # sudo: as above
            if not found["may_agree"]:
                raise UserError(
                    self.env._(
                        "The terms of “%(order)s” aren't yours to agree to: %(what)s",
                        order=order.display_name,
                        what=order.sudo()._kams_told(found["beyond"]) or self.env._("they need nobody's yes"),
                    )
                )
            approval = order._kams_record(found, state="approved")
            approval._tell()
        return True

    def action_kams_approvals(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approvals of Terms"),
            "res_model": "kams.authority.approval",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("order_id", "=", self.id)],
        }

    # PORTAL
    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and self._kams_customer_may_accept()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and self._kams_customer_may_accept()

    def _kams_customer_may_accept(self):
        """Whether a customer may make this quotation an order without one of us: nobody asks about a plain one."""
        self.ensure_one()
        order = self.sudo()  # sudo: a customer reads neither costs nor the matrix, and is told yes or no
        return not order._kams_on_deals() or order._kams_judge(customer=True)["state"] != "beyond"

    # BUSINESS: judging
    def _kams_actor(self):
        """Whose authority counts: whoever confirms; customers have none, the program has the salesperson's."""
        user = self.env["res.users"].sudo().browse(self.env.uid)  # sudo: their groups only
        if user.id == SUPERUSER_ID:  # a flush may run as the program: then whoever wrote before
            noted = self.env.cr.precommit.data.get(CONFIRMED, {}).get(self._origin.id)
            user = user.browse(noted) if noted and noted != SUPERUSER_ID else self.user_id
        return user.filtered(lambda one: not one.share)

    def _kams_judge(self, customer=False):
        """Where these terms stand for whoever would confirm them.

        :param customer: that is the customer, online
        :return: ``{"state", "role" (the highest needed), "beyond" ({aspect: role}), "may_agree", "roles", "figures"}``
        """
        self.ensure_one()
        authority = self.env["kams.authority"]
        actor = self.env["res.users"] if customer else self._kams_actor()
        terms = self._kams_terms()
        roles = authority._roles_needed(self.company_id, terms)
        figures = self._kams_figures(terms)
        needed = max(roles.values(), key=RANKS.get, default="sales")
        rank = RANKS[authority._role_of(actor) if actor else "sales"]
        beyond = {aspect: role for aspect, role in roles.items() if RANKS[role] > rank}
        # sudo: whether somebody said yes
        yes = self.sudo().kams_approval_ids.filtered(lambda approval: approval._covers(figures, roles))
        agreed = bool(yes) or (self.state == "sale" and self._kams_unchanged())
        return {
            "state": "within" if not beyond else "approved" if agreed else "beyond",
            "role": needed,
            "roles": roles,
            "beyond": {} if agreed else beyond,
            "figures": figures,
            "may_agree": needed != "sales" and not beyond and not agreed and self.state in ("draft", "sent"),
        }

    def _kams_unchanged(self):
        """Whether the terms are those that were confirmed: a cost that rose since changes nothing."""
        key = self._kams_terms_key()
        return any(
            approval.terms_key == key and approval.state == "approved" for approval in self.sudo().kams_approval_ids
        )  # sudo: whether there is one

    def _kams_told(self, beyond):
        return self.env["kams.authority"]._told(beyond, self._kams_terms()) if beyond else ""

    def _kams_refuse_beyond(self):
        """The one message for all of these orders that are past the authority of who confirms them."""
        told = []
        for order in self.sudo():  # sudo: costs are judged; the message says what is past, as the form does
            found = order._kams_judge()
            if found["state"] == "beyond":
                told.append(f"{order.display_name}:\n{order._kams_told(found['beyond'])}")
        if told:
            raise ValidationError(
                "\n\n".join(
                    [
                        *told,
                        self.env._(
                            "These terms are past your authority. Use “Ask for Agreement” on the quotation, or let "
                            "somebody confirm or change it who may grant them."
                        ),
                    ]
                )
            )

    # BUSINESS: what was asked and confirmed
    def _kams_check_askable(self):
        self.ensure_one()
        if self.state not in ("draft", "sent"):
            raise UserError(self.env._("“%s” is no quotation any more: what was agreed stands.", self.display_name))
        if not self._kams_on_deals():
            raise UserError(
                self.env._("“%s” belongs to no deal under a KAMS process: nobody is asked.", self.display_name)
            )

    def _kams_record(self, found, **values):
        """A row that says what was asked or confirmed. sudo: rows are the program's, made for who asks."""
        if values.get("state") == "approved":
            values |= {"approver_id": self.env.uid, "decided_at": fields.Datetime.now()}
        rows = self.env["kams.authority.approval"].sudo()._engine()
        return rows.with_context(mail_create_nolog=True, mail_create_nosubscribe=True).create(
            {
                "order_id": self.id,
                "lead_id": self.opportunity_id.id,
                "needed_role": found["role"],
                "user_id": self.env.uid,
                "terms_key": self.sudo()._kams_terms_key(),
                **found["figures"],
                **values,
            }
        )

    def _kams_ask(self, found):
        approval = self._kams_record(found)
        body = self.env._(
            "%(who)s asks to agree:\n%(what)s", who=self.env.user.name, what=self.sudo()._kams_told(found["beyond"])
        )
        self.message_post(body=body)
        approval._ask(body)
        return approval

    def _kams_note_confirmed(self, before=False):
        """Ask again before the commit, and note then who confirmed what.

        :param before: they were confirmed when nobody had to be asked; what was agreed then is noted, as it is
        """
        precommit = self.env.cr.precommit
        if CONFIRMED not in precommit.data:
            precommit.data[CONFIRMED] = {}
            precommit.add(self.env["sale.order"]._kams_keep_confirmed)
        if before:
            precommit.data.setdefault(BEFORE, set()).update(self._origin.ids)
        noted = precommit.data[CONFIRMED]
        for id_ in self._origin.ids:
            if self.env.uid != SUPERUSER_ID or id_ not in noted:
                noted[id_] = self.env.uid

    @api.model
    def _kams_keep_confirmed(self):
        """Before the commit: refuse what a caller swallowed, and note terms that were confirmed for the first time."""
        data = self.env.cr.precommit.data
        noted, before = data.pop(CONFIRMED, {}), data.pop(BEFORE, set())
        for user_id, ids in _grouped(noted).items():
            # sudo: as where it was noted; the one who confirmed stays the one whose authority counts
            orders = self.browse(ids).with_user(user_id).sudo().exists().filtered(lambda order: order.state == "sale")
            orders = orders._kams_on_deals().filtered(lambda order: not order._kams_unchanged())
            orders.filtered(lambda order: order.id not in before)._kams_refuse_beyond()
            for order in orders:
                order._kams_record(order._kams_judge(), state="approved", by_confirmation=True)


def _grouped(noted):
    """``{user id: [order id]}`` of ``{order id: user id}``."""
    users = {}
    for order_id, user_id in noted.items():
        users.setdefault(user_id, []).append(order_id)
    return users
