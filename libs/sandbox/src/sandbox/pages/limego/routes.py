"""Where the pages and the clicks are."""

from starlette.routing import Route

from sandbox.limego.world import LimeGo
from sandbox.pages.limego import company_forms, deal_forms, reading
from sandbox.pages.limego.context import Handler, handled


def limego_routes(limego: LimeGo) -> list[Route]:
    """The pages and the clicks on them. A click is the API's own mutation, with the user's personal key."""

    def get(path: str, page: Handler) -> Route:
        return Route(path, handled(limego, page), methods=["GET"])

    def post(path: str, click: Handler) -> Route:
        return Route(path, handled(limego, click), methods=["POST"])

    def both(path: str, page: Handler) -> Route:
        return Route(path, handled(limego, page), methods=["GET", "POST"])

    return [
        get("/limego/", reading.pipeline),
        get("/limego/affarer", reading.deals),
        both("/limego/affar/ny", deal_forms.create),
        get("/limego/affar/{id:int}", reading.deal),
        both("/limego/affar/{id:int}/redigera", deal_forms.edit),
        post("/limego/affar/{id:int}/flytta", deal_forms.move),
        get("/limego/foretag", reading.companies),
        both("/limego/foretag/ny", company_forms.create),
        get("/limego/foretag/{id}", reading.company),
        both("/limego/foretag/{id}/redigera", company_forms.edit),
        post("/limego/foretag/{id}/relation", company_forms.set_relation),
        both("/limego/foretag/{id}/person", company_forms.create_person),
        both("/limego/person/{id}", company_forms.edit_person),
        get("/limego/produkter", reading.products),
    ]
