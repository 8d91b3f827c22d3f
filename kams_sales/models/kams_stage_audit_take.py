from datetime import timedelta

from odoo import Command, api, fields, models

from ..tools import compliance
from .kams_process_phase import PHASE_CODES

ORDER = [code for code, _label in PHASE_CODES]
# What a deal should say, and from which phase on: (key, phase)
EXPECTED = [
    ("customer", "development"),
    ("salesperson", "development"),
    ("source", "development"),
    ("next_step", "development"),
    ("contact", "development"),
    ("amount", "initiation"),
    ("deadline", "initiation"),
    ("mode", "initiation"),
    ("chain", "initiation"),
    ("competitor", "proposal"),
    ("decider", "proposal"),
    ("judgement", "proposal"),
]


class KamsStageAudit(models.Model):
    """What an audit takes from its deal on the day: points, data quality, time in the phase. All deals at once."""

    _inherit = "kams.stage.audit"

    # BUSINESS
    def _take(self):
        """Keep what is on record today; what the auditor wrote to a point stays, if the point is still there."""
        if not self:
            return
        today = fields.Date.context_today(self)
        deals = self.lead_id
        # sudo: an audit is of all that is on record, as the engine knows it; the auditor must be able to read the deal
        deals.check_access("read")
        standings, points = deals.sudo()._kams_standings(), self._points_of(deals)
        answers = self._answers_of(deals, today)
        for audit in self:
            deal = audit.lead_id
            standing = standings.get(deal.id)
            asked = self._asked_of(deal)
            said = {key: answers[key].get(deal.id, False) for key in asked}
            notes = {check.point_id.id: check for check in audit.check_ids}
            audit._engine().write(
                {
                    "date": today,
                    "phase_id": deal.kams_phase_id.id,
                    "phase_code": deal.kams_phase_id.code,
                    "owner_id": deal.user_id.id,
                    "days_in_phase": standing and standing.days,
                    "standard_days": standing and standing.standard_days,
                    "is_stagnant": bool(standing and standing.stagnant),
                    "data_quality": compliance.share(said.values()),
                    "data_lacks": "\n".join(self._label_of(key) for key, yes in said.items() if not yes),
                }
            )
            # sudo: nobody may add or drop points of an audit but the audit itself
            audit.sudo()._engine().check_ids = [
                Command.clear(),
                *(
                    Command.create(
                        {
                            **point,
                            "judgement": notes[point["point_id"]].judgement if point["point_id"] in notes else False,
                            "note": notes[point["point_id"]].note if point["point_id"] in notes else False,
                        }
                    )
                    for point in points.get(deal.id, ())
                ),
            ]

    @api.model
    def _points_of(self, deals):
        """``{deal id: values of the points it has behind it or stands before}``, as ``kams.compliance`` has them."""
        # sudo: as in _take; below as well
        self.env["kams.control.check"].sudo()._refresh_pending()
        self.env.flush_all()
        self.env["kams.compliance"].invalidate_model(flush=False)  # what was read of it before may have changed
        rows = self.env["kams.compliance"].sudo().search([("lead_id", "in", deals.ids)])
        checks = self.env["kams.control.check"].sudo().browse(rows.ids)  # a row has the id of its check
        kinds = {**dict(checks._selection_evidence_ref()), "crm.lead": self.env._("The deal itself")}
        result = {}
        for row, check in zip(rows, checks, strict=True):
            kind = check.evidence_ref._name if check.evidence_ref else False
            result.setdefault(row.lead_id.id, []).append(
                {
                    "point_id": row.point_id.id,
                    "name": row.point_label,
                    "phase_id": row.phase_id.id,
                    "sequence": check.phase_sequence * 1000 + check.sequence,
                    "level": row.level,
                    "state": row.state,
                    "lapsed": row.lapsed,
                    "weight": row.weight,
                    "evidence": kinds.get(kind, False),
                    "waiver_approver_id": row.waiver_approver_id.id if row.state == "waived" else False,
                    "waiver_reason": row.waiver_reason if row.state == "waived" else False,
                    "waiver_expiry": row.waiver_expiry if row.state == "waived" else False,
                }
            )
        return {id_: sorted(values, key=lambda one: one["sequence"]) for id_, values in result.items()}

    @api.model
    def _asked_of(self, deal):
        """What a deal in its phase should say."""
        place = ORDER.index(deal.kams_phase_id.code) if deal.kams_phase_id else 0
        keys = [key for key, since in EXPECTED if place >= ORDER.index(since)]
        # who is won needs no judging and no expected closing any more
        return [key for key in keys if key not in ("deadline", "judgement")] if deal.won_status == "won" else keys

    @api.model
    def _answers_of(self, deals, today):
        """``{key: {deal id: True}}``: which deals say what. A constant number of statements."""
        days = self.env["kams.legal.rule"]._value("stage_audit_contact_days", today) or 30
        now = fields.Datetime.now()
        # sudo: only whether there is something, as in _take
        deals = deals.sudo()

        def known(condition):
            return {deal.id: True for deal in deals if condition(deal)}

        def linked(model, domain, link="lead_id"):
            groups = self.env[model].sudo()._read_group([(link, "in", deals.ids), *domain], [link])  # sudo: likewise
            return {(deal.id if hasattr(deal, "id") else deal): True for (deal,) in groups}

        meetings = "calendar.event", "opportunity_id"
        held = linked(meetings[0], [("stop", "<=", now), ("stop", ">=", now - timedelta(days=days))], meetings[1])
        to_come = linked(meetings[0], [("start", ">", now)], meetings[1])
        planned = linked("mail.activity", [("res_model", "=", "crm.lead"), ("date_deadline", ">=", today)], "res_id")
        return {
            "customer": known(lambda deal: deal.partner_id),
            "salesperson": known(lambda deal: deal.user_id.active),
            "source": known(lambda deal: deal.source_id),
            "next_step": {**to_come, **planned},
            "contact": held,
            "amount": known(lambda deal: deal.expected_revenue > 0),
            "deadline": known(lambda deal: deal.date_deadline and deal.date_deadline >= today),
            "mode": known(lambda deal: deal.kams_procurement_mode),
            "chain": linked("kams.stakeholder", []),
            "competitor": linked("kams.competitor", []),
            "decider": linked("kams.stakeholder", [("mh_role", "=", "eb")]),
            "judgement": linked("kams.qualification", [("state", "=", "done")]),
        }

    @api.model
    def _label_of(self, key):
        return {
            "customer": self.env._("No customer"),
            "salesperson": self.env._("No salesperson who still works here"),
            "source": self.env._("No source"),
            "next_step": self.env._("No next step planned"),
            "contact": self.env._("No recent meeting with the customer"),
            "amount": self.env._("No expected revenue"),
            "deadline": self.env._("No expected closing that is still to come"),
            "mode": self.env._("Procurement mode unknown"),
            "chain": self.env._("Nobody in the decision chain"),
            "competitor": self.env._("No competitor"),
            "decider": self.env._("No economic buyer"),
            "judgement": self.env._("Not judged"),
        }[key]
