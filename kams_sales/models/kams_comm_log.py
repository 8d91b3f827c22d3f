from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from .calendar_event_contact import CONTACT
from .kams_comm_line import ENGINE, HAND

STATES = [("due", "To Be Held"), ("held", "Held"), ("missed", "Missed")]
ACTIVITY_TYPE = "kams_sales.mail_activity_type_contact"
# context key: what is written comes from the other side of the pair contact – activity
SYNC = "kams_comm_sync"


class KamsCommLog(models.Model):
    """A contact that the communication plan asks for: when it was due, whether it took place, and what came of it.

    Book section 8.5 沟通记录.
    """

    _name = "kams.comm.log"
    _description = "Planned contact"
    _inherit = ["kams.computed.mixin", "kams.hand.mixin", "mail.thread", "mail.activity.mixin"]
    _hand = HAND, ENGINE
    _order = "date_due desc, id desc"

    # Of what
    line_id = fields.Many2one(
        "kams.comm.line",
        string="Planned As",
        required=True,
        ondelete="cascade",
        index=True,
        domain="[('plan_id.state', '=', 'active')]",
    )
    plan_id = fields.Many2one(related="line_id.plan_id", string="Communication Plan", store=True, index=True)
    lead_id = fields.Many2one(related="plan_id.lead_id", string="Deal")
    delivery_id = fields.Many2one(related="plan_id.delivery_id", string="Delivery")
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    phase_id = fields.Many2one(
        "kams.delivery.phase",
        string="Phase of Delivery",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        copy=False,
        help="The phase whose end is to be told.",
    )
    partner_id = fields.Many2one(related="line_id.partner_id", string="Contact")
    content = fields.Char(related="line_id.content")
    channel = fields.Selection(related="line_id.channel", string="By Which Way")
    user_id = fields.Many2one(
        "res.users", string="Owner", domain="[('share', '=', False)]", ondelete="set null", index="btree_not_null"
    )
    # When, and what came of it
    date_due = fields.Date(string="Contact Due", required=True, index=True)
    is_planned = fields.Boolean(
        string="Was Planned",
        readonly=True,
        copy=False,
        help="It stood in the plan before its day. What is typed afterwards doesn't count in the rate.",
    )
    held_on = fields.Date(string="Took Place On", copy=False)
    event_id = fields.Many2one(
        "calendar.event",
        string="Meeting",
        domain="[('opportunity_id', '=', lead_id)]",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    summary = fields.Text(string="What Came of It", copy=False)
    state = fields.Selection(
        STATES, string="Status", default="due", required=True, copy=False, index=True, tracking=True
    )
    activity_id = fields.Many2one(
        "mail.activity", ondelete="set null", copy=False, readonly=True, index="btree_not_null"
    )

    _once = models.UniqueIndex(
        "(line_id, date_due, COALESCE(phase_id, 0))", "This contact is in the list for that day already."
    )

    # COMPUTES
    @api.depends("line_id", "date_due")
    def _compute_display_name(self):
        for log in self:
            day = log.date_due and format_date(self.env, log.date_due)
            log.display_name = ", ".join(filter(None, (log.line_id.display_name, day)))

    # CONSTRAINTS
    @api.constrains("state", "held_on", "summary", "event_id")
    def _check_held(self):
        """Held is what took place, on a day, and something came of it."""
        today = fields.Date.context_today(self)
        for log in self.filtered(lambda one: one.state == "held"):
            if not log.held_on or log.held_on > today:
                raise ValidationError(
                    self.env._(
                        "“%s” can't have taken place after today: choose the day on which it did.",
                        log.line_id.display_name,
                    )
                )
            if not (log.summary or "").strip() and not log.event_id:
                raise ValidationError(
                    self.env._("Write down what came of “%s”, or choose the meeting.", log.line_id.display_name)
                )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        lines = self.env["kams.comm.line"].browse(vals["line_id"] for vals in vals_list if vals.get("line_id"))
        today = fields.Date.context_today(self)
        owners = {line.id: line.user_id.id for line in lines}
        # what the plan asks for, or the program makes, was planned; what people add is if its day is still to come
        planned = self._in_hand() or self.env.su
        filled = [
            {
                "user_id": owners.get(vals.get("line_id")),
                "date_due": today,
                **vals,
                "is_planned": planned or fields.Date.to_date(vals.get("date_due") or today) >= today,
                **(
                    {"held_on": vals.get("held_on") or vals.get("date_due") or today}
                    if vals.get("state") == "held"
                    else {}
                ),
            }
            for vals in vals_list
        ]
        logs = super().create(filled)
        logs._sync_activities()
        return logs

    def write(self, vals):
        if not (self._in_hand() or self.env.su) and not {"date_due", "line_id", "phase_id"}.isdisjoint(vals):
            self._check_not_due_yet()
        if not (self._in_hand() or self.env.su):
            vals = {name: value for name, value in vals.items() if name != "is_planned"}
        if vals.get("state") == "held" and not vals.get("held_on"):
            today = fields.Date.context_today(self)
            vals = {name: value for name, value in vals.items() if name != "held_on"}
            super(KamsCommLog, self.filtered(lambda one: not one.held_on)).write({"held_on": today})  # pylint: disable=super-method-mismatch
        elif vals.get("state") in ("due", "missed"):
            vals = {**vals, "held_on": False}
        result = super().write(vals)
        if not {"state", "user_id", "date_due"}.isdisjoint(vals):
            self._sync_activities()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_what_is_to_come(self):
        self._check_not_due_yet()

    def unlink(self):
        activities = self.activity_id.filtered("active")
        result = super().unlink()
        activities.with_context(**{SYNC: True}).unlink()
        return result

    # ACTIONS
    def action_held(self):
        """It took place today, or on the day that was typed."""
        return self.write({"state": "held"})

    def action_missed(self):
        return self.write({"state": "missed"})

    def action_plan_meeting(self):
        """The form of a meeting for this contact; once its record is submitted, the contact took place."""
        self.ensure_one()
        if self.event_id:
            return self.event_id._get_records_action(name=self.event_id.display_name)
        self.check_access("write")
        context = {
            "default_name": self.line_id.display_name,
            "default_kams_kind": "coordination",
            "default_partner_ids": (self.env.user.partner_id | self.user_id.partner_id | self.partner_id).ids,
            "default_kams_objective": self.content,
            CONTACT: self.id,
        }
        if self.delivery_id:
            context["default_kams_delivery_id"] = self.delivery_id.id  # and by it its deal
        else:
            context["default_opportunity_id"] = self.lead_id.id
        return {
            "type": "ir.actions.act_window",
            "name": self.line_id.display_name,
            "res_model": "calendar.event",
            "views": [(self.env.ref("kams_sales.calendar_event_view_form_kams").id, "form")],
            "context": context,
        }

    # BUSINESS
    @api.model
    def _held(self, vals, today):
        """What is entered as held took place on the day on which it was due, unless somebody says otherwise."""
        if vals.get("state") != "held":
            return {}
        return {"held_on": vals.get("held_on") or vals.get("date_due") or today}

    def _check_not_due_yet(self):
        """What was due counts in the rate, held or not."""
        today = fields.Date.context_today(self)
        for log in self:
            if log.state != "due" or log.date_due < today:
                raise UserError(
                    self.env._(
                        "“%s” was due and counts: say whether it took place. It is neither moved nor deleted.",
                        log.display_name,
                    )
                )

    def _sync_activities(self):
        """Let the activities say what these contacts say: one create for all that have none yet."""
        if self.env.context.get(SYNC):
            return
        quiet = self.with_context(**{SYNC: True})
        missing, held, over = quiet.browse(), {}, quiet.activity_id.browse()
        for log in quiet:
            activity = log.activity_id.filtered("active")
            if log.state == "due" and log.user_id.active and log.plan_id._is_in_force():
                values = log._activity_values()
                if not activity:
                    missing |= log
                elif any(
                    activity._fields[name].convert_to_write(activity[name], activity) != value
                    for name, value in values.items()
                ):
                    activity.write(values)
            elif activity and log.state == "held":
                held.setdefault(log.summary, activity.browse())
                held[log.summary] |= activity
            else:
                over |= activity
        for summary, activities in held.items():
            activities.action_feedback(feedback=summary)
        over.unlink()
        if missing:
            # in their list is enough: no mail besides
            activities = (
                missing.env["mail.activity"]
                .with_context(mail_activity_quick_update=True)
                .create(
                    [
                        {
                            **log._activity_values(),
                            "res_model_id": self.env["ir.model"]._get_id(self._name),
                            "res_id": log.id,
                            "activity_type_id": self.env.ref(ACTIVITY_TYPE).id,
                        }
                        for log in missing
                    ]
                )
            )
            for log, activity in zip(missing, activities, strict=True):
                log.activity_id = activity

    def _activity_values(self):
        return {
            "summary": self.line_id.display_name,
            "user_id": self.user_id.id,
            "date_deadline": self.date_due,
        }
