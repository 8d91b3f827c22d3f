import re

from lxml import etree, html
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import is_html_empty
from odoo.tools.image import image_data_uri

from ..models.blank import known

IMAGE = re.compile(r"/web/(?:image|content)/(\d+)")
WIDTH = re.compile(r"(?<![-\w])width:\s*[\d.]+(?:px|%)")
# All that a customer's price sheet ever reads of a line: what it costs us isn't among it
SHOWN = ("name", "quantity", "uom_id", "list_price", "discount", "price_unit", "subtotal")


class ReportProposal(models.AbstractModel):
    """A proposal as the customer gets it: cover, contents, chapters, prices, benefits, list of attachments (5.6).

    In the customer's language. What an offer costs us and what we earn is read nowhere here.
    """

    _name = "report.kams_sales.report_proposal"
    _description = "Proposal document"
    _inherit = ["kams.paper"]
    _paper_model = "kams.proposal"
    _kams_booklet = True

    @api.model
    def _get_report_values(self, docids, data=None):
        """In the language of the customer, as far as all that is printed at once have the same."""
        records = self.env[self._paper_model].browse(docids or [])
        languages = set(records.sudo().partner_id.mapped("lang"))  # sudo: a language is no secret
        if len(languages) == 1 and (language := languages.pop()):
            self = self.with_context(lang=language)
        return super()._get_report_values(docids, data=data)

    @api.model
    def _title(self):
        return self.env._("Our Proposal")

    @api.model
    def _name_of(self, record):
        return record.name

    @api.model
    def _sheets(self, records):
        chapters = self._lines_of("kams.proposal.chapter", records, "proposal_id")
        lines = self._lines_of("kams.proposal.line", records, "proposal_id")
        sheets = {}
        for proposal in records:
            parts = self._parts(proposal, chapters[proposal], lines[proposal])
            sheets[proposal.id] = {
                "title": self._value(proposal, "kind"),
                "mark": "" if proposal.state == "submitted" else self._mark(proposal),
                "printed": self.env._(
                    "Version %(version)s · %(day)s", version=proposal.version, day=self._date(self._day(proposal))
                ),
                "confidential": proposal.kind != "bid",  # a bid is read by whoever evaluates, and archives it
                "cover": self._cover(proposal),
                "contents_title": self.env._("Contents"),
                "parts": parts,
                "sections": [],
            }
        return sheets

    @api.model
    def _mark(self, proposal):
        return self.env._("Superseded") if proposal.state == "superseded" else self.env._("Draft")

    @api.model
    def _day(self, proposal):
        """The day it went out; until then today."""
        if proposal.submitted_at:
            return fields.Datetime.context_timestamp(proposal, proposal.submitted_at).date()
        return fields.Date.context_today(proposal)

    # COVER
    @api.model
    def _cover(self, proposal):
        """What stands on the first page: labels and values, without those that nobody knows."""
        told = proposal.sudo()  # sudo: the customer's own names, and how to reach whoever wrote it
        author, customer, reader = told.user_id, told.partner_id, told.submitted_to_id
        rows = [
            (self.env._("Prepared for"), customer.name),
            (self.env._("Attention"), reader.name if reader != customer else ""),
            (self.env._("Prepared by"), author.name),
            ("", " · ".join(filter(None, (author.partner_id.phone, author.email)))),
            (self.env._("Version"), str(proposal.version)),
            (self.env._("Date"), self._date(self._day(proposal))),
            (self.env._("Valid until"), self._date(proposal.validity_date)),
        ]
        return {
            "kind": self._value(proposal, "kind"),
            "name": proposal.name,
            "subtitle": proposal.introduction or "",
            "customer": customer.name or "",
            "rows": [(label, value) for label, value in rows if value],
        }

    # CHAPTERS
    @api.model
    def _parts(self, proposal, chapters, lines):
        """Chapters in order, each with its text and what is added to it; once it goes out, without empty ones."""
        parts, volume = [], False
        open_ = proposal.state in ("draft", "review")
        priced = chapters.filtered(lambda one: one.adds == "prices")
        for chapter in chapters:
            sections = self._added(proposal, chapter, chapters, lines)
            body = "" if is_html_empty(chapter.body) else self._printable(chapter.body)
            if not (body or sections or open_):
                continue
            parts.append(
                {
                    "name": chapter.name,
                    "volume": self._value(chapter, "volume") if chapter.volume != volume else "",
                    "body": body,
                    "sections": sections,
                    "empty": "" if body or sections else self.env._("Not written yet."),
                }
            )
            volume = chapter.volume
        if lines and not priced and proposal.kind == "proposal":
            sections = [self._prices(proposal, lines)]
            parts.append({"name": self.env._("Prices"), "volume": "", "body": "", "sections": sections, "empty": ""})
        return [{**part, "number": number} for number, part in enumerate(parts, 1)]

    @api.model
    def _added(self, proposal, chapter, chapters, lines):
        if chapter.adds == "prices" and lines:
            return [self._prices(proposal, lines)]
        if chapter.adds == "benefits" and known(proposal.annual_benefit) is not None:
            return self._benefits(proposal)
        if chapter.adds == "files" and (files := self._files(chapters)):
            return [files]
        return []

    @api.model
    def _prices(self, proposal, lines):
        """The price sheet, without taxes; list prices and discounts only where they are to be seen."""
        columns = [("", 5, "right"), (self.env._("Description"), 45, ""), (self.env._("Quantity"), 14, "right")]
        if proposal.print_discount:
            columns[1] = (self.env._("Description"), 31, "")
            columns += [(self.env._("List Price"), 14, "right"), (self.env._("Discount"), 10, "right")]
            columns += [(self.env._("Price"), 13, "right"), (self.env._("Amount"), 13, "right")]
        else:
            columns += [(self.env._("Price"), 18, "right"), (self.env._("Amount"), 18, "right")]
        rows = []
        for number, line in enumerate(lines.read(SHOWN, load="_classic_read"), 1):
            quantity = line["quantity"]
            unit = line["uom_id"][1] if line["uom_id"] else ""
            row = [
                str(number),
                line["name"],
                f"{self._number(quantity, 0 if quantity == round(quantity) else 2)} {unit}".strip(),
            ]
            if proposal.print_discount:
                discount = line["discount"]
                row.append(self._number(line["list_price"], 2))
                row.append(f"{self._number(discount, 0 if discount == round(discount) else 2)} %" if discount else "")
            rows.append([*row, self._number(line["price_unit"], 2), self._number(line["subtotal"], 2)])
        total = [self._cell(""), self._cell(self.env._("Total"), tone="strong")]
        total += [self._cell("")] * (len(columns) - 3)
        rows.append([*total, self._cell(self._number(proposal.amount_total, 2), tone="strong")])
        return self._section_table(
            self.env._("Price Sheet"),
            columns,
            rows,
            legend=self.env._("All prices in %s, without taxes.", proposal.currency_id.name),
        )

    @api.model
    def _benefits(self, proposal):
        money = [self._fact(proposal, name) for name in ("one_off_cost", "annual_benefit")]
        facts = [
            *money,
            (self._label(proposal, "years"), self._number(proposal.years)),
            (self._label(proposal, "discount_rate"), self._value(proposal, "discount_rate")),
        ]
        for name, digits in (("roi", 1), ("payback", 2)):
            if known(proposal[name]) is not None:
                facts.append((self._label(proposal, name), self._number(proposal[name], digits)))
        if known(proposal.npv) is not None:
            facts.append((self._label(proposal, "npv"), self._money(proposal.npv, proposal.currency_id)))
        if proposal.benefit_confirmed_by_id:
            # sudo: the customer's own name
            facts.append((self.env._("Confirmed by"), proposal.sudo().benefit_confirmed_by_id.name))
            facts.append((self.env._("Confirmed on"), self._date(proposal.benefit_confirmed_at)))
        sections = [self._section_facts(self.env._("Benefits in Figures"), facts)]
        if proposal.benefit_note:
            sections.append(self._section_texts("", [(self._label(proposal, "benefit_note"), proposal.benefit_note)]))
        return sections

    @api.model
    def _files(self, chapters):
        """The names of all files that go with it, by chapter."""
        rows = []
        for chapter in chapters:
            # sudo: names of files that go to the customer
            rows += [[file.name, chapter.name] for file in chapter.sudo().attachment_ids.sorted("name")]
        columns = [(self.env._("File"), 60, ""), (self.env._("Chapter"), 40, "")]
        return self._section_table(self.env._("Attachments"), columns, rows) if rows else None

    # TEXT
    @api.model
    def _printable(self, body):
        """A chapter's text with its pictures inside: the printer fetches nothing from anywhere."""
        root = html.fragment_fromstring(str(body), create_parent="div")
        for element in root.iter("script", "iframe", "link", "video", "object"):
            element.drop_tree() if element is not root else None
        for image in list(root.iter("img")):
            source = self._inside(image.get("src") or "")
            if source:
                image.set("src", source)
            else:
                image.drop_tree()
        for table in list(root.iter("table")):
            self._keep_rows_whole(table)
        return Markup(etree.tostring(root, encoding="unicode", method="html"))

    @api.model
    def _keep_rows_whole(self, table):
        """A table as one of a row each: the printer cuts rows, but not what is inline. Nested or joined ones stay."""
        rows = [row for row in table.iter("tr")]
        if len(rows) < 2 or any(cell.get("rowspan") for cell in table.iter("td", "th")):
            return
        if any(True for _ancestor in table.iterancestors("table")) or table.find(".//table") is not None:
            return
        widest = max(rows, key=len)
        widths = [WIDTH.search(cell.get("style") or "") for cell in rows[0]]
        place = table.getparent().index(table)
        for number, row in enumerate(rows):
            whole = html.fragment_fromstring('<div class="whole"><table><colgroup/><tbody/></table></div>')
            for column in range(len(widest)):
                col = etree.SubElement(whole.find(".//colgroup"), "col")
                if column < len(widths) and widths[column]:
                    col.set("style", widths[column].group(0))
            if number:
                whole[0].set("class", "goes_on")
            whole.find(".//tbody").append(row)
            table.getparent().insert(place + number, whole)
        after = table.getparent()[place + len(rows) - 1]
        after.tail = table.tail
        table.tail = None
        table.getparent().remove(table)

    @api.model
    def _inside(self, source):
        """A picture as data, if it is one of ours that whoever prints may see."""
        if source.startswith("data:image/"):
            return source
        found = IMAGE.search(source)
        file = self.env["ir.attachment"].browse(int(found.group(1))).exists() if found else None
        if not file or not file.has_access("read") or not (file.mimetype or "").startswith("image/"):
            return ""
        return image_data_uri(file.datas)
