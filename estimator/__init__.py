"""Work out what a patient will owe for dry needling inside outpatient physical therapy, and say why.

Reading order:

1. `domain` – the calculation itself, pure: decide, price, settle, explain.
2. `planfiles` – plan definitions in YAML become plans, or a list of problems with line numbers.
3. `pricefiles` – official and clinic price files become price books.
4. `store` – what is kept in the database.
5. `usecases` – what people do here, one function each.
6. `wording` – one sentence per finding and reader.
7. `web` and `cli` – the pages, and the command `estimator`.

`clock`, `errors` and `resources` are leaves: they import nothing else of ours.
"""

__version__ = "0.1.0"
