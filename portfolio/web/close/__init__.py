"""The close: months, checklist, invoices, accruals, other costs, differences, journals."""

from portfolio.web.close import books, costs, invoices, months

urlpatterns = [
    *months.urlpatterns,
    *invoices.urlpatterns,
    *costs.urlpatterns,
    *books.urlpatterns,
]

__all__ = ["urlpatterns"]
