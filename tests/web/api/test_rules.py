"""A program takes a rule from here, and brings it back, by a token with the role `rules`."""

from estimator.accounts.roles import Role
from tests.web.api.conftest import Call


def test_a_rule_is_exported_changed_and_imported(call: Call) -> None:
    """Once; the second time it says nothing new."""
    text = call("GET", "/rules?kind=state-law&name=IL", Role.RULES).json["text"]
    changed = text.replace("status: permitted", "status: silent")
    sent = [call("POST", "/rules?note=Read+again", Role.RULES, data=changed.encode()) for _ in range(2)]

    assert [True, False] == [answer.json["published"] for answer in sent]
    assert [False, False] == [answer.json["conflict"] for answer in sent]
    assert "status: silent" in call("GET", "/rules?kind=state-law&name=IL", Role.RULES).json["text"]


def test_without_the_role_or_a_rule_nothing_is_done(call: Call) -> None:
    """Each is told in words."""
    assert 403 == call("GET", "/rules?kind=layer&name=aetna", Role.BILLING).status_code
    assert 422 == call("GET", "/rules?kind=layer&name=nobody", Role.RULES).status_code
    assert 422 == call("POST", "/rules?note=x", Role.RULES, data=b"plan: x").status_code
    assert 422 == call("POST", "/rules", Role.RULES, data=b"layer: x").status_code
