from lxml import etree

from odoo.tests import tagged

from . import test_query_counts
from .common import KamsCase


def _fields_of(node):
    """``{field: sub-fields}`` that a view asks for."""
    found = {}
    for child in node:
        if child.tag == "field":
            found.setdefault(child.get("name"), {}).update(_fields_of(child))
        elif isinstance(child.tag, str):
            for name, sub in _fields_of(child).items():
                found.setdefault(name, {}).update(sub)
    return found


def specification(model, fields):
    """What the web client asks for to show these fields of a view."""
    spec = {}
    for name, sub in fields.items():
        field = model._fields[name]
        if field.type in ("one2many", "many2many"):
            spec[name] = {"fields": specification(model.env[field.comodel_name], sub), "limit": 40}
        else:
            spec[name] = {"fields": {"display_name": {}}} if field.type == "many2one" else {}
    return spec


@tagged("post_install", "-at_install")
class TestAccountSpeed(KamsCase):
    """Lists, cards and the page of accounts take as few statements for eighty as for five."""

    _statements = test_query_counts.TestQueryCounts._statements
    _count = test_query_counts.TestQueryCounts._count

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        partners = cls.env["res.partner"].create([{"name": f"C{n}", "is_company": True} for n in range(80)])
        cls.accounts = cls.env["kams.account"].create(
            [{"partner_id": partner.id, "manager_id": cls.manager.id} for partner in partners]
        )
        account = cls.accounts[0]
        for number in range(8):
            for model, vals in (
                ("kams.account.swot", {"quadrant": "1s", "statement": "Cash"}),
                ("kams.account.pest", {"factor": "social", "trend": "Ageing"}),
                ("kams.account.initiative", {"name": "New hall"}),
                ("kams.account.chain", {"activity": "Service"}),
                ("kams.account.year", {"year": str(2018 + number), "revenue": 100.0 + number, "total_assets": 90.0}),
                ("kams.profile.item", {"key": "Buyer", "value": "Ms Li", "source": "Site"}),
            ):
                cls.env[model].create({"account_id": account.id, **vals})
        cls.env["res.partner"].create([{"name": f"P{n}", "parent_id": partners[0].id} for n in range(8)])

    def _view(self, model, kind, view):
        arch = etree.fromstring(model.get_view(self.env.ref(view).id, kind)["arch"])
        return specification(model, {name: sub for name, sub in _fields_of(arch).items() if name in model._fields})

    def _warm(self, work, *args):
        work(*args)
        return self._count(work, *args)

    def test_a_list_and_cards_of_eighty_cost_what_five_cost(self):
        model = self.env["kams.account"].with_user(self.manager)
        for kind, most in (("list", 8), ("kanban", 14)):
            spec = self._view(model, kind, f"kams_sales.kams_account_view_{kind}")
            counts = {
                number: self._warm(model.web_search_read, [("id", "in", self.accounts[:number].ids)], spec)
                for number in (5, 80)
            }
            with self.subTest(view=kind):
                self.assertEqual(counts[80], counts[5])
                self.assertLessEqual(counts[80], most)

    def test_an_account_page_takes_fewer_statements_than_a_contact_page(self):
        account = self.accounts[0].with_user(self.manager)
        page = self._warm(account.web_read, self._view(account, "form", "kams_sales.kams_account_view_form"))
        contact = account.partner_id
        theirs = self._warm(contact.web_read, self._view(contact, "form", "base.view_partner_form"))
        self.assertLessEqual(page, theirs)
        self.assertLessEqual(page, 36)  # one for each list on its pages

    def test_a_page_with_many_lines_costs_what_an_empty_one_costs(self):
        full, empty = (account.with_user(self.manager) for account in self.accounts[:2])
        spec = self._view(full, "form", "kams_sales.kams_account_view_form")
        counts = [self._warm(account.web_read, spec) for account in (full, empty)]
        self.assertLessEqual(counts[0], counts[1] + 8)  # one for each kind of line

    def test_completeness_of_many_is_counted_in_a_constant_number_of_statements(self):
        counts = {}
        for number in (5, 5, 80):
            some = self.accounts[:number]
            counts[number] = self._count(some._compute_completeness)
        self.assertLessEqual(counts[80], counts[5] + 2)
