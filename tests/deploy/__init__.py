"""What a clinic installs with, checked file by file and as a whole."""
