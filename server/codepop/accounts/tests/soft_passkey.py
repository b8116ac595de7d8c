"""A passkey in software: answers the browser's two WebAuthn calls as a phone does, with a real key."""

import hashlib
import os
from base64 import urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN = "https://testserver"
RP_ID = "testserver"
FLAGS = AuthenticatorData.FLAG


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


class SoftPasskey:
    """One credential; `user_verified` says that its owner unlocked it with a finger or a PIN."""

    def __init__(self, *, origin: str = ORIGIN) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._origin = origin
        self._id = os.urandom(32)
        self._user_handle = ""
        self._rp_id = RP_ID
        self._counter = 0

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create(options)`."""
        asked = options["publicKey"]
        self._user_handle = asked["user"]["id"]
        self._rp_id = asked.get("rp", {}).get("id", RP_ID)
        public = ES256.from_cryptography_key(self._key.public_key())  # type: ignore[no-untyped-call]  # fido2's
        made = AttestedCredentialData.create(Aaguid.NONE, self._id, public)
        data = self._authenticator_data(FLAGS.UP | FLAGS.UV | FLAGS.AT, made)
        attestation = AttestationObject.create("none", data, {})
        response = {
            "clientDataJSON": _text(self._client_data("webauthn.create", asked["challenge"])),
            "attestationObject": _text(bytes(attestation)),
        }
        return self._answer(response, {"credProps": {"rk": True}})

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get(options)`."""
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = self._authenticator_data(FLAGS.UP | FLAGS.UV, None)
        signed = bytes(data) + hashlib.sha256(client_data).digest()
        response = {
            "clientDataJSON": _text(client_data),
            "authenticatorData": _text(bytes(data)),
            "signature": _text(self._key.sign(signed, ec.ECDSA(hashes.SHA256()))),
            "userHandle": self._user_handle,
        }
        return self._answer(response, {})

    def _authenticator_data(
        self, flags: AuthenticatorData.FLAG, made: AttestedCredentialData | None
    ) -> AuthenticatorData:
        self._counter += 1
        rp_hash = hashlib.sha256(self._rp_id.encode()).digest()
        data: AuthenticatorData = AuthenticatorData.create(rp_hash, flags, self._counter, bytes(made) if made else b"")
        return data

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return bytes(CollectedClientData.create(kind, websafe_decode(challenge), self._origin))

    def _answer(self, response: dict[str, Any], extensions: dict[str, Any]) -> dict[str, Any]:
        name = _text(self._id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "clientExtensionResults": extensions,
        }
