"""The pages, without JavaScript, cookies or anything kept: a form goes in, a page comes out.

Reading order: `questions` (what the form asks, and the request it makes), `reply` (the request answered),
`pictures` and `sources` (the answer drawn and its documents gathered), `views` (one function a page), `app`
(all of it put together). `plan_words` says a plan's rules in sentences; `choices` are the lists to choose from.
"""

from estimator.web.app import create_app
from estimator.web.server import serve

__all__ = ["create_app", "serve"]
