from odoo import models
from odoo.exceptions import UserError

from ..tools import acceptance as reading
from .kams_tender_clause import MET


class KamsAcceptance(models.Model):
    """What is to be inspected isn't typed again: requirements, clauses we said yes to, the contract (8.3)."""

    _inherit = "kams.acceptance"

    # ACTIONS
    def action_take_criteria(self):
        """Take over what was agreed and isn't among the criteria yet."""
        self.check_access("write")
        self._check_free()
        for acceptance, rows in self._agreed().items():
            if not rows and not acceptance.criterion_ids:
                raise UserError(
                    self.env._(
                        "“%s”: neither requirements, nor answered clauses, nor a quality in the contract are recorded. "
                        "Write the criteria down, or paste them.",
                        acceptance.display_name,
                    )
                )
            acceptance._add_criteria(rows)
        return True

    def action_paste_criteria(self):
        """A table of criteria from another document."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Paste Criteria"),
            "res_model": "kams.acceptance.paste",
            "view_mode": "form",
            "target": "new",
            "context": {"default_acceptance_id": self.id},
        }

    # BUSINESS
    def _add_criteria(self, rows):
        """Append those that aren't there yet, by where they come from and by their words."""
        self.ensure_one()
        seen = {_words(one.item) for one in self.criterion_ids}
        last, wanted = max(self.criterion_ids.mapped("sequence"), default=0), []
        for row in rows:
            if (words := _words(row["item"])) not in seen:
                seen.add(words)
                wanted.append({"acceptance_id": self.id, "sequence": last + len(wanted) + 1, **row})
        return self.env["kams.acceptance.criterion"].create(wanted)

    def _agreed(self):
        """``{acceptance: values of criteria}``: two searches for all of them, as the user may read them."""
        requirements = self.env["kams.requirement"].search(
            [("lead_id", "in", self.lead_id.ids), ("fit", "!=", "unsupported")]
        )
        tenders = self.contract_id.tender_id | self.lead_id.kams_tender_ids.filtered(lambda one: one.result == "won")
        clauses = self.env["kams.tender.clause"].search(
            [("tender_id", "in", tenders.ids), ("status", "in", MET), ("kind", "in", ("technical", "contract"))]
        )
        of_deal, of_tender = requirements.grouped("lead_id"), clauses.grouped("tender_id")
        agreed = {}
        for acceptance in self:
            known = acceptance.criterion_ids
            of = acceptance.contract_id.tender_id or acceptance.lead_id.kams_tender_ids & tenders
            agreed[acceptance] = [
                *(
                    one._acceptance_criterion()
                    for one in of_deal.get(acceptance.lead_id, requirements.browse())
                    if one not in known.requirement_id
                ),
                *(
                    one._acceptance_criterion()
                    for tender in of
                    for one in of_tender.get(tender, clauses.browse())
                    if one not in known.clause_id
                ),
                *acceptance.contract_id._acceptance_criteria(),
            ]
        return agreed


class KamsRequirement(models.Model):
    """A requirement is what an acceptance looks at."""

    _inherit = "kams.requirement"

    def _acceptance_criterion(self):
        return {
            "item": self.name,
            "standard": self.description,
            "aspect": "service"
            if self.type == "service"
            else reading.aspect_of(f"{self.name} {self.description or ''}"),
            "source": " ".join(filter(None, (self.env._("Requirement"), self.code))),
            "requirement_id": self.id,
        }


class KamsTenderClause(models.Model):
    """A clause that the bid says yes to is what an acceptance looks at."""

    _inherit = "kams.tender.clause"

    def _acceptance_criterion(self):
        return {
            "item": self.text,
            "standard": self.response,
            "aspect": reading.aspect_of(self.text),
            "source": " ".join(filter(None, (self.env._("Clause"), self.clause_no))),
            "clause_id": self.id,
        }


class KamsContract(models.Model):
    """The quality that a contract agrees on is what an acceptance looks at, line by line."""

    _inherit = "kams.contract"

    def _acceptance_criteria(self):
        return [
            {"item": item, "standard": standard, "aspect": aspect, "source": self.env._("Contract: quality agreed")}
            for item, standard, aspect in reading.read_criteria(self.quality_text)
        ]


def _words(text):
    return " ".join((text or "").split()).casefold()
