from odoo import api, fields, models

from .blank import known

ASPECTS = [
    ("margin", "Margin (%)"),
    ("discount", "Discount (%)"),
    ("payment_days", "Payment Term (Days)"),
    ("warranty", "Warranty (Months)"),
    ("damages_cap", "Damages Cap (%)"),
    ("change_price", "Change in Price (% of the Contract)"),
    ("change_cost", "Cost of a Change (% of the Contract)"),
    ("change_days", "Days That a Change Takes"),
]
# From the one who may give least to the one who may give most
ROLES = [
    ("sales", "Salesperson"),
    ("manager", "Key-Account Manager"),
    ("director", "Sales Director"),
    ("committee", "Price Review"),
]
RANKS = {role: rank for rank, (role, _label) in enumerate(ROLES)}
# A quotation whose costs nobody knows: somebody has to answer for it
UNKNOWN_MARGIN = "director"


class KamsAuthority(models.Model):
    """Who may agree to what: which margin a salesperson may offer alone, from where on somebody else must say yes.

    Book sections 5.6 项目建议书 (price authority) and 7.7 管理要点 (discount band, payment terms, warranty, cap on
    damages). A line gives a role to a range of values. Where no line speaks, the price review decides; a company's
    own lines go before those for all.
    """

    _name = "kams.authority"
    _description = "Authority"
    _order = "aspect, company_id, value_from desc, id"
    _rec_name = "role"

    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: for every company that has none of its own.")
    aspect = fields.Selection(ASPECTS, required=True, default="margin")
    value_from = fields.Float(string="At Least", digits=(16, 2), help="The first value that the role may agree to.")
    value_to = fields.Float(
        string="Below", digits=(16, 2), help="Values below this one; those from it on belong to the next line."
    )
    role = fields.Selection(ROLES, required=True, help="Who may agree, and everybody above them.")
    source = fields.Char(required=True, default=lambda self: self.env._("Own choice, to be set by each company"))

    _range = models.Constraint("CHECK (value_to > value_from)", "A range ends above where it begins.")

    # ORM
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        self._judge_anew()
        return lines

    def write(self, vals):
        result = super().write(vals)
        self._judge_anew()
        return result

    def unlink(self):
        result = super().unlink()
        self._judge_anew()
        return result

    # BUSINESS
    def _judge_anew(self):
        """Prices that are still being made are judged by the matrix as it is now; what was submitted stays."""
        # sudo: whoever sets the matrix needn't see the proposals it judges
        open_ones = self.env["kams.proposal"].sudo().search([("state", "in", ("draft", "review"))])
        for name in ("price_role", "price_state"):
            self.env.add_to_compute(open_ones._fields[name], open_ones)
        contracts = self.env["kams.contract"].sudo().search([("state", "in", ("draft", "review"))])  # sudo: as above
        self.env.add_to_compute(contracts._fields["payment_state"], contracts)

    @api.model
    def _roles_for(self, aspect, company):
        """``[(from, below, role)]`` of the matrix that holds for a company."""
        company = company or self.env.company
        # sudo: what one may agree to depends on the matrix, not on who looks
        lines = self.sudo().search([("aspect", "=", aspect), ("company_id", "in", (company.id, False))])
        own = lines.filtered("company_id") or lines
        return [(line.value_from, line.value_to, line.role) for line in own]

    @api.model
    def _role_for(self, aspect, value, company):
        """Who may agree to a value; an unknown value is nobody's to give alone."""
        if value is None or value is False:
            return "committee"
        for start, stop, role in self._roles_for(aspect, company):
            if start <= round(value, 6) < stop:
                return role
        return "committee"

    @api.model
    def _roles_needed(self, company, values):
        """Who may agree to each of these values.

        :param values: ``{aspect: number}``; an aspect without a number isn't granted, except that a margin which
            nobody knows must be somebody's to answer for
        :return: ``{aspect: role}``
        """
        company = company or self.env.company
        values = {aspect: known(values[aspect]) for aspect, _label in ASPECTS if aspect in values}
        # sudo: what one may agree to depends on the matrix, not on who looks
        lines = self.sudo().search([("aspect", "in", list(values)), ("company_id", "in", (company.id, False))])
        of_aspect = lines.grouped("aspect")
        floor = self.env["kams.legal.rule"]._value("price_margin_floor")
        roles = {}
        for aspect, value in values.items():
            if value is None:
                if aspect == "margin":
                    roles[aspect] = UNKNOWN_MARGIN
                continue
            found = of_aspect.get(aspect, self)
            found = found.filtered("company_id") or found
            value = round(value, 6) if aspect == "margin" else max(round(value, 6), 0.0)
            matching = (line.role for line in found if line.value_from <= value < line.value_to)
            roles[aspect] = next(matching, "committee")
            if aspect == "margin" and floor is not None and value < floor:
                roles[aspect] = "committee"
        return roles

    @api.model
    def _judge(self, company, user, values):
        """Which of these values are past somebody's authority, and who may agree to them; empty: none is.

        :param user: whose rights count; none given: nobody's, as for a customer who accepts online what any
            salesperson may grant
        :param values: see :meth:`_roles_needed`
        :return: ``{aspect: role needed}``
        """
        rank = RANKS[self._role_of(user) if user else "sales"]
        return {aspect: role for aspect, role in self._roles_needed(company, values).items() if RANKS[role] > rank}

    @api.model
    def _told(self, beyond, values):
        """Each aspect past somebody's authority, its value and who may agree, a line each.

        :param beyond: see :meth:`_judge`
        """
        aspects = dict(self._fields["aspect"]._description_selection(self.env))
        roles = dict(self._fields["role"]._description_selection(self.env))
        unknown = self.env._("not known")
        return "\n".join(
            self.env._(
                "%(aspect)s: %(value)s – to be agreed by: %(role)s",
                aspect=aspects[aspect],
                value=unknown if values.get(aspect) is None else f"{values[aspect]:.2f}".rstrip("0").rstrip("."),
                role=roles[role],
            )
            for aspect, role in beyond.items()
        )

    @api.model
    def _role_of(self, user):
        """The role that somebody's rights give them."""
        user = user.sudo()  # sudo: whether somebody has a right, to judge what they offer
        if user.has_group("kams_sales.group_director"):
            return "director"
        if user.has_group("kams_sales.group_account_manager"):
            return "manager"
        return "sales"
