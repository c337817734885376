"""One page of HTML that needs nothing but itself: a `Document` in, the text of the page out.

`document.py` says what is on it, the files beside it turn that into JSON, `render.py` puts that into `assets/` and
`vendor/`. What JavaScript does there is to show: all verdicts, links and words are in the data. More files than
others because each part of the page has one of its own.
"""
