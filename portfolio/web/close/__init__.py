"""The close: months, checklist, invoices, accruals, other costs, differences, journals."""

from portfolio.web.close import books, costs, invoices, months, second_looks

urlpatterns = [
    *months.urlpatterns,
    *invoices.urlpatterns,
    *costs.urlpatterns,
    *books.urlpatterns,
    *second_looks.urlpatterns,
]

__all__ = ["urlpatterns"]
