"""How often one address may do what a stranger could do too often: sign in, and have an estimate kept.

It is counted in the memory of this process and written nowhere.
"""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://")
