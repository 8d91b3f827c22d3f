from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models

from ..models.kams_account import TIERS
from ..report.kams_report import SELLING
from ..tools import funnel as arithmetic

# The figures that open their deals, in the order of their numbers: of a phase, then of all
OF_PHASE = {
    "entered": [("entered", "=", 1)],
    "advanced": [("advanced", "=", 1)],
    "leaked": [("leaked", "=", 1)],
    "won": [("won", "=", 1)],
    "closed": [("closed", "=", 1)],
    "present": [("present", "=", 1)],
}
OF_ALL = {
    "deals_closed": [("closed", "=", 1)],
    "deals_won": [("outcome", "=", "won")],
    "deals_lost": [("outcome", "=", "lost")],
    "deals_undecided": [("outcome", "=", "archived")],
    "deals_gone": [("outcome", "=", "gone")],
    "open": [("outcome", "=", "open")],
}
TONES = {"top_starved": "danger", "bottom_heavy": "warning", "distorted": "warning", "ideal": "success"}


class KamsFunnelPage(models.TransientModel):
    """The funnel on one page: where it leaks, where it is narrow, whether what stands in it has a healthy shape.

    Book section 1.2 (利用销售漏斗进行销售流程管理). Each figure opens its deals: the link names this page and the place
    of the figure, and :meth:`_domain_of` says which deals these are.
    """

    _name = "kams.funnel.page"
    _description = "Funnel Report"

    by = fields.Selection(
        [("entered_at", "Entered the Phase"), ("closed_at", "Closed")],
        string="Deals That",
        default="closed_at",
        required=True,
    )
    date_from = fields.Date(string="From")
    date_to = fields.Date(string="To")
    team_id = fields.Many2one("crm.team", string="Sales Team")
    user_id = fields.Many2one("res.users", string="Salesperson", domain="[('share', '=', False)]")
    tier = fields.Selection(TIERS)
    procurement_mode = fields.Selection(selection=lambda self: self.env["kams.procurement.mode"]._selection())
    industry_id = fields.Many2one("res.partner.industry", string="Industry")
    source_id = fields.Many2one("utm.source", string="Source")
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company)
    page = fields.Html(compute="_compute_page", sanitize=False)

    # COMPUTES
    def _compute_display_name(self):
        for one in self:
            one.display_name = self.env._("Funnel Report")

    @api.depends("by", "date_from", "date_to", "team_id", "user_id", "tier", "procurement_mode")
    @api.depends("industry_id", "source_id")
    @api.depends_context("lang", "uid", "company", "tz")
    def _compute_page(self):
        for one in self:
            one.page = self.env["ir.qweb"]._render("kams_sales.kams_funnel_page", one._values())

    # ACTIONS
    def action_open(self):
        """A page of one's own for the last twelve months, saved so that its figures lead to their deals."""
        today = fields.Date.context_today(self)
        page = self.create({"date_from": today - timedelta(days=365), "date_to": today})
        return page._get_records_action(name=page.display_name)

    def action_show(self):
        """The page is saved by pressing the button; drawn again, its figures lead to their deals."""
        self.ensure_one()
        return self._get_records_action(name=self.display_name, target="main")

    def action_deals(self):
        """All of these as a list, to filter and group."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_funnel_action")
        return {**action, "domain": self._domain(), "context": {}, "view_mode": "list,pivot,graph,kanban"}

    def action_print(self):
        self.ensure_one()
        return self.env["ir.actions.report"]._get_report("kams_sales.report_funnel").report_action(self)

    # BUSINESS: which deals
    def _domain(self, dated=True):
        domain = [
            (name, "=", self[name].id if self._fields[name].type == "many2one" else self[name])
            for name in ("team_id", "user_id", "tier", "procurement_mode", "industry_id", "source_id")
            if self[name]
        ]
        if dated and self.date_from:
            domain.append((self.by, ">=", self._midnight(self.date_from)))
        if dated and self.date_to:
            domain.append((self.by, "<", self._midnight(self.date_to + timedelta(days=1))))
        return domain

    def _midnight(self, day):
        """The beginning of a day where the reader is, as UTC."""
        zone = pytz.timezone(self.env.user.tz or "UTC")
        moment = zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc)
        return fields.Datetime.to_string(moment.replace(tzinfo=None))

    @api.model
    def _domain_of(self, number):
        """The deals behind a figure of a page that the reader made; None where there is no such page any more.

        :param number: page × 100 + place of the phase, from 1, × 10 + place of the figure; phase 0 is all
        """
        page, place = divmod(number, 100)
        phase, figure = divmod(place, 10)
        page = self.browse(page).exists()
        names = OF_PHASE if phase else OF_ALL
        if not page or page.create_uid != self.env.user or phase > len(SELLING) or figure >= len(names):
            return None
        name = list(names)[figure]
        domain = [*page._domain(dated=name not in ("present", "open")), *names[name]]
        return [*domain, ("phase_code", "=", SELLING[phase - 1]) if phase else ("is_furthest", "=", True)]

    def _url(self, name, phase=0):
        """Where a figure leads to; nowhere while the page isn't saved as it is shown."""
        if not isinstance(self.id, int):
            return ""
        figure = list(OF_PHASE if phase else OF_ALL).index(name)
        return f"/odoo/kams.funnel.page/{self.id}/{self.id * 100 + phase * 10 + figure}/kams-funnel-deals"

    # BUSINESS: figures
    def _figures(self):
        """What is on the page, as plain values for screen and paper: two statements for any number of deals."""
        domain = self._domain()
        counted = ["entered", "advanced", "won", "closed"]
        of_all = [name for name in OF_ALL if name != "open"]
        found, [totals] = self.env["kams.funnel"]._read_grouping_sets(
            domain,
            [["phase_code"], []],
            [
                *(f"{name}:sum" for name in counted),
                *("win_low:avg", "win_high:avg", "leaked_amount:sum"),
                *(f"{name}:sum" for name in of_all),
            ],
        )
        rows = {
            code: dict(zip([*counted, "low", "high", "leaked_amount"], values, strict=False)) for code, *values in found
        }
        standing = {
            code: values
            for code, *values in self.env["kams.funnel"]._read_group(
                [*self._domain(dated=False), ("present", "=", 1)], ["phase_code"], ["__count", "amount:sum"]
            )
        }
        nothing = dict.fromkeys([*counted, "leaked_amount"], 0) | {"low": None, "high": None}
        phases = [{"code": code, **nothing, **rows.get(code, {})} for code in SELLING]
        for phase in phases:
            phase["present"], phase["present_amount"] = standing.get(phase["code"], (0, 0.0))
        return self._derived(phases, dict(zip(of_all, totals[-len(of_all) :], strict=True)))

    def _derived(self, phases, totals):
        entered, advanced, closed, won, present = (
            [phase[name] for phase in phases] for name in ("entered", "advanced", "closed", "won", "present")
        )
        least = self._rule("funnel_verdict_from")
        shape = arithmetic.shape(
            entered,
            present,
            self._rule("funnel_top_least"),
            self._rule("funnel_bottom_most"),
            self._rule("funnel_distortion_most"),
        )
        if max(entered) < least or sum(present) < least:
            shape["verdict"] = None
        narrow = arithmetic.bottleneck(entered, advanced, least)
        words = dict(self.env["kams.funnel"]._fields["phase_code"]._description_selection(self.env))
        columns = zip(
            phases,
            arithmetic.conversions(entered, advanced),
            arithmetic.leakage(entered, advanced),
            arithmetic.win_probabilities(closed, won),
            shape["ideal"],
            shape["actual"],
            strict=True,
        )
        for place, (phase, conversion, (leaked, share), chance, ideal, actual) in enumerate(columns):
            phase.update(
                name=words[phase["code"]],
                conversion=conversion,
                leaked=leaked,
                leak_share=share,
                win_probability=chance,
                ideal=ideal,
                actual=actual,
                width=100 * entered[place] / max(entered) if max(entered) else 0,
                narrow=place == narrow,
                range=f"{phase['low']:.0f}–{phase['high']:.0f} %" if phase["closed"] else "",
            )
        return {
            "phases": phases,
            "totals": totals,
            "shape": shape,
            "least": int(least),
            "few": narrow is None,
            "win_rate": arithmetic.win_rate(totals["deals_won"] or 0, totals["deals_lost"] or 0),
            "undecided": arithmetic.ratio(totals["deals_undecided"] or 0, totals["deals_closed"] or 0),
            "overall": arithmetic.ratio(totals["deals_won"] or 0, totals["deals_closed"] or 0),
        }

    def _rule(self, key):
        return self.env["kams.legal.rule"]._value(key) or 0.0

    # BUSINESS: words
    def _verdict(self, figures):
        """The shape of the funnel in a sentence, and its tone."""
        shape = figures["shape"]
        sentences = {
            "top_starved": self.env._("Top-starved: too few deals in the first phase for what has to come out."),
            "bottom_heavy": self.env._("Bottom-heavy: too many deals in the last phase, and too few that follow."),
            "distorted": self.env._("Out of shape: deals stand in other phases than they should."),
            "ideal": self.env._("As ideal: deals stand where the past says they should."),
        }
        if shape["verdict"] is None:
            return self.env._("Fewer than %s deals are open: no verdict on the shape.", figures["least"]), ""
        return sentences[shape["verdict"]], TONES[shape["verdict"]]

    def _notes(self, figures):
        """``[(word, number)]`` that the verdict rests on."""
        shape = figures["shape"]
        return [
            (word, f"{value:.2f}")
            for word, value in (
                (self.env._("Distortion"), shape["distortion"]),
                (self.env._("First Phase to Ideal"), shape["top"]),
                (self.env._("Last Phase to Ideal"), shape["bottom"]),
            )
            if value is not None
        ]

    def _headline(self, figures):
        """``[(word, number, name of the figure)]``: the results, deals without a decision apart."""
        totals = figures["totals"]
        return [
            (self.env._("Closed Deals"), str(totals["deals_closed"] or 0), "deals_closed"),
            (self.env._("Won"), str(totals["deals_won"] or 0), "deals_won"),
            (self.env._("Lost"), str(totals["deals_lost"] or 0), "deals_lost"),
            (self.env._("Win Rate"), percent(figures["win_rate"]), ""),
            (self.env._("Without a Decision"), str(totals["deals_undecided"] or 0), "deals_undecided"),
            (self.env._("Share without a Decision"), percent(figures["undecided"]), ""),
            (self.env._("Won of All Closed"), percent(figures["overall"]), ""),
            (self.env._("Gone Deals"), str(totals["deals_gone"] or 0), "deals_gone"),
        ]

    def _values(self):
        figures = self._figures()
        verdict, tone = self._verdict(figures)
        return {
            "headline": [
                (word, number, self._url(name) if name and number != "0" else "")
                for word, number, name in self._headline(figures)
            ],
            "phases": [
                {**phase, "urls": {name: self._url(name, place) if phase[name] else "" for name in OF_PHASE}}
                for place, phase in enumerate(figures["phases"], 1)
            ],
            "verdict": verdict,
            "tone": tone,
            "notes": self._notes(figures),
            "few": figures["few"],
            "least": figures["least"],
            "saved": isinstance(self.id, int),
            "percent": percent,
        }


def percent(share):
    """A share of 1 as people read it; “–” where there is none.

    >>> percent(2 / 3), percent(0.0), percent(None)
    ('66.7 %', '0.0 %', '–')
    """
    return "–" if share is None else f"{100 * share:.1f} %"
