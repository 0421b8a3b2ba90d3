"""Packets: one UDP port, ICE-lite, DTLS, SRTP, and the policy of who gets what. Knows no room's meaning and no person."""

from server.media.server import MediaServer
from server.media.values import Binding, MediaLimits, MediaListener, OfferRefused, SlotSpec, Tile

__all__ = ["Binding", "MediaLimits", "MediaListener", "MediaServer", "OfferRefused", "SlotSpec", "Tile"]
