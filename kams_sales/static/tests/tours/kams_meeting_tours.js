import { registry } from "@web/core/registry";

import { save } from "./kams_steps";

const record = [
    {
        trigger: ".o_notebook a[name=kams_record]",
        run: "click",
    },
    {
        trigger: ".o_field_widget[name=kams_minutes] textarea",
        run: "edit The presses stop twice a week",
    },
    {
        content: "What isn't there yet is said before anything is fixed",
        trigger: "button[name=action_kams_submit]",
        run: "click",
    },
    {
        trigger: ".modal-body:contains('Outcome'):contains('Next Step')",
    },
    {
        trigger: ".modal-footer .btn-primary",
        run: "click",
    },
    {
        trigger: ".o_field_widget[name=kams_outcome] input",
        run: "click",
    },
    {
        trigger: ".o_select_menu_item:contains('Advance')",
        run: "click",
    },
    {
        trigger: ".o_field_widget[name=kams_next_step] input",
        run: "edit Visit the plant",
    },
    {
        trigger: ".o_field_widget[name=kams_next_step_date] .o_input",
        run: "click",
    },
    {
        trigger: ".o_field_widget[name=kams_next_step_date] input",
        run: "edit 01/31/2099",
    },
    {
        content: "Somebody was there who doesn't stand in the decision chain yet",
        trigger: "button[name=action_kams_add_to_chain]",
        run: "click",
    },
    {
        trigger: ".o_field_widget[name=kams_attendance_ids] .o_data_row:contains('Li Na')",
    },
    {
        trigger: "button[name=action_kams_submit]",
        run: "click",
    },
    {
        content: "It is recorded, and stays as it is",
        trigger: ".o_field_widget[name=kams_recorded_at]",
    },
    {
        trigger: ".o_field_widget[name=kams_minutes].o_readonly_modifier:contains('twice a week')",
    },
];

registry.category("web_tour.tours").add("kams_record_an_interview", {
    steps: () => [
        {
            content: "In the calendar, a meeting that is over",
            trigger: ".o_calendar_renderer .fc-event-main:contains('Talk with the plant manager')",
            run: "click",
        },
        {
            trigger: ".o_cw_popover:contains('Boiler retrofit') .o_cw_popover_edit",
            run: "click",
        },
        ...record,
    ],
});

registry.category("web_tour.tours").add("kams_plan_an_interview_from_the_deal", {
    steps: () => [
        {
            content: "Odoo's own button on the deal",
            trigger: "button[name=action_schedule_meeting]",
            run: "click",
        },
        {
            trigger: ".o_calendar_renderer",
        },
        {
            trigger: ".o_calendar_button_new, .o-calendar-button-new",
            run: "click",
        },
        {
            content: "It has a plan from the start",
            trigger: ".o_notebook a[name=kams_plan]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit First interview",
        },
        {
            trigger: ".o_field_widget[name=kams_objective] textarea",
            run: "edit They show us the plant",
        },
        ...save(),
    ],
});
