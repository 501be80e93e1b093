"""Which permission opens which route. Reviewed by a person; compared with the routes by a test."""

#: Open to everybody: signing in, and the probe.
OPEN = {
    "healthz",
    "sign-in/",
    "password/",
    "password/sent/",
    "password/<uidb64>/<token>/",
}
#: Open to everybody who is signed in; shows only what is their own.
SIGNED_IN = {
    "sign-out/",
    "account/",
    "account/tokens/<uuid:token_id>/revoke/",
}
#: Route -> the permission that opens it, held on any node. What stands on the page is cut to
#: what the viewer may see, and every service asks again about the very thing it changes.
TABLE = {
    "settings/": "view",
    "settings/units/": "view",
    "settings/units/<uuid:node_id>/rename/": "people.edit",
    "settings/people/": "view",
    "settings/people/<uuid:user_id>/": "view",
    "settings/rates/": "view",
    "settings/months/": "view",
    "trail/": "trail.view",
    "passports/<str:figure>/<str:subject>/": "view",
}
