from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL

from ..models.kams_deal_history_kept import STAY, WAY
from . import evidence
from .starter_process import starter_process

PHASES = ["development", "initiation", "proposal", "tendering", "negotiation", "delivery"]

# What a profile must say to be complete enough, as far as single fields say it
PROFILE = {
    "ownership": "state",
    "legal_representative": "Li Wei",
    "registered_capital": 5e7,
    "employees": 1200,
    "payment_attitude": "prompt",
    "industry_rank": "leader",
    "mission": "Clean power for the province",
    "plan_one_year": "Retrofit two boilers",
    "key_success_factors": "Heat rate",
    "pains": "Old boilers",
    "main_products": "Power and heat",
    "main_customers": "The grid",
    "main_competitors": "Datang",
}


def known_account(env, customer, company=None, manager=None):
    """The customer's key account, of which all is known that the first phase asks for (A0-1 to A0-4, A0-6)."""
    company = company or env.company
    accounts = env["kams.account"].with_company(company)
    account = accounts.search([("partner_id", "=", customer.id), ("company_id", "=", company.id)])
    if account.is_standalone and account.completeness >= 80:
        return account
    today = fields.Date.today()
    vals = {
        "is_standalone": True,
        "as_of": today,
        "credit_grade": "aa",
        "credit_checked_on": today,
        **PROFILE,
        "swot_ids": [Command.create({"quadrant": "1s", "statement": "Cheap coal"})],
        "year_ids": [Command.create({"year": str(today.year - 1), "revenue": 9e6})],
        "initiative_ids": [Command.create({"name": "Retrofit all boilers"})],
        "chain_ids": [Command.create({"activity": "Operations"})],
        "profile_item_ids": [
            Command.create({"category": category, "key": category, "value": "As told", "source": "Their engineer"})
            for category in ("organisation", "purchasing", "competition")
        ],
    }
    if account:
        account.write(vals)
    else:
        manager = manager or env.user
        account = accounts.create(
            {"partner_id": customer.id, "company_id": company.id, "manager_id": manager.id, **vals}
        )
    strategic = {"key": "strategic", "typed_value": 60, "why": "Opens the province to us"}
    env["kams.account.value"].create(
        {"account_id": account.id, "figure_ids": [Command.create(strategic)]}
    ).action_done()
    category = env["product.category"].search([], limit=1)
    position = env["kams.supply.position"].create(
        {"account_id": account.id, "category_id": category.id, "attractiveness": 4}
    )
    # what cards and invoices would say; test_account_points.py has them say it
    position.write({"profit_impact": 4, "supply_risk": 4, "account_sales": 10, "company_sales": 100})
    return account


def kept_otherwise(env, lead_refs):
    """What is kept of these deals' history and isn't told by it, and the other way round: there must be nothing."""
    history, found = env["kams.deal.history"], []
    for table, columns, told in (
        ("kams_deal_stay", STAY, history._told_stays),
        ("kams_deal_way", WAY, history._told_ways),
    ):
        mine = SQL("WHERE lead_ref = ANY(%s)", list(lead_refs))
        columns = SQL(", ").join(map(SQL.identifier, columns))
        kept, told = SQL("SELECT %s FROM %s %s", columns, SQL.identifier(table), mine), told(mine)
        for these, those in ((kept, told), (told, kept)):
            found += env.execute_query(SQL("(%s) EXCEPT ALL (%s)", these, those))
    return found


class KamsCase(TransactionCase):
    """One team under a process, one person per role, and short words for what deals live through.

    The process is a short one (``starter_process.py``): engines don't depend on what the chapters ask for.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo's demo gives its users zones of their own; here the day is the same for all, and fields.Date.today()'s
        (cls.env.user | cls.env.ref("base.user_admin")).tz = "UTC"
        cls.env = cls.env["base"].with_context(tracking_disable=False, mail_create_nosubscribe=True).env
        cls.process = cls._process()
        cls.team = cls.env.ref("kams_sales.team_key_accounts")
        cls.team.kams_process_id = cls.process
        cls.phases = {phase.code: phase for phase in cls.process.phase_ids}
        cls.stages = {code: phase.stage_id for code, phase in cls.phases.items()}
        cls.salesperson = cls._person("kams_sales_user", "sales_team.group_sale_salesman")
        cls.colleague = cls._person("kams_colleague", "sales_team.group_sale_salesman")
        cls.manager = cls._person("kams_manager", "kams_sales.group_account_manager")
        cls.director = cls._person("kams_director", "kams_sales.group_director")
        cls.auditor = cls._person("kams_auditor", "kams_sales.group_auditor")
        cls.sales_admin = cls._person("kams_sales_admin", "sales_team.group_sale_manager")
        cls.team.member_ids |= cls.salesperson | cls.colleague
        cls.customer = cls.env["res.partner"].create({"name": "Huaneng Power", "is_company": True})
        cls.product = cls.env["product.product"].create({"name": "Turbine service", "list_price": 1000.0})

    @classmethod
    def _process(cls):
        """The process that the team works by."""
        return starter_process(cls.env)

    @classmethod
    def _person(cls, login, groups):
        return new_test_user(cls.env, login=login, groups=f"base.group_user,{groups}", name=login)

    # DEALS
    @classmethod
    def _deal(cls, **vals):
        """A deal of the team, without any evidence."""
        return cls.env["crm.lead"].create(
            {
                "name": "Boiler retrofit",
                "type": "opportunity",
                "team_id": cls.team.id,
                "user_id": cls.salesperson.id,
                **vals,
            }
        )

    @classmethod
    def _settle(cls):
        """What a commit does to a transaction, short of committing: flush, refresh checks, write history."""
        cls.env.cr.flush()

    def _clock(self, moment):
        """Let the transaction's clock stand at a moment (UTC), as if what follows were another transaction."""
        self._settle()
        if not hasattr(self, "_clock_before"):
            self._clock_before = self.cr.now()
            self.addCleanup(setattr, self.cr, "_now", self._clock_before)
        self.cr._now = moment

    def _run_cron(self, model, method, **kwargs):
        """Run what a cron runs, with a settling in place of its commits. Answers what each of them had done."""
        done = []

        def commit_progress(cron, processed=0, *, remaining=None, **_kwargs):
            self._settle()
            done.append((processed, remaining))
            return float("inf")

        with patch.object(self.registry["ir.cron"], "_commit_progress", commit_progress):
            getattr(self.env[model], method)(**kwargs)
        return done

    # ACCOUNTS
    @classmethod
    def _company(cls, name, **vals):
        """A customer that is a company."""
        return cls.env["res.partner"].create({"name": name, "is_company": True, **vals})

    @classmethod
    def _account(cls, partner=None, **vals):
        """A key account of the account manager's."""
        partner = partner or cls.customer
        return cls.env["kams.account"].create({"partner_id": partner.id, "manager_id": cls.manager.id, **vals})

    @classmethod
    def _firm(cls, name):
        """A second company of the user's, in the same currency: of what is told there nothing else is mixed in."""
        firm = cls.env["res.company"].create({"name": name, "currency_id": cls.env.company.currency_id.id})
        cls.env.user.company_ids |= firm
        return firm

    @classmethod
    def _known_account(cls, customer, company=None):
        """See :func:`known_account`."""
        return known_account(cls.env, customer, company, cls.manager)

    # EVIDENCE
    @classmethod
    def _meeting(cls, deal, days=-1):
        start = fields.Datetime.now() + timedelta(days=days)
        return cls.env["calendar.event"].create(
            [
                {
                    "name": f"Meeting on {lead.name}",
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "opportunity_id": lead.id,
                }
                for lead in deal
            ]
        )

    @classmethod
    def _quotation(cls, deal, **vals):
        return cls.env["sale.order"].create(
            [
                {
                    "partner_id": cls.customer.id,
                    "opportunity_id": lead.id,
                    "validity_date": fields.Date.today() + timedelta(days=30),
                    "order_line": [Command.create({"product_id": cls.product.id, "product_uom_qty": 1})],
                    **vals,
                }
                for lead in deal
            ]
        )

    @classmethod
    def _invoice(cls, amount, product=None, partner=None, day=None, refund=False, **vals):
        """A posted invoice of one line without taxes."""
        move = cls.env["account.move"].create(
            {
                "move_type": "out_refund" if refund else "out_invoice",
                "partner_id": (partner or cls.customer).id,
                "invoice_date": day or fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {"product_id": (product or cls.product).id, "price_unit": amount, "tax_ids": [Command.clear()]}
                    )
                ],
                **vals,
            }
        )
        move.action_post()
        return move

    @classmethod
    def _name_customer(cls, deal):
        """Say who the customer is, and all of the customer that the first phase asks for."""
        deal.partner_id = cls.customer
        for company in {lead.company_id or cls.env.company for lead in deal}:
            cls._known_account(cls.customer, company)

    @classmethod
    def _supply(cls, deal, code):
        """Record what the points of one phase ask for."""
        if code == "development":
            cls._name_customer(deal)
            cls._meeting(deal)
        elif code == "initiation":
            deal.write(
                {
                    "expected_revenue": 1000.0,
                    "date_deadline": fields.Date.today() + timedelta(days=60),
                    "kams_procurement_mode": "tender_open",
                }
            )
        elif code == "proposal":
            cls._quotation(deal).action_quotation_sent()
            cls._meeting(deal)
        elif code == "negotiation":
            deal.order_ids.client_order_ref = "PO-1"
            deal.order_ids.action_confirm()

    @classmethod
    def _advance(cls, deal, to):
        """Walk deals to a phase the honest way, one commit a step."""
        for code in PHASES[: PHASES.index(to)]:
            if PHASES.index(deal[:1].kams_phase_id.code) > PHASES.index(code):
                continue
            cls._supply(deal, code)
            cls._settle()
            deal.stage_id = cls.stages[PHASES[PHASES.index(code) + 1]]
            cls._settle()

    # LOOKING
    def _state(self, deal, code):
        """State of one check of a deal, by its point's code."""
        self._settle()
        return deal.kams_check_ids.filtered(lambda check: check.point_id.code == code).state

    def _history(self, deal, *fnames):
        """The history of a deal, oldest first, as tuples of the named fields."""
        self._settle()
        rows = self.env["kams.deal.history"].search([("lead_ref", "=", deal.id)], order="valid_from, id")
        return [tuple(row[name] for name in fnames) for row in rows]

    def assertHistoryWhole(self, deal_ids):
        """No gap, no overlap, one open row per deal; and what is kept of it is what it tells."""
        self._settle()
        self.assertFalse(kept_otherwise(self.env, deal_ids))
        rows = self.env["kams.deal.history"].search([("lead_ref", "in", list(deal_ids))], order="lead_ref, valid_from")
        for lead_ref, history in rows.grouped("lead_ref").items():
            history = history.sorted("valid_from")
            self.assertEqual([bool(row.valid_to) for row in history], [True] * (len(history) - 1) + [False], lead_ref)
            for before, after in zip(history, history[1:], strict=False):
                self.assertEqual(before.valid_to, after.valid_from, lead_ref)
                self.assertLess(before.valid_from, before.valid_to, lead_ref)


class ShippedCase(KamsCase):
    """The same team and people under the process that the addon ships, with all that its chapters ask for."""

    @classmethod
    def _process(cls):
        return cls.env.ref("kams_sales.process_default")

    @classmethod
    def _supply(cls, deal, code):
        if code == "development":
            cls._name_customer(deal)
            evidence.develop(deal)
        elif code == "initiation":
            evidence.initiate(deal)
        elif code == "proposal":
            evidence.propose(deal)
        elif code == "tendering":
            evidence.bid(deal)
        elif code == "negotiation":
            evidence.close_contract(deal)
