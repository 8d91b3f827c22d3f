"""Which changes can turn a control point: derived from its rule, never listed by hand.

A rule reads fields, some of them far away: ``order_line.product_id.type`` on a quotation.
:func:`of_rule` walks such paths through the registry and answers with the stored fields
behind them and the way back from a changed record to the evidence record it belongs to.
"""

from typing import NamedTuple

from odoo.fields import Date, Domain

ANY_OPERATORS = ("any", "not any", "any!", "not any!")


class Untraceable(ValueError):
    """A rule reads something whose changes cannot be followed. ``args[0]``: the field's path."""


class Dependency(NamedTuple):
    """A change of ``field`` on ``model`` may turn the rule for the evidence ``prefix`` leads from.

    ``field`` None: only the record's deletion counts. ``prefix``: dotted path from the evidence
    model to ``model``; empty when they are the same.
    """

    model: str
    field: str | None
    prefix: str


class Dependencies(NamedTuple):
    """All changes that count, and whether the answer also changes as time goes by."""

    items: frozenset
    dynamic: bool


def of_rule(model, domain, paths=()):
    """What a rule on ``model`` depends on.

    :param model: empty recordset of the evidence model
    :param domain: the rule's domain (list or Domain)
    :param paths: further dotted paths that the rule reads, the path to the deal among them
    :return: :class:`Dependencies`
    :raise Untraceable: when a field's changes cannot be followed
    """
    walker = _Walker()
    walker.domain(model, Domain(domain), "")
    for path in paths:
        walker.path(model, path, "")
    if "active" in model._fields:
        walker.path(model, "active", "")
    return Dependencies(frozenset(walker.items), walker.dynamic)


class _Walker:
    def __init__(self):
        self.items = set()
        self.dynamic = False
        self._seen = set()

    def domain(self, model, domain, prefix):
        for condition in domain.iter_conditions():
            comodel, field, path = self.path(model, condition.field_expr, prefix)
            if condition.operator in ANY_OPERATORS and comodel is not None:
                self.domain(comodel, Domain(condition.value), path)
            elif field is not None and field.type in ("date", "datetime"):
                self.dynamic |= any(map(_is_relative, _values(condition.value)))

    def path(self, model, expression, prefix):
        """Walk a dotted path; answer (comodel or None, last field, path from the evidence model)."""
        comodel, field = model, None
        for name in filter(None, expression.split(".")):
            if field is not None and field.type in ("date", "datetime", "properties"):
                break  # a granularity or a property: the field itself is what changes
            if comodel is None or name not in comodel._fields:
                raise Untraceable(expression)
            field = comodel._fields[name]
            self.field(comodel, field, prefix)
            prefix = f"{prefix}.{name}" if prefix else name
            comodel = comodel.env[field.comodel_name] if field.relational else None
        return comodel, field, prefix

    def field(self, model, field, prefix):
        if field.name == "id" or (model._name, field.name, prefix) in self._seen:
            return
        self._seen.add((model._name, field.name, prefix))
        path = f"{prefix}.{field.name}" if prefix else field.name
        if not field.store:
            self.computed(model, field, prefix, path)
        elif field.type == "one2many":
            self.items.add(Dependency(field.comodel_name, field.inverse_name, path))
            self.items.add(Dependency(field.comodel_name, None, path))
        elif field.type == "many2many":
            self.items.add(Dependency(model._name, field.name, prefix))
            if field.ondelete != "restrict":  # else the database keeps what is linked
                self.items.add(Dependency(field.comodel_name, None, path))
            for inverse in model.pool.field_inverses[field]:
                self.items.add(Dependency(inverse.model_name, inverse.name, path))
        else:
            self.items.add(Dependency(model._name, field.name, prefix))
            if field.type == "many2one" and field.ondelete != "restrict":
                self.items.add(Dependency(field.comodel_name, None, path))

    def computed(self, model, field, prefix, path):
        """A value made on the fly changes with what it is made from, and maybe with the day."""
        sources = model.pool.field_depends[field]
        if not sources or not field._description_searchable:
            raise Untraceable(path)
        self.dynamic |= not field.related
        for source in sources:
            self.path(model, source, prefix)


def _values(value):
    return value if isinstance(value, (list, tuple, set, frozenset)) else [value]


def _is_relative(value):
    """Whether a date in a domain moves with the clock ("today", "-30d"), unlike "2026-01-31"."""
    if not isinstance(value, str):
        return False
    try:
        Date.to_date(value[:10])
    except ValueError:
        return True
    return False
