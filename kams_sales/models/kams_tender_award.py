from odoo import api, fields, models
from odoo.exceptions import UserError

from .blank import BlankMonetary, known
from .insiders import INSIDERS


class KamsTender(models.Model):
    """The opening of bids and what came of it; a tender that is lost asks for its review by itself.

    Book sections 6.3 and 6.7 (开标, 中标, 落标复盘); control point S4-8.
    """

    _inherit = "kams.tender"

    opened_recorded_at = fields.Datetime(
        string="Opening Recorded", readonly=True, copy=False, tracking=True, help="Since then prices stay as read out."
    )
    bidders_opened = fields.Integer(string="Bids Opened", compute="_compute_award", groups=INSIDERS)
    winner_names = fields.Char(string="Winner", compute="_compute_award", groups=INSIDERS)
    winner_price = BlankMonetary(compute="_compute_award", groups=INSIDERS)
    winloss_ids = fields.One2many("kams.winloss", "tender_id", string="Win and Loss Reviews", groups=INSIDERS)

    # COMPUTES
    @api.depends("bidder_ids.opening_price", "bidder_ids.is_winner", "bidder_ids.name", "opened_recorded_at")
    def _compute_award(self):
        for tender in self:
            winners = tender.bidder_ids.filtered("is_winner")
            tender.bidders_opened = len(tender._opened_bids())
            tender.winner_names = ", ".join(winners.mapped("name"))
            tender.winner_price = winners[:1]._offered() if winners else None

    # ORM
    def write(self, vals):
        if vals.get("result") == "won":
            self._mark_ourselves()
        result = super().write(vals)
        if vals.get("result") == "lost":
            self._ask_for_review()
        elif "result" in vals:
            self._take_back_review()
        return result

    # ACTIONS
    def action_record_opening(self):
        """What was read out stays as it is from now on. Fewer than three bids are no opening, by law (L06)."""
        self.ensure_one()
        self.check_access("write")
        opened = self._opened_bids()
        if not opened:
            raise UserError(
                self.env._(
                    "Nothing was read out yet: write the prices of the bidders of “%(tender)s” into the column “Price "
                    "Read Out” first.",
                    tender=self.display_name,
                )
            )
        least = self._rule_value("bidders_min") or 0
        if len(opened) < least and not self.env.context.get("kams_few_bids"):
            return self._kams_dialog("kams.tender.few.bids", self.env._("Too Few Bids"))
        received = max(known(self.bids_received) or 0, len(opened))
        self.write({"state": "opened", "opened_recorded_at": fields.Datetime.now(), "bids_received": received})
        return True

    def action_correct_opening(self):
        """Something was misheard or mistyped: the list is open again; the chatter keeps what was recorded."""
        recorded = {tender: tender._opened_prices() for tender in self}
        self.write({"state": "submitted", "opened_recorded_at": False})
        for tender, prices in recorded.items():
            tender.message_post(body=self.env._("The opening is being corrected. It was recorded as: %s", prices))
        return True

    def action_record_award(self):
        """The winner that is marked in the list decides whether we won or lost."""
        for tender in self:
            winners = tender.bidder_ids.filtered("is_winner")
            if not winners:
                raise UserError(
                    self.env._(
                        "Who won “%(tender)s”? Mark the winner in the list of bidders first.",
                        tender=tender.display_name,
                    )
                )
            tender.write({"result": "won" if any(winners.mapped("is_us")) else "lost"})
        return True

    def action_winloss(self):
        """The reviews of this tender; without one, a new one."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_winloss_action")
        action.update(
            domain=[("tender_id", "=", self.id)],
            context={"default_tender_id": self.id, "default_lead_id": self.lead_id.id, "default_result": self.result},
        )
        if len(self.winloss_ids) <= 1:
            action.update(res_id=self.winloss_ids.id, view_mode="form", views=[(False, "form")])
        return action

    # BUSINESS
    def _opened_bids(self):
        """Those whose price was read out, be it nothing."""
        return self.bidder_ids.filtered(lambda one: known(one.opening_price) is not None)

    def _opened_prices(self):
        """Who asked for what, in one line."""
        return "; ".join(f"{one.name} {self._money(one.opening_price)}" for one in self._opened_bids())

    def _kams_dialog(self, model, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": {"default_tender_id": self.id},
        }

    def _state_before_closing(self):
        return "opened" if self.opened_recorded_at else super()._state_before_closing()

    def _mark_ourselves(self):
        """Won means that we are the winner of the list, where there is one."""
        for tender in self:
            if not tender.bidder_ids.filtered("is_winner"):
                tender.bidder_ids.filtered("is_us").is_winner = True

    def _ask_for_review(self):
        """A lost tender starts its review: a draft with what the opening tells, for the deal's owner."""
        without = self.filtered(lambda tender: not tender.winloss_ids)
        self.env["kams.winloss"].create(
            [
                {
                    "lead_id": tender.lead_id.id,
                    "tender_id": tender.id,
                    "result": "lost",
                    # whose deal it is writes it, whoever recorded the award
                    "user_id": (tender.lead_id.user_id or self.env.user).id,
                }
                for tender in without
            ]
        )._ask()

    def _take_back_review(self):
        """It wasn't lost after all: a loss review that nobody has begun goes again."""
        self.winloss_ids.filtered(lambda review: review.result == "lost" and review._is_untouched()).unlink()

    def _ourselves(self):
        return self.bidder_ids.filtered("is_us")[:1]

    def _best_bidder(self):
        """Who won; of several the first of the list. Before that, whoever stands first."""
        self.ensure_one()
        winners = self.bidder_ids.filtered("is_winner")
        return winners[:1] or self.bidder_ids.filtered(lambda one: one.opening_rank == 1 or one.rank == 1)[:1]

    def _gap_lines(self):
        """Our points beside those of the best other, group by group; where nobody told them, as simulated."""
        self.ensure_one()
        us = self._ourselves()
        best = self._best_bidder()
        if best == us:
            others = (self.bidder_ids - us).sorted(lambda one: (one.opening_rank or one.rank or len(self.bidder_ids),))
            best = others[:1]
        if not us or not best:
            return []
        names = {
            "price": ("opening_price_score", "price_score"),
            "technical": ("opening_technical", "technical"),
            "business": ("opening_business", "business"),
            "total": ("opening_score", "total"),
        }
        lines = []
        for sequence, (group, (told, simulated)) in enumerate(names.items(), 1):
            ours, theirs = (
                known(one[simulated]) if known(one[told]) is None else known(one[told]) for one in (us, best)
            )
            if ours is not None or theirs is not None:
                lines.append({"sequence": sequence, "group": group, "ours": ours, "theirs": theirs})
        return lines
