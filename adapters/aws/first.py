"""`python -m adapters.aws.first --stage dev EMAIL`: let the first administrator in.

For whoever may deploy the stage; the one-time password is shown once and kept nowhere.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws.deployed import settings_of
from adapters.aws.identity import identity_of
from adapters.aws.platform import AwsPlatform, open_platform
from adapters.aws.settings import NotConfigured
from adapters.identity.first import first_admin
from adapters.identity.terms import IdentityAway
from adapters.vault.vault import VaultError


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="adapters.aws.first", description=__doc__)
    parser.add_argument("--stage", required=True)
    parser.add_argument("email")
    asked = parser.parse_args(arguments)
    try:
        aws = open_platform(settings_of(asked.stage))
        print(admitted(aws, asked.email))
    except (NotConfigured, IdentityAway, VaultError, BotoCoreError, ClientError) as error:
        print(f"nobody was let in: {error}", file=sys.stderr)
        return 1
    return 0


def admitted(aws: AwsPlatform, email: str) -> str:
    """What to tell the administrator."""
    identity = identity_of(aws.settings, aws.clients.people, aws.vault)
    found = first_admin(identity, aws.platform.bus, email, datetime.now(UTC))
    if found is None:
        return "somebody can sign in already: an administrator admits others (POST /users)"
    return (
        f"{email} is an administrator ({found.user_id}).\n"
        f"One-time password, good for a day: {found.one_time_password}\n"
        "It is asked for once; then a password has to be chosen and an authenticator enrolled."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
