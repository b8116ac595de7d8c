"""Making the key file; apart from the fields because settings need it before Django is set up."""

import json
import os
from pathlib import Path

import tink
from tink import aead, daead, json_proto_keyset_format, secret_key_access


def new_keysets() -> str:
    """Return fresh keysets for both ciphers as the JSON text that the key file holds."""
    aead.register()
    daead.register()
    handles = {
        "aead": tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM),
        "daead": tink.new_keyset_handle(daead.deterministic_aead_key_templates.AES256_SIV),
    }
    return json.dumps(
        {
            name: json.loads(json_proto_keyset_format.serialize(handle, secret_key_access.TOKEN))
            for name, handle in handles.items()
        }
    )


def ensure_keyset_file(path: Path) -> None:
    """Make the key file (mode 600) unless it is there. Of two processes at once the first one's file stays."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(new_keysets())
        if not path.exists():
            os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink(missing_ok=True)
