"""One rule of the calculation a file, each with one public function or a small family of them."""
