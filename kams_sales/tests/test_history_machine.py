import unittest
from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import PHASES, KamsCase, kept_otherwise

try:
    from hypothesis import HealthCheck, Phase, settings
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
except ImportError:  # an Odoo without our test requirements; `make test` has them
    RuleBasedStateMachine = None

MASKED = ("direct", "single_source")  # modes without a tendering phase: method, fact 2
START = datetime(2026, 12, 1, 8, 0)


@tagged("post_install", "-at_install")
class TestHistoryMachine(KamsCase):
    """Whatever happens to deals, in whatever order: history stays whole, and no deal gets past its gate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env["base"].with_context(mail_notrack=True, mail_create_nolog=True).env
        # a team that shares late stages only: to change to it is to jump
        cls.late_team = cls.env["crm.team"].create({"name": "Closers", "kams_process_id": cls.process.id})
        cls.stages["tendering"].team_ids |= cls.late_team
        cls.stages["delivery"].team_ids |= cls.late_team
        cls.plain_team = cls.env["crm.team"].create({"name": "Plain"})
        cls._known_account(cls.customer)

    @unittest.skipIf(RuleBasedStateMachine is None, "hypothesis is not installed: pip install hypothesis")
    def test_random_lives_of_deals(self):
        run_state_machine_as_test(
            lambda: DealMachine(self),
            settings=settings(
                max_examples=24,
                stateful_step_count=30,
                derandomize=True,
                database=None,
                deadline=None,
                print_blob=False,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            ),
        )


if RuleBasedStateMachine is not None:
    deal_numbers = st.integers(0, 5)
    flushes = st.sampled_from(["nothing", "flush_all", "flush"])

    class DealMachine(RuleBasedStateMachine):
        """Deals of one team, and an oracle that keeps what it may not ask the addon."""

        def __init__(self, case):
            super().__init__()
            self.case, self.env, self.cr = case, case.env, case.env.cr
            self.cr.flush()
            self.savepoint = self.cr.savepoint(flush=False)
            self.clock = 0
            self.cr._now = START
            self.deals = self.env["crm.lead"].browse()  # that exist
            self.refs = {}  # {deal id: last word of the oracle on it: "kams", "left", "deleted", "merged"}
            self.position = {}  # {deal id: place of its phase when last looked at}
            self.mode = {}  # {deal id: its mode then}
            self.waived = set()  # {(deal id, point code)}
            self.exempt = set()  # imported deals, until they move

        def teardown(self):
            self.savepoint.close(rollback=True)
            self.cr.clear()
            self.env.invalidate_all(flush=False)

        # ORACLE
        def missing(self, deal, start, end, mode=None):
            """Codes of mandatory points of phases ``start`` to before ``end``, by a plain look at the records."""
            mode = deal.kams_procurement_mode if mode is None else mode
            today, now = fields.Date.today(), fields.Datetime.now()
            held = [e for e in deal.with_context(active_test=False).calendar_event_ids if e.active and e.stop <= now]
            orders = self.env["sale.order"].search([("opportunity_id", "=", deal.id)])
            offers = [o for o in orders if o.state in ("sent", "sale")]
            sold = [o for o in orders if o.state == "sale"]
            met = {
                ("development", "S1-O1"): bool(deal.partner_id),
                ("development", "S1-O2"): len(held) >= 1,
                **{("development", f"A0-{n}"): bool(deal.partner_id) for n in range(1, 5)},
                ("initiation", "S2-O1"): deal.expected_revenue > 0,
                ("initiation", "S2-O2"): bool(deal.date_deadline),
                ("initiation", "S2-O3"): bool(mode),
                ("proposal", "S3-O1"): bool(offers),
                ("proposal", "S3-O2"): len(held) >= 2,
                ("tendering", "S4-O1"): any(o.validity_date and o.amount_total > 0 for o in offers),
                ("tendering", "S4-O2"): bool(deal.date_deadline and deal.date_deadline >= today),
                ("negotiation", "S5-O1"): bool(sold),
                ("negotiation", "S5-O2"): any(o.client_order_ref or o.signed_by for o in sold),
            }
            return {
                code
                for (phase, code), is_met in met.items()
                if start <= PHASES.index(phase) < end
                and not (phase == "tendering" and mode in MASKED)
                and not is_met
                and (deal.id, code) not in self.waived
            }

        def expect_gate(self, deal, end, act, mode=None):
            """Move a deal; it must be refused exactly if the oracle finds something missing."""
            start = self.position.get(deal.id, 0) if self.refs.get(deal.id) == "kams" else 0
            missing = self.missing(deal, start, end, mode)
            try:
                with self.cr.savepoint():
                    act()
                    self.cr.flush()
            except ValidationError as refusal:
                assert missing, f"refused without a reason: {refusal}"
                for code in missing:
                    assert code in str(refusal), (code, str(refusal))
                refused = True
            else:
                assert not missing, f"let past {missing}"
                refused = False
            self.look()
            return not refused

        # RULES: the simple ones leave their changes waiting or not
        @initialize(partner=st.booleans())
        def first_deal(self, partner):
            self.create(partner, 0, "flush")

        def alive(self, number):
            return self.deals[number % len(self.deals)]

        def under(self, number):
            mine = self.deals.filtered("kams_process_id")
            return mine[number % len(mine)] if mine else mine

        def finish(self, how):
            if how == "flush_all":
                self.env.flush_all()
            elif how == "flush":
                self.look()

        @precondition(lambda self: len(self.deals) < 6)
        @rule(partner=st.booleans(), amount=st.integers(0, 2), how=flushes)
        def create(self, partner, amount, how):
            deal = self.case._deal(partner_id=partner and self.case.customer.id, expected_revenue=amount * 100)
            self.deals |= deal
            self.refs[deal.id] = "kams"
            self.finish(how)

        @precondition(lambda self: len(self.deals) < 6)
        @rule(code=st.sampled_from(PHASES[1:]), imported=st.booleans())
        def create_late(self, code, imported):
            before = self.env["crm.lead"].search_count([])
            try:
                with self.cr.savepoint():
                    deal = self.case._deal(stage_id=self.case.stages[code].id, kams_imported=imported)
                    self.cr.flush()
            except ValidationError:
                assert not imported
                assert self.env["crm.lead"].search_count([]) == before
            else:
                assert imported, "a new deal has no evidence"
                self.deals |= deal
                self.refs[deal.id] = "kams"
                self.exempt.add(deal.id)
            self.look()

        @rule(number=deal_numbers, amount=st.integers(0, 3), how=flushes)
        def write_amount(self, number, amount, how):
            self.alive(number).expected_revenue = amount * 100
            self.finish(how)

        @rule(number=deal_numbers, days=st.sampled_from([None, -5, 40]), how=flushes)
        def write_date(self, number, days, how):
            deadline = days is not None and fields.Date.today() + timedelta(days=days)
            self.alive(number).date_deadline = deadline
            self.finish(how)

        @rule(number=deal_numbers, name=st.sampled_from(["salesperson", "colleague", "nobody"]), how=flushes)
        def write_owner(self, number, name, how):
            self.alive(number).user_id = getattr(self.case, name, False)
            self.finish(how)

        @rule(number=deal_numbers, partner=st.booleans(), how=flushes)
        def write_partner(self, number, partner, how):
            self.alive(number).partner_id = partner and self.case.customer
            self.finish(how)

        @rule(number=deal_numbers, mode=st.sampled_from([False, "direct", "tender_open"]))
        def write_mode(self, number, mode):
            deal = self.alive(number)
            self.look()
            tendering = PHASES.index("tendering")
            past = self.refs.get(deal.id) == "kams" and self.position[deal.id] > tendering
            if past and self.mode[deal.id] in MASKED and mode not in MASKED:
                missing = {code for code in self.missing(deal, tendering, tendering + 1, mode)}
                try:
                    with self.cr.savepoint():
                        deal.kams_procurement_mode = mode
                        self.cr.flush()
                    assert not missing, f"{missing} was masked until now"
                except ValidationError:
                    assert missing
            else:
                deal.kams_procurement_mode = mode
            self.look()

        @rule(number=deal_numbers, to=st.sampled_from(["team", "late_team", "plain_team"]))
        def write_team(self, number, to):
            deal = self.alive(number)
            self.look()
            team = getattr(self.case, to)
            end = 0
            if (
                self.refs.get(deal.id) == "kams"
                and to == "late_team"
                and deal.kams_phase_id.code not in ("tendering", "delivery")
            ):
                end = PHASES.index("tendering")
            elif self.refs.get(deal.id) != "kams" and team.kams_process_id:
                end = None  # joins, where it stands or where its stage is found
            if end is None:
                self.attempt(lambda: setattr(deal, "team_id", team))
                self.look()
            else:
                self.expect_gate(deal, end, lambda: setattr(deal, "team_id", team))

        # Evidence
        @rule(number=deal_numbers, how=flushes)
        def hold_meeting(self, number, how):
            self.case._meeting(self.alive(number))
            self.finish(how)

        @rule(number=deal_numbers, how=flushes)
        def cancel_meeting(self, number, how):
            self.alive(number).calendar_event_ids[:1].unlink()
            self.finish(how)

        @rule(number=deal_numbers, sent=st.booleans(), valid=st.booleans(), how=flushes)
        def quote(self, number, sent, valid, how):
            order = self.case._quotation(self.alive(number), **({} if valid else {"order_line": []}))
            if sent:
                order.state = "sent"
            self.finish(how)

        @rule(number=deal_numbers, reference=st.sampled_from([False, "PO-7"]), how=flushes)
        def confirm_order(self, number, reference, how):
            order = self.env["sale.order"].search(
                [("opportunity_id", "=", self.alive(number).id), ("state", "in", ("draft", "sent"))], limit=1
            )
            if order.order_line:
                order.client_order_ref = reference
                order.action_confirm()
            self.finish(how)

        @rule(number=deal_numbers)
        def supply_what_is_missing(self, number):
            deal = self.alive(number)
            code = deal.kams_phase_id.code
            if code == "negotiation":
                if not deal.order_ids.filtered(lambda order: order.state != "sale"):
                    self.case._quotation(deal)
                for order in deal.order_ids.filtered(lambda o: o.state in ("draft", "sent") and o.order_line):
                    order.client_order_ref = "PO-1"
                    order.action_confirm()
            elif code == "initiation":
                deal.write({"expected_revenue": 900.0, "date_deadline": fields.Date.today() + timedelta(days=30)})
                if not deal.kams_procurement_mode:
                    deal.kams_procurement_mode = "tender_open"
            elif code in ("development", "proposal"):
                self.case._supply(deal, code)

        @rule(number=deal_numbers)
        def waive(self, number):
            deal = self.under(number)
            self.look()
            if not deal or deal.user_id == self.case.director:
                return
            checks = deal.kams_check_ids.filtered(
                lambda c: c.state == "fail" and c.is_current and c.point_id.level == "mandatory"
            )[:1]
            if checks:
                checks.with_user(self.case.director).waive("Agreed at the fair", date(2030, 1, 1))
                self.waived.add((deal.id, checks.point_id.code))

        # Moves
        @rule(number=deal_numbers, by=st.integers(1, 2), with_partner=st.booleans())
        def forward(self, number, by, with_partner):
            deal = self.under(number)
            self.look()
            if not deal or not deal.active or deal.kams_phase_id.code == "delivery":
                return
            target = min(self.position[deal.id] + by, len(PHASES) - 1)
            vals = {"stage_id": self.case.stages[PHASES[target]].id}
            if with_partner:  # evidence and move in one save
                deal.partner_id = vals["partner_id"] = self.case.customer.id
            self.expect_gate(deal, target, lambda: deal.write(vals))

        @rule(number=deal_numbers)
        def forward_by_raw_write(self, number):
            deal = self.under(number)
            self.look()
            if deal and deal.active and deal.kams_phase_id.code not in ("negotiation", "delivery"):
                target = self.position[deal.id] + 1
                stage_id = self.case.stages[PHASES[target]].id

                def act():
                    deal._write({"stage_id": stage_id})
                    deal.invalidate_recordset(flush=False)
                    deal.modified(["stage_id"])

                self.expect_gate(deal, target, act)

        @rule(number=deal_numbers)
        def a_swallowed_refusal_does_not_reach_the_commit(self, number):
            deal = self.under(number)
            self.look()
            if not deal or not deal.active or deal.kams_phase_id.code == "delivery":
                return
            target = self.position[deal.id] + 1

            def act():
                try:
                    deal.stage_id = self.case.stages[PHASES[target]]
                except ValidationError:
                    pass

            self.expect_gate(deal, target, act)

        @rule(number=deal_numbers, by=st.integers(1, 3))
        def back(self, number, by):
            deal = self.under(number)
            self.look()
            if deal and deal.active and self.position[deal.id] > 0:
                target = max(self.position[deal.id] - by, 0)
                deal.stage_id = self.case.stages[PHASES[target]]
                self.look()

        @rule(number=deal_numbers)
        def win(self, number):
            deal = self.under(number)
            self.look()
            if deal:
                self.expect_gate(deal, PHASES.index("delivery"), deal.action_set_won)

        @rule(number=deal_numbers, how=flushes)
        def lose(self, number, how):
            deal = self.alive(number)
            if deal.won_status != "won" and not deal.stage_id.is_won:
                deal.action_set_lost()
            self.finish(how)

        @rule(number=deal_numbers, how=flushes)
        def archive(self, number, how):
            self.alive(number).action_archive()
            self.finish(how)

        @rule(number=deal_numbers, how=flushes)
        def restore(self, number, how):
            self.alive(number).action_unarchive()
            self.finish(how)

        @precondition(lambda self: len(self.deals) < 6)
        @rule(number=deal_numbers, how=flushes)
        def copy(self, number, how):
            clone = self.alive(number).copy()
            self.deals |= clone
            if clone.kams_process_id:
                self.refs[clone.id] = "kams"
                if clone.team_id == self.case.team:
                    assert clone.kams_phase_id.code == "development"
            self.finish(how)

        @precondition(lambda self: len(self.deals) > 1)
        @rule(first=deal_numbers, second=deal_numbers)
        def merge(self, first, second):
            pair = self.alive(first) | self.alive(second)
            self.look()
            if len(pair) < 2:
                return
            was = {deal.id: self.refs.get(deal.id) for deal in pair}
            winner = self.attempt(pair.merge_opportunity)
            if not winner:
                self.look()
                return
            (gone,) = set(pair.ids) - set(winner.ids)
            self.deals -= self.env["crm.lead"].browse(gone)
            if was[gone] == "kams":
                self.refs[gone] = "merged"
            self.look()

        @precondition(lambda self: len(self.deals) > 1)
        @rule(number=deal_numbers, how=flushes)
        def delete(self, number, how):
            deal = self.alive(number)
            ref = deal.id
            self.deals -= deal
            deal.unlink()
            if self.refs.get(ref) == "kams":
                self.end(ref, "deleted")
            self.finish(how)

        @rule(number=deal_numbers, how=flushes)
        def leave(self, number, how):
            deal = self.under(number)
            if deal:
                deal.with_user(self.case.director).with_context(self.env.context).action_kams_leave()
                self.end(deal.id, "left")
                self.waived = {(ref, code) for ref, code in self.waived if ref != deal.id or self._is_waived(ref, code)}
            self.finish(how)

        def end(self, ref, word):
            """A deal that ends before anything was written down never was one."""
            if ref in self.position:
                self.refs[ref] = word
            else:
                del self.refs[ref]

        def _is_waived(self, ref, code):
            checks = self.env["kams.control.check"].search([("lead_id", "=", ref), ("point_id.code", "=", code)])
            return bool(checks.waived_at)

        @rule(number=deal_numbers)
        def rejoin(self, number):
            plain = self.deals.filtered(lambda deal: not deal.kams_process_id)
            if plain:
                self.look()
                deal = plain[number % len(plain)]
                self.attempt(lambda: deal.write({"kams_process_id": self.case.process.id}))
                self.look()

        def attempt(self, act):
            """Do what may be refused; a :meth:`look` afterwards finds whether it should have been."""
            try:
                with self.cr.savepoint():
                    result = act()
                    self.cr.flush()
            except UserError:
                result = None
            return result

        # Transactions
        @rule(number=deal_numbers, amount=st.integers(4, 6), inside=flushes)
        def roll_back(self, number, amount, inside):
            self.look()
            before = self.history_rows()
            deal = self.alive(number)
            old = deal.expected_revenue
            try:
                with self.cr.savepoint():
                    deal.expected_revenue = amount * 100
                    deal.action_archive()
                    if inside == "flush":
                        self.cr.flush()
                    elif inside == "flush_all":
                        self.env.flush_all()
                    raise ZeroDivisionError
            except ZeroDivisionError:
                pass
            assert deal.expected_revenue == old
            self.cr.flush()
            assert self.history_rows() == before, "what was rolled back left a row"

        @rule(hours=st.integers(1, 50))
        def time_passes(self, hours):
            self.look()
            self.clock += hours
            self.cr._now = START + timedelta(hours=self.clock)

        # INVARIANTS
        def history_rows(self):
            self.cr.execute(
                "SELECT id, lead_ref, valid_from, valid_to FROM kams_deal_history WHERE lead_ref = ANY(%s) ORDER BY id",
                [list(self.refs)],
            )
            return self.cr.fetchall()

        def look(self):
            """Settle, and hold everything against what must be true."""
            self.cr.flush()
            self.look_at_gate()
            self.look_at_history()
            assert not kept_otherwise(self.env, self.refs), "what is kept of the history isn't what it tells"

        def look_at_gate(self):
            for deal in self.deals.filtered("kams_process_id"):
                place = PHASES.index(deal.kams_phase_id.code)
                joined = self.refs.get(deal.id) != "kams"
                start = 0 if joined else self.position.get(deal.id, 0)
                self.refs[deal.id] = "kams"
                if place > start and deal.id not in self.exempt:
                    missing = self.missing(deal, start, place)
                    assert not missing, f"{deal.id} got from {start} to {place} past {missing}"
                self.exempt.discard(deal.id)
                self.position[deal.id] = place
                self.mode[deal.id] = deal.kams_procurement_mode

        def look_at_history(self):
            rows = self.env["kams.deal.history"].search([("lead_ref", "in", list(self.refs))])
            by_ref = rows.grouped("lead_ref")
            for ref, word in self.refs.items():
                history = by_ref[ref].sorted("valid_from")
                for before, after in zip(history, history[1:], strict=False):
                    assert before.valid_to == after.valid_from, f"gap or overlap in {ref}"
                    assert before.valid_from < before.valid_to
                assert [bool(row.valid_to) for row in history] == [True] * (len(history) - 1) + [False], ref
                row, deal = history[-1], self.env["crm.lead"].browse(ref).exists()
                if word != "kams":
                    assert row.status == word, (ref, row.status, word)
                    assert word == "left" or not deal
                    continue
                assert row.status == (
                    deal.won_status if deal.won_status != "pending" else "open" if deal.active else "archived"
                )
                told = (
                    row.lead_id,
                    row.process_id,
                    row.phase_id,
                    row.stage_id,
                    row.expected_revenue,
                    row.date_deadline,
                    row.user_id,
                    row.team_id,
                    row.partner_id,
                    row.procurement_mode,
                    row.company_id,
                    row.phase_code,
                )
                true = (
                    deal,
                    deal.kams_process_id,
                    deal.kams_phase_id,
                    deal.stage_id,
                    deal.expected_revenue,
                    deal.date_deadline,
                    deal.user_id,
                    deal.team_id,
                    deal.partner_id,
                    deal.kams_procurement_mode,
                    deal.company_id,
                    deal.kams_phase_id.code,
                )
                assert told == true, (told, true)
                assert abs(row.probability - deal.probability) < 1.0
            plain = self.env["crm.lead"].search([("id", "in", self.deals.ids), ("id", "not in", list(self.refs))])
            assert not self.env["kams.deal.history"].search_count([("lead_ref", "in", plain.ids)])
