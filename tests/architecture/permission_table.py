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
    "design/",
}
#: Route -> the permission that opens it, held on any node. What stands on the page is cut to
#: what the viewer may see, and every service asks again about the very thing it changes.
TABLE = {
    "": "view",
    "settings/": "view",
    "settings/units/": "view",
    "settings/units/<uuid:node_id>/rename/": "people.edit",
    "settings/people/": "view",
    "settings/people/<uuid:user_id>/": "view",
    "settings/rates/": "view",
    "settings/months/": "view",
    "trail/": "trail.view",
    "passports/<str:figure>/<str:subject>/": "view",
    "portfolio/": "view",
    "portfolio/export.<str:file_format>": "export",
    "initiatives/add/": "initiative.add",
    "initiatives/<slug:key>/": "view",
    "initiatives/<slug:key>/status/": "initiative.update",
    "initiatives/<slug:key>/stage/": "initiative.edit",
    "initiatives/<slug:key>/comments/": "initiative.comment",
    "initiatives/<slug:key>/milestones/": "initiative.edit",
    "initiatives/<slug:key>/milestones/<uuid:milestone_id>/done/": "initiative.edit",
    "connections/": "connection.view",
    "connections/add/<slug:plugin>/": "connection.edit",
    "connections/try/<slug:plugin>/": "connection.run",
    "connections/<uuid:connection_id>/": "connection.view",
    "connections/<uuid:connection_id>/edit/": "connection.edit",
    "connections/<uuid:connection_id>/run/": "connection.run",
    "connections/<uuid:connection_id>/test/": "connection.run",
    "connections/<uuid:connection_id>/<slug:verb>/": "connection.edit",
    "inventory/": "view",
    "inventory/models/<uuid:model_id>/": "view",
    "inventory/models/<uuid:model_id>/link/": "inventory.edit",
    "inventory/models/<uuid:model_id>/links/<uuid:link_id>/end/": "inventory.edit",
    "inventory/datasets/": "view",
    "inventory/vendors/": "view",
    "jobs/": "view",
    "jobs/<uuid:job_id>/": "view",
    "jobs/<uuid:job_id>/progress/": "view",
    "jobs/<uuid:job_id>/cancel/": "view",
    "jobs/<uuid:job_id>/retry/": "view",
}
