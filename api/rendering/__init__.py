"""Pages that we typeset ourselves: results today, receipts and reports later.

`page.render_result` is called by its path in a worker process, so this package imports nothing by itself: the service
stays free of the typesetter. Must not know records, use-cases or HTTP: values in, PDF bytes out.
"""
