"""The process that turns HTML into a PDF: ``pdf.make`` starts it. It imports nothing else of the tool."""
