from odoo import api, models

FACTS = ("customer_id", "delivery_id", "audience", "level", "hours", "trainer_id", "trainer_partner_id", "place")
DAYS = ("date_start", "date_end", "pass_mark")
TEXTS = ("objectives", "syllabus", "results")
RATES = ("invited_count", "attended_count", "attendance_rate", "pass_rate", "gain", "satisfaction", "behaviour_rate")


class ReportTrainingSheet(models.AbstractModel):
    """A training on paper: what is taught, who came and how they did, with room to sign for each (8.4 培训记录)."""

    _name = "report.kams_sales.report_training_sheet"
    _description = "Training sheet"
    _inherit = ["kams.paper"]
    _kams_confidential = False  # the customer signs it and keeps a copy
    _paper_model = "kams.training"

    @api.model
    def _title(self):
        return self.env._("Training Sheet")

    @api.model
    def _sheets(self, records):
        people = self._lines_of("kams.training.attendee", records, "training_id")
        sessions = self._lines_of("calendar.event", records, "kams_training_id", order="start, id")
        return {
            training.id: {
                "subtitle": self._value(training, "state"),
                "sections": [
                    self._section_facts(
                        self.env._("Overview"), [self._fact(training, name) for name in (*FACTS, *DAYS)]
                    ),
                    self._section_texts("", [(self._label(training, name), training[name]) for name in TEXTS]),
                    self._sessions(sessions[training]),
                    self._people(training, people[training]),
                    self._rates(training),
                    self._signature(training),
                ],
            }
            for training in records
        }

    def _sessions(self, sessions):
        if not sessions:
            return self._section_texts("", [])
        rows = [
            [
                event.name,
                self._value(event, "start") if not event.allday else self._date(event.start_date),
                self._number(event.duration, 1),
                event.location or "",
                self._number(len(event.kams_trainee_ids)),
            ]
            for event in sessions
        ]
        columns = [
            (self.env._("Session"), 38, ""),
            (self.env._("When"), 22, ""),
            (self.env._("Hours"), 10, "right"),
            (self.env._("Where"), 20, ""),
            (self.env._("Came"), 10, "right"),
        ]
        return self._section_table(self.env._("Sessions"), columns, rows)

    def _people(self, training, people):
        """Before it is held, a list to sign; afterwards with what was noted."""
        held = training.state in ("held", "signed")
        columns = [
            (self.env._("No."), 6, "right"),
            (self._label(people, "name"), 24, ""),
            (self.env._("Department"), 18, ""),
            (self._label(people, "attended"), 10, "center"),
            (self.env._("Before"), 9, "right"),
            (self.env._("After"), 9, "right"),
            (self._label(people, "passed"), 10, "center"),
            (self.env._("Signature"), 14, ""),
        ]
        rows = [
            [
                self._number(place),
                one.name,
                one.unit or "",
                self._value(one, "attended") if held else "☐",
                self._value(one, "pre_score"),
                self._value(one, "post_score"),
                self._value(one, "passed") if held and one.attended else "",
                " ",
            ]
            for place, one in enumerate(people, 1)
        ]
        return self._section_table(self.env._("Trainees"), columns, rows)

    def _rates(self, training):
        if training.state not in ("held", "signed"):
            return self._section_texts("", [])
        return self._section_facts(
            self.env._("What It Came To"), [self._fact(training, name, zero=name.endswith("count")) for name in RATES]
        )

    def _signature(self, training):
        if training.state == "signed":
            pairs = [self._fact(training, name) for name in ("signed_by_id", "signed_at")]
        else:
            pairs = [(self.env._("Name"), " "), (self.env._("Date"), " "), (self.env._("Signature"), "\n\n")]
        return self._section_facts(self.env._("Confirmed by the Customer"), pairs)


class ReportTrainingCertificate(models.AbstractModel):
    """A certificate for somebody who was trained: one page each (8.4 培训证书)."""

    _name = "report.kams_sales.report_training_certificate"
    _description = "Training certificate"
    _inherit = ["kams.paper"]
    _kams_confidential = False  # it is handed to the trainee
    _paper_model = "kams.training.attendee"

    @api.model
    def _title(self):
        return self.env._("Certificate of Training")

    @api.model
    def _name_of(self, record):
        return record.name

    @api.model
    def _sheets(self, records):
        return {
            one.id: {
                "subtitle": one.certificate or "",
                "sections": [
                    {"template": "kams_sales.training_certificate", "title": "", **self._words(one)},
                    self._facts(one),
                    self._section_facts(
                        self.env._("Trainer"),
                        [(self.env._("Date"), self._date(one.training_id.signed_at) or " "), (self._signed(), "\n\n")],
                    ),
                ],
            }
            for one in records
        }

    def _signed(self):
        return self.env._("Signature")

    def _words(self, one):
        """What is certified: that they passed, or that they came; never more than was noted."""
        training = one.training_id
        if one.passed and one.attended:
            text = self.env._("has attended the training and passed its test.")
        elif one.attended:
            text = self.env._("has attended the training.")
        else:
            text = self.env._("is registered for the training.")
        return {"who": one.name, "unit": one.unit or "", "text": text, "what": training.name}

    def _facts(self, one):
        training = one.training_id
        pairs = [self._fact(training, name) for name in ("customer_id", "level", "hours", "date_start", "date_end")]
        if one.passed and one.attended:
            pairs.append(self._fact(one, "post_score"))
        trainer = training.trainer_id.name or training.trainer_partner_id.sudo().name  # sudo: the name on a certificate
        pairs += [(self._label(training, "trainer_id"), trainer or ""), self._fact(one, "certificate")]
        return self._section_facts(self.env._("Training"), pairs)
