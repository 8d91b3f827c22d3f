import { registry } from "@web/core/registry";

import { save } from "./kams_steps";

const dialog = ".modal:not(.o_inactive_modal)";

/** Choose a file as the browser's own dialog would. */
function upload(field, name, content) {
    return [
        {
            content: `Upload ${name}`,
            trigger: `${dialog} .o_field_widget[name=${field}]`,
            run() {
                const input = this.anchor.querySelector("input[type=file]");
                const files = new DataTransfer();
                files.items.add(new File([content], name, { type: "text/plain" }));
                input.files = files.files;
                input.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            trigger: `${dialog} .o_field_widget[name=${field}]:contains('${name.split(".")[0]}')`,
        },
    ];
}

registry.category("web_tour.tours").add("kams_submit_a_bid", {
    steps: () => [
        {
            trigger: "button[name=action_make_volumes]",
            run: "click",
        },
        {
            trigger: ".nav-link[name=opening_sheet]",
            run: "click",
        },
        {
            content: "The total in words is wrong, and written properly beside it",
            trigger: ".o_field_widget[name=words_suggested]:contains('壹拾万元整')",
        },
        {
            trigger: "button[name=action_use_words]",
            run: "click",
        },
        {
            trigger: ".nav-link[name=checks]",
            run: "click",
        },
        {
            content: "What the program checks is in order; dates are for a person to check",
            trigger: ".o_field_widget[name=check_ids] .o_data_row:contains('Words same'):contains('In Order')",
        },
        {
            trigger: ".o_field_widget[name=check_ids] .o_data_row:contains('Dates') td[name=note]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=check_ids] .o_selected_row [name=note] input",
            run: "edit All of the 3rd",
        },
        ...save(),
        {
            trigger: ".o_field_widget[name=check_ids] .o_data_row:contains('Dates') button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=check_ids]:not(:has(.o_data_row .text-bg-danger))",
        },
        {
            trigger: ".o_back_button, .breadcrumb-item a:contains('Boilers')",
            run: "click",
        },
        {
            trigger: "button[name=action_submit_bid]",
            run: "click",
        },
        {
            content: "Nothing is missing but what comes from the platform",
            trigger: `${dialog} .alert-success:contains('Nothing is missing')`,
        },
        {
            trigger: `${dialog} button[name=action_confirm]`,
            run: "click",
        },
        {
            trigger: `${dialog} .modal-body:contains('receipt is missing')`,
        },
        {
            trigger: `${dialog} .modal-footer .btn-primary`,
            run: "click",
        },
        {
            trigger: `${dialog} .o_field_widget[name=place] input`,
            run: "edit ggzy.gov.cn",
        },
        ...upload("file_ids", "bid.txt", "our bid"),
        ...upload("receipt_ids", "receipt.txt", "received"),
        {
            trigger: `${dialog} button[name=action_confirm]`,
            run: "click",
        },
        {
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Submitted')",
        },
    ],
});
