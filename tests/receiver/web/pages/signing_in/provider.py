"""A small OpenID provider over real HTTP: it signs in whoever comes, as the test says."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug import Request, Response
from werkzeug.serving import BaseWSGIServer, make_server

CLIENT_ID, CLIENT_SECRET = "monitr", "a secret of the two"


@dataclass
class Provider:
    """``claims`` go into the next token over the right ones; ``key`` signs it."""

    issuer: str = ""
    claims: dict[str, object] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    published: RSAKey | None = None  # else the key itself
    asked: dict[str, str] = field(default_factory=dict)  # by the last authorization request

    def authorize(self, address: str) -> str:
        """What the browser does there: the path in the receiver that it is sent back to."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        query = urlencode({"code": "the code", "state": self.asked["state"]})
        return f"{urlsplit(self.asked['redirect_uri']).path}?{query}"

    @Request.application
    def answer(self, request: Request) -> Response:
        answers = {
            "/.well-known/openid-configuration": self._metadata,
            "/keys": self._keys,
            "/token": self._token,
        }
        answer = answers[request.path](request)
        return Response(
            json.dumps(answer), 400 if "error" in answer else 200, mimetype="application/json"
        )

    def _metadata(self, _request: Request) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def _keys(self, _request: Request) -> dict[str, object]:
        return {"keys": [(self.published or self.key).as_dict(private=False)]}

    def _token(self, request: Request) -> dict[str, object]:
        """Only for the client, its one code, and the verifier of its PKCE challenge."""
        authorization, form = request.authorization, request.form
        assert authorization
        hashed = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
        is_right = (
            (authorization.username, authorization.password) == (CLIENT_ID, CLIENT_SECRET)
            and form["code"] == "the code"
            and self.asked["code_challenge_method"] == "S256"
            and self.asked["code_challenge"] == challenge
        )
        if not is_right:
            return {"error": "invalid_grant"}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "1",
            "iat": int(time.time()),
            "exp": int(time.time()) + 60,
            "nonce": self.asked["nonce"],
            "email": "anna@acme.example",
            "email_verified": True,
            **self.claims,
        }
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": "unused", "token_type": "Bearer", "id_token": token}


@contextmanager
def running_provider() -> Iterator[Provider]:
    provider = Provider()
    server: BaseWSGIServer = make_server("127.0.0.1", 0, provider.answer)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
