"""Signing in and out, a forgotten password, one's own settings and API tokens."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordResetForm
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse_lazy
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from governance_app.audit import services as audit
from governance_app.audit.acting import acting
from governance_app.books import selectors as books
from governance_app.domain.errors import Sentence
from governance_app.notices import services as notices
from governance_app.people import selectors, services
from governance_app.people.services import system_user
from governance_app.rollups import selectors as rollups
from portfolio.web.access import viewer_of
from portfolio.web.fresh import note_password

TRIES, WINDOW_SECONDS = 10, 300


class SignInForm(AuthenticationForm):
    """E-mail and password; says the same for an unknown address and a wrong password."""

    error_messages = {
        "invalid_login": gettext_lazy("That e-mail address and password do not belong together."),
        "inactive": gettext_lazy("That e-mail address and password do not belong together."),
        "slow_down": gettext_lazy("Too many tries. Wait five minutes, then try again."),
    }

    def clean(self) -> dict[str, Any]:
        """Count the tries for an address and refuse to guess on."""
        key = f"sign-in:{self.cleaned_data.get('username', '').lower()}"
        cache.add(key, 0, WINDOW_SECONDS)
        if cache.incr(key) > TRIES:
            raise forms.ValidationError(self.error_messages["slow_down"], code="slow_down")
        cleaned = super().clean()
        cache.delete(key)
        return cleaned


class SignIn(views.LoginView):
    """Sign in; the trail notes success and failure."""

    form_class = SignInForm
    template_name = "account/sign-in.html"
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Note who came in, in the transaction that opens the session."""
        user = form.get_user()
        with acting(user):
            response = super().form_valid(form)
            note_password(self.request)
            audit.note(by=user, action="sign-in", subject=user, sentence=f"{user} signed in.")
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Note that somebody was kept out."""
        address = form.data.get("username", "")[:200]
        audit.note(
            by=system_user("web"),
            action="refused",
            sentence=f"A sign-in as {address} was refused.",
            data={"address": address},
        )
        return super().form_invalid(form)


class SignOut(views.LogoutView):
    """Sign out (POST only), noted."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            audit.note(by=user, action="sign-out", subject=user, sentence=f"{user} signed out.")
        return super().post(request, *args, **kwargs)


class ResetForm(PasswordResetForm):
    """Sends the link through the outbox, so that a mail server that is down loses nothing."""

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,
    ) -> None:
        """Put the message into the outbox."""
        notices.send_mail(
            to=[to_email],
            template="password-reset",
            context={
                "name": context["user"].name,
                "link": f"{context['protocol']}://{context['domain']}"
                + str(reverse_lazy("set-password", args=[context["uid"], context["token"]])),
            },
            dedupe=f"password-reset:{context['uid']}:{context['token']}",
            by=system_user("web"),
        )


class Reset(views.PasswordResetView):
    """Ask for a link to set a new password."""

    form_class = ResetForm
    template_name = "account/reset.html"
    success_url = reverse_lazy("reset-sent")


class SetPassword(views.PasswordResetConfirmView):
    """Set a password by the link from the mail."""

    template_name = "account/set-password.html"
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        """Save it as the act of its owner."""
        with acting(self.user):
            response = super().form_valid(form)
            audit.note(
                by=self.user, action="password", subject=self.user, sentence="Set a new password."
            )
        return response


@login_required
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show one's own grants and tokens; POST makes a token, shown once."""
    secret = ""
    if request.method == "POST":
        name = request.POST.get("name", "").strip() or "API token"
        _token, secret = services.add_token(
            user=viewer_of(request), name=name[:100], by=viewer_of(request)
        )
    context = {
        **_preferences(request),
        "secret": secret,
        "tokens": selectors.tokens(viewer=viewer_of(request)),
        "grants": selectors.grants(viewer=viewer_of(request)).filter(user=viewer_of(request)),
    }
    return render(request, "account/account.html", context)


@login_required
@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """Keep the language, time zone and currency in which one reads the pages."""
    viewer, asked = viewer_of(request), request.POST
    locale, zone, currency = (asked.get(name, "") for name in ("locale", "time_zone", "currency"))
    known = _preferences(request)
    if locale not in dict(known["languages"]):
        raise Sentence(_("That language is not spoken here yet."))
    if currency and currency not in known["currencies"]:
        raise Sentence(_("There is no exchange rate for that currency."))
    services.set_preferences(
        user=viewer, locale=locale, time_zone=zone, currency=currency, by=viewer
    )
    with translation.override(locale):
        messages.success(request, _("From now on pages look as you chose."))
    return redirect("account")


def _preferences(request: HttpRequest) -> dict[str, Any]:
    """Give what can be chosen; the fields show what is."""
    return {
        "languages": settings.LANGUAGES,
        "time_zones": sorted(zoneinfo.available_timezones()),
        "currencies": rollups.currencies(on=timezone.localdate()),
        "own_currency": books.reporting_currency(on=timezone.localdate()),
    }


@login_required
@require_POST
def revoke_token(request: HttpRequest, token_id: str) -> HttpResponse:
    """Stop one of one's own tokens."""
    token = selectors.tokens(viewer=viewer_of(request)).filter(pk=token_id).first()
    if token is None:
        return render(request, "errors/404.html", status=404)
    services.revoke_token(token=token, by=viewer_of(request))
    return redirect("account")


urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-out/", SignOut.as_view(), name="sign-out"),
    path("password/", Reset.as_view(), name="reset"),
    path(
        "password/sent/",
        views.PasswordResetDoneView.as_view(template_name="account/reset-sent.html"),
        name="reset-sent",
    ),
    path("password/<uidb64>/<token>/", SetPassword.as_view(), name="set-password"),
    path("account/", account, name="account"),
    path("account/preferences/", prefer, name="preferences"),
    path("account/tokens/<uuid:token_id>/revoke/", revoke_token, name="revoke-token"),
]
