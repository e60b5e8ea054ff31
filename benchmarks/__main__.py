"""Runs all benchmarks and prints a line for each figure: medians of several runs, and the ratio to the peer."""

from benchmarks import collecting, dashboard, launching, pages, pdfs, ranges, report_api, reports, videos

dashboard.run()
collecting.run()
launching.run()
pages.run()
ranges.run()
videos.run()
reports.run()
pdfs.run()
report_api.run()
