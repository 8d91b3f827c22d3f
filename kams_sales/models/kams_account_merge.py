import re

from markupsafe import Markup

from odoo import models
from odoo.models import MAGIC_COLUMNS

from .kams_account_standing import CURRENT, STANDING

# Links that are moved in their own way: the group, and the history that nobody writes
OWN_WAY = ("kams.account", "kams.account.tier.history")
# An account's own standing: not filled in from another account
NOT_FILLED = frozenset(
    {*MAGIC_COLUMNS, "partner_id", "company_id", "active", "tier", "value_date", *CURRENT, *STANDING}
)
UNIQUE = re.compile(r"\bUNIQUE\b[^(]*\(([\w\s,]+)\)", re.IGNORECASE)


class KamsAccount(models.Model):
    """Two accounts become one when their customers turn out to be the same (merged contacts)."""

    _inherit = "kams.account"

    # BUSINESS
    def _merge_into(self, kept):
        """Hand over everything that hangs on these accounts, fill what ``kept`` leaves empty, and go."""
        merge = self.env["base.partner.merge.automatic.wizard"]
        for account in self:
            name, tier = account.display_name, account.tier
            account._hand_over_lines(kept)
            account.tier_history_ids._move(kept)
            missing, differing = _compare(kept, account)
            kept.write({**missing, "active": kept.active or account.active})
            if tier and not kept.tier:
                kept._set_tier(tier, self.env._("Merged with %s", name))
            # what Odoo itself keeps of a record: messages, files, followers, activities
            merge._update_reference_fields_generic("kams.account", account, kept)
            told = [self.env._("The key account of %s was merged into this one. What it said otherwise:", name)]
            kept.message_post(body=Markup("<br/>").join([*told, *(f"{label}: {value}" for label, value in differing)]))
            account.unlink()

    def _hand_over_lines(self, kept):
        """Where one line only is allowed, for a year or a force, the kept one takes what it lacks from the other."""
        for model_name, field in self._links_to_accounts():
            # sudo comes with the caller: lines of an account go where the account goes
            lines = self.env[model_name].with_context(active_test=False)
            mine = lines.search([(field.name, "in", self.ids)])
            if field.type == "many2many":
                mine.write({field.name: [(3, self.id), (4, kept.id)]})
                continue
            for names in _unique_with(lines, field.name) if mine else ():
                taken = {_key(line, names): line for line in lines.search([(field.name, "=", kept.id)])}
                for line in mine:
                    other = taken.get(_key(line, names))
                    if other and "state" not in other._fields:  # what was closed stays as it was closed
                        other.write(_compare(other, line)[0])
                    mine -= line if other else lines
            _move(mine, field.name, kept)  # the others go with their account

    def _links_to_accounts(self):
        """``(model, field)`` of the stored links to an account that are not computed."""
        for model_name, model in self.env.registry.items():
            if model._abstract or model._transient or not model._auto or model_name in OWN_WAY:
                continue
            for field in model._fields.values():
                if field.type in ("many2one", "many2many") and field.comodel_name == "kams.account":
                    if field.store and not field.compute:
                        yield model_name, field

    def _follow_merged_customer(self, customer):
        """The merge has put another customer under these accounts by SQL: tell who depends on it."""
        self.invalidate_recordset()
        self.modified(["partner_id"])
        self._check_partner()
        self._link_deals()
        self._regroup(customer)


def _unique_with(model, fname):
    """The names of the fields that, with this one, make a line the only one of its kind."""
    for table_object in model._table_objects.values():
        if isinstance(table_object, models.UniqueIndex | models.Constraint):
            found = UNIQUE.search(table_object.get_definition(model.pool))
            names = re.split(r"[\s,]+", found[1].strip()) if found else ()
            if fname in names:
                yield tuple(name for name in names if name != fname)


def _move(lines, fname, kept):
    """Write the link without asking: scorecards and analyses that are closed move too. Those who watch are told."""
    lines.modified([fname], before=True)
    lines._write_multi([{fname: kept.id}] * len(lines))
    lines.invalidate_recordset([fname])
    kept.invalidate_recordset()
    lines.modified([fname])


def _key(line, names):
    return tuple(line[name] for name in names)


def _compare(kept, gone):
    """``(values that the kept record lacks, [(label, value)] that it has otherwise)``."""
    missing, differing = {}, []
    for name, field in kept._fields.items():
        if not field.store or field.compute or field.readonly or field.type == "one2many" or name in NOT_FILLED:
            continue
        if field.comodel_name == "kams.account" or not gone[name] or gone[name] == kept[name]:
            continue
        if field.type == "many2many":
            missing[name] = [(4, id_) for id_ in gone[name].ids]
        elif not kept[name]:
            missing[name] = field.convert_to_write(gone[name], gone)
        else:
            label = field._description_string(kept.env)
            differing.append((label, field.convert_to_export(gone[name], gone)))
    return missing, differing
