from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools import legal_days

# What was read when the addendum was processed
READ = {"tender_id", "name", "issued_on", "affects_bid", "effect", "new_deadline", "attachment_ids"}


class KamsTenderAddendum(models.Model):
    """A change or clarification that the tenderee sent to all bidders: what it changes, and that we took it in.

    Book section 6.3 (澄清修改); rule L04. One that nobody has processed is shown on its tender, and forbids to submit
    (control point S4-5).
    """

    _name = "kams.tender.addendum"
    _description = "Addendum to a tender"
    _inherit = ["kams.computed.mixin", "kams.state.mixin", "kams.files.mixin"]
    _order = "tender_id, issued_on, id"
    _state_transitions = {"received": {"processed"}, "processed": {"received"}}

    tender_id = fields.Many2one("kams.tender", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tender_id.company_id", store=True, index=True)
    lead_id = fields.Many2one(related="tender_id.lead_id", string="Deal")
    name = fields.Char(string="Addendum", required=True)
    issued_on = fields.Date(required=True, default=fields.Date.context_today)
    document = fields.Selection(
        [("tender", "Tender Documents"), ("prequal", "Prequalification Documents")],
        string="Document Changed",
        required=True,
        default="tender",
    )
    affects_bid = fields.Boolean(
        string="Affects Bids", default=True, help="It may change what bidders write: the law gives them time for that."
    )
    effect = fields.Text(help="What it changes in our bid.")
    new_deadline = fields.Datetime(string="New Bid Deadline", help="The bid deadline that it sets; empty: unchanged.")
    deadline_applied = fields.Boolean(compute="_compute_deadline_applied")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")
    state = fields.Selection(
        [("received", "Received"), ("processed", "Processed")],
        string="Status",
        required=True,
        default="received",
        copy=False,
        index=True,
    )
    processed_by_id = fields.Many2one("res.users", string="Processed By", readonly=True, copy=False)
    processed_at = fields.Datetime(string="Processed On", readonly=True, copy=False)

    # COMPUTES
    @api.depends("new_deadline", "tender_id.bid_deadline")
    def _compute_deadline_applied(self):
        for addendum in self:
            addendum.deadline_applied = not addendum.new_deadline or (
                addendum.new_deadline == addendum.tender_id.bid_deadline
            )

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._without_noted(vals) for vals in vals_list])

    def write(self, vals):
        vals = self._without_noted(vals)
        if vals.get("state") != "received" and not READ.isdisjoint(vals):
            self._check_open()
        if vals.get("state") == "processed":
            result = super().write({name: value for name, value in vals.items() if name != "state"})
            received = self.filtered(lambda addendum: addendum.state == "received")
            received._check_processed()
            super(KamsTenderAddendum, received).write(
                {"state": "processed", "processed_by_id": self.env.uid, "processed_at": fields.Datetime.now()}
            )
            return result
        if vals.get("state") == "received":
            vals = {**vals, "processed_by_id": False, "processed_at": False}
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unprocessed(self):
        self._check_open()

    # ACTIONS
    def action_process(self):
        """It is in our bid: what it changes is written down, and its deadline is the tender's."""
        return self.write({"state": "processed"})

    def action_reopen(self):
        """Look at it again."""
        return self.write({"state": "received"})

    def action_apply_deadline(self):
        """The tender's deadline becomes the one that the addendum sets."""
        for addendum in self:
            if not addendum.new_deadline:
                raise UserError(self.env._("“%s” sets no new bid deadline.", addendum.name))
            addendum.tender_id.bid_deadline = addendum.new_deadline
        return True

    # BUSINESS
    @api.model
    def _without_noted(self, vals):
        """Who processed it, and when, is noted here and never typed."""
        return {name: value for name, value in vals.items() if name not in ("processed_by_id", "processed_at")}

    def _check_open(self):
        if done := self.filtered(lambda addendum: addendum.state == "processed"):
            raise UserError(
                self.env._(
                    "%(who)s has processed “%(addendum)s”. Use “Reopen” to change it.",
                    who=done[0].processed_by_id.display_name or self.env._("Somebody"),
                    addendum=done[0].name,
                )
            )

    def _check_processed(self):
        for addendum in self:
            if addendum.affects_bid and not (addendum.effect or "").strip():
                raise UserError(
                    self.env._("Say what “%s” changes in our bid, or that it doesn't affect bids.", addendum.name)
                )
            if not addendum.deadline_applied:
                raise UserError(
                    self.env._(
                        "“%(addendum)s” sets a new bid deadline, and %(tender)s still has another: use “Apply New "
                        "Deadline”.",
                        addendum=addendum.name,
                        tender=addendum.tender_id.display_name,
                    )
                )

    def _check_files_free(self, name):
        """What was read stays."""
        self._check_open()


class KamsTender(models.Model):
    """Addenda of a tender, the last day that they leave for bids (L04), and those that nobody has processed."""

    _inherit = "kams.tender"

    addendum_ids = fields.One2many("kams.tender.addendum", "tender_id", string="Addenda")
    last_addendum_at = fields.Date(
        compute="_compute_last_addendum_at",
        store=True,
        precompute=False,
        help="The latest addendum to the tender documents that affects bids.",
    )
    addendum_open = fields.Integer(compute="_compute_addendum_open", string="Addenda to Process")

    # COMPUTES
    @api.depends("addendum_ids.issued_on", "addendum_ids.affects_bid", "addendum_ids.document")
    def _compute_last_addendum_at(self):
        for tender in self:
            days = tender.addendum_ids.filtered(lambda one: one.affects_bid and one.document == "tender")
            tender.last_addendum_at = max(filter(None, days.mapped("issued_on")), default=False)

    @api.depends("addendum_ids.state")
    def _compute_addendum_open(self):
        counts = dict(
            self.env["kams.tender.addendum"]._read_group(
                [("tender_id", "in", self._origin.ids), ("state", "=", "received")], ["tender_id"], ["__count"]
            )
        )
        for tender in self:
            tender.addendum_open = counts.get(tender._origin, 0)

    # ACTIONS
    def action_addenda(self):
        """The addenda on a page of their own."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_tender_addendum_action")
        return {**action, "domain": [("tender_id", "=", self.id)], "context": {"default_tender_id": self.id}}

    # BUSINESS
    def _findings(self):
        """What nobody has taken in. Bids' own L04 counts by ``last_addendum_at`` (kams_tender_rules.py)."""
        found = super()._findings()
        waiting = self._unprocessed_addenda().grouped("tender_id")
        for tender in self:
            if addenda := waiting.get(tender):
                message = self.env._("Not processed yet: %s.", ", ".join(addenda.mapped("name")))
                found[tender.id].append(tender._finding("warning", "L04", message))
            found[tender.id] += tender._prequal_findings()
        return found

    def _prequal_findings(self):
        """L04: applicants get some days after a change of the prequalification documents."""
        days = self.addendum_ids.filtered(lambda one: one.affects_bid and one.document == "prequal").mapped("issued_on")
        rule = self._rule("addendum_prequal_days")
        if not days or not rule or not self.prequal_deadline:
            return []
        lawful = legal_days.last_day(max(days), int(rule.value), self._calendar())
        if legal_days.local_day(self.prequal_deadline, self.tz) >= lawful:
            return []
        message = self.env._(
            "The prequalification documents were changed on %(day)s: applications are due %(number)s days later at the "
            "earliest, on %(lawful)s.",
            day=format_date(self.env, max(days)),
            number=int(rule.value),
            lawful=format_date(self.env, lawful),
        )
        return [self._finding("error", "L04", message, "prequal_deadline", rule.source, lawful, lawful)]

    def _unprocessed_addenda(self):
        """What the tenderee changed and nobody has taken in."""
        return self.env["kams.tender.addendum"].search([("tender_id", "in", self.ids), ("state", "=", "received")])
