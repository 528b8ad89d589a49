"""The pages for patients.

Reading order: `fields` (every question, in one table), `form` (what was typed becomes a request), `views` (one
function a page), `reply` (the request answered), `answer` with `answer_parts` and `pictures` (what the templates
show), `plans`, `my_plan` and `choices` (choosing or describing a plan), `onward`, `saving` and `call_answers` (where
an answer leads).
"""
