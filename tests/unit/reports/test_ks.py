"""KS: the vectors of the reference, and whatever is forged, cut off, over or somebody else's."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.reports.report_api import ks
from lti_tool.reports.report_api.errors import ApiError
from lti_tool.reports.report_api.ks import ADMIN, USER, Ks

SECRET = "0123456789abcdef0123456789abcdef"
FIRST = (
    "MmY2NGE2MTY2ZGQ0ZjMzNmQ3OTc1NmE2NmRkODczNjljZjg1ZDAxMXwxMjM0NTsxMjM0NTs0MTAyNDQ0ODAwOzI7MTIzNDt0ZWFjaGVyQGV4YW1w"
    "bGUub3JnO2xpc3Q6KixkaXNhYmxlZW50aXRsZW1lbnQ7Ow=="
)
SECOND = (
    "djJ8MTIzNDV8R0JWYUJ-ZDsnCWN4oJuvpP6_E192V3nc461rU7oL9QWCskjQhwi5E5NdngY48x8w6EYEtt0o0wROr678fArmKs7Twa-3GsbGok6JAM"
    "x8zqGbRJSfrG10E7yQnfBBzqK9yIPHZKlRzr0EEW27UbX9e95mK9jp-Vc_EwpmKTjpHTg="
)
SAID = Ks(12345, ADMIN, "teacher@example.org", 4102444800, {"list": "*", "disableentitlement": ""})
later = int(time.time()) + 3600


@pytest.mark.parametrize("text", [FIRST, SECOND])
def test_the_vectors_of_the_reference(text: str) -> None:
    assert ks.partner_of(text) == 12345
    assert ks.opened(text, SECRET) == SAID


def test_what_is_made_is_what_the_reference_makes() -> None:
    assert ks.make(SECRET, SAID, salt=bytes(range(16))) == SECOND
    assert ks.make(SECRET, SAID, version=1, salt=b"1234") == FIRST


def test_a_first_version_that_has_been_through_an_address() -> None:
    text = ks.make(SECRET, Ks(1, ADMIN, "ÿþ~~?>", later, {}), version=1)
    for sent in (text.replace("+", " "), text.rstrip("="), text.replace("+", "-").replace("/", "_")):
        assert ks.opened(sent, SECRET).user == "ÿþ~~?>"


def test_a_client_that_pads_only_when_needed_and_leaves_fields_out() -> None:
    for user in ("u" * length for length in range(16)):
        text = made_by_python(f"list=%2A&_e={later}&_t=2&_u={user}")
        assert ks.opened(text, SECRET) == Ks(7, ADMIN, user, later, {"list": "*"})


def made_by_python(fields: str) -> str:
    rest = bytes(16) + fields.encode()
    plain = ks._sha1(rest) + rest
    plain += bytes(-len(plain) % 16)
    encryptor = ks._cipher(SECRET).encryptor()
    return base64.urlsafe_b64encode(b"v2|7|" + encryptor.update(plain) + encryptor.finalize()).decode()


def refused(text: str, secret: str = SECRET) -> str:
    with pytest.raises(ApiError) as error:
        ks.partner_of(text)
        ks.opened(text, secret)
    assert len(text) < 8 or text[:8] not in f"{error.value.message}{error.value.args_of}"
    return error.value.args_of.get("ERR_CODE", error.value.code)


@pytest.mark.parametrize("version", [1, 2])
def test_every_reason_to_refuse_one(version: int) -> None:
    def make(**what: object) -> str:
        return ks.make(SECRET, Ks(**{"partner_id": 7, "type": ADMIN, "expires_at": later, **what}), version=version)  # type: ignore[arg-type]

    good = make(user="u")
    assert ks.opened(good, SECRET).admin
    assert not ks.opened(make(type=USER), SECRET).admin
    assert refused("") == "MISSING_KS"
    assert refused(good, "another secret") == "-1"
    assert refused(make(expires_at=int(time.time()) - 1)) == "-5"
    assert refused(make(type=7)) == "-4"
    for cut in (1, 5, 20, len(good) // 2, len(good) - 6):
        assert refused(good[:cut]) == "-1"


@pytest.mark.parametrize(
    "text", ["x", "v2|", "\0", "é" * 10, "a" * 10_000, "djJ8", "djJ8MTIzNDV8", "djJ8MTIzNDU=", "MTsyOzM=", "fHw="]
)
def test_nonsense(text: str) -> None:
    assert refused(text) == "-1"


@pytest.mark.parametrize("version", [1, 2])
def test_a_bar_in_what_one_says_is_a_letter_like_others(version: int) -> None:
    said = Ks(7, ADMIN, "a|b", later, {"urirestrict": "/x/*|/api_v3/*"})
    made = ks.make(SECRET, said, version=version)
    assert ks.partner_of(made) == 7 and ks.opened(made, SECRET) == said


@given(st.integers(0, len(SECOND) - 2), st.sampled_from("ABCxyz019-_"), st.sampled_from([FIRST, SECOND]))
def test_no_letter_can_be_changed(place: int, letter: str, text: str) -> None:
    place = min(place, len(text.rstrip("=")) - 2)  # the last letter has bits that mean nothing
    forged = text[:place] + letter + text[place + 1 :]
    if forged != text:
        with pytest.raises(ApiError):
            # A KS does not sign whose it is: it is opened with the secret of the account that it names.
            mine = ks.partner_of(forged) == ks.partner_of(text)
            ks.opened(forged, SECRET if mine else "the secret of another account")


@given(st.text(max_size=50), st.dictionaries(st.from_regex(r"[a-z]{1,9}", fullmatch=True), st.text(max_size=9)))
def test_what_is_made_can_be_opened(user: str, privileges: dict[str, str]) -> None:
    said = Ks(7, ADMIN, user, later, privileges)
    if "\ud800" <= max(user + "".join(privileges.values()), default="") <= "\udfff":
        return
    assert ks.opened(ks.make(SECRET, said), SECRET) == said
