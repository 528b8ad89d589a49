"""The tests: each folder mirrors one of the package, and `house` holds the house style."""
