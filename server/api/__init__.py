"""HTTP: workshops and tokens for programmes, joining by invite for browsers, health, metrics and the documents.

`routes.py` says what there is, once: the handlers, the models they take and give, and so the OpenAPI document.
"""
