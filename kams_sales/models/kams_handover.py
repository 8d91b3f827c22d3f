from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .crm_lead_gate import InternalPass

STATES = [
    ("draft", "Draft"),
    ("sent", "Sent to Delivery"),
    ("accepted", "Accepted by Delivery"),
    ("sent_back", "Sent Back"),
]
OPEN = ("draft", "sent_back")
GROUP = "kams_sales.group_delivery"
# What only buttons write, after they have looked
STAMPS = {"state", "sent_at", "sent_by_id", "accepted_at", "accepted_by_id", "return_reason", "collected_at"}
# What Odoo's chatter writes beside
ODOOS = ("message_", "activity_", "website_", "rating_", "my_activity_")
# What goes with it wherever it is: delivery passes it to a colleague, and ticks and asks point by point
ALWAYS = {"delivery_user_id", "line_ids"}
HAND, ENGINE = "kams_handover_engine", InternalPass("handover")


class KamsHandover(models.Model):
    """What sales promised, and delivery now has to keep: collected from what was recorded, and accepted by delivery.

    Book section 7.7 交底: promises, scope, risks, contacts and special terms. Control point S5-8 asks for the
    acceptance. What was sent stays as it was sent; delivery asks back point by point, accepts, or sends it back.
    """

    _name = "kams.handover"
    _description = "Handover to delivery"
    _inherit = ["kams.deal.part", "kams.state.mixin", "kams.hand.mixin", "mail.thread", "mail.activity.mixin"]
    _hand = HAND, ENGINE
    _stamps = frozenset(STAMPS)
    _order = "id desc"
    _rec_names_search = ["lead_id.name", "name"]
    _state_transitions = {
        "draft": {"sent"},
        "sent": {"draft", "accepted", "sent_back"},
        "sent_back": {"sent"},
        "accepted": {"draft"},
    }

    # About what
    lead_id = fields.Many2one(required=True)
    name = fields.Char(string="About", help="What of the deal is handed over, if it isn't all of it.")
    customer_id = fields.Many2one("res.partner", string="Customer", compute="_compute_customer")
    note = fields.Text(string="In Short", help="What delivery must know before all else.")
    # From whom to whom
    user_id = fields.Many2one(
        "res.users",
        string="Handed Over By",
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
        index=True,
        tracking=True,
        help="Who of sales answers delivery's questions.",
    )
    delivery_user_id = fields.Many2one(
        "res.users",
        string="Taken Over By",
        domain=lambda self: [("share", "=", False), ("all_group_ids", "in", self.env.ref(GROUP).ids)],
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Who of the delivery team takes it over.",
    )
    date_due = fields.Date(string="Wanted By", help="Until when delivery says yes or no.")
    # What is handed over
    line_ids = fields.One2many("kams.handover.line", "handover_id", string="Handover Points")
    collected_at = fields.Datetime(string="Last Collected", readonly=True, copy=False)
    # How it went
    state = fields.Selection(
        STATES,
        string="Status",
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    sent_at = fields.Datetime(string="Sent On", readonly=True, copy=False)
    sent_by_id = fields.Many2one("res.users", string="Sent By", readonly=True, copy=False, ondelete="restrict")
    accepted_at = fields.Datetime(string="Accepted On", readonly=True, copy=False, tracking=True)
    accepted_by_id = fields.Many2one("res.users", string="Accepted By", readonly=True, copy=False, ondelete="restrict")
    return_reason = fields.Text(string="Why It Was Sent Back", readonly=True, copy=False)
    return_ids = fields.One2many("kams.handover.return", "handover_id", string="Returns", readonly=True)
    # How far it is
    point_count = fields.Integer(string="Number of Points", compute="_compute_counts")
    understood_count = fields.Integer(string="Understood", compute="_compute_counts")
    question_count = fields.Integer(string="Open Questions", compute="_compute_counts")
    progress = fields.Float(string="Understood (%)", compute="_compute_counts")

    # COMPUTES
    @api.depends("name", "lead_id.name")
    def _compute_display_name(self):
        for handover in self:
            handover.display_name = " – ".join(filter(None, (handover.lead_id.name, handover.name)))

    @api.depends("lead_id.partner_id")
    def _compute_customer(self):
        for handover in self:
            handover.customer_id = handover.lead_id.partner_id.commercial_partner_id

    @api.depends("line_ids.understood", "line_ids.left_out", "line_ids.is_asked")
    def _compute_counts(self):
        """One statement for all handovers."""
        rows = self.env["kams.handover.line"]._read_group(
            [("handover_id", "in", self.ids), ("left_out", "=", False)],
            ["handover_id", "understood", "is_asked"],
            ["__count"],
        )
        for handover in self:
            mine = [row[1:] for row in rows if row[0] == handover._origin]
            handover.point_count = sum(number for _understood, _asked, number in mine)
            handover.understood_count = sum(number for understood, _asked, number in mine if understood)
            handover.question_count = sum(number for _understood, asked, number in mine if asked)
            handover.progress = handover.understood_count / handover.point_count * 100 if handover.point_count else 0.0

    # CONSTRAINTS
    @api.constrains("delivery_user_id")
    def _check_delivery_user(self):
        for handover in self:
            person = handover.delivery_user_id
            if person and not person.has_group(GROUP):
                raise ValidationError(
                    self.env._(
                        "%(who)s isn't of the delivery team: choose one of its people to take over “%(handover)s”.",
                        who=person.name,
                        handover=handover.display_name,
                    )
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self._in_hand():
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        names = {name for name in vals if not name.startswith(ODOOS)}
        # a merge of deals takes a handover along as it is
        if self._in_hand() or (self.env.su and names <= {"lead_id"}):
            return super().write(vals)
        if names & STAMPS:
            raise UserError(self.env._("%s: this is written with its buttons, not by hand.", self[:1].display_name))
        if "lead_id" in names and any(handover.lead_id.id != vals["lead_id"] for handover in self):
            raise UserError(
                self.env._(
                    "“%s” stays with its deal, which its points are about. Make a handover on the other deal.",
                    self[:1].display_name,
                )
            )
        if rest := names - ALWAYS - {"lead_id"}:
            self._check_open()
            self._check_sales(rest)
        for handover in self.filtered(lambda one: one.state == "accepted") if "delivery_user_id" in names else ():
            handover._refuse_change()
        result = super().write(vals)
        if names & {"delivery_user_id", "user_id"}:
            self._sync_activities()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unsent(self):
        for handover in self:
            if handover.state != "draft" or handover.return_ids:
                raise UserError(
                    self.env._(
                        "“%s” was sent to delivery and stays, with what was said about it. Take it back to change it.",
                        handover.display_name,
                    )
                )

    # ACTIONS
    def action_send(self):
        """Hand it to the delivery team: from here on it stays as it is."""
        for handover in self:
            handover._check_complete()
        self._engine().write(
            {
                "state": "sent",
                "sent_at": fields.Datetime.now(),
                "sent_by_id": self.env.uid,
                "return_reason": False,
            }
        )
        self._sync_activities()
        return True

    def action_take_back(self):
        """Back to draft before delivery has said anything to it."""
        self._check_sales({"state"})
        if any(handover.state != "sent" for handover in self):
            raise UserError(self.env._("%s isn't with delivery.", self[:1].display_name))
        self._engine().write({"state": "draft"})
        self._sync_activities()
        return True

    def action_understood(self):
        """Tick all points that nobody asks about: each was read."""
        self.check_access("write")
        self.line_ids.filtered(lambda line: not (line.left_out or line.understood or line.is_asked)).write(
            {"understood": True}
        )
        return True

    def action_accept(self):
        """Delivery takes it over: the yes of somebody of the delivery team who didn't send it."""
        for handover in self:
            handover._check_acceptable()
        self._engine().write(
            {"state": "accepted", "accepted_at": fields.Datetime.now(), "accepted_by_id": self.env.uid}
        )
        self._sync_activities()
        return True

    def action_send_back(self):
        """Say what is missing."""
        return self._open_note("back", self.env._("Send Back"))

    def action_reopen(self):
        """It has to be changed although delivery had accepted it: say why."""
        return self._open_note("reopen", self.env._("Reopen"))

    def action_points(self):
        """The points by themselves: a long handover, or a small screen."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_handover_line_action")
        context = {"default_handover_id": self.id}
        return {**action, "domain": [("handover_id", "=", self.id)], "context": context}

    def action_make_delivery(self):
        """What was handed over becomes a project, in one step."""
        self.ensure_one()
        self.check_access("read")
        return self.env["kams.delivery.make"]._open(lead=self.lead_id)

    # BUSINESS
    def _engine(self):
        self.check_access("write")
        return super()._engine()

    @api.model
    def _is_sales(self):
        """Whether the user may write a handover; delivery may only answer one."""
        return self.env.su or self.has_access("create")

    def _check_sales(self, names):
        if not self._is_sales():
            raise AccessError(
                self.env._(
                    "“%(handover)s”: %(fields)s is sales' to say. Ask about a point, or send the handover back.",
                    handover=self[:1].display_name,
                    fields=", ".join(sorted(self._fields[name]._description_string(self.env) for name in names)),
                )
            )

    def _check_open(self):
        for handover in self:
            if handover.state not in OPEN:
                handover._refuse_change()

    def _refuse_change(self):
        self.ensure_one()
        if self.state == "accepted":
            raise UserError(
                self.env._(
                    "“%(handover)s” stays as %(who)s accepted it. Use “Reopen” and say why, to change it.",
                    handover=self.display_name,
                    who=self.accepted_by_id.name,
                )
            )
        raise UserError(
            self.env._("“%s” is with delivery and stays as it was sent. Take it back to change it.", self.display_name)
        )

    def _check_complete(self):
        """What is handed over has points, somebody who takes it over, and a reason for what is left out."""
        self.ensure_one()
        self._check_sales({"state"})
        self._check_open()
        if not self.line_ids.filtered(lambda line: not line.left_out):
            raise UserError(
                self.env._(
                    "“%s” has no points yet: use “Collect”, or write down what delivery must know.", self.display_name
                )
            )
        if not self.delivery_user_id:
            raise UserError(self.env._("“%s”: choose who of the delivery team takes it over.", self.display_name))
        if silent := self.line_ids.filtered(lambda line: line.left_out and not (line.note or "").strip()):
            raise UserError(
                self.env._(
                    "“%(point)s” is left out: say why in its note, so that delivery knows.",
                    point=silent[0].name_short,
                )
            )
        if asked := self.line_ids.filtered("is_asked"):
            raise UserError(
                self.env._("Delivery asked about “%(point)s”: answer that first.", point=asked[0].name_short)
            )

    def _check_acceptable(self):
        self.ensure_one()
        if self.state != "sent":
            raise UserError(
                self.env._("“%s” isn't with delivery: sales sends it first.", self.display_name)
                if self.state != "accepted"
                else self.env._("“%s” is accepted already.", self.display_name)
            )
        user = self.env.user
        if not user.has_group(GROUP):
            raise AccessError(self.env._("“%s” is accepted by somebody of the delivery team.", self.display_name))
        if user in (self.sent_by_id | self.user_id):
            raise UserError(
                self.env._(
                    "You handed “%s” over yourself: somebody else of the delivery team accepts it.", self.display_name
                )
            )
        points = self.line_ids.filtered(lambda line: not line.left_out)
        if asked := points.filtered("is_asked"):
            raise UserError(
                self.env._(
                    "%(who)s hasn't answered yet what you asked about “%(point)s”. Wait for it, or send it back.",
                    who=self.user_id.name or self.env._("Sales"),
                    point=asked[0].name_short,
                )
            )
        if unread := points.filtered(lambda line: not line.understood):
            raise UserError(
                self.env._(
                    "%(number)s points of “%(handover)s” aren't ticked as understood, “%(point)s” among them. Tick "
                    "them, or use “All Understood”.",
                    number=len(unread),
                    handover=self.display_name,
                    point=unread[0].name_short,
                )
            )

    def _open_note(self, step, title):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kams.handover.note",
            "view_mode": "form",
            "target": "new",
            "context": {"default_handover_id": self.id, "default_step": step},
        }

    def _send_back(self, reason):
        """Back to sales, with what is missing; each return stays."""
        self.ensure_one()
        if self.state != "sent":
            raise UserError(self.env._("“%s” isn't with delivery.", self.display_name))
        if not self.env.user.has_group(GROUP):
            raise AccessError(self.env._("“%s” is sent back by somebody of the delivery team.", self.display_name))
        self._engine().write({"state": "sent_back", "return_reason": reason})
        self._keep_return("back", reason)
        self._sync_activities()

    def _reopen(self, reason):
        """It changes although it was accepted; who had accepted it, and why it changes, stay."""
        self.ensure_one()
        if self.state != "accepted":
            raise UserError(self.env._("“%s” isn't accepted.", self.display_name))
        who, when = self.accepted_by_id.name, fields.Date.to_string(self.accepted_at)
        self._engine().write({"state": "draft", "accepted_at": False, "accepted_by_id": False})
        self._keep_return(
            "reopened", self.env._("%(reason)s (accepted by %(who)s on %(day)s)", reason=reason, who=who, day=when)
        )
        self._sync_activities()

    def _keep_return(self, kind, reason):
        # sudo: a return is written by nobody but these two buttons, and says who pressed them
        self.env["kams.handover.return"].sudo().create(
            {"handover_id": self.id, "kind": kind, "user_id": self.env.uid, "reason": reason}
        )
        labels = dict(self.env["kams.handover.return"]._fields["kind"]._description_selection(self.env))
        self.message_post(body=": ".join((labels[kind], reason)))
