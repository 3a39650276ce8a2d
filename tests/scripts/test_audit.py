"""What the lookup of known vulnerabilities makes of its answers."""

from __future__ import annotations

from scripts.audit import Advisory, Audit, Package, verdict


def test_a_vulnerable_package_fails_and_names_its_advisory_and_cure() -> None:
    flaw = Advisory(id="PYSEC-1", fix_versions=("2.1",))
    audit = Audit(dependencies=(Package(name="leaky", version="2.0", vulns=(flaw,)),))

    code, lines = verdict(audit)

    assert code == 1
    assert lines[0] == "leaky 2.0: PYSEC-1, fixed in 2.1"


def test_packages_that_were_looked_up_and_are_sound_pass() -> None:
    audit = Audit(dependencies=(Package(name="sound", version="1.0"),))

    assert verdict(audit) == (0, ["1 of 1 packages were audited"])


def test_an_audit_that_knew_nothing_is_never_called_clean() -> None:
    audit = Audit(dependencies=(Package(name="sound", skip_reason="not found"),))

    code, lines = verdict(audit)

    assert code == 0
    assert "NOT possible" in lines[0]


def test_packages_that_were_left_out_are_named() -> None:
    audit = Audit(
        dependencies=(
            Package(name="sound", version="1.0"),
            Package(name="private", skip_reason="not found"),
        )
    )

    assert verdict(audit)[1] == ["1 of 2 packages were audited", "not audited: private: not found"]
