from collections import defaultdict

from odoo import models
from odoo.tools import SQL

from ..tools.valuation import Totals


class KamsAccount(models.Model):
    """What Odoo's books know of customers over a period: sales, costs, receivables and payments (2.3).

    Asked for many accounts at once, in the same few statements for ten as for ten thousand. All amounts are in
    the currency of the account's company, at the rates of the invoices. What comes out belongs to whoever may
    see the account; how the rows are found doesn't depend on who asks.
    """

    _inherit = "kams.account"

    # BUSINESS
    def _totals(self, date_from, date_to, with_group=False):
        """Add up what the books hold.

        :param with_group: whether an account's subsidiaries in the same company count with it
        :return: ``{account id: Totals}``, all zero for an account without a row
        """
        totals = {account_id: Totals() for account_id in self.ids}
        members = self._value_members(with_group)
        if not members:
            return totals
        scope = SQL(
            "unnest(%s::int[], %s::int[], %s::int[])",
            *([member[part] for member in members] for part in range(3)),
        )
        scope = SQL("(SELECT * FROM %s AS member (account_id, partner_id, company_id))", scope)
        for model_name, fnames in self.env["kams.account.sales"]._depends.items():
            self.env[model_name].flush_model(fnames)
        self.env["account.move.line"].flush_model(
            ["account_id", "amount_residual", "date", "date_maturity", "invoice_date", "journal_id", "parent_state"]
        )
        self.env["account.partial.reconcile"].flush_model(["amount", "debit_move_id", "credit_move_id", "max_date"])
        for query in (
            self.env["kams.account.sales"]._sums(scope, date_from, date_to),
            self._receivable_totals(scope, date_from, date_to),
            self._cost_totals(members, date_from, date_to),
        ):
            for row in self.env.execute_query_dict(query):
                vars(totals[row.pop("account_id")]).update({name: value or 0.0 for name, value in row.items()})
        return totals

    def _value_members(self, with_group=False):
        """Whose figures count for whom: ``[(account id, customer id, company id, id of the customer's account)]``."""
        self.flush_model(["partner_id", "company_id"])
        rows = self.env.execute_query(
            SQL("SELECT id, partner_id, company_id, id FROM kams_account WHERE id = ANY(%s)", self.ids)
        )
        if with_group:
            rows += [
                (account.id, below.partner_id.id, below.company_id.id, below.id)
                for account, family in self._value_families().items()
                for below in family
            ]
        return rows

    def _value_families(self):
        """The accounts below each account in its group, in the same company: ``{account: accounts}``.

        One statement per level of the group, for all accounts at once.
        """
        # sudo: a group's total belongs to whoever sees the account at its head; the parts stay hidden
        accounts = self.sudo().with_context(active_test=False)
        families = defaultdict(accounts.browse)
        accounts.fetch(["company_id"])  # of all heads at once: below they are looked at one by one
        heads = {account: account for account in accounts}  # an account at the present level, and its heads
        while heads:
            below = defaultdict(accounts.browse)
            for child, parent in accounts._children_of(list(heads)):
                for head in heads[parent]:
                    if child.company_id == head.company_id and child != head and child not in families[head]:
                        families[head] |= child
                        below[child] |= head
            heads = below
        return families

    def _children_of(self, accounts):
        """``[(child account, parent account)]`` one level below."""
        ids = [account.id for account in accounts]
        return [(child, child.parent_id) for child in self.search([("parent_id", "in", ids)])]

    # SQL
    def _receivable_totals(self, scope, date_from, date_to):
        """What was owed on the last day, on the average of all days, what was late, and how long payments took.

        The ledger of the customer's receivable lines says what was owed. A line counts as open as it was on the
        last day: payments that came later are added back. A payment is what a bank or cash journal reconciled
        with an invoice; refunds, write-offs and exchange differences are none.
        """
        return SQL(
            """
            SELECT line.account_id,
                   sum(line.balance)::float8 AS receivables,
                   sum(line.balance * LEAST(%(date_to)s::date - line.date + 1, %(days)s) / %(days)s::numeric)::float8
                        AS receivables_average,
                   sum(line.balance) FILTER (WHERE line.is_invoice AND line.date >= %(date_from)s)::float8 AS invoiced,
                   (sum(GREATEST(line.amount_residual + COALESCE(payment.later, 0), 0))
                        FILTER (WHERE line.balance > 0 AND COALESCE(line.date_maturity, line.date) < %(date_to)s)
                   )::float8 AS overdue,
                   sum(payment.paid)::float8 AS paid,
                   sum(payment.paid_days)::float8 AS paid_days
              FROM (SELECT scope.account_id, line.id, line.date, line.balance, line.date_maturity,
                           line.amount_residual, line.invoice_date,
                           line.display_type = 'payment_term' AS is_invoice
                      FROM %(scope)s scope
                      JOIN res_partner contact ON contact.commercial_partner_id = scope.partner_id
                      JOIN account_move_line line ON line.partner_id = contact.id
                                                 AND line.company_id = scope.company_id
                                                 AND line.account_id = ANY(%(receivable)s)
                                                 AND line.parent_state = 'posted'
                                                 AND line.date <= %(date_to)s
                   ) line
         LEFT JOIN LATERAL (SELECT sum(part.amount) FILTER (WHERE part.max_date > %(date_to)s) AS later,
                                   sum(part.amount) FILTER (WHERE settled.counts) AS paid,
                                   sum(part.amount * (credit.date - line.invoice_date))
                                        FILTER (WHERE settled.counts) AS paid_days
                              FROM account_partial_reconcile part
                              JOIN account_move_line credit ON credit.id = part.credit_move_id
                        CROSS JOIN LATERAL (SELECT line.is_invoice AND credit.journal_id = ANY(%(money)s)
                                               AND part.max_date BETWEEN %(date_from)s AND %(date_to)s AS counts
                                           ) settled
                             WHERE part.debit_move_id = line.id
                               AND line.balance > 0
                               AND line.balance != line.amount_residual
                           ) payment ON TRUE
          GROUP BY line.account_id
            """,
            scope=scope,
            receivable=self._ids_of("account.account", account_type=["asset_receivable"], non_trade=[False]),
            money=self._ids_of("account.journal", type=["bank", "cash", "credit"]),
            date_from=date_from,
            date_to=date_to,
            days=(date_to - date_from).days + 1,
        )

    def _ids_of(self, model_name, **values):
        """Parts of the ledger by their kind. sudo: their numbers only, so that figures don't depend on who asks."""
        model = self.env[model_name].sudo().with_context(active_test=False)
        return list(model._search([(name, "in", wanted) for name, wanted in values.items()]).get_result_ids())

    def _cost_totals(self, members, date_from, date_to):
        self.env["kams.account.cost"].flush_model()
        return SQL(
            """
            SELECT member.account_id,
                   sum(cost.amount) FILTER (WHERE cost.activity != 'capital') AS service_cost,
                   sum(cost.amount) FILTER (WHERE cost.activity = 'capital') AS capital_lines,
                   count(*) FILTER (WHERE cost.activity = 'capital') AS capital_recorded
              FROM unnest(%(accounts)s::int[], %(parts)s::int[]) AS member (account_id, part_id)
              JOIN kams_account_cost cost ON cost.account_id = member.part_id
             WHERE cost.date BETWEEN %(date_from)s AND %(date_to)s
          GROUP BY member.account_id
            """,
            accounts=[member[0] for member in members],
            parts=[member[3] for member in members],
            date_from=date_from,
            date_to=date_to,
        )
