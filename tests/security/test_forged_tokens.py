"""Tokens that nobody issued, or that were issued for something else, let nobody in."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from datetime import timedelta

import jwt
import pytest

from adapters.identity.access import AccessTokens
from domain.user import Role
from tests.adapters.api.practice import MORNING, PASSWORD, Json, Person, Practice, ok, refused

OURS = {"iss": "atp", "pwd": False}
NESTED = b"[" * 3000


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Practice:
    """Shared: a token that is none changes nothing."""
    return Practice(tmp_path_factory.mktemp("tokens"))


@pytest.fixture(scope="module")
def trader(practice: Practice) -> Person:
    return practice.admit("trader@example.com", Role.TRADER)


@pytest.fixture(scope="module")
def stranger(practice: Practice) -> Person:
    return practice.admit("stranger@example.com", Role.TRADER)


@pytest.fixture(scope="module")
def admin(practice: Practice) -> Person:
    return practice.admit("admin@example.com", Role.ADMIN)


def part(content: Json | bytes) -> str:
    """One part of a token."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def token_of(person: Person) -> str:
    return str(person.client.headers["Authorization"]).removeprefix("Bearer ")


def claims_of(person: Person) -> Json:
    found: Json = jwt.decode(token_of(person), options={"verify_signature": False})
    return found


def shown(practice: Practice, token: str, scheme: str = "Bearer") -> None:
    """Somebody shows this token, and is not let in."""
    headers = {"Authorization": f"{scheme} {token}"}
    answer = practice.anybody().get("/baskets", headers=headers)
    refused(answer, 401, "not-signed-in")


@pytest.mark.parametrize(
    "algorithm", ["none", "None", "NONE", "nOnE", "", "HS256 ", "RS256", "ES256"]
)
@pytest.mark.parametrize("signature", ["", "AAAA", "e30"])
def test_a_token_without_our_signature_is_none(
    practice: Practice, trader: Person, algorithm: str, signature: str
) -> None:
    header = {"alg": algorithm, "typ": "JWT"}

    shown(practice, f"{part(header)}.{part(claims_of(trader))}.{signature}")


@pytest.mark.parametrize(
    "change",
    [
        {"sub": "USER-ADMIN"},
        {"sid": "another"},
        {"pwd": False, "roles": ["admin"]},
        {"exp": 4_000_000_000},
    ],
)
def test_a_token_that_was_altered_is_none(practice: Practice, trader: Person, change: Json) -> None:
    header, _, signature = token_of(trader).split(".")

    shown(practice, f"{header}.{part(claims_of(trader) | change)}.{signature}")


@pytest.mark.parametrize("key", [b"", b"\x00" * 32, b"secret" * 6, b"atp" * 11, bytes(range(32))])
def test_a_token_signed_with_a_key_one_may_guess_is_none(
    practice: Practice, trader: Person, key: bytes
) -> None:
    claims = claims_of(trader)

    forged = (
        jwt.api_jws.encode(json.dumps(claims).encode(), key, "HS256")
        if key
        else (f"{part({'alg': 'HS256'})}.{part(claims)}.")
    )

    shown(practice, forged)


@pytest.mark.parametrize(
    "extra",
    [
        {"kid": "../../../../dev/null"},
        {"kid": "x' UNION SELECT '' --"},
        {"kid": "seal.key"},
        {"kid": 7},
        {"kid": None},
        {"jku": "https://attacker.example/keys"},
        {"x5u": "https://attacker.example/cert"},
        {"jwk": {"kty": "oct", "k": "AAAA"}},
        {"crit": ["exp"]},
        {"b64": False},
        {"typ": "at+jwt", "cty": "JWT"},
        {"zip": "DEF"},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_a_header_cannot_name_the_key_it_is_checked_by(
    practice: Practice, trader: Person, extra: Json
) -> None:
    header = part({"alg": "HS256"} | extra)
    signing = f"{header}.{part(claims_of(trader))}".encode()

    for key in (b"", b"AAAA", b"\x00"):
        algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
        signature = urlsafe_b64encode(algorithm.sign(signing, key)).rstrip(b"=").decode()
        shown(practice, f"{signing.decode()}.{signature}")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ".", "..", "...", "a.b.c", "null", "undefined", "{}", "e30.e30.", "e30.e30.e30",
        f"{part(NESTED)}.e30.e30", f"{part({'alg': 'HS256'})}.{part(NESTED)}.e30",
        f"{part(b'[]')}.e30.e30", f"{part(b'7')}.e30.e30", "%00", "=" * 50, "x" * 20_000,
        f"{part({'alg': ['HS256']})}.e30.e30", f"{part({'alg': None})}.e30.e30",
        f"{part({'alg': {'a': 'HS256'}})}.e30.e30",
    ],
    ids=lambda text: repr(text[:20]),
)  # fmt: skip
def test_what_is_no_token_at_all_is_told_so_and_nothing_breaks(
    practice: Practice, text: str
) -> None:
    shown(practice, text)


@pytest.mark.parametrize("scheme", ["Basic", "Token", "Digest", "BearerBearer", ""])
def test_a_good_token_counts_under_its_own_scheme_only(
    practice: Practice, trader: Person, scheme: str
) -> None:
    shown(practice, token_of(trader), scheme)


def test_a_token_is_taken_from_its_header_only(practice: Practice, trader: Person) -> None:
    token = token_of(trader)
    client = practice.anybody()

    for name in ("token", "access_token", "Authorization"):
        refused(client.get("/baskets", params={name: token}), 401, "not-signed-in")
        cookies = {"Cookie": f"{name}={token}"}
        refused(client.get("/baskets", headers=cookies), 401, "not-signed-in")
    for name in ("X-Forwarded-User", "X-User-Id", "X-Amzn-Oidc-Identity", "X-Authorization"):
        forged = {name: trader.user_id}
        refused(client.get("/baskets", headers=forged), 401, "not-signed-in")


def test_an_expired_token_is_none(practice: Practice, trader: Person) -> None:
    ok(trader.get("/baskets"))

    practice.wall += timedelta(minutes=15)

    refused(trader.get("/baskets"), 401, "not-signed-in")
    practice.wall -= timedelta(minutes=15)


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(
    practice: Practice, trader: Person
) -> None:
    shown(practice, trader.refresh_token)

    sent = {"refresh_token": token_of(trader)}
    refused(practice.anybody().post("/auth/refresh", json=sent), 401, "refresh-refused")


def test_a_token_of_another_installation_is_none(practice: Practice, trader: Person) -> None:
    """Same user, same session, another installation's key: all that a clone of the code has."""
    session = claims_of(trader)["sid"]
    elsewhere = AccessTokens(bytes(32))

    shown(practice, elsewhere.issue(trader.user_id, session, MORNING, must_change=False))


def signed_by_us(practice: Practice, claims: Json) -> str:
    """As if one could have anything signed: what the claims themselves have to withstand."""
    key = practice.identity._sessions._access.key
    return jwt.encode(claims, key, "HS256")


def test_even_our_signature_does_not_make_a_session(practice: Practice, trader: Person) -> None:
    good = claims_of(trader)
    headers = {"Authorization": f"Bearer {signed_by_us(practice, good)}"}
    assert practice.anybody().get("/baskets", headers=headers).status_code == 200

    for change in (
        {"sid": "never-opened"},
        {"iss": "another"},
        {"sub": "USER-NOBODY"},
    ):
        shown(practice, signed_by_us(practice, good | change))
    for missing in ("sub", "sid", "pwd", "exp", "iss"):
        shown(practice, signed_by_us(practice, {k: v for k, v in good.items() if k != missing}))


def test_a_session_of_one_user_does_not_speak_for_another(
    practice: Practice, trader: Person, stranger: Person
) -> None:
    swapped = claims_of(trader) | {"sub": stranger.user_id}

    shown(practice, signed_by_us(practice, swapped))


def test_a_password_that_must_be_changed_is_no_way_around_the_signature(
    practice: Practice, admin: Person, stranger: Person
) -> None:
    told = ok(admin.post(f"/users/{stranger.user_id}/reset-password"))["one_time_password"]
    sent = {"email": stranger.email, "password": told}
    limited = ok(practice.anybody().post("/auth/login", json=sent))["access_token"]
    headers = {"Authorization": f"Bearer {limited}"}
    client = practice.anybody()

    refused(client.get("/baskets", headers=headers), 403, "password-change-required")
    header, claims, signature = limited.split(".")
    lifted = jwt.decode(limited, options={"verify_signature": False}) | {"pwd": False}
    shown(practice, f"{header}.{part(lifted)}.{signature}")
    assert claims != part(lifted)
    assert PASSWORD not in limited
