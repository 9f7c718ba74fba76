"""Login with Amazon: POST /auth/o2/token exchanges a refresh token for an access token."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from airflow_dags.sandbox.state import SandboxState


def _refuse(status: int, error: str, description: str) -> tuple[Response, int]:
    return jsonify({"error": error, "error_description": description}), status


def blueprint(state: SandboxState) -> Blueprint:
    routes = Blueprint("lwa", __name__)

    @routes.post("/auth/o2/token")
    def login() -> Response | tuple[Response, int]:
        form = request.form
        for name in ("grant_type", "client_id", "client_secret"):
            if not form.get(name):
                return _refuse(400, "invalid_request", f"The request is missing a required parameter: {name}")
        if form["grant_type"] != "refresh_token":
            return _refuse(400, "unsupported_grant_type", "The authorization grant type is not supported.")
        platform = state.credentials.platform_of_client(form["client_id"])
        if platform is None or form["client_secret"] != state.credentials.client_secret(platform):
            return _refuse(401, "invalid_client", "Client authentication failed")
        grant = state.credentials.find_grant(form.get("refresh_token", ""), form["client_id"])
        if grant is None:
            return _refuse(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token")
        seconds = state.options.token_seconds
        return jsonify(
            {
                "access_token": state.credentials.issue(grant, seconds),
                "refresh_token": form["refresh_token"],
                "token_type": "bearer",
                "expires_in": seconds,
            }
        )

    return routes
