from typing import NamedTuple

from odoo import api, fields, models

# What the program may write anew as long as nobody has changed it by hand
KEPT = ("section", "name", "user_id", "date_due", "partner_id")


class Found(NamedTuple):
    """A point that a record gives rise to."""

    source: models.BaseModel
    deal: models.BaseModel
    section: str
    name: str
    user: models.BaseModel | None = None
    date_due: object = False
    partner: models.BaseModel | None = None
    contract: models.BaseModel | None = None  # a handover about another contract doesn't want it


class KamsHandover(models.Model):
    """Points are collected from what was recorded on the deal; collecting again keeps what people wrote (7.7 交底).

    A chapter adds what it knows by a method that it names in ``_collectors``: it gets the deals and yields
    :class:`Found`, reading as the user who collects, in a constant number of statements.
    """

    _inherit = "kams.handover"

    # ACTIONS
    def action_collect(self):
        """Collect anew: what is new comes in, what changed is said anew, what is over goes, what is typed stays."""
        self.check_access("write")
        self._check_sales({"line_ids"})
        self._check_open()
        # in the language of who hands over, whoever collects: the same words twice are no change
        for lang, handovers in self.grouped(lambda one: one.user_id.lang or self.env.lang).items():
            handovers.with_context(lang=lang)._collect()
        self._engine().write({"collected_at": fields.Datetime.now()})
        return True

    # BUSINESS
    @api.model
    def _source_models(self):
        """The kinds of records that points may come from."""
        return []

    @api.model
    def _collectors(self):
        """Methods that get deals and yield :class:`Found`."""
        return []

    def _collect(self):
        found = {}
        for collect in self._collectors():
            for point in collect(self.lead_id):
                found.setdefault(point.deal.id, []).append(point)
        lines = self.env["kams.handover.line"].with_context(**self._engine().env.context)
        known = {(line.handover_id.id, *line._key()): line for line in self.line_ids if line.source_name}
        created, kept = [], lines.browse()
        for handover in self.with_env(lines.env):
            for place, point in enumerate(found.get(handover.lead_id.id, ()), 1):
                if point.contract and handover.contract_id and point.contract != handover.contract_id:
                    continue
                values = handover._point_values(point)
                line = known.get((handover.id, values["collected"]["source"], point.section))
                if not line:
                    created.append({**values, "handover_id": handover.id, "sequence": place})
                else:
                    line.with_env(lines.env)._say_anew(values)
                    kept |= line
        over = self._over(lines.concat(*known.values()) - kept)
        over.with_env(lines.env).unlink()
        lines.create(created)

    def _point_values(self, point):
        values = {
            "section": point.section,
            "name": point.name,
            "user_id": point.user.id if point.user else False,
            "date_due": fields.Date.to_string(point.date_due) if point.date_due else False,
            "partner_id": point.partner.id if point.partner else False,
        }
        source = f"{point.source._name},{point.source.id}"
        return {
            **values,
            "source_name": self._source_label(point.source),
            "collected": {**values, "source": source},
        }

    def _source_label(self, source):
        """The kind of record and its name, readable also by who can't open it."""
        name = " ".join((source.display_name or "").split())
        return f"{self.env['ir.model']._get(source._name).name}: {name if len(name) <= 60 else name[:59] + '…'}"

    def _over(self, lines):
        """Of these lines, those that no record stands for any more and nobody has written on.

        A record that the user may not read says nothing: its line stays.
        """
        gone = lines.browse()
        untouched = lines.filtered(lambda line: not line._by_hand())
        for model, some in untouched.grouped(lambda line: line._source_of()[0]).items():
            ids = {line._source_of()[1] for line in some}
            records = self.env[model]
            there = set(records.browse(ids).exists().ids)
            seen = set(records.search([("id", "in", list(there))]).ids) if records.has_access("read") else set()
            over = (ids - there) | seen
            gone |= some.filtered(lambda line, over=over: line._source_of()[1] in over)
        return gone


class KamsHandoverLine(models.Model):
    """How a point that was collected is found again, and what of it was written by hand."""

    _inherit = "kams.handover.line"

    # BUSINESS
    def _key(self):
        """The record a line comes from, as stored, and the section it was collected for."""
        return (self.collected or {}).get("source") or "", (self.collected or {}).get("section")

    def _source_of(self):
        """Kind and id of the record a line comes from; it may be gone."""
        model, id_ = self._key()[0].split(",")
        return model, int(id_)

    def _typed(self):
        """Which of the collected values somebody has changed."""
        self.ensure_one()
        before = self.collected or {}
        now = {
            "section": self.section,
            "name": self.name,
            "user_id": self.user_id.id,
            "date_due": fields.Date.to_string(self.date_due) if self.date_due else False,
            "partner_id": self.partner_id.id,
        }
        return {name for name in KEPT if now[name] != before.get(name)}

    def _by_hand(self):
        return bool(self._typed() or self.note or self.left_out or self.question or self.answer)

    def _say_anew(self, values):
        """Take over what the record says now, but for what was changed by hand."""
        typed = self._typed()
        now = {name: values[name] for name in KEPT if name not in typed}
        changed = {name: value for name, value in now.items() if value != (self.collected or {}).get(name)}
        if changed or values["source_name"] != self.source_name:
            again = {"understood": False} if changed else {}
            self.write({**now, **again, "source_name": values["source_name"], "collected": values["collected"]})
