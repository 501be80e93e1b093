"""Where the pages and parts of one initiative are."""

from django.urls import path

from portfolio.web.initiative import beginning, logbook, pages, talking

_ONE = "initiatives/<slug:key>/"

urlpatterns = [
    path("initiatives/files/<uuid:file_id>/", talking.attached, name="comment-file"),
    path("initiatives/log/<uuid:entry_id>/", logbook.entry_change, name="log-entry"),
    path(
        "initiatives/dependencies/<uuid:dependency_id>/",
        logbook.dependency_change,
        name="dependency-change",
    ),
    path(_ONE, pages.initiative, name="initiative"),
    path(f"{_ONE}status/", pages.status, name="initiative-status"),
    path(f"{_ONE}stage/", pages.stage, name="initiative-stage"),
    path(f"{_ONE}comments/", talking.comment, name="initiative-comment"),
    path(f"{_ONE}follow/", talking.follow, name="initiative-follow"),
    path(f"{_ONE}log/", logbook.log, name="initiative-log"),
    path(f"{_ONE}log/add/", logbook.entry_add, name="log-add"),
    path(f"{_ONE}dependencies/add/", logbook.dependency_add, name="dependency-add"),
    path(f"{_ONE}duplicate/", beginning.duplicate, name="initiative-duplicate"),
    path(f"{_ONE}template/", beginning.template, name="initiative-template"),
    path(f"{_ONE}milestones/", pages.milestone_add, name="milestone-add"),
    path(
        f"{_ONE}milestones/<uuid:milestone_id>/done/", pages.milestone_done, name="milestone-done"
    ),
]
