from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.arithmetic import ratio
from .blank import known
from .kams_authority import RANKS, UNKNOWN_MARGIN

ACTIVITY_TYPE = "kams_sales.mail_activity_type_change"
ROLES = [
    ("sales", "Project Manager or Salesperson"),
    ("manager", "Key-Account Manager"),
    ("director", "Sales Director"),
    ("committee", "Change Review"),
]


class KamsChange(models.Model):
    """Who of us may agree to a change: by what it costs, what it does to the price, and how long it takes (8.3).

    The one matrix of authority speaks, in percent of the contract and in days. Past everybody's authority the change
    review decides (kams_change_review.py).
    """

    _inherit = "kams.change"

    needed_role = fields.Selection(ROLES, string="To Be Agreed To By", compute="_compute_needed_role")
    authority_told = fields.Text(string="Why", compute="_compute_needed_role")
    may_agree = fields.Boolean(compute="_compute_needed_role")

    # COMPUTES
    @api.depends("cost", "days", "contract_id", "state", "company_id")
    @api.depends_context("uid", "lang")
    def _compute_needed_role(self):
        authority = self.env["kams.authority"]
        mine = RANKS[authority._role_of(self.env.user)]
        labels = dict(self._fields["needed_role"]._description_selection(self.env))
        for change in self:
            roles = change._roles()
            change.needed_role = max(roles.values(), key=RANKS.get, default="sales")
            change.may_agree = mine >= RANKS[change.needed_role]
            change.authority_told = "\n".join(change._said_of(aspect, labels[role]) for aspect, role in roles.items())

    # ACTIONS
    def action_ask(self):
        """The change is written: whoever may agree to it alone agrees, others are asked."""
        self.check_access("write")
        for change in self:
            change._check_complete()
            change._engine().state = "review"
            if change.may_agree:
                change._agree()
            else:
                change._ask_nearest()
        return True

    def action_agree(self):
        """Agree for our side, within one's authority."""
        self.check_access("write")
        for change in self:
            if change.state != "review":
                change._refuse_state(change.state, "approved")
            if not change.may_agree:
                raise AccessError(
                    self.env._(
                        "“%(change)s” is past your authority. It is to be agreed to by: %(role)s.\n%(why)s",
                        change=change.display_name,
                        role=dict(self._fields["needed_role"]._description_selection(self.env))[change.needed_role],
                        why=change.authority_told,
                    )
                )
            change._agree()
        return True

    def action_refuse(self):
        """Say why we don't agree."""
        return self._open_note("refuse", self.env._("Refuse the Change"))

    def action_withdraw(self):
        """Say why nothing comes of it."""
        return self._open_note("withdraw", self.env._("Withdraw the Change"))

    def action_write_again(self):
        """Take it back to be written again; what was said of it no longer holds."""
        return self._open_note("again", self.env._("Write Again"))

    # BUSINESS
    def _open_note(self, step, title):
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kams.change.note",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_change_id": self.id, "default_step": step},
        }

    def _asked(self):
        """``{aspect: percent of the contract, or days}``; None where nobody knows how much of the contract it is."""
        # sudo: the price counts also for who may not read it; only who has to agree is told
        change, found = self.sudo(), {}
        total = known(change.contract_id.amount_total)
        for aspect, amount in (("change_price", change.price_change), ("change_cost", change.cost)):
            if known(amount):
                found[aspect] = ratio(abs(amount), total, 100) if total else None
        if known(change.days):
            found["change_days"] = abs(change.days)
        return found

    def _roles(self):
        """``{aspect: who may agree to it}``; a part of a contract whose amount nobody knows is a director's to bear."""
        values = self._asked()
        roles = self.env["kams.authority"]._roles_needed(self.company_id, values)
        return {**{aspect: UNKNOWN_MARGIN for aspect, value in values.items() if value is None}, **roles}

    def _said_of(self, aspect, role):
        """What of the change needs whom. A share of the contract is for those who may know its price."""
        label = dict(self.env["kams.authority"]._fields["aspect"]._description_selection(self.env))[aspect]
        value = self._asked()[aspect]
        if aspect != "change_days" and not self._shows_price():
            return self.env._("%(aspect)s: to be agreed to by %(role)s", aspect=label, role=role)
        told = self.env._("not known") if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
        return self.env._("%(aspect)s: %(value)s – to be agreed to by %(role)s", aspect=label, value=told, role=role)

    def _shows_price(self):
        """Whether the reader may know what the customer pays for a change."""
        return self._has_field_access(self._fields["price_change"], "read")

    def _check_complete(self):
        for change in self:
            if change.state != "draft":
                change._refuse_state(change.state, "review")
            if missing := change._missing():
                raise UserError(
                    self.env._(
                        "“%(change)s” can't be agreed to yet. Missing is:\n%(missing)s",
                        change=change.display_name,
                        missing="\n".join(f"  • {one}" for one in missing),
                    )
                )

    def _missing(self):
        """What somebody has to know before they agree, as sentences."""
        self.ensure_one()
        found = []
        if not (self.request or "").strip():
            found.append(self.env._("what changes"))
        if not (self.reason or "").strip():
            found.append(self.env._("why it changes"))
        if self.side == "customer" and not self.requested_by_id:
            found.append(self.env._("who of the customer asks for it"))
        if known(self.cost) is None:
            found.append(self.env._("what it costs us; 0 if nothing"))
        if known(self.days) is None:
            found.append(self.env._("how many days it takes; 0 if none"))
        # sudo: whether a price is there at all, never which
        if self.kind == "price" and not known(self.sudo().price_change):
            found.append(self.env._("by how much the price changes, which sales enters"))
        return found

    def _agree(self, by=None):
        """Our side agrees; the paper goes to the customer."""
        for change in self:
            user = by or self.env.user
            change._engine().write(
                {"state": "approved", "approved_by_id": user.id, "approved_at": fields.Date.context_today(self)}
            )
            change._done_activities()
            change.message_post(body=self.env._("%s agrees for our side.", user.name))

    def _end(self, step, reason):
        """Refuse, withdraw or write again, with the reason kept."""
        self.check_access("write")
        target = {"refuse": "rejected", "withdraw": "withdrawn", "again": "draft"}[step]
        for change in self:
            if step == "refuse" and not (change.may_agree or self.env.user.has_group("kams_sales.group_director")):
                raise AccessError(
                    self.env._("Who may agree to “%s” may refuse it. You can withdraw it.", change.display_name)
                )
            if target not in self._state_transitions.get(change.state, ()):
                change._refuse_state(change.state, target)
            values = {"state": target}
            if step == "again":
                values |= {"approved_by_id": False, "approved_at": False}
            change._engine().write(values)
            change._done_activities()
            # sudo: who may change it sets this off; nothing of the reviews is shown
            change.sudo().review_ids._void_change(reason)
            told = f"{change._state_told()}: {reason}"
            change.message_post(body=told)

    def _ask_nearest(self):
        """Put the question before whoever is nearest and may agree; past everybody, before who asks for the review."""
        self.ensure_one()
        deal = self.sudo().lead_id  # sudo: who leads account, team and deal, for whoever may ask
        if self.needed_role == "committee":
            people, words = (deal.user_id,), self.env._("Have this change reviewed: %s", self.display_name)
        else:
            people, words = self._who_may(deal), self.env._("Agree to this change: %s", self.display_name)
        for user in people:
            if user.active and user != self.env.ref("base.user_root"):
                # no figures: an activity is read by whoever reads the change, the project manager too
                self.activity_schedule(ACTIVITY_TYPE, user_id=user.id, summary=words)
                return

    def _who_may(self, deal):
        rank = RANKS[self.needed_role]
        authority = self.env["kams.authority"]
        directors = self.env.ref("kams_sales.group_director").sudo().all_user_ids  # sudo: see _ask_nearest
        people = (deal.kams_account_id.manager_id, deal.team_id.user_id, *directors.sorted("id"))
        company = self.company_id
        return [
            user
            for user in people
            if user
            and user != self.env.user
            and RANKS[authority._role_of(user)] >= rank
            and (not company or company in user.company_ids)
        ]

    def _done_activities(self):
        # sudo: the question is answered, whoever was asked
        self.sudo().activity_ids.filtered(lambda one: one.activity_type_id == self.env.ref(ACTIVITY_TYPE)).unlink()
