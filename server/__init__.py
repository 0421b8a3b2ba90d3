"""One node: the gateway, the workshop actors, the journal and the media plane. `app` alone sees everything."""
