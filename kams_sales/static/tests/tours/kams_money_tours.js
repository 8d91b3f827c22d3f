import { registry } from "@web/core/registry";

/** From an invoice to its deal, to the deal's money, to its rows, and back to the invoice, by a finance user. */
registry.category("web_tour.tours").add("kams_invoice_to_deal_and_back", {
    steps: () => [
        {
            content: "The invoice names its deal",
            trigger: ".o_form_view button[name='action_kams_deals']:contains('1')",
            run: "click",
        },
        {
            content: "The deal, with what it brought",
            trigger: ".o_form_view .o_field_widget[name='name']:contains('Gas retrofit')",
        },
        {
            content: "There are more buttons than fit",
            trigger: ".o_form_view .o-form-buttonbox .o_button_more",
            run: "click",
        },
        {
            trigger: "button[name='action_kams_money']",
            run: "click",
        },
        {
            content: "Its money on one page",
            trigger: ".o_form_view .o_field_widget[name='invoiced']:contains('1,000.00')",
        },
        {
            trigger: ".o_form_view .o_field_widget[name='collected']:contains('565.00')",
        },
        {
            trigger: ".o_form_view button[name='action_rows']",
            run: "click",
        },
        {
            content: "The rows behind it: back to the invoice",
            trigger: ".o_list_view .o_data_row:contains('Open Item') .o_data_cell[name='kind']",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name='invoice_line_ids']",
        },
        {
            content: "Here we are again",
            trigger: ".o_form_view button[name='action_kams_deals']",
        },
    ],
});
