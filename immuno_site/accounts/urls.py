"""Addresses of signing in. Only allauth's pages that staff need: no sign-up, no addresses to manage."""

from allauth.account import views as account
from django.urls import include, path

from immuno_site.accounts import views

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("invitation/", views.accept_invitation, name="account_invitation"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("second-factor/webauthn/login/", views.sign_in_by_passkey, name="mfa_login_webauthn"),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sessions/", views.where_signed_in, name="account_sessions"),
    path("password/change/", account.password_change, name="account_change_password"),
    # A code by mail, typed into the page: a link would put the secret into the log.
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path(
        "password/reset/code/",
        account.confirm_password_reset_code,
        name="account_confirm_password_reset_code",
    ),
    path("password/reset/new/", account.complete_password_reset, name="account_complete_password_reset"),
    path(
        "password/reset/done/", account.password_reset_from_key_done, name="account_password_reset_completed"
    ),
]
