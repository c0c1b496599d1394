"""The form for one letter to one customer; what was typed is kept on any error."""

from __future__ import annotations

from wtforms import Form, HiddenField, SelectChoice, SelectField, TextAreaField

from gecko.channels import MessageChannel
from gecko.errors import NotFound
from gecko.language import LANGUAGES, _
from gecko.models.customers import Customer
from gecko.models.texts import MessageTemplate
from gecko.operations import message_templates
from gecko.operations.letters.sheets import Page
from gecko.operations.letters.writing import Writing
from gecko.operations.texts import storing
from gecko.operations.texts.reviewing import Source

from ..grid.records import read_id
from ..messages.writing_form import LANGUAGE_WORDS


class LetterForm(Form):
    """once: makes a second submit the same letter. paper: the template whose page set-up holds."""

    once = HiddenField()
    paper = HiddenField()
    template = SelectField(_("Template"), choices=[], validate_choice=False)
    language = SelectField(
        _("Language"), choices=[SelectChoice(code, LANGUAGE_WORDS[code]) for code in LANGUAGES], validate_choice=False
    )
    body = TextAreaField(_("Text"), render_kw={"rows": 18, "maxlength": storing.LONGEST_BODY, "data-codes": ""})

    @classmethod
    def empty(cls, customer: Customer, *, once: str) -> LetterForm:
        """A form for a customer, in the customer's language; where there is only one template, with its text."""
        form = cls(once=once, language=customer.language)
        offered = [one for one in message_templates.listed(MessageChannel.LETTER) if one.language == customer.language]
        if len(offered) == 1:
            form.template.data = str(offered[0].id)
            form.use_template()
        form.offer_templates()
        return form

    def offer_templates(self) -> None:
        """The templates of letters."""
        self.template.choices = template_choices()

    def use_template(self) -> None:
        """Fill in text, language and paper from the template chosen; raises NotFound."""
        template = letter_template(self.template.data)
        self.body.data, self.language.data = template.body, template.language
        self.paper.data = str(template.id)

    def writing(self) -> Writing:
        """What was typed, ready to be shown or made."""
        language = self.language.data if self.language.data in LANGUAGES else LANGUAGES[0]
        typed = (self.body.data or "").replace("\r\n", "\n")
        return Writing(Source("", typed), language, self._page())

    def _page(self) -> Page:
        try:
            return message_templates.page(letter_template(self.paper.data))
        except NotFound:  # none was chosen, or it was deleted meanwhile
            return Page()


def template_choices() -> list[SelectChoice]:
    """The templates of letters to choose from, with their languages where there are several."""
    listed = message_templates.listed(MessageChannel.LETTER)
    several = len({one.language for one in listed}) > 1
    named = [SelectChoice(str(one.id), f"{one.name} ({one.language})" if several else one.name) for one in listed]
    return [SelectChoice("", ""), *named]


def letter_template(typed: str | None) -> MessageTemplate:
    """The letter template that a form names; raises NotFound for anything else."""
    template = message_templates.get(read_id(typed or "") or 0)
    if template.channel != MessageChannel.LETTER:
        raise NotFound
    return template
