"""Deals with a past: what tests and the demo data of chapter 9 are told with.

A report on years needs deals that are years old. Odoo can't be asked to work in the past, so these are written as the
engine would have written them then.
"""

from datetime import date, datetime

from odoo.tools import SQL

ENDS = {"won", "lost", "archived", "left", "merged", "deleted"}


def at(moment):
    """A moment from a datetime, a date or ISO text; days begin at 08:00 UTC."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment) if len(moment) > 10 else date.fromisoformat(moment)
    return moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day, 8)


def tell(env, stories, imported=True):
    """Make deals that lived through these stories.

    :param stories: of each deal a dict: ``steps`` are ``(when, what, values)`` in order, where ``what`` is a phase
        code or one of ``won``, ``lost``, ``archived``, ``left``, ``merged``, ``deleted``, or None for a change within
        the phase; ``values`` (may be left out) change from then on: ``amount``, ``deadline``, ``user``, ``team``,
        ``probability``, ``mode``, ``reason``, ``gate``. Before the steps: ``name``, ``team``, ``user``, ``partner``,
        ``account``, ``source``, ``amount``, ``probability``, ``mode``, ``company``. Who or what is left out is the
        key-account team and nobody. With ``merged`` and ``deleted`` the deal itself is gone at the end.
    :param imported: the deals count as brought along from before KAMS, so that a won one isn't asked to be finished
    :return: the deals in the order of the stories, those that are gone left out
    """
    usual = env.ref("kams_sales.team_key_accounts")
    plain = env["crm.team"].search([("kams_process_id", "=", False)], limit=1) or env["crm.team"].create(
        {"name": "Plain", "use_opportunities": True}
    )
    leads = env["crm.lead"].create(
        [
            {
                "name": story.get("name", f"Deal {number}"),
                "type": "opportunity",
                "team_id": plain.id,
                "user_id": False,
                "partner_id": story.get("partner") and story["partner"].id,
                "source_id": story.get("source") and story["source"].id,
                "company_id": (story.get("company") or env.company).id,
            }
            for number, story in enumerate(stories, 1)
        ]
    )
    env.flush_all()
    rows, gone = [], env["crm.lead"]
    for lead, story in zip(leads, stories, strict=True):
        told = _rows(lead, story, usual)
        rows += told
        _become(env, lead, story, told[-1], imported)
        if told[-1]["status"] in ("merged", "deleted"):
            gone += lead
    names = list(rows[0])
    env.cr.execute_values(
        f"INSERT INTO kams_deal_history ({', '.join(names)}) VALUES %s",
        [tuple(row[name] for name in names) for row in rows],
    )
    env.invalidate_all()
    env["kams.deal.history"]._forget_cache()
    if gone:
        env.cr.execute(SQL("DELETE FROM crm_lead WHERE id = ANY(%s)", gone.ids))
        env.invalidate_all()
    return leads - gone


def _rows(lead, story, usual):
    now = {
        "amount": 0.0,
        "probability": 50.0,
        "user": None,
        "team": usual,
        "deadline": None,
        "mode": None,
        **story,
        "reason": None,
        "gate": "none",
    }
    rows, phase, status, since = [], None, "open", None
    for when, what, *values in story["steps"]:
        when, before = at(when), phase
        now.update(reason=None, gate="none")
        now.update(*values)
        process = now["team"].kams_process_id or usual.kams_process_id
        if what in ENDS:
            status = what
            phase = process.phase_ids.filtered(lambda one: one.code == "delivery")[:1] if what == "won" else phase
        elif what:
            status, phase = "open", process.phase_ids.filtered(lambda one, code=what: one.code == code)[:1]
        since = since if phase == before and since else when
        if rows:
            rows[-1]["valid_to"] = when
        user, team, partner = now["user"], now["team"], now.get("partner")
        company = lead.company_id or lead.env.company
        deadline = now["deadline"]
        rows.append(
            {
                "lead_id": lead.id,
                "lead_ref": lead.id,
                "lead_name": lead.name,
                "valid_from": when,
                "valid_to": None,
                "process_id": process.id,
                "phase_id": phase.id,
                "phase_code": phase.code,
                "phase_since": since,
                "stage_id": phase.stage_id.id,
                "stage_name": phase.stage_id.name,
                "status": status,
                "procurement_mode": now["mode"],
                "expected_revenue": now["amount"],
                "currency_id": company.currency_id.id,
                "currency_name": company.currency_id.name,
                "probability": 100.0 if status == "won" else 0.0 if status == "lost" else now["probability"],
                "date_deadline": date.fromisoformat(deadline) if isinstance(deadline, str) else deadline,
                "user_id": user and user.id,
                "user_name": user and user.name,
                "team_id": team.id,
                "team_name": team.name,
                "partner_id": partner and partner.id,
                "partner_name": partner and partner.name,
                "company_id": company.id,
                "reason": now["reason"] or _reason(rows, phase, status),
                "gate_result": now["gate"],
                "create_date": when,
            }
        )
    return rows


def _reason(rows, phase, status):
    if not rows:
        return "created"
    before = rows[-1]
    if status in ENDS and status != before["status"]:
        return {"merged": "merge"}.get(status, status)
    if before["status"] in ("lost", "archived", "won") and status == "open":
        return "reopened"
    if before["phase_id"] == phase.id:
        return "other"
    old = next(one for one in phase.process_id.phase_ids if one.id == before["phase_id"])
    return "back" if phase.sequence < old.sequence else "forward"


def _become(env, lead, story, last, imported):
    """The deal is what its last row says, without asking anybody."""
    status, account = last["status"], story.get("account")
    env.cr.execute(
        SQL(
            """
            UPDATE crm_lead SET team_id = %(team)s, user_id = %(user)s, kams_process_id = %(process)s,
                   kams_phase_id = %(phase)s, stage_id = %(stage)s, active = %(active)s, won_status = %(won)s,
                   probability = %(probability)s, expected_revenue = %(amount)s, date_deadline = %(deadline)s,
                   date_closed = %(closed)s, create_date = %(made)s, kams_procurement_mode = %(mode)s,
                   kams_account_id = COALESCE(%(account)s, kams_account_id), kams_imported = %(imported)s
             WHERE id = %(id)s
            """,
            id=lead.id,
            team=last["team_id"],
            user=last["user_id"],
            process=None if status == "left" else last["process_id"],
            phase=None if status == "left" else last["phase_id"],
            stage=last["stage_id"],
            active=status not in ("lost", "archived"),
            won={"won": "won", "lost": "lost"}.get(status, "pending"),
            probability=last["probability"],
            amount=last["expected_revenue"],
            deadline=last["date_deadline"],
            closed=last["valid_from"] if status in ("won", "lost") else None,
            made=at(story["steps"][0][0]),
            mode=last["procurement_mode"],
            account=account and account.id,
            imported=imported,
        )
    )
