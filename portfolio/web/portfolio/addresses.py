"""Where the pages and parts of the explorer are."""

from django.urls import path

from portfolio.web.portfolio import comparing, editing, pages, shapes, views, workbook

urlpatterns = [
    path("portfolio/", pages.portfolio, name="portfolio"),
    path("portfolio/export.<str:file_format>", pages.download, name="portfolio-export"),
    path("portfolio/map.json", shapes.map_data, name="portfolio-map"),
    path("portfolio/move/", shapes.board_move, name="portfolio-move"),
    path("portfolio/compare/", comparing.compare, name="portfolio-compare"),
    path("portfolio/views/", views.save, name="portfolio-views"),
    path("portfolio/views/<uuid:view_id>/", views.change, name="portfolio-view"),
    path("portfolio/cells/<slug:key>/<slug:name>/", editing.cell, name="portfolio-cell"),
    path("portfolio/bulk/", editing.bulk, name="portfolio-bulk"),
    path("portfolio/changes/", editing.changes, name="portfolio-changes"),
    path("portfolio/changes/<uuid:change_id>/undo/", editing.undo, name="portfolio-undo"),
    path("portfolio/workbook/", workbook.workbook, name="workbook"),
    path("portfolio/workbook/initiatives.xlsx", workbook.download, name="workbook-download"),
    path("portfolio/workbook/upload/", workbook.upload, name="workbook-upload"),
    path("portfolio/workbook/<uuid:workbook_id>/", workbook.returned, name="workbook-return"),
    path("initiatives/add/", pages.add, name="initiative-add"),
]
