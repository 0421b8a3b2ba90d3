"""Packets: one UDP port, ICE-lite, DTLS, SRTP, and the policy of who gets what. Knows no room and no person."""
