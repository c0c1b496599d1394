"""Reports: the list of them, and one page for all, with filters, totals, a plot, the first rows and the export."""
