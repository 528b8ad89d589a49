"""The sentences of each paper, one file a paper. They are marked here, and said in the language of whoever asks."""
