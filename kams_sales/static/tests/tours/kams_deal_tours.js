import { registry } from "@web/core/registry";

const missingMeeting = ".o_field_widget[name=kams_gate_check_ids] .o_data_row:contains('S1-O2')";
const nextStage = ".o_statusbar_status button:contains('Initiation'):not(.o_arrow_button_current)";

registry.category("web_tour.tours").add("kams_advance_a_deal", {
    steps: () => [
        {
            content: "The deal says what it lacks",
            trigger: `${missingMeeting} .badge:contains('Missing')`,
        },
        {
            content: "Try to move it on all the same",
            trigger: nextStage,
            run: "click",
        },
        {
            content: "It is refused, by name, with the way out",
            trigger: ".modal-body:contains('S1-O1 Customer identified'):contains('Choose the customer')",
        },
        {
            trigger: ".modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "The bar shows where the deal really stands",
            trigger: ".o_arrow_button_current:contains('Customer Development')",
        },
        {
            content: "Choose the customer",
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit Huaneng Power",
        },
        {
            trigger: ".ui-autocomplete > li > a:contains('Huaneng Power')",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "That point is met now",
            trigger: ".o_field_widget[name=kams_gate_check_ids] .o_data_row:contains('S1-O1') .badge:contains('Met')",
        },
        {
            content: "Go where the meeting is recorded",
            trigger: `${missingMeeting} button[name=action_open_evidence]`,
            run: "click",
        },
        {
            content: "The calendar opens for this deal, with yesterday's meeting waiting to be linked",
            trigger: ".o_calendar_view, .o_list_view",
        },
        {
            trigger: ".breadcrumb-item:contains('Boiler retrofit') a, .o_back_button",
            run: "click",
        },
        {
            content: "A colleague has recorded the meeting meanwhile",
            trigger: ".o_form_view",
            run: async () => {
                const id = parseInt(window.location.pathname.split("/").pop());
                const day = new Date(Date.now() - 86400000).toISOString().slice(0, 10);
                const params = {
                    model: "calendar.event",
                    method: "create",
                    args: [
                        [
                            {
                                name: "First meeting",
                                opportunity_id: id,
                                start: `${day} 01:00:00`,
                                stop: `${day} 02:00:00`,
                            },
                        ],
                    ],
                    kwargs: {},
                };
                const answer = await fetch("/web/dataset/call_kw/calendar.event/create", {
                    method: "POST",
                    headers: { "Content-Type": "application/json" },
                    body: JSON.stringify({ jsonrpc: "2.0", method: "call", params }),
                });
                const body = await answer.json();
                if (body.error) {
                    throw new Error(body.error.data.message);
                }
            },
        },
        {
            content: "Move it on",
            trigger: nextStage,
            run: "click",
        },
        {
            content: "Now it stands in the next phase, which says what it asks for",
            trigger: ".o_arrow_button_current:contains('Initiation')",
        },
        {
            trigger: ".o_field_widget[name=kams_gate_check_ids] .o_data_row:contains('S2-O1')",
        },
        {
            trigger: ".o_form_saved",
        },
    ],
});

registry.category("web_tour.tours").add("kams_waive_a_point", {
    steps: () => [
        {
            trigger: `${missingMeeting} .badge:contains('Missing')`,
        },
        {
            trigger: "button[name=action_kams_waive]",
            run: "click",
        },
        {
            content: "The wizard shows what is missing",
            trigger: ".modal .o_field_widget[name=check_ids]:contains('S1-O2')",
        },
        {
            content: "A short reason is refused",
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit soon",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            trigger: ".modal-body:contains('at least 10 characters')",
        },
        {
            trigger: ".o_error_dialog .modal-footer .btn-primary, .modal:contains('at least 10') .btn-primary:last",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit The customer's board meets only next week",
        },
        {
            trigger: ".modal button[name=action_confirm]",
            run: "click",
        },
        {
            content: "The waiver shows on the deal",
            trigger: `${missingMeeting} .badge:contains('Waived')`,
        },
        {
            trigger: ".o_field_widget[name=kams_waived_check_ids]:contains('board meets only next week')",
        },
        {
            trigger: nextStage,
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains('Initiation')",
        },
        {
            trigger: ".o_form_saved",
        },
    ],
});
