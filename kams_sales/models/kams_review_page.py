from odoo import api, fields, models
from odoo.tools import format_date, formatLang

from .insiders import INSIDERS


class KamsReview(models.Model):
    """The facts of a review in the reader's words: rows with a tone, for the page and for paper (4.3).

    A tone says what to look at: good, fair or bad; what has none is just told.
    """

    _inherit = "kams.review"

    # Never by colour alone: what has a tone is bold, and its note says what it is about
    _tones = {
        "good": "fw-bolder text-success",
        "fair": "fw-bolder text-warning-emphasis",
        "bad": "fw-bolder text-danger",
        "muted": "text-muted",
    }

    facts_page = fields.Html(string="What Odoo Knows", compute="_compute_facts_page", sanitize=False)
    score_page = fields.Html(string="Answers", compute="_compute_score_page", sanitize=False)

    # COMPUTES
    @api.depends("lead_id", "snapshot", "presales_budget", "margin_floor", "state")
    @api.depends_context("lang", "uid")
    def _compute_facts_page(self):
        """As they are now while the review is open; afterwards as they were when it was decided."""
        sections = self._fact_sections()
        for review in self:
            found = sections.get(review._origin.id)
            kept = (review.sudo().snapshot or {}).get("facts")  # sudo: only whether there is one
            told = (
                self.env._("As it was when the review was decided.")
                if kept
                else self.env._("As it is now; the decision will keep it.")
            )
            review.facts_page = found and self._drawn(found, told, "col-12 col-lg-6")

    @api.depends("scorecard_id.line_ids.answer", "scorecard_id.rating")
    @api.depends_context("lang")
    def _compute_score_page(self):
        for review in self:
            card = review.scorecard_id.sudo()  # sudo: the committee's own card, for whoever may read the review
            rows = [
                self._row(
                    line.name,
                    f"{line.value:g}" if line.answered else "–",
                    note=" · ".join(filter(None, [self.env._("weighs %s", f"{line.weight:g}"), line.hint])),
                )
                for line in card.line_ids
            ]
            review.score_page = rows and self._drawn([{"title": card.template_id.name, "rows": rows}], "", "col-12")

    # BUSINESS
    def _tells_margins(self):
        """Whether the reader may know margins, limits and competitors' prices; sudo changes nothing about that."""
        return self.env.user.has_groups(INSIDERS)

    def _kept_facts(self):
        """What the decision kept. sudo: as for facts of today (kams_review_facts.py), row by row in words."""
        return (self.sudo().snapshot or {}).get("facts")

    def _drawn(self, sections, told, width):
        values = {"sections": sections, "told": told, "width": width, "tones": self._tones}
        return self.env["ir.qweb"]._render("kams_sales.kams_review_facts", values)

    def _fact_sections(self):
        """``{review id: [{"title", "rows": [{"label", "value", "tone", "note"}]}]}``.

        What our margins are and what competitors ask is left out for who only delivers: :meth:`_tells_margins`.
        """
        kept = {review.id: facts for review in self._origin if (facts := review._kept_facts())}
        alive = self._origin.filtered(lambda one: one.id not in kept and one.lead_id)
        facts = {**kept, **(alive._facts_of() if alive else {})}
        return {review.id: review._sections_of(facts[review.id]) for review in self._origin if review.id in facts}

    def _sections_of(self, facts):
        """What is known about one review's deal, by topic. A chapter adds what its kind is about."""
        tells = self._tells_margins()
        sections = [
            self._section(self.env._("Customer"), self._customer_rows(facts.get("customer"))),
            tells and self._section(self.env._("Margin of the Latest Quotation"), self._margin_rows(facts)),
            self._section(self.env._("Pre-sales Budget"), self._presales_rows(facts)),
            self._section(self.env._("Chances"), self._chance_rows(facts.get("chances") or {})),
            tells and self._section(self.env._("Competitors"), self._competitor_rows(facts.get("competitors") or {})),
            self._section(
                self.env._("Other Open Deals of These People and This Customer"),
                self._other_rows(facts.get("others") or {}),
            ),
        ]
        return [section for section in sections if section]

    def _section(self, title, rows):
        return {"title": title, "rows": rows}

    def _row(self, label, value, tone="", note=""):
        """What isn't known is said so, never shown as 0."""
        return {
            "label": label,
            "value": value or self.env._("Not known"),
            "tone": tone if value else "muted",
            "note": note or "",
        }

    def _customer_rows(self, values):
        if not values:
            return [self._row(self.env._("Key account"), "", note=self.env._("The customer has no key account yet."))]
        overdue, days = values["overdue"], values["payment_days"]
        checked = values["credit_checked_on"]
        limit, owed = values["credit_limit"], values["receivables"]
        return [
            self._row(self.env._("Overdue today"), self._money(overdue, values), tone="bad" if overdue > 0 else "good"),
            self._row(
                self.env._("Owed in all"),
                self._money(owed, values),
                tone="bad" if limit is not None and owed > limit else "",
            ),
            self._row(
                self.env._("Payment days, 12 months"),
                "" if days is None else self.env._("%s days", f"{days:.0f}"),
                note=self.env._("From invoice to payment, weighed by amount."),
            ),
            self._row(
                self.env._("Credit grade"),
                (values["credit_grade"] or "").upper(),
                tone={"aaa": "good", "aa": "good", "a": "good", "c": "bad", "d": "bad"}.get(values["credit_grade"], ""),
                note=checked and self.env._("Checked on %s", format_date(self.env, checked)),
            ),
            self._row(
                self.env._("Credit limit"),
                "" if limit is None else self._money(limit, values),
            ),
        ]

    def _margin_rows(self, facts):
        values = facts.get("margin")
        if not values:
            return [self._row(self.env._("Quotation"), "", note=self.env._("There is no quotation on this deal yet."))]
        margin, floor = values["margin_pct"], self.margin_floor if self.policy_id else None
        tone = "" if margin is None or floor is None else "bad" if margin < floor else "good"
        return [
            self._row(self.env._("Quotation"), values["order"]),
            self._row(self.env._("Price without taxes"), self._money(values["revenue"], values)),
            self._row(
                self.env._("Price against product cost"),
                self._percent(margin),
                tone=tone,
                note=self._costed_note(values),
            ),
        ]

    def _costed_note(self, values):
        if values["costed"] is None or round(values["costed"], 1) == 100:
            return ""
        return self.env._("Of %s of the price, the rest has no cost in Odoo.", self._percent(values["costed"]))

    def _presales_rows(self, facts):
        values = facts.get("presales") or {"spent": 0.0, "currency_id": self.currency_id.id}
        spent, budget = values["spent"], self.presales_budget
        currency = self.env["res.currency"].browse(values["currency_id"])
        if currency != self.currency_id:
            company = self.company_id or self.env.company
            spent = currency._convert(spent, self.currency_id, company, fields.Date.context_today(self))
        own = {"currency_id": self.currency_id.id}
        share = 100 * spent / budget if budget else None
        return [
            self._row(self.env._("Asked for"), self._money(budget, own) if budget else ""),
            self._row(
                self.env._("Spent so far"),
                self._money(spent, own),
                tone="" if share is None else "bad" if share > 100 else "fair" if share > 80 else "good",
                note=" ".join(
                    [
                        self.env._("%s of the budget.", self._percent(share)) if share is not None else "",
                        self.env._("Plan actions that are done, visits, pre-sales and bidding costs of this deal."),
                    ]
                ).strip(),
            ),
        ]

    def _chance_rows(self, values):
        verdict = dict(self._selection_of("kams.qualification", "verdict")).get(values.get("verdict"))
        gaps, fit = values.get("must_gap"), values.get("fit_rate")
        day = values.get("date")
        return [
            self._row(
                self.env._("Chance to win"),
                self._percent(values.get("p_win")),
                note=self.env._(
                    "Customer buys %(go)s, from us %(get)s",
                    go=self._percent(values.get("p_go")),
                    get=self._percent(values.get("p_get")),
                )
                if values.get("p_win") is not None
                else "",
            ),
            self._row(
                self.env._("Judged"),
                verdict or "",
                tone={"go": "good", "nurture": "fair", "no_go": "bad"}.get(values.get("verdict"), ""),
                note=day and format_date(self.env, day),
            ),
            self._row(self.env._("Requirements met"), self._percent(fit)),
            self._row(
                self.env._("Musts we can't meet"),
                str(gaps or 0),
                tone="bad" if gaps else "good" if fit is not None else "",
            ),
        ]

    def _competitor_rows(self, values):
        if not values.get("rivals"):
            asked = self.env._("None: asked, and nobody else offers") if values.get("none") else ""
            return [self._row(self.env._("Competitors"), asked)]
        ways = dict(self._selection_of("kams.competitor", "likely_strategy"))
        rows = []
        for rival in values["rivals"]:
            threat = rival["threat"]
            notes = [
                rival["product"],
                rival["price"] is not None and self.env._("about %s", self._money(rival["price"], rival)),
                rival["likely"] and self.env._("they: %s", ways.get(rival["likely"], "")),
                rival["counter"] and self.env._("we: %s", ways.get(rival["counter"], "")),
            ]
            rows.append(
                self._row(
                    rival["name"],
                    "" if threat is None else self.env._("threat %s of 5", f"{threat:g}"),
                    tone="" if threat is None else "bad" if threat >= 4 else "fair" if threat >= 3 else "good",
                    note=" · ".join(filter(None, notes)),
                )
            )
        return rows + self._more(values["count"] - len(rows))

    def _other_rows(self, values):
        if not values.get("deals"):
            return [self._row(self.env._("Other open deals"), self.env._("None"))]
        rows = [
            self._row(
                deal["name"],
                self._money(deal["amount"], deal) if deal["amount"] else "",
                note=" · ".join(filter(None, [deal["phase"], deal["salesperson"], ", ".join(deal["people"])])),
            )
            for deal in values["deals"]
        ]
        return rows + self._more(values["count"] - len(rows))

    def _more(self, number):
        return (
            [{"label": self.env._("and %s more", number), "value": "", "tone": "muted", "note": ""}] if number else []
        )

    # FORMATS
    def _money(self, amount, values):
        currency = self.env["res.currency"].browse(values["currency_id"])
        return formatLang(self.env, amount, currency_obj=currency, digits=0 if abs(amount) >= 10_000 else None)

    def _percent(self, number):
        return "" if number is None else f"{formatLang(self.env, number, digits=0 if number == round(number) else 1)} %"

    def _selection_of(self, model, name):
        return self.env[model]._fields[name]._description_selection(self.env)
