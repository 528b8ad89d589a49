"""The pages, without JavaScript, cookies or anything kept: a form goes in, a page comes out.

Reading order: `questions` (what the form asks, and the request it makes), `fields` (which field a problem
is about), `reply` (the request answered), `course`, `pictures` and `sources` (the answer arranged, drawn and its
documents gathered), `pages` (what each template is given), `views` (one function a page), `onward` (where an answer
leads: `papers`, `mattering`, `comparing`), `tongues` (the language of a page), `app` (all of it put together).
`plan_rules` and `plan_words` say a plan's rules in sentences; `choices` are the lists to choose from.
"""

from estimator.web.app import create_app, serve

__all__ = ["create_app", "serve"]
