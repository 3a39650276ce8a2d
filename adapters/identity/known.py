"""What the identity file holds of each user."""

from __future__ import annotations

from dataclasses import dataclass

from adapters.identity.file import IdentityFile

COLUMNS = "user_id, email, password, must_change, totp, totp_offered, totp_step"


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """A user as they sign in; what is secret of their authenticator is sealed."""

    user_id: str
    email: str
    password: str
    must_change: bool
    totp: bytes | None
    totp_offered: bytes | None
    totp_step: int


class KnownUsers:
    """The users of one file, by address and by id."""

    def __init__(self, file: IdentityFile) -> None:
        self._file = file

    def by_email(self, email: str) -> Known | None:
        return self._found("email", email)

    def by_id(self, user_id: str) -> Known:
        """Raises LookupError for a stranger."""
        known = self._found("user_id", user_id)
        if known is None:
            raise LookupError(f"{user_id} cannot sign in here")
        return known

    def _found(self, column: str, value: str) -> Known | None:
        with self._file.reading() as db:
            row = db.execute(f"SELECT {COLUMNS} FROM users WHERE {column}=?", (value,)).fetchone()
        return Known(row[0], row[1], row[2], bool(row[3]), row[4], row[5], row[6]) if row else None

    def empty(self) -> bool:
        with self._file.reading() as db:
            return db.execute("SELECT 1 FROM users LIMIT 1").fetchone() is None

    def add(self, user_id: str, email: str, password: str, *, must_change: bool) -> None:
        with self._file.change() as db:
            db.execute(
                "INSERT INTO users (user_id, email, password, must_change) VALUES (?,?,?,?)",
                (user_id, email, password, must_change),
            )

    def keep_password(self, user_id: str, password: str, *, must_change: bool) -> None:
        with self._file.change() as db:
            db.execute(
                "UPDATE users SET password=?, must_change=? WHERE user_id=?",
                (password, must_change, user_id),
            )

    def offer(self, user_id: str, sealed: bytes) -> None:
        """Keep an authenticator's secret that was not confirmed yet."""
        with self._file.change() as db:
            db.execute("UPDATE users SET totp_offered=? WHERE user_id=?", (sealed, user_id))

    def enrol(self, user_id: str) -> None:
        """What was offered is asked for from now on."""
        with self._file.change() as db:
            db.execute(
                "UPDATE users SET totp=totp_offered, totp_offered=NULL WHERE user_id=?", (user_id,)
            )

    def forget_authenticator(self, user_id: str) -> None:
        with self._file.change() as db:
            db.execute("UPDATE users SET totp=NULL, totp_offered=NULL WHERE user_id=?", (user_id,))

    def accept_step(self, user_id: str, step: int) -> bool:
        """Note which code was accepted; False if that one, or a later one, was before."""
        with self._file.change() as db:
            changed = db.execute(
                "UPDATE users SET totp_step=? WHERE user_id=? AND totp_step<?",
                (step, user_id, step),
            )
            return changed.rowcount == 1
