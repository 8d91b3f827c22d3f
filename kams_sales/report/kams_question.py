import re

from odoo import api, models
from odoo.fields import Domain

WORD = re.compile(r"\w+")


class KamsQuestion(models.AbstractModel):
    """A report that reads only what a question for groups wants of it.

    Reports whose statement would read more than a question needs say in :meth:`_as_asked` how they are asked then. It
    goes along in the context, for this question alone: records that the answer holds know nothing of it, else they
    would take columns that nobody read for empty ones.
    """

    _name = "kams.question"
    _description = "Report that reads what it is asked"

    # ORM
    @api.model
    def _read_group(self, domain, groupby=(), aggregates=(), having=(), offset=0, limit=None, order=None):
        asking = self._as_asked(domain, groupby, aggregates, having, order)
        groups = super(KamsQuestion, asking)._read_group(
            domain, groupby, aggregates, having=having, offset=offset, limit=limit, order=order
        )
        return self._answered(groups)

    @api.model
    def _read_grouping_sets(self, domain, grouping_sets, aggregates=(), order=None):
        groupby = [spec for one in grouping_sets for spec in one]
        asking = self._as_asked(domain, groupby, aggregates, order=order)
        sets = super(KamsQuestion, asking)._read_grouping_sets(domain, grouping_sets, aggregates, order=order)
        return [self._answered(groups) for groups in sets]

    # BUSINESS
    @api.model
    def _as_asked(self, domain, groupby, aggregates, having=(), order=None):
        """This report as it is asked: with what it need not read in its context."""
        return self

    @api.model
    def _answered(self, groups):
        """What was asked stays in this question: records go on without it."""
        return [
            tuple(value.with_env(self.env) if isinstance(value, models.BaseModel) else value for value in group)
            for group in groups
        ]

    @api.model
    def _names_in(self, domain, *specs, having=(), order=None):
        """Names that a question mentions, the fields' among them, and those that these are made of.

        :param specs: of groups and measures
        """
        told = [*specs, order or "", *(str(part) for part in having)]
        told += [condition.field_expr for condition in Domain(domain).iter_conditions()]
        names = {word for one in told for word in WORD.findall(one)}
        queue = list(names)
        while queue:
            more = set(self._made_of(queue.pop())) - names
            names |= more
            queue += more
        return names

    @api.model
    def _made_of(self, name):
        """The columns that a measure is made of, besides one of its own name."""
        return ()
