"""Bounces as servers write them, and that nobody but a signed return path can name a message."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gecko.gateways.email import bounces
from gecko.gateways.email.bounces import Kind
from gecko.gateways.email.return_paths import ReturnPaths
from gecko.gateways.outcomes import Verdict

CORPUS = Path(__file__).parent / "corpus" / "bounces"
PATHS = ReturnPaths(("nøgle", "gammel nøgle"), "bounces.klinik.dk")
VERP = PATHS.make(4711)
WRAP = """\
From: MAILER-DAEMON@relay.klinik.dk
To: {verp}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

Your mail could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.klinik.dk

{block}

--b1
Content-Type: text/rfc822-headers

Subject: spam, blocked by policy 5.7.1

--b1--
"""


def load(name):
    return tomllib.loads((CORPUS / name).read_text(encoding="utf-8"))


BLOCKS = load("status.toml")["cases"]
WHOLE = load("whole.toml")["case"]


def read(text, **values):
    return bounces.read(text.replace("{verp}", VERP).encode(), PATHS, **values)


@pytest.mark.parametrize(("block", "kind", "verdict"), BLOCKS, ids=[f"{n}-{one[1]}" for n, one in enumerate(BLOCKS)])
def test_a_recipients_block(block, kind, verdict):
    report = read(WRAP.replace("{block}", block))
    assert (report.message_id, report.kind, report.verdict or "") == (4711, kind, verdict)


@pytest.mark.parametrize("case", WHOLE, ids=[case["name"] for case in WHOLE])
def test_a_whole_mail(case):
    report = read(case["mail"].lstrip())
    assert (report.message_id, report.kind, report.verdict or "") == (4711, case["kind"], case["verdict"])


@pytest.mark.parametrize("case", WHOLE, ids=[case["name"] for case in WHOLE])
@pytest.mark.parametrize(
    "return_path",
    [
        "info@klinik.dk",
        VERP.replace("4711", "4712"),
        VERP.replace("bounces.klinik.dk", "evil.example"),
        "b+4711.aaaaaaaaaaaaaaaa@bounces.klinik.dk",
        ReturnPaths(("en andens nøgle",), "bounces.klinik.dk").make(4711),
    ],
)
def test_without_our_signature_no_message_is_meant(case, return_path):
    report = bounces.read(case["mail"].lstrip().replace("{verp}", return_path).encode(), PATHS)
    assert report == bounces.Report(Kind.UNSIGNED, None)


def test_what_the_report_says_is_kept():
    report = read(WHOLE[0]["mail"].lstrip())
    assert (report.status, report.recipient) == ("5.1.1", "anna@example.dk")
    assert report.text.startswith("550 5.1.1 <anna@example.dk>: Recipient address rejected: User unknown")


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To", "To"])
def test_the_return_path_is_found_where_it_was_delivered_to(header):
    mail = f"From: MAILER-DAEMON@x.dk\n{header}: <{VERP.upper()}>\nSubject: x\n\nx\n"
    assert read(mail).message_id == 4711


def test_the_envelope_counts_before_what_the_mail_says():
    mail = f"From: MAILER-DAEMON@x.dk\nTo: {VERP}\nSubject: x\n\nx\n"
    assert read(mail, envelope_to=PATHS.make(9)).message_id == 9


def test_a_former_key_still_verifies():
    assert PATHS.read(ReturnPaths(("gammel nøgle",), "bounces.klinik.dk").make(5)) == 5


@pytest.mark.parametrize(
    "address",
    ["", "@", "b+@bounces.klinik.dk", "b+0.aaaaaaaaaaaaaaaa@bounces.klinik.dk", f"x{VERP}", f"{VERP}.evil.example",
     VERP.replace("b+", "b+0"), VERP[:-5], f"b+{'9' * 40}.aaaaaaaaaaaaaaaa@bounces.klinik.dk"],
)  # fmt: skip
def test_what_is_no_return_path_of_ours(address):
    assert PATHS.read(address) is None


@given(st.integers(1, 2**63 - 1))
def test_every_return_path_fits_a_mailbox_and_reads_back(message_id):
    address = PATHS.make(message_id)
    assert len(address.partition("@")[0]) <= 64
    assert PATHS.read(address) == message_id
    assert PATHS.read(f" <{address.upper()}> ") == message_id


@given(st.binary(max_size=300), st.integers(0, len(WHOLE) - 1), st.integers(0, 600))
@settings(max_examples=150)
def test_no_mail_is_so_broken_that_reading_it_fails(noise, number, place):
    whole = WHOLE[number]["mail"].lstrip().replace("{verp}", VERP).encode()
    report = bounces.read(whole[:place] + noise + whole[place:], PATHS)
    assert isinstance(report.kind, Kind)
    assert (report.verdict is not None) == (report.kind is Kind.BOUNCE)


@pytest.mark.parametrize(
    "part", ["Content-Type: message/rfc822\n\n", 'Content-Type: multipart/mixed; boundary="b"\n\n--b\n']
)
def test_parts_in_parts_in_parts_are_nothing(part):
    report = bounces.read(f"To: {VERP}\n{part * 3_000}".encode(), PATHS)
    assert report.kind in (Kind.UNSIGNED, Kind.OTHER)


def test_headers_in_raw_letters_do_not_hide_a_bounce():
    mail = WHOLE[2]["mail"].lstrip().replace("{verp}", VERP).replace("Mail Delivery System", "Postbud på æble")
    report = bounces.read(mail.encode("latin-1"), PATHS)
    assert (report.message_id, report.kind, report.verdict) == (4711, Kind.BOUNCE, Verdict.ADDRESS)


def test_a_bounce_is_never_read_as_our_own_fault():
    verdicts = {read(WRAP.replace("{block}", block)).verdict for block, _kind, _verdict in BLOCKS}
    assert verdicts == {None, Verdict.ADDRESS, Verdict.SOFT, Verdict.POLICY, Verdict.REFUSED}
