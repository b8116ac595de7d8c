"""What the database holds is ciphertext, look-ups by e-mail still work, and keys can change while both live."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection
from django.db import transaction as django_transaction

from codepop.accounts.models import User
from codepop.core.db import transaction
from codepop.core.encryption import CannotDecrypt, Cipher
from codepop.core.keyset import ensure_keyset_file, new_keysets
from codepop.core.sessions import EncryptedSerializer


@pytest.mark.req("DB-08", "C20")
@pytest.mark.django_db
def test_a_persons_address_and_name_are_ciphertext_and_can_be_found() -> None:
    user = User.objects.create_user("Ada.Canary@example.org", None, name="Ada Canary")
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, name FROM accounts_user")
        email, name = cursor.fetchone()
    assert "canary" not in (email + name).lower()
    assert User.objects.get(email="ada.canary@EXAMPLE.org") == user
    assert User.objects.filter(email__in=["ada.canary@example.org", "x@example.org"]).count() == 1
    assert User.objects.filter(email__iexact="ADA.canary@example.org").exists()
    loaded = User.objects.get(pk=user.pk)
    assert (loaded.email, loaded.name) == ("ada.canary@example.org", "Ada Canary")
    assert loaded.email_hint() == "a…y@example.org"


@pytest.mark.req("DB-08")
@pytest.mark.django_db
def test_an_address_is_unique_in_any_case() -> None:
    User.objects.create_user("ada@example.org", None)
    with pytest.raises(IntegrityError), django_transaction.atomic():
        User.objects.create_user("ADA@example.org", None)


@pytest.mark.parametrize("lookup", ["email__contains", "email__startswith", "name", "name__contains"])
def test_other_look_ups_are_refused(lookup: str) -> None:
    with pytest.raises(FieldError):
        str(User.objects.filter(**{lookup: "a"}).query)


def test_sealing_twice_gives_two_texts_and_one_meaning() -> None:
    cipher = Cipher(new_keysets())
    first, second = cipher.seal("text", purpose="p"), cipher.seal("text", purpose="p")
    assert first != second
    assert cipher.open(first, purpose="p") == cipher.open(second, purpose="p") == "text"


@pytest.mark.req("DB-08")
def test_a_ciphertext_does_not_open_in_another_field_or_when_changed() -> None:
    cipher = Cipher(new_keysets())
    sealed, fixed = cipher.seal("text", purpose="a"), cipher.fix("text", purpose="a")
    with pytest.raises(CannotDecrypt):
        cipher.open(sealed, purpose="b")
    with pytest.raises(CannotDecrypt):
        cipher.unfix(fixed, purpose="b")
    with pytest.raises(CannotDecrypt):
        cipher.open(sealed[:-3] + "AAA", purpose="a")


@pytest.mark.req("DB-08")
def test_two_live_keys_open_old_texts_and_find_old_rows() -> None:
    old, new = json.loads(new_keysets()), json.loads(new_keysets())
    both = {
        kind: {"primaryKeyId": new[kind]["primaryKeyId"], "key": old[kind]["key"] + new[kind]["key"]} for kind in old
    }
    before, during, after = Cipher(json.dumps(old)), Cipher(json.dumps(both)), Cipher(json.dumps(new))
    sealed, fixed = before.seal("text", purpose="p"), before.fix("text", purpose="p")
    assert during.open(sealed, purpose="p") == during.unfix(fixed, purpose="p") == "text"
    assert fixed in during.fixes("text", purpose="p")
    assert after.unfix(during.fix("text", purpose="p"), purpose="p") == "text"
    with pytest.raises(CannotDecrypt):
        after.open(sealed, purpose="p")


@pytest.mark.req("SEC-12")
def test_the_key_file_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "keyset.json"
    ensure_keyset_file(path)
    text = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    ensure_keyset_file(path)
    assert path.read_text() == text
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.req("SEC-08")
def test_sessions_are_ciphertext() -> None:
    serializer = EncryptedSerializer()
    stored = serializer.dumps({"email": "ada@example.org"})
    assert b"ada" not in stored
    assert serializer.loads(stored) == {"email": "ada@example.org"}


@pytest.mark.django_db(transaction=True)
def test_an_empty_text_stays_empty() -> None:
    with transaction():
        user = User.objects.create_user("e@example.org", None)
    assert User.objects.get(pk=user.pk).name == ""
