from odoo import api, models

from . import paper_booklet, paper_stamp


class IrActionsReport(models.Model):
    """Prints our forms (``kams.paper``) with running head and foot, page numbers, and a mark across the page.

    wkhtmltopdf as Debian ships it can't do any of these, nor print two records at once. So each record is printed
    alone, head, mark and foot on slips of their own, and they are put together here. A wkhtmltopdf that could do more
    is used in the same way: a form looks the same wherever it is printed. Reports of others are left alone.
    """

    _inherit = "ir.actions.report"

    def _is_kams_paper(self):
        builder = self._get_rendering_context_model(self) if len(self) == 1 and self.report_name else None
        return bool(getattr(builder, "_kams_paper", False))

    def _is_kams_booklet(self):
        return self._is_kams_paper() and self._get_rendering_context_model(self)._kams_booklet

    def _get_layout(self):
        """Our pages carry their own style: nothing has to be fetched from a server while printing."""
        if self._is_kams_paper():
            return self.env.ref("kams_sales.paper_page")
        return super()._get_layout()

    @api.model
    def _build_wkhtmltopdf_args(self, *args, **kwargs):
        command = super()._build_wkhtmltopdf_args(*args, **kwargs)
        if self.env.context.get("kams_paper"):
            command[command.index("--javascript-delay") + 1] = "0"  # there is no script to wait for
        return command

    @api.model
    def _run_wkhtmltopdf(
        self,
        bodies,
        report_ref=False,
        header=None,
        footer=None,
        landscape=False,
        specific_paperformat_args=None,
        set_viewport_size=False,
    ):
        report = self._get_report(report_ref) if report_ref else self
        if not report._is_kams_paper():
            return super()._run_wkhtmltopdf(
                bodies,
                report_ref=report_ref,
                header=header,
                footer=footer,
                landscape=landscape,
                specific_paperformat_args=specific_paperformat_args,
                set_viewport_size=set_viewport_size,
            )
        printer = super(IrActionsReport, self.with_context(kams_paper=True))

        def print_one(body):
            return printer._run_wkhtmltopdf([body], report_ref=report_ref, landscape=landscape)

        booklet = report._is_kams_booklet()
        if booklet:
            documents = [paper_booklet.bind(one, print_one) for one in paper_booklet.split(bodies)]
        else:
            documents = [print_one(body) for body in bodies]
        # sudo: a slip is a paper format that exists in memory only
        slip = self.sudo().new({"paperformat_id": self._kams_slip(paper_stamp.page_width_mm(documents[0]))})
        slip = super(IrActionsReport, slip.with_context(kams_paper=True))
        heads, feet = (slip._run_wkhtmltopdf([strips]) for strips in (header, footer))
        return paper_stamp.assemble(documents, heads, feet, covers=booklet)

    @api.model
    def _kams_slip(self, width):
        return self.env["report.paperformat"].new(
            {
                "name": "slip",
                "format": "custom",
                "page_width": width,
                "page_height": paper_stamp.STRIP_MM,
                "orientation": "Portrait",
                "dpi": 96,
                **dict.fromkeys(("margin_top", "margin_bottom", "margin_left", "margin_right", "header_spacing"), 0),
            }
        )
