"""The one place that turns errors into HTTP: problem+json as of RFC 9457.

``code`` is stable, ``detail`` is a sentence for people, ``path`` says where in the request the
error is. What was not foreseen is a 500 that tells nothing of the inside; the log has it.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

import structlog
from flask import Flask, Response
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]
from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, RequestEntityTooLarge

from receiver import errors
from receiver.invalid import first_error
from receiver.logs import described
from receiver.messages import Sentence
from receiver.web.pages.shared.problem import problem_page, wants_page

log = structlog.get_logger()

STATUS = {
    errors.DatabaseUnavailable: 503,
    errors.WorkerLost: 503,
    errors.OdooUnreachable: 502,
    errors.OdooTimeout: 504,
    errors.OdooRateLimited: 503,
    errors.OdooServerError: 502,
    errors.DoesNotTieOut: 502,
    errors.MissingHeader: 400,
    errors.UnknownConnection: 401,
    errors.WrongSignature: 401,
    errors.StaleTimestamp: 401,
    errors.WrongToken: 401,
    errors.BodyTooLarge: 413,
    errors.BrokenCompression: 400,
    errors.InvalidEnvelope: 422,
    errors.UnknownField: 422,
    errors.InvalidRecord: 422,
    errors.WrongDigest: 422,
    errors.InvalidProof: 422,
    errors.BatchConflict: 409,
    errors.Overtaken: 409,
    errors.UnsupportedContract: 422,
    errors.InvalidHello: 422,
    errors.OtherDatabase: 403,
    errors.OpenIdRefused: 403,
    errors.WrongSignIn: 403,
    errors.TooManySignIns: 429,
    errors.WeakPassword: 422,
    errors.WrongCode: 403,
    errors.InvalidName: 422,
    errors.NotAllowed: 403,
    errors.LastAdministrator: 409,
    errors.PullRunning: 409,
    errors.PullEnded: 409,
    errors.NothingHidden: 409,
    errors.NotFound: 404,
    errors.NameTaken: 409,
    errors.InvalidQuery: 422,
    errors.InvalidBody: 422,
    errors.MayNotManage: 403,
    errors.InvalidStructure: 422,
    errors.ChangedMeanwhile: 409,
    errors.DifferentCurrencies: 422,
    errors.InvalidOdooUrl: 422,
    errors.OdooHostNotFound: 422,
    errors.ForbiddenAddress: 422,
    errors.OdooTlsError: 422,
    errors.OdooElsewhere: 422,
    errors.NotAnOdoo: 422,
    errors.OdooTooOld: 422,
    errors.InvalidOdooAnswer: 502,
    errors.OdooAnswerTooLarge: 502,
    errors.WrongOdooDatabase: 422,
    errors.WrongOdooKey: 422,
    errors.RefusedByOdooOnline: 422,
    errors.MissingPermissions: 422,
    errors.GoneFromSight: 422,
    errors.UnknownLanguage: 422,
    errors.UnknownCompany: 422,
    errors.OtherBooks: 409,
    errors.OdooCallRefused: 502,
    errors.Misconfigured: 500,
}
RETRY_AFTER_SECONDS = 30
ODOO_RETRY_AFTER_SECONDS = 120
HEADERS = {
    errors.DatabaseUnavailable: {"Retry-After": str(RETRY_AFTER_SECONDS)},
    errors.OdooRateLimited: {"Retry-After": str(ODOO_RETRY_AFTER_SECONDS)},
    errors.UnknownConnection: {"WWW-Authenticate": "Signature"},
    errors.WrongSignature: {"WWW-Authenticate": "Signature"},
    errors.StaleTimestamp: {"WWW-Authenticate": "Signature"},
    errors.WrongToken: {"WWW-Authenticate": "Bearer"},
}


PROBLEM_TYPE = "urn:monitr:problem:"
NO_SUCH_ADDRESS = "There is nothing at this address. /docs lists every address of the API."
BROKEN_BODY = "The request's body does not keep to HTTP: its chunks are wrong."
INTERNAL_DETAIL = Sentence("Something went wrong inside; the receiver's log says what.")


def register_errors(app: Flask) -> None:
    app.register_error_handler(errors.MonitrError, answer_error)
    app.register_error_handler(HTTPException, answer_http_exception)
    app.register_error_handler(ParseException, answer_broken_body)
    app.register_error_handler(Exception, answer_unforeseen)


def answer_error(error: errors.MonitrError) -> Response:
    status = STATUS[type(error)]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("request failed", code=error.code, **described(error))
    else:
        log.warning("request rejected", code=error.code, status=status)
    more = {"path": error.path, **error.more} if error.path else error.more
    detail = INTERNAL_DETAIL if status == HTTPStatus.INTERNAL_SERVER_ERROR else error.sentence
    response = problem(status, error.code, detail, more)
    response.headers.update(HEADERS.get(type(error), {}))
    return response


def answer_http_exception(error: HTTPException) -> Response:
    """What Flask, flask-smorest and webargs raise."""
    if isinstance(error, RequestEntityTooLarge):
        return answer_error(errors.BodyTooLarge())
    if isinstance(cause := getattr(error, "exc", None), ValidationError):
        path, sentence = first_error(cause)
        return answer_error(errors.InvalidQuery(sentence, path=path))
    original = error.get_response()
    if original.status_code < HTTPStatus.BAD_REQUEST:
        return Response(original.get_data(), headers=original.headers, status=original.status_code)
    code = error.name.lower().replace(" ", "_")
    detail = _detail(error)
    response = problem(original.status_code, code, Sentence(detail))
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in original.headers:
            response.headers[name] = original.headers[name]
    return response


def answer_broken_body(_error: ParseException) -> Response:
    """What gunicorn raises while the body is read."""
    return answer_http_exception(BadRequest(BROKEN_BODY))


def _detail(error: HTTPException) -> str:
    if wants_page():
        return ""  # the page's heading says it
    if isinstance(error, NotFound):
        return NO_SUCH_ADDRESS
    return error.description or error.name


def answer_unforeseen(error: Exception) -> Response:
    log.error("request failed", code="internal_error", **described(error))
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal_error", INTERNAL_DETAIL)


def problem(
    status: int, code: str, detail: Sentence, more: Mapping[str, object] = MappingProxyType({})
) -> Response:
    """Answer with a problem, as a page for who looks with a browser."""
    if wants_page():
        return problem_page(status, code, detail)
    body = {
        "type": PROBLEM_TYPE + code,
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "detail": str(detail),
        "code": code,
        **more,
    }
    return Response(json.dumps(body), status, mimetype="application/problem+json")
