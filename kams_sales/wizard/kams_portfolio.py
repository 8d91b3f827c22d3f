from math import log10

from odoo import api, fields, models

from ..models.kams_account import TIERS

LARGEST = 200  # more bubbles than that hide each other
LABELLED = 12
AXES = [
    ("shapiro", "Price × Cost to Serve (Shapiro)"),
    ("fiocca", "Importance × Difficulty (Fiocca)"),
    ("profit", "Contribution × Sales"),
]


class KamsPortfolio(models.TransientModel):
    """All accounts of a company in one picture: where each stands, how large it is, whether it pays (2.3).

    A bubble's area is the account's net sales of the last twelve full months, its colour the contribution: so
    that neither a large account nor an important one hides that it costs more than it brings.
    """

    _name = "kams.portfolio"
    _description = "Account portfolio"

    axes = fields.Selection(AXES, string="Show", default="shapiro", required=True)
    manager_id = fields.Many2one("res.users", string="Account Manager", domain="[('share', '=', False)]")
    tier = fields.Selection(TIERS)
    chart = fields.Html(compute="_compute_chart", sanitize=False)

    # COMPUTES
    @api.depends("axes")
    def _compute_display_name(self):
        for portfolio in self:
            portfolio.display_name = self.env._("Account Portfolio")

    @api.depends("axes", "manager_id", "tier")
    @api.depends_context("lang", "company", "uid")
    def _compute_chart(self):
        for portfolio in self:
            portfolio.chart = self.env["ir.qweb"]._render("kams_sales.kams_portfolio_chart", portfolio._chart_values())

    # ACTIONS
    def action_accounts(self):
        """Open the accounts of the picture as a list."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("kams_sales.kams_account_action")
        return action | {"domain": self._domain()}

    # BUSINESS
    def _domain(self):
        domain = [("company_id", "=", self.env.company.id), ("net_sales_12m", ">", 0)]
        if self.manager_id:
            domain.append(("manager_id", "=", self.manager_id.id))
        if self.tier:
            domain.append(("tier", "=", self.tier))
        return domain

    def _chart_values(self):
        """What the template draws: places in per cent of the picture. Names are escaped there."""
        accounts = self.env["kams.account"]
        found = accounts.search(self._domain(), order="net_sales_12m desc, id", limit=LARGEST)
        basis = accounts._value_basis(self.env.company)[self.env.company.id]
        x_name, y_name, corners = self._words()
        places, x_line, y_line = getattr(self, f"_places_{self.axes or 'shapiro'}")(found, basis)
        placed = [account for account in found if account.id in places]
        values = {
            "x_name": x_name,
            "y_name": y_name,
            "corners": corners,
            "bubbles": [],
            "shown": len(placed),
            "total": accounts.search_count(self._domain()),
            "x_line": False,
            "y_line": False,
        }
        if not placed:
            return values
        x_scale = _Scale([places[account.id][0] for account in placed] + ([] if x_line is None else [x_line]))
        y_scale = _Scale([places[account.id][1] for account in placed] + ([] if y_line is None else [y_line]))
        largest = max(account.net_sales_12m for account in placed)
        values["x_line"] = x_line is not None and f"left:{x_scale.place(x_line):.2f}%"
        values["y_line"] = y_line is not None and f"bottom:{y_scale.place(y_line):.2f}%"
        labels = []
        for account in placed:
            x, y = places[account.id]
            values["bubbles"].append(
                {
                    "url": f"/odoo/key-accounts/{account.id}",
                    "name": account.name,
                    "labelled": self._claim(labels, x_scale.place(x), y_scale.place(y)),
                    "title": self._title(account, x_name, x, y_name, y),
                    "tone": self._tone(account, found),
                    "style": (
                        f"left:{x_scale.place(x):.2f}%;bottom:{y_scale.place(y):.2f}%;"
                        f"width:{1 + 5 * (account.net_sales_12m / largest) ** 0.5:.2f}%"
                    ),
                }
            )
        return values

    def _claim(self, labels, x, y):
        """Whether there is room for a name: the larger accounts come first."""
        if len(labels) >= LABELLED or any(abs(x - left) < 13 and abs(y - level) < 8 for left, level in labels):
            return False
        labels.append((x, y))
        return True

    def _words(self):
        """The names of the axes, and of the four corners: top left, top right, bottom left, bottom right."""
        if self.axes == "fiocca":
            return (
                self.env._("Difficulty of managing"),
                self.env._("Strategic importance"),
                (
                    self.env._("Key – easy"),
                    self.env._("Key – difficult"),
                    self.env._("Non-key – easy"),
                    self.env._("Non-key – difficult"),
                ),
            )
        if self.axes == "profit":
            return self.env._("Net sales (logarithmic)"), self.env._("Contribution (%)"), ("", "", "", "")
        return (
            self.env._("Cost to serve (% of net sales)"),
            self.env._("Price realisation (%)"),
            (
                self.env._("Passive"),
                self.env._("Carriage trade"),
                self.env._("Bargain basement"),
                self.env._("Aggressive"),
            ),
        )

    def _places_shapiro(self, accounts, basis):
        places = {
            account.id: (account.cts_ratio_12m, account.price_realisation_12m)
            for account in accounts
            if account.cts_ratio_12m is not False and account.price_realisation_12m is not False
        }
        return places, basis["median_cts"], basis["median_price"]

    def _places_profit(self, accounts, basis):
        places = {
            account.id: (log10(account.net_sales_12m), account.contribution_pct_12m)
            for account in accounts
            if account.contribution_pct_12m is not False
        }
        return places, None, 0.0

    def _places_fiocca(self, accounts, basis):
        """From the figures of each account's last analysis that is done."""
        lines = self.env["kams.account.figure"].search_fetch(
            [
                ("account_id", "in", accounts.ids),
                ("key", "in", ("importance", "difficulty")),
                ("value_id.state", "=", "done"),
            ],
            ["account_id", "key", "value"],
            order="value_id",
        )
        known = {
            (line.account_id.id, line.key): line.value
            for line in lines.sorted(lambda line: (line.value_id.date_to, line.value_id.id))
            if line.value is not False
        }
        places = {
            account.id: (known[account.id, "difficulty"], known[account.id, "importance"])
            for account in accounts
            if (account.id, "difficulty") in known and (account.id, "importance") in known
        }
        return places, basis["cuts"][0], basis["cuts"][0]

    def _tone(self, account, accounts):
        """Colour by contribution: loses money, below the mean of those shown, or above."""
        if account.contribution_12m <= 0:
            return "bad"
        sales = sum(accounts.mapped("net_sales_12m"))
        mean = sum(accounts.mapped("contribution_12m")) / sales * 100 if sales else 0
        return "good" if account.contribution_pct_12m >= mean else "fair"

    def _title(self, account, x_name, x, y_name, y):
        currency = account.currency_id
        x_text = currency.format(account.net_sales_12m) if self.axes == "profit" else round(x, 1)
        return self.env._(
            "%(name)s: net sales %(sales)s, contribution %(contribution)s; %(y_name)s %(y)s, %(x_name)s %(x)s",
            name=account.name,
            sales=currency.format(account.net_sales_12m),
            contribution=currency.format(account.contribution_12m),
            y_name=y_name,
            y=round(y, 1),
            x_name=x_name,
            x=x_text,
        )


class _Scale:
    """From a value to its place in per cent, with room at both ends; the odd one far out stands at the edge."""

    def __init__(self, values):
        values = sorted(values)
        odd = len(values) // 12
        self.low, self.high = values[odd], values[-1 - odd]
        if self.high == self.low:
            self.low, self.high = self.low - 1, self.high + 1

    def place(self, value):
        value = min(max(value, self.low), self.high)
        return 11 + 79 * (value - self.low) / (self.high - self.low)
