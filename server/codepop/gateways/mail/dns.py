"""What DNS says about a domain that sends mail: SPF, DKIM and DMARC. Reads only; never needed to send.

A `Lookup` answers the TXT records of a name: the system's resolver, or zone files given by hand, so that a change can
be checked before it is published.
"""

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import dns.exception
import dns.rdatatype
import dns.resolver
import dns.zone
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from dns.rdtypes.ANY.TXT import TXT

Lookup = Callable[[str], Sequence[str]]
MOST_SPF_LOOKUPS: Final = 10
"""RFC 7208 section 4.6.4: more and receivers answer permerror."""
SECONDS: Final = 5.0


@dataclass(frozen=True)
class Verdict:
    """One record's state; `remedy` is empty when nothing is to be done, `broken` when receivers will refuse."""

    record: str
    says: str
    remedy: str = ""
    broken: bool = False


class DnsAway(Exception):
    """No name server answers, which says nothing about the records."""


def system_lookup(name: str) -> Sequence[str]:
    """Ask the system's resolver; raises DnsAway."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise DnsAway(type(error).__name__) from error
    return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]


def zone_lookup(files: Iterable[Path]) -> Lookup:
    """Answer from zone files in master format, each with its $ORIGIN; raises ValueError for a file that is none."""
    known: dict[str, list[str]] = {}
    for path in files:
        try:
            zone = dns.zone.from_file(str(path), relativize=False, check_origin=False)
        except dns.exception.DNSException as error:
            raise ValueError(f"{path}: {type(error).__name__} {error}") from error
        for name, _ttl, row in zone.iterate_rdatas(dns.rdatatype.TXT):
            assert isinstance(row, TXT)
            text = b"".join(row.strings).decode("utf-8", "replace")
            known.setdefault(str(name).rstrip(".").lower(), []).append(text)
    return lambda name: known.get(name.rstrip(".").lower(), [])


def examine_domain(domain: str, lookup: Lookup, *, selector: str, key_pem: bytes | None) -> Iterator[Verdict]:
    """Judge the three records of a domain; raises DnsAway."""
    yield _spf(domain, lookup)
    if selector:
        yield _dkim(domain, lookup, selector, key_pem)
    else:
        yield Verdict("dkim", "not signed by us", "Fine when the provider signs; else set MAIL_DKIM_SELECTOR and key.")
    yield _dmarc(domain, lookup)


def _spf(domain: str, lookup: Lookup) -> Verdict:
    records = _records(lookup(domain), "v=spf1")
    if len(records) != 1:
        wrong = "no record" if not records else f"{len(records)} records, and there may be only one"
        return Verdict("spf", wrong, f'Publish one TXT at {domain}: "v=spf1 include:<provider> -all".', broken=True)
    terms = records[0].lower().split()[1:]
    lookups = _spf_lookups(domain, lookup, seen=set())
    if lookups > MOST_SPF_LOOKUPS:
        return Verdict("spf", f"{lookups} look-ups", f"At most {MOST_SPF_LOOKUPS}: drop an include.", broken=True)
    if "+all" in terms or "all" in terms:
        return Verdict("spf", "lets everybody send as us", "End it with -all.", broken=True)
    if not any(term in ("-all", "~all") or term.startswith("redirect=") for term in terms):
        return Verdict("spf", "does not say what to do with others", "End it with -all.")
    return Verdict("spf", records[0])


def _spf_lookups(domain: str, lookup: Lookup, *, seen: set[str]) -> int:
    """Count what a receiver has to look up, includes of includes too."""
    if domain in seen or len(seen) > MOST_SPF_LOOKUPS:
        return 0
    seen.add(domain)
    count = 0
    for record in _records(lookup(domain), "v=spf1")[:1]:
        for term in record.lower().split()[1:]:
            name, _, value = term.lstrip("+-~?").replace("=", ":", 1).partition(":")
            if name in ("include", "redirect"):
                count += 1 + _spf_lookups(value, lookup, seen=seen)
            elif name.partition("/")[0] in ("a", "mx", "ptr", "exists"):
                count += 1
    return count


def _dkim(domain: str, lookup: Lookup, selector: str, key_pem: bytes | None) -> Verdict:
    name = f"{selector}._domainkey.{domain}"
    tags = _tags(next(iter(lookup(name)), ""))
    published = tags.get("p", "").replace(" ", "")
    if not published:
        return Verdict("dkim", f"no key at {name}", f"Publish the key's public half at {name}.", broken=True)
    if key_pem is not None and published != _public_half(key_pem):
        return Verdict("dkim", f"another key at {name}", "Publish the public half of MAIL_DKIM_KEY_FILE.", broken=True)
    return Verdict("dkim", f"key at {name}" + ("" if key_pem is None else ", the one we sign with"))


def _public_half(pem: bytes) -> str:
    public = load_pem_private_key(pem, password=None).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def _dmarc(domain: str, lookup: Lookup) -> Verdict:
    name = f"_dmarc.{domain}"
    records = _records(lookup(name), "v=dmarc1")
    if len(records) != 1:
        wrong = "no record" if not records else f"{len(records)} records, and there may be only one"
        return Verdict("dmarc", wrong, f'Publish one TXT at {name}: "v=DMARC1; p=quarantine; rua=...".', broken=True)
    tags = _tags(records[0])
    if tags.get("p") not in ("none", "quarantine", "reject"):
        return Verdict("dmarc", "no policy that is one", "Set p=quarantine or p=reject.", broken=True)
    if tags["p"] == "none":
        return Verdict("dmarc", "p=none: receivers only watch", "Set p=quarantine once the reports are clean.")
    if "rua" not in tags:
        return Verdict("dmarc", f"p={tags['p']}, and nobody gets the reports", "Add rua=mailto:...")
    return Verdict("dmarc", records[0])


def _records(texts: Iterable[str], version: str) -> list[str]:
    return [text for text in texts if text.lower().replace(" ", "").startswith(version)]


def _tags(record: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in record.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if name.strip()}
