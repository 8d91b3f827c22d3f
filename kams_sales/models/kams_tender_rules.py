from odoo import fields, models
from odoo.tools import formatLang

from ..tools import legal_days
from .blank import known
from .kams_finding_mixin import DAY_OFF

SAME_TIME = "招标投标法 34"
GOV_SAME_TIME = "政府采购货物和服务招标投标管理办法 39"
# Last days of something: a day off moves them on
MOVING = ("doc_end", "prequal_doc_end", "prequal_deadline", "bid_deadline", "publicity_end")


class KamsTender(models.Model):
    """The rules L01 to L16, one method each: what they say of a tender's dates and money.

    Method, statutory table; book section 6.3. Numbers and articles come from ``kams.legal.rule`` alone.
    """

    _inherit = "kams.tender"

    # BUSINESS
    def _clock_findings(self):
        """What decides whether the dates are lawful: ``{tender id: [finding, ...]}``."""
        return {
            tender.id: [
                *tender._missing_findings(),
                *tender._check_l01(),
                *tender._check_l02(),
                *tender._check_l03(),
                *tender._check_l04(),
                *tender._check_l05(),
                *tender._check_l06(),
                *tender._check_order(),
            ]
            for tender in self
        }

    def _money_findings(self):
        return [*self._check_l07(), *self._check_l12(), *self._check_l13(), *self._check_l16()]

    def _course_findings(self):
        """What is told of the way to the contract, and of the days themselves."""
        return [
            *self._check_l09(),
            *self._check_l10(),
            *self._check_l11(),
            *self._check_l14(),
            *self._check_l15(),
            *self._check_days_off(),
            *self._check_calendar(),
            *self._check_consortium(),
            *self._check_moved(),
        ]

    # WORDS
    def _label(self, name):
        return self._fields[name]._description_string(self.env)

    def _money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.currency_id)

    def _at_least(self, rule, key, start_name, end_name):
        """A period that must be over before a date: an error with the day that would be lawful, or a note."""
        start, end, period = self._local_day(start_name), self._local_day(end_name), self._period(key)
        if not (start and end and period):
            return []
        found, over = period
        lawful = over(start)
        words = {
            "start": self._label(start_name),
            "day": self._said(start),
            "end": self._label(end_name),
            "number": f"{found.value:g}",
            "unit": found.unit,
            "lawful": self._said(lawful),
        }
        if end >= lawful:
            message = self.env._("“%(end)s” keeps the %(number)s %(unit)s after “%(start)s” (%(day)s).", **words)
            return [self._finding("info", rule, message, end_name, found.source, lawful)]
        message = self.env._(
            "“%(end)s” is too early: %(number)s %(unit)s after “%(start)s” (%(day)s) at least, so %(lawful)s at the "
            "earliest.",
            **words,
        )
        use = self._calendar().next_open(lawful)
        return [self._finding("error", rule, message, end_name, found.source, lawful, use)]

    # WHETHER WE KNOW ENOUGH
    def _missing_findings(self):
        """The dates and facts without which the law can't be asked."""
        names = ["legal_regime", "mode", "issued_at", "bid_deadline", "opening_at"]
        if self._period("doc_sale"):
            names.append("doc_end")
        if self.bond_required:
            names.append("bond_deadline")
        if self.prequal_required:
            names.append("prequal_deadline")
        return [
            self._finding("warning", "missing", self.env._("“%s” isn't registered yet.", self._label(name)), name)
            for name in names
            if not self[name]
        ]

    # PERIODS BEFORE THE BID
    def _check_l01(self):
        """Sale period of tender and prequalification documents."""
        found = self._at_least("L01", "doc_sale", "doc_start" if self.doc_start else "issued_at", "doc_end")
        if self.prequal_required:
            found += self._at_least("L01", "doc_sale", "prequal_notice_at", "prequal_doc_end")
        return found

    def _check_l02(self):
        """Time to apply for prequalification: from the end of the sale, in government procurement from the notice."""
        if not self.prequal_required or (self.legal_regime == "bidding_law" and not self.is_mandatory):
            return []
        gov = self.legal_regime == "gov_procurement"
        return self._at_least("L02", "prequal", "prequal_notice_at" if gov else "prequal_doc_end", "prequal_deadline")

    def _check_l03(self):
        """From the issue of the documents to the deadline; under the bidding law where a tender is required by law."""
        if self.legal_regime == "bidding_law" and not self.is_mandatory:
            return []
        return self._at_least("L03", "bid_prepare", "issued_at", "bid_deadline")

    def _check_l04(self):
        """A clarification that affects bids puts the deadline off when it comes too late."""
        return self._at_least("L04", "addendum", "last_addendum_at", "bid_deadline")

    def _check_l05(self):
        """Objections to the documents are open until so many days before the deadline, whatever the documents say."""
        found = []
        rule = self._rule("objection_days")
        if rule and (until := self._objection_deadline()):
            asked = self._local_day("question_deadline")
            if self.issued_at and until < self.issued_at:
                message = self.env._(
                    "“%(deadline)s” leaves no time for objections: they are open until %(number)s days before it.",
                    deadline=self._label("bid_deadline"),
                    number=f"{rule.value:g}",
                )
                lawful = legal_days.after(self.issued_at, int(rule.value))
                use = self._calendar().next_open(lawful)
                found.append(self._finding("error", "L05", message, "bid_deadline", rule.source, lawful, use))
            elif asked and asked < until:
                message = self.env._(
                    "The documents end questions on %(asked)s; the law leaves objections open until %(until)s.",
                    asked=self._said(asked),
                    until=self._said(until),
                )
                found.append(self._finding("warning", "L05", message, "question_deadline", rule.source, until))
            else:
                message = self.env._("Objections to the documents until %s.", self._said(until))
                found.append(self._finding("info", "L05", message, "objection_deadline", rule.source, until))
        rule = self._rule("objection_prequal_days")
        if self.prequal_required and rule and (end := self._local_day("prequal_deadline")):
            until = legal_days.before(end, int(rule.value))
            message = self.env._("Objections to the prequalification documents until %s.", self._said(until))
            found.append(self._finding("info", "L05", message, "prequal_deadline", rule.source, until))
        return found

    def _check_l06(self):
        """With fewer than three bidders nothing is opened, and the tender is called again."""
        number, rule = known(self.bids_received), self._rule("bidders_min")
        if number is None or not rule or number >= rule.value:
            return []
        words = {"number": number, "least": f"{rule.value:g}"}
        if self.result == "cancelled":
            message = self.env._("Cancelled: %(number)s bids came in, %(least)s are required.", **words)
            return [self._finding("info", "L06", message, "bids_received", rule.source)]
        message = self.env._(
            "%(number)s bids came in, %(least)s are required: none may be opened, the tender is called again. Close "
            "it as cancelled.",
            **words,
        )
        return [self._finding("error", "L06", message, "bids_received", rule.source)]

    def _check_order(self):
        """Bids are opened when they are due; nothing that leads to the bid comes after it."""
        found = []
        due, opening = self.bid_deadline, self.opening_at
        if due and opening and due != opening:
            level = "error" if opening < due else "warning"
            article = GOV_SAME_TIME if self.legal_regime == "gov_procurement" else SAME_TIME
            message = self.env._("Bids are opened in public at the very time they are due.")
            day = self._local_day("bid_deadline")
            found.append(self._finding(level, "order", message, "opening_at", article, day, day))
        for first, then in (
            ("doc_start", "doc_end"),
            ("issued_at", "bid_deadline"),
            ("doc_end", "bid_deadline"),
            ("question_deadline", "bid_deadline"),
            ("bond_deadline", "bid_deadline"),
            ("publicity_start", "publicity_end"),
            ("bid_deadline", "award_notice_at"),
            ("award_notice_at", "contract_signed_at"),
        ):
            before, after = self._local_day(first), self._local_day(then)
            if before and after and before > after:
                message = self.env._(
                    "“%(first)s” comes after “%(then)s”.", first=self._label(first), then=self._label(then)
                )
                found.append(self._finding("error", "order", message, first))
        return found

    # MONEY
    def _bond_cap(self):
        """L07: the most that may be asked as a bid bond, or None when the estimate or the rule isn't known."""
        estimate, rule = known(self.estimate), self._rule("bond_cap_pct")
        return None if estimate is None or not rule else self.currency_id.round(estimate * rule.value / 100)

    def _performance_bond_cap(self, amount=None):
        """L12: the most that may be asked as a performance bond on a contract; on our price when no amount is given."""
        amount = known(self.bid_price) if amount is None else amount
        rule = self._rule("performance_bond_cap_pct")
        return None if amount is None or not rule else self.currency_id.round(amount * rule.value / 100)

    def _check_l07(self):
        rule = self._rule("bond_cap_pct")
        if not self.bond_required or not rule:
            return []
        found = []
        bond, cap = known(self.bond_amount), self._bond_cap()
        if cap is None:
            message = self.env._("The estimate isn't known, so the cap of %s %% on the bid bond isn't checked.")
            found.append(self._finding("info", "L07", message % f"{rule.value:g}", "estimate", rule.source))
        else:
            words = {"cap": self._money(cap), "pct": f"{rule.value:g}", "bond": self._money(bond or 0.0)}
            if bond is not None and self.currency_id.compare_amounts(bond, cap) > 0:
                message = self.env._("A bid bond of %(bond)s is more than %(pct)s %%: %(cap)s at most.", **words)
                found.append(self._finding("warning", "L07", message, "bond_amount", rule.source))
            else:
                message = self.env._("Bid bond: %(cap)s at most, %(pct)s %% of the estimate.", **words)
                found.append(self._finding("info", "L07", message, "bond_amount", rule.source))
        if self.legal_regime == "bidding_law" and self.is_mandatory and self.bond_form in ("transfer", "check"):
            message = self.env._("The bond must come from our basic bank account.")
            found.append(self._finding("info", "L07", message, "bond_form", rule.source))
        return found

    def _check_l12(self):
        rule, pct = self._rule("performance_bond_cap_pct"), known(self.performance_bond_pct)
        if not rule or pct is None:
            return []
        cap = self._performance_bond_cap()
        words = {"pct": f"{pct:g}", "most": f"{rule.value:g}", "cap": self._money(cap) if cap is not None else "–"}
        if pct > rule.value:
            message = self.env._("A performance bond of %(pct)s %% is more than %(most)s %% of the contract.", **words)
            return [self._finding("warning", "L12", message, "performance_bond_pct", rule.source)]
        message = self.env._("Performance bond: %(most)s %% of the contract at most; on our price %(cap)s.", **words)
        return [self._finding("info", "L12", message, "performance_bond_pct", rule.source)]

    def _check_l13(self):
        """L13: when a small or medium firm is paid. It has to say that it is one (条例 3)."""
        public, most, large = (self._rule(f"sme_payment_{who}_days") for who in ("public", "public_most", "large"))
        if self.result != "won" or not (public and most and large):
            return []
        message = self.env._(
            "As a small or medium firm we are paid by public bodies within %(public)s days, %(most)s by contract at "
            "most, and by large firms within %(large)s. Say in the contract that we are one.",
            public=f"{public.value:g}",
            most=f"{most.value:g}",
            large=f"{large.value:g}",
        )
        return [self._finding("info", "L13", message, "contract_signed_at", public.source)]

    def _check_l16(self):
        """From which estimate an engineering project must be tendered. The threshold is in yuan."""
        rule = self._rule(f"mandatory_{self.category}")
        if not rule:
            return []
        estimate = known(self.estimate)
        if estimate is not None and self.currency_id.name != "CNY":
            yuan = self.env.ref("base.CNY")
            day = self.issued_at or fields.Date.context_today(self)
            company = self.company_id or self.env.company
            # sudo: rates are no secret; without one Odoo would take 1 for 1
            rated = (yuan | self.currency_id).sudo().rate_ids.currency_id | company.currency_id
            estimate = None
            if yuan in rated and self.currency_id in rated:
                estimate = self.currency_id._convert(known(self.estimate), yuan, company, day)
        if estimate is None:
            message = self.env._(
                "The estimate in yuan isn't known, so the threshold of %s for a required tender isn't checked.",
                f"{rule.value:,.0f}",
            )
            return [self._finding("info", "L16", message, "estimate", rule.source)]
        words = {"threshold": f"{rule.value:,.0f}"}
        if estimate >= rule.value and not self.is_mandatory:
            message = self.env._(
                "The estimate reaches ¥ %(threshold)s: if it is an engineering project that the law lists, the tender "
                "is required, and stricter periods apply.",
                **words,
            )
            return [self._finding("warning", "L16", message, "is_mandatory", rule.source)]
        if estimate < rule.value and self.is_mandatory:
            message = self.env._("The estimate stays below ¥ %(threshold)s: the tender may not be required.", **words)
            return [self._finding("info", "L16", message, "is_mandatory", rule.source)]
        return []

    # AWARD AND AFTER
    def _check_l09(self):
        """The committee: enough members, an odd number, two thirds of them experts."""
        size, experts = known(self.committee_size), known(self.committee_experts)
        least, share = self._rule("committee_min"), self._rule("committee_expert_pct")
        if size is None or not least:
            return []
        found = []
        if size < least.value or size % 2 == 0:
            message = self.env._("The committee has %(size)s members: an odd number of %(least)s or more is required.")
            message %= {"size": size, "least": f"{least.value:g}"}
            found.append(self._finding("warning", "L09", message, "committee_size", least.source))
        if experts is not None and share and experts * 3 < size * 2 and experts / size * 100 < share.value:
            message = self.env._("Of the committee's members two thirds must be experts.")
            found.append(self._finding("warning", "L09", message, "committee_experts", share.source))
        return found

    def _check_l10(self):
        """How soon and how long the candidates are published; a single source (L15) for longer."""
        found = self._at_least(
            "L15" if self.mode == "single_source" else "L10", "publicity", "publicity_start", "publicity_end"
        )
        rule = self._rule("publicity_within_days")
        if rule and self.evaluation_report_at and self.publicity_start:
            until = legal_days.last_day(self.evaluation_report_at, int(rule.value), self._calendar())
            if self.publicity_start > until:
                message = self.env._("The candidates were to be published by %s.", self._said(until))
                found.append(self._finding("warning", "L10", message, "publicity_start", rule.source, until))
        return found

    def _check_l11(self):
        """The contract."""
        due, rule = self._contract_due(), self._rule("contract_days")
        if not due or not rule:
            return []
        last, signed = self._calendar().next_open(due), self.contract_signed_at
        return self._find_signed_in_time(rule, due, last, signed, "contract_signed_at")

    def _check_l14(self):
        """Remedies against the result, and in government procurement against the documents."""
        found = []
        challenge, answer = self._period("challenge"), self._period("challenge_answer")
        if challenge and (until := self._objection_deadline()):
            message = self.env._("Challenge to the documents until %s.", self._said(until))
            found.append(self._finding("info", "L14", message, "objection_deadline", challenge[0].source, until))
        until = self._complaint_deadline()
        if not until:
            return found
        complaint = self._period("complaint")
        if challenge and answer and complaint:
            answered = answer[1](until)
            message = self.env._(
                "Challenge the result until %(until)s; the answer is due by %(answered)s, a complaint after it until "
                "%(complaint)s.",
                until=self._said(until),
                answered=self._said(answered),
                complaint=self._said(complaint[1](answered)),
            )
            article = "；".join((challenge[0].source, answer[0].source, complaint[0].source))
        else:
            message = self.env._(
                "Complaint about the result until %s; object while it is published first.", self._said(until)
            )
            article = complaint[0].source
        return [*found, self._finding("info", "L14", message, "complaint_deadline", article, until)]

    def _check_l15(self):
        """Government procurement: when the contract is published."""
        period = self._period("contract_publish")
        if not period or not self.contract_signed_at:
            return []
        until = period[1](self.contract_signed_at)
        message = self.env._("The buyer publishes the contract by %s.", self._said(until))
        return [self._finding("info", "L15", message, "contract_signed_at", period[0].source, until)]

    # THE DAYS THEMSELVES
    def _check_days_off(self):
        """A last day that is a day off moves on; who relies on it shall know."""
        calendar = self._calendar()
        found = []
        for name in MOVING:
            day = self._local_day(name)
            if day and calendar.is_off(day):
                following = calendar.next_open(day)
                message = self.env._(
                    "“%(date)s” falls on a day off, %(day)s; the next working day is %(following)s.",
                    date=self._label(name),
                    day=self._said(day),
                    following=self._said(following),
                )
                found.append(self._finding("warning", "203", message, name, DAY_OFF, following, following))
        return found

    def _check_calendar(self):
        """Without holidays of a year its days off are only guessed."""
        calendar = self._calendar()
        days = {self._local_day(name) for name in (*MOVING, "issued_at", "award_notice_at")} | {self.contract_due}
        years = sorted({day.year for day in days if day})
        return [
            self._finding(
                "warning",
                "calendar",
                self.env._(
                    "No holidays are entered for %s: days off in it aren't known. Enter or import them.", str(year)
                ),
                article=DAY_OFF,
            )
            for year in years
            if not calendar.knows(year)
        ]

    def _check_consortium(self):
        if self.consortium_partner_ids and not self.consortium_allowed:
            message = self.env._("Consortium partners are named, but the documents allow no consortium.")
            return [self._finding("warning", "consortium", message, "consortium_allowed", "招标投标法 31")]
        return []

    def _check_moved(self):
        """A bid that was in time stays in time, whichever way the deadline is moved afterwards."""
        then = self.state == "submitted" and self._submission().deadline_at
        if not then or not self.bid_deadline or then == self.bid_deadline:
            return []
        day = self._local_day("bid_deadline")
        if self.bid_deadline > then:
            message = self.env._(
                "The deadline was put off after our bid went in: the bid stays in, and may be withdrawn and handed in "
                "again until then."
            )
            return [self._finding("info", "moved", message, "bid_deadline", "招标投标法 29", day)]
        message = self.env._(
            "The deadline was moved forward after our bid went in: the bid was in by the deadline that held then."
        )
        return [self._finding("warning", "moved", message, "bid_deadline", "招标投标法 28", day)]
