"""TURN credentials that end, and settings that make no sense."""

import base64
import hashlib
import hmac

import pytest
from pydantic import ValidationError

from server.ice_servers import IceServer, for_browser

URL = "turn:turn.example:3478"


def test_a_secret_becomes_credentials_that_end() -> None:
    servers = [
        IceServer.model_validate({"urls": "stun:stun.example"}),
        IceServer.model_validate({"urls": [URL], "secret": "s3cret"}),
    ]
    plain, turn = for_browser(servers, 1_000_000.7, 600)
    assert plain == {"urls": ["stun:stun.example"]}
    ends, _, rest = turn["username"].partition(":")
    assert int(ends) == 1_000_600
    assert len(rest) == 12
    # What coturn computes (draft-uberti-behave-turn-rest).
    expected = hmac.new(b"s3cret", turn["username"].encode(), hashlib.sha1).digest()
    assert base64.b64decode(turn["credential"]) == expected
    assert for_browser(servers, 1_000_000.7, 600)[1]["username"] != turn["username"]


def test_fixed_credentials_are_passed_on() -> None:
    fixed = IceServer.model_validate({"urls": URL, "username": "u", "credential": "c"})
    assert for_browser([fixed], 0, 60) == [{"urls": [URL], "username": "u", "credential": "c"}]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"urls": "http://turn.example"}, "begin with stun:"),
        ({"urls": URL}, "needs a secret"),
        ({"urls": URL, "username": "u"}, "belong together"),
        ({"urls": URL, "secret": "s", "username": "u", "credential": "c"}, "one or the other"),
        ({"urls": []}, "at least 1"),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_message_says_why(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        IceServer.model_validate(wrong)
