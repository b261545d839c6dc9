"""The page on which one gives the token, once, where the dashboard demands one."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crawler.clock import Clock
from crawler.dashboard.desk import show
from crawler.dashboard.security import COOKIE, SIGN_IN, Session, Tries

_SESSION_S = 30 * 86_400


def sign_in_route(session: Session) -> Route:
    """Return the route of the form and of what it sends."""
    tries = Tries()

    def sign_in(request: Request) -> Response:
        client = request.client.host if request.client else ""
        wait = tries.wait_s(client)
        if request.method != "POST":
            return show(request, "sign_in.html", said=None)
        if wait:
            said = f"Too many attempts; try again in {wait:.0f} seconds."
            answer = show(request, "sign_in.html", said=said, status=429)
            answer.headers["Retry-After"] = f"{wait + 1:.0f}"
            return answer
        if not session.is_token(request.state.form.get("token", "")):
            tries.note(client)
            return show(request, "sign_in.html", said="That is not the token.", status=403)
        done = RedirectResponse("/", 303)
        done.set_cookie(
            COOKIE,
            session.cookie(int(Clock().now().timestamp())),
            max_age=_SESSION_S,
            httponly=True,
            samesite="strict",
            # Behind a proxy that speaks TLS, which only the browser's own word tells.
            secure=request.headers.get("origin", "").startswith("https://"),
        )
        return done

    return Route(SIGN_IN, sign_in, methods=["GET", "POST"])
