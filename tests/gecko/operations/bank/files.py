"""Bank files as banks write them, made in tests."""

from __future__ import annotations

from pathlib import Path

REGISTRATION, NUMBER = "3000", "0123456789"
IBAN = "DK5030000123456789"


def transaction(ore: int | None = None, *, name="", text="", reference="", version=2, end_to_end="") -> str:
    """The details of one payment."""
    amount = f'<AmtDtls><TxAmt><Amt Ccy="DKK">{ore / 100:.2f}</Amt></TxAmt></AmtDtls>' if ore else ""
    who = f"<Nm>{name}</Nm>" if version == 2 else f"<Pty><Nm>{name}</Nm></Pty>"
    slip = f"<Strd><CdtrRefInf><Ref>{reference}</Ref></CdtrRefInf></Strd>" if reference else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end or 'NOTPROVIDED'}</EndToEndId></Refs>{amount}"
        f"<RltdPties><Dbtr>{who}</Dbtr></RltdPties><RmtInf><Ustrd>{text}</Ustrd>{slip}</RmtInf></TxDtls>"
    )


def entry(
    ore: int, *details: str, day="2026-11-02", sign="CRDT", currency="DKK", status="BOOK", ref="", info=""
) -> str:
    """One entry of a statement."""
    return (
        f'<Ntry><Amt Ccy="{currency}">{ore / 100:.2f}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>{status}</Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{ref}</AcctSvcrRef>"
        f"<NtryDtls>{''.join(details)}</NtryDtls><AddtlNtryInf>{info}</AddtlNtryInf></Ntry>"
    )


def balance(code: str, ore: int) -> str:
    """A balance of a statement."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="DKK">{abs(ore) / 100:.2f}</Amt><CdtDbtInd>{"CRDT" if ore >= 0 else "DBIT"}</CdtDbtInd></Bal>'
    )


def camt(*parts: str, version="02", iban=IBAN, before="") -> str:
    """A whole file with one statement."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt><Stmt><Id>1</Id>'
        f"<Acct><Id><IBAN>{iban}</IBAN></Id></Acct>{''.join(parts)}</Stmt></BkToCstmrStmt></Document>"
    )


def written(folder: Path, text: str, *, encoding="utf-8") -> Path:
    """The text as a file."""
    path = folder / "bank.data"
    path.write_bytes(text.encode(encoding))
    return path
