"""The form for one message to one customer; what was typed is kept on any error."""

from __future__ import annotations

from typing import Any

from wtforms import Form, HiddenField, MultipleFileField, SelectChoice, SelectField, StringField, TextAreaField

from gecko.language import LANGUAGES, _
from gecko.models.customers import Customer
from gecko.models.messages import MessageChannel
from gecko.operations import message_templates
from gecko.operations.messaging import attaching
from gecko.operations.messaging.single import Writing
from gecko.operations.texts.reviewing import Source

from ..grid.records import read_id

LANGUAGE_WORDS = {"da": _("Danish"), "en": _("English")}


class WritingForm(Form):
    """channel: in force, changed by a button. once: makes a second submit the same message."""

    channel = HiddenField()
    once = HiddenField()
    booking = HiddenField()
    template = SelectField(_("Template"), choices=[], validate_choice=False)
    language = SelectField(
        _("Language"), choices=[SelectChoice(code, LANGUAGE_WORDS[code]) for code in LANGUAGES], validate_choice=False
    )
    subject = StringField(_("Subject"), render_kw={"autocomplete": "off", "maxlength": 200, "data-codes": ""})
    body = TextAreaField(_("Text"), render_kw={"rows": 12, "data-codes": ""})
    files = MultipleFileField(_("Attachments"), render_kw={"accept": ",".join(f".{one}" for one in attaching.KINDS)})

    @classmethod
    def empty(cls, customer: Customer, channel: MessageChannel, *, once: str, booking_id: int | None) -> WritingForm:
        """A form for a customer, in the customer's language."""
        form = cls(channel=str(channel), once=once, booking=str(booking_id or ""), language=customer.language)
        form.offer_templates()
        return form

    def offer_templates(self) -> None:
        """The templates of the channel in force."""
        listed = message_templates.listed(self.chosen())
        several = len({one.language for one in listed}) > 1
        self.template.choices = [SelectChoice("", "")] + [
            SelectChoice(str(one.id), f"{one.name} ({one.language})" if several else one.name) for one in listed
        ]
        self.files.description = _("At most 10 MB together. Kinds: %(kinds)s.") % {"kinds": ", ".join(attaching.KINDS)}

    def chosen(self) -> MessageChannel:
        """The channel in force; e-mail where the form names none."""
        return MessageChannel.SMS if self.channel.data == MessageChannel.SMS else MessageChannel.EMAIL

    def use_template(self) -> None:
        """Fill in subject and text from the template chosen; raises NotFound."""
        template = message_templates.get(read_id(self.template.data) or 0)
        source = message_templates.source(template)
        self.body.data, self.language.data = source.body, template.language
        if template.subject:
            self.subject.data = source.subject

    def writing(self, files: list[Any]) -> Writing:
        """What was typed, ready to be shown or sent; raises Invalid for files that are not sent."""
        language = self.language.data if self.language.data in LANGUAGES else LANGUAGES[0]
        typed = (self.body.data or "").replace("\r\n", "\n")
        named = [(one.filename, one.read()) for one in files if one.filename]
        return Writing(
            self.chosen(),
            language,
            Source(self.subject.data or "", typed),
            read_id(self.booking.data),
            attaching.checked(named),
        )
