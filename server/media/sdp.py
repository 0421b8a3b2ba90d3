"""Offers and answers (RFC 8866, 8829, 8843, 8839, 8122), as far as one offer and one answer a connection need them.

`parse` reads an offer into sections and refuses, naming the line, what cannot be answered. `answer` is a pure function of the offer and the
server's side: BUNDLE with rtcp-mux, ICE-lite with the candidates inside, DTLS passive, Opus and VP8 only, and for every section that the
client receives a fixed SSRC, which carries whatever is routed to it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from server.media.values import MediaLimits, OfferRefused

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
TRANSPORT_CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
EXTENSIONS = {"audio": (MID, AUDIO_LEVEL, ABS_SEND_TIME), "video": (MID, ABS_SEND_TIME)}
SENT_EXTENSIONS = {"audio": (TRANSPORT_CC,), "video": (TRANSPORT_CC, RID, REPAIRED_RID)}
"""What is answered besides where the client sends."""
CODECS = {"audio": "opus/48000/2", "video": "vp8/90000"}
CLOCK_HZ = {"audio": 48_000, "video": 90_000}
FEEDBACK = {"audio": (), "video": ("ccm fir", "nack", "nack pli")}
MAX_LAYERS = 3
MAX_LINES = 6_000
MAX_LINE_CHARS = 2_000
_TOKEN = re.compile(r"^[A-Za-z0-9!#$%&'*+.^_`{|}~/-]+$")
_RID = re.compile(r"^[A-Za-z0-9]{1,16}$")
_ICE = re.compile(r"^[A-Za-z0-9+/]{4,256}$")
_FINGERPRINT = re.compile(r"^(sha-(?:256|384|512)) ((?:[0-9A-F]{2}:)+[0-9A-F]{2})$", re.IGNORECASE)


@dataclass(slots=True)
class Section:
    """One m-line of an offer."""

    line: int
    kind: str
    protocol: str
    payload_types: tuple[int, ...]
    mid: str = ""
    direction: str = "sendrecv"
    codecs: dict[int, str] = field(default_factory=dict)
    """Payload type → lower-case `name/clock[/channels]`."""
    extensions: dict[str, int] = field(default_factory=dict)
    ssrcs: list[int] = field(default_factory=list)
    rids: list[str] = field(default_factory=list)
    """Layers that the client offers to send; empty for one."""
    repairs: dict[int, int] = field(default_factory=dict)
    """Payload type of retransmissions → payload type of what they repair."""
    repair_ssrcs: dict[int, int] = field(default_factory=dict)
    """SSRC → SSRC of its retransmissions."""
    rtcp_mux: bool = False

    @property
    def payload_type(self) -> int | None:
        """The first payload type of the codec that this server takes; None without one."""
        wanted = CODECS.get(self.kind)
        return next((number for number in self.payload_types if self.codecs.get(number) == wanted), None)

    @property
    def layered(self) -> bool:
        """Whether the client sends several layers, which it tells apart by a rid on each packet."""
        return len(self.rids) > 1 and {MID, RID} <= self.extensions.keys()

    @property
    def repair_payload_type(self) -> int | None:
        """The payload type of retransmissions (RFC 4588) of that codec; None where they were not offered."""
        if self.kind != "video":
            return None
        mine = self.payload_type
        return next(
            (
                number
                for number in self.payload_types
                if self.repairs.get(number) == mine and self.codecs.get(number) == "rtx/90000"
            ),
            None,
        )


@dataclass(slots=True)
class Offer:
    """What matters of an offer."""

    ufrag: str = ""
    password: str = ""
    fingerprints: list[tuple[str, str]] = field(default_factory=list)
    setup: str = ""
    bundle: tuple[str, ...] = ()
    sections: list[Section] = field(default_factory=list)


def parse(text: str, limits: MediaLimits) -> Offer:
    """An offer. Raises `OfferRefused` with the number of the line that is wrong."""
    lines = text.splitlines()
    offer = Offer()
    section: Section | None = None
    for number, line in enumerate(lines, start=1):
        if number > MAX_LINES:
            raise OfferRefused("offer_too_large", f"Line {number} is one too many; at most {MAX_LINES} are read.")
        if len(line) > MAX_LINE_CHARS:
            raise OfferRefused(
                "offer_too_large", f"Line {number} has {len(line)} characters; at most {MAX_LINE_CHARS} are read."
            )
        if len(line) < 2 or line[1] != "=":
            raise OfferRefused("offer_malformed", f"Line {number} is not of the form `type=value`.")
        kind, value = line[0], line[2:]
        if kind == "m":
            if len(offer.sections) >= limits.max_sections:
                message = f"Line {number} begins one section too many; at most {limits.max_sections} are answered."
                raise OfferRefused("offer_too_large", message)
            section = _media_line(number, value)
            offer.sections.append(section)
        elif kind == "a":
            name, _, rest = value.partition(":")
            try:
                if not _session_attribute(offer, name, rest) and section is not None:
                    _section_attribute(section, name, rest)
            except ValueError:
                raise OfferRefused("offer_malformed", f"Line {number}: a={name} has no valid value.") from None
    _check(offer)
    return offer


def _media_line(number: int, value: str) -> Section:
    parts = value.split()
    try:
        kind, _port, protocol, *formats = parts
        payload_types = tuple(int(each) for each in formats) if kind in CODECS else ()
    except ValueError:
        message = f"Line {number}: an m-line is `m=<media> <port> <protocol> <payload types>`."
        raise OfferRefused("offer_malformed", message) from None
    if any(not 0 <= each <= 127 for each in payload_types):
        raise OfferRefused("offer_malformed", f"Line {number}: payload types are from 0 to 127.")
    return Section(line=number, kind=kind, protocol=protocol, payload_types=payload_types)


def _session_attribute(offer: Offer, name: str, value: str) -> bool:
    """Attributes that are the same for the whole bundle, wherever they stand."""
    match name:
        case "ice-ufrag" | "ice-pwd":
            if not _ICE.match(value):
                raise ValueError(name)
            if name == "ice-ufrag":
                offer.ufrag = offer.ufrag or value
            else:
                offer.password = offer.password or value
        case "fingerprint":
            found = _FINGERPRINT.match(value)
            if found and (found[1].lower(), found[2].upper()) not in offer.fingerprints:
                offer.fingerprints.append((found[1].lower(), found[2].upper()))
        case "setup":
            offer.setup = offer.setup or value
        case "group":
            semantics, *mids = value.split()
            if semantics == "BUNDLE":
                offer.bundle = tuple(mids)
        case _:
            return False
    return True


def _section_attribute(section: Section, name: str, value: str) -> None:
    match name:
        case "mid":
            if not _TOKEN.match(value) or len(value) > 16:
                raise ValueError(name)
            section.mid = value
        case "sendrecv" | "sendonly" | "recvonly" | "inactive":
            section.direction = name
        case "rtpmap":
            number, codec = value.split(maxsplit=1)
            section.codecs[int(number)] = codec.strip().lower()
        case "extmap":
            number, uri, *_ = value.split()
            section.extensions[uri] = int(number.partition("/")[0])
        case "ssrc":
            ssrc = int(value.split(maxsplit=1)[0])
            if not 0 < ssrc <= 0xFFFFFFFF:
                raise ValueError(name)
            if ssrc not in section.ssrcs:
                section.ssrcs.append(ssrc)
        case "ssrc-group":
            semantics, *ssrcs = value.split()
            if semantics == "FID" and len(ssrcs) == 2:
                section.repair_ssrcs[int(ssrcs[0])] = int(ssrcs[1])
        case "fmtp":
            number, _, parameters = value.partition(" ")
            if parameters.startswith("apt="):
                section.repairs[int(number)] = int(parameters[4:].partition(";")[0])
        case "rid":
            rid, direction, *_ = value.split()
            if not _RID.match(rid):
                raise ValueError(name)
            if direction == "send" and rid not in section.rids:
                section.rids.append(rid)
        case "rtcp-mux":
            section.rtcp_mux = True


def _check(offer: Offer) -> None:
    if not offer.sections:
        raise OfferRefused("offer_malformed", "The offer has no m-line, so there is nothing to answer.")
    where = f"Neither the session nor the section at line {offer.sections[0].line}"
    if not offer.ufrag or len(offer.password) < 22:
        raise OfferRefused("offer_without_ice", f"{where} has a=ice-ufrag and an a=ice-pwd of 22 characters.")
    if not offer.fingerprints:
        message = f"{where} has an a=fingerprint with sha-256, sha-384 or sha-512."
        raise OfferRefused("offer_without_fingerprint", message)
    if offer.setup not in ("actpass", "active"):
        message = f"{where} has a=setup:actpass (or active): this server is passive."
        raise OfferRefused("offer_role", message)
    mids = [section.mid for section in offer.sections]
    for section in offer.sections:
        if not section.mid or mids.count(section.mid) > 1:
            raise OfferRefused("offer_without_mid", f"The section at line {section.line} lacks an a=mid of its own.")
        if section.mid not in offer.bundle:
            raise OfferRefused("offer_without_bundle", f"The section at line {section.line} is not in a=group:BUNDLE.")
        if section.kind not in CODECS or section.protocol != "UDP/TLS/RTP/SAVPF":
            message = f"Line {section.line}: only audio and video over UDP/TLS/RTP/SAVPF are answered."
            raise OfferRefused("offer_unsupported", message)
        if not section.rtcp_mux:
            raise OfferRefused("offer_without_mux", f"The section at line {section.line} lacks a=rtcp-mux.")
        if section.direction not in ("sendonly", "recvonly"):
            message = f"The section at line {section.line} is {section.direction}; each must be sendonly or recvonly."
            raise OfferRefused("offer_direction", message)
        if len(section.rids) > MAX_LAYERS:
            message = (
                f"The section at line {section.line} has {len(section.rids)} rids; at most {MAX_LAYERS} are taken."
            )
            raise OfferRefused("offer_too_large", message)
        if section.payload_type is None:
            codec = "Opus" if section.kind == "audio" else "VP8"
            raise OfferRefused("offer_without_codec", f"The section at line {section.line} does not offer {codec}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """The server's side of an answer. `ssrcs`: mid → SSRC of each section that the client receives, `repair_ssrcs`: of its retransmissions;

    `streams`: mid → name of the MediaStream; what shares one is played in step.
    """

    ufrag: str
    password: str
    fingerprint: str
    candidates: Sequence[tuple[str, int]]
    ssrcs: Mapping[str, int]
    repair_ssrcs: Mapping[str, int] = field(default_factory=dict)
    streams: Mapping[str, str] = field(default_factory=dict)
    session_id: int
    version: int = 1
    """Of the session's description: one more with each restart of ICE."""
    tcp: bool = False
    """Whether the candidates are reached by TCP too (RFC 6544), which is tried where UDP does not get through."""


def answer(offer: Offer, local: Local) -> str:
    """The answer, with CRLF line ends."""
    lines = [
        "v=0",
        f"o=atelier {local.session_id} {local.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(section.mid for section in offer.sections)}",
        "a=ice-lite",
        "a=msid-semantic: WMS *",
    ]
    for index, section in enumerate(offer.sections):
        lines += _answer_section(section, local, first=index == 0)
    return "\r\n".join(lines) + "\r\n"


def _answer_section(section: Section, local: Local, *, first: bool) -> list[str]:
    number = section.payload_type
    assert number is not None
    codec = {"audio": "opus/48000/2", "video": "VP8/90000"}[section.kind]
    repair = section.repair_payload_type
    lines = [
        f"m={section.kind} 9 UDP/TLS/RTP/SAVPF {number}" + ("" if repair is None else f" {repair}"),
        "c=IN IP4 0.0.0.0",
        f"a=ice-ufrag:{local.ufrag}",
        f"a=ice-pwd:{local.password}",
        f"a=fingerprint:sha-256 {local.fingerprint}",
        "a=setup:passive",
        f"a=mid:{section.mid}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        f"a=rtpmap:{number} {codec}",
    ]
    if section.kind == "audio":
        lines.append(f"a=fmtp:{number} minptime=10;useinbandfec=1;usedtx=1")
    sent = section.direction == "sendonly"
    # What the client sends is governed by when it arrives (transport-cc), what it receives by its own estimate (REMB).
    if sent and TRANSPORT_CC in section.extensions:
        lines.append(f"a=rtcp-fb:{number} transport-cc")
    elif section.kind == "video":
        lines.append(f"a=rtcp-fb:{number} goog-remb")
    lines += [f"a=rtcp-fb:{number} {feedback}" for feedback in FEEDBACK[section.kind]]
    if repair is not None:
        lines += [f"a=rtpmap:{repair} rtx/90000", f"a=fmtp:{repair} apt={number}"]
    uris = (*EXTENSIONS[section.kind], *(SENT_EXTENSIONS[section.kind] if sent else ()))
    lines += [f"a=extmap:{section.extensions[uri]} {uri}" for uri in uris if uri in section.extensions]
    lines += _receiving(section) if sent else _sending(section, local)
    if first:
        lines += [
            f"a=candidate:{index} 1 udp {2_130_706_431 - index} {host} {port} typ host"
            for index, (host, port) in enumerate(local.candidates, start=1)
        ]
        if local.tcp:
            lines += [
                f"a=candidate:{100 + index} 1 tcp {1_518_280_447 - index} {host} {port} typ host tcptype passive"
                for index, (host, port) in enumerate(local.candidates, start=1)
            ]
        lines.append("a=end-of-candidates")
    return lines


def _receiving(section: Section) -> list[str]:
    lines = ["a=recvonly"]
    if section.layered:
        lines += [f"a=rid:{rid} recv" for rid in section.rids]
        lines.append(f"a=simulcast:recv {';'.join(section.rids)}")
    return lines


def _sending(section: Section, local: Local) -> list[str]:
    ssrc, repair = local.ssrcs[section.mid], local.repair_ssrcs.get(section.mid)
    lines = ["a=sendonly", f"a=msid:{local.streams.get(section.mid, f'slot-{section.mid}')} slot-{section.mid}"]
    if repair is not None:
        lines.append(f"a=ssrc-group:FID {ssrc} {repair}")
    lines += [f"a=ssrc:{each} cname:atelier" for each in (ssrc, repair) if each is not None]
    return lines
