"""`atelier token`: a token for one person, or an invite for many, signed with the secret of the configuration; no server need run."""

import argparse
import re
import sys
import time

from pydantic import ValidationError

from rooms.ids import WorkshopId
from server import config, keys
from server.api.issuing import claims_of
from server.api.models import TokenRequest
from server.auth import ID_PATTERN, Tokens
from server.refusals import Refusal, explain


def print_token(arguments: argparse.Namespace, settings: config.Settings) -> None:
    """Print the token; end with a sentence where it cannot be made."""
    secret = keys.known(settings, "token_secret")
    if secret is None:
        where = f"configure one (ATELIER_TOKEN_SECRET), or start a server on {settings.data_dir} first"
        sys.exit(f"atelier: there is no secret to sign with; {where}.")
    fields = ("role", "name", "participant_id", "external_id", "email", "expires_in_s")
    given = {field: value for field in fields if (value := getattr(arguments, field)) is not None}
    if not re.fullmatch(ID_PATTERN, arguments.workshop):
        sys.exit("atelier: workshop: an id has 1 to 64 letters, digits, `_`, `-` or `.`.")
    try:
        claims = claims_of(
            TokenRequest.model_validate(given),
            WorkshopId(arguments.workshop),
            now_s=int(time.time()),
            max_life_s=settings.limits.max_tokens_s,
        )
    except ValidationError as error:
        sys.exit(f"atelier: {explain(error)}")
    except Refusal as refusal:
        sys.exit(f"atelier: {refusal.message}")
    print(Tokens(secret).sign(claims))
