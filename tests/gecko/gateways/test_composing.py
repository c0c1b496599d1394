"""From plain values to an e-mail that others read as it was meant, and that nobody can break out of."""

from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecko.gateways.email import Attachment
from gecko.gateways.email.composing import Unsendable, compose, envelope_address, raw

from .mails import mail

CONTROL = ["\r", "\n", "\r\nBcc: eve@example.dk", "\x00", "\x1b", "\x85", "\u2028", "\u2029", "\x7f"]


def arrived(**values):
    return message_from_bytes(raw(compose(mail(**values))), policy=default)


def test_every_header_that_was_asked_for():
    message = arrived(
        sender_name="Klinik “Åen”, Aarhus",
        recipient_name="Åse Ødegård",
        reply_to="svar@klinik.dk",
        subject="Påmindelse om din tid – mandag kl. 10 hos Søren Ærø Ångström, som vi aftalte",
        language="da",
    )
    assert message["From"].addresses[0].display_name == "Klinik “Åen”, Aarhus"
    assert message["From"].addresses[0].addr_spec == "info@klinik.dk"
    assert message["To"].addresses[0].display_name == "Åse Ødegård"
    assert str(message["Reply-To"]) == "svar@klinik.dk"
    assert message["Subject"] == "Påmindelse om din tid – mandag kl. 10 hos Søren Ærø Ångström, som vi aftalte"
    assert message["Message-ID"] == "<m-anna@klinik.dk>"
    assert message["Date"] == "Sun, 22 Nov 2026 09:30:00 +0000"
    assert message["Content-Language"] == "da"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe"] is None


def test_what_is_kept_of_one_mail_shows_in_no_other():
    subjects = ["Hej Åse", "Hej Øjvind", "Hej Åse"]
    for subject, html in zip(subjects, ["", "<p>Hej</p>", ""], strict=True):
        message = arrived(subject=subject, html=html, sender_name=subject)
        assert (message["Subject"], message["From"].addresses[0].display_name) == (subject, subject)
        assert message.get_content_type() == ("multipart/alternative" if html else "text/plain")
        assert message.get_body(("plain",)).get_content_charset() == "utf-8"


def test_text_with_an_html_alternative_and_files():
    message = arrived(
        text="Kære Åse\n" + "x" * 2000 + "\n",
        html="<p>Kære Åse</p>",
        language="da",
        attachments=(
            Attachment("Prisliste – æøå.pdf", "application/pdf", b"%PDF\r\n\x00\xff"),
            Attachment("mail.eml", "message/rfc822", b"Subject: x"),
            Attachment("x.bin", "no type at all", b"x"),
        ),
    )
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == "Kære Åse\n" + "x" * 2000 + "\n"
    assert message.get_body(("html",)).get_content().strip() == "<p>Kære Åse</p>"
    files = list(message.iter_attachments())
    assert [one.get_filename() for one in files] == ["Prisliste – æøå.pdf", "mail.eml", "x.bin"]
    assert [one.get_content_type() for one in files] == [
        "application/pdf", "application/octet-stream", "application/octet-stream"
    ]  # fmt: skip
    assert files[0].get_content() == b"%PDF\r\n\x00\xff"
    assert message["Content-Language"] == "da"


def test_one_click_unsubscribing_is_offered_over_https_in_one_piece():
    url = "https://klinik.dk/afmeld/" + "a-long-token." * 20
    message = compose(mail(unsubscribe=url))
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in raw(message)
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert compose(mail(unsubscribe="http://klinik.dk/x"))["List-Unsubscribe-Post"] is None


def test_what_travels_is_ascii_in_short_lines():
    content = raw(compose(mail(text="Æ" * 3000, subject="Å" * 300, sender_name="Ø" * 300)))
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_the_same_values_make_the_same_headers():
    first, second = compose(mail()), compose(mail())
    assert first.items() == second.items()


@pytest.mark.parametrize("control", CONTROL)
@pytest.mark.parametrize("name", ["subject", "sender_name", "recipient_name", "language", "message_id", "unsubscribe",
                                  "sender", "recipient", "reply_to"])  # fmt: skip
def test_no_value_breaks_out_of_its_header(name, control):
    good = {"message_id": "m@klinik.dk", "unsubscribe": "https://klinik.dk/x"}.get(name, "x@klinik.dk")
    with pytest.raises(Unsendable):
        compose(mail(**{name: good + control + "X-Evil: 1"}))
    with pytest.raises(Unsendable):
        compose(mail(**{name: good + control}))


@pytest.mark.parametrize("control", CONTROL)
def test_no_filename_breaks_out_of_its_header(control):
    with pytest.raises(Unsendable):
        compose(mail(attachments=(Attachment(f"x{control}.pdf", "application/pdf", b""),)))


@given(st.text(max_size=80), st.text(max_size=300))
def test_any_text_is_either_refused_or_stays_where_it_belongs(subject, text):
    try:
        content = raw(compose(mail(subject=subject, text=text)))
    except Unsendable:
        return
    head = message_from_bytes(content, policy=default)
    assert {name for name, _value in head.items()} <= {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    assert content.isascii()


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("anna@example.dk", "anna@example.dk"),
        ("anna+tid@example.dk", "anna+tid@example.dk"),
        ("anna@blåbærgrød.dk", "anna@xn--blbrgrd-fxak7p.dk"),
    ],
)
def test_addresses_as_servers_take_them(typed, written):
    assert envelope_address(typed) == written


@pytest.mark.parametrize(
    "typed",
    ["", "anna", "@example.dk", "anna@", "åse@example.dk", "a b@example.dk", "anna@ex ample.dk", "anna@example..dk",
     "<anna@example.dk>", "anna@example.dk>", "anna@example.dk,bo@example.dk", "a" * 65 + "@example.dk",
     "anna@" + "a" * 64 + ".dk", "anna@[127.0.0.1]", "\"a b\"@example.dk"],
)  # fmt: skip
def test_addresses_that_cannot_be_written_to(typed):
    with pytest.raises(Unsendable):
        envelope_address(typed)
