from ast import literal_eval
from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from . import evidence_dependencies, evidence_path
from .evidence_dependencies import Dependency, Untraceable

OWNER_ROLES = [
    ("sales", "Salesperson"),
    ("presales", "Presales"),
    ("manager", "Sales Manager"),
    ("bid", "Bid Desk"),
    ("legal", "Legal"),
    ("finance", "Finance"),
    ("delivery", "Delivery Team"),
]


class PointFacts(NamedTuple):
    """What the gate must know of a control point, without a query."""

    id: int
    phase_id: int
    mandatory: bool
    dynamic: bool


class PointWords(NamedTuple):
    """What people read of a control point, in their language."""

    label: str
    hint: str
    elsewhere: bool  # its evidence is recorded somewhere else than on the deal itself


class KamsControlPoint(models.Model):
    """What must be on record before a deal may leave a phase: a milestone control point.

    Book sections 0.1 and 1.1 (里程碑控制点). The rule is data: at least ``minimum`` records of
    the evidence model that match a domain and lead to the deal. Where a domain cannot say it, a
    named rule answers for many deals at once (see ``kams_control_rule.py``). Nobody ticks a box.
    """

    _name = "kams.control.point"
    _description = "Milestone control point"
    _inherit = ["kams.process.part"]
    _order = "process_id, phase_sequence, sequence, id"

    phase_id = fields.Many2one(
        "kams.process.phase",
        string="Phase",
        required=True,
        ondelete="cascade",
        index=True,
        help="The deal cannot leave this phase before the point is met.",
    )
    process_id = fields.Many2one(related="phase_id.process_id", store=True, index=True)
    process_state = fields.Selection(related="process_id.state", string="Process Status")
    phase_sequence = fields.Integer(related="phase_id.sequence", store=True, string="Phase Order")
    company_id = fields.Many2one(related="process_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    code = fields.Char(required=True)
    name = fields.Char(required=True, translate=True)
    level = fields.Selection(
        [("mandatory", "Mandatory"), ("advisory", "Advisory")],
        default="mandatory",
        required=True,
        help="A mandatory point holds the deal; an advisory one only shows what is missing.",
    )
    weight = fields.Float(default=1.0, help="How much this point counts in compliance figures.")
    owner_role = fields.Selection(OWNER_ROLES, default="sales", required=True, string="Owed By")
    evidence_hint = fields.Text(
        string="What Would Meet It",
        translate=True,
        help="One sentence for the salesperson: what to record, and where.",
    )
    # Whether it applies
    applicability = fields.Char(
        default="[]", help="Deals to which the point applies. For all others it is not applicable."
    )
    # The rule
    rule_type = fields.Selection(
        [("evidence", "Recorded evidence"), ("named", "Named rule")], default="evidence", required=True
    )
    evidence_model = fields.Char(
        default="crm.lead", help="The kind of record that counts as evidence, by its technical name."
    )
    evidence_model_id = fields.Many2one(
        "ir.model",
        string="Evidence",
        compute="_compute_evidence_model_id",
        inverse="_inverse_evidence_model_id",
        domain=[("transient", "=", False), ("abstract", "=", False)],
    )
    evidence_path = fields.Char(
        string="Path to the Deal",
        default="id",
        help="How to get from the evidence to the deal, field by field, such as order_id.opportunity_id. "
        "For the deal itself: id.",
    )
    evidence_domain = fields.Char(default="[]", help="Which records count.")
    minimum = fields.Integer(default=1, help="How many matching records are needed.")
    rule_key = fields.Selection(selection="_selection_rule_key", string="Named Rule")

    check_ids = fields.One2many("kams.control.check", "point_id", string="Checks")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for point in self:
            point.display_name = f"{point.code} {point.name}" if point.code else point.name

    @api.depends("evidence_model")
    def _compute_evidence_model_id(self):
        for point in self:
            # sudo: only the model's name is shown, to people who may not read ir.model
            point.evidence_model_id = (
                self.env["ir.model"].sudo().search([("model", "=", point.evidence_model or "")], limit=1)
            )

    def _inverse_evidence_model_id(self):
        for point in self:
            # sudo: a model's technical name, which directors can't read
            point.evidence_model = point.evidence_model_id.sudo().model or False

    @api.onchange("evidence_model_id")
    def _onchange_evidence_model_id(self):
        """Offer the obvious way from the chosen record to its deal."""
        model = self.evidence_model_id.model
        self.evidence_model = model
        self.evidence_domain = "[]"
        if not model or model not in self.env:
            return
        if model == "crm.lead":
            self.evidence_path = "id"
        else:
            links = [
                name
                for name, field in self.env[model]._fields.items()
                if field.type == "many2one" and field.comodel_name == "crm.lead" and field.store
            ]
            self.evidence_path = links[0] if links else False

    @api.constrains("code", "phase_id")
    def _check_code(self):
        for process, code, points in self._read_group(
            [("process_id", "in", self.process_id.ids)],
            ["process_id", "code"],
            ["id:recordset"],
            having=[("__count", ">", 1)],
        ):
            raise ValidationError(
                self.env._(
                    "Control points %(points)s of process %(process)s share the code %(code)s. Give each its own code.",
                    points=", ".join(points.mapped("name")),
                    process=process.display_name,
                    code=code,
                )
            )

    @api.constrains(
        "rule_type", "evidence_model", "evidence_path", "evidence_domain", "minimum", "rule_key", "applicability"
    )
    def _check_rule(self):
        """Refuse a rule that could not be evaluated, or whose evidence could not be followed."""
        for point in self:
            point._check_applicability()
            if point.rule_type == "named":
                if not point.rule_key:
                    point._refuse_rule(self.env._("choose the named rule."))
                continue
            if point.minimum < 1:
                point._refuse_rule(
                    self.env._("a minimum of %s would always be met. Ask for at least one record.", point.minimum)
                )
            model = self.env.get(point.evidence_model or "")
            if model is None or model._abstract or model._transient:
                point._refuse_rule(
                    self.env._(
                        "records of “%s” are not available here. Install the app that brings them, or choose "
                        "another evidence.",
                        point.evidence_model or "",
                    )
                )
            point._check_path(model)
            if point.minimum > 1 and not point._path():
                point._refuse_rule(
                    self.env._("a deal is one record, so %s of it are never found. Ask for one.", point.minimum)
                )
            point._check_domain("evidence_domain", model)
            try:
                evidence_dependencies.of_rule(model, point._domain("evidence_domain"), point._paths())
            except Untraceable as error:
                point._refuse_rule(
                    self.env._(
                        "changes of “%s” cannot be followed. Use a stored field, or one computed from stored fields.",
                        error.args[0],
                    )
                )

    def _check_applicability(self):
        lead = self.env["crm.lead"]
        self._check_domain("applicability", lead)
        try:
            evidence_dependencies.of_rule(lead, self._domain("applicability"))
        except Untraceable as error:
            self._refuse_rule(
                self.env._("changes of “%s” on the deal cannot be followed. Use a stored field.", error.args[0])
            )

    def _check_path(self, model):
        target = model
        for name in self._path().split(".") if self._path() else []:
            field = target._fields.get(name) if target is not None else None
            if field is None:
                self._refuse_rule(
                    self.env._(
                        "the path “%(path)s” breaks at “%(field)s”, which is not a field there.",
                        path=self.evidence_path,
                        field=name,
                    )
                )
            target = self.env[field.comodel_name] if field.relational else None
        if target is None or target._name != "crm.lead":
            self._refuse_rule(
                self.env._(
                    "the path “%(path)s” from “%(model)s” does not end at a deal. Name the fields that lead from "
                    "the evidence to the opportunity.",
                    path=self.evidence_path or "",
                    model=self.evidence_model,
                )
            )

    def _check_domain(self, fname, model):
        try:
            self._domain(fname).validate(model)
        except (ValueError, SyntaxError, TypeError, KeyError, AttributeError, UserError) as error:
            self._refuse_rule(
                self.env._(
                    "its domain %(domain)s cannot be used on “%(model)s”: %(error)s",
                    domain=self[fname],
                    model=model._name,
                    error=error,
                )
            )

    def _refuse_rule(self, reason):
        raise ValidationError(self.env._("Control point %(point)s: %(reason)s", point=self.display_name, reason=reason))

    # ORM
    def _register_hook(self):
        super()._register_hook()
        self.pool.kams_watching = True

    @api.model_create_multi
    def create(self, vals_list):
        self.pool.kams_watching = True  # while the addon installs, its demo deals are watched as well
        return super().create(vals_list)

    # ACTIONS
    def action_try(self):
        """Open the trial: does a deal meet this point, and which deals would it hold up?"""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Try %s", self.display_name),
            "res_model": "kams.point.trial",
            "view_mode": "form",
            "target": "new",
            "context": {"default_point_id": self.id},
        }

    # BUSINESS: what the rule is
    def _domain(self, fname):
        """A stored domain as :class:`Domain`. Raises ValueError or SyntaxError when it doesn't parse."""
        return Domain(literal_eval((self[fname] or "[]").strip()))

    def _path(self):
        """The path from evidence to deal; empty when the evidence is the deal."""
        path = (self.evidence_path or "").strip()
        return "" if path == "id" else path

    def _paths(self):
        return [self._path()] if self._path() else []

    # BUSINESS: evaluation
    def _evaluate(self, deals):
        """Ask every point about all deals at once: a constant number of statements per point.

        :param deals: deals of any process
        :return: ``{point id: {deal id: "model,id" of its evidence}}``, met deals only
        """
        answers = {}
        # sudo: evidence counts whoever may see it; a check gives away only that it exists
        for point in self.sudo():
            if point.rule_type == "named":
                answers[point.id] = point._evaluate_named(deals)
            else:
                answers[point.id] = point._evaluate_evidence(deals)
        return answers

    def _evaluate_evidence(self, deals):
        if self.evidence_model not in self.env or not deals:
            return {}  # its app was uninstalled: nothing can meet the point any more
        model = self.env[self.evidence_model].with_context(active_test=False)
        domain, path = self._domain("evidence_domain"), self._path()
        if "active" in model._fields and model._name != "crm.lead":
            domain &= Domain("active", "=", True)
        if not path:
            return {
                id_: f"crm.lead,{id_}" for id_ in model._search(domain & Domain("id", "in", deals.ids)).get_result_ids()
            }
        rows = evidence_path.found(model, domain, path, deals.ids)
        return {deal_id: f"{model._name},{last}" for deal_id, count, last in rows if count >= self.minimum}

    def _applicable(self, deals):
        """``{point id: set of deal ids}`` to which each point applies, phases masked by mode included."""
        result = {}
        lead = self.env["crm.lead"].sudo().with_context(active_test=False)  # sudo: ids only, for the engine
        for point in self.sudo():
            domain = point._domain("applicability")
            modes = point.phase_id.procurement_modes.mapped("code")
            if modes:
                domain &= Domain("kams_procurement_mode", "in", [*modes, False])
            if domain.is_true():
                result[point.id] = set(deals.ids)
            else:
                result[point.id] = set(lead._search(domain & Domain("id", "in", deals.ids)).get_result_ids())
        return result

    # BUSINESS: what the engine keeps at hand
    @api.model
    @tools.ormcache("process_id")
    def _facts(self, process_id):
        """The points of one process as ``(PointFacts, ...)``, cached."""
        # sudo: structure only, for the engine
        points = self.sudo().search([("process_id", "=", process_id)])
        return tuple(
            PointFacts(point.id, point.phase_id.id, point.level == "mandatory", point._dependencies()[1])
            for point in points
        )

    @api.model
    @tools.ormcache("point_id", "self.env.lang")
    def _words(self, point_id):
        """What people read of a point, cached. sudo: nothing else of it is read, and all who sell may read points."""
        point = self.sudo().browse(point_id)
        return PointWords(point.display_name, point.evidence_hint, point._records() != "crm.lead")

    def _records(self):
        """The kind of record on which a person records what would meet this point."""
        return self._recorded_on()[0]

    def _recorded_on(self):
        """``(model, path from it to the deal)`` of what a person records to meet this point.

        A rule on the deal that asks for lines of it ("no objection that …") is met on these lines.
        """
        if self.rule_type == "named" and self.rule_key:
            return self._named_rule().records, ""
        if self.evidence_model == "crm.lead":
            for condition in self._domain("evidence_domain").iter_conditions():
                field = self.env["crm.lead"]._fields.get(condition.field_expr)
                if condition.operator in evidence_dependencies.ANY_OPERATORS and field and field.type == "one2many":
                    return field.comodel_name, field.inverse_name
        return self.evidence_model, self._path()

    def _dependencies(self):
        """What turns this point, its rule and its applicability taken together.

        :return: ``({(evidence model, path to the deal, Dependency), ...}, dynamic)``
        """
        lead = self.env["crm.lead"]
        masks = ["kams_procurement_mode"] if self.phase_id.procurement_modes else []
        parts = [("crm.lead", "", evidence_dependencies.of_rule(lead, self._domain("applicability"), masks))]
        dynamic = False
        if self.rule_type == "named":
            rule = self._named_rule()
            dynamic = rule.dynamic
            parts.append(("crm.lead", "", evidence_dependencies.of_rule(lead, [], rule.depends)))
        elif self.evidence_model in self.env:
            model, domain = self.env[self.evidence_model], self._domain("evidence_domain")
            found = evidence_dependencies.of_rule(model, domain, self._paths())
            parts.append((self.evidence_model, self._path(), found))
        items = {(model, path, item) for model, path, found in parts for item in found.items}
        return self._straight(items), dynamic or any(found.dynamic for _model, _path, found in parts)

    def _straight(self, items):
        """A deal that is put under another record at the path's end alone is asked, not all deals of that record."""
        path = self._path()
        if self.rule_type == "named" or not path or self.evidence_model not in self.env:
            return items
        # what the domain itself reads of a record's deals counts for all of them
        model = self.env[self.evidence_model]
        read = evidence_dependencies.of_rule(model, self._domain("evidence_domain")).items
        return {
            ("crm.lead", "", Dependency("crm.lead", item.field, ""))
            if (of_model, of_path, item.model, item.prefix) == (self.evidence_model, path, "crm.lead", path)
            and item.field
            and item not in read
            else (of_model, of_path, item)
            for of_model, of_path, item in items
        }

    @api.model
    @tools.ormcache("self.env.lang")
    def _evidence_models(self):
        """The kinds of record that points rest on, as ``[(model, label), ...]``, cached: every deal's view asks."""
        names = {point.evidence_model for point in self.sudo().search([])}  # sudo: names of models, nothing else
        lead = self.env["crm.lead"]
        for key in self._rule_labels():
            for path in self.new({"rule_key": key})._named_rule().depends:
                names.add(lead._fields[path.split(".")[0]].comodel_name or lead._name)
        models_known = self.env["ir.model"].sudo()  # sudo: as above
        return [(name, models_known._get(name).name) for name in sorted(names - {False}) if name in self.env]

    @api.model
    @tools.ormcache()
    def _watch(self):
        """What the ORM hooks look for: ``{model: {field: {route: (point ids)}}}``.

        A route is ``(evidence model, prefix, path)``: from the changed record back along ``prefix``
        to the evidence, and from there along ``path`` to the deals. The field ``None`` stands for
        the record's deletion. Only processes that can have deals are watched.
        """
        watch = defaultdict(lambda: defaultdict(lambda: defaultdict(set)))
        # sudo: structure only, for the engine
        for point in self.sudo().search([("process_id.state", "!=", "draft")]):
            for evidence_model, path, item in point._dependencies()[0]:
                if item.model == "crm.lead" and item.field is None and item.prefix == path:
                    continue  # the deal itself is deleted, its checks with it
                watch[item.model][item.field][(evidence_model, item.prefix, path)].add(point.id)
            if point.rule_type == "evidence" and point._path():
                # a new or deleted evidence record counts even if its rule reads no field
                watch[point.evidence_model][None][(point.evidence_model, "", point._path())].add(point.id)
        return {
            model: {
                field: {route: tuple(sorted(ids)) for route, ids in routes.items()}
                for field, routes in by_field.items()
            }
            for model, by_field in watch.items()
        }
