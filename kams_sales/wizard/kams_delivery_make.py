from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

HOW = [("new", "New Project"), ("template", "Odoo's Project Template"), ("link", "Existing Project")]


class KamsDeliveryMake(models.TransientModel):
    """From the contract to the project in one step: who, when, from which template; or which project it is already.

    Book section 8.2 项目实施组织.
    """

    _name = "kams.delivery.make"
    _description = "From contract to project"

    lead_id = fields.Many2one("crm.lead", string="Deal", required=True)
    delivery_id = fields.Many2one("kams.delivery", string="Delivery", readonly=True, help="Empty: a new one is made.")
    contract_id = fields.Many2one(
        "kams.contract",
        string="Contract",
        domain="[('lead_id', '=', lead_id)]",
        compute="_compute_contract_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    contract_state = fields.Selection(related="contract_id.state", string="Contract Status")
    delivery_count = fields.Integer(related="contract_id.delivery_count", string="Number of Deliveries")
    handover_id = fields.Many2one(
        "kams.handover",
        string="Handover",
        compute="_compute_handover_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('lead_id', '=', lead_id)]",
    )
    name = fields.Char(
        string="Delivery Called", compute="_compute_name", store=True, readonly=False, precompute=True, required=True
    )
    how = fields.Selection(HOW, string="Project", required=True, default="new")
    template_id = fields.Many2one(
        "kams.delivery.template",
        string="Delivery Template",
        compute="_compute_template_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Phases, weights, days and tasks.",
    )
    project_template_id = fields.Many2one(
        "project.project", string="Project Template", domain="[('is_template', '=', True)]"
    )
    project_id = fields.Many2one(
        "project.project",
        string="Project to Link",
        domain="[('is_template', '=', False), ('id', 'not in', taken_ids)]",
    )
    taken_ids = fields.Many2many("project.project", compute="_compute_taken_ids")
    user_id = fields.Many2one(
        "res.users",
        string="Project Manager",
        domain="[('share', '=', False)]",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    customer_manager_id = fields.Many2one(
        "res.partner",
        string="Customer's Project Manager",
        compute="_compute_customer_manager_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    date_start = fields.Date(
        string="Delivery From", compute="_compute_dates", store=True, readonly=False, precompute=True
    )
    date_end = fields.Date(
        string="Delivery Until", compute="_compute_dates", store=True, readonly=False, precompute=True
    )
    role_ids = fields.One2many("kams.delivery.make.role", "make_id", string="Who Does What")
    promises = fields.Boolean(string="Promises Become Tasks", default=True)
    risks = fields.Boolean(string="Take Over Risks", default=True)

    # COMPUTES
    @api.depends("lead_id", "delivery_id")
    def _compute_contract_id(self):
        """The delivery's, or the deal's if there is just one that lives."""
        for make in self:
            live = self.env["kams.contract"].search([("lead_id", "=", make.lead_id.id), ("is_live", "=", True)])
            make.contract_id = make.contract_id or make.delivery_id.contract_id or (len(live) == 1 and live)

    @api.depends("lead_id", "delivery_id")
    def _compute_handover_id(self):
        for make in self:
            handovers = self.env["kams.handover"].search([("lead_id", "=", make.lead_id.id)])
            accepted = handovers.filtered(lambda one: one.state == "accepted")
            make.handover_id = make.handover_id or make.delivery_id.handover_id or (accepted or handovers)[:1]

    @api.depends("lead_id", "contract_id", "delivery_id")
    def _compute_name(self):
        for make in self:
            make.name = make.delivery_id.name or make.contract_id.name or make.lead_id.name

    @api.depends("handover_id", "delivery_id")
    def _compute_user_id(self):
        for make in self:
            make.user_id = make.user_id or make.delivery_id.user_id or make.handover_id.delivery_user_id

    @api.depends("delivery_id")
    def _compute_customer_manager_id(self):
        for make in self:
            make.customer_manager_id = make.customer_manager_id or make.delivery_id.customer_manager_id

    @api.depends("contract_id", "delivery_id")
    def _compute_dates(self):
        for make in self:
            delivery, contract = make.delivery_id, make.contract_id
            make.date_start = delivery.date_start or contract.date_start or fields.Date.context_today(make)
            make.date_end = delivery.date_end or contract.date_end

    @api.depends("delivery_id")
    def _compute_template_id(self):
        """The first, unless the delivery has phases already."""
        first = self.env["kams.delivery.template"].search([], limit=1)
        for make in self:
            make.template_id = not make.delivery_id.phase_ids and (make.template_id or first)

    @api.depends("lead_id")
    def _compute_taken_ids(self):
        # sudo: a project that a delivery has can't be chosen, whosever the delivery is
        self.taken_ids = self.env["kams.delivery"].sudo().search([("project_id", "!=", False)]).project_id

    @api.onchange("how", "template_id", "project_template_id")
    def _onchange_roles(self):
        """A row for each role that tasks are given to; who was chosen before stays chosen."""
        chosen = {row.role_key: row.user_id.id for row in self.role_ids if row.user_id}
        self.role_ids = [
            Command.clear(),
            *(
                Command.create({"role_key": role.id, "name": role.name, "user_id": chosen.get(role.id)})
                for role in self._roles() - self._manager_role()
            ),
        ]

    # ACTIONS
    def action_make(self):
        """Make it all at once, and open the delivery."""
        self.ensure_one()
        if self.how == "link" and not self.project_id:
            raise UserError(self.env._("Choose the project that carries out “%s”.", self.name))
        if self.how == "template" and not self.project_template_id:
            raise UserError(self.env._("Choose the project template that “%s” is made from.", self.name))
        project = self.project_id if self.how == "link" else None
        project_template = self.project_template_id if self.how == "template" else None
        if project_template:
            project_template.check_access("read")
        if project:
            project.check_access("read")
            if project in self.taken_ids:
                raise ValidationError(
                    self.env._("The project “%s” belongs to another delivery: choose another one.", project.name)
                )
        if delivery := self.delivery_id:
            if delivery.project_id:
                raise UserError(self.env._("“%s” has its project already.", delivery.display_name))
            delivery.write(self._delivery_values())
        else:
            delivery = self.env["kams.delivery"].create(self._delivery_values())
        delivery._make_plan(
            template=self.template_id,
            project=project,
            project_template=project_template,
            people=self._people(),
            promises=self.promises,
            risks=self.risks,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": "kams.delivery",
            "res_id": delivery.id,
            "views": [(False, "form")],
        }

    # BUSINESS
    @api.model
    def _open(self, lead=None, contract=None, delivery=None):
        """The wizard, for a deal, a contract, or a delivery that has no project."""
        self.env["kams.delivery"].check_access("create")
        lead = lead or (contract or delivery).lead_id
        given = {"lead_id": lead, "contract_id": contract, "delivery_id": delivery}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("From Contract to Project"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {f"default_{name}": record.id for name, record in given.items() if record},
        }

    def _roles(self):
        """The project roles that tasks of the chosen templates are given to."""
        self.ensure_one()
        roles = self.template_id.task_ids.role_id
        if self.how == "template":
            roles |= self.project_template_id.task_ids.role_ids
        return roles

    @api.model
    def _manager_role(self):
        """The role of the project manager, whom the wizard asks for by name."""
        return self.env.ref("kams_sales.delivery_role_pm", raise_if_not_found=False) or self.env["project.role"]

    def _people(self):
        """``{project role id: user}``: who does the tasks of a role."""
        people = {row.role_key: row.user_id for row in self.role_ids if row.user_id}
        return {**dict.fromkeys(self._manager_role().ids, self.user_id), **people}

    def _delivery_values(self):
        known = self.delivery_id.role_ids
        roles = []
        if self.user_id and self.user_id not in known.user_id:
            roles.append(
                {
                    "role_id": self._manager_role().id,
                    "name": self.env._("Project Manager"),
                    "user_id": self.user_id.id,
                    "sequence": 10,
                    "duty": self.env._("Time, cost and quality of the delivery; speaks for us."),
                }
            )
        roles += [
            {"role_id": row.role_key, "name": row.name, "user_id": row.user_id.id, "sequence": 10 * place}
            for place, row in enumerate(self.role_ids, 2)
            if row.role_key not in known.role_id.ids
        ]
        if self.customer_manager_id and self.customer_manager_id not in known.partner_id:
            roles.append(
                {
                    "side": "customer",
                    "name": self.env._("Project Manager"),
                    "partner_id": self.customer_manager_id.id,
                    "sequence": 10,
                    "duty": self.env._("Sees to what the customer has to do; confirms plan and results."),
                }
            )
        return {
            **({} if self.delivery_id else {"lead_id": self.lead_id.id}),
            "contract_id": self.contract_id.id,
            "handover_id": self.handover_id.id,
            "name": self.name,
            "user_id": self.user_id.id,
            "customer_manager_id": self.customer_manager_id.id,
            "date_start": self.date_start,
            "date_end": self.date_end,
            **({"training_needed": self.template_id.training_needed} if self.template_id else {}),
            "role_ids": [Command.create(values) for values in roles],
        }


class KamsDeliveryMakeRole(models.TransientModel):
    """Who has a role of the template in this project."""

    _name = "kams.delivery.make.role"
    _description = "Role to give to somebody"

    make_id = fields.Many2one("kams.delivery.make", required=True, ondelete="cascade", index=True)
    role_key = fields.Integer()
    name = fields.Char(string="Role in the Project", readonly=True)
    user_id = fields.Many2one("res.users", string="Colleague", domain="[('share', '=', False)]")
