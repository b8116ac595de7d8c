"""The audit trail: one row for each thing a person did by hand, linked so that a later change shows.

Rows are written by commands, in the transaction of their effect, and by triggers on the tables of accounts, roles and
prices, so that a change which no command made (somebody with a database console) leaves a row too. The linking is the
database's own; `check` computes it anew, without the database's help. docs/decisions/0015-audit-chain.md has the why.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db import connection

from codepop.core.db import transaction_required
from codepop.core.log import get_logger
from codepop.core.models import AuditEntry, AuditHead

log = get_logger(__name__)

COMPANY: Final = "company"
ACCOUNTS: Final = "accounts"
_START: Final = b"\0" * 32
_BLOCK: Final = 2_000


@transaction_required
def record_audit(*, actor: str, action: str, subject: str, note: str = "", where: UUID | None = None) -> None:
    """Write who did what to which thing, in the transaction of its effect. Names of staff, never of customers.

    `where` is the store or region it is about, None for the whole chain of shops: whoever reads the trail there sees
    it. Takes the lock on the end of that trail until the commit: call it last.
    """
    AuditEntry.objects.create(
        actor=actor[:60],
        action=action[:60],
        subject=subject[:255],
        note=note[:200],
        chain=str(where) if where else COMPANY,
    )
    log.warning("audit", action=action, subject=subject)


@transaction_required
def act_as(actor: str, reason: str = "") -> None:
    """Tell the triggers of this transaction who changes rows and why; without it they name the database's role."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('codepop.actor', %s, true), set_config('codepop.reason', %s, true)",
            [actor[:60], reason[:200]],
        )


@dataclass(frozen=True)
class Link:
    """An entry as the chain sees it."""

    chain: str
    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    note: str
    previous: bytes
    hash: bytes

    def digest(self) -> bytes:
        """Return what `hash` has to be: SHA-256 over the fields, each with its length before it, and `previous`."""
        at = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
        fields = (self.chain, str(self.number), at, self.actor, self.action, self.subject, self.note)
        text = ",".join(f"{len(one)}:{one}" for one in (*fields, self.previous.hex()))
        return hashlib.sha256(text.encode()).digest()


@dataclass(frozen=True)
class Finding:
    """What is wrong with a chain, and from which entry on."""

    chain: str
    number: int
    problem: str


@dataclass(frozen=True)
class Verdict:
    """What `check` found; `heads` are the chains' ends, to be kept elsewhere and compared later."""

    entries: int
    heads: Mapping[str, tuple[int, str]]
    findings: list[Finding]

    def as_json(self) -> str:
        """Return it for a file."""
        heads = {chain: {"number": number, "hash": text} for chain, (number, text) in self.heads.items()}
        findings = [vars(one) for one in self.findings]
        return json.dumps({"entries": self.entries, "heads": heads, "findings": findings}, indent=1) + "\n"


def heads_of(text: str) -> dict[str, tuple[int, str]]:
    """Read the heads of an earlier verdict's file. Raises ValueError."""
    try:
        heads: Mapping[str, Mapping[str, Any]] = json.loads(text)["heads"]
        return {chain: (int(head["number"]), str(head["hash"])) for chain, head in heads.items()}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no file that `audit verify --json` wrote") from error


def check(*, earlier: Mapping[str, tuple[int, str]] | None = None) -> Verdict:
    """Walk all chains and compute every hash anew. `earlier` are heads that were kept outside the database.

    Only these show that a chain's end was cut by somebody who also set the end kept inside the database.
    """
    kept = {head.chain: (head.number, bytes(head.hash).hex()) for head in AuditHead.objects.all()}
    wanted = {chain: dict([head]) for chain, head in (earlier or {}).items()}
    findings: list[Finding] = []
    heads: dict[str, tuple[int, str]] = {}
    entries = 0
    for chain, links in _chains():
        number, previous = 0, _START
        for link in links:
            entries += 1
            findings += [Finding(chain, link.number, problem) for problem in _problems(link, number, previous)]
            number, previous = link.number, link.hash
            if wanted.get(chain, {}).pop(number, previous.hex()) != previous.hex():
                findings.append(Finding(chain, number, "not the entry that was kept outside"))
        heads[chain] = (number, previous.hex())
    for chain in sorted(kept.keys() | heads.keys()):
        if kept.get(chain) != heads.get(chain):
            findings.append(Finding(chain, heads.get(chain, (0, ""))[0], "the end is not the one that is kept"))
    for chain, rest in wanted.items():
        findings += [Finding(chain, number, "gone, though it was kept outside") for number in rest]
    return Verdict(entries, heads, findings)


def _problems(link: Link, number: int, previous: bytes) -> Iterator[str]:
    if link.number != number + 1:
        yield f"the entries before it are missing, after number {number}"
    elif link.previous != previous:
        yield "does not follow from the entry before it"
    if link.hash != link.digest():
        yield "was changed after it was written"


def _chains() -> Iterator[tuple[str, Iterable[Link]]]:
    chains = AuditEntry.objects.order_by("chain").values_list("chain", flat=True).distinct()
    for chain in list(chains):
        yield chain, _links(chain)


def _links(chain: str) -> Iterator[Link]:
    rows = AuditEntry.objects.filter(chain=chain).order_by("number", "id")
    for row in rows.iterator(chunk_size=_BLOCK):
        yield Link(
            chain=row.chain,
            number=row.number,
            at=row.at,
            actor=row.actor,
            action=row.action,
            subject=row.subject,
            note=row.note,
            previous=bytes(row.previous),
            hash=bytes(row.hash),
        )


@dataclass(frozen=True)
class Shown:
    """An entry as people read it."""

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    note: str
    chain: str


@dataclass(frozen=True)
class Asked:
    """Which entries: empty texts ask for all. `action` is the beginning of one, such as `people.`."""

    action: str = ""
    actor: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


def entries(chains: Collection[str] | None, asked: Asked, *, before: int | None = None, most: int = 50) -> list[Shown]:
    """Return entries newest first, of the given chains or, with None, of all."""
    rows = AuditEntry.objects.order_by("-id")
    if chains is not None:
        rows = rows.filter(chain__in=list(chains))
    wanted: dict[str, Any] = {
        "action__startswith": asked.action,
        "actor__contains": asked.actor,
        "subject__contains": asked.subject,
        "at__gte": asked.since,
        "at__lt": asked.until,
        "id__lt": before,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    names = ("id", "at", "actor", "action", "subject", "note", "chain")
    return [Shown(*row) for row in rows.values_list(*names)[:most]]
