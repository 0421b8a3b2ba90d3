"""Offers that are refused, with the line named; and what an answer says."""

import re

import pytest

from server.media import MediaLimits, OfferRefused, sdp
from server.media.transport import match
from tests.synthetic import SyntheticEndpoint

LIMITS = MediaLimits()
ENDPOINT = SyntheticEndpoint([("send", "mic"), ("send", "camera"), ("receive", "audio"), ("receive", "video")])
GOOD = ENDPOINT.offer()


def refused(text: str) -> OfferRefused:
    with pytest.raises(OfferRefused) as caught:
        sdp.parse(text, LIMITS)
    return caught.value


def test_an_answer_is_passive_lite_and_names_every_section_once() -> None:
    offer = sdp.parse(GOOD, LIMITS)
    local = sdp.Local(
        ufrag="uuuu",
        password="p" * 22,
        fingerprint="AA:BB",
        candidates=[("192.0.2.1", 3478)],
        ssrcs={"2": 5, "3": 6},
        session_id=1,
    )
    answer = sdp.answer(offer, local)
    assert answer.count("m=") == 4
    assert "a=ice-lite" in answer
    assert "a=group:BUNDLE 0 1 2 3" in answer
    assert answer.count("a=setup:passive") == 4
    assert answer.count("a=recvonly") == answer.count("a=sendonly") == 2
    assert "a=candidate:1 1 udp 2130706430 192.0.2.1 3478 typ host" in answer
    assert "a=ssrc:6 cname:atelier" in answer
    assert (
        answer.count("a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1") == 2
    )  # Opus with FEC and DTX, whatever was offered
    assert sdp.parse(GOOD.replace("\r\n", "\n"), LIMITS).ufrag == offer.ufrag


@pytest.mark.parametrize(
    ("old", "new", "code", "told"),
    [
        ("a=setup:actpass", "a=setup:passive", "offer_role", "line 6 has a=setup:actpass"),
        ("VP8/90000", "H264/90000", "offer_without_codec", "section at line"),
        ("opus/48000/2", "PCMU/8000", "offer_without_codec", "line 6"),
        ("a=sendonly", "a=sendrecv", "offer_direction", "line 6 is sendrecv"),
        ("a=sendonly", "a=inactive", "offer_direction", "line 6 is inactive"),
        ("a=sendonly", "a=upwards", "offer_direction", "line 6 is sendrecv"),
        ("a=rtcp-mux", "a=x", "offer_without_mux", "a=rtcp-mux"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5", "offer_without_fingerprint", "line 6"),
        ("a=ice-pwd:", "a=ice-nothing:", "offer_without_ice", "line 6"),
        ("a=mid:1", "a=mid:0", "offer_without_mid", "line"),
        ("BUNDLE 0 1 2 3", "BUNDLE 0 1 2", "offer_without_bundle", "BUNDLE"),
        (
            "m=audio 9 UDP/TLS/RTP/SAVPF 111",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            "offer_unsupported",
            "Line 6",
        ),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio 9 UDP/TLS/RTP/SAVPF 300", "offer_malformed", "Line 6"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111", "m=audio", "offer_malformed", "Line 6"),
        ("a=extmap:4", "a=extmap:four", "offer_malformed", "extmap"),
        ("a=ssrc:", "a=ssrc:x", "offer_malformed", "ssrc"),
        ("a=mid:1", "a=mid:" + "x" * 40, "offer_malformed", "mid"),
    ],
)
def test_a_wrong_offer_is_refused_with_the_place(old: str, new: str, code: str, told: str) -> None:
    assert old in GOOD
    refusal = refused(GOOD.replace(old, new))
    assert refusal.code == code
    assert told in refusal.message
    assert re.search(r"[Ll]ine \d+", refusal.message)


def test_junk_and_huge_offers_are_refused() -> None:
    assert refused("").code == "offer_malformed"
    assert refused("hello\nworld").code == "offer_malformed"
    for text, line in (("a=x\r\n" * 10_000, sdp.MAX_LINES + 1), ("a=" + "x" * 5_000, 2)):
        refusal = refused("v=0\r\n" + text)
        assert (refusal.code, f"Line {line} " in refusal.message) == ("offer_too_large", True)
    for sections in (60, 1_000):
        offer = SyntheticEndpoint([("receive", "video")] * sections).offer()
        offer = re.sub("a=group:BUNDLE.*", "a=group:BUNDLE 0", offer)  # else it is refused for the length of that line
        refusal = refused(offer)
        last = [at for at, line in enumerate(offer.splitlines(), start=1) if line.startswith("m=")][LIMITS.max_sections]
        assert refusal.code == "offer_too_large"
        assert f"Line {last} begins one section too many; at most {LIMITS.max_sections}" in refusal.message


def test_slots_must_fit_the_offer() -> None:
    offer = sdp.parse(GOOD, LIMITS)
    specs = ENDPOINT.specs()
    wrong = [
        specs[:-1],
        [*specs, specs[0]],
        SyntheticEndpoint([("send", "camera"), ("send", "mic"), ("receive", "audio"), ("receive", "video")]).specs(),
        SyntheticEndpoint(
            [("receive", "audio"), ("send", "camera"), ("receive", "audio"), ("receive", "video")]
        ).specs(),
        SyntheticEndpoint([("send", "audio"), ("send", "camera"), ("receive", "audio"), ("receive", "video")]).specs(),
    ]
    for slots in wrong:
        with pytest.raises(OfferRefused) as caught:
            match(offer, slots, LIMITS)
        assert caught.value.code == "slots_mismatch"


def test_more_streams_or_slots_than_are_given_are_refused() -> None:
    offer = sdp.parse(GOOD, LIMITS)
    for fewer, told in (
        (MediaLimits(max_sources=1), "2 streams"),
        (MediaLimits(max_receive_slots=1), "2 receive slots"),
    ):
        with pytest.raises(OfferRefused) as caught:
            match(offer, ENDPOINT.specs(), fewer)
        assert caught.value.code == "offer_too_large"
        assert told in caught.value.message
