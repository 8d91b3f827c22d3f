import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .kams_winloss import ACTIVITY_TYPE

_logger = logging.getLogger(__name__)
BATCH = 200
# How a deal ended, and as what its review begins
ENDS = {"won": "won", "lost": "lost", "archived": "no_decision"}
# Whoever brings deals along from elsewhere brings their ends along, too: nobody can be asked about these any more
BROUGHT = ("adopted", "imported", "joined")
# What the program notes alone
STAMPS = ("closing_id", "owner_id", "asked_on", "reminders", "reminded_on", "escalated_on", "escalated_to_id")


class KamsWinloss(models.Model):
    """A closed deal starts its review by itself, once for each time that it closes.

    Book section 9. The move itself pays nothing: history knows what closed, and a job starts the reviews after the
    commit. The job finds them by itself too, so nothing is lost if it is interrupted, and nothing comes twice.
    """

    _inherit = "kams.winloss"
    _stamps = frozenset(STAMPS)

    closing_id = fields.Many2one(
        "kams.deal.history", string="Closing", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Deal Owner at Closing",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Whose deal it was: neither interviews the customer nor confirms the review.",
    )
    asked_on = fields.Date(string="Review Asked For On", readonly=True, copy=False)

    _once = models.UniqueIndex("(closing_id) WHERE closing_id IS NOT NULL", "Each closing of a deal has one review.")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:  # stamps of the program's
            vals_list = [{name: value for name, value in vals.items() if name not in STAMPS} for vals in vals_list]
        reviews = super().create(vals_list)
        for review in reviews.sudo().filtered(lambda one: not one.owner_id and one.lead_id.user_id):  # sudo: as above
            review.owner_id = review.lead_id.user_id
        return reviews

    def write(self, vals):
        if not self.env.su and (stamps := set(STAMPS) & set(vals)):
            raise UserError(
                self.env._(
                    "“%(field)s” of “%(review)s” is noted by the program alone.",
                    field=self._fields[min(stamps)]._description_string(self.env),
                    review=self[:1].display_name,
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_none_that_is_owed(self):
        for review in self:
            if not self.env.su and review.closing_id and not review._is_open_again():
                raise UserError(
                    self.env._("“%s” is owed since its deal was closed: write it rather.", review.display_name)
                )

    # BUSINESS
    @api.model
    def _note_closed(self):
        """Deals were closed: once it is committed, have their reviews started. No query."""
        data = self.env.cr.postcommit.data
        if not data.get("kams.winloss"):
            data["kams.winloss"] = True
            self.env.cr.postcommit.add(self._trigger_start)

    @api.model
    def _trigger_start(self):
        """Wake the job, in a transaction of its own: what was done is committed, whatever happens here."""
        try:
            with self.pool.cursor() as cr:
                cron = api.Environment(cr, SUPERUSER_ID, {}).ref(
                    "kams_sales.ir_cron_winloss_start", raise_if_not_found=False
                )
                if cron:
                    cron._trigger()
        except Exception:
            _logger.warning("Win and loss reviews will be started by the next hourly run.", exc_info=True)

    @api.model
    def _cron_start(self):
        """Start the reviews of deals that were closed, in batches that each stand for themselves."""
        self._take_back()
        while batch := self._closings():
            self._start(batch)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                return

    @api.model
    def _closings(self):
        """Closings of the last weeks that have no review: ``[(row id, deal id, status, when, amount, owner)]``.

        A closing is the row in which a deal changed into the status that it still has. What lies further back than
        the days in which a review is written is left alone: nobody remembers.
        """
        self.flush_model()
        days = int(self.env["kams.legal.rule"]._value("winloss_days") or 0)
        return self.env.execute_query(
            SQL(
                """
                SELECT ended.id, ended.lead_ref, ended.status, ended.valid_from, ended.expected_revenue, ended.user_id
                  FROM kams_deal_history ended
                  JOIN kams_deal_history before ON before.lead_ref = ended.lead_ref
                                               AND before.valid_to = ended.valid_from
                  JOIN crm_lead deal ON deal.id = ended.lead_ref AND deal.type = 'opportunity'
                 WHERE ended.valid_from > %(now)s - make_interval(days => %(days)s)
                   AND ended.status IN %(ends)s
                   AND before.status IN ('open', 'won', 'lost', 'archived') AND before.status <> ended.status
                   AND ended.reason NOT IN %(brought)s
                   AND ended.reconstructed IS NOT TRUE
                   AND NOT EXISTS (SELECT FROM kams_deal_history later
                                    WHERE later.lead_ref = ended.lead_ref AND later.valid_from > ended.valid_from
                                      AND later.status <> ended.status)
                   AND NOT EXISTS (SELECT FROM kams_winloss review WHERE review.closing_id = ended.id)
              ORDER BY ended.valid_from, ended.id
                 LIMIT %(batch)s
                """,
                now=self.env.cr.now(),
                days=days,
                ends=tuple(ENDS),
                brought=BROUGHT,
                batch=BATCH,
            )
        )

    @api.model
    def _start(self, batch):
        """Reviews for these closings; one that was begun by hand, or by a lost tender, is the closing's own.

        :param batch: as :meth:`_closings` answers
        """
        begun = self.search(
            [("lead_id", "in", [row[1] for row in batch]), ("closing_id", "=", False)], order="date, id"
        ).grouped(lambda review: (review.lead_id.id, review.result))
        owners = self.env["res.users"].browse({row[5] for row in batch if row[5]})
        owners.partner_id.fetch(["tz"])
        fresh, reviews = [], self.browse()
        for row_id, lead_id, status, moment, amount, owner_id in batch:
            owner = owners.browse(owner_id or [])
            values = {
                "closing_id": row_id,
                "decision_date": fields.Datetime.context_timestamp(self.with_context(tz=owner.tz or "UTC"), moment),
                "amount": amount,
                "owner_id": owner_id,
            }
            if known := begun.get((lead_id, ENDS[status])):
                known[-1:].write(values)
                reviews += known[-1:]
            else:
                fresh.append({**values, "lead_id": lead_id, "result": ENDS[status], "user_id": owner_id})
        quiet = self.with_context(mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True)
        reviews += quiet.create(fresh).with_env(self.env)
        reviews._note_points()
        reviews.filtered(lambda review: review.state == "draft" and not review.asked_on)._ask()

    @api.model
    def _take_back(self):
        """Deals that are open again: a review that nobody has begun goes, one that was begun is chased no more."""
        went_on = Domain.OR(
            [
                [("closing_id.status", "=", "won"), ("lead_id.won_status", "!=", "won")],
                [("closing_id.status", "=", "lost"), ("lead_id.won_status", "!=", "lost")],
                [("closing_id.status", "=", "archived"), ("lead_id.active", "=", True)],
                [("closing_id.status", "=", "archived"), ("lead_id.won_status", "=", "lost")],
            ]
        )
        owed = Domain([("state", "=", "draft"), ("closing_id", "!=", False), ("asked_on", "!=", False)])
        again = self.with_context(active_test=False).search(owed & went_on).with_env(self.env)
        again = again.filtered(lambda review: review._is_open_again())
        untouched = again.filtered(lambda review: review._is_untouched())
        untouched.unlink()
        kept = again - untouched
        kept._activities_of_reviews().unlink()
        kept.asked_on = False

    def _is_open_again(self):
        """Whether the deal went on after the closing that this review is about."""
        deal = self.lead_id
        ends = {
            "won": deal.won_status == "won",
            "lost": deal.won_status == "lost",
            "archived": not deal.active and deal.won_status != "lost",
        }
        return not ends.get(self.closing_id.status, True)

    def _ask(self):
        """Put the review among the activities of whoever owned the deal, or of who stands above."""
        today = fields.Date.context_today(self)
        due = fields.Date.add(today, days=int(self.env["kams.legal.rule"]._value("winloss_days") or 0))
        reviews = self.sudo()  # sudo: the stamp is the program's; the activity tells whoever may write the review
        reviews.asked_on = today
        reviews._activities_of_reviews().unlink()
        reviews._fetch_people()
        reviews._put_on_lists({review: (review._person_asked(), due) for review in reviews})

    def _fetch_people(self):
        """Read in one go what is asked of each one's people below."""
        people = self.owner_id | self.lead_id.user_id | self.user_id | self.lead_id.team_id.user_id
        people.fetch(["active", "company_ids", "partner_id", "share"])
        people.partner_id.fetch(["lang"])

    def _person_asked(self):
        """Who writes the review: whose deal it was, if they still work here, else who leads the team."""
        people = self.owner_id | self.lead_id.user_id | self.user_id
        return people.filtered(self._can_be_asked)[:1] or self._director()

    def _can_be_asked(self, person):
        return person.active and not person.share and (not self.company_id or self.company_id in person.company_ids)

    def _director(self):
        """Who is told when a review stays owed: the leader of the deal's team, else a director of its company."""
        group_id = self.env["ir.model.data"]._xmlid_to_res_id("kams_sales.group_director")  # unlike ref it asks nothing
        directors = self.env["res.groups"].sudo().browse(group_id).all_user_ids  # sudo: who may be asked
        people = self.lead_id.team_id.user_id | directors.filtered(lambda one: one.id != SUPERUSER_ID).sorted("id")
        return people.filtered(self._can_be_asked)[:1]

    def _activities_of_reviews(self):
        type_id = self.env.ref(ACTIVITY_TYPE).id
        return self.env["mail.activity"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("activity_type_id", "=", type_id)]
        )

    def _put_on_lists(self, people):
        """One activity for each review in the list of who is asked, in their language. No mail besides.

        :param people: ``{review: (user, day by which)}``
        """
        type_id = self.env.ref(ACTIVITY_TYPE).id
        self._ask_people(
            [
                {
                    "res_id": review.id,
                    "activity_type_id": type_id,
                    "user_id": person.id,
                    "date_deadline": day,
                    "summary": review.with_context(lang=person.lang)._what_is_asked(),
                }
                for review, (person, day) in people.items()
                if person
            ]
        )

    def _what_is_asked(self):
        if self.result == "won":
            return self.env._("Write the win review: %s", self.lead_id.name)
        return self.env._("Write the loss review: %s", self.lead_id.name)
