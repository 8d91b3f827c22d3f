from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .kams_handover import GROUP, OPEN

SECTIONS = [
    ("promise", "Promise"),
    ("scope", "Scope"),
    ("risk", "Risk"),
    ("contact", "Contact"),
    ("special", "Special Term"),
]
SHORT = 300
# What delivery says to a point, what sales answers, and what both may do while it is with delivery
DELIVERYS, ASKED, ANSWERED = {"understood"}, {"question"}, {"answer"}
# What a point says; when it changes, it has to be read again
SAYING = {"section", "name", "date_due", "partner_id", "left_out"}


class KamsHandoverLine(models.Model):
    """One thing that delivery must know: what was said, where that is recorded, and whether it is understood.

    Book section 7.7 交底. What the program collected isn't deleted: it is left out with a reason, which delivery sees.
    """

    _name = "kams.handover.line"
    _description = "Point of a handover"
    _inherit = ["kams.computed.mixin"]
    _order = "handover_id, left_out, section_order, sequence, id"
    _stamps = frozenset({"source_name", "collected", *DELIVERYS})

    handover_id = fields.Many2one("kams.handover", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="handover_id.company_id", store=True, index=True)
    lead_id = fields.Many2one(related="handover_id.lead_id", string="Deal")
    handover_state = fields.Selection(related="handover_id.state", string="Status of the Handover")
    sequence = fields.Integer(default=10)
    # What delivery must know
    section = fields.Selection(SECTIONS, required=True, default="promise", index=True)
    section_order = fields.Integer(compute="_compute_section_order", store=True, help="Promises first, terms last.")
    name = fields.Text(string="Handover Point", required=True)
    name_short = fields.Char(string="Point in Short", compute="_compute_name_short")
    user_id = fields.Many2one(
        "res.users",
        string="Who Knows",
        domain="[('share', '=', False)]",
        ondelete="set null",
        index="btree_not_null",
        help="Who of us promised it, knows about it, or has to do it.",
    )
    date_due = fields.Date(string="Due")
    note = fields.Text(help="What sales adds by hand; for a point that is left out, why.")
    left_out = fields.Boolean(string="Left Out", help="Delivery needn't know it; the note says why.")
    # A person at the customer's: how to reach them is read from the contact, never copied
    partner_id = fields.Many2one("res.partner", string="Person There", ondelete="set null", index="btree_not_null")
    function = fields.Char(related="partner_id.function", string="Position", related_sudo=False)
    phone = fields.Char(related="partner_id.phone", string="Phone", related_sudo=False)
    email = fields.Char(related="partner_id.email", string="Email", related_sudo=False)
    # Where it is recorded
    source = fields.Reference(selection="_selection_source", string="Recorded In", compute="_compute_source")
    source_name = fields.Char(string="Source", readonly=True, copy=False)
    may_open = fields.Boolean(compute="_compute_may_open")
    collected = fields.Json(string="As Collected", readonly=True, copy=False)
    # What delivery says to it
    understood = fields.Boolean(copy=False)
    question = fields.Text(copy=False, help="What delivery wants to know.")
    answer = fields.Text(string="Sales' Answer", copy=False)
    is_asked = fields.Boolean(string="Question Open", compute="_compute_is_asked", store=True)

    # COMPUTES
    @api.model
    def _selection_source(self):
        """Where points come from: one label a kind of record."""
        names = self.env["kams.handover"]._source_models()
        return [(name, self.env["ir.model"]._get(name).name or name) for name in names]

    @api.depends("section")
    def _compute_section_order(self):
        order = {section: place for place, (section, _label) in enumerate(SECTIONS)}
        for line in self:
            line.section_order = order.get(line.section, len(order))

    @api.depends("name")
    def _compute_name_short(self):
        for line in self:
            words = " ".join((line.name or "").split())
            line.name_short = words if len(words) <= SHORT else f"{words[: SHORT - 1]}…"

    @api.depends("name_short")
    def _compute_display_name(self):
        for line in self:
            words = line.name_short or ""
            line.display_name = words if len(words) <= 60 else f"{words[:59]}…"

    @api.depends("collected")
    def _compute_source(self):
        """Kept by kind and id, since Odoo asks the database for each reference that it stores."""
        for line in self:
            line.source = line._key()[0] or False

    @api.depends("source_name")
    @api.depends_context("uid")
    def _compute_may_open(self):
        """Whether there is a record behind it, of a kind that the user may read at all."""
        for line in self:
            model = line._key()[0].split(",")[0]
            line.may_open = bool(model) and self.env[model].has_access("read")

    @api.depends("question", "answer")
    def _compute_is_asked(self):
        for line in self:
            line.is_asked = bool((line.question or "").strip()) and not (line.answer or "").strip()

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env["kams.handover"]._in_hand():
            own = {"source_name", "collected", *DELIVERYS}
            vals_list = [{name: value for name, value in vals.items() if name not in own} for vals in vals_list]
        lines = super().create(vals_list)
        lines.handover_id._check_open()
        return lines

    def write(self, vals):
        handovers = self.handover_id
        if handovers._in_hand():
            return super().write(vals)
        names = set(vals)
        if names & {"source_name", "collected", "handover_id"}:
            raise UserError(self.env._("“%s” stays with where it was collected from.", self[:1].display_name))
        self._check_states(names)
        self._check_people(names)
        if names & SAYING and not names & DELIVERYS:
            vals = {**vals, "understood": False}
        if "question" in names and "answer" not in names:
            vals = {**vals, "answer": False, "understood": False}
        result = super().write(vals)
        if names & (ASKED | ANSWERED):
            handovers._sync_questions()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_own(self):
        if self.env["kams.handover"]._in_hand():
            return
        self.handover_id._check_open()
        for line in self.filtered("source_name"):
            raise UserError(
                self.env._(
                    "“%(point)s” was collected from %(record)s. Tick “Left Out” and say why, so that delivery knows.",
                    point=line.display_name,
                    record=line.source_name,
                )
            )

    # ACTIONS
    def action_understood(self):
        return self.write({"understood": True})

    def action_open_source(self):
        """To where it is recorded, for whoever may read that."""
        self.ensure_one()
        self.check_access("read")
        if not self.source_name:
            return False  # written by hand
        record = self.source
        if not record:
            raise UserError(self.env._("Where “%s” was recorded is gone.", self.display_name))
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(False, "form")],
            "target": "current",
        }

    # BUSINESS
    def _check_states(self, names):
        """While it is with delivery, delivery ticks and asks, and sales answers; then all of it stays."""
        for handover in self.handover_id:
            if handover.state in OPEN:
                continue
            if handover.state == "accepted" or names - DELIVERYS - ASKED - ANSWERED:
                handover._refuse_change()

    def _check_people(self, names):
        """Understood is delivery's to say, everything else but a question is sales'."""
        if self.env.su:
            return
        if names & DELIVERYS and not self.env.user.has_group(GROUP):
            raise AccessError(self.env._("Whether a point is understood is for the delivery team to say."))
        if names & DELIVERYS and any(line.handover_id.state != "sent" for line in self):
            raise UserError(self.env._("“%s” isn't with delivery yet.", self.handover_id[:1].display_name))
        if rest := names - DELIVERYS - ASKED:
            if not self.env["kams.handover"]._is_sales():
                raise AccessError(
                    self.env._(
                        "%(fields)s of “%(point)s” is sales' to say: ask about it, or send the handover back.",
                        fields=", ".join(sorted(self._fields[name]._description_string(self.env) for name in rest)),
                        point=self[:1].display_name,
                    )
                )
