from odoo import api, models
from odoo.exceptions import AccessError, ValidationError

GATE = "kams.gate"  # precommit data: {deal id: (reason, gate result, note)}, read by the history
ADMITTED = "kams.admitted"  # precommit data: {deal id: (process id, stage id)} that the gate has let through
REFUSED = "kams.refused"  # precommit data: ids of deals whose move was refused, asked again before the commit


class InternalPass:
    """Something that only code in this process can put into a context: JSON has no such value."""

    def __init__(self, note=None):
        self.note = note


ADOPT = InternalPass()
LEAVE = InternalPass()
PASS = "kams_pass"  # the context key
MOVING = ("stage_id", "kams_phase_id")  # the fields that people move deals with


class CrmLead(models.Model):
    """The gate: a deal goes forward when the evidence is there, on every route into the database.

    One rule, :meth:`_kams_gate`, called where the ORM checks constraints (inside the call that moves
    the deal, for the whole batch) and again where columns are written, for code that goes round them.
    """

    _inherit = "crm.lead"

    @api.constrains("stage_id", "kams_process_id", "kams_procurement_mode")
    def _check_kams_gate(self):
        self._kams_gate()

    @api.constrains("kams_procurement_mode")
    def _check_kams_procurement_mode(self):
        """Modes are records, and the ORM takes any word for a selection that comes from records."""
        known = dict(self.env["kams.procurement.mode"]._selection())
        for lead in self:
            if lead.kams_procurement_mode and lead.kams_procurement_mode not in known:
                raise ValidationError(
                    self.env._(
                        "%(deal)s: there is no procurement mode “%(mode)s”. Choose one of: %(modes)s.",
                        deal=lead.display_name,
                        mode=lead.kams_procurement_mode,
                        modes=", ".join(known.values()),
                    )
                )

    # ORM
    def web_save_multi(self, vals_list, specification):
        """Move deals that are edited together in one batch: a refusal names them all."""
        moves = [{name: vals[name] for name in MOVING if name in vals} for vals in vals_list]
        if len(self) != len(vals_list) or not any(moves):
            return super().web_save_multi(vals_list, specification)
        for lead, vals in zip(self, vals_list, strict=True):
            lead.write({name: value for name, value in vals.items() if name not in MOVING})
        for place, move in enumerate(moves):
            if move and move not in moves[:place]:
                self.browse(lead.id for lead, own in zip(self, moves, strict=True) if own == move).write(move)
        return self.with_context(bin_size=True).web_read(specification)

    def _write_multi(self, vals_list):
        """Catch what wrote past the constraints: raw ``_write`` of a stage, of the mode, or of the process itself."""
        if any("stage_id" in vals or "kams_process_id" in vals for vals in vals_list):
            self._kams_gate_raw(vals_list)
        mode = "kams_procurement_mode"
        raw = self.browse(
            lead.id
            for lead, vals in zip(self, vals_list, strict=True)
            if mode in vals and (vals[mode] or False) != lead[mode]
        )
        result = super()._write_multi(vals_list)
        if raw:
            raw.invalidate_recordset([mode], flush=False)
            raw._check_kams_gate()
        return result

    def _kams_gate_raw(self, vals_list):
        admitted = self.env.cr.precommit.data.get(ADMITTED, {})
        maybe = set(self._kams_maybe_deals())
        targets = {}
        for lead, vals in zip(self, vals_list, strict=True):
            if "kams_process_id" not in vals and not ("stage_id" in vals and lead.id in maybe):
                continue
            process_id = vals["kams_process_id"] if "kams_process_id" in vals else lead.kams_process_id.id
            stage_id = vals["stage_id"] if "stage_id" in vals else lead.stage_id.id
            if admitted.get(lead.id) != (process_id or False, stage_id or False):
                targets[lead.id] = (process_id or False, stage_id or False)
        if targets:
            self.browse(targets)._kams_gate(targets)

    def _kams_check_process_change(self, vals):
        """A deal keeps the version it started with. Values that would change it are refused.

        :return: the values to write; an empty process on a plain deal is dropped, its team decides
        """
        passing = self.env.context.get(PASS)
        if passing in (ADOPT, LEAVE):
            return vals
        vals = {name: value for name, value in vals.items() if name != "kams_left"}
        if "kams_process_id" not in vals:
            return vals
        for lead in self:
            if lead.kams_process_id and lead.kams_process_id.id != vals["kams_process_id"]:
                lead._kams_refuse_process_change()
        if not vals["kams_process_id"]:
            return {name: value for name, value in vals.items() if name != "kams_process_id"}
        return vals

    def _kams_refuse_process_change(self):
        raise ValidationError(
            self.env._(
                "%(deal)s keeps %(process)s, the process it started with. A sales director can take it out of KAMS "
                "with “Leave KAMS”.",
                deal=self.display_name,
                process=self.kams_process_id.display_name,
            )
        )

    # ACTIONS
    def action_kams_leave(self):
        """Make deals plain opportunities again. Directors only; their history stays and says so."""
        deals = self._kams_director_may().filtered("kams_process_id")
        deals._kams_leave(for_good=True)
        for lead in deals:
            lead.message_post(body=self.env._("%s took this deal out of KAMS.", self.env.user.name))
        return True

    def action_kams_join(self):
        """Bring plain deals of teams that work by a process under it, where they stand. Directors only."""
        deals = self._kams_director_may().filtered(
            lambda lead: not lead.kams_process_id and lead.type == "opportunity" and lead.team_id.kams_process_id
        )
        for process, joining in deals.grouped(lambda lead: lead.team_id.kams_process_id).items():
            joining = joining.with_context(**{PASS: ADOPT})
            joining.write({"kams_process_id": process.id, "kams_left": False})
            joining.flush_recordset(["kams_process_id", "stage_id"])  # now, while the gate can see that it may
        for lead in deals:
            lead.message_post(body=self.env._("%s brought this deal under KAMS.", self.env.user.name))
        return True

    def _kams_director_may(self):
        """These deals, if the user is a director who may write them."""
        if not self.env.user.has_group("kams_sales.group_director"):
            raise AccessError(self.env._("Only a sales director brings a deal under KAMS, or takes it out."))
        self.check_access("write")
        return self

    # BUSINESS
    def _kams_leave(self, for_good=False):
        """Take deals out of their process. The caller has asked whether the user may.

        :param for_good: their team's process does not take them back by itself
        """
        leaving = self.with_context(**{PASS: LEAVE})
        leaving._kams_write_in_place({"kams_process_id": False, "kams_left": for_good})
        leaving.flush_recordset(["kams_process_id"])  # now, while the gate can see that it may
        # sudo: rows are the engine's; waivers stay, they are part of the deal's past
        self.sudo().kams_check_ids.filtered(lambda check: not check.waived_at).unlink()

    def _kams_write_in_place(self, vals):
        """Write a process that moves no deal: stage, and with it the lead scoring, are not computed anew."""
        with self.env.protecting(
            [self._fields[name] for name in ("stage_id", "probability", "automated_probability")], self
        ):
            self.write(vals)

    def _kams_gate(self, targets=None):
        """Refuse these deals' move unless all they leave behind is met or waived.

        What a deal has passed is read from its history, which nobody can write; where it wants to be
        is what stands on the record, or in ``targets``.

        :param targets: ``{deal id: (process id, stage id)}`` for values not yet on the record
        :raise ValidationError: naming each deal, each missing point and what would meet it;
            nothing of the batch is moved
        """
        wanted = {lead.id: (targets or {}).get(lead.id) or (lead.kams_process_id.id, lead.stage_id.id) for lead in self}
        raw = targets is not None
        concerned = self.browse([id_ for id_, (process_id, _stage) in wanted.items() if process_id or raw])
        if not concerned:
            return
        recorded = self.env["kams.deal.history"]._open_states(concerned.ids)
        passing = self.env.context.get(PASS)
        demands, moves, joined = {}, {}, []
        for lead in concerned:
            process_id, stage_id = wanted[lead.id]
            before = recorded.get(lead.id)
            if not process_id:
                if before and before[2] != "left" and passing is not LEAVE:
                    lead._kams_refuse_removal(before[0])
                continue
            if before is None or before[2] == "left":
                joined.append(lead.id)
                before = None
                lead._kams_check_may_start(process_id)
            demand, reason = lead._kams_demand(process_id, stage_id, before)
            if passing is ADOPT or (before is None and lead.kams_imported):
                reason = "adopted" if passing is ADOPT else "imported"
                moves[lead.id] = (reason, "exempt", None)
            elif demand:
                demands[lead.id] = demand
                moves[lead.id] = (reason, "pass", None)
            elif before is None:
                moves[lead.id] = (None, "none", None)
        if joined:
            self.env["kams.control.check"].sudo()._open_for(self.browse(joined))  # sudo: rows are the engine's
        data = self.env.cr.precommit.data
        # before judging: to judge is to flush, evidence in the same call included, and a flush comes by here
        data.setdefault(ADMITTED, {}).update(
            {id_: (process_id or False, stage_id or False) for id_, (process_id, stage_id) in wanted.items()}
        )
        if demands:
            try:
                self._kams_settle(demands, moves, {id_: target[0] for id_, target in wanted.items()})
            except ValidationError:
                for id_ in wanted:
                    data[ADMITTED].pop(id_, None)
                data.setdefault(REFUSED, set()).update(wanted)  # should the caller swallow the refusal
                raise
        data.setdefault(GATE, {}).update(moves)

    def _kams_settle(self, demands, moves, process_of):
        """Judge what the batch leaves behind; note waivers used, or raise the one refusal."""
        check = self.env["kams.control.check"].sudo()  # sudo: a verdict rests on evidence the user may not see
        missing, waived = check._judge(demands, process_of)
        if missing:
            raise ValidationError(self._kams_refusal(missing))
        for lead_id, checks in waived.items():
            note = "\n".join(
                f"{c.point_id.display_name}: {c.waiver_reason} ({c.waiver_approver_id.name}, {c.waiver_expiry})"
                for c in checks
            )
            moves[lead_id] = ("waived", "waived", note)

    def _kams_check_may_start(self, process_id):
        """Deals start under rules in force; past deals may come in under those that they ran by."""
        state, company_id = self.env["kams.process"]._terms(process_id)
        if company_id and self.company_id and self.company_id.id != company_id:
            raise ValidationError(
                self.env._("%s belongs to another company than the process it would run under.", self.display_name)
            )
        if state == "draft" or state == "retired" and not self.kams_imported:
            raise ValidationError(
                self.env._(
                    "%(deal)s cannot start under %(process)s: only an active process takes new deals.",
                    deal=self.display_name,
                    process=self.env["kams.process"].sudo().browse(process_id).display_name,  # sudo: its name only
                )
            )

    def _kams_demand(self, process_id, stage_id, before):
        """Which phases a deal leaves behind with this move.

        :param before: its recorded ``(process, phase, status, mode)``, None for a new deal
        :return: ``({phase ids}, "forward" or "skip")``; nothing for a move that is always allowed
        """
        phases = self.env["kams.process.phase"]._facts(process_id)
        position = {phase.id: phase.position for phase in phases}
        target = next((phase for phase in phases if phase.stage_id == stage_id), None)
        if target is None:
            self._kams_refuse_stage(process_id, stage_id)
        start = position.get(before[1], 0) if before else 0
        end = target.position
        stage = self.env["crm.stage"].browse(stage_id)
        if target.code != "delivery" and stage.is_won and not (before and before[2] == "won"):
            # a stage turned won: the deal is won from here, whatever lies between
            end = next((phase.position for phase in phases if phase.code == "delivery"), len(phases))
        mode = self.kams_procurement_mode
        crossed = {phase for phase in phases if start <= phase.position < end and phase.applies(mode)}
        skipped = any(phase.position > start for phase in crossed)
        if before and before[3] != (mode or None):
            # another procurement mode brings back phases that the deal was let past
            crossed |= {
                phase
                for phase in phases
                if phase.position < end and phase.applies(mode) and not phase.applies(before[3])
            }
        return {phase.id for phase in crossed}, "skip" if skipped else "forward"

    def _kams_refuse_stage(self, process_id, stage_id):
        process = self.env["kams.process"].sudo().browse(process_id)  # sudo: its name, for the message
        stage = self.env["crm.stage"].browse(stage_id)
        raise ValidationError(
            self.env._(
                "%(deal)s runs under %(process)s, which has no phase on stage “%(stage)s”. Choose one of: %(stages)s.",
                deal=self.display_name,
                process=process.display_name,
                stage=stage.name or self.env._("none"),
                stages=", ".join(process.phase_ids.stage_id.mapped("name")),
            )
        )

    def _kams_refuse_removal(self, process_id):
        process = self.env["kams.process"].sudo().browse(process_id)  # sudo: its name, for the message
        raise ValidationError(
            self.env._(
                "%(deal)s cannot be taken out of %(process)s this way. A sales director can do it with “Leave KAMS”.",
                deal=self.display_name,
                process=process.display_name,
            )
        )

    def _kams_refusal(self, missing, finishing=False):
        """The one message of a refusal: every deal, every missing point, and what would meet it.

        :param finishing: the deals were to be finished, not moved
        """
        roles = dict(self.env["kams.control.point"]._fields["owner_role"]._description_selection(self.env))
        lines = []
        for lead in self.browse(missing):
            lines.append(
                self.env._("%s isn't finished yet. Missing:", lead.display_name)
                if finishing
                else self.env._("%s cannot move on yet. Missing:", lead.display_name)
            )
            for point in missing[lead.id]:
                hint = f": {point.evidence_hint}" if point.evidence_hint else ""
                lines.append(f"  • {point.display_name} ({roles[point.owner_role]}){hint}")
        return "\n".join(lines)
