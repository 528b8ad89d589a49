"""The pages, without JavaScript, cookies or anything kept: a form goes in, a page comes out.

Reading order: `patient` (start at its views), `api` (for programs), `staff` (for people who work here),
`common` (what every page uses), `app` (all of it put together, and the server).
"""

from estimator.web.app import create_app, serve

__all__ = ["create_app", "serve"]
